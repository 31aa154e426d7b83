"""What is done to stocks before flows are fitted: native born, balance, births, deaths.

Stocks are n x n arrays, rows places of birth, columns places of residence, native born on the
diagonal. Every function returns what it changed beside the result; none changes its arguments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waystation.statistics.flows.arrays import Array, ratio
from waystation.statistics.flows.choices import Births, Deaths
from waystation.statistics.flows.margins import Fit, table_fitted_to_margins


@dataclass(frozen=True, slots=True)
class Taken:
    """People of each place of birth taken off each place of residence.

    Attributes:
        table: n x n, persons.
        areas: Positions of the areas for which the first rule did not do.
        fit: The fit of the table, where there was one.
    """

    table: Array
    areas: tuple[int, ...] = ()
    fit: Fit | None = None


def native_born_from_zero(stock: Array) -> tuple[Array, tuple[int, ...]]:
    """Return the stock with negative native born set to 0, and the areas concerned.

    More foreign born than people: the foreign born are scaled down to the population.
    """
    negative = np.flatnonzero(np.diag(stock) < 0)
    changed = stock.copy()
    changed[negative, negative] = 0.0
    foreign = changed[:, negative].sum(axis=0)
    people = np.maximum(stock[:, negative].sum(axis=0), 0.0)
    changed[:, negative] *= ratio(people, foreign)
    return changed, tuple(int(k) for k in negative)


def whole_numbers_to_total(values: Array, total: float) -> Array:
    """Return values scaled to a total and rounded; the largest takes what rounding left.

    Halves are rounded to even. Where several are the largest, the first takes it.
    """
    scaled: Array = np.round(values * (total / values.sum()))
    scaled[np.argmax(scaled)] += total - scaled.sum()
    return scaled


def balanced_native_born(
    start: Array, end: Array, natural_increase: float, *, is_rounded: bool = True
) -> tuple[Array, Array]:
    """Return stocks whose growth is births less deaths; as they are where it is already.

    Half of the difference is taken off the native born at the start, half is given to those
    at the end, each in proportion to the native born.

    Args:
        start: n x n.
        end: n x n.
        natural_increase: Births less deaths of all areas together.
        is_rounded: Whether native born become whole numbers, as in the published estimates.
    """
    gap = float(natural_increase - (end.sum() - start.sum()))
    if abs(gap) <= 1e-9 * max(1.0, start.sum() * 1e-6):
        return start, end
    balanced = []
    for stock, change in ((start, -gap / 2), (end, gap / 2)):
        natives = np.diag(stock)
        total = natives.sum() + change
        changed = stock.copy()
        if natives.sum() > 0 and total >= 0:
            whole = whole_numbers_to_total(natives, total)
            exact = natives * (total / natives.sum())
            use_whole = is_rounded and (whole >= 0).all()
            np.fill_diagonal(changed, whole if use_whole else exact)
        balanced.append(changed)
    return balanced[0], balanced[1]


def births_by_birthplace(births: Array, end: Array, rule: Births = Births.NATIVE) -> Taken:
    """Return the newborn of each place of residence by place of birth.

    Native: they are native born; where there are more births than native born, they are
    spread over the residents as those are by place of birth, and the area is returned.
    Proportion: they are spread so everywhere.
    """
    spread = end * ratio(births, end.sum(axis=0))
    if rule == Births.PROPORTION:
        return Taken(spread)
    too_many = np.diag(end) < births
    table = np.where(too_many, spread, np.diag(births))
    return Taken(table, tuple(int(k) for k in np.flatnonzero(too_many)))


def deaths_by_birthplace(
    deaths: Array,
    start: Array,
    rule: Deaths = Deaths.PROPORTION,
    *,
    births: Array | None = None,
    end: Array | None = None,
) -> Taken:
    """Return the dead of each place of residence by place of birth.

    Proportion: as residents were at the start. Accounting: fitted so that, of each place of
    birth, those at the start, plus the born, less those at the end, died; a place of birth for
    which this is negative has no deaths, and is returned.
    """
    if rule == Deaths.PROPORTION or births is None or end is None:
        return Taken(start * ratio(deaths, start.sum(axis=0)))
    died = start.sum(axis=1) + births - end.sum(axis=1)
    negative = tuple(int(k) for k in np.flatnonzero(died < 0))
    fit = table_fitted_to_margins(start, np.maximum(died, 0.0), deaths)
    return Taken(fit.table, negative, fit)
