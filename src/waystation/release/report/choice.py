"""What a reader chose of a build: a component and an indicator, as of a round."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from waystation.release.charts import Look
from waystation.release.report import figures
from waystation.release.report.figures import (
    BLANK,
    CARRIED,
    COMPONENTS,
    HEADLINES,
    NOT_REASSESSED,
    Series,
    Snapshot,
)
from waystation.release.report.telling import Telling
from waystation.release.report.words import Words
from waystation.release.theme import WIDE
from waystation.tracking.build import Build
from waystation.tracking.cells import stocks_of
from waystation.tracking.indicators import indicators


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what is known was assessed in a round.

    Attributes:
        known: Locations that are known and open, or have a figure.
        assessed: Those that were assessed in the round, whether or not they gave the figure.
        blank: Those assessed that left the figure blank.
    """

    known: int
    assessed: int
    blank: int


def series_of(totals: pl.DataFrame) -> list[Series]:
    """Return every stock that can be followed over rounds, the most telling ones first.

    Components in the order of how widely they cover areas; within each, headline indicators
    and then the order of the dictionary. Breakdowns are told with their total. Where the files
    of a component name several operations, the one with the newest round stands for it.

    Args:
        totals: Shape ``Totals``, all rounds.
    """
    country = totals.filter(
        pl.col("admin_level") == 0, ~pl.col("indicator").str.contains("__", literal=True)
    )
    stocks = country.filter(pl.col("indicator").is_in(stocks_of(country)))
    newest = (
        stocks.sort("reference_date", "operation")
        .group_by("country", "component", maintain_order=True)
        .agg(pl.col("operation").last())
    )
    rows = (
        stocks.join(newest, on=["country", "component", "operation"], how="semi")
        .group_by("country", "operation", "component", "indicator")
        .agg(has_figure=pl.col("value").is_not_null().any())
    )
    order = [*HEADLINES, *(code for code in indicators() if code not in HEADLINES)]
    found = [
        (not row["has_figure"], Series(*(row[name] for name in Series.__slots__)))
        for row in rows.iter_rows(named=True)
    ]
    found.sort(
        key=lambda f: (_place(f[1].component, COMPONENTS), f[0], _place(f[1].indicator, order))
    )
    return [series for _, series in found]


def _place(code: str, order: tuple[str, ...] | list[str]) -> int:
    return order.index(code) if code in order else len(order)


def rounds_of(totals: pl.DataFrame, series: Series) -> list[Snapshot]:
    """Return the rounds of a series by date, each once: of several dates the last counts."""
    top = figures.rows_of(totals, series).filter(pl.col("admin_level") == 0)
    columns = ("round_number", "reference_date", "value", "locations", "not_reported")
    ordered = top.sort("reference_date", "round_number").unique(
        "round_number", keep="last", maintain_order=True
    )
    return [Snapshot(*row) for row in ordered.select(columns).iter_rows()]


def build_of_series(build: Build, series: Series) -> Build:
    """Return the part of a build that one series is told from; small where a build is large.

    Totals of the series at every level, its cells and changes; at the level of the country
    also its breakdowns and those of sites (from every component: needs may be asked in
    another) and all other totals. Lists of units and locations stay; outlines do not.
    """
    indicator, level = pl.col("indicator"), pl.col("admin_level")
    is_own = (pl.col("component") == series.component) & (indicator == series.indicator)
    is_told_with_it = (
        ~indicator.str.contains("__", literal=True)
        | indicator.str.starts_with(f"{series.indicator}__")
        | indicator.str.starts_with("sites__")
    )
    return replace(
        build,
        submissions=build.submissions.clear(),
        matrix=build.matrix.filter(is_own),
        totals=build.totals.filter(is_own | (is_told_with_it & (level == 0))),
        changes=build.changes.filter(is_own & (level <= 2)),
        boundaries=build.boundaries.clear(),
        parts=build.parts.clear(),
        assessments=build.assessments.filter(is_own),
    )


def telling_at(
    build: Build,
    words: Words,
    series: Series,
    *,
    at: Snapshot | None = None,
) -> Telling:
    """Return what is needed to tell of a series as it stood at a round.

    Args:
        build: A build, or the part of it that `build_of_series` returns.
        words: The language, and its digits.
        series: What is told of.
        at: The round; the last by date unless given. What came later is left out.
    """
    known = build if at is None else _until(build, series, at)
    return Telling(known, words, Look(words), Look(words, width=WIDE), series)


def _until(build: Build, series: Series, last: Snapshot) -> Build:
    def known(date: str, number: str) -> pl.Expr:
        same_day = (pl.col("component") != series.component) | (
            pl.col(number) <= last.round_number
        )
        return (pl.col(date) < last.date) | ((pl.col(date) == last.date) & same_day)

    by_round = known("reference_date", "round_number")
    return replace(
        build,
        matrix=build.matrix.filter(by_round),
        totals=build.totals.filter(by_round),
        changes=build.changes.filter(known("end_date", "end_round")),
    )


def coverage_of(build: Build, series: Series, snapshot: Snapshot) -> Coverage:
    """Return how many of the known locations were assessed in a round.

    Known are those of the master list that were open on its date; where it says less than the
    figures do (or left with the figures below a level), those that have a figure or had one in
    the round before.
    """
    own = figures.at(figures.states(build, series), snapshot)
    counts = dict(own.group_by("state").agg(pl.col("locations").sum()).iter_rows())
    gone = counts.get(NOT_REASSESSED, 0) + counts.get(CARRIED, 0)
    assessed = sum(counts.values()) - gone
    date = snapshot.date
    opened, closed = pl.col("opened_on"), pl.col("closed_on")
    is_open = (opened.is_null() | (opened <= date)) & (closed.is_null() | (closed > date))
    listed = build.locations.filter(is_open).height
    return Coverage(
        known=max(listed, assessed + gone), assessed=assessed, blank=counts.get(BLANK, 0)
    )
