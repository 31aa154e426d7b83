"""Make the people born in each area as many at the end as at the start.

After births and deaths are taken off, those born in an area can only have moved. What remains
of a difference is error (closed world) or moves from and to outside of it (open world).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waystation.statistics.flows.arrays import Array, ratio
from waystation.statistics.flows.choices import PUBLISHED_STOP, Totals
from waystation.statistics.flows.margins import Fit, table_fitted_to_margins


@dataclass(frozen=True, slots=True)
class Equalised:
    """Stocks with equal totals by birthplace, and how that was reached.

    Attributes:
        start: n x n.
        end: n x n.
        entrants: n x n by birthplace and residence at the end, from outside; 0 if closed.
        leavers: n x n by birthplace and residence at the start, to outside; 0 if closed.
        fits: The fits of start and end; empty if open.
    """

    start: Array
    end: Array
    entrants: Array
    leavers: Array
    fits: tuple[Fit, ...]


def equal_birthplace_totals(
    start: Array, end: Array, how: Totals = Totals.RESCALE, *, stop: float = PUBLISHED_STOP
) -> Equalised:
    """Return the stocks with equal totals of each place of birth.

    Args:
        start: n x n, rows places of birth, without the dead.
        end: n x n, without the newborn.
        how: *rescale*: both are fitted to the mean of the two totals, populations unchanged.
            *rescale-adjust-zero-fb*: as rescale, but an area where nobody is foreign born
            keeps its total of that moment, since its column leaves nothing to fit.
            *open*: entrants are spread as those at the start, leavers as those at the end.
            *open-dr*: entrants as those at the end, leavers as those at the start.
        stop: Persons; when a fit may end early, as the published ones do. 0: never.

    Source:
        Abel and Sander (2014); Abel (2018), Int. Migration Review 52; open-dr: Abel (2013),
        Demographic Research 28.
    """
    if how in (Totals.OPEN, Totals.OPEN_DR):
        return _open(start, end, spread_at_own_time=how == Totals.OPEN_DR)
    goal = (start.sum(axis=1) + end.sum(axis=1)) / 2
    if how == Totals.RESCALE_ZERO_FOREIGN_BORN:
        goal = _goal_apart(start, end, goal)
    fits = tuple(
        table_fitted_to_margins(stock, goal, stock.sum(axis=0), stop=stop)
        for stock in (start, end)
    )
    nobody = np.zeros_like(start)
    return Equalised(fits[0].table, fits[1].table, nobody, nobody, fits)


def _open(start: Array, end: Array, *, spread_at_own_time: bool) -> Equalised:
    totals = start.sum(axis=1)
    gap = totals - end.sum(axis=1)
    gap[np.abs(gap) <= 1e-12 * totals] = 0.0
    entering, leaving = (end, start) if spread_at_own_time else (start, end)
    entrants = _rows_to(entering, np.maximum(-gap, 0.0), other=end)
    leavers = _rows_to(leaving, np.maximum(gap, 0.0), other=start)
    return Equalised(start - leavers, end - entrants, entrants, leavers, ())


def _rows_to(table: Array, totals: Array, *, other: Array) -> Array:
    """Return the rows scaled to totals; a row of nobody takes the shape of the other table."""
    sums = table.sum(axis=1)
    shape = np.where((sums > 0)[:, None], table, other)
    rows: Array = shape * ratio(totals, shape.sum(axis=1))[:, None]
    return rows


def _goal_apart(start: Array, end: Array, goal: Array) -> Array:
    """Return goals where areas without foreign born keep their totals, the others the rest."""
    kept = np.full(len(goal), -1.0)
    for stock in (start, end):
        natives = np.diag(stock)
        is_alone = (natives > 0) & (stock.sum(axis=0) == natives)
        kept = np.where(is_alone, np.maximum(kept, stock.sum(axis=1)), kept)
    apart = kept >= 0
    rest = goal[~apart].sum()
    if not apart.any() or rest <= 0:
        return goal
    scaled = goal * (max(goal.sum() - kept[apart].sum(), 0.0) / rest)
    return np.where(apart, kept, scaled)
