"""Flows from the growth of stocks, or from rates of migration: no births or deaths by place."""

from __future__ import annotations

import numpy as np

from waystation.errors import InvalidTable
from waystation.statistics.flows.arrays import Array, without_diagonal
from waystation.statistics.flows.choices import Decreases


def flows_from_growth(
    start: Array, end: Array, *, decreases: Decreases, keep_native_born: bool = False
) -> Array:
    """Return n x n flows by origin and destination from the growth of each stock.

    The growth of the people born in i and living in j is a flow from i to j; a fall is none,
    or a flow back from j to i.

    Source:
        Abel and Cohen (2019), Scientific Data 6: stock differencing, drop and reverse negative.
    """
    growth = end - start
    flows = np.maximum(growth, 0.0)
    if decreases == Decreases.RETURN:
        falls = np.maximum(-growth, 0.0).T
        flows = flows + falls
    return flows if keep_native_born else without_diagonal(flows)


def flows_from_rates(start: Array, migrants: float) -> Array:
    """Return n x n flows: a number of migrants, spread as the foreign born are at the start.

    Source:
        Dennett (2015), in Global Migration and Development.
    """
    foreign = without_diagonal(start)
    total = foreign.sum()
    return foreign * (migrants / total) if total > 0 else foreign


def sum_of_net_migration(start: Array, end: Array, births: Array, deaths: Array) -> float:
    """Return the sum over areas of absolute net migration: growth less births plus deaths."""
    return float(np.abs(end.sum(axis=0) - start.sum(axis=0) - births + deaths).sum())


def flows_from_transitions(start: Array, end: Array) -> Array:
    """Return n x n flows from the matrix that turns the start into the end; may be negative.

    Raises:
        InvalidTable: If the stock at the start has no inverse.

    Source:
        Rogers and von Rabenau (1971), Demography 8.
    """
    try:
        transitions = np.linalg.solve(start, end)
    except np.linalg.LinAlgError as error:
        raise InvalidTable(
            table="BirthplaceStocks", reason="the stock at the start has no inverse"
        ) from error
    return without_diagonal(transitions * start.sum(axis=0)[:, None])
