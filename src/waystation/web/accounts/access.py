"""What a person or a program may do as of a day: the one door."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection
from typing import TypeVar

from django.db import OperationalError, transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from waystation.errors import NotAllowed, NotFound, NotSignedIn
from waystation.web.accounts.keys import digest_of, mark_of
from waystation.web.accounts.models import ApiKey, Office, RoleAssignment, Session, User
from waystation.web.accounts.roles import (
    PERMITTED,
    SEES_PERSONAL_DATA,
    Action,
    Role,
    Scope,
    ScopeKind,
)

logger = logging.getLogger(__name__)
Found = TypeVar("Found", bound=Model)


def roles_of(user: User, *, as_of: dt.date | None = None) -> list[RoleAssignment]:
    """Return the roles a person has on a day (today in UTC unless told), both ends included.

    A person who may not sign in has none.
    """
    if not user.is_active:
        return []
    day = as_of or timezone.now().date()
    is_running = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    return list(user.assignments.filter(is_running, starts_on__lte=day))


def may(
    user: User,
    action: Action,
    *,
    within: Collection[Scope] = (),
    as_of: dt.date | None = None,
) -> bool:
    """Say whether a person may do this to a record that lies within these scopes.

    Being a superuser of Django gives nothing here: that is for the admin site only.

    Args:
        user: Who asks.
        action: What for.
        within: Every office and operation the record lies in; none for what belongs to the
            whole organisation.
        as_of: The day; today in UTC unless told.
    """
    return any(
        action in PERMITTED[Role(assignment.role)] and assignment.scope.covers(within)
        for assignment in roles_of(user, as_of=as_of)
    )


def require_may(user: User, action: Action, *, within: Collection[Scope] = ()) -> None:
    """Refuse unless the person may.

    Raises:
        NotAllowed: If they may not.
    """
    if not may(user, action, within=within):
        raise NotAllowed(action=action.value, what="room")


def needs_second_factor(user: User) -> bool:
    """Say whether one of a person's roles sees personal data, or they run the admin site."""
    if user.is_staff or user.is_superuser:
        return True
    return any(Role(assignment.role) in SEES_PERSONAL_DATA for assignment in roles_of(user))


def require_to_manage(user: User) -> None:
    """Let only those through who manage accounts.

    Raises:
        NotFound: If the person does not: the page is then as if it were not there.
    """
    _require_to_manage(user, "page", "people")


def people_for_management(user: User, *, search: str = "") -> QuerySet[User]:
    """Return all accounts, with their roles, to a person who manages them.

    Args:
        user: Who asks.
        search: Part of a name, to narrow them by.

    Raises:
        NotFound: If the person does not: the page is then as if it were not there.
    """
    _require_to_manage(user, "page", "people")
    people = User.objects.order_by("username").prefetch_related("assignments")
    if search:
        people = people.filter(Q(username__icontains=search) | Q(full_name__icontains=search))
    return people


def person_for_management(user: User, person_id: int) -> User:
    """Return an account that this person may change.

    Raises:
        NotFound: If there is none, or it is not theirs to change.
    """
    _require_to_manage(user, "person", str(person_id))
    return _one(User.objects.filter(pk=person_id), "person", str(person_id))


def role_for_ending(user: User, assignment_id: int) -> RoleAssignment:
    """Return a role that this person may end.

    Raises:
        NotFound: If there is none, it has ended, or it is not theirs to end.
    """
    _require_to_manage(user, "role", str(assignment_id))
    is_running = Q(ends_on__isnull=True) | Q(ends_on__gt=timezone.now().date())
    roles = RoleAssignment.objects.filter(is_running, pk=assignment_id)
    return _one(roles, "role", str(assignment_id))


def offices_for_management(user: User) -> QuerySet[Office]:
    """Return all offices to a person who manages accounts.

    Raises:
        NotFound: If the person does not.
    """
    _require_to_manage(user, "page", "offices")
    return Office.objects.order_by("name", "pk")


def office_for_renaming(user: User, office_id: int) -> Office:
    """Return an office that this person may rename.

    Raises:
        NotFound: If there is none, or it is not theirs to rename.
    """
    return _one(offices_for_management(user).filter(pk=office_id), "office", str(office_id))


def keys_for_management(user: User) -> QuerySet[ApiKey]:
    """Return all keys of programs to a person who manages accounts.

    Raises:
        NotFound: If the person does not.
    """
    _require_to_manage(user, "page", "keys")
    return ApiKey.objects.order_by("name")


def key_for_withdrawal(user: User, key_id: int) -> ApiKey:
    """Return a key that this person may withdraw.

    Raises:
        NotFound: If there is none, it is withdrawn, or it is not theirs to withdraw.
    """
    keys = keys_for_management(user).filter(pk=key_id, revoked_at__isnull=True)
    return _one(keys, "key", str(key_id))


def sessions_of(user: User) -> list[Session]:
    """Return a person's own sessions that have not ended, the latest first."""
    running = Session.objects.filter(user=user, expire_date__gt=timezone.now())
    return list(running.order_by("-seen_at", "session_key"))


def session_for_withdrawal(user: User, mark: str) -> Session:
    """Return one of a person's own sessions, by its mark (see ``keys.mark_of``).

    Raises:
        NotFound: If there is none of theirs.
    """
    for session in sessions_of(user):
        if mark_of(session.session_key) == mark:
            return session
    raise NotFound(what="session", name=mark)


def require_to_read_audit(user: User) -> None:
    """Let only those through who read the audit trail.

    Raises:
        NotFound: If the person does not: the page is then as if it were not there.
    """
    if not may(user, Action.READ_AUDIT):
        raise NotFound(what="page", name="audit")


def standing_administrators() -> list[RoleAssignment]:
    """Return, locked for the transaction, the roles without end that manage accounts today."""
    roles = RoleAssignment.objects.select_related("user").filter(
        role=Role.ADMINISTRATOR,
        scope_kind=ScopeKind.ORGANISATION,
        starts_on__lte=timezone.now().date(),
        ends_on__isnull=True,
        user__is_active=True,
    )
    return list(roles.select_for_update())


def key_of_request(request: HttpRequest) -> ApiKey:
    """Return the key a request was sent with, as ``Authorization: Bearer`` or ``X-API-Key``.

    Raises:
        NotSignedIn: If there is none, or it is wrong or withdrawn; the three look alike.
    """
    kind, _, sent = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        sent = request.headers.get("X-API-Key", "")
    return key_for_use(sent.strip())


def key_for_use(key: str) -> ApiKey:
    """Return the record of a key that is valid.

    Raises:
        NotSignedIn: If it is empty, wrong or withdrawn.
    """
    found = ApiKey.objects.filter(digest=digest_of(key), revoked_at__isnull=True).first()
    if found is None:
        raise NotSignedIn(reason="The key is missing, wrong or withdrawn")
    today = timezone.now().date()
    if found.last_used_on != today:  # once a day, and the one write that is no act of a person
        found.last_used_on = today
        try:
            with transaction.atomic():
                found.save(update_fields=["last_used_on"])
        except OperationalError:  # SQLite is busy with an import: no reason to refuse a read
            logger.warning("The last use of key %s could not be noted", found.pk)
    return found


def _require_to_manage(user: User, what: str, name: str) -> None:
    if not may(user, Action.MANAGE_ACCOUNTS):
        raise NotFound(what=what, name=name)


def _one(found: QuerySet[Found], what: str, name: str) -> Found:
    record = found.first()
    if record is None:
        raise NotFound(what=what, name=name)
    return record
