"""What was published, when, by whom, and each version at its permanent address."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from waystation.tracking.indicators import is_indicator
from waystation.web.accounts import access as accounts
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import PERMITTED, Action, Role
from waystation.web.tracking import access
from waystation.web.tracking.models import Snapshot
from waystation.web.tracking.models.publication import RequestState
from waystation.web.tracking.models.rounds import Component
from waystation.web.tracking.versions import (
    holding,
    requests_of,
    snapshots_of,
    snapshots_of_round,
    version_of,
    withdrawal_of,
)
from waystation.web.tracking.views.closer.downloads import version_files
from waystation.web.tracking.views.closer.reading import Reading, is_total, reading_of

MOST_CHANGED = 300
HEADLINE = "idp_individuals"


@require_GET
def releases(request: HttpRequest, slug: str) -> HttpResponse:
    """Show all that was published, the latest round first."""
    reading = reading_of(request, slug)
    rounds: dict[str, dict[str, Any]] = {}
    found = snapshots_of(reading.operation)
    for snapshot in found:
        key = snapshot.round.key
        if key not in rounds:
            rounds[key] = {
                "holds": holding([s for s in found if s.round.key == key]),
                "label": reading.words.round_label(
                    snapshot.round.number, snapshot.reference_date
                ),
                "component": Component(snapshot.round.component).label,
                "versions": [],
            }
        rounds[key]["versions"].append(_line(reading, snapshot))
    context = reading.context(
        "releases", rounds=list(rounds.values()), withdrawn=_withdrawn(reading)
    )
    return render(request, "tracking/closer/releases.html", context)


def _line(reading: Reading, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "snapshot": snapshot,
        "url": reading.address("release", snapshot.round.key, snapshot.version),
        "headline": snapshot.figures.get(HEADLINE),
        "people": people_of(reading, snapshot),
        "note": snapshot.request.note,
        "withdrawal": withdrawal_of(snapshot),
    }


def people_of(reading: Reading, snapshot: Snapshot) -> dict[str, str]:
    """Return who asked and who approved: names for those who work on it, roles for others."""
    request = snapshot.request
    return {
        "asked": _person(request.asked_by, is_inside=reading.is_inside),
        "approved": _person(request.decided_by, is_inside=reading.is_inside),
    }


def _person(user: User | None, *, is_inside: bool) -> str:
    if user is None:
        return ""
    if is_inside:
        return str(user.get_full_name() or user)
    roles = {Role(assignment.role) for assignment in accounts.roles_of(user)}
    publishing = [role for role in Role if role in roles and Action.PUBLISH in PERMITTED[role]]
    return str(publishing[0].label) if publishing else str(_("Information officer"))


def _withdrawn(reading: Reading) -> list[dict[str, Any]]:
    """Return requests that came to nothing, to those who work on the operation."""
    if not reading.is_inside:
        return []
    return [
        {"request": request, "round": str(request.round.number)}
        for request in requests_of(reading.operation)
        if request.state in (RequestState.DECLINED, RequestState.WITHDRAWN)
    ]


@require_GET
def release(request: HttpRequest, slug: str, key: str, version: int) -> HttpResponse:
    """Show one version of a round, for ever."""
    reading = reading_of(request, slug)
    snapshot = access.snapshot_for_reading(request.user, slug, key, version)
    found = version_of(snapshot)
    newest = holding(snapshots_of_round(snapshot.round))
    withdrawal = withdrawal_of(snapshot)
    is_shown = withdrawal is None or reading.is_inside
    label = reading.words.round_label(snapshot.round.number, snapshot.reference_date)
    context = reading.context(
        "releases",
        snapshot=snapshot,
        round_label=label,
        component=Component(snapshot.round.component).label,
        newest=newest if newest != snapshot else None,
        newest_url=reading.address("release", key, newest.version) if newest else "",
        withdrawal=withdrawal,
        is_shown=is_shown,
        people=people_of(reading, snapshot),
        figures=_figures(reading, snapshot) if is_shown else [],
        changed=_changed(reading, snapshot) if is_shown else None,
        behind=found.behind,
        files=version_files(reading, snapshot) if is_shown else [],
        citation=_citation(reading, snapshot, label),
        licences=_licences(snapshot),
        rule=snapshot.rule,
    )
    return render(request, "tracking/closer/release.html", context)


def _figures(reading: Reading, snapshot: Snapshot) -> list[dict[str, Any]]:
    order = {code: place for place, code in enumerate(reading.indicators)}
    codes = [c for c in snapshot.figures if is_indicator(c) and is_total(c)]
    country = version_of(snapshot).frame("totals").filter(pl.col("admin_level") == 0)
    place = country["code"][0] if country.height else ""
    return [
        {
            "label": reading.indicator_label(code),
            "value": snapshot.figures[code],
            "unit": reading.unit_word(code),
            "trail": reading.address(
                "trail", place=place, indicator=code, round=snapshot.round.key,
                version=snapshot.version,
            ),
        }
        for code in sorted(codes, key=lambda c: (order.get(c, len(order)), c))
    ]  # fmt: skip


def _changed(reading: Reading, snapshot: Snapshot) -> dict[str, Any] | None:
    """Return the figures that differ from the version before."""
    if snapshot.version == 1:
        return None
    frame = version_of(snapshot).changed()
    totals = frame.filter(~pl.col("indicator").str.contains("__"))
    largest = frame.sort(
        pl.col("indicator").str.contains("__"), pl.col("change").abs(),
        descending=[False, True],
    )  # fmt: skip
    return {
        "count": frame.height,
        "totals": totals.height,
        "more": max(frame.height - MOST_CHANGED, 0),
        "rows": [
            row
            | {
                "label": reading.indicator_label(row["indicator"])
                if is_indicator(row["indicator"])
                else row["indicator"],
                "url": reading.address(
                    "trail", place=row["location_id"], indicator=row["indicator"],
                    round=snapshot.round.key, version=snapshot.version,
                ),
            }
            for row in largest.head(MOST_CHANGED).iter_rows(named=True)
        ],
    }  # fmt: skip


def _citation(reading: Reading, snapshot: Snapshot, label: str) -> str:
    """Return how to name this version in a list of sources."""
    operation = reading.operation
    by = operation.producer or (operation.office.name if operation.office else operation.name)
    address = reading.request.build_absolute_uri(
        reading.address("release", snapshot.round.key, snapshot.version)
    )
    said = _("%(by)s: %(operation)s, %(round)s, version %(n)s. Published %(day)s. %(address)s")
    return str(said) % {
        "by": reading.words.isolated(by), "operation": reading.words.isolated(operation.name),
        "round": label, "n": snapshot.version, "address": reading.words.isolated(address),
        "day": reading.words.date(snapshot.published_at.date()),
    }  # fmt: skip


def _licences(snapshot: Snapshot) -> list[str]:
    sources = version_of(snapshot).sources
    return list(dict.fromkeys(source["licence"] for source in sources if source.get("licence")))
