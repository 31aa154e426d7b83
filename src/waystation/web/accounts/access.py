"""What a person or a program may do as of a day: the one door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from waystation.errors import NotAllowed, NotFound, NotSignedIn
from waystation.web.accounts.keys import digest_of
from waystation.web.accounts.models import ApiKey, RoleAssignment, User
from waystation.web.accounts.roles import PERMITTED, SEES_PERSONAL_DATA, Action, Role, Scope


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


def people_for_management(user: User) -> QuerySet[User]:
    """Return all accounts, with their roles, to a person who manages them.

    Raises:
        NotFound: If the person does not: the page is then as if it were not there.
    """
    if not may(user, Action.MANAGE_ACCOUNTS):
        raise NotFound(what="page", name="people")
    return User.objects.order_by("username").prefetch_related("assignments")


def role_for_ending(user: User, assignment_id: int) -> RoleAssignment:
    """Return a role that this person may end.

    Raises:
        NotFound: If there is none, it has ended, or it is not theirs to end.
    """
    if may(user, Action.MANAGE_ACCOUNTS):
        found = RoleAssignment.objects.filter(pk=assignment_id, ends_on__isnull=True).first()
        if found is not None:
            return found
    raise NotFound(what="role", name=str(assignment_id))


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
    return found
