"""Questions to built matrices: what differs between two, and where a figure comes from."""

from __future__ import annotations

import polars as pl

from waystation.errors import NotFound
from waystation.tracking.build import SNAPSHOT, Build
from waystation.tracking.changes import changes_from_matrix, difference
from waystation.tracking.trail import trail_of_cell

ENDS = ["country", "operation", "component", "end_round", "end_date"]


def changes_between(before: Build, after: Build, *, level: int) -> pl.DataFrame:
    """Return what changed from the rounds of one build to those that only another has.

    Args:
        before: The earlier build.
        after: The later build.
        level: Administrative level, 0 to 3.

    Returns:
        Shape ``Changes``; empty where the later build has no round of its own.
    """
    new = after.matrix.join(before.matrix, on=SNAPSHOT, how="anti")
    ends = new.select(SNAPSHOT).unique()
    changes = changes_from_matrix(
        pl.concat([before.matrix, new]), units=after.units, locations=after.locations
    )
    ended = changes.join(ends, left_on=ENDS, right_on=SNAPSHOT, how="semi")
    return ended.filter(pl.col("admin_level") == level)


def differences_between(before: Build, after: Build) -> pl.DataFrame:
    """Return the figures that differ in the rounds that both builds have.

    Returns:
        Shape ``Differences``.
    """
    return difference(
        before.matrix.join(after.matrix, on=SNAPSHOT, how="semi"),
        after.matrix.join(before.matrix, on=SNAPSHOT, how="semi"),
    )


def trail_in_build(
    build: Build, *, place: str, indicator: str, round_number: int | None = None
) -> pl.DataFrame:
    """Return what a figure of a place is made of.

    Args:
        build: A build.
        place: A location's id, or the code of a unit.
        indicator: Code in the indicator dictionary.
        round_number: The round; the latest of the place when None.

    Returns:
        For a location, shape ``Trail``. For a unit, the cells of the matrix that its figure
        adds up, largest first.

    Raises:
        NotFound: If the place has no such figure.
    """
    codes = ("location_id", "admin1_code", "admin2_code", "admin3_code", "country")
    of_place = pl.any_horizontal(pl.col(code) == place for code in codes)
    cells = build.matrix.filter(of_place & (pl.col("indicator") == indicator))
    if round_number is not None:
        cells = cells.filter(pl.col("round_number") == round_number)
    if cells.is_empty():
        raise NotFound(what="figure", name=f"{indicator} at {place}")
    cells = cells.filter(pl.col("reference_date") == pl.col("reference_date").max())
    cell = cells.row(0, named=True)
    if cells.height > 1 or cell["location_id"] != place:
        shown = [
            "location_id",
            "location_name",
            "value",
            "status",
            "observed_on",
            "submissions",
        ]
        return cells.sort("value", descending=True, nulls_last=True).select(
            *SNAPSHOT[3:], *shown
        )
    return trail_of_cell(
        build.submissions,
        build.corrections,
        build.findings,
        indicator=indicator,
        matrix=build.matrix,
        **{key: cell[key] for key in (*SNAPSHOT, "location_id")},
    )
