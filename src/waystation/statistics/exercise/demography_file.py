"""Births, deaths and population of the made-up world, as World Population Prospects have them.

Calendar years, thousands; net migration is what remains, so errors in the rest fall on it.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from waystation.geography.fictional_world import fictional_regions
from waystation.statistics.exercise.history import moment_of
from waystation.statistics.exercise.published import Published
from waystation.statistics.exercise.world import FIRST_YEAR, LAST_YEAR

FILE = "WPP2024_Demographic_Indicators_Medium.csv"
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
_REGISTERED = 0.35


def write_demography(published: Published, rng: np.random.Generator) -> None:
    """Write one row for each area, region and the world and year, 1990 to 2025."""
    history, n = published.history, len(published.world.areas)
    births = _by_year(history.births.sum(axis=2))
    deaths = _by_year(history.deaths.sum(axis=1))  # year, area, sex
    people = history.stocks.sum(axis=1)[..., :].astype(float)  # moment, area, sex
    registered = rng.random(n) < _REGISTERED
    errors = [np.where(registered, 1.0, rng.lognormal(0, s, n)) for s in (0.015, 0.03, 0.004)]
    births, deaths = births * errors[0], deaths * errors[1][:, None]
    people = people * errors[2][:, None]
    _note(published, registered, errors)
    areas = [
        (a.m49, a.iso3, name, "Country/Area", np.arange(n) == i)
        for i, (a, name) in enumerate(zip(published.world.areas, published.names, strict=True))
    ]
    region = np.array([a.region for a in published.world.areas])
    groups = [("900", "", "World", "World", np.ones(n, dtype=bool))]
    groups += [
        (r.m49, "", r.names[0].upper(), "Region", region == i)
        for i, r in enumerate(fictional_regions())
        if (region == i).any()
    ]
    rows = pl.concat(
        [
            _of_place(place, births[:, m].sum(axis=1), deaths[:, m].sum(axis=1),
                      people[:, m].sum(axis=1))
            for *place, m in (*groups, *areas)
        ]
    )  # fmt: skip
    rows.write_csv(published.folder / FILE)


def _by_year(halves: np.ndarray) -> np.ndarray:
    return np.asarray(halves.reshape(len(YEARS), 2, *halves.shape[1:]).sum(axis=1), dtype=float)


def _of_place(
    place: list[str], births: np.ndarray, deaths: np.ndarray, people: np.ndarray
) -> pl.DataFrame:
    code, iso3, name, kind = place
    years = np.array(YEARS)
    january = people[[moment_of(y, 1) for y in years]].sum(axis=1)
    after = people[[moment_of(y, 1) + 2 for y in years]].sum(axis=1)
    july = people[[moment_of(y) for y in years]]
    both = deaths.sum(axis=1)
    net = after - january - births + both
    middle = july.sum(axis=1)

    def thousands(values: np.ndarray) -> pl.Series:
        return pl.Series((values / 1000).round(3))

    def per_1000(values: np.ndarray) -> pl.Series:
        return pl.Series((values / middle * 1000).round(3))

    return pl.DataFrame(
        {
            "LocID": [int(code)] * len(years),
            "ISO3_code": pl.Series([iso3 or None] * len(years), dtype=pl.String),
            "LocTypeName": [kind] * len(years),
            "Location": [name] * len(years),
            "VarID": [2] * len(years),
            "Variant": ["Medium"] * len(years),
            "Time": years,
            "TPopulation1Jan": thousands(january),
            "TPopulation1July": thousands(middle),
            "TPopulationMale1July": thousands(july[:, 0]),
            "TPopulationFemale1July": thousands(july[:, 1]),
            "Births": thousands(births),
            "CBR": per_1000(births),
            "Deaths": thousands(both),
            "DeathsMale": thousands(deaths[:, 0]),
            "DeathsFemale": thousands(deaths[:, 1]),
            "CDR": per_1000(both),
            "NetMigrations": thousands(net),
            "CNMR": per_1000(net),
            "SRB": [105.0] * len(years),
        }
    )


def _note(published: Published, registered: np.ndarray, errors: list[np.ndarray]) -> None:
    for i, code in enumerate(published.codes):
        if not registered[i]:
            births, deaths, people = ((e[i] - 1) * 100 for e in errors)
            published.note(
                FILE, "estimated_demography", code,
                f"Estimated: births {births:+.1f} %, deaths {deaths:+.1f} %, people "
                f"{people:+.2f} % of what is true; net migration bears the difference",
            )  # fmt: skip
