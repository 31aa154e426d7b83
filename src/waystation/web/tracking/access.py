"""The one door to records of tracking: what one may not see is not found."""

from __future__ import annotations

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet

from waystation.errors import NotAllowed, NotFound
from waystation.web.accounts import access as accounts
from waystation.web.accounts.models import ApiKey, RoleAssignment, User
from waystation.web.accounts.roles import PERMITTED, Action, Role, ScopeKind
from waystation.web.tracking.models import (
    Job,
    LocationDecision,
    NeedsSurvey,
    Operation,
    PlaceFile,
    PresenceImport,
    PublicationRequest,
    Round,
    Snapshot,
    Upload,
)
from waystation.web.tracking.models.operations import Visibility
from waystation.web.tracking.models.publication import RequestState

Record = TypeVar("Record", bound=Model)
Reader = User | AnonymousUser | ApiKey | None
WORK = frozenset(
    {
        Action.SEND_DATA, Action.REVIEW_DATA, Action.PUBLISH, Action.READ_DRAFTS,
        Action.SET_UP_OPERATIONS,
    }
)  # fmt: skip


def operations_for_reading(reader: Reader) -> QuerySet[Operation]:
    """Return the operations whose published figures this person or program may read.

    Everyone sees those that are public; people who sign in and programs with a key see all
    that have published; people who work on one see it before.
    """
    seen = Q(visibility=Visibility.PUBLIC, edition__gt=0)
    if isinstance(reader, ApiKey) or (isinstance(reader, User) and reader.is_active):
        seen |= Q(edition__gt=0)
    if isinstance(reader, User):
        seen |= _worked_on(reader, WORK)
    return Operation.objects.filter(seen).select_related("office")


def operations_for_work(user: User | AnonymousUser) -> QuerySet[Operation]:
    """Return the operations that a person works on in any way."""
    return _operations_permitting(user, WORK)


def operations_to_choose() -> list[tuple[str, str]]:
    """Return every operation as a choice of a role's reach, for who gives roles."""
    return list(Operation.objects.order_by("name").values_list("slug", "name"))


def operation_for_reading(reader: Reader, slug: str) -> Operation:
    """Return an operation whose published figures may be read.

    Raises:
        NotFound: If there is none, or it is not theirs to see.
    """
    return _one(operations_for_reading(reader), "operation", slug=slug)


def operation_for(user: User | AnonymousUser, slug: str, action: Action) -> Operation:
    """Return an operation on which a person may do this.

    Raises:
        NotFound: If there is none, or they do not work on it.
        NotAllowed: If they work on it, and may not do this.
    """
    operation = _one(_operations_permitting(user, WORK), "operation", slug=slug)
    if not may(user, action, operation):
        raise NotAllowed(action=action.value, what="operation")
    return operation


def may(user: object, action: Action, operation: Operation) -> bool:
    """Say whether a person may do this on an operation."""
    return isinstance(user, User) and accounts.may(user, action, within=operation.scopes)


def require_may_set_up(user: User) -> None:
    """Refuse unless the person may open operations anywhere.

    Raises:
        NotFound: If they may not: the page is then as if it were not there.
    """
    if not accounts.may(user, Action.SET_UP_OPERATIONS):
        raise NotFound(what="page", name="operation")


def round_for(user: User | AnonymousUser, slug: str, key: str, action: Action) -> Round:
    """Return a round of an operation on which a person may do this.

    Args:
        user: Who asks.
        slug: Short name of the operation.
        key: Component and number of the round, e.g. ``site_assessment-12``.
        action: What for.

    Raises:
        NotFound: If there is none, or they do not work on its operation.
        NotAllowed: If they do, and may not do this.
    """
    operation = operation_for(user, slug, action)
    return _round(operation, key)


def published_round(operation: Operation, key: str) -> Round:
    """Return a round of an operation that may be read, if it has been published.

    Raises:
        NotFound: If there is none, or no version of it was published.
    """
    found = _round(operation, key)
    if not found.snapshots.filter(withdrawal=None).exists():
        raise NotFound(what="round", name=key)
    return found


def upload_for(user: User | AnonymousUser, slug: str, upload_id: int, action: Action) -> Upload:
    """Return a file sent to an operation on which a person may do this.

    Raises:
        NotFound: If there is none, or they do not work on its operation.
        NotAllowed: If they do, and may not do this.
    """
    operation = operation_for(user, slug, action)
    uploads = operation.uploads.select_related("operation__office", "sent_by")
    return _one(uploads, "file", pk=upload_id)


def job_for(user: User | AnonymousUser, slug: str, job_id: int) -> Job:
    """Return a job of an operation that a person works on.

    Raises:
        NotFound: If there is none, or they do not work on its operation.
    """
    operation = _one(operations_for_work(user), "operation", slug=slug)
    return _one(operation.jobs.select_related("operation"), "job", pk=job_id)


def snapshot_for_reading(reader: Reader, slug: str, key: str, version: int) -> Snapshot:
    """Return a published version of a round; one that was withdrawn is as if it were not there.

    Raises:
        NotFound: If there is none, or its operation is not theirs to see.
    """
    round_ = _round(operation_for_reading(reader, slug), key)
    snapshots: QuerySet[Snapshot] = round_.snapshots.filter(withdrawal=None).select_related(
        "round__operation"
    )
    return _one(snapshots, "version", version=version)


def request_for_decision(user: User, slug: str, key: str) -> PublicationRequest:
    """Return the waiting request to publish a round, to somebody else who may publish.

    Raises:
        NotFound: If there is none, or they do not work on its operation.
        NotAllowed: If they may not publish, or asked themselves: publication takes two.
    """
    round_ = round_for(user, slug, key, Action.PUBLISH)
    waiting = round_.requests.filter(state=RequestState.WAITING).select_related(
        "round__operation", "asked_by"
    )
    request = _one(waiting, "request", round=round_)
    if request.asked_by_id == user.pk:
        raise NotAllowed(action="tracking.approve", what="own request")
    return request


def _one(records: QuerySet[Record], what: str, **named: object) -> Record:
    found = records.filter(**named).first()
    if found is None:
        raise NotFound(what=what, name=" ".join(str(value) for value in named.values()))
    return found


def _round(operation: Operation, key: str) -> Round:
    component, _, number = key.rpartition("-")
    rounds = operation.rounds.select_related("operation__office")
    if not number.isdecimal() or len(number) > 9:
        raise NotFound(what="round", name=key)
    return _one(rounds, "round", component=component, number=int(number))


def _operations_permitting(
    user: User | AnonymousUser, actions: frozenset[Action]
) -> QuerySet[Operation]:
    if not isinstance(user, User):
        return Operation.objects.none()
    return Operation.objects.filter(_worked_on(user, actions)).select_related("office")


def _worked_on(user: User, actions: frozenset[Action]) -> Q:
    """Return the condition of operations on which a person may do any of these."""
    reach = [role for role in accounts.roles_of(user) if _permits(role, actions)]
    if any(role.scope_kind == ScopeKind.ORGANISATION for role in reach):
        return Q(pk__isnull=False)
    offices = [r.scope_id for r in reach if r.scope_kind == ScopeKind.OFFICE]
    operations = [r.scope_id for r in reach if r.scope_kind == ScopeKind.OPERATION]
    return Q(office__code__in=offices) | Q(slug__in=operations)


def _permits(assignment: RoleAssignment, actions: frozenset[Action]) -> bool:
    return bool(PERMITTED[Role(assignment.role)] & actions)


def place_file_of(operation: Operation, file_id: int) -> PlaceFile:
    """Return a file of places that is in use in an operation.

    Raises:
        NotFound: If there is none.
    """
    files = operation.place_files.filter(is_current=True).select_related("operation")
    return _one(files, "file", pk=file_id)


def decision_of(operation: Operation, decision_id: int) -> LocationDecision:
    """Return a decision about a location of an operation that still holds.

    Raises:
        NotFound: If there is none.
    """
    decisions = operation.location_decisions.filter(is_current=True)
    return _one(decisions.select_related("operation"), "decision", pk=decision_id)


def operations_permitting(user: User | AnonymousUser, action: Action) -> QuerySet[Operation]:
    """Return the operations on which a person may do this."""
    return _operations_permitting(user, frozenset({action}))


def needs_survey_for(
    user: User | AnonymousUser, slug: str, survey_id: int, action: Action
) -> NeedsSurvey:
    """Return a survey of households' needs with which a person may do this.

    Raises:
        NotFound: If there is none, or they do not work on its operation.
        NotAllowed: If they do, and may not do this.
    """
    operation = operation_for(user, slug, action)
    return _one(operation.needs_surveys.filter(is_current=True), "survey", pk=survey_id)


def snapshot_for_withdrawal(
    user: User | AnonymousUser, slug: str, key: str, version: int
) -> Snapshot:
    """Return a published version of a round that a person may take back.

    Raises:
        NotFound: If there is none that holds, or they do not work on its operation.
        NotAllowed: If they do, and may not publish.
    """
    round_ = round_for(user, slug, key, Action.PUBLISH)
    snapshots: QuerySet[Snapshot] = round_.snapshots.filter(withdrawal=None).select_related(
        "round__operation"
    )
    return _one(snapshots, "version", version=version)


SENDS_PRESENCE = frozenset({Action.SEND_DATA, Action.REVIEW_DATA})


def may_send_presence(user: object, operation: Operation) -> bool:
    """Say whether a person may say who does what where in an operation."""
    return any(may(user, action, operation) for action in SENDS_PRESENCE)


def operation_for_presence(user: User | AnonymousUser, slug: str) -> Operation:
    """Return an operation for which a person may say who does what where.

    Raises:
        NotFound: If there is none, or they do not work on it.
        NotAllowed: If they do, and may neither send nor review its data.
    """
    operation = _one(operations_for_work(user), "operation", slug=slug)
    if not may_send_presence(user, operation):
        raise NotAllowed(action=Action.SEND_DATA.value, what="operation")
    return operation


def presence_import_for(
    user: User | AnonymousUser, slug: str, import_id: int
) -> PresenceImport:
    """Return a table of presence with which a person may do something.

    Raises:
        NotFound: If there is none, or they do not work on its operation.
        NotAllowed: If they do, and may neither send nor review its data.
    """
    operation = operation_for_presence(user, slug)
    imports: QuerySet[PresenceImport] = operation.presence_imports.select_related("operation")
    return _one(imports, "table", pk=import_id)
