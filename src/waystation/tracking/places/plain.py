"""Places that need no weighing: listed codes that nest, beside the names of their units."""

from __future__ import annotations

import polars as pl

from waystation.tracking.places.names import folded_names, names_of_units
from waystation.tracking.places.place_list import LEVELS, PlaceList


def plain_places(places: pl.DataFrame, listed: PlaceList) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tell places whose codes and names agree with the list from those to be weighed.

    Plain is a place with a listed code at each of the levels it speaks of, from the first
    down, each below the one before, each beside a name of its unit or no name. A level that
    the country's list does not have keeps its code as reported.

    Args:
        places: As `resolved_by_evidence` takes them.
        listed: The list.

    Returns:
        The plain places with ``final`` and ``is_listed`` for each level, and the others as
        they came; both in their order.
    """
    units = listed.units.select("country", "level", "code", "parent_code")
    has_level = units.select("country", "level").unique().with_columns(has=pl.lit(value=True))
    names = names_of_units(listed.units).with_columns(is_name=pl.lit(value=True))
    seen = places
    is_plain = pl.col("reported1").is_not_null()
    for level in LEVELS:
        at = pl.col("level") == level
        code, given = f"reported{level}", pl.col(f"reported{level}").is_not_null()
        seen = (
            seen.with_columns(fold=folded_names(seen[f"name{level}"]))
            .join(
                units.filter(at).select(
                    "country", pl.col("code").alias(code), pl.col("parent_code").alias("above")
                ),
                on=["country", code],
                how="left",
                maintain_order="left",
            )
            .join(
                names.filter(at).select(
                    "country", pl.col("code").alias(code), "fold", "is_name"
                ),
                on=["country", code, "fold"],
                how="left",
                maintain_order="left",
            )
            .join(
                has_level.filter(at).select("country", "has"),
                on="country",
                how="left",
                maintain_order="left",
            )
        )
        has = pl.col("has").is_not_null()
        no_name = pl.col(f"name{level}").is_null()
        above = pl.col("country") if level == 1 else pl.col(f"reported{level - 1}")
        nests = (pl.col("above") == above).fill_null(value=False)
        is_unit = nests & (no_name | pl.col("is_name").is_not_null())
        follows = (given & above.is_not_null()) | (~given & no_name)
        is_open = ~has & follows
        seen = seen.with_columns(
            (is_unit | is_open | (~given & no_name)).alias(f"plain{level}"),
            pl.col(code).str.strip_chars().alias(f"final{level}"),
        ).drop("fold", "above", "is_name", "has")
        is_plain = is_plain & pl.col(f"plain{level}")
    seen = seen.with_columns(is_plain=is_plain)
    plain = seen.filter("is_plain").drop("is_plain", *[f"plain{level}" for level in LEVELS])
    for level in LEVELS:
        plain = listed.with_is_listed(plain, level)
    return plain, places.filter(~seen["is_plain"])
