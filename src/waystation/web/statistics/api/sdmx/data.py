"""Figures, and which of them there are."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse

from waystation.errors import InvalidChoice, NotFound
from waystation.release.sdmx import keys
from waystation.release.sdmx.data import (
    ALL_DIMENSIONS,
    DataFormat,
    DataMessage,
    Detail,
    data_message,
)
from waystation.release.sdmx.figures import DIMENSIONS, TIME, Figures
from waystation.release.sdmx.messages import structure_message
from waystation.release.sdmx.structures import AGENCY, VERSION
from waystation.web.statistics import queries
from waystation.web.statistics.api.sdmx.formats import (
    DATA_2_1,
    DATA_3_0,
    STRUCTURE_2_1,
    STRUCTURE_3_0,
    chosen,
    content_type,
)
from waystation.web.statistics.api.sdmx.gateway import NotOffered, TooMuch, conditional
from waystation.web.statistics.api.sdmx.graph import Graph, Node, constraint
from waystation.web.statistics.queries import Held

# What is written and sent within a few seconds.
MOST_OBSERVATIONS = {
    DataFormat.CSV_1_0: 3_000_000,
    DataFormat.CSV_2_0: 3_000_000,
    DataFormat.JSON_1_0: 1_500_000,
    DataFormat.JSON_2_0: 1_500_000,
}
MOST_OF_OTHERS = 500_000
_VERSIONS = {"latest", "all", "*", "+", "~", "", VERSION, "1.0.0", "1.0+", "1+", "1.0.0+"}
_ANY = {"all", "*", ""}


def data_2_1(request: HttpRequest, parts: list[str]) -> HttpResponse:
    """Answer ``data/{flow}/{key}/{provider}``."""
    if not 1 <= len(parts) <= 3:
        raise _address(parts, "data/flow/key/provider")
    flow, key, provider = [*parts, *[""] * (3 - len(parts))]
    one = _flow_2_1(flow)
    _require_provider(provider)
    return _data(request, one, _wanted(request, keys.keys_2_1(key)), is_3_0=False)


def data_3_0(request: HttpRequest, parts: list[str]) -> HttpResponse:
    """Answer ``data/{context}/{agency}/{id}/{version}/{key}``."""
    if not 3 <= len(parts) <= 5:
        raise _address(parts, "data/dataflow/agency/id/version/key")
    *flow, key = [*parts, *[""] * (5 - len(parts))]
    one = _flow_3_0(flow)
    wanted = _wanted(request, keys.keys_3_0(key), is_3_0=True)
    return _data(request, one, wanted, is_3_0=True)


def available_2_1(request: HttpRequest, parts: list[str]) -> HttpResponse:
    """Answer ``availableconstraint/{flow}/{key}/{provider}/{component}``."""
    if not 1 <= len(parts) <= 4:
        raise _address(parts, "availableconstraint/flow/key/provider/component")
    flow, key, provider, component = [*parts, *[""] * (4 - len(parts))]
    one = _flow_2_1(flow)
    _require_provider(provider)
    wanted = _wanted(request, keys.keys_2_1(key))
    return _available(request, one, wanted, component, is_3_0=False)


def available_3_0(request: HttpRequest, parts: list[str]) -> HttpResponse:
    """Answer ``availability/{context}/{agency}/{id}/{version}/{key}/{component}``."""
    if not 3 <= len(parts) <= 6:
        raise _address(parts, "availability/dataflow/agency/id/version/key/component")
    *flow, key, component = [*parts, *[""] * (6 - len(parts))]
    one = _flow_3_0(flow)
    wanted = _wanted(request, keys.keys_3_0(key), is_3_0=True)
    return _available(request, one, wanted, component, is_3_0=True)


def _data(
    request: HttpRequest, one: Held, wanted: keys.Wanted, *, is_3_0: bool
) -> HttpResponse:
    accept, asked = request.headers.get("Accept", ""), request.GET.get("format", "")
    format = chosen(DATA_3_0 if is_3_0 else DATA_2_1, accept, asked)
    at = request.GET.get("dimensionAtObservation") or TIME
    if at not in {*DIMENSIONS, ALL_DIMENSIONS}:
        choices = ", ".join((*DIMENSIONS, ALL_DIMENSIONS))
        raise InvalidChoice(value=at[:60], option="dimension at observation", choices=choices)
    detail = _detail(request, is_3_0=is_3_0)
    _require_news(request, one)

    def make() -> bytes:
        figures = _found(one, wanted)
        most = MOST_OBSERVATIONS.get(format, MOST_OF_OTHERS)
        if figures.rows.height > most:
            raise TooMuch(
                f"There are {figures.rows.height:,} observations and at most {most:,} are "
                "written in this format; ask for a part of them, or for csv."
            )
        return data_message(DataMessage(one.flow, figures, at, detail, one.changed_at), format)

    return conditional(
        request,
        state=one.tag,
        changed_at=one.changed_at,
        content_type=content_type(format),
        make=make,
    )


def _available(
    request: HttpRequest, one: Held, wanted: keys.Wanted, component: str, *, is_3_0: bool
) -> HttpResponse:
    accept, asked = request.headers.get("Accept", ""), request.GET.get("format", "")
    format = chosen(STRUCTURE_3_0 if is_3_0 else STRUCTURE_2_1, accept, asked)
    components = (
        DIMENSIONS if component in _ANY else tuple(component.replace("+", ",").split(","))
    )
    if not set(components) <= set(DIMENSIONS):
        choices = ", ".join(DIMENSIONS)
        raise InvalidChoice(value=component[:60], option="component", choices=choices)
    references = request.GET.get("references", "none")
    graph = Graph((one,))
    node = Node("contentconstraint", AGENCY, one.flow.id)
    beside = [
        other
        for other in graph.with_references(
            [node], "descendants" if references == "all" else references
        )
        if other != node
    ]

    def make() -> bytes:
        found = queries.available_of(_found(one, wanted))
        values = {name: found.values[name] for name in components}
        there = queries.Available(values, found.series, found.observations)
        told = [constraint(one, there), *(graph.artefact(other) for other in beside)]
        return structure_message(told, format)

    return conditional(
        request,
        state=one.tag,
        changed_at=one.changed_at,
        content_type=content_type(format),
        make=make,
    )


def _found(one: Held, wanted: keys.Wanted) -> Figures:
    figures = wanted.of(one.figures())
    if figures.rows.is_empty():
        raise NotFound(what="observation for this question in", name=one.flow.id)
    return figures


def _wanted(
    request: HttpRequest, asked: tuple[keys.Key, ...], *, is_3_0: bool = False
) -> keys.Wanted:
    start, end = request.GET.get("startPeriod", ""), request.GET.get("endPeriod", "")
    pairs = [(name, value) for name, values in request.GET.lists() for value in values]
    return keys.Wanted(
        keys=asked,
        filters=keys.filters_3_0(pairs) if is_3_0 else (),
        start=keys.first_day(start) if start else None,
        end=keys.last_day(end) if end else None,
        first=_count(request, "firstNObservations"),
        last=_count(request, "lastNObservations"),
        offset=_count(request, "offset", least=0) or 0,
        limit=_count(request, "limit"),
    )


def _count(request: HttpRequest, name: str, *, least: int = 1) -> int | None:
    sent = request.GET.get(name, "")
    if not sent:
        return None
    is_whole = sent.isascii() and sent.isdecimal() and len(sent) <= 9
    if not is_whole or int(sent) < least:
        choices = f"whole numbers from {least}"
        raise InvalidChoice(value=sent[:60], option=name, choices=choices)
    return int(sent)


def _require_news(request: HttpRequest, one: Held) -> None:
    """Refuse where nothing was changed after the moment that the request names.

    Raises:
        InvalidChoice: If it is no moment.
        NotFound: If nothing was changed since.
    """
    sent = request.GET.get("updatedAfter", "")
    if not sent:
        return
    try:
        moment = dt.datetime.fromisoformat(sent.replace(" ", "+"))
    except ValueError:
        choices = "moments such as 2026-01-31T00:00:00Z"
        raise InvalidChoice(value=sent[:60], option="updatedAfter", choices=choices) from None
    if one.changed_at <= (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)):
        raise NotFound(what="observation that is newer in", name=one.flow.id)


def _detail(request: HttpRequest, *, is_3_0: bool) -> Detail:
    sent = request.GET.get("detail", "") or Detail.FULL
    if sent not in set(Detail):
        raise InvalidChoice(value=sent[:60], option="detail", choices=", ".join(Detail))
    if is_3_0 and sent == Detail.FULL:
        return _detail_of_parts(request)
    return Detail(sent)


def _detail_of_parts(request: HttpRequest) -> Detail:
    """Return what ``attributes=none`` and ``measures=none`` of SDMX 3.0 mean."""
    no_attributes = request.GET.get("attributes") == "none"
    no_measures = request.GET.get("measures") == "none"
    if no_attributes and no_measures:
        return Detail.SERIES_KEYS_ONLY
    if no_measures:
        return Detail.NO_DATA
    return Detail.DATA_ONLY if no_attributes else Detail.FULL


def _flow_2_1(written: str) -> Held:
    names = written.split(",")
    if len(names) > 3:
        raise InvalidChoice(value=written[:60], option="flow", choices="agency,id,version")
    agency, identifier, version = (
        ("", names[0], "") if len(names) == 1 else (*names, *[""] * (3 - len(names)))
    )
    return _flow(agency, identifier, version)


def _flow_3_0(parts: list[str]) -> Held:
    context, agency, identifier, version = parts
    if context in {"datastructure", "provisionagreement"}:
        raise NotOffered("Figures are asked for by dataflow.")
    if context not in {"dataflow", "*"}:
        raise InvalidChoice(value=context[:60], option="context", choices="dataflow")
    return _flow(agency, identifier, version)


def _flow(agency: str, identifier: str, version: str) -> Held:
    if agency not in {*_ANY, AGENCY} or version not in _VERSIONS:
        raise NotFound(what="dataflow", name=f"{agency}:{identifier}({version})"[:100])
    return queries.held_by_flow(identifier)


def _require_provider(written: str) -> None:
    if written not in {*_ANY, AGENCY, f"{AGENCY},{AGENCY}", f"SDMX,{AGENCY}"}:
        raise NotFound(what="provider", name=written[:100])


def _address(parts: list[str], choices: str) -> InvalidChoice:
    return InvalidChoice(value="/".join(parts)[:60], option="address", choices=choices)
