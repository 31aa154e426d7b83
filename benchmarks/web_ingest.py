"""100,000 submissions through the web job, beside the library's own build of the same file.

The job is all that the server does from the bytes received to a draft that can be reviewed:
receive, propose a mapping and preview it, confirm, read, build the draft. Prints the ratio of
speeds, the best of runs taken in turn, and that of processor time, which a busy machine does
not change; exits 1 below the limit.
Run it with: python benchmarks/web_ingest.py [rows]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

ROWS, RUNS = 100_000, 3
LIMIT = 0.70
HEADINGS = (
    "Admin 1 name,Admin 1 p-code,Admin 2 name,Admin 2 p-code,Site name,Site ID,Latitude,"
    "Longitude,Survey date,Round,IDP households,IDP individuals,Male IDPs,Female IDPs,"
    "Returnee individuals,Main reason for displacement"
)
REASONS = ("Conflict", "Flood", "Drought", "Insecurity")


def write_survey(path: Path, rows: int) -> None:
    """Write a csv of one round: a row a site, figures that add up."""
    lines = [HEADINGS]
    for n in range(rows):
        first, second = n % 20, n % 200
        households = n % 97 + 1
        people = households * 5
        males = people * 48 // 100
        lines.append(
            f"Province {first},XW{first:02},District {second},XW{first:02}{second:03},"
            f"Site {n},S-{n:06},{2 + first * 0.5 + n % 500 / 1000:.5f},"
            f"{20 + second * 0.05 + n % 499 / 10000:.5f},2026-09-{n % 20 + 1:02},12,"
            f"{households},{people},{males},{people - males},{n % 13},{REASONS[n % 4]}"
        )
    path.write_text("\n".join(lines) + "\n", "utf-8")


class Clock:
    """Seconds on the wall and of the processor."""

    def __init__(self) -> None:
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def __call__(self) -> tuple[float, float]:
        """Return both since the clock was made."""
        return time.perf_counter() - self.wall, time.process_time() - self.processor


def by_library(path: Path) -> tuple[tuple[float, float], float]:
    """Return the seconds that the library takes, and the people it counts."""
    from waystation.grids.files import forget_kept
    from waystation.tracking.build import BuildChoices, build_matrix

    forget_kept()
    clock = Clock()
    build, _ = build_matrix([path], BuildChoices(country="XWS"))
    return clock(), _people(build.totals)


def by_web(path: Path, run: int) -> tuple[tuple[float, float], float]:
    """Return the seconds that the web job takes, and the people it counts."""
    from waystation.grids.files import forget_kept
    from waystation.tracking.build_folder import read_build
    from waystation.web.tracking import storage
    from waystation.web.tracking.actions.operations import create_operation
    from waystation.web.tracking.actions.uploads import confirm_mapping, receive_upload
    from waystation.web.tracking.exercise import finish_jobs
    from waystation.web.tracking.mappings import mapping_of

    operation = create_operation(f"Run {run}", "XWS", by=None)
    forget_kept()
    clock = Clock()
    upload, _ = receive_upload(operation, path.name, _chunks(path), by=None)
    finish_jobs()
    upload.refresh_from_db()
    confirm_mapping(upload, mapping_of(upload), by=None)
    finish_jobs()
    taken = clock()
    draft = read_build(storage.draft_folder(operation.rounds.get()))
    return taken, _people(draft.totals)


def _people(totals: pl.DataFrame) -> float:
    country = totals.filter(admin_level=0, indicator="idp_individuals")
    return float(country["value"].sum())


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def main() -> int:
    """Print the ratio; return whether it is below the limit."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey_round_12.csv"
        write_survey(path, rows)
        os.environ["WAYSTATION_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waystation.web.project.settings.local")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        by_library(path)  # what is loaded once is not what is measured
        by_web(path, 0)
        library, web = [], []
        for run in range(1, RUNS + 1):
            taken, expected = by_library(path)
            library.append(taken)
            taken, people = by_web(path, run)
            web.append(taken)
            assert people == expected, (people, expected)
    ratio, of_processor = (
        min(run[clock] for run in library) / min(run[clock] for run in web) for clock in (0, 1)
    )
    print(f"library: {min(library)[0]:.2f} s for {rows:,} submissions")
    print(f"web job: {min(web)[0]:.2f} s")
    print(
        f"ratio of speeds: {ratio:.2f} (limit {LIMIT:.2f}); processor time: {of_processor:.2f}"
    )
    return int(ratio < LIMIT)


if __name__ == "__main__":
    sys.exit(main())
