"""Ids of locations that are none: one that stands in many places names no place."""

from __future__ import annotations

import polars as pl

from waystation.findings import Findings
from waystation.tracking.checks import CHECKS

MANY_UNITS = 3  # one id in two units of a sheet is a slip; in three it is "XXXX"


def without_shared_ids(submissions: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows without ids that one sheet gives to places of three or more units.

    Args:
        submissions: Shape ``Submissions``.

    Returns:
        The rows in their order, such ids null, and one TRK-115 for each, shape ``Findings``.
    """
    sheet = ["file", "sheet", "round_number", "location_id"]
    names = [
        f"admin{level}_{what}" for level in (1, 2, 3) for what in ("name", "reported_code")
    ]
    shared = (
        submissions.filter(pl.col("location_id").is_not_null())
        .group_by(sheet)
        .agg(units=pl.struct(names).n_unique(), rows=pl.len(), row=pl.col("row").min())
        .filter(pl.col("units") >= MANY_UNITS)
        .sort("file", "row")
    )
    if shared.is_empty():
        return submissions, Findings.empty_frame()
    marked = submissions.join(
        shared.select(*sheet, is_shared=True),
        on=sheet,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    cleared = marked.with_columns(
        location_id=pl.when(pl.col("is_shared").is_null()).then("location_id")
    ).drop("is_shared")
    found = shared.select(
        "file",
        "sheet",
        "row",
        "round_number",
        code=pl.lit("TRK-115"),
        severity=pl.lit(CHECKS["TRK-115"].severity.value, Findings.columns()["severity"].dtype),
        message=pl.format(
            "Row {} and others: the id {} stands in {} rows of {} units, so it names no "
            f"location. {CHECKS['TRK-115'].action}",
            "row",
            "location_id",
            "rows",
            "units",
        ),
        column=pl.lit("location_id"),
        reported="location_id",
    )
    return cleared, Findings.complete(found).select(Findings.column_names())
