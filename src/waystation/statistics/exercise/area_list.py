"""The list of areas of the made-up world, and the ages of the people who live there."""

from __future__ import annotations

import numpy as np
import polars as pl

from waystation.geography.fictional_world import fictional_regions
from waystation.statistics.exercise.published import Published

AGES = (*(f"{low}-{low + 4}" for low in range(0, 75, 5)), "75+")
AGES_YEAR = 2020


def write_areas(published: Published) -> None:
    """Write ``areas.csv`` (codes, names, where, how many) and ``ages.csv`` (people by age)."""
    world, regions = published.world, fictional_regions()
    people = published.history.at(AGES_YEAR).sum(axis=0)  # area, sex
    shares = age_shares(world.birth_rate.mean(axis=1), world.death_rate.mean(axis=1))
    rows = [
        {
            "iso3": area.iso3,
            "m49": area.m49,
            "unhcr": area.unhcr,
            "name_en": area.names[0],
            "name_fr": area.names[1],
            "name_es": area.names[2],
            "name_ar": area.names[3],
            "world_bank_name": area.world_bank_name,
            "region_m49": regions[area.region].m49,
            "region_en": regions[area.region].names[0],
            "region_fr": regions[area.region].names[1],
            "region_es": regions[area.region].names[2],
            "region_ar": regions[area.region].names[3],
            "is_island": area.is_island,
            "since": world.since if i == world.late else None,
            "longitude": float(world.outlines.centres[i, 0]),
            "latitude": float(world.outlines.centres[i, 1]),
            "population_2020": int(people[i].sum()),
            "median_age_2020": round(_median_age(shares[i]), 1),
            "income_thousand_usd": round(float(world.income[i]), 2),
        }
        for i, area in enumerate(world.areas)
    ]
    pl.DataFrame(rows, infer_schema_length=None).write_csv(published.folder / "areas.csv")
    _ages(published, people, shares).write_csv(published.folder / "ages.csv")


def age_shares(births: np.ndarray, deaths: np.ndarray) -> np.ndarray:
    """Return the share of each five-year age group, (areas, groups), of a stable population.

    Births and deaths are rates a person and year; lives end by a Gompertz law whose level
    follows from the death rate. Few survive where many die.

    Source:
        Preston, Heuveline and Guillot (2001), Demography, chapter 7: stable populations.
    """
    age = np.arange(2.5, 105, 5)
    growth = (births - deaths)[:, None]
    level = 4e-5 * (deaths / deaths.mean())[:, None] ** 1.5
    surviving = np.exp(-level / 0.1 * (np.exp(0.1 * age)[None, :] - 1))
    weight = np.exp(-growth * age[None, :]) * surviving
    groups = np.column_stack([weight[:, : len(AGES) - 1], weight[:, len(AGES) - 1 :].sum(1)])
    return np.asarray(groups / groups.sum(axis=1, keepdims=True))


def _median_age(shares: np.ndarray) -> float:
    before = np.concatenate([[0.0], np.cumsum(shares)])
    return float(np.interp(0.5, before, 5.0 * np.arange(len(before))))


def _ages(published: Published, people: np.ndarray, shares: np.ndarray) -> pl.DataFrame:
    parts = []
    for sex, name in enumerate(("male", "female")):
        total = people[:, sex].astype(np.int64)
        # Whole people by age that add up: the group of 20 to 24 takes what rounding leaves.
        counts = np.floor(total[:, None] * shares).astype(np.int64)
        counts[:, 4] += total - counts.sum(axis=1)
        parts.append(
            pl.DataFrame(
                {
                    "iso3": [code for code in published.codes for _ in AGES],
                    "year": [AGES_YEAR] * counts.size,
                    "sex": [name] * counts.size,
                    "age": list(AGES) * len(total),
                    "persons": counts.ravel(),
                }
            )
        )
    return pl.concat(parts)
