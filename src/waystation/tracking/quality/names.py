"""Checks of how places are named: without an id, or with a name that another one bears."""

from __future__ import annotations

import polars as pl

from waystation.tracking.quality.presence import HAVE_IDS
from waystation.tracking.quality.reports import Reports, findings_of_mask
from waystation.tracking.quality.wording import Rule, plain, row_findings


def check_names(reports: Reports) -> list[pl.DataFrame]:
    """Return places without an id (TRK-115) and names that stand twice in a unit (TRK-124)."""
    return [*_without_id(reports), *_same_name(reports)]


def _without_id(reports: Reports) -> list[pl.DataFrame]:
    lacking = pl.col("location_id").is_null() & pl.col("location_name").is_not_null()
    mask = reports.frame.select(lacking).to_series()
    if not mask.any():
        return []
    shares = (
        reports.rows.group_by("_file")
        .agg(share=pl.col("location_id").is_not_null().mean())
        .collect()
    )
    with_ids = shares.filter(pl.col("share") > HAVE_IDS)["_file"]
    mask = mask & reports.frame["_file"].is_in(with_ids.implode())
    rule = Rule("TRK-115", lacking, pl.lit("the location has no id"), column="location_id")
    return findings_of_mask(reports, rule, mask)


def _same_name(reports: Reports) -> list[pl.DataFrame]:
    """Return places that bear the name of another one in their unit, said once a place."""
    columns = ["location_name", "admin1_code", "admin2_code", "admin3_code"]
    begins = reports.news.select("_index", "_place", "_snapshot", "_order")
    named = (
        reports.rows_at(begins, columns)
        .with_columns(
            unit=pl.coalesce("admin3_code", "admin2_code", "admin1_code"),
            name=plain("location_name"),
        )
        .drop_nulls(["name", "unit"])
        .filter(pl.col("name") != "")
        .sort("_order", "_index")
    )
    same = ["unit", "name"]
    twice = named.filter(pl.struct(same).is_duplicated()).with_columns(
        first=pl.col("_place").first().over(same),
        other_id=pl.col("location_id").first().over(same),
    )
    hits = twice.filter(pl.col("first") != pl.col("_place"))
    hits = hits.unique(["_place", *same], keep="first", maintain_order=True)
    if not len(hits):
        return []
    # The two must stand side by side in one round: else it is one place under a new id.
    present = reports.history.select("_snapshot", first="_place")
    rows = hits.join(present, on=["first", "_snapshot"], how="semi").sort("_index")
    says = pl.concat_str(
        pl.lit("another location of the same unit bears the same name"),
        pl.format(" ({})", "other_id"),
        ignore_nulls=True,
    )
    return [
        row_findings(
            "TRK-124", rows, says, column="location_name", reported=pl.col("location_name")
        )
    ]
