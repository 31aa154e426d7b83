"""Fits against another program, migest 2.0.5; where that one errs, against what is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from waystation.errors import UnbalancedMargins, UnusableArray
from waystation.statistics.flows.fitting.maximisation import (
    maximise_three_way,
    maximise_two_way,
)
from waystation.statistics.flows.fitting.nearest import nearest_absolute, nearest_squares
from waystation.statistics.flows.fitting.net import fit_net, net_of
from waystation.statistics.flows.fitting.patterns import (
    block_matrix,
    block_sums,
    quadratic_roots,
    repeated_seed,
    stripe_matrix,
    uniform_seed,
)
from waystation.statistics.flows.fitting.proportional import (
    fit_blocks,
    fit_quasi_independence,
    fit_stripes,
    fit_three_way,
    fit_two_way,
)
from waystation.statistics.indices.components import multiplicative_components


def close(ours, theirs, tolerance=1e-4):
    """Agree within persons, or within parts in a hundred thousand where figures are large."""
    np.testing.assert_allclose(ours, theirs, atol=tolerance, rtol=1e-5)


def cases(*names):
    return pytest.mark.parametrize("case", names, indirect=True)


@cases("block_matrix/x16", "block_matrix/x25", "block_matrix/x16_byrow")
def test_a_block_matrix_repeats_one_value_a_block(case):
    sizes = case.vector("input_b").astype(int)
    by_row = case.folder.name.endswith("byrow")
    ours = block_matrix(range(1, sizes.size**2 + 1), sizes, by_row=by_row)
    np.testing.assert_array_equal(ours, case.matrix("output"))


@cases("stripe_matrix/x44_byrow")
def test_a_stripe_matrix_repeats_one_value_a_stripe(case):
    sizes = case.vector("input_s").astype(int)
    ours = stripe_matrix(range(1, 45), sizes, by_row=True)
    np.testing.assert_array_equal(ours, case.matrix("output"))


@cases("block_sum/all16")
def test_blocks_are_summed_by_label(case):
    ours = block_sums(case.matrix("input_m"), case.matrix("input_block_id"))
    np.testing.assert_allclose(ours, case.vector("output"), rtol=1e-9)


@cases("ipf_seed/null_3d", "ipf_seed/matrix_3d")
def test_seeds(case):
    theirs, _ = case.array("output", "orig", "dest", "pob")
    if case.folder.name == "null_3d":
        ours = uniform_seed(4, 4, 4)
    else:
        ours = repeated_seed(case.matrix("input_m"), 4)
    np.testing.assert_array_equal(ours, theirs)


@cases(
    "quadratic_eqn/a_zero",
    "quadratic_eqn/double_root",
    "quadratic_eqn/no_real_root",
    "quadratic_eqn/two_roots",
)
def test_quadratic_roots(case):
    assert quadratic_roots(*case.vector("input_abc")) == tuple(case.vector("output"))


@cases(
    "ipf2/col_margin_only",
    "ipf2/row_margin_only",
    "ipf2/four_regions",
    "ipf2/three_regions",
    "ipf2/independence",
    "ipf2/willekens1999",
    "cm2/four_regions",
    "cm2/independence",
    "cm2/willekens1999",
)
def test_two_way_fits(case):
    has = {n: (case.folder / f"input_{n}.csv").is_file() for n in ("m", "row_tot", "col_tot")}
    rows = case.vector("input_row_tot") if has["row_tot"] else None
    columns = case.vector("input_col_tot") if has["col_tot"] else None
    seed = case.matrix("input_m") if has["m"] else np.ones(case.matrix("output").shape)
    way: Any = maximise_two_way if case.folder.parent.name == "cm2" else fit_two_way
    fit = way(seed, rows=rows, columns=columns)
    close(fit.values, case.matrix("output"))
    assert fit.is_converged
    assert fit.unreachable == ()
    if fit.factors:
        theta = case.vector("output_theta")
        n = seed.shape[0]
        outer = np.outer(fit.factors["origin"], fit.factors["destination"])
        close(outer, np.outer(theta[:n], theta[n:]))


@cases("ipf2/rows_exceed_cols_error", "ipf2/cols_exceed_rows_not_caught")
def test_unbalanced_margins_are_refused_whichever_is_more(case):
    """Migest refuses the first only; of the second it returns 30 people for columns of 50."""
    rows, columns = case.vector("input_row_tot"), case.vector("input_col_tot")
    with pytest.raises(UnbalancedMargins) as refusal:
        fit_two_way(np.ones((2, 2)), rows=rows, columns=columns)
    assert {refusal.value.details["first_total"], refusal.value.details["second_total"]} == {
        "30",
        "50",
    }


@cases("ipf2/infeasible_zero_row")
def test_a_row_of_zeros_with_a_total_is_told(case):
    """Migest runs to 500 rounds and returns 20 people where 30 were asked for."""
    fit = fit_two_way(
        case.matrix("input_m"),
        rows=case.vector("input_row_tot"),
        columns=case.vector("input_col_tot"),
    )
    assert not fit.is_converged
    assert fit.unreachable == (("rows", (0,)),)
    assert fit.largest_misfit == pytest.approx(10)
    assert fit.iterations < 100


@cases("cm3/two_tables", "cm3/three_tables_consistent")
def test_three_way_maximisation(case):
    seed, _ = case.array("input_m", "orig", "dest", "type")
    fit = maximise_three_way(
        seed, rows=case.vector("input_row_tot"), columns=case.vector("input_col_tot")
    )
    close(fit.values, case.array("output", "orig", "dest", "type")[0])
    assert fit.is_converged


@cases("cm3/help_three_tables_as_documented")
def test_a_total_for_an_area_that_is_not_there_is_refused(case):
    """Migest drops the third total, does not converge, and factors run to 1e171."""
    seed, _ = case.array("input_m", "orig", "dest", "type")
    with pytest.raises(UnusableArray) as refusal:
        maximise_three_way(
            seed, rows=case.vector("input_row_tot"), columns=case.vector("input_col_tot")
        )
    assert refusal.value.details["name"] == "rows"


@cases("ipf2_block/help")
def test_blocks(case):
    first = case.matrix("input_block")[0]
    groups = np.unique(first, return_inverse=True)[1]
    fit = fit_blocks(
        rows=case.vector("input_row_tot"),
        columns=case.vector("input_col_tot"),
        groups=groups,
        block_totals=case.matrix("input_block_tot"),
    )
    close(fit.values, case.matrix("output"))
    assert fit.is_converged


@cases("ipf2_stripe/help")
def test_stripes(case):
    groups = case.matrix("input_stripe")[0].astype(int) - 1
    fit = fit_stripes(
        rows=case.vector("input_row_tot"),
        groups=groups,
        stripe_totals=case.matrix("input_stripe_tot"),
    )
    close(fit.values, case.matrix("output"))
    assert fit.is_converged


@cases("ipf3/abel2013", "ipf3/abel2013_distance")
def test_three_way_fits(case):
    seed = None
    if (case.folder / "input_m.csv").is_file():
        seed = case.array("input_m", "orig", "dest", "pob")[0]
    start, end = case.matrix("input_P1").T, case.matrix("input_P2").T
    fit = fit_three_way(by_origin=start, by_destination=end, seed=seed)
    close(fit.values, case.array("output", "orig", "dest", "pob")[0])
    assert fit.is_converged


@cases("ipf3_qi/abel2013")
def test_stayers_are_held_fixed(case):
    start, end = case.matrix("input_P1").T, case.matrix("input_P2").T
    fit = fit_quasi_independence(by_origin=start, by_destination=end)
    close(fit.values, case.array("output", "orig", "dest", "pob")[0])
    assert fit.is_converged


@cases("ipf3_qi/abel2013_slow")
def test_stayers_are_held_fixed_where_the_slow_way_of_migest_does_not_arrive(case):
    """Migest stops after 500 rounds, 4.4 people off its margins; its fast way is right."""
    fast = case.sibling("abel2013")
    start, end = case.matrix("input_P1").T, case.matrix("input_P2").T
    fit = fit_quasi_independence(by_origin=start, by_destination=end)
    close(fit.values, fast.array("output", "orig", "dest", "pob")[0])
    assert case.vector("output_tol")[0] > 4
    assert fit.largest_misfit < 1e-6


@cases(
    "cm_net/four_regions",
    "cm_net/seq16",
    "cm_net_tot/four_regions",
    "cm_net_tot/four_regions_unconstrained",
    "cm_net_tot/seq16",
    "net_matrix_entropy/four_regions",
    "net_matrix_entropy/four_regions_b",
    "net_matrix_ipf/four_regions",
)
def test_net_fits(case):
    total = None
    if (case.folder / "input_tot.csv").is_file():
        total = float(case.vector("input_tot")[0])
    fit = fit_net(case.matrix("input_m"), case.vector("input_net_tot"), total=total)
    close(fit.values, case.matrix("output"))
    assert fit.is_converged
    assert fit.iterations < 20


LP = ("net_matrix_lp/four_regions", "net_matrix_lp/four_regions_other_prior")
OPTIM = ("net_matrix_optim/four_regions", "net_matrix_optim/four_regions_b")


@cases(*LP, *OPTIM)
def test_the_nearest_tables_are_nearer_than_what_migest_returns(case):
    """Migest returns the least total flow for the LP, whatever the prior, and for the QP any
    table with the net totals; both are farther from the prior than ours.
    """
    prior, net = case.matrix("input_m"), case.vector("input_net_tot")
    np.fill_diagonal(prior, 0)
    theirs = case.matrix("output")
    absolute, squares = nearest_absolute(prior, net), nearest_squares(prior, net)
    for fit in (absolute, squares):
        np.testing.assert_allclose(net_of(fit.values), net, atol=1e-6)
        assert fit.is_converged
        assert (fit.values >= 0).all()
    change = net - net_of(prior)
    assert np.abs(absolute.values - prior).sum() == pytest.approx(np.abs(change).sum() / 2)
    assert np.abs(absolute.values - prior).sum() < np.abs(theirs - prior).sum()
    assert ((squares.values - prior) ** 2).sum() < ((theirs - prior) ** 2).sum()


@cases("multi_comp/m4")
def test_components_of_a_matrix(case):
    parts = multiplicative_components(case.matrix("input_m"))
    theirs = case.matrix("output")
    close(parts.ratios, theirs[:-1, :-1], 1e-6)
    close(parts.shares[(0,)], theirs[:-1, -1], 1e-9)
    close(parts.shares[(1,)], theirs[-1, :-1], 1e-9)
    assert parts.total == theirs[-1, -1]


def component(parts, labels, names):
    """Return the component of a row of theirs, in which "Sum" is an axis summed over."""
    kept = tuple(axis for axis, name in enumerate(names) if name != "Sum")
    place = tuple(labels[axis].index(names[axis]) for axis in kept)
    if not kept:
        return parts.total
    return (parts.ratios if len(kept) == len(names) else parts.shares[kept])[place]


@cases("multi_comp/italy2000")
def test_components_by_age(case):
    columns = ("orig", "dest", "age_grp")
    cells, labels = case.array("input_d", *columns)
    parts = multiplicative_components(cells)
    rows = case.rows("output")
    assert len(rows) == 6 * 6 * 21
    for row in rows:
        ours = component(parts, labels, [row[c] for c in columns])
        assert ours == pytest.approx(float(row["value"]), abs=1e-6)


@cases("multi_comp2/two_types")
def test_components_of_each_type(case):
    cells, labels = case.array("input_m", "orig", "dest", "type")
    for row in case.rows("output"):
        parts = multiplicative_components(cells[:, :, labels[2].index(row["type"])])
        ours = component(parts, labels, [row["orig"], row["dest"]])
        assert ours == pytest.approx(float(row["value"]), abs=1e-6)


def test_no_case_of_these_methods_is_forgotten(forgotten):
    methods = (
        *("block_matrix", "block_sum", "stripe_matrix", "ipf_seed", "quadratic_eqn"),
        *("ipf2", "ipf2_block", "ipf2_stripe", "ipf3", "ipf3_qi", "cm2", "cm3"),
        *("cm_net", "cm_net_tot", "net_matrix_entropy", "net_matrix_ipf"),
        *("net_matrix_lp", "net_matrix_optim", "multi_comp", "multi_comp2"),
    )
    assert forgotten(*methods) == set()
