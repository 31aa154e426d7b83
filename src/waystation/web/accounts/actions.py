"""Writes to accounts: one function, one transaction, one audit event."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from waystation.errors import InvalidChoice
from waystation.web.accounts.keys import digest_of, new_key, require_key_name
from waystation.web.accounts.models import ApiKey, RoleAssignment, User
from waystation.web.accounts.roles import EVERYWHERE, Role, Scope, ScopeKind
from waystation.web.audit.actions import record
from waystation.web.audit.chain import Details


@transaction.atomic
def create_user(
    username: str, *, by: User | None, password: str | None = None, full_name: str = ""
) -> User:
    """Make an account; without a password nobody can sign in with it yet.

    Raises:
        InvalidChoice: If the name is taken.
    """
    if User.objects.filter(username=username).exists():
        raise InvalidChoice(value=username, option="user name", choices="one not taken")
    user = User.objects.create_user(username, password=password, full_name=full_name)
    record("user.create", by, user, {})
    return user


@transaction.atomic
def assign_role(
    user: User,
    role: Role,
    *,
    by: User | None,
    scope: Scope = EVERYWHERE,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
) -> RoleAssignment:
    """Give a person a role from a day on.

    Raises:
        InvalidChoice: If it ends before it starts, or its office or operation is not named.
    """
    if ends_on is not None and ends_on < starts_on:
        raise InvalidChoice(value=str(ends_on), option="last day", choices=f"{starts_on} on")
    if (scope.kind == ScopeKind.ORGANISATION) == bool(scope.id):
        raise InvalidChoice(
            value=scope.id,
            option="scope",
            choices="one named office or operation, or everywhere",
        )
    assignment = RoleAssignment.objects.create(
        user=user,
        role=role,
        scope_kind=scope.kind,
        scope_id=scope.id,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    details: Details = {
        "user": user.pk,
        "role": role.value,
        "scope_kind": scope.kind.value,
        "scope_id": scope.id,
        "starts_on": starts_on.isoformat(),
        "ends_on": ends_on.isoformat() if ends_on else None,
    }
    record("role.assign", by, assignment, details)
    return assignment


@transaction.atomic
def end_role(assignment: RoleAssignment, *, by: User | None, ends_on: dt.date) -> None:
    """End a role after a day, which is its last.

    Raises:
        InvalidChoice: If that day is before its first.
    """
    if ends_on < assignment.starts_on:
        raise InvalidChoice(
            value=str(ends_on), option="last day", choices=f"{assignment.starts_on} on"
        )
    assignment.ends_on = ends_on
    assignment.save(update_fields=["ends_on"])
    details: Details = {"user": assignment.user_id, "ends_on": ends_on.isoformat()}
    record("role.end", by, assignment, details)


@transaction.atomic
def create_key(name: str, *, by: User | None) -> str:
    """Make a key for a program and return it; it cannot be shown again.

    Raises:
        InvalidChoice: If the name is taken or no name.
    """
    name = require_key_name(name)
    if ApiKey.objects.filter(name=name).exists():
        raise InvalidChoice(value=name, option="name of a key", choices="one not taken")
    key = new_key()
    kept = ApiKey.objects.create(name=name, digest=digest_of(key))
    record("key.create", by, kept, {})
    return key


@transaction.atomic
def withdraw_key(key: ApiKey, *, by: User | None) -> None:
    """Withdraw a key for good."""
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        record("key.withdraw", by, key, {})
