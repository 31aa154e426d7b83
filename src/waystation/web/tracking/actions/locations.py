"""Writes to the master list: decisions, laid over what was reported."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from waystation.web.accounts.models import User
from waystation.web.audit.actions import record
from waystation.web.tracking.jobs import start_job
from waystation.web.tracking.models import LocationDecision, Operation
from waystation.web.tracking.models.jobs import JobKind
from waystation.web.tracking.models.places import LocationChange
from waystation.web.tracking.models.rounds import RoundState


@transaction.atomic
def decide_location(
    operation: Operation,
    location_id: str,
    change: LocationChange,
    *,
    by: User,
    other_id: str = "",
    proposal: str = "",
    values: dict[str, Any] | None = None,
    holds_from: dt.date | None = None,
    reason: str = "",
) -> LocationDecision:
    """Decide about a location, and build the open rounds anew where it changes figures."""
    decision = LocationDecision.objects.create(
        operation=operation, location_id=location_id, change=change, other_id=other_id,
        proposal=proposal, values=values or {}, holds_from=holds_from, reason=reason, by=by,
    )  # fmt: skip
    record("location.decide", by, decision, {"change": change.value, "proposal": proposal})
    _rebuild(operation, change, by)
    return decision


@transaction.atomic
def withdraw_decision(decision: LocationDecision, *, by: User) -> None:
    """Take a decision back; what it changed is built anew."""
    decision.is_current = False
    decision.save(update_fields=["is_current"])
    record("location.undo", by, decision, {"change": decision.change})
    _rebuild(decision.operation, LocationChange(decision.change), by)


def _rebuild(operation: Operation, change: LocationChange, by: User) -> None:
    if change == LocationChange.DISMISS:
        return
    open_rounds = operation.rounds.exclude(draft=0).exclude(state=RoundState.PUBLISHED)
    for round_ in open_rounds:
        start_job(operation, JobKind.BUILD_DRAFT, round_.pk, by=by)
