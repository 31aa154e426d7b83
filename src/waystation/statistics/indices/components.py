"""Multiplicative components of a table: its level, shares, and what they do not explain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import UnusableArray
from waystation.statistics.flows.fitting.margins import FloatArray, require_amounts


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """A table taken apart.

    Attributes:
        total: Sum of the table.
        shares: Share of the total by axes kept: ``(0,)`` origins, ``(1,)`` destinations,
            ``(0, 1)`` corridors, and so on.
        ratios: Each cell by what the shares of single axes alone give; 1 is as expected,
            null (NaN) where they give 0.
    """

    total: float
    shares: Mapping[tuple[int, ...], FloatArray]
    ratios: FloatArray


def multiplicative_components(table: ArrayLike) -> Components:
    """Take a table of flows apart into level, shares and interaction.

    ``cell = total * share[i] * share[j] (* share[k]) * ratio``.

    Args:
        table: Flows by origin, destination and, if wanted, age, type or more.

    Returns:
        Its components.

    Raises:
        UnusableArray: If values are missing or negative, or all are 0.

    Source:
        Raymer, Bonaguidi and Valentini (2006), Population, Space and Place 12(5); Rogers,
        Little and Raymer (2010), The Indirect Estimation of Migration.
    """
    cells = require_amounts(table, "table")
    total = float(cells.sum())
    if not total:
        raise UnusableArray(name="table", reason="all its cells are 0")
    axes = range(cells.ndim)
    shares = {
        kept: np.asarray(
            cells.sum(axis=tuple(a for a in axes if a not in kept)) / total, dtype=np.float64
        )
        for count in range(1, cells.ndim)
        for kept in combinations(axes, count)
    }
    expected = np.full(cells.shape, total)
    for axis in axes:
        others = tuple(a for a in axes if a != axis)
        expected *= np.expand_dims(cells.sum(axis=others) / total, others)
    ratios = np.divide(cells, expected, out=np.full(cells.shape, np.nan), where=expected > 0)
    return Components(total, shares, ratios)
