"""Made-up workbooks and a made-up country, for tests of how files are understood."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from waystation.geography.units import Units

Rows = list[list[Any]]
Write = Callable[..., Path]

REGIONS = ("Norvalle", "Sudara", "Estmark")
DISTRICTS = {
    "Norvalle": ("Abenna", "Borlo", "Cestin", "Duvar"),
    "Sudara": ("Ekoto", "Fanele", "Gorma", "Hulana"),
    "Estmark": ("Ibiza Vale", "Jorun", "Kesset", "Lomar"),
}


@pytest.fixture
def workbook(tmp_path: Path) -> Write:
    """Return a function that writes sheets of rows as an xlsx file."""

    def write(name: str = "form.xlsx", **sheets: Rows) -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path)) as book:
            for sheet, rows in sheets.items():
                page = book.add_worksheet(sheet.replace("_", " "))
                for at, row in enumerate(rows):
                    for column, value in enumerate(row):
                        if value is not None:
                            page.write(at, column, value)
        return path

    return write


@pytest.fixture(scope="session")
def units() -> pl.DataFrame:
    """Return the units of a made-up country: three regions of four districts."""
    rows: list[tuple[int, str, str, str]] = []
    for first, region in enumerate(REGIONS, 1):
        rows.append((1, f"XW{first:02}", region, "XWS"))
        rows += [
            (2, f"XW{first:02}{second:02}", district, f"XW{first:02}")
            for second, district in enumerate(DISTRICTS[region], 1)
        ]
    frame = pl.DataFrame(rows, schema=["level", "code", "name", "parent_code"], orient="row")
    empty = pl.lit([], dtype=pl.List(pl.String))
    return Units.require(Units.complete(frame.with_columns(country=pl.lit("XWS"), names=empty)))


@pytest.fixture(scope="session")
def places() -> list[tuple[str, str, str, str]]:
    """Return region, its code, district, its code for each of the twelve districts."""
    return [
        (region, f"XW{first:02}", district, f"XW{first:02}{second:02}")
        for first, region in enumerate(REGIONS, 1)
        for second, district in enumerate(DISTRICTS[region], 1)
    ]
