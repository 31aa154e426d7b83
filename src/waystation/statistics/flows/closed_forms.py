"""Flows between stocks with equal totals by birthplace: minimum and independence.

With nothing known of distances both have a closed form: those born in k move from i to j as
``start_ki * end_kj / total_k``, of all people (independence) or of those who cannot have
stayed (minimum). With a seed each place of birth is fitted by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waystation.statistics.flows.arrays import Array, ratio, without_diagonal
from waystation.statistics.flows.margins import table_fitted_to_margins


@dataclass(frozen=True, slots=True)
class Moves:
    """People of each birthplace at the start and at the end, to be joined into moves.

    Attributes:
        stayers: n x n by birthplace and residence; counted apart from the moves.
        leaving: n x n by birthplace and residence at the start.
        arriving: n x n by birthplace and residence at the end.
        seed: n x n by origin and destination, or None: every move as likely.
    """

    stayers: Array
    leaving: Array
    arriving: Array
    seed: Array | None = None


@dataclass(frozen=True, slots=True)
class FlowTable:
    """Flows by origin and destination, n x n each, diagonal 0; the types add up to the total.

    Attributes:
        total: All moves.
        outward: From the place of birth.
        back: To the place of birth.
        transit: Neither.
        wanted: n x 2 by area: people at the origin and at the destination, stays included.
        gaps: n x 2 by area: people of those that the fit left out.
    """

    total: Array
    outward: Array
    back: Array
    transit: Array
    wanted: Array
    gaps: Array


def fewest_moves(start: Array, end: Array, seed: Array | None = None) -> Moves:
    """Return the moves that remain when as many as possible have stayed.

    Source:
        Abel (2013), Demographic Research 28: the quasi-independence model.
    """
    stayers = np.minimum(start, end)
    leaving, arriving = start - stayers, end - stayers
    arriving = arriving * ratio(leaving.sum(axis=1), arriving.sum(axis=1))[:, None]
    return Moves(stayers, leaving, arriving, None if seed is None else without_diagonal(seed))


def independent_moves(start: Array, end: Array, seed: Array | None = None) -> Moves:
    """Return the moves where the place at the end tells nothing of the place at the start.

    Where more people are taken to outside than live in a place (open worlds, by the shape of
    the other moment), it has nobody, and the others of that birthplace make up for it.

    Source:
        Azose and Raftery (2019), PNAS 116: the other end of their mixture.
    """
    return Moves(np.zeros_like(start), _from_zero(start), _from_zero(end), seed)


def _from_zero(stock: Array) -> Array:
    """Return the stock without negative cells, totals by birthplace as they are."""
    if (stock >= 0).all():
        return stock
    held = np.maximum(stock, 0.0)
    totals = np.maximum(stock.sum(axis=1), 0.0)
    scaled: Array = held * ratio(totals, held.sum(axis=1))[:, None]
    return scaled


def flows_from_moves(moves: Moves) -> FlowTable:
    """Return the moves by origin and destination, all and by type."""
    if moves.seed is None:
        return _closed_form(moves)
    size = len(moves.leaving)
    total, outward, back = (np.zeros((size, size)) for _ in range(3))
    gaps = np.zeros((size, 2))
    for birthplace in range(size):
        table, missed = _fit_by_seed(moves, birthplace, moves.seed)
        gaps += missed
        total += table
        outward[birthplace] = table[birthplace]
        back[:, birthplace] = table[:, birthplace]
    return _flow_table(moves, total, outward, back, gaps)


def moves_by_birthplace(moves: Moves, birthplace: int) -> Array:
    """Return moves and stays of those born in one area, n x n by origin and destination."""
    stays = np.diag(moves.stayers[birthplace])
    if moves.seed is not None:
        return stays + _fit_by_seed(moves, birthplace, moves.seed)[0]
    leaving, arriving = moves.leaving[birthplace], moves.arriving[birthplace]
    total = leaving.sum()
    return stays + (np.outer(leaving, arriving) / total if total > 0 else 0.0)


def _closed_form(moves: Moves) -> FlowTable:
    shares = (
        moves.leaving * ratio(np.ones(len(moves.leaving)), moves.leaving.sum(axis=1))[:, None]
    )
    # Not a matrix product: threaded ones differ in the last digit with the number of threads.
    total = np.einsum("ki,kj->ij", shares, moves.arriving)
    outward = np.diag(shares)[:, None] * moves.arriving
    back = shares.T * np.diag(moves.arriving)
    lost = np.where(moves.leaving.sum(axis=1) > 0, 0.0, 1.0)[:, None] * moves.arriving
    gaps = np.column_stack([np.zeros(len(total)), lost.sum(axis=0)])
    return _flow_table(moves, total, outward, back, gaps)


def _fit_by_seed(moves: Moves, birthplace: int, seed: Array) -> tuple[Array, Array]:
    leaving, arriving = moves.leaving[birthplace], moves.arriving[birthplace]
    fit = table_fitted_to_margins(seed, leaving, arriving)
    gaps = np.column_stack([np.abs(fit.row_gaps), np.abs(fit.column_gaps)])
    return fit.table, gaps


def _flow_table(
    moves: Moves, total: Array, outward: Array, back: Array, gaps: Array
) -> FlowTable:
    total, outward, back = (without_diagonal(table) for table in (total, outward, back))
    transit = np.maximum(total - outward - back, 0.0)
    wanted = np.column_stack([moves.leaving.sum(axis=0), moves.arriving.sum(axis=0)])
    return FlowTable(total, outward, back, transit, wanted, gaps)
