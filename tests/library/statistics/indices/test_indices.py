"""Indices worked by hand, refused where they have no meaning, and what always holds."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from waystation.errors import CoverageMismatch, InvalidChoice, UnusableArray
from waystation.statistics.indices.age import age_indices
from waystation.statistics.indices.components import multiplicative_components
from waystation.statistics.indices.distance import distance_indices
from waystation.statistics.indices.impact import (
    impact_indices,
    intensity_indices,
    preference,
)
from waystation.statistics.indices.spatial import expected_flows, gini, spatial_indices
from waystation.statistics.indices.sums import (
    area_sums,
    lumped_flows,
    pair_sums,
    with_group_sums,
)

# A to B 30, B to A 10, and 5 each from and to C; the diagonal must not matter.
FLOWS = np.array([[900.0, 30, 5], [10, 900, 5], [5, 5, 900]])
TABLE = pl.DataFrame(
    [
        ("A", "B", 30.0), ("A", "C", 5.0), ("B", "A", 10.0), ("B", "C", 5.0),
        ("C", "A", 5.0), ("C", "B", 5.0),
    ],
    schema=["origin", "destination", "persons"],
    orient="row",
)  # fmt: skip


def test_gini_by_hand():
    """1, 1, 4: differences 0, 3, 3 of the three pairs; 12 in all ordered ones, by 2 N T."""
    assert gini([1, 1, 4], corrected=False) == pytest.approx(12 / (2 * 3 * 6))
    assert gini([1, 1, 4]) == pytest.approx(12 / (2 * 2 * 6))
    assert gini([0, 0, 9]) == pytest.approx(1)
    assert gini([5, 5]) == 0


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=40))
def test_gini_is_that_of_all_pairs(values):
    x = np.array(values)
    if not x.sum() > 1e-6:
        return
    pairs = np.abs(x[:, None] - x[None]).sum() / (2 * (x.size - 1) * x.sum())
    assert gini(x) == pytest.approx(pairs, abs=1e-9)


def test_spread_by_hand():
    """Flows 30, 5, 10, 5, 5, 5 of 60. Rows: A 30, 5 (35), B 10, 5 (15), C 5, 5 (10)."""
    ours = spatial_indices(FLOWS)
    assert ours.connectivity == 1
    assert ours.inequality_equal == pytest.approx((abs(30 - 10) + 4 * 5) / 60 / 2)
    by_row = [25 / 35, 5 / 15, 0]
    assert ours.mwg_origin == pytest.approx(35 / 60 * by_row[0] + 15 / 60 * by_row[1])
    assert ours.cv == pytest.approx(np.std([30, 5, 10, 5, 5, 5]) / 10)
    rows = [12.5 / 17.5, 2.5 / 7.5, 0]  # standard deviation by mean
    columns = [2.5 / 7.5, 12.5 / 17.5, 0]
    weights = np.array([35, 15, 10]) / 60
    into = np.array([15, 35, 10]) / 60
    assert ours.acv == pytest.approx(weights @ rows + into @ columns)


def test_equal_flows_are_equal_in_every_way():
    ours = asdict(spatial_indices(np.full((4, 4), 7.0)))
    assert ours.pop("connectivity") == 1
    assert all(value == pytest.approx(0, abs=1e-9) for value in ours.values())


def test_one_corridor_has_no_model_of_expected_flows_to_differ_from():
    flows = np.zeros((3, 3))
    flows[0, 1] = 5
    ours = spatial_indices(flows)
    assert ours.gini_total == pytest.approx(1)
    assert ours.inequality_expected == pytest.approx(0)


@given(arrays(float, (5, 5), elements=st.floats(1, 1e4)), st.permutations(range(5)))
@settings(max_examples=30, deadline=None)
def test_the_order_of_areas_does_not_matter(flows, order):
    moved = flows[np.ix_(order, order)]
    one, two = asdict(spatial_indices(flows)), asdict(spatial_indices(moved))
    for name, value in one.items():
        if value is not None and two[name] is not None:
            assert two[name] == pytest.approx(value, abs=1e-6)
    for value in one.values():
        assert value is None or value >= 0


def test_expected_flows_have_the_totals_and_no_stays():
    expected = expected_flows(FLOWS)
    assert np.diag(expected).tolist() == [0, 0, 0]
    np.testing.assert_allclose(expected.sum(axis=1), [35, 15, 10], atol=1e-5)


def test_impact_by_hand():
    """A loses 35 and gains 15, B loses 15 and gains 35, C is even: 40 of 120, half for good."""
    ours = impact_indices(FLOWS, [1000, 500, 500])
    assert ours.effectiveness == pytest.approx(100 * 40 / 120)
    assert ours.aggregate_net_migration_rate == pytest.approx(100 * 20 / 2000)
    by_pair = preference(FLOWS, [1000, 500, 500])
    assert by_pair[0, 1] == pytest.approx(30 / (60 * 0.5 * 0.25))
    assert ours.preference == pytest.approx(by_pair.sum())


def test_thousands_given_for_persons_are_refused():
    with pytest.raises(UnusableArray, match="thousands"):
        impact_indices(FLOWS, [1.0, 0.5, 0.5])
    with pytest.raises(UnusableArray, match="0 at place 2"):
        impact_indices(FLOWS, [1000, 500, 0])


def test_intensity_by_hand():
    ours = intensity_indices(50, 1000, 10)
    assert ours.crude_intensity == 5
    assert ours.courgeau_k == pytest.approx(5 / math.log(100))
    for bad in ((50, 0, 10), (50, 1000, 1), (-1, 1000, 10)):
        with pytest.raises(UnusableArray):
            intensity_indices(*bad)


def test_distance_by_hand():
    """Flows 30 and 10 at 100, others 5 at 200 and 300: 40 of 60 within 100."""
    distances = np.array([[0.0, 100, 200], [100, 0, 300], [200, 300, 0]])
    ours = distance_indices(FLOWS, distances)
    assert ours.mean == pytest.approx((40 * 100 + 10 * 200 + 10 * 300) / 60)
    # Ordered by distance and flow: 10, 30 at 100; middles at 5 and 25 of 60, then 42.5 at 200.
    assert ours.median == pytest.approx(100 + 100 * (30 - 25) / (42.5 - 25))
    assert ours.decay is None  # three distances are sums of an effect of each area
    turned = distance_indices(FLOWS[::-1, ::-1], distances[::-1, ::-1])
    assert asdict(turned) == pytest.approx(asdict(ours))
    with pytest.raises(UnusableArray, match="is 0"):
        distance_indices(FLOWS, np.zeros((3, 3)))


def test_flows_that_fall_with_the_square_of_distance_decay_by_2():
    places = np.array([0.0, 10, 25, 60, 61])
    distances = np.abs(places[:, None] - places) + np.eye(5)
    assert distance_indices(1e6 / distances**2, distances).decay == pytest.approx(-2)


def test_an_age_profile_by_hand():
    """Rates rise most into 20 and fall most into 31; 10 a year from 20 to 30, 1 elsewhere."""
    ages = np.arange(0, 80)
    rates = np.where((ages >= 20) & (ages <= 30), 0.10, 0.01)
    rates[25] = 0.11
    ours = age_indices(ages, rates)
    assert (ours.peak_age, ours.steepest_rise, ours.steepest_fall) == (25, 20, 31)
    assert ours.peak_breadth == pytest.approx(100 * (10 * 0.10 + 0.11))
    assert ours.gross_migration_rate == pytest.approx(10 * 0.10 + 0.11 + 69 * 0.01)
    assert ours.asymmetry == pytest.approx(20 / 31)
    as_shipped = age_indices(ages, rates, variant="migest")
    assert as_shipped.peak_breadth == pytest.approx(100 * (9 * 0.10 + 0.01 + 0.11))


def test_babies_who_move_most_do_not_make_the_peak():
    ages = np.arange(0, 80)
    rates = np.exp(-((ages - 25) ** 2) / 50) * 0.1
    rates[0] = 0.5
    assert age_indices(ages, rates).peak_age == 25
    assert age_indices(ages, rates, variant="migest").peak_age == 0


def test_ages_with_gaps_and_unknown_variants_are_refused():
    with pytest.raises(UnusableArray, match="without gaps"):
        age_indices([0, 5, 10], [1, 1, 1])
    with pytest.raises(InvalidChoice):
        age_indices([0, 1], [1, 1], variant="peer")
    with pytest.raises(InvalidChoice):
        spatial_indices(FLOWS, variant="peer")


@pytest.mark.parametrize("bad", [np.zeros((3, 3)), np.ones((2, 2)), np.ones((2, 3))])
def test_tables_without_spread_are_refused(bad):
    with pytest.raises(UnusableArray):
        spatial_indices(bad)


def test_components_multiply_back():
    table = np.arange(1.0, 25).reshape(2, 3, 4)
    parts = multiplicative_components(table)
    again = (
        parts.total
        * parts.shares[(0,)][:, None, None]
        * parts.shares[(1,)][None, :, None]
        * parts.shares[(2,)][None, None, :]
        * parts.ratios
    )
    np.testing.assert_allclose(again, table)
    assert set(parts.shares) == {(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)}


def test_sums_by_hand():
    areas = {row["area"]: row for row in area_sums(TABLE).iter_rows(named=True)}
    assert areas["A"]["out_migration"] == 35
    assert areas["A"]["in_migration"] == 15
    assert areas["A"]["net_migration"] == -20
    assert sum(row["net_migration"] for row in areas.values()) == 0
    pair = pair_sums(TABLE).row(0, named=True)
    assert (pair["counterflow"], pair["net_flow"], pair["interchange"]) == (10, 20, 40)


def test_a_counterflow_that_is_not_in_the_table_is_unknown_and_not_0():
    assert pair_sums(TABLE.head(1))["net_flow"].to_list() == [None]


def test_group_sums_and_small_flows_keep_the_total():
    ours = with_group_sums(TABLE, {"A": "north", "B": "north", "C": "south"})
    assert ours["origin"].unique(maintain_order=True).to_list() == [
        "north", "A", "B", "south", "C",
    ]  # fmt: skip
    between = ours.filter((pl.col("origin") == "north") & (pl.col("destination") == "south"))
    assert between["persons"].to_list() == [10]
    lumped = lumped_flows(TABLE, 6)
    assert lumped.rows() == [("A", "B", 30), ("B", "A", 10), ("other", "other", 20)]
    assert lumped_flows(TABLE, 20, by=("in", "out"))["persons"].sum() == 60


def test_sums_refuse_what_they_cannot_place():
    with pytest.raises(CoverageMismatch, match="no group for C"):
        with_group_sums(TABLE, {"A": "north", "B": "north"})
    with pytest.raises(InvalidChoice):
        with_group_sums(TABLE, {"A": "A", "B": "A", "C": "A"})
    with pytest.raises(InvalidChoice):
        lumped_flows(TABLE, 1, by=("size",))
    with pytest.raises(UnusableArray):
        lumped_flows(TABLE.with_columns(origin=pl.lit("other")).head(1), 1)
