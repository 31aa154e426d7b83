"""The matrix: location x round x indicator, and its totals at every level."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from waystation.errors import InvalidTable
from waystation.store import Engine
from waystation.tracking.cells import (
    CODES,
    SNAPSHOT,
    CellStatus,
    Matrix,
    Totals,
    indicator_columns,
    stocks_of,
)
from waystation.tracking.estimates import (
    check_matrix,
    with_carried_forward,
    with_estimated_persons,
    with_ratios,
)
from waystation.tracking.indicators import indicator_by_code
from waystation.tracking.locations import is_closed
from waystation.tracking.overlay import PLACEMENT, corrected
from waystation.tracking.sums import matrix_expression, rows_by_id, sums_from_submissions
from waystation.tracking.totals import check_levels, totals_from_matrix

__all__ = [
    "CellStatus",
    "Matrix",
    "Totals",
    "check_levels",
    "check_matrix",
    "latest_stocks",
    "matrix_expression",
    "matrix_from_submissions",
    "totals_from_matrix",
    "wide_from_matrix",
]

PLACE = (*SNAPSHOT, "location_key")
READING = ("location_name", *CODES)
# Ends the columns that say whether a row's file asked about an indicator.
ASKED = " asked"
COMPONENTS = ("baseline_area", "baseline_location", "site_assessment", "event")
# A component whose last snapshot is this much older than another's stands for today no more.
STALE_DAYS = 183


def matrix_from_submissions(
    submissions: pl.DataFrame | Path | str,
    *,
    corrections: pl.DataFrame | None = None,
    locations: pl.DataFrame | None = None,
    engine: str = Engine.DUCKDB,
    engine_url: str | None = None,
    carry_forward_days: int | None = None,
    estimate_persons: bool = False,
    earlier: pl.DataFrame | None = None,
    closed_earlier: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Add submissions up to one figure for each location, snapshot and indicator.

    Rows that are not counted are left out. A figure is null where every submission of the
    place left it blank, and 0 where someone counted none. A place has no cell for an indicator
    that none of its files asked about in that snapshot: a file asks where it has a figure in
    that column for any place of the snapshot.

    Where submissions of one place name it or its units differently, the reading that most
    submissions share holds; of equals, the one with more codes, then the first in the
    alphabet.

    Args:
        submissions: Shape ``Submissions`` with snapshots and ``location_key`` filled: a frame,
            a Parquet file or folder, or the name of a table that the engine holds.
        corrections: Shape ``Corrections``; applied to the rows before they are added.
        locations: Shape ``Locations``; a location closed there is not carried forward.
        engine: "duckdb", "postgres" or "spark"; all give the same rows.
        engine_url: See ``open_engine``.
        carry_forward_days: Keep the last stock of an open location that a snapshot did not
            assess, up to this age in days, marked carried_forward. None: never.
        estimate_persons: Estimate persons where only households are reported, marked
            estimated; see ``with_estimated_persons``.
        earlier: Shape ``Matrix``, snapshots built before, to carry forward from.
        closed_earlier: Snapshots and ``location_id`` in which one was closed then.

    Returns:
        Shape ``Matrix``, sorted by snapshot, location and, within it, by indicator in the order
        of the submissions' columns. Ratios are computed from the sums of both sides.

    Raises:
        MissingColumns: If a column that names the snapshot or the place is absent.
        InvalidTable: If such a column is null in a row that counts.
        Unavailable: If the engine does not answer.
    """
    replaced, changed = None, None
    if corrections is not None and corrections.height:
        rows = rows_by_id(submissions, corrections["id"], engine=engine, engine_url=engine_url)
        replaced, changed = _overlay(rows, corrections)
    sums = sums_from_submissions(
        submissions, replaced=replaced, engine=engine, engine_url=engine_url
    )
    _require_keys(sums)
    matrix = _long(sums)
    if changed is not None:
        matrix = _with_corrected_status(matrix, changed)
    if estimate_persons:
        matrix = with_estimated_persons(matrix)
    if carry_forward_days is not None:
        closed = closed_locations(sums)
        if closed_earlier is not None:
            closed = pl.concat([closed_earlier.select(closed.columns), closed])
        matrix = with_carried_forward(
            matrix,
            days=carry_forward_days,
            closed=closed,
            locations=locations,
            earlier=earlier,
        )
    return with_ratios(matrix)


def wide_from_matrix(matrix: pl.DataFrame) -> pl.DataFrame:
    """Return the matrix with one column an indicator; null is blank or not asked.

    Args:
        matrix: Shape ``Matrix``.

    Returns:
        One row for each snapshot and location, in the matrix's order; how values came to be
        (status, age) is left out.
    """
    keys = [*SNAPSHOT, "location_id", "location_name", *CODES]
    return matrix.pivot(on="indicator", index=keys, values="value", aggregate_function="first")


def latest_stocks(matrix: pl.DataFrame) -> pl.DataFrame:
    """Return the stocks of the snapshot that holds today, one for each operation.

    Stocks are never added over rounds, and components of one operation count the same people.
    Of the last snapshots of an operation's components, those more than 183 days older than
    the newest are left out; of the rest, the one that covers most holds: baseline of areas,
    then of locations, then the assessment of sites.

    Args:
        matrix: Shape ``Matrix``.

    Returns:
        The rows of that snapshot that are stocks; shape ``Matrix``.

    Source:
        HDX HAPI, internally displaced persons, usage notes: only the most recent round of an
        operation is to be aggregated.
    """
    snapshots = (
        matrix.select(SNAPSHOT)
        .unique()
        .with_columns(
            preference=pl.col("component").replace_strict(
                COMPONENTS, range(len(COMPONENTS)), default=len(COMPONENTS)
            )
        )
        .filter(
            (
                pl.col("reference_date").max().over("country", "operation")
                - pl.col("reference_date")
            )
            <= pl.duration(days=STALE_DAYS)
        )
        .sort("preference", "reference_date", "round_number", descending=[False, True, True])
        .unique(["country", "operation"], keep="first", maintain_order=True)
        .drop("preference")
    )
    stocks = matrix.filter(pl.col("indicator").is_in(stocks_of(matrix)))
    return stocks.join(snapshots, on=SNAPSHOT, how="semi", maintain_order="left")


def _overlay(
    rows: pl.DataFrame, corrections: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows as corrections leave them, and the cells that these touch."""
    after, applied, _ = corrected(rows, corrections)
    touched = applied.filter(pl.col("action") != "keep").select("submission_id", "column")
    places = pl.concat([frame.select("submission_id", *PLACE) for frame in (rows, after)])
    return after, touched.join(places.unique(), on="submission_id")


def _require_keys(sums: pl.DataFrame) -> None:
    empty = [name for name in PLACE if sums[name].null_count()]
    if empty:
        reason = f"{', '.join(empty)} is null in rows that count; settle snapshots and places"
        raise InvalidTable(table="Submissions", reason=reason)


def _long(sums: pl.DataFrame) -> pl.DataFrame:
    """Return the sums as a matrix of observed cells, sorted by snapshot and place."""
    indicators = indicator_columns(sums.columns)
    if not indicators or sums.is_empty():
        return Matrix.empty_frame()
    # Snapshots are few: one number each spares sorting and grouping by five columns.
    snapshots = sums.select(SNAPSHOT).unique().sort(SNAPSHOT).with_row_index("snapshot")
    keyed = sums.join(snapshots, on=SNAPSHOT, how="left").with_columns(
        pl.lit(None, pl.String).alias(c) for c in READING if c not in sums.columns
    )
    asked = keyed.group_by("snapshot", "file").agg(
        pl.col(indicators).is_not_null().any().name.suffix(ASKED)
    )
    wide = keyed.join(asked, on=["snapshot", "file"], how="left")
    if wide.select("snapshot", "location_key").is_duplicated().any():
        wide = _one_row_a_place(wide, indicators)
    return _unpivoted(wide.sort("snapshot", "location_key"), indicators)


def _one_row_a_place(wide: pl.DataFrame, indicators: list[str]) -> pl.DataFrame:
    """Add up rows of one place that differ in file, name, codes or status."""
    place = ["snapshot", "location_key"]
    codes = pl.sum_horizontal(pl.col(c).is_not_null().cast(pl.Int8) for c in CODES)
    order = ["submissions", "codes", *READING]
    readings = (
        wide.group_by(*place, *READING)
        .agg(pl.col("submissions").sum())
        .with_columns(codes=codes)
        .sort(order, descending=[c in ("submissions", "codes") for c in order], nulls_last=True)
        .unique(place, keep="first", maintain_order=True)
    )
    added = wide.group_by(place).agg(
        pl.col(SNAPSHOT).first(),
        pl.col("submissions").sum(),
        *(pl.when(pl.col(c).is_not_null().any()).then(pl.col(c).sum()) for c in indicators),
        *(pl.col(f"{c}{ASKED}").any() for c in indicators),
    )
    return added.join(readings.select(*place, *READING), on=place)


def _unpivoted(wide: pl.DataFrame, indicators: list[str]) -> pl.DataFrame:
    """Turn one column an indicator into one row an indicator, rows of a place together.

    By position: ten times as fast as exploding lists, and the order of rows is given.
    """
    many, rows = len(indicators), wide.height
    number = pl.int_range(rows * many, dtype=pl.UInt32, eager=True)
    row, column = number // many, number % many
    entries = [indicator_by_code(code) for code in indicators]
    one_after_another = column * rows + row
    value = pl.concat([wide[c].rename("value") for c in indicators]).gather(one_after_another)
    is_asked = pl.concat([wide[f"{c}{ASKED}"].rename("asked") for c in indicators])
    matrix = (
        wide.select(
            *SNAPSHOT,
            *READING,
            "submissions",
            location_id="location_key",
            observed_on="reference_date",
        )
        .select(pl.all().gather(row))
        .with_columns(
            value,
            indicator=pl.Series(indicators).gather(column),
            unit=pl.Series([entry.unit for entry in entries]).gather(column),
            status=pl.lit(CellStatus.OBSERVED, dtype=Matrix.columns()["status"].dtype),
        )
        .select(Matrix.column_names())
    )
    return matrix if is_asked.all() else matrix.filter(is_asked.gather(one_after_another))


def _with_corrected_status(matrix: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """Mark the cells that a correction changed; a row removed or moved marks all of its own."""
    keys = [*SNAPSHOT, "location_id"]
    cells = changed.rename({"location_key": "location_id"})
    is_figure = pl.col("column").is_in(matrix["indicator"].unique().to_list())
    figures = cells.filter(is_figure).select(*keys, indicator="column").unique()
    rows = cells.filter(pl.col("column").is_in(PLACEMENT)).select(keys).unique()
    return (
        matrix.join(
            figures.with_columns(of_figure=True),
            on=[*keys, "indicator"],
            how="left",
            maintain_order="left",
        )
        .join(rows.with_columns(of_row=True), on=keys, how="left", maintain_order="left")
        .with_columns(
            status=pl.when(pl.any_horizontal(pl.col("of_figure", "of_row").fill_null(False)))
            .then(pl.lit(CellStatus.CORRECTED))
            .otherwise("status")
            .cast(Matrix.columns()["status"].dtype)
        )
        .drop("of_figure", "of_row")
    )


def closed_locations(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the snapshots and locations that some row calls closed.

    Args:
        rows: Snapshots, ``location_key`` and, where it was asked, ``location_status``.
    """
    if "location_status" not in rows.columns:
        return rows.clear().select(*SNAPSHOT, location_id="location_key")
    closed = rows.filter(is_closed(pl.col("location_status")))
    return closed.select(*SNAPSHOT, location_id="location_key").unique()
