"""What part of the figures a request wants: keys of dimensions, filters, periods.

Source:
    SDMX REST 1.5 (SDMX 2.1; keys ``A.TCD+SDN..``) and 2.1 (SDMX 3.0; ``*`` for anything, keys
    with commas between, filters ``c[REF_AREA]=TCD,SDN``, ``c[TIME_PERIOD]=ge:2010+le:2020``).
"""

from __future__ import annotations

import datetime as dt
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from typing import Any

import polars as pl

from waystation.errors import InvalidChoice
from waystation.release.sdmx.figures import (
    DIMENSIONS,
    MEASURE,
    OBS_ATTRIBUTES,
    SERIES_DIMENSIONS,
    TIME,
    Figures,
)

MOST_ALTERNATIVES = 2000  # codes of a dimension
MOST_CONDITIONS = 100  # keys side by side, and conditions that are more than a code
_MOST_SHOWN = 60
_COMPARED: dict[str, Callable[[pl.Expr, Any], pl.Expr]] = {
    "eq": lambda column, text: column == text,
    "ne": lambda column, text: column != text,
    "lt": lambda column, text: column < text,
    "le": lambda column, text: column <= text,
    "gt": lambda column, text: column > text,
    "ge": lambda column, text: column >= text,
    "co": lambda column, text: column.str.contains(text, literal=True),
    "nc": lambda column, text: ~column.str.contains(text, literal=True),
    "sw": lambda column, text: column.str.starts_with(text),
    "ew": lambda column, text: column.str.ends_with(text),
}
_OF_TEXT = {"co", "nc", "sw", "ew"}
_PERIOD = re.compile(
    r"(\d{4})(?:-(?:(?:(\d{2})(?:-(\d{2})(?:T[\d:.]{1,20}Z?)?)?)|(?:([AQSTMWD])(\d{1,3}))))?",
    re.ASCII,
)
_MONTHS_IN = {"A": 12, "S": 6, "T": 4, "Q": 3, "M": 1}
Key = Mapping[str, frozenset[str]]
Filter = tuple[str, tuple[tuple[tuple[str, str], ...], ...]]
COMPONENTS = (*DIMENSIONS, MEASURE, *OBS_ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What part of a dataset is wanted.

    Attributes:
        keys: Codes by dimension; a figure is wanted that fits one of them. None wants all.
        filters: By component, alternatives of which one must hold; each is some conditions, all
            of which must hold: an operator and a value.
        start: First day on which a wanted period begins.
        end: Last day on which one begins.
        first: So many observations from the start of each series.
        last: So many from its end.
        offset: So many observations are left out at the beginning of all.
        limit: So many are wanted at most.
    """

    keys: tuple[Key, ...] = ()
    filters: tuple[Filter, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    first: int | None = None
    last: int | None = None
    offset: int = 0
    limit: int | None = None

    def of(self, figures: Figures) -> Figures:
        """Return the figures that are wanted; those of a series together, by time."""
        rows = figures.rows
        conditions = [self._key_condition(), *self._filter_conditions(rows)]
        conditions += self._time_conditions(rows)
        told = [condition for condition in conditions if condition is not None]
        if told:
            rows = rows.filter(*told)
        return replace(figures, rows=self._ends(rows).slice(self.offset, self.limit))

    def _key_condition(self) -> pl.Expr | None:
        if not self.keys or not all(self.keys):
            return None
        any_of = [
            pl.all_horizontal(
                pl.col(name).cast(pl.String).is_in(list(values)) for name, values in key.items()
            )
            for key in self.keys
        ]
        return any_of[0] if len(any_of) == 1 else pl.any_horizontal(any_of)

    def _filter_conditions(self, rows: pl.DataFrame) -> Iterable[pl.Expr]:
        for name, alternatives in self.filters:
            codes = [one[0][1] for one in alternatives if _is_code(name, one)]
            any_of = [
                pl.all_horizontal([_compared(rows, name, how, value) for how, value in parts])
                for parts in alternatives
                if not _is_code(name, parts)
            ]
            if codes:
                any_of.append(pl.col(name).cast(pl.String).is_in(codes))
            yield reduce(operator.or_, any_of).fill_null(value=False)

    def _time_conditions(self, rows: pl.DataFrame) -> Iterable[pl.Expr]:
        if self.start:
            yield _begins(rows) >= self.start
        if self.end:
            yield _begins(rows) <= self.end

    def _ends(self, rows: pl.DataFrame) -> pl.DataFrame:
        if self.first is None and self.last is None:
            return rows
        place = pl.int_range(pl.len()).over(SERIES_DIMENSIONS)
        rest = pl.len().over(SERIES_DIMENSIONS) - 1 - place
        is_wanted = pl.lit(value=False)
        if self.first is not None:
            is_wanted |= place < self.first
        if self.last is not None:
            is_wanted |= rest < self.last
        return rows.filter(is_wanted)


def keys_2_1(written: str) -> tuple[Key, ...]:
    """Return what a key of SDMX 2.1 wants: ``A.TCD+SDN......``, nothing and ``all`` want all.

    Raises:
        InvalidChoice: If it has not one place for each dimension but time.
    """
    if written in {"", "all"}:
        return ()
    parts = written.split(".")
    if len(parts) != len(SERIES_DIMENSIONS):
        raise _impossible("key", written, _places())
    return (_key(parts, "+"),)


def keys_3_0(written: str) -> tuple[Key, ...]:
    """Return what keys of SDMX 3.0 want: ``A.TCD.*,A.SDN.*``; places left out want anything.

    Raises:
        InvalidChoice: If one has more places than there are dimensions.
    """
    if written in {"", "*", "all"}:
        return ()
    keys = [_key(one.split("."), "+", written) for one in written.split(",")]
    if len(keys) > MOST_CONDITIONS:
        raise _impossible("key", written, f"at most {MOST_CONDITIONS} keys")
    return () if not all(keys) else tuple(keys)


def filters_3_0(parameters: Iterable[tuple[str, str]]) -> tuple[Filter, ...]:
    """Return the conditions of parameters such as ``c[REF_AREA]=TCD,SDN``.

    Args:
        parameters: Names and values; other names are passed over. A comma is "or", a plus
            "and", which binds closer; a plus may have become a space.

    Raises:
        InvalidChoice: If a component has no such name, or a condition cannot be understood.
    """
    found: list[Filter] = []
    conditions = 0
    for name, value in parameters:
        if not (name.startswith("c[") and name.endswith("]")):
            continue
        component = name[2:-1]
        if component not in COMPONENTS:
            raise _impossible("component", component, ", ".join(COMPONENTS))
        alternatives = value.split(",")
        if len(alternatives) > MOST_ALTERNATIVES:
            raise _impossible(name[:_MOST_SHOWN], value, f"at most {MOST_ALTERNATIVES} values")
        told = tuple(
            tuple(_condition(component, part) for part in re.split(r"[+ ]", one))
            for one in alternatives
        )
        conditions += sum(len(one) for one in told if not _is_code(component, one))
        if conditions > MOST_CONDITIONS:
            raise _impossible(name, value, f"at most {MOST_CONDITIONS} conditions")
        found.append((component, told))
    return tuple(found)


def first_day(period: str) -> dt.date:
    """Return the first day of a period as a request writes it.

    Raises:
        InvalidChoice: If it is none.
    """
    return _days(period)[0]


def last_day(period: str) -> dt.date:
    """Return the last day of a period as a request writes it.

    Raises:
        InvalidChoice: If it is none.
    """
    return _days(period)[1]


def _condition(component: str, part: str) -> tuple[str, str]:
    how, colon, value = part.partition(":")
    if not colon or how not in _COMPARED:
        how, value = "eq", part
    if not value:
        raise _impossible(f"c[{component}]", part, "values, or operator:value")
    if how not in _OF_TEXT and component == TIME:
        _days(value)
    if component == MEASURE:
        _number(how, value)
    return how, value


def _is_code(component: str, parts: tuple[tuple[str, str], ...]) -> bool:
    """Say whether an alternative is no more than a code."""
    return len(parts) == 1 and parts[0][0] == "eq" and component not in {TIME, MEASURE}


def _number(how: str, value: str) -> float:
    try:
        number = float(value) if how not in _OF_TEXT else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _impossible(f"c[{MEASURE}]", f"{how}:{value}", "ge:10 and the like")
    return number


def _compared(rows: pl.DataFrame, name: str, how: str, value: str) -> pl.Expr:
    if name == MEASURE:
        return _COMPARED[how](pl.col(name), _number(how, value))
    if name == TIME and how not in _OF_TEXT:
        return _compared_time(rows, how, *_days(value))
    return _COMPARED[how](pl.col(name).cast(pl.String), value)


def _key(parts: list[str], between: str, written: str = "") -> dict[str, frozenset[str]]:
    if len(parts) > len(SERIES_DIMENSIONS):
        raise _impossible("key", written, _places())
    key = {}
    for name, part in zip(SERIES_DIMENSIONS, parts, strict=False):
        values = frozenset(part.split(between)) - {""}
        if len(values) > MOST_ALTERNATIVES:
            raise _impossible("key", part, f"at most {MOST_ALTERNATIVES} codes of a dimension")
        if values and "*" not in values:
            key[name] = values
    return key


def _places() -> str:
    return f"keys with the places {'.'.join(SERIES_DIMENSIONS)}"


def _compared_time(rows: pl.DataFrame, how: str, first: dt.date, last: dt.date) -> pl.Expr:
    begins = _begins(rows)
    within = (begins >= first) & (begins <= last)
    told = {
        "eq": within,
        "ne": ~within,
        "lt": begins < first,
        "le": begins <= last,
        "gt": begins > last,
        "ge": begins >= first,
    }
    return told[how]


def _begins(rows: pl.DataFrame) -> pl.Expr:
    """Return the day on which each observation's period begins."""
    periods = rows[TIME].unique().to_list()
    days = [_begin(period) for period in periods]
    return pl.col(TIME).replace_strict(periods, days, default=None, return_dtype=pl.Date)


@lru_cache(maxsize=10_000)
def _begin(period: str) -> dt.date | None:
    try:
        return _days(period.partition("/")[0])[0]
    except InvalidChoice:
        return None


def _days(period: str) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a period: 2015, 2015-03, 2015-Q2, 2015-07-01."""
    found = _PERIOD.fullmatch(period)
    try:
        if found is None:
            raise ValueError(period)
        return _first_and_last(found)
    except (ValueError, OverflowError):
        raise _impossible("period", period, "periods such as 2015, 2015-Q1, 2015-03") from None


def _first_and_last(found: re.Match[str]) -> tuple[dt.date, dt.date]:
    year = int(found[1])
    if found[3]:
        day = dt.date(year, int(found[2]), int(found[3]))
        return day, day
    if found[2]:
        return _months(year, int(found[2]), 1)
    if found[4] is None:
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    number = int(found[5])
    if found[4] == "W":
        return dt.date.fromisocalendar(year, number, 1), dt.date.fromisocalendar(
            year, number, 7
        )
    if found[4] == "D":
        day = dt.date(year, 1, 1) + dt.timedelta(days=number - 1)
        return day, day
    months = _MONTHS_IN[found[4]]
    return _months(year, (number - 1) * months + 1, months)


def _months(year: int, month: int, count: int) -> tuple[dt.date, dt.date]:
    first = dt.date(year, month, 1)
    after = month + count
    if after > 13:
        raise ValueError(month)
    end = dt.date(year, 12, 31) if after == 13 else dt.date(year, after, 1) - dt.timedelta(1)
    return first, end


def _impossible(option: str, sent: str, choices: str) -> InvalidChoice:
    shown = sent if len(sent) <= _MOST_SHOWN else f"{sent[:_MOST_SHOWN]}…"
    return InvalidChoice(value=shown, option=option, choices=choices)
