"""Iterative proportional fitting of two- and three-way tables, blocks, stripes and stayers."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import UnusableArray
from waystation.statistics.flows.fitting.margins import (
    Fit,
    FloatArray,
    IntArray,
    Margin,
    fit_margins,
    require_amounts,
    require_balance,
)


def fit_two_way(
    seed: ArrayLike,
    *,
    rows: ArrayLike | None = None,
    columns: ArrayLike | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 10_000,
) -> Fit:
    """Fit a matrix to row totals, column totals or both.

    The fitted cells are ``a[i] * b[j] * seed[i, j]``: the odds ratios are those of the seed.

    Args:
        seed: Matrix of origins (rows) by destinations (columns), at least 0.
        rows: Total of each row; None leaves the rows free.
        columns: Total of each column; None leaves the columns free.
        tolerance: Largest misfit that counts as met, in units of the table.
        max_iterations: Rounds after which to stop.

    Returns:
        The fit; misfits named ``columns`` and ``rows``.

    Raises:
        UnbalancedMargins: If rows and columns do not add up to the same, whichever is more.
        UnusableArray: If shapes disagree, or values are missing or negative.

    Source:
        Willekens (1999), Population Studies 53(3), on migration tables.
    """
    matrix = _matrix(seed)
    margins = []
    if columns is not None:
        target = require_amounts(columns, "columns", shape=(matrix.shape[1],))
        margins.append(Margin("columns", target, axes=(1,)))
    if rows is not None:
        target = require_amounts(rows, "rows", shape=(matrix.shape[0],))
        margins.append(Margin("rows", target, axes=(0,)))
    if len(margins) == 2:
        require_balance(margins[1], margins[0])
    return fit_margins(matrix, margins, tolerance=tolerance, max_iterations=max_iterations)


def fit_blocks(
    *,
    rows: ArrayLike,
    columns: ArrayLike,
    groups: ArrayLike,
    block_totals: ArrayLike,
    seed: ArrayLike | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 10_000,
) -> Fit:
    """Fit a square matrix to row, column and block totals.

    Args:
        rows: Total of each row.
        columns: Total of each column.
        groups: Group of each area, numbered from 0; cell i, j lies in block
            ``groups[i], groups[j]``.
        block_totals: Square matrix, total of each block by group of origin and destination.
        seed: Matrix to start from; ones if not given.
        tolerance: Largest misfit that counts as met.
        max_iterations: Rounds after which to stop.

    Returns:
        The fit; misfits named ``columns``, ``rows`` and ``blocks``.

    Raises:
        UnbalancedMargins: If the three do not add up to the same.
        UnusableArray: If shapes disagree, or values are missing or negative.
    """
    group, number = _groups(groups)
    matrix = _matrix(np.ones((group.size, group.size)) if seed is None else seed)
    if matrix.shape != (group.size, group.size):
        raise UnusableArray(name="groups", reason="there is not one for each row and column")
    margins = [
        Margin("columns", require_amounts(columns, "columns", shape=(group.size,)), axes=(1,)),
        Margin("rows", require_amounts(rows, "rows", shape=(group.size,)), axes=(0,)),
        Margin(
            "blocks",
            require_amounts(block_totals, "block totals", shape=(number, number)),
            groups=group[:, None] * number + group[None, :],
        ),
    ]
    require_balance(margins[1], margins[0])
    require_balance(margins[2], margins[0])
    return fit_margins(matrix, margins, tolerance=tolerance, max_iterations=max_iterations)


def fit_stripes(
    *,
    rows: ArrayLike,
    groups: ArrayLike,
    stripe_totals: ArrayLike,
    columns: ArrayLike | None = None,
    seed: ArrayLike | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 10_000,
) -> Fit:
    """Fit a matrix to row totals and totals of stripes, the parts of a row.

    Args:
        rows: Total of each row.
        groups: Group of each column, numbered from 0; a stripe is a row's cells of one group.
        stripe_totals: Total of each stripe: rows by groups.
        columns: Total of each column; None leaves the columns free.
        seed: Matrix to start from; ones if not given.
        tolerance: Largest misfit that counts as met.
        max_iterations: Rounds after which to stop.

    Returns:
        The fit; misfits named ``columns`` if asked for, ``rows`` and ``stripes``.

    Raises:
        UnbalancedMargins: If margins do not add up to the same, in any row or in all.
        UnusableArray: If shapes disagree, or values are missing or negative.
    """
    group, number = _groups(groups)
    row_target = require_amounts(rows, "rows")
    size = (row_target.size, group.size)
    matrix = _matrix(np.ones(size) if seed is None else seed)
    if matrix.shape != size:
        raise UnusableArray(name="seed", reason=f"its shape is {matrix.shape}, not {size}")
    shape = (row_target.size, number)
    stripes = Margin(
        "stripes",
        require_amounts(stripe_totals, "stripe totals", shape=shape),
        groups=np.arange(row_target.size)[:, None] * number + group[None, :],
    )
    row_margin = Margin("rows", row_target, axes=(0,))
    by_row = dataclasses.replace(stripes, target=stripes.target.sum(axis=1))
    require_balance(row_margin, by_row, over=row_target.size)
    margins = [row_margin, stripes]
    if columns is not None:
        target = require_amounts(columns, "columns", shape=(group.size,))
        margins.insert(0, Margin("columns", target, axes=(1,)))
        require_balance(row_margin, margins[0])
    return fit_margins(matrix, margins, tolerance=tolerance, max_iterations=max_iterations)


def fit_three_way(
    *,
    by_origin: ArrayLike,
    by_destination: ArrayLike,
    seed: ArrayLike | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 10_000,
) -> Fit:
    """Fit flows by origin, destination and birthplace to stocks at both ends of a period.

    With no seed this is the independence model, ``r[i, k] * c[j, k] / total[k]``.

    Args:
        by_origin: People by area at the start (rows) and birthplace (columns).
        by_destination: People by area at the end (rows) and birthplace (columns).
        seed: Array origin, destination, birthplace; or a matrix origin, destination used for
            every birthplace; ones if not given.
        tolerance: Largest misfit that counts as met.
        max_iterations: Rounds after which to stop.

    Returns:
        The fit: values by origin, destination and birthplace; misfits named ``by
        destination`` and ``by origin``.

    Raises:
        UnbalancedMargins: If a birthplace has not the same people at both ends.
        UnusableArray: If shapes disagree, or values are missing or negative.

    Source:
        Abel (2013), Demographic Research 28(18); Raymer, Abel and Smith (2007), Journal of
        the Royal Statistical Society A 170(4).
    """
    start, end = _ends(by_origin, by_destination)
    values = _three_way_seed(seed, start, end)
    return _fit_ends(values, start, end, tolerance, max_iterations)


def fit_quasi_independence(
    *,
    by_origin: ArrayLike,
    by_destination: ArrayLike,
    seed: ArrayLike | None = None,
    stayers: ArrayLike | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 10_000,
) -> Fit:
    """Fit flows by birthplace with those who stay held fixed.

    By default as many stay as the two stocks allow, so that the flows are the fewest that
    explain them. The rest is fitted off the diagonal.

    Args:
        by_origin: People by area at the start (rows) and birthplace (columns).
        by_destination: People by area at the end (rows) and birthplace (columns).
        seed: As for `fit_three_way`; its diagonal is not used.
        stayers: People who stay, by area and birthplace; the smaller of the two stocks if
            not given.
        tolerance: Largest misfit that counts as met.
        max_iterations: Rounds after which to stop.

    Returns:
        The fit, stayers on the diagonal of origin and destination.

    Raises:
        UnbalancedMargins: If a birthplace has not the same people at both ends.
        UnusableArray: If more stay than there are, or shapes disagree, or values are missing.

    Source:
        Abel (2013), Demographic Research 28(18).
    """
    start, end = _ends(by_origin, by_destination)
    stay = np.minimum(start, end)
    if stayers is not None:
        given = require_amounts(stayers, "stayers", shape=start.shape)
        if (given > stay).any():
            area, birthplace = (int(i) for i in np.argwhere(given > stay)[0])
            reason = (
                f"more stay in area {area} of those born in {birthplace} than the stocks hold"
            )
            raise UnusableArray(name="stayers", reason=reason)
        stay = given
    values = _three_way_seed(seed, start, end)
    diagonal = np.arange(start.shape[0])
    values[diagonal, diagonal, :] = 0.0
    fit = _fit_ends(values, start - stay, end - stay, tolerance, max_iterations)
    fit.values[diagonal, diagonal, :] = stay
    return fit


def _fit_ends(
    seed: FloatArray, start: FloatArray, end: FloatArray, tolerance: float, rounds: int
) -> Fit:
    margins = (
        Margin("by destination", end, axes=(1, 2)),
        Margin("by origin", start, axes=(0, 2)),
    )
    require_balance(margins[1], margins[0], over=start.shape[1])
    return fit_margins(seed, margins, tolerance=tolerance, max_iterations=rounds)


def _ends(by_origin: ArrayLike, by_destination: ArrayLike) -> tuple[FloatArray, FloatArray]:
    start = require_amounts(by_origin, "stock at the start")
    end = require_amounts(by_destination, "stock at the end")
    if start.ndim != 2 or start.shape != end.shape:
        reason = f"its shape is {end.shape}, that at the start {start.shape}"
        raise UnusableArray(name="stock at the end", reason=reason)
    return start, end


def _three_way_seed(seed: ArrayLike | None, start: FloatArray, end: FloatArray) -> FloatArray:
    shape = (start.shape[0], end.shape[0], start.shape[1])
    if seed is None:
        return np.ones(shape)
    given = require_amounts(seed, "seed")
    if given.ndim == 2 and given.shape == shape[:2]:
        given = np.repeat(given[:, :, None], shape[2], axis=2)
    return require_amounts(given, "seed", shape=shape)


def _matrix(seed: ArrayLike) -> FloatArray:
    matrix = require_amounts(seed, "seed")
    if matrix.ndim != 2:
        raise UnusableArray(name="seed", reason=f"it has {matrix.ndim} axes, not 2")
    return matrix


def _groups(groups: ArrayLike) -> tuple[IntArray, int]:
    group = np.asarray(groups, dtype=np.int64)
    if group.ndim != 1 or group.size == 0 or group.min() < 0:
        raise UnusableArray(name="groups", reason="give one number from 0 for each area")
    return group, int(group.max()) + 1
