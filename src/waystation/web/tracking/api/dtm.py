"""The DTM API in its generations 1 to 3: countries, operations, displaced persons by area.

Source:
    dtmapi 0.2.1 (PyPI), dtmapi 0.1.0 (CRAN) and the recorded answers of the service that
    OCHA-DAP/hdx-scraper-iom-dtm carries.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from waystation.web.accounts.models import ApiKey
from waystation.web.tracking import access, served
from waystation.web.tracking.api.gateway import (
    conditional,
    envelope,
    for_programs,
    packed_if,
)
from waystation.web.tracking.api.parameters import Parameters, require_order
from waystation.web.tracking.served import Generation, Wanted

_AREAS = ("admin1Name", "admin1Pcode", "admin2Name", "admin2Pcode")


def _countries(request: HttpRequest, reader: ApiKey | None) -> HttpResponse:
    """List the countries of published operations."""
    rows = {
        (found.admin0_name, found.admin0_code)
        for _, edition in served.published(access.operations_for_reading(reader))
        for found in served.listings_of(edition)
    }
    names = ("admin0Name", "admin0Pcode")
    return list_answer(
        request, reader, [dict(zip(names, r, strict=True)) for r in sorted(rows)]
    )


def _operations(request: HttpRequest, reader: ApiKey | None) -> HttpResponse:
    """List published operations, each name once a country."""
    rows = {
        (found.operation, found.admin0_code): {
            "operation": found.operation,
            "operationStatus": "Active" if operation.is_active else "Inactive",
            "admin0Name": found.admin0_name,
            "admin0Pcode": found.admin0_code,
        }
        for operation, edition in served.published(access.operations_for_reading(reader))
        for found in served.listings_of(edition)
    }
    return list_answer(request, reader, [rows[key] for key in sorted(rows)])


def _idps(
    request: HttpRequest, reader: ApiKey | None, level: str, generation: Generation
) -> HttpResponse:
    """Return the stock of displaced persons at a level, over all operations."""
    admin_level = int(level)
    wanted = _wanted(Parameters.of(request), admin_level)
    found = served.published(access.operations_for_reading(reader).order_by("name", "country"))
    editions = [edition for _, edition in found]
    return conditional(
        request,
        reader,
        served.etag_of(editions, admin_level, generation, wanted),
        lambda is_packed: served.answer(
            editions, admin_level, generation, wanted, is_packed=is_packed
        ),
    )


def _wanted(parameters: Parameters, level: int) -> Wanted:
    areas = _AREAS[: 2 * level]
    wanted = Wanted(
        operation=parameters.text("Operation"),
        country=parameters.text("CountryName"),
        admin0_code=parameters.text("Admin0Pcode"),
        places=tuple((name, value) for name in areas if (value := parameters.text(name))),
        from_date=parameters.day("FromReportingDate"),
        to_date=parameters.day("ToReportingDate"),
        from_round=parameters.whole("FromRoundNumber"),
        to_round=parameters.whole("ToRoundNumber"),
    )
    require_order("range of reporting dates", wanted.from_date, wanted.to_date)
    require_order("range of round numbers", wanted.from_round, wanted.to_round)
    return wanted


def list_answer(
    request: HttpRequest, reader: ApiKey | None, rows: list[dict[str, Any]]
) -> HttpResponse:
    """Return a short list in the envelope."""
    body = json.dumps(envelope(rows), ensure_ascii=False, separators=(",", ":")).encode()
    etag = hashlib.sha256(body).hexdigest()[:32]
    return conditional(
        request, reader, etag, lambda is_packed: packed_if(body, is_packed=is_packed)
    )


open_countries = for_programs(needs_key=False)(_countries)
open_operations = for_programs(needs_key=False)(_operations)
open_idps = for_programs(needs_key=False)(_idps)
countries = for_programs(needs_key=True)(_countries)
operations = for_programs(needs_key=True)(_operations)
idps = for_programs(needs_key=True)(_idps)
