"""The figures of a report, computed from a build: no words, no colours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from waystation.release.snapshots import SERIES, snapshots_of, unit_names
from waystation.tracking.build import Build
from waystation.tracking.changes import Part
from waystation.tracking.indicators import breakdown_code, dimensions
from waystation.tracking.matrix import CellStatus
from waystation.tracking.submissions import Component

# What a report is about, first come first served.
HEADLINES = (
    "idp_individuals",
    "displaced_individuals",
    "returnee_individuals",
    "migrant_individuals",
    "idp_households",
    "displaced_households",
    "returnee_households",
)
COMPONENTS = (
    Component.BASELINE_LOCATION.value,
    Component.BASELINE_AREA.value,
    Component.SITE_ASSESSMENT.value,
    Component.EVENT.value,
)
CARRIED = CellStatus.CARRIED_FORWARD.value
UNSURE = (CARRIED, CellStatus.ESTIMATED.value)
BLANK = "blank"
NOT_REASSESSED = Part.NOT_REASSESSED.value
MOVEMENT = (Part.INCREASE.value, Part.DECREASE.value)
# Kinds of findings by the last code of each.
FINDING_KINDS = (
    ("TRK-008", "files"),
    ("TRK-107", "places"),
    ("TRK-114", "coordinates"),
    ("TRK-129", "identity"),
    ("TRK-159", "figures"),
    ("TRK-169", "change"),
    ("TRK-179", "dates"),
    ("TRK-199", "informants"),
    ("TRK-999", "matrix"),
)


@dataclass(frozen=True, slots=True)
class Series:
    """What a report follows over rounds: one indicator of one operation and component."""

    country: str
    operation: str
    component: str
    indicator: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One round of a series; ``value`` is null when no location reported a figure."""

    round_number: int
    date: dt.date
    value: float | None
    locations: int
    not_reported: int


def main_series(build: Build) -> Series | None:
    """Return what the report of a build is about; null when the build holds no figure at all.

    The operation is the build's where the totals know it, else the one with most people in its
    last round. Within it, the first headline indicator that has a figure, then the component
    that covers areas most widely.
    """
    top = build.totals.filter(pl.col("admin_level") == 0, pl.col("indicator").is_in(HEADLINES))
    if top.is_empty():
        return None
    if build.operation in top["operation"]:
        top = top.filter(pl.col("operation") == build.operation)
    ranked = (
        top.group_by(*SERIES, "indicator")
        .agg(pl.col("value").sort_by("reference_date").drop_nulls().last())
        .with_columns(
            has_figure=pl.col("value").is_not_null(),
            headline=_rank("indicator", HEADLINES),
            breadth=_rank("component", COMPONENTS),
        )
        .sort(
            ["has_figure", "headline", "breadth", "value", "operation"],
            descending=[True, False, False, True, False],
            nulls_last=True,
        )
    )
    first = ranked.row(0, named=True)
    return Series(first["country"], first["operation"], first["component"], first["indicator"])


def _rank(column: str, order: tuple[str, ...]) -> pl.Expr:
    places = {name: place for place, name in enumerate(order)}
    return pl.col(column).replace_strict(places, default=len(order), return_dtype=pl.Int64)


def other_series(build: Build, series: Series) -> list[tuple[str, str]]:
    """Return the (operation, component) pairs of the build that the report leaves out."""
    pairs = snapshots_of(build.totals).select("operation", "component").unique().sort("*")
    own = (series.operation, series.component)
    return [pair for pair in pairs.iter_rows() if pair != own]


def rows_of(frame: pl.DataFrame, series: Series, indicator: str | None = None) -> pl.DataFrame:
    """Return the rows of a matrix, totals or changes that belong to a series."""
    return frame.filter(
        pl.col("country") == series.country,
        pl.col("operation") == series.operation,
        pl.col("component") == series.component,
        pl.col("indicator") == (indicator or series.indicator),
    )


def at(frame: pl.DataFrame, snapshot: Snapshot) -> pl.DataFrame:
    """Return the rows of one round and date."""
    return frame.filter(
        pl.col("round_number") == snapshot.round_number,
        pl.col("reference_date") == snapshot.date,
    )


def snapshots(build: Build, series: Series) -> list[Snapshot]:
    """Return the rounds of a series by date."""
    top = rows_of(build.totals, series).filter(pl.col("admin_level") == 0)
    columns = ("round_number", "reference_date", "value", "locations", "not_reported")
    ordered = top.sort("reference_date", "round_number").select(columns)
    return [Snapshot(*row) for row in ordered.iter_rows()]


def states(build: Build, series: Series) -> pl.DataFrame:
    """Return locations and their figures by round and by how the figure came to be.

    Returns:
        Columns ``round_number``, ``reference_date``, ``state`` (a ``CellStatus``, ``blank`` or
        ``not_reassessed``), ``locations``, ``value``; each location in one state.
    """
    known = (
        _cells_by_state(build, series, 0)
        .group_by("round_number", "reference_date", "state")
        .agg(pl.col("locations", "value").sum())
    )
    rounds = ["round_number", "reference_date"]
    # The change counts what is carried forward among what was not reassessed.
    carried = known.filter(pl.col("state") == CARRIED).select(*rounds, carried="locations")
    gone = (
        rows_of(build.changes, series)
        .filter(pl.col("admin_level") == 0, pl.col("part").cast(pl.String) == NOT_REASSESSED)
        .group_by(round_number="end_round", reference_date="end_date")
        .agg(locations=pl.col("locations").sum(), value=pl.lit(0.0))
        .join(carried, on=rounds, how="left")
        .with_columns(pl.col("locations") - pl.col("carried").fill_null(0))
        .filter(pl.col("locations") > 0)
        .select(
            "round_number",
            "reference_date",
            pl.lit(NOT_REASSESSED).alias("state"),
            "locations",
            "value",
        )
    )
    return pl.concat([known, gone]).sort("reference_date", "round_number", "state")


def _cells_by_state(build: Build, series: Series, level: int) -> pl.DataFrame:
    """Return figures of a series with ``code`` of a unit, ``state``, ``locations``, ``value``.

    A build whose figures were withheld below a level has counted its locations before.
    """
    if build.deepest_level is not None:
        counted = rows_of(build.assessments, series)
        return counted.filter(pl.col("admin_level") == level)
    state = pl.when(pl.col("value").is_null()).then(pl.lit(BLANK)).otherwise("status")
    return (
        rows_of(build.matrix, series)
        .with_columns(pl.col("status").cast(pl.String))
        .with_columns(
            state=state,
            locations=pl.lit(1, pl.Int64),
            code=pl.col(f"admin{level}_code" if level else "country"),
        )
    )


def shares_of_figure(build: Build, series: Series, snapshot: Snapshot) -> dict[str, float]:
    """Return the share of a round's figure by state; empty where the figure is null or 0."""
    own = at(states(build, series), snapshot).filter(pl.col("value") > 0)
    total = own["value"].sum()
    return {row["state"]: row["value"] / total for row in own.iter_rows(named=True)}


def areas(
    build: Build,
    series: Series,
    level: int,
    latest: Snapshot,
    previous: Snapshot | None,
    language: str,
) -> pl.DataFrame:
    """Return the areas of a level with their figures, largest first, unassessed ones last.

    Returns:
        ``code``, ``parent_code``, ``name``, ``value``, ``previous``, ``change``, ``share``,
        ``locations``, ``not_reported``, ``carried`` and ``estimated`` (shares of the value that
        were not observed), ``is_assessed``. A row without a code is what could not be placed.
    """
    rows = rows_of(build.totals, series).filter(pl.col("admin_level") == level)
    now = at(rows, latest).select(
        "code", "parent_code", "name", "value", "locations", "not_reported"
    )
    before = at(rows, previous) if previous else rows.clear()
    # What could not be placed is one row for each parent: add those up.
    now = now.group_by("code").agg(
        pl.col("parent_code").first(),
        pl.col("name").first(),
        _sum_or_null("value"),
        pl.col("locations", "not_reported").sum(),
    )
    before = before.group_by("code").agg(_sum_or_null("value").alias("previous"))
    listed = (
        build.units.filter(pl.col("level") == level, pl.col("country") == series.country)
        .select("code", listed_parent="parent_code")
        .unique("code", keep="first")
        .join(unit_names(build.units, level, language), on="code", how="left")
        .rename({"name": "listed"})
    )
    joined = (
        now.with_columns(is_assessed=pl.lit(value=True))
        .join(listed, on="code", how="full", coalesce=True, nulls_equal=True)
        .join(before, on="code", how="left", nulls_equal=True)
        .join(_unsure(build, series, level, latest), on="code", how="left", nulls_equal=True)
    )
    return joined.select(
        "code",
        parent_code=pl.coalesce("parent_code", "listed_parent"),
        name=pl.coalesce("listed", "name", "code"),
        value="value",
        previous="previous",
        change=pl.col("value") - pl.col("previous"),
        share=pl.col("value") / pl.lit(latest.value) if latest.value else None,
        locations=pl.col("locations").fill_null(0),
        not_reported=pl.col("not_reported").fill_null(0),
        carried=pl.col("carried").fill_null(0.0),
        estimated=pl.col("estimated").fill_null(0.0),
        is_assessed=pl.col("is_assessed").fill_null(value=False),
    ).sort("is_assessed", "value", "code", descending=[True, True, False], nulls_last=True)


def _sum_or_null(column: str) -> pl.Expr:
    value = pl.col(column)
    return pl.when(value.count() > 0).then(value.sum()).alias(column)


def _unsure(build: Build, series: Series, level: int, latest: Snapshot) -> pl.DataFrame:
    """Return, by area, the shares of the figure that are carried forward and estimated."""
    cells = at(_cells_by_state(build, series, level), latest)
    state, value = pl.col("state"), pl.col("value")
    total = value.sum()
    return cells.group_by("code").agg(
        carried=pl.when(total > 0).then(value.filter(state == CARRIED).sum() / total),
        estimated=pl.when(total > 0).then(value.filter(state == UNSURE[1]).sum() / total),
    )


def change_parts(build: Build, series: Series, latest: Snapshot) -> pl.DataFrame:
    """Return the parts of the country's change into the last round, in their usual order.

    Returns:
        ``start_round``, ``start_date``, ``part``, ``change``, ``locations``; no parts of 0.
    """
    order = {part.value: place for place, part in enumerate(Part)}
    return (
        rows_of(build.changes, series)
        .filter(
            pl.col("admin_level") == 0,
            pl.col("end_round") == latest.round_number,
            pl.col("end_date") == latest.date,
        )
        .with_columns(pl.col("part").cast(pl.String))
        .filter(pl.col("change") != 0)
        .sort(pl.col("part").replace_strict(order, return_dtype=pl.Int64))
        .select("start_round", "start_date", "part", "change", "locations")
    )


def breakdown(
    build: Build, series: Series, latest: Snapshot, dimension: str, *, total: str | None = None
) -> pl.DataFrame:
    """Return the categories of a breakdown in the last round, largest first.

    Args:
        build: The build.
        series: What the report follows.
        latest: Its last round.
        dimension: e.g. "reason".
        total: The indicator broken down, the series' own by default.

    Returns:
        ``category``, ``value``; categories that nobody reported are left out, 0 kept.
    """
    stem = breakdown_code(total or series.indicator, dimension, "")
    known = dimensions()[dimension]
    own = build.totals.filter(
        pl.col("country") == series.country,
        pl.col("operation") == series.operation,
        pl.col("admin_level") == 0,
        pl.col("indicator").str.starts_with(stem),
        pl.col("value").is_not_null(),
    )
    # Needs and shelters may be asked in another component: its last round up to this date.
    same = at(own.filter(pl.col("component") == series.component), latest)
    if same.is_empty():
        others = own.filter(pl.col("reference_date") <= latest.date)
        same = others.filter(pl.col("reference_date") == pl.col("reference_date").max())
    return (
        same.select(category=pl.col("indicator").str.strip_prefix(stem), value="value")
        .filter(pl.col("category").is_in(list(known.categories)) | pl.lit(known.is_open))
        .group_by("category")
        .agg(pl.col("value").sum())
        .sort(["value", "category"], descending=[True, False])
    )


def findings_by_kind(build: Build, latest: Snapshot | None) -> pl.DataFrame:
    """Return findings of the last round, and those about no round, by kind and severity.

    Returns:
        ``kind``, ``severity``, ``findings``, the most frequent kinds first.
    """
    own = build.findings
    if latest is not None:
        number = pl.col("round_number")
        own = own.filter(number.is_null() | (number == latest.round_number))
    code = pl.col("code")
    kind = pl.lit("matrix")
    for last, name in reversed(FINDING_KINDS):
        kind = pl.when(code <= last).then(pl.lit(name)).otherwise(kind)
    kind = pl.when(code.str.starts_with("GEO")).then(pl.lit("geography")).otherwise(kind)
    return (
        own.group_by(kind=kind, severity=pl.col("severity").cast(pl.String))
        .agg(findings=pl.len().cast(pl.Int64))
        .sort(
            pl.col("findings").sum().over("kind"),
            "kind",
            "severity",
            descending=[True, False, False],
        )
    )
