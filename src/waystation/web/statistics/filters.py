"""What part of a dataset a reader wants, read from the address: never an error page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from waystation.release.sdmx.codes import LANGUAGES, area_names
from waystation.web.statistics.queries import Held

LONGEST = 100
MOST_CHOICES = 600  # beyond, the reader writes what they look for
# Columns that may be chosen by, in the order of the form.
CHOSEN_BY = ("measure", "area", "counterpart", "sex", "age", "breakdown", "period")
ALL_TOGETHER = "*"  # no counterpart: all of them together


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that may be chosen."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form.

    Attributes:
        name: As the address writes it.
        label: What it is called.
        choices: What may be chosen; nothing where there is too much to choose from.
        value: What is chosen.
    """

    name: str
    label: str
    choices: tuple[Choice, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What is wanted of one dataset: a value by column."""

    held: Held
    values: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, held: Held, query: QueryDict) -> Filter:
        """Return what an address wants; names it does not know are passed over."""
        sent = ((name, query.get(name, "")[:LONGEST].strip()) for name in CHOSEN_BY)
        return cls(held, tuple((name, value) for name, value in sent if value))

    def rows(self) -> pl.LazyFrame:
        """Return the rows that are wanted, in their order."""
        rows = self.held.observations()
        present = rows.collect_schema().names()
        for name, value in self.values:
            if name not in present:
                rows = rows.filter(pl.lit(value=False))
            elif name == "breakdown" and value != ALL_TOGETHER:
                rows = rows.filter(pl.col(name).str.contains(value, literal=True))
            elif value == ALL_TOGETHER:
                rows = rows.filter(pl.col(name).is_null())
            else:
                rows = rows.filter(pl.col(name).cast(pl.String) == value)
        return rows

    def fields(self) -> tuple[Field, ...]:
        """Return the form: a field for each column that has more than one value."""
        chosen = dict(self.values)
        words = labels()
        found = []
        for name, values in _distinct(self.held).items():
            if len(values) < 2 and name not in chosen:
                continue
            if len(values) > MOST_CHOICES:
                found.append(Field(name, words[name], (), chosen.get(name, "")))
                continue
            listed = [(v or ALL_TOGETHER, value_label(name, v)) for v in values]
            if name != "period":
                listed.sort(key=lambda pair: (pair[0] != ALL_TOGETHER, pair[1].casefold()))
            known = chosen.get(name, "")
            if known and known not in {value for value, _label in listed}:
                listed.append((known, known))
            choices = tuple(Choice(value, text, value == known) for value, text in listed)
            found.append(Field(name, words[name], choices, known))
        return tuple(found)


def labels() -> Mapping[str, str]:
    """Return what the columns are called."""
    return {
        "measure": _("What is counted"),
        "area": _("Area"),
        "counterpart": _("Of birth, citizenship or origin"),
        "sex": _("Sex"),
        "age": _("Age"),
        "breakdown": _("Further breakdown"),
        "period": _("Year or period"),
    }


def value_label(name: str, value: str | None) -> str:
    """Return what a value of a column is called in the reader's language."""
    if value is None:
        return _("All together")
    if name in {"area", "counterpart"}:
        return area_label(value)
    known = _words().get(name, {})
    if name in {"sex", "age", "unit"}:
        return known.get(value, value)
    return value.replace("_", " ").capitalize() if name == "measure" else value


def _words() -> Mapping[str, Mapping[str, str]]:
    return {
        "sex": {"both": _("Both sexes"), "male": _("Male"), "female": _("Female")},
        "age": {"total": _("All ages")},
        "unit": {"persons": _("persons"), "percent": _("per cent")},
    }


def area_label(area: str) -> str:
    """Return the name of an area in the reader's language; its code where it has none."""
    language = (get_language() or "en")[:2]
    names = area_names(area)
    return names[LANGUAGES.index(language)] if names and language in LANGUAGES else area


def same_everywhere(held: Held) -> Mapping[str, str]:
    """Return the columns that have one value in all rows, and what it is called."""
    return {
        name: value_label(name, values[0])
        for name, values in _distinct(held).items()
        if len(values) == 1 and values[0] is not None and name in {"measure", "sex", "age"}
    }


@lru_cache(maxsize=100)
def _distinct(held: Held) -> Mapping[str, tuple[str | None, ...]]:
    rows = held.observations()
    names = [name for name in CHOSEN_BY if name in rows.collect_schema().names()]
    distinct = rows.select(
        pl.col(name).cast(pl.String).unique().sort(nulls_last=False).implode() for name in names
    )
    row = distinct.collect().row(0, named=True)
    return {name: tuple(row[name]) for name in names}
