"""Places with their figures as single features, ready to be served one by one.

Source:
    OGC 17-069r4, OGC API - Features, Part 1: Core; RFC 7946 (GeoJSON).
"""

from __future__ import annotations

import json

import polars as pl

from waystation.release.geojson import DIGITS, area_layers, location_layer
from waystation.tracking.build import Build

BOUNDS = ("west", "south", "east", "north")


def feature_layers(build: Build) -> dict[str, pl.DataFrame]:
    """Return units and locations with their latest figures, a feature a row.

    Args:
        build: A build; only what it holds of its last snapshots is used.

    Returns:
        Frames by layer ("admin1", "locations"; those without a shape are left out), each with
        ``id``, ``west``, ``south``, ``east``, ``north`` in degrees, the properties as columns
        of their own, and ``feature``: the whole as GeoJSON text. Sorted by ``id``.
    """
    import shapely

    layers = {}
    for name, layer in area_layers(build).items():
        shapes = shapely.from_wkb(layer["geometry"].to_numpy())
        turned = shapely.orient_polygons(shapes, exterior_cw=False)
        layers[name] = _features(layer.drop("geometry"), turned, "code")
    points = location_layer(build)
    if points.height:
        shapes = shapely.points(points["longitude"].to_numpy(), points["latitude"].to_numpy())
        layers["locations"] = _features(
            points.drop("latitude", "longitude"), shapes, "location_id"
        )
    return layers


def _features(rows: pl.DataFrame, shapes: object, key: str) -> pl.DataFrame:
    import numpy as np
    import shapely

    rounded = shapely.transform(shapes, lambda xy: np.round(xy, DIGITS))
    bounds = shapely.bounds(rounded)
    plain = rows.with_columns(
        pl.col(pl.Date).dt.to_string("iso"), pl.col(pl.Enum).cast(pl.String)
    )
    # Where several operations or components cover a place, each has its own feature.
    series = [c for c in ("operation", "component") if c in plain.columns]
    repeated = plain.select(pl.col(key).is_duplicated()).to_series()
    keys = pl.concat_str([key, *series], separator=":", ignore_nulls=True)
    ids = plain.select(pl.when(repeated).then(keys).otherwise(key)).to_series()
    texts = [
        f'{{"type":"Feature","id":{json.dumps(i, ensure_ascii=False)},"geometry":{geometry},'
        f'"properties":{json.dumps(properties, ensure_ascii=False)}}}'
        for i, geometry, properties in zip(
            ids, shapely.to_geojson(rounded), plain.iter_rows(named=True), strict=True
        )
    ]
    return plain.with_columns(
        ids.alias("id"),
        *(pl.Series(name, bounds[:, at]) for at, name in enumerate(BOUNDS)),
        pl.Series("feature", texts, dtype=pl.String),
    ).sort("id")
