"""How an approved draft becomes an immutable snapshot, and snapshots the published whole."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import Any

import polars as pl

from waystation.release.disclosure import DisclosureRule, Method, protected_build
from waystation.tracking.build import Build
from waystation.tracking.build_folder import read_build, write_build_frames
from waystation.tracking.changes import difference
from waystation.tracking.review import with_causes
from waystation.tracking.whole import RoundPart, keys_of_whole, write_whole
from waystation.web.accounts.models import User
from waystation.web.tracking import queries, storage
from waystation.web.tracking.actions import publication as actions
from waystation.web.tracking.editions import BEFORE_READERS, edition_numbered
from waystation.web.tracking.jobs import Progress
from waystation.web.tracking.models import (
    Job,
    Operation,
    PublicationRequest,
    Snapshot,
    Withdrawal,
)
from waystation.web.tracking.models.operations import Disclosure

KEPT_EDITIONS = 2


def publish(job: Job, progress: Progress) -> None:
    """Make the snapshot of an approved request, then the operation's published whole.

    Every step leaves a whole or nothing, and one that is done is not done again: a job that
    was cut short goes on where it stopped.
    """
    request = PublicationRequest.objects.select_related("round__operation__office").get(
        pk=job.object_id
    )
    operation = request.round.operation
    progress("protecting", 0, 2)
    made = Snapshot.objects.filter(request=request).select_related("round__operation")
    snapshot = made.first()
    if snapshot is None:
        snapshot = _make_snapshot(request, job)
    storage.lock_folder(storage.folder_of_snapshot(snapshot))
    progress("publishing", 1, 2)
    make_edition(operation, by=job.asked_by)


def rule_of(operation: Operation) -> DisclosureRule:
    """Return how figures of an operation are protected."""
    methods = {
        Disclosure.ROUNDING: Method.ROUNDING,
        Disclosure.WITHHOLDING: Method.WITHHOLDING,
        Disclosure.NONE: Method.NONE,
    }
    return DisclosureRule(
        method=methods[Disclosure(operation.disclosure)],
        base=operation.disclosure_base,
        deepest_level=2,
        seed=operation.disclosure_seed,
    )


def _make_snapshot(request: PublicationRequest, job: Job) -> Snapshot:
    round_ = request.round
    newest = round_.snapshots.order_by("-version").first()
    former = queries.holding_versions(round_).last()
    version = newest.version + 1 if newest else 1
    draft = storage.draft_folder(round_, request.draft)
    build = read_build(draft)
    rule = rule_of(round_.operation)
    released, report = protected_build(build, rule)
    changed = _changed_figures(former, released)
    told = with_causes(changed, build.submissions, build.corrections)
    target = storage.snapshot_folder(round_, version)
    with storage.folder_made_whole(target) as folder:
        # A draft never changes: links to its files are copies that cost nothing.
        shutil.copytree(draft, folder / "internal", copy_function=storage.link_or_copy)
        (folder / "released").mkdir()
        write_build_frames(released, folder / "released", summary={})
        # What reviewers wrote is for those who work here; others are told what kind it is.
        told.drop("reason").write_parquet(folder / "changed.parquet")
        told.write_parquet(folder / "internal" / "changed.parquet")
        (folder / "report.json").write_text(json.dumps(report.as_dict(), default=str), "utf-8")
    return actions.record_snapshot(
        request,
        version,
        reference_date=released.matrix["reference_date"].max(),  # type: ignore[arg-type]  # the largest of dates is a date
        sha256=storage.hash_of_folder(target),
        rule={"method": rule.method.value, "base": rule.base},
        figures=_figures(released),
        changed_figures=changed.height,
        by=job.asked_by,
    )


def _changed_figures(former: Snapshot | None, released: Build) -> pl.DataFrame:
    """Return the published figures that this version changes; none for a first version."""
    if former is None:
        return difference(released.matrix.clear(), released.matrix.clear())
    path = storage.folder_of_snapshot(former) / "released" / "matrix.parquet"
    return difference(pl.read_parquet(path), released.matrix)


def _figures(released: Build) -> dict[str, Any]:
    """Return the headline of a version: what stands at the level of the country."""
    country = released.totals.filter(
        (pl.col("admin_level") == 0) & ~pl.col("indicator").str.contains("__")
    )
    return {row["indicator"]: row["value"] for row in country.iter_rows(named=True)}


def make_edition(operation: Operation, *, by: User | None) -> None:
    """Put the latest version of every round together, and let it hold.

    Where the whole that holds is of just these versions, nothing is done.
    """
    with storage.alone(f"edition-{operation.pk}"):
        operation.refresh_from_db(fields=["edition"])
        snapshots = queries.latest_snapshots(operation)
        has_withdrawn = Withdrawal.objects.filter(snapshot__round__operation=operation).exists()
        if not snapshots:
            _unpublish(operation, by)
            return
        parts = [
            RoundPart(str(s.pk), storage.folder_of_snapshot(s) / "released", s.reference_date)
            for s in snapshots
        ]
        former = storage.edition_folder(operation) if operation.edition else None
        if former is None or keys_of_whole(former) != [part.key for part in parts]:
            number = storage.next_edition(operation)
            with storage.folder_made_whole(storage.edition_folder(operation, number)) as folder:
                write_whole(parts, folder, former=former)
            for prepare in BEFORE_READERS:
                prepare(edition_numbered(operation, number))
            actions.record_edition(operation, number, by=by)
        # A figure that was taken back lies in no earlier whole either.
        kept = 1 if has_withdrawn else KEPT_EDITIONS
        _forget_editions_before(operation, operation.edition - kept + 1)


def _unpublish(operation: Operation, by: User | None) -> None:
    if operation.edition:
        storage.keep_last_edition(operation)
        number = operation.edition + 1
        actions.record_edition(operation, 0, by=by)
        _forget_editions_before(operation, number)


def _forget_editions_before(operation: Operation, number: int) -> None:
    for folder in storage.edition_folder(operation, 0).parent.glob("[0-9]*"):
        if int(folder.name) < number:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class SnapshotCheck:
    """Whether published versions are as they were published.

    Attributes:
        snapshots: Versions looked at.
        missing: Keys of those whose folder is gone.
        altered: Keys of those whose files are not the ones published.
    """

    snapshots: int
    missing: tuple[int, ...]
    altered: tuple[int, ...]


def verify_snapshots() -> SnapshotCheck:
    """Read the files of every published version and compare their hash with the one kept."""
    missing, altered, seen = [], [], 0
    for snapshot in Snapshot.objects.select_related("round__operation").order_by("pk"):
        seen += 1
        folder = storage.folder_of_snapshot(snapshot)
        if not folder.is_dir():
            missing.append(snapshot.pk)
        elif storage.hash_of_folder(folder) != snapshot.sha256:
            altered.append(snapshot.pk)
    return SnapshotCheck(seen, tuple(missing), tuple(altered))
