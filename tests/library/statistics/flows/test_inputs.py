"""From judged tables of producers to what an estimate needs, worked by hand."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.errors import CoverageMismatch, InvalidTable
from waystation.statistics.flows.areas import ABEL_COHEN_2022, AreaRules
from waystation.statistics.flows.choices import AbsentPairs
from waystation.statistics.flows.input_tables import AreaRule
from waystation.statistics.flows.inputs import (
    demography_from_annual,
    flow_inputs,
    population_from_accounts,
    stocks_of_every_pair,
    stocks_with_native_born,
)
from waystation.statistics.flows.many import estimate_all

YEARS = range(2000, 2006)


def vitals(areas=("A", "B", "C"), sexes=("both",)) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"year": y, "sex": s, "area": a, "births": 10.0 * (y - 1999), "deaths": 10.0}
            for y in YEARS
            for s in sexes
            for a in areas
        ]
    )


def population(areas=("A", "B", "C"), sexes=("both",)) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"year": y, "sex": s, "area": a, "persons": 1000.0 + 100 * (y - 2000)}
            for y in YEARS
            for s in sexes
            for a in areas
        ]
    )


def foreign_born(areas=("A", "B", "C"), sexes=("both",)) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "year": y, "sex": s, "birthplace": a, "residence": b,
                "persons": 10.0 * (i + 1) + 3 * j + (y - 2000),
            }
            for y in (2000, 2005)
            for s in sexes
            for i, a in enumerate(areas)
            for j, b in enumerate(areas)
            if a != b
        ]
    )  # fmt: skip


def rules(*rows: tuple[str, str | None, int | None]) -> AreaRules:
    full = [(*row, "For a test") for row in rows]
    return AreaRules(pl.DataFrame(full, schema=AreaRule.empty_frame().schema, orient="row"))


def test_the_first_and_the_last_calendar_year_count_half():
    made = demography_from_annual(vitals(), 2000, 2005)
    assert made.filter(pl.col("area") == "A").rows() == [
        ("both", "A", 10 / 2 + 20 + 30 + 40 + 50 + 60 / 2, 50.0)
    ]


def test_an_area_without_all_the_years_is_left_out():
    some = vitals().filter(~((pl.col("area") == "B") & (pl.col("year") == 2003)))
    assert demography_from_annual(some, 2000, 2005)["area"].to_list() == ["A", "C"]


def test_native_born_are_those_not_foreign_born():
    stocks = pl.DataFrame(
        {"birthplace": ["A", "B"], "residence": ["B", "A"], "persons": [30, 1200]}
    )
    people = pl.DataFrame({"area": ["A", "B"], "persons": [1000.0, 500.0]})
    made = stocks_with_native_born(stocks, people)
    assert made.rows() == [
        ("A", "A", -200.0), ("A", "B", 30.0), ("B", "A", 1200.0), ("B", "B", 470.0),
    ]  # fmt: skip


def test_a_pair_without_a_figure_is_refused_or_said_to_be_nobody():
    stocks = pl.DataFrame(
        {"birthplace": ["A", "B"], "residence": ["B", "A"], "persons": [30, None]}
    )
    people = pl.DataFrame({"area": ["A", "B"], "persons": [1000.0, 500.0]})
    with pytest.raises(CoverageMismatch, match="B in A"):
        stocks_with_native_born(stocks, people)
    made = stocks_with_native_born(stocks, people, absent_pairs=AbsentPairs.NOBODY)
    assert made["persons"].to_list() == [1000.0, 30.0, 0.0, 470.0]


def test_foreign_born_without_population_are_refused():
    stocks = pl.DataFrame({"birthplace": ["Z"], "residence": ["A"], "persons": [3]})
    people = pl.DataFrame({"area": ["A"], "persons": [1000.0]})
    with pytest.raises(CoverageMismatch, match="Z in A"):
        stocks_with_native_born(stocks, people)


def test_absent_pairs_are_added_where_a_producer_lists_only_people():
    some = pl.DataFrame({"birthplace": ["A", "B"], "residence": ["A", "A"], "persons": [5, 2]})
    assert stocks_of_every_pair(some).rows() == [
        ("A", "A", 5.0), ("A", "B", 0.0), ("B", "A", 2.0), ("B", "B", 0.0),
    ]  # fmt: skip


def test_population_changes_by_half_of_both_years():
    """10,000 people, 200 births, 100 deaths, and 300 who come in the second year only."""
    annual = pl.DataFrame(
        {
            "area": ["A"] * 3,
            "year": [2000, 2001, 2002],
            "births": [200.0] * 3,
            "deaths": [100.0] * 3,
            "net_migration": [0.0, 300.0, 0.0],
            "birth_rate": [20.0, 200 / 10.25, 200 / 10.5],
            "death_rate": [10.0, 100 / 10.25, 100 / 10.5],
        }
    )
    made = population_from_accounts(annual)
    assert made["persons"].to_list() == pytest.approx([10_000, 10_250, 10_500])
    with pytest.raises(CoverageMismatch, match="A in 2002"):
        population_from_accounts(annual.filter(pl.col("year") != 2001))


def test_inputs_of_a_period_are_ready_to_be_estimated():
    sexes = ("both", "male")
    made = flow_inputs(
        foreign_born(sexes=sexes), population(sexes=sexes), vitals(sexes=sexes),
        periods=[(2000, 2005)],
    )  # fmt: skip
    assert made.findings.is_empty()
    flows = estimate_all(made.stocks, made.demography).flows
    assert flows.height == 6 * 2 * 6
    assert set(flows["period"]) == {"2000-2005"}


def test_areas_are_merged_and_left_out_by_rules_that_hold_for_the_period():
    areas = ("A", "B", "C", "D")
    own = rules(("B", "BC", 2010), ("C", "BC", 2010), ("D", None, None), ("A", "X", 1999))
    made = flow_inputs(
        foreign_born(areas), population(areas), vitals(areas), periods=[(2000, 2005)], rules=own
    )
    assert made.demography["area"].to_list() == ["A", "BC"]
    start = made.stocks.filter(pl.col("moment") == "start")
    persons = {(b, r): p for b, r, p in start[:, 3:].rows()}
    # Born in A: 10 + 3 in B, 10 + 6 in C; those born in B living in C become native born.
    assert persons["A", "BC"] == 13 + 16
    assert persons["BC", "BC"] == 2000 - 29
    assert made.findings["code"].to_list() == ["STA-312"] * 3


def test_an_area_without_figures_is_left_out_and_named():
    some = population().filter(~((pl.col("area") == "C") & (pl.col("year") == 2005)))
    made = flow_inputs(foreign_born(), some, vitals(), periods=[(2000, 2005)])
    assert set(made.stocks["residence"]) == {"A", "B"}
    told = made.findings.filter(pl.col("code") == "STA-313")
    assert told["place"].to_list() == ["C"]


def test_a_year_without_stocks_is_refused():
    with pytest.raises(CoverageMismatch, match="2004"):
        flow_inputs(foreign_born(), population(), vitals(), periods=[(2000, 2004)])


def test_negative_foreign_born_are_refused():
    wrong = foreign_born().with_columns(persons=-pl.col("persons"))
    with pytest.raises(InvalidTable):
        flow_inputs(wrong, population(), vitals(), periods=[(2000, 2005)])


def test_the_published_rules_are_a_valid_table():
    AreaRule.require(ABEL_COHEN_2022.table)
    assert ABEL_COHEN_2022.of_period(2005).height == 8
    assert ABEL_COHEN_2022.of_period(2010)["area"].to_list() == ["CHI", "VAT", "BES", "TWN"]
