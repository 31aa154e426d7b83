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

    named = places.with_columns(_name=plain("location_name"), _unit=_unit())
    named = named.with_columns(
        **{f"_last_{n}": pl.col(n).last().over("_where") for n in _COMPARED}
    )
    alike = cpdist(
        named["_name"].fill_null("").to_list(),
        named["_last__name"].fill_null("").to_list(),
        scorer=OSA.normalized_similarity,
    )
    position = pl.col("latitude"), pl.col("longitude")
    apart = kilometres(*position, pl.col("_last_latitude"), pl.col("_last_longitude"))
    is_named = pl.col("_name").is_not_null() & pl.col("_last__name").is_not_null()
    unlike = pl.when(is_named).then(pl.Series(alike, dtype=pl.Float64) < UNLIKE)
    is_other = (
        pl.col("location_id").is_not_null()
        & unlike.otherwise(pl.col("_unit") != pl.col("_last__unit"))
        & ~(apart <= NEAR_KM).fill_null(value=False)
    ).fill_null(value=False)
    named = named.with_columns(_other=is_other)
    shared = named.filter(pl.col("_other").any().over("_where"))
    # Without a name nothing says which of those under a placeholder is which: each stands.
    own = pl.coalesce("_name", pl.col("_index").cast(pl.String))
    is_shared = pl.col("_other").any().over("_where")
    where = pl.when(is_shared).then(pl.struct("_where", own).hash()).otherwise("_where")
    told_apart = named.with_columns(_where=where).select(places.columns)
    if not len(shared):
        return SharedIds(told_apart, shared.select("_index", "location_key"), [])
    return SharedIds(told_apart, _own_keys(shared), [_findings(shared)])


_COMPARED = ("_name", "_unit", "latitude", "longitude")


def _unit() -> pl.Expr:
    levels = (3, 2, 1)
    codes = [f"admin{level}_code" for level in levels]
    return pl.coalesce(*codes, *(f"admin{level}_name" for level in levels), pl.lit(""))


def _own_keys(shared: pl.DataFrame) -> pl.DataFrame:
    key = pl.concat_str("_unit", "_name", separator="/", ignore_nulls=True)
    return shared.select("_index", location_key=key)


def _findings(shared: pl.DataFrame) -> pl.DataFrame:
    label = pl.coalesce("location_name", "admin3_name", "admin2_name", "_unit")
    shared = shared.with_columns(_label=label)
    names = pl.col("_label").unique(maintain_order=True).head(3).str.join(", ")
    by_id = shared.with_columns(
        places=pl.col("_label").n_unique().over("_where"),
        names=names.over("_where"),
    ).unique("_where", keep="first", maintain_order=True)
    says = pl.concat_str(
        pl.format("id {} stands at {} places: {}", "location_id", "places", "names"),
        pl.when(pl.col("places") > 3).then(pl.lit(", ...")),
        ignore_nulls=True,
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
