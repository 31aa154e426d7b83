"""An operation at a glance: where people are, how many, what changed, how sure we are."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from waystation.web.tracking import access
from waystation.web.tracking.editions import Edition, edition_of
from waystation.web.tracking.views.frame import operation_context
from waystation.web.tracking.views.looking import maps
from waystation.web.tracking.views.looking.choices import Choice, choice_of
from waystation.web.tracking.views.looking.links import Links
from waystation.web.tracking.views.looking.options import options_of
from waystation.web.tracking.views.looking.speech import Speech, speech_of_page
from waystation.web.tracking.views.looking.told import told

MOST_BESIDE_MAP = 12
CHANGED = ("rounds", "change")
WHO = ("reason", "origin", "sex_age", "sex", "age_group", "site_type", "shelter", "need")
SURE = ("coverage", "quality")
# Charts know hatchings by where they are defined, the style sheet by name.
HATCHINGS = {
    "url(#carried)": "carried",
    "url(#estimated)": "estimated",
    "url(#absent)": "absent-hatch",
}


@gzip_page
@require_safe
def operation(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an operation's figures as of a round, or what is missing until there are any."""
    found = access.operation_for_reading(request.user, slug)
    edition = edition_of(found) if found.edition else None
    choice = choice_of(edition, request.GET.dict()) if edition else None
    if edition is None or choice is None:
        context = operation_context(request, found, "operation")
        return render(request, "tracking/looking/nothing_yet.html", context)
    speech = speech_of_page(request)
    context = operation_context(
        request,
        found,
        "operation",
        choice=choice,
        told=told(edition, choice, speech),
        has_map=maps.has_map(edition),
        body=_body(edition.folder, edition, choice, speech),
        links=Links(edition, speech),
        **options_of(edition, choice, speech),
    )
    return render(request, "tracking/looking/operation.html", context)


@lru_cache(maxsize=64)
def _body(folder: Path, edition: Edition, choice: Choice, speech: Speech) -> SafeString:
    """Return what is the same for every reader of a choice, however many."""
    links, facts = Links(edition, speech), told(edition, choice, speech)
    exhibits = {
        name: _shown(exhibit, links.chart(name, choice))
        for name, exhibit in facts["exhibits"].items()
    }
    levels = _levels(facts, links, choice)
    context = {
        "told": facts,
        "links": links,
        "choice": choice,
        "has_map": maps.has_map(edition),
        "map_url": links.map(choice),
        "trail_url": links.trail(choice),
        "changed": _named(exhibits, CHANGED),
        "who": _named(exhibits, WHO),
        "sure": _named(exhibits, SURE),
        "levels": levels,
        "largest": levels[0]["rows"][:MOST_BESIDE_MAP] if levels else [],
        "change_table": _table(facts["change_by_area"]),
        "parts": _linked(links, choice),
    }
    text = render_to_string("tracking/looking/body.html", context)
    return mark_safe(text)  # noqa: S308  # rendered by a template that escapes


def _linked(links: Links, choice: Choice) -> dict[str, str]:
    return {name: links.part(name, choice) for name in ("table", "compare", "flows")}


def _named(exhibits: dict[str, Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [exhibits[name] for name in names if name in exhibits]


def _shown(exhibit: dict[str, Any], url: str) -> dict[str, Any]:
    legend = [
        {"label": entry["label"], "fill": _fill_name(entry["fill"])}
        for entry in exhibit["legend"]
    ]
    return {**exhibit, "url": url, "legend": legend, "table_html": _table(exhibit["table"])}


def _table(table: dict[str, Any] | None) -> str:
    if table is None:
        return ""
    marks, columns = table["unsure"] or [False] * len(table["rows"]), table["figure_columns"]
    context = {
        "caption": table["caption"],
        "note": table["note"],
        "headings": list(zip(table["headings"], columns, strict=True)),
        "rows": [
            (row[0], list(zip(row[1:], columns[1:], strict=True)), mark)
            for row, mark in zip(table["rows"], marks, strict=True)
        ],
    }
    return render_to_string("tracking/looking/figures_table.html", context)


@lru_cache(maxsize=1)
def _fills() -> dict[str, str]:
    from dataclasses import asdict

    from waystation.release.theme import LIGHT

    return {colour: name for name, colour in asdict(LIGHT).items() if isinstance(colour, str)}


def _fill_name(fill: str) -> str:
    """Return the name of a fill: a token's, or that of a hatching."""
    return HATCHINGS.get(fill) or _fills().get(fill, fill)


def _levels(facts: dict[str, Any], links: Links, choice: Choice) -> list[dict[str, Any]]:
    """Return the tables of areas: their rows with the addresses that figures lead to."""
    levels = []
    for level, rows in facts["areas"].items():
        shown = [
            {
                **row,
                "trail": links.trail(choice, row["code"]) if row["value"] is not None else "",
                "place": links.place(row["code"]) if row["code"] else "",
            }
            for row in rows
        ]
        assessed = [row for row in shown if row["is_assessed"]]
        levels.append(
            {"level": level, "rows": assessed, "left_out": len(shown) - len(assessed)}
        )
    return levels
