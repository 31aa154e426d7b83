"""Evidence besides the name: the code given, and the unit that the coordinates lie in."""

from __future__ import annotations

import numpy as np
import polars as pl

from waystation.geography.name_candidates import Whole
from waystation.geography.name_index import NameIndex, Pairs
from waystation.geography.name_scores import shares, strengths

# Stated, not fitted, since no list of names tells how often codes and coordinates err: log odds
# of a code copied wrongly (1 in 150) and of a point in the neighbouring unit (1 in 20).
_CODE_AGREES = 5.0
_POINT_AGREES = 3.0
_POINT_ELSEWHERE = -2.0
# A unit that only its code or the coordinates name: the name itself speaks against it.
_NAME_IS_FAR = -4.0
# A code whose unit's name is so much less like the name than another's is another place's code.
_FAR_BEHIND = 3.0

_TRAITS = (
    "same_fold", "same_plain", "same_words", "same_sound", "begins", "is_another",
    "other_script", "letters",
)  # fmt: skip


def candidates(questions: pl.DataFrame, index: NameIndex) -> pl.DataFrame:
    """Return the units that each question could mean, and how probable each is.

    Args:
        questions: ``question`` (row number), ``country``, ``level``, ``name``, ``has_list``,
            ``has_name``, ``parent`` (number of the parent given, or null), ``code_unit`` and
            ``point_unit`` (rows of the units that code and coordinates name, or null).
        index: The names to compare with.

    Returns:
        ``question``, ``unit``, ``score``; ``parent`` (1 agrees, -1 differs, 0 not given);
        ``by_name``, ``by_code``, ``by_point``; and in what way the names are alike:
        ``same_fold``, ``same_plain``, ``same_words``, ``same_sound``, ``begins``,
        ``is_another``, ``other_script``, ``letters``.
    """
    askable = questions.filter("has_list", "has_name").with_columns(
        pl.col("parent").fill_null(-1)
    )
    pairs = index.pairs(askable.select("country", "level", "name", "parent"))
    named = _best_reading(pairs, askable["question"].to_numpy())
    whole = _with_unnamed(named, questions).join(
        questions.select("question", "code_unit", "point_unit", "has_name", given="parent"),
        on="question",
        maintain_order="left",
    )
    return _with_scores(_with_votes(whole)).with_columns(
        parent=index.parent_agrees(
            whole["given"].fill_null(-1).to_numpy(), whole["unit"].to_numpy()
        )
    )


def _best_reading(pairs: Pairs, question: Whole) -> pl.DataFrame:
    """Return a row for each question and unit: the reading of its names that fits best."""
    strength = strengths(pairs.evidence.columns)
    place = pairs.question * (pairs.unit.max(initial=0) + 1) + pairs.unit
    order = np.argsort(place, kind="stable")
    place = place[order]
    is_first = np.ones(order.size, dtype=bool)
    is_first[1:] = place[1:] != place[:-1]
    if not is_first.all():
        # A unit has several readings of its names; the one that fits best speaks for it.
        order = order[np.lexsort((-strength[order], place))]
    kept = order[is_first]
    return pl.DataFrame(
        {
            "question": question[pairs.question[kept]].astype(np.int64),
            "unit": pairs.unit[kept],
            "strength": strength[kept],
            **{trait: getattr(pairs.evidence, trait)[kept] for trait in _TRAITS},
        }
    )


def _with_unnamed(named: pl.DataFrame, questions: pl.DataFrame) -> pl.DataFrame:
    """Add the units that only a code or coordinates name."""
    named = named.with_columns(by_name=pl.lit(value=True))
    if questions.select(pl.col("code_unit", "point_unit").is_null().all()).row(0) == (
        True,
        True,
    ):
        return named
    asked = questions.filter("has_list").select(
        pl.col("question").cast(pl.Int64), "code_unit", "point_unit"
    )
    others = pl.concat(
        asked.select("question", unit=pl.col(column).cast(pl.Int64)).drop_nulls()
        for column in ("code_unit", "point_unit")
    )
    others = others.unique(maintain_order=True).join(named, on=["question", "unit"], how="anti")
    return (
        pl.concat([named, others], how="diagonal")
        .with_columns(
            pl.col("strength").fill_null(_NAME_IS_FAR),
            pl.col("by_name", *_TRAITS[:-1]).fill_null(False),
        )
        .sort("question", "unit")
    )


def _with_votes(named: pl.DataFrame) -> pl.DataFrame:
    by_code = (pl.col("unit") == pl.col("code_unit")).fill_null(False)
    by_point = (pl.col("unit") == pl.col("point_unit")).fill_null(False)
    point_vote = (
        pl.when(pl.col("point_unit").is_null())
        .then(0.0)
        .when(by_point)
        .then(_POINT_AGREES)
        .otherwise(_POINT_ELSEWHERE)
    )
    named = named.with_columns(
        by_code=by_code, by_point=by_point, strength=pl.col("strength") + point_vote
    )
    # Beside a name that fits another unit far better, a code says no more than that name does.
    best = pl.col("strength").max().over("question")
    is_behind = pl.col("strength") < best - _FAR_BEHIND
    by_name_too = pl.col("by_name") & ~is_behind
    vote = (
        pl.when(~pl.col("by_code"))
        .then(pl.col("strength"))
        .when(is_behind & (best > 0))
        .then(best)
        .otherwise(pl.max_horizontal("strength", pl.lit(_NAME_IS_FAR)) + _CODE_AGREES)
    )
    vote = pl.when(pl.col("by_code") & ~pl.col("has_name")).then(_CODE_AGREES).otherwise(vote)
    return named.with_columns(strength=vote, by_name=by_name_too | ~pl.col("by_code"))


def _with_scores(weighed: pl.DataFrame) -> pl.DataFrame:
    score = shares(weighed["strength"].to_numpy(), weighed["question"].to_numpy())
    return weighed.with_columns(score=pl.Series(score, dtype=pl.Float64))
