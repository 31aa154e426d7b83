"""Displaced persons in the row layout of the HDX Humanitarian API, at its own address.

Source:
    HDX HAPI, ``affected-people/idps``: parameters and rows as its public clients use them.
"""

from __future__ import annotations

import hashlib
import json

import polars as pl
from django.http import HttpRequest, HttpResponse

from waystation.release.tabular import escaped
from waystation.web.accounts.models import ApiKey
from waystation.web.tracking import access, served
from waystation.web.tracking.api.gateway import (
    JSON_TYPE,
    conditional,
    for_programs,
    packed_if,
)
from waystation.web.tracking.api.parameters import Parameters, require_order

MOST_ROWS = 10_000
_TEXTS = (
    "location_code", "provider_admin1_name", "provider_admin2_name", "admin1_code",
    "admin1_name", "admin2_code", "admin2_name", "operation", "assessment_type",
)  # fmt: skip


@for_programs(needs_key=False)
def idps(request: HttpRequest, reader: ApiKey | None) -> HttpResponse:
    """Return rows of the stock of displaced persons; ``app_identifier`` is not looked at."""
    parameters = Parameters.of(request)
    output = parameters.one_of("output_format", ("json", "csv"))
    limit = parameters.whole("limit", default=MOST_ROWS, most=MOST_ROWS)
    offset = parameters.whole("offset")
    where = _condition(parameters)
    found = served.published(access.operations_for_reading(reader).order_by("name", "country"))
    editions = [edition for _, edition in found]
    asked = (output, limit, offset, str(where), *(edition.etag for edition in editions))
    etag = hashlib.sha256(repr(asked).encode("utf-8", "replace")).hexdigest()[:32]

    def make(is_packed: bool) -> bytes:
        rows = served.hapi_frame(editions).filter(where).slice(offset, limit)
        content = escaped(rows).write_csv() if output == "csv" else _json(rows)
        return packed_if(content.encode(), is_packed=is_packed)

    content_type = "text/csv; charset=utf-8" if output == "csv" else JSON_TYPE
    return conditional(request, reader, etag, make, content_type=content_type)


def _condition(parameters: Parameters) -> pl.Expr:
    wanted = [
        pl.col(name).str.to_lowercase() == value
        for name in _TEXTS
        if (value := parameters.text(name))
    ]
    if parameters.text("admin_level"):
        wanted.append(pl.col("admin_level") == parameters.whole("admin_level"))
    first, last = (
        parameters.whole("reporting_round_min"),
        parameters.whole("reporting_round_max"),
    )
    require_order("range of reporting rounds", first, last)
    if first:
        wanted.append(pl.col("reporting_round") >= first)
    if last:
        wanted.append(pl.col("reporting_round") <= last)
    start, end = parameters.day("start_date"), parameters.day("end_date")
    require_order("range of dates", start, end)
    if start:
        wanted.append(pl.col("reference_period_end") >= start)
    if end:
        wanted.append(pl.col("reference_period_start") <= end)
    return pl.all_horizontal([pl.lit(value=True), *wanted])


def _json(rows: pl.DataFrame) -> str:
    days = ("reference_period_start", "reference_period_end")
    shown = rows.with_columns(pl.col(days).dt.strftime("%Y-%m-%dT00:00:00"))
    return json.dumps({"data": shown.to_dicts()}, ensure_ascii=False, separators=(",", ":"))
