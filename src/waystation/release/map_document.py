"""Maps for pages: outlines light enough to send, locations, and figures by round.

A map document holds the figures of a few indicators at each level for every round, and the
addresses of the shapes they belong to, so that a reader moves through time without asking the
server again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from waystation.release.maps import class_breaks
from waystation.release.report.figures import Series, Snapshot, rows_of
from waystation.release.report.words import Words
from waystation.release.snapshots import unit_names
from waystation.tracking.indicators import indicator_by_code

if TYPE_CHECKING:
    import numpy as np

# Outlines are simplified until they have at most so many corners: tens of kilobytes.
MOST_CORNERS = 10_000
FINEST = 3000  # smallest detail that is ever kept: this part of the extent
COARSEST = 200  # detail that is kept whatever the weight
PLACES = 4  # digits of a location's position: about ten metres
MOST_FIGURES = 45_000  # figures of areas in one document
MOST_FIGURES_OF_LOCATIONS = 20_000

Feature = dict[str, Any]


def outlines_geojson(
    boundaries: pl.DataFrame, units: pl.DataFrame, level: int, language: str = "en"
) -> dict[str, Any] | None:
    """Return the shapes of a level as GeoJSON, lines between neighbours still shared.

    Args:
        boundaries: Shape ``Boundaries``.
        units: Shape ``Units``, for names.
        level: Administrative level.
        language: en, fr, es or ar.

    Returns:
        Features whose ``id`` is the unit's code, with its ``name``; None where there are none.
    """
    import numpy as np
    import shapely

    own = boundaries.filter(pl.col("level") == level, pl.col("geometry").is_not_null()).unique(
        "code", keep="first", maintain_order=True
    )
    shapes = _polygons(own)
    kept = shapely.area(shapes) > 0
    if not kept.any():
        return None
    simple, digits = _simplified(_in_one_piece(shapes[kept]))
    drawn = shapely.transform(simple, lambda xy: np.round(xy, digits))
    names = dict(unit_names(units, level, language).iter_rows())
    rows = [row for row, good in zip(own.iter_rows(named=True), kept, strict=True) if good]
    return _collection(
        {
            "type": "Feature",
            "id": row["code"],
            "properties": {"name": names.get(row["code"]) or row["name"] or row["code"]},
            "geometry": json.loads(text),
        }
        for row, text in zip(rows, shapely.to_geojson(drawn), strict=True)
    )


def _polygons(own: pl.DataFrame) -> np.ndarray[Any, Any]:
    """Return shapes with polygons only: points and lines left over by repairs are dropped."""
    import numpy as np
    import shapely

    shapes = shapely.make_valid(shapely.from_wkb(own["geometry"].to_numpy()))
    mixed = np.flatnonzero(
        shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    )
    for place in mixed:
        parts = shapely.get_parts(shapely.get_parts(shapes[place]))
        areas = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        shapes[place] = shapely.multipolygons(areas)
    return np.asarray(shapes)


def _in_one_piece(shapes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return shapes of a country on both sides of the date line beside each other."""
    import numpy as np
    import shapely

    west, _, east, _ = shapely.total_bounds(shapes)
    if east - west <= 180:
        return shapes
    moved: np.ndarray[Any, Any] = shapely.transform(
        shapes,
        lambda xy: np.column_stack(
            [np.where(xy[:, 0] < 0, xy[:, 0] + 360, xy[:, 0]), xy[:, 1]]
        ),
    )
    return moved


def _simplified(shapes: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], int]:
    """Return lighter shapes, and the digits that their coordinates need."""
    import shapely

    west, south, east, north = shapely.total_bounds(shapes)
    extent = max(east - west, north - south) or 1.0
    tolerance = extent / FINEST
    while True:
        simple = shapely.coverage_simplify(shapes, tolerance)
        is_light = shapely.get_num_coordinates(simple).sum() <= MOST_CORNERS
        if is_light or tolerance > extent / COARSEST:
            return simple, max(0, math.ceil(-math.log10(tolerance)))
        tolerance *= 1.6


def points_geojson(locations: pl.DataFrame) -> dict[str, Any] | None:
    """Return the locations that have a position as GeoJSON; None where none has.

    Args:
        locations: Shape ``Locations``.
    """
    placed = locations.filter(
        pl.col("latitude").is_between(-90, 90), pl.col("longitude").is_between(-180, 180)
    ).unique("location_id", keep="last", maintain_order=True)
    if placed.is_empty():
        return None
    return _collection(
        {
            "type": "Feature",
            "properties": {
                "id": row["location_id"],
                "name": row["name"] or row["location_id"],
                "type": row["location_type"],
            },
            "geometry": {
                "type": "Point",
                "coordinates": [
                    round(row["longitude"], PLACES), round(row["latitude"], PLACES)
                ],
            },
        }
        for row in placed.iter_rows(named=True)
    )  # fmt: skip


def bounds_of(*collections: dict[str, Any] | None) -> list[float] | None:
    """Return west, south, east and north of what GeoJSON collections hold; None for nothing."""
    import shapely

    known = [c for c in collections if c]
    if not known:
        return None
    texts = [json.dumps(f["geometry"]) for c in known for f in c["features"]]
    west, south, east, north = shapely.total_bounds(shapely.from_geojson(texts)).tolist()
    return [west, south, east, north]


def values_by_round(
    frame: pl.DataFrame, column: str, codes: Sequence[str], rounds: Sequence[Snapshot]
) -> list[list[float | None]]:
    """Return for each round the figure of each code; null where there is none.

    Args:
        frame: ``column``, ``round_number``, ``reference_date``, ``value``.
        column: The column of the codes.
        codes: The codes, in the order wanted.
        rounds: The rounds, in the order wanted.
    """
    place = {code: at for at, code in enumerate(codes)}
    at_round = {(r.round_number, r.date): at for at, r in enumerate(rounds)}
    table: list[list[float | None]] = [[None] * len(codes) for _ in rounds]
    rows = frame.filter(pl.col("value").is_not_null(), pl.col(column).is_not_null())
    chosen = rows.select(column, "round_number", "reference_date", "value")
    for code, number, date, value in chosen.iter_rows():
        row, at = at_round.get((number, date)), place.get(code)
        if row is not None and at is not None:
            table[row][at] = int(value) if value == int(value) else round(value, 4)
    return table


def class_bounds(table: list[list[float | None]]) -> list[float]:
    """Return bounds of classes of about equal numbers of areas, over all rounds together.

    One class for all rounds, so that a colour means the same wherever the slider stands.
    Figures of 0 stand apart.
    """
    breaks = class_breaks([value for row in table for value in row if value])
    return [*(low for low, _ in breaks), breaks[-1][1]] if breaks else []


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a page finds what a map document points to.

    Attributes:
        outlines: Address by level.
        points: Address of the locations; None where none has a position.
    """

    outlines: dict[int, str]
    points: str | None


def map_document(
    totals: pl.DataFrame,
    series: Sequence[Series],
    rounds: Sequence[tuple[str, Snapshot]],
    words: Words,
    addresses: Addresses,
    bounds: list[float],
) -> dict[str, Any]:
    """Return a map document without the figures of locations.

    Args:
        totals: Shape ``Totals``.
        series: What it shows, of one component; the first is shown first.
        rounds: Key and snapshot of each round, by date.
        words: The language.
        addresses: Where shapes are found.
        bounds: West, south, east, north.
    """
    snapshots = [snapshot for _, snapshot in rounds]
    values: dict[str, dict[str, Any]] = {}
    classes: dict[str, dict[str, list[float]]] = {}
    for one in series:
        own = rows_of(totals, one)
        tables = {}
        for level in addresses.outlines:
            rows = own.filter(pl.col("admin_level") == level)
            codes = rows["code"].drop_nulls().unique().sort().to_list()
            tables[str(level)] = {
                "codes": codes,
                "rounds": values_by_round(rows, "code", codes, snapshots),
            }
        values[one.indicator] = tables
        classes[one.indicator] = {
            level: class_bounds(table["rounds"]) for level, table in tables.items()
        }
    return {
        "bounds": bounds,
        "outlines": {str(level): address for level, address in addresses.outlines.items()},
        "points": addresses.points,
        "rounds": [
            {
                "key": key,
                "label": words.say("round_short", number=str(snapshot.round_number)),
                "date": snapshot.date.isoformat(),
            }
            for key, snapshot in rounds
        ],
        "indicators": [indicator_entry(one, words) for one in series],
        "values": values,
        "classes": classes,
        "words": {},
    }


def point_values(
    cells: pl.DataFrame, locations: dict[str, Any], rounds: Sequence[Snapshot]
) -> dict[str, Any]:
    """Return the figures of the locations on a map by round.

    Args:
        cells: Shape ``Matrix``, of one series.
        locations: What `points_geojson` returned.
        rounds: The rounds, by date.
    """
    codes = [feature["properties"]["id"] for feature in locations["features"]]
    return {"codes": codes, "rounds": values_by_round(cells, "location_id", codes, rounds)}


def affordable(series: Sequence[Series], first: Series, figures: int) -> list[Series]:
    """Return the series that one document can hold, the one asked for first.

    Args:
        series: All there are, the most telling ones first.
        first: The one asked for.
        figures: Figures that one series has: areas by rounds.
    """
    most = max(1, MOST_FIGURES // max(1, figures))
    return [first, *(s for s in series if s != first)][:most]


def indicator_entry(series: Series, words: Words) -> dict[str, str]:
    """Return how a document names an indicator."""
    known = indicator_by_code(series.indicator)
    return {
        "code": known.code,
        "label": known.label(words.language),
        "unit": words.unit(known.unit),
        "kind": known.kind.value,
    }


def _collection(features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
