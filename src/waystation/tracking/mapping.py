"""Mappings: what the sheets and columns of a file mean, how sure that is, and why.

A mapping is proposed by `waystation.tracking.forms`, can be written as YAML, edited by a person
and given back; `waystation.tracking.submissions` reads a file by it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What one column of a sheet means.

    Attributes:
        position: Column of the grid, from 0.
        heading: Heading as a reader sees it, merged levels joined by " / ".
        fields: Columns of ``Submissions`` or indicator codes that it feeds; several when a
            figure counts in a total as well, e.g. ``("idp_previously_abroad_individuals",
            "idp_individuals")``. Columns that feed the same indicator are added; a column with
            no field is not used.
        certainty: 0 to 1.
        reason: Why, in words a person can act on.
        hxl: The tag as received, if there was one.
    """

    position: int
    heading: str
    fields: tuple[str, ...] = ()
    certainty: float = 0.0
    reason: str = ""
    hxl: str | None = None

    @property
    def letter(self) -> str:
        """The column's letters in a spreadsheet program, e.g. "AB"."""
        letters, rest = "", self.position + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(ord("A") + digit) + letters
        return letters


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """What one sheet means; row numbers are those of a spreadsheet program, from 1.

    Attributes:
        sheet: Name of the sheet; None where the format has none.
        header_rows: Rows the headings stand in, in order; empty where there are none.
        hxl_row: Row of the HXL tags, if there is one.
        first_row: First row of data.
        last_row: Last row of data, totals and notes below left out; None: to the end.
        skipped_rows: Rows between the two that are totals, sub-headings or notes.
        layout: "table" (headings and rows), "dtm_api" or "dictionary" (m0310_loc_num_idp_ind).
        columns: One for each column of the grid that has a heading or a value.
        country: ISO 3166-1 alpha-3, where one country holds for all rows.
        operation: Name of the operation.
        component: See ``Component``.
        round_number: Where one round holds for all rows.
        reference_date: Where one date holds for all rows.
        stated_totals: Totals that the file states, by indicator code.
        choices: Readings chosen, in words, e.g. why two columns are added.
        certainty: Of the whole reading, 0 to 1.
    """

    sheet: str | None
    first_row: int
    columns: tuple[ColumnMapping, ...]
    header_rows: tuple[int, ...] = ()
    hxl_row: int | None = None
    last_row: int | None = None
    skipped_rows: tuple[int, ...] = ()
    layout: str = "table"
    country: str | None = None
    operation: str | None = None
    component: str | None = None
    round_number: int | None = None
    reference_date: dt.date | None = None
    stated_totals: dict[str, float] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    certainty: float = 0.0

    def fields(self) -> dict[str, list[ColumnMapping]]:
        """Return the columns that feed each field, in the order of the sheet."""
        found: dict[str, list[ColumnMapping]] = {}
        for column in self.columns:
            for name in column.fields:
                found.setdefault(name, []).append(column)
        return found


@dataclass(frozen=True, slots=True)
class FileMapping:
    """What a file means: the sheets to read, and why the others are left out.

    Attributes:
        file: Name of the file, without a folder.
        sheets: Sheets to read.
        left_out: Reason by name of each sheet not read.
    """

    file: str
    sheets: tuple[SheetMapping, ...]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def certainty(self) -> float:
        """The certainty of its least certain sheet; 0 without sheets."""
        return min((sheet.certainty for sheet in self.sheets), default=0.0)

    def as_dict(self) -> dict[str, Any]:
        """Return the mapping as plain values."""
        return asdict(self)
