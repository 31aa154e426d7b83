"""What the page of an operation draws: map document, outlines, locations, charts."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from waystation.errors import NotFound
from waystation.web.tracking import access
from waystation.web.tracking.editions import Edition, edition_of
from waystation.web.tracking.models import Operation
from waystation.web.tracking.views.looking import maps
from waystation.web.tracking.views.looking.answers import data_answer
from waystation.web.tracking.views.looking.choices import Choice, choice_of
from waystation.web.tracking.views.looking.links import Links
from waystation.web.tracking.views.looking.speech import Speech, speech_asked
from waystation.web.tracking.views.looking.told import told


def _published(request: HttpRequest, slug: str) -> tuple[Operation, Edition, Speech]:
    operation = access.operation_for_reading(request.user, slug)
    return operation, edition_of(operation), speech_asked(request, request.GET.dict())


def _chosen(request: HttpRequest, edition: Edition) -> Choice:
    choice = choice_of(edition, request.GET.dict())
    if choice is None:
        raise NotFound(what="data", name=edition.slug)
    return choice


def _existing(make: Callable[[], bytes], name: str) -> Callable[[], bytes]:
    """Return what makes a document, refusing where there is nothing to make it of."""

    def made() -> bytes:
        content = make()
        if content == b"null":
            raise NotFound(what="data", name=name)
        return content

    return made


@require_safe
def map_data(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the map document of a component, an indicator first."""
    operation, edition, speech = _published(request, slug)
    choice = _chosen(request, edition)
    if not maps.has_map(edition):
        raise NotFound(what="map", name=slug)
    name = f"map-{choice.series_name}-{speech.name}"
    links = Links(edition, speech)
    return data_answer(
        request,
        operation,
        edition,
        name,
        lambda: maps.document(edition, choice, links),
    )


@require_safe
def outlines_data(request: HttpRequest, slug: str, level: int) -> HttpResponse:
    """Answer the outlines of a level."""
    operation, edition, speech = _published(request, slug)
    if level not in maps.LEVELS:
        raise NotFound(what="outlines", name=str(level))
    name = f"outlines-{level}-{speech.language}"
    make = _existing(lambda: maps.outlines(edition, level, speech.language), name)
    return data_answer(request, operation, edition, name, make)


@require_safe
def points_data(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the locations that have a position."""
    operation, edition, _ = _published(request, slug)
    make = _existing(lambda: maps.points(edition), "points")
    return data_answer(request, operation, edition, "points", make)


@require_safe
def point_values_data(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the figures of locations by round."""
    operation, edition, _ = _published(request, slug)
    choice = _chosen(request, edition)
    _existing(lambda: maps.points(edition), "points")()
    name = f"point-values-{choice.series_name}"
    return data_answer(
        request, operation, edition, name, lambda: maps.point_values(edition, choice)
    )


@require_safe
def chart_data(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Answer the specification of a chart."""
    operation, edition, speech = _published(request, slug)
    choice = _chosen(request, edition)
    specs = told(edition, choice, speech)["specs"]
    if name not in specs:
        raise NotFound(what="chart", name=name)
    return data_answer(
        request,
        operation,
        edition,
        f"chart-{name}-{choice.name}-{speech.name}",
        lambda: json.dumps(specs[name], ensure_ascii=False, separators=(",", ":")).encode(),
    )
