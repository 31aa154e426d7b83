"""Proposals for the location master list: never applied, for a person to decide."""

from __future__ import annotations

from enum import StrEnum

import dataframely as dy
import polars as pl

from waystation.tables import Table, iso3, number, text
from waystation.tracking.locations import (
    LOCATION,
    Locations,
    locations_from_submissions,
    reports_of_locations,
)

MOVED_KM = 1.0
NEAR_KM = 0.5
SAME_NAME_KM = 2.0
EARTH_RADIUS_KM = 6371.0088
CELL_DEGREES = 0.01
MOST_AT_ONE_POSITION = 5
OPERATION = ("country", "operation")


class ProposalKind(StrEnum):
    """What could be changed in the master list."""

    NEW = "new"
    MOVED = "moved"
    RENAMED = "renamed"
    CHANGED_UNIT = "changed_unit"
    REOPENED = "reopened"
    DUPLICATE = "duplicate"
    MERGED = "merged"


class LocationProposals(Table):
    """Changes proposed to the master list, one a row."""

    country = iso3("Country.")
    operation = text("Operation.", nullable=False)
    location_id = text("The location.", nullable=False)
    kind = dy.Enum(
        [k.value for k in ProposalKind],
        description="new, moved, renamed, changed_unit, reopened, duplicate (both are reported "
        "now), merged (one stopped where the other began).",
    )
    other_id = text("The location it may be one with; null for other kinds.")
    name = text("Name of the location.")
    recorded = text("What the master list says.")
    reported = text("What the field reports.")
    distance_km = number("Distance between the two positions.", unit="kilometres")
    reason = text("Why, in words a person can act on.", nullable=False)


def proposals_from_submissions(
    submissions: pl.DataFrame, known: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Compare what the field reports with the master list, and propose changes to it.

    Without a list known, the list is what was reported up to the round before the last.

    Moved is farther than 1 km from the position on record. Two locations are proposed as
    duplicates where they bear one name (letters and digits compared) in one unit, or one name
    within 2 km. A location is proposed as merged into another where it is absent from the last
    snapshot, the other is new in it, and the two share name and unit or lie within 500 m.

    Args:
        submissions: Shape ``Submissions``, all rounds, snapshots and ``location_key`` filled.
        known: Shape ``Locations``.

    Returns:
        Shape ``LocationProposals``, sorted by country, operation, kind and id.
    """
    reports = reports_of_locations(submissions)
    if reports.is_empty():
        return LocationProposals.empty_frame()
    last = pl.col("reference_date") == pl.col("reference_date").max().over(OPERATION)
    if known is None:
        known = locations_from_submissions(reports.filter(~last))
    listed = Locations.complete(known)
    now = _with_fold(locations_from_submissions(reports.filter(last)))
    recorded = _with_fold(listed)
    has_list = now.join(listed.select(OPERATION).unique(), on=OPERATION, how="semi")
    new = has_list.join(listed, on=LOCATION, how="anti")
    both = now.join(recorded, on=LOCATION, suffix="_recorded")
    found = [
        _new(new),
        _moved(both),
        _renamed(both),
        _changed_unit(both),
        _reopened(both),
        _duplicates(now),
        _merged(recorded.join(now, on=LOCATION, how="anti"), new),
    ]
    sort = ["country", "operation", "kind", "location_id", "other_id"]
    return LocationProposals.require(pl.concat(found).sort(sort))


def _with_fold(locations: pl.DataFrame) -> pl.DataFrame:
    return locations.with_columns(
        fold=pl.col("name")
        .str.normalize("NFKD")
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}\p{N}]", ""),
        place=pl.coalesce("admin3_code", "admin2_code", "admin1_code"),
    )


def _distance(left: str = "", right: str = "_recorded") -> pl.Expr:
    """Return the great-circle distance in kilometres between two positions of a row."""
    lat1, lon1, lat2, lon2 = (
        pl.col(f"{name}{suffix}").radians()
        for suffix in (left, right)
        for name in ("latitude", "longitude")
    )
    half = ((lat2 - lat1) / 2).sin().pow(2)
    half += lat1.cos() * lat2.cos() * ((lon2 - lon1) / 2).sin().pow(2)
    return 2 * EARTH_RADIUS_KM * half.sqrt().clip(0, 1).arcsin()


def _proposals(frame: pl.DataFrame, kind: ProposalKind, **values: pl.Expr) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    columns: dict[str, pl.Expr] = {
        "other_id": nothing,
        "recorded": nothing,
        "reported": nothing,
        "distance_km": pl.lit(None, pl.Float64),
    } | values
    dtype = LocationProposals.columns()["kind"].dtype
    return frame.select(
        *LOCATION, "name", kind=pl.lit(kind.value, dtype=dtype), **columns
    ).select(LocationProposals.column_names())


def _new(new: pl.DataFrame) -> pl.DataFrame:
    name = pl.coalesce("name", "location_id")
    reason = pl.format("{} is not in the master list; add it if it is a place of its own", name)
    return _proposals(new, ProposalKind.NEW, reason=reason)


def _position(suffix: str) -> pl.Expr:
    return pl.format("{} {}", f"latitude{suffix}", f"longitude{suffix}")


def _moved(both: pl.DataFrame) -> pl.DataFrame:
    moved = both.with_columns(km=_distance()).filter(pl.col("km") > MOVED_KM)
    reason = pl.format(
        "reported {} km from the position on record; correct one of the two",
        pl.col("km").round(1),
    )
    return _proposals(
        moved,
        ProposalKind.MOVED,
        recorded=_position("_recorded"),
        reported=_position(""),
        distance_km=pl.col("km"),
        reason=reason,
    )


def _renamed(both: pl.DataFrame) -> pl.DataFrame:
    is_known_name = pl.col("names_recorded").list.contains(pl.col("name"))
    renamed = both.filter((pl.col("fold") != pl.col("fold_recorded")) & ~is_known_name)
    reason = pl.format("reported as {}; record it as main or other name", "name")
    return _proposals(
        renamed,
        ProposalKind.RENAMED,
        recorded=pl.col("name_recorded"),
        reported=pl.col("name"),
        reason=reason,
    )


def _changed_unit(both: pl.DataFrame) -> pl.DataFrame:
    changed = both.filter(pl.col("place") != pl.col("place_recorded"))
    reason = pl.format("reported in unit {}; check the code", "place")
    return _proposals(
        changed,
        ProposalKind.CHANGED_UNIT,
        recorded=pl.col("place_recorded"),
        reported=pl.col("place"),
        reason=reason,
    )


def _reopened(both: pl.DataFrame) -> pl.DataFrame:
    opened = (pl.col("status") == "open") & (pl.col("status_recorded") == "closed")
    reason = pl.lit("closed in the master list and reported open; reopen it, or correct")
    return _proposals(
        both.filter(opened),
        ProposalKind.REOPENED,
        recorded=pl.lit("closed"),
        reported=pl.lit("open"),
        reason=reason,
    )


def _pairs_by_name(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of different locations that bear the same name, with their distance."""
    named = left.filter(pl.col("fold") != "")
    pairs = named.join(right, on=[*OPERATION, "fold"], suffix="_recorded")
    return pairs.filter(pl.col("location_id") != pl.col("location_id_recorded")).with_columns(
        km=_distance(),
        same_place=(pl.col("place") == pl.col("place_recorded")).fill_null(False),
    )


def _pairs_by_position(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of different locations at most 500 m apart.

    Positions are joined through a grid whose cells are wider than that (in longitude up to 60
    degrees of latitude), neighbours included. A position that many share is that of a unit,
    and says nothing about a location.
    """
    position = ["latitude", "longitude"]
    cells = [pl.col(c).truediv(CELL_DEGREES).floor().cast(pl.Int64) for c in position]
    left, right = (
        frame.filter(
            pl.all_horizontal(pl.col(position).is_not_null())
            & (pl.len().over(*OPERATION, *position) <= MOST_AT_ONE_POSITION)
        ).with_columns(cell_x=cells[0], cell_y=cells[1])
        for frame in (left, right)
    )
    steps = pl.DataFrame({"x": [-1, 0, 1]}).join(pl.DataFrame({"y": [-1, 0, 1]}), how="cross")
    around = left.join(steps, how="cross").with_columns(
        cell_x=pl.col("cell_x") + pl.col("x"), cell_y=pl.col("cell_y") + pl.col("y")
    )
    pairs = around.join(right, on=[*OPERATION, "cell_x", "cell_y"], suffix="_recorded")
    return pairs.with_columns(km=_distance()).filter(
        (pl.col("km") <= NEAR_KM) & (pl.col("location_id") != pl.col("location_id_recorded"))
    )


def _duplicates(now: pl.DataFrame) -> pl.DataFrame:
    close = (pl.col("km") <= SAME_NAME_KM).fill_null(False)
    found = _pairs_by_name(now, now).filter(
        (pl.col("location_id") < pl.col("location_id_recorded"))
        & (pl.col("same_place") | close)
    )
    reason = pl.format(
        "bears the name of {} close by; merge the two if they are one place",
        "location_id_recorded",
    )
    return _proposals(
        found,
        ProposalKind.DUPLICATE,
        other_id=pl.col("location_id_recorded"),
        distance_km=pl.col("km"),
        reason=reason,
    )


def _merged(gone: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    left = gone.filter(pl.col("status") == "open")
    columns = [*LOCATION, "name", "location_id_recorded", "km"]
    named = _pairs_by_name(left, new).filter("same_place").select(columns)
    near = _pairs_by_position(left, new).select(columns)
    found = pl.concat([named, near]).unique([*LOCATION, "location_id_recorded"])
    reason = pl.format(
        "absent from the last snapshot, where {} is new in its place; merge the two if they "
        "are one",
        "location_id_recorded",
    )
    return _proposals(
        found,
        ProposalKind.MERGED,
        other_id=pl.col("location_id_recorded"),
        distance_km=pl.col("km"),
        reason=reason,
    )
