"""From UN DESA's workbook of destinations and origins to the judged table, against reading it.

Run ``python benchmarks/undesa_import.py``. A workbook in the layout of 2024, with made-up
figures that add up (280 destinations by 280 origins, three sexes, eight years, 8 MB), is
written into a temporary folder. The import is all of it: the layout recognised, every figure
long and flagged, codes brought together, corrections and checks made. Beside it fastexcel only
reads the sheet; with ``--pandas`` pandas and openpyxl read it too, which takes a minute or
more. Exits 1 where the import takes longer than 5 seconds, by the clock or, on a machine busy
with other work, in time of the processors, which bounds what the clock shows on an idle one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastexcel
import numpy as np
import xlsxwriter

from waystation.geography.concordance import (
    aggregates,
    area_name,
    area_names,
    code_of,
    kind_of,
    members_of,
)
from waystation.grids.files import forget_kept
from waystation.statistics.judged import Judged, judged_from_clean
from waystation.statistics.reconciliation import world_totals
from waystation.statistics.sources.registry import read_source

SIZE, RUNS, LIMIT_SECONDS = 280, 3, 5.0
YEARS = (1990, 1995, 2000, 2005, 2010, 2015, 2020, 2024)
SYSTEMS = {"world", "continent", "subregion", "sdg", "development", "income"}
SHARE_FILLED = 0.115  # of pairs of areas, as in the published table
Array = np.ndarray[Any, Any]


def codes() -> tuple[list[str], list[str]]:
    """Return the aggregates and the areas of the table; SIZE in all."""
    groups = [c for c in aggregates() if kind_of(c) in SYSTEMS and code_of(c, "m49")]
    groups = [c for c in groups if c.isdigit() and members_of(c) and c != "019"]
    known = [a for a in members_of("900") if code_of(a, "m49")]
    others = area_names().filter(kind="area")["area"].to_list()
    areas = [*known, *(a for a in others if a not in known and code_of(a, "m49"))]
    return groups, areas[: SIZE - len(groups) - 1]


def figures(groups: list[str], areas: list[str]) -> Array:
    """Return made-up persons by destination, origin, year and sex; groups are sums of areas."""
    chance = np.random.default_rng(24)
    n = len(areas)
    shape = (n, n + 1, len(YEARS))
    size = np.exp(chance.normal(5.0, 2.5, (n, n + 1, 1))) * chance.uniform(0.8, 1.3, shape)
    filled = chance.random((n, n + 1, 1)) < SHARE_FILLED
    both = np.floor(size * filled)
    both[np.arange(n), np.arange(n)] = 0
    male = np.floor(both * chance.uniform(0.4, 0.6, (n, n + 1, 1)))
    cells = np.stack([both, male, both - male], axis=2)
    belongs = np.array([[float(a in set(members_of(g))) for a in areas] for g in groups])
    of_world = np.array([[float(g == "900")] for g in groups])
    destinations = np.vstack([belongs, np.eye(n)])
    origins = np.vstack([np.hstack([belongs, of_world]), np.eye(n + 1)])
    summed: Array = np.einsum("da,absy,ob->dosy", destinations, cells, origins, optimize=True)
    return summed


def write_workbook(path: Path) -> None:
    """Write the workbook: contents first, names on row 11, sexes in groups above."""
    groups, areas = codes()
    cells = figures(groups, areas).astype(int)
    destinations, origins = [*groups, *areas], [*groups, *areas, "2003"]
    head = [
        "Index", "Region, development group, country or area of destination", "Coverage",
        "Location code of destination", "Data type",
        "Region, development group, country or area of origin", "Location code of origin",
        *YEARS * 3,
    ]  # fmt: skip
    title = "Table 1: International migrant stock at mid-year by sex, destination and origin"
    with xlsxwriter.Workbook(str(path), {"constant_memory": False}) as book:
        book.add_worksheet("Table of contents").write_row(0, 0, ["Table 1", title])
        sheet = book.add_worksheet("Table 1")
        sheet.write(2, 4, title)
        sheet.write(3, 4, "POP/DB/MIG/Stock/Rev.2024")
        for i, sex in enumerate(("both sexes combined", "males", "females")):
            words = f"International migrant stock at mid-year, {sex}"
            sheet.write(7, 7 + i * len(YEARS), words)
        sheet.write_row(10, 0, head)
        row = 11
        for i, area in enumerate(destinations):
            kind = None if area in groups else "B R "
            name, code = f" {area_name(area)}*", _number(area)
            for j, origin in enumerate(origins):
                before = [row - 10, name, None, code, kind, area_name(origin), _number(origin)]
                sheet.write_row(row, 0, [*before, *cells[i, j].ravel().tolist()])
                row += 1


def _number(area: str) -> int:
    return int(code_of(area, "m49") or area)


def imported(path: Path) -> Judged:
    """Return the workbook judged, nothing of it being kept from before."""
    forget_kept()
    return judged_from_clean(read_source(path))


def read_only(path: Path) -> object:
    """Return the sheet as fastexcel reads it, types and all."""
    book = fastexcel.read_excel(path)
    # Two columns begin empty, and their types cannot be told.
    sheet = book.load_sheet("Table 1", header_row=10, dtypes={2: "string", 4: "string"})
    return sheet.to_polars()


def with_pandas(path: Path) -> object:
    """Return the sheet as pandas and openpyxl read it."""
    import pandas as pd

    return pd.read_excel(path, sheet_name="Table 1", header=10)


def timed(job: Callable[[Path], object], path: Path, runs: int) -> tuple[float, float]:
    """Return the shortest wall and processor time of some runs, in seconds."""
    wall, cpu = [], []
    for _ in range(runs):
        started, used = time.perf_counter(), time.process_time()
        job(path)
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return min(wall), min(cpu)


def main() -> int:
    """Print times and ratios; return 1 where the limit is passed."""
    with tempfile.TemporaryDirectory(prefix="waystation-") as folder:
        path = Path(folder) / "stock.xlsx"
        write_workbook(path)
        judged = imported(path)
        totals = world_totals(judged.observations)
        size = path.stat().st_size / 1e6
        print(f"workbook {size:.1f} MB, {judged.observations.height:,} figures judged")
        print(f"findings: {dict(judged.findings['code'].value_counts().iter_rows())}")
        own, own_cpu = timed(imported, path, RUNS)
        bare, bare_cpu = timed(read_only, path, RUNS)
        print(f"import to judged table  {own:6.2f} s wall  {own_cpu:6.2f} s cpu")
        print(f"fastexcel, read only    {bare:6.2f} s wall  {bare_cpu:6.2f} s cpu")
        ratio, ratio_cpu = own / bare, own_cpu / bare_cpu
        print(f"import takes {ratio:.2f} times as long as reading (cpu {ratio_cpu:.2f})")
        if "--pandas" in sys.argv:
            slow, slow_cpu = timed(with_pandas, path, 1)
            print(f"pandas, read only       {slow:6.2f} s wall  {slow_cpu:6.2f} s cpu")
            print(f"pandas only to read takes {slow / own:.1f} times as long as the import")
    wrong = int((totals["difference"] != 0).sum())
    print(f"years whose areas do not add up to the world: {wrong}")
    least = min(own, own_cpu)
    print(f"limit {LIMIT_SECONDS} s: {'kept' if least < LIMIT_SECONDS else 'passed'}")
    return int(least >= LIMIT_SECONDS or wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
