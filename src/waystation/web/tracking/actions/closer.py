"""What is told to the audit of looks and downloads that need telling."""

from __future__ import annotations

import hashlib

from django.db import transaction

from waystation.web.accounts.models import User
from waystation.web.audit.actions import record
from waystation.web.audit.chain import Details
from waystation.web.tracking.jobs import start_job
from waystation.web.tracking.models import Job, Operation, Snapshot
from waystation.web.tracking.models.jobs import JobKind


@transaction.atomic
def record_download(operation: Operation, what: str, *, edition: int, by: User | None) -> None:
    """Tell that somebody took figures that are for partners only with them.

    Args:
        operation: The operation.
        what: The kind of file.
        edition: Number of the edition.
        by: Who.
    """
    record("release.download", by, operation, {"what": what[:64], "edition": edition})


@transaction.atomic
def ask_for_file(operation: Operation, number: int, *, by: User | None) -> Job:
    """Ask for a file of the latest edition that takes long to make.

    Args:
        operation: The operation.
        number: What the job knows the file by.
        by: Who.
    """
    record("file.ask", by, operation, {"file": number, "edition": operation.edition})
    return start_job(operation, JobKind.MAKE_FILE, number, by=by)


@transaction.atomic
def record_trace(snapshot: Snapshot, place: str, indicator: str, *, by: User) -> None:
    """Tell that somebody looked at the submissions behind a figure.

    Ids of places can hold names as the field wrote them: a hash of it stands in the event.
    """
    mark = hashlib.sha256(place.encode()).hexdigest()[:32]
    details: Details = {"place": mark, "indicator": indicator[:64], "version": snapshot.version}
    record("figure.trace", by, snapshot, details)
