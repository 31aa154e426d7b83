"""Writes to who does what where."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from waystation.errors import InputTooLarge, InvalidChoice, NothingToRead
from waystation.folders import write_file_whole
from waystation.tracking.response import read_presence
from waystation.web.accounts.models import User
from waystation.web.audit.actions import bulk_act, record
from waystation.web.audit.chain import Details
from waystation.web.tracking import queries, storage
from waystation.web.tracking.models import Operation, Presence, PresenceImport
from waystation.web.tracking.models.response import PresenceState
from waystation.web.tracking.presence import COLUMNS, NULLABLE_TEXTS, findings_path

BATCH = 2000
EARLIEST = dt.date(2000, 1, 1)


def receive_presence(
    operation: Operation, name: str, chunks: Iterable[bytes], *, as_of: dt.date, by: User | None
) -> tuple[PresenceImport, bool]:
    """Read a table of who does what where, for a person to confirm.

    Of the file only what `read_presence` reads is kept. A table of the same person that waits
    for confirmation makes way; the same bytes as of the same day as the table that holds are
    that table.

    Returns:
        The table, and whether it is new.

    Raises:
        UnusableInput: If the file cannot be read, or no row of it can be used.
        InvalidChoice: If the operation has no list of places yet, or the day is out of range.
    """
    units, _ = queries.geography_of(operation)
    if units is None:
        raise InvalidChoice(value=operation.slug, option="operation", choices="one with places")
    if not EARLIEST <= as_of <= timezone.localdate() + dt.timedelta(days=1):
        raise InvalidChoice(value=as_of, option="as of", choices="a day that has been")
    plain = storage.plain_name(name)
    with tempfile.TemporaryDirectory(prefix="waystation-") as folder:
        path = Path(folder) / plain
        with path.open("wb") as file:
            sha256, _ = storage.copied(_within_limit(chunks, plain), file, plain)
        twin = operation.presence_imports.filter(sha256=sha256, as_of=as_of, is_current=True)
        former = twin.first()
        if former is not None:
            return former, False
        presence, findings = read_presence(path, units)
    if presence.is_empty():
        raise NothingToRead(
            file=plain,
            reason=f"none of its rows can be used ({findings.height} findings)",
            action="Check its organisations, sectors and places against the list of units",
        )
    return _keep(operation, plain, sha256, presence, findings, as_of=as_of, by=by), True


def _within_limit(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > settings.MAX_UPLOAD_BYTES:
            raise InputTooLarge(
                file=name, reason="it is larger than files may be", action="Split it"
            )
        yield chunk


def _keep(
    operation: Operation,
    name: str,
    sha256: str,
    presence: pl.DataFrame,
    findings: pl.DataFrame,
    *,
    as_of: dt.date,
    by: User | None,
) -> PresenceImport:
    told = dict(findings["code"].value_counts(sort=True).sort("code").iter_rows())
    rows = presence.with_columns(pl.col(*NULLABLE_TEXTS).cast(pl.String).fill_null("")).select(
        COLUMNS
    )
    with transaction.atomic():
        table = PresenceImport.objects.create(
            operation=operation, name=name, sha256=sha256, as_of=as_of, rows=presence.height,
            left_out=told, sent_by=by,
        )  # fmt: skip
        details: Details = {
            "rows": presence.height,
            "findings": findings.height,
            "sha256": sha256,
        }
        with bulk_act("presence.receive", by, table, details) as counted:
            waiting = operation.presence_imports.filter(
                state=PresenceState.TO_CONFIRM, sent_by=by
            ).exclude(pk=table.pk)
            counted["replaced"] = waiting.count()
            _forget(list(waiting))
            Presence.objects.bulk_create(
                (
                    Presence(table=table, **dict(zip(COLUMNS, row, strict=True)))
                    for row in rows.iter_rows()
                ),
                batch_size=BATCH,
            )
        buffer = io.BytesIO()
        findings.write_parquet(buffer)
        write_file_whole(findings_path(table), buffer.getvalue())
    return table


@transaction.atomic
def confirm_presence(table: PresenceImport, *, by: User | None) -> None:
    """Let a table hold; the one before is kept and listed.

    Raises:
        InvalidChoice: If it was withdrawn or replaced meanwhile.
    """
    operation = Operation.objects.select_for_update().get(pk=table.operation_id)
    table.refresh_from_db(fields=["state", "is_current"])
    if table.state == PresenceState.TAKEN:
        return
    if table.state != PresenceState.TO_CONFIRM:
        raise InvalidChoice(value=table.state, option="table", choices="one to be confirmed")
    _hold(operation, table)
    table.state = PresenceState.TAKEN
    table.sent_at = timezone.now()
    table.save(update_fields=["state", "sent_at"])
    record("presence.confirm", by, table, {"rows": table.rows})


@transaction.atomic
def withdraw_presence(table: PresenceImport, *, by: User | None) -> None:
    """Take a table back: the newest of the others holds; one not confirmed is forgotten."""
    operation = Operation.objects.select_for_update().get(pk=table.operation_id)
    table.refresh_from_db(fields=["state", "is_current"])
    if table.state == PresenceState.WITHDRAWN:
        return
    record("presence.withdraw", by, table, {"rows": table.rows})
    if table.state == PresenceState.TO_CONFIRM:
        _forget([table])
        return
    was_current = table.is_current
    table.state, table.is_current = PresenceState.WITHDRAWN, False
    table.save(update_fields=["state", "is_current"])
    taken = operation.presence_imports.filter(state=PresenceState.TAKEN)
    if was_current and (next_one := taken.first()) is not None:
        _hold(operation, next_one)


def _hold(operation: Operation, table: PresenceImport) -> None:
    for former in operation.presence_imports.filter(is_current=True):
        former.is_current = False
        former.save(update_fields=["is_current"])
    table.is_current = True
    table.save(update_fields=["is_current"])


def _forget(tables: list[PresenceImport]) -> None:
    for table in tables:
        transaction.on_commit(partial(findings_path(table).unlink, missing_ok=True))
        table.delete()
