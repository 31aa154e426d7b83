"""Places with their figures as GeoJSON and GeoPackage: areas as shapes, locations as points.

Source:
    RFC 7946 (GeoJSON): WGS 84, longitude first, exterior rings counter-clockwise.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from waystation.release.published import wide_latest
from waystation.release.snapshots import SNAPSHOT, latest_rows
from waystation.tracking.build import Build

if TYPE_CHECKING:
    import numpy as np

DIGITS = 6  # about a tenth of a metre
_PLACES = ("location_id", "location_name", "latitude", "longitude")


def area_layers(build: Build) -> dict[str, pl.DataFrame]:
    """Return, for each level that has boundaries, its units with the latest figures.

    Every unit with a shape is there. A unit that nobody assessed has ``is_assessed`` false and
    null figures; a unit that left a figure blank has it null and is assessed. Where several
    operations or components cover a unit, it has one row for each.

    Returns:
        Frames by layer name ("admin1"), with ``geometry`` as WKB and a column an indicator.
    """
    latest = latest_rows(build.totals)
    codes = _undivided(latest)
    figures = latest.filter(pl.col("indicator").is_in(codes)).pivot(
        "indicator", index=[*SNAPSHOT, "admin_level", "code"], values="value"
    )
    layers = {}
    for level in build.boundaries["level"].unique().sort().to_list():
        shapes = build.boundaries.filter(
            pl.col("level") == level, pl.col("geometry").is_not_null()
        )
        own = figures.filter(pl.col("admin_level") == level).drop("admin_level", "country")
        layers[f"admin{level}"] = (
            shapes.select("country", admin_level="level", code="code", name="name")
            .with_columns(shapes["geometry"])
            .join(own, on="code", how="left", maintain_order="left")
            .with_columns(is_assessed=pl.col("reference_date").is_not_null())
        )
    return layers


def location_layer(build: Build) -> pl.DataFrame:
    """Return the locations that have coordinates, with their latest figures."""
    values, _ = wide_latest(build)
    if not set(_PLACES) <= set(values.columns):
        return pl.DataFrame()
    codes = [c for c in _undivided(build.matrix) if c in values.columns]
    places = [*SNAPSHOT, "location_id", "location_name", "location_type", "observed_on"]
    areas = [c for c in values.columns if c.startswith("admin")]
    return values.filter(
        pl.col("latitude").is_between(-90, 90), pl.col("longitude").is_between(-180, 180)
    ).select(*places, *areas, *codes, "latitude", "longitude")


def _undivided(frame: pl.DataFrame) -> list[str]:
    """Return the indicators that are not breakdowns: a map file is read, not analysed."""
    codes = frame["indicator"].unique().sort().to_list()
    return [code for code in codes if "__" not in code]


def write_geojson(build: Build, folder: Path) -> list[Path]:
    """Write one GeoJSON file a layer; levels without boundaries have none.

    Returns:
        The files written, none if the build has neither boundaries nor coordinates.
    """
    import shapely

    written = []
    for name, layer in area_layers(build).items():
        shapes = shapely.from_wkb(layer["geometry"].to_numpy())
        turned = shapely.orient_polygons(shapes, exterior_cw=False)
        written.append(_features(layer.drop("geometry"), turned, folder / f"{name}.geojson"))
    points = location_layer(build)
    if points.height:
        shapes = shapely.points(points["longitude"].to_numpy(), points["latitude"].to_numpy())
        rows = points.drop("latitude", "longitude")
        written.append(_features(rows, shapes, folder / "locations.geojson"))
    return written


def _features(rows: pl.DataFrame, shapes: np.ndarray[Any, Any], path: Path) -> Path:
    import numpy as np
    import shapely

    rounded = shapely.transform(shapes, lambda xy: np.round(xy, DIGITS))
    geometries = shapely.to_geojson(rounded)
    plain = rows.with_columns(
        pl.col(pl.Date).dt.to_string("iso"), pl.col(pl.Enum).cast(pl.String)
    )
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"type":"FeatureCollection","features":[\n')
        for number, (properties, geometry) in enumerate(
            zip(plain.iter_rows(named=True), geometries, strict=True)
        ):
            text = json.dumps(properties, ensure_ascii=False)
            stream.write(",\n" if number else "")
            stream.write(f'{{"type":"Feature","properties":{text},"geometry":{geometry}}}')
        stream.write("\n]}\n")
    return path


def write_geopackage(build: Build, path: Path) -> list[Path]:
    """Write one GeoPackage with a layer for each level that has boundaries and for locations.

    Returns:
        The file, or nothing if the build has neither boundaries nor coordinates.
    """
    import shapely

    layers = area_layers(build)
    points = location_layer(build)
    for number, (name, layer) in enumerate(layers.items()):
        shapes = shapely.from_wkb(layer["geometry"].to_numpy())
        many = [shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in shapes]
        rows = layer.with_columns(geometry=pl.Series(shapely.to_wkb(many), dtype=pl.Binary))
        _layer(rows, path, name, "MultiPolygon", append=number > 0)
    if points.height:
        shapes = shapely.points(points["longitude"].to_numpy(), points["latitude"].to_numpy())
        geometry = pl.Series("geometry", shapely.to_wkb(shapes), dtype=pl.Binary)
        _layer(points.with_columns(geometry), path, "locations", "Point", append=bool(layers))
    return [path] if path.exists() else []


def _layer(frame: pl.DataFrame, path: Path, name: str, kind: str, *, append: bool) -> None:
    import pyogrio

    table = frame.with_columns(pl.col(pl.Enum).cast(pl.String)).to_arrow(
        compat_level=pl.CompatLevel.oldest()
    )
    pyogrio.write_arrow(
        table,
        path,
        layer=name,
        driver="GPKG",
        geometry_name="geometry",
        geometry_type=kind,
        crs="EPSG:4326",
        append=append,
    )
