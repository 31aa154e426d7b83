"""Cells that nobody counted in a snapshot: estimated, carried forward, ratios of sums."""

from __future__ import annotations

import polars as pl

from waystation.findings import Findings
from waystation.tracking.cells import (
    CODES,
    SNAPSHOT,
    CellStatus,
    Matrix,
    stocks_of,
)
from waystation.tracking.indicators import Indicator, indicator_by_code, indicators

# Fewer pairs than this do not carry a median.
ENOUGH_PAIRS = 10
# Households outside this range are errors of the sheet, not families.
HOUSEHOLD_SIZES = (1.0, 20.0)
STATUS = Matrix.columns()["status"].dtype
PLACE = [*SNAPSHOT, "location_id"]


def with_estimated_persons(matrix: pl.DataFrame) -> pl.DataFrame:
    """Estimate persons from households where only these were reported.

    Persons are the households times the operation's own median of persons a household, in the
    same snapshot and first-level unit, over the locations that report both (at least ten, each
    between 1 and 20 persons a household); where the unit has fewer, the median of the whole
    snapshot; where that has fewer too, nothing is estimated. The product is rounded to whole
    persons, halves upward. Estimates are marked and must not be read as counts.

    Args:
        matrix: Shape ``Matrix``.

    Returns:
        Shape ``Matrix``, sorted as before, new cells beside their households.
    """
    codes = set(matrix["indicator"].unique())
    pairs = [
        (entry.code, entry.households)
        for entry in indicators().values()
        if entry.households in codes
    ]
    estimated = [_persons(matrix, persons, str(homes)) for persons, homes in pairs]
    if not estimated:
        return matrix
    new = pl.concat(estimated)
    if new.is_empty():
        return matrix
    kept = matrix.join(new, on=[*PLACE, "indicator"], how="anti", maintain_order="left")
    return _in_order(pl.concat([kept, new]), matrix)


def _persons(matrix: pl.DataFrame, persons: str, households: str) -> pl.DataFrame:
    homes = matrix.filter((pl.col("indicator") == households) & pl.col("value").is_not_null())
    counted = matrix.filter(pl.col("indicator") == persons).select(*PLACE, persons="value")
    joined = homes.join(counted, on=PLACE, how="left", maintain_order="left")
    size = pl.col("persons") / pl.col("value")
    sizes = joined.filter((pl.col("value") > 0) & size.is_between(*HOUSEHOLD_SIZES))
    median, enough = size.median(), pl.len() >= ENOUGH_PAIRS
    by_unit = sizes.group_by(*SNAPSHOT, "admin1_code").agg(of_unit=median, is_enough=enough)
    by_unit = by_unit.filter("is_enough").drop("is_enough")
    by_snapshot = sizes.group_by(SNAPSHOT).agg(of_all=median, is_enough=enough)
    by_snapshot = by_snapshot.filter("is_enough").drop("is_enough")
    factor = pl.coalesce("of_unit", "of_all")
    return (
        joined.filter(pl.col("persons").is_null())
        .join(by_unit, on=[*SNAPSHOT, "admin1_code"], how="left", nulls_equal=True)
        .join(by_snapshot, on=SNAPSHOT, how="left")
        .filter(factor.is_not_null())
        .with_columns(
            indicator=pl.lit(persons),
            unit=pl.lit(indicator_by_code(persons).unit),
            value=(pl.col("value") * factor + 0.5).floor(),
            status=pl.lit(CellStatus.ESTIMATED, dtype=STATUS),
        )
        .select(matrix.columns)
    )


def with_carried_forward(
    matrix: pl.DataFrame,
    *,
    days: int,
    closed: pl.DataFrame | None = None,
    locations: pl.DataFrame | None = None,
    earlier: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Keep the last stocks of locations that a snapshot did not assess, marked with their age.

    A location counts as assessed where it has any cell, blank ones included. Only stocks that
    the snapshot asks about somewhere are carried, never flows or events, and never from a
    snapshot in which the location was closed, or past the day it was closed.

    Args:
        matrix: Shape ``Matrix``, without carried cells.
        days: Oldest age carried, from one reference date to the other.
        closed: Snapshots and ``location_id`` in which a location was reported closed.
        locations: Shape ``Locations``; ``closed_on`` is used.
        earlier: Shape ``Matrix``, snapshots built before: carried from, and not returned.

    Returns:
        Shape ``Matrix``; carried cells bear ``observed_on``, and 0 submissions.
    """
    operation = ["country", "operation", "component"]
    seen = _observed(matrix, earlier)
    presence = seen.select(PLACE).unique()
    last = presence.rename({"reference_date": "seen_on", "round_number": "seen_round"})
    targets = matrix.select(SNAPSHOT).unique()
    age = pl.col("reference_date") - pl.col("seen_on")
    snapshots = targets.join(
        last.select(*operation, "seen_round", "seen_on").unique(), on=operation
    ).filter((age > pl.duration(days=0)) & (age <= pl.duration(days=days)))
    absent = (
        snapshots.join(last, on=[*operation, "seen_round", "seen_on"])
        .join(presence, on=PLACE, how="anti")
        .sort("seen_on", "seen_round")
        .unique(PLACE, keep="last", maintain_order=True)
    )
    absent = _without_closed(absent, closed, locations)
    source = seen.filter(
        pl.col("indicator").is_in(stocks_of(matrix)) & pl.col("value").is_not_null()
    ).rename({"reference_date": "seen_on", "round_number": "seen_round"})
    asked = matrix.select(*SNAPSHOT, "indicator").unique()
    carried = (
        absent.join(source, on=[*operation, "seen_round", "seen_on", "location_id"])
        .join(asked, on=[*SNAPSHOT, "indicator"], how="semi")
        .with_columns(
            status=pl.lit(CellStatus.CARRIED_FORWARD, dtype=STATUS),
            submissions=pl.lit(0, pl.Int64),
        )
        .select(matrix.columns)
    )
    return _in_order(pl.concat([matrix, carried]), matrix) if carried.height else matrix


def _observed(matrix: pl.DataFrame, earlier: pl.DataFrame | None) -> pl.DataFrame:
    """Return the cells of the matrix, and those of earlier snapshots that were not carried."""
    if earlier is None:
        return matrix
    carried = pl.col("status").cast(pl.String) == CellStatus.CARRIED_FORWARD
    before = earlier.filter(~carried).join(matrix, on=SNAPSHOT, how="anti")
    return pl.concat([before.select(matrix.columns), matrix], how="vertical_relaxed")


def _without_closed(
    absent: pl.DataFrame, closed: pl.DataFrame | None, locations: pl.DataFrame | None
) -> pl.DataFrame:
    if closed is not None:
        seen = closed.rename({"reference_date": "seen_on", "round_number": "seen_round"})
        absent = absent.join(seen, on=seen.columns, how="anti")
    if locations is not None:
        key = ["country", "operation", "location_id"]
        shut = locations.filter(pl.col("closed_on").is_not_null()).select(*key, "closed_on")
        absent = (
            absent.join(shut, on=key, how="left")
            .filter((pl.col("closed_on") > pl.col("reference_date")).fill_null(True))
            .drop("closed_on")
        )
    return absent


def with_ratios(matrix: pl.DataFrame) -> pl.DataFrame:
    """Compute ratio indicators of each location from the sums of both sides.

    Cells that added up ratios as reported are left out: percentages do not add. A ratio is
    null where a side is not reported or the lower one is 0, and no row where a side is not
    asked about.
    """
    ratios = [entry for entry in indicators().values() if entry.how == "ratio"]
    kept = matrix.filter(~pl.col("indicator").is_in([entry.code for entry in ratios]))
    codes = set(kept["indicator"].unique())
    rows = [_ratio(kept, e) for e in ratios if {e.numerator, e.denominator} <= codes]
    return _in_order(pl.concat([kept, *rows]), matrix) if rows else kept


def _ratio(matrix: pl.DataFrame, ratio: Indicator) -> pl.DataFrame:
    below = matrix.filter(pl.col("indicator") == ratio.denominator)
    below = below.select(*PLACE, below="value", below_on="observed_on")
    return (
        matrix.filter(pl.col("indicator") == ratio.numerator)
        .join(below, on=PLACE)
        .with_columns(
            indicator=pl.lit(ratio.code),
            unit=pl.lit(ratio.unit),
            value=ratio_of(pl.col("value"), pl.col("below")),
            observed_on=pl.min_horizontal("observed_on", "below_on"),
        )
        .select(matrix.columns)
    )


def ratio_of(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    """Return a percentage; null where a side is null or the lower one is 0."""
    return pl.when(below != 0).then(100 * above / below)


def _in_order(matrix: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Sort as the matrix is: by snapshot and location, indicators in their known order."""
    known = before["indicator"].unique(maintain_order=True)
    further = matrix["indicator"].unique(maintain_order=True)
    codes = pl.concat([known, further]).unique(maintain_order=True)
    keyed = matrix
    # Numbers sort ten times as fast as text, and each kind of key has few different values.
    for keys, order in (
        (list(SNAPSHOT), matrix.select(SNAPSHOT).unique().sort(SNAPSHOT)),
        (["location_id"], matrix.select("location_id").unique().sort("location_id")),
        (["indicator"], codes.to_frame()),
    ):
        numbered = order.with_row_index(f"{keys[0]} number")
        keyed = keyed.join(numbered, on=keys, how="left", maintain_order="left")
    numbers = keyed.columns[-3:]
    return keyed.sort(numbers).drop(numbers)


def check_matrix(matrix: pl.DataFrame) -> pl.DataFrame:
    """Return what a reader must know of cells that nobody counted in their snapshot.

    Args:
        matrix: Shape ``Matrix``.

    Returns:
        One TRK-201 for each snapshot, first-level unit and indicator with estimates, and one
        TRK-202 for each location carried forward in a snapshot; shape ``Findings``.
    """
    marked = matrix.filter(
        pl.col("status").is_in([CellStatus.ESTIMATED, CellStatus.CARRIED_FORWARD])
        & (pl.col("unit") != "percent")
    )
    estimated = marked.filter(pl.col("status") == CellStatus.ESTIMATED)
    carried = marked.filter(pl.col("status") == CellStatus.CARRIED_FORWARD)
    unit = pl.coalesce("admin1_code", "country")
    of_estimates = (
        estimated.group_by(*SNAPSHOT, CODES[0], "indicator")
        .agg(pl.col("value").sum(), pl.len().alias("many"))
        .sort(*SNAPSHOT, CODES[0], "indicator")
        .select(
            code=pl.lit("TRK-201"),
            message=pl.format(
                "Round {}, {}: {} {} at {} locations are estimated from households by the "
                "operation's own median household. Report persons where they are known.",
                "round_number",
                unit,
                pl.col("value").cast(pl.Int64),
                "indicator",
                "many",
            ),
            location_id=pl.lit(None, pl.String),
            place=unit,
            round_number="round_number",
            column="indicator",
            reported=pl.lit(None, pl.String),
        )
    )
    of_carried = (
        carried.group_by(*PLACE, maintain_order=True)
        .agg(pl.col("location_name", "observed_on", "indicator", "value").first())
        .select(
            code=pl.lit("TRK-202"),
            message=pl.format(
                "Round {}, {}: not assessed; its figures are those of {}, {} days older. "
                "Reassess the location, or close it.",
                "round_number",
                pl.coalesce("location_name", "location_id"),
                "observed_on",
                (pl.col("reference_date") - pl.col("observed_on")).dt.total_days(),
            ),
            location_id="location_id",
            place="location_name",
            round_number="round_number",
            column="indicator",
            reported=pl.col("value").cast(pl.String),
        )
    )
    return Findings.complete(
        pl.concat([of_estimates, of_carried]).with_columns(
            severity=pl.lit("info", dtype=Findings.columns()["severity"].dtype)
        )
    )
