"""A unit or a location: where it belongs, what it is called, and its figures over rounds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from waystation.errors import NotFound
from waystation.release.reading.moments import COLUMNS, Moment
from waystation.tracking.cells import CODES, CellStatus
from waystation.tracking.changes import changes_from_matrix

LOCATION_LEVEL = 4
NEAREST = 6
FIGURES = (*COLUMNS, "indicator", "unit", "value", "status", "observed_on", "locations",
           "not_reported", "estimated", "carried_forward", "submissions")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A unit above a place.

    Attributes:
        code: Its code.
        name: Its name in the reader's language.
        level: Its level, 0 to 3.
    """

    code: str
    name: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A unit or a location.

    Attributes:
        code: Code of the unit, or id of the location.
        name: Its name in the reader's language.
        level: 0 to 3 for a unit, 4 for a location.
        names: Other names.
        above: The units above, the country first.
        location_type: Kind of location, as reported.
        latitude: Of a location.
        longitude: Of a location.
        status: "open" or "closed", for a location.
        opened_on: Since when a location is known.
        closed_on: When a location was closed.
        last_round: Last round a location was reported in.
        last_on: The day of that round.
        is_proposed: Whether the master list does not have the location yet.
    """

    code: str
    name: str
    level: int
    names: tuple[str, ...] = ()
    above: tuple[Step, ...] = ()
    location_type: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    status: str | None = None
    opened_on: dt.date | None = None
    closed_on: dt.date | None = None
    last_round: int | None = None
    last_on: dt.date | None = None
    is_proposed: bool = False

    @property
    def is_location(self) -> bool:
        """Return whether it is a location, not a unit."""
        return self.level == LOCATION_LEVEL


def place_of(
    code: str, units: pl.DataFrame, locations: pl.DataFrame, language: str = "en"
) -> Place:
    """Return the unit or location of a code; a unit comes before a location of the same code.

    Args:
        code: Code of a unit, or id of a location.
        units: Shape ``Units``.
        locations: Shape ``Locations``.
        language: Language of names, where the list has it.

    Raises:
        NotFound: If there is neither.
    """
    row = _row(units, pl.col("code") == code)
    if row is not None:
        names = (
            row["name"],
            *row["names"],
            *(row[f"name_{x}"] for x in ("en", "fr", "es", "ar")),
        )
        name = row[f"name_{language}"] or row["name"] or code
        return Place(
            code=code,
            name=name,
            level=row["level"],
            names=_others(names, name),
            above=_above(row["parent_code"], units, language),
        )
    row = _row(locations, pl.col("location_id") == code)
    if row is None:
        raise NotFound(what="place", name=code)
    name = row["name"] or code
    deepest = next((row[c] for c in reversed(CODES) if row[c]), row["country"])
    return Place(
        code=code,
        name=name,
        level=LOCATION_LEVEL,
        names=_others(row["names"] or (), name),
        above=_above(deepest, units, language),
        is_proposed=bool(row["is_proposed"]),
        **{
            c: row[c]
            for c in (
                "location_type", "latitude", "longitude", "status", "opened_on", "closed_on",
                "last_round", "last_on",
            )
        },
    )  # fmt: skip


def _row(frame: pl.DataFrame, condition: pl.Expr) -> dict[str, Any] | None:
    found = frame.filter(condition)
    return found.row(0, named=True) if found.height else None


def _others(names: Any, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in names if n and n != name))


def _above(code: str | None, units: pl.DataFrame, language: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    while code and len(steps) < LOCATION_LEVEL:
        row = _row(units, pl.col("code") == code)
        if row is None or any(step.code == code for step in steps):
            break
        steps.append(Step(code, row[f"name_{language}"] or row["name"] or code, row["level"]))
        code = row["parent_code"]
    return tuple(reversed(steps))


def figures_of_units(totals: pl.DataFrame) -> pl.DataFrame:
    """Return rows of totals as figures: how sure each is stands in ``status``.

    Returns:
        The columns of ``FIGURES`` with ``code``, ``name``, ``parent_code``, ``admin_level``.
    """
    return totals.select(
        *COLUMNS, "indicator", "unit", "value",
        pl.when(pl.col("estimated").fill_null(0) > 0)
        .then(pl.lit(CellStatus.ESTIMATED.value))
        .when(pl.col("carried_forward").fill_null(0) > 0)
        .then(pl.lit(CellStatus.CARRIED_FORWARD.value))
        .otherwise(pl.lit(CellStatus.OBSERVED.value))
        .alias("status"),
        pl.lit(None, pl.Date).alias("observed_on"),
        "locations", "not_reported", "estimated", "carried_forward",
        pl.lit(None, pl.Int64).alias("submissions"),
        "code", "name", "parent_code", "admin_level",
    )  # fmt: skip


def figures_of_locations(matrix: pl.DataFrame) -> pl.DataFrame:
    """Return cells of a matrix as figures, in the columns of `figures_of_units`."""
    value, status = pl.col("value"), pl.col("status").cast(pl.String)

    def part(state: CellStatus) -> pl.Expr:
        return pl.when(status == state.value).then(value).otherwise(0.0).alias(state.value)

    return matrix.select(
        *COLUMNS, "indicator", "unit", "value", status, "observed_on",
        value.is_not_null().cast(pl.Int64).alias("locations"),
        value.is_null().cast(pl.Int64).alias("not_reported"),
        part(CellStatus.ESTIMATED), part(CellStatus.CARRIED_FORWARD), "submissions",
        code="location_id", name="location_name", parent_code=pl.coalesce(*reversed(CODES)),
        admin_level=pl.lit(LOCATION_LEVEL),
    )  # fmt: skip


def change_at_location(
    cells: pl.DataFrame, locations: pl.DataFrame, start: Moment, end: Moment
) -> pl.DataFrame:
    """Return the part that a location has in the change between two moments.

    Args:
        cells: Cells of the location in all moments, shape ``Matrix``.
        locations: Shape ``Locations``; tells what closed.
        start: The earlier moment.
        end: The later moment.

    Returns:
        ``indicator``, ``part``, ``change``, ``locations``.
    """
    pair = cells.filter(start.condition | end.condition)
    if pair.filter(start.condition).is_empty() or pair.filter(end.condition).is_empty():
        return pl.DataFrame(schema={"indicator": pl.String, "part": pl.String,
                                    "change": pl.Float64, "locations": pl.Int64})  # fmt: skip
    changes = changes_from_matrix(pair, locations=locations)
    return changes.filter(pl.col("admin_level") == 0).select(
        "indicator", pl.col("part").cast(pl.String), "change", "locations"
    )


def nearest(locations: pl.DataFrame, place: Place, most: int = NEAREST) -> pl.DataFrame:
    """Return the locations nearest to one, by the way a bird flies.

    Returns:
        ``location_id``, ``name``, ``kilometres``; empty where the place has no position.
    """
    if place.latitude is None or place.longitude is None:
        return locations.select("location_id", "name", kilometres=pl.lit(0.0)).clear()
    north, east = (pl.col(c).radians() for c in ("latitude", "longitude"))
    here_north, here_east = (pl.lit(x).radians() for x in (place.latitude, place.longitude))
    half = ((north - here_north) / 2).sin() ** 2 + north.cos() * here_north.cos() * (
        (east - here_east) / 2
    ).sin() ** 2
    return (
        locations.filter(
            pl.col("location_id") != place.code,
            pl.col("latitude").is_between(-90, 90) & pl.col("longitude").is_between(-180, 180),
        )
        .select("location_id", "name", kilometres=2 * 6371.0 * half.clip(0, 1).sqrt().arcsin())
        .sort("kilometres", "location_id")
        .head(most)
    )


def bordering(boundaries: pl.DataFrame, code: str, level: int) -> list[str]:
    """Return the codes of units of a level whose outlines meet that of one, sorted."""
    import shapely

    shapes = boundaries.filter(pl.col("level") == level, pl.col("geometry").is_not_null())
    own = shapes.filter(pl.col("code") == code)
    if own.is_empty():
        return []
    others = shapes.filter(pl.col("code") != code)
    area = shapely.from_wkb(own["geometry"][0])
    outlines = shapely.from_wkb(others["geometry"].to_numpy())
    meets = shapely.intersects(outlines, area)
    return sorted(others.filter(pl.Series(meets))["code"].to_list())
