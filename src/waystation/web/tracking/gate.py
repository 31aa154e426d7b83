"""What must be in order before a round is published, and what is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from waystation.web.tracking import findings, queries
from waystation.web.tracking.findings import Desk
from waystation.web.tracking.models import Job, PublicationRequest, Round
from waystation.web.tracking.models.jobs import JobKind, JobState
from waystation.web.tracking.models.publication import RequestState

RUNS = (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Pending:
    """What is not in a round's figures yet.

    Attributes:
        changes: Cells and rows corrected since the draft was built.
        is_stale: Whether a new draft would be made of other files, corrections or history.
        job: The build that waits or runs, if any.
        failed: The last build, where it failed and nothing came after.
    """

    changes: int
    is_stale: bool
    job: Job | None
    failed: Job | None


def pending_of_round(round_: Round, desk: Desk | None) -> Pending:
    """Return what is not in a round's figures yet."""
    job = running_job(JobKind.BUILD_DRAFT, round_.pk)
    last = last_job(JobKind.BUILD_DRAFT, round_.pk) if job is None else None
    return Pending(
        changes=desk.changes if desk else 0,
        is_stale=round_.draft_inputs != queries.inputs_of_round(round_),
        job=job,
        failed=last if last is not None and last.state == JobState.FAILED else None,
    )


def running_job(kind: JobKind, object_id: int) -> Job | None:
    """Return the work on an object that waits or runs; the one that runs before the other."""
    found = _jobs(kind, object_id).filter(state__in=RUNS).order_by("state")
    return found.first()


def last_job(kind: JobKind, object_id: int) -> Job | None:
    """Return the work on an object that was asked for last."""
    return _jobs(kind, object_id).first()


def _jobs(kind: JobKind, object_id: int) -> QuerySet[Job]:
    return Job.objects.filter(kind=kind, object_id=object_id).select_related("operation")


class Lack(StrEnum):
    """What stands in the way of a publication."""

    NO_FILES = "no_files"
    NO_DRAFT = "no_draft"
    STALE = "stale"
    OPEN_ERRORS = "open_errors"


@dataclass(frozen=True, slots=True)
class Gate:
    """How far a round is on its way to publication.

    Attributes:
        files: Files that count in it.
        open_errors: Errors nobody has settled.
        lacks: What stands in the way, in the order to be put right.
        request: The request that waits for a second person, if any.
        has_changed: Whether the draft is another than the one the request is about.
    """

    files: int
    open_errors: int
    lacks: tuple[Lack, ...]
    request: PublicationRequest | None
    has_changed: bool

    @property
    def is_open(self) -> bool:
        """Say whether nothing stands in the way."""
        return not self.lacks


def gate_of_round(round_: Round, desk: Desk | None = None) -> Gate:
    """Return what must be in order before the round is published, and what is not."""
    files = len(queries.uploads_of_round(round_))
    if desk is None and round_.draft:
        desk = findings.desk_of_round(round_)
    open_errors = desk.open_errors() if desk else 0
    is_stale = round_.draft_inputs != queries.inputs_of_round(round_)
    found = (
        (Lack.NO_FILES, not files),
        (Lack.NO_DRAFT, not round_.draft),
        (Lack.STALE, bool(round_.draft) and is_stale),
        (Lack.OPEN_ERRORS, open_errors > 0),
    )
    request = waiting_request(round_)
    return Gate(
        files=files,
        open_errors=open_errors,
        lacks=tuple(lack for lack, is_there in found if is_there),
        request=request,
        has_changed=request is not None and (is_stale or request.draft != round_.draft),
    )


def waiting_request(round_: Round) -> PublicationRequest | None:
    """Return the request that waits for a second person, if any."""
    waiting = round_.requests.filter(state=RequestState.WAITING)
    return waiting.select_related("asked_by").first()
