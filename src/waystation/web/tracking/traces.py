"""What is behind a published figure, for people who work on its operation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from waystation.errors import NotFound
from waystation.release.reading.moments import Moment
from waystation.release.reading.places import LOCATION_LEVEL, Place
from waystation.tracking.cells import CODES, CellStatus
from waystation.tracking.review import review_items_from_findings
from waystation.tracking.trail import trail_of_cell
from waystation.web.accounts.models import User
from waystation.web.tracking import storage
from waystation.web.tracking.models import FindingDecision, Round, Snapshot, Upload

MOST = 200


@dataclass(frozen=True, slots=True)
class Trace:
    """What is behind a figure.

    Attributes:
        value: The figure before it was protected.
        observed_in: The version that a value carried forward was observed in; None for its own.
        rows: Submissions of a location: raw and corrected, who collected it, what was found.
        parts: Locations of a unit: value before protection.
        findings: Findings on the submissions, with what was decided.
    """

    value: float | None
    observed_in: Snapshot | None
    rows: list[dict[str, Any]]
    parts: dict[str, float | None]
    findings: list[dict[str, Any]]


def trace_of(snapshot: Snapshot, place: Place, indicator: str, moment: Moment) -> Trace:
    """Return what is behind a figure of a published version.

    Raises:
        NotFound: If the version has no such figure.
    """
    folder = storage.folder_of_snapshot(snapshot) / "internal"
    cells = _cells(folder, place, indicator, moment)
    if cells.is_empty():
        raise NotFound(what="figure", name=indicator)
    if place.level < LOCATION_LEVEL:
        ordered = cells.sort("value", descending=True, nulls_last=True)
        parts = dict(ordered.select("location_id", "value").iter_rows())
        return Trace(_total(folder, place, indicator, moment), None, [], parts, [])
    cell = cells.row(0, named=True)
    source, at = snapshot, moment
    if cell["status"] == CellStatus.CARRIED_FORWARD:
        source, at = _observed(snapshot, moment, cell)
    rows, findings = _submissions(source, place.code, indicator, at)
    return Trace(cell["value"], source if source != snapshot else None, rows, {}, findings)


def _cells(folder: Path, place: Place, indicator: str, moment: Moment) -> pl.DataFrame:
    name = "location_id"
    if place.level < LOCATION_LEVEL:
        name = CODES[place.level - 1] if place.level else "country"
    wanted = (
        moment.condition & (pl.col("indicator") == indicator) & (pl.col(name) == place.code)
    )
    return pl.scan_parquet(folder / "matrix.parquet").filter(wanted).collect()


def _total(folder: Path, place: Place, indicator: str, moment: Moment) -> float | None:
    wanted = (
        moment.condition
        & (pl.col("indicator") == indicator)
        & (pl.col("admin_level") == place.level)
        & (pl.col("code") == place.code)
    )
    found = pl.scan_parquet(folder / "totals.parquet").filter(wanted).select("value").collect()
    return found["value"][0] if found.height else None


def _observed(
    snapshot: Snapshot, moment: Moment, cell: dict[str, Any]
) -> tuple[Snapshot, Moment]:
    """Return the version in which a value that was carried forward was observed."""
    earlier = Snapshot.objects.filter(
        round__operation=snapshot.round.operation, round__component=moment.component,
        reference_date__gte=cell["observed_on"], published_at__lte=snapshot.published_at,
        round__number__lt=moment.round_number,
    )  # fmt: skip
    known = earlier.select_related("round__operation").order_by("reference_date", "-version")
    for found in known:
        folder = storage.folder_of_snapshot(found) / "internal"
        moments = pl.scan_parquet(folder / "matrix.parquet").filter(
            pl.col("reference_date") == cell["observed_on"]
        )
        numbers = moments.select(pl.col("round_number").first()).collect()["round_number"]
        if numbers.len():
            at = Moment(moment.component, numbers[0], cell["observed_on"])
            return found, at
    return snapshot, moment


def _submissions(
    snapshot: Snapshot, location_id: str, indicator: str, moment: Moment
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the submissions of a cell, raw and corrected, and the findings on them."""
    folder = storage.folder_of_snapshot(snapshot) / "internal"
    corrections = pl.read_parquet(folder / "corrections.parquet")
    own = pl.col("location_key") == location_id
    moved = pl.col("submission_id").is_in(corrections["id"].unique().to_list())
    submissions = pl.scan_parquet(folder / "submissions.parquet").filter(own | moved).collect()
    matrix = pl.scan_parquet(folder / "matrix.parquet")
    cells = matrix.filter(pl.col("location_id") == location_id).collect()
    findings = pl.read_parquet(folder / "findings.parquet")
    try:
        trail = trail_of_cell(
            submissions, corrections, findings, location_id=location_id, indicator=indicator,
            round_number=moment.round_number, component=moment.component,
            reference_date=moment.reference_date, matrix=cells,
        )  # fmt: skip
    except NotFound:  # made by the build, such as whether a place hosts people
        return [], []
    ids = trail["submission_id"].unique().to_list()
    known = submissions.filter(pl.col("submission_id").is_in(ids))
    rows = trail.join(
        known.select("submission_id", "enumerator"), on="submission_id", how="left",
        maintain_order="left",
    )  # fmt: skip
    return (
        _with_people(rows.drop("findings"), snapshot.round),
        _findings(findings, known, folder, snapshot.round, location_id),
    )


def _with_people(rows: pl.DataFrame, round_: Round) -> list[dict[str, Any]]:
    """Give rows the page of their file, and corrections the names of who made them."""
    uploads = _uploads(round_, rows["file"].unique().to_list())
    names = _names(rows["by"].drop_nulls().unique().to_list())
    return [
        row
        | {
            "upload": uploads.get(row["file"]),
            "by": names.get(str(row["by"]), row["by"]),
            "is_changed": row["raw"] != row["corrected"],
        }
        for row in rows.iter_rows(named=True)
    ]


def _uploads(round_: Round, files: list[str]) -> dict[str, int]:
    found = Upload.objects.filter(operation=round_.operation, name__in=files).order_by("pk")
    return dict(found.values_list("name", "pk"))


def _names(marks: list[str]) -> dict[str, str]:
    """Return who is meant by the marks that builds keep of people."""
    numbers = [int(m.removeprefix("user ")) for m in marks if m.startswith("user ")]
    return {f"user {user.pk}": str(user) for user in User.objects.filter(pk__in=numbers)}


def _findings(
    findings: pl.DataFrame, submissions: pl.DataFrame, folder: Path, round_: Round,
    location_id: str,
) -> list[dict[str, Any]]:  # fmt: skip
    ids = submissions["submission_id"].to_list()
    own = findings.filter(
        pl.col("submission_id").is_in(ids) | (pl.col("location_id") == location_id)
    )
    locations = pl.scan_parquet(folder / "locations.parquet").filter(
        pl.col("location_id") == location_id
    )
    items = review_items_from_findings(own, submissions, locations.collect())
    decided = {
        decision.key: decision
        for decision in FindingDecision.objects.filter(
            round=round_, key__in=items["key"].unique().to_list(), is_current=True
        ).select_related("by")
    }
    return [row | {"decision": decided.get(row["key"])} for row in items.iter_rows(named=True)][
        :MOST
    ]
