"""The two persons a publication takes, and the snapshot that follows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from waystation.errors import InvalidChoice, NotAllowed
from waystation.web.accounts.models import User
from waystation.web.audit.actions import record
from waystation.web.audit.chain import Details
from waystation.web.tracking.gate import Gate, last_job
from waystation.web.tracking.jobs import start_job
from waystation.web.tracking.models import (
    Job,
    Operation,
    PublicationRequest,
    Round,
    Snapshot,
    Withdrawal,
)
from waystation.web.tracking.models.jobs import JobKind, JobState
from waystation.web.tracking.models.publication import RequestState
from waystation.web.tracking.models.rounds import RoundState


@transaction.atomic
def request_publication(
    round_: Round, *, note: str = "", by: User, gate: Gate | None = None
) -> PublicationRequest:
    """Ask a second person to publish the round's latest draft.

    Args:
        round_: The round.
        note: What the second person should know.
        by: Who asks.
        gate: What must be in order; people ask through it, None is for the exercise.

    Raises:
        InvalidChoice: If the round has no draft, somebody has asked already, or something of
            the gate is not in order.
    """
    require_open(gate)
    if not round_.draft:
        raise InvalidChoice(value=round_.number, option="round", choices="one with a draft")
    if round_.requests.filter(state=RequestState.WAITING).exists():
        raise InvalidChoice(value=round_.number, option="round", choices="one not waiting")
    request = PublicationRequest.objects.create(
        round=round_, draft=round_.draft, note=note, asked_by=by
    )
    _move(round_, RoundState.PROPOSED)
    record("publication.request", by, request, {"round": round_.pk, "draft": round_.draft})
    return request


@transaction.atomic
def approve_publication(
    request: PublicationRequest, *, by: User, gate: Gate | None = None
) -> Job:
    """Approve, as the second person; the snapshot is made in the background.

    Args:
        request: The request.
        by: Who approves.
        gate: What must be in order, as when asking.

    Raises:
        NotAllowed: If it is the person who asked.
        InvalidChoice: If it does not wait any more, the draft has changed since, or something
            of the gate is not in order any more.
    """
    require_open(gate)
    if request.asked_by_id == by.pk:
        raise NotAllowed(action="tracking.approve", what="own request")
    _require_waiting(request)
    request.round.refresh_from_db(fields=["draft"])
    if request.draft != request.round.draft:
        raise InvalidChoice(
            value=request.draft, option="draft", choices=f"the latest, {request.round.draft}"
        )
    _decide(request, RequestState.APPROVED, "", by)
    record("publication.approve", by, request, {"draft": request.draft})
    return start_job(request.round.operation, JobKind.PUBLISH, request.pk, by=by)


@transaction.atomic
def publish_again(request: PublicationRequest, *, by: User) -> Job:
    """Make the snapshot of an approved request once more, after it failed.

    Raises:
        InvalidChoice: If it did not fail, or was not approved.
    """
    job = last_job(JobKind.PUBLISH, request.pk)
    if request.state != RequestState.APPROVED or job is None or job.state != JobState.FAILED:
        raise InvalidChoice(value=request.pk, option="request", choices="one that failed")
    record("publication.again", by, request, {"draft": request.draft})
    return start_job(request.round.operation, JobKind.PUBLISH, request.pk, by=by)


@transaction.atomic
def decline_publication(request: PublicationRequest, *, answer: str, by: User) -> None:
    """Decline, with what is to be done first; the round is open again."""
    _require_waiting(request)
    _decide(request, RequestState.DECLINED, answer, by)
    _reopen(request.round)
    record("publication.decline", by, request, {"draft": request.draft})


@transaction.atomic
def withdraw_request(request: PublicationRequest, *, by: User) -> None:
    """Take one's own request back; the round is open again."""
    _require_waiting(request)
    _decide(request, RequestState.WITHDRAWN, "", by)
    _reopen(request.round)
    record("publication.withdraw", by, request, {"draft": request.draft})


@transaction.atomic
def withdraw_snapshot(snapshot: Snapshot, *, reason: str, by: User) -> Job:
    """Take a published version back at once; the one before it holds again.

    One person is enough: a figure that endangers people does not wait for a second. The
    version stays kept, for the trail, and is shown to nobody outside any more.

    Raises:
        InvalidChoice: If no reason is given, or it was withdrawn already.
    """
    if not reason.strip():
        raise InvalidChoice(value="", option="reason", choices="some words")
    if Withdrawal.objects.filter(snapshot=snapshot).exists():
        raise InvalidChoice(value=snapshot.version, option="version", choices="one that holds")
    Withdrawal.objects.create(snapshot=snapshot, reason=reason.strip(), by=by)
    round_ = snapshot.round
    if round_.state == RoundState.PUBLISHED:
        _reopen(round_)
    record("snapshot.withdraw", by, snapshot, {"round": round_.pk, "version": snapshot.version})
    return start_job(round_.operation, JobKind.PUBLISH, snapshot.request_id, by=by)


def require_open(gate: Gate | None) -> None:
    """Refuse where something of a gate is not in order.

    Raises:
        InvalidChoice: If so.
    """
    if gate is not None and not gate.is_open:
        raise InvalidChoice(
            value=gate.lacks[0].value, option="round", choices="one with everything in order"
        )


@transaction.atomic
def record_snapshot(
    request: PublicationRequest,
    version: int,
    *,
    reference_date: dt.date,
    sha256: str,
    rule: dict[str, Any],
    figures: dict[str, Any],
    changed_figures: int,
    by: User | None,
) -> Snapshot:
    """Let a version of a round be published."""
    round_ = request.round
    snapshot = Snapshot.objects.create(
        round=round_, version=version, request=request, reference_date=reference_date,
        sha256=sha256, rule=rule, figures=figures, changed_figures=changed_figures,
    )  # fmt: skip
    round_.refresh_from_db(fields=["state", "draft"])
    # A file may have come in while the snapshot was made: then the round is open again.
    _move(
        round_,
        RoundState.PUBLISHED if round_.draft == request.draft else RoundState.REOPENED,
    )
    details: Details = {"round": round_.pk, "version": version, "sha256": sha256}
    record("snapshot.publish", by, snapshot, details)
    return snapshot


@transaction.atomic
def record_edition(operation: Operation, number: int, *, by: User | None) -> None:
    """Let a published whole of an operation hold from now on."""
    operation.edition = number
    operation.save(update_fields=["edition"])
    record("edition.publish", by, operation, {"edition": number})


def _decide(request: PublicationRequest, state: RequestState, answer: str, by: User) -> None:
    request.state, request.answer = state, answer
    request.decided_by, request.decided_at = by, timezone.now()
    request.save(update_fields=["state", "answer", "decided_by", "decided_at"])


def _require_waiting(request: PublicationRequest) -> None:
    # The row is held until the end: two people who decide at once do so one after the other.
    held = PublicationRequest.objects.select_for_update().get(pk=request.pk)
    request.state = held.state
    if request.state != RequestState.WAITING:
        raise InvalidChoice(value=request.state, option="request", choices="one that waits")


def _reopen(round_: Round) -> None:
    has_versions = round_.snapshots.exists()
    _move(round_, RoundState.REOPENED if has_versions else RoundState.OPEN)


def _move(round_: Round, state: RoundState) -> None:
    round_.state = state
    round_.save(update_fields=["state"])
