"""How an approved draft becomes an immutable snapshot, and snapshots the published whole."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from waystation.release.disclosure import DisclosureRule, Method, protected_build
from waystation.tracking.build import Build
from waystation.tracking.build_folder import read_build, write_build_frames
from waystation.tracking.changes import changes_from_matrix, difference
from waystation.web.tracking import queries, storage
from waystation.web.tracking.actions import publication as actions
from waystation.web.tracking.editions import BEFORE_READERS, edition_numbered
from waystation.web.tracking.jobs import Progress
from waystation.web.tracking.models import (
    Job,
    Operation,
    PublicationRequest,
    Snapshot,
)
from waystation.web.tracking.models.operations import Disclosure

STOCK = "idp_individuals"
KEPT_EDITIONS = 2


def publish(job: Job, progress: Progress) -> None:
    """Make the snapshot of an approved request, then the operation's published whole."""
    request = PublicationRequest.objects.select_related("round__operation__office").get(
        pk=job.object_id
    )
    operation = request.round.operation
    progress("protecting", 0, 2)
    if not Snapshot.objects.filter(request=request).exists():
        _make_snapshot(request, job)
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


def _make_snapshot(request: PublicationRequest, job: Job) -> None:
    round_ = request.round
    former = round_.snapshots.order_by("-version").first()
    version = former.version + 1 if former else 1
    build = read_build(storage.draft_folder(round_, request.draft))
    rule = rule_of(round_.operation)
    released, report = protected_build(build, rule)
    changed = _changed_figures(former, released)
    target = storage.snapshot_folder(round_, version)
    with storage.folder_made_whole(target) as folder:
        shutil.copytree(storage.draft_folder(round_, request.draft), folder / "internal")
        (folder / "released").mkdir()
        write_build_frames(released, folder / "released", summary={})
        changed.write_parquet(folder / "changed.parquet")
        (folder / "report.json").write_text(json.dumps(report.as_dict(), default=str), "utf-8")
    actions.record_snapshot(
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
    before = read_build(storage.folder_of_snapshot(former) / "released")
    return difference(before.matrix, released.matrix)


def _figures(released: Build) -> dict[str, Any]:
    """Return the headline of a version: what stands at the level of the country."""
    country = released.totals.filter(
        (pl.col("admin_level") == 0) & ~pl.col("indicator").str.contains("__")
    )
    return {row["indicator"]: row["value"] for row in country.iter_rows(named=True)}


def make_edition(operation: Operation, *, by: Any) -> None:
    """Put the latest version of every round together, and let it hold."""
    snapshots = queries.latest_snapshots(operation)
    folders = [storage.folder_of_snapshot(s) / "released" for s in snapshots]
    whole = queries.build_of_folders(folders)
    # The whole knows rounds that a version did not know of when it was made.
    changes = changes_from_matrix(whole.matrix, units=whole.units, locations=whole.locations)
    operation.refresh_from_db(fields=["edition"])
    number = operation.edition + 1
    target = storage.edition_folder(operation, number)
    with storage.folder_made_whole(target) as folder:
        write_build_frames(replace(whole, changes=changes), folder, summary={})
    for prepare in BEFORE_READERS:
        prepare(edition_numbered(operation, number))
    actions.record_edition(operation, number, by=by)
    _forget_editions_before(operation, number - KEPT_EDITIONS + 1)


def _forget_editions_before(operation: Operation, number: int) -> None:
    for folder in Path(storage.edition_folder(operation, 0)).parent.glob("[0-9]*"):
        if int(folder.name) < number:
            shutil.rmtree(folder, ignore_errors=True)
