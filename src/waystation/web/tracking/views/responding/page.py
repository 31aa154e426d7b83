"""Where are needs unmet: the page, its map and its files."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import polars as pl
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from waystation.release.reading.outlines import bounds_of, levels_of
from waystation.web.tracking import access
from waystation.web.tracking.views.closer.documents import answered
from waystation.web.tracking.views.closer.files import csv_answer, xlsx_answer
from waystation.web.tracking.views.frame import operation_context
from waystation.web.tracking.views.responding.asked import LEVELS, Response, sector_choices
from waystation.web.tracking.views.responding.told import (
    SHADES,
    certainty,
    first_gaps,
    grid,
    headline,
    labels_of_shades,
    organisations,
    told_rows,
)

A_PAGE = 20
MOST_ROWS_OF_GRID = 200
BESIDE_MAP = 8
BOUNDS = [1, 2, 3, 4, 5, 6]


@require_GET
def response(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where needs are unmet, or what is missing to say so."""
    operation = access.operation_for_reading(request.user, slug)
    may_send = access.may_send_presence(request.user, operation)
    if not operation.edition:
        context = operation_context(request, operation, "response", may_import=may_send)
        return render(request, "tracking/responding/nothing_yet.html", context)
    asked = Response.of(request, slug)
    who = organisations(asked)
    shown = grid(asked)
    levels = levels_of(asked.reading.edition.frame("boundaries"))
    context = asked.reading.context(
        "response",
        asked=asked,
        form=asked.form,
        table=asked.table,
        may_import=may_send,
        round_label=asked.reading.label(asked.moment),
        headline=headline(asked),
        first=first_gaps(asked, BESIDE_MAP),
        grid=shown | {"rows": shown["rows"][:MOST_ROWS_OF_GRID]},
        grid_is_cut=len(shown["rows"]) > MOST_ROWS_OF_GRID,
        page=_page(asked.listed, request.GET.get("page", "")),
        rows=[],
        who=_page(who, request.GET.get("who", "")) if asked.table else None,
        certainty=certainty(asked),
        map_sector=asked.sector or _gravest(shown),
        has_map=asked.level in levels and asked.is_assessed,
        place_prefix=asked.reading.address("place", "-").removesuffix("-"),
        map_url=asked.reading.address("response_map_data", **asked.query()),
        csv_url=asked.reading.address("response_csv", **asked.query()),
        xlsx_url=asked.reading.address("response_xlsx", **asked.query()),
        who_url=asked.reading.address(
            "organisations_csv", q=asked.form.chosen("q"), **asked.query()
        ),
    )
    context["rows"] = told_rows(
        asked, pl.DataFrame(context["page"].object_list, asked.listed.schema)
    )
    return render(
        request, "tracking/responding/response.html", context, status=asked.form.answer
    )


def _gravest(shown: dict[str, Any]) -> str:
    """Return the sector that is unmet, then thin, in most areas: what the map begins with."""
    return str(
        max(shown["sectors"], key=lambda sector: (sector["unmet"], sector["thin"]))["code"]
    )


def _page(rows: pl.DataFrame, number: str) -> Any:
    return Paginator(rows.to_dicts(), A_PAGE).get_page(number)


@require_GET
def response_map_data(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the gaps of each sector on a map: classes from no high need to unmet."""
    asked = Response.of(request, slug)
    text = json.dumps(_map(asked), ensure_ascii=False, separators=(",", ":"), default=str)
    tag = hashlib.sha256(text.encode()).hexdigest()[:16]
    return answered(asked.reading, text.encode(), tag=f"-{tag}")


def _map(asked: Response) -> dict[str, Any]:
    reading, moment = asked.reading, asked.moment
    boundaries = reading.edition.frame("boundaries")
    drawn = [n for n in levels_of(boundaries) if n in LEVELS and n in reading.levels]
    choices = sector_choices(reading.language)
    shown = [c for c in choices if c[0] == asked.sector] or choices
    labels = labels_of_shades(asked)
    return {
        "bounds": bounds_of(boundaries) or (-180.0, -60.0, 180.0, 75.0),
        "outlines": {str(n): reading.address("outlines_data", n) for n in drawn},
        "points": None,
        "rounds": [
            {
                "key": moment.key,
                "label": reading.label(moment),
                "date": moment.reference_date.isoformat(),
            }
        ],
        "indicators": [
            {"code": code, "label": label, "unit": "", "labels": labels}
            for code, label in shown
        ],
        "values": {
            code: {str(n): _shades(asked.at_level(n), code) for n in drawn}
            for code, _label in shown
        },
        "classes": {code: {str(n): BOUNDS for n in drawn} for code, _label in shown},
        "words": {"classes": "", "indicator": _("Sector")},
    }


def _shades(gaps: pl.DataFrame, sector: str) -> dict[str, Any]:
    own = gaps.filter(pl.col("sector") == sector)
    shades = [SHADES.get(gap) for gap in own["gap"].to_list()]
    return {"codes": own["code"].to_list(), "rounds": [shades]}


@require_GET
def response_file(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Return the gaps of all units, of the sector chosen or of all, as csv or xlsx."""
    asked = Response.of(request, slug)
    if not asked.form.is_valid():
        return HttpResponse(status=422)
    rows = asked.gaps.with_columns(
        pl.col("sector", "gap").cast(pl.String),
        round=pl.lit(asked.moment.round_key),
        needs_as_of=pl.lit(asked.moment.reference_date.isoformat()),
        presence_as_of=pl.lit(
            asked.table.as_of.isoformat() if asked.table else None, pl.String
        ),
        high_percent=pl.lit(asked.high),
        most_persons=pl.lit(asked.most),
    )
    name = f"gaps-{asked.moment.key}-admin{asked.level}"
    answer = csv_answer if kind == "csv" else xlsx_answer
    return answer(asked.reading, rows, name)


@require_GET
def organisations_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Return who is active in which sector and where, as csv."""
    asked = Response.of(request, slug)
    if not asked.form.is_valid():
        return HttpResponse(status=422)
    found = organisations(asked)
    columns = [
        "organisation",
        "acronym",
        "organisation_type",
        "sector",
        "places",
        "reached",
        "until",
    ]
    rows = pl.DataFrame(schema=columns)
    if found.width:
        rows = found.select(columns).with_columns(pl.col("sector").cast(pl.String))
    return csv_answer(asked.reading, rows, "organisations")
