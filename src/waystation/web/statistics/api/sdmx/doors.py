"""The two interfaces: each address is taken apart and handed to who answers it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from waystation.web.statistics.api.sdmx import data
from waystation.web.statistics.api.sdmx.gateway import NotOffered, for_sdmx
from waystation.web.statistics.api.sdmx.structure import structure


@for_sdmx
def sdmx_2_1(request: HttpRequest, question: str) -> HttpResponse:
    """Answer the interface of SDMX 2.1 (REST 1.5)."""
    kind, *parts = question.rstrip("/").split("/")
    if kind == "data":
        return data.data_2_1(request, parts)
    if kind == "availableconstraint":
        return data.available_2_1(request, parts)
    if kind in {"metadata", "schema"}:
        raise NotOffered(f"This server has no {kind}.")
    return structure(request, [kind, *parts], is_3_0=False)


@for_sdmx
def sdmx_3_0(request: HttpRequest, question: str) -> HttpResponse:
    """Answer the interface of SDMX 3.0 (REST 2.1)."""
    kind, *parts = question.rstrip("/").split("/")
    if kind == "data":
        return data.data_3_0(request, parts)
    if kind == "availability":
        return data.available_3_0(request, parts)
    if kind in {"metadata", "schema", "registration"}:
        raise NotOffered(f"This server has no {kind}.")
    if kind == "structure":
        return structure(request, parts or ["*"], is_3_0=True)
    return structure(request, [kind, *parts], is_3_0=True)
