"""Many periods, sexes and methods, and whole accounts."""

from __future__ import annotations

import polars as pl
import pytest
from tests.library.statistics.flows.worlds import END, START, demography, stocks

from waystation.errors import CoverageMismatch, InvalidChoice, MissingColumns
from waystation.statistics.flows.account import account_of_flows
from waystation.statistics.flows.choices import PUBLISHED_METHODS, Method
from waystation.statistics.flows.estimate import estimate_flows
from waystation.statistics.flows.many import estimate_all
from waystation.statistics.flows.tables import FlowAccount, FlowSeries


def keyed(frame: pl.DataFrame, period: str, sex: str, **others: str) -> pl.DataFrame:
    named = {"period": period, "sex": sex, **others}
    return frame.select(*(pl.lit(v).alias(k) for k, v in named.items()), *frame.columns)


@pytest.fixture
def long():
    """Return three worlds: two periods of both sexes, and one of men, half of everyone."""
    worlds = [
        ("2000-2005", "both", 1.0),
        ("2005-2010", "both", 2.0),
        ("2000-2005", "male", 0.5),
    ]
    stock = pl.concat(
        keyed(stocks(table * times), period, sex, moment=moment)
        for period, sex, times in worlds
        for moment, table in (("start", START), ("end", END))
    )
    vitals = pl.concat(
        keyed(demography((5, 5, 5), (4, 4, 4)), period, sex) for period, sex, _ in worlds
    )
    return stock, vitals


def test_each_part_is_what_one_estimate_gives(long):
    made = estimate_all(*long)
    FlowSeries.require(made.flows)
    assert made.flows.height == 3 * 6 * 6
    for method in PUBLISHED_METHODS:
        one = estimate_flows(
            stocks(START * 2), stocks(END * 2), demography((5, 5, 5), (4, 4, 4)), method=method
        )
        own = made.flows.filter(
            pl.col("method") == method.value, pl.col("period") == "2005-2010"
        )
        assert own["persons"].to_list() == one.flows["persons"].to_list()
    assert made.by_type is None


def test_types_and_findings_carry_method_sex_and_period(long):
    made = estimate_all(*long, methods=["da-min-closed", "stock-diff-drop"], with_types=True)
    assert made.by_type is not None
    assert made.by_type.height == 3 * 6 * 3
    assert set(made.by_type["method"]) == {"da-min-closed"}
    assert made.misfits.columns[:3] == ["method", "sex", "period"]
    told = made.findings.filter(pl.col("code") == "STA-302")["message"].to_list()
    assert any(message.startswith("2000-2005, male, da-min-closed: ") for message in told)


def test_a_period_without_demography_is_refused(long):
    stock, vitals = long
    with pytest.raises(CoverageMismatch, match="2000-2005 male"):
        estimate_all(stock, vitals.filter(pl.col("sex") == "both"))


def test_unknown_methods_and_columns_are_refused(long):
    stock, vitals = long
    with pytest.raises(InvalidChoice, match="da-max"):
        estimate_all(stock, vitals, methods=["da-max"])
    with pytest.raises(MissingColumns, match="moment"):
        estimate_all(stock.drop("moment"), vitals)


def test_an_account_holds_everyone_at_both_ends():
    births, deaths = (20, 10, 0), (6, 5, 5)
    start, end = stocks(START), stocks(END)
    vitals = demography(births, deaths)
    account = account_of_flows(start, end, vitals, method="da-min-open")
    FlowAccount.require(account)

    def people(end_of: str) -> dict[str, float]:
        sums = account.drop_nulls(end_of).group_by(end_of).agg(pl.col("persons").sum())
        return {area: round(persons, 9) for area, persons in sums.rows()}

    assert people("origin") == {"A": 120, "B": 70, "C": 70}
    assert people("destination") == {"A": 120, "B": 75, "C": 65}
    kinds = dict(account.group_by("kind").agg(pl.col("persons").sum()).rows())
    assert (kinds["birth"], kinds["death"]) == (pytest.approx(30), pytest.approx(16))
    flows = estimate_flows(start, end, vitals, method="da-min-open").flows
    assert kinds["move"] == pytest.approx(flows["persons"].sum())


def test_only_demographic_accounting_has_an_account():
    with pytest.raises(InvalidChoice, match="da-min-open"):
        account_of_flows(
            stocks(START), stocks(END), demography(), method=Method.STOCK_DIFF_DROP
        )
