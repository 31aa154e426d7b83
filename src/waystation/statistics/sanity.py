"""Figures held against each other: parts and totals, sexes, moments in time, population.

Each check returns findings and changes nothing. Only the first of a kind are listed; one more
finding counts the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from waystation.findings import Finding
from waystation.geography.concordance import aggregates
from waystation.statistics.sources.cells import finding
from waystation.statistics.tables import Sex

_SHOWN = 20
_JUMP = 3.0
_LARGE = 10_000
_STOCKS = ("migrant_stock", "refugee_stock", "emigrant_stock")
_TEXTS = ["dataset", "measure", "area", "age", "period"]
_SERIES = ["dataset", "measure", "area", "sex", "age", "period"]


def check_figures(
    observations: pl.DataFrame, *, population: pl.DataFrame | None = None
) -> list[Finding]:
    """Return the findings of all checks.

    Args:
        observations: Shape ``Observations``, in judged codes.
        population: Observations with the measure population; those of the first table when
            left out.
    """
    return [
        *check_totals(observations),
        *check_sexes(observations),
        *check_jumps(observations),
        *check_population(observations, population),
    ]


def check_totals(observations: pl.DataFrame) -> list[Finding]:
    """Return a finding (STA-120) for each total below the sum of its listed counterparts.

    A total above the sum is no error: origins that are not known are not listed. Rounding is
    allowed for: half a unit a part, and one in ten thousand.
    """
    totals = observations.filter(
        pl.col("counterpart").is_null(), pl.col("value").is_not_null(),
        pl.col("unit").is_in(["persons", "USD"]),
    )  # fmt: skip
    measures = set(totals["measure"].unique())
    parts = (
        observations.lazy()
        .filter(
            pl.col("measure").is_in(list(measures)), pl.col("value") > 0,
            pl.col("counterpart").is_not_null(), ~pl.col("counterpart").is_in(aggregates()),
        )
        .with_columns(pl.col(_TEXTS).cast(pl.Categorical))
        .group_by(_SERIES)
        .agg(parts=pl.col("value").sum(), number=pl.len())
        .with_columns(pl.col(_TEXTS).cast(pl.String))
        .collect()
    )  # fmt: skip
    if not parts.height:
        return []
    low = totals.join(parts, on=_SERIES).filter(
        pl.col("parts") - pl.col("value") > 0.5 * pl.col("number") + 1e-4 * pl.col("value")
    )
    return _listed(
        low.sort(pl.col("parts") - pl.col("value"), descending=True),
        "STA-120",
        lambda r: f"{_place(r)}: {r['value']:,.0f}, its parts {r['parts']:,.0f}",
    )


def check_sexes(observations: pl.DataFrame) -> list[Finding]:
    """Return a finding (STA-123) where men and women are not both, but for rounding.

    Figures that the producer imputes by sex may differ by a unit each; estimates of flows are
    not additive by method and are not looked at.
    """
    stocks = observations.filter(pl.col("measure").is_in([*_STOCKS, "population"]))
    stocks = stocks.filter(pl.col("counterpart").is_null())
    wide = (
        stocks.group_by(["dataset", "measure", "area", "age", "period"], maintain_order=True)
        .agg(
            *(pl.col("value").filter(pl.col("sex") == s.value).first().alias(s) for s in Sex)
        )
        .drop_nulls(list(Sex))
        .with_columns(apart=pl.col("both") - pl.col("male") - pl.col("female"))
        .with_columns(sex=pl.lit("both"))
    )  # fmt: skip
    wrong = wide.filter(pl.col("apart").abs() > 2 + 1e-6 * pl.col("both"))
    return _listed(
        wrong.sort(pl.col("apart").abs(), descending=True),
        "STA-123",
        lambda r: f"{_place(r)}: {r['both']:,.0f}, men and women {r['both'] - r['apart']:,.0f}",
    )


def check_jumps(observations: pl.DataFrame) -> list[Finding]:
    """Return a finding (STA-122) where a stock above 10,000 triples or falls to a third."""
    series = observations.filter(
        pl.col("measure").is_in(_STOCKS), pl.col("counterpart").is_null(),
        pl.col("sex") == Sex.BOTH.value, pl.col("age") == "total",
        pl.col("value").is_not_null(), ~pl.col("area").is_in(aggregates()),
    ).sort("dataset", "measure", "area", "year")  # fmt: skip
    before = pl.col("value").shift().over("dataset", "measure", "area")
    jumped = series.with_columns(before=before).filter(
        pl.max_horizontal("before", "value") >= _LARGE,
        pl.col("before") > 0,
        (pl.col("value") > _JUMP * pl.col("before"))
        | (pl.col("before") > _JUMP * pl.col("value")),
    )
    return _listed(
        jumped, "STA-122", lambda r: f"{_place(r)}: {r['value']:,.0f} after {r['before']:,.0f}"
    )


def check_population(
    observations: pl.DataFrame, population: pl.DataFrame | None = None
) -> list[Finding]:
    """Return a finding (STA-121) for each stock above the population of its area and year."""
    people = observations if population is None else population
    people = people.filter(
        pl.col("measure") == "population", pl.col("counterpart").is_null(),
        pl.col("value").is_not_null(), ~pl.col("period").str.ends_with("-01-01"),
    ).select("area", "sex", "age", "year", people="value")  # fmt: skip
    people = people.unique(["area", "sex", "age", "year"], keep="first", maintain_order=True)
    if not people.height:
        return []
    stocks = observations.filter(
        pl.col("measure").is_in(["migrant_stock", "refugee_stock"]),
        pl.col("counterpart").is_null(),
    )
    above = stocks.join(people, on=["area", "sex", "age", "year"]).filter(
        pl.col("value") > pl.col("people")
    )
    return _listed(
        above,
        "STA-121",
        lambda r: f"{_place(r)}: {r['value']:,.0f} of {r['people']:,.0f} people",
    )


def _listed(
    rows: pl.DataFrame, code: str, words: Callable[[dict[str, Any]], str]
) -> list[Finding]:
    found = [
        finding(code, words(row), reported=str(row.get("value", row.get("both"))))
        for row in rows.head(_SHOWN).iter_rows(named=True)
    ]
    if rows.height > _SHOWN:
        found.append(finding(code, f"and {rows.height - _SHOWN:,} more like these"))
    return found


def _place(row: dict[str, Any]) -> str:
    return f"{row['measure']} {row['area']}, {row['period']}, {row['sex']}, age {row['age']}"
