"""The REST API ``/api/v1``: published figures, for programs and notebooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Query, Schema
from ninja.errors import ValidationError
from ninja.openapi.docs import DocsBase

from waystation.errors import InvalidChoice, WaystationError
from waystation.tracking.indicators import indicators
from waystation.web.tracking import access, programs, queries
from waystation.web.tracking.api.answers import kept, not_modified, reader_of
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.models import Operation, Snapshot

DESCRIPTION = """
Published figures of displacement, as protected as on every page. Without a key you read public
operations; with one (`Authorization: Bearer KEY` or `X-API-Key: KEY`) all that are published.
`null` is "not reported" and never 0. Stocks are never added up over rounds. Every answer has an
ETag: send it back as `If-None-Match` and pay nothing when nothing has changed.
"""
LONGEST = 300


class NoDocs(DocsBase):
    """No page of documents with scripts from elsewhere; the document itself is programs."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Answer that there is no such page."""
        return HttpResponse(status=404)


api = NinjaAPI(
    title="Waystation", version="1", description=DESCRIPTION, docs=NoDocs(), docs_url=None,
    urls_namespace="api-v1",
)  # fmt: skip


class Problem(Schema):
    """What was wrong with a request."""

    code: str
    message: str
    details: dict[str, Any]


class OperationOut(Schema):
    """An operation that has published."""

    slug: str
    name: str
    country: str = Field(description="ISO 3166-1 alpha-3")
    edition: int = Field(description="Grows with each publication")
    is_active: bool
    producer: str


class VersionOut(Schema):
    """A published version of a round."""

    round: str = Field(description="Component and number, e.g. site_assessment-12")
    component: str
    round_number: int
    version: int
    reference_date: dt.date
    published_at: dt.datetime
    sha256: str
    figures: dict[str, float | None] = Field(description="The country's figures by indicator")
    changed_figures: int = Field(description="Figures that differ from the version before")
    is_latest: bool


class IndicatorOut(Schema):
    """An indicator of the dictionary."""

    code: str
    label: str
    unit: str
    kind: str


class Rows(Schema):
    """Rows of a table; their columns are listed in the reference of tables."""

    total: int
    offset: int
    count: int
    rows: list[dict[str, Any]]


Text = Annotated[str | None, Field(max_length=LONGEST)]


class Filter(Schema):
    """What part of a table is wanted; several values of one filter have commas between."""

    level: Annotated[int | None, Field(ge=0, le=3)] = None
    round_number: Annotated[int | None, Field(ge=0, le=10**6)] = None
    indicator: Text = None
    component: Text = None
    code: Text = None
    location_id: Text = None
    admin1_code: Text = None
    admin2_code: Text = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    limit: Annotated[int, Field(ge=1, le=10**7)] = 1000
    offset: Annotated[int, Field(ge=0, le=10**8)] = 0
    format: Literal["json", "csv", "parquet", "arrow"] = "json"


PROBLEMS: Any = {404: Problem, 401: Problem, 422: Problem, 429: Problem}


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say which parameters cannot be used, in the words of every other refusal."""
    details = {
        ".".join(str(part) for part in problem["loc"][1:]): problem["msg"]
        for problem in error.errors
    }
    message = "These parameters cannot be used: " + ", ".join(details) + "."
    body = {"code": "choice.invalid", "message": message, "details": details}
    return api.create_response(request, body, status=422)


@api.exception_handler(WaystationError)
def refused(request: HttpRequest, error: WaystationError) -> HttpResponse:
    """Leave it to the one place that turns errors into answers."""
    raise error


@api.get("/operations", response={200: list[OperationOut], **PROBLEMS}, tags=["operations"])
def list_operations(
    request: HttpRequest, country: Annotated[str | None, Query(max_length=3)] = None
) -> Any:
    """List the operations whose figures you may read."""
    found = access.operations_for_reading(reader_of(request)).filter(edition__gt=0)
    return list(found.filter(country=country.upper()) if country else found)


@api.get("/operations/{slug}", response={200: OperationOut, **PROBLEMS}, tags=["operations"])
def read_operation(request: HttpRequest, slug: str) -> Any:
    """Describe an operation."""
    return _published(request, slug)


@api.get(
    "/operations/{slug}/versions",
    response={200: list[VersionOut], **PROBLEMS},
    tags=["operations"],
)
def list_versions(request: HttpRequest, slug: str) -> Any:
    """List every published version of every round, the newest first."""
    operation = _published(request, slug)
    latest = {snapshot.pk for snapshot in queries.latest_snapshots(operation)}
    return [
        _version(snapshot, is_latest=snapshot.pk in latest)
        for snapshot in queries.snapshots_of(operation)
    ]


@api.get("/indicators", response={200: list[IndicatorOut], **PROBLEMS}, tags=["dictionary"])
def list_indicators(request: HttpRequest, lang: Literal["en", "fr", "es", "ar"] = "en") -> Any:
    """List the dictionary of indicators."""
    return [
        {"code": i.code, "label": i.label(lang), "unit": i.unit, "kind": i.kind.value}
        for i in indicators().values()
    ]


def _table(
    request: HttpRequest, slug: str, table: str, wanted: Filter, filters: Mapping[str, Any]
) -> HttpResponse:
    operation = _published(request, slug)
    edition = edition_of(operation)
    if (known := not_modified(request, edition.etag)) is not None:
        return known
    kind = wanted.format
    most = programs.MOST_ROWS[kind]
    if wanted.limit > most:
        raise InvalidChoice(value=wanted.limit, option="limit", choices=f"1 to {most}")
    page = programs.page_of_table(
        edition, table, filters, starts_on=wanted.starts_on, ends_on=wanted.ends_on,
        limit=wanted.limit, offset=wanted.offset,
    )  # fmt: skip
    if kind == "json":
        body = programs.json_of_rows(page)
    else:
        body = programs.bytes_of_rows(page.rows, kind)
    answer = HttpResponse(body, content_type=programs.FORMATS[kind])
    answer["X-Total-Count"] = str(page.total)
    if kind != "json":
        ending = f"{slug}-{table}.{kind}"
        answer["Content-Disposition"] = f'attachment; filename="{ending}"'
    return kept(answer, request, edition.etag, operation)


@api.get("/operations/{slug}/totals", response={200: Rows, **PROBLEMS}, tags=["figures"])
def read_totals(request: HttpRequest, slug: str, wanted: Query[Filter]) -> Any:
    """Totals by administrative unit, all rounds; parents are the sums of their children."""
    filters = _filters(wanted, "level", "round_number", "indicator", "component", "code")
    return _table(request, slug, "totals", wanted, filters)


@api.get("/operations/{slug}/matrix", response={200: Rows, **PROBLEMS}, tags=["figures"])
def read_matrix(request: HttpRequest, slug: str, wanted: Query[Filter]) -> Any:
    """The displacement matrix: location x round x indicator."""
    names = ("round_number", "indicator", "component", "location_id")
    filters = _filters(wanted, *names, "admin1_code", "admin2_code")
    return _table(request, slug, "matrix", wanted, filters)


@api.get("/operations/{slug}/changes", response={200: Rows, **PROBLEMS}, tags=["figures"])
def read_changes(request: HttpRequest, slug: str, wanted: Query[Filter]) -> Any:
    """The change between consecutive rounds, split into what moved and what did not."""
    filters = _filters(wanted, "level", "indicator", "component", "code")
    return _table(request, slug, "changes", wanted, filters)


@api.get("/operations/{slug}/locations", response={200: Rows, **PROBLEMS}, tags=["places"])
def read_locations(request: HttpRequest, slug: str, wanted: Query[Filter]) -> Any:
    """The master list of locations."""
    filters = _filters(wanted, "location_id", "admin1_code", "admin2_code")
    return _table(request, slug, "locations", wanted, filters)


def _filters(wanted: Filter, *names: str) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in names}


def _published(request: HttpRequest, slug: str) -> Operation:
    operation = access.operation_for_reading(reader_of(request), slug[:LONGEST])
    edition_of(operation)
    return operation


def _version(snapshot: Snapshot, *, is_latest: bool) -> dict[str, Any]:
    return {
        "round": snapshot.round.key,
        "component": snapshot.round.component,
        "round_number": snapshot.round.number,
        "version": snapshot.version,
        "reference_date": snapshot.reference_date,
        "published_at": snapshot.published_at,
        "sha256": snapshot.sha256,
        "figures": snapshot.figures,
        "changed_figures": snapshot.changed_figures,
        "is_latest": is_latest,
    }
