"""How well a built matrix meets the truth of an exercise."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from waystation.tracking.exercise.injection import WHOLE_ROW

KEYS = ["location_id", "round_number", "indicator"]


@dataclass(frozen=True, slots=True)
class MatrixScores:
    """A built matrix against the truth.

    Attributes:
        compared: Cells compared.
        equal: Cells of these that hold the true value.
        damaged: Cells left out because a defect lies on them.
        differing: The others of the compared: keys, value, true_value, null where the matrix
            has no such cell or does not report it.
        beyond: Cells of the matrix that the truth does not have (places that do not exist).
    """

    compared: int
    equal: int
    damaged: int
    differing: pl.DataFrame
    beyond: pl.DataFrame


def score_matrix(
    matrix: pl.DataFrame,
    truth: pl.DataFrame,
    defects: pl.DataFrame,
    *,
    is_corrected: bool = False,
) -> MatrixScores:
    """Return how many cells of a matrix hold the true value.

    Compared are the cells of locations that were assessed, in indicators that their form asks
    for. Left out are cells that a defect damaged: all of them where nothing was corrected,
    and those not recoverable where corrections were applied.

    Args:
        matrix: Shape ``Matrix``.
        truth: Shape ``TruthMatrix``.
        defects: Shape ``Expected``.
        is_corrected: Whether the corrections that findings propose were applied.
    """
    asked = truth.filter("is_covered", "is_asked").select(*KEYS, true_value="value")
    marked = _with_damage(asked, _damage(defects, is_corrected=is_corrected))
    built = matrix.select(*KEYS, "value").with_columns(is_built=pl.lit(value=True))
    joined = marked.filter(~pl.col("is_damaged")).join(built, on=KEYS, how="left")
    is_equal = (pl.col("value") == pl.col("true_value")).fill_null(value=False)
    differing = joined.filter(~is_equal)
    return MatrixScores(
        compared=joined.height,
        equal=joined.height - differing.height,
        damaged=marked.height - joined.height,
        differing=differing.select(*KEYS, "value", "true_value"),
        beyond=built.join(truth, on=KEYS, how="anti").select(*KEYS, "value"),
    )


def _damage(defects: pl.DataFrame, *, is_corrected: bool) -> pl.DataFrame:
    """Return the cells that defects lie on; indicator ``*`` stands for all of the location."""
    found = defects.filter("injected", pl.col("location_id").is_not_null())
    if is_corrected:
        found = found.filter(~pl.col("is_recoverable"))
    return found.select("location_id", "round_number", indicator="column").unique()


def _with_damage(cells: pl.DataFrame, damage: pl.DataFrame) -> pl.DataFrame:
    rows = damage.filter(pl.col("indicator") == WHOLE_ROW).select("location_id", "round_number")
    return (
        cells.join(
            rows.unique().with_columns(row_hit=pl.lit(value=True)),
            on=["location_id", "round_number"],
            how="left",
        )
        .join(damage.with_columns(cell_hit=pl.lit(value=True)), on=KEYS, how="left")
        .select(
            *KEYS,
            "true_value",
            is_damaged=pl.col("row_hit").is_not_null() | pl.col("cell_hit").is_not_null(),
        )
    )
