"""What a mapping says about its file: tags that lie, readings chosen, columns not used."""

from __future__ import annotations

from pathlib import Path

from waystation.findings import Finding
from waystation.grids import Grid, read_grids
from waystation.tracking.checks import CHECKS
from waystation.tracking.mapping import ColumnMapping, FileMapping, SheetMapping
from waystation.tracking.proposal.cells import numbers
from waystation.tracking.proposal.hxl_hints import field_of_tag

_DATES = {"reference_date", "collected_on"}
_NAMED = 12  # columns named in one finding


def mapping_findings(path: Path, mapping: FileMapping) -> list[Finding]:
    """Return what a person should know of how a file is read.

    Args:
        path: The file; read only where the mapping holds totals that it states.
        mapping: Proposed or given.

    Returns:
        Findings TRK-001 (tag disagrees), TRK-002 (reading chosen), TRK-004 (columns not used)
        and TRK-005 (a stated total differs from the sum of rows), in the order of sheets.
    """
    path = Path(path)
    has_stated = any(sheet.stated_totals for sheet in mapping.sheets)
    grids = {grid.sheet: grid for grid in read_grids(path)} if has_stated else {}
    found: list[Finding] = []
    for sheet in mapping.sheets:
        found += [f for c in sheet.columns if (f := _tag_finding(mapping, sheet, c))]
        found += [_finding("TRK-002", mapping, sheet, choice) for choice in sheet.choices]
        found += _unused_finding(mapping, sheet)
        if sheet.sheet in grids:
            found += _total_findings(mapping, sheet, grids[sheet.sheet])
    return found


def _finding(
    code: str,
    mapping: FileMapping,
    sheet: SheetMapping,
    message: str,
    *,
    row: int | None = None,
    column: str | None = None,
    reported: str | None = None,
    expected: str | None = None,
) -> Finding:
    check = CHECKS[code]
    where = f"Sheet {sheet.sheet!r}: " if sheet.sheet else ""
    return Finding(
        code=code,
        severity=check.severity,
        message=f"{where}{message} {check.action}",
        file=mapping.file,
        sheet=sheet.sheet,
        row=row,
        column=column,
        reported=reported,
        expected=expected,
    )


def _tag_finding(
    mapping: FileMapping, sheet: SheetMapping, column: ColumnMapping
) -> Finding | None:
    told = field_of_tag(column.hxl)
    if told is None or told in column.fields or {told, *column.fields} <= _DATES:
        return None
    if not column.fields:
        rivals = [other for other in sheet.columns if told in other.fields]
        # A second column for what is told elsewhere, under the same tag, is no contradiction.
        if not rivals or any(field_of_tag(other.hxl) == told for other in rivals):
            return None
    meant = " and ".join(column.fields) or "not used"
    return _finding(
        "TRK-001",
        mapping,
        sheet,
        f"Column {column.letter} ({column.heading!r}) bears the tag {column.hxl}, which means "
        f"{told}; by heading and content it is {meant}.",
        row=sheet.hxl_row,
        column=column.heading,
        reported=column.hxl,
        expected=meant,
    )


def _unused_finding(mapping: FileMapping, sheet: SheetMapping) -> list[Finding]:
    unused = [c for c in sheet.columns if not c.fields]
    if not unused or sheet.layout != "table":
        return []
    named = ", ".join(f"{c.letter} ({c.heading[:60]!r})" for c in unused[:_NAMED])
    rest = f" and {len(unused) - _NAMED:,} more" if len(unused) > _NAMED else ""
    message = f"{len(unused):,} of {len(sheet.columns):,} columns are not used: {named}{rest}."
    return [_finding("TRK-004", mapping, sheet, message)]


def _total_findings(mapping: FileMapping, sheet: SheetMapping, grid: Grid) -> list[Finding]:
    found = []
    fields = sheet.fields()
    for code, stated in sheet.stated_totals.items():
        columns = fields.get(code, [])
        total = sum(_sum_of(grid, sheet, column) for column in columns)
        if not columns or abs(total - stated) <= 0.5:
            continue
        message = (
            f"The file states {stated:,.0f} as the total of {code}, and the rows make "
            f"{total:,.0f} ({total - stated:+,.0f})."
        )
        found.append(
            _finding(
                "TRK-005",
                mapping,
                sheet,
                message,
                column=code,
                reported=f"{stated:.0f}",
                expected=f"{total:.0f}",
            )
        )
    return found


def _sum_of(grid: Grid, sheet: SheetMapping, column: ColumnMapping) -> float:
    first = sheet.first_row - grid.first_row
    last = grid.cells.height if sheet.last_row is None else sheet.last_row - grid.first_row + 1
    figures = numbers(grid.cells.to_series(column.position)[first:last]).to_list()
    skipped = {row - grid.first_row - first for row in sheet.skipped_rows}
    return float(sum(v for i, v in enumerate(figures) if v is not None and i not in skipped))
