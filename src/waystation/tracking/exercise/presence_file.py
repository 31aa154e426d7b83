"""A made-up table of who does what where, with the mistakes that such tables have."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

from waystation.tracking.exercise.country import Country
from waystation.tracking.exercise.history import History

SECTORS = (
    "WASH", "Food security", "Shelter/NFI", "Health", "Protection - child protection",
    "Education", "Nutrition", "CCCM", "Early recovery", "Multi-purpose cash",
)  # fmt: skip
# How likely a sector is at work in a unit of the second level: some are thin on the ground.
REACH = (0.55, 0.5, 0.3, 0.5, 0.45, 0.3, 0.35, 0.25, 0.15, 0.1)
FIRST = ("Blue", "Open", "Far", "Green", "Common", "New", "River", "High")
LAST = ("Lantern", "Hands", "Shore", "Bridge", "Well", "Harvest")
TYPES = ("International NGO", "National NGO", "United Nations", "Government")
STATUSES = ("Ongoing", "Ongoing", "Ongoing", "Planned", "Completed")
HEADINGS = (
    "Organisation", "Acronym", "Organisation type", "Cluster", "Admin 1", "Admin 2",
    "Admin 2 P-code", "Status", "Start date", "End date", "People reached", "Focal point",
)  # fmt: skip


def write_presence(
    country: Country, history: History, path: Path, rng: np.random.Generator
) -> None:
    """Write one row an activity of made-up organisations, as of the last round.

    A few rows cannot be used: one without organisation, one with a sector and one with a place
    that nobody knows, one that ends before it starts, one repeated.
    """
    names = [f"{first} {last}" for first in FIRST for last in LAST]
    kinds = rng.integers(0, len(TYPES), len(names))
    units = country.level(2)
    above = dict(country.level(1).select("code", "name_en").iter_rows())
    last = history.dates[-1]
    rows: list[list[object]] = []
    for sector, reach in zip(SECTORS, REACH, strict=True):
        own = rng.choice(len(names), 9, replace=False)
        for unit in units.iter_rows(named=True):
            for who in own[rng.random(len(own)) < reach / 4]:
                starts = last - dt.timedelta(days=int(rng.integers(30, 400)))
                ends = last + dt.timedelta(days=int(rng.integers(-20, 300)))
                has_reached = rng.random() < 0.7
                reached = int(rng.integers(2, 60)) * 25 if has_reached else None
                status = STATUSES[int(rng.integers(len(STATUSES)))]
                rows.append(
                    [
                        names[who], "".join(word[0] for word in names[who].split()) + str(who),
                        TYPES[int(kinds[who])], sector, above[unit["parent_code"]],
                        unit["name_en"], unit["code"], status, starts.isoformat(),
                        ends.isoformat(), reached, f"Made-up person {who}",
                    ]
                )  # fmt: skip
    _spoil(rows, rng)
    table = pl.DataFrame(rows, schema=HEADINGS, orient="row", strict=False)
    title = f"Who does what where (made up),{last.isoformat()}"
    path.write_text(f"{title}{',' * (len(HEADINGS) - 2)}\n{table.write_csv()}", "utf-8")


def _spoil(rows: list[list[object]], rng: np.random.Generator) -> None:
    at = rng.choice(len(rows), 5, replace=False).tolist()
    rows[at[0]][:2] = [None, None]
    rows[at[1]][3] = "Miscellaneous"
    rows[at[2]][4:7] = ["Nowhere at all", "Qqqq", "ZZ99"]
    rows[at[3]][9] = "2020-01-01"
    rows.append(list(rows[at[4]]))
