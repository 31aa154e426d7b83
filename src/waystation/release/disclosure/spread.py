"""Rounding the parts of rounded wholes, so that they add up: the one step of all rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
# Fractions below this come of adding floats, not of people.
DUST = 1e-6


def floors(values: Array, base: int) -> Array:
    """Return the largest multiples of the base that are not above the values."""
    below: Array = np.floor((values + DUST) / base) * base
    return below


def rounded_alone(values: Array, chance: Array, base: int) -> Array:
    """Round values one by one, up with the probability that keeps the mean."""
    below = floors(values, base)
    rounded: Array = below + base * (_fractions(values, below, base) > chance)
    return rounded


def rounded_parts(
    values: Array, group: Array, wholes: Array, chance: Array, base: int
) -> Array:
    """Round each part up or down so that the parts of each whole add up to it.

    How many parts of a whole must go up is given; which ones is decided by Pareto sampling:
    those with the smallest odds of their chance against their fraction. A part of fraction f
    goes up with a probability of about f, and parts keep their turn when others change.

    Args:
        values: The parts, 0 or more; the parts of a whole add up to its true value.
        group: Which whole each is a part of, from 0.
        wholes: The rounded wholes, each the multiple below or above its true value.
        chance: A number between 0 and 1 for each part.
        base: What all become multiples of.

    Returns:
        The rounded parts, each the multiple below or above its value.
    """
    below = floors(values, base)
    fraction = _fractions(values, below, base)
    added = np.bincount(group, weights=below, minlength=len(wholes))
    upward = np.rint((wholes - added) / base)
    odds = np.full(len(values), np.inf)
    may = fraction > 0
    odds[may] = chance[may] / (1 - chance[may]) * (1 - fraction[may]) / fraction[may]
    order = np.lexsort((odds, group))
    sizes = np.bincount(group, minlength=len(wholes))
    first = np.cumsum(sizes) - sizes
    place = np.empty(len(values))
    place[order] = np.arange(len(values)) - first[group[order]]
    rounded: Array = below + base * ((place < upward[group]) & may)
    return rounded


def _fractions(values: Array, below: Array, base: int) -> Array:
    fraction = (values - below) / base
    fraction[fraction * base <= DUST] = 0
    return fraction
