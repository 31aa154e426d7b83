"""Which rows are subtotals without a word for it: of a unit whose parts stand around them."""

from __future__ import annotations

import polars as pl

from waystation.tracking.proposal.cells import numbers
from waystation.tracking.proposal.sheet_view import SheetView

_LEVELS = (
    ("admin1_name", "admin1_reported_code"),
    ("admin2_name", "admin2_reported_code"),
    ("admin3_name", "admin3_reported_code"),
    ("location_name", "location_id"),
)
_FIGURES = 6  # columns compared
_MOST = 0.6  # share of rows that can be subtotals


def subtotal_rows(view: SheetView, body: pl.DataFrame, counted: pl.Series) -> pl.Series:
    """Return the rows that name a unit and none below it, and are the sum of rows below it.

    Args:
        view: The sheet, places recorded.
        body: The rows below the headings.
        counted: Rows of ``body`` that are no totals or notes.
    """
    found = pl.Series([False] * body.height, dtype=pl.Boolean)
    levels = [[at for name in names for at in view.positions(name)] for names in _LEVELS]
    levels = [columns for columns in levels if columns]
    figures: pl.DataFrame | None = None
    for depth in range(len(levels) - 1, 0, -1):
        lower = [at for columns in levels[depth:] for at in columns]
        upper = [at for columns in levels[:depth] for at in columns]
        rows = _names_no_part(body, lower, upper) & counted & ~found
        if 0 < int(rows.sum()) <= _MOST * body.height:
            if figures is None:
                figures = _figures(view, body)
            parts = counted & ~found & ~rows
            found = found | _that_sum(body, figures, rows, parts, upper)
    return found


def _names_no_part(body: pl.DataFrame, lower: list[int], upper: list[int]) -> pl.Series:
    """Return the rows with a place at an upper level and none at a lower one."""
    return body.select(
        (
            pl.all_horizontal(pl.nth(at).is_null() for at in lower)
            & pl.any_horizontal(pl.nth(at).is_not_null() for at in upper)
        ).alias("above")
    ).to_series()


def _figures(view: SheetView, body: pl.DataFrame) -> pl.DataFrame:
    """Return the largest columns of figures as numbers."""
    columns = {
        at: numbers(body.to_series(at)).fill_null(0)
        for at in view.header.figures
        if at not in view.mapped
    }
    largest = sorted(columns, key=lambda at: -float(columns[at].sum() or 0))[:_FIGURES]
    return pl.DataFrame([columns[at].alias(str(at)) for at in largest])


def _that_sum(
    body: pl.DataFrame,
    figures: pl.DataFrame,
    rows: pl.Series,
    parts: pl.Series,
    upper: list[int],
) -> pl.Series:
    """Return the rows whose figures are the sum of parts after, before, or of the same unit."""
    none = rows & pl.Series([False] * body.height, dtype=pl.Boolean)
    if not figures.width:
        return none
    blocks = (
        rows.cast(pl.Int32).cum_sum(),
        rows.cast(pl.Int32).shift(1, fill_value=0).cum_sum(),
        body.select(
            pl.concat_str([pl.nth(at).fill_null("") for at in upper], separator="|").alias("k")
        ).to_series(),
    )
    has_people = figures.select(pl.max_horizontal(pl.all()).alias("most"))["most"] > 0
    told = rows & has_people
    for key in blocks:
        hits = rows & (_agreement(figures, parts, key) >= 0.6)
        if int(told.sum()) and int((hits & told).sum()) >= 0.8 * int(told.sum()):
            return hits
    return none


def _agreement(figures: pl.DataFrame, parts: pl.Series, key: pl.Series) -> pl.Series:
    """Return for each row the share of its figures that are the sum of its block's parts."""
    names = figures.columns
    marked = figures.with_columns(key.alias("_key"), parts.alias("_is_part"))
    sums = (pl.col(name) * pl.col("_is_part") for name in names)
    same = [
        ((pl.col(name) - total.sum().over("_key")).abs() <= 0.5).cast(pl.Float64)
        for name, total in zip(names, sums, strict=True)
    ]
    return marked.select(pl.mean_horizontal(same).alias("share"))["share"]
