"""Files that already are in the shape `Submissions`: passed through, types kept or restored."""

from __future__ import annotations

import polars as pl

from waystation.grids import Grid
from waystation.tracking.intake.dates import dates_from_text
from waystation.tracking.intake.faults import Fault
from waystation.tracking.intake.numbers import numbers_from_columns
from waystation.tracking.intake.rows import report_rows
from waystation.tracking.mapping import SheetMapping
from waystation.tracking.submissions import Submissions


def reports_of_table(grid: Grid, mapping: SheetMapping) -> tuple[pl.DataFrame, list[Fault]]:
    """Return the reports of a table of submissions, and cells that could not be read.

    Typed columns (Parquet) are never turned into text. Nothing is decoded: codes stay as they
    are written.
    """
    rows = report_rows(grid, mapping)
    declared = Submissions.columns()
    columns: list[pl.Series] = []
    faults: list[Fault] = []
    for column in mapping.columns:
        for name in column.fields:
            dtype = declared[name].dtype if name in declared else pl.Float64()
            cells = rows.cells[f"c{column.position}"]
            values, is_faulty, code = _typed(cells, dtype)
            columns.append(values.alias(name))
            if is_faulty is not None and is_faulty.any():
                faults.append(Fault(code, name, column.heading, is_faulty, cells))
    frame = pl.DataFrame(columns)
    if "row" not in frame.columns:
        frame = frame.with_columns(row=rows.numbers)
    is_counted = pl.col("is_counted").fill_null(value=True) if "is_counted" in frame else True
    return Submissions.complete(frame.with_columns(is_counted=is_counted)), faults


def _typed(cells: pl.Series, dtype: pl.DataType) -> tuple[pl.Series, pl.Series | None, str]:
    if cells.dtype == dtype:
        return cells, None, ""
    if cells.dtype != pl.String:
        return cells.cast(dtype, strict=False), None, ""
    if dtype == pl.Boolean:
        return cells.str.to_lowercase() == "true", None, ""
    if dtype == pl.Date:
        return (*dates_from_text(cells), "TRK-008")
    if dtype.is_numeric():
        numbers, faulty = numbers_from_columns(cells.to_frame())
        values = numbers.to_series().cast(dtype, strict=False)
        return values, faulty.get(cells.name), "TRK-003"
    return cells.cast(dtype, strict=False), None, ""
