"""Reads of the audit trail: which events, and does the chain hold?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from waystation.web.audit.chain import START
from waystation.web.audit.models import Event


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What verifying the chain found.

    Attributes:
        events: Events read.
        broken: Numbers of events whose content, link or place in the row is wrong.
        head: Hash of the last event; kept elsewhere, it shows a chain cut short or made anew.
    """

    events: int
    broken: tuple[int, ...]
    head: str


def verify_chain() -> ChainReport:
    """Read every event in order and compare its hash, its link and its number."""
    broken: list[int] = []
    events, expected, previous = 0, 1, START
    for event in Event.objects.order_by("number").iterator(chunk_size=2000):
        is_linked = event.number == expected and event.previous_hash == previous
        if not is_linked or event.hash != event.content_hash():
            broken.append(event.number)
        events, expected, previous = events + 1, event.number + 1, event.hash
    return ChainReport(events=events, broken=tuple(broken), head=previous)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which events to show; what is left empty does not narrow.

    Attributes:
        verb: What was done, such as ``role.assign``; without a dot how it begins, such as
            ``role``.
        actor: Name a person signs in with.
        kind: Kind of the object, such as ``accounts.user``.
        key: Key of the object.
        first_day: First day in UTC.
        last_day: Last day in UTC.
    """

    verb: str = ""
    actor: str = ""
    kind: str = ""
    key: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None


def chosen_events(choice: Choice) -> QuerySet[Event]:
    """Return events as chosen, the latest first, with who acted."""
    events = Event.objects.order_by("-number").select_related("actor")
    narrowing = {
        "verb" if "." in choice.verb else "verb__startswith": choice.verb,
        "actor__username": choice.actor,
        "object_kind": choice.kind,
        "object_id": choice.key,
    }
    events = events.filter(**{name: value for name, value in narrowing.items() if value})
    if choice.first_day:
        events = events.filter(at__gte=_start_of(choice.first_day))
    if choice.last_day:
        events = events.filter(at__lt=_start_of(choice.last_day) + dt.timedelta(days=1))
    return events


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, tzinfo=dt.UTC)
