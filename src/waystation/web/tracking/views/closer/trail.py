"""Where a number comes from: for everyone, and for those who work on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from waystation.errors import NotFound
from waystation.release.published import CHECKS
from waystation.release.reading.moments import Moment, moments_of
from waystation.release.reading.places import (
    LOCATION_LEVEL,
    Place,
    figures_of_locations,
    figures_of_units,
    place_of,
)
from waystation.release.reading.wide import NOT_REPORTED
from waystation.release.snapshots import unit_names
from waystation.tracking.cells import CODES
from waystation.tracking.indicators import indicator_by_code, is_indicator
from waystation.web.accounts.models import User
from waystation.web.tracking import access
from waystation.web.tracking.actions.closer import record_trace
from waystation.web.tracking.forms.closer import TrailForm
from waystation.web.tracking.models import Snapshot
from waystation.web.tracking.traces import trace_of
from waystation.web.tracking.versions import (
    Version,
    holding,
    snapshots_of_round,
    version_of,
    withdrawal_of,
)
from waystation.web.tracking.views.closer.history import UNSURE
from waystation.web.tracking.views.closer.reading import (
    Reading,
    level_word,
    reading_of,
)

MOST = 200


@dataclass(frozen=True)
class Figure:
    """A published figure, in the version asked about.

    Attributes:
        reading: Who reads.
        snapshot: The version's record.
        version: Its figures.
        place: The place.
        indicator: Code in the dictionary.
        moment: The round and day.
    """

    reading: Reading
    snapshot: Snapshot
    version: Version
    place: Place
    indicator: str
    moment: Moment

    @cached_property
    def row(self) -> dict[str, Any]:
        """Return the figure.

        Raises:
            NotFound: If the version has none.
        """
        wanted = self.moment.condition & (pl.col("indicator") == self.indicator)
        if self.place.is_location:
            here = wanted & (pl.col("location_id") == self.place.code)
            found = figures_of_locations(self.version.scan("matrix").filter(here).collect())
        else:
            here = wanted & (pl.col("code") == self.place.code)
            level = pl.col("admin_level") == self.place.level
            found = figures_of_units(self.version.frame("totals").filter(here, level))
        if found.is_empty():
            raise NotFound(what="figure", name=self.indicator)
        return found.row(0, named=True)

    @cached_property
    def cells(self) -> pl.DataFrame:
        """Return the cells that the figure adds up."""
        name = "location_id"
        if not self.place.is_location:
            name = CODES[self.place.level - 1] if self.place.level else "country"
        wanted = self.moment.condition & (pl.col("indicator") == self.indicator)
        here = pl.col(name) == self.place.code
        return self.version.scan("matrix").filter(wanted & here).collect()


def figure_of(reading: Reading, form: TrailForm) -> Figure:
    """Return the figure asked about.

    Raises:
        NotFound: If there is none, or it was not published.
    """
    code, indicator, key = (form.cleaned_data[n] for n in ("place", "indicator", "round"))
    if not is_indicator(indicator):
        raise NotFound(what="indicator", name=indicator)
    round_key, _, day = key.partition(".")
    round_ = access.published_round(reading.operation, round_key)
    number = form.cleaned_data["version"]
    snapshot = _version(reading, snapshots_of_round(round_), number)
    if snapshot is None:
        raise NotFound(what="version", name=number)
    version = version_of(snapshot)
    moments = [m for m in moments_of(version.frame("totals")) if m.round_key == round_key]
    named = [m for m in moments if str(m.reference_date) == day] if day else moments[-1:]
    if not named:
        raise NotFound(what="round", name=key)
    place = place_of(code, version.frame("units"), version.frame("locations"), reading.language)
    return Figure(reading, snapshot, version, place, indicator, named[0])


def _version(
    reading: Reading, snapshots: list[Snapshot], number: int | None
) -> Snapshot | None:
    """Return the version asked for; one that was taken back is for those inside only."""
    if number is None:
        return holding(snapshots)
    found = next((s for s in snapshots if s.version == number), None)
    is_open = found is not None and (withdrawal_of(found) is None or reading.is_inside)
    return found if is_open else None


@require_GET
def trail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where a published figure comes from."""
    reading = reading_of(request, slug)
    form = TrailForm(request.GET)
    if not form.is_valid():
        return _ask(reading, form)
    figure = figure_of(reading, form)
    context = reading.context("", **_for_everyone(figure), **_for_workers(figure))
    is_part = request.headers.get("HX-Request") == "true"
    template = "trail_panel.html" if is_part else "trail.html"
    answer = render(request, f"tracking/closer/{template}", context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _ask(reading: Reading, form: TrailForm) -> HttpResponse:
    """Return the form, with what is wrong where anything was asked."""
    is_asked = any(name in reading.request.GET for name in form.fields)
    shown = form if is_asked else TrailForm(None)
    context = reading.context("", form=shown)
    status = 422 if is_asked else 200
    return render(reading.request, "tracking/closer/trail_ask.html", context, status=status)


def _for_everyone(figure: Figure) -> dict[str, Any]:
    reading, snapshot, row = figure.reading, figure.snapshot, figure.row
    entry = indicator_by_code(figure.indicator)
    newest = holding(snapshots_of_round(snapshot.round))
    return {
        "figure": figure,
        "row": row,
        "status": row["status"] if row["value"] is not None else NOT_REPORTED,
        "shown_status": row["status"] if row["status"] in UNSURE else "",
        "place": figure.place,
        "place_url": reading.address("place", figure.place.code, indicator=figure.indicator),
        "kind": level_word(figure.place.level),
        "indicator_label": reading.indicator_label(figure.indicator),
        "unit_word": reading.unit_word(figure.indicator),
        "entry": entry,
        "round_label": reading.words.round_label(
            figure.moment.round_number, figure.moment.reference_date
        ),
        "snapshot": snapshot,
        "newest": newest if newest != snapshot else None,
        "release_url": reading.address("release", snapshot.round.key, snapshot.version),
        "rule": snapshot.rule,
        "sums": _sums(figure),
        "parts": _ratio(figure),
        "counts": {
            "submissions": int(figure.cells["submissions"].sum() or 0),
            "locations": figure.cells["location_id"].n_unique(),
        },
        "behind": figure.version.behind,
        "checks": _checks(figure),
        "checks_run": len(CHECKS),
        "changed": _changed(figure),
        "methods": [reading.words.say(f"method_{m}") for m in ("stock", "blank", "carry")],
    }


def _sums(figure: Figure) -> dict[str, Any] | None:
    """Return the figures that one of a unit adds up: of units below, or of locations."""
    place = figure.place
    if place.is_location or indicator_by_code(figure.indicator).how != "sum":
        return None
    totals = figure.version.frame("totals")
    below = totals.filter(
        figure.moment.condition,
        pl.col("indicator") == figure.indicator,
        pl.col("admin_level") == place.level + 1,
        pl.col("parent_code") == place.code,
    )
    level = place.level + 1
    rows = figures_of_units(below)
    if rows.is_empty():
        level = LOCATION_LEVEL
        rows = figures_of_locations(figure.cells)
        if figure.cells["location_id"].to_list() == [place.code]:
            return None
    ordered = rows.sort("value", "code", descending=[True, False], nulls_last=True)
    names = dict(
        unit_names(figure.version.frame("units"), level, figure.reading.language).rows()
    )
    return {
        "level": level_word(level),
        "rows": [
            _part(figure, row, names.get(row["code"]))
            for row in ordered.head(MOST).iter_rows(named=True)
        ],
        "more": max(ordered.height - MOST, 0),
        "sum": rows["value"].sum() if rows["value"].count() else None,
    }


def _part(figure: Figure, row: dict[str, Any], name: str | None) -> dict[str, Any]:
    code = row["code"]
    return {
        "code": code,
        "name": name or row["name"] or code,
        "value": row["value"],
        "status": row["status"] if row["value"] is not None else NOT_REPORTED,
        "trail": _trail(figure, code) if code else "",
    }


def _trail(figure: Figure, place: str, indicator: str = "") -> str:
    return figure.reading.address(
        "trail", place=place, indicator=indicator or figure.indicator, round=figure.moment.key,
        version=figure.snapshot.version,
    )  # fmt: skip


def _ratio(figure: Figure) -> list[dict[str, str]]:
    """Return both sides of a ratio, and the whole that a breakdown is part of."""
    entry = indicator_by_code(figure.indicator)
    codes = [entry.numerator, entry.denominator, entry.total]
    return [
        {
            "label": figure.reading.indicator_label(code),
            "url": _trail(figure, figure.place.code, code),
        }
        for code in codes
        if code
    ]


def _checks(figure: Figure) -> list[dict[str, Any]]:
    """Return what the checks of the round found, counted by kind; never a finding itself."""
    words = figure.reading.words
    findings = figure.version.frame("findings")
    counted = findings.group_by("code", pl.col("severity").cast(pl.String)).agg(n=pl.len())
    return [
        {
            "code": row["code"],
            "severity": words.say(f"severity_{row['severity']}"),
            "title": CHECKS[row["code"]].title if row["code"] in CHECKS else row["code"],
            "n": row["n"],
        }
        for row in counted.sort("code", "severity").iter_rows(named=True)
    ]


def _changed(figure: Figure) -> dict[str, Any] | None:
    """Return what this version changed of the figure of a location."""
    if figure.snapshot.version == 1 or not figure.place.is_location:
        return None
    found = figure.version.changed().filter(
        figure.moment.condition,
        pl.col("location_id") == figure.place.code,
        pl.col("indicator") == figure.indicator,
    )
    return found.row(0, named=True) if found.height else None


def _for_workers(figure: Figure) -> dict[str, Any]:
    """Return what is behind the figure, to those who work on the operation; it is told."""
    user = figure.reading.request.user
    if not isinstance(user, User) or not figure.reading.is_inside:
        return {}
    found = trace_of(figure.snapshot, figure.place, figure.indicator, figure.moment)
    record_trace(figure.snapshot, figure.place.code, figure.indicator, by=user)
    published = dict(figure.cells.select("location_id", "value").iter_rows())
    names = dict(figure.cells.select("location_id", "location_name").iter_rows())
    parts = [
        {
            "name": names.get(code) or code,
            "inside": value,
            "published": published.get(code),
            "url": _trail(figure, code),
        }
        for code, value in list(found.parts.items())[:MOST]
        if code != figure.place.code
    ]
    rows = [
        row
        | {
            "upload_url": figure.reading.address("upload", row["upload"])
            if row["upload"]
            else ""
        }
        for row in found.rows
    ]
    return {
        "trace": found,
        "inside_rows": rows,
        "inside_parts": parts,
        "counted": sum(r["corrected"] or 0 for r in rows if r["is_counted"]),
    }
