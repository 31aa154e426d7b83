"""What a file becomes when it is read by a mapping, before anybody confirms that mapping."""

from __future__ import annotations

from typing import Any

import polars as pl

from waystation.findings import Severity
from waystation.tracking.checks import CHECKS
from waystation.tracking.indicators import indicators, is_indicator
from waystation.tracking.mapping import FileMapping

ROWS_SHOWN = 50
UNITS_SHOWN = 60
FINDINGS_SHOWN = 200
MAIN = 8
_PLACES = (
    ("admin1_name", "admin1_reported_code"),
    ("admin2_name", "admin2_reported_code"),
    ("admin3_name", "admin3_reported_code"),
    ("location_name", "location_id"),
)


def preview_of_reading(
    received: pl.DataFrame, findings: pl.DataFrame, mapping: FileMapping
) -> dict[str, Any]:
    """Return what the rows of a file become, what they add up to, and what is wrong with them.

    Places are those that the rows name: nothing is looked up or corrected here.

    Args:
        received: Shape ``Submissions``, as `submissions_from_file` returns them.
        findings: Shape ``Findings``, made while the file was read.
        mapping: What it was read by.

    Returns:
        Plain values: ``rows`` and ``counted`` (rows not set aside), ``levels`` (the places
        that rows name, as pairs of columns), ``indicators`` (the main ones, at most eight),
        ``others`` (how many more), ``head`` (the first 50 rows), ``units`` (sums by first
        level, the largest first), ``units_left_out``, ``sums``, ``stated`` (totals that the
        file states beside what the rows make), ``rounds`` (component, round, date, rows), and
        ``findings`` with their number ``found`` by severity.
    """
    given = {c for c in received.columns if received[c].null_count() < received.height}
    figures = [c for c in received.columns if c in given and is_indicator(c)]
    main = _main_of(figures)
    levels = [found for pair in _PLACES if (found := [c for c in pair if c in given])]
    counted = received.filter(pl.col("is_counted"))
    units = _units(counted, levels, main)
    return {
        "rows": received.height,
        "counted": counted.height,
        "levels": levels,
        "indicators": main,
        "others": len(figures) - len(main),
        "head": _head(received, levels, main),
        "units": units.head(UNITS_SHOWN).to_dicts(),
        "units_left_out": max(0, units.height - UNITS_SHOWN),
        "sums": {code: _sum(counted[code]) for code in main},
        "stated": _stated(mapping, received),
        "rounds": _rounds(received),
        "found": {
            s.value: findings.filter(pl.col("severity") == s.value).height for s in Severity
        },
        "findings": _findings(findings),
    }


def _main_of(figures: list[str]) -> list[str]:
    """Return the indicators that a reader knows the file by: totals before breakdowns."""
    totals = [code for code in indicators() if code in figures]
    parts = [code for code in figures if code not in totals]
    return (totals or parts)[:MAIN]


def _head(
    received: pl.DataFrame, levels: list[list[str]], main: list[str]
) -> list[dict[str, Any]]:
    columns = ["sheet", "row", "is_counted", "round_number", "reference_date"]
    places = [column for level in levels for column in level]
    head = received.head(ROWS_SHOWN).select(*columns, *places, *main)
    return head.with_columns(pl.col("reference_date").cast(pl.String)).to_dicts()


def _units(counted: pl.DataFrame, levels: list[list[str]], main: list[str]) -> pl.DataFrame:
    name: Any = pl.coalesce(levels[0]) if levels else pl.lit(None, pl.String)
    sums = [
        pl.when(pl.col(code).is_not_null().any()).then(pl.col(code).sum()).alias(code)
        for code in main
    ]
    units = counted.group_by(name.alias("unit")).agg(pl.len().alias("rows"), *sums)
    return units.sort(main[0] if main else "rows", descending=True, nulls_last=True)


def _sum(column: pl.Series) -> float | None:
    return None if column.null_count() == len(column) else float(column.sum())


def _stated(mapping: FileMapping, received: pl.DataFrame) -> list[dict[str, Any]]:
    found = []
    for sheet in mapping.sheets:
        rows = received.filter(pl.col("sheet").eq_missing(pl.lit(sheet.sheet, pl.String)))
        for code, stated in sheet.stated_totals.items():
            made = _sum(rows[code]) if code in rows.columns else None
            gap = None if made is None else made - stated
            found.append(
                {
                    "sheet": sheet.sheet,
                    "indicator": code,
                    "stated": stated,
                    "made": made,
                    "difference": gap,
                    "agrees": gap is not None and abs(gap) <= 0.5,
                }
            )
    return found


def _rounds(received: pl.DataFrame) -> list[dict[str, Any]]:
    keys = ["component", "round_number", "reference_date"]
    counts = received.group_by(keys).agg(rows=pl.len()).sort(keys, nulls_last=True)
    dated = counts.with_columns(pl.col("reference_date").cast(pl.String))
    return dated.head(ROWS_SHOWN).to_dicts()


def _findings(findings: pl.DataFrame) -> list[dict[str, Any]]:
    shown = findings.sort("severity", maintain_order=True).head(FINDINGS_SHOWN)
    rows = shown.select("code", "severity", "message", "sheet", "row").to_dicts()
    return [
        {**row, "title": CHECKS[row["code"]].title if row["code"] in CHECKS else row["code"]}
        for row in rows
    ]
