"""Outlines of units as maps of pages read them: simplified, rounded, by level."""

from __future__ import annotations

import json

import polars as pl

from waystation.release.snapshots import unit_names

DETAIL = 1200  # smallest detail kept: this part of the country's width
DIGITS = 4  # about ten metres
Bounds = tuple[float, float, float, float]


def levels_of(boundaries: pl.DataFrame) -> list[int]:
    """Return the levels that have outlines."""
    drawn = boundaries.filter(pl.col("geometry").is_not_null())
    return drawn["level"].unique().sort().to_list()


def outlines_of(
    boundaries: pl.DataFrame, units: pl.DataFrame, level: int, language: str = "en"
) -> bytes:
    """Return the outlines of a level as GeoJSON, names in a language."""
    import shapely

    drawn = boundaries.filter(pl.col("level") == level, pl.col("geometry").is_not_null())
    whole = shapely.from_wkb(
        boundaries.filter(pl.col("geometry").is_not_null())["geometry"].to_numpy()
    )
    west, south, east, north = shapely.total_bounds(whole)
    detail = max(east - west, north - south) / DETAIL
    shapes = shapely.simplify(shapely.from_wkb(drawn["geometry"].to_numpy()), detail)
    rounded = shapely.transform(shapes, lambda xy: xy.round(DIGITS))
    names = dict(unit_names(units, level, language).iter_rows())
    features = ",".join(
        _feature(code, names.get(code) or name or code, shape)
        for code, name, shape in zip(
            drawn["code"], drawn["name"], shapely.to_geojson(rounded), strict=True
        )
    )
    return f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()


def _feature(code: str, name: str, shape: str) -> str:
    properties = json.dumps({"code": code, "name": name}, ensure_ascii=False)
    start = f'{{"type":"Feature","id":{json.dumps(code)},"properties":{properties}'
    return f'{start},"geometry":{shape}}}'


def bounds_of(boundaries: pl.DataFrame, *codes: str) -> Bounds | None:
    """Return west, south, east, north of units, or of all; None where none has an outline."""
    import shapely

    drawn = boundaries.filter(pl.col("geometry").is_not_null())
    if codes:
        drawn = drawn.filter(pl.col("code").is_in(codes))
    if drawn.is_empty():
        return None
    west, south, east, north = shapely.total_bounds(
        shapely.from_wkb(drawn["geometry"].to_numpy())
    )
    return float(west), float(south), float(east), float(north)


def centres_of(boundaries: pl.DataFrame) -> dict[str, tuple[float, float]]:
    """Return a point inside each unit, by code."""
    import shapely

    drawn = boundaries.filter(pl.col("geometry").is_not_null())
    if drawn.is_empty():
        return {}
    inside = shapely.point_on_surface(shapely.from_wkb(drawn["geometry"].to_numpy()))
    pairs = zip(shapely.get_x(inside), shapely.get_y(inside), strict=True)
    return {
        code: (round(float(x), DIGITS), round(float(y), DIGITS))
        for code, (x, y) in zip(drawn["code"], pairs, strict=True)
    }


def class_bounds(values: list[float], most: int = 5) -> list[float]:
    """Return the bounds of classes that hold about equal numbers of values above 0."""
    positive = sorted(value for value in values if value > 0)
    if not positive:
        return []
    cuts = [positive[min(len(positive) * i // most, len(positive) - 1)] for i in range(most)]
    return [*dict.fromkeys([*cuts, positive[-1]])] if len(set(positive)) > 1 else [
        positive[0], positive[0],
    ]  # fmt: skip
