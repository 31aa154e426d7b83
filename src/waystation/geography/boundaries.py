"""Boundaries of administrative units: read, checked, and asked which unit a point lies in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import dataframely as dy
import numpy as np
import polars as pl

from waystation.errors import MissingColumns, NothingToRead, UnusableInput
from waystation.findings import Findings
from waystation.geography.checks import CHECKS
from waystation.geography.pcodes import repaired_pcodes
from waystation.geography.place_files import SPATIAL_SUFFIXES, files_of_paths, read_attributes
from waystation.geography.place_lists import own_units
from waystation.geography.units import Units, units_from_rows, with_country
from waystation.tables import Table, iso3, text

_Array: TypeAlias = np.ndarray[Any, Any]
_NO_TEXT = pl.lit(None, pl.String)


class Boundaries(Table):
    """Shapes of units, one a row, as well-known binary in EPSG:4326."""

    country = iso3("Country, ISO 3166-1 alpha-3.", primary_key=True)
    level = dy.Int64(
        min=0, max=5, primary_key=True, description="0 country, 1 first level, ..."
    )
    code = dy.String(min_length=1, primary_key=True, description="P-code of the unit.")
    name = text("Name of the unit.")
    geometry = dy.Binary(nullable=True, description="Polygon or multipolygon, WKB, EPSG:4326.")


def read_boundaries(*paths: Path, units: pl.DataFrame | None = None) -> pl.DataFrame:
    """Read the shapes of units; shape ``Boundaries``.

    Give the list of units wherever there is one: boundaries often bear the other prefix
    (``TD07`` where the list has ``TCD07``), and codes are then written as the list does.

    Each layer gives the shapes of the deepest level it has codes for. Parts of one unit that
    stand in rows of their own are put together. Shapes without codes are left out
    (`waystation.geography.units.units_and_findings` says so, GEO-110), and none are repaired
    (see `check_boundaries`).

    Args:
        paths: GeoJSON, shapefile, GeoPackage, or folders of these.
        units: Shape ``Units``.

    Returns:
        One row a unit, sorted by country, level and code (level 0: ISO 3); no row where no
        shape has a code.

    Raises:
        UnreadableFile: If a file cannot be read, or is not in longitude and latitude.
        NothingToRead: If there is no boundary file.
    """
    layers: list[pl.DataFrame] = []
    files = 0
    for path, is_named in files_of_paths(paths, SPATIAL_SUFFIXES):
        try:
            read = read_attributes(path, geometry=True)
        except UnusableInput:
            if is_named:
                raise
            continue
        files += 1
        layers += [
            listed.with_columns(file=pl.lit(path.name), source=pl.lit(files))
            for layer in read
            if (listed := own_units(layer)) is not None
        ]
    if not files:
        raise NothingToRead(
            file=", ".join(path.name for path in paths),
            reason="there is no boundary file",
            action="Give GeoJSON, shapefiles or GeoPackages with the codes as attributes",
        )
    if not layers:
        return Boundaries.empty_frame()
    rows = with_country(pl.concat(layers), units)
    if units is not None:
        rows = _coded_as_listed(rows, units)
    return Boundaries.require(_one_shape_a_unit(rows))


def _coded_as_listed(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Write codes as the list does, where no other shape bears the listed code already."""
    place = ["country", "level", "code"]
    listed = repaired_pcodes(rows.select(place), units)["matched_code"]
    taken = rows.select(place).unique().with_columns(is_taken=pl.lit(value=True))
    found = rows.with_columns(listed=listed).join(
        taken, left_on=["country", "level", "listed"], right_on=place, how="left",
        maintain_order="left",
    )  # fmt: skip
    is_free = pl.col("is_taken").is_null()
    return found.with_columns(code=pl.coalesce(pl.when(is_free).then("listed"), "code")).drop(
        "listed", "is_taken"
    )


def check_boundaries(boundaries: pl.DataFrame) -> pl.DataFrame:
    """Return GEO-111 for each shape that is empty or not valid; shape ``Findings``."""
    import shapely

    shapes = shapely.from_wkb(boundaries["geometry"].to_numpy(), on_invalid="ignore")
    is_usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    reasons = shapely.is_valid_reason(shapes)
    check = CHECKS["GEO-111"]
    wrong = boundaries.with_columns(
        is_usable=pl.Series(is_usable),
        is_valid=pl.Series(shapely.is_valid(shapes)),
        # The reason ends with a position in brackets, which helps whoever repairs it.
        reason=pl.Series(reasons, dtype=pl.String),
    ).filter(~(pl.col("is_usable") & pl.col("is_valid")))
    what = pl.when("is_usable").then(pl.format("is not valid: {}", "reason")).otherwise(
        pl.lit("is empty")
    )  # fmt: skip
    return wrong.select(
        code=pl.lit(check.code),
        severity=pl.lit(check.severity.value, Findings.columns()["severity"].dtype),
        message=pl.format(
            "The boundary of {} {} (level {}) {}. {}",
            "code", pl.col("name").fill_null(""), "level", what, pl.lit(check.action),
        ),
        place="name",
        reported="code",
    ).pipe(Findings.complete)  # fmt: skip


def units_of_boundaries(boundaries: pl.DataFrame) -> pl.DataFrame:
    """Return the units that boundaries show; shape ``Units``, parents by code, else by place.

    A boundary file read by `waystation.geography.units.read_units` tells more: names in
    several languages, and the parent that the file states.
    """
    listed = boundaries.select("country", "level", "code", "name").with_columns(
        file=pl.lit(""), source=pl.lit(0), is_own_level=pl.lit(value=True)
    )
    units = units_from_rows(listed)
    orphans = units.filter(pl.col("level") > 1, pl.col("parent_code").is_null())
    return Units.require(_with_parents_by_place(units, orphans, boundaries))


def units_at_points(
    points: pl.DataFrame, boundaries: pl.DataFrame, *, tolerance: float = 0.01
) -> pl.DataFrame:
    """Tell which unit of each level each point lies in.

    Where shapes overlap, the point's own country wins, then the first code. A point in no
    shape of a level takes the nearest one within the tolerance, and ``is_nearest`` says so:
    simplified shapes leave out coasts and river banks.

    Args:
        points: ``latitude`` and ``longitude`` in degrees (null, or beyond the globe: no
            unit), and ``country`` (ISO 3166-1 alpha-3) where known; others are kept.
        boundaries: Shape ``Boundaries``.
        tolerance: Degrees; 0.01 is about one kilometre at the equator. 0: none.

    Returns:
        The rows in their order, with ``admin0_code`` (the country whose shape it is),
        ``admin1_code`` and so on for the levels that the boundaries have, null where the
        point lies in none, and ``is_nearest``. Columns of those names are replaced.

    Raises:
        MissingColumns: If latitude or longitude is absent.
    """
    missing = [c for c in ("latitude", "longitude") if c not in points.columns]
    if missing:
        raise MissingColumns(table="points", columns=", ".join(missing))
    country = pl.col("country").cast(pl.String) if "country" in points.columns else _NO_TEXT
    place = points.select(pl.col("latitude", "longitude").cast(pl.Float64), country=country)
    countries = sorted(boundaries["country"].unique())
    is_place = place.select(
        pl.col("latitude").is_between(-90, 90) & pl.col("longitude").is_between(-180, 180)
    ).to_series().fill_null(value=False)  # fmt: skip
    on_globe = is_place.arg_true()
    asked = _Asked.of_places(place[on_globe], countries, tolerance)
    found: dict[str, pl.Series] = {}
    owner, nearest = _none(points.height), np.zeros(points.height, dtype=bool)
    for level in sorted(set(boundaries["level"]) - {0}):
        shapes = boundaries.filter(
            pl.col("level") == level, pl.col("geometry").is_not_null()
        ).sort("code")
        unit, is_near = _units_asked(asked, shapes, countries)
        hit = np.flatnonzero(unit >= 0)
        codes = _none(points.height)
        codes[on_globe.to_numpy()[hit]] = unit[hit]
        found[f"admin{level}_code"] = _gathered(shapes["code"], codes)
        of_shape = _numbers(shapes["country"], countries)
        owner[on_globe.to_numpy()[hit]] = of_shape[unit[hit]]
        nearest[on_globe.to_numpy()[np.flatnonzero(is_near)]] = True
    return points.with_columns(
        admin0_code=_gathered(pl.Series(countries, dtype=pl.String), owner),
        **found,
        is_nearest=pl.Series(nearest),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Points in a tree, built once and asked by the shapes of every level."""

    points: Any
    tree: Any
    country: _Array
    tolerance: float

    @classmethod
    def of_places(cls, places: pl.DataFrame, countries: list[str], tolerance: float) -> _Asked:
        import shapely

        points = shapely.points(places["longitude"].to_numpy(), places["latitude"].to_numpy())
        numbers = _numbers(places["country"], countries)
        return cls(points, shapely.STRtree(points), numbers, tolerance)


def _units_asked(
    asked: _Asked, shapes: pl.DataFrame, countries: list[str]
) -> tuple[_Array, _Array]:
    """Return the row of the shape that each point lies in, or -1, and whether only nearly."""
    import shapely

    polygons = _usable_shapes(shapes["geometry"])
    owners = _numbers(shapes["country"], countries)
    # Shapely prepares the geometries that ask, not those in the tree: asking with the few
    # large polygons for the many points is what makes a million points a matter of seconds.
    shape, point = asked.tree.query(polygons, predicate="intersects")
    unit = _chosen(asked, owners, point, shape)
    is_near = np.zeros(unit.size, dtype=bool)
    outside = np.flatnonzero(unit < 0)
    if asked.tolerance > 0 and outside.size and len(polygons):
        where = asked.points[outside]
        near, beside = shapely.STRtree(polygons).query(
            where, predicate="dwithin", distance=asked.tolerance
        )
        farthest_first = np.argsort(-shapely.distance(where[near], polygons[beside]))
        near, beside = outside[near[farthest_first]], beside[farthest_first]
        unit[near] = beside
        is_near[near] = True
    return unit, is_near


def _chosen(asked: _Asked, owners: _Array, point: _Array, shape: _Array) -> _Array:
    """Return one shape a point: of its own country if any, then the first by code."""
    unit = _none(asked.country.size)
    order = np.argsort(-shape, kind="stable")
    point, shape = point[order], shape[order]
    unit[point] = shape
    is_own = owners[shape] == asked.country[point]
    unit[point[is_own]] = shape[is_own]
    return unit


def _none(size: int) -> _Array:
    return np.full(size, -1, dtype=np.int64)


def _numbers(names: pl.Series, known: list[str]) -> _Array:
    """Return the position of each name among those known, or -1."""
    numbers = dict(zip(known, range(len(known)), strict=True))
    return names.replace_strict(numbers, default=-1, return_dtype=pl.Int64).to_numpy()


def _gathered(values: pl.Series, positions: _Array) -> pl.Series:
    wanted = pl.Series(positions).set(pl.Series(positions < 0), None)
    return values.gather(wanted)


def _usable_shapes(geometry: pl.Series) -> _Array:
    import shapely

    shapes = shapely.from_wkb(geometry.to_numpy(), on_invalid="ignore")
    invalid = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    shapes[invalid] = shapely.make_valid(shapes[invalid])
    return shapes  # type: ignore[no-any-return]


def _one_shape_a_unit(rows: pl.DataFrame) -> pl.DataFrame:
    key = ["country", "level", "code"]
    rows = rows.with_columns(
        code=pl.when(pl.col("level") == 0).then("country").otherwise("code")
    )
    grouped = rows.group_by(key, maintain_order=True).agg(
        pl.col("name").drop_nulls().first(), shapes=pl.col("geometry").drop_nulls()
    )
    single = grouped.filter(pl.col("shapes").list.len() <= 1).with_columns(
        geometry=pl.col("shapes").list.first()
    )
    several = grouped.filter(pl.col("shapes").list.len() > 1)
    if several.height:
        several = several.with_columns(geometry=_united(several["shapes"]))
    else:
        several = several.with_columns(geometry=pl.lit(None, pl.Binary))
    columns = [*key, "name", "geometry"]
    return pl.concat([single.select(columns), several.select(columns)]).sort(key)


def _united(shapes: pl.Series) -> pl.Series:
    import shapely

    parts = [shapely.make_valid(shapely.from_wkb(wkb.to_numpy())) for wkb in shapes]
    united = [shapely.to_wkb(shapely.union_all(part)) for part in parts]
    return pl.Series(united, dtype=pl.Binary)


def _with_parents_by_place(
    units: pl.DataFrame, orphans: pl.DataFrame, boundaries: pl.DataFrame
) -> pl.DataFrame:
    if not orphans.height:
        return units
    import shapely

    shaped = orphans.join(
        boundaries.select("country", "level", "code", "geometry"),
        on=["country", "level", "code"],
    ).filter(pl.col("geometry").is_not_null())
    inner = shapely.point_on_surface(_usable_shapes(shaped["geometry"]))
    shaped = shaped.with_columns(
        latitude=pl.Series(shapely.get_y(inner)), longitude=pl.Series(shapely.get_x(inner))
    )
    found = units_at_points(shaped.select("country", "latitude", "longitude"), boundaries)
    above = {level: f"admin{level - 1}_code" for level in sorted(set(shaped["level"]))}
    parents = shaped.select("country", "level", "code").with_columns(
        parent=pl.coalesce(
            *[
                pl.when(shaped["level"] == level).then(found[column])
                for level, column in above.items()
                if column in found.columns
            ],
            pl.lit(None, pl.String),
        )
    )
    joined = units.join(
        parents, on=["country", "level", "code"], how="left", maintain_order="left"
    )
    return joined.with_columns(parent_code=pl.coalesce("parent_code", "parent")).drop("parent")
