"""Net migration from other figures, and net totals made to add up."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waystation.errors import InvalidChoice, InvalidTable, MissingColumns, UnusableArray
from waystation.statistics.flows.net import (
    balanced_net,
    integers_with_sum,
    net_from_survival_ratios,
    net_from_vital_statistics,
)

whole = st.lists(st.integers(-1000, 1000), min_size=2, max_size=20)


def test_what_births_and_deaths_do_not_explain_moved():
    """1000 become 1100; 80 were born and 30 died: 50 by nature, so 50 came."""
    frame = pl.DataFrame(
        {
            "area": ["A", "B"],
            "population_start": [1000, 10],
            "population_end": [1100, None],
            "births": [80, 1],
            "deaths": [30, 1],
        }
    )
    ours = net_from_vital_statistics(frame)
    assert ours["net_migration"].to_list() == [50, None]
    assert ours["natural_increase"].to_list() == [50, 0]
    assert ours["area"].to_list() == ["A", "B"]


def test_who_survives_and_is_there_stayed():
    """100 people of whom nine tenths survive: 90 expected. 99 are there: 9 came by the end,
    and 10 by the start, for of 110 nine tenths are 99.
    """
    frame = pl.DataFrame(
        {"population_start": [100.0], "population_end": [99.0], "survival_ratio": [0.9]}
    )
    row = net_from_survival_ratios(frame).row(0, named=True)
    assert row["net_forward"] == pytest.approx(9)
    assert row["net_reverse"] == pytest.approx(10)
    assert row["net_average"] == pytest.approx(9.5)


def test_an_unknown_ratio_and_one_of_0_give_no_figure():
    frame = pl.DataFrame(
        {
            "population_start": [100.0, 100.0],
            "population_end": [99.0, 0.0],
            "survival_ratio": [None, 0.0],
        }
    )
    ours = net_from_survival_ratios(frame)
    assert ours["net_forward"].to_list() == [None, 0.0]
    assert ours["net_reverse"].to_list() == [None, None]


def test_children_follow_women_of_another_table():
    """Ten groups, 100 women each, 10 of each group came: 60 of 600 women. 120 children: a
    fifth of a child a woman, so 60 * 120/600 * 1/4 = 3 children under 5 came with them.
    """
    women = pl.DataFrame(
        {
            "population_start": [100.0] * 10,
            "population_end": [100.0] * 10,
            "survival_ratio": [0.9] * 10,
        }
    )
    boys = women.with_columns(
        population_end=pl.Series([120.0, 200.0] + [90.0] * 8),
        survival_ratio=pl.Series([None, None] + [0.9] * 8, dtype=pl.Float64),
    )
    ours = net_from_survival_ratios(boys, children=True, women=net_from_survival_ratios(women))
    assert ours["net_forward"].to_list()[:3] == pytest.approx([3, 15, 0])


def test_tables_that_cannot_be_are_refused():
    with pytest.raises(MissingColumns, match="deaths"):
        net_from_vital_statistics(
            pl.DataFrame({"population_start": [1], "population_end": [1], "births": [1]})
        )
    short = pl.DataFrame(
        {"population_start": [1.0], "population_end": [1.0], "survival_ratio": [1.0]}
    )
    with pytest.raises(InvalidTable, match="ten five-year groups"):
        net_from_survival_ratios(short, children=True)
    with pytest.raises(InvalidTable, match="below 0"):
        net_from_survival_ratios(short.with_columns(population_end=pl.lit(-1.0)))


@given(whole)
def test_balanced_totals_add_up_and_keep_their_signs(values):
    net = np.array(values, dtype=float)
    if not ((net > 0).any() and (net < 0).any()):
        return
    exact, rounded = balanced_net(net), balanced_net(net, integer=True)
    assert exact.sum() == pytest.approx(0, abs=1e-6)
    assert rounded.sum() == 0
    assert (np.sign(exact) == np.sign(net)).all()
    assert np.abs(rounded - exact).max() < 1
    assert balanced_net(net, method="switches").sum() == pytest.approx(0, abs=1e-6)


def test_totals_of_one_sign_and_unknown_methods_are_refused():
    with pytest.raises(UnusableArray, match="one sign"):
        balanced_net([1, 2, 3])
    with pytest.raises(InvalidChoice):
        balanced_net([1, -2], method="swaps")
    with pytest.raises(UnusableArray, match="switch its sign"):
        balanced_net([10, 1, -1], weights=[0, 1, 1])


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=30), st.integers(0, 10_000))
def test_whole_numbers_are_near_their_shares_and_do_not_depend_on_order(values, total):
    ours = integers_with_sum(values, total)
    share = np.array(values) * total / sum(values)
    assert ours.sum() == total
    assert np.abs(ours - share).max() < 1 + 1e-6
    assert sorted(ours.tolist()) == sorted(integers_with_sum(values[::-1], total).tolist())


def test_zeros_cannot_be_scaled_to_something():
    assert integers_with_sum([0, 0], 0).tolist() == [0, 0]
    with pytest.raises(UnusableArray):
        integers_with_sum([1, -1], 5)
