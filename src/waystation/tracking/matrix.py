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
        matrix = with_carried_forward(
            matrix, days=carry_forward_days, closed=_closed(sums), locations=locations
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


def _asked(sums: pl.DataFrame, indicators: list[str]) -> pl.DataFrame:
    """Return, by place, which indicators the files that it stands in asked about."""
    by_file = sums.group_by(*SNAPSHOT, "file").agg(pl.col(indicators).is_not_null().any())
    places = sums.select(*PLACE, "file").unique()
    if places.height == places.select(PLACE).n_unique():
        return places.join(by_file, on=[*SNAPSHOT, "file"]).drop("file")
    joined = places.join(by_file, on=[*SNAPSHOT, "file"])
    return joined.group_by(PLACE).agg(pl.col(indicators).any())


def _places(sums: pl.DataFrame) -> pl.DataFrame:
    """Return one name and one set of codes for each place of each snapshot."""
    complete = sums.with_columns(
        pl.lit(None, pl.String).alias(c)
        for c in ("location_name", *CODES)
        if c not in sums.columns
    )
    reading = ["location_name", *CODES]
    readings = complete.group_by(*PLACE, *reading).agg(pl.col("submissions").sum())
    codes = pl.sum_horizontal(pl.col(c).is_not_null().cast(pl.Int8) for c in CODES)
    chosen = (
        readings.with_columns(rank=pl.col("submissions"), codes=codes)
        .sort("rank", "codes", *reading, descending=[True, True] + [False] * 4, nulls_last=True)
        .unique(PLACE, keep="first", maintain_order=True)
    )
    counts = readings.group_by(PLACE).agg(pl.col("submissions").sum())
    return chosen.select(*PLACE, *reading).join(counts, on=PLACE)


def _long(sums: pl.DataFrame) -> pl.DataFrame:
    """Return the sums as a matrix of observed cells."""
    indicators = indicator_columns(sums.columns)
    if not indicators or sums.is_empty():
        return Matrix.empty_frame()
    values = sums.group_by(PLACE).agg(
        pl.when(pl.col(c).is_not_null().any()).then(pl.col(c).sum()).alias(c)
        for c in indicators
    )
    asked = _asked(sums, indicators).select(
        *PLACE, pl.concat_list(indicators).alias("is_asked")
    )
    codes = pl.lit(pl.Series(indicators).implode()).first()
    units = pl.lit(pl.Series([indicator_by_code(c).unit for c in indicators]).implode()).first()
    return (
        _places(sums)
        .join(values, on=PLACE)
        .join(asked, on=PLACE)
        .sort(PLACE)
        .with_columns(
            value=pl.concat_list(indicators),
            indicator=codes,
            unit=units,
        )
        .drop(indicators)
        .explode("value", "indicator", "unit", "is_asked")
        .filter("is_asked")
        .with_columns(
            status=pl.lit(CellStatus.OBSERVED, dtype=Matrix.columns()["status"].dtype),
            observed_on=pl.col("reference_date"),
        )
        .rename({"location_key": "location_id"})
        .select(Matrix.column_names())
    )


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


def _closed(sums: pl.DataFrame) -> pl.DataFrame:
    """Return the snapshots and locations that some submission calls closed."""
    if "location_status" not in sums.columns:
        return sums.clear().select(*SNAPSHOT, location_id="location_key")
    closed = sums.filter(is_closed(pl.col("location_status")))
    return closed.select(*SNAPSHOT, location_id="location_key").unique()
