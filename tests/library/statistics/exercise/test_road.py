"""The made-up world through every door: imported, judged, reconciled, estimated, scored."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.geography.concordance import (
    area_name,
    area_of,
    is_aggregate,
    kind_of,
    members_of,
)
from waystation.geography.countries import LANGUAGES
from waystation.statistics.exercise import create_statistics_exercise, score_flows
from waystation.statistics.flows.estimate import estimate_flows
from waystation.statistics.imports import import_file, judged_observations
from waystation.statistics.indicators import indicator
from waystation.statistics.reconciliation import world_totals


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return create_statistics_exercise(tmp_path_factory.mktemp("world"), areas=24, seed=1)


@pytest.fixture(scope="module")
def imported(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    found = {}
    for path in sorted(world.folder.iterdir()):
        if path.suffix in {".csv", ".tsv", ".xlsx"} and path not in {
            world.areas, world.folder / "ages.csv",
        }:  # fmt: skip
            found[path.name] = import_file(path, folder)
    return folder, found


def test_made_up_codes_are_areas_of_the_concordance():
    for code, scheme in (("XAA", "iso3"), ("9001", "m49"), ("QMB", "unhcr")):
        area = area_of(code, scheme)
        assert area is not None
        assert kind_of(area) == "area"
        assert not is_aggregate(area)
        assert all(area_name(area, language) for language in LANGUAGES)
        assert area_of(area_name(area), "name") == area
    assert is_aggregate("9901")
    assert "XAA" in members_of("9901")


def test_every_file_is_read_and_no_code_is_lost(imported):
    _, found = imported
    assert len(found) == 9
    for name, made in found.items():
        codes = set(made.findings)
        assert not codes & {"STA-101", "STA-110"}, (name, codes)


def test_the_world_published_is_the_world_added_up(imported):
    folder, _ = imported
    books = judged_observations(folder, measures=["migrant_stock"])
    assert len(books) == 2
    for stock in books:
        totals = world_totals(stock)
        assert totals.height > 0
        assert (totals["difference"].fill_null(0).abs() <= 24).all()  # each area is rounded


def test_indicators_of_made_up_areas_have_figures(imported):
    folder, _ = imported
    for name in ("corridors", "net_migration", "refugees_by_host", "migrant_deaths_by_country"):
        made = indicator(name, *judged_observations(folder), mix_revisions=True)
        assert made["value"].drop_nulls().len() > 0, name


def test_the_methods_stand_in_the_order_that_the_truth_gives_them(world):
    truth = world.truth
    start, end = truth.stocks(2015), truth.stocks(2020)
    births = truth.demography(2015, 2020)
    true = truth.flows(2015, 2020)
    order = ("stock-diff-drop", "da-min-closed", "da-pb-closed")
    estimates = [estimate_flows(start, end, births, method=method).flows for method in order]
    fits = [score_flows(flows, true).log_correlation or 0.0 for flows in estimates]
    assert fits == sorted(fits)
    assert fits[-1] > 0.95


def test_no_figure_is_made_up_for_what_was_not_reported(imported):
    folder, _ = imported
    every = pl.concat(judged_observations(folder), how="diagonal_relaxed")
    absent = every.filter(pl.col("flag").cast(pl.String) == "not_reported")
    assert absent.height > 0
    assert absent["value"].null_count() == absent.height
