"""Structures: dataflows, the data structure, code lists, concepts, agency, constraints."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse

from waystation.errors import InvalidChoice, NotFound
from waystation.release.sdmx.messages import structure_message
from waystation.web.statistics import queries
from waystation.web.statistics.api.sdmx.formats import (
    STRUCTURE_2_1,
    STRUCTURE_3_0,
    chosen,
    content_type,
)
from waystation.web.statistics.api.sdmx.gateway import conditional
from waystation.web.statistics.api.sdmx.graph import (
    ALIASES,
    DETAILS,
    OTHERS,
    TYPES,
    Graph,
    only_items,
    stub,
)

MOST_PARTS = 5


def structure(request: HttpRequest, parts: list[str], *, is_3_0: bool) -> HttpResponse:
    """Answer with structures.

    Args:
        request: The request.
        parts: Kind, agency, identifier, version and item, as far as they are given.
        is_3_0: Whether this is the interface of SDMX 3.0.
    """
    if len(parts) > MOST_PARTS:
        raise InvalidChoice(
            value="/".join(parts)[:60], option="address", choices="kind/agency/id/version/item"
        )
    kind, agency, identifier, version, item = [*parts, *[""] * (MOST_PARTS - len(parts))]
    kind = ALIASES.get(kind, kind)
    if kind not in {*TYPES, *OTHERS, "structure", "*"}:
        raise InvalidChoice(
            value=kind[:60], option="kind of structure", choices=", ".join(TYPES)
        )
    accept, asked = request.headers.get("Accept", ""), request.GET.get("format", "")
    format = chosen(STRUCTURE_3_0 if is_3_0 else STRUCTURE_2_1, accept, asked)
    detail = request.GET.get("detail", "full")
    if detail not in DETAILS:
        raise InvalidChoice(value=detail[:60], option="detail", choices=", ".join(DETAILS))
    graph = Graph(queries.all_held())
    found = graph.found(kind, agency, identifier, version or "latest")
    if not found:
        raise NotFound(what=kind, name="/".join(parts[1:])[:100])
    nodes = graph.with_references(found, request.GET.get("references", "none"))

    def make() -> bytes:
        told = []
        for node in nodes:
            artefact = graph.artefact(node)
            is_named = node in found
            if detail in {"allstubs", "allcompletestubs"} or (
                not is_named and detail in {"referencestubs", "referencecompletestubs"}
            ):
                artefact = stub(artefact)
            elif is_named:
                artefact = only_items(artefact, item)
            told.append(artefact)
        return structure_message(told, format)

    return conditional(
        request,
        state=queries.state_of(graph.datasets),
        changed_at=_latest(graph),
        content_type=content_type(format),
        make=make,
    )


def _latest(graph: Graph) -> dt.datetime | None:
    return max((one.changed_at for one in graph.datasets), default=None)
