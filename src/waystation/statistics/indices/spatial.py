"""How migration is spread over corridors: connectivity, inequality, concentration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import InvalidChoice, UnusableArray
from waystation.statistics.flows.fitting.margins import FloatArray, require_amounts
from waystation.statistics.flows.fitting.proportional import fit_two_way

VARIANTS = ("textbook", "migest")


@dataclass(frozen=True, slots=True)
class SpatialIndices:
    """Indices of one table of flows; every one of corridors between different areas.

    Attributes:
        connectivity: Share of corridors with any flow.
        inequality_equal: Half the sum of absolute differences of shares from equal shares.
        inequality_expected: The same from what totals of origins and destinations alone
            would give between different areas; null if that model cannot be met.
        gini_total: Gini coefficient of all corridors, 0 all equal, 1 all in one.
        gini_origin_standardised: Part of it that lies within the rows.
        gini_destination_standardised: Part of it that lies within the columns.
        mwg_origin: Gini of each origin's destinations, weighted by its outflow.
        mwg_destination: Gini of each destination's origins, weighted by its inflow.
        mwg_mean: Mean of the two.
        cv: Coefficient of variation of all corridors.
        acv: Coefficients of variation of rows and columns, weighted by flows, added.
    """

    connectivity: float
    inequality_equal: float
    inequality_expected: float | None
    gini_total: float
    gini_origin_standardised: float
    gini_destination_standardised: float
    mwg_origin: float
    mwg_destination: float
    mwg_mean: float
    cv: float
    acv: float


def spatial_indices(flows: ArrayLike, *, variant: str = "textbook") -> SpatialIndices:
    """Compute how evenly migration is spread over the corridors of a table.

    Args:
        flows: Square matrix of origins by destinations, persons; the diagonal is not used.
        variant: ``"textbook"``, or ``"migest"`` for its migration-weighted Gini (weighted by
            the other margin and divided once more by the areas) and its coefficient of
            variation (not one).

    Returns:
        The indices; null, not 0, where one has no meaning for the table.

    Raises:
        InvalidChoice: If the variant is neither.
        UnusableArray: If the matrix is not square, has fewer than 3 areas or no flow, or
            values are missing or negative.

    Source:
        Bell et al. (2002), Journal of the Royal Statistical Society A 165(3); Plane and
        Mulligan (1997), Demography 34(2); Rogers and Raymer (1998), Demography 35(2).
    """
    _require_variant(variant)
    matrix = require_flows(flows)
    n = matrix.shape[0]
    if n < 3:
        raise UnusableArray(name="flows", reason="indices of spread need at least 3 areas")
    cells = off_diagonal(matrix)
    total = float(cells.sum())
    if not total:
        raise UnusableArray(name="flows", reason="there is no flow between different areas")
    out, into = matrix.sum(axis=1), matrix.sum(axis=0)
    rows, columns = _rows(matrix), _rows(matrix.T)
    count = n * (n - 1)
    spread = gini(cells, corrected=False)
    mwg_origin = _weighted_gini(rows, out if variant == "textbook" else into, total)
    mwg_destination = _weighted_gini(columns, into if variant == "textbook" else out, total)
    if variant == "migest":
        mwg_origin, mwg_destination = mwg_origin / n, mwg_destination / n
    return SpatialIndices(
        connectivity=float((cells > 0).mean()),
        inequality_equal=float(np.abs(cells / total - 1 / count).sum() / 2),
        inequality_expected=_inequality_expected(matrix, out, into, total),
        gini_total=gini(cells),
        gini_origin_standardised=_within(rows, count * total) / spread if spread else 0.0,
        gini_destination_standardised=(
            _within(columns, count * total) / spread if spread else 0.0
        ),
        mwg_origin=mwg_origin,
        mwg_destination=mwg_destination,
        mwg_mean=(mwg_origin + mwg_destination) / 2,
        cv=_migest_cv(matrix) if variant == "migest" else float(cells.std() / cells.mean()),
        acv=_weighted_cv(rows, out, total) + _weighted_cv(columns, into, total),
    )


def gini(values: ArrayLike, *, corrected: bool = True) -> float:
    """Return the Gini coefficient of amounts, by sorting them.

    Args:
        values: Amounts, at least 0.
        corrected: Whether all in one of N values gives 1, rather than 1 - 1/N.

    Raises:
        UnusableArray: If there are fewer than 2 values, all are 0, or some are missing.
    """
    amounts = np.sort(require_amounts(values, "values").ravel())
    total = amounts.sum()
    if amounts.size < 2 or not total:
        raise UnusableArray(name="values", reason="a Gini coefficient needs two, not all 0")
    size = amounts.size
    # The sum of absolute differences of all ordered pairs, halved.
    pairs = max(0.0, float((2 * np.arange(1, size + 1) - size - 1) @ amounts))
    return pairs / ((size - 1 if corrected else size) * float(total))


def require_flows(flows: ArrayLike) -> FloatArray:
    """Return a square matrix of flows with the diagonal set to 0.

    Raises:
        UnusableArray: If it is not square, or values off the diagonal are missing or negative.
    """
    matrix = np.array(flows, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise UnusableArray(name="flows", reason=f"their shape {matrix.shape} is not square")
    np.fill_diagonal(matrix, 0.0)
    return require_amounts(matrix, "flows")


def off_diagonal(matrix: FloatArray) -> FloatArray:
    """Return the cells between different areas, row by row."""
    return matrix[~np.eye(matrix.shape[0], dtype=bool)]


def expected_flows(flows: ArrayLike) -> FloatArray:
    """Return what totals of origins and destinations alone would give between areas.

    Quasi-independence: no flow within an area, no preference between two.

    Raises:
        UnusableArray: If the matrix is not square, or no such table exists.
    """
    matrix = require_flows(flows)
    fit = fit_two_way(
        1.0 - np.eye(matrix.shape[0]), rows=matrix.sum(axis=1), columns=matrix.sum(axis=0)
    )
    if fit.largest_misfit > 1e-6 * max(1.0, float(matrix.sum())):
        raise UnusableArray(
            name="flows", reason="no table without flows within areas has these totals"
        )
    return fit.values


def _inequality_expected(
    matrix: FloatArray, out: FloatArray, into: FloatArray, total: float
) -> float | None:
    try:
        expected = expected_flows(matrix)
    except UnusableArray:
        return None
    return float(np.abs(matrix - expected).sum() / total / 2)


def _rows(matrix: FloatArray) -> FloatArray:
    n = matrix.shape[0]
    return off_diagonal(matrix).reshape(n, n - 1)


def _pairs(rows: FloatArray) -> FloatArray:
    """Return half the sum of absolute differences of all ordered pairs within each row."""
    size = rows.shape[1]
    ranks = 2 * np.arange(1, size + 1) - size - 1
    return np.asarray(np.sort(rows, axis=1) @ ranks, dtype=np.float64)


def _within(rows: FloatArray, scale: float) -> float:
    return max(0.0, float(_pairs(rows).sum() / scale))


def _weighted_gini(rows: FloatArray, weights: FloatArray, total: float) -> float:
    sums = rows.sum(axis=1)
    coefficient = np.divide(
        _pairs(rows), (rows.shape[1] - 1) * sums, out=np.zeros_like(sums), where=sums > 0
    )
    return max(0.0, float(weights @ coefficient / total))


def _weighted_cv(rows: FloatArray, weights: FloatArray, total: float) -> float:
    mean = rows.mean(axis=1)
    cv = np.divide(rows.std(axis=1), mean, out=np.zeros_like(mean), where=mean > 0)
    return float(weights @ cv / total)


def _migest_cv(matrix: FloatArray) -> float:
    squares = matrix.shape[0] ** 2
    variance = ((matrix - matrix.mean()) ** 2).sum() / (squares * (squares - 1))
    return float(np.sqrt(variance / matrix.mean()))


def _require_variant(variant: str) -> None:
    if variant not in VARIANTS:
        raise InvalidChoice(value=variant, option="variant", choices=", ".join(VARIANTS))
