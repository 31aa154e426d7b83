"""Writes to files that offices send in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from waystation.errors import InvalidChoice
from waystation.tracking.forms import mappings_to_yaml
from waystation.tracking.mapping import FileMapping
from waystation.web.accounts.models import User
from waystation.web.audit.actions import record
from waystation.web.tracking import storage
from waystation.web.tracking.jobs import start_job
from waystation.web.tracking.models import Operation, Round, Upload, UploadRound
from waystation.web.tracking.models.jobs import JobKind
from waystation.web.tracking.models.rounds import RoundState
from waystation.web.tracking.models.uploads import LIVE, UploadState

RoundOfRows = tuple[str, int]
"""Component and number."""


@transaction.atomic
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
    bytes will replace the one before once it has been read.

    Returns:
        The file, and whether it is new.
    """
    kept = storage.keep_file(operation, name, chunks)
    twin = operation.uploads.filter(sha256=kept.sha256, state__in=LIVE).first()
    if twin is not None:
        return twin, False
    former = operation.uploads.filter(name=kept.name, state__in=LIVE).first()
    if former is not None:
        _set_aside(former, UploadState.REPLACED)
    upload = Upload.objects.create(
        operation=operation, name=kept.name, sha256=kept.sha256, size=kept.size, sent_by=by,
        round_number=round_number, reference_date=reference_date, component=component,
        replaces=former,
    )  # fmt: skip
    record("upload.receive", by, upload, {"sha256": kept.sha256, "size": kept.size})
    start_job(operation, JobKind.PROPOSE_MAPPING, upload.pk, by=by)
    return upload, True


@transaction.atomic
def record_proposal(upload: Upload, mapping: FileMapping, *, by: User | None) -> None:
    """Keep what a file seems to mean, for a person to confirm."""
    upload.mapping = mappings_to_yaml([mapping])
    upload.certainty = mapping.certainty
    upload.state = UploadState.TO_CONFIRM
    upload.problem_code = upload.problem = ""
    upload.save(update_fields=["mapping", "certainty", "state", "problem_code", "problem"])
    record("upload.propose", by, upload, {"percent": round(mapping.certainty * 100)})


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
    if upload.state in {UploadState.REPLACED, UploadState.WITHDRAWN}:
        raise InvalidChoice(value=upload.state, option="file", choices="one that still counts")
    upload.mapping = mappings_to_yaml([mapping])
    upload.certainty = mapping.certainty
    upload.round_number, upload.reference_date = round_number, reference_date
    upload.component = component
    upload.confirmed_by, upload.confirmed_at = by, timezone.now()
    upload.state = UploadState.READING
    upload.save()
    record("upload.confirm", by, upload, {"round": round_number})
    start_job(upload.operation, JobKind.READ_UPLOAD, upload.pk, by=by)


@transaction.atomic
def record_reading(
    upload: Upload, rows: Mapping[RoundOfRows, int], *, by: User | None
) -> list[Round]:
    """Keep to which rounds the rows of a file belong, and build those rounds.

    Rounds that do not exist yet are opened; published ones open again. A file that this one
    replaces stops counting, and the rounds it had are built anew as well.

    Returns:
        The rounds to build.
    """
    operation = upload.operation
    former = list(Round.objects.filter(parts__upload=upload).distinct())
    for part in upload.parts.all():
        part.delete()
    rounds = []
    for (component, number), count in rows.items():
        found, is_new = Round.objects.get_or_create(
            operation=operation, component=component, number=number
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
    if upload.replaces is not None:
        former += list(Round.objects.filter(parts__upload=upload.replaces).distinct())
    return _rebuild({r.pk: r for r in (*former, *rounds)}, by=by)


@transaction.atomic
def record_failure(upload: Upload, code: str, problem: str, *, by: User | None) -> None:
    """Keep why a file could not be used."""
    upload.state = UploadState.FAILED
    upload.problem_code, upload.problem = code[:64], problem[:500]
    upload.save(update_fields=["state", "problem_code", "problem"])
    record("upload.fail", by, upload, {"code": code[:64]})


@transaction.atomic
def withdraw_upload(upload: Upload, *, by: User | None) -> list[Round]:
    """Withdraw a file: its rows stop counting, and its rounds are built anew.

    Returns:
        The rounds to build.
    """
    rounds = {r.pk: r for r in upload.rounds.all()}
    _set_aside(upload, UploadState.WITHDRAWN)
    record("upload.withdraw", by, upload, {})
    return _rebuild(rounds, by=by)


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
