"""Fitting to margins and net totals: worked by hand, refused, and what holds for any table."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from waystation.errors import UnbalancedMargins, UnusableArray
from waystation.statistics.flows.fitting.margins import Margin, fit_margins
from waystation.statistics.flows.fitting.maximisation import (
    maximise_three_way,
    maximise_two_way,
)
from waystation.statistics.flows.fitting.nearest import nearest_absolute, nearest_squares
from waystation.statistics.flows.fitting.net import fit_net, net_of
from waystation.statistics.flows.fitting.patterns import quadratic_roots
from waystation.statistics.flows.fitting.proportional import (
    fit_blocks,
    fit_quasi_independence,
    fit_stripes,
    fit_three_way,
    fit_two_way,
)

amounts = st.floats(0.5, 1000)
squares = st.integers(2, 6).flatmap(lambda n: arrays(float, (n, n), elements=amounts))


def test_a_table_fitted_by_hand():
    """Ones with rows 3, 1 and columns 2, 2 give each cell row * column / 4."""
    fit = fit_two_way(np.ones((2, 2)), rows=[3, 1], columns=[2, 2])
    np.testing.assert_allclose(fit.values, [[1.5, 1.5], [0.5, 0.5]])
    assert fit.is_converged
    assert [m.margin for m in fit.misfits] == ["columns", "rows"]


def test_odds_ratios_of_the_seed_remain():
    """Seed 1 2 / 3 4 has the odds ratio 2/3 and so has what is fitted to it."""
    fit = fit_two_way([[1, 2], [3, 4]], rows=[50, 50], columns=[40, 60])
    (a, b), (c, d) = fit.values
    assert a * d / (b * c) == pytest.approx(1 * 4 / (2 * 3))


def test_stocks_become_flows_by_birthplace():
    """Born in A: 3 in A and 1 in B before, 2 and 2 after. Moves 3 to 2 by shares of a half."""
    start, end = np.array([[3.0], [1.0]]), np.array([[2.0], [2.0]])
    all_move = fit_three_way(by_origin=start, by_destination=end)
    np.testing.assert_allclose(all_move.values[:, :, 0], [[1.5, 1.5], [0.5, 0.5]])
    # Two stay in A, one in B; the one left moves from A to B.
    fewest = fit_quasi_independence(by_origin=start, by_destination=end)
    np.testing.assert_allclose(fewest.values[:, :, 0], [[2, 1], [0, 1]])


def test_fewer_stayers_may_be_given_and_not_more():
    start, end = np.array([[3.0], [3.0], [4.0]]), np.array([[2.0], [4.0], [4.0]])
    stayers = np.array([[1.0], [1.0], [1.0]])
    fit = fit_quasi_independence(by_origin=start, by_destination=end, stayers=stayers)
    assert fit.is_converged
    np.testing.assert_allclose(np.diag(fit.values[:, :, 0]), 1)
    np.testing.assert_allclose(fit.values.sum(axis=1), start, atol=1e-6)
    with pytest.raises(UnusableArray, match="more stay in area 0"):
        fit_quasi_independence(by_origin=start, by_destination=end, stayers=stayers * 2.5)


@pytest.mark.parametrize("rows", [[10, 20], [30, 21]])
def test_unbalanced_margins_are_refused_by_name(rows):
    with pytest.raises(UnbalancedMargins) as refusal:
        fit_two_way(np.ones((2, 2)), rows=rows, columns=[25, 25])
    assert refusal.value.details["first"] == "rows"


def test_a_birthplace_with_other_people_at_the_end_is_named():
    start, end = np.array([[3.0, 5.0], [1.0, 5.0]]), np.array([[2.0, 5.0], [2.0, 6.0]])
    with pytest.raises(UnbalancedMargins, match="at place 1"):
        fit_three_way(by_origin=start, by_destination=end)


@pytest.mark.parametrize("bad", [[[1, -1], [1, 1]], [[1, np.nan], [1, 1]], [1, 2]])
def test_seeds_that_cannot_be_are_refused(bad):
    with pytest.raises(UnusableArray):
        fit_two_way(bad, rows=[1, 1], columns=[1, 1])


def test_blocks_and_stripes_that_do_not_add_up_are_refused():
    with pytest.raises(UnbalancedMargins):
        fit_blocks(rows=[1, 1], columns=[1, 1], groups=[0, 1], block_totals=[[1, 0], [0, 2]])
    with pytest.raises(UnbalancedMargins, match="at place 1"):
        fit_stripes(rows=[3, 3], groups=[0, 1], stripe_totals=[[1, 2], [1, 1]])


def test_zeros_that_make_a_pair_of_totals_unreachable_are_told_by_the_misfit():
    """Columns 1 and 2 can only be filled by row 0, which has 1 for their 2."""
    seed = [[1, 1, 0], [0, 0, 1]]
    fit = fit_two_way(seed, rows=[1, 2], columns=[1, 1, 1])
    assert not fit.is_converged
    assert fit.unreachable == ()  # each total has a cell; together they have not
    assert fit.largest_misfit > 0.3
    assert fit.iterations < 200


@given(squares, st.data())
@settings(max_examples=40, deadline=None)
def test_any_positive_seed_meets_any_margins(seed, data):
    other = data.draw(arrays(float, seed.shape, elements=amounts))
    rows, columns = other.sum(axis=1), other.sum(axis=0)
    for way in (fit_two_way, maximise_two_way):
        fit = way(seed, rows=rows, columns=columns)
        assert fit.is_converged
        np.testing.assert_allclose(fit.values.sum(axis=1), rows, atol=1e-5)
        np.testing.assert_allclose(fit.values.sum(axis=0), columns, atol=1e-5)
    again = fit_two_way(fit.values, rows=rows, columns=columns)
    np.testing.assert_allclose(again.values, fit.values, atol=1e-5)


@given(squares, st.data())
@settings(max_examples=40, deadline=None)
def test_factors_times_the_seed_are_the_fit(seed, data):
    array = np.stack([seed, data.draw(arrays(float, seed.shape, elements=amounts))], axis=2)
    other = data.draw(arrays(float, seed.shape, elements=amounts))
    fit = maximise_three_way(array, rows=other.sum(axis=1), columns=other.sum(axis=0))
    factor = np.outer(fit.factors["origin"], fit.factors["destination"])
    np.testing.assert_allclose(fit.values, array * factor[:, :, None])


def test_margins_of_any_kind_can_be_met_together():
    seed = np.ones((2, 2, 2))
    target = np.arange(8.0).reshape(2, 2, 2) + 1
    margins = [
        Margin("origin", target.sum(axis=(1, 2)), axes=(0,)),
        Margin("pair", target.sum(axis=2), axes=(0, 1)),
        Margin(
            "corner",
            np.array([7.0, 29.0]),
            groups=np.array([0, 0, 0, 1, 0, 1, 1, 1]).reshape(seed.shape),
        ),
    ]
    margins[2] = Margin("corner", margins[2].of(target), groups=margins[2].groups)
    fit = fit_margins(seed, margins)
    assert fit.is_converged
    np.testing.assert_allclose(fit.values.sum(axis=2), target.sum(axis=2), atol=1e-6)


def test_a_fit_is_not_ended_while_the_other_margin_is_off():
    """Columns are met in each round; rows, which two blocks tie but loosely, come after."""
    other = np.ones((4, 4))
    other[0, 2:], other[3, :2] = (347, 535), (77, 66)
    seed = np.where(other > 1, 100.0, 1.0)
    for way in (fit_two_way, maximise_two_way):
        fit = way(seed, rows=other.sum(axis=1), columns=other.sum(axis=0))
        assert fit.is_converged


# Net totals


def test_net_totals_of_two_areas_by_hand():
    """From 4 and 4, a gain of 6 for B: x - y = 6 and x y = 16 give 8 and 2."""
    fit = fit_net([[0, 4], [4, 0]], [-6, 6])
    np.testing.assert_allclose(fit.values, [[0, 8], [2, 0]], atol=1e-6)
    a, b = fit.factors["origin"]
    assert a / b == pytest.approx(2)


def test_the_nearest_tables_of_two_areas_by_hand():
    """From 4 and 4, a gain of 6 for B. Squares: 3 more one way and 3 fewer the other."""
    squares_fit = nearest_squares([[0, 4], [4, 0]], [-6, 6])
    np.testing.assert_allclose(squares_fit.values, [[0, 7], [1, 0]], atol=1e-6)
    # Squares when the way back runs out: 0 is the least, the rest is added.
    emptied = nearest_squares([[0, 4], [1, 0]], [-10, 10])
    np.testing.assert_allclose(emptied.values, [[0, 10], [0, 0]], atol=1e-6)
    absolute = nearest_absolute([[0, 4], [4, 0]], [-6, 6])
    assert np.abs(absolute.values - [[0, 4], [4, 0]]).sum() == pytest.approx(6)


def test_a_way_that_is_not_allowed_is_gone_around():
    """3 people from A to C, by B only: each changes two cells."""
    allowed = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], bool)
    fit = nearest_absolute(np.zeros((3, 3)), [-3, 0, 3], allowed=allowed)
    np.testing.assert_allclose(fit.values, [[0, 3, 0], [0, 0, 3], [0, 0, 0]])
    assert fit.is_converged


@pytest.mark.parametrize("way", [fit_net, nearest_absolute, nearest_squares])
def test_net_totals_that_cannot_be_are_refused_or_told(way):
    with pytest.raises(UnbalancedMargins):
        way(np.ones((2, 2)), [1, 1])
    allowed = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    fit = way(np.ones((3, 3)), [-1, 0, 1], allowed=allowed)
    assert not fit.is_converged
    assert ("net", (2,)) in fit.unreachable
    assert fit.largest_misfit >= 0.4


def test_a_total_that_cannot_be_is_refused():
    with pytest.raises(UnusableArray):
        fit_net(np.ones((2, 2)), [0, 0], total=0)


priors = st.integers(2, 6).flatmap(
    lambda n: arrays(float, (n, n), elements=st.one_of(st.just(0.0), st.floats(0.5, 1e3)))
)


def balanced(data, n):
    net = data.draw(arrays(float, n, elements=st.floats(-500, 500)))
    net = np.round(net)
    net[-1] -= net.sum()
    return net


@given(squares, st.data())
@settings(max_examples=40, deadline=None)
def test_entropy_meets_net_totals_and_keeps_products_around_a_circle(prior, data):
    net = balanced(data, len(prior))
    fit = fit_net(prior, net)
    assert fit.is_converged
    np.testing.assert_allclose(net_of(fit.values), net, atol=1e-5)
    # y_ij y_ji = m_ij m_ji: potentials cancel around any circle.
    np.testing.assert_allclose(fit.values * fit.values.T, prior * prior.T, rtol=1e-6)
    with_total = fit_net(prior, net, total=float(prior.sum() + np.abs(net).sum()))
    assert with_total.is_converged


@given(priors, st.data())
@settings(max_examples=400, deadline=None)
def test_no_other_table_is_nearer(prior, data):
    np.fill_diagonal(prior, 0)
    net = balanced(data, len(prior))
    least, nearest = nearest_absolute(prior, net), nearest_squares(prior, net)
    for fit in (least, nearest):
        assert fit.is_converged
        assert (fit.values >= 0).all()
    cost = np.abs(least.values - prior).sum()
    assert cost == pytest.approx(np.abs(net - net_of(prior)).sum() / 2)
    assert np.abs(nearest.values - prior).sum() >= cost * (1 - 1e-9) - 1e-6
    apart, least_apart = (((f.values - prior) ** 2).sum() for f in (least, nearest))
    assert apart >= least_apart * (1 - 1e-9) - 1e-6


@given(priors, st.data())
@settings(max_examples=400, deadline=None)
def test_no_shipment_around_forbidden_ways_is_cheaper(prior, data):
    """The exact proof: no circle of further changes lowers the cost (Bellman-Ford)."""
    n = len(prior)
    allowed = data.draw(arrays(bool, (n, n))) | np.eye(n, k=1, dtype=bool)
    allowed |= np.eye(n, k=1 - n, dtype=bool)
    np.fill_diagonal(allowed, False)
    prior = np.where(allowed, np.round(prior), 0)
    fit = nearest_absolute(prior, balanced(data, n), allowed=allowed)
    assert fit.is_converged
    change = np.where(allowed, fit.values - prior, 0)
    # Ways to send one more person from i to j: by cell i, j, or by taking from cell j, i.
    more = np.where(allowed, np.where(change < -1e-9, -1.0, 1.0), np.inf)
    fewer = np.where(fit.values > 1e-9, np.where(change > 1e-9, -1.0, 1.0), np.inf).T
    cost = np.minimum(more, fewer)
    far = np.zeros(n)
    for _ in range(n):
        far = np.minimum(far, (far[:, None] + cost).min(axis=0))
    assert (far <= (far[:, None] + cost).min(axis=0) + 1e-9).all()


def test_two_hundred_and_twenty_nine_areas_take_seconds():
    generator = np.random.default_rng(1)
    prior = np.exp(generator.normal(3, 3, (229, 229)))
    np.fill_diagonal(prior, 0)
    net = generator.normal(0, 1e5, 229)
    net -= net.mean()
    begun = time.process_time()
    for way in (fit_net, nearest_absolute, nearest_squares):
        assert way(prior, net).is_converged
    assert fit_net(prior, net, total=2 * float(prior.sum())).is_converged
    assert time.process_time() - begun < 10


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(0.01, 100))
def test_roots_solve_the_equation(first, second, a):
    low, high = sorted((first, second))
    roots = quadratic_roots(a, -a * (low + high), a * low * high)
    for root in roots:
        size = a * (root**2 + abs(low + high) * abs(root) + abs(low * high)) + 1e-9
        assert abs(a * (root - low) * (root - high)) <= 1e-9 * size
