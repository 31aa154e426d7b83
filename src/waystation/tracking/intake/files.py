"""A whole file as submissions: its sheets in turn, with ids, rounds and levels settled."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from waystation.errors import InvalidMapping, NothingToRead
from waystation.findings import Finding
from waystation.grids import Grid, read_grids, require_numbers
from waystation.tracking.checks import CHECKS
from waystation.tracking.intake.faults import Fault, finding_of_rows, findings_of_faults
from waystation.tracking.intake.levels import deepest_level_counted
from waystation.tracking.intake.sheets import Sheet
from waystation.tracking.intake.tables import reports_of_table
from waystation.tracking.mapping import FileMapping, SheetMapping
from waystation.tracking.submissions import Submissions

_FEW = 0.1


def submissions_from_file(
    path: Path,
    mapping: FileMapping,
    *,
    units: pl.DataFrame | None = None,
    operation: str | None = None,
) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the reports of a file, read by its mapping, and what is wrong with their cells.

    Text becomes numbers, dates and codes of the dictionary; "not reported" stays null. Columns
    that feed the same indicator are added, and are null only where all are. Values are those
    received: nothing is corrected here, and places are not looked up.

    Args:
        path: A file that `read_grids` reads.
        mapping: What its sheets and columns mean.
        units: Shape ``Units``; gives the country of a file that names none, if it is one.
        operation: Name of the operation, for rows of a file that name none.

    Returns:
        The reports in the order of the file, shape ``Submissions`` except that country and
        operation may be null where nothing gives them, and findings TRK-003, 006, 007, 008.
        ``is_counted`` is false for rows of the DTM API at a level that others break down.

    Raises:
        UnusableInput: If the file cannot be read, or holds no number.
        InvalidMapping: If the mapping names sheets, columns or fields that do not exist.
    """
    _require_one_mapping_each(mapping)
    grids = {grid.sheet: grid for grid in require_numbers(read_grids(path))}
    country = _only_country(units)
    frames: list[pl.DataFrame] = []
    faults: list[list[Fault]] = []
    findings: list[Finding] = []
    for sheet in mapping.sheets:
        grid = _grid_of(grids, sheet, path)
        frame, troubles, found = _reports(grid, sheet, operation=operation, country=country)
        frames.append(frame)
        faults.append(troubles)
        findings += found
    if not sum(frame.height for frame in frames):
        raise NothingToRead(
            file=path.name,
            reason="its mapping leaves no row of data",
            action="Check the first and last row of each sheet in the mapping",
        )
    submissions = _with_ids(pl.concat(frames, how="diagonal_relaxed"))
    start = 0
    for frame, troubles in zip(frames, faults, strict=True):
        findings += findings_of_faults(submissions.slice(start, frame.height), troubles)
        start += frame.height
    return submissions, findings


def _reports(
    grid: Grid, mapping: SheetMapping, *, operation: str | None, country: str | None
) -> tuple[pl.DataFrame, list[Fault], list[Finding]]:
    """Return one sheet's reports without ids, its unreadable cells, and its findings."""
    if mapping.layout == "submissions":
        frame, faults = reports_of_table(grid, mapping)
        return frame, faults, []
    sheet = Sheet(grid, mapping)
    frame = sheet.reports()
    constants = {
        "country": mapping.country or country,
        "operation": operation or mapping.operation,
        "component": mapping.component,
        "round_number": mapping.round_number,
        "reference_date": mapping.reference_date,
    }
    declared = Submissions.columns()
    filled = [
        pl.lit(value, dtype=declared[name].dtype).alias(name)
        if name not in frame.columns
        else pl.col(name).fill_null(pl.lit(value, dtype=declared[name].dtype))
        for name, value in constants.items()
    ]
    frame = frame.with_columns(
        *filled,
        file=pl.lit(grid.file),
        sheet=pl.lit(grid.sheet, dtype=pl.String),
        is_counted=pl.lit(value=True),
        submission_id=pl.lit(None, dtype=pl.String),
    )
    frame = Submissions.complete(frame)
    findings = [
        finding_of_rows(grid.file, grid.sheet, rows, what) for rows, what in sheet.rows.left_out
    ]
    if mapping.layout == "dtm_api":
        frame, found = _with_levels(frame, sheet.level())
        return frame, sheet.faults, findings + found
    return frame, sheet.faults, findings + _round_findings(frame, mapping)


def _grid_of(grids: dict[str | None, Grid], sheet: SheetMapping, path: Path) -> Grid:
    grid = grids.get(sheet.sheet)
    if grid is None and sheet.sheet is None and len(grids) == 1:
        grid = next(iter(grids.values()))
    if grid is None:
        names = ", ".join(repr(name) for name in grids if name) or "one sheet without a name"
        raise InvalidMapping(
            file=path.name,
            reason=f"the mapping names the sheet {sheet.sheet!r}, and the file has {names}",
            action="Correct the name of the sheet in the mapping",
        )
    return grid


def _require_one_mapping_each(mapping: FileMapping) -> None:
    names = [sheet.sheet for sheet in mapping.sheets]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise InvalidMapping(
            file=mapping.file,
            reason=f"the mapping reads the sheet {', '.join(map(repr, twice))} more than once",
            action="Keep one entry for each sheet",
        )


def _only_country(units: pl.DataFrame | None) -> str | None:
    if units is None or "country" not in units.columns:
        return None
    countries = units["country"].drop_nulls().unique()
    return str(countries[0]) if len(countries) == 1 else None


def _with_ids(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the reports with ids: the record's own, else sheet and row; repeats numbered."""
    own = pl.col("record_uuid").str.strip_prefix("uuid:")
    by_row = pl.concat_str(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.String), separator="/"
    )
    by_record = pl.concat_str("file", own, separator="/")
    frame = frame.with_columns(
        record_uuid=own,
        submission_id=pl.coalesce("submission_id", by_record, by_row),
    )
    has_own_ids = frame["record_uuid"].null_count() < frame.height
    if not has_own_ids or not frame["submission_id"].is_duplicated().any():
        return frame
    turn = pl.int_range(1, pl.len() + 1).over("submission_id")
    numbered = pl.format("{}/{}", "submission_id", turn)
    return frame.with_columns(
        submission_id=pl.when(turn > 1).then(numbered).otherwise("submission_id")
    )


def _with_levels(
    frame: pl.DataFrame, level: pl.Series | None
) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the rows with the deepest level of each snapshot counted, and one finding."""
    counted = deepest_level_counted(frame, level=None if level is None else pl.lit(level))
    aside = counted.filter(~pl.col("is_counted"))
    if not aside.height:
        return counted, []
    check = CHECKS["TRK-006"]
    finding = Finding(
        code=check.code,
        severity=check.severity,
        message=f"{aside.height:,} of {frame.height:,} rows are totals of an upper level that "
        "rows of a lower level of the same round and date break down; they are kept and not "
        f"counted. {check.action}",
        file=aside["file"][0],
        row=aside["row"][0],
    )
    return counted, [finding]


def _round_findings(frame: pl.DataFrame, mapping: SheetMapping) -> list[Finding]:
    """Return findings where the rows of one sheet name several rounds."""
    if "round_number" not in mapping.fields():
        return []
    counts = frame["round_number"].drop_nulls().value_counts(sort=True)
    if counts.height < 2:
        return []
    check = CHECKS["TRK-007"]
    usual = counts["round_number"][0]
    others = frame.filter(pl.col("round_number") != usual)
    columns = ["submission_id", "file", "sheet", "row", "location_id", "round_number"]
    if others.height > max(1.0, _FEW * frame.height):
        rounds = ", ".join(str(number) for number in counts["round_number"].sort())
        return [
            Finding(
                code=check.code,
                severity=check.severity,
                message=f"The rows name several rounds ({rounds}). {check.action}",
                file=frame["file"][0],
                sheet=frame["sheet"][0],
                column="round_number",
            )
        ]
    return [
        Finding(
            code=check.code,
            severity=check.severity,
            message=f"Row {row['row']} names round {row['round_number']}, and nearly all "
            f"others name round {usual}. {check.action}",
            place=row["location_name"],
            column="round_number",
            reported=str(row["round_number"]),
            expected=str(usual),
            **{name: row[name] for name in columns},
        )
        for row in others.select(*columns, "location_name").iter_rows(named=True)
    ]
