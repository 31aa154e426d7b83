"""One mapped sheet as reports: each field by the kind of value it takes."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from waystation.errors import InvalidMapping
from waystation.grids import Grid
from waystation.tracking.indicators import is_indicator
from waystation.tracking.intake.answers import TICKS, coded_answers, ticked_choices
from waystation.tracking.intake.blanks import text_values
from waystation.tracking.intake.dates import dates_from_text
from waystation.tracking.intake.faults import Fault
from waystation.tracking.intake.numbers import numbers_from_columns, whole_numbers_from_text
from waystation.tracking.intake.positions import degrees_from_column, positions_from_column
from waystation.tracking.intake.rows import Rows, report_rows
from waystation.tracking.mapping import ColumnMapping, SheetMapping

_TEXTS = (
    "operation", "admin1_reported_code", "admin2_reported_code", "admin3_reported_code",
    "admin1_name", "admin2_name", "admin3_name", "location_id", "location_name", "enumerator",
    "record_uuid", "origin_admin1_code",
)  # fmt: skip
_ANSWERS = (
    "component", "location_type", "location_status", "displacement_reason", "access",
    "priority_needs",
)  # fmt: skip
_DATES = ("reference_date", "collected_on")
_NUMBERS = ("key_informants", "credibility")
_NO_ORIGIN = ("not available", "unknown", "none")
_CREDIBILITY = {
    "green": 1.0, "high": 1.0, "good": 1.0, "orange": 0.5, "amber": 0.5, "yellow": 0.5,
    "medium": 0.5, "moderate": 0.5, "red": 0.0, "low": 0.0, "poor": 0.0,
}  # fmt: skip
_LEVEL_HEADINGS = ("adminlevel", "admin_level", "admin level")

FIELDS = frozenset(
    {"country", "round_number", "latitude", "longitude", *_TEXTS, *_ANSWERS, *_DATES, *_NUMBERS}
)
"""Columns of ``Submissions`` that a column of a sheet can feed."""


class Sheet:
    """One mapped sheet while it is read: its report rows, and the cells that made trouble.

    Attributes:
        rows: The rows that are reports.
        faults: Cells that could not be read, filled by `reports`.
    """

    def __init__(self, grid: Grid, mapping: SheetMapping) -> None:
        self._mapping = mapping
        self._fields = mapping.fields()
        _require_fields(grid.file, self._fields)
        self._level_column = next(
            (c for c in mapping.columns if c.heading.strip().lower() in _LEVEL_HEADINGS), None
        )
        also = [self._level_column.position] if self._level_column else []
        self.rows: Rows = report_rows(grid, mapping, also)
        self.faults: list[Fault] = []

    def reports(self) -> pl.DataFrame:
        """Return one row a report: the fields given, then one column an indicator."""
        columns = [
            *self._texts(),
            *self._answers(),
            *self._places_and_times(),
            *self._figures(),
        ]
        return pl.DataFrame([self.rows.numbers.alias("row"), *columns])

    def level(self) -> pl.Series | None:
        """Return the admin level that each row states, where the sheet has a column for it."""
        if self._level_column is None:
            return None
        return whole_numbers_from_text(self._cells(self._level_column))[0]

    def _cells(self, column: ColumnMapping) -> pl.Series:
        return self.rows.cells[f"c{column.position}"]

    def _given(self, names: Iterable[str]) -> list[tuple[str, list[ColumnMapping]]]:
        return [(name, self._fields[name]) for name in names if name in self._fields]

    def _fault(
        self, code: str, field: str, column: ColumnMapping, is_faulty: pl.Series
    ) -> None:
        if is_faulty.any():
            texts = self._cells(column)
            self.faults.append(Fault(code, field, column.heading, is_faulty, texts))

    def _texts(self) -> list[pl.Series]:
        found = []
        for name, columns in self._given(("country", *_TEXTS)):
            text = first_given([text_values(self._cells(column)) for column in columns], name)
            if name == "origin_admin1_code":
                text = text.set(
                    text.str.to_lowercase().is_in(_NO_ORIGIN).fill_null(False), None
                )
            if name == "country":
                text = iso3_codes(text)
            found.append(text)
        return found

    def _answers(self) -> list[pl.Series]:
        found = []
        for name, columns in self._given(_ANSWERS):
            answers = [self._answer(name, column) for column in columns]
            if name == "priority_needs" and len(answers) > 1:
                together = pl.DataFrame([a.alias(str(i)) for i, a in enumerate(answers)])
                joined = pl.concat_str(pl.all(), separator=" ", ignore_nulls=True)
                found.append(together.select(joined.replace("", None).alias(name)).to_series())
            else:
                found.append(first_given(answers, name))
        return found

    def _answer(self, name: str, column: ColumnMapping) -> pl.Series:
        cells = self._cells(column)
        if name == "priority_needs" and self._is_choice(column):
            return ticked_choices(cells, column.heading.rpartition("/")[2])
        return coded_answers(text_values(cells), name)

    def _is_choice(self, column: ColumnMapping) -> bool:
        """Return whether a column is one choice of a question, ticked or not."""
        if "/" not in column.heading:
            return False
        values = self._cells(column).drop_nulls().cast(pl.String).unique().str.to_lowercase()
        return values.is_in(TICKS).all()

    def _places_and_times(self) -> list[pl.Series]:
        found = []
        for name, columns in self._given(_DATES):
            dates = []
            for column in columns:
                values, is_faulty = dates_from_text(self._cells(column))
                self._fault("TRK-008", name, column, is_faulty)
                dates.append(values)
            found.append(first_given(dates, name))
        for name, columns in self._given(("round_number",)):
            rounds = []
            for column in columns:
                values, is_faulty = whole_numbers_from_text(self._cells(column))
                self._fault("TRK-003", name, column, is_faulty)
                rounds.append(values)
            found.append(first_given(rounds, name))
            if self._mapping.layout == "dictionary" and "component" not in self._fields:
                found.append(_component_of_round(self._cells(columns[0])))
        return found + self._degrees()

    def _degrees(self) -> list[pl.Series]:
        degrees: dict[str, list[pl.Series]] = {"latitude": [], "longitude": []}
        for name in degrees:
            for column in self._fields.get(name, []):
                if {"latitude", "longitude"} <= set(column.fields):
                    both, is_faulty = positions_from_column(self._cells(column))
                    degrees[name].append(both[name])
                    if name == "longitude":
                        continue
                else:
                    values, is_faulty = degrees_from_column(self._cells(column))
                    degrees[name].append(values)
                self._fault("TRK-003", name, column, is_faulty)
        return [first_given(values, name) for name, values in degrees.items() if values]

    def _figures(self) -> list[pl.Series]:
        given = self._given([*_NUMBERS, *(n for n in self._fields if n not in FIELDS)])
        by_position = {c.position: (name, c) for name, cs in reversed(given) for c in cs}
        cells = self.rows.cells.select(f"c{position}" for position in by_position)
        if "credibility" in self._fields:
            cells = cells.with_columns(
                _credibility_as_number(self._cells(c)) for c in self._fields["credibility"]
            )
        numbers, faulty = numbers_from_columns(cells)
        for position, (name, column) in by_position.items():
            if f"c{position}" in faulty:
                self._fault("TRK-003", name, column, faulty[f"c{position}"])
        sums = [_added([f"c{c.position}" for c in columns]).alias(n) for n, columns in given]
        found = numbers.select(sums)
        if "credibility" in found.columns:
            found = found.with_columns(_as_share(found["credibility"]))
        return found.get_columns()


def first_given(columns: list[pl.Series], name: str) -> pl.Series:
    """Return the first value that is not null, of columns in their order."""
    if len(columns) == 1:
        return columns[0].alias(name)
    frame = pl.DataFrame([column.alias(str(i)) for i, column in enumerate(columns)])
    return frame.select(pl.coalesce(pl.all()).alias(name)).to_series()


def iso3_codes(texts: pl.Series) -> pl.Series:
    """Return codes or names of countries as ISO 3166-1 alpha-3; null where not known."""
    if texts.str.contains(r"^[A-Z]{3}$").all():
        return texts
    from waystation.geography.countries import iso3_by_text

    return iso3_by_text(texts)


def _added(names: list[str]) -> pl.Expr:
    """Return the sum of columns; null only where all are, since blank is not zero."""
    if len(names) == 1:
        return pl.col(names[0])
    is_given = pl.any_horizontal(pl.col(names).is_not_null())
    return pl.when(is_given).then(pl.sum_horizontal(names))


def _credibility_as_number(cells: pl.Series) -> pl.Series:
    """Return words of a credibility score as numbers, percentages without their sign."""
    if cells.dtype != pl.String:
        return cells
    plain = cells.str.strip_chars().str.to_lowercase()
    words = plain.replace_strict(
        list(_CREDIBILITY), [str(v) for v in _CREDIBILITY.values()], default=None
    )
    return first_given([words, cells.str.replace(r"\s*%\s*$", "")], cells.name)


def _as_share(scores: pl.Series) -> pl.Series:
    """Return scores as shares of the top of their scale: 1, 5, 10 or 100."""
    top = scores.max()
    if not isinstance(top, float) or top <= 1:
        return scores
    scale = next((scale for scale in (5, 10, 100) if top <= scale), 1)
    return scores / scale


def _component_of_round(cells: pl.Series) -> pl.Series:
    """Return the component that a round of the dictionary begins with: "B1_04", "B2_01"."""
    codes = {"B1": "baseline_area", "B2": "baseline_location"}
    start = cells.cast(pl.String).str.extract(r"^\s*(B[12])", 1)
    return start.replace_strict(codes, default=None, return_dtype=pl.String).alias("component")


def _require_fields(file: str, fields: Iterable[str]) -> None:
    unknown = [name for name in fields if name not in FIELDS and not is_indicator(name)]
    if unknown:
        raise InvalidMapping(
            file=file,
            reason=f"the mapping names fields that do not exist: {', '.join(sorted(unknown))}",
            action="Use columns of the table Submissions or codes of the indicator dictionary",
        )
