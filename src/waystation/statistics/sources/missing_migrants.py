"""IOM, Missing Migrants Project: incidents of every layout since 2014, and deaths by year.

The total of an incident is dead plus missing, a blank counting as nothing there but staying
unknown in its own column. Incidents are counted by their own identifier: one record may be
split into several.

Source:
    IOM, Missing Migrants Project, methodology; indicator 10.7.3 of the Sustainable Development
    Goals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from waystation.statistics.clean import Clean, Layout
from waystation.statistics.incidents import Incidents
from waystation.statistics.raw import received_source
from waystation.statistics.sources.observed import (
    areas,
    clean,
    observations,
    with_iso3_of_names,
)
from waystation.statistics.sources.received import (
    Received,
    figure,
    findings_at,
    has_headings,
    read_received,
    unreadable_cells,
    whole_year,
)

PRODUCER = "International Organization for Migration (IOM), Missing Migrants Project"
LICENCE = "CC BY 4.0"
TITLE = "Missing Migrants"
DATASET = "iom_missing_migrants"
WORLD = "World"
_COUNTS = {
    "dead": ("Number Dead", "Number of Dead", "No. dead"),
    "missing": ("Minimum Estimated Number of Missing", "No. missing"),
    "survivors": ("Number of Survivors", "No. survivors"),
    "females": ("Number of Females", "No. Female"),
    "males": ("Number of Males", "No. Male"),
    "children": ("Number of Children", "No. minors"),
}
_ROLES = {
    "incident": ("Incident ID", "Web ID"),
    "main": ("Main ID",),
    "kind": ("Incident Type",),
    "date_text": ("Incident Date", "Reported Date"),
    "year_text": ("Incident Year", "Reported Year", "Year"),
    "stated": (
        "Total Number of Dead and Missing",
        "Total Dead and Missing",
        "No. dead/missing",
    ),
    "cause": ("Cause of Death", "Cause of death (category)"),
    "route": ("Migration Route", "Migrantion route", "Route"),
    "region": ("Region of Incident", "Region"),
    "country_of_incident": ("Country of Incident",),
    "country_of_origin": ("Country of Origin",),
    "location": ("Location of Incident", "Location of death", "Location Description"),
    "position": ("Coordinates", "Location Coordinates"),
    "latitude_text": ("Latitude",),
    "longitude_text": ("Longitude",),
    "quality_text": ("Source Quality",),
    **_COUNTS,
}
_UNKNOWN = ("", "NA", "N/A", "-")
# The project's name for what its own column of UNSD regions calls Northern America: Canada and
# the United States, without the Caribbean and Central America.
_REGIONS = {"North America": "Northern America"}
_MONTH_FIRST = r"^\w{3},?\s+(\d{1,2}/\d{1,2}/\d{4})"
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class CleanIncidents(Clean):
    """Missing Migrants as its producer meant it.

    Attributes:
        incidents: Shape ``Incidents``, one row an incident.
    """

    incidents: pl.DataFrame


def read_missing_migrants(path: Path) -> CleanIncidents:
    """Return the incidents of a file, and from them dead and missing by year and place.

    Observations have the measures ``migrants_dead``, ``migrants_missing`` and
    ``migrant_deaths`` (both together) by region of the incident, for the world where the file
    has incidents of Africa, America and Asia (and is not one of a single route), and
    ``migrant_deaths_by_country`` where the file names countries. They are minimum figures:
    a year of which no incident tells the number missing has null there, not 0.

    Args:
        path: A file in the layout up to 2021, of 2021 to 2024, or of 2026, which has no total.

    Raises:
        UnknownLayout: If columns are absent.
        UnreadableFile: If it is a web page, cut short or damaged.
    """
    received = read_received(
        path,
        _ROLES,
        required=["incident", "date_text", "dead", "missing", "region", "cause"],
        layout=TITLE,
    )
    nulls = [pl.col(n).is_in(list(_UNKNOWN)).alias(n) for n in _ROLES]
    is_blank = received.rows.select(nulls)
    emptied = [
        pl.when(~is_blank[n].fill_null(value=True)).then(received.rows[n]).alias(n)
        for n in _ROLES
    ]
    received = replace(received, rows=received.rows.with_columns(emptied))
    rows = _read_cells(received.rows)
    found = [
        unreadable_cells(received, [*_COUNTS, "stated"]),
        *_of_rows(replace(received, rows=rows)),
    ]
    kept = rows.filter(pl.col("incident").is_not_null() & pl.col("year").is_not_null())
    incidents = Incidents.require(
        kept.unique("incident", keep="first", maintain_order=True).select(
            Incidents.column_names()
        )
    )
    source = received_source(path, producer=PRODUCER, title=TITLE, licence=LICENCE, version="")
    whole = clean(observations(deaths_by_year(incidents)), _areas(incidents), found, source)
    return CleanIncidents(
        whole.observations, whole.areas, whole.findings, whole.source, incidents
    )


def _areas(incidents: pl.DataFrame) -> pl.DataFrame:
    """Return the regions by name, and countries by ISO code where the name is known."""
    regions = incidents.select(name=pl.col("region").replace(_REGIONS)).unique()
    world = pl.DataFrame({"name": [WORLD]})
    countries = incidents.select(name="country_of_incident").drop_nulls()
    coded = with_iso3_of_names(countries).with_columns(code=pl.coalesce("iso3", "name"))
    known, unknown = (coded.filter(pl.col("iso3").is_not_null() == is_known)
                      for is_known in (True, False))  # fmt: skip
    by_name = pl.concat([regions, world, unknown.select("name")]).with_columns(code="name")
    return (
        pl.concat([areas(by_name, system="name"), areas(known, system="iso3")])
        .unique("code", keep="last")
        .sort("code")
    )


def deaths_by_year(incidents: pl.DataFrame) -> pl.DataFrame:
    """Return dead, missing and both by year: for the world if all is there, region, country.

    Sums are over what is known; they are null where no incident of a year and place tells.
    Countries have their ISO code, since one is written in several ways (Turkey, Türkiye).
    """
    coded = with_iso3_of_names(incidents, "country_of_incident")
    country = pl.coalesce("iso3", "country_of_incident")
    both = {"dead": "migrants_dead", "missing": "migrants_missing", "total": "migrant_deaths"}
    world = incidents if _is_global(incidents) else incidents.clear()
    parts = [
        _summed(world.with_columns(area=pl.lit(WORLD)), both),
        _summed(incidents.with_columns(area=pl.col("region").replace(_REGIONS)), both),
        _summed(
            coded.with_columns(area=country),
            {"total": "migrant_deaths_by_country"},
        ),
    ]
    return pl.concat(parts).with_columns(
        dataset=pl.lit(DATASET), period=pl.col("year").cast(pl.String)
    )


def _is_global(incidents: pl.DataFrame) -> bool:
    """Return whether incidents of Africa, America and Asia are among them, not one route's."""
    regions = " ".join(incidents["region"].drop_nulls().unique().to_list())
    return all(continent in regions for continent in ("Africa", "America", "Asia"))


def _summed(incidents: pl.DataFrame, measures: dict[str, str]) -> pl.DataFrame:
    known = [
        pl.when(pl.col(name).count() > 0)
        .then(pl.col(name).sum())
        .cast(pl.Float64)
        .alias(measure)
        for name, measure in measures.items()
    ]
    return (
        incidents.filter(pl.col("area").is_not_null())
        .group_by("area", "year")
        .agg(known)
        .unpivot(
            list(measures.values()),
            index=["area", "year"],
            variable_name="measure",
            value_name="value",
        )
        .sort("measure", "area", "year")
    )


def _read_cells(rows: pl.DataFrame) -> pl.DataFrame:
    counts = [_whole(name).alias(name) for name in (*_COUNTS, "stated")]
    quality = _whole("quality_text")
    pair = pl.col("position").str.extract_groups(r"^\s*(-?[\d.]+)\s*[,;]\s*(-?[\d.]+)\s*$")
    latitude = pl.coalesce("latitude_text", pair.struct[0]).cast(pl.Float64, strict=False)
    longitude = pl.coalesce("longitude_text", pair.struct[1]).cast(pl.Float64, strict=False)
    is_place = latitude.is_between(-90, 90) & longitude.is_between(-180, 180)
    day = _day()
    sum_of_known = pl.sum_horizontal("dead", "missing")
    return (
        rows.with_columns(counts)
        .with_columns(
            main=pl.coalesce("main", "incident"),
            date=day,
            year=pl.coalesce(whole_year("year_text"), day.dt.year().cast(pl.Int64)),
            total=pl.when(pl.col("dead").is_not_null() | pl.col("missing").is_not_null()).then(
                sum_of_known
            ),
            latitude=pl.when(is_place).then(latitude),
            longitude=pl.when(is_place).then(longitude),
            source_quality=pl.when(quality.is_between(1, 5)).then(quality),
        )
    )  # fmt: skip


def _whole(column: str) -> pl.Expr:
    return figure(column).round(0).cast(pl.Int64, strict=False)


def _day() -> pl.Expr:
    """Return the day: "January 05, 2020", "Mon, 01/06/2014 - 12:00" (month first), or ISO."""
    text = pl.col("date_text").str.strip_chars()
    return pl.coalesce(
        text.str.extract(_MONTH_FIRST).str.to_date("%m/%d/%Y", strict=False),
        text.str.to_date("%B %d, %Y", strict=False),
        text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
    )


def _of_rows(received: Received) -> list[pl.DataFrame]:
    """Return the findings on whole rows; each of shape ``Findings``."""
    rows = received.rows
    weekday = (
        pl.col("date")
        .dt.weekday()
        .replace_strict({i + 1: name for i, name in enumerate(_WEEKDAYS)}, default=None)
    )
    said = pl.col("date_text").str.extract(r"^(\w{3}),")
    has_date = pl.col("date_text").is_not_null()
    no_date = has_date & (pl.col("date").is_null() | (said.is_not_null() & (said != weekday)))
    negative = pl.any_horizontal(pl.col(name) < 0 for name in _COUNTS)
    half = pl.col("latitude").is_null() & (
        pl.col("position").is_not_null() | pl.col("latitude_text").is_not_null()
    )
    quality = pl.col("quality_text").is_not_null() & pl.col("source_quality").is_null()
    repeated = pl.col("incident").is_not_null() & ~pl.col("incident").is_first_distinct()
    kinds = (
        (pl.col("incident").is_null(), "STA-202", "incident has no identifier", "Incident ID"),
        (no_date, "STA-202", "date is none, or not that day of the week", "date_text"),
        (pl.col("year").is_null(), "STA-202", "year is not known", "year_text"),
        (pl.col("stated") != pl.col("total"), "STA-231", "stated total", "stated"),
        (negative, "STA-232", "count below zero", "incident"),
        (repeated, "STA-233", "incident stands twice", "incident"),
        (half, "STA-234", "position", "position"),
        (quality, "STA-235", "source quality", "quality_text"),
    )
    return [
        findings_at(
            received, rows.filter(mask), code, what, column=column,
            reported=column if column in rows.columns else None,
        )
        for mask, code, what, column in kinds
    ]  # fmt: skip


EXPECTED: dict[str, tuple[str, ...]] = {
    "iom-missing-migrants": ("Incident ID", "Incident Date", "Number of Dead",
                             "Minimum Estimated Number of Missing", "Cause of Death"),
}  # fmt: skip
"""Columns of each layout, to say what is missing where a file is in none."""

_LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "iom-missing-migrants",
        PRODUCER,
        TITLE,
        lambda path: has_headings(
            path,
            set(_ROLES["incident"]),
            set(_ROLES["date_text"]),
            set(_COUNTS["dead"]),
            set(_COUNTS["missing"]),
            set(_ROLES["cause"]),
        ),
        read_missing_migrants,
    ),
)


def layouts() -> tuple[Layout, ...]:
    """Return the layouts that this module reads."""
    return _LAYOUTS
