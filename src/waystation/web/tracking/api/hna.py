"""The HNA API, version 1: household needs by area of level 2, in pages and as a workbook.

Source:
    dtmapi 0.2.1 (PyPI), ``dtmapi.hna.api``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from typing import Any

import polars as pl
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from waystation.release.hna_rows import hna_catalogue, hna_workbook
from waystation.release.snapshots import country_name
from waystation.web.accounts.models import ApiKey
from waystation.web.tracking import access, surveys
from waystation.web.tracking.api.dtm import list_answer
from waystation.web.tracking.api.gateway import (
    JSON_TYPE,
    conditional,
    for_programs,
    packed_if,
    refusal,
)
from waystation.web.tracking.api.parameters import Parameters
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.models import NeedsSurvey

PAGE_SIZE = 100
LINK_SECONDS = 600
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LINKS = signing.TimestampSigner(salt="waystation.hna.download")


@for_programs(needs_key=True)
def countries(request: HttpRequest, reader: ApiKey | None) -> HttpResponse:
    """List the countries that publish surveys of households."""
    found = set()
    for survey in surveys.current_surveys(access.operations_for_reading(reader)):
        code = survey.operation.country
        units = edition_of(survey.operation).frame("units")
        found.add((country_name(code, units), code))
    names = ("admin0Name", "admin0Pcode")
    return list_answer(
        request, reader, [dict(zip(names, r, strict=True)) for r in sorted(found)]
    )


@for_programs(needs_key=True)
def catalog(request: HttpRequest, reader: ApiKey | None) -> HttpResponse:
    """List what the columns of the data hold."""
    indicators: set[str] = set()
    for survey in surveys.current_surveys(access.operations_for_reading(reader)):
        indicators |= set(surveys.needs_of(survey)["indicator"])
    return list_answer(request, reader, list(hna_catalogue(indicators)))


@for_programs(needs_key=True)
def admin2(request: HttpRequest, reader: ApiKey | None) -> HttpResponse:
    """Return one page of the needs of a country and year."""
    parameters = Parameters.of(request)
    page = parameters.whole("Page", default=1)
    rows = _rows(parameters, reader)
    body = json.dumps(_nested(rows, max(page, 1)), ensure_ascii=False).encode()
    etag = hashlib.sha256(body).hexdigest()[:32]
    return conditional(
        request, reader, etag, lambda is_packed: packed_if(body, is_packed=is_packed)
    )


@for_programs(needs_key=True)
def download(request: HttpRequest, reader: ApiKey | None) -> HttpResponse:
    """Return where the workbook of a country and year lies for the next ten minutes."""
    parameters = Parameters.of(request)
    found = _surveys(parameters, reader)
    now = timezone.now()
    country, year = parameters.needed("Admin0Pcode").upper(), parameters.whole("Year")
    name = f"Report_{_plain(country)}_{year}__{now:%Y%m%d%H%M%S}.xlsx"
    link = _LINKS.sign_object(
        {"surveys": [s.pk for s in found], "groups": sorted(_groups(parameters)), "name": name}
    )
    body = {
        "downloadUrl": request.build_absolute_uri(reverse("dtm:hna_file", args=[link])),
        "fileName": name,
        "expiresAt": (now + dt.timedelta(seconds=LINK_SECONDS)).isoformat(),
    }
    return HttpResponse(
        json.dumps(body), content_type=JSON_TYPE, headers={"Cache-Control": "no-store"}
    )


@for_programs(needs_key=False)
def file(request: HttpRequest, reader: ApiKey | None, link: str) -> HttpResponse:
    """Return the workbook that a link points at, until it expires; no key is needed."""
    try:
        wanted = _LINKS.unsign_object(link, max_age=LINK_SECONDS)
    except signing.BadSignature:
        return refusal(403, "The link has expired, or is not one of ours; ask for a new one.")
    found = surveys.surveys_by_key(wanted["surveys"])
    rows = surveys.rows_of_surveys(found, frozenset(wanted["groups"]))
    body = hna_workbook(rows)
    answer = HttpResponse(b"" if request.method == "HEAD" else body, content_type=WORKBOOK)
    answer["Content-Length"] = str(len(body))
    answer["Content-Disposition"] = f'attachment; filename="{wanted["name"]}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _surveys(parameters: Parameters, reader: ApiKey | None) -> list[NeedsSurvey]:
    country = parameters.needed("Admin0Pcode")
    parameters.needed("Year")
    year, name = parameters.whole("Year"), parameters.text("Admin0Name")
    operations = access.operations_for_reading(reader)
    found = [
        survey
        for survey in surveys.current_surveys(operations)
        if survey.operation.country.lower() == country and survey.year == year
    ]
    if name:
        found = [s for s in found if _name_of(s).lower() == name]
    return found


def _name_of(survey: NeedsSurvey) -> str:
    units = edition_of(survey.operation).frame("units")
    return country_name(survey.operation.country, units)


def _groups(parameters: Parameters) -> frozenset[str]:
    sent = parameters.text("PopulationGroup").split(",")
    return frozenset(group.strip() for group in sent if group.strip())


def _rows(parameters: Parameters, reader: ApiKey | None) -> pl.DataFrame:
    return surveys.rows_of_surveys(_surveys(parameters, reader), _groups(parameters))


def _nested(rows: pl.DataFrame, page: int) -> dict[str, Any]:
    """Return a page of rows in the two envelopes that the service puts round it."""
    pages = math.ceil(rows.height / PAGE_SIZE)
    data = rows.slice((page - 1) * PAGE_SIZE, PAGE_SIZE).to_dicts()
    return {
        "result": {
            "result": {
                "data": data,
                "pagination": {
                    "page": page,
                    "pageSize": PAGE_SIZE,
                    "totalItems": rows.height,
                    "totalPages": pages,
                    "hasNextPage": page < pages,
                    "hasPreviousPage": 1 < page <= pages + 1,
                },
            },
            "statusCode": 200,
            "isSuccess": True,
            "errorMessages": [],
            "totalRecordsCount": rows.height,
        },
        "id": 0,
        "exception": None,
        "status": 5,
        "isCompletedSuccessfully": True,
    }


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isalnum())[:8]
