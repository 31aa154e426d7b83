"""Rows of several admin levels in one table: only the deepest level of a snapshot counts."""

from __future__ import annotations

import polars as pl

_SNAPSHOT = ("country", "operation", "component", "round_number", "reference_date")


def reported_level() -> pl.Expr:
    """Return the deepest level, 0 to 3, at which a row gives a code or a name."""
    level: pl.Expr = pl.lit(0, dtype=pl.Int64)
    for depth in (1, 2, 3):
        given = pl.coalesce(f"admin{depth}_reported_code", f"admin{depth}_name").is_not_null()
        level = pl.when(given).then(depth).otherwise(level)
    return level


def deepest_level_counted(
    submissions: pl.DataFrame, *, level: pl.Expr | None = None
) -> pl.DataFrame:
    """Return the submissions with only the deepest level of each snapshot counted.

    The service of the DTM answers for each level apart, with the same people in each answer.
    Files of several levels may be concatenated before this. A snapshot here is country,
    operation, component, round and date.

    Args:
        submissions: Shape ``Submissions``, rows of the DTM API or HDX HAPI.
        level: Level of each row; by default the deepest that bears a code or a name.

    Returns:
        The same rows in the same order; ``is_counted`` false for rows above the deepest level.
    """
    deepest = (
        submissions.select(*_SNAPSHOT, level=level if level is not None else reported_level())
        .select(
            (pl.col("level") == pl.col("level").max().over(_SNAPSHOT)).fill_null(value=True)
        )
        .to_series()
    )
    return submissions.with_columns(is_counted=pl.col("is_counted") & deepest)
