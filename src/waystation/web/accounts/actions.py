"""Writes to accounts: one function, one transaction, one audit event."""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from waystation.errors import DataKeyLost, InvalidChoice, LastAdministrator, NotAllowed
from waystation.web.accounts import access
from waystation.web.accounts.factors import is_under_newest_key, opened, sealed
from waystation.web.accounts.keys import (
    digest_of,
    new_key,
    new_one_time_password,
    require_key_name,
)
from waystation.web.accounts.models import ApiKey, Office, RoleAssignment, Session, User
from waystation.web.accounts.roles import (
    EVERYWHERE,
    Digits,
    ResetReason,
    Role,
    Scope,
    ScopeKind,
)
from waystation.web.audit.actions import record
from waystation.web.audit.chain import Details

ONE_TIME = dt.timedelta(days=7)


@transaction.atomic
def create_user(
    username: str, *, by: User | None, password: str | None = None, full_name: str = ""
) -> User:
    """Make an account; without a password nobody can sign in with it yet.

    Raises:
        InvalidChoice: If the name is taken, whatever its case, or is no name to sign in with.
    """
    require_user_name(username)
    user = User.objects.create_user(username, password=password, full_name=full_name)
    record("user.create", by, user, {})
    return user


@transaction.atomic
def open_account(username: str, *, by: User | None, full_name: str = "") -> tuple[User, str]:
    """Make an account with a password for one use, and return both; it cannot be shown again.

    Raises:
        InvalidChoice: If the name is taken or is no name to sign in with.
    """
    password = new_one_time_password()
    user = create_user(username, by=by, password=password, full_name=full_name)
    user.one_time_until = timezone.now() + ONE_TIME
    user.save(update_fields=["one_time_until"])
    return user, password


@transaction.atomic
def open_account_with_role(username: str, role: str | None) -> str:
    """Make an account from the command line, with a role in the whole organisation.

    Returns:
        The password for one use.
    """
    user, password = open_account(username, by=None)
    if role is not None:
        assign_role(user, Role(role), by=None, starts_on=timezone.now().date())
    return password


def require_user_name(username: str) -> str:
    """Return a name to sign in with that is free.

    Raises:
        InvalidChoice: If it is taken, whatever its case, or has other than letters, digits
            and ``@ . + - _``, 150 at most.
    """
    username = User.normalize_username(username)
    try:
        User._meta.get_field("username").run_validators(username)
    except ValidationError:
        is_name = False
    else:
        is_name = bool(username)
    if not is_name or "\x00" in username:
        choices = "1 to 150 letters, digits, @ . + - _"
        raise InvalidChoice(value=username[:64], option="user name", choices=choices)
    if User.objects.filter(username__iexact=username).exists():
        raise InvalidChoice(value=username, option="user name", choices="one not taken")
    return username


@transaction.atomic
def reset_password(user: User, *, by: User) -> str:
    """Give a person a new password for one use, and sign them out everywhere.

    Raises:
        NotAllowed: If it is one's own: that is changed with the old one.
    """
    _require_another(user, by, "give a password to")
    password = new_one_time_password()
    user.set_password(password)
    user.one_time_until = timezone.now() + ONE_TIME
    user.save(update_fields=["password", "one_time_until"])
    _sign_out(user)
    record("user.reset_password", by, user, {})
    return password


@transaction.atomic
def choose_password(user: User, password: str) -> None:
    """Keep a password that a person chose, in place of the one for one use if there was one."""
    user.set_password(password)
    user.one_time_until = None
    user.save(update_fields=["password", "one_time_until"])
    record("user.change_password", user, user, {})


@transaction.atomic
def change_profile(user: User, *, full_name: str, language: str, digits: Digits) -> None:
    """Change how a person is called and how pages speak to them."""
    user.full_name, user.language, user.digits = full_name, language, digits
    user.save(update_fields=["full_name", "language", "digits"])
    record("user.change_profile", user, user, {"language": language, "digits": digits.value})


@transaction.atomic
def deactivate_user(user: User, *, by: User) -> None:
    """Let a person sign in no more, and end their sessions; what they did stays.

    Raises:
        NotAllowed: If it is oneself.
        LastAdministrator: If nobody would be left who manages accounts.
    """
    _require_another(user, by, "deactivate")
    _require_administrators_without(user=user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _sign_out(user)
    record("user.deactivate", by, user, {})


@transaction.atomic
def reactivate_user(user: User, *, by: User) -> None:
    """Let a person sign in again."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    record("user.reactivate", by, user, {})


@transaction.atomic
def reset_second_factor(user: User, *, reason: ResetReason, by: User) -> None:
    """Take away every second factor of a person and sign them out; the next is set up anew.

    Raises:
        NotAllowed: If it is one's own.
    """
    _require_another(user, by, "reset the second factor of")
    removed, _kinds = Authenticator.objects.filter(user=user).delete()
    _sign_out(user)
    record("user.reset_second_factor", by, user, {"reason": reason.value, "factors": removed})


@transaction.atomic
def record_factor(change: str, kind: str, *, of: User, by: User | None) -> None:
    """Record that a second factor was added or removed, in the transaction of that."""
    record(f"second_factor.{change}", by, of, {"kind": kind})


@transaction.atomic
def reseal_factors() -> tuple[int, int]:
    """Seal every kept secret of second factors with the newest data key.

    Returns:
        How many were sealed anew, and how many none of the keys opens.
    """
    resealed = lost = 0
    for factor in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
        name = "secret" if factor.type == Authenticator.Type.TOTP else "seed"
        kept = factor.data.get(name)
        if kept is None or is_under_newest_key(kept):
            continue
        try:
            factor.data[name] = sealed(opened(kept))
        except DataKeyLost:
            lost += 1
            continue
        factor.save(update_fields=["data"])
        resealed += 1
    if resealed:
        record("second_factor.reseal", None, Authenticator, {"factors": resealed})
    return resealed, lost


@transaction.atomic
def start_session(user: User) -> None:
    """Record that a person signed in."""
    record("session.start", user, user, {})


@transaction.atomic
def withdraw_sessions(user: User, *, by: User) -> None:
    """Sign a person out everywhere."""
    record("session.withdraw", by, user, {"sessions": _sign_out(user)})


@transaction.atomic
def withdraw_session(session: Session, *, by: User) -> None:
    """Sign one browser out."""
    session.delete()
    record("session.withdraw", by, by, {"sessions": 1})


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
        LastAdministrator: If it is one's own last that manages accounts, or the last of all.
    """
    if ends_on < assignment.starts_on:
        raise InvalidChoice(
            value=str(ends_on), option="last day", choices=f"{assignment.starts_on} on"
        )
    is_own = by is not None and assignment.user_id == by.pk
    _require_administrators_without(role=assignment, of=by if is_own else None)
    assignment.ends_on = ends_on
    assignment.save(update_fields=["ends_on"])
    details: Details = {"user": assignment.user_id, "ends_on": ends_on.isoformat()}
    record("role.end", by, assignment, details)


@transaction.atomic
def create_office(code: str, name: str, country: str, *, by: User | None) -> Office:
    """Open an office, for roles to reach.

    Raises:
        InvalidChoice: If the code is taken.
    """
    if Office.objects.filter(code=code).exists():
        raise InvalidChoice(value=code, option="code of an office", choices="one not taken")
    office = Office.objects.create(code=code, name=name, country=country)
    record("office.create", by, office, {"code": code, "country": country})
    return office


@transaction.atomic
def rename_office(office: Office, *, name: str, country: str, by: User) -> None:
    """Change an office's name or country; its code stays, since roles name it."""
    office.name, office.country = name, country
    office.save(update_fields=["name", "country"])
    record("office.rename", by, office, {"country": country})


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


def _require_another(user: User, by: User, action: str) -> None:
    if user.pk == by.pk:
        raise NotAllowed(action=action, what="account of your own")


def _require_administrators_without(
    *, user: User | None = None, role: RoleAssignment | None = None, of: User | None = None
) -> None:
    """Refuse when nobody would be left who manages accounts with no last day set."""
    left = access.standing_administrators()
    if user is not None and all(a.user_id != user.pk for a in left):
        return
    if role is not None and all(a.pk != role.pk for a in left):
        return
    left = [a for a in left if a != role and (user is None or a.user_id != user.pk)]
    if of is not None:
        left = [a for a in left if a.user_id == of.pk]
    if not left:
        raise LastAdministrator(action="end", what="role")


def _sign_out(user: User) -> int:
    signed_out, _kinds = Session.objects.filter(user=user).delete()
    return signed_out
