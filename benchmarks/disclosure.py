"""Controlled rounding of 4,000 locations x 40 rounds, beside adding the same figures up.

Prints the ratio of times, how far totals come to stand from the truth, and how often a figure
that did not change is published otherwise; exits 1 where a limit is passed.
Run it with: python benchmarks/disclosure.py
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from typing import Any

import numpy as np
import polars as pl

from waystation.geography.units import Units
from waystation.release.disclosure.chance import Chance
from waystation.release.disclosure.rounding import rounded_values
from waystation.tracking.matrix import Matrix, totals_from_matrix

LOCATIONS, ROUNDS, BASE = 4_000, 40, 5
LIMIT_RATIO, LIMIT_TURNED = 3.0, 0.06
TOTAL = "idp_individuals"
BREAKDOWNS = {
    "sex": ("male", "female"),
    "reason": ("conflict", "communal", "insecurity", "disaster", "climate", "other"),
    "shelter": ("camp", "host_family", "rented", "own", "makeshift", "school"),
    "period": ("before_2024", "2024", "2025"),
}
BANDS = ("under_1", "1_5", "6_17", "18_59", "60_plus")
OTHERS = (
    "idp_households", "returnee_individuals", "returnee_households", "arrival_individuals",
    "departure_individuals", "host_individuals", "host_households", "population_individuals",
)  # fmt: skip

Array = np.ndarray[Any, Any]


def _figures(chance: np.random.Generator) -> dict[str, Array]:
    """Return made-up figures: two fifths of the locations change from round to round."""
    first = chance.integers(0, 2000, LOCATIONS) * (chance.random(LOCATIONS) > 0.1)
    rounds = [
        first + chance.integers(0, 40, LOCATIONS) * (chance.random(LOCATIONS) < 0.4)
        for _ in range(ROUNDS)
    ]
    total = np.concatenate(rounds).astype(float)
    figures = {TOTAL: total}

    def divide(whole: Array, names: list[str]) -> None:
        parts = np.floor(whole[:, None] * chance.dirichlet(np.ones(len(names)) * 3, len(whole)))
        parts[:, 0] += whole - parts.sum(axis=1)
        figures.update(zip(names, parts.T, strict=True))

    for dimension, categories in BREAKDOWNS.items():
        divide(total, [f"{TOTAL}__{dimension}__{category}" for category in categories])
    for sex in BREAKDOWNS["sex"]:
        bands = [f"{TOTAL}__sex_age__{sex}_{band}" for band in BANDS]
        divide(figures[f"{TOTAL}__sex__{sex}"], bands)
    for code in OTHERS:
        figures[code] = np.floor(chance.random(len(total)) * 500)
    return figures


def made_matrix() -> pl.DataFrame:
    """Return the matrix, sorted as `matrix_from_submissions` sorts it."""
    figures = _figures(np.random.default_rng(1))
    codes = list(figures)
    place = pl.int_range(LOCATIONS, eager=True)
    places = pl.DataFrame({"place": place}).select(
        location_id=pl.format("L{}", pl.col("place").cast(pl.String).str.zfill(5)),
        admin1_code=pl.format("XW{}", pl.col("place") % 100 // 10),
        admin2_code=pl.format("XW{}", (pl.col("place") % 100).cast(pl.String).str.zfill(2)),
    )
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=60 * n) for n in range(ROUNDS)]
    rounds = pl.DataFrame({"round_number": range(1, ROUNDS + 1), "reference_date": days})
    units = ["households" if "households" in code else "persons" for code in codes]
    cells = rounds.join(places, how="cross").join(
        pl.DataFrame({"indicator": codes, "unit": units}), how="cross"
    )
    return cells.with_columns(
        value=np.stack(list(figures.values()), axis=1).ravel(),
        country=pl.lit("XWS"),
        operation=pl.lit("Floods"),
        component=pl.lit("baseline_location"),
        location_name=pl.col("location_id"),
        admin3_code=pl.lit(None, pl.String),
        status=pl.lit("observed", dtype=Matrix.columns()["status"].dtype),
        observed_on=pl.col("reference_date"),
        submissions=pl.lit(1, pl.Int64),
    ).select(Matrix.column_names())


def main() -> int:
    """Measure, print, and return 1 where a limit is passed."""
    matrix = made_matrix()
    start = time.perf_counter()
    values = rounded_values(matrix, Units.empty_frame(), base=BASE, chance=Chance("a secret"))
    rounding = time.perf_counter() - start
    start = time.perf_counter()
    totals = totals_from_matrix(matrix)
    adding = time.perf_counter() - start
    rounded = matrix.with_columns(values)
    gap = pl.Series(totals_from_matrix(rounded)["value"] - totals["value"])
    told = totals.with_columns(gap=gap)
    ratio = rounding / adding
    print(f"cells: {matrix.height:,}; rounding {rounding:.1f} s, adding up {adding:.1f} s")
    print(f"rounding / adding up by unit: {ratio:.2f} (limit {LIMIT_RATIO})")
    is_part = pl.col("indicator").str.contains("__", literal=True)
    for level in (0, 1, 2):
        own = told.filter(pl.col("admin_level") == level)
        whole = own.filter(~is_part).select(pl.col("gap").abs().max()).item()
        part = own.filter(is_part).select(pl.col("gap").std()).item()
        mean = own.filter(is_part).select(pl.col("value").mean()).item()
        print(
            f"admin {level}: totals differ by {whole:.0f} at most (base {BASE}); of one "
            f"category by {part:.0f} (standard deviation) of {mean:,.0f}"
        )
    pairs = rounded.select("location_id", "indicator", after="value", true=matrix["value"])
    pairs = pairs.filter(pl.col("indicator") == TOTAL).select("location_id", "true", "after")
    same = pairs.with_columns(
        is_same=pl.col("true") == pl.col("true").shift().over("location_id"),
        is_turned=pl.col("after") != pl.col("after").shift().over("location_id"),
    ).filter("is_same")
    turned = float(same.select(pl.col("is_turned").mean()).item())
    print(f"unchanged figures published otherwise: {turned:.1%} (limit {LIMIT_TURNED:.0%})")
    return int(ratio > LIMIT_RATIO or turned > LIMIT_TURNED)


if __name__ == "__main__":
    sys.exit(main())
