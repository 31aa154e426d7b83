"""A fictional country: units with names and codes, boundaries that nest, points inside them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from waystation.geography.fictional import (
    PlaceName,
    cells_within,
    coast,
    invented_names,
    nearest,
    spread,
)
from waystation.tracking.exercise.words import SIDES

ISO3 = "XWS"
PREFIX = "XW"
NAMES = ("Waystation Land", "Terre de Waystation", "أرض المحطة")
VALID_ON = dt.date(2023, 1, 1)
ADMIN1, ADMIN2, ADMIN3 = 8, 48, 208
# Latitude and longitude ranges do not overlap: exchanged coordinates always lie far outside.
CENTRE = (24.0, 12.5)
RADIUS = 3.0


@dataclass(frozen=True, slots=True)
class Country:
    """Units and their shapes.

    Attributes:
        units: code, level (1 to 3), name_en, name_fr, name_ar, parent_code, in code order.
        shapes: By level, one polygon a unit, in the order of ``units``.
        admin2_of: For each unit of level 3, the position of its unit of level 2.
        admin1_of: For each unit of level 2, the position of its unit of level 1.
    """

    units: pl.DataFrame
    shapes: dict[int, Any]
    admin2_of: np.ndarray
    admin1_of: np.ndarray

    def level(self, level: int) -> pl.DataFrame:
        """Return the units of one level, in code order."""
        return self.units.filter(pl.col("level") == level)

    def units_at(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """Return the position of the level 3 unit at each point, -1 outside the country."""
        tree = shapely.STRtree(self.shapes[3])
        found = np.full(len(longitude), -1)
        point, unit = tree.query(shapely.points(longitude, latitude), predicate="within")
        found[point] = unit
        return found

    def points_inside(self, unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return one random point for each level 3 unit position, well inside it.

        Returns:
            Longitude and latitude, shape (number of points, 2), five decimals.
        """
        inner = shapely.buffer(self.shapes[3], -0.004)
        inner = np.where(shapely.is_empty(inner), self.shapes[3], inner)
        low_x, low_y, high_x, high_y = shapely.bounds(inner).T
        points = np.zeros((len(unit), 2))
        missing = np.arange(len(unit))
        while len(missing):
            here = unit[missing]
            x = rng.uniform(low_x[here], high_x[here])
            y = rng.uniform(low_y[here], high_y[here])
            points[missing] = np.column_stack([x, y])
            # Five decimals, the last never 0: positions taken on the spot.
            digits = rng.integers(1, 10, points[missing].shape)
            points[missing] = np.round(np.floor(points[missing] * 1e4) / 1e4 + digits / 1e5, 5)
            inside = shapely.contains_xy(inner[here], points[missing])
            missing = missing[~inside]
        return points


def fictional_country(rng: np.random.Generator) -> Country:
    """Return a country of 8, 48 and 208 units whose shapes tile one coast and nest exactly."""
    cells, centres = cells_within(coast(CENTRE, RADIUS, rng), ADMIN3, rng)
    seeds2 = spread(centres, ADMIN2, rng)
    seeds1 = spread(seeds2, ADMIN1, rng)
    of1 = nearest(seeds2, seeds1)
    of2 = nearest(centres, seeds2)
    order1 = np.arange(ADMIN1)
    order2 = np.lexsort((seeds2[:, 0], of1))
    of1, of2 = of1[order2], np.argsort(order2)[of2]
    order3 = np.lexsort((centres[:, 0], of2))
    of2, cells = of2[order3], cells[order3]
    shapes3 = cells
    shapes2 = np.array([shapely.coverage_union_all(cells[of2 == i]) for i in range(ADMIN2)])
    shapes1 = np.array([shapely.coverage_union_all(shapes2[of1 == i]) for i in order1])
    units = _units(of1, of2, _sides_of(seeds1), rng)
    return Country(units, {1: shapes1, 2: shapes2, 3: shapes3}, of2, of1)


def _sides_of(seeds: np.ndarray) -> dict[int, int]:
    """Return the first-level units farthest north, south, east and west, with their side."""
    sides: dict[int, int] = {}
    ranked = (-seeds[:, 1], seeds[:, 1], -seeds[:, 0], seeds[:, 0])
    for side, values in enumerate(ranked):
        unit = next(int(i) for i in np.argsort(values, kind="stable") if int(i) not in sides)
        sides[unit] = side
    return sides


def _units(
    of1: np.ndarray, of2: np.ndarray, sides: dict[int, int], rng: np.random.Generator
) -> pl.DataFrame:
    names = invented_names(ADMIN1 + ADMIN2 + ADMIN3, rng, syllables=(2, 4), likeness=78)
    codes1 = [f"{PREFIX}{i + 1:02d}" for i in range(ADMIN1)]
    codes2 = _child_codes(codes1, of1)
    codes3 = _child_codes(codes2, of2)
    parents = [ISO3] * ADMIN1 + [codes1[i] for i in of1] + [codes2[i] for i in of2]
    levels = [1] * ADMIN1 + [2] * ADMIN2 + [3] * ADMIN3
    texts = [_in_languages(n, sides.get(i)) for i, n in enumerate(names)]
    return pl.DataFrame(
        {
            "code": codes1 + codes2 + codes3,
            "level": levels,
            "name_en": [t[0] for t in texts],
            "name_fr": [t[1] for t in texts],
            "name_ar": [t[2] for t in texts],
            "parent_code": parents,
        }
    )


def _in_languages(name: PlaceName, side: int | None) -> tuple[str, str, str]:
    """Return the name in English, French and Arabic, with a side of the compass if any."""
    if side is None:
        return name.plain, name.latin, name.arabic
    english, french, arabic = SIDES[side]
    return f"{english} {name.plain}", f"{name.latin} {french}", f"{arabic} {name.arabic}"


def _child_codes(parents: list[str], parent_of: np.ndarray) -> list[str]:
    seen: dict[int, int] = {}
    codes = []
    for parent in parent_of.tolist():
        seen[parent] = seen.get(parent, 0) + 1
        codes.append(f"{parents[parent]}{seen[parent]:02d}")
    return codes


def write_pcodes(country: Country, path: Path) -> None:
    """Write the units in the layout of the global p-code list, its HXL row left out."""
    top = {"P-Code": ISO3, "Admin Level": 0, "Name": NAMES[0], "Parent P-Code": ""}
    rows = country.units.select(
        pl.col("code").alias("P-Code"),
        pl.col("level").alias("Admin Level"),
        pl.col("name_en").alias("Name"),
        pl.col("parent_code").alias("Parent P-Code"),
    )
    table = pl.concat([pl.DataFrame([top]).select(rows.columns), rows]).select(
        pl.lit(ISO3).alias("Location"),
        "Admin Level",
        "P-Code",
        "Name",
        "Parent P-Code",
        pl.lit(VALID_ON).alias("Valid from date"),
    )
    table.write_csv(path)


def write_boundaries(country: Country, folder: Path) -> None:
    """Write one GeoJSON file a level, attributes spelt as COD-AB files do."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = shapely.coverage_union_all(country.shapes[1])
    _write_level(folder, 0, [{}], [whole])
    by_code = {row["code"]: row for row in country.units.iter_rows(named=True)}
    for level in (1, 2, 3):
        lines = [_line_of(row, by_code) for row in country.level(level).iter_rows(named=True)]
        _write_level(folder, level, lines, country.shapes[level])


def _line_of(row: dict[str, Any], by_code: dict[str, Any]) -> dict[str, str]:
    attributes: dict[str, str] = {}
    unit: dict[str, Any] | None = row
    while unit is not None:
        level = unit["level"]
        for language in ("en", "fr", "ar"):
            attributes[f"ADM{level}_{language.upper()}"] = unit[f"name_{language}"]
        attributes[f"ADM{level}_PCODE"] = unit["code"]
        unit = by_code.get(unit["parent_code"])
    return attributes


def _write_level(folder: Path, level: int, lines: list[dict[str, str]], shapes: Any) -> None:
    top = {
        "ADM0_EN": NAMES[0],
        "ADM0_FR": NAMES[1],
        "ADM0_AR": NAMES[2],
        "ADM0_PCODE": PREFIX,
        "validOn": VALID_ON.isoformat(),
    }
    features = [
        {
            "type": "Feature",
            "properties": {**line, **top},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for line, shape in zip(lines, shapes, strict=True)
    ]
    content = {"type": "FeatureCollection", "features": features}
    path = folder / f"{ISO3.lower()}_admin{level}.geojson"
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
