"""How long a 4,000 x 191 workbook takes from file to matrix, against just reading it.

Run ``python benchmarks/workbook_to_matrix.py``. A workbook of a made-up country is written into
a temporary folder. From file to matrix is all of it: what the columns mean is proposed, rows
are read, placed by the list of units, repeats are set aside, and figures are added up. The
peer does with pandas and openpyxl, told what the columns mean: read, keep the mapped columns,
numbers out of text, dates, codes of answers, rows of totals left out, codes looked up in the
list, figures added up by location and made long.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import fastexcel
import pandas as pd
import polars as pl
import xlsxwriter

from waystation.geography.units import Units
from waystation.grids import read_grids
from waystation.grids.files import forget_kept
from waystation.tracking.forms import propose_mapping
from waystation.tracking.intake import submissions_from_file
from waystation.tracking.matrix import matrix_from_submissions
from waystation.tracking.places import resolved_places
from waystation.tracking.quality import set_aside_repeats
from waystation.tracking.rounds import with_snapshots

ROWS, COLUMNS, RUNS = 4_000, 191, 7
REASONS = ("Armed conflict", "Flood", "Conflict; Flood", "Communal clashes")
AGES = {"<1": "under_1", "1-5": "1_5", "6-17": "6_17", "18-59": "18_59", "60+": "60_plus"}
PLACES = {
    "Admin 1 name": "admin1_name",
    "Admin 1 p-code": "admin1_reported_code",
    "Admin 2 name": "admin2_name",
    "Admin 2 p-code": "admin2_reported_code",
    "Site name": "location_name",
    "Site ID": "location_id",
    "Latitude": "latitude",
    "Longitude": "longitude",
    "Date of assessment": "collected_on",
    "Round": "round_number",
    "Reason for displacement": "displacement_reason",
    "Access": "access",
}
FIGURES = {
    "IDP households": "idp_households",
    "IDP individuals": "idp_individuals",
    "Returnee households": "returnee_households",
    "Returnee individuals": "returnee_individuals",
    "Arrivals individuals": "arrival_individuals",
    "Departures individuals": "departure_individuals",
} | {
    f"IDP {sex} {years}": f"idp_individuals__sex_age__{sex}_{age}"
    for sex in ("male", "female")
    for years, age in AGES.items()
}


def write_workbook(path: Path) -> None:
    """Write the workbook: places, figures, and questions as a site assessment asks them."""
    draw = random.Random(7)
    questions = [
        f"Q{i} services and needs" for i in range(COLUMNS - len(PLACES) - len(FIGURES))
    ]
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Data")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [*PLACES, *FIGURES, *questions])
        for row in range(1, ROWS + 1):
            area = row % 40
            sheet.write_row(row, 0, [
                f"Region {area % 8}", f"XW{area % 8:02d}", f"District {area}",
                f"XW{area % 8:02d}{area:02d}", f"Site {row}", f"S{row:05d}",
                8 + draw.random(), 15 + draw.random(),
            ])  # fmt: skip
            sheet.write_datetime(row, 8, dt.date(2026, 3, 1 + row % 28), day)
            sheet.write_row(row, 9, ["R14", draw.choice(REASONS), draw.choice(("Yes", "No"))])
            figures = [draw.randrange(2_000) for _ in FIGURES]
            sheet.write_row(row, len(PLACES), figures)
            if row % 97 == 0:
                sheet.write(row, len(PLACES) + 2, "about 200")
            for column in range(len(PLACES) + len(FIGURES), COLUMNS):
                kind = column % 3
                if draw.random() < 0.8:
                    answers = (draw.randrange(100), draw.choice(("yes", "no")), "food water")
                    sheet.write(row, column, answers[kind])


def list_of_units() -> pl.DataFrame:
    """Return the units that the workbook's places lie in; shape ``Units``."""
    areas = [(a % 8, a) for a in range(40)]
    rows = [("XWS", 1, f"XW{a:02d}", f"Region {a}", "XWS") for a in range(8)]
    rows += [("XWS", 2, f"XW{r:02d}{a:02d}", f"District {a}", f"XW{r:02d}") for r, a in areas]
    units = pl.DataFrame(
        rows, schema=["country", "level", "code", "name", "parent_code"], orient="row"
    )
    return Units.require(
        Units.complete(units.with_columns(names=pl.lit([], pl.List(pl.String))))
    )


def to_matrix(path: Path, units: pl.DataFrame) -> pl.DataFrame:
    """Return the matrix of the workbook, nothing about it being known before."""
    mapping = propose_mapping(path, units=units)
    submissions, _ = submissions_from_file(path, mapping, units=units)
    submissions, _ = with_snapshots(submissions)
    submissions, _ = resolved_places(submissions, units)
    submissions, _ = set_aside_repeats(submissions)
    return matrix_from_submissions(submissions)


def seconds(*jobs: Callable[[], object]) -> list[float]:
    """Return the shortest time of each job; they take turns, so that all meet the same load."""
    times: list[list[float]] = [[] for _ in jobs]
    for _ in range(RUNS):
        for job, found in zip(jobs, times, strict=True):
            forget_kept()
            start = time.perf_counter()
            job()
            found.append(time.perf_counter() - start)
    return [min(found) for found in times]


def with_pandas(path: Path, units: pl.DataFrame) -> pd.DataFrame:
    """Do the same steps with pandas and openpyxl, told what the columns mean."""
    frame = pd.read_excel(path, engine="openpyxl", keep_default_na=False, na_values=[""])
    frame = frame[[*PLACES, *FIGURES]].rename(columns=PLACES | FIGURES)
    for name in ("latitude", "longitude", *FIGURES.values()):
        text = frame[name].astype("string").str.replace(r"[\s,]", "", regex=True)
        frame[name] = pd.to_numeric(text, errors="coerce")
    frame["collected_on"] = pd.to_datetime(frame["collected_on"], errors="coerce")
    frame["round_number"] = pd.to_numeric(frame["round_number"].str.extract(r"(\d+)")[0])
    reasons = {
        "armed conflict": "conflict",
        "flood": "disaster",
        "communal clashes": "communal",
    }
    parts = frame["displacement_reason"].str.lower().str.split(r"\s*;\s*", regex=True)
    parts = parts.explode().map(lambda part: reasons.get(part, part))
    frame["displacement_reason"] = parts.groupby(level=0).agg(
        lambda p: ";".join(sorted(set(p)))
    )
    frame["access"] = frame["access"].str.lower()
    is_total = frame["admin1_name"].astype("string").str.contains(r"(?i)^\s*(?:grand )?total")
    parents = pd.DataFrame(units.select("code", "parent_code").to_dicts())
    placed = frame[~is_total].merge(
        parents, left_on="admin2_reported_code", right_on="code", how="left"
    )
    keys = ["parent_code", "code", "location_id", "round_number"]
    sums = placed.groupby(keys)[list(FIGURES.values())].sum(min_count=1).reset_index()
    return sums.melt(id_vars=keys, var_name="indicator")


def main() -> None:
    """Print the times and their ratios, from one run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbook.xlsx"
        write_workbook(path)
        units = list_of_units()
        reading, cells, matrix = seconds(
            lambda: fastexcel.read_excel(path).load_sheet(0).to_polars(),
            lambda: read_grids(path),
            lambda: to_matrix(path, units),
        )
        start = time.perf_counter()
        theirs = with_pandas(path, units)
        peer = time.perf_counter() - start
        ours = to_matrix(path, units)
    if (ours.height, ours["value"].sum()) != (len(theirs), theirs["value"].sum()):
        sys.exit("the two did not come to the same matrix")
    print(f"workbook of {ROWS:,} x {COLUMNS}, best of {RUNS} runs")
    print(f"  fastexcel, reading only         {reading:7.3f} s")
    print(f"  read_grids                      {cells:7.3f} s  {cells / reading:5.2f} x reading")
    print(
        f"  file to matrix                  {matrix:7.3f} s  "
        f"{matrix / reading:5.2f} x reading (limit: 2)"
    )
    print(
        f"  pandas + openpyxl, same steps   {peer:7.3f} s  "
        f"{peer / matrix:5.1f} x slower (wanted: 5)"
    )


if __name__ == "__main__":
    main()
