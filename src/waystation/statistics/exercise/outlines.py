"""Where the areas of the made-up world lie: outlines, borders, distances, one disputed line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from waystation.folders import write_file_whole
from waystation.geography.fictional import GRID, cells_within, coast
from waystation.geography.fictional_world import FictionalArea, fictional_regions

EARTH = 6371.0
# Centre and radius of each land in degrees, and the regions on it from west to east.
LANDS = (
    ((-95.0, 12.0), 40.0, (0, 1)),
    ((18.0, 16.0), 40.0, (2, 3)),
    ((110.0, 36.0), 28.0, (4,)),
    ((125.0, -34.0), 20.0, (5,)),
)
_FARTHEST_NORTH, _FARTHEST_SOUTH = 78.0, -62.0
_STEP, _STRAIT = 0.8, 4.0


@dataclass(frozen=True, slots=True)
class Outlines:
    """Shapes of areas, in their order.

    Attributes:
        shapes: One polygon an area.
        centres: Longitude and latitude of a point inside each, (areas, 2).
        distances: Kilometres between centres along the sphere, (areas, areas).
        borders: Pairs of neighbours on land, the lower first, with their common line.
        disputed: The pair whose line is not agreed, or None where no two areas touch.
    """

    shapes: np.ndarray
    centres: np.ndarray
    distances: np.ndarray
    borders: dict[tuple[int, int], Any]
    disputed: tuple[int, int] | None

    def are_neighbours(self) -> np.ndarray:
        """Return whether each two areas have a common border, (areas, areas)."""
        touch = np.zeros(self.distances.shape, dtype=bool)
        for one, other in self.borders:
            touch[one, other] = touch[other, one] = True
        return touch


def fictional_outlines(areas: tuple[FictionalArea, ...], rng: np.random.Generator) -> Outlines:
    """Return shapes that tile four lands without gaps, and islands off their coasts."""
    shapes = np.full(len(areas), None, dtype=object)
    taken = shapely.Polygon()
    for centre, radius, regions in LANDS:
        outline = _land(centre, radius, taken, rng)
        taken = shapely.union(taken, outline)
        for member, shape in zip(*_on_land(areas, regions, outline, rng), strict=True):
            shapes[member] = shape
    for i, area in enumerate(areas):
        if area.is_island:
            land = next(n for n, (_, _, regions) in enumerate(LANDS) if area.region in regions)
            shapes[i] = _island(LANDS[land], taken, rng)
            taken = shapely.union(taken, shapes[i])
    shapes = _winding(shapes, rng)
    centres = shapely.get_coordinates(shapely.point_on_surface(shapes)).round(5)
    borders = _borders(shapes)
    return Outlines(shapes, centres, _distances(centres), borders, _disputed(areas, borders))


def _land(
    centre: tuple[float, float], radius: float, taken: Any, rng: np.random.Generator
) -> Any:
    """Return one land without lakes, off others: a large shape and three lobes on it."""
    parts = [coast(centre, radius * 0.78, rng)]
    angles = rng.uniform(0, 2 * np.pi) + np.array([0, 2.1, 4.2]) + rng.normal(0, 0.35, 3)
    for angle in angles:
        away = radius * float(rng.uniform(0.55, 0.8))
        place = (centre[0] + away * np.cos(angle), centre[1] + away * np.sin(angle))
        parts.append(coast(place, radius * float(rng.uniform(0.28, 0.45)), rng))
    box = shapely.box(-174, _FARTHEST_SOUTH, 174, _FARTHEST_NORTH)
    whole = shapely.difference(shapely.union_all(parts), shapely.buffer(taken, _STRAIT))
    whole = shapely.intersection(whole, box, grid_size=GRID)
    largest = max(shapely.get_parts(whole), key=shapely.area)
    return shapely.Polygon(shapely.get_exterior_ring(largest))


def _winding(shapes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the shapes with winding lines: every place is shifted a little, smoothly.

    Each line is shifted once, for both shapes that it parts, so that they go on to tile.
    """
    lines = shapely.line_merge(shapely.union_all(shapely.boundary(shapes), grid_size=GRID))
    finer = shapely.segmentize(shapely.get_parts(lines), _STEP)
    waves = [
        (length, rng.uniform(0, 2 * np.pi, 4), rng.normal(0, 1, 2))
        for length in (14.0, 7.0, 3.5)
    ]

    def shifted(places: np.ndarray) -> np.ndarray:
        moved = places.copy()
        for length, phase, slope in waves:
            turn = 2 * np.pi / length
            x, y = places.T
            east = np.sin(turn * (y + slope[0] * x * 0.3) + phase[0])
            north = np.sin(turn * (x + slope[1] * y * 0.3) + phase[1])
            moved += length * 0.035 * np.column_stack([east, north])
        return moved.round(6)

    found = shapely.get_parts(shapely.polygonize(shapely.transform(finer, shifted)))
    centres = shapely.get_point(shapely.maximum_inscribed_circle(shapes, 0.05), 0)
    tree = shapely.STRtree(found)
    shape, polygon = tree.query(shapely.transform(centres, shifted), predicate="within")
    if shape.tolist() != list(range(len(shapes))) or len(set(polygon.tolist())) < len(shapes):
        return shapes
    return np.asarray(found[polygon])


def _on_land(
    areas: tuple[FictionalArea, ...],
    regions: tuple[int, ...],
    outline: Any,
    rng: np.random.Generator,
) -> tuple[list[int], list[Any]]:
    """Return the areas of a land and their shapes; its regions lie from west to east."""
    members: list[int] = []
    for region in regions:
        here = [i for i, a in enumerate(areas) if a.region == region and not a.is_island]
        members += rng.permutation(np.array(here, dtype=int)).tolist()
    if len(members) < 2:
        return members, [outline] * len(members)
    cells, centres = cells_within(outline, len(members), rng)
    return members, cells[np.argsort(centres[:, 0], kind="stable")].tolist()


def _island(land: Any, taken: Any, rng: np.random.Generator) -> Any:
    """Return a small shape in the sea off a land, touching nothing."""
    (x, y), radius, _ = land
    while True:
        angle, distance = rng.uniform(0, 2 * np.pi), radius * rng.uniform(1.0, 1.55)
        place = (x + distance * np.cos(angle), y + distance * np.sin(angle) * 0.8)
        size = float(rng.uniform(1.2, 3.0))
        if not (-168 < place[0] < 168 and -56 < place[1] < 72):
            continue
        if shapely.distance(shapely.Point(place), taken) > size * 2.2:
            return coast(place, size, rng)


def _borders(shapes: np.ndarray) -> dict[tuple[int, int], Any]:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = sorted((int(a), int(b)) for a, b in zip(one, other, strict=True) if a < b)
    lines = {pair: shapely.intersection(shapes[pair[0]], shapes[pair[1]]) for pair in pairs}
    # A corner alone is no border.
    return {p: shapely.line_merge(x) for p, x in lines.items() if shapely.length(x) > 0}


def _disputed(
    areas: tuple[FictionalArea, ...], borders: dict[tuple[int, int], Any]
) -> tuple[int, int] | None:
    """Return the longest border within a region, or between regions where there is none."""
    if not borders:
        return None
    return max(
        borders,
        key=lambda p: (areas[p[0]].region == areas[p[1]].region, shapely.length(borders[p])),
    )


def _distances(centres: np.ndarray) -> np.ndarray:
    longitude, latitude = np.radians(centres).T
    sine = np.sin(latitude)[:, None] * np.sin(latitude)[None, :]
    cosine = np.cos(latitude)[:, None] * np.cos(latitude)[None, :]
    turn = np.cos(longitude[:, None] - longitude[None, :])
    return np.asarray(EARTH * np.arccos(np.clip(sine + cosine * turn, -1, 1)))


def write_outlines(areas: tuple[FictionalArea, ...], outlines: Outlines, folder: Path) -> None:
    """Write ``areas.geojson``, and ``lines.geojson`` whose disputed line asks to be dashed."""
    regions = fictional_regions()
    features = []
    for area, shape in zip(areas, outlines.shapes, strict=True):
        names = dict(zip(("en", "fr", "es", "ar"), area.names, strict=True))
        about = {"iso3": area.iso3, "m49": area.m49, "region": regions[area.region].m49}
        features.append(_feature(about | {f"name_{k}": v for k, v in names.items()}, shape))
    lines = [
        _feature(
            {
                "areas": [areas[a].iso3, areas[b].iso3],
                "kind": "disputed" if (a, b) == outlines.disputed else "boundary",
                "style": "dashed" if (a, b) == outlines.disputed else "solid",
            },
            line,
        )
        for (a, b), line in outlines.borders.items()
    ]
    _write(folder / "areas.geojson", features)
    _write(folder / "lines.geojson", lines)


def _feature(properties: dict[str, Any], shape: Any) -> dict[str, Any]:
    geometry = json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-4)))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _write(path: Path, features: list[dict[str, Any]]) -> None:
    content = {"type": "FeatureCollection", "features": features}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    write_file_whole(path, text.encode("utf-8"))
