"""The matrix as a table: levels, rounds, indicators, filters; this very view as a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

import polars as pl
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from waystation.release.reading.wide import (
    LOCATIONS,
    NAMES,
    NOT_ASSESSED,
    NOT_REPORTED,
    Column,
    Narrowing,
    WideTable,
    wide_table,
)
from waystation.release.report.figures import HEADLINES
from waystation.tracking.cells import CODES, CellStatus
from waystation.web.tracking.forms.closer import TableForm
from waystation.web.tracking.views.closer.downloads import edition_files
from waystation.web.tracking.views.closer.files import csv_answer, xlsx_answer
from waystation.web.tracking.views.closer.reading import (
    Choices,
    Reading,
    level_word,
    reading_of,
)

# Pages of very wide tables are shorter, so that they stay light.
PAGE, SMALLEST_PAGE, MOST_CELLS = 200, 25, 4000
MOST_COLUMNS = 240
SHOWN = ("code", "above")


@dataclass(frozen=True)
class Asked:
    """The table that a reader asked for.

    Attributes:
        reading: Who reads.
        form: What was asked.
    """

    reading: Reading
    form: TableForm

    @classmethod
    def of(cls, request: HttpRequest, slug: str) -> Asked:
        """Read what was asked for."""
        reading = reading_of(request, slug)
        return cls(
            reading,
            TableForm(request.GET, offered=_offered(reading), defaults=_defaults(reading)),
        )

    @property
    def level(self) -> int | str:
        """Return the level of the rows."""
        level = str(self.form.chosen("level"))
        return level if level == LOCATIONS else int(level)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns of figures: rounds by date, within each the indicators."""
        keys = set(self.form.chosen("round") or ())
        codes = list(self.form.chosen("indicator") or ())
        moments = [m for m in self.reading.moments if m.key in keys]
        ordered = [code for code in self.reading.indicators if code in codes]
        return tuple(Column(c, m) for m in moments for c in ordered)[:MOST_COLUMNS]

    @property
    def sort(self) -> str:
        """Return what rows are sorted by."""
        return str(self.form.chosen("sort") or "name")

    @cached_property
    def table(self) -> WideTable:
        """Return the rows that are left."""
        chosen = self.form.chosen
        source = "matrix" if self.level == LOCATIONS else "totals"
        edition = self.reading.edition
        rows = edition.scan(source) if self.level == LOCATIONS else edition.frame(source).lazy()
        return wide_table(
            rows,
            edition.frame("units"),
            level=self.level,
            columns=self.columns,
            narrowing=Narrowing(
                unit=chosen("unit") or "",
                search=(chosen("q") or "").strip(),
                minimum=chosen("minimum"),
                status=chosen("status") or "",
                sort=self.sort,
            ),
            language=self.reading.language,
        )

    @property
    def is_shown(self) -> set[str]:
        """Return which of the columns beside the figures are shown."""
        return set(self.form.chosen("show") or ())


def _offered(reading: Reading) -> dict[str, Choices]:
    levels: Choices = [(LOCATIONS, level_word(LOCATIONS))]
    if reading.edition.frame("locations").is_empty():
        levels = []
    levels += [(str(n), level_word(n)) for n in sorted(reading.levels, reverse=True)]
    units: Choices = [("", _("Everywhere"))]
    units += [(level_word(n), reading.unit_choices(n)) for n in (1, 2) if n in reading.levels]
    return {
        "level": levels,
        "round": reading.round_choices(),
        "indicator": reading.indicator_choices(),
        "unit": units,
        "status": [
            ("", _("Any")),
            (CellStatus.OBSERVED.value, _("observed")),
            (CellStatus.CORRECTED.value, _("corrected after it was sent")),
            (CellStatus.ESTIMATED.value, _("estimated")),
            (CellStatus.CARRIED_FORWARD.value, _("carried forward")),
            (NOT_REPORTED, _("not reported")),
            (NOT_ASSESSED, _("not assessed")),
        ],
        "show": [("code", _("Code")), ("above", _("Units above")), ("status", _("How sure"))],
    }


def _defaults(reading: Reading) -> dict[str, Any]:
    headlines = [c for c in HEADLINES if c in reading.indicators][:3]
    has_locations = not reading.edition.frame("locations").is_empty()
    return {
        "level": LOCATIONS if has_locations else str(max(reading.levels)),
        "round": [reading.latest.key],
        "indicator": headlines or list(reading.indicators[:1]),
        "show": list(SHOWN),
    }


@require_GET
def table(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the matrix as a table."""
    asked = Asked.of(request, slug)
    found = asked.table
    size = max(SMALLEST_PAGE, min(PAGE, MOST_CELLS // max(len(found.columns), 1)))
    page = page_of(Paginator(range(found.rows.height), size), request.GET.get("page"))
    shown = found.rows.slice(page.start_index() - 1 if found.rows.height else 0, size)
    units_above = [n for n in (1, 2, 3) if shown[NAMES[n - 1]].count() and n != asked.level]
    context = asked.reading.context(
        "table",
        form=asked.form,
        page=page,
        heads=[_head(asked, n, column) for n, column in enumerate(found.columns)],
        name_head=_sort_head(asked, "name", level_word(asked.level)),
        above=[level_word(n) for n in units_above] if "above" in asked.is_shown else [],
        rows=_rows(asked, shown, units_above),
        sums=found.sums,
        has_code="code" in asked.is_shown,
        has_status="status" in asked.is_shown,
        count=found.rows.height,
        is_chosen=not {"round", "indicator", "show"}.isdisjoint(request.GET),
        files=edition_files(asked.reading),
        csv_url=_file_url(asked, "csv"),
        xlsx_url=_file_url(asked, "xlsx"),
        is_cut=len(found.columns) == MOST_COLUMNS,
    )
    return render(request, "tracking/closer/table.html", context, status=asked.form.answer)


def page_of(paginator: Paginator[Any], number: str | None) -> Page[Any]:
    """Return a page: the first where the number is none, the last where it is too large."""
    try:
        return paginator.page(number or 1)
    except PageNotAnInteger:
        return paginator.page(1)
    except EmptyPage:
        return paginator.page(paginator.num_pages)


def _rows(asked: Asked, shown: pl.DataFrame, above: list[int]) -> list[dict[str, Any]]:
    reading, columns = asked.reading, asked.columns
    states = dict(asked.form.fields["status"].choices)  # type: ignore[attr-defined]  # a field of choices
    rows = []
    for row in shown.iter_rows(named=True):
        code = row["code"]
        cells = [
            {
                "value": row[f"v{n}"],
                "status": row[f"s{n}"],
                "status_label": states.get(row[f"s{n}"], ""),
                "trail": f"{_trail_of(code)}{suffix}" if code else "",
            }
            for n, suffix in enumerate(_suffixes(columns))
        ]
        rows.append(
            {
                "code": code,
                "name": row["name"] or code,
                "url": f"{reading.address('place', '-').removesuffix('-')}{_quoted(code)}"
                if code
                else "",
                "above": [row[NAMES[n - 1]] for n in above]
                if "above" in asked.is_shown
                else [],
                "cells": cells,
            }
        )
    return rows


def _trail_of(code: str) -> str:
    return f"?place={_quoted(code)}"


def _suffixes(columns: tuple[Column, ...]) -> list[str]:
    return [f"&indicator={c.indicator}&round={c.moment.key}" for c in columns]


def _quoted(code: str) -> str:
    return quote(code, safe="/")


def _head(asked: Asked, number: int, column: Column) -> dict[str, Any]:
    label = asked.reading.indicator_label(column.indicator)
    head = _sort_head(asked, f"v{number}", label)
    return head | {"round": asked.reading.label(column.moment)}


def _sort_head(asked: Asked, name: str, label: str) -> dict[str, Any]:
    """Return a heading that sorts: figures largest first, names from A."""
    sort = asked.sort
    first, second = (name, f"-{name}") if name in ("name", "code") else (f"-{name}", name)
    state = {name: "ascending", f"-{name}": "descending"}.get(sort, "none")
    query = _query(asked)
    query["sort"] = second if sort == first else first
    return {"label": label, "sorted": state, "url": f"?{query.urlencode()}"}


def _query(asked: Asked) -> QueryDict:
    query = asked.reading.request.GET.copy()
    query.pop("page", None)
    return query


def _file_url(asked: Asked, kind: str) -> str:
    query = _query(asked).urlencode()
    return f"{asked.reading.address(f'table_{kind}')}?{query}"


@require_GET
def table_file(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Return this very view, all its pages, as csv or xlsx."""
    asked = Asked.of(request, slug)
    if not asked.form.is_valid():
        return HttpResponse(status=422)
    frame = _file_frame(asked)
    name = f"table-{asked.level}"
    if kind == "csv":
        return csv_answer(asked.reading, frame, name)
    return xlsx_answer(asked.reading, frame, name)


def _file_frame(asked: Asked) -> pl.DataFrame:
    found = asked.table
    names = ["code", "name"]
    names += [c for pair in zip(CODES, NAMES, strict=True) for c in pair]
    columns = [pl.col(name) for name in names]
    for number, column in enumerate(found.columns):
        title = f"{column.indicator} {column.moment.key}"
        columns.append(pl.col(f"v{number}").alias(title))
        if "status" in asked.is_shown:
            columns.append(pl.col(f"s{number}").alias(f"{title} status"))
    return found.rows.select(columns)
