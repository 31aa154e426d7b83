"""Change between rounds: what really moved, and what only coverage did."""

from __future__ import annotations

from enum import StrEnum

import dataframely as dy
import polars as pl

from waystation.tables import Table, day, iso3, number, text, whole
from waystation.tracking.cells import (
    CODES,
    NOT_PLACED,
    SNAPSHOT,
    CellStatus,
    Matrix,
    stocks_of,
)

STREAM = ("country", "operation", "component")
PLACE = (*STREAM, "location_id", "indicator", "unit")
PAIR = ("start_round", "start_date", "end_round", "end_date")


class Part(StrEnum):
    """A part of the difference between two rounds; the parts add up to it exactly."""

    INCREASE = "increase"  # at locations assessed in both rounds
    DECREASE = "decrease"  # at locations assessed in both rounds
    NEWLY_COVERED = "newly_covered"
    REAPPEARED = "reappeared"
    CLOSED = "closed"
    NOT_REASSESSED = "not_reassessed"
    NO_LONGER_REPORTED = "no_longer_reported"  # assessed again, the figure left blank
    CORRECTED = "corrected"  # the earlier round, since it was published
    CHANGED_UNIT = "changed_unit"  # the location is counted under another unit now


class Changes(Table):
    """The difference between two rounds in one indicator, split into its parts.

    One row for each unit and part; the ``change`` of the parts of a unit add up to its value
    at the end less its value at the start. Parts that no location has are no rows.
    """

    country = iso3("Country.", primary_key=True)
    operation = text("Operation.", nullable=False, primary_key=True)
    component = text("Component.", nullable=False, primary_key=True)
    start_round = whole("Earlier round.", nullable=False, primary_key=True)
    start_date = day("Its reference date.", nullable=False, primary_key=True)
    end_round = whole("Later round.", nullable=False, primary_key=True)
    end_date = day("Its reference date.", nullable=False, primary_key=True)
    admin_level = dy.Int64(min=0, max=3, primary_key=True, description="0 country to 3.")
    code = text(
        "Unit's code, empty for what could not be placed.", nullable=False, primary_key=True
    )
    name = text("Unit's name.")
    indicator = text("Code in the dictionary.", nullable=False, primary_key=True)
    unit = text("persons, households or sites.", nullable=False)
    part = dy.Enum(
        [p.value for p in Part], primary_key=True, description="Part of the difference."
    )
    change = number("Added by this part, negative where it takes away.", nullable=False)
    locations = whole("Locations in this part.", nullable=False)


class DifferenceKind(StrEnum):
    """How a cell differs between two builds."""

    CORRECTED = "corrected"
    NEW = "new"
    REMOVED = "removed"


class Differences(Table):
    """Cells that differ between two builds of the same rounds, one a row."""

    country = iso3("Country.", primary_key=True)
    operation = text("Operation.", nullable=False, primary_key=True)
    component = text("Component.", nullable=False, primary_key=True)
    round_number = whole("Round.", nullable=False, primary_key=True)
    reference_date = day("The date of the snapshot.", nullable=False, primary_key=True)
    location_id = text("Location.", nullable=False, primary_key=True)
    location_name = text("Name of the location.")
    indicator = text("Code in the dictionary.", nullable=False, primary_key=True)
    unit = text("persons, households, sites or percent.", nullable=False)
    kind = dy.Enum([k.value for k in DifferenceKind], description="corrected, new, removed.")
    before = number("Value in the earlier build; null when not reported or no cell.")
    after = number("Value in the later build; null when not reported or no cell.")
    change = number("After less before, a blank counting as nothing.", nullable=False)


def changes_from_matrix(
    matrix: pl.DataFrame,
    *,
    units: pl.DataFrame | None = None,
    locations: pl.DataFrame | None = None,
    published: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Split the difference between consecutive snapshots into what moved and what did not.

    Snapshots of one operation and component follow each other by date. At a location assessed
    in both, the difference is an increase or a decrease. A location with a figure at the end
    only is newly covered, or reappeared where an older snapshot has one. With a figure at the
    start only, it is closed (the master list says so), no longer reported (assessed again and
    left blank) or not reassessed. A blank adds nothing to a total, so a figure that becomes
    blank takes all of it away.

    Net change only: arrivals and departures between two rounds may cancel out at a location.

    Args:
        matrix: Shape ``Matrix``, all rounds; only stocks are used.
        units: Shape ``Units``, for names.
        locations: Shape ``Locations``; without it nothing is known to be closed.
        published: The matrix as published before; shape ``Matrix``. Where it has the start's
            snapshot, the difference is taken from its values, and what has become of them
            since is the part corrected.

    Returns:
        Shape ``Changes``, sorted by operation, component, end, level, code, indicator, part.
    """
    stocks = matrix.filter(pl.col("indicator").is_in(stocks_of(matrix)))
    pairs = _pairs(stocks)
    if pairs.is_empty():
        return Changes.empty_frame()
    moved = _classified(stocks, pairs, locations)
    moves = pl.concat([_at_units(moved), _corrections(stocks, pairs, published)])
    levels = [_level(moves, level) for level in range(4)]
    changes = _with_names(pl.concat(levels), units)
    sort = [*STREAM, "end_date", "end_round", "admin_level", "code", "indicator", "part"]
    return Changes.require(changes.select(Changes.column_names()).sort(sort))


def _pairs(matrix: pl.DataFrame) -> pl.DataFrame:
    """Return each snapshot with the one before it."""
    snapshots = matrix.select(SNAPSHOT).unique().sort("reference_date", "round_number")
    return (
        snapshots.with_columns(
            start_round=pl.col("round_number").shift().over(STREAM),
            start_date=pl.col("reference_date").shift().over(STREAM),
        )
        .filter(pl.col("start_date").is_not_null())
        .rename({"round_number": "end_round", "reference_date": "end_date"})
    )


def _side(matrix: pl.DataFrame, pairs: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return the cells that stand at one end of each pair."""
    renamed = matrix.rename({"round_number": f"{side}_round", "reference_date": f"{side}_date"})
    joined = renamed.join(pairs, on=[*STREAM, f"{side}_round", f"{side}_date"])
    return joined.select(
        *PLACE, *PAIR, *CODES, "value", (pl.col("status") == CellStatus.CARRIED_FORWARD)
        .alias("is_carried"), is_there=True,
    )  # fmt: skip


def _classified(
    matrix: pl.DataFrame, pairs: pl.DataFrame, locations: pl.DataFrame | None
) -> pl.DataFrame:
    """Return one row for each location, pair and indicator with its part and both values."""
    key = [*PLACE, *PAIR]
    start = _side(matrix, pairs, "start").rename(lambda c: c if c in key else f"start_{c}")
    end = _side(matrix, pairs, "end").rename(lambda c: c if c in key else f"end_{c}")
    first = (
        matrix.filter(pl.col("value").is_not_null())
        .group_by(PLACE)
        .agg(first_date=pl.col("reference_date").min())
    )
    both = start.join(end, on=key, how="full", coalesce=True).join(first, on=PLACE, how="left")
    both = _with_closing(both, locations)
    had, has = pl.col("start_value").is_not_null(), pl.col("end_value").is_not_null()
    change = pl.col("end_value").fill_null(0) - pl.col("start_value").fill_null(0)
    shut = pl.col("is_closing") & (change <= 0)
    absent = pl.col("end_is_there").is_null()
    part = (
        pl.when(had & shut).then(pl.lit(Part.CLOSED))
        .when(had & has & pl.col("end_is_carried")).then(pl.lit(Part.NOT_REASSESSED))
        .when(had & has & (change >= 0)).then(pl.lit(Part.INCREASE))
        .when(had & has).then(pl.lit(Part.DECREASE))
        .when(has & (pl.col("first_date") < pl.col("start_date")))
        .then(pl.lit(Part.REAPPEARED))
        .when(has).then(pl.lit(Part.NEWLY_COVERED))
        .when(had & absent).then(pl.lit(Part.NOT_REASSESSED))
        .when(had).then(pl.lit(Part.NO_LONGER_REPORTED))
    )  # fmt: skip
    is_still = had & has & (change == 0) & ~pl.col("end_is_carried") & ~shut
    return both.with_columns(part=part, change=change, is_still=is_still).filter(
        pl.col("part").is_not_null()
    )


def _with_closing(both: pl.DataFrame, locations: pl.DataFrame | None) -> pl.DataFrame:
    """Mark locations that the master list closes after the start and up to the end."""
    if locations is None:
        return both.with_columns(is_closing=pl.lit(False))
    key = ["country", "operation", "location_id"]
    shut = locations.filter(pl.col("closed_on").is_not_null()).select(*key, "closed_on")
    day_of = pl.col("closed_on")
    is_closing = (day_of <= pl.col("end_date")) & (day_of > pl.col("start_date"))
    is_closed_and_gone = (day_of <= pl.col("end_date")) & pl.col("end_is_there").is_null()
    return both.join(shut, on=key, how="left").with_columns(
        is_closing=(is_closing | is_closed_and_gone).fill_null(False)
    )


def _at_units(both: pl.DataFrame) -> pl.DataFrame:
    """Return what each part adds, and where: at the end's unit where there is one.

    ``from_*`` is where the start's figure stood; where a unit differs at a level, the figure
    leaves the one and joins the other there.
    """
    has_end = pl.col("end_is_there").is_not_null()
    has_start = pl.col("start_is_there").is_not_null()
    codes = [
        expression
        for c in CODES
        for expression in (
            pl.when(has_end).then(f"end_{c}").otherwise(f"start_{c}").alias(c),
            pl.when(has_start).then(f"start_{c}").otherwise(f"end_{c}").alias(f"from_{c}"),
        )
    ]
    return both.select(
        *PLACE, *PAIR, *codes, "part", "change", "is_still",
        carried_over=pl.col("start_value").fill_null(0),
    )  # fmt: skip


def _corrections(
    matrix: pl.DataFrame, pairs: pl.DataFrame, published: pl.DataFrame | None
) -> pl.DataFrame:
    """Return what has become of published figures of the start since."""
    if published is None:
        return _at_units(_classified(matrix.clear(), pairs, None))
    old = published.filter(pl.col("indicator").is_in(stocks_of(published)))
    shared = pairs.join(
        old.select(SNAPSHOT)
        .unique()
        .rename({"round_number": "start_round", "reference_date": "start_date"}),
        on=[*STREAM, "start_round", "start_date"],
        how="semi",
    )
    key = [*PLACE, *PAIR]
    before = _side(old, shared, "start").rename(lambda c: c if c in key else f"start_{c}")
    after = _side(matrix, shared, "start").rename(lambda c: c if c in key else f"end_{c}")
    both = before.join(after, on=key, how="full", coalesce=True)
    change = pl.col("end_value").fill_null(0) - pl.col("start_value").fill_null(0)
    return _at_units(
        both.with_columns(
            part=pl.lit(Part.CORRECTED.value), change=change, is_still=change == 0
        )
    )


def _level(moves: pl.DataFrame, level: int) -> pl.DataFrame:
    """Add the parts up by the units of one level."""
    unit = f"admin{level}_code"
    here = pl.col(unit).fill_null("") if level else pl.col("country")
    there = pl.col(f"from_{unit}").fill_null("") if level else pl.col("country")
    rows = moves.with_columns(code=here, from_code=there)
    if level:
        known = pl.any_horizontal(pl.col("code", "from_code") != "").any().over(STREAM)
        rows = rows.filter(known)
    shifted = rows.filter(
        (pl.col("code") != pl.col("from_code")) & (pl.col("carried_over") != 0)
    )
    moved = pl.lit(Part.CHANGED_UNIT.value)
    parts = pl.concat(
        [
            rows.filter(~pl.col("is_still")).select(*_SUMMED),
            shifted.with_columns(part=moved, change=pl.col("carried_over")).select(*_SUMMED),
            shifted.with_columns(
                part=moved, change=-pl.col("carried_over"), code=pl.col("from_code")
            ).select(*_SUMMED),
        ]
    )
    return (
        parts.group_by(*STREAM, *PAIR, "code", "indicator", "unit", "part")
        .agg(
            pl.col("change").sum(),
            locations=pl.col("location_id").n_unique().cast(pl.Int64),
        )
        .with_columns(
            admin_level=pl.lit(level, pl.Int64),
            part=pl.col("part").cast(Changes.columns()["part"].dtype),
        )
    )


_SUMMED = (*PLACE, *PAIR, "code", "part", "change")


def _with_names(changes: pl.DataFrame, units: pl.DataFrame | None) -> pl.DataFrame:
    name = (
        pl.when(pl.col("code") == "")
        .then(pl.lit(NOT_PLACED))
        .when(pl.col("admin_level") == 0)
        .then("code")
    )
    named = changes.with_columns(name=name)
    if units is None:
        return named
    names = units.select("country", "code", admin_level="level", listed="name").unique(
        ["country", "admin_level", "code"]
    )
    joined = named.join(names, on=["country", "admin_level", "code"], how="left")
    return joined.with_columns(name=pl.coalesce("listed", "name")).drop("listed")


def difference(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Compare two builds cell by cell: what was corrected, what is new, what is gone.

    Args:
        before: The earlier build; shape ``Matrix``.
        after: The later build; shape ``Matrix``.

    Returns:
        Shape ``Differences``: only cells that differ, sorted by snapshot, location, indicator.
    """
    key = [*SNAPSHOT, "location_id", "indicator", "unit"]
    sides = [
        frame.select(
            *key, "location_name", pl.col("value").alias(name), pl.lit(True).alias(f"in_{name}")
        )
        for frame, name in ((before, "before"), (after, "after"))
    ]
    both = sides[1].join(sides[0], on=key, how="full", coalesce=True)
    kind = (
        pl.when(pl.col("in_before").is_null())
        .then(pl.lit(DifferenceKind.NEW.value))
        .when(pl.col("in_after").is_null())
        .then(pl.lit(DifferenceKind.REMOVED.value))
        .when(pl.col("before").ne_missing(pl.col("after")))
        .then(pl.lit(DifferenceKind.CORRECTED.value))
    )
    changed = both.with_columns(
        kind=kind,
        location_name=pl.coalesce("location_name", "location_name_right"),
        change=pl.col("after").fill_null(0) - pl.col("before").fill_null(0),
    ).filter(pl.col("kind").is_not_null())
    columns = Differences.column_names()
    sort = [c for c in Matrix.primary_key() if c in columns]
    return Differences.require(changed.select(columns).sort(sort))
