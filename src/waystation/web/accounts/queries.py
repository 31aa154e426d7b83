"""Reads of accounts, for pages and files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from waystation.web.accounts import reach
from waystation.web.accounts.models import Office, RoleAssignment, User
from waystation.web.accounts.roles import Scope
from waystation.web.audit.models import Event


def offices_to_choose() -> list[tuple[str, str]]:
    """Return code and name of every office, by name."""
    return list(Office.objects.order_by("name").values_list("code", "name"))


def with_reach(
    roles: Iterable[RoleAssignment], labels: Mapping[Scope, str] | None = None
) -> list[tuple[RoleAssignment, str]]:
    """Return roles, each with the name of the office or operation it reaches, if one.

    Args:
        roles: Roles.
        labels: Names by reach, for who asks often; read when left out.
    """
    if labels is None:
        labels = reach.all_scopes()
    return [
        (role, labels.get(role.scope, role.scope_id) if role.scope_id else "") for role in roles
    ]


def acts_of(user: User, *, most: int = 20) -> list[Event]:
    """Return the last acts of a person, sign-ins among them, the latest first."""
    return list(Event.objects.filter(actor=user).order_by("-number")[:most])


def people_frame(people: Iterable[User]) -> pl.DataFrame:
    """Return one row a person: who, whether active, which roles, last sign-in."""
    rows = [
        {
            "username": person.username,
            "full_name": person.full_name,
            "is_active": person.is_active,
            "roles": [str(role) for role in person.assignments.all()],
            "last_sign_in": person.last_login.date() if person.last_login else None,
        }
        for person in people
    ]
    schema: dict[str, Any] = {
        "username": pl.String,
        "full_name": pl.String,
        "is_active": pl.Boolean,
        "roles": pl.List(pl.String),
        "last_sign_in": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema)


def events_frame(events: Iterable[Event]) -> pl.DataFrame:
    """Return one row an event, hashes included, so that the file can be checked by itself."""
    rows = [
        {
            "number": event.number,
            "at": event.at.isoformat(timespec="microseconds"),
            "verb": event.verb,
            "actor": event.actor.username if event.actor else None,
            "object_kind": event.object_kind,
            "object_id": event.object_id,
            "details": " ".join(f"{key}={value}" for key, value in event.details.items()),
            "previous_hash": event.previous_hash,
            "hash": event.hash,
        }
        for event in events
    ]
    schema = dict.fromkeys(
        ("at", "verb", "actor", "object_kind", "object_id", "details", "previous_hash", "hash"),
        pl.String,
    )
    return pl.DataFrame(rows, schema={"number": pl.Int64, **schema})
