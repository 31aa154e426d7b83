"""Tables with given net totals: the nearest to a prior in absolute or squared difference."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import UnusableArray
from waystation.statistics.flows.fitting.margins import BoolArray, Fit, FloatArray, IntArray
from waystation.statistics.flows.fitting.net import (
    NetProblem,
    net_fit,
    net_of,
    net_problem,
    solve_dual,
)

# Cells at 0 do not move at first; a little weight lets a step reach those that soon will.
_IDLE = 1e-3


def nearest_squares(
    prior: ArrayLike,
    net: ArrayLike,
    *,
    allowed: ArrayLike | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 500,
) -> Fit:
    """Find the table nearest to a prior, in squared difference, that has given net totals.

    A quadratic programme: cells are at least 0, and ``y[i, j] = max(0, prior[i, j] + u[j] -
    u[i])`` for potentials u, which Newton's method on the dual finds. The solution is unique.

    Args:
        prior: Matrix of origins by destinations, at least 0. A cell of 0 may grow.
        net: Inflow less outflow of each area; must add up to 0.
        allowed: Cells that may be used, others are 0 in the fit; all but the diagonal if not
            given. The diagonal is kept as it is wherever it is allowed.
        tolerance: Largest misfit that counts as met.
        max_iterations: Newton steps after which to stop.

    Returns:
        The fit; misfit ``net``.

    Raises:
        UnbalancedMargins: If the net totals do not add up to 0.
        UnusableArray: If shapes disagree, or values are missing or negative.
    """
    problem = net_problem(
        prior, net, allowed=_open(prior, allowed), tolerance=tolerance, is_open=True
    )

    def cells(u: FloatArray) -> FloatArray:
        moved = problem.prior + u[None, :] - u[:, None]
        return np.where(problem.is_allowed, np.maximum(moved, 0.0), 0.0)

    potentials, iterations = solve_dual(
        problem,
        cells,
        lambda y: np.where(problem.is_allowed, np.where(y > 0, 1.0, _IDLE), 0.0),
        lambda y: float((y * y).sum()) / 2,
        steps=max_iterations,
        reach=np.inf,
    )
    return net_fit(problem, cells(potentials), iterations, is_open=True)


def nearest_absolute(
    prior: ArrayLike,
    net: ArrayLike,
    *,
    allowed: ArrayLike | None = None,
    tolerance: float = 1e-6,
) -> Fit:
    """Find a table nearest to a prior, in absolute difference, that has given net totals.

    A linear programme, solved exactly as the cheapest shipment from areas with too much to
    areas with too little: each person costs one for every cell changed on the way. Many
    tables are equally near. Where every such pair of areas may be used, the shipments are
    shared in proportion, so that the order of areas does not matter; where some may not, the
    shortest ways are filled in the order of the areas.

    Args:
        prior: Matrix of origins by destinations, at least 0. A cell of 0 may grow.
        net: Inflow less outflow of each area; must add up to 0.
        allowed: Cells that may be used, others are 0 in the fit; all but the diagonal if not
            given.
        tolerance: Largest misfit that counts as met.

    Returns:
        The fit; misfit ``net``.

    Raises:
        UnbalancedMargins: If the net totals do not add up to 0.
        UnusableArray: If shapes disagree, or values are missing or negative.

    Source:
        Ahuja, Magnanti and Orlin (1993), Network Flows, chapter 9 (successive shortest path).
    """
    problem = net_problem(
        prior, net, allowed=_open(prior, allowed), tolerance=tolerance, is_open=True
    )
    change = problem.net - net_of(problem.prior)
    surplus, need = np.maximum(-change, 0.0), np.maximum(change, 0.0)
    wanted = np.outer(surplus > 0, need > 0)
    if not wanted.any():
        return net_fit(problem, problem.prior.copy(), 0, is_open=True)
    if (problem.is_allowed | ~wanted).all():
        values = problem.prior + np.outer(surplus, need) / need.sum()
        return net_fit(problem, values, 1, is_open=True)
    moved, steps = _cheapest_shipment(problem, surplus, need)
    net_moved = np.maximum(moved - moved.T, 0.0)
    # What cannot be added from i to j is taken from the flow from j to i.
    added = np.where(problem.is_allowed, net_moved, 0.0)
    taken = np.where(problem.is_allowed, 0.0, net_moved).T
    values = np.maximum(problem.prior + added - taken, 0.0)
    return net_fit(problem, values, steps, is_open=True)


def _cheapest_shipment(
    problem: NetProblem, surplus: FloatArray, need: FloatArray
) -> tuple[FloatArray, int]:
    """Ship surplus to need by successive shortest ways; return what is moved i to j."""
    n = surplus.size
    capacity = np.where(problem.is_allowed, np.inf, problem.prior.T)
    np.fill_diagonal(capacity, 0.0)
    shipped, potential, sink = np.zeros((n, n)), np.zeros(n), 0.0
    surplus, need = surplus.copy(), need.copy()
    least = problem.tolerance * 1e-6
    for step in range(100 * n):
        if not (surplus > least).any():
            return shipped, step
        # An arc costs 1; undoing what was shipped the other way gives 1 back.
        back = least < shipped.T
        cost = np.where(back, -1.0, 1.0) + potential[:, None] - potential[None, :]
        cost[~(back | (capacity - shipped > least))] = np.inf
        to_sink = np.where(need > least, potential - sink, np.inf)
        distance, before = _shortest(np.maximum(cost, 0.0), surplus > least, to_sink)
        ends = np.where(need > least, distance + potential, np.inf)
        target = int(ends.argmin())
        if not np.isfinite(ends[target]):
            return shipped, step
        way = [target]
        while before[way[-1]] >= 0:
            way.append(int(before[way[-1]]))
        arcs = list(zip(way[1:], way[:-1], strict=True))
        amount = min(surplus[way[-1]], need[target])
        for i, j in arcs:
            room = shipped[j, i] if back[i, j] else capacity[i, j] - shipped[i, j]
            amount = min(amount, room)
        for i, j in arcs:
            if back[i, j]:
                shipped[j, i] -= amount
            else:
                shipped[i, j] += amount
        surplus[way[-1]] -= amount
        need[target] -= amount
        potential += np.minimum(distance, ends[target] - sink)
        sink = float(ends[target])
    return shipped, 100 * n


def _shortest(
    cost: FloatArray, is_start: BoolArray, to_sink: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Return least cost from any start to each area, and the area before it (-1 for none).

    The search ends at the first end reached; areas farther away stay infinitely far.
    """
    distance = np.where(is_start, 0.0, np.inf)
    before = np.full(distance.size, -1, dtype=np.int64)
    waiting, best = distance.copy(), np.inf
    for _ in range(distance.size):
        nearest = int(waiting.argmin())
        if not waiting[nearest] < best:
            break
        waiting[nearest] = np.inf
        best = min(best, float(distance[nearest] + max(0.0, float(to_sink[nearest]))))
        through = distance[nearest] + cost[nearest]
        is_better = through < distance - 1e-12
        distance[is_better] = waiting[is_better] = through[is_better]
        before[is_better] = nearest
    return distance, before


def _open(prior: ArrayLike, allowed: ArrayLike | None) -> ArrayLike:
    if allowed is not None:
        return allowed
    size = np.asarray(prior).shape
    if len(size) != 2:
        raise UnusableArray(name="prior", reason=f"it has {len(size)} axes, not 2")
    return ~np.eye(size[0], size[1], dtype=bool)
