"""Reads for the library: frames and builds out of records and folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import polars as pl
from django.db.models import QuerySet

from waystation.tracking.build import Build
from waystation.tracking.build_folder import FRAMES, read_build
from waystation.tracking.corrections import Corrections
from waystation.web.tracking import storage
from waystation.web.tracking.models import Operation, Round, Snapshot, Upload
from waystation.web.tracking.models.uploads import UploadState


def geography_of(operation: Operation) -> tuple[pl.DataFrame | None, pl.DataFrame | None]:
    """Return the units and outlines that hold; None where an operation has none yet."""
    if not operation.geography_version:
        return None, None
    return _geography(storage.geography_folder(operation))


@lru_cache(maxsize=8)
def _geography(folder: Path) -> tuple[pl.DataFrame | None, pl.DataFrame | None]:
    frames = [folder / f"{name}.parquet" for name in ("units", "boundaries")]
    units, boundaries = (pl.read_parquet(p) if p.exists() else None for p in frames)
    return units, boundaries


def uploads_of_round(round_: Round) -> list[Upload]:
    """Return the files that count in a round, oldest first."""
    found = round_.uploads.filter(state=UploadState.READ).select_related("operation")
    return list(found.order_by("pk"))


def corrections_of_round(round_: Round) -> pl.DataFrame:
    """Return the cleaning log of a round, shape ``Corrections``, oldest first."""
    entries = round_.corrections.filter(is_current=True).order_by("pk")
    rows = [
        (e.submission_id, e.question or None, e.old, e.new, e.reason, e.action,
         f"user {e.by_id}" if e.by_id else None, e.at.isoformat(timespec="seconds"))
        for e in entries.iterator(chunk_size=2000)
    ]  # fmt: skip
    schema = dict.fromkeys(Corrections.column_names(), pl.String)
    log = pl.DataFrame(rows, schema=schema, orient="row")
    return Corrections.require(log.cast({"action": Corrections.columns()["action"].dtype}))


def inputs_of_round(round_: Round) -> str:
    """Return one hash of all that a draft is made from; the same inputs need no new draft."""
    operation = round_.operation
    parts = [
        operation.name,
        str(operation.geography_version),
        str(operation.carry_forward_days),
        str(operation.estimate_persons),
        *(f"{u.pk} {u.sha256} {u.confirmed_at}" for u in uploads_of_round(round_)),
        *(str(s.pk) for s in latest_snapshots(operation) if is_before(s.round, round_)),
        *map(str, round_.corrections.filter(is_current=True).values_list("pk", flat=True)),
        *map(
            str,
            operation.location_decisions.filter(is_current=True).values_list("pk", flat=True),
        ),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def latest_snapshots(operation: Operation) -> list[Snapshot]:
    """Return the latest version of every published round, in the order of their dates.

    A version that was withdrawn counts no more: the one before it holds again.
    """
    snapshots = (
        Snapshot.objects.filter(round__operation=operation, withdrawal=None)
        .select_related("round__operation")
        .order_by("round_id", "version")
    )
    latest = {snapshot.round_id: snapshot for snapshot in snapshots}
    return sorted(
        latest.values(), key=lambda s: (s.reference_date, s.round.component, s.round.number)
    )


def is_before(other: Round, round_: Round) -> bool:
    """Say whether another round is history to a round: lower numbers, and other components."""
    return other.component != round_.component or other.number < round_.number


def history_of_round(round_: Round) -> Build | None:
    """Return what was published of the rounds before, with its submissions; None for none."""
    snapshots = [s for s in latest_snapshots(round_.operation) if is_before(s.round, round_)]
    folders = [storage.folder_of_snapshot(s) / "internal" for s in snapshots]
    return build_of_folders(folders) if folders else None


def build_of_folders(folders: Iterable[Path]) -> Build:
    """Return several rounds' builds as one: rows added up, lists from the last.

    Args:
        folders: Build folders of rounds that share no snapshot, in the order of their dates.
    """
    builds = [read_build(folder) for folder in folders]
    last = builds[-1]
    lists = {"locations", "units", "boundaries"}
    frames = {
        name: pl.concat([getattr(b, name) for b in builds], how="diagonal_relaxed")
        for name in FRAMES
        if name not in lists
    }
    return Build(
        country=last.country,
        operation=last.operation,
        locations=locations_of_builds(builds),
        units=last.units,
        boundaries=last.boundaries,
        sources=tuple(source for build in builds for source in build.sources),
        rounded_to=last.rounded_to,
        deepest_level=last.deepest_level,
        **frames,
    )


def locations_of_builds(builds: Iterable[Build]) -> pl.DataFrame:
    """Return the master list over several builds: the last to know a location describes it."""
    frames = [build.locations for build in builds]
    key = ["country", "operation", "location_id"]
    return (
        pl.concat(frames, how="diagonal_relaxed")
        .unique(key, keep="last", maintain_order=True)
        .sort(key)
    )


def snapshots_of(operation: Operation) -> list[Snapshot]:
    """Return every published version of an operation, the newest first."""
    found = Snapshot.objects.filter(round__operation=operation)
    return list(found.select_related("round__operation").order_by("-published_at", "-pk"))


def newest_snapshots(operations: QuerySet[Operation], most: int) -> list[Snapshot]:
    """Return the newest published versions over several operations, the newest first."""
    found = Snapshot.objects.filter(round__operation__in=operations, withdrawal=None)
    related = found.select_related("round__operation")
    return list(related.order_by("-published_at", "-pk")[:most])


def holding_versions(round_: Round) -> QuerySet[Snapshot]:
    """Return the published versions of a round that were not withdrawn, oldest first."""
    return round_.snapshots.filter(withdrawal=None).order_by("version")
