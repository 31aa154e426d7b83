"""Figures of units in place of those of locations: what is below a level does not leave."""

from __future__ import annotations

import polars as pl

from waystation.tracking.aggregates import Assessments, StockParts
from waystation.tracking.cells import CODES, SNAPSHOT, CellStatus, Matrix
from waystation.tracking.estimates import ratio_of
from waystation.tracking.indicators import indicators
from waystation.tracking.totals import with_parents

BLANK = "blank"
PLACE = (*SNAPSHOT, "location_id")


def cells_of_units(
    matrix: pl.DataFrame, units: pl.DataFrame, deepest_level: int
) -> pl.DataFrame:
    """Add a matrix up by units of a level, apart by how the values came to be.

    Args:
        matrix: Shape ``Matrix``.
        units: Shape ``Units``.
        deepest_level: The level; what has no code there stands under the unit above.

    Returns:
        The columns of ``Matrix``: ``location_id`` is the unit's code, codes below the level are
        null. A unit has one row for each status that values of an indicator have, or one whose
        value is null. A ratio is computed from the sums of both sides, and null where some
        locations report only one of them.
    """
    placed = _at_level(with_parents(matrix, units), deepest_level)
    place = [*PLACE, *CODES]
    is_known = pl.col("value").is_not_null()
    sums = placed.filter(pl.col("unit") != "percent")
    has_any = is_known.any().over([*PLACE, "indicator"])
    added = (
        sums.with_columns(
            status=pl.when(has_any)
            .then("status")
            .otherwise(pl.lit(CellStatus.OBSERVED, dtype=Matrix.columns()["status"].dtype))
        )
        .filter(is_known | ~has_any)
        .group_by(*place, "indicator", "unit", "status", maintain_order=True)
        .agg(
            pl.when(is_known.any()).then(pl.col("value").sum()).alias("value"),
            pl.col("observed_on").min(),
            pl.col("submissions").sum(),
        )
    )
    rows = [added, *_ratios(placed)]
    names = units.select("country", location_id="code", location_name="name").unique(
        ["country", "location_id"], keep="first", maintain_order=True
    )
    order = matrix.select("indicator").unique(maintain_order=True).with_row_index("order")
    return (
        pl.concat([frame.select(added.columns) for frame in rows])
        .join(names, on=["country", "location_id"], how="left", maintain_order="left")
        .with_columns(location_name=pl.coalesce("location_name", "location_id"))
        .join(order, on="indicator", how="left", maintain_order="left")
        .sort(*PLACE, "order", "status")
        .select(Matrix.column_names())
    )


def _at_level(frame: pl.DataFrame, deepest_level: int) -> pl.DataFrame:
    """Return rows whose place is their unit of a level, or the one above that is known."""
    kept, below = CODES[:deepest_level], CODES[deepest_level:]
    unit = pl.coalesce(*reversed(kept), "country")
    hidden = (pl.lit(None, pl.String).alias(code) for code in below)
    return frame.with_columns(unit.alias("location_id"), *hidden)


def _ratios(placed: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the ratios of units: of sums, where all locations report both sides."""
    found = []
    for entry in (e for e in indicators().values() if e.how == "ratio"):
        own = placed.filter(pl.col("indicator") == entry.code)
        codes = (entry.numerator, entry.denominator)
        sides = placed.filter(pl.col("indicator").is_in(codes))
        of = pl.col("indicator")
        above, below = (pl.col("value").filter(of == code) for code in codes)
        added = sides.group_by(PLACE).agg(
            value=pl.when(above.count() == below.count()).then(
                ratio_of(above.sum(), below.sum())
            )
        )
        found.append(
            own.group_by(*PLACE, *CODES, "indicator", "unit", maintain_order=True)
            .agg(
                pl.col("status").first(),
                both=pl.col("value").count(),
                observed_on=pl.col("observed_on").min(),
                submissions=pl.col("submissions").sum(),
            )
            .join(added, on=list(PLACE), how="left", maintain_order="left")
        )
    return [frame for frame in found if frame.height]


def matrix_of_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Return one row a unit and indicator; the status is that of the larger part.

    Args:
        cells: As `cells_of_units` returns them.
    """
    value = pl.col("value")
    return (
        cells.sort("value", descending=True, nulls_last=True, maintain_order=True)
        .group_by([*PLACE, "indicator"], maintain_order=True)
        .agg(
            pl.col("location_name", *CODES, "unit", "status").first(),
            pl.when(value.is_not_null().any()).then(value.sum()).alias("value"),
            pl.col("observed_on").min(),
            pl.col("submissions").sum(),
        )
        .join(
            cells.select(*PLACE, "indicator").unique(maintain_order=True).with_row_index("row"),
            on=[*PLACE, "indicator"],
        )
        .sort("row")
        .select(Matrix.column_names())
    )


def parts_of_units(
    parts: pl.DataFrame, units: pl.DataFrame, deepest_level: int
) -> pl.DataFrame:
    """Add parts of stocks up by units of a level; shape ``StockParts``."""
    names = [c for c in StockParts.column_names() if c != "value"]
    placed = _at_level(with_parents(parts, units), deepest_level)
    summed = placed.group_by(names, maintain_order=True).agg(pl.col("value").sum())
    return summed.select(StockParts.column_names())


def assessments_of_units(
    matrix: pl.DataFrame, cells: pl.DataFrame, units: pl.DataFrame, deepest_level: int
) -> pl.DataFrame:
    """Count locations of units by how their figure came to be.

    Args:
        matrix: The matrix of locations; shape ``Matrix``. Locations are counted in it.
        cells: The figures that leave, as `cells_of_units` returns them.
        units: Shape ``Units``.
        deepest_level: The deepest level.

    Returns:
        Shape ``Assessments``, breakdowns and ratios left out.
    """
    placed = _at_level(with_parents(matrix, units), deepest_level)
    levels = []
    for level in range(deepest_level + 1):
        code = CODES[level - 1] if level else "country"
        counts = _states(placed, level).agg(locations=pl.len().cast(pl.Int64))
        values = _states(cells, level).agg(pl.col("value").sum())
        key = [*dict.fromkeys([*SNAPSHOT, *CODES[:level]]), "indicator", "state"]
        levels.append(
            counts.join(values, on=key, how="left", nulls_equal=True)
            .with_columns(
                admin_level=pl.lit(level, pl.Int64),
                code=pl.col(code),
                value=pl.col("value").fill_null(0.0),
            )
            .select(Assessments.column_names())
        )
    return pl.concat(levels).sort(
        *SNAPSHOT, "indicator", "admin_level", "code", "state", nulls_last=True
    )


def _states(cells: pl.DataFrame, level: int) -> pl.dataframe.group_by.GroupBy:
    own = cells.filter(
        ~pl.col("indicator").str.contains("__", literal=True), pl.col("unit") != "percent"
    )
    state = pl.when(pl.col("value").is_null()).then(pl.lit(BLANK)).otherwise("status")
    return own.with_columns(pl.col("status").cast(pl.String)).group_by(
        *SNAPSHOT, *CODES[:level], "indicator", state=state
    )
