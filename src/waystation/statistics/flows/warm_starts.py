"""Fit many worlds that are near to one: each begins from the answer of that one."""

from __future__ import annotations

import numpy as np

from waystation.statistics.flows.arrays import Array, Bools, ratio
from waystation.statistics.flows.birthplace_totals import Equalised, equal_birthplace_totals
from waystation.statistics.flows.choices import Totals
from waystation.statistics.flows.margins import Fit, table_fitted_to_margins

_STEPS = 25
_NEAR_ABSOLUTE, _NEAR_RELATIVE = 1e-6, 1e-11


class NearEqualiser:
    """Makes totals by birthplace equal as `equal_birthplace_totals` does, many times over.

    The first world is fitted from nothing; those after it begin from its row factors, so
    that three or four steps of Newton's method do in place of twenty. Where these do not
    arrive, or the first world had totals out of reach that the next one has not, the world
    is fitted from nothing as well. The answers are the same within a thousandth of a person.
    """

    def __init__(self) -> None:
        self._centre: tuple[_Centre, _Centre] | None = None

    def __call__(self, start: Array, end: Array, how: Totals, *, stop: float) -> Equalised:
        """Return the stocks with equal totals of each place of birth."""
        if how is not Totals.RESCALE:
            return equal_birthplace_totals(start, end, how, stop=stop)
        if self._centre is None:
            answer = equal_birthplace_totals(start, end, how, stop=stop)
            self._centre = (_Centre(start, answer.fits[0]), _Centre(end, answer.fits[1]))
            return answer
        goal = (start.sum(axis=1) + end.sum(axis=1)) / 2
        fits = tuple(
            centre.fit(stock, goal)
            for centre, stock in zip(self._centre, (start, end), strict=True)
        )
        nobody = np.zeros_like(start)
        return Equalised(fits[0].table, fits[1].table, nobody, nobody, fits)


class _Centre:
    """The fit of one stock: its row factors, the cells cut off, the tied parts."""

    def __init__(self, first: Array, fit: Fit) -> None:
        is_kept: Bools = fit.table > 0
        self._is_cut: Bools = (first > 0) & ~is_kept
        self._parts = _parts(is_kept)
        self._missed = fit.row_gaps > 1e-6 * np.maximum(first.sum(axis=1), 1.0)
        logs = np.log(ratio(fit.table, first), out=np.zeros_like(first), where=is_kept)
        self._factors = np.exp(_row_effects(logs, fit.table))

    def fit(self, stock: Array, goal: Array) -> Fit:
        """Return the stock fitted to the goal, its columns as they are."""
        columns = stock.sum(axis=0)
        table = np.where(self._is_cut, 0.0, stock) * self._factors[:, None]
        table *= ratio(columns, table.sum(axis=0))
        wanted = goal.copy()
        for rows, cells in self._parts:
            wanted[rows] *= columns[cells].sum() / max(float(goal[rows].sum()), 1e-300)
        # Rows that the first world pushed up past their goal must be pushed up here too.
        if not (wanted[self._missed] >= goal[self._missed]).all():
            return table_fitted_to_margins(stock, goal, columns)
        for step in range(_STEPS):
            reached = table.sum(axis=1)
            gaps = wanted - reached
            if (np.abs(gaps) <= _NEAR_ABSOLUTE + _NEAR_RELATIVE * wanted).all():
                row_gaps, column_gaps = reached - goal, table.sum(axis=0) - columns
                missed = np.flatnonzero(np.abs(row_gaps) > 1e-6 * np.maximum(goal, 1.0))
                return Fit(table, row_gaps, column_gaps, step, tuple(int(i) for i in missed))
            move = np.clip(_newton(table, columns, reached, gaps), -3.0, 3.0)
            table *= np.exp(move)[:, None]
            table *= ratio(columns, table.sum(axis=0))
        return table_fitted_to_margins(stock, goal, columns)


def _newton(table: Array, columns: Array, reached: Array, gaps: Array) -> Array:
    """Return the change of logarithms of row factors that closes the gaps, columns kept."""
    size = np.sqrt(np.where(reached > 0, reached, 1.0))
    scaled = table / size[:, None]
    system = np.diag(np.where(reached > 0, 1.0, 0.0))
    system -= (scaled * ratio(np.ones_like(columns), columns)) @ scaled.T
    system[np.diag_indices_from(system)] += 1e-12
    change: Array = np.linalg.solve(system, gaps / size) / size
    return change - np.median(change)


def _row_effects(logs: Array, weights: Array) -> Array:
    """Return what each row adds to logarithms that are sums of rows and columns."""
    rows, columns = weights.sum(axis=1), weights.sum(axis=0)
    seen = logs - ratio((logs * weights).sum(axis=0), columns)
    return _newton(weights, columns, rows, (seen * weights).sum(axis=1))


def _parts(cells: Bools) -> list[tuple[Bools, Bools]]:
    """Return the rows and columns of each part of a table that no cell ties to another."""
    left: Bools = np.asarray(cells.any(axis=1))
    parts = []
    while left.any():
        rows: Bools = np.zeros(len(left), dtype=bool)
        rows[np.argmax(left)] = True
        while True:
            columns: Bools = np.asarray(cells[rows].any(axis=0))
            wider: Bools = np.asarray(cells[:, columns].any(axis=1))
            if (wider == rows).all():
                break
            rows = wider
        parts.append((rows, columns))
        left = left & ~rows
    return parts
