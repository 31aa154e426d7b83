"""Writes to files that offices send in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from waystation.errors import InputTooLarge, InvalidChoice, UnreadableFile
from waystation.tracking.build import READABLE
from waystation.tracking.mapping import FileMapping
from waystation.web.accounts.models import User
from waystation.web.audit.actions import record
from waystation.web.tracking import storage
from waystation.web.tracking.jobs import start_job
from waystation.web.tracking.mappings import text_of_mapping
from waystation.web.tracking.models import Job, Operation, Round, Upload, UploadRound
from waystation.web.tracking.models.jobs import JobKind
from waystation.web.tracking.models.rounds import RoundState
from waystation.web.tracking.models.uploads import LIVE, PENDING, UploadState

RoundOfRows = tuple[str, int]
"""Component and number."""
MOST_BYTES = 500 * 2**20


def receive_upload(
    operation: Operation,
    name: str,
    chunks: Iterable[bytes],
    *,
    by: User | None,
    round_number: int | None = None,
    reference_date: dt.date | None = None,
    component: str = "",
) -> tuple[Upload, bool]:
    """Take in a file and look at it in the background.

    The same bytes twice are the same file: nothing changes. A file of the same name with other
    bytes replaces the one before once it has been read; until then the one before counts.

    Returns:
        The file, and whether it is new.

    Raises:
        UnreadableFile: If its name ends in none of the endings that are read, or it is empty.
        InputTooLarge: If it passes the limit.
    """
    name = storage.plain_name(name)
    if Path(name).suffix.lower() not in READABLE:
        raise UnreadableFile(
            file=name,
            reason="its format is not known",
            action="Save it as csv, xlsx, xls, ods, json or Parquet",
        )
    # Outside the transaction: a large file takes its time, and others must be able to write.
    kept = storage.keep_file(operation, name, _within_limit(name, chunks))
    return _received(
        operation, kept, by=by, round_number=round_number, reference_date=reference_date,
        component=component,
    )  # fmt: skip


def _within_limit(name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MOST_BYTES:
            raise InputTooLarge(
                file=name,
                reason=f"it has more than {MOST_BYTES // 2**20} MiB",
                action="Split it, or save it as Parquet",
            )
        yield chunk


@transaction.atomic
def _received(
    operation: Operation,
    kept: storage.KeptFile,
    *,
    by: User | None,
    round_number: int | None,
    reference_date: dt.date | None,
    component: str,
) -> tuple[Upload, bool]:
    # One file at a time: two people may send the same one in the same moment.
    Operation.objects.select_for_update().get(pk=operation.pk)
    twin = operation.uploads.filter(sha256=kept.sha256, state__in=LIVE).first()
    if twin is not None:
        return twin, False
    alike = operation.uploads.filter(name=kept.name)
    former = alike.filter(state=UploadState.READ).first()
    pending = alike.filter(state__in=PENDING).first()
    if pending is not None:
        _set_aside(pending, UploadState.REPLACED)
        _rebuild({r.pk: r for r in pending.rounds.all()}, by=by)
    upload = Upload.objects.create(
        operation=operation, name=kept.name, sha256=kept.sha256, size=kept.size, sent_by=by,
        round_number=round_number, reference_date=reference_date, component=component,
        replaces=former or pending,
    )  # fmt: skip
    record("upload.receive", by, upload, {"sha256": kept.sha256, "size": kept.size})
    start_job(operation, JobKind.PROPOSE_MAPPING, upload.pk, by=by)
    return upload, True


@transaction.atomic
def record_proposal(
    upload: Upload, mapping: FileMapping, *, by: User | None, fingerprint: str = ""
) -> None:
    """Keep what a file seems to mean, for a person to confirm; not if it was set aside."""
    if not _is_still(upload, UploadState.RECEIVED, UploadState.FAILED):
        return
    upload.mapping = text_of_mapping(mapping)
    upload.edited, upload.fingerprint = "", fingerprint
    upload.certainty = mapping.certainty
    upload.state = UploadState.TO_CONFIRM
    upload.problem_code = upload.problem = ""
    upload.save(
        update_fields=[
            "mapping", "edited", "fingerprint", "certainty", "state", "problem_code", "problem"
        ]
    )  # fmt: skip
    record("upload.propose", by, upload, {"percent": round(mapping.certainty * 100)})


@transaction.atomic
def record_edit(upload: Upload, mapping: FileMapping | None, *, by: User | None) -> None:
    """Keep a mapping as a person is changing it; None goes back to what was there before.

    Nothing is read by it until somebody confirms it.

    Raises:
        InvalidChoice: If the file was replaced or withdrawn meanwhile.
    """
    _require_live(upload)
    upload.edited = "" if mapping is None else text_of_mapping(mapping)
    if upload.edited == upload.mapping:
        upload.edited = ""
    upload.save(update_fields=["edited"])
    sheets = 0 if mapping is None else len(mapping.sheets)
    record("upload.edit", by, upload, {"sheets": sheets})


@transaction.atomic
def confirm_mapping(
    upload: Upload,
    mapping: FileMapping,
    *,
    by: User | None,
    round_number: int | None = None,
    reference_date: dt.date | None = None,
    component: str = "",
) -> None:
    """Confirm what a file means, and read it in the background.

    Raises:
        InvalidChoice: If the file was replaced or withdrawn meanwhile.
    """
    _require_live(upload)
    upload.mapping, upload.edited = text_of_mapping(mapping), ""
    upload.certainty = mapping.certainty
    upload.round_number, upload.reference_date = round_number, reference_date
    upload.component = component
    upload.confirmed_by, upload.confirmed_at = by, timezone.now()
    upload.state = UploadState.READING
    upload.problem_code = upload.problem = ""
    upload.save()
    record("upload.confirm", by, upload, {"round": round_number})
    start_job(upload.operation, JobKind.READ_UPLOAD, upload.pk, by=by)


@transaction.atomic
def record_reading(
    upload: Upload, rows: Mapping[RoundOfRows, int], *, by: User | None
) -> list[Round]:
    """Keep to which rounds the rows of a file belong, and build those rounds.

    Rounds that do not exist yet are opened; published ones open again. The file that this one
    replaces stops counting now, and the rounds it had are built anew as well. Nothing is kept
    where the file was set aside, or its mapping confirmed anew, while it was read.

    Returns:
        The rounds to build.
    """
    confirmed_at = upload.confirmed_at
    if not _is_still(upload, UploadState.READING) or upload.confirmed_at != confirmed_at:
        return []
    former = list(upload.rounds.all()) + _replaced_by(upload)
    for part in upload.parts.all():
        part.delete()
    rounds = []
    for (component, number), count in rows.items():
        found, is_new = Round.objects.get_or_create(
            operation=upload.operation, component=component, number=number
        )
        if is_new:
            record("round.open", by, found, {"component": component, "number": number})
        UploadRound.objects.create(upload=upload, round=found, rows=count)
        rounds.append(found)
    upload.rows = sum(rows.values())
    upload.state = UploadState.READ
    upload.problem_code = upload.problem = ""
    upload.save(update_fields=["rows", "state", "problem_code", "problem"])
    record("upload.read", by, upload, {"rows": upload.rows, "rounds": len(rounds)})
    return _rebuild({r.pk: r for r in (*former, *rounds)}, by=by)


def _replaced_by(upload: Upload) -> list[Round]:
    """Set aside the file that one replaces, and return the rounds it had."""
    former = upload.replaces
    if former is None:
        return []
    former.refresh_from_db(fields=["state"])
    if former.state != UploadState.READ:
        return []
    _set_aside(former, UploadState.REPLACED)
    return list(former.rounds.all())


@transaction.atomic
def record_failure(upload: Upload, code: str, problem: str, *, by: User | None) -> None:
    """Keep why a file could not be used; what it had brought to rounds stops counting."""
    if not _is_still(upload, UploadState.RECEIVED, UploadState.READING):
        return
    upload.state = UploadState.FAILED
    upload.problem_code, upload.problem = code[:64], problem[:500]
    upload.save(update_fields=["state", "problem_code", "problem"])
    record("upload.fail", by, upload, {"code": code[:64]})
    _rebuild({r.pk: r for r in upload.rounds.all()}, by=by)


@transaction.atomic
def try_again(upload: Upload, *, by: User | None) -> Job:
    """Look at a file again, or read it again, after it could not be used.

    Raises:
        InvalidChoice: If it is not one that failed.
    """
    if not _is_still(upload, UploadState.FAILED):
        raise InvalidChoice(value=upload.state, option="file", choices="one that failed")
    is_confirmed = upload.confirmed_at is not None
    upload.state = UploadState.READING if is_confirmed else UploadState.RECEIVED
    upload.save(update_fields=["state"])
    record("upload.retry", by, upload, {})
    kind = JobKind.READ_UPLOAD if is_confirmed else JobKind.PROPOSE_MAPPING
    return start_job(upload.operation, kind, upload.pk, by=by)


@transaction.atomic
def ask_preview(upload: Upload, *, by: User | None) -> Job:
    """Ask for a preview of a file that is too large to be read while a page waits."""
    return start_job(upload.operation, JobKind.PREVIEW_UPLOAD, upload.pk, by=by)


@transaction.atomic
def record_download(upload: Upload, *, by: User) -> None:
    """Note that a person took a copy of a file as received: it can hold personal data."""
    record("upload.download", by, upload, {"sha256": upload.sha256})


@transaction.atomic
def withdraw_upload(upload: Upload, *, by: User | None) -> list[Round]:
    """Withdraw a file: its rows stop counting, and its rounds are built anew.

    Returns:
        The rounds to build.

    Raises:
        InvalidChoice: If it was replaced or withdrawn already.
    """
    _require_live(upload)
    rounds = {r.pk: r for r in upload.rounds.all()}
    _set_aside(upload, UploadState.WITHDRAWN)
    record("upload.withdraw", by, upload, {})
    return _rebuild(rounds, by=by)


def _is_still(upload: Upload, *states: UploadState) -> bool:
    """Take a file for writing, with what others wrote meanwhile, and say how it stands."""
    held = Upload.objects.select_for_update().get(pk=upload.pk)
    upload.state, upload.confirmed_at = held.state, held.confirmed_at
    return held.state in states


def _require_live(upload: Upload) -> None:
    if not _is_still(upload, *LIVE):
        raise InvalidChoice(value=upload.state, option="file", choices="one that still counts")


def _set_aside(upload: Upload, state: UploadState) -> None:
    upload.state = state
    upload.save(update_fields=["state"])


def _rebuild(rounds: Mapping[int, Round], *, by: User | None) -> list[Round]:
    for round_ in rounds.values():
        if round_.state == RoundState.PUBLISHED:
            round_.state = RoundState.REOPENED
            round_.save(update_fields=["state"])
        start_job(round_.operation, JobKind.BUILD_DRAFT, round_.pk, by=by)
    return list(rounds.values())
