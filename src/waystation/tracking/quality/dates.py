"""Checks of dates: outside the round, in the future, missing."""

from __future__ import annotations

import datetime as dt

import polars as pl

from waystation.tracking.quality.figures import MOSTLY
from waystation.tracking.quality.reports import Reports, findings_by_rules
from waystation.tracking.quality.wording import Rule

LEAST_MARGIN = 30  # days: rounds run late
FEWEST_DAYS = 5  # visits, below which they do not show a period


def check_dates(reports: Reports, today: dt.date) -> list[pl.DataFrame]:
    """Return findings on dates (TRK-170 to 172).

    The period of a round is not in its files: it is read from the middle half of the days
    that the snapshot's rows name, widened by three times its length and at least a month.
    """
    collected, reference = pl.col("collected_on"), pl.col("reference_date")
    dated = (
        reports.rows.filter(collected.is_not_null()).select(pl.col("_file").unique()).collect()
    )
    in_future = collected > today
    rules = [
        Rule(
            "TRK-171",
            in_future,
            pl.format("the day of the assessment, {}, is later than today", collected),
            column="collected_on",
            reported=collected.cast(pl.String),
        ),
        Rule(
            "TRK-171",
            (reference > today) & ~in_future.fill_null(value=False),
            pl.format("the date of the figures, {}, is later than today", reference),
            column="reference_date",
            reported=reference.cast(pl.String),
            limit=0.0,
            file_says="the date of the figures is later than today",
        ),
        Rule(
            "TRK-172",
            collected.is_null() & pl.col("_file").is_in(dated["_file"].implode()),
            pl.lit("the day of the assessment is missing"),
            column="collected_on",
            limit=MOSTLY,
        ),
        Rule(
            "TRK-172",
            collected.is_null() & reference.is_null(),
            pl.lit("neither the day of the assessment nor the date of the figures is given"),
            column="reference_date",
            limit=0.0,
        ),
    ]
    return findings_by_rules(reports, [*_outside_the_round(reports, today), *rules])


def _outside_the_round(reports: Reports, today: dt.date) -> list[Rule]:
    collected = pl.col("collected_on")
    day = collected.cast(pl.Int32)
    days = reports.rows.select("_snapshot", day=day).drop_nulls()
    fences = (
        days.group_by("_snapshot")
        .agg(
            low=pl.col("day").quantile(0.25, "nearest"),
            high=pl.col("day").quantile(0.75, "nearest"),
            rows=pl.len(),
        )
        .filter(pl.col("rows") >= FEWEST_DAYS)
        .with_columns(
            margin=pl.max_horizontal(
                (pl.col("high") - pl.col("low")) * 3, pl.lit(LEAST_MARGIN, pl.Int32)
            )
        )
        .select(
            "_snapshot",
            earliest=pl.col("low") - pl.col("margin"),
            latest=pl.col("high") + pl.col("margin"),
        )
    )
    periods = (
        days.join(fences, on="_snapshot")
        .filter(pl.col("day").is_between("earliest", "latest"))
        .group_by("_snapshot")
        .agg(
            pl.col("earliest", "latest").first(),
            first=pl.col("day").min(),
            last=pl.col("day").max(),
        )
        .collect()
    )
    if not len(periods):
        return []

    def edge(name: str) -> pl.Expr:
        return pl.col("_snapshot").replace_strict(
            periods["_snapshot"], periods[name], default=None, return_dtype=pl.Int32
        )

    earliest, latest = edge("earliest"), edge("latest")
    return [
        Rule(
            "TRK-170",
            ~day.is_between(earliest, latest) & (collected <= today),
            pl.format(
                "the day of the assessment, {}, lies outside the round, {} to {}",
                collected,
                edge("first").cast(pl.Date),
                edge("last").cast(pl.Date),
            ),
            column="collected_on",
            reported=collected.cast(pl.String),
            expected=_date_meant(collected, earliest, latest),
            limit=MOSTLY,
        )
    ]


def _date_meant(collected: pl.Expr, earliest: pl.Expr, latest: pl.Expr) -> pl.Expr:
    """Return the date inside the round that a slip of day, month or year would explain."""
    swapped = pl.format(
        "{}-{}-{}",
        collected.dt.year(),
        collected.dt.day().cast(pl.String).str.zfill(2),
        collected.dt.month().cast(pl.String).str.zfill(2),
    ).str.to_date("%Y-%m-%d", strict=False)
    candidates = [
        swapped,
        *(collected.dt.offset_by(f"{years}y") for years in (1, -1)),
        *(collected.dt.offset_by(f"{months}mo") for months in (1, -1)),
    ]
    fitting = [
        pl.when(c.cast(pl.Int32).is_between(earliest, latest)).then(c.cast(pl.String))
        for c in candidates
    ]
    return pl.coalesce(*fitting)
