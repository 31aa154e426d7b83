"""What the made-up areas are like: people, incomes, births and deaths, what befalls them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waystation.geography.fictional_world import FictionalArea, fictional_areas
from waystation.statistics.exercise.outlines import Outlines, fictional_outlines

FIRST_YEAR, LAST_YEAR = 1990, 2025
HALVES = 2 * (LAST_YEAR - FIRST_YEAR + 1)
_MEDIAN_PEOPLE = 11e6
_USUAL_AREAS = 24
YEARS_OF_PEACE_TO_RETURN = 6


@dataclass(frozen=True, slots=True)
class Crisis:
    """A war or a flood in one area.

    Attributes:
        kind: "war" or "flood".
        area: Position of the area.
        first: Half-year in which it begins, counted from the first half of 1990.
        last: Half-year in which it ends.
        flight: Share of people born there who flee abroad in each of these half-years.
        displaced: Share of people who have to move within the area in each of them.
        mortality: What death rates are multiplied by.
    """

    kind: str
    area: int
    first: int
    last: int
    flight: float
    displaced: float
    mortality: float


@dataclass(frozen=True, slots=True)
class World:
    """Areas and the rates that drive them; arrays have one row an area.

    Attributes:
        areas: Codes and names.
        outlines: Where they lie.
        people: Population on 1 January 1990.
        income: National income a head, thousand USD.
        birth_rate: Births a person and year in 1990, and in 2025.
        death_rate: Deaths a person and year in 1990, and in 2025.
        leaving: Share of those born there who move abroad in a usual year.
        returning: Share of emigrants who move back in a usual year.
        pull: How attractive each area (column) is from each other (row), diagonal 0.
        late: Area that statistics know only from ``since`` on, or -1.
        since: First year of that area in statistics.
        crises: Wars and floods, by their beginning.
    """

    areas: tuple[FictionalArea, ...]
    outlines: Outlines
    people: np.ndarray
    income: np.ndarray
    birth_rate: np.ndarray
    death_rate: np.ndarray
    leaving: np.ndarray
    returning: np.ndarray
    pull: np.ndarray
    late: int
    since: int
    crises: tuple[Crisis, ...]


def half_of(year: int, *, second: bool = False) -> int:
    """Return the number of a half-year, the first half of 1990 being 0."""
    return 2 * (year - FIRST_YEAR) + int(second)


def fictional_world(count: int, rng: np.random.Generator) -> World:
    """Return a world of so many areas; its codes and names are the same for every seed."""
    shapes_rng, rng = rng.spawn(2)
    areas = fictional_areas(count)
    outlines = fictional_outlines(areas, shapes_rng)
    islands = np.array([a.is_island for a in areas])
    income = _incomes(areas, rng)
    scale = min(1.0, (_USUAL_AREAS / count) ** 0.6)
    people = rng.lognormal(np.log(_MEDIAN_PEOPLE * scale), 1.0, count)
    people = np.maximum(np.where(islands, people * 0.06, people), 30_000).astype(np.int64)
    poverty = np.clip(1.3 - np.log10(income), 0, 1.3)
    births = 0.011 + 0.020 * poverty + rng.normal(0, 0.001, count)
    deaths = 0.0085 + 0.003 * poverty + rng.normal(0, 0.0006, count)
    # Emigration is highest from areas of middle income, and from small ones.
    hump = np.exp(-(((np.log10(income) - 0.75) / 0.55) ** 2))
    leaving = (0.0006 + 0.0016 * hump) * rng.lognormal(0, 0.3, count)
    leaving *= np.clip((2e6 / people) ** 0.15, 0.6, 2.5)
    late = _late_area(areas)
    return World(
        areas=areas,
        outlines=outlines,
        people=people,
        income=income,
        birth_rate=np.column_stack([births, np.maximum(births * 0.7, 0.009)]),
        death_rate=np.column_stack([deaths, deaths * 0.88]),
        leaving=np.clip(leaving, 0, 0.006),
        returning=np.clip(rng.lognormal(np.log(0.022), 0.35, count), 0.005, 0.08),
        pull=_pull(areas, outlines, people, income, rng),
        late=late,
        since=2007,
        crises=_crises(count, islands, late, people, rng),
    )


def _incomes(areas: tuple[FictionalArea, ...], rng: np.random.Generator) -> np.ndarray:
    by_region = rng.permutation(np.array([2.0, 3.5, 6.0, 11.0, 22.0, 34.0]))
    region = np.array([a.region for a in areas])
    return np.asarray(np.clip(by_region[region] * rng.lognormal(0, 0.35, len(areas)), 0.6, 75))


def _pull(
    areas: tuple[FictionalArea, ...],
    outlines: Outlines,
    people: np.ndarray,
    income: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    region = np.array([a.region for a in areas])
    distance = np.maximum(outlines.distances, 150.0)
    chance = rng.normal(0, 0.7, distance.shape)
    pull = (
        (people**0.6 * income**0.9)[None, :]
        * distance**-1.1
        * np.exp(0.5 * (region[:, None] == region[None, :]))
        * np.exp(0.6 * outlines.are_neighbours())
        * np.exp((chance + chance.T) / 2**0.5)
    )
    np.fill_diagonal(pull, 0)
    return np.asarray(pull / pull.sum(axis=1, keepdims=True))


def _late_area(areas: tuple[FictionalArea, ...]) -> int:
    """Return the area that came to be in 2007: the fifth, where there are so many."""
    return 4 if len(areas) > 4 else -1


def _crises(
    count: int, islands: np.ndarray, late: int, people: np.ndarray, rng: np.random.Generator
) -> tuple[Crisis, ...]:
    """Return one large war and one flood, and of both more where there are many areas."""
    mainland = np.flatnonzero(~islands & (np.arange(count) != late))
    size = people[mainland]
    order = mainland[np.argsort(np.abs(np.log(size / np.median(size))), kind="stable")]
    wars = [int(order[0])]
    floods = [int(order[1 % len(order)])]
    rest = rng.permutation(order[2:])
    extra = min(len(rest) // 2, max(count // 24, 0))
    wars += rest[:extra].tolist()
    floods += rest[extra : 2 * extra].tolist()
    found = [Crisis("war", wars[0], half_of(2012), half_of(2016), 0.014, 0.03, 2.2)]
    found.append(Crisis("flood", floods[0], half_of(2010, second=True),
                        half_of(2011), 0.004, 0.06, 1.3))  # fmt: skip
    for area in wars[1:]:
        first = int(rng.integers(half_of(1991), half_of(2020)))
        flight = float(rng.uniform(0.004, 0.012))
        found.append(Crisis("war", area, first, first + int(rng.integers(3, 10)), flight,
                            2 * flight, 1.7))  # fmt: skip
    for area in floods[1:]:
        first = int(rng.integers(half_of(1995), half_of(2023)))
        displaced = float(rng.uniform(0.01, 0.08))
        found.append(Crisis("flood", area, first, first + 1, displaced / 20, displaced, 1.2))
    return tuple(sorted(found, key=lambda c: (c.first, c.area)))
