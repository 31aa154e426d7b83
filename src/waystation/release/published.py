"""What leaves: the tables of a release, column by column.

Only aggregates about places are released. Submissions stay inside, and with them everything
that could point at a person: enumerators, record ids, key informants, free text. Findings leave
as counts by kind and round, never as rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from waystation.geography.checks import CHECKS as GEOGRAPHY_CHECKS
from waystation.release.snapshots import SNAPSHOT, latest_rows, with_unit_names
from waystation.tables import Table
from waystation.tracking.build import Build
from waystation.tracking.changes import Changes
from waystation.tracking.checks import CHECKS as TRACKING_CHECKS
from waystation.tracking.indicators import dimensions, indicator_by_code, is_indicator
from waystation.tracking.locations import Locations
from waystation.tracking.matrix import Matrix, Totals

CHECKS = TRACKING_CHECKS | GEOGRAPHY_CHECKS
MEANINGS = {
    "admin1_name": "Name of the first level.",
    "admin2_name": "Name of the second level.",
    "admin3_name": "Name of the third level.",
    "title": "What is wrong, in a few words.",
    "severity": "error, warning or info.",
    "findings": "Findings of this code in the round.",
    "label": "Name of the indicator.",
    "kind": "stock, flow, event or share; stocks are never summed over rounds.",
    "how": "How values of places make the value of the area above: sum or ratio.",
    "hxl": "HXL tag.",
    "dimension": "What a breakdown is by.",
    "category": "The category of the breakdown.",
}


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table of a release.

    Attributes:
        name: File name without its ending.
        frame: The rows.
        key: Columns that name a row.
        meanings: What each column holds.
    """

    name: str
    frame: pl.DataFrame
    key: tuple[str, ...]
    meanings: dict[str, str]

    @property
    def is_about_places(self) -> bool:
        """Return whether rows are figures of places, which HXL tags can describe."""
        return self.frame.columns[:1] == ["country"]


def published_tables(build: Build, language: str = "en") -> tuple[PublishedTable, ...]:
    """Return the tables that a release of a build is made of, in the order to read them."""
    matrix = with_unit_names(build.matrix, build.units, language)
    locations = with_unit_names(build.locations, build.units, language)
    key = tuple(Matrix.primary_key())
    return (
        _published("matrix", matrix, key, Matrix),
        _published("totals", build.totals, (), Totals),
        _published("changes", build.changes, tuple(Changes.primary_key()), Changes),
        _published("locations", locations, tuple(Locations.primary_key()), Locations),
        _published("indicators", indicator_rows(build, language), ("indicator",)),
        _published("quality", quality_rows(build), ("code", "severity", "round_number")),
    )


def _published(
    name: str, frame: pl.DataFrame, key: tuple[str, ...], schema: type[Table] | None = None
) -> PublishedTable:
    known = {row.column: row.meaning for row in schema.codebook()} if schema else {}
    if schema is not None:  # columns that a caller added are not known to be free of persons
        allowed = {*known, "admin1_name", "admin2_name", "admin3_name"}
        frame = frame.select(column for column in frame.columns if column in allowed)
    meanings = {c: known.get(c) or MEANINGS.get(c, "") for c in frame.columns}
    return PublishedTable(name=name, frame=frame, key=key, meanings=meanings)


def indicator_rows(build: Build, language: str = "en") -> pl.DataFrame:
    """Return the dictionary of the indicators that the matrix holds, one a row."""
    codes = build.matrix["indicator"].unique().sort().to_list()
    rows = [
        {
            "indicator": code,
            "label": found.label(language),
            "unit": found.unit,
            "kind": found.kind.value,
            "how": found.how,
            "dimension": dimensions()[found.dimension].labels[language]
            if found.dimension
            else None,
            "category": found.category,
            "hxl": found.hxl,
        }
        for code in codes
        if is_indicator(code)
        for found in (indicator_by_code(code),)
    ]
    columns = ("indicator", "label", "unit", "kind", "how", "dimension", "category", "hxl")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def quality_rows(build: Build) -> pl.DataFrame:
    """Return findings counted by code, severity and round; never the findings themselves."""
    titles = {code: check.title for code, check in CHECKS.items()}
    return (
        build.findings.group_by("code", "severity", "round_number")
        .agg(findings=pl.len().cast(pl.Int64))
        .with_columns(
            pl.col("severity").cast(pl.String),
            title=pl.col("code").replace_strict(titles, default=None, return_dtype=pl.String),
        )
        .select("code", "severity", "title", "round_number", "findings")
        .sort("round_number", "code", "severity")
    )


def wide_latest(build: Build, language: str = "en") -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the last snapshot of each operation with one column an indicator, and its states.

    Returns:
        Two frames with the same rows (a location of a snapshot) and indicator columns: the
        values, and how each came to be (``CellStatus``, null where there is no such cell).
    """
    cells = latest_rows(build.matrix)
    index = [*SNAPSHOT, "location_id"]
    if cells.is_empty():
        return cells.select(index), cells.select(index)
    places = cells.group_by(index, maintain_order=True).agg(
        pl.col("location_name", "admin1_code", "admin2_code", "admin3_code").first(),
        observed_on=pl.col("observed_on").min(),
    )
    where = build.locations.select(
        "country", "operation", "location_id", "location_type", "latitude", "longitude"
    ).unique(["country", "operation", "location_id"])
    places = places.join(
        where, on=["country", "operation", "location_id"], how="left", maintain_order="left"
    )
    places = with_unit_names(places, build.units, language).sort(
        *SNAPSHOT, "admin1_code", "admin2_code", "admin3_code", "location_id", nulls_last=True
    )
    codes = cells["indicator"].unique(maintain_order=True).to_list()
    values, states = (
        places.join(
            cells.pivot("indicator", index=index, values=column, aggregate_function="first"),
            on=index,
            how="left",
            maintain_order="left",
        ).select(*places.columns, *codes)
        for column in ("value", "status")
    )
    return values, states
