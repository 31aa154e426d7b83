"""Intervals of flows between 229 areas: 1,000 draws of the pseudo-Bayes estimate.

Prints the wall and CPU seconds of 1,000 worlds drawn and estimated in two processes, and the
largest memory of either; exits 1 where two minutes are passed. The world is that of the UN for
1990 to 1995 where its stocks are at hand, a made-up one of the same shape elsewhere.
Run it with: python benchmarks/flow_uncertainty.py
"""

from __future__ import annotations

import resource
import sys
import time

import polars as pl
from flow_estimation import REAL, made_world, real_world

DRAWS, PROCESSES, LIMIT = 1000, 2, 120.0


def main() -> int:
    """Measure, print, and return 1 where the limit is passed."""
    from waystation.statistics.flows.errors_of_inputs import errors_by_area
    from waystation.statistics.flows.matrices import world_from_tables
    from waystation.statistics.flows.uncertainty import flow_intervals

    is_real = REAL.is_dir()
    world = world_from_tables(*(real_world(REAL) if is_real else made_world(1)))
    table = pl.DataFrame({"area": world.areas, "stocks": 0.1, "births": 0.02, "deaths": 0.02})
    errors = errors_by_area(world.areas, table)
    begun = time.perf_counter()
    made = flow_intervals(world, errors, draws=DRAWS, processes=PROCESSES)
    wall = time.perf_counter() - begun
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(u.ru_utime + u.ru_stime for u in used)
    memory = max(u.ru_maxrss for u in used) / 1024
    total = made.areas.row(0, named=True)
    print("stocks of the UN, 1990 to 1995" if is_real else "a made-up world")
    print(
        f"{DRAWS:,} draws, {len(world.areas)} areas: {wall:.1f} s in {PROCESSES} processes, "
        f"{cpu:.1f} CPU s (limit {LIMIT:.0f} s); {memory:.0f} MB"
    )
    print(
        f"people moved {total['persons']:,.0f}, 90 % of draws {total['low']:,.0f} to "
        f"{total['high']:,.0f}"
    )
    return int(wall > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
