"""Flows of a world worked by hand, what holds for every world, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from tests.library.statistics.flows.worlds import (
    AREAS,
    END,
    START,
    demography,
    figures,
    made_worlds,
    stocks,
)

from waystation.errors import (
    BrokenRules,
    CoverageMismatch,
    InvalidChoice,
    InvalidTable,
    MissingColumns,
)
from waystation.statistics.flows.choices import (
    PUBLISHED_METHODS,
    Balance,
    Births,
    Choices,
    Deaths,
    Method,
    Totals,
)
from waystation.statistics.flows.estimate import estimate_flows

EXACTLY = Choices(stop=0.0)
CLOSED = (Method.DA_MIN_CLOSED, Method.DA_PB_CLOSED, Method.DA_INDEP_CLOSED)

BY_HAND: dict[str, dict[str, float]] = {
    "stock-diff-drop": {"AB": 5, "AC": 5, "BA": 10},
    "stock-diff-reverse": {"AB": 5, "AC": 5, "BA": 10, "CB": 10},
    "migration-rate": {"AB": 2, "BA": 4, "BC": 4},
    "da-min-open": {"AB": 5, "AC": 5, "CA": 10},
    "da-min-closed": {"AB": 5, "AC": 5, "CA": 10},
    # Those born in A: 100 * 15 / 110 from A to B; those born in B: 20 * 60 / 100; and so on.
    "da-indep-closed": {
        "AB": 1500 / 110 + 12, "AC": 500 / 110 + 2, "BA": 900 / 110 + 18,
        "BC": 50 / 110 + 6, "CA": 6, "CB": 12,
    },
}  # fmt: skip


@pytest.mark.parametrize("method", BY_HAND)
def test_the_world_worked_by_hand(method):
    made = estimate_flows(stocks(START), stocks(END), demography(), method=method)
    expected = {(o, d): BY_HAND[method].get(o + d, 0) for o in AREAS for d in AREAS if o != d}
    assert figures(made.flows) == pytest.approx(expected)
    assert made.findings.is_empty()


def test_pseudo_bayes_is_the_mixture_of_both():
    made = estimate_flows(stocks(START), stocks(END), demography(), method="da-pb-closed")
    few, wide = BY_HAND["da-min-closed"], BY_HAND["da-indep-closed"]
    for (origin, destination), persons in figures(made.flows).items():
        pair = origin + destination
        expected = 0.87 * few.get(pair, 0) + 0.13 * wide.get(pair, 0)
        assert persons == pytest.approx(expected)


def test_each_move_by_hand_has_its_type():
    made = estimate_flows(stocks(START), stocks(END), demography(), method="da-min-closed")
    assert made.by_type is not None
    moved = made.by_type.filter(pl.col("persons") > 0).rows()
    assert sorted(moved) == [
        ("A", "B", "outward", 5.0),
        ("A", "C", "outward", 5.0),
        ("C", "A", "transit", 10.0),
    ]


def test_newborns_and_the_dead_are_no_migrants():
    """A has 7 births and 4 deaths, all native: taken off again, nothing else has changed."""
    end = END.copy()
    end[0, 0] += 7
    start = START.copy()
    deaths = np.array([4.0, 0.0, 0.0])
    before = start.copy()
    before[:, 0] *= 1 + 4 / 120
    plain = estimate_flows(stocks(START), stocks(END), demography(), method="da-min-closed")
    made = estimate_flows(
        stocks(before), stocks(end), demography((7, 0, 0), deaths), method="da-min-closed"
    )
    assert figures(made.flows) == pytest.approx(figures(plain.flows))


def test_an_open_world_lets_people_in_and_out():
    """Ten of those born in C come from outside to C; nobody moves within."""
    end = START.copy()
    end[2, 2] += 10
    made = estimate_flows(stocks(START), stocks(end), demography(), method="da-min-open")
    assert made.flows["persons"].to_numpy().sum() == 0
    assert made.report.largest_misfit == pytest.approx(0, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(made_worlds())
def test_in_a_closed_world_net_migration_is_what_the_population_figures_say(world):
    areas, start, end, births, deaths = world
    made = estimate_flows(
        stocks(start, areas), stocks(end, areas), demography(births, deaths, areas),
        method="da-min-closed", choices=EXACTLY,
    )  # fmt: skip
    gap = (births - deaths).sum() - (end.sum() - start.sum())
    shares = [np.diag(table) / np.diag(table).sum() for table in (start, end)]
    change = end.sum(axis=0) - start.sum(axis=0) + gap / 2 * (shares[0] + shares[1])
    expected = change - births + deaths
    flows = figures(made.flows)
    for place, area in enumerate(areas):
        came = sum(p for (_, d), p in flows.items() if d == area)
        went = sum(p for (o, _), p in flows.items() if o == area)
        # Native born become whole numbers, and the largest takes what that leaves.
        assert came - went == pytest.approx(expected[place], abs=len(areas) + 0.01)
    assert made.report.largest_misfit < 1e-3


@settings(deadline=None, max_examples=12)
@given(made_worlds())
def test_flows_are_not_negative_and_independence_moves_more(world):
    areas, start, end, births, deaths = world
    tables = stocks(start, areas), stocks(end, areas), demography(births, deaths, areas)
    sums: dict[str, float] = {}
    for method in (*PUBLISHED_METHODS, Method.DA_INDEP_CLOSED, Method.DA_INDEP_OPEN):
        made = estimate_flows(*tables, method=method, choices=EXACTLY)
        assert made.flows["persons"].to_numpy().min() >= 0
        sums[method] = made.flows["persons"].to_numpy().sum()
        if made.by_type is not None:
            assert made.by_type["persons"].to_numpy().min() >= 0
            pair = made.by_type.group_by("origin", "destination").agg(pl.col("persons").sum())
            both = pair.join(made.flows, on=["origin", "destination"], validate="1:1")
            np.testing.assert_allclose(both["persons"], both["persons_right"], atol=1e-6)
    assert sums["da-min-closed"] <= sums["da-pb-closed"] + 1e-6
    assert sums["da-pb-closed"] <= sums["da-indep-closed"] + 1e-6


@settings(deadline=None, max_examples=12)
@given(made_worlds())
def test_other_names_give_the_same_flows_under_those_names(world):
    areas, start, end, births, deaths = world
    # Balancing puts the rest of rounding on the first of the largest: no ties, no rest.
    births = births + (end.sum() - start.sum() - (births - deaths).sum()) / len(areas)
    births = np.maximum(births, 0.0)
    deaths = deaths + ((births - deaths).sum() - (end.sum() - start.sum())) / len(areas)
    renamed = [f"Y{len(areas) - i}" for i in range(len(areas))]
    new_name = dict(zip(areas, renamed, strict=True))
    for method in PUBLISHED_METHODS:
        made, other = (
            estimate_flows(
                stocks(start, names), stocks(end, names), demography(births, deaths, names),
                method=method, choices=EXACTLY,
            )
            for names in (areas, renamed)
        )  # fmt: skip
        expected = {(new_name[o], new_name[d]): p for (o, d), p in figures(made.flows).items()}
        assert figures(other.flows) == pytest.approx(expected, rel=1e-6, abs=1e-5)


@settings(deadline=None, max_examples=8)
@given(made_worlds())
def test_the_same_tables_in_another_order_give_the_same_to_the_last_digit(world):
    areas, start, end, births, deaths = world
    tables = stocks(start, areas), stocks(end, areas), demography(births, deaths, areas)
    for method in PUBLISHED_METHODS:
        made = estimate_flows(*tables, method=method)
        turned = estimate_flows(*(table.reverse() for table in tables), method=method)
        assert made.flows.equals(turned.flows)


def test_negative_native_born_are_told():
    start = START.copy()
    start[2, 2] = -5.0
    made = estimate_flows(stocks(start), stocks(END), demography(), method="da-min-open")
    told = made.findings.filter(pl.col("code") == "STA-301")
    assert told["place"].to_list() == ["C"]
    row = made.report.adjustments.row(0, named=True)
    assert (row["kind"], row["moment"], row["before"]) == ("negative_native_born", "start", -5)


@pytest.mark.parametrize(("births", "severity"), [(0.2, "info"), (20, "warning")])
def test_a_wide_gap_of_the_world_is_a_warning(births, severity):
    made = estimate_flows(
        stocks(START), stocks(END), demography((births, 0, 0)), method="da-min-closed"
    )
    told = made.findings.filter(pl.col("code") == "STA-302")
    assert told["severity"].to_list() == [severity] * 2


def test_too_many_births_and_deaths_are_told():
    made = estimate_flows(
        stocks(START), stocks(END), demography((100, 0, 999), (0, 500, 0)), method="da-min-open"
    )
    told = dict(made.findings.select("code", "place").rows())
    assert told["STA-303"] in ("A", "C")
    assert (told["STA-304"], told["STA-305"]) == ("C", "B")
    assert made.flows["persons"].to_numpy().min() >= 0


def test_a_total_out_of_reach_is_told_and_not_hunted_for():
    """Nobody foreign lives in A: all 100 are native born, whose total should be 80."""
    start = np.array([[100.0, 0.0], [0.0, 50.0]])
    end = np.array([[60.0, 0.0], [0.0, 90.0]])
    names = ["A", "B"]
    made = estimate_flows(
        stocks(start, names),
        stocks(end, names),
        demography((0, 0), (0, 0), names),
        method="da-min-closed",
    )
    assert made.report.not_fitted == ("A", "B")
    assert made.report.largest_misfit == pytest.approx(40)
    codes = set(made.findings["code"])
    assert {"STA-308", "STA-309", "STA-310"} <= codes
    reached = made.report.misfits.filter(pl.col("step") == "start", pl.col("area") == "A")
    assert reached.select("wanted", "reached").rows() == [(80.0, 100.0)]


def test_areas_without_foreign_born_can_be_treated_apart():
    """In C nobody is foreign born at the start, but 30 people born there live in A."""
    start = np.array([[500.0, 20.0, 0.0], [40.0, 300.0, 0.0], [30.0, 0.0, 100.0]])
    end = np.array([[480.0, 30.0, 12.0], [40.0, 320.0, 5.0], [20.0, 3.0, 80.0]])
    tables = stocks(start), stocks(end), demography()
    plain = estimate_flows(*tables, method="da-min-closed", choices=EXACTLY)
    apart = estimate_flows(
        *tables,
        method="da-min-closed",
        choices=Choices(totals=Totals.RESCALE_ZERO_FOREIGN_BORN, stop=0.0),
    )
    assert apart.report.largest_misfit < 1e-6
    assert apart.report.largest_misfit <= plain.report.largest_misfit
    assert apart.report.not_fitted == ()


def test_choices_may_be_given_by_name():
    tables = stocks(START), stocks(END), demography((20, 10, 0), (6, 5, 5))
    by_name = Choices(births="proportion", deaths="accounting", balance="after")  # type: ignore[arg-type]
    by_member = Choices(
        births=Births.PROPORTION, deaths=Deaths.ACCOUNTING, balance=Balance.AFTER
    )
    made, same, plain = (
        estimate_flows(*tables, method="da-min-closed", choices=choices)
        for choices in (by_name, by_member, Choices())
    )
    assert made.flows.equals(same.flows)
    assert not made.flows.equals(plain.flows)


def test_moves_that_a_seed_rules_out_are_missed_and_told():
    """Nobody can move to C by this seed, and 5 of those born in A do."""
    weights = pl.DataFrame(
        [(o, d, 0.0 if d == "C" and o != "C" else 1.0) for o in AREAS for d in AREAS],
        schema=["origin", "destination", "weight"],
        orient="row",
    )
    made = estimate_flows(
        stocks(START), stocks(END), demography(), method="da-min-open", seed=weights
    )
    assert made.flows.filter(pl.col("destination") == "C")["persons"].sum() == 0
    missed = made.report.misfits.filter(pl.col("margin") == "destination")
    assert missed.select("area", "wanted", "reached").rows() == [("C", 5.0, 0.0)]
    assert "STA-309" in set(made.findings["code"])


def test_an_open_world_has_no_negative_flows_where_outside_takes_more_than_live_there():
    """Leavers are spread as at the end, where half of those born in A live in B."""
    start = np.array([[100.0, 0.0], [0.0, 50.0]])
    end = np.array([[10.0, 10.0], [0.0, 50.0]])
    names = ["A", "B"]
    made = estimate_flows(
        stocks(start, names),
        stocks(end, names),
        demography((0, 0), (0, 0), names),
        method="da-indep-open",
        choices=Choices(totals=Totals.OPEN),
    )
    assert made.flows["persons"].to_numpy().min() >= 0


TABLES: dict[str, Any] = {
    "start": stocks(START),
    "end": stocks(END),
    "demography": demography(),
}


def changed(name: str, frame: pl.DataFrame) -> dict[str, Any]:
    return TABLES | {name: frame}


NA = pl.when(pl.int_range(pl.len()) == 1)
REFUSED = {
    "an area in one stock only": (
        changed("end", stocks(END, ["A", "B", "D"])),
        CoverageMismatch,
        "C absent as a birthplace at the end",
    ),
    "an area of one side only": (
        changed("end", stocks(END).filter(pl.col("residence") != "C")),
        CoverageMismatch,
        "C absent as a residence",
    ),
    "an area without demography": (
        changed("demography", demography().head(2)),
        CoverageMismatch,
        "C absent in the demography",
    ),
    "an area with demography only": (
        changed("demography", demography((0,) * 4, (0,) * 4, [*AREAS, "D"])),
        CoverageMismatch,
        "D in the demography only",
    ),
    "a pair without a row": (
        changed("start", stocks(START).filter(pl.int_range(pl.len()) != 1)),
        CoverageMismatch,
        "A in B",
    ),
    "a pair twice": (
        changed("start", pl.concat([stocks(START), stocks(START).slice(1, 1)])),
        BrokenRules,
        "A in B",
    ),
    "an area twice": (
        changed("demography", pl.concat([demography(), demography().head(1)])),
        BrokenRules,
        "more than once: A",
    ),
    "a null": (
        changed(
            "start", stocks(START).with_columns(persons=NA.then(None).otherwise("persons"))
        ),
        BrokenRules,
        "A in B",
    ),
    "no number": (
        changed(
            "start",
            stocks(START).with_columns(persons=NA.then(float("nan")).otherwise("persons")),
        ),
        BrokenRules,
        "A in B",
    ),
    "a null area": (
        changed(
            "start",
            stocks(START).with_columns(birthplace=NA.then(None).otherwise("birthplace")),
        ),
        BrokenRules,
        "None in B",
    ),
    "negative foreign born": (
        changed(
            "start", stocks(START).with_columns(persons=NA.then(-1.0).otherwise("persons"))
        ),
        BrokenRules,
        "A in B",
    ),
    "negative births": (
        changed("demography", demography((0, -1, 0))),
        BrokenRules,
        "births are negative: B",
    ),
    "negative deaths": (
        changed("demography", demography(deaths=(0, 0, -2))),
        BrokenRules,
        "deaths are negative: C",
    ),
    "nobody": (changed("start", stocks(0 * START)), InvalidTable, "nobody lives anywhere"),
    "no rows": (changed("start", stocks(START).head(0)), InvalidTable, "nobody lives anywhere"),
    "a column absent": (
        changed("start", stocks(START).drop("persons")),
        MissingColumns,
        "persons",
    ),
    "words for figures": (
        changed("start", stocks(START).with_columns(persons=pl.lit("many"))),
        InvalidTable,
        "no number",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses(what):
    tables, error, said = REFUSED[what]
    with pytest.raises(error, match=said):
        estimate_flows(**tables, method="da-pb-closed")


@pytest.mark.parametrize(
    ("method", "choices"),
    [
        ("da-min", Choices()),
        ("da-min-closed", Choices(totals=Totals.OPEN)),
        ("da-min-open", Choices(totals=Totals.RESCALE)),
        ("da-pb-closed", Choices(weight=1.5)),
        ("da-pb-closed", Choices(stop=-1.0)),
        ("da-pb-closed", Choices(births="some")),  # type: ignore[arg-type]
    ],
)
def test_it_refuses_a_choice_that_does_not_go(method, choices):
    with pytest.raises(InvalidChoice):
        estimate_flows(**TABLES, method=method, choices=choices)


def test_accounting_needs_demography():
    with pytest.raises(InvalidTable, match="needs births and deaths"):
        estimate_flows(stocks(START), stocks(END), method="da-min-open")
