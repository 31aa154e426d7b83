"""OGC API Features: units and locations with their latest figures, for QGIS and GDAL.

Source:
    OGC 17-069r4, OGC API - Features, Part 1: Core.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import polars as pl
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from waystation.errors import InvalidChoice, NotFound
from waystation.release.features import BOUNDS
from waystation.web.tracking import access, programs
from waystation.web.tracking.api.answers import kept, not_modified, reader_of
from waystation.web.tracking.api.features_document import description
from waystation.web.tracking.editions import Edition, edition_of
from waystation.web.tracking.models import Operation

GEOJSON = "application/geo+json"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMANCE = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
    for name in ("core", "oas30", "geojson")
]
MOST, USUAL = 10_000, 1000
PARAMETERS = ("limit", "offset", "bbox", "datetime", "f", "crs", "bbox-crs")
TITLES = {
    "admin0": "country", "admin1": "admin 1", "admin2": "admin 2", "admin3": "admin 3",
    "locations": "locations",
}  # fmt: skip


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Say what there is."""
    links = [
        _link(request, "self", reverse("ogc:landing"), "This document"),
        _link(
            request,
            "service-desc",
            reverse("ogc:api"),
            "The API's description",
            "application/vnd.oai.openapi+json;version=3.0",
        ),
        _link(request, "conformance", reverse("ogc:conformance"), "What is conformed to"),
        _link(request, "data", reverse("ogc:collections"), "Collections"),
    ]
    return _json(
        {
            "title": "Waystation",
            "description": "Displacement by unit and location, latest published rounds",
            "links": links,
        }
    )


@require_safe
def conformance(request: HttpRequest) -> HttpResponse:
    """Say which parts of the standard hold."""
    return _json({"conformsTo": CONFORMANCE})


@require_safe
def api(request: HttpRequest) -> HttpResponse:
    """Describe the interface as OpenAPI 3.0."""
    names = [name for _, _, name in _all(request)]
    server = request.build_absolute_uri(reverse("ogc:landing")).rstrip("/")
    document = description(server, names, MOST, USUAL)
    return _json(document, "application/vnd.oai.openapi+json;version=3.0")


@require_safe
def collections(request: HttpRequest) -> HttpResponse:
    """List the collections: the layers of each operation."""
    found = [
        _collection(request, operation, edition, name)
        for operation, edition, name in _all(request)
    ]
    links = [_link(request, "self", reverse("ogc:collections"), "This document")]
    return _json({"links": links, "collections": found})


@require_safe
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """Describe a collection."""
    operation, edition, _ = _named(request, name)
    return _json(_collection(request, operation, edition, name))


@require_safe
def items(request: HttpRequest, name: str) -> HttpResponse:
    """Give features of a collection, in pages."""
    operation, edition, rows = _named(request, name)
    if (known := not_modified(request, edition.etag)) is not None:
        return known
    limit = min(_whole(request.GET, "limit", USUAL, least=1), MOST)
    offset = _whole(request.GET, "offset", 0, least=0)
    found = _filtered(rows, request.GET)
    page = found.slice(offset, limit)
    own = reverse("ogc:items", args=[name])
    links = [_link(request, "self", _with(own, request, offset), "These features", GEOJSON)]
    if offset + page.height < found.height:
        after = _with(own, request, offset + limit)
        links.append(_link(request, "next", after, "The features after these", GEOJSON))
    if offset:
        before = _with(own, request, max(offset - limit, 0))
        links.append(_link(request, "prev", before, "The features before these", GEOJSON))
    links.append(_link(request, "collection", reverse("ogc:collection", args=[name]), name))
    head = json.dumps(
        {
            "type": "FeatureCollection",
            "numberMatched": found.height,
            "numberReturned": page.height,
            "timeStamp": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "links": links,
        },
        ensure_ascii=False,
    )
    body = f'{head[:-1]}, "features": [{",".join(page["feature"])}]}}'
    answer = HttpResponse(body.encode(), content_type=GEOJSON)
    answer["Content-Crs"] = f"<{CRS84}>"
    return kept(answer, request, edition.etag, operation)


@require_safe
def item(request: HttpRequest, name: str, feature_id: str) -> HttpResponse:
    """Give one feature."""
    operation, edition, rows = _named(request, name)
    found = rows.filter(pl.col("id") == feature_id)
    if found.is_empty():
        raise NotFound(what="feature", name=feature_id)
    feature = json.loads(found["feature"][0])
    address = reverse("ogc:item", args=[name, feature_id])
    feature["links"] = [
        _link(request, "self", address, "This feature", GEOJSON),
        _link(request, "collection", reverse("ogc:collection", args=[name]), name),
    ]
    body = json.dumps(feature, ensure_ascii=False).encode()
    answer = HttpResponse(body, content_type=GEOJSON)
    return kept(answer, request, edition.etag, operation)


def _all(request: HttpRequest) -> Iterator[tuple[Operation, Edition, str]]:
    readable = access.operations_for_reading(reader_of(request)).filter(edition__gt=0)
    for operation in readable:
        edition = edition_of(operation)
        for layer in programs.features_of(edition):
            yield operation, edition, f"{operation.slug}.{layer}"


def _named(request: HttpRequest, name: str) -> tuple[Operation, Edition, pl.DataFrame]:
    slug, _, layer = name.partition(".")
    operation = access.operation_for_reading(reader_of(request), slug)
    edition = edition_of(operation)
    layers = programs.features_of(edition)
    if layer not in layers:
        raise NotFound(what="collection", name=name)
    return operation, edition, layers[layer]


def _collection(
    request: HttpRequest, operation: Operation, edition: Edition, name: str
) -> dict[str, Any]:
    layer = name.partition(".")[2]
    rows = programs.features_of(edition)[layer]
    bounds = [rows[c].min() if i < 2 else rows[c].max() for i, c in enumerate(BOUNDS)]
    days = sorted(str(day) for day in rows["reference_date"].drop_nulls().unique())
    interval = [f"{day}T00:00:00Z" for day in (days[0], days[-1])] if days else [None, None]
    return {
        "id": name,
        "title": f"{operation.name}: {TITLES.get(layer, layer)}",
        "description": f"Latest published figures, edition {edition.number}",
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {
            "spatial": {"bbox": [bounds], "crs": CRS84},
            "temporal": {"interval": [interval]},
        },
        "links": [
            _link(request, "self", reverse("ogc:collection", args=[name]), name),
            _link(request, "items", reverse("ogc:items", args=[name]), name, GEOJSON),
        ],
    }


def _filtered(rows: pl.DataFrame, asked: QueryDict) -> pl.DataFrame:
    if "bbox" in asked:
        west, south, east, north = _bounds(str(asked["bbox"]))
        across = (pl.col("west") <= east) & (pl.col("east") >= west)
        if west > east:  # over the date line
            across = (pl.col("east") >= west) | (pl.col("west") <= east)
        rows = rows.filter(across, pl.col("south") <= north, pl.col("north") >= south)
    if "datetime" in asked:
        start, end = _interval(str(asked["datetime"]))
        date = pl.col("reference_date")
        if start:
            rows = rows.filter(date >= start)
        if end:
            rows = rows.filter(date <= end)
    for name in asked:
        value = str(asked[name])
        if name in PARAMETERS:
            continue
        if name not in rows.columns or name in {"feature", *BOUNDS}:
            raise InvalidChoice(value=name, option="parameter", choices="a property, or bbox")
        rows = rows.filter(pl.col(name).cast(pl.String) == value)
    return rows


def _bounds(text: str) -> tuple[float, float, float, float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(abs(n) <= 360 for n in numbers):
        raise InvalidChoice(value=text[:80], option="bbox", choices="west,south,east,north")
    west, south, east, north = numbers
    return west, south, east, north


def _interval(text: str) -> tuple[str, str]:
    start, slash, end = text.partition("/")
    days = [_day(part) for part in (start, end if slash else start)]
    return days[0], days[1]


def _day(text: str) -> str:
    if text in {"", ".."}:
        return ""
    try:
        return dt.date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise InvalidChoice(
            value=text[:80], option="datetime", choices="a day, or day/day"
        ) from None


def _whole(asked: QueryDict, name: str, usual: int, *, least: int) -> int:
    text = asked.get(name, str(usual))
    if not (text.isdecimal() and len(text) <= 9 and int(text) >= least):
        raise InvalidChoice(value=text[:80], option=name, choices=f"{least} or more")
    return int(text)


def _with(address: str, request: HttpRequest, offset: int) -> str:
    asked = {k: v for k, v in request.GET.items() if k != "offset"}
    if offset:
        asked["offset"] = str(offset)
    return f"{address}?{urlencode(asked)}" if asked else address


def _link(
    request: HttpRequest, rel: str, address: str, title: str, kind: str = "application/json"
) -> dict[str, str]:
    href = request.build_absolute_uri(address)
    return {"href": href, "rel": rel, "type": kind, "title": title}


def _json(document: dict[str, Any], kind: str = "application/json") -> HttpResponse:
    answer = JsonResponse(
        document, content_type=kind, json_dumps_params={"ensure_ascii": False}
    )
    answer["Cache-Control"] = "private, max-age=60"
    return answer
