"""One table as the bytes of a file that leaves: csv, or a workbook of one sheet."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from waystation.release.spreadsheet import write_spreadsheet
from waystation.release.tabular import flat, write_csv


def csv_of_table(frame: pl.DataFrame) -> bytes:
    """Return a table as csv that every spreadsheet program opens safely."""
    with tempfile.TemporaryDirectory(prefix="waystation-") as folder:
        return write_csv(frame, Path(folder) / "table.csv").read_bytes()


def workbook_of_table(frame: pl.DataFrame, *, sheet: str) -> bytes:
    """Return a table as an Excel workbook: text stays text, a null is an empty cell.

    Args:
        frame: Any table of texts, numbers and dates.
        sheet: Name of the sheet; cut at 31 characters.
    """
    with tempfile.TemporaryDirectory(prefix="waystation-") as folder:
        path = write_spreadsheet(flat(frame), Path(folder) / "table.xlsx", sheet=sheet)
        return path.read_bytes()
