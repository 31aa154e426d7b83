"""The files that offices send: workbooks with merged headings, csv files, tool exports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from waystation.tracking.exercise.country import ISO3, Country
from waystation.tracking.exercise.headings import KOBO_VALUES, value_of
from waystation.tracking.exercise.injection import Injector
from waystation.tracking.exercise.layouts import Layout, headings_of, tags_of
from waystation.tracking.exercise.people import NEEDS
from waystation.tracking.exercise.reports import Draft

CREATED = dt.datetime(2026, 10, 1, tzinfo=dt.UTC).replace(tzinfo=None)
CODED = ("location_type", "location_status", "access", "need_1", "need_2", "need_3")


@dataclass(frozen=True, slots=True)
class Sent:
    """Where each draft row stands; file is empty for a row that was not sent."""

    file: np.ndarray
    row: np.ndarray
    files: dict[tuple[int, int], str]


def write_field_files(
    inject: Injector,
    folder: Path,
    *,
    progress: Callable[[str, int, int], None] | None = None,
) -> Sent:
    """Write one file for each office and round, and return where each row stands."""
    folder.mkdir(parents=True, exist_ok=True)
    # Files of an earlier exercise would be taken for reports of this one.
    for old in folder.glob(f"{ISO3.lower()}_*_baseline_round_*"):
        old.unlink()
    draft, offices = inject.draft, inject.offices
    file = np.full(len(draft), "", dtype=object)
    number = np.zeros(len(draft), dtype=int)
    files: dict[tuple[int, int], str] = {}
    for office, o in enumerate(offices):
        for index, date in enumerate(inject.history.dates):
            if progress is not None:
                done = office * len(inject.history.dates) + index
                progress("Writing field files", done, len(offices) * len(inject.history.dates))
            mask = (draft.office == office) & (draft.round_index == index) & draft.is_sent
            rows = np.flatnonzero(mask)
            if not len(rows):
                continue
            rows = rows[np.argsort(draft.order[rows], kind="stable")]
            name = _file_name(o.folder_name, index, date, o.layout.suffix)
            page = _Page(inject, o.layout_in(index), rows, office, index, date)
            page.write(folder / name)
            file[rows] = name
            number[rows] = o.layout.first_row + np.arange(len(rows))
            files[office, index] = name
    return Sent(file, number, files)


def _file_name(office: str, index: int, date: dt.date, suffix: str) -> str:
    return f"{ISO3.lower()}_{office}_baseline_round_{index + 1:02d}_{date:%Y-%m}.{suffix}"


class _Page:
    """One file: its columns as lists of cells, and the way its layout writes them."""

    def __init__(
        self, inject: Injector, layout: Layout, rows: np.ndarray,
        office: int, index: int, date: dt.date,
    ) -> None:  # fmt: skip
        self.layout, self.rows, self.date = layout, rows, date
        self.headings = headings_of(layout, inject.country.level(1))
        self.draft: Draft = inject.draft
        self.country: Country = inject.country
        self.index = index
        self.tags_are_shifted = (office, index) in inject.shifted_tags
        self.total_is_wrong = (office, index) in inject.wrong_totals

    def write(self, path: Path) -> None:
        if self.layout.suffix == "csv":
            self._write_csv(path)
        else:
            self._write_workbook(path)

    def cells(self, field: str) -> list[Any]:
        """Return the cells of a field: numbers, texts, dates, None where blank."""
        if field in self.draft.numbers:
            values = self.draft.numbers[field][self.rows].tolist()
            found: list[Any] = [_number(v) for v in values]
            if self.draft.texts:
                texts = self.draft.texts
                found = [
                    texts.get((row, field), v)
                    for row, v in zip(self.rows.tolist(), found, strict=True)
                ]
            return found
        words: list[Any] = self.draft.words[field][self.rows].tolist()
        if field in CODED and self.layout.name != "kobo":
            return [value_of(field, w, self.layout.language) for w in words]
        return words

    def _write_csv(self, path: Path) -> None:
        kobo, comma = self.layout.name == "kobo", self.layout.separator == ";"
        columns: dict[str, list[str | None]] = {}
        for field, (_, heading) in zip(self.layout.fields, self.headings, strict=True):
            cells = self._kobo_cells(field) if kobo else self.cells(field)
            columns[heading] = [_as_csv(c, comma=comma) for c in cells]
        if kobo:
            columns |= self._kobo_choices()
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        text = frame.write_csv(
            separator=self.layout.separator,
            null_value="NULL" if kobo else "",
            line_terminator="\r\n" if comma else "\n",
        )
        path.write_bytes(text.encode(self.layout.encoding))

    def _kobo_cells(self, field: str) -> list[Any]:
        count = len(self.rows)
        if field == "admin0":
            return [ISO3] * count
        if field == "round_number":
            return [f"B2_{int(v):02d}" for v in self.cells(field)]
        if field == "gps":
            pairs = zip(self.cells("latitude"), self.cells("longitude"), strict=True)
            return [f"{p[0]} {p[1]} 412.5 4.9" if p[0] is not None else None for p in pairs]
        if field == "collected_on":
            return [
                f"{c} 00:00:00.000000" if isinstance(c, dt.date) else c or "NaT"
                for c in self.cells(field)
            ]
        if field == "priority_needs":
            names = KOBO_VALUES["need"]
            three = zip(
                *(self.draft.words[f"need_{i}"][self.rows] for i in (1, 2, 3)), strict=True
            )
            return [
                " ".join(names.get(n, n) for n in needs if n is not None) or None
                for needs in three
            ]
        if field in KOBO_VALUES:
            return [KOBO_VALUES[field].get(w, w) for w in self.cells(field)]
        return self.cells(field)

    def _kobo_choices(self) -> dict[str, list[str | None]]:
        """Return the 0/1 column a tool adds for each choice of a multiple question."""
        answers = self._kobo_cells("priority_needs")
        heading = "s2878_loc_top_3_priority_need_idp"
        codes = sorted(KOBO_VALUES["need"].get(n, n) for n in NEEDS)
        return {
            f"{heading}/{code}": [
                None if a is None else str(int(code in a.split())) for a in answers
            ]
            for code in codes
        }

    def _write_workbook(self, path: Path) -> None:
        import xlsxwriter

        with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
            book.set_properties({"created": CREATED, "title": path.stem})
            bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            sheet = book.add_worksheet(self.layout.sheet)
            self._write_headings(sheet, bold)
            first = self.layout.first_row - 1
            for at, field in enumerate(self.layout.fields):
                _write_column(sheet, first, at, self.cells(field), day)
            if self.layout.name == "workbook_en":
                self._write_notes(book, bold)
                self._write_summary(book, bold)
            elif self.layout.name == "workbook_fr":
                self._write_total_row(sheet, bold)

    def _write_headings(self, sheet: Any, bold: Any) -> None:
        texts = [heading for _, heading in self.headings]
        if self.layout.name == "workbook_en":
            at = 0
            while at < len(self.headings):
                group = self.headings[at][0]
                end = at
                while end + 1 < len(self.headings) and self.headings[end + 1][0] == group:
                    end += 1
                if end > at:
                    sheet.merge_range(0, at, 0, end, group, bold)
                else:
                    sheet.write_string(0, at, group, bold)
                at = end + 1
            sheet.write_row(1, 0, texts, bold)
            sheet.write_row(2, 0, tags_of(self.layout))
        elif self.layout.name == "workbook_fr":
            sheet.write_row(0, 0, texts, bold)
            tags = tags_of(self.layout)
            sheet.write_row(1, 0, [tags[-1], *tags[:-1]] if self.tags_are_shifted else tags)
        else:
            sheet.right_to_left()
            title = f"مصفوفة تتبع النزوح - الجولة {self.index + 1}"
            sheet.merge_range(0, 0, 0, 5, title, bold)
            sheet.write_row(2, 0, texts, bold)
        sheet.freeze_panes(self.layout.first_row - 1, 0)

    def _sum(self, field: str) -> int | float:
        values = self.draft.numbers[field][self.rows]
        return _number(float(np.nansum(values))) or 0

    def _stated_total(self) -> int | float:
        total = self._sum("idp_individuals")
        return round(total * 1.09) + 13 if self.total_is_wrong else total

    def _write_total_row(self, sheet: Any, bold: Any) -> None:
        row = self.layout.first_row - 1 + len(self.rows)
        sheet.write_string(row, self.layout.fields.index("admin1_name"), "TOTAL", bold)
        for field in ("idp_households", "idp_individuals", "returnee_individuals"):
            sheet.write_number(row, self.layout.fields.index(field), self._sum(field), bold)

    def _write_notes(self, book: Any, bold: Any) -> None:
        sheet = book.add_worksheet("Notes")
        lines: list[tuple[str, Any]] = [
            ("Displacement tracking: baseline assessment of locations", None),
            ("Country", f"Waystation Land ({ISO3}), a made-up country"),
            ("Round", self.index + 1),
            ("Reference date", f"{self.date:%Y-%m-%d}"),
            ("Total IDPs (individuals)", self._stated_total()),
            ("IDPs include those previously abroad; that column is a part of the total.", None),
            ("Figures are given by key informants and are estimates.", None),
        ]
        for row, (label, value) in enumerate(lines):
            sheet.write_string(row, 0, label, bold)
            if value is not None:
                sheet.write(row, 1, value)

    def _write_summary(self, book: Any, bold: Any) -> None:
        sheet = book.add_worksheet("Summary")
        heads = ["Row Labels", "Count of locations", "Sum of IDP households",
                 "Sum of IDP individuals"]  # fmt: skip
        sheet.write_row(2, 0, heads, bold)
        frame = pl.DataFrame(
            {
                "unit": [n or "(blank)" for n in self.cells("admin2_name")],
                "households": self.draft.numbers["idp_households"][self.rows],
                "persons": self.draft.numbers["idp_individuals"][self.rows],
            },
            schema={"unit": pl.String, "households": pl.Float64, "persons": pl.Float64},
        ).fill_nan(0)
        table = (
            frame.group_by("unit").agg(pl.len(), pl.sum("households", "persons")).sort("unit")
        )
        for at, row in enumerate(table.rows()):
            sheet.write_row(3 + at, 0, row)
        total = [
            "Grand Total",
            len(self.rows),
            self._sum("idp_households"),
            self._stated_total(),
        ]
        sheet.write_row(3 + table.height, 0, total, bold)


def _number(value: float) -> int | float | None:
    if value != value:
        return None
    return int(value) if value.is_integer() else value


def _as_csv(cell: Any, *, comma: bool) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, dt.date):
        return f"{cell:%d/%m/%Y}" if comma else cell.isoformat()
    if isinstance(cell, float):
        return repr(cell).replace(".", ",") if comma else repr(cell)
    if comma and isinstance(cell, int) and cell >= 1000:
        return f"{cell:,}".replace(",", "\u00a0")
    return str(cell)


def _write_column(sheet: Any, first: int, column: int, cells: list[Any], day: Any) -> None:
    for at, cell in enumerate(cells, start=first):
        if isinstance(cell, str):
            sheet.write_string(at, column, cell)
        elif isinstance(cell, dt.date):
            sheet.write_datetime(at, column, cell, day)
        elif cell is not None:
            sheet.write_number(at, column, cell)
