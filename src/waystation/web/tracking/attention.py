"""What waits for a person: rounds to review, requests to decide, files to map, failed work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone

from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access
from waystation.web.tracking.models import (
    Job,
    Operation,
    PublicationRequest,
    Round,
    Upload,
)
from waystation.web.tracking.models.jobs import JobState
from waystation.web.tracking.models.publication import RequestState
from waystation.web.tracking.models.rounds import RoundState
from waystation.web.tracking.models.uploads import UploadState

MOST = 10
REMEMBERED = dt.timedelta(days=30)
Record = TypeVar("Record", bound=Model)


@dataclass(frozen=True, slots=True)
class Waiting(Generic[Record]):
    """Records of one kind that wait.

    Attributes:
        records: The first of them.
        has_more: Whether there are others.
    """

    records: Sequence[Record]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Attention:
    """What waits for a person.

    Attributes:
        requests: Requests of others to publish, which take a second person.
        rounds: Built rounds that are not published yet.
        uploads: Files whose mapping nobody has confirmed.
        jobs: Background work that failed and was not done since.
    """

    requests: Waiting[PublicationRequest]
    rounds: Waiting[Round]
    uploads: Waiting[Upload]
    jobs: Waiting[Job]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing waits."""
        kinds = (self.requests, self.rounds, self.uploads, self.jobs)
        return not any(kind.records for kind in kinds)


def attention_of(user: User) -> Attention:
    """Return what waits for a person, by what each of their roles permits where it holds."""
    sent = access.operations_permitting(user, Action.SEND_DATA)
    reviewed = access.operations_permitting(user, Action.REVIEW_DATA)
    published = access.operations_permitting(user, Action.PUBLISH)
    return Attention(
        requests=_first(requests_to_decide(user, published)),
        rounds=_first(rounds_to_review(reviewed)),
        uploads=_first(uploads_to_map(sent)),
        jobs=_first(failed_jobs(sent)),
    )


def requests_to_decide(
    user: User, operations: QuerySet[Operation]
) -> QuerySet[PublicationRequest]:
    """Return waiting requests of others, oldest first."""
    waiting = PublicationRequest.objects.filter(
        state=RequestState.WAITING, round__operation__in=operations
    )
    return (
        waiting.exclude(asked_by=user)
        .select_related("round__operation", "asked_by")
        .order_by("asked_at")
    )


def rounds_to_review(operations: QuerySet[Operation]) -> QuerySet[Round]:
    """Return rounds that are built and open, the newest first."""
    is_open = (RoundState.OPEN, RoundState.REOPENED)
    rounds = Round.objects.filter(operation__in=operations, state__in=is_open, draft__gt=0)
    return rounds.select_related("operation").order_by("-drafted_at")


def uploads_to_map(operations: QuerySet[Operation]) -> QuerySet[Upload]:
    """Return files whose mapping waits for a person, oldest first."""
    waiting = Upload.objects.filter(operation__in=operations, state=UploadState.TO_CONFIRM)
    return waiting.select_related("operation").order_by("sent_at")


def failed_jobs(operations: QuerySet[Operation]) -> QuerySet[Job]:
    """Return work that failed lately and has not been asked for again since."""
    later = Job.objects.filter(
        kind=OuterRef("kind"), object_id=OuterRef("object_id"), pk__gt=OuterRef("pk")
    )
    failed = Job.objects.filter(
        operation__in=operations,
        state=JobState.FAILED,
        ended_at__gte=timezone.now() - REMEMBERED,
    )
    return failed.exclude(Exists(later)).select_related("operation").order_by("-ended_at")


def _first(records: QuerySet[Record]) -> Waiting[Record]:
    found = list(records[: MOST + 1])
    return Waiting(records=found[:MOST], has_more=len(found) > MOST)
