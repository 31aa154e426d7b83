"""The matrix over ten million submissions, beside hand-written DuckDB SQL for the same rows.

Prints the ratio of times and the peak memory from one run; exits 1 where a limit is passed.
Run it with: python benchmarks/matrix_engines.py [rows]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

ROWS, SITES, ROUNDS, FILES = 10_000_000, 20_000, 12, 5
RUNS = 3
LIMIT_RATIO, LIMIT_BYTES = 2.0, 2 * 2**30
INDICATORS = (
    "idp_individuals", "idp_households", "returnee_individuals", "returnee_households",
    "arrival_individuals", "departure_individuals",
)  # fmt: skip
UNITS = ("persons", "households", "persons", "households", "persons", "persons")


def _made_sql(rows: int, path: Path) -> str:
    """Return SQL that writes rows of random sites; one row in fifty is set aside."""
    visits = rows // ROUNDS + 1
    figures = ", ".join(
        f"CASE WHEN hash(i + {n}) % 20 > 0 THEN (hash(i + {n}) % 1000)::DOUBLE END AS {code}"
        for n, code in enumerate(INDICATORS, start=1)
    )
    return f"""
        COPY (
            SELECT 'r' || round_number || '/' || i AS submission_id,
                'r' || round_number || '_' || (site * {FILES} // {SITES}) || '.xlsx' AS file,
                i AS row, hash(i + 99) % 50 > 0 AS is_counted,
                'XWS' AS country, 'Floods' AS operation, 'baseline_location' AS component,
                round_number,
                DATE '2023-01-31' + (30 * round_number)::INTEGER AS reference_date,
                'XW-' || lpad(site::VARCHAR, 5, '0') AS location_key,
                'Site ' || site AS location_name, 'open' AS location_status,
                'XW' || lpad((site // 2000)::VARCHAR, 2, '0') AS admin1_code,
                'XW' || lpad((site // 200)::VARCHAR, 4, '0') AS admin2_code,
                'XW' || lpad((site // 20)::VARCHAR, 6, '0') AS admin3_code,
                {figures}
            FROM (
                SELECT i, i // {visits} + 1 AS round_number, hash(i) % {SITES} AS site
                FROM range({rows}) AS numbers(i)
            )
        ) TO '{path}' (FORMAT parquet)"""


def _hand_written_sql(path: Path) -> str:
    """Return the matrix as someone who knows DuckDB well would write it for this one file."""
    snapshot = "country, operation, component, round_number, reference_date"
    sums = ", ".join(f"sum({code}) AS {code}" for code in INDICATORS)
    asked = ", ".join(f"count({code}) > 0 AS asked_{code}" for code in INDICATORS)
    listed = [
        ", ".join(f"'{code}'" for code in INDICATORS),
        ", ".join(f"'{unit}'" for unit in UNITS),
        ", ".join(INDICATORS),
        ", ".join(f"asked_{code}" for code in INDICATORS),
        ", ".join(str(n) for n in range(len(INDICATORS))),
    ]
    return f"""
        WITH sums AS (
            SELECT {snapshot}, location_key, file, location_name, admin1_code, admin2_code,
                admin3_code, count(*) AS submissions, {sums}
            FROM '{path}' WHERE is_counted GROUP BY ALL
        ), asked AS (
            SELECT {snapshot}, file, {asked} FROM sums GROUP BY ALL
        ), cells AS (
            SELECT {snapshot}, location_key AS location_id, location_name, admin1_code,
                admin2_code, admin3_code, unnest([{listed[0]}]) AS indicator,
                unnest([{listed[1]}]) AS unit, unnest([{listed[2]}]) AS value,
                'observed' AS status, reference_date AS observed_on, submissions,
                unnest([{listed[3]}]) AS is_asked, unnest([{listed[4]}]) AS number
            FROM sums JOIN asked USING ({snapshot}, file)
        )
        SELECT * EXCLUDE (is_asked, number) FROM cells WHERE is_asked
        ORDER BY {snapshot}, location_id, number"""


def _by_hand(path: Path) -> pl.DataFrame:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    table = connection.sql(_hand_written_sql(path)).to_arrow_table()
    return pl.DataFrame(pl.from_arrow(table))


def _by_waystation(path: Path) -> pl.DataFrame:
    from waystation.tracking.matrix import matrix_from_submissions

    return matrix_from_submissions(path)


def _child(way: str, path: Path, small: Path, result: Path) -> None:
    """Measure one way in a process of its own, libraries loaded beforehand."""
    compute = {"waystation": _by_waystation, "by hand": _by_hand}[way]
    compute(small)
    start = time.perf_counter()
    matrix = compute(path)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    matrix.write_parquet(result)
    print(json.dumps({"seconds": seconds, "bytes": peak}))


def _measured(way: str, path: Path, small: Path, result: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", way, str(path), str(small), str(result)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return measured


def main(rows: int) -> int:
    """Make the submissions, run both ways in turn, compare rows, print and judge."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="waystation-benchmark-") as name:
        folder = Path(name)
        path, small = folder / "submissions.parquet", folder / "small.parquet"
        duckdb.connect().execute(_made_sql(rows, path))
        duckdb.connect().execute(_made_sql(1000, small))
        best: dict[str, float] = {}
        peak: dict[str, float] = {}
        # In turn, so that what else runs on the machine weighs on both; the best counts.
        for _ in range(RUNS):
            for way in ("by hand", "waystation"):
                measured = _measured(way, path, small, folder / f"{way}.parquet")
                best[way] = min(best.get(way, measured["seconds"]), measured["seconds"])
                peak[way] = max(peak.get(way, 0), measured["bytes"])
        ours = pl.read_parquet(folder / "waystation.parquet")
        theirs = pl.read_parquet(folder / "by hand.parquet").cast(ours.schema)
        is_same = ours.equals(theirs)
    ratio = best["waystation"] / best["by hand"]
    print(f"{rows:,} submissions to {ours.height:,} cells, best of {RUNS} runs each")
    for way in ("by hand", "waystation"):
        print(f"  {way:<11}{best[way]:6.2f} s  {peak[way] / 2**30:5.2f} GiB")
    print(f"  same rows in the same order: {'yes' if is_same else 'NO'}")
    gibibytes = peak["waystation"] / 2**30
    print(
        f"  ratio {ratio:.2f} (at most {LIMIT_RATIO:.1f}); peak {gibibytes:.2f} GiB (below 2)"
    )
    is_good = is_same and ratio <= LIMIT_RATIO and peak["waystation"] < LIMIT_BYTES
    return 0 if is_good else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2], *(Path(argument) for argument in sys.argv[3:6]))
    else:
        sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else ROWS))
