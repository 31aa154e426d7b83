"""Indices, sums and net migration against another program, migest 2.0.5."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import polars as pl
import pytest

from waystation.errors import UnusableArray
from waystation.statistics.flows.net import (
    balanced_net,
    integers_with_sum,
    net_from_survival_ratios,
    net_from_vital_statistics,
)
from waystation.statistics.flows.rogers_castro import schedule_ratios
from waystation.statistics.indices.age import age_indices
from waystation.statistics.indices.distance import distance_indices
from waystation.statistics.indices.impact import impact_indices, intensity_indices
from waystation.statistics.indices.spatial import spatial_indices
from waystation.statistics.indices.sums import (
    area_sums,
    lumped_flows,
    pair_sums,
    with_group_sums,
)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def cases(*names):
    return pytest.mark.parametrize("case", names, indirect=True)


def flows_of(matrix, names):
    return pl.DataFrame(
        [
            {"origin": a, "destination": b, "persons": matrix[i, j]}
            for i, a in enumerate(names)
            for j, b in enumerate(names)
        ]
    )


SPATIAL = {
    "connectivity": "connectivity",
    "inequality_equal": "inequality_equal",
    "inequality_expected": "inequality_sim",
    "gini_total": "gini_total",
    "gini_origin_standardised": "gini_orig_standardized",
    "gini_destination_standardised": "gini_dest_standardized",
    "acv": "acv",
}
SPATIAL_AS_SHIPPED = {
    "mwg_origin": "mwg_orig",
    "mwg_destination": "mwg_dest",
    "mwg_mean": "mwg_mean",
    "cv": "cv",
}


@cases("index_connectivity/korea2020")
def test_spread_over_corridors(case):
    """Migest weights the Gini by the other margin and divides by the areas once more (0.037 for
    Korea), and its coefficient of variation is not one (17.9).
    """
    theirs = case.values("output")
    flows, _ = case.square("input_flow")
    ours = asdict(spatial_indices(flows))
    for name, shipped in SPATIAL.items():
        # What the model of expected flows gives rests on an iteration of theirs.
        tolerance = 1e-6 if name == "inequality_expected" else 1e-9
        assert ours[name] == pytest.approx(theirs[shipped], rel=tolerance)
    assert ours["mwg_origin"] == pytest.approx(0.632, abs=5e-4)
    assert ours["cv"] == pytest.approx(3.138, abs=5e-4)
    shipped_variant = asdict(spatial_indices(flows, variant="migest"))
    for name, shipped in (SPATIAL | SPATIAL_AS_SHIPPED).items():
        assert shipped_variant[name] == pytest.approx(theirs[shipped], rel=1e-6)


@cases("index_distance/korea2020")
def test_distance(case):
    theirs = case.values("output")
    flows, _ = case.square("input_d")
    distances, _ = case.square("input_d", "dist_cent")
    ours = distance_indices(flows, distances)
    assert ours.mean == near(theirs["mean"])
    assert ours.median == near(theirs["median"])
    assert ours.decay == near(theirs["decay"])


@cases("index_impact/korea2020")
def test_impact(case):
    """Migest's example passes millions of people: 375 133 % of the population move away."""
    theirs = case.values("output")
    flows, areas = case.square("input_flow")
    millions = {row["dest"]: float(row["dest_pop"]) for row in case.rows("input_pop")}
    population = np.array([millions[area] for area in areas])
    with pytest.raises(UnusableArray) as refusal:
        impact_indices(flows, population)
    assert refusal.value.details["name"] == "population"
    ours = impact_indices(flows, population * 1e6)
    assert ours.effectiveness == near(theirs["effectivness"])
    assert ours.preference == near(theirs["preference"])
    assert ours.aggregate_net_migration_rate == near(theirs["anmr"] / 1e6)
    assert ours.velocity == near(theirs["velocity"] / 1e6)


@cases("index_intensity/korea2020")
def test_intensity(case):
    theirs = case.values("output")
    migrants, population, areas = (
        case.vector(f"input_{name}")[0] for name in ("mig_total", "pop_total", "n")
    )
    ours = intensity_indices(migrants, population, int(areas))
    assert ours.crude_intensity == near(theirs["cmp"])
    assert ours.courgeau_k == near(theirs["courgeau_k"])


AGE = {
    "gross_migration_rate": "gmr",
    "peak_intensity": "peak_mi",
    "peak_age": "peak_age",
    "steepest_rise": "murc",
    "steepest_fall": "mdrc",
    "asymmetry": "asymmetry",
}


@cases("index_age/BRA2000", "index_age/other_sample")
def test_age_profiles(case):
    """Migest takes the peak age as a position from 1: its breadth is a year too young."""
    theirs = case.values("output")
    rows = case.rows("input_d")
    ages = [int(row["age"]) for row in rows]
    rates = np.array([float(row["mi"]) for row in rows])
    ours = asdict(age_indices(ages, rates))
    for name, shipped in AGE.items():
        assert ours[name] == near(theirs[shipped])
    peak = ages.index(ours["peak_age"])
    assert ours["peak_breadth"] == pytest.approx(100 * rates[peak - 5 : peak + 6].sum())
    assert ours["peak_breadth"] > theirs["peak_breadth"]
    shipped_variant = asdict(age_indices(ages, rates, variant="migest"))
    for name, shipped in (
        AGE | {"peak_breadth": "peak_breadth", "peak_share": "peak_share"}
    ).items():
        assert shipped_variant[name] == near(theirs[shipped])


@cases("index_age_rc/fundamental")
def test_ratios_of_a_schedule(case):
    theirs = case.values("output")
    parameters = {row["name"]: float(row["value"]) for row in case.rows("input_pars")}
    ours = schedule_ratios(parameters)
    assert ours.peaking == near(theirs["peaking"])
    assert ours.child_dependency == near(theirs["child_dependency"])
    assert ours.labour_dependency == near(theirs["labor_dependency"])
    assert ours.labour_asymmetry == near(theirs["labor_asymmetry"])
    assert ours.regularity == near(theirs["regularity"])


@cases("sum_region/m4", "sum_country/m4", "sum_net/m4")
def test_sums_by_area(case):
    names = list("ABCD")
    ours = area_sums(flows_of(case.matrix("input_m"), names))
    assert ours["area"].to_list() == names
    if case.folder.parent.name == "sum_net":
        assert ours["net_migration"].to_list() == case.vector("output").tolist()
        return
    out, into = ("out_mig", "in_mig") if "region" in str(case.folder) else ("emi", "imm")
    pairs = {"out_migration": out, "in_migration": into, "turnover": "turn"}
    for name, shipped in (pairs | {"net_migration": "net"}).items():
        assert ours[name].to_list() == [float(row[shipped]) for row in case.rows("output")]


@cases("sum_bilat/m4")
def test_sums_by_pair(case):
    ours = {
        (row["origin"], row["destination"]): row
        for row in pair_sums(flows_of(case.matrix("input_m"), list("ABCD"))).iter_rows(
            named=True
        )
    }
    rows = case.rows("output")
    assert len(ours) == len(rows) == 12
    for row in rows:
        mine = ours[row["orig"], row["dest"]]
        assert mine["persons"] == float(row["flow"])
        assert mine["counterflow"] == float(row["counter_flow"])
        assert mine["net_flow"] == float(row["net_flow"])
        assert mine["interchange"] == float(row["interchange"])


@cases("sum_expand/blocks", "sum_expand/blocks_last")
def test_totals_of_groups_are_added(case):
    names = ["A1", "A2", "B1", "B2", "B3", "C1", "C2", "C3", "C4", "D1", "D2"]
    flows = flows_of(case.matrix("input_m"), names)
    ours = with_group_sums(
        flows, {n: n[0] for n in names}, groups_first=case.folder.name == "blocks"
    )
    theirs = [(r["orig"], r["dest"], float(r["flow"])) for r in case.rows("output")]
    assert ours.select("origin", "destination", "persons").rows() == theirs


@cases(
    "sum_lump/flow_40",
    "sum_lump/in_out_100",
    "sum_lump/complete_50",
    "sum_lump/complete_80_df",
)
def test_small_flows_are_put_together(case):
    threshold = float(case.folder.name.split("_")[-2 if "df" in case.folder.name else -1])
    by = ("in", "out") if case.folder.name.startswith("in_out") else ("flow",)
    ours = lumped_flows(flows_of(case.matrix("input_m"), list("ABCD")), threshold, by=by)
    if case.folder.name == "complete_50":
        names, matrix = [*"ABCD", "other"], case.matrix("output")
        theirs = {
            (a, b): matrix[i, j] for i, a in enumerate(names) for j, b in enumerate(names)
        }
    else:
        theirs = {(r["orig"], r["dest"]): float(r["flow"]) for r in case.rows("output")}
    mine = {(a, b): persons for a, b, persons in ours.rows() if persons}
    assert mine == {pair: persons for pair, persons in theirs.items() if persons}


@cases("net_vs/alabama1970")
def test_net_migration_from_vital_statistics(case):
    rows = case.rows("input_d")
    frame = pl.DataFrame(
        {
            "population_start": [float(r["pop_1960"]) for r in rows],
            "population_end": [float(r["pop_1970"]) for r in rows],
            "births": [float(r["births"]) for r in rows],
            "deaths": [float(r["deaths"]) for r in rows],
        }
    )
    ours = net_from_vital_statistics(frame)
    for name, shipped in (
        ("population_change", "pop_change"),
        ("natural_increase", "natural_inc"),
        ("net_migration", "net"),
    ):
        assert ours[name].to_list() == [float(row[shipped]) for row in case.rows("output")]


@cases(
    "net_sr/alabama_white_male",
    "net_sr/bombay1951",
    "net_sr/manila1970",
    "net_sr/manila1970_children",
)
def test_net_migration_from_survival_ratios(case):
    """Where a ratio is not known, migest prints 0 migrants; here it stays unknown."""
    rows = case.rows("input_d")
    columns = {
        "population_start": next(n for n in rows[0] if n in ("pop_1960", "pop_1941")),
        "population_end": next(n for n in rows[0] if n in ("pop_1970", "pop_1951")),
        "survival_ratio": next(n for n in rows[0] if n.endswith("sr")),
    }
    frame = pl.DataFrame(
        {
            ours: pl.Series(
                [None if r[theirs] == "NA" else float(r[theirs]) for r in rows],
                dtype=pl.Float64,
            )
            for ours, theirs in columns.items()
        }
    )
    children = case.folder.name.endswith("children")
    ours = net_from_survival_ratios(frame, children=children)
    for place, theirs in enumerate(case.rows("output")):
        known = frame["survival_ratio"][place] is not None
        for name, shipped in (
            ("net_forward", "net_forward"),
            ("net_reverse", "net_reverse"),
            ("net_average", "net_average"),
            ("expected_end", "pop1_forward"),
            ("expected_start", "pop0_reverse"),
        ):
            if known or (children and name.startswith("net")):
                assert ours[name][place] == near(float(theirs[shipped]))
            else:
                assert ours[name][place] is None


@cases(
    "rescale_net/no_switches",
    "rescale_net/no_switches_real",
    "rescale_net/switches",
    "rescale_net/switches_real",
)
def test_net_totals_are_balanced(case):
    method = "no-switches" if case.folder.name.startswith("no") else "switches"
    integer = not case.folder.name.endswith("real")
    ours = balanced_net(case.vector("input_x"), method=method, integer=integer)
    np.testing.assert_allclose(ours, case.vector("output"), rtol=1e-9)
    assert ours.sum() == pytest.approx(0, abs=1e-9)


@cases("rescale_net/weighted_real")
def test_weighted_net_totals_add_up_to_0(case):
    """With weights, migest returns totals that add up to -539."""
    theirs = case.vector("output")
    assert theirs.sum() == pytest.approx(-539.04, abs=0.01)
    net = case.vector("input_x")
    ours = balanced_net(net, weights=case.vector("input_w"))
    assert ours.sum() == pytest.approx(0, abs=1e-9)
    assert (np.sign(ours) == np.sign(net)).all()


@cases("rescale_integer_sum/exact", "rescale_integer_sum/max_negative_error")
def test_whole_numbers_with_a_sum(case):
    ours = integers_with_sum(case.vector("input_x"), int(case.vector("input_tot")[0]))
    assert ours.tolist() == case.vector("output").tolist()


@cases("rescale_integer_sum/remainder")
def test_the_remainder_always_falls_on_the_same_number(case):
    """Migest draws the number that takes the remainder: 16, 15, 25, 45 for this seed."""
    ours = integers_with_sum(case.vector("input_x"), int(case.vector("input_tot")[0]))
    assert ours.tolist() == [15, 15, 25, 46]  # of 15.15, 15.15, 25.25, 45.45


def test_no_case_of_these_methods_is_forgotten(forgotten):
    methods = (
        *("index_age", "index_age_rc", "index_connectivity", "index_distance"),
        *("index_impact", "index_intensity", "net_sr", "net_vs", "rescale_integer_sum"),
        *("rescale_net", "sum_bilat", "sum_country", "sum_expand", "sum_lump", "sum_net"),
        "sum_region",
    )
    assert forgotten(*methods) == set()
