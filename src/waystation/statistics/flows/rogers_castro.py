"""Rogers-Castro model schedules: migration by age in seven to thirteen parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import InvalidChoice, UnusableArray
from waystation.statistics.flows.fitting.margins import FloatArray, require_amounts

# Parameters of each schedule. Amplitudes (a, c) enter in proportion, the others do not.
_SHAPES: dict[int, tuple[str, ...]] = {
    7: ("alpha1", "alpha2", "mu2", "lambda2"),
    9: ("alpha1", "alpha2", "mu2", "lambda2", "lambda4"),
    11: ("alpha1", "alpha2", "mu2", "lambda2", "alpha3", "mu3", "lambda3"),
    13: ("alpha1", "alpha2", "mu2", "lambda2", "alpha3", "mu3", "lambda3", "lambda4"),
}
_LEVELS: dict[int, tuple[str, ...]] = {
    7: ("a1", "a2", "c"),
    9: ("a1", "a2", "a4", "c"),
    11: ("a1", "a2", "a3", "c"),
    13: ("a1", "a2", "a3", "a4", "c"),
}
# Shapes stay where they can be told apart and mean something; mu in years, others per year.
_LIMITS = {
    "alpha1": (0.005, 1.0),
    "alpha2": (0.01, 1.0),
    "mu2": (10.0, 40.0),
    "lambda2": (0.05, 2.0),
    "alpha3": (0.01, 2.0),
    "mu3": (50.0, 85.0),
    "lambda3": (0.02, 2.0),
    "lambda4": (0.001, 0.2),
}
_STARTS = {
    "alpha1": (0.1,),
    "alpha2": (0.06, 0.15),
    "mu2": (18.0, 24.0),
    "lambda2": (0.2, 0.5),
    "alpha3": (0.3,),
    "mu3": (62.0, 68.0),
    "lambda3": (0.2,),
    "lambda4": (0.02, 0.06),
}


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """A fitted schedule.

    Attributes:
        parameters: By name: a1, alpha1 childhood; a2, alpha2, mu2, lambda2 labour force; a3,
            alpha3, mu3, lambda3 retirement; a4, lambda4 old age; c level.
        fitted: Rate at each age given.
        relative_error: Mean absolute error by mean rate, percent.
        r2: Share of the variance of rates that it explains.
        outliers: Ages whose rates counted for less than a quarter, for lying far off.
        is_converged: Whether the search came to rest.
    """

    parameters: Mapping[str, float]
    fitted: FloatArray
    relative_error: float
    r2: float
    outliers: tuple[float, ...]
    is_converged: bool


@dataclass(frozen=True, slots=True)
class ScheduleRatios:
    """What parameters of a schedule say together.

    Attributes:
        peaking: Position of the labour force peak, years (mu2).
        child_dependency: Children who move by adults who do (a1 by a2).
        labour_dependency: The reverse.
        labour_asymmetry: Rise by fall of the labour force peak (lambda2 by alpha2).
        regularity: Fall in childhood by that after the peak (alpha1 by alpha2); 1 where
            children move with their parents.
    """

    peaking: float
    child_dependency: float
    labour_dependency: float
    labour_asymmetry: float
    regularity: float


def rogers_castro(ages: ArrayLike, parameters: Mapping[str, float]) -> FloatArray:
    """Return the rates of a schedule at given ages.

    ``a1 exp(-alpha1 x) + a2 exp(-alpha2 (x - mu2) - exp(-lambda2 (x - mu2))) + a3 (likewise)
    + a4 exp(lambda4 x) + c``; parts whose parameters are absent are left out.

    Args:
        ages: Ages in years; for groups, their middle.
        parameters: As in `Schedule`.

    Returns:
        Rates, in the unit of a1, a2, a3, a4 and c.

    Raises:
        InvalidChoice: If a name is not one of the thirteen.
        UnusableArray: If a part is given without all its parameters.

    Source:
        Rogers and Castro (1981), Model Migration Schedules, IIASA RR-81-30.
    """
    known = (*_SHAPES[13], *_LEVELS[13])
    unknown = [name for name in parameters if name not in known]
    if unknown:
        raise InvalidChoice(value=unknown[0], option="parameter", choices=", ".join(known))
    x = np.asarray(ages, dtype=np.float64)
    rates = np.full(x.shape, float(parameters.get("c", 0.0)))
    for level, shapes in (
        ("a1", ("alpha1",)),
        ("a2", ("alpha2", "mu2", "lambda2")),
        ("a3", ("alpha3", "mu3", "lambda3")),
        ("a4", ("lambda4",)),
    ):
        if level not in parameters:
            continue
        missing = [name for name in shapes if name not in parameters]
        if missing:
            raise UnusableArray(name="parameters", reason=f"{level} needs {missing[0]}")
        rates += parameters[level] * _part(x, level, parameters)
    return rates


def schedule_ratios(parameters: Mapping[str, float]) -> ScheduleRatios:
    """Return what parameters of a schedule say together.

    Args:
        parameters: At least a1, alpha1, a2, alpha2, mu2 and lambda2; a1, a2 and alpha2 not 0.

    Raises:
        UnusableArray: If one is missing, or 0 where it divides.

    Source:
        Rogers and Castro (1981), Model Migration Schedules, IIASA RR-81-30.
    """
    needed = ("a1", "alpha1", "a2", "alpha2", "mu2", "lambda2")
    missing = [name for name in needed if name not in parameters]
    zero = [name for name in ("a1", "a2", "alpha2") if parameters.get(name) == 0]
    if missing or zero:
        reason = f"{(missing or zero)[0]} is {'missing' if missing else '0'}"
        raise UnusableArray(name="parameters", reason=reason)
    return ScheduleRatios(
        peaking=parameters["mu2"],
        child_dependency=parameters["a1"] / parameters["a2"],
        labour_dependency=parameters["a2"] / parameters["a1"],
        labour_asymmetry=parameters["lambda2"] / parameters["alpha2"],
        regularity=parameters["alpha1"] / parameters["alpha2"],
    )


def fit_rogers_castro(
    ages: ArrayLike,
    rates: ArrayLike,
    *,
    parameters: int = 7,
    weights: ArrayLike | None = None,
    robust: bool = True,
) -> Schedule:
    """Fit a schedule to rates by age.

    Least squares: levels are solved for exactly beside every shape that is tried, and the
    search for shapes (Levenberg-Marquardt) begins at fixed starts, the best of which is kept.
    The same rates always give the same schedule. Parameters of a profile that lacks a part
    (no retirement peak, say) are not well determined: look at the error, and use fewer.

    Args:
        ages: Ages in years; for groups, their middle.
        rates: Rate at each age, any unit.
        parameters: 7 (children, labour force, level), 9 (with old age), 11 (with retirement)
            or 13 (with both).
        weights: Weight of each age, such as its population; equal if not given.
        robust: Whether rates far off count for less (Huber weights by the median deviation).

    Returns:
        The schedule, with how well it fits.

    Raises:
        InvalidChoice: If the number of parameters is another.
        UnusableArray: If there are no more ages than parameters, or values are missing,
            negative or all 0.

    Source:
        Rogers and Castro (1981), IIASA RR-81-30; Rogers, Little and Raymer (2010), The
        Indirect Estimation of Migration, chapter 4.
    """
    if parameters not in _SHAPES:
        raise InvalidChoice(value=parameters, option="parameters", choices="7, 9, 11, 13")
    x, y = require_amounts(ages, "ages"), require_amounts(rates, "rates")
    if x.shape != y.shape or x.ndim != 1 or x.size <= parameters or not y.any():
        reason = f"give more than {parameters} rates, not all 0, and an age for each"
        raise UnusableArray(name="rates", reason=reason)
    given = (
        np.ones_like(x)
        if weights is None
        else require_amounts(weights, "weights", shape=x.shape)
    )
    names = _SHAPES[parameters]
    given, scale = given / given.max(), float(y.max())
    starts = product(*(_STARTS[name] for name in names))
    found = [_search(x, y / scale, given, names, np.array(start)) for start in starts]
    shape, _, is_converged = min(found, key=lambda f: f[1])
    trust = np.ones_like(x)
    for _ in range(10 if robust else 0):
        residual = _residual(x, y / scale, np.ones_like(x), names, shape)[0]
        spread = 1.4826 * float(np.median(np.abs(residual)))
        if spread < 1e-9:
            break
        size = np.maximum(np.abs(residual), 1e-300)
        trust = np.minimum(1.0, 1.345 * spread / size)
        shape, _, is_converged = _search(x, y / scale, given * trust, names, shape)
    _, levels = _residual(x, y / scale, given * trust, names, shape)
    values = dict(zip(_LEVELS[parameters], (levels * scale).tolist(), strict=True))
    values |= dict(zip(names, shape.tolist(), strict=True))
    fitted = rogers_castro(x, values)
    error = y - fitted
    variance = float(((y - y.mean()) ** 2).sum())
    return Schedule(
        parameters=values,
        fitted=fitted,
        relative_error=100 * float(np.abs(error).mean() / y.mean()),
        r2=1 - float((error**2).sum()) / variance if variance else 1.0,
        outliers=tuple(x[trust < 0.25].tolist()),
        is_converged=is_converged,
    )


def _part(x: FloatArray, level: str, values: Mapping[str, float]) -> FloatArray:
    if level == "a1":
        return np.asarray(np.exp(-values["alpha1"] * x))
    if level == "a4":
        return np.asarray(np.exp(values["lambda4"] * x))
    number = level[1]
    past = x - values[f"mu{number}"]
    rise = np.minimum(-values[f"lambda{number}"] * past, 600.0)
    return np.asarray(np.exp(-values[f"alpha{number}"] * past - np.exp(rise)))


def _residual(
    x: FloatArray, y: FloatArray, weights: FloatArray, names: tuple[str, ...], shape: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return weighted residuals with the best levels at least 0, and these levels."""
    values = dict(zip(names, shape.tolist(), strict=True))
    levels = next(_LEVELS[n] for n, shapes in _SHAPES.items() if shapes == names)
    parts = [np.ones_like(x) if n == "c" else _part(x, n, values) for n in levels]
    root = np.sqrt(weights)
    basis = np.stack(parts, axis=1)
    size = np.maximum(basis.max(axis=0), 1e-300)
    best = _at_least_0(basis / size * root[:, None], y * root) / size
    return (y - basis @ best) * root, best


def _at_least_0(basis: FloatArray, target: FloatArray) -> FloatArray:
    """Solve least squares with no level below 0 (Lawson and Hanson)."""
    size = basis.shape[1]
    solution, is_free = np.zeros(size), np.zeros(size, bool)
    for _ in range(3 * size):
        gain = np.where(is_free, -np.inf, basis.T @ (target - basis @ solution))
        if is_free.all() or gain.max() <= 1e-12:
            break
        is_free[int(gain.argmax())] = True
        while True:
            trial = np.zeros(size)
            trial[is_free] = np.linalg.lstsq(basis[:, is_free], target, rcond=None)[0]
            below = is_free & (trial <= 0)
            if not below.any():
                solution = trial
                break
            step = (solution[below] / (solution[below] - trial[below] + 1e-300)).min()
            solution = solution + step * (trial - solution)
            is_free &= solution > 1e-14
            solution[~is_free] = 0.0
    return solution


def _search(
    x: FloatArray, y: FloatArray, weights: FloatArray, names: tuple[str, ...], start: FloatArray
) -> tuple[FloatArray, float, bool]:
    """Search shapes from a start; return the best, its sum of squares, and whether at rest."""
    low, high = np.array([_LIMITS[n] for n in names]).T
    at, damping = np.log(np.clip(start, low, high)), 1e-2
    low, high = np.log(low), np.log(high)
    residual = _residual(x, y, weights, names, np.exp(at))[0]
    cost = float(residual @ residual)
    for _ in range(200):
        jacobian = np.empty((x.size, at.size))
        for place in range(at.size):
            step = at.copy()
            step[place] += 1e-6 if at[place] + 1e-6 <= high[place] else -1e-6
            moved = _residual(x, y, weights, names, np.exp(step))[0]
            jacobian[:, place] = (moved - residual) / (step[place] - at[place])
        square, gradient = jacobian.T @ jacobian, jacobian.T @ residual
        while damping < 1e12:
            step = np.linalg.solve(
                square + damping * np.diag(np.diag(square) + 1e-12), -gradient
            )
            trial = np.clip(at + np.clip(step, -1, 1), low, high)
            trial_residual = _residual(x, y, weights, names, np.exp(trial))[0]
            trial_cost = float(trial_residual @ trial_residual)
            if trial_cost < cost:
                break
            damping *= 4
        else:
            return np.exp(at), cost, True
        gained = cost - trial_cost
        at, residual, cost, damping = trial, trial_residual, trial_cost, damping / 10
        if gained <= 1e-12 * cost + 1e-22:
            return np.exp(at), cost, True
    return np.exp(at), cost, False
