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
    earlier = published.select(matrix.columns).join(own, on=list(SNAPSHOT), how="anti")
    near = earlier.select(SNAPSHOT).unique().join(_since(earlier, own), on=list(STREAM))
    near = near.filter(pl.col("reference_date") >= pl.col("since")).select(SNAPSHOT)
    seen = (
        earlier.join(near, on=list(SNAPSHOT), how="anti")
        .filter(pl.col("value").is_not_null())
        .sort("reference_date")
        .unique(PLACE, keep="first", maintain_order=True)
    )
    starts = pl.concat([own, near])
    changes = changes_from_matrix(
        pl.concat([seen, earlier.join(near, on=list(SNAPSHOT), how="semi"), matrix]),
        units=units,
        locations=locations,
        published=published.join(starts, on=list(SNAPSHOT), how="semi"),
    )
    ends = [*STREAM, *PAIR[2:]]
    return changes.join(own, left_on=ends, right_on=list(SNAPSHOT), how="semi")


def _since(earlier: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Return, for each stream, the day of the snapshot that the first new one follows."""
    first = own.group_by(STREAM).agg(first=pl.col("reference_date").min())
    before = earlier.select(SNAPSHOT).unique().join(first, on=list(STREAM))
    day = pl.col("reference_date")
    # Snapshots of one day follow each other by round: that day may hold the one before.
    return before.group_by(STREAM).agg(
        since=pl.coalesce(day.filter(day < pl.col("first")).max(), pl.col("first").first())
    )
