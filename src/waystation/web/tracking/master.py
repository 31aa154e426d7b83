"""Reads of the master list: what every round reported, with people's decisions over it."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from waystation.errors import InvalidChoice, NotFound
from waystation.tracking.locations import Locations
from waystation.tracking.master_list import LocationDecisions, locations_with_decisions
from waystation.tracking.proposals import ProposalKind, proposals_from_submissions
from waystation.web.tracking import queries, storage
from waystation.web.tracking.models import LocationDecision, Operation, Round
from waystation.web.tracking.models.places import LocationChange

DECIDING = (
    LocationChange.EDIT, LocationChange.CLOSE, LocationChange.REOPEN, LocationChange.MERGE,
)  # fmt: skip


def decisions_of(operation: Operation) -> pl.DataFrame:
    """Return the decisions that hold, shape ``LocationDecisions``, oldest first."""
    records = operation.location_decisions.filter(is_current=True, change__in=DECIDING)
    rows = [
        {
            "location_id": record.location_id,
            "change": record.change,
            "other_id": record.other_id or None,
            "name": record.values.get("name") or None,
            "location_type": record.values.get("location_type") or None,
            "latitude": record.values.get("latitude"),
            "longitude": record.values.get("longitude"),
            "holds_from": record.holds_from,
            "by": f"user {record.by_id}" if record.by_id else None,
            "at": record.at.isoformat(timespec="seconds"),
            "reason": record.reason or None,
        }
        for record in records.order_by("pk")
    ]
    schema = {name: column.dtype for name, column in LocationDecisions.columns().items()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def master_list(operation: Operation) -> pl.DataFrame:
    """Return every location that any round reported, shape ``Locations``.

    The last round to know a location describes it, drafts included.
    """
    folders = [storage.folder_of_snapshot(s) / "internal" for s in _published(operation)]
    folders += [storage.draft_folder(r) for r in _drafted(operation)]
    frames = [pl.read_parquet(folder / "locations.parquet") for folder in folders]
    if not frames:
        return Locations.empty_frame()
    key = ["country", "operation", "location_id"]
    whole = pl.concat(frames, how="diagonal_relaxed").unique(
        key, keep="last", maintain_order=True
    )
    return locations_with_decisions(whole.sort(key), decisions_of(operation))


def location_of(operation: Operation, location_id: str) -> dict[str, Any]:
    """Return one location of the master list.

    Raises:
        NotFound: If no round reported it.
    """
    found = master_list(operation).filter(pl.col("location_id") == location_id)
    if found.is_empty():
        raise NotFound(what="location", name=location_id)
    return found.row(0, named=True)


def history_of_location(operation: Operation, location_id: str) -> list[LocationDecision]:
    """Return what was decided about a location, the newest first."""
    records = operation.location_decisions.filter(location_id=location_id)
    return list(records.select_related("by").order_by("-pk"))


def proposals_of(operation: Operation) -> pl.DataFrame:
    """Return what the latest draft proposes to change, less what was decided already.

    Returns:
        Shape ``LocationProposals``; new locations are left out: they are in the list already.
    """
    drafted = _drafted(operation)
    if not drafted:
        return pl.DataFrame()
    latest = drafted[-1]
    history = queries.history_of_round(latest)
    known = history.locations if history is not None else None
    if known is not None:
        known = locations_with_decisions(known, decisions_of(operation))
    reported = pl.read_parquet(storage.draft_folder(latest) / "submissions.parquet")
    proposals = proposals_from_submissions(reported, known).filter(
        pl.col("kind") != ProposalKind.NEW.value
    )
    decided = operation.location_decisions.filter(is_current=True).exclude(proposal="")
    taken = {(d.proposal, d.location_id, d.other_id) for d in decided}
    is_open = [
        (kind, location, other or "") not in taken
        for kind, location, other in proposals.select(
            "kind", "location_id", "other_id"
        ).iter_rows()
    ]
    return proposals.filter(pl.Series(is_open, dtype=pl.Boolean))


def proposal_of(
    operation: Operation, kind: str, location_id: str, other_id: str
) -> dict[str, Any]:
    """Return one open proposal.

    Raises:
        NotFound: If there is none such, or it was decided meanwhile.
    """
    proposals = proposals_of(operation)
    for row in proposals.iter_rows(named=True):
        if (row["kind"], row["location_id"], row["other_id"] or "") == (
            kind,
            location_id,
            other_id,
        ):
            return row
    raise NotFound(what="proposal", name=location_id)


def change_of_proposal(
    operation: Operation, proposal: dict[str, Any]
) -> tuple[LocationChange, dict[str, Any]]:
    """Return the decision that takes a proposal up, and what an edit would then say.

    Raises:
        InvalidChoice: If a proposal of this kind is taken up by correcting reports instead.
    """
    kind = ProposalKind(proposal["kind"])
    if proposal["other_id"]:
        return LocationChange.MERGE, {}
    if kind is ProposalKind.REOPENED:
        return LocationChange.REOPEN, {}
    known = location_of(operation, proposal["location_id"])
    values = {k: known[k] for k in ("name", "location_type", "latitude", "longitude")}
    if kind is ProposalKind.RENAMED:
        return LocationChange.EDIT, values | {"name": proposal["reported"]}
    if kind is ProposalKind.MOVED:
        latitude, longitude = map(float, proposal["reported"].split())
        return LocationChange.EDIT, values | {"latitude": latitude, "longitude": longitude}
    raise InvalidChoice(value=kind.value, option="proposal", choices="one about the list")


def points_document(locations: pl.DataFrame) -> bytes:
    """Return the located ones of a master list as GeoJSON."""
    placed = locations.drop_nulls(["latitude", "longitude"])
    features = [
        {
            "type": "Feature",
            "id": location_id,
            "geometry": {
                "type": "Point",
                "coordinates": [round(longitude, 5), round(latitude, 5)],
            },
            "properties": {"id": location_id, "name": name or location_id, "type": kind or ""},
        }
        for location_id, name, kind, latitude, longitude in placed.select(
            "location_id", "name", "location_type", "latitude", "longitude"
        ).iter_rows()
    ]
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _published(operation: Operation) -> list[Any]:
    return queries.latest_snapshots(operation)


def _drafted(operation: Operation) -> list[Round]:
    rounds = operation.rounds.exclude(draft=0).exclude(state="published")
    return list(rounds.select_related("operation").order_by("reference_date", "number"))
