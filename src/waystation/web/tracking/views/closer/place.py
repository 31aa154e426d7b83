"""The history of a place: a unit or a location."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from waystation.errors import NotFound
from waystation.release.reading.places import Place, place_of
from waystation.release.report.figures import HEADLINES
from waystation.web.tracking import decided
from waystation.web.tracking.forms.closer import PlaceForm
from waystation.web.tracking.views.closer.around import children_of, neighbours_of
from waystation.web.tracking.views.closer.history import History
from waystation.web.tracking.views.closer.reading import (
    Reading,
    level_word,
    reading_of,
)


@require_GET
def place(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Show what is known of a place, round after round."""
    reading = reading_of(request, slug)
    try:
        found = find_place(reading, code)
    except NotFound:
        merged = decided.merged_into(reading.operation, code)
        find_place(reading, merged or code)
        return redirect(reading.address("place", merged, was=code))
    history = History.of(reading, found)
    form = PlaceForm(
        request.GET,
        indicators=reading.indicator_choices(history.indicators),
        default=main_indicator(history),
    )
    indicator = form.chosen("indicator")
    context = reading.context(
        "",
        place=found,
        form=form,
        indicator=indicator,
        indicator_label=reading.indicator_label(indicator) if indicator else "",
        kind=level_word(found.level),
        steps=[(step.name, reading.address("place", step.code)) for step in found.above],
        headline=history.headline(indicator),
        history=history.table(),
        breakdowns=history.breakdowns(),
        moved=history.change(indicator),
        children=children_of(reading, found, indicator, history),
        neighbours=neighbours_of(reading, found, indicator, history),
        chart_url=reading.address("place_chart_data", place=code, indicator=indicator),
        map_url=reading.address("place_map_data", place=code, indicator=indicator),
        map_view="points" if found.latitude is not None else "",
        map_level=min(found.level, max(reading.levels)),
        place_prefix=reading.address("place", "-").removesuffix("-"),
        table_url=reading.address(
            "table", unit=code if not found.is_location and found.level else None
        ),
        was=_former(reading, found, request.GET.get("was", "")),
        **_for_workers(reading, found),
    )
    return render(request, "tracking/closer/place.html", context, status=form.answer)


def find_place(reading: Reading, code: str) -> Place:
    """Return a place of the edition.

    Raises:
        NotFound: If the edition has no such unit or location.
    """
    units, locations = (reading.edition.frame(name) for name in ("units", "locations"))
    return place_of(code, units, locations, reading.language)


def main_indicator(history: History) -> str:
    """Return what a place's page follows unless told: the first headline that it has."""
    known = history.indicators
    return next((c for c in HEADLINES if c in known), known[0] if known else "")


def _former(reading: Reading, found: Place, was: str) -> str:
    """Return the former id that led here, if it truly did."""
    is_true = was and decided.merged_into(reading.operation, was) == found.code
    return was if is_true else ""


def _for_workers(reading: Reading, found: Place) -> dict[str, Any]:
    """Return what only people who work on the operation see: the list's entry, decisions."""
    if not found.is_location or not reading.is_inside:
        return {}
    return {
        "list_url": reading.address("locations", q=found.code),
        "decisions": decided.decisions_about(reading.operation, found.code),
    }
