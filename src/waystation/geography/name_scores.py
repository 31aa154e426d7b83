"""How likely a unit is the one a name means: evidence weighed, and shared out to one.

Each candidate's evidence is a weighted sum. The candidates of a name and "none of these" share
out a probability of one by it (a multinomial logit), so a rival that fits as well halves the
score by itself, and a name that fits nothing is nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from waystation.geography.name_candidates import Numbers, Whole, distances, letters_kept

FEATURES = (
    "none_of_these", "length", "units", "fold_share", "plain_share", "sound_share", "bones_share",
    "rest_share", "best_share", "best_share_by_length", "fold_kept", "plain_kept", "letters", "fewest_letters", "same_fold", "same_plain",
    "same_sound", "same_bones", "begins", "length_begun", "compass_differs", "compass_absent",
    "digits_differ", "first_letter", "is_part", "read_in_part", "parent_agrees",
    "parent_differs",
)  # fmt: skip
"""What is weighed, in the order of the weights."""

_FEW_LETTERS = 6.0
_CUT_SHORT = 0.85  # of the letters: more than this, and it is a typing error, not a beginning


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of pairs of a name and a unit's name, one row a pair.

    Attributes:
        columns: The features, shape (pairs, features).
        letters: How many letters differ in the form that fits best.
        same_fold: Whether they are the same but for case, accents and punctuation.
        same_plain: The same without words for area types, in any language.
        same_words: The same words in another order.
        same_sound: Another transliteration of the same.
        begins: Whether the name is the beginning of the unit's.
    """

    columns: Numbers
    letters: Numbers
    same_fold: NDArray[np.bool_]
    same_plain: NDArray[np.bool_]
    same_words: NDArray[np.bool_]
    same_sound: NDArray[np.bool_]
    begins: NDArray[np.bool_]


def evidence(
    names: pl.DataFrame, units: pl.DataFrame, *, block_size: Numbers, parent: Whole
) -> Evidence:
    """Return the evidence that each name is its unit's.

    Args:
        names: Forms of the names given (`name_forms.forms`), a row a pair.
        units: Forms of the units' names, row by row beside them. Both also hold ``is_whole``.
        block_size: How many units each name was compared with.
        parent: 1 where the parent given is the unit's, -1 where it is another, 0 where none is.

    Returns:
        One row a pair, in the order given.
    """
    left = {form: names[form].to_list() for form in ("fold", "plain", "sound", "bones")}
    right = {form: units[form].to_list() for form in ("fold", "plain", "sound", "bones")}
    apart = {form: distances(left[form], right[form]) for form in left}
    longest = {form: _longest(names[form], units[form]) for form in left}
    rest, rest_length, rest_is_part = _rests(names, units)
    joined, begun = _beginnings(names["fold"], units["fold"])
    begins = begun < _CUT_SHORT
    in_order = np.minimum(apart["fold"], apart["plain"])
    letters = np.minimum(in_order, rest)
    same = {form: apart[form] == 0 for form in apart}
    share = {form: apart[form] / np.maximum(longest[form], 1) for form in apart}
    best = np.minimum.reduce([share["fold"], share["plain"], share["sound"]])
    same_words = letters == 0
    whole = (names["is_whole"] & units["is_whole"]).to_numpy()
    compass = _sets_differ(names["compass"], units["compass"])
    bones = names["bones"].str.len_chars().to_numpy().astype(float)
    log_length = np.log(np.maximum(names["plain"].str.len_chars().to_numpy(), 1.0))
    few = np.minimum(letters, _FEW_LETTERS)
    # Of a name cut short the letters that are missing say nothing.
    edited = ~begins
    columns = {
        "none_of_these": np.ones(len(letters)),
        "length": log_length,
        "units": np.log(block_size),
        **{f"{form}_share": edited * share[form] for form in share},
        "rest_share": edited * rest / np.maximum(rest_length, 1),
        "best_share": edited * best,
        "best_share_by_length": edited * best * log_length,
        "fold_kept": edited * letters_kept(left["fold"], right["fold"]),
        "plain_kept": edited * letters_kept(left["plain"], right["plain"]),
        "letters": edited * few,
        "fewest_letters": edited * np.minimum(few, apart["sound"]),
        "same_fold": same["fold"],
        "same_plain": same["plain"] | same_words,
        "same_sound": edited & same["sound"],
        "same_bones": edited * (same["bones"] & (bones >= 2)) * np.log1p(bones),
        "begins": begins,
        "length_begun": begins * np.log(np.maximum(joined, 1)),
        "compass_differs": compass == 2,
        "compass_absent": compass == 1,
        "digits_differ": _sets_differ(names["digits"], units["digits"]) > 0,
        "first_letter": edited
        * (names["sound"].str.slice(0, 1) != units["sound"].str.slice(0, 1)).to_numpy(),
        "is_part": edited & rest_is_part,
        "read_in_part": ~whole,
        "parent_agrees": parent == 1,
        "parent_differs": parent == -1,
    }
    table = np.column_stack([columns[name] for name in FEATURES]).astype(float)
    return Evidence(
        columns=table,
        letters=letters,
        same_fold=same["fold"] & whole,
        same_plain=same["plain"],
        same_words=same_words,
        same_sound=same["sound"],
        begins=begins,
    )


def shares(strength: Numbers, group: Whole) -> Numbers:
    """Return how probable each candidate is, beside the others of its group and none of them.

    Args:
        strength: Weighed evidence of each candidate.
        group: Number of the name each belongs to, ascending.

    Returns:
        Probabilities; those of a group add up to less than one, the rest being "none of these".
    """
    if not strength.size:
        return strength
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    sizes = np.diff(np.r_[starts, group.size])
    # The strength of "none of these" is 0; the largest is taken off so that exp stays small.
    largest = np.maximum(np.maximum.reduceat(strength, starts), 0.0)
    raised = np.exp(strength - np.repeat(largest, sizes))
    total = np.add.reduceat(raised, starts) + np.exp(-largest)
    return raised / np.repeat(total, sizes)


def _longest(left: pl.Series, right: pl.Series) -> Numbers:
    return np.maximum(left.str.len_chars().to_numpy(), right.str.len_chars().to_numpy()).astype(
        float
    )


def _rests(
    names: pl.DataFrame, units: pl.DataFrame
) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
    """Return letters that differ in the words not shared, their length, and if one has none."""
    # Sets of Python are ten times faster here than those of Polars, whose lists are of strings.
    pairs = [
        (mine - theirs, theirs - mine)
        for mine, theirs in zip(
            map(frozenset, names["words"].to_list()),
            map(frozenset, units["words"].to_list()),
            strict=True,
        )
    ]
    left = ["".join(sorted(mine)) for mine, _ in pairs]
    right = ["".join(sorted(theirs)) for _, theirs in pairs]
    lengths = np.array([(len(a), len(b)) for a, b in zip(left, right, strict=True)], dtype=float)
    lengths = lengths.reshape(-1, 2)
    one_empty = (lengths.min(axis=1) == 0) & (lengths.max(axis=1) > 0)
    return distances(left, right), lengths.max(axis=1), one_empty


def _beginnings(names: pl.Series, units: pl.Series) -> tuple[Numbers, Numbers]:
    """Return the letters of each name, and what share of the unit's name it is; 1 if it is not."""
    pair = pl.DataFrame(
        {
            "name": names.str.replace_all(" ", "", literal=True),
            "unit": units.str.replace_all(" ", "", literal=True),
        }
    )
    length = pl.col("name").str.len_chars()
    found = pair.select(
        length=length.cast(pl.Float64),
        share=pl.when(
            (length >= 3) & pl.col("unit").str.starts_with(pl.col("name"))
        ).then(length / pl.col("unit").str.len_chars()).otherwise(1.0),
    )  # fmt: skip
    return found["length"].to_numpy(), found["share"].to_numpy()


def _sets_differ(left: pl.Series, right: pl.Series) -> Numbers:
    """Return 0 where the same, 1 where only one has such words, 2 where both have others."""
    both = ((left != "") & (right != "")).to_numpy()
    return np.where((left != right).to_numpy(), np.where(both, 2.0, 1.0), 0.0)
