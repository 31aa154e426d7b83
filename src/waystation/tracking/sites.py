"""Places as a figure: how many host people, need what, can be reached."""

from __future__ import annotations

import polars as pl

from waystation.tracking.indicators import breakdown_code, dimensions

HOSTED = "idp_individuals"


def with_site_figures(submissions: pl.DataFrame) -> pl.DataFrame:
    """Add one figure a location: 1 where it hosts displaced people, by need and by access.

    Only rows that name a location get one; a row about an area may stand for many. A location
    with no figure of people has null, one with nobody 0. Needs and access are counted among
    the locations that host people and answered.

    Args:
        submissions: Shape ``Submissions``, repeats set aside.

    Returns:
        The rows in their order, with ``sites`` and its breakdowns; unchanged where the files
        report sites themselves, or no row names a location.
    """
    is_location = pl.col("location_id").is_not_null() | pl.col("location_name").is_not_null()
    if HOSTED not in submissions.columns or any(
        column.startswith("sites") for column in submissions.columns
    ):
        return submissions
    if not submissions.select(is_location.any()).item():
        return submissions
    first = pl.int_range(pl.len()).over("location_key", "reference_date", "component") == 0
    hosts = (
        pl.when(is_location & first & pl.col("is_counted"))
        .then((pl.col(HOSTED) > 0).cast(pl.Float64))
        .alias("sites")
    )
    counted = submissions.with_columns(hosts)
    return counted.with_columns(*_of_needs(counted), *_of_access(counted))


def _of_needs(counted: pl.DataFrame) -> list[pl.Expr]:
    answered = (pl.col("sites") == 1) & pl.col("priority_needs").is_not_null()
    if not counted.select(answered.any()).item():
        return []
    given = pl.col("priority_needs").str.split(" ")
    return [
        pl.when(answered)
        .then(given.list.contains(need).cast(pl.Float64))
        .alias(breakdown_code("sites", "need", need))
        for need in dimensions()["need"].categories
    ]


def _of_access(counted: pl.DataFrame) -> list[pl.Expr]:
    answered = (pl.col("sites") == 1) & pl.col("access").is_not_null()
    if not counted.select(answered.any()).item():
        return []
    return [
        pl.when(answered)
        .then((pl.col("access") == answer).cast(pl.Float64))
        .alias(breakdown_code("sites", "access", answer))
        for answer in dimensions()["access"].categories
    ]
