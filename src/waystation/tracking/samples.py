"""Samples: the first values of each column of a file, for people who judge its mapping."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from waystation.grids import Grid
from waystation.tracking.mapping import FileMapping, SheetMapping

VALUES = 4
SEARCHED_ROWS = 200
LONGEST_VALUE = 40


def samples_of_grids(
    grids: Iterable[Grid], mapping: FileMapping, others: Iterable[SheetMapping] = ()
) -> list[dict[str, Any]]:
    """Return, for each sheet of a file, what a person needs to see of it to judge a mapping.

    Args:
        grids: The sheets of the file.
        mapping: What the file seems to mean.
        others: How the sheets that it leaves out would read.

    Returns:
        Plain values: the name of the sheet, its rows and columns, and by position (as text)
        the first different values of each column below the headings.
    """
    firsts = {sheet.sheet: sheet.first_row for sheet in (*mapping.sheets, *others)}
    return [_sample(grid, firsts.get(grid.sheet, 1)) for grid in grids]


def _sample(grid: Grid, first_row: int) -> dict[str, Any]:
    start = max(0, first_row - grid.first_row)
    body = grid.cells.slice(start, SEARCHED_ROWS)
    return {
        "sheet": grid.sheet,
        "rows": grid.height,
        "columns": grid.cells.width,
        "values": {str(i): found for i, c in enumerate(body) if (found := _first_values(c))},
    }


def _first_values(column: pl.Series) -> list[str]:
    different = column.drop_nulls().unique(maintain_order=True).head(VALUES)
    return [_short(str(value)) for value in different.to_list()]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_VALUE else f"{plain[: LONGEST_VALUE - 1]}…"
