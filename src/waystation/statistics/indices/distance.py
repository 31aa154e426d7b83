"""How far people move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import CollinearCovariate, UnusableArray
from waystation.statistics.flows.fitting.margins import FloatArray, require_amounts
from waystation.statistics.flows.gravity import fit_gravity
from waystation.statistics.indices.spatial import off_diagonal, require_flows


@dataclass(frozen=True, slots=True)
class DistanceIndices:
    """How far people move, in the unit of the distances given.

    Attributes:
        mean: Mean distance of a move.
        median: Distance that half of the moves do not pass, interpolated.
        decay: Percent by which flows change per percent of distance, below 0 if they fall:
            coefficient of log distance beside effects of origins and destinations. Null
            where distance says no more than these effects, as with three areas.
        decay_standard_error: Its robust standard error; null as well.
    """

    mean: float
    median: float
    decay: float | None
    decay_standard_error: float | None


def distance_indices(flows: ArrayLike, distances: ArrayLike) -> DistanceIndices:
    """Compute mean and median distance of moves, and how flows fall with distance.

    The median interpolates between distances at the middle of each one's flow; corridors of
    the same distance are ordered by their flow, so that the order of areas does not matter.

    Args:
        flows: Square matrix of origins by destinations, persons; the diagonal is not used.
        distances: Matrix of the same shape, above 0 off the diagonal.

    Returns:
        The indices, in the unit of the distances.

    Raises:
        UnusableArray: If shapes disagree, there is no flow, or a distance is missing or 0.

    Source:
        Bell et al. (2002), Journal of the Royal Statistical Society A 165(3); Stillwell et
        al. (2016), Population and Development Review 42.
    """
    matrix = require_flows(flows)
    far = np.array(distances, dtype=np.float64)
    if far.shape != matrix.shape:
        raise UnusableArray(name="distances", reason=f"their shape is {far.shape}")
    np.fill_diagonal(far, 1.0)
    far = require_amounts(far, "distances")
    if not far.all():
        raise UnusableArray(name="distances", reason="one between different areas is 0")
    moves, length = off_diagonal(matrix), off_diagonal(far)
    total = float(moves.sum())
    if not total:
        raise UnusableArray(name="flows", reason="there is no flow between different areas")
    order = np.lexsort((moves, length))
    middle = (np.cumsum(moves[order]) - moves[order] / 2) / total
    decay, error = _decay(matrix, far)
    return DistanceIndices(
        mean=float(moves @ length) / total,
        median=float(np.interp(0.5, middle, length[order])),
        decay=decay,
        decay_standard_error=error,
    )


def _decay(flows: FloatArray, distances: FloatArray) -> tuple[float | None, float | None]:
    try:
        fitted = fit_gravity(flows, {"log distance": np.log(distances)})
    except CollinearCovariate:
        return None, None
    if not fitted.is_converged:
        return None, None
    row = fitted.coefficients.row(0, named=True)
    return float(row["estimate"]), float(row["standard_error"])
