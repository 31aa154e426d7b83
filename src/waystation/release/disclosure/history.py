"""The change into new rounds from what was published before, without reading it all again."""

from __future__ import annotations

import polars as pl

from waystation.tracking.cells import SNAPSHOT
from waystation.tracking.changes import PAIR, PLACE, STREAM, changes_from_matrix


def changes_into(
    matrix: pl.DataFrame,
    published: pl.DataFrame,
    *,
    units: pl.DataFrame,
    locations: pl.DataFrame,
) -> pl.DataFrame:
    """Return the changes that end in the snapshots of a matrix.

    Of the snapshots before the last published one only is kept when a place was first seen,
    which is all that later changes are told from.

    Args:
        matrix: The new snapshots as they leave; shape ``Matrix``.
        published: The matrix that left before; shape ``Matrix``.
        units: Shape ``Units``.
        locations: Shape ``Locations``, for the day a location closed.

    Returns:
        Shape ``Changes``.
    """
    own = matrix.select(SNAPSHOT).unique()
    known = published.select(SNAPSHOT).unique()
    near = _near(known.join(own, on=list(SNAPSHOT), how="anti"), own)
    kinds = known.join(
        pl.concat(
            [own.with_columns(kind=pl.lit("own")), near.with_columns(kind=pl.lit("near"))]
        ),
        on=list(SNAPSHOT),
        how="left",
    ).with_columns(pl.col("kind").fill_null("old"))
    marked = published.select(matrix.columns).join(
        kinds, on=list(SNAPSHOT), how="left", maintain_order="left"
    )
    kind = pl.col("kind")
    close = pl.concat([marked.filter(kind == "near").drop("kind"), matrix])
    old = marked.filter(kind == "old", pl.col("value").is_not_null()).drop("kind")
    changes = changes_from_matrix(
        pl.concat([_first_seen(old, close), close]),
        units=units,
        locations=locations,
        published=marked.filter(kind != "old").drop("kind"),
    )
    ends = [*STREAM, *PAIR[2:]]
    return changes.join(own, left_on=ends, right_on=list(SNAPSHOT), how="semi")


def _first_seen(old: pl.DataFrame, close: pl.DataFrame) -> pl.DataFrame:
    """Return the first old figure of each place that is not in every close snapshot."""
    many = close.select(SNAPSHOT).unique().group_by(STREAM).agg(many=pl.len())
    is_there = close.filter(pl.col("value").is_not_null())
    lacking = (
        is_there.group_by(PLACE)
        .agg(times=pl.len())
        .join(many, on=list(STREAM))
        .filter(pl.col("times") < pl.col("many"))
    )
    needed = old.join(lacking, on=list(PLACE), how="semi")
    return needed.sort("reference_date").unique(PLACE, keep="first", maintain_order=True)


def _near(earlier: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Return the earlier snapshots from the last one that the first new one follows."""
    first = own.group_by(STREAM).agg(first=pl.col("reference_date").min())
    before = earlier.join(first, on=list(STREAM))
    day = pl.col("reference_date")
    # Snapshots of one day follow each other by round: that day may hold the one before.
    since = pl.coalesce(day.filter(day < pl.col("first")).max(), pl.col("first").first())
    return before.filter(day >= since.over(STREAM)).select(SNAPSHOT)
