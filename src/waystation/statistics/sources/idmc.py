"""IDMC, Global Internal Displacement Database: people displaced, and displacements, by country.

People who live in displacement on 31 December are a stock; displacements in the year are
movements, of which one person may make many. The two never share a measure or a unit.

Source:
    IDMC, GIDD, methodology and notes on rounding.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from waystation.statistics.clean import Clean, Layout
from waystation.statistics.raw import received_source
from waystation.statistics.sources.observed import (
    BEFORE_START,
    areas,
    clean,
    iso3_of_codes,
    observations,
    start_years,
)
from waystation.statistics.sources.received import (
    figure,
    findings_at,
    has_headings,
    read_received,
    unreadable_cells,
    whole_year,
    without_year,
)

PRODUCER = "Internal Displacement Monitoring Centre (IDMC)"
LICENCE = "IDMC terms: attribution (CC BY-NC-SA for the database)"
TITLE = "Global Internal Displacement Database"
DATASET = "idmc_gidd"
MEASURES = {
    "idps_conflict": ("Conflict Stock Displacement", "conflict_total_displacement",
                      "Conflict Total number of IDPs", "conflict_stock_displacement"),
    "idps_disaster": ("Disaster Stock Displacement", "disaster_total_displacement",
                      "Disaster Total number of IDPs", "disaster_stock_displacement"),
    "new_displacements_conflict": ("Conflict Internal Displacements",
                                   "conflict_new_displacement", "Conflict New Displacements"),
    "new_displacements_disaster": ("Disaster Internal Displacements",
                                   "disaster_new_displacement", "Disaster New Displacements"),
}  # fmt: skip
NONE_RECORDED = "none recorded"
_UNROUNDED = "_unrounded"


def read_gidd(path: Path) -> Clean:
    """Return the database by country and year as clean figures.

    Figures are those that IDMC publishes, rounded: to two digits up to 100,000, to thousands
    above. What it calls raw has measures of its own, ending in ``_unrounded``. A blank from
    before IDMC collected a measure, and one where it recorded none, are both not reported;
    ``note`` tells them apart.

    Args:
        path: A csv or xlsx file.

    Raises:
        UnknownLayout: If no sheet has the columns.
        UnreadableFile: If it is a web page, cut short or damaged.
    """
    raw = {
        f"{measure}{_UNROUNDED}": tuple(f"{name} (Raw)" for name in names)
        for measure, names in MEASURES.items()
    }
    received = read_received(
        path,
        {
            "area": ("ISO3", "iso3"), "name": ("Name", "Country", "Country / Territory"),
            "year": ("Year",), **MEASURES, **raw,
        },
        required=["area", "year", "idps_conflict", "new_displacements_disaster"],
        layout=TITLE,
    )  # fmt: skip
    rows = received.rows
    # Rows of HXL tags and of totals have no code of a country.
    is_area = pl.col("area").str.contains(r"^[A-Z0-9]{3}$").fill_null(value=False)
    is_tag = pl.col("area").str.starts_with("#").fill_null(value=False)
    strange = rows.filter(~is_area & ~is_tag)
    body = rows.filter(~is_tag)
    kept = body.filter(is_area).with_columns(year=whole_year("year"))
    without_tags = replace(received, rows=body)
    measures = [*MEASURES, *(name for name in raw if rows[name].count())]
    found = [
        unreadable_cells(without_tags, measures),
        without_year(without_tags),
        findings_at(received, strange, "STA-202", "no code of a country", column="ISO3",
                    reported="area"),
    ]  # fmt: skip
    return clean(
        observations(_long(kept.filter(pl.col("year").is_not_null()), measures)),
        areas(iso3_of_codes(kept.select(code="area", name="name")), system="iso3"),
        found,
        received_source(path, producer=PRODUCER, title=TITLE, licence=LICENCE, version=""),
    )


def _long(rows: pl.DataFrame, measures: list[str]) -> pl.DataFrame:
    long = rows.unpivot(
        measures, index=["area", "year"], variable_name="measure", value_name="cell"
    )
    plain = pl.col("measure").str.replace(f"{_UNROUNDED}$", "")
    start = plain.replace_strict(start_years("idmc"), return_dtype=pl.Int64)
    is_stock = plain.str.starts_with("idps")
    year = pl.col("year").cast(pl.String)
    number = figure("cell")
    is_early = (pl.col("year") < start) & (number.fill_null(0) == 0)
    return long.with_columns(
        dataset=pl.lit(DATASET),
        period=pl.when(is_stock).then(year + pl.lit("-12-31")).otherwise(year),
        value=pl.when(~is_early).then(number),
        unit=pl.when(is_stock).then(pl.lit("persons")).otherwise(pl.lit("movements")),
        note=pl.when(is_early)
        .then(pl.lit(BEFORE_START))
        .when(number.is_null())
        .then(pl.lit(NONE_RECORDED)),
    )


EXPECTED: dict[str, tuple[str, ...]] = {
    "idmc-gidd": ("ISO3", "Year", "Conflict Stock Displacement",
                  "Disaster Internal Displacements"),
}  # fmt: skip
"""Columns of each layout, to say what is missing where a file is in none."""

_LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "idmc-gidd", PRODUCER, TITLE,
        lambda path: has_headings(
            path, {"ISO3"}, {"Year"}, MEASURES["idps_conflict"],
            MEASURES["new_displacements_disaster"],
        ),
        read_gidd,
    ),
)  # fmt: skip


def layouts() -> tuple[Layout, ...]:
    """Return the layouts that this module reads."""
    return _LAYOUTS
