"""How likely a unit is the one a name means: evidence weighed, and shared out to one.

Each candidate's evidence is a weighted sum. The candidates of a name and "none of these" share
out a probability of one by it (a multinomial logit), so a rival that fits as well halves the
score by itself, and a name that fits nothing is nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waystation.geography.name_candidates import (
    Numbers,
    Whole,
    distances,
    letters_kept,
)
from waystation.geography.name_forms import TEXTS, FormTable, Keys

# Fitted by benchmarks/name_weights.py on misspelt names of half of the countries of the global
# p-code list; the four that stand at a round figure are set by hand, for misspellings do not
# teach that North Kordofan is not South Kordofan.
WEIGHTS = {
    "none_of_these": 1.234,
    "length": 2.243,
    "units": -0.382,
    "fold_share": -1.637,
    "plain_share": -1.079,
    "sound_share": -0.117,
    "bones_share": -1.640,
    "rest_share": 0.270,
    "best_share": -0.992,
    "best_share_by_length": -2.025,
    "fold_kept": 2.144,
    "plain_kept": 1.586,
    "letters": -0.364,
    "fewest_letters": -0.358,
    "same_fold": -0.210,
    "same_plain": 0.185,
    "same_sound": 0.159,
    "same_bones": 0.361,
    "begins": 0.641,
    "length_begun": 1.049,
    "compass_differs": -3.000,
    "compass_absent": -0.500,
    "digits_differ": -3.000,
    "first_letter": -0.334,
    "is_part": 1.515,
    "bare": 1.376,
    "bare_share": 0.436,
    "bare_bones_share": -0.593,
    "bare_same_bones": 0.567,
    "read_in_part": -1.000,
    "parent_agrees": 1.619,
    "parent_differs": -1.474,
}
"""How much each piece of evidence weighs; shares are 0 to 1, lengths are natural logarithms."""

FEATURES = tuple(WEIGHTS)

_FEW_LETTERS = 6.0
_SHORTEST_BEGINNING = 3
_SAME, _ONE, _BOTH = 0, 1, 2
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
        is_another: Whether compass or digits say that it is another of the same name.
        other_script: Whether one of the two is in Arabic script and the other is not.
    """

    columns: Numbers
    letters: Numbers
    same_fold: NDArray[np.bool_]
    same_plain: NDArray[np.bool_]
    same_words: NDArray[np.bool_]
    same_sound: NDArray[np.bool_]
    begins: NDArray[np.bool_]
    is_another: NDArray[np.bool_]
    other_script: NDArray[np.bool_]


def evidence(
    names: FormTable, units: FormTable, pair: tuple[Whole, Whole], *, size: Whole, parent: Whole
) -> Evidence:
    """Return the evidence that each name is its unit's.

    Args:
        names: Forms of the names given.
        units: Forms of the units' names.
        pair: Rows in ``names`` and rows in ``units``, side by side.
        size: How many units each name was compared with, a row a pair.
        parent: 1 where the parent given is the unit's, -1 where it is another, 0 where none is.

    Returns:
        One row a pair, in the order given.
    """
    mine, theirs = pair
    left = {form: names.texts[form][mine] for form in TEXTS}
    right = {form: units.texts[form][theirs] for form in TEXTS}
    # In most pairs every word tells: what holds as written then holds of the words that tell.
    other = np.flatnonzero(~(names.is_told[mine] & units.is_told[theirs]))
    left["plain"], right["plain"] = left["plain"][other], right["plain"][other]
    apart = {form: distances(left[form].tolist(), right[form].tolist()) for form in TEXTS}
    apart["plain"] = _with(apart["fold"], other, apart["plain"])
    kept = {
        form: letters_kept(left[form].tolist(), right[form].tolist())
        for form in ("fold", "plain")
    }
    kept["plain"] = _with(kept["fold"], other, kept["plain"])
    longest = {
        form: np.maximum(np.maximum(names.lengths[form][mine], units.lengths[form][theirs]), 1)
        for form in TEXTS
    }
    share = {form: apart[form] / longest[form] for form in TEXTS}
    rest = _rests(names, units, pair, apart["sound"], longest["sound"])
    begun = _begun(names, units, pair)
    letters = np.minimum(np.minimum(apart["fold"], apart["plain"]), rest.letters)
    few = np.minimum(letters, _FEW_LETTERS)
    best = np.minimum.reduce([share["fold"], share["plain"], share["sound"]])
    same = {form: apart[form] == 0 for form in TEXTS}
    bones = names.lengths["bones"][mine]
    same_bones = (same["bones"] & (bones >= 2)) * np.log1p(bones)
    whole = names.is_whole[mine] & units.is_whole[theirs]
    bare = names.is_bare[mine] != units.is_bare[theirs]
    compass = _differ(names.compass[mine], units.compass[theirs])
    digits = _differ(names.digits[mine], units.digits[theirs])
    log_length = np.log(np.maximum(names.lengths["plain"][mine], 1))
    begins = begun < _CUT_SHORT
    # Of a name cut short the letters that are missing say nothing.
    edited = ~begins
    columns = {
        "none_of_these": np.ones(letters.size),
        "length": log_length,
        "units": np.log(size),
        **{f"{form}_share": edited * share[form] for form in TEXTS},
        "rest_share": edited * rest.share,
        "best_share": edited * best,
        "best_share_by_length": edited * best * log_length,
        "fold_kept": edited * kept["fold"],
        "plain_kept": edited * kept["plain"],
        "letters": edited * few,
        "fewest_letters": edited * np.minimum(few, apart["sound"]),
        "same_fold": same["fold"],
        "same_plain": same["plain"] | (letters == 0),
        "same_sound": edited & same["sound"],
        "same_bones": edited * same_bones,
        "begins": begins,
        "length_begun": begins * np.log(np.maximum(names.joined_lengths[mine], 1)),
        "compass_differs": compass == _BOTH,
        "compass_absent": compass == _ONE,
        "digits_differ": digits != _SAME,
        "first_letter": edited & (names.first_letter[mine] != units.first_letter[theirs]),
        "is_part": edited & rest.one_has_none,
        "bare": bare,
        "bare_share": bare * edited * best,
        "bare_bones_share": bare * edited * share["bones"],
        "bare_same_bones": bare * edited * same_bones,
        "read_in_part": ~whole,
        "parent_agrees": parent == 1,
        "parent_differs": parent == -1,
    }
    table = np.empty((letters.size, len(FEATURES)))
    for position, name in enumerate(FEATURES):
        table[:, position] = columns[name]
    return Evidence(
        columns=table,
        letters=letters,
        same_fold=same["fold"] & whole,
        same_plain=same["plain"],
        same_words=(letters == 0) & ~same["bones"],
        same_sound=same["sound"],
        begins=begins,
        is_another=(compass == _BOTH) | (digits == _BOTH),
        other_script=bare,
    )


def _with(values: Numbers, rows: Whole, others: Numbers) -> Numbers:
    """Return values, but others in some rows."""
    values = values.copy()
    values[rows] = others
    return values


def strengths(columns: Numbers) -> Numbers:
    """Return the weighed evidence of each pair: log odds against "none of these"."""
    weights = np.array([WEIGHTS[name] for name in FEATURES])
    # The last bits of a product depend on where a row stands: they must not decide.
    return np.asarray(np.round(columns @ weights, 9))


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
    return np.asarray(np.round(raised / np.repeat(total, sizes), 12))


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is left of two names without the words they share."""

    letters: Numbers
    share: Numbers
    one_has_none: NDArray[np.bool_]


def _rests(
    names: FormTable,
    units: FormTable,
    pair: tuple[Whole, Whole],
    sound: Numbers,
    longest: Whole,
) -> _Rest:
    """Compare names without the words they share; most pairs share none."""
    phrases = np.flatnonzero(names.is_phrase[pair[0]] | units.is_phrase[pair[1]])
    mine = names.words[pair[0][phrases]].tolist()
    theirs = units.words[pair[1][phrases]].tolist()
    sharing = [i for i, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a & b]
    shared = phrases[sharing]
    left = ["".join(sorted(mine[i] - theirs[i])) for i in sharing]
    right = ["".join(sorted(theirs[i] - mine[i])) for i in sharing]
    lengths = np.array([(len(a), len(b)) for a, b in zip(left, right, strict=True)])
    lengths = lengths.reshape(-1, 2)
    letters, share = sound.copy(), sound / longest
    one_has_none = np.zeros(sound.size, dtype=bool)
    letters[shared] = distances(left, right)
    share[shared] = letters[shared] / np.maximum(lengths.max(axis=1), 1)
    one_has_none[shared] = (lengths.min(axis=1) == 0) & (lengths.max(axis=1) > 0)
    return _Rest(letters, share, one_has_none)


def _begun(names: FormTable, units: FormTable, pair: tuple[Whole, Whole]) -> Numbers:
    """Return what share of the unit's name a name is the beginning of; 1 where it is not."""
    mine, theirs = pair
    length, whole = names.joined_lengths[mine], units.joined_lengths[theirs]
    share = np.ones(mine.size)
    shorter = np.flatnonzero((length >= _SHORTEST_BEGINNING) & (length < whole))
    begins = [
        unit.startswith(name)
        for name, unit in zip(
            names.joined[mine[shorter]].tolist(),
            units.joined[theirs[shorter]].tolist(),
            strict=True,
        )
    ]
    begun = shorter[np.array(begins, dtype=bool)]
    share[begun] = length[begun] / whole[begun]
    return share


def _differ(left: Keys, right: Keys) -> Whole:
    """Compare what kind of word names have: the same, one has one, both have others."""
    both = (left != 0) & (right != 0)
    return np.where(left == right, _SAME, np.where(both, _BOTH, _ONE))
