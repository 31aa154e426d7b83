"""How much migration there is, and what it does to where people live."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import UnusableArray
from waystation.statistics.flows.fitting.margins import FloatArray, require_amounts
from waystation.statistics.indices.spatial import require_flows


@dataclass(frozen=True, slots=True)
class ImpactIndices:
    """What a table of flows does to populations.

    Attributes:
        effectiveness: Net migration per 100 moves: 0 all balanced, 100 all one way.
        aggregate_net_migration_rate: Net migration per 100 people, half the absolute sum.
        preference: Sum over corridors of the flow relative to what populations alone give.
        velocity: Sum over corridors of the flow by both populations, times the whole.
    """

    effectiveness: float
    aggregate_net_migration_rate: float
    preference: float
    velocity: float


@dataclass(frozen=True, slots=True)
class IntensityIndices:
    """How many move.

    Attributes:
        crude_intensity: Moves or movers per 100 people (crude migration probability).
        courgeau_k: The same for any number of areas, by the logarithm of its square.
    """

    crude_intensity: float
    courgeau_k: float


def impact_indices(flows: ArrayLike, population: ArrayLike) -> ImpactIndices:
    """Compute what migration does to where people live.

    Args:
        flows: Square matrix of origins by destinations, persons; the diagonal is not used.
        population: People of each area, persons (not thousands), in the same order.

    Returns:
        The indices.

    Raises:
        UnusableArray: If shapes disagree, a population is 0, or more people left an area
            than live there, which says that units differ.

    Source:
        Bell et al. (2002), Journal of the Royal Statistical Society A 165(3); preference and
        velocity after Bogue, Shryock and Hoermann (1957).
    """
    matrix = require_flows(flows)
    people = _population(matrix, population)
    out, into = matrix.sum(axis=1), matrix.sum(axis=0)
    if not out.any():
        raise UnusableArray(name="flows", reason="there is no flow between different areas")
    lopsided = float(np.abs(into - out).sum())
    by_pair = matrix / np.outer(people, people)
    return ImpactIndices(
        effectiveness=100 * lopsided / float((into + out).sum()),
        aggregate_net_migration_rate=100 * 0.5 * lopsided / float(people.sum()),
        preference=float(preference(matrix, people).sum()),
        velocity=float(by_pair.sum() * people.sum()),
    )


def preference(flows: ArrayLike, population: ArrayLike) -> FloatArray:
    """Return each flow relative to what the shares of both populations alone would give.

    Args:
        flows: Square matrix of origins by destinations, persons.
        population: People of each area.

    Returns:
        Matrix; 1 is as expected, 0 on the diagonal.

    Raises:
        UnusableArray: As for `impact_indices`.
    """
    matrix = require_flows(flows)
    people = _population(matrix, population)
    share = people / people.sum()
    return np.asarray(matrix / (matrix.sum() * np.outer(share, share)), dtype=np.float64)


def intensity_indices(migrants: float, population: float, areas: int) -> IntensityIndices:
    """Compute how many move, for comparison between countries.

    Args:
        migrants: People who moved between areas (or moves).
        population: People at risk of moving, persons.
        areas: Number of areas between which moves are counted.

    Raises:
        UnusableArray: If the population is not above 0, or there are fewer than 2 areas.

    Source:
        Courgeau (1973), Population 28; Bell et al. (2002).
    """
    if not (math.isfinite(population) and population > 0):
        raise UnusableArray(name="population", reason=f"{population} is not above 0")
    if areas < 2:
        raise UnusableArray(name="number of areas", reason=f"{areas} is fewer than 2")
    if not (math.isfinite(migrants) and migrants >= 0):
        raise UnusableArray(name="migrants", reason=f"{migrants} is not a number of people")
    crude = 100 * migrants / population
    return IntensityIndices(crude, crude / math.log(areas**2))


def _population(matrix: FloatArray, population: ArrayLike) -> FloatArray:
    people = require_amounts(population, "population", shape=matrix.shape[:1])
    if not people.all():
        where = int(np.flatnonzero(people == 0)[0])
        raise UnusableArray(name="population", reason=f"it is 0 at place {where}")
    crowded = np.flatnonzero(matrix.sum(axis=1) > people)
    if crowded.size:
        reason = (
            f"more people left the area at place {int(crowded[0])} than live there; "
            "give persons, not thousands or millions"
        )
        raise UnusableArray(name="population", reason=reason)
    return people
