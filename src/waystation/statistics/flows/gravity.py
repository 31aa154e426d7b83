"""A gravity model of flows: Poisson, with an effect of each origin and each destination.

It says what flows would be from how far apart, how near in language, how alike two areas are,
and so gives a figure for corridors of which no stock is known. It explains nothing beyond its
covariates, and is no substitute for an estimate from stocks where those exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from waystation.errors import CollinearCovariate, UnusableArray
from waystation.statistics.flows.fitting.margins import BoolArray, FloatArray

_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True, eq=False)
class GravityDiagnostics:
    """How well a gravity model describes what it was fitted to.

    Attributes:
        corridors: Corridors used.
        deviance: Deviance of the Poisson model.
        null_deviance: That of one mean for all corridors.
        pseudo_r2: One less the first by the second.
        squared_correlation: Of observed with expected flows.
        overdispersion: Pearson statistic by degrees of freedom; 1 for Poisson counts, far
            more for migration, which is why standard errors are robust.
        zeros: Corridors without a flow.
        expected_zeros: How many Poisson counts of these means would be 0.
        largest_residuals: Columns origin, destination, persons, expected, residual
            (Pearson); the twenty largest, by size.
    """

    corridors: int
    deviance: float
    null_deviance: float
    pseudo_r2: float
    squared_correlation: float
    overdispersion: float
    zeros: int
    expected_zeros: float
    largest_residuals: pl.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Gravity:
    """A fitted gravity model.

    Attributes:
        areas: Names of the areas, in the order of rows and columns.
        coefficients: Columns name, estimate, standard_error (robust, clustered by pair of
            areas), low and high (95 % interval); the estimate is of the logarithm of flows.
        origin_effects: Logarithm for each origin; minus infinity for an area without any
            outflow, NaN where no corridor is known.
        destination_effects: The same for each destination.
        expected: Flows expected, also where none was known; NaN on the diagonal, and where
            an area or a covariate is unknown.
        only_zeros_from: Areas all of whose known outflows are 0, set apart: the model says 0.
        only_zeros_to: Areas all of whose known inflows are 0.
        iterations: Newton steps taken.
        is_converged: Whether the steps came to rest. If not, a covariate separates flows
            from zeros, and its coefficient has no finite value.
        diagnostics: How well it fits.
    """

    areas: tuple[str, ...]
    coefficients: pl.DataFrame
    origin_effects: FloatArray
    destination_effects: FloatArray
    expected: FloatArray
    only_zeros_from: tuple[str, ...]
    only_zeros_to: tuple[str, ...]
    iterations: int
    is_converged: bool
    diagnostics: GravityDiagnostics


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    slopes: FloatArray
    eta: FloatArray
    mu: FloatArray
    deviance: float


def fit_gravity(
    flows: ArrayLike,
    covariates: Mapping[str, ArrayLike],
    *,
    areas: Sequence[str] | None = None,
    max_iterations: int = 100,
) -> Gravity:
    """Fit a gravity model with effects of origins and destinations.

    ``log E[flow] = origin[i] + destination[j] + covariates[i, j] @ slopes``, by Poisson
    pseudo-maximum likelihood: right as long as the mean is, whatever the variance, and with
    no need to drop zeros. The effects are solved for exactly in every step, so that 229
    areas take a second and not 458 dummy variables. Where a few large corridors outweigh
    all others, the robust standard errors are too small, as all of their kind.

    Args:
        flows: Matrix of origins by destinations, persons; NaN where not known. The diagonal
            is not used.
        covariates: Matrices by name, such as the logarithm of distance, contiguity (0 or 1),
            common language. NaN leaves the corridor out. One that depends on the origin
            or the destination alone cannot be told from their effects and is refused.
        areas: Names of the areas; numbers from 0 if not given.
        max_iterations: Newton steps after which to stop.

    Returns:
        The fitted model.

    Raises:
        UnusableArray: If shapes disagree, or flows are negative or all 0.
        CollinearCovariate: If a covariate is explained by the effects and those before it.

    Source:
        Santos Silva and Tenreyro (2006), Review of Economics and Statistics 88(4); Cameron
        and Miller (2015), Journal of Human Resources 50(2), on clustering; Correia, Guimarães
        and Zylkin (2020), Stata Journal 20(1), on separation.
    """
    y, known, x = _prepared(flows, covariates)
    names = _names(areas, y.shape[0])
    positive: BoolArray = np.asarray(y > 0)
    from_zero: BoolArray = _any(known, 1) & ~_any(positive, 1)
    to_zero: BoolArray = _any(known, 0) & ~_any(positive, 0)
    used: BoolArray = known & ~from_zero[:, None] & ~to_zero[None, :]
    if not used.any():
        raise UnusableArray(name="flows", reason="none is above 0 between different areas")
    _require_told_apart(tuple(covariates), x, used)
    state, iterations, is_converged = _newton(y, x, used, max_iterations)
    origin, destination = _effects(state, x, used)
    with np.errstate(invalid="ignore"):
        eta = origin[:, None] + destination[None, :]
    expected = np.asarray(np.exp(eta + np.tensordot(state.slopes, x, axes=1)))
    expected[from_zero, :] = 0.0
    expected[:, to_zero] = 0.0
    expected[~(known.any(axis=1)), :] = np.nan
    expected[:, ~(known.any(axis=0))] = np.nan
    expected[np.isnan(x).any(axis=0)] = np.nan
    np.fill_diagonal(expected, np.nan)
    origin[from_zero], destination[to_zero] = -np.inf, -np.inf
    return Gravity(
        areas=names,
        coefficients=_coefficients(tuple(covariates), y, x, used, state),
        origin_effects=origin,
        destination_effects=destination,
        expected=expected,
        only_zeros_from=tuple(names[i] for i in np.flatnonzero(from_zero)),
        only_zeros_to=tuple(names[i] for i in np.flatnonzero(to_zero)),
        iterations=iterations,
        is_converged=is_converged,
        diagnostics=_diagnostics(names, y, used, state.mu, len(covariates)),
    )


def _prepared(
    flows: ArrayLike, covariates: Mapping[str, ArrayLike]
) -> tuple[FloatArray, BoolArray, FloatArray]:
    y = np.array(flows, dtype=np.float64)
    if y.ndim != 2 or y.shape[0] != y.shape[1]:
        raise UnusableArray(name="flows", reason=f"their shape {y.shape} is not square")
    np.fill_diagonal(y, np.nan)
    if bool(np.any(y < 0)) or bool(np.any(np.isinf(y))):
        raise UnusableArray(name="flows", reason="some are negative or infinite")
    x = np.zeros((len(covariates), *y.shape))
    for place, (name, values) in enumerate(covariates.items()):
        given = np.asarray(values, dtype=np.float64)
        if given.shape != y.shape:
            reason = f"its shape is {given.shape}, that of the flows {y.shape}"
            raise UnusableArray(name=f"covariate {name}", reason=reason)
        x[place] = np.where(np.eye(y.shape[0], dtype=bool), 0.0, given)
    if np.isinf(x).any():
        raise UnusableArray(name="covariates", reason="some are infinite (a distance of 0?)")
    known: BoolArray = ~np.isnan(y) & ~np.isnan(x).any(axis=0)
    return np.where(known, y, 0.0), known, x


def _newton(
    y: FloatArray, x: FloatArray, used: BoolArray, steps: int
) -> tuple[_State, int, bool]:
    """Maximise the Poisson likelihood by iteratively reweighted least squares."""
    filled = np.where(used, x, 0.0)
    mean = float(y[used].mean())
    mu = np.where(used, (y + mean) / 2, 0.0)
    eta = np.log(np.where(used, mu, 1.0))
    state = _State(np.zeros(x.shape[0]), eta, mu, _deviance(y, mu, used))
    for step in range(1, steps + 1):
        working = np.where(used, state.eta + (y - state.mu) / _above_0(state.mu), 0.0)
        within = _within(np.concatenate([working[None], filled]), state.mu)
        slopes = _slopes(within[0], within[1:], state.mu)
        eta = working - within[0] + np.tensordot(slopes, within[1:], axes=1)
        new = _step(y, used, state, slopes, np.where(used, eta, 0.0), is_first=step == 1)
        change = abs(state.deviance - new.deviance)
        state = new
        if change <= 1e-10 * (1e-3 + abs(state.deviance)):
            # Effects of an area nearly without flows may still drift; slopes are at rest.
            return state, step, bool(np.abs(state.slopes).max(initial=0.0) < 1e6)
    return state, steps, False


def _step(
    y: FloatArray,
    used: BoolArray,
    state: _State,
    slopes: FloatArray,
    eta: FloatArray,
    *,
    is_first: bool,
) -> _State:
    """Return the next state, halving the way while the deviance would rise."""
    length = 1.0
    while True:
        at = state.eta + length * (eta - state.eta)
        mu = np.where(used, np.exp(np.clip(at, -300, 300)), 0.0)
        deviance = _deviance(y, mu, used)
        if is_first or deviance <= state.deviance * (1 + 1e-12) or length < 1e-4:
            return _State(state.slopes + length * (slopes - state.slopes), at, mu, deviance)
        length /= 2


def _within(stack: FloatArray, weights: FloatArray) -> FloatArray:
    """Take weighted effects of rows and columns out of each matrix of a stack, exactly."""
    rows, columns = _two_way(stack, weights)
    return np.asarray(stack - rows[:, :, None] - columns[:, None, :], dtype=np.float64)


def _two_way(stack: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the weighted effects of rows and columns of each matrix of a stack."""
    row, column = weights.sum(axis=1), weights.sum(axis=0)
    by_row = np.divide(1.0, row, out=np.zeros_like(row), where=row > 0)
    size = np.sqrt(np.where(column > 0, column, 1.0))
    weighted = stack * weights
    row_sums, column_sums = weighted.sum(axis=2), weighted.sum(axis=1)
    inner = by_row[:, None] * weights
    schur = (np.diag(column) - weights.T @ inner) / np.outer(size, size)
    # Effects are free by a constant in each group of connected areas; the ridge, far below
    # what floats tell apart elsewhere, takes the smallest.
    schur[np.diag_indices_from(schur)] += 1e-11
    right = (column_sums - row_sums @ inner) / size
    columns = np.linalg.solve(schur, right.T).T / size
    rows = by_row * (row_sums - columns @ weights.T)
    return rows, columns


def _require_told_apart(names: tuple[str, ...], x: FloatArray, used: BoolArray) -> None:
    """Raise if a covariate varies only with effects and covariates before it."""
    raw, weights = np.where(used, x, 0.0), used.astype(np.float64)
    left = _within(raw, weights) * used
    flat = left.reshape(len(names), -1)
    for place, name in enumerate(names):
        own = flat[place]
        if place:
            own = own - np.linalg.lstsq(flat[:place].T, own, rcond=None)[0] @ flat[:place]
        if float(own @ own) <= 1e-12 * float((raw[place] ** 2).sum()):
            reason = (
                "where flows are known it does not vary, or is explained by origins, "
                "destinations and the covariates before it; leave it out"
            )
            raise CollinearCovariate(name=f"covariate {name}", reason=reason)


def _slopes(target: FloatArray, within: FloatArray, weights: FloatArray) -> FloatArray:
    if not within.shape[0]:
        return np.zeros(0)
    cross = _cross(within, weights)
    right = np.einsum("kij,ij,ij->k", within, weights, target, optimize=True)
    return np.asarray(np.linalg.pinv(cross, rcond=1e-14) @ right, dtype=np.float64)


def _cross(stack: FloatArray, weights: FloatArray) -> FloatArray:
    flat = stack.reshape(stack.shape[0], -1)
    return np.asarray((flat * weights.ravel()) @ flat.T, dtype=np.float64)


def _effects(state: _State, x: FloatArray, used: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return effects of origins and destinations; destinations have mean 0."""
    rest = np.where(used, state.eta - np.tensordot(state.slopes, np.nan_to_num(x), axes=1), 0.0)
    rows, columns = _two_way(rest[None], used.astype(np.float64))
    origin, destination = rows[0], columns[0]
    row, column = used.any(axis=1), used.any(axis=0)
    middle = destination[column].mean()
    origin = np.where(row, origin + middle, np.nan)
    destination = np.where(column, destination - middle, np.nan)
    return origin, destination


def _coefficients(
    names: tuple[str, ...], y: FloatArray, x: FloatArray, used: BoolArray, state: _State
) -> pl.DataFrame:
    within = _within(np.where(used, x, 0.0), state.mu) if names else np.zeros((0, *y.shape))
    bread = np.linalg.pinv(_cross(within, state.mu)) if names else np.zeros((0, 0))
    score = within * np.where(used, y - state.mu, 0.0)
    # Both directions of a pair share what the covariates leave out: one cluster a pair.
    upper = np.triu_indices(y.shape[0], 1)
    pairs = (score + score.transpose(0, 2, 1))[:, upper[0], upper[1]]
    clusters = int((used | used.T)[upper].sum())
    spread = bread @ (pairs @ pairs.T) @ bread * (clusters / max(1, clusters - 1))
    # Effects take up part of the scatter that they are fitted to.
    corridors = int(used.sum())
    spread *= corridors / max(1, _free(used, len(names)))
    error = np.sqrt(np.diag(spread))
    return pl.DataFrame(
        {
            "name": pl.Series(list(names), dtype=pl.String),
            "estimate": state.slopes,
            "standard_error": error,
            "low": state.slopes - _NORMAL_95 * error,
            "high": state.slopes + _NORMAL_95 * error,
        }
    )


def _diagnostics(
    names: tuple[str, ...], y: FloatArray, used: BoolArray, mu: FloatArray, slopes: int
) -> GravityDiagnostics:
    seen, expected = y[used], mu[used]
    deviance = _deviance(y, mu, used)
    null = _deviance(y, np.where(used, seen.mean(), 0.0), used)
    pearson = (seen - expected) / np.sqrt(_above_0(expected))
    free = _free(used, slopes)
    varies = seen.std() > 0 and expected.std() > 0
    origin, destination = np.nonzero(used)
    order = np.lexsort((np.arange(seen.size), -np.abs(pearson)))[:20]
    largest = pl.DataFrame(
        {
            "origin": [names[i] for i in origin[order]],
            "destination": [names[i] for i in destination[order]],
            "persons": seen[order],
            "expected": expected[order],
            "residual": pearson[order],
        }
    )
    return GravityDiagnostics(
        corridors=seen.size,
        deviance=deviance,
        null_deviance=null,
        pseudo_r2=1 - deviance / null if null else float("nan"),
        squared_correlation=float(np.corrcoef(seen, expected)[0, 1] ** 2) if varies else 0.0,
        overdispersion=float((pearson**2).sum() / free) if free > 0 else float("nan"),
        zeros=int((seen == 0).sum()),
        expected_zeros=float(np.exp(-expected).sum()),
        largest_residuals=largest,
    )


def _free(used: BoolArray, slopes: int) -> int:
    """Return the degrees of freedom: corridors less parameters."""
    effects = int(used.any(axis=1).sum() + used.any(axis=0).sum()) - 1
    return int(used.sum()) - slopes - effects


def _deviance(y: FloatArray, mu: FloatArray, used: BoolArray) -> float:
    seen, expected = y[used], _above_0(mu[used])
    ratio = np.log(np.where(seen > 0, seen, expected) / expected)
    return float(2 * (seen * ratio - (seen - expected)).sum())


def _any(mask: BoolArray, axis: int) -> BoolArray:
    return np.asarray(mask.any(axis=axis), dtype=np.bool_)


def _above_0(values: FloatArray) -> FloatArray:
    return np.maximum(values, 1e-130)


def _names(areas: Sequence[str] | None, size: int) -> tuple[str, ...]:
    names = tuple(str(i) for i in range(size)) if areas is None else tuple(areas)
    if len(names) != size:
        raise UnusableArray(name="areas", reason=f"there are {len(names)}, for {size} rows")
    return names
