"""Units that the field names and no list has: wards, or countries without a list."""

from __future__ import annotations

import polars as pl

from waystation.geography.units import Units

LEVELS = (1, 2, 3)


def with_reported_units(units: pl.DataFrame | None, submissions: pl.DataFrame) -> pl.DataFrame:
    """Add the units of submissions whose codes the list does not have.

    Args:
        units: Shape ``Units``; None where there is no list.
        submissions: Shape ``Submissions``, places resolved.

    Returns:
        The units of the submissions' countries, then those only reported, each under the name
        and parent it was most often reported with; shape ``Units``.
    """
    countries = submissions["country"].unique().implode()
    listed = Units.empty_frame() if units is None else units
    listed = listed.filter(pl.col("country").is_in(countries))
    reported = pl.concat([_reported(submissions, level) for level in LEVELS])
    new = reported.join(listed, on=Units.primary_key(), how="anti")
    return pl.concat([listed, Units.complete(new).select(listed.columns)])


def _reported(submissions: pl.DataFrame, level: int) -> pl.DataFrame:
    code, name = f"admin{level}_code", f"admin{level}_name"
    parent = "country" if level == 1 else f"admin{level - 1}_code"
    rows = submissions.filter(pl.col(code).is_not_null(), pl.col("country").is_not_null())
    return (
        rows.group_by("country", code)
        .agg(
            name=pl.col(name).drop_nulls().mode().sort().first(),
            parent_code=pl.col(parent).drop_nulls().mode().sort().first(),
        )
        .sort("country", code)
        .select(
            "country",
            level=pl.lit(level, pl.Int64),
            code=code,
            name=pl.coalesce("name", code),
            names=pl.lit([], pl.List(pl.String)),
            parent_code="parent_code",
        )
    )
