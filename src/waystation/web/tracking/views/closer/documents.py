"""What maps and charts of the pages that look closer are drawn from: JSON of one edition."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from waystation.errors import NotFound
from waystation.release.charts import Look, stock_over_rounds
from waystation.release.reading.moments import Moment
from waystation.release.reading.outlines import (
    bounds_of,
    class_bounds,
    levels_of,
    outlines_of,
)
from waystation.release.reading.places import Place, nearest
from waystation.release.theme import WIDE
from waystation.web.tracking.models.operations import Visibility
from waystation.web.tracking.views.closer.history import UNSURE, History
from waystation.web.tracking.views.closer.place import find_place, main_indicator
from waystation.web.tracking.views.closer.reading import Reading, reading_of

JSON = "application/json"
MARGIN = 0.15


def answered(
    reading: Reading, content: bytes, kind: str = JSON, *, tag: str = ""
) -> HttpResponse:
    """Return bytes made from an edition, with what lets a browser keep them."""
    answer = HttpResponse(content, content_type=kind)
    answer["ETag"] = f'"{reading.edition.etag}{tag}-{reading.language}"'
    is_public = reading.operation.visibility == Visibility.PUBLIC
    patch_cache_control(answer, no_cache=True, **{"public" if is_public else "private": True})
    answer["Vary"] = "Accept-Language, Cookie"
    return answer


def is_known_already(reading: Reading, *, tag: str = "") -> HttpResponse | None:
    """Return the answer that nothing changed, where the browser has this state."""
    etag = f'"{reading.edition.etag}{tag}-{reading.language}"'
    if etag in reading.request.headers.get("If-None-Match", ""):
        answer = HttpResponse(status=304)
        answer["ETag"] = etag
        return answer
    return None


def document(reading: Reading, make: Callable[[], dict[str, Any]]) -> HttpResponse:
    """Return a document as JSON, or that the browser has it."""
    known = is_known_already(reading)
    if known is not None:
        return known
    text = json.dumps(make(), ensure_ascii=False, separators=(",", ":"), default=str)
    return answered(reading, text.encode())


@require_GET
def outlines_data(request: HttpRequest, slug: str, level: int) -> HttpResponse:
    """Return the outlines of a level as GeoJSON."""
    reading = reading_of(request, slug)
    boundaries, units = (reading.edition.frame(n) for n in ("boundaries", "units"))
    if level not in levels_of(boundaries):
        raise NotFound(what="outlines", name=level)
    known = is_known_already(reading, tag=f"-outlines{level}")
    if known is not None:
        return known
    name = f"outlines-{level}-{reading.language}.json"
    content = reading.edition.derived(
        name, lambda: outlines_of(boundaries, units, level, reading.language)
    )
    return answered(reading, content, "application/geo+json", tag=f"-outlines{level}")


@require_GET
def place_chart_data(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the chart of a place's figure over rounds, at their true dates."""
    reading, place, history, indicator = _asked(request, slug)
    return document(reading, lambda: _stock(reading, history, indicator, place))


@require_GET
def place_map_data(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the small map of a place among those around it."""
    reading, place, history, indicator = _asked(request, slug)
    return document(reading, lambda: _small_map(reading, place, history, indicator))


@require_GET
def place_points_data(request: HttpRequest, slug: str) -> HttpResponse:
    """Return a location and those nearest to it as points."""
    reading, place, _history, _indicator = _asked(request, slug)
    return document(reading, lambda: _points(reading, place))


def _asked(request: HttpRequest, slug: str) -> tuple[Reading, Place, History, str]:
    reading = reading_of(request, slug)
    place = find_place(reading, request.GET.get("place", ""))
    history = History.of(reading, place)
    indicator = request.GET.get("indicator", "") or main_indicator(history)
    if indicator not in history.indicators:
        raise NotFound(what="indicator", name=indicator)
    return reading, place, history, indicator


def _stock(reading: Reading, history: History, indicator: str, place: Place) -> dict[str, Any]:
    words = reading.words
    series = history.series(indicator)
    known = [row["value"] for _, row in series if row and row["value"] is not None]
    rows = []
    for number, (moment, row) in enumerate(series):
        value = row["value"] if row else None
        text = words.number(value) if value is not None else ""
        rows.append(
            {
                "date": moment.reference_date.isoformat(),
                "value": value,
                "text": text,
                "tip": f"{reading.label(moment)}: {text or words.say('not_known')}",
                "is_unsure": bool(row and row["status"] in UNSURE),
                "is_labelled": value is not None and _is_labelled(series, number),
            }
        )
    if not known:
        raise NotFound(what="figure", name=place.code)
    return stock_over_rounds(rows, Look(words, WIDE))


def _is_labelled(series: list[tuple[Moment, dict[str, Any] | None]], number: int) -> bool:
    """Say whether a point bears its number: all of a few, else the ends and the largest.

    The largest has none where it would stand over those of the ends.
    """
    values = [row["value"] if row else None for _, row in series]
    known = [(v, n) for n, v in enumerate(values) if v is not None]
    if len(known) <= 6:
        return True
    first, last, top = known[0][1], known[-1][1], max(known)[1]
    apart = min(top - first, last - top) > (last - first) / 3
    return number in {first, last} or (number == top and apart)


def _small_map(
    reading: Reading, place: Place, history: History, indicator: str
) -> dict[str, Any]:
    boundaries = reading.edition.frame("boundaries")
    drawn = levels_of(boundaries)
    level = max((n for n in drawn if n <= min(place.level, 3)), default=None)
    series = history.series(indicator)
    rounds = [m for m, row in series if row is not None][-1:]
    values: dict[str, Any] = {}
    classes: dict[str, Any] = {}
    if level is not None and rounds:
        totals = reading.edition.frame("totals").filter(
            rounds[0].condition, pl.col("admin_level") == level,
            pl.col("indicator") == indicator, pl.col("code").is_not_null(),
        )  # fmt: skip
        row = totals["value"].to_list()
        values[str(level)] = {"codes": totals["code"].to_list(), "rounds": [row]}
        classes[str(level)] = class_bounds([v for v in row if v is not None])
    points = None
    if place.latitude is not None:
        points = reading.address("place_points_data", place=place.code, indicator=indicator)
        found = _near_values(reading, place, indicator, rounds)
        values["points"] = {"codes": list(found), "rounds": [list(found.values())]}
    above = place.above[-2:] if place.is_location else place.above[-1:]
    around = above[0].code if above and place.level != 1 else place.code
    bounds = bounds_of(boundaries, around) or bounds_of(boundaries)
    return {
        "bounds": _widened(bounds or (-180.0, -60.0, 180.0, 75.0)),
        "outlines": {str(n): reading.address("outlines_data", n) for n in drawn if n == level},
        "points": points,
        "rounds": [
            {"key": m.key, "label": reading.label(m), "date": m.reference_date.isoformat()}
            for m in rounds
        ],
        "indicators": [
            {
                "code": indicator,
                "label": reading.indicator_label(indicator),
                "unit": reading.unit_word(indicator),
            }
        ],
        "values": {indicator: values},
        "classes": {indicator: classes},
        "words": {},
    }


def _near_values(
    reading: Reading, place: Place, indicator: str, rounds: list[Moment]
) -> dict[str, float | None]:
    codes = [place.code, *nearest(reading.edition.frame("locations"), place)["location_id"]]
    if not rounds:
        return dict.fromkeys(codes)
    wanted = (
        rounds[0].condition
        & (pl.col("indicator") == indicator)
        & pl.col("location_id").is_in(codes)
    )
    cells = reading.edition.scan("matrix").filter(wanted).select("location_id", "value")
    found = dict(cells.collect().iter_rows())
    return {code: found.get(code) for code in codes}


def _points(reading: Reading, place: Place) -> dict[str, Any]:
    locations = reading.edition.frame("locations")
    codes = [place.code, *nearest(locations, place)["location_id"]]
    shown = locations.filter(
        pl.col("location_id").is_in(codes), pl.col("latitude").is_not_null()
    )
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": row["location_id"],
                "properties": {
                    "id": row["location_id"],
                    "name": row["name"] or row["location_id"],
                    "type": row["location_type"],
                },
                "geometry": {
                    "type": "Point",
                    "coordinates": [row["longitude"], row["latitude"]],
                },
            }
            for row in shown.iter_rows(named=True)
        ],
    }


def _widened(bounds: tuple[float, float, float, float]) -> list[float]:
    west, south, east, north = bounds
    across, up = (east - west) * MARGIN, (north - south) * MARGIN
    return [west - across, south - up, east + across, north + up]
