"""Reads of the audit trail: does the chain hold?"""

from __future__ import annotations

from dataclasses import dataclass

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
