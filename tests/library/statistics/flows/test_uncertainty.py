"""Intervals of flows: exact where there is no error, by hand where one figure has one."""

from __future__ import annotations

import time

import numpy as np
import polars as pl
import pytest
from tests.library.statistics.flows.golden import matrix

from waystation.errors import BrokenRules, CoverageMismatch, InvalidChoice, InvalidTable
from waystation.statistics.flows.accounting import prepared_world
from waystation.statistics.flows.choices import Choices, Method, Totals
from waystation.statistics.flows.errors_of_inputs import (
    InputErrors,
    drawn_world,
    errors_by_area,
)
from waystation.statistics.flows.estimate import Estimator
from waystation.statistics.flows.matrices import World
from waystation.statistics.flows.tables import FlowSeries
from waystation.statistics.flows.uncertainty import (
    AreaIntervals,
    FlowIntervals,
    MethodSpread,
    flow_intervals,
    spread_between_methods,
)
from waystation.statistics.flows.warm_starts import NearEqualiser

# Stocks of Abel (2013), births and deaths so that all who are there are accounted for.
START = np.array([[1000.0, 100, 10, 0], [55, 555, 50, 5], [80, 40, 800, 40], [20, 25, 20, 200]])
END = np.array([[950.0, 100, 60, 0], [80, 505, 75, 5], [90, 30, 800, 40], [40, 45, 0, 180]])
WORLD = World(tuple("ABCD"), START, END, np.full(4, 20.0), np.full(4, 20.0))


def errors(stocks=0.0, births=0.0, deaths=0.0, world=WORLD, **shares):
    frame = pl.DataFrame(
        {"area": world.areas, "stocks": stocks, "births": births, "deaths": deaths}
    )
    return errors_by_area(world.areas, frame, **shares)


@pytest.mark.parametrize(
    "method", ["da-pb-closed", "da-min-open", "stock-diff-drop", "migration-rate"]
)
def test_without_errors_every_draw_is_the_estimate(method):
    ours = flow_intervals(WORLD, errors(), method=method, draws=20)
    corridors = ours.corridors
    assert corridors.height == 12
    for name in ("low", "median", "high"):
        np.testing.assert_allclose(corridors[name], corridors["persons"], rtol=1e-3, atol=0.01)
    assert (corridors["standard_error"] < 1e-3).all()
    FlowIntervals.require(corridors)
    AreaIntervals.require(ours.areas)


def test_one_error_by_hand():
    """From none to 100 A-born in B, ten percent off: so is the flow; 90 % lie within 1.645."""
    start, end = np.array([[500.0, 0], [0, 500]]), np.array([[400.0, 100], [0, 500]])
    world = World(("A", "B"), start, end, np.zeros(2), np.zeros(2))
    ours = flow_intervals(world, errors(0.1, world=world), method="stock-diff-drop", draws=4000)
    row = ours.corridors.row(0, named=True)
    assert row["persons"] == 100
    assert row["standard_error"] == pytest.approx(10, rel=0.05)
    spread = np.sqrt(np.log(1.01))
    middle = -(spread**2) / 2
    assert row["low"] == pytest.approx(100 * np.exp(middle - 1.645 * spread), rel=0.01)
    assert row["high"] == pytest.approx(100 * np.exp(middle + 1.645 * spread), rel=0.01)


def test_errors_that_both_ends_share_cancel_in_the_difference():
    apart = flow_intervals(WORLD, errors(0.1, shared_in_time=0.0), method="stock-diff-reverse")
    shared = flow_intervals(WORLD, errors(0.1, shared_in_time=1.0), method="stock-diff-reverse")
    assert (
        shared.corridors["standard_error"].sum() < apart.corridors["standard_error"].sum() / 2
    )


def test_births_of_one_area_move_its_net_migration():
    """20 000 births, 50 % off: 68 % of draws lie within 8 700 either side. The closed world
    takes the four tenths off A's own native born, and leaves six to its net migration.
    """
    births, deaths = np.full(4, 20_000.0), np.full(4, 20_000.0)
    world = World(WORLD.areas, START * 1000, END * 1000, births, deaths)
    inputs = errors(births=[0.5, 0, 0, 0])
    ours = flow_intervals(world, inputs, method="da-min-closed", draws=1000, level=0.68)
    net = ours.areas.filter(pl.col("measure") == "net_migration")
    half = dict(zip(net["area"], (net["high"] - net["low"]) / 2, strict=True))
    assert half["A"] == pytest.approx(0.61 * 8_700, rel=0.1)
    assert half["A"] > max(half["B"], half["C"], half["D"])


def test_figures_are_the_same_for_any_number_of_processes_and_differ_by_seed():
    one = flow_intervals(WORLD, errors(0.1), draws=30, processes=1)
    two = flow_intervals(WORLD, errors(0.1), draws=30, processes=2)
    assert one.corridors.equals(two.corridors)
    assert one.areas.equals(two.areas)
    assert not flow_intervals(WORLD, errors(0.1), draws=30, seed=2).corridors.equals(
        one.corridors
    )


def test_more_errors_give_wider_intervals_that_are_in_order():
    small, large = (flow_intervals(WORLD, errors(e), draws=200).corridors for e in (0.02, 0.2))
    assert (large["high"] - large["low"]).sum() > (small["high"] - small["low"]).sum()
    for frame in (small, large):
        assert (frame["low"] <= frame["median"]).all()
        assert (frame["median"] <= frame["high"]).all()
        assert (frame["low"] >= 0).all()


def test_drawn_worlds_keep_populations_and_zeros_and_the_errors_asked_for():
    generator = np.random.default_rng(4)
    off = ~np.eye(4, dtype=bool)
    drawn = [drawn_world(WORLD, errors(0.2, 0.1), generator) for _ in range(3000)]
    for world in drawn[:20]:
        np.testing.assert_allclose(world.start.sum(axis=0), START.sum(axis=0))
        assert ((world.start == 0) == (START == 0))[off].all()
    stocks = np.array([world.end for world in drawn])[:, off & (END > 0)]
    np.testing.assert_allclose(stocks.mean(axis=0), END[off & (END > 0)], rtol=0.02)
    np.testing.assert_allclose(stocks.std(axis=0) / stocks.mean(axis=0), 0.2, rtol=0.1)
    births = np.array([world.births for world in drawn])
    np.testing.assert_allclose(births.std(axis=0), 2, rtol=0.1)


def test_flagged_stocks_have_the_error_of_their_flag():
    frame = pl.DataFrame({"area": list("ABCD"), "stocks": 0.1, "births": 0.0, "deaths": 0.0})
    flags = pl.DataFrame({"birthplace": ["A"], "residence": ["C"], "flag": ["imputed"]})
    ours = errors_by_area(WORLD.areas, frame, flags=flags)
    assert ours.stocks[0, 2] == 0.3
    assert ours.stocks[2, 0] == 0.1
    with pytest.raises(InvalidChoice):
        errors_by_area(WORLD.areas, frame, flags=flags, flag_errors={"observed": 0.1})
    with pytest.raises(CoverageMismatch):
        errors_by_area(("A", "B"), frame.head(2), flags=flags)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"draws": 5}, InvalidChoice),
        ({"level": 1.0}, InvalidChoice),
        ({"method": "gravity"}, InvalidChoice),
        ({"choices": Choices(weight=2.0)}, InvalidChoice),
        ({"choices": Choices(totals=Totals.OPEN)}, InvalidChoice),
        ({"errors": InputErrors(np.zeros((2, 2)), np.zeros(2), np.zeros(2))}, InvalidTable),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, error):
    arguments = {"errors": errors()} | change
    with pytest.raises(error):
        flow_intervals(WORLD, **arguments)


def test_errors_that_cannot_be_are_refused():
    frame = pl.DataFrame({"area": list("ABCD"), "stocks": 0.1, "births": 0.0, "deaths": 0.0})
    with pytest.raises(CoverageMismatch, match="D"):
        errors_by_area(WORLD.areas, frame.head(3))
    with pytest.raises(BrokenRules, match="births"):
        errors_by_area(WORLD.areas, frame.with_columns(births=pl.lit(-0.1)))
    with pytest.raises(InvalidChoice):
        errors_by_area(WORLD.areas, frame, shared_in_time=1.5)


def test_the_spread_between_methods_by_hand():
    rows = [("stock-diff-drop", 10.0), ("da-min-open", 30.0), ("da-pb-closed", 50.0)]
    frame = FlowSeries.require(
        pl.DataFrame(
            [
                {
                    "method": method,
                    "sex": "both",
                    "period": "2010-2015",
                    "origin": "A",
                    "destination": "B",
                    "persons": persons,
                }
                for method, persons in rows
            ]
        )
    )
    spread = spread_between_methods(frame)
    MethodSpread.require(spread)
    row = spread.row(0, named=True)
    assert (row["low"], row["median"], row["high"], row["methods"]) == (10, 30, 50, 3)
    assert (row["lowest"], row["highest"]) == ("stock-diff-drop", "da-pb-closed")
    with pytest.raises(InvalidTable):
        spread_between_methods(frame.head(1))


def real_world(folder):
    names, start = matrix(folder / "input_start.csv.gz")
    vitals = pl.read_csv(folder / "input_bd.csv.gz", null_values=[])
    births, deaths = (vitals[name].to_numpy().astype(float) for name in ("births", "deaths"))
    return World(tuple(names), start, matrix(folder / "input_end.csv.gz")[1], births, deaths)


@pytest.mark.parametrize("year", ["1990", "2000"])
def test_a_world_near_the_first_is_fitted_as_from_nothing(statistics_data, year):
    """In both years the zeros of one area put a total out of reach."""
    world = real_world(statistics_data / "golden" / "real_n229" / year)
    inputs = errors(0.2, 0.05, 0.05, world=world)
    choices, near = Choices(stop=0.0), NearEqualiser()
    prepared_world(world, choices, Totals.RESCALE, equalise=near)
    for draw in range(3):
        drawn = drawn_world(world, inputs, np.random.default_rng(draw))
        ours = prepared_world(drawn, choices, Totals.RESCALE, equalise=near).equalised
        plain = prepared_world(drawn, choices, Totals.RESCALE).equalised
        for moment in ("start", "end"):
            np.testing.assert_allclose(
                getattr(ours, moment), getattr(plain, moment), rtol=1e-6, atol=0.01
            )
        assert sum(fit.steps for fit in ours.fits) < sum(fit.steps for fit in plain.fits)


def test_twenty_draws_of_227_areas_take_a_second_or_two(statistics_data):
    """So that a thousand take a minute."""
    world = real_world(statistics_data / "golden" / "real_n229" / "2000")
    begun = time.process_time()
    ours = flow_intervals(world, errors(0.1, 0.02, 0.02, world=world), draws=20)
    assert time.process_time() - begun < 8
    assert ours.corridors.height == 227 * 226
    estimate = Estimator(world).flow_table(Method.DA_PB_CLOSED).total
    assert ours.areas["persons"][0] == pytest.approx(estimate.sum())
