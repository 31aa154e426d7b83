"""Moves as some areas report them, in files as Eurostat writes: tabs, flags beside figures.

Each reporter counts in its own way: who stays short is left out, who leaves does not say so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waystation.folders import write_file_whole
from waystation.statistics.exercise.history import moment_of
from waystation.statistics.exercise.published import Published
from waystation.statistics.exercise.truth import moves_between

IMMIGRATION_FILE = "estat_migr_imm5prv.tsv"
EMIGRATION_FILE = "estat_migr_emi3nxt.tsv"
YEARS = range(2008, 2025)
REGIONS = (2, 3)
MOST_REPORTERS = 30
_SEXES = ("T", "M", "F")
_SMALL = 10


@dataclass(frozen=True, slots=True)
class Reporter:
    """How one area counts.

    Attributes:
        area: Its position.
        arrivals: Share of arrivals that is counted.
        departures: Share of departures that is counted.
        break_year: From it on, arrivals are counted in full; None where nothing changed.
        hides_small: Figures below 10 are confidential.
        first: First year it reports.
        estimates: It estimates departures.
    """

    area: int
    arrivals: float
    departures: float
    break_year: int | None
    hides_small: bool
    first: int
    estimates: bool


def reporters_of(published: Published, rng: np.random.Generator) -> list[Reporter]:
    """Return the areas of two regions, at most thirty, and how each counts."""
    people = published.history.at(2020).sum(axis=(0, 2))
    here = [i for i, a in enumerate(published.world.areas) if a.region in REGIONS]
    here = sorted(sorted(here, key=lambda i: -people[i])[:MOST_REPORTERS])
    found = []
    for n, area in enumerate(here):
        found.append(
            Reporter(
                area=area,
                arrivals=float(np.round(rng.uniform(0.55, 1.0), 3)),
                departures=float(np.round(rng.uniform(0.2, 0.8), 3)),
                break_year=int(rng.integers(2012, 2020)) if n % 4 == 1 else None,
                hides_small=n % 4 == 2,
                first=int(rng.integers(2009, 2014)) if n % 4 == 3 else YEARS[0],
                estimates=n % 3 == 0,
            )
        )
    return found


def write_reported_flows(published: Published, rng: np.random.Generator) -> list[Reporter]:
    """Write immigration by previous and emigration by next residence, of calendar years."""
    reporters = reporters_of(published, rng)
    n = len(published.codes)
    yearly = [
        moves_between(published.history, moment_of(y, 1), moment_of(y), n).sum(axis=0)
        for y in YEARS
    ]
    true = np.stack(yearly)  # years, origins, destinations, sexes
    for file, side in ((IMMIGRATION_FILE, "in"), (EMIGRATION_FILE, "out")):
        lines = [
            "\t".join([r"freq,partner,agedef,age,unit,sex,geo\TIME_PERIOD", *map(str, YEARS)])
        ]
        for reporter in reporters:
            moved = true[:, :, reporter.area] if side == "in" else true[:, reporter.area]
            counted = _counted(moved, reporter, side, rng)
            lines += _lines(published, reporter, counted, side)
            _note(published, file, reporter, side, moved, counted)
        text = "\n".join(lines) + "\n"
        write_file_whole(published.folder / file, text.encode("utf-8"))
    return reporters


def _counted(
    moved: np.ndarray, reporter: Reporter, side: str, rng: np.random.Generator
) -> np.ndarray:
    share = np.full(len(YEARS), reporter.arrivals if side == "in" else reporter.departures)
    if side == "in" and reporter.break_year:
        share[np.array(YEARS) >= reporter.break_year] = 1.0
    return np.asarray(rng.binomial(moved, share[:, None, None]))


def _lines(
    published: Published, reporter: Reporter, counted: np.ndarray, side: str
) -> list[str]:
    geo = published.codes[reporter.area]
    lines = []
    places = [("TOTAL", counted.sum(axis=1))]
    places += [(c, counted[:, p]) for p, c in enumerate(published.codes) if p != reporter.area]
    for code, figures in places:
        if not figures.any():
            continue
        for sex in _SEXES:
            of_sex = figures.sum(axis=1) if sex == "T" else figures[:, _SEXES.index(sex) - 1]
            hides = reporter.hides_small and code != "TOTAL"
            cells = [
                _cell(int(f), year, reporter, side, hides=hides)
                for f, year in zip(of_sex, YEARS, strict=True)
            ]
            key = f"A,{code},COMPLET,TOTAL,NR,{sex},{geo}"
            lines.append("\t".join([key, *cells]))
    return lines


def _cell(figure: int, year: int, reporter: Reporter, side: str, *, hides: bool) -> str:
    if year < reporter.first:
        return ": "
    if hides and 0 < figure < _SMALL:
        return ": c"
    flags = "b" if side == "in" and year == reporter.break_year else ""
    flags += "e" if side == "out" and reporter.estimates else ""
    flags += "p" if year == YEARS[-1] else ""
    return f"{figure} {flags}"


def _note(
    published: Published, file: str, reporter: Reporter, side: str, moved: np.ndarray,
    counted: np.ndarray,
) -> None:  # fmt: skip
    code = published.codes[reporter.area]
    share = reporter.arrivals if side == "in" else reporter.departures
    what = "arrivals" if side == "in" else "departures"
    until = f"before {reporter.break_year}" if side == "in" and reporter.break_year else None
    published.note(file, "undercount", code, f"Counts {share:.1%} of {what}",
                   period=until or YEARS[-2],
                   truth=None if until else float(moved[-2].sum()),
                   published=None if until else int(counted[-2].sum()))  # fmt: skip
    if until:
        published.note(file, "break", code, "Counts all arrivals from this year on (flag b)",
                       period=reporter.break_year)  # fmt: skip
    if reporter.hides_small:
        published.note(file, "confidential", code, "Figures of 1 to 9 are confidential (: c)")
    if reporter.first > YEARS[0]:
        published.note(file, "not_reported", code, "Did not report yet (:)",
                       period=f"before {reporter.first}")  # fmt: skip
