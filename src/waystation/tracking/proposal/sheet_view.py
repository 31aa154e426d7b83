"""One sheet as the proposal sees it: its cells, headings, and what its columns hold."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from waystation.grids import Grid
from waystation.tracking.mapping import ColumnMapping
from waystation.tracking.proposal.cells import Column, columns_of, numbers
from waystation.tracking.proposal.headers import Header, header_of
from waystation.tracking.proposal.vocabulary import Heading, heading_of, plain

_PREFIX = re.compile(r"([^:：]{3,}?)\s*[:：]\s*(\S.*)")
_LEVEL = re.compile(r"(?:adm(?:in)?|niveau|level|nivel|المستوي)[\s_\-]*([0-5])(?!\d)")


@dataclass(slots=True)
class SheetView:
    """A sheet with its headings and what its columns hold.

    Attributes:
        grid: The cells as received.
        header: Where the headings stand.
        columns: What each column holds, from the rows below the headings.
        own: Each column's own heading.
        groups: The headings of the groups each column stands in, from the outermost.
        about: What the sheet's name, its titles and the file's name say together.
        skipped: Rows of the grid that are totals, sub-headings or notes.
        last: Last row of data, in the grid.
        mapped: What the columns mean, as far as told.
        grand_totals: Rows of the grid that state the total of all rows.
    """

    grid: Grid
    header: Header
    columns: list[Column]
    own: list[Heading]
    groups: list[tuple[Heading, ...]]
    about: Heading
    skipped: set[int] = field(default_factory=set)
    last: int = 0
    mapped: dict[int, ColumnMapping] = field(default_factory=dict)
    grand_totals: tuple[int, ...] = ()
    _numbers: dict[int, pl.Series] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Rows of data: totals, sub-headings and notes left out."""
        return max(self.last + 1 - self.header.first, 0) - len(self.skipped)

    def body(self, positions: list[int]) -> pl.DataFrame:
        """Return columns in the rows of data, as received."""
        cells = self.grid.cells.select(pl.nth(positions))[self.header.first : self.last + 1]
        return cells if not self.skipped else cells.filter(self._kept(cells.height))

    def _kept(self, height: int) -> pl.Series:
        """Return for rows from the first on whether they are data."""
        first = self.header.first
        return pl.Series([first + i not in self.skipped for i in range(height)])

    def numbers(self, position: int) -> pl.Series:
        """Return a column's figures in the rows of data, null where a cell is no number."""
        if position not in self._numbers:
            body = self.grid.cells.to_series(position)[self.header.first : self.last + 1]
            figures = numbers(body)
            if self.skipped:
                figures = figures.filter(self._kept(len(figures)))
            self._numbers[position] = figures
        return self._numbers[position]

    def total(self, position: int) -> float:
        """Return the sum of a column's figures in the rows of data."""
        return float(self.numbers(position).sum() or 0.0)

    def text(self, position: int) -> pl.Series:
        """Return a column's cells in the rows of data."""
        return self.body([position]).to_series()

    def forget_numbers(self) -> None:
        """Drop the figures read so far, after rows of totals have been found."""
        self._numbers.clear()

    def has(self, position: int, *concepts: str) -> bool:
        """Return whether a column's own heading or a group's names one of the concepts."""
        return self.own[position].has(*concepts) or any(
            group.has(*concepts) for group in self.groups[position]
        )

    def heading(self, position: int) -> str:
        """Return a column's heading, or its tag where the sheet has tags only."""
        return self.header.heading(position) or self.header.tags[position] or ""

    def level(self, position: int) -> int | None:
        """Return the administrative level a column's heading states as a number."""
        found = _LEVEL.search(plain(self.own[position].text))
        return int(found[1]) if found else None

    def use(
        self, position: int, fields: tuple[str, ...], certainty: float, reason: str
    ) -> ColumnMapping:
        """Record what a column means."""
        mapping = ColumnMapping(
            position=position,
            heading=self.heading(position),
            fields=fields,
            certainty=round(certainty, 2),
            reason=reason,
            hxl=self.header.tags[position],
        )
        self.mapped[position] = mapping
        return mapping

    def positions(self, name: str) -> list[int]:
        """Return the columns that feed a field, in order."""
        return sorted(at for at, column in self.mapped.items() if name in column.fields)


def _with_prefixes(header: Header) -> list[tuple[str, ...]]:
    """Return each column's headings, what several begin with before a colon as their group.

    A sheet with tags only has the tags' words for headings.
    """
    if not header.rows:
        words = [tag.replace("#", " ").replace("+", " ") if tag else "" for tag in header.tags]
        return [(text,) if text else () for text in words]
    parts = [_PREFIX.fullmatch(levels[-1]) if levels else None for levels in header.levels]
    counts = Counter(found[1] for found in parts if found)
    return [
        (*levels[:-1], found[1], found[2]) if found and counts[found[1]] > 1 else levels
        for levels, found in zip(header.levels, parts, strict=True)
    ]


def view_of(grid: Grid, file_words: str) -> SheetView | None:
    """Return a sheet as the proposal sees it, or None where no column holds numbers.

    Args:
        grid: The cells as received.
        file_words: Name of the file, which often says what the sheet is about.
    """
    header = header_of(grid)
    if header is None:
        return None
    own: list[Heading] = []
    groups: list[tuple[Heading, ...]] = []
    for levels in _with_prefixes(header):
        own.append(heading_of(levels[-1]) if levels else Heading(""))
        groups.append(tuple(heading_of(text) for text in levels[:-1]))
    about = " ".join([*header.titles[:6], grid.sheet or "", file_words])
    return SheetView(
        grid=grid,
        header=header,
        columns=columns_of(grid.cells, header.first),
        own=own,
        groups=groups,
        about=heading_of(about),
        last=grid.cells.height - 1,
    )
