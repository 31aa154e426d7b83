"""Cells that could not be read, and rows left out, as findings."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from waystation.findings import Finding
from waystation.tracking.checks import CHECKS

_MOST_CELLS = 1_000
_EXPECTED = {"TRK-003": "where a number is expected", "TRK-008": "where a date is expected"}
_PLACE = ("location_name", "admin3_name", "admin2_name", "admin1_name", "location_id")


@dataclass(frozen=True, slots=True)
class Fault:
    """Cells of one column that hold text which could not be read.

    Attributes:
        code: TRK-003 or TRK-008.
        field: The field the column feeds.
        heading: Its heading.
        is_faulty: One entry a report, true where the cell could not be read.
        texts: The cells.
    """

    code: str
    field: str
    heading: str
    is_faulty: pl.Series
    texts: pl.Series


def findings_of_faults(reports: pl.DataFrame, faults: list[Fault]) -> list[Finding]:
    """Return one finding a cell; beyond 1,000 in a column one for the rest together.

    Args:
        reports: Shape ``Submissions``, the rows that the faults speak of, in the same order.
        faults: Cells that could not be read.
    """
    findings: list[Finding] = []
    names = [name for name in _PLACE if name in reports.columns]
    place = pl.coalesce(names) if names else pl.lit(None, dtype=pl.String)
    base = reports.select(
        "submission_id", "file", "sheet", "row", "round_number", place=place,
        location_id="location_id",
    )  # fmt: skip
    for fault in faults:
        check = CHECKS[fault.code]
        cells = base.with_columns(reported=fault.texts.cast(pl.String)).filter(fault.is_faulty)
        for cell in cells.head(_MOST_CELLS).iter_rows(named=True):
            where = f"Row {cell['row']}" + (f", {cell['place']}" if cell["place"] else "")
            findings.append(
                Finding(
                    code=fault.code,
                    severity=check.severity,
                    message=f"{where}: {fault.heading or fault.field!r} holds "
                    f"{_short(cell['reported'])!r} {_EXPECTED[fault.code]}, and counts as not "
                    f"reported. {check.action}",
                    column=fault.field,
                    **cell,
                )
            )
        if cells.height > _MOST_CELLS:
            rest = cells.slice(_MOST_CELLS)
            first = rest.row(0, named=True)
            findings.append(
                Finding(
                    code=fault.code,
                    severity=check.severity,
                    message=f"{rest.height:,} more rows, from row {first['row']} on: "
                    f"{fault.heading or fault.field!r} holds text {_EXPECTED[fault.code]}. "
                    f"{check.action}",
                    file=first["file"],
                    sheet=first["sheet"],
                    column=fault.field,
                )
            )
    return findings


def finding_of_rows(file: str, sheet: str | None, rows: list[int], what: str) -> Finding:
    """Return the finding for rows that were left out, one for all of one sort.

    Args:
        file: Name of the file.
        sheet: Name of the sheet.
        rows: Their numbers, at least one.
        what: Why, to follow "Row 12", e.g. "is a total".
    """
    check = CHECKS["TRK-006"]
    shown = ", ".join(str(row) for row in rows[:12]) + (", ..." if len(rows) > 12 else "")
    numbers = f"Row {shown}" if len(rows) == 1 else f"Rows {shown} (each)"
    return Finding(
        code=check.code,
        severity=check.severity,
        message=f"{numbers} {what} and was left out. {check.action}",
        file=file,
        sheet=sheet,
        row=rows[0],
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
