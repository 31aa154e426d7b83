"""Where the people who are here now came from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from waystation.release.reading.moments import Moment
from waystation.release.reading.origins import PREFIX, STOCK, Origins, origins_of
from waystation.release.reading.outlines import bounds_of, centres_of, levels_of
from waystation.release.snapshots import unit_names
from waystation.web.tracking.forms.closer import FlowsForm
from waystation.web.tracking.views.closer.documents import document
from waystation.web.tracking.views.closer.reading import Reading, reading_of

TOP = 30


@dataclass(frozen=True)
class Asked:
    """What a reader asked of origins.

    Attributes:
        reading: Who reads.
        form: What was asked.
        moments: The rounds that speak of origins.
    """

    reading: Reading
    form: FlowsForm
    moments: tuple[Moment, ...]

    @classmethod
    def of(cls, request: HttpRequest, slug: str) -> Asked:
        """Read what was asked for."""
        reading = reading_of(request, slug)
        told = reading.edition.frame("totals").filter(
            pl.col("indicator").str.starts_with(PREFIX)
        )
        days = set(told.select("component", "round_number", "reference_date").unique().rows())
        moments = tuple(
            m
            for m in reading.moments
            if (m.component, m.round_number, m.reference_date) in days
        )
        latest = moments[-1] if moments else reading.latest
        form = FlowsForm(
            request.GET,
            rounds=reading.round_choices(moments or (latest,)),
            levels=reading.level_choices(),
            defaults={
                "round": latest.key,
                "level": str(1 if 1 in reading.levels else reading.levels[-1]),
                "top": TOP,
            },
        )
        return cls(reading, form, moments)

    @property
    def moment(self) -> Moment:
        """Return the round asked about."""
        key = self.form.chosen("round")
        return next((m for m in self.moments if m.key == key), self.reading.latest)

    @property
    def level(self) -> int:
        """Return the level of the places where people are."""
        return int(self.form.chosen("level") or 0)

    @property
    def top(self) -> int:
        """Return how many of the largest the map shows."""
        return int(self.form.chosen("top") or TOP)

    @cached_property
    def origins(self) -> Origins:
        """Return who of the people present came from where."""
        totals = self.reading.edition.frame("totals").filter(
            self.moment.condition,
            pl.col("admin_level") == self.level,
            (pl.col("indicator") == STOCK) | pl.col("indicator").str.starts_with(PREFIX),
        )
        units = self.reading.edition.frame("units")
        return origins_of(totals, units, self.reading.language)

    @cached_property
    def names(self) -> dict[str, str]:
        """Return the names of the units where people are."""
        units = self.reading.edition.frame("units")
        return dict(unit_names(units, self.level, self.reading.language).rows())


@require_GET
def flows(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the people present by their area of origin."""
    asked = Asked.of(request, slug)
    reading, form = asked.reading, asked.form
    context = reading.context("flows", form=form, is_told=bool(asked.moments))
    if asked.moments:
        context |= _result(asked)
    return render(request, "tracking/closer/flows.html", context, status=form.answer)


def _result(asked: Asked) -> dict[str, Any]:
    reading, found = asked.reading, asked.origins
    categories = [origin.category for origin in found.origins]
    sums = found.rows.select(pl.col(*categories, "unknown", "total").sum()).row(0, named=True)
    centres = centres_of(reading.edition.frame("boundaries"))
    unplaced = [o.name for o in found.origins if o.code is None or o.code not in centres]
    known = sum(sums[c] or 0.0 for c in categories)
    return {
        "moment": asked.moment,
        "round_label": reading.label(asked.moment),
        "origins": [
            {
                "name": origin.name,
                "url": reading.address("place", origin.code) if origin.code else "",
                "sum": sums[origin.category],
            }
            for origin in found.origins
        ],
        "rows": [_row(asked, row, categories) for row in found.rows.iter_rows(named=True)],
        "sums": sums,
        "known": known,
        "known_share": known / sums["total"] if sums["total"] else None,
        "unplaced": unplaced,
        "largest": [_flow(asked, row) for row in found.flows(asked.top).iter_rows(named=True)],
        "map_url": reading.address(
            "flows_map_data", round=asked.moment.key, level=asked.level, top=asked.top
        ),
    }


def _row(asked: Asked, row: dict[str, Any], categories: list[str]) -> dict[str, Any]:
    reading, code = asked.reading, row["code"]
    cells = [
        {
            "value": row[c],
            "trail": reading.trail(code, f"{PREFIX}{c}", asked.moment.key) if code else "",
        }
        for c in categories
    ]
    return {
        "name": asked.names.get(code) or row["name"] if code else _("Not placed"),
        "url": reading.address("place", code) if code else "",
        "cells": cells,
        "unknown": row["unknown"],
        "total": row["total"],
    }


def _flow(asked: Asked, row: dict[str, Any]) -> dict[str, Any]:
    origin = next(o for o in asked.origins.origins if o.category == row["origin"])
    name = asked.names.get(row["code"]) or row["name"]
    return {"origin": origin.name, "name": name, "persons": row["persons"]}


@require_GET
def flows_map_data(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the largest stocks by origin as curves from there to where people are."""
    asked = Asked.of(request, slug)
    return document(asked.reading, lambda: _map(asked))


def _map(asked: Asked) -> dict[str, Any]:
    reading = asked.reading
    boundaries = reading.edition.frame("boundaries")
    centres = centres_of(boundaries)
    origins = {o.category: o for o in asked.origins.origins}
    drawn = [n for n in levels_of(boundaries) if n <= max(asked.level, 1)]
    lines = []
    for row in asked.origins.flows(asked.top).iter_rows(named=True):
        origin = origins[row["origin"]]
        if origin.code in centres and row["code"] in centres and origin.code != row["code"]:
            lines.append(
                {
                    "origin": centres[str(origin.code)],
                    "destination": centres[row["code"]],
                    "origin_name": origin.name,
                    "destination_name": asked.names.get(row["code"]) or row["name"],
                    "persons": row["persons"],
                }
            )
    return {
        "bounds": bounds_of(boundaries) or (-180.0, -60.0, 180.0, 75.0),
        "outlines": {str(n): reading.address("outlines_data", n) for n in drawn[-1:]},
        "points": None,
        "rounds": [],
        "indicators": [],
        "values": {},
        "classes": {},
        "words": {
            "flow_legend": _(
                "A wider line means more people; the arrow points to where they are now."
            )
        },
        "flows": lines,
    }
