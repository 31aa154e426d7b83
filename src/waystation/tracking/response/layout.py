"""Where the columns of a response table are: headings and tags, wherever they stand."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from waystation.errors import NothingToRead
from waystation.grids import Grid
from waystation.tracking.response.vocabulary import (
    depth_of_heading,
    field_of_heading,
    field_of_tag,
    is_about_contacts,
)

SEARCHED_ROWS = 40
PLACES = ("admin2_code", "admin1_code", "place_code", "admin2_name", "admin1_name")
WHO = ("implementing", "organisation", "acronym")
_FEWEST_TAGS = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a sheet.

    Attributes:
        grid: The sheet.
        columns: Name of the column by field.
        first: Position of the first row after headings and tags.
        contacts: How many columns about people to turn to were left unread.
    """

    grid: Grid
    columns: dict[str, str]
    first: int
    contacts: int


def layouts_of(grids: list[Grid], file: str) -> list[Layout]:
    """Return the sheets that say who does what where.

    Raises:
        NothingToRead: If there is none; the sentence names what the best sheet lacks.
    """
    found = [_layout(grid) for grid in grids if grid.frame is None]
    whole = [layout for layout in found if layout and not _missing(layout.columns)]
    if whole:
        return whole
    most = max((f.columns for f in found if f), key=len, default={})
    lacking = " and ".join(_missing(most))
    raise NothingToRead(
        file=file,
        reason=f"no sheet has columns for {lacking}",
        action="Name the columns as 3W tables do: Organisation, Sector, Admin 1, Admin 2",
    )


def _missing(columns: dict[str, str]) -> list[str]:
    lacking = []
    if not any(name in columns for name in WHO):
        lacking.append("the organisation")
    if "sector" not in columns:
        lacking.append("the sector")
    if not any(name in columns for name in PLACES):
        lacking.append("the place")
    return lacking


def _layout(grid: Grid) -> Layout | None:
    top = [
        [cell if isinstance(cell, str) else None for cell in row]
        for row in grid.cells.head(SEARCHED_ROWS).iter_rows()
    ]
    tags_at = next((i for i, row in enumerate(top) if _is_tags(row)), None)
    scored = [(len(_by_headings(row)), -i) for i, row in enumerate(top) if i != tags_at]
    best, place = max(scored, default=(0, 0))
    headings_at = -place if best >= 2 else None
    columns: dict[str, str] = {}
    headings = top[headings_at] if headings_at is not None else []
    contacts = {i for i, cell in enumerate(headings) if cell and is_about_contacts(cell)}
    if headings_at is not None:
        columns = _by_headings(headings)
    if tags_at is not None:
        # A tag may be shifted: it only says what no heading does, and never of contacts.
        taken = set(columns.values())
        for at, cell in enumerate(top[tags_at]):
            field = field_of_tag(cell) if cell and at not in contacts else None
            if field and field not in columns and f"c{at}" not in taken:
                columns[field] = f"c{at}"
    ends = [at for at in (tags_at, headings_at) if at is not None]
    return Layout(grid, columns, max(ends) + 1, len(contacts)) if ends else None


def _is_tags(row: list[str | None]) -> bool:
    filled = [cell for cell in row if cell and cell.strip()]
    tags = [cell for cell in filled if cell.strip().startswith("#")]
    return len(tags) >= _FEWEST_TAGS and len(tags) * 2 >= len(filled)


def _by_headings(row: list[str | None]) -> dict[str, str]:
    columns: dict[str, str] = {}
    units: list[tuple[int, int]] = []
    for at, cell in enumerate(row):
        if not cell or len(cell) > 120:
            continue
        field = field_of_heading(cell)
        if field:
            columns.setdefault(field, f"c{at}")
        elif (depth := depth_of_heading(cell)) is not None:
            units.append((depth, at))
    for name, at in _levels_of(sorted(units)):
        columns.setdefault(name, f"c{at}")
    return columns


def _levels_of(units: list[tuple[int, int]]) -> list[tuple[str, int]]:
    """Tell which of the columns named by a word for units is which level."""
    if len(units) > 1:
        return [("admin1_name", units[0][1]), ("admin2_name", units[1][1])]
    return [(f"admin{2 if depth == 3 else 1}_name", at) for depth, at in units]


def rows_of(layout: Layout) -> pl.DataFrame:
    """Return the filled rows below the headings: one column a field, and the row's number."""
    cells = layout.grid.cells.with_row_index("at", offset=layout.grid.first_row)
    below = cells.slice(layout.first)
    filled = below.filter(pl.any_horizontal(pl.exclude("at").is_not_null()))
    return filled.select(
        pl.col("at").cast(pl.Int64).alias("row"),
        pl.lit(layout.grid.sheet, pl.String).alias("sheet"),
        pl.struct(pl.exclude("at")).hash().alias("content"),
        *(pl.col(column).alias(field) for field, column in layout.columns.items()),
    )
