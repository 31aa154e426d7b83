"""What the work list of an operation shows: rounds, files that wait, jobs that run, in turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.db.models import Count
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from waystation.web.audit.models import Event
from waystation.web.tracking import storage
from waystation.web.tracking.models import Job, Operation, Round, Upload
from waystation.web.tracking.models.jobs import JobKind, JobState
from waystation.web.tracking.models.rounds import RoundState
from waystation.web.tracking.models.uploads import UploadState

SEVERITIES = ("error", "warning", "info")
WAITING_FILES = (UploadState.TO_CONFIRM, UploadState.FAILED)
UNFINISHED = (JobState.WAITING, JobState.RUNNING)
LONGEST_LIST = 100
STATE_CLASSES = {
    RoundState.OPEN: "",
    RoundState.PROPOSED: "warn",
    RoundState.PUBLISHED: "good",
    RoundState.REOPENED: "warn",
}


@dataclass(frozen=True, slots=True)
class Next:
    """What to do next.

    Attributes:
        label: A verb, or why there is nothing to do.
        url: Where; empty where there is nothing to do.
    """

    label: Any
    url: str = ""


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round on the work list.

    Attributes:
        round: The record.
        files: Files whose rows count in it.
        open: Findings that nobody has decided on, by severity; None where nothing is built.
        persons: People displaced by its draft.
        next: What to do next.
        state_class: How its state is drawn.
        is_building: Whether a draft is being built.
    """

    round: Round
    files: int
    open: dict[str, int] | None
    persons: float | None
    next: Next
    state_class: str
    is_building: bool


@dataclass(frozen=True, slots=True)
class WorkList:
    """All of it.

    Attributes:
        waiting: Files that wait for a person, those that failed first.
        reading: Files that something happens to.
        rounds: Rounds that are not published, the newest first.
        published: Rounds that are, the newest first.
        jobs: Work that waits or runs.
        has_places: Whether the operation has units yet.
        has_files: Whether any file was ever sent.
    """

    waiting: list[Upload]
    reading: list[Upload]
    rounds: list[RoundRow]
    published: list[RoundRow]
    jobs: list[Job]
    has_places: bool
    has_files: bool
    next: Next | None = field(default=None)


def work_of(operation: Operation, *, may_review: bool, may_publish: bool) -> WorkList:
    """Return the work list of an operation, for a person who may do some of it."""
    jobs = list(
        operation.jobs.filter(state__in=UNFINISHED).select_related("operation").order_by("pk")
    )
    building = {job.object_id for job in jobs if job.kind == JobKind.BUILD_DRAFT}
    rounds = list(
        operation.rounds.select_related("operation__office").order_by("-number", "component")
    )
    files = _files_by_round(operation)
    rows = [
        _row(r, files.get(r.pk, 0), r.pk in building, may_review, may_publish) for r in rounds
    ]
    is_done = [row.round.state == RoundState.PUBLISHED for row in rows]
    uploads = operation.uploads.select_related("operation", "sent_by")
    waiting = uploads.filter(state__in=WAITING_FILES).order_by("state", "-pk")
    reading = uploads.filter(state__in=(UploadState.RECEIVED, UploadState.READING))
    return WorkList(
        waiting=list(waiting[:LONGEST_LIST]),
        reading=list(reading.order_by("pk")[:LONGEST_LIST]),
        rounds=[row for row, done in zip(rows, is_done, strict=True) if not done],
        published=[row for row, done in zip(rows, is_done, strict=True) if done],
        jobs=jobs[:LONGEST_LIST],
        has_places=operation.geography_version > 0,
        has_files=operation.uploads.exists(),
    )


def _files_by_round(operation: Operation) -> dict[int, int]:
    counts = (
        operation.rounds.filter(uploads__state=UploadState.READ)
        .order_by()
        .values_list("pk")
        .annotate(files=Count("uploads", distinct=True))
    )
    return dict(counts)


def _row(
    round_: Round, files: int, is_building: bool, may_review: bool, may_publish: bool
) -> RoundRow:
    open_ = None if round_.state == RoundState.PUBLISHED else open_findings(round_)
    return RoundRow(
        round=round_,
        files=files,
        open=open_,
        persons=_persons(round_),
        next=next_of(
            round_, open_, is_building, may_review=may_review, may_publish=may_publish
        ),
        state_class=STATE_CLASSES[RoundState(round_.state)],
        is_building=is_building,
    )


def open_findings(round_: Round) -> dict[str, int] | None:
    """Return how many findings of a draft nobody has decided on, by severity."""
    if not round_.draft:
        return None
    try:
        items = pl.read_parquet(
            storage.draft_folder(round_) / "review.parquet", columns=["key", "severity"]
        )
    except (OSError, pl.exceptions.PolarsError):
        counted = round_.draft_summary.get("findings", {})
        return {name: int(counted.get(name, 0)) for name in SEVERITIES}
    decided = list(round_.decisions.filter(is_current=True).values_list("key", flat=True))
    left = items.filter(~pl.col("key").is_in(decided)) if decided else items
    counts = dict(left.group_by("severity").len().iter_rows())
    return {name: counts.get(name, 0) for name in SEVERITIES}


def _persons(round_: Round) -> float | None:
    for snapshot in round_.draft_summary.get("rounds", []):
        for row in snapshot["figures"]:
            if row["indicator"] == "idp_individuals" and row["value"] is not None:
                return float(row["value"])
    return None


def next_of(
    round_: Round,
    open_: dict[str, int] | None,
    is_building: bool,
    *,
    may_review: bool,
    may_publish: bool,
) -> Next:
    """Return the one thing to do next with a round, for this person."""
    if is_building:
        return Next(_("Wait: its draft is being built"))
    if round_.state == RoundState.PUBLISHED:
        return Next(_("See what is published"), address("operation", round_.operation.slug))
    if not round_.draft:
        return Next(_("Send a file"), address("upload_new", round_.operation.slug))
    if round_.state == RoundState.PROPOSED:
        if may_publish:
            return Next(_("Decide on publication"), _of_round("publish", round_))
        return Next(_("Wait for a second person"))
    if not may_review:
        return Next(_("See the findings"), _of_round("review", round_))
    if open_ and (open_["error"] or open_["warning"]):
        return Next(_("Review the findings"), _of_round("review", round_))
    if may_publish:
        return Next(_("Ask to publish"), _of_round("publish", round_))
    return Next(_("Wait for publication"))


def address(name: str, *args: object) -> str:
    """Return the address of a page of tracking; empty where it is not installed."""
    try:
        return reverse(f"tracking:{name}", args=args)
    except NoReverseMatch:
        return ""


def _of_round(name: str, round_: Round) -> str:
    return address(name, round_.operation.slug, round_.key)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a file.

    Attributes:
        at: When.
        what: What, in words.
        by: Who; empty for the server itself.
    """

    at: dt.datetime
    what: Any
    by: str


HAPPENED: dict[str, Any] = {
    "upload.receive": _("Received"),
    "upload.propose": _("A mapping was proposed"),
    "upload.edit": _("The mapping was changed"),
    "upload.confirm": _("The mapping was confirmed"),
    "upload.read": _("Read into its rounds"),
    "upload.fail": _("Could not be used"),
    "upload.retry": _("Tried again"),
    "upload.download": _("The original was downloaded"),
    "upload.withdraw": _("Withdrawn"),
}


BY_HAND = {
    "upload.receive", "upload.edit", "upload.confirm", "upload.retry", "upload.download",
    "upload.withdraw",
}  # fmt: skip


def history_of(upload: Upload) -> list[Happening]:
    """Return what happened to a file, oldest first, from the audit trail."""
    events = Event.objects.filter(
        object_kind="tracking.upload", object_id=str(upload.pk)
    ).select_related("actor")
    return [
        Happening(
            at=event.at,
            what=HAPPENED.get(event.verb, event.verb),
            by=event.actor.get_full_name() if event.actor and event.verb in BY_HAND else "",
        )
        for event in events.order_by("number")[:LONGEST_LIST]
    ]


def job_of(upload: Upload) -> Job | None:
    """Return the latest work on a file."""
    kinds = (JobKind.PROPOSE_MAPPING, JobKind.READ_UPLOAD, JobKind.PREVIEW_UPLOAD)
    jobs = upload.operation.jobs.filter(kind__in=kinds, object_id=upload.pk)
    return jobs.order_by("-pk").first()


def rounds_of(upload: Upload) -> list[tuple[Round, int]]:
    """Return the rounds that the rows of a file went to, and how many rows."""
    parts = upload.parts.select_related("round__operation").order_by("round__number")
    return [(part.round, part.rows) for part in parts]


def files_named(operation: Operation, names: Iterable[str]) -> dict[str, Upload]:
    """Return the files of these names that still count, by name."""
    found = operation.uploads.filter(name__in=list(names), state=UploadState.READ)
    return {upload.name: upload for upload in found}


def page_of_job(job: Job) -> Next | None:
    """Return the page of what a job is about."""
    slug = job.operation.slug
    if job.kind in {JobKind.PROPOSE_MAPPING, JobKind.READ_UPLOAD, JobKind.PREVIEW_UPLOAD}:
        return Next(_("To the file"), address("upload", slug, job.object_id))
    if job.kind == JobKind.BUILD_DRAFT:
        found = job.operation.rounds.filter(pk=job.object_id).first()
        return Next(_("To the round"), _of_round("review", found)) if found else None
    if job.kind == JobKind.READ_PLACES:
        return Next(_("To the places"), address("geography", slug))
    return Next(_("To the work list"), address("work", slug))
