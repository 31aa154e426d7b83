"""What the scores of a name's candidates come to: a decision, and words to act on."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

# A name is accepted from these scores on. Of the names that benchmarks/name_matching.py makes,
# 1 in 200 is then matched wrongly, and of those that are not in the country 1 in 25; where a
# parent is stated 1 in 170, for fewer units compete and more can be asked.
_ENOUGH = 0.55
_ENOUGH_UNDER_PARENT = 0.82
_ENOUGH_ELSEWHERE = 0.96
_ENOUGH_CUT_SHORT = 0.5
_ENOUGH_FOR_SAME_NAME = 0.6
# Two units that are nearly as likely are not told apart, however likely the first.
_CLEARLY_AHEAD = 2.0
# Below this no candidate is worth a person's time.
_WORTH_A_LOOK = 0.15
# A name that is the same and stands once is right more often than any score by likeness.
_SCORE_OF_SAME = 0.98

CANDIDATE = pl.Struct({"code": pl.String, "name": pl.String, "score": pl.Float64})
_SHOWN = 5


def decided(questions: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Decide on each question by its candidates.

    Args:
        questions: ``question`` (row number), ``country``, ``level``, ``name``, ``has_list``,
            ``parent_name`` (of the parent given; null if none or unknown), ``parent_code``,
            ``code``, ``code_name`` (of the unit of the code given), ``point_name`` (of the unit
            the coordinates lie in), ``has_name``.
        candidates: ``question``, ``score``, ``code``, ``name``, ``above`` (its parent's name),
            ``parent`` (1 agrees, -1 differs, 0 not given), ``by_code``, ``by_point``,
            ``by_name``, ``same_fold``, ``same_plain``, ``same_words``, ``same_sound``,
            ``begins``, ``is_another``, ``other_script``, ``letters``.

    Returns:
        The questions in order, with ``matched_code``, ``score``, ``decision``, ``reason`` and
        ``candidates``.
    """
    judged = (
        questions.join(_best(candidates), on="question", how="left", maintain_order="left")
        .with_columns(decision=_decision())
        .with_columns(_score())
    )
    is_match = pl.col("decision") != "none"
    return judged.with_columns(
        reason=_reasons(judged),
        matched_code=pl.when(is_match).then("best_code"),
        score=pl.when(is_match).then("score").otherwise(0.0),
        candidates=pl.col("candidates").fill_null([]).cast(pl.List(CANDIDATE)),
    )


def _best(candidates: pl.DataFrame) -> pl.DataFrame:
    """Return the best candidate of each question, beside the next one and the list of them."""
    # Of equals, the first in the list leads, wherever the question stands in its batch.
    keys = (candidates["unit"], -candidates["score"], candidates["question"])
    order = np.lexsort([key.to_numpy() for key in keys])
    ranked = candidates[order]
    question = ranked["question"].to_numpy()
    is_first = np.ones(question.size, dtype=bool)
    is_first[1:] = question[1:] != question[:-1]
    starts = np.flatnonzero(is_first)
    sizes = np.diff(np.r_[starts, question.size])
    rank = np.arange(question.size) - np.repeat(starts, sizes)
    parent = ranked["parent"].to_numpy()
    # Namesakes under another parent than the best one's do not compete with it.
    is_as_near = parent >= np.repeat(parent[starts], sizes)
    second = ranked.select("question", "score", "code", "name").filter(pl.Series(rank == 1))
    shown = (
        ranked.filter(pl.Series(rank < _SHOWN))
        .select("question", candidate=pl.struct("code", "name", pl.col("score").round(4)))
        .group_by("question", maintain_order=True)
        .agg(candidates="candidate")
    )
    return (
        ranked.filter(pl.Series(is_first))
        .rename({"code": "best_code", "name": "best_name"})
        .with_columns(
            shown["candidates"],
            namesakes=_counted(ranked["same_fold"].to_numpy() & is_as_near, starts),
            beginnings=_counted(ranked["begins"].to_numpy() & is_as_near, starts),
        )
        .join(
            second.rename(lambda name: name if name == "question" else f"second_{name}"),
            on="question",
            how="left",
            maintain_order="left",
        )
    )


def _counted(claims: NDArray[np.bool_], starts: NDArray[np.int64]) -> pl.Series:
    counts = np.add.reduceat(claims.astype(np.int64), starts) if starts.size else starts
    return pl.Series(counts, dtype=pl.Int64)


def _decision() -> pl.Expr:
    score, parent = pl.col("score"), pl.col("parent")
    is_contradicted = (pl.col("code_name").is_not_null() & ~pl.col("by_code")) | (
        pl.col("point_name").is_not_null() & ~pl.col("by_point")
    )
    is_named = pl.col("by_name")
    enough = (
        pl.when("same_fold")
        .then(_ENOUGH_FOR_SAME_NAME)
        .when(parent == -1)
        .then(_ENOUGH_ELSEWHERE)
        .when(parent == 1)
        .then(_ENOUGH_UNDER_PARENT)
        .when(pl.col("begins"))
        .then(_ENOUGH_CUT_SHORT)
        .otherwise(_ENOUGH)
    )
    stands_alone = (~pl.col("begins") | (pl.col("beginnings") == 1)) & (
        score >= _CLEARLY_AHEAD * pl.col("second_score").fill_null(0.0)
    )
    same = pl.col("same_fold") & (pl.col("namesakes") == 1) & (parent >= 0)
    return (
        pl.when(score.is_null() | (score < _WORTH_A_LOOK))
        .then(pl.lit("none"))
        .when(pl.col("by_code") & (is_named | ~pl.col("has_name")))
        .then(pl.lit("exact"))
        .when(is_contradicted | ~is_named)
        .then(pl.lit("review"))
        .when(same & (score >= 0.5))
        .then(pl.lit("exact"))
        .when((score >= enough) & stands_alone & ~pl.col("is_another"))
        .then(pl.lit("accepted"))
        .otherwise(pl.lit("review"))
    )


def _score() -> pl.Expr:
    return (
        pl.when(pl.col("decision") == "exact")
        .then(pl.max_horizontal("score", pl.lit(_SCORE_OF_SAME)))
        .otherwise(pl.col("score"))
        .alias("score")
    )


def _reasons(judged: pl.DataFrame) -> pl.Series:
    """Return the words for each decision; those for a match apart, since most are matches."""
    is_match = judged["decision"].is_in(["exact", "accepted"])
    matches, others = judged.filter(is_match), judged.filter(~is_match)
    words = pl.concat(
        [
            matches.select(reason=pl.concat_str(_likeness(), _notes(matches))),
            others.select(reason=_why_no_match(others)),
        ]
    )["reason"]
    is_match_here = is_match.to_numpy()
    return words[np.argsort(np.argsort(~is_match_here, kind="stable"), kind="stable")]


def _why_no_match(judged: pl.DataFrame) -> pl.Expr:
    return (
        pl.when(~pl.col("has_list"))
        .then(_without_list())
        .when(~pl.col("has_name") & pl.col("code_name").is_null())
        .then(pl.lit("No name is given, and no code that the list knows; add one of the two."))
        .when(pl.col("decision") == "none")
        .then(_nothing_near())
        .otherwise(pl.concat_str(_open_question(), _notes(judged), pl.lit(_what_to_do)))
    )


_what_to_do = " Confirm the unit or correct the name."


def _without_list() -> pl.Expr:
    return (
        pl.when(pl.col("country").is_null())
        .then(pl.lit("No country is given; add its ISO 3166-1 alpha-3 code."))
        .when(pl.col("level").is_null())
        .then(pl.lit("No level is given; add it (1 for the first below the country)."))
        .otherwise(
            pl.format(
                "The list has no units of {} at level {}; add a list, or correct the two.",
                pl.col("country").fill_null("?"),
                pl.col("level").fill_null(-1),
            )
        )
    )


def _nothing_near() -> pl.Expr:
    return pl.format(
        'No unit of {} at level {} is near "{}"; check spelling, level and country.',
        pl.col("country").fill_null("?"),
        pl.col("level").fill_null(-1),
        pl.col("name").fill_null(""),
    )


def _likeness() -> pl.Expr:
    """Say in what way the name is the unit's."""
    letters = pl.col("letters").fill_null(0).cast(pl.Int64)
    return (
        pl.when(pl.col("by_code") & ~pl.col("has_name"))
        .then(pl.format("By its code: {}; no name is given to check it.", "best_name"))
        .when(pl.col("by_code"))
        .then(pl.format("Code and name agree: {}.", "best_name"))
        .when("same_fold")
        .then(pl.format("Same name: {}.", "best_name"))
        .when("same_plain")
        .then(pl.format("Same as {} but for words of type, article or language.", "best_name"))
        .when("same_words")
        .then(pl.format("Same words as {} in another order.", "best_name"))
        .when("other_script")
        .then(pl.format("Reads as {} in the other script.", "best_name"))
        .when("begins")
        .then(pl.format("Cut short; only {} begins so.", "best_name"))
        .when("same_sound")
        .then(pl.format("Another spelling of the same sound: {}.", "best_name"))
        .when(letters == 1)
        .then(pl.format("One letter differs from {}.", "best_name"))
        .otherwise(pl.format("Nearest is {}; {} letters differ.", "best_name", letters))
    )


def _open_question() -> pl.Expr:
    """Say why a person must choose."""
    percent = (pl.col("score") * 100).round().cast(pl.Int64)
    second = (pl.col("second_score") * 100).round().cast(pl.Int64)
    two = pl.format(
        "Could be {} ({}, {} %) or {} ({}, {} %).",
        "best_name", "best_code", percent, "second_name", "second_code", second,
    )  # fmt: skip
    return (
        pl.when(pl.col("same_fold") & (pl.col("namesakes") > 1))
        .then(
            pl.format(
                "{} units bear the name {}; give the parent or the code.",
                "namesakes",
                "best_name",
            )
        )
        .when(pl.col("begins") & (pl.col("beginnings") > 1))
        .then(pl.format("Cut short; {} or more units begin so.", "beginnings"))
        .when("is_another")
        .then(
            pl.format(
                "{} ({}) has another number or side in its name.", "best_name", "best_code"
            )
        )
        .when((pl.col("second_score") >= _WORTH_A_LOOK) & pl.col("by_name"))
        .then(two)
        .when(~pl.col("by_name") & pl.col("has_name"))
        .then(pl.format("The name is not near that of {} ({}).", "best_name", "best_code"))
        .otherwise(pl.format("Perhaps {} ({}, {} %).", "best_name", "best_code", percent))
    )


def _notes(judged: pl.DataFrame) -> pl.Expr:
    """Say what else speaks for or against: parent, code and coordinates."""
    notes = [_note_on_parent()]
    # Most files give no codes or coordinates: then there is nothing to say of them.
    if judged["code"].null_count() < judged.height:
        notes.append(_note_on_code())
    if judged["point_name"].null_count() < judged.height:
        notes.append(_note_on_point())
    return pl.concat_str(*(note.fill_null("") for note in notes))


def _note_on_parent() -> pl.Expr:
    return (
        pl.when(pl.col("parent_code").is_not_null() & pl.col("parent_name").is_null())
        .then(pl.format(" The parent given, {}, is not in the list.", "parent_code"))
        .when(pl.col("parent") == -1)
        .then(
            pl.format(
                " It lies under {}, not under {} as given.",
                pl.col("above").fill_null("another unit"),
                "parent_name",
            )
        )
        .otherwise(pl.lit(""))
    )


def _note_on_code() -> pl.Expr:
    return (
        pl.when(pl.col("code").is_not_null() & pl.col("code_name").is_null())
        .then(pl.format(" The code given, {}, is not in the list.", "code"))
        .when(pl.col("code_name").is_not_null() & ~pl.col("by_code"))
        .then(pl.format(" The code given, {}, is that of {}.", "code", "code_name"))
        .when(pl.col("by_code") & (pl.col("decision") == "review"))
        .then(pl.format(" The code given, {}, is its code.", "code"))
        .otherwise(pl.lit(""))
    )


def _note_on_point() -> pl.Expr:
    return (
        pl.when(pl.col("by_point"))
        .then(pl.lit(" The coordinates lie in it."))
        .when(pl.col("point_name").is_not_null())
        .then(pl.format(" The coordinates lie in {}.", "point_name"))
        .otherwise(pl.lit(""))
    )
