"""Fit a table of people to row and column totals: fast, and plain about what is unreachable.

The answer is that of iterative proportional fitting, ended by the columns: the table with the
given column totals that is nearest to the first one. Where the zeros of the table put a row
total out of reach, proportional fitting creeps for thousands of rounds towards a table that
misses it; here the rows and columns that cause it are found, and that table is computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waystation.statistics.flows.arrays import Array, Bools, Places, ratio
from waystation.statistics.flows.laplacian import potentials_of_network

_ROUNDS = 50
_MAX_STEPS = 400
_SLOW = 12
_LONGEST_STEP = 3.0
_NEAR_ABSOLUTE, _NEAR_RELATIVE = 1e-7, 1e-12


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted table and what it misses.

    Attributes:
        table: m x n, at least 0, zeros where the first table has them.
        row_gaps: m, row totals reached less those asked for.
        column_gaps: n, column totals reached less those asked for.
        steps: Steps of Newton's method, in all.
        unreachable: Positions of the rows whose total the zeros of the table put out of reach,
            or that miss it by more than a thousandth because others are.
    """

    table: Array
    row_gaps: Array
    column_gaps: Array
    steps: int
    unreachable: tuple[int, ...]


def table_fitted_to_margins(
    first: Array, rows: Array, columns: Array, *, stop: float = 0.0
) -> Fit:
    """Return the table nearest to ``first`` with the given totals.

    Column totals hold, but for a column with no cell. Row totals hold where they can be
    reached; where the totals of rows and of columns differ, rows are scaled to the columns.

    Args:
        first: m x n, at least 0.
        rows: m row totals, at least 0.
        columns: n column totals, at least 0.
        stop: Where within 50 rounds of proportional fitting one changes no cell by more than
            this, its table is returned; 0 for the very answer. Never more than a millionth
            of the whole.

    Source:
        Deming and Stephan (1940) for the fit; Gietl and Reffel (2017), Metrika 80, for its
        limit where the totals cannot be reached. Newton's method on the dual is ours.
    """
    table = np.where((rows[:, None] > 0) & (columns[None, :] > 0), first, 0.0)
    settled = _settled(table, rows, columns, min(stop, 1e-6 * float(columns.sum())))
    if settled is not None:
        return Fit(settled, settled.sum(axis=1) - rows, settled.sum(axis=0) - columns, 0, ())
    fitted = np.zeros_like(table)
    blocks = _components(table > 0)
    steps = 0
    largest, is_main = 0.0, np.zeros(len(rows), dtype=bool)
    while blocks:
        block_rows, block_columns = blocks.pop()
        cells = np.ix_(block_rows, block_columns)
        part, used, cut = _fit_block(table[cells], rows[block_rows], columns[block_columns])
        steps += used
        if cut is None:
            fitted[cells] = part
            if part.sum() > largest:
                largest, is_main = float(part.sum()), np.isin(np.arange(len(rows)), block_rows)
            continue
        is_low, has_own = cut
        outside = np.ix_(block_rows[is_low], block_columns[~has_own])
        table[outside] = 0.0
        for chosen_rows, chosen_columns in ((is_low, has_own), (~is_low, ~has_own)):
            blocks += _components_within(
                table, block_rows[chosen_rows], block_columns[chosen_columns]
            )
    row_gaps = fitted.sum(axis=1) - rows
    column_gaps = fitted.sum(axis=0) - columns
    # Rows of the main part share what others cannot hold; that alone does not put them here.
    allowed = np.where(is_main, 1e-3, 1e-6) * np.maximum(rows, 1.0)
    missed = np.flatnonzero(np.abs(row_gaps) > allowed)
    return Fit(fitted, row_gaps, column_gaps, steps, tuple(int(i) for i in missed))


def _settled(first: Array, rows: Array, columns: Array, stop: float) -> Array | None:
    """Return the table of proportional fitting where it settles soon and reaches its rows."""
    if stop <= 0.0:
        return None
    table = first
    for _ in range(_ROUNDS):
        before = table
        table = table * ratio(rows, table.sum(axis=1))[:, None]
        table = table * ratio(columns, table.sum(axis=0))
        if np.abs(table - before).max() < stop:
            is_reached = (np.abs(table.sum(axis=1) - rows) < 10 * stop).all()
            return table if is_reached else None
    return None


def _components(cells: Bools) -> list[tuple[Places, Places]]:
    """Return the rows and columns of each part of the table that no cell ties to another."""
    left: Bools = np.logical_or.reduce(cells, axis=1)
    parts = []
    while left.any():
        in_rows: Bools = np.zeros(len(left), dtype=bool)
        in_rows[np.argmax(left)] = True
        while True:
            in_columns: Bools = np.logical_or.reduce(cells[in_rows], axis=0)
            wider: Bools = np.logical_or.reduce(cells[:, in_columns], axis=1)
            if (wider == in_rows).all():
                break
            in_rows = wider
        parts.append((np.flatnonzero(in_rows), np.flatnonzero(in_columns)))
        left = left & ~in_rows
    return parts


def _components_within(
    table: Array, rows: Places, columns: Places
) -> list[tuple[Places, Places]]:
    parts = _components(table[np.ix_(rows, columns)] > 0)
    return [(rows[a], columns[b]) for a, b in parts]


def _fit_block(
    first: Array, rows: Array, columns: Array
) -> tuple[Array, int, tuple[Bools, Bools] | None]:
    """Fit one tied part; or return its rows that are too low for the columns only they fill."""
    total = columns.sum()
    wanted = rows * (total / rows.sum())
    near = _NEAR_ABSOLUTE + _NEAR_RELATIVE * wanted
    is_cell = first > 0
    table = first * (columns / first.sum(axis=0))
    logs = np.zeros(len(rows))
    for step in range(_MAX_STEPS):
        reached = table.sum(axis=1)
        gaps = wanted - reached
        if (np.abs(gaps) <= near).all():
            return table, step, None
        if step >= _SLOW and step % 4 == 0:
            cut = _cut(is_cell, logs, wanted, columns)
            if cut is not None:
                return table, step, cut
        change = _newton_step(table, columns, gaps)
        table, moved = _advanced(table, columns, wanted, change, gaps)
        logs += moved
    return table, _MAX_STEPS, None


def _newton_step(table: Array, columns: Array, gaps: Array) -> Array:
    """Return the change of the logarithms of the row factors that closes the gaps."""
    weights = np.einsum("ki,kj->ij", (table / columns).T.copy(), table.T.copy())
    order = np.argsort(table.sum(axis=1), kind="stable")
    change = np.empty(len(gaps))
    change[order] = potentials_of_network(weights[np.ix_(order, order)], gaps[order])
    return change


def _advanced(
    table: Array, columns: Array, wanted: Array, change: Array, gaps: Array
) -> tuple[Array, Array]:
    """Move along the change as far as it lowers the dual; return the table and the move."""
    longest = np.abs(change - np.median(change)).max()
    length = min(1.0, _LONGEST_STEP / longest) if longest > 0 else 1.0
    slope = float((gaps * change).sum())
    for _ in range(30):
        move = length * change
        raised = table * np.exp(move - move.max())[:, None]
        sums = raised.sum(axis=0)
        # The dual: sum of column totals times log of raised columns, less wanted times move.
        shifts = columns * (np.log(sums / columns) + move.max())
        rise = float(shifts.sum() - (wanted * move).sum())
        # Below the last digits of the dual a fall cannot be seen any more.
        if rise <= -1e-4 * length * slope or length * slope < 1e-15 * columns.sum():
            break
        length /= 2
    return raised * (columns / sums), move


def _cut(
    is_cell: Bools, logs: Array, rows: Array, columns: Array
) -> tuple[Bools, Bools] | None:
    """Return rows, and the columns only they fill, where the columns hold more than the rows.

    Rows that are pushed down most come first; a column belongs to the first rows that
    contain all of its cells. The certificate is exact: those columns have no other row.
    """
    order = np.argsort(logs, kind="stable")
    last = np.where(is_cell[order], np.arange(len(order))[:, None], -1).max(axis=0)
    held = np.bincount(last, weights=columns, minlength=len(order)).cumsum()
    room = rows[order].cumsum()
    ratio = held[:-1] / room[:-1]
    excess = held[:-1] - room[:-1]
    is_over = excess > 1e-6 + 1e-12 * room[-1]
    if not is_over.any():
        return None
    end = int(np.argmax(np.where(is_over, ratio, -1.0)))
    is_low = np.zeros(len(order), dtype=bool)
    is_low[order[: end + 1]] = True
    return is_low, last <= end
