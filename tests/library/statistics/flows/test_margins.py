"""Fitting to margins: the answer of proportional fitting, or told to be out of reach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from waystation.statistics.flows.laplacian import potentials_of_network
from waystation.statistics.flows.margins import table_fitted_to_margins


def proportionally_fitted(first, rows, columns, rounds=6_000):
    """Return what plain iterative proportional fitting comes to; columns last."""
    table = np.where((rows[:, None] > 0) & (columns[None, :] > 0), first, 0.0)
    for _ in range(rounds):
        before = table
        for axis, wanted in ((1, rows), (0, columns)):
            sums = table.sum(axis=axis)
            factor = np.divide(wanted, sums, out=np.zeros_like(sums), where=sums > 0)
            table = table * (factor[:, None] if axis == 1 else factor)
        if np.abs(table - before).max() < 1e-11 * columns.sum():
            break
    return table


def test_two_by_two_by_hand():
    """Odds stay 1, so both margins multiply: 30 * 40 / 100 in the first cell."""
    fit = table_fitted_to_margins(np.ones((2, 2)), np.array([30.0, 70]), np.array([40.0, 60]))
    np.testing.assert_allclose(fit.table, [[12, 18], [28, 42]])
    assert fit.unreachable == ()


def test_a_row_forced_above_its_total_is_named_and_the_rest_shares_the_gap():
    """Column 0 has one cell, so row 0 holds at least 50 of the 30 it may."""
    first = np.array([[50.0, 5.0, 5.0], [0.0, 20.0, 20.0], [0.0, 10.0, 10.0]])
    fit = table_fitted_to_margins(first, np.array([30.0, 60, 60]), np.array([50.0, 50, 50]))
    np.testing.assert_allclose(fit.table, [[50, 0, 0], [0, 25, 25], [0, 25, 25]])
    np.testing.assert_allclose(fit.row_gaps, [20, -10, -10])
    assert fit.unreachable == (0, 1, 2)
    assert fit.steps < 60


def test_a_margin_reached_only_by_emptying_a_cell_is_reached():
    first = np.array([[50.0, 5.0], [0.0, 45.0]])
    fit = table_fitted_to_margins(first, np.array([50.0, 50]), np.array([50.0, 50]))
    np.testing.assert_allclose(fit.table, [[50, 0], [0, 50]], atol=1e-6)
    assert fit.unreachable == ()


def test_an_empty_column_with_a_total_is_a_gap_and_not_a_crash():
    first = np.array([[1.0, 0.0], [1.0, 0.0]])
    fit = table_fitted_to_margins(first, np.array([5.0, 5]), np.array([8.0, 2]))
    np.testing.assert_allclose(fit.table, [[4, 0], [4, 0]])
    np.testing.assert_allclose(fit.column_gaps, [0, -2])
    assert fit.unreachable == (0, 1)


def test_parts_that_nothing_ties_are_fitted_apart():
    first = np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 7]])
    fit = table_fitted_to_margins(first, np.array([2.0, 6, 9]), np.array([4.0, 4, 9]))
    np.testing.assert_allclose(fit.table, [[1, 1, 0], [3, 3, 0], [0, 0, 9]])


def test_an_early_stop_is_a_thousandth_of_a_person_from_the_answer():
    first = np.array([[900.0, 90, 10], [20, 700, 30], [5, 60, 800]])
    rows, columns = np.array([1020.0, 745, 850]), first.sum(axis=0)
    exact = table_fitted_to_margins(first, rows, columns)
    early = table_fitted_to_margins(first, rows, columns, stop=1e-3)
    assert 0 < np.abs(early.table - exact.table).max() < 0.01
    np.testing.assert_allclose(early.column_gaps, 0, atol=1e-9)


sizes = st.tuples(st.integers(1, 4), st.integers(1, 4))
cells = st.one_of(st.just(0.0), st.integers(1, 1000).map(float))


@st.composite
def problems(draw):
    shape = draw(sizes)
    first = draw(arrays.arrays(float, shape, elements=cells))
    rows = draw(arrays.arrays(float, shape[0], elements=cells))
    columns = draw(arrays.arrays(float, shape[1], elements=cells))
    return first, rows, columns


@settings(deadline=None, max_examples=40)
@given(problems())
def test_it_is_the_limit_of_proportional_fitting_reachable_or_not(problem):
    first, rows, columns = problem
    fit = table_fitted_to_margins(first, rows, columns)
    expected = proportionally_fitted(first, rows, columns)
    whole = max(1.0, columns.sum())
    # Where a cell has to vanish plain fitting only creeps to it: as one over the rounds.
    np.testing.assert_allclose(fit.table, expected, rtol=0, atol=5e-4 * whole)
    assert (fit.table >= 0).all()
    assert not fit.table[first == 0].any()


@given(arrays.arrays(float, (5, 5), elements=st.floats(0.01, 1e6)))
def test_potentials_solve_their_network(weights):
    weights = weights + weights.T
    demand = np.array([3.0, -1.0, 4.0, -1.0, -5.0])
    found = potentials_of_network(weights, demand)
    np.fill_diagonal(weights, 0.0)
    inflow = (weights * (found[:, None] - found)).sum(axis=1)
    np.testing.assert_allclose(inflow, demand, atol=1e-6)
    assert found[-1] == pytest.approx(0)
