"""Seeds, blocks and stripes of tables, and the roots that net fits need."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import UnusableArray
from waystation.statistics.flows.fitting.margins import FloatArray


def uniform_seed(*shape: int) -> FloatArray:
    """Return a table of ones."""
    return np.ones(shape)


def repeated_seed(matrix: ArrayLike, times: int) -> FloatArray:
    """Return origin by destination by ``times``: one matrix for every birthplace."""
    return np.repeat(np.asarray(matrix, dtype=np.float64)[:, :, None], times, axis=2)


def block_matrix(values: ArrayLike, sizes: ArrayLike, *, by_row: bool = False) -> FloatArray:
    """Return a matrix in which every cell of a block has the block's value.

    Args:
        values: One value for each block; down the columns, as labels of blocks are usually
            numbered, unless ``by_row``.
        sizes: Areas in each group.
        by_row: Whether the values run along the rows.

    Raises:
        UnusableArray: If there is not one value for each pair of groups.
    """
    counts = np.asarray(sizes, dtype=np.int64)
    blocks = _arranged(values, (counts.size, counts.size), by_row)
    return np.repeat(np.repeat(blocks, counts, axis=0), counts, axis=1)


def stripe_matrix(values: ArrayLike, sizes: ArrayLike, *, by_row: bool = False) -> FloatArray:
    """Return a square matrix in which every cell of a stripe has the stripe's value.

    Args:
        values: One value for each row and group; down the columns unless ``by_row``.
        sizes: Columns in each group; their sum is the number of rows.
        by_row: Whether the values run along the rows.

    Raises:
        UnusableArray: If there is not one value for each row and group.
    """
    counts = np.asarray(sizes, dtype=np.int64)
    stripes = _arranged(values, (int(counts.sum()), counts.size), by_row)
    return np.repeat(stripes, counts, axis=1)


def block_sums(matrix: ArrayLike, labels: ArrayLike) -> FloatArray:
    """Return the sum of the cells with each label, in ascending order of the labels.

    Raises:
        UnusableArray: If there is not one label for each cell.
    """
    cells, names = np.asarray(matrix, dtype=np.float64), np.asarray(labels)
    if cells.shape != names.shape:
        raise UnusableArray(name="labels", reason="there is not one for each cell")
    _, group = np.unique(names, return_inverse=True)
    return np.bincount(group.ravel(), cells.ravel()).astype(np.float64)


def quadratic_roots(a: float, b: float, c: float) -> tuple[float, ...]:
    """Return the real roots of ``a x^2 + b x + c``, largest first.

    A root that would be the difference of two close numbers is taken from the other one, so
    that it keeps its digits. No real root, or no square term, gives none.
    """
    square = b * b - 4 * a * c
    if a == 0 or square < 0:
        return ()
    if square == 0:
        return (-b / (2 * a),)
    q = -0.5 * (b + math.copysign(math.sqrt(square), b))
    return tuple(sorted((q / a, c / q), reverse=True))


def _arranged(values: ArrayLike, shape: tuple[int, int], by_row: bool) -> FloatArray:
    given = np.asarray(values, dtype=np.float64).ravel()
    if given.size != shape[0] * shape[1]:
        reason = f"there are {given.size}, and {shape[0]} x {shape[1]} are needed"
        raise UnusableArray(name="values", reason=reason)
    return given.reshape(shape, order="C" if by_row else "F")
