"""Writes to operations and to the files that say what their places are."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from waystation.errors import InvalidChoice
from waystation.web.accounts.models import User
from waystation.web.audit.actions import record
from waystation.web.tracking import storage
from waystation.web.tracking.jobs import start_job
from waystation.web.tracking.models import Job, Operation, PlaceFile
from waystation.web.tracking.models.jobs import JobKind
from waystation.web.tracking.models.operations import PlaceKind

SETTINGS = (
    "name", "office", "producer", "visibility", "disclosure", "disclosure_base",
    "carry_forward_days", "estimate_persons", "is_active",
)  # fmt: skip


@transaction.atomic
def create_operation(
    name: str, country: str, *, by: User | None, slug: str = "", **settings: Any
) -> Operation:
    """Open an operation; its short name is made from country and name unless given.

    Raises:
        InvalidChoice: If the country has an operation of this name, or the short name is taken.
    """
    country = country.upper()
    if Operation.objects.filter(country=country, name__iexact=name).exists():
        raise InvalidChoice(value=name, option="operation", choices="a name not taken")
    slug = slug or slugify(f"{country}-{name}")[:64].strip("-") or slugify(country)
    if Operation.objects.filter(slug=slug).exists():
        raise InvalidChoice(value=slug, option="short name", choices="one not taken")
    operation = Operation.objects.create(
        name=name, country=country, slug=slug, disclosure_seed=secrets.token_hex(32), **settings
    )
    record("operation.create", by, operation, {"country": country, "slug": slug})
    return operation


@transaction.atomic
def change_operation(operation: Operation, *, by: User | None, **settings: Any) -> Operation:
    """Change settings of an operation; what is published stays as it was published.

    Args:
        operation: The operation.
        by: Who changes it.
        settings: Any of `SETTINGS`.
    """
    changed = [n for n in SETTINGS if n in settings and getattr(operation, n) != settings[n]]
    for name in changed:
        setattr(operation, name, settings[name])
    if changed:
        operation.save(update_fields=changed)
        record("operation.change", by, operation, {"changed": ":".join(sorted(changed))[:64]})
    return operation


@transaction.atomic
def add_place_file(
    operation: Operation,
    kind: PlaceKind,
    name: str,
    chunks: Iterable[bytes],
    *,
    by: User | None,
) -> tuple[PlaceFile, Job]:
    """Take in a p-code list or boundary file and read it in the background.

    A file of the same kind and name takes the place of the one before.
    """
    kept = storage.keep_file(operation, name, chunks)
    for former in operation.place_files.filter(kind=kind, name=kept.name, is_current=True):
        former.is_current = False
        former.save(update_fields=["is_current"])
    place_file = PlaceFile.objects.create(
        operation=operation, kind=kind, name=kept.name, sha256=kept.sha256, size=kept.size,
        added_by=by,
    )  # fmt: skip
    job = start_job(operation, JobKind.READ_PLACES, operation.pk, by=by)
    record("places.add", by, place_file, {"kind": kind.value, "sha256": kept.sha256})
    return place_file, job


@transaction.atomic
def withdraw_place_file(place_file: PlaceFile, *, by: User | None) -> Job:
    """Take a file of places out of use, and read the places anew."""
    place_file.is_current = False
    place_file.save(update_fields=["is_current"])
    record("places.withdraw", by, place_file, {})
    operation = place_file.operation
    return start_job(operation, JobKind.READ_PLACES, operation.pk, by=by)


@transaction.atomic
def record_geography(operation: Operation, version: int, *, by: User | None) -> None:
    """Let a version of units and outlines hold from now on."""
    operation.geography_version = version
    operation.save(update_fields=["geography_version"])
    record("places.read", by, operation, {"version": version})
