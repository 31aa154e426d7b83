"""One sheet of a file as cells, and the limits every format shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from waystation.errors import InputTooLarge, NothingToRead, UnreadableFile

MAX_COLUMNS = 4_000
"""Widest sheet read. Wide exports have about 1,500 columns; Excel itself ends at 16,384."""

# Digits of any script, with or without signs that group them.
_NUMBER = r"^\s*[-+]?\d[\d\s.,٬٫'’]*%?\s*$"

SAMPLE_ROWS = 1_000
"""Rows shown as cells of a grid whose whole content is a typed frame (Parquet)."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet of a file, every cell as text.

    Attributes:
        file: Name of the file, without a folder.
        sheet: Name of the sheet; None where the format has none.
        cells: All columns text, named ``c0``, ``c1``, ... from column A on; empty cells are
            null, also those before the first one used, so that positions are true.
        first_row: The number a spreadsheet program gives to the first row of ``cells``.
        notes: What a person should know of how it was read: an encoding guessed, characters
            left out.
        frame: For formats with types (Parquet), the whole content under its own column names,
            not yet loaded; ``cells`` then holds the names and the first 1,000 rows only.
    """

    file: str
    sheet: str | None
    cells: pl.DataFrame
    first_row: int = 1
    notes: tuple[str, ...] = ()
    frame: pl.LazyFrame | None = field(default=None, compare=False)

    @property
    def height(self) -> int:
        """Rows of the sheet, headings included."""
        if self.frame is None:
            return self.cells.height
        return int(self.frame.select(pl.len()).collect().item()) + 1


def require_numbers(grids: Iterable[Grid]) -> list[Grid]:
    """Return the grids, if a number stands in one of them.

    Raises:
        NothingToRead: If no cell of any sheet is a number.
    """
    grids = list(grids)
    if not any(_has_number(grid.cells) for grid in grids):
        file = grids[0].file if grids else "The file"
        raise NothingToRead(
            file=file,
            reason="no sheet holds a number",
            action="Check that it is the data file, and not only its notes or headings",
        )
    return grids


def _has_number(cells: pl.DataFrame) -> bool:
    """Return whether a cell is a number; most sheets answer within their first rows."""
    for part in (cells.head(500), cells):
        found = part.select(pl.all().str.contains(_NUMBER).any())
        if found.width and any(found.row(0)):
            return True
    return False


def plain_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with its columns named ``c0``, ``c1``, ..."""
    frame.columns = [f"c{i}" for i in range(frame.width)]
    return frame


def without_empty_ends(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the cells without the empty columns and rows after the last one used."""
    filled = [i for i, column in enumerate(cells) if column.null_count() < cells.height]
    cells = cells[:, : filled[-1] + 1] if filled else cells.clear()
    if not cells.height or any(column[-1] is not None for column in cells):
        return cells
    is_used = cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    last = is_used.arg_true().max()
    return cells.head(int(str(last)) + 1 if last is not None else 0)


def require_columns(width: int, path: Path) -> None:
    """Raise if a sheet is wider than the limit.

    Raises:
        InputTooLarge: If it is.
    """
    if width > MAX_COLUMNS:
        raise InputTooLarge(
            file=path.name,
            reason=f"it has {width:,} columns, and {MAX_COLUMNS:,} is the limit",
            action="Keep the columns that matter and try again",
        )


def unreadable(path: Path, reason: str, action: str) -> UnreadableFile:
    """Return the error for a file that is not what its name says, or is damaged."""
    return UnreadableFile(file=path.name, reason=reason, action=action)


def nothing(path: Path, reason: str, action: str) -> NothingToRead:
    """Return the error for a file without rows."""
    return NothingToRead(file=path.name, reason=reason, action=action)


def too_large(path: Path, reason: str, action: str) -> InputTooLarge:
    """Return the error for a file beyond the limits."""
    return InputTooLarge(file=path.name, reason=reason, action=action)
