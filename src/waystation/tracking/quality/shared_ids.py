"""Ids that stand at several places of one round: placeholders, and ids typed wrong."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from waystation.tracking.quality.distances import kilometres
from waystation.tracking.quality.wording import plain, row_findings

UNLIKE = 0.6  # names less alike than this, of 1, are those of two places ...
NEAR_KM = 1.0  # ... unless the two stand on one spot


@dataclass(frozen=True, slots=True)
class SharedIds:
    """Places told apart that share an id.

    Attributes:
        places: The rows given, ``_where`` now different for different places.
        keys: ``_index`` and ``location_key`` of rows that need a key of their own.
        findings: Shape ``Findings``, a list of frames.
    """

    places: pl.DataFrame
    keys: pl.DataFrame
    findings: list[pl.DataFrame]


def places_under_one_id(places: pl.DataFrame) -> SharedIds:
    """Tell apart places that share an id in one snapshot, by name and position (TRK-126).

    Args:
        places: Rows of places of which a snapshot has several under one key: columns of
            ``Submissions``, ``_index`` and ``_where``.
    """
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    named = places.with_columns(_name=plain("location_name"))
    last = {f"_last_{n}": pl.col(n).last().over("_where") for n in _COMPARED}
    named = named.with_columns(**last)
    alike = cpdist(
        named["_name"].fill_null("").to_list(),
        named["_last__name"].fill_null("").to_list(),
        scorer=OSA.normalized_similarity,
    )
    apart = kilometres(
        pl.col("latitude"),
        pl.col("longitude"),
        pl.col("_last_latitude"),
        pl.col("_last_longitude"),
    )
    is_other = (
        pl.col("location_id").is_not_null()
        & (pl.col("_name") != pl.col("_last__name"))
        & (pl.Series(alike, dtype=pl.Float64) < UNLIKE)
        & ~(apart <= NEAR_KM).fill_null(value=False)
    ).fill_null(value=False)
    named = named.with_columns(_other=is_other)
    shared = named.filter(pl.col("_other").any().over("_where"))
    own = pl.when("_other").then(pl.struct("_where", "_name").hash()).otherwise("_where")
    told_apart = named.with_columns(_where=own).select(places.columns)
    if not len(shared):
        return SharedIds(told_apart, shared.select("_index", "location_key"), [])
    return SharedIds(told_apart, _own_keys(shared), [_findings(shared)])


_COMPARED = ("_name", "latitude", "longitude")


def _own_keys(shared: pl.DataFrame) -> pl.DataFrame:
    unit = pl.coalesce(
        "admin3_code",
        "admin2_code",
        "admin1_code",
        "admin3_name",
        "admin2_name",
        "admin1_name",
        pl.lit(""),
    )
    return shared.select("_index", location_key=pl.format("{}/{}", unit, "_name"))


def _findings(shared: pl.DataFrame) -> pl.DataFrame:
    names = pl.col("location_name").unique(maintain_order=True)
    by_id = shared.with_columns(
        places=pl.col("_name").n_unique().over("_where"),
        names=names.head(3).str.join(", ").over("_where"),
    ).unique("_where", keep="first", maintain_order=True)
    says = pl.format("id {} stands at {} places: {}", "location_id", "places", "names")
    says = pl.concat_str(
        says, pl.when(pl.col("places") > 3).then(pl.lit(", ...")), ignore_nulls=True
    )
    return row_findings(
        "TRK-126", by_id, says, column="location_id", reported=pl.col("location_id")
    )


def with_own_keys(frame: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with the location keys of some rows replaced."""
    if not len(keys):
        return frame
    at = pl.int_range(pl.len(), dtype=pl.UInt32)
    return frame.with_columns(
        location_key=pl.coalesce(
            at.replace_strict(
                keys["_index"], keys["location_key"], default=None, return_dtype=pl.String
            ),
            "location_key",
        )
    )
