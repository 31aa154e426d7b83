"""What a report is made of: plain values that a PDF and a page can be set from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

# A cell of digits, signs, per cent, or a dash: set to the end of its column.
FIGURE = re.compile(
    r"^[\u200e\u2066-\u2069]*[+−–-]?[\d.,٬٫\s\u202f\u00a0]*[%٪]?\u061c?\*?[\u200e\u2069]*$"
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of written cells.

    Attributes:
        caption: What it shows.
        headings: One a column; the first column names the row.
        rows: Cells as written, ready to print.
        unsure: For each row, whether more than half of its figure was not observed.
        note: A line below, empty for none.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    unsure: tuple[bool, ...] = ()
    note: str = ""

    @property
    def figure_columns(self) -> tuple[bool, ...]:
        """Return for each column whether it holds figures, to be set to its end."""
        return tuple(
            place > 0 and any(FIGURE.match(row[place]) for row in self.rows)
            for place in range(len(self.headings))
        )

    def is_unsure(self, row: int) -> bool:
        """Return whether a row is marked."""
        return row < len(self.unsure) and self.unsure[row]


@dataclass(frozen=True, slots=True)
class Legend:
    """What one fill of a chart means."""

    fill: str
    label: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A chart with its words, or the sentence that stands where there is nothing to draw.

    Attributes:
        name: Short name, for files and anchors.
        title: What is found.
        subtitle: Measure and unit.
        source: Source and as-of line.
        spec: The chart; null where there is nothing to draw.
        legend: What the fills mean.
        sentence: Said instead of an empty chart.
        table: The same figures as a table.
    """

    name: str
    title: str = ""
    subtitle: str = ""
    source: str = ""
    spec: dict[str, Any] | None = None
    legend: tuple[Legend, ...] = ()
    sentence: str = ""
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure of the first page: what it is, the figure, and what to know of it."""

    label: str
    value: str
    note: str = ""
    is_unsure: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report under one heading."""

    name: str
    heading: str
    exhibits: tuple[Exhibit, ...] = ()
    tables: tuple[Table, ...] = ()
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report in one language.

    Attributes:
        language: en, fr, es or ar.
        direction: ltr or rtl.
        title: e.g. "Displacement in Westmark".
        operation: Name of the operation.
        round_label: e.g. "Round 9 (May 2026)"; empty where nothing was reported.
        as_of: e.g. "As of 23 May 2026"; empty where nothing was reported.
        headlines: Figures of the first page.
        sentences: The three sentences of the first page.
        map: The map of the first page.
        sections: The rest, in order.
        sources: One line a source.
        disclaimer: The line on boundaries.
        words: Fixed words a page needs, by name.
    """

    language: str
    direction: str
    title: str
    operation: str
    round_label: str
    as_of: str
    headlines: tuple[Headline, ...]
    sentences: tuple[str, ...]
    map: Exhibit
    sections: tuple[Section, ...]
    sources: tuple[str, ...]
    disclaimer: str
    words: dict[str, str] = field(default_factory=dict)

    def exhibits(self) -> list[Exhibit]:
        """Return every exhibit in order, the map first."""
        return [self.map, *(e for section in self.sections for e in section.exhibits)]
