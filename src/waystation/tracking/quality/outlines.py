"""Positions against the outlines of units: point in polygon, with a tolerance at borders."""

from __future__ import annotations

import polars as pl

from waystation.tracking.quality.distances import position_words
from waystation.tracking.quality.reports import Reports
from waystation.tracking.quality.wording import row_findings

TOLERANCE = 0.02  # degrees, about 2 km: outlines are simplified and sites stand on borders
COVERS_PART = 0.2  # share of positions outside all outlines, above which some are missing
_LEVELS = (3, 2, 1)


def boxes(boundaries: pl.DataFrame) -> pl.DataFrame:
    """Return, by country, the box around all its outlines, widened by a tenth of a degree."""
    import shapely

    shapes = shapely.from_wkb(boundaries["geometry"].to_numpy())
    west, south, east, north = shapely.bounds(shapes).T
    return (
        boundaries.select("country")
        .with_columns(south=south, north=north, west=west, east=east)
        .fill_nan(None)
        .group_by("country")
        .agg(
            south=pl.col("south").min() - 0.1,
            north=pl.col("north").max() + 0.1,
            west=pl.col("west").min() - 0.1,
            east=pl.col("east").max() + 0.1,
        )
        .drop_nulls()
    )


def outlying_points(
    reports: Reports, boundaries: pl.DataFrame, is_usable: pl.Series
) -> list[pl.DataFrame]:
    """Return positions outside their unit (TRK-111) or outside every unit (TRK-112).

    Each distinct pair of unit and position is looked at once, and said where it begins. The
    unit is the deepest one given that has an outline.
    """
    columns = ["country", "admin1_code", "admin2_code", "admin3_code"]
    begins = reports.news.select("_index", "latitude", "longitude")
    begins = reports.rows_at(begins.filter(is_usable.gather(begins["_index"])), columns)
    begins = begins.with_columns(unit_code=_unit_code(boundaries)).filter(
        pl.col("latitude").is_not_null()
        & pl.col("longitude").is_not_null()
        & (
            pl.col("unit_code").is_not_null()
            | pl.col("country").is_in(boundaries["country"].unique().implode())
        )
    )
    # Codes bear their country's prefix: lists and outlines may spell the country otherwise.
    keys = ["unit_code", "latitude", "longitude"]
    points = begins.select(keys).unique()
    if not len(points):
        return []
    judged = _judged(points, boundaries)
    if float(judged["is_abroad"].mean() or 0) > COVERS_PART:  # type: ignore[arg-type]
        judged = judged.with_columns(is_abroad=pl.lit(value=False))
    wrong = judged.filter(pl.col("lies_in").is_not_null() | pl.col("is_abroad"))
    if not len(wrong):
        return []
    rows = begins.join(wrong, on=keys, nulls_equal=True).sort("_index")
    position = position_words(pl.col("latitude"), pl.col("longitude"))
    elsewhere = rows.filter(~pl.col("is_abroad"))
    abroad = rows.filter(pl.col("is_abroad"))
    return [
        row_findings(
            "TRK-111",
            elsewhere,
            pl.format(
                "position {} lies in {} {}, not in {}",
                position,
                pl.col("lies_name").fill_null(""),
                "lies_in",
                "unit_code",
            ),
            column="latitude",
            reported=position,
        ),
        row_findings(
            "TRK-112",
            abroad,
            pl.format("position {} lies outside every unit of the country", position),
            column="latitude",
            reported=position,
        ),
    ]


def _unit_code(boundaries: pl.DataFrame) -> pl.Expr:
    codes = boundaries.filter(pl.col("geometry").is_not_null())
    known = {
        level: codes.filter(pl.col("level") == level)["code"].unique() for level in _LEVELS
    }
    deepest = [
        pl.when(pl.col(f"admin{level}_code").is_in(known[level].implode())).then(
            pl.col(f"admin{level}_code")
        )
        for level in _LEVELS
        if len(known[level])
    ]
    return pl.coalesce(*deepest) if deepest else pl.lit(None, dtype=pl.String)


def _judged(points: pl.DataFrame, boundaries: pl.DataFrame) -> pl.DataFrame:
    """Return the points with ``lies_in``, ``lies_name`` and ``is_abroad``."""
    import numpy as np
    import shapely

    usable = boundaries.filter(pl.col("geometry").is_not_null() & (pl.col("level") > 0))
    usable = usable.unique("code", keep="first", maintain_order=True)
    shapes = shapely.from_wkb(usable["geometry"].to_numpy())
    shapely.prepare(shapes)
    spots = shapely.points(points["longitude"].to_numpy(), points["latitude"].to_numpy())
    codes = usable["code"]
    claimed = (
        points["unit_code"]
        .replace_strict(codes, range(len(codes)), default=-1, return_dtype=pl.Int64)
        .to_numpy()
    )
    has_unit = claimed >= 0
    suspicious = ~has_unit
    inside = shapely.dwithin(shapes[claimed[has_unit]], spots[has_unit], TOLERANCE)
    suspicious[has_unit] = ~inside
    where = np.flatnonzero(suspicious)
    spot, shape = shapely.STRtree(shapes).query(
        spots[where], predicate="dwithin", distance=TOLERANCE
    )
    nearby = pl.DataFrame(
        {"point": where[spot], "unit": shape}, schema={"point": pl.UInt32, "unit": pl.UInt32}
    ).join(
        usable.select("level", lies_in="code", lies_name="name").with_row_index("unit"),
        on="unit",
    )
    claimed_level = pl.Series(np.where(has_unit, usable["level"].to_numpy()[claimed], 0))
    elsewhere = (
        nearby.with_columns(claimed_level=claimed_level.gather(nearby["point"]))
        .filter(pl.col("level") <= pl.col("claimed_level"))
        .sort("point", "level")
        .unique("point", keep="last", maintain_order=True)
    )
    return (
        points.with_row_index("point")
        .join(elsewhere.select("point", "lies_in", "lies_name"), on="point", how="left")
        .with_columns(
            is_abroad=pl.Series(suspicious)
            & ~pl.col("point").is_in(nearby["point"].unique().implode())
        )
    )
