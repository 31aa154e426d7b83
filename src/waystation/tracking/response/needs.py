"""What is needed most, by unit and sector, out of the matrix."""

from __future__ import annotations

import polars as pl

from waystation.tracking.aggregates import STOCK
from waystation.tracking.cells import CODES
from waystation.tracking.response.tables import SectorNeeds
from waystation.tracking.response.vocabulary import sector_of_need
from waystation.tracking.totals import with_parents

PREFIX = "sites__need__"


def needs_from_matrix(
    matrix: pl.DataFrame, totals: pl.DataFrame, units: pl.DataFrame, *, level: int
) -> pl.DataFrame:
    """Count the locations of each unit that name a sector's needs among their most pressing.

    It says what people name first, not how bad things are: a sector that is named by none can
    still be in want. A protected matrix gives the same counts, since locations are not rounded;
    where its figures are kept by unit, needs of one sector cannot be told apart by location,
    and ``in_need`` is the largest of them: at least so many.

    Args:
        matrix: Shape ``Matrix``, one snapshot; protected or not.
        totals: Shape ``Totals``, the same snapshot.
        units: Shape ``Units``.
        level: 1 or 2.

    Returns:
        Shape ``SectorNeeds``, by unit, then in the order of the sectors; no row for units where
        no location answered, none at all where needs were not asked.
    """
    needs = matrix.filter(pl.col("indicator").str.starts_with(PREFIX))
    if needs.is_empty():
        return SectorNeeds.empty_frame()
    named = _by_location(needs, matrix, units)
    code = CODES[level - 1]
    counted = (
        named.filter(pl.col(code).is_not_null())
        .group_by(pl.col(code).alias("code"), "sector")
        .agg(
            in_need=pl.col("in_need").sum(),
            persons_in_need=pl.when(pl.col("is_single").all()).then(
                pl.col("persons").filter(pl.col("in_need") > 0).sum()
            ),
            is_lower_bound=(~pl.col("is_single") & (pl.col("needs_named") > 1)).any(),
        )
        .join(_answers(totals, level), on="code")
        .filter(pl.col("answered") > 0)
    )
    share = pl.col("in_need") / pl.col("answered")
    ranked = counted.with_columns(
        admin_level=pl.lit(level, pl.Int64), need_share=share.clip(upper_bound=1)
    ).with_columns(
        need_rank=pl.when(pl.col("in_need") > 0).then(
            pl.col("need_share").rank("min", descending=True).over("code").cast(pl.Int64)
        ),
        sector=pl.col("sector").cast(SectorNeeds.columns()["sector"].dtype),
    )
    found = ranked.select(SectorNeeds.column_names()).sort("code", "sector")
    return SectorNeeds.require(found)


def _by_location(
    needs: pl.DataFrame, matrix: pl.DataFrame, units: pl.DataFrame
) -> pl.DataFrame:
    """Return one row a location that answered and sector."""
    sector = (
        pl.col("indicator")
        .str.strip_prefix(PREFIX)
        .replace_strict(sector_of_need(), default=None, return_dtype=pl.String)
    )
    listed = units["code"].unique().implode()
    value = pl.col("value")
    found = (
        with_parents(needs, units)
        .with_columns(sector=sector)
        .filter(pl.col("sector").is_not_null(), value.is_not_null())
        .group_by("location_id", *CODES, "sector")
        .agg(in_need=value.max(), needs_named=(value > 0).sum())
    )
    own = matrix.filter(pl.col("indicator").is_in([STOCK, "sites"])).pivot(
        "indicator", index="location_id", values="value", aggregate_function="sum"
    )
    for name in (STOCK, "sites"):
        if name not in own.columns:
            own = own.with_columns(pl.lit(None, pl.Float64).alias(name))
    return found.join(own, on="location_id", how="left").with_columns(
        persons=pl.col(STOCK),
        is_single=~pl.col("location_id").is_in(listed)
        & (pl.col("sites").fill_null(1) <= 1)
        & (pl.col("in_need") <= 1),
    )


def _answers(totals: pl.DataFrame, level: int) -> pl.DataFrame:
    here = totals.filter(pl.col("admin_level") == level, pl.col("code").is_not_null())
    sites = here.filter(pl.col("indicator") == "sites").select("code", sites="value")
    return (
        here.filter(pl.col("indicator").str.starts_with(PREFIX))
        .group_by("code")
        .agg(answered=pl.col("locations").max())
        .join(sites, on="code", how="left")
    )
