"""The one way to add an event, and its two forms: for a read, and for many rows at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, models, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from waystation.web.audit.chain import START, Details, require_details, require_verb
from waystation.web.audit.models import Event, bulk_writes

if TYPE_CHECKING:
    from waystation.web.accounts.models import User

# Any number will do, as long as no other lock of this database has it.
_CHAIN_LOCK = 7_308_604_961
Object = models.Model | type[models.Model]


def record(verb: str, actor: User | None, obj: Object, details: Details) -> Event:
    """Add an event to the chain, inside the transaction of the write it tells of.

    Writers queue: on PostgreSQL at a lock that ends with the transaction, on SQLite because
    a transaction that writes is the only one. Two events cannot share the hash before them.

    Args:
        verb: What was done, as noun.verb.
        actor: Who did it; null for the command line.
        obj: The record it was done to, or its class where it was done to many; kind and key
            are kept, not the content.
        details: Codes, numbers and dates; never personal data.

    Raises:
        InvalidChoice: If the verb has another form or a detail could be free text.
        TransactionManagementError: If there is no transaction to be part of.
    """
    require_verb(verb)
    kept = require_details(details)
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            "An audit event belongs in the transaction it tells of"
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
    last = Event.objects.order_by("-number").first()
    event = Event(
        number=last.number + 1 if last else 1,
        at=timezone.now(),
        verb=verb,
        actor=actor,
        object_kind=obj._meta.label_lower,
        object_id=str(obj.pk) if isinstance(obj, models.Model) else "",
        details=kept,
        previous_hash=last.hash if last else START,
    )
    event.hash = event.content_hash()
    event.save()
    return event


@transaction.atomic
def record_read(
    verb: str, actor: User | None, obj: Object, details: Details | None = None
) -> Event:
    """Add the event of a read or an export of personal data, which writes nothing else.

    Args:
        verb: What was done, as noun.verb, such as ``user.export``.
        actor: Who read.
        obj: The record read, or its class where many were.
        details: Codes and numbers, such as how many rows left.
    """
    return record(verb, actor, obj, details or {})


@contextmanager
def bulk_act(
    verb: str, actor: User | None, obj: Object, details: Details | None = None
) -> Iterator[dict[str, str | int | bool | None]]:
    """Open one transaction in which many rows may be written at once, told by one event.

    Bulk writes of audited records are refused anywhere else.

    Args:
        verb: What was done, as noun.verb.
        actor: Who did it.
        obj: What it was done to: the batch, or the class of the many rows.
        details: Codes and numbers; what is put into the yielded dict is added, such as the
            number of rows once it is known.
    """
    found: dict[str, str | int | bool | None] = dict(details or {})
    with transaction.atomic():
        with bulk_writes():
            yield found
        record(verb, actor, obj, found)
