"""Models with origin and destination factors, by conditional maximisation."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import UnusableArray
from waystation.statistics.flows.fitting.margins import (
    ROUNDING,
    Fit,
    FloatArray,
    Margin,
    Misfit,
    require_amounts,
    require_balance,
)


def maximise_two_way(
    seed: ArrayLike,
    *,
    rows: ArrayLike,
    columns: ArrayLike,
    tolerance: float = 1e-6,
    max_iterations: int = 10_000,
) -> Fit:
    """Find the factors of ``y[i, j] = a[i] * b[j] * seed[i, j]`` that meet both margins.

    The fitted table is that of `fit_two_way`; this way also gives the factors.

    Args:
        seed: Matrix of origins by destinations, at least 0.
        rows: Total of each row.
        columns: Total of each column.
        tolerance: Largest misfit that counts as met, in units of the table.
        max_iterations: Rounds after which to stop.

    Returns:
        The fit; factors ``origin`` and ``destination``.

    Raises:
        UnbalancedMargins: If rows and columns do not add up to the same.
        UnusableArray: If shapes disagree, or values are missing or negative.

    Source:
        Willekens (1999), Population Studies 53(3).
    """
    matrix = require_amounts(seed, "seed")
    if matrix.ndim != 2:
        raise UnusableArray(name="seed", reason=f"it has {matrix.ndim} axes, not 2")
    return _maximise(matrix, matrix, rows, columns, tolerance, max_iterations)


def maximise_three_way(
    seed: ArrayLike,
    *,
    rows: ArrayLike,
    columns: ArrayLike,
    tolerance: float = 1e-6,
    max_iterations: int = 10_000,
) -> Fit:
    """Find the factors of ``y[i, j, k] = a[i] * b[j] * seed[i, j, k]``.

    The margins are totals over the third axis (age, type). The factors depend on the seed's
    sum over that axis alone, so they are found on a matrix.

    Args:
        seed: Array of origins by destinations by a third axis, at least 0.
        rows: Total of each origin.
        columns: Total of each destination.
        tolerance: Largest misfit that counts as met.
        max_iterations: Rounds after which to stop.

    Returns:
        The fit; factors ``origin`` and ``destination``.

    Raises:
        UnbalancedMargins: If rows and columns do not add up to the same.
        UnusableArray: If shapes disagree (there is one total for each origin and one for
            each destination), or values are missing or negative.

    Source:
        Willekens (1999), Population Studies 53(3).
    """
    array = require_amounts(seed, "seed")
    if array.ndim != 3:
        raise UnusableArray(name="seed", reason=f"it has {array.ndim} axes, not 3")
    return _maximise(array, array.sum(axis=2), rows, columns, tolerance, max_iterations)


def _maximise(
    seed: FloatArray,
    matrix: FloatArray,
    rows: ArrayLike,
    columns: ArrayLike,
    tolerance: float,
    max_iterations: int,
) -> Fit:
    row = Margin("rows", require_amounts(rows, "rows", shape=matrix.shape[:1]), axes=(0,))
    column = Margin(
        "columns", require_amounts(columns, "columns", shape=matrix.shape[1:]), axes=(1,)
    )
    require_balance(row, column)
    tolerance = max(tolerance, ROUNDING * float(row.target.sum()))
    origin, destination = np.ones(matrix.shape[0]), np.ones(matrix.shape[1])
    before, iteration = np.inf, 0
    for iteration in range(1, max_iterations + 1):
        origin = _ratio(row.target, matrix @ destination)
        sums = origin @ matrix
        worst = float(np.abs(sums * destination - column.target).max(initial=0.0))
        destination = _ratio(column.target, sums)
        if worst <= tolerance:
            rows_off = np.abs(origin * (matrix @ destination) - row.target)
            if float(rows_off.max(initial=0.0)) <= tolerance:
                break
            continue
        if iteration % 10 == 0:
            if abs(before - worst) <= 1e-7 * worst:
                break
            before = worst
    factor = origin[:, None] * destination[None, :]
    values = seed * (factor if seed.ndim == 2 else factor[:, :, None])
    misfits = tuple(
        Misfit(m.name, m.of(values) - m.target, (m.of(seed) <= 0) & (m.target > 0))
        for m in (row, column)
    )
    return Fit(
        values,
        iteration,
        misfits,
        all(m.largest <= tolerance for m in misfits),
        tolerance,
        MappingProxyType({"origin": origin, "destination": destination}),
    )


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.zeros_like(above), where=(below > 0) & (above > 0))
