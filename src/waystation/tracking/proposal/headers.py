"""Where the headings of a sheet stand, what they are, and where the data begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from waystation.grids import Grid
from waystation.tracking.proposal.cells import (
    are_mostly,
    is_nothing,
    is_number,
    sampled_rows,
    sampled_values,
)

_TAG = re.compile(
    r"#\s*(?:adm\d|country|region|loc|geo|date|meta|affected|population|inneed|cause|"
    r"indicator|status|org|sector|operation|round|access|event|id|item|value|contact|need)\b"
    r".*|#\s*\w+\s*\+\s*\w+.*",
    re.IGNORECASE,
)
_UNMARKED_TAG = re.compile(r"[A-Za-z]+(?:\+[A-Za-z0-9_]+)+")
_DEEPEST = 20  # headings stand in the first rows, below titles and notes
_LEVELS = 4
_NOTE = 120  # characters: longer text over a table is a note, not a heading

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """The headings of a sheet; rows are those of the grid, from 0.

    Attributes:
        rows: Rows the headings stand in.
        hxl_row: Row of the HXL tags, if there is one.
        first: First row below headings and tags.
        titles: Texts above the headings, and those in their rows that head no column.
        levels: For each column its headings from the outermost group to its own.
        tags: For each column its HXL tag as received.
        figures: Columns most cells of which are numbers.
    """

    rows: tuple[int, ...]
    hxl_row: int | None
    first: int
    titles: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    tags: tuple[str | None, ...]
    figures: tuple[int, ...]

    def heading(self, position: int) -> str:
        """Return a column's heading as a reader sees it, levels joined by " / "."""
        return " / ".join(self.levels[position])


def header_of(grid: Grid) -> Header | None:
    """Return the headings of a sheet, or None where no column holds numbers.

    Args:
        grid: Cells as received; headings may stand in up to four of the first rows, merged
            over several columns, with HXL tags above, below, or absent.
    """
    top: list[Row] = grid.cells.head(_DEEPEST + 4).rows()
    hxl_row = _hxl_row(top)
    figures = _figure_columns(grid)
    if not figures:
        return None
    last = _last_heading_row(top, figures, hxl_row)
    rows = _heading_rows(top, last, figures, hxl_row) if last is not None else ()
    first = _first_row(top, rows, hxl_row, figures)
    while first < len(top) and all(cell is None for cell in top[first]):
        first += 1
    head_of_table = min([*rows, len(top) if hxl_row is None else hxl_row])
    titles = [
        " ".join(cell.split())
        for row in top[:head_of_table]
        for cell in row
        if cell is not None and not is_number(cell)
    ]
    return Header(
        rows=rows,
        hxl_row=hxl_row,
        first=first,
        titles=tuple(titles),
        levels=_levels([top[r] for r in rows], grid.cells.width),
        tags=_tags(top, hxl_row, grid.cells.width),
        figures=figures,
    )


def _first_row(
    top: list[Row], rows: tuple[int, ...], hxl_row: int | None, figures: tuple[int, ...]
) -> int:
    """Return the first row below headings and tags; tags can stand among the data."""
    last = rows[-1] if rows else -1
    if hxl_row is None or hxl_row < last:
        return last + 1
    between = top[last + 1 : hxl_row]
    has_data = rows and any(_counts(row, figures)[1] for row in between)
    return last + 1 if has_data else hxl_row + 1


def _hxl_row(top: list[Row]) -> int | None:
    """Return the row most filled cells of which are HXL tags."""
    for at, row in enumerate(top):
        filled = [cell.strip() for cell in row if cell is not None and cell.strip()]
        tags = [cell for cell in filled if _TAG.fullmatch(cell)]
        near = [cell for cell in filled if _UNMARKED_TAG.fullmatch(cell)]
        if tags and len(tags) + len(near) >= max(2, 0.5 * len(filled)):
            return at
    return None


def _tags(top: list[Row], hxl_row: int | None, width: int) -> tuple[str | None, ...]:
    if hxl_row is None:
        return (None,) * width
    return tuple(cell.strip() if cell else None for cell in top[hxl_row])


def _figure_columns(grid: Grid) -> tuple[int, ...]:
    """Return the columns most cells of which are numbers, told from the body's rows."""
    height = grid.cells.height
    start = min(8, height // 2)
    body = grid.cells[start:]
    sample = grid.cells[sampled_rows(height, start, 60)]
    found = []
    for at in range(sample.width):
        values = sampled_values(body.to_series(at), sample.to_series(at))
        if are_mostly(values, is_number):
            found.append(at)
    return tuple(found)


def _counts(row: Row, figures: tuple[int, ...]) -> tuple[int, int]:
    """Return how many figure columns hold text and numbers; years can head columns."""
    cells = [c for c in (row[at] for at in figures) if c is not None and not is_nothing(c)]
    as_numbers = [c.strip() for c in cells if is_number(c)]
    if len(set(as_numbers)) > 1 and all(_is_year(c) for c in as_numbers):
        return len(cells), 0
    return len(cells) - len(as_numbers), len(as_numbers)


def _is_year(text: str) -> bool:
    return re.fullmatch(r"(?:19[5-9]|20[0-4])\d", text) is not None


def _last_heading_row(top: list[Row], figures: tuple[int, ...], hxl: int | None) -> int | None:
    """Return the lowest row of headings: text where the body has numbers."""
    found: int | None = None
    data_rows = 0
    for at, row in enumerate(top[:_DEEPEST]):
        if at == hxl:
            if found is not None:
                break
            continue
        texts, figures_there = _counts(row, figures)
        if texts >= max(1, 0.3 * len(figures)) and texts >= 4 * figures_there:
            if data_rows == 0 or hxl is None:
                found, data_rows = at, 0
        elif figures_there:
            data_rows += 1
            if found is not None and data_rows >= 2:
                break
    return found


def _heading_rows(
    top: list[Row], last: int, figures: tuple[int, ...], hxl: int | None
) -> tuple[int, ...]:
    """Return the rows of headings, groups above the lowest row included."""
    rows = [last]
    for at in range(last - 1, -1, -1):
        if at == hxl:
            continue
        if len(rows) == _LEVELS or not _is_group_row(top[at], figures):
            break
        rows.insert(0, at)
    return tuple(rows)


def _is_group_row(row: Row, figures: tuple[int, ...]) -> bool:
    """Return whether a row holds headings of groups: several texts, or one not at the left."""
    filled = [(at, cell) for at, cell in enumerate(row) if cell is not None and cell.strip()]
    if not filled or _counts(row, figures)[1] or any(len(cell) > _NOTE for _, cell in filled):
        return False
    return len(filled) > 1 or filled[0][0] > 0


def _levels(rows: list[Row], width: int) -> tuple[tuple[str, ...], ...]:
    """Return each column's headings, group headings filled to the right within their group."""
    if not rows:
        return ((),) * width
    own = rows[-1]
    columns: list[list[str]] = [[] for _ in range(width)]
    starts: set[int] = set()  # where a group of any row above begins
    for row in rows[:-1]:
        starts |= {at for at, cell in enumerate(row) if cell is not None}
        current: str | None = None
        for at in range(width):
            cell = row[at]
            if cell is not None:
                columns[at].append(_one_line(cell))
                # A heading merged downwards names its own column only.
                current = cell if own[at] is not None else None
            elif at in starts or own[at] is None:
                current = None
            elif current is not None:
                columns[at].append(_one_line(current))
    for at in range(width):
        cell = own[at]
        if cell is not None and (text := _one_line(cell)):
            columns[at].append(text)
    return tuple(tuple(dict.fromkeys(texts)) for texts in columns)


def _one_line(text: str) -> str:
    return " ".join(text.split())
