"""Tables with given net totals: the one closest to a prior in entropy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import UnbalancedMargins, UnusableArray
from waystation.statistics.flows.fitting.margins import (
    ROUNDING,
    BoolArray,
    Fit,
    FloatArray,
    IntArray,
    Misfit,
    require_amounts,
)

# A potential past this size means a factor of exp(60): the total is met only at infinity.
_FAR = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class NetProblem:
    """A prior, the cells that may be used, and the net total of each area.

    Attributes:
        prior: Origins by destinations; 0 where a cell may not be used.
        is_allowed: Cells that may be other than 0.
        net: Inflow less outflow of each area; adds up to 0.
        tolerance: Misfit that counts as met.
        component: Number of the group of areas that allowed cells connect.
    """

    prior: FloatArray
    is_allowed: BoolArray
    net: FloatArray
    tolerance: float
    component: IntArray


def fit_net(
    prior: ArrayLike,
    net: ArrayLike,
    *,
    total: float | None = None,
    allowed: ArrayLike | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 200,
) -> Fit:
    """Find the table closest to a prior, in entropy, that has given net totals.

    Its cells are ``y[i, j] = prior[i, j] * exp(u[j] - u[i])``, with a common factor besides
    where a total is given. Entropy (Kullback-Leibler divergence from the prior) and the fixed
    point of conditional maximisation have this one solution; here it is found by Newton's
    method on the dual, which has one unknown for each area.

    Args:
        prior: Matrix of origins by destinations, at least 0. A cell of 0 stays 0. The
            diagonal is part of the table, and of the total where one is given; net totals do
            not touch it. Leave it out with ``allowed``.
        net: Inflow less outflow of each area; must add up to 0.
        total: Sum of the whole table; None leaves it free.
        allowed: Matrix of cells that may be used, others are 0 in the fit; all if not given.
        tolerance: Largest misfit that counts as met.
        max_iterations: Newton steps after which to stop.

    Returns:
        The fit; misfits ``net`` and ``total``; factors ``origin`` (the ``exp(-u)`` of each
        area, whose geometric mean is 1) and ``common``. A net total that the allowed cells
        cannot carry is told in ``unreachable``.

    Raises:
        UnbalancedMargins: If the net totals do not add up to 0.
        UnusableArray: If shapes disagree, values are missing or negative, or a total is asked
            for that is not above 0.

    Source:
        Willekens (1999), Population Studies 53(3); Abel and Cohen (2019), Scientific Data 6.
    """
    problem = net_problem(prior, net, allowed=allowed, tolerance=tolerance)
    if total is not None and not (np.isfinite(total) and total > 0):
        raise UnusableArray(name="total", reason=f"{total} is not above 0")

    def cells(u: FloatArray) -> FloatArray:
        shift = u[:-1] if total is not None else u
        common = u[-1] if total is not None else 0.0
        exponent = np.clip(common + shift[None, :] - shift[:, None], -700, 700)
        return problem.prior * np.exp(exponent)

    potentials, iterations = solve_dual(
        problem, cells, lambda y: y, lambda y: float(y.sum()), total=total, steps=max_iterations
    )
    values = cells(potentials)
    shift = potentials[: problem.net.size]
    common = np.exp(potentials[-1:]) if total is not None else np.ones(1)
    factors = {"origin": np.exp(-(shift - shift.mean())), "common": common}
    return net_fit(problem, values, iterations, total=total, factors=factors)


def net_problem(
    prior: ArrayLike,
    net: ArrayLike,
    *,
    allowed: ArrayLike | None,
    tolerance: float,
    is_open: bool = False,
) -> NetProblem:
    """Return prior, mask and net totals, checked; ``is_open`` if cells of 0 may grow.

    Raises:
        UnbalancedMargins: If the net totals do not add up to 0.
        UnusableArray: If shapes disagree, or values are missing or negative.
    """
    matrix = require_amounts(prior, "prior")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise UnusableArray(name="prior", reason=f"its shape {matrix.shape} is not square")
    wanted = require_amounts(net, "net totals", shape=matrix.shape[:1], signed=True)
    gain, loss = float(wanted[wanted > 0].sum()), float(-wanted[wanted < 0].sum())
    if abs(gain - loss) > 1e-9 + ROUNDING * max(gain, loss):
        raise UnbalancedMargins(
            first="net gains",
            first_total=f"{gain:,.10g}",
            second="net losses",
            second_total=f"{loss:,.10g}",
            where="",
        )
    mask = np.ones(matrix.shape, bool) if allowed is None else np.array(allowed, dtype=bool)
    if mask.shape != matrix.shape:
        raise UnusableArray(name="allowed cells", reason=f"their shape is {mask.shape}")
    limit = max(tolerance, ROUNDING * float(matrix.sum()))
    component = _components(mask if is_open else mask & (matrix > 0))
    return NetProblem(np.where(mask, matrix, 0.0), mask, wanted, limit, component)


def net_of(values: FloatArray) -> FloatArray:
    """Return inflow less outflow of each area."""
    return np.asarray(values.sum(axis=0) - values.sum(axis=1), dtype=np.float64)


def solve_dual(
    problem: NetProblem,
    cells: Callable[[FloatArray], FloatArray],
    slope: Callable[[FloatArray], FloatArray],
    energy: Callable[[FloatArray], float],
    *,
    total: float | None = None,
    steps: int = 200,
    reach: float = _FAR,
) -> tuple[FloatArray, int]:
    """Minimise the convex dual of a fit to net totals by damped Newton steps.

    Args:
        problem: What is fitted.
        cells: Potentials (and the logarithm of the common factor) to the table.
        slope: The table to its derivative by ``u[j] - u[i]``, cell by cell.
        energy: The table to the part of the dual that has it as derivative.
        total: Sum of the table, which adds an unknown; None for none.
        steps: Most steps to take.
        reach: Largest change of a potential in one step.

    Returns:
        Potentials (last the common factor, if any), and the steps taken.
    """
    wanted = problem.net if total is None else np.append(problem.net, total)
    u = np.zeros(wanted.size)
    table, before = cells(u), np.inf
    value = energy(table) - float(u @ wanted)
    for step in range(1, steps + 1):
        reached = net_of(table)
        if total is not None:
            reached = np.append(reached, table.sum())
        gradient = reached - wanted
        worst = float(np.abs(gradient).max(initial=0.0))
        if worst <= problem.tolerance * 0.01 or problem.tolerance >= worst > before / 2:
            return u, step
        before = worst
        direction = _newton(slope(table), gradient, total is not None, problem.component)
        largest = float(np.abs(direction).max(initial=0.0))
        direction *= min(1.0, reach / largest) if largest else 1.0
        length = 1.0
        while length > 1e-10:
            trial = u + length * direction
            new_table = cells(trial)
            new_value = energy(new_table) - float(trial @ wanted)
            promised = 1e-4 * length * float(gradient @ direction) + 1e-13 * abs(value)
            if new_value <= value + promised:
                break
            length /= 2
        if length <= 1e-10 or np.abs(trial).max() > reach * 4:
            return u, step
        u, table, value = trial, new_table, new_value
    return u, steps


def net_fit(
    problem: NetProblem,
    values: FloatArray,
    iterations: int,
    *,
    total: float | None = None,
    factors: dict[str, FloatArray] | None = None,
    is_open: bool = False,
) -> Fit:
    """Return the fit with its misfits; ``is_open`` if cells of 0 in the prior may grow."""
    usable = problem.is_allowed if is_open else problem.is_allowed & (problem.prior > 0)
    links = usable & ~np.eye(problem.net.size, dtype=bool)
    component = _components(links)
    sums = np.bincount(component, problem.net)
    unreachable = (
        ((problem.net > 0) & ~links.any(axis=0))
        | ((problem.net < 0) & ~links.any(axis=1))
        | (np.abs(sums) > problem.tolerance)[component]
    )
    misfits = [Misfit("net", net_of(values) - problem.net, unreachable)]
    if total is not None:
        misfits.append(Misfit("total", np.array([values.sum() - total]), np.zeros(1, bool)))
    return Fit(
        values,
        iterations,
        tuple(misfits),
        all(misfit.largest <= problem.tolerance for misfit in misfits),
        problem.tolerance,
        MappingProxyType(factors or {}),
    )


def _newton(
    weight: FloatArray, gradient: FloatArray, has_total: bool, component: IntArray
) -> FloatArray:
    """Return the Newton direction; each connected group is free by a constant."""
    between = weight + weight.T
    np.fill_diagonal(between, 0.0)
    hessian = np.diag(between.sum(axis=1)) - between
    n = component.size
    scale = float(np.trace(hessian)) / n + np.finfo(float).tiny
    gradient = gradient.copy()
    for group in range(int(component.max()) + 1):
        members = np.flatnonzero(component == group)
        gradient[members] -= gradient[members].mean()
        hessian[np.ix_(members, members)] += scale / members.size
    hessian[np.diag_indices(n)] += 1e-13 * scale
    if has_total:
        cross = net_of(weight)[:, None]
        corner = np.array([[weight.sum()]])
        hessian = np.block([[hessian, cross], [cross.T, corner]])
    return np.asarray(-np.linalg.solve(hessian, gradient), dtype=np.float64)


def _components(links: BoolArray) -> IntArray:
    """Return the number of the connected group of each area, by links of either direction."""
    either = links | links.T
    number = np.full(either.shape[0], -1, dtype=np.int64)
    groups = 0
    for start in range(number.size):
        if number[start] >= 0:
            continue
        reached = np.zeros(number.size, bool)
        reached[start] = True
        while True:
            grown = reached | either[reached].any(axis=0)
            if (grown == reached).all():
                break
            reached = grown
        number[reached] = groups
        groups += 1
    return number
