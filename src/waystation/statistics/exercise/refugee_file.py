"""Refugees and people displaced in the made-up world, as UNHCR and IDMC publish them.

UNHCR: one row for each origin, country of asylum and year, at its end; 1 to 4 people are shown
as 5, "-" where nothing is available. IDMC: stock and movements by country and year, rounded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from waystation.statistics.exercise.history import moment_of
from waystation.statistics.exercise.published import Published, half_up, significant
from waystation.statistics.exercise.world import FIRST_YEAR, LAST_YEAR

POPULATION_FILE = "unhcr_population.csv"
DISPLACEMENT_FILE = "idmc_gidd_displacement.csv"
YEARS = np.arange(FIRST_YEAR, LAST_YEAR)
_FIRST_IDPS, _FIRST_ASYLUM, _FIRST_PEOPLE_IN_NEED = 1993, 2000, 2018
_STARTS = {"conflict_stock": 2009, "conflict_moves": 2009,
           "disaster_stock": 2019, "disaster_moves": 2008}  # fmt: skip
_SMALL = 5


@dataclass(frozen=True, slots=True)
class Displacement:
    """People displaced within areas, and their movements; years x areas."""

    conflict_stock: np.ndarray
    conflict_moves: np.ndarray
    disaster_stock: np.ndarray
    disaster_moves: np.ndarray


def true_displacement(published: Published, rng: np.random.Generator) -> Displacement:
    """Return who was displaced within each area: by crises, and by smaller disasters."""
    n = len(published.world.areas)
    stocks = {kind: np.zeros((len(YEARS), n)) for kind in ("war", "flood")}
    moves = {kind: np.zeros((len(YEARS), n)) for kind in ("war", "flood")}
    people = published.history.stocks.sum(axis=(1, 3)).astype(float)
    for crisis in published.world.crises:
        for half in range(crisis.first, crisis.last + 1):
            if half // 2 < len(YEARS):
                moves[crisis.kind][half // 2, crisis.area] += (
                    people[half, crisis.area] * crisis.displaced
                )
    strikes = rng.random((len(YEARS), n)) < 0.3
    size = (
        rng.lognormal(-9, 1.6, (len(YEARS), n))
        * people[moment_of(YEARS[0]) : -1 : 2][: len(YEARS)]
    )
    moves["flood"] += strikes * size
    for kind, stays in (("war", 0.72), ("flood", 0.12)):
        before = np.zeros(n)
        for year in range(len(YEARS)):
            # Who is displaced may be displaced again: two movements in five are not new people.
            before = (before + 0.6 * moves[kind][year]) * stays
            stocks[kind][year] = before
    whole = [half_up(a) for a in (stocks["war"], moves["war"], stocks["flood"], moves["flood"])]
    return Displacement(*whole)


def write_truth_of_displacement(published: Published, true: Displacement) -> None:
    """Write ``truth/displacement.parquet``: people at the end of years, movements in them."""
    year, area = np.meshgrid(YEARS, np.arange(len(published.codes)), indexing="ij")
    table = pl.DataFrame(
        {
            "area": pl.Series(published.codes).gather(area.ravel().astype(np.uint32)),
            "year": year.ravel(),
            "conflict_people": true.conflict_stock.ravel(),
            "conflict_movements": true.conflict_moves.ravel(),
            "disaster_people": true.disaster_stock.ravel(),
            "disaster_movements": true.disaster_moves.ravel(),
        }
    )
    table.write_parquet(published.folder / "truth" / "displacement.parquet")


def write_displacement(
    published: Published, true: Displacement, rng: np.random.Generator
) -> None:
    """Write the file of IDMC; what was not collected yet, or not found, is blank."""
    shown = {name: getattr(true, name).copy() for name in _STARTS}
    stale = [c for c in published.world.crises if c.kind == "war"][:1]
    for crisis in stale:
        last = crisis.last // 2
        if last + 2 < len(YEARS):
            truth = int(true.conflict_stock[last + 2, crisis.area])
            repeated = int(true.conflict_stock[last + 1, crisis.area])
            shown["conflict_stock"][last + 2, crisis.area] = repeated
            published.note(
                DISPLACEMENT_FILE, "repeated_figure", published.codes[crisis.area],
                "The figure of the year before stands again: nobody counted",
                period=int(YEARS[last + 2]), truth=truth, published=repeated,
            )  # fmt: skip
    unseen = (rng.random(shown["disaster_moves"].shape) < 0.2) & (shown["disaster_moves"] < 500)
    for year, area in np.argwhere(unseen & (shown["disaster_moves"] > 0)).tolist():
        if YEARS[year] >= _STARTS["disaster_moves"]:
            published.note(
                DISPLACEMENT_FILE, "not_recorded", published.codes[area],
                "A small disaster that was not recorded is blank", period=int(YEARS[year]),
                truth=float(shown["disaster_moves"][year, area]),
            )  # fmt: skip
    shown["disaster_moves"][unseen] = 0
    for name, start in _STARTS.items():
        shown[name][start > YEARS] = 0
        published.note(
            DISPLACEMENT_FILE, "not_collected_before", name,
            "Blank because nobody collected it yet", period=f"before {start}",
        )  # fmt: skip
    published.note(DISPLACEMENT_FILE, "rounded", "all", "To two digits up to 100,000, to "
                   "thousands above; columns (Raw) are not rounded")  # fmt: skip
    rows = _gidd_rows(published, shown)
    rows.write_csv(published.folder / DISPLACEMENT_FILE)


def _gidd_rows(published: Published, shown: dict[str, np.ndarray]) -> pl.DataFrame:
    headings = {
        "conflict_stock": "Conflict Stock Displacement",
        "conflict_moves": "Conflict Internal Displacements",
        "disaster_moves": "Disaster Internal Displacements",
        "disaster_stock": "Disaster Stock Displacement",
    }
    first = 2008
    years = YEARS[first <= YEARS]
    columns: dict[str, object] = {
        "ISO3": [code for code in published.codes for _ in years],
        "Name": [name for name in published.names for _ in years],
        "Year": np.tile(years, len(published.codes)),
    }
    for name, heading in headings.items():
        raw = shown[name][first <= YEARS].T.ravel()
        rounded = np.where(raw <= 100_000, significant(raw, 2), half_up(raw, 1000))
        for suffix, figures in (("", rounded), (" (Raw)", raw)):
            cells = pl.Series(figures).cast(pl.Int64)
            columns[heading + suffix] = cells.set(cells == 0, None)
    table = pl.DataFrame(columns)
    filled = [pl.col(heading).is_not_null() for heading in table.columns[3:]]
    return table.filter(pl.any_horizontal(filled))


def write_population(
    published: Published, displaced: Displacement, rng: np.random.Generator
) -> np.ndarray:
    """Write the file of UNHCR, and return refugees shown: years, origins, countries of asylum.

    Of those who fled in the last year, some are still asylum-seekers; where some origins are
    not known, refugees stand under the origin UKN.
    """
    history, n = published.history, len(published.codes)
    ends = [moment_of(int(year) + 1, 1) for year in YEARS]
    people = history.refugees[ends].sum(axis=3).astype(np.int64)
    arrived = history.fled.reshape(-1, 2, n, n).sum(axis=1)[: len(YEARS)]
    seeking = np.minimum(rng.binomial(np.minimum(arrived, people), 0.3), people)
    seeking += rng.binomial(people - seeking, 0.03)
    refugees = people - seeking
    share = np.where(rng.random(n) < 0.15, rng.uniform(0.02, 0.2, n), 0.0)
    unknown = rng.binomial(refugees, share[None, None, :])
    refugees = refugees - unknown
    _write_true_refugees(published, people - seeking, seeking)
    _note_population(published, share, unknown)
    shown = _as_shown(published, refugees)
    asked = _as_shown(published, seeking)
    home = history.went_home.reshape(-1, 2, n, n).sum(axis=(1, 3))[: len(YEARS)]
    rows = _unhcr_rows(published, shown, asked, unknown.sum(axis=1), home, displaced)
    rows.write_csv(published.folder / POPULATION_FILE)
    return shown


def _write_true_refugees(
    published: Published, refugees: np.ndarray, seeking: np.ndarray
) -> None:
    year, k, i = np.nonzero(refugees + seeking)
    codes = pl.Series(published.codes)
    table = pl.DataFrame(
        {
            "year": YEARS[year],
            "origin": codes.gather(k.astype(np.uint32)),
            "asylum": codes.gather(i.astype(np.uint32)),
            "refugees": refugees[year, k, i],
            "asylum_seekers": seeking[year, k, i],
        }
    )
    table.write_parquet(published.folder / "truth" / "refugees.parquet")


def _as_shown(published: Published, figures: np.ndarray) -> np.ndarray:
    return np.where((figures > 0) & (figures < _SMALL), _SMALL, figures)


def _note_population(published: Published, share: np.ndarray, unknown: np.ndarray) -> None:
    for i in np.flatnonzero(share).tolist():
        published.note(
            POPULATION_FILE, "unknown_origin", published.codes[i],
            f"Of {share[i]:.0%} of its refugees the origin is not known: they stand under UKN",
            truth=0, published=int(unknown[-1, :, i].sum()), period=int(YEARS[-1]),
        )  # fmt: skip
    published.note(POPULATION_FILE, "small_counts", "all", "1 to 4 people are shown as 5")
    published.note(
        POPULATION_FILE, "not_collected_before", "asylum_seekers",
        "0 because nobody collected it yet", period=f"before {_FIRST_ASYLUM}",
    )  # fmt: skip
    published.note(POPULATION_FILE, "not_available", "oip", "A dash: not available",
                   period=f"before {_FIRST_PEOPLE_IN_NEED}")  # fmt: skip


def _unhcr_rows(
    published: Published, refugees: np.ndarray, seeking: np.ndarray, unknown: np.ndarray,
    home: np.ndarray, displaced: Displacement,
) -> pl.DataFrame:  # fmt: skip
    areas = published.world.areas
    rows: list[tuple[object, ...]] = []
    for y, year in enumerate(YEARS.tolist()):
        pairs = np.argwhere(refugees[y] + seeking[y] > 0).tolist()
        asylum_known = year >= _FIRST_ASYLUM
        need = "0" if year >= _FIRST_PEOPLE_IN_NEED else "-"
        for k, i in pairs:
            rows.append((
                year, published.names[k], areas[k].unhcr, areas[k].iso3, published.names[i],
                areas[i].unhcr, areas[i].iso3, int(refugees[y, k, i]),
                int(seeking[y, k, i]) if asylum_known else 0, 0, 0, 0, 0, 0, need, 0,
            ))  # fmt: skip
        for i in np.flatnonzero(unknown[y]).tolist():
            shown = max(int(unknown[y, i]), _SMALL)
            rows.append((year, "Unknown", "UKN", "UNK", published.names[i], areas[i].unhcr,
                         areas[i].iso3, shown, 0, 0, 0, 0, 0, 0, need, 0))  # fmt: skip
        idps = displaced.conflict_stock[y]
        for i in np.flatnonzero((home[y] > 0) | ((idps > 0) & (year >= _FIRST_IDPS))).tolist():
            own = (published.names[i], areas[i].unhcr, areas[i].iso3)
            inside = int(idps[i]) if year >= _FIRST_IDPS else 0
            rows += [(year, *own, *own, 0, 0, int(home[y, i]), inside, 0, 0, 0, need, 0)]
    names = ["year", "coo_name", "coo", "coo_iso", "coa_name", "coa", "coa_iso", "refugees",
             "asylum_seekers", "returned_refugees", "idps", "returned_idps", "stateless", "ooc",
             "oip", "hst"]  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
