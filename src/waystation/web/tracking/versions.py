"""Published versions of rounds as readers get them: protected, each in its folder, for ever."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from waystation.tracking.build import Build
from waystation.tracking.build_folder import read_build
from waystation.web.tracking import storage
from waystation.web.tracking.models import Operation, PublicationRequest, Round, Snapshot


@dataclass(frozen=True, slots=True)
class Version:
    """A published version of a round, protected.

    Attributes:
        folder: Folder of the snapshot.
        sha256: Hash of all that it holds.
    """

    folder: Path
    sha256: str

    def frame(self, name: str) -> pl.DataFrame:
        """Return a frame of the version, kept in memory."""
        return _frame(self.folder / "released", name)

    def scan(self, name: str) -> pl.LazyFrame:
        """Return a frame to be filtered before it is read."""
        return pl.scan_parquet(self.folder / "released" / f"{name}.parquet")

    def build(self) -> Build:
        """Return the version as a protected build."""
        return read_build(self.folder / "released")

    def changed(self) -> pl.DataFrame:
        """Return the figures that differ from the version before, shape ``Differences``."""
        return pl.read_parquet(self.folder / "changed.parquet")

    @property
    def sources(self) -> list[dict[str, Any]]:
        """Return who made the data, as the version names them."""
        kept = json.loads((self.folder / "released" / "summary.json").read_text("utf-8"))
        found: list[dict[str, Any]] = kept.get("sources", [])
        return found

    @property
    def behind(self) -> dict[str, Any]:
        """Return how many files, submissions and corrections are behind it, and findings."""
        return _behind(self.folder / "internal")


def version_of(snapshot: Snapshot) -> Version:
    """Return a published version; its round and operation must be at hand."""
    return Version(storage.folder_of_snapshot(snapshot), snapshot.sha256)


def withdrawal_of(snapshot: Snapshot) -> Any:
    """Return how a version was taken back: when and why; None where it was not."""
    # A record that is absent is an attribute that is absent.
    return getattr(snapshot, "withdrawal", None)


def holding(snapshots: list[Snapshot]) -> Snapshot | None:
    """Return the version of a round that holds: the latest that was not taken back."""
    return next((s for s in snapshots if withdrawal_of(s) is None), None)


def snapshots_of_round(round_: Round) -> list[Snapshot]:
    """Return the versions of a round, the latest first."""
    found = round_.snapshots.select_related(
        "round__operation", "request__asked_by", "request__decided_by"
    )
    return list(found.order_by("-version"))


def snapshots_of(operation: Operation) -> list[Snapshot]:
    """Return all published versions of an operation, the latest round and version first."""
    found = Snapshot.objects.filter(round__operation=operation).select_related(
        "round__operation", "request__asked_by", "request__decided_by"
    )
    return list(found.order_by("-reference_date", "-round__number", "round_id", "-version"))


def requests_of(operation: Operation) -> list[PublicationRequest]:
    """Return the requests to publish rounds of an operation, the latest first."""
    found = PublicationRequest.objects.filter(round__operation=operation)
    return list(found.select_related("round", "asked_by", "decided_by").order_by("-pk"))


@lru_cache(maxsize=32)
def _frame(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


@lru_cache(maxsize=128)
def _behind(folder: Path) -> dict[str, Any]:
    """Count what a version was made from; counts only, nothing that points at a person."""
    submissions = pl.scan_parquet(folder / "submissions.parquet").select(
        submissions=pl.len(),
        counted=pl.col("is_counted").sum(),
        files=pl.col("file").n_unique(),
    )
    counts = submissions.collect().row(0, named=True)
    corrections = pl.scan_parquet(folder / "corrections.parquet").select(pl.len()).collect()
    kept = json.loads((folder / "summary.json").read_text("utf-8"))
    return {
        **counts,
        "corrections": corrections.item(),
        "sources": len(kept.get("sources", ())),
    }
