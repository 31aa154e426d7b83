"""Any two rounds or versions, unit by unit: before, after, and the parts of the difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from waystation.tracking.cells import SNAPSHOT
from waystation.tracking.changes import Part, changes_from_matrix, difference

KEY = "code"
PARTS = tuple(part.value for part in Part)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two things compared, cut to one indicator.

    Attributes:
        cells: Its cells, shape ``Matrix``, one snapshot.
        totals: Its totals, shape ``Totals``.
    """

    cells: pl.DataFrame
    totals: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two sides at one level.

    Attributes:
        rows: ``code`` ("" for what could not be placed), ``name``, ``before``, ``after``,
            ``change`` and a column for each part that occurs; largest changes first.
        parts: The parts that occur, in their order.
        locations: Locations by part.
    """

    rows: pl.DataFrame
    parts: tuple[str, ...]
    locations: dict[str, int]


def compared(
    before: Side,
    after: Side,
    *,
    level: int,
    units: pl.DataFrame | None = None,
    locations: pl.DataFrame | None = None,
) -> Comparison:
    """Compare two sides; the parts of each unit add up to its change.

    Two versions of one round differ by corrections alone. Between two rounds the difference is
    split as between consecutive rounds, whatever lies between them.

    Args:
        before: The earlier side.
        after: The later side.
        level: Administrative level, 0 to 3.
        units: Shape ``Units``, for names.
        locations: Shape ``Locations``; tells what closed.
    """
    parts = _parts(before.cells, after.cells, level, units, locations)
    sides = [
        side.totals.filter(pl.col("admin_level") == level)
        .group_by(pl.col("code").fill_null(""))
        .agg(
            pl.col("name").first(),
            pl.when(pl.col("value").is_not_null().any())
            .then(pl.col("value").sum())
            .alias(name),
        )
        for side, name in ((before, "before"), (after, "after"))
    ]
    rows = (
        sides[1]
        .join(sides[0], on="code", how="full", coalesce=True)
        .with_columns(pl.coalesce("name", "name_right").alias("name"))
        .select("code", "name", "before", "after")
        .with_columns(change=pl.col("after").fill_null(0) - pl.col("before").fill_null(0))
    )
    there = [part for part in PARTS if part in parts["part"]]
    wide = parts.pivot("part", index="code", values="change", aggregate_function="sum")
    rows = rows.join(wide, on="code", how="left").with_columns(
        pl.col(name).fill_null(0.0) for name in there
    )
    counted = parts.group_by("part").agg(pl.col("locations").sum())
    return Comparison(
        rows=rows.select("code", "name", "before", "after", "change", *there).sort(
            pl.col("change").abs(), pl.col("name"), descending=[True, False], nulls_last=True
        ),
        parts=tuple(there),
        locations=dict(counted.iter_rows()),
    )


def _parts(
    before: pl.DataFrame,
    after: pl.DataFrame,
    level: int,
    units: pl.DataFrame | None,
    locations: pl.DataFrame | None,
) -> pl.DataFrame:
    """Return ``code``, ``part``, ``change``, ``locations``, a row for each that occurs."""
    snapshots = pl.concat([before.select(SNAPSHOT), after.select(SNAPSHOT)]).unique()
    if snapshots.height < 2:
        return _corrected(before, after, level)
    changes = changes_from_matrix(pl.concat([before, after]), units=units, locations=locations)
    return changes.filter(pl.col("admin_level") == level).select(
        "code", pl.col("part").cast(pl.String), "change", "locations"
    )


def _corrected(before: pl.DataFrame, after: pl.DataFrame, level: int) -> pl.DataFrame:
    """Return what differs between two versions of one snapshot, by unit."""
    code = f"admin{level}_code" if level else "country"
    places = (
        pl.concat([after, before])
        .unique("location_id", keep="first", maintain_order=True)
        .select("location_id", pl.col(code).fill_null("").alias("code"))
    )
    differing = difference(before, after).filter(pl.col("change") != 0)
    return (
        differing.select("location_id", "change")
        .join(places, on="location_id")
        .group_by("code")
        .agg(pl.col("change").sum(), pl.col("location_id").n_unique().cast(pl.Int64)
             .alias("locations"))
        .select("code", pl.lit(Part.CORRECTED.value).alias("part"), "change", "locations")
    )  # fmt: skip


def change_classes(changes: Sequence[float]) -> list[float]:
    """Return the six bounds of five classes of change, symmetric around 0.

    The classes outwards hold about a third of the changes each, whichever way they go; the
    one in the middle holds what hardly changed.
    """
    sizes = sorted(abs(change) for change in changes if change)
    if not sizes:
        return [-1.0, -0.75, -0.5, 0.5, 0.75, 1.0]
    top = math.ceil(sizes[-1])
    small = _rounded(sizes[len(sizes) // 3], top / 4)
    large = _rounded(sizes[2 * len(sizes) // 3], top * 0.75)
    if large <= small:
        small, large = top / 4, top * 0.6
    return [-float(top), -large, -small, small, large, float(top)]


def _rounded(value: float, most: float) -> float:
    """Return a value to one or two significant digits, not above another."""
    kept = min(value, most)
    if kept <= 0:
        return most
    power = 10.0 ** (math.floor(math.log10(kept)))
    return min(max(round(kept / power * 2) / 2 * power, kept / 2), most)
