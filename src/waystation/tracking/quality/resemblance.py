"""Locations that resemble another one nearby: probably one place under two ids."""

from __future__ import annotations

import polars as pl

from waystation.findings import Findings
from waystation.tracking.quality.distances import kilometres
from waystation.tracking.quality.reports import key_of_place, mark_of, with_all_columns
from waystation.tracking.quality.wording import PLACE_COLUMNS, plain, row_findings

NEAR_KM = 2.0
SAME_SPOT_KM = 0.2
ALIKE, ALIKE_ON_THE_SPOT = 0.85, 0.7  # of 1: letters that need no edit, an exchange being one
CROWD = 20  # places on exactly one spot, above which the spot is a placeholder
_CELL = 0.02  # degrees: at the equator a little more than NEAR_KM


def near_duplicates(submissions: pl.DataFrame) -> pl.DataFrame:
    """Return locations that resemble another one nearby by name (TRK-122).

    Places are compared within cells of a grid and the cells around, so that the work grows
    with the number of places and not with its square. Numbers in names must agree: Camp 1 and
    Camp 2 are two places. Each pair is said once, at the latest report of the location that
    came up later.

    Args:
        submissions: Shape ``Submissions``.

    Returns:
        Findings, one a pair; shape ``Findings``.
    """
    places = _places(submissions)
    if len(places) < 2:
        return Findings.empty_frame()
    pairs = _pairs_nearby(places)
    if not len(pairs):
        return Findings.empty_frame()
    alike = _alike(pairs)
    says = pl.concat_str(
        pl.format("{} resembles {}", "location_name", "other_name"),
        pl.format(" ({})", "other_id"),
        pl.format(", {} km away", pl.col("km").round(1)),
        ignore_nulls=True,
    )
    return row_findings(
        "TRK-122",
        alike,
        says,
        column="location_name",
        reported=pl.col("location_name"),
        expected=pl.col("other_name"),
    )


def _places(submissions: pl.DataFrame) -> pl.DataFrame:
    """Return places under each name and position they were reported with.

    One row for each, its latest counted report, in the order in which the places (``key``)
    were first reported. Positions at which many places stand are no positions (TRK-114).
    """
    frame = with_all_columns(submissions)
    day = pl.col("reference_date").cast(pl.Int32).fill_null(0).cast(pl.Int64)
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    version = ["key", "name", "latitude", "longitude"]
    latest = (
        frame.lazy()
        .select(
            "latitude",
            "longitude",
            key=mark_of(frame, ("country", "operation"), key_of_place(frame)),
            name=pl.col("location_name").hash(),
            usable=pl.col("is_counted").fill_null(value=True)
            & pl.col("location_name").is_not_null()
            & pl.col("longitude").is_not_null()
            & (pl.col("latitude") != 0),
            at=at,
            when=day * 2**40 + at,
        )
        .filter("usable")
        .group_by(version)
        .agg(first=pl.col("at").min(), last=pl.col("when").max() % 2**40)
        .with_columns(
            first=pl.col("first").min().over("key"),
            crowd=pl.col("key").n_unique().over("latitude", "longitude"),
        )
        .filter(pl.col("crowd") <= CROWD)
        .sort("first", "last")
        .collect()
    )
    columns = [*PLACE_COLUMNS, "latitude", "longitude", "country", "operation"]
    return (
        frame.select(columns)[latest["last"]]
        .with_columns(latest["key"], name=plain("location_name"))
        .with_columns(
            digits=pl.col("name").str.extract_all(r"\d+").list.join(" "),
            words=pl.col("name").str.split(" "),
        )
        .with_row_index("place")
    )


def _pairs_nearby(places: pl.DataFrame) -> pl.DataFrame:
    """Return pairs within the distance: each cell against itself and half of those around."""
    cells = places.select(
        "place",
        "country",
        "operation",
        "digits",
        y=(pl.col("latitude") / _CELL).floor().cast(pl.Int32),
        x=(pl.col("longitude") / _CELL).floor().cast(pl.Int32),
    )
    keys = ["country", "operation", "digits", "x", "y"]
    found = []
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1), (1, -1)):
        around = cells.with_columns(x=pl.col("x") - dx, y=pl.col("y") - dy)
        pairs = cells.join(around, on=keys, suffix="_b").select("place", b="place_b")
        found.append(pairs.filter(pl.col("place") < pl.col("b")) if dx == dy == 0 else pairs)
    pairs = pl.concat(found)
    other = places.select(
        b="place",
        other_key="key",
        other_name="location_name",
        other_id="location_id",
        other_words="words",
        other_latitude="latitude",
        other_longitude="longitude",
    )
    km = kilometres(
        pl.col("latitude"),
        pl.col("longitude"),
        pl.col("other_latitude"),
        pl.col("other_longitude"),
    )
    return (
        pairs.select(place=pl.max_horizontal("place", "b"), b=pl.min_horizontal("place", "b"))
        .join(places, on="place")
        .join(other, on="b")
        .with_columns(km=km)
        .filter((pl.col("km") <= NEAR_KM) & (pl.col("key") != pl.col("other_key")))
    )


def _alike(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs whose names are alike, the later place first."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    # Words that both have (camp, site, old) do not make two names alike: the others must be.
    own = pairs.select(
        pl.col("words").list.set_difference("other_words").list.sort().list.join(" "),
        pl.col("other_words").list.set_difference("words").list.sort().list.join(" "),
    )
    scores = cpdist(
        own["words"].to_list(), own["other_words"].to_list(), scorer=OSA.normalized_similarity
    )
    least = pl.when(pl.col("km") <= SAME_SPOT_KM).then(ALIKE_ON_THE_SPOT).otherwise(ALIKE)
    return (
        pairs.with_columns(score=pl.Series(scores, dtype=pl.Float64))
        .filter(pl.col("score") >= least)
        .sort("score", descending=True, maintain_order=True)
        .unique(["key", "other_key"], keep="first", maintain_order=True)
        .sort("place", "b")
    )
