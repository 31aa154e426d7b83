"""Flows between 229 areas: one closed estimate beside a peer, and all that is published.

Prints CPU and peak memory of one closed demographic-accounting estimate, read from its tables
to its flows, against the R package migest 2.0.5 (26 CPU seconds, 1,200 MB), and the time of six
methods x 6 periods x 3 sexes; exits 1 where a limit is passed. The one estimate is of the real
stocks of 1990 to 1995 where they are at hand, of a made-up world of their shape elsewhere and
in the second figure.
Run it with: python benchmarks/flow_estimation.py
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

AREAS = 229
PERIODS = tuple(f"{year}-{year + 5}" for year in range(1990, 2020, 5))
SEXES = ("both", "male", "female")
PEER_CPU, PEER_MEMORY = 26.0, 1200.0
LIMIT_RATIO, LIMIT_SHARE, LIMIT_ALL = 30.0, 0.1, 60.0

_STATISTICS = Path(__file__).resolve().parents[2] / "shared" / "data" / "stats"
REAL = _STATISTICS / "golden" / "real_n229" / "1990"

Array = np.ndarray[Any, Any]


def made_stocks(chance: np.random.Generator, people: Array) -> Array:
    """Return stocks: a fifth of the pairs have people, sizes over six orders of magnitude."""
    foreign = np.round(np.exp(chance.normal(4.0, 2.8, (AREAS, AREAS))))
    foreign *= chance.random((AREAS, AREAS)) < 0.21
    np.fill_diagonal(foreign, 0.0)
    most = 0.3 * people
    sums = foreign.sum(axis=0)
    foreign *= np.minimum(1.0, most / np.maximum(sums, 1.0))
    foreign = np.floor(foreign)
    np.fill_diagonal(foreign, people - foreign.sum(axis=0))
    return foreign


def grown(chance: np.random.Generator, stock: Array) -> tuple[Array, Array, Array]:
    """Return the stock five years on, and births and deaths that nearly explain it."""
    people = stock.sum(axis=0)
    births = np.round(people * chance.uniform(0.04, 0.2, AREAS))
    deaths = np.round(people * chance.uniform(0.03, 0.06, AREAS))
    later = np.floor(stock * np.exp(chance.normal(0.05, 0.25, stock.shape)))
    movers = np.round(people * chance.normal(0.0, 0.01, AREAS))
    np.fill_diagonal(later, 0.0)
    natives = people + births - deaths + movers - later.sum(axis=0)
    np.fill_diagonal(later, np.maximum(natives, births + 1.0))
    return later, births, deaths


def named(figures: Array) -> pl.DataFrame:
    """Return an array as a table of stocks."""
    names = pl.Series([f"A{i:03}" for i in range(AREAS)])
    places = np.arange(AREAS)
    return pl.DataFrame(
        {
            "birthplace": names.gather(np.repeat(places, AREAS)),
            "residence": names.gather(np.tile(places, AREAS)),
            "persons": figures.ravel(),
        }
    )


def vitals(births: Array, deaths: Array) -> pl.DataFrame:
    """Return births and deaths as a table."""
    names = [f"A{i:03}" for i in range(AREAS)]
    return pl.DataFrame({"area": names, "births": births, "deaths": deaths})


def made_world(seed: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return stocks at the start and the end, births and deaths of a made-up world."""
    chance = np.random.default_rng(seed)
    people = np.round(np.exp(chance.normal(15.3, 2.3, AREAS))) + 2_000
    start = made_stocks(chance, people)
    # As of Curaçao before it was one: an area where nobody is foreign born.
    start[:, 3] = np.where(np.arange(AREAS) == 3, start[:, 3].sum(), 0.0)
    end, births, deaths = grown(chance, start)
    return named(start), named(end), vitals(births, deaths)


def real_world(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return stocks, births and deaths of the UN, 1990 to 1995, as the peer had them."""
    from waystation.statistics.flows.files import read_demography, read_stocks

    return (
        read_stocks(folder / "input_start.csv.gz"),
        read_stocks(folder / "input_end.csv.gz"),
        read_demography(folder / "input_bd.csv.gz"),
    )


def one(folder: Path | None) -> dict[str, float]:
    """Estimate once in a process of its own; return CPU seconds and MB above the imports."""
    from waystation.statistics.flows.estimate import estimate_flows

    tables = real_world(folder) if folder else made_world(1)
    before = resource.getrusage(resource.RUSAGE_SELF)
    made = estimate_flows(*tables, method="da-min-closed")
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "memory": (after.ru_maxrss - before.ru_maxrss) / 1024,
        "persons": float(made.flows["persons"].sum()),
        "misfit": made.report.largest_misfit,
    }


def measured(folder: Path | None) -> dict[str, float]:
    """Return the median of three processes by CPU."""
    call = [sys.executable, __file__, "--one", *([] if folder else ["--made-up"])]
    runs = [
        json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)
        for _ in range(3)
    ]
    assert len({run["persons"] for run in runs}) == 1
    middle: dict[str, float] = sorted(runs, key=lambda run: float(run["cpu"]))[1]
    return middle


def everything() -> tuple[float, float, int]:
    """Return wall seconds, CPU seconds and rows of six methods x 6 periods x 3 sexes."""
    from waystation.statistics.flows.many import estimate_all
    from waystation.statistics.flows.tables import PeriodDemography, PeriodStocks

    stocks, demography = [], []
    for place, (period, sex) in enumerate((p, s) for p in PERIODS for s in SEXES):
        start, end, table = made_world(place + 1)
        key = {"period": pl.lit(period), "sex": pl.lit(sex)}
        for moment, stock in (("start", start), ("end", end)):
            stocks.append(stock.with_columns(moment=pl.lit(moment), **key))
        demography.append(table.with_columns(**key))
    given = (
        pl.concat(stocks).select(PeriodStocks.column_names()),
        pl.concat(demography).select(PeriodDemography.column_names()),
    )
    wall, cpu = time.perf_counter(), time.process_time()
    made = estimate_all(*given)
    return time.perf_counter() - wall, time.process_time() - cpu, made.flows.height


def main() -> int:
    """Measure, print, and return 1 where a limit is passed."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--made-up", action="store_true", help="Not the real stocks.")
    options.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    folder = REAL if REAL.is_dir() and not chosen.made_up else None
    if chosen.one:
        print(json.dumps(one(folder)))
        return 0
    run = measured(folder)
    print("stocks of the UN, 1990 to 1995" if folder else "a made-up world")
    ratio, share = PEER_CPU / run["cpu"], max(run["memory"], 0.0) / PEER_MEMORY
    print(
        f"one closed estimate: {run['cpu']:.2f} CPU s, the peer {PEER_CPU:.0f}: {ratio:.0f} x "
        f"less (limit {LIMIT_RATIO:.0f} x); {run['memory']:.0f} MB above what was there, the "
        f"peer {PEER_MEMORY:,.0f}: {share:.1%} (limit {LIMIT_SHARE:.0%})"
    )
    print(f"people moved {run['persons']:,.0f}; largest misfit {run['misfit']:,.0f}, reported")
    wall, cpu, rows = everything()
    print(
        f"6 methods x 6 periods x 3 sexes: {wall:.1f} s, {cpu:.1f} CPU s, {rows:,} flows "
        f"(limit {LIMIT_ALL:.0f} s)"
    )
    return int(ratio < LIMIT_RATIO or share > LIMIT_SHARE or wall > LIMIT_ALL)


if __name__ == "__main__":
    sys.exit(main())
