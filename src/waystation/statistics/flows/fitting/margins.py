"""Margins of an array, fitting to them in turn, and what a fit tells of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from waystation.errors import UnbalancedMargins, UnusableArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

# Sums of many large figures differ by rounding alone; less than this share is no imbalance.
ROUNDING = 1e-11
# A fit whose misfit falls by less than this share in ten rounds has come to rest.
_AT_REST = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Misfit:
    """How far one margin was missed.

    Attributes:
        margin: Its name: rows, columns, blocks, ...
        difference: Reached less asked for, in the shape of the margin.
        is_unreachable: True where the seed's zeros alone make the total impossible.
    """

    margin: str
    difference: FloatArray
    is_unreachable: BoolArray

    @property
    def largest(self) -> float:
        """Return the largest absolute difference."""
        return float(np.abs(self.difference).max(initial=0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted table, and whether it is what was asked for.

    Attributes:
        values: The fitted table, in the shape of the seed.
        iterations: Rounds taken.
        misfits: One for each margin asked for, always measured on ``values``.
        is_converged: Whether every margin is met within the tolerance.
        tolerance: The largest misfit that counts as met, in units of the table.
        factors: Parameters of the model by name, where the model has them.
    """

    values: FloatArray
    iterations: int
    misfits: tuple[Misfit, ...]
    is_converged: bool
    tolerance: float
    factors: Mapping[str, FloatArray] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def largest_misfit(self) -> float:
        """Return the largest absolute misfit of any margin."""
        return max((m.largest for m in self.misfits), default=0.0)

    @property
    def unreachable(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Return margin and place of each total that structural zeros make impossible."""
        return tuple(
            (misfit.margin, tuple(int(i) for i in place))
            for misfit in self.misfits
            for place in np.argwhere(misfit.is_unreachable)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """Totals to meet: along axes that are kept, or by the group each cell belongs to.

    Attributes:
        name: For messages and misfits.
        target: The totals. With ``axes``, of the shape of these axes; with ``groups``, one
            for each group, numbered from 0.
        axes: The axes that are kept; the others are summed over.
        groups: Group of each cell, of the shape of the table.
    """

    name: str
    target: FloatArray
    axes: tuple[int, ...] | None = None
    groups: IntArray | None = None

    def of(self, values: FloatArray) -> FloatArray:
        """Return the totals of a table."""
        if self.groups is not None:
            sums = np.bincount(self.groups.ravel(), values.ravel(), self.target.size)
            return sums.astype(np.float64).reshape(self.target.shape)
        kept = self.axes or ()
        others = tuple(a for a in range(values.ndim) if a not in kept)
        return np.asarray(values.sum(axis=others), dtype=np.float64)

    def scale(self, values: FloatArray, factor: FloatArray) -> None:
        """Multiply each cell by the factor of its total, in place."""
        if self.groups is not None:
            values *= factor.ravel()[self.groups]
            return
        kept = self.axes or ()
        values *= np.expand_dims(factor, tuple(a for a in range(values.ndim) if a not in kept))


def require_amounts(
    values: ArrayLike, name: str, *, shape: tuple[int, ...] | None = None, signed: bool = False
) -> FloatArray:
    """Return values as finite floats of a shape, at least 0 unless signed.

    Raises:
        UnusableArray: If the shape differs, or values are missing or negative.
    """
    array = np.array(values, dtype=np.float64)
    if shape is not None and array.shape != shape:
        raise UnusableArray(name=name, reason=f"its shape is {array.shape}, not {shape}")
    for flaw, is_flawed in (
        ("missing or infinite", ~np.isfinite(array)),
        ("negative", (array < 0) if not signed else np.zeros(array.shape, bool)),
    ):
        if is_flawed.any():
            first = tuple(int(i) for i in np.argwhere(is_flawed)[0])
            reason = f"{int(is_flawed.sum())} values are {flaw}, the first at {first}"
            raise UnusableArray(name=name, reason=reason)
    return array


def require_balance(first: Margin, second: Margin, *, over: int | None = None) -> None:
    """Require two margins to add up to the same, in all or for each place on a last axis.

    Raises:
        UnbalancedMargins: If they do not; names the totals and the worst place.
    """
    one, two = first.target, second.target
    if over is not None:
        one, two = one.reshape(-1, over).sum(axis=0), two.reshape(-1, over).sum(axis=0)
    else:
        one, two = one.sum(keepdims=True).ravel(), two.sum(keepdims=True).ravel()
    gap = np.abs(one - two)
    allowed = 1e-9 + ROUNDING * max(float(first.target.sum()), float(second.target.sum()))
    if (gap <= allowed).all():
        return
    worst = int(gap.argmax())
    raise UnbalancedMargins(
        first=first.name,
        first_total=f"{one[worst]:,.10g}",
        second=second.name,
        second_total=f"{two[worst]:,.10g}",
        where="" if over is None else f" at place {worst} of the shared axis",
    )


def fit_margins(
    seed: ArrayLike,
    margins: Sequence[Margin],
    *,
    tolerance: float = 1e-6,
    max_iterations: int = 10_000,
) -> Fit:
    """Fit a table to any margins by iterative proportional fitting.

    Each margin in turn is met by scaling the cells it sums over; rounds go on until all are
    met at once. Cells that are 0 in the seed stay 0. Where totals cannot be met, the rounds
    end at rest and the fit says so; nothing is rescaled in silence.

    Args:
        seed: The table to start from, any number of axes; at least 0.
        margins: The totals, met in this order. Their sums must agree; this function checks
            only what it can see, so prefer the functions that know their margins.
        tolerance: Largest misfit of any total that counts as met, in units of the table
            (rounding of very large totals is allowed for besides).
        max_iterations: Rounds after which to stop.

    Returns:
        The fit, with the misfit of each margin.

    Raises:
        UnusableArray: If the seed or a target has missing or negative values.

    Source:
        Deming and Stephan (1940), Annals of Mathematical Statistics 11(4).
    """
    values = require_amounts(seed, "seed")
    for margin in margins:
        require_amounts(margin.target, margin.name)
    unreachable = [(margin.of(values) <= 0) & (margin.target > 0) for margin in margins]
    largest = max((float(margin.target.sum()) for margin in margins), default=0.0)
    tolerance = max(tolerance, ROUNDING * largest)
    iterations = _rounds(values, margins, tolerance, max_iterations)
    misfits = tuple(
        Misfit(margin.name, margin.of(values) - margin.target, flags)
        for margin, flags in zip(margins, unreachable, strict=True)
    )
    is_converged = all(misfit.largest <= tolerance for misfit in misfits)
    return Fit(values, iterations, misfits, is_converged, tolerance)


def _rounds(
    values: FloatArray, margins: Sequence[Margin], tolerance: float, max_iterations: int
) -> int:
    """Scale in place until all margins are met or nothing moves; return rounds taken."""
    before = np.inf
    for iteration in range(1, max_iterations + 1):
        worst = 0.0
        for margin in margins:
            reached = margin.of(values)
            worst = max(worst, float(np.abs(reached - margin.target).max(initial=0.0)))
            can = (reached > 0) & (margin.target > 0)
            factor = np.divide(margin.target, reached, out=np.zeros_like(reached), where=can)
            margin.scale(values, factor)
        if worst <= tolerance and _worst(values, margins) <= tolerance:
            return iteration
        if iteration % 10 == 0:
            if abs(before - worst) <= _AT_REST * worst:
                return iteration
            before = worst
    return max_iterations


def _worst(values: FloatArray, margins: Sequence[Margin]) -> float:
    return max(float(np.abs(m.of(values) - m.target).max(initial=0.0)) for m in margins)
