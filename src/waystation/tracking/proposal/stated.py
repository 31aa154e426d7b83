"""Totals that a file states outside its tables: on summary and note sheets, in titles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from waystation.grids import Grid
from waystation.tracking.proposal.cells import is_number
from waystation.tracking.proposal.vocabulary import Heading, heading_of, western_digits

_IN_TEXT = re.compile(
    r"(?<![\d.,])\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?!\d)|(?<![\d.,])\d{3,}(?![\d,])"
)
_SMALLEST = 100  # smaller numbers are met by chance
_NEAR = 0.2  # a total stated that differs by more is about something else
_MOST_CELLS = 60_000  # larger sheets are tables, not notes


@dataclass(frozen=True, slots=True)
class Statement:
    """A number a file states.

    Attributes:
        value: The number.
        sheet: Name of the sheet; None: in the rows above the table itself.
        label: The words beside and above it.
    """

    value: float
    sheet: str | None
    label: str

    @property
    def where(self) -> str:
        """Where it stands, in words."""
        return f"in sheet {self.sheet!r}" if self.sheet else "above the table"

    @property
    def says(self) -> Heading:
        """What the words beside the number name."""
        return heading_of(self.label)


@dataclass(slots=True)
class Statements:
    """The numbers a file states, by value."""

    by_value: dict[int, list[Statement]] = field(default_factory=dict)

    def of(self, value: float, *, but: str | None = None) -> Statement | None:
        """Return a statement of a value on another sheet, None where there is none.

        Args:
            value: The sum looked for.
            but: The sheet whose own rows make the sum.
        """
        if value < _SMALLEST or abs(value - round(value)) > 0.01:
            return None
        found = [
            s for s in self.by_value.get(round(value), ()) if s.sheet is None or s.sheet != but
        ]
        # The longest label says most about what is counted.
        return max(found, key=lambda one: len(one.says.concepts), default=None)

    def near(self, value: float) -> Statement | None:
        """Return the only total of IDPs stated that is near a value and is not it."""
        found = {
            s.value: s
            for s in self.all()
            if 0.5 <= abs(s.value - value) <= _NEAR * value
            and heading_of(s.sheet or "").has("sheet.notes", "sheet.summary")
            and s.says.has("mark.total")
            and s.says.has("subject.idp")
            and not s.says.has("subject.returnee", "unit.households", "mark.previous")
            and not s.says.rounds
        }
        return next(iter(found.values())) if len(found) == 1 else None

    def add(self, statement: Statement) -> None:
        """Record a statement."""
        self.by_value.setdefault(round(statement.value), []).append(statement)

    def all(self) -> list[Statement]:
        """Return every statement, in the order found."""
        return [one for found in self.by_value.values() for one in found]


def statements_of(grids: list[Grid]) -> Statements:
    """Return the numbers stated on the smaller sheets of a file."""
    found = Statements()
    for grid in grids:
        if grid.cells.height * grid.cells.width <= _MOST_CELLS and len(grids) > 1:
            _add_sheet(found, grid)
    return found


def add_titles(found: Statements, grid: Grid, head: int) -> None:
    """Record the numbers stated above a table.

    Args:
        found: The statements, added to.
        grid: The sheet.
        head: First row of its headings, from 0.
    """
    _add_rows(found, grid.cells.head(head).rows(), None)


def _add_sheet(found: Statements, grid: Grid) -> None:
    _add_rows(found, grid.cells.rows(), grid.sheet)


def _add_rows(found: Statements, rows: list[tuple[str | None, ...]], sheet: str | None) -> None:
    for at, row in enumerate(rows):
        if all(cell is None for cell in row):
            continue
        beside = next((c for c in row if c is not None and not is_number(c)), "")
        for column, cell in enumerate(row):
            if cell is None:
                continue
            if not is_number(cell):
                for value in _in_text(cell):
                    found.add(Statement(value, sheet, _one_line(cell)))
            elif (value := _value(cell)) >= _SMALLEST:
                above = _text_above(rows, at, column)
                label = " / ".join(dict.fromkeys(t for t in (beside, above) if t))
                found.add(Statement(value, sheet, _one_line(label)))


def _text_above(rows: list[tuple[str | None, ...]], at: int, column: int) -> str:
    for up in range(at - 1, max(at - 40, -1), -1):
        cell = rows[up][column]
        if cell is not None and not is_number(cell):
            return cell
    return ""


def _in_text(text: str) -> list[float]:
    """Return the numbers of at least three digits in a text, years left out."""
    if len(text) > 5_000:
        text = text[:5_000]
    values = [_value(number) for number in _IN_TEXT.findall(western_digits(text))]
    return [v for v in values if v >= _SMALLEST and not 1950 <= v <= 2049]


def _value(text: str) -> float:
    bare = re.sub(r"[^\d.\-]", "", western_digits(text).replace("٬", "").replace(",", ""))
    try:
        return float(bare)
    except ValueError:
        return 0.0


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:157]}..."
