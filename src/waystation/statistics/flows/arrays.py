"""The kinds of arrays that flow estimation passes along, and division where nobody is."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
"""Persons or weights."""

Bools = np.ndarray[Any, np.dtype[np.bool_]]
"""Which places of an array are meant."""

Places = np.ndarray[Any, np.dtype[np.intp]]
"""Positions of areas."""


def ratio(part: Array, whole: Array) -> Array:
    """Return part / whole, and 0 where whole is not above 0."""
    answer: Array = np.divide(
        part, whole, out=np.zeros_like(whole, dtype=float), where=whole > 0
    )
    return answer


def without_diagonal(table: Array) -> Array:
    """Return a copy with 0 on the diagonal."""
    copy: Array = table.copy()
    np.fill_diagonal(copy, 0.0)
    return copy
