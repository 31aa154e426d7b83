"""The made-up world: its accounts are right to the last person, and it is nobody's."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import time
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
import shapely

from waystation.errors import InvalidChoice, NotFound
from waystation.geography.countries import country_codes, iso3_of
from waystation.geography.fictional_world import (
    fictional_areas,
    fictional_meanings,
    fictional_name,
    fictional_regions,
)
from waystation.statistics.exercise import (
    PublishedDefect,
    TrueFlows,
    Truth,
    create_statistics_exercise,
)
from waystation.statistics.exercise.area_list import age_shares

SEXES = ["male", "female"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return create_statistics_exercise(tmp_path_factory.mktemp("world"), areas=24, seed=1)


def table(made, name):
    return pl.read_parquet(made.truth.folder / f"{name}.parquet")


def hashes(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_stock_is_that_before_plus_births_less_deaths_plus_moves(made):
    keys = ["moment", "birthplace", "residence"]
    halves = sorted(table(made, "stocks")["moment"].unique())
    after = dict(pairwise(halves))

    def change(name, sign, residence):
        rows = table(made, name)
        born = pl.col("area" if "area" in rows.columns else "birthplace")
        return rows.select(
            moment=pl.col("start").replace_strict(after, return_dtype=pl.Date),
            birthplace=born,
            residence=pl.col(residence),
            male=pl.col("male").cast(pl.Int64) * sign,
            female=pl.col("female").cast(pl.Int64) * sign,
        )

    stocks = table(made, "stocks").select(*keys, pl.col(SEXES).cast(pl.Int64))
    before = stocks.filter(pl.col("moment") != halves[-1]).with_columns(
        pl.col("moment").replace_strict(after, return_dtype=pl.Date)
    )
    added = pl.concat(
        [
            before,
            change("births", 1, "area"),
            change("deaths", -1, "residence"),
            change("moves", -1, "origin"),
            change("moves", 1, "destination"),
        ]
    )
    found = added.group_by(keys).agg(pl.col(SEXES).sum())
    expected = stocks.filter(pl.col("moment") != halves[0])
    both = found.join(expected, on=keys, how="full", suffix="_true", coalesce=True)
    both = both.with_columns(pl.col(*SEXES, "male_true", "female_true").fill_null(0))
    assert both.height > 24 * 24 * 70
    assert (both["male"] == both["male_true"]).all()
    assert (both["female"] == both["female_true"]).all()


def test_nobody_is_missing_or_counted_twice(made):
    stocks, moves = table(made, "stocks"), table(made, "moves")
    assert stocks.select("moment", "birthplace", "residence").is_unique().all()
    assert moves.select("start", "birthplace", "origin", "destination").is_unique().all()
    assert (moves["origin"] != moves["destination"]).all()
    assert moves.select(pl.min_horizontal(SEXES).min()).item() >= 0
    fled = stocks.select("male", "female", "refugees_male", "refugees_female")
    assert (fled["refugees_male"] <= fled["male"]).all()
    assert (fled["refugees_female"] <= fled["female"]).all()


def test_five_years_of_flows_are_the_moves_of_ten_half_years(made):
    flows = TrueFlows.require(table(made, "flows"))
    parts = flows["outward"] + flows["back"] + flows["transit"]
    assert (flows["persons"] == parts).all()
    period = flows.filter(period="2010-07-01/P5Y", sex="female")
    from_moves = made.truth.flows(2010, 2015, "female")
    shown = period.select("origin", "destination", "persons").sort("origin", "destination")
    assert shown.equals(from_moves)
    both = flows.filter(sex="both")["persons"].sum()
    assert both == flows.filter(pl.col("sex") != "both")["persons"].sum()
    assert {"outward", "back", "transit"} <= {
        name for name in ("outward", "back", "transit") if flows[name].sum() > 0
    }


def test_net_moves_close_the_account_of_each_area(made):
    # People at the end less people at the start = births - deaths + in - out.
    start, end = (made.truth.stocks(year) for year in (2005, 2010))
    change = dict(
        start.join(end, on=["birthplace", "residence"], suffix="_end")
        .group_by("residence")
        .agg((pl.col("persons_end") - pl.col("persons")).sum())
        .iter_rows()
    )
    natural = {a: b - d for a, b, d in made.truth.demography(2005, 2010).iter_rows()}
    flows = made.truth.flows(2005, 2010)
    arrived = dict(flows.group_by("destination").agg(pl.col("persons").sum()).iter_rows())
    left = dict(flows.group_by("origin").agg(pl.col("persons").sum()).iter_rows())
    for area, difference in change.items():
        assert difference == natural[area] + arrived.get(area, 0) - left.get(area, 0)


def test_a_war_drives_people_out_and_peace_brings_some_back(made):
    war = (
        pl.read_csv(made.truth.folder / "crises.csv", try_parse_dates=True)
        .filter(kind="war", start=dt.date(2012, 1, 1))
        .row(0, named=True)
    )
    flows = table(made, "flows").filter(sex="both")
    out = flows.filter(origin=war["area"]).group_by("period").agg(pl.col("outward").sum())
    back = flows.filter(destination=war["area"]).group_by("period").agg(pl.col("back").sum())
    out, back = dict(out.iter_rows()), dict(back.iter_rows())
    assert out["2010-07-01/P5Y"] > 3 * out["2005-07-01/P5Y"]
    assert back["2015-07-01/P5Y"] > 2 * back["2005-07-01/P5Y"]


def test_the_same_numbers_write_the_same_bytes_and_another_seed_does_not(tmp_path):
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    create_statistics_exercise(first, areas=9, seed=5)
    create_statistics_exercise(again, areas=9, seed=5)
    create_statistics_exercise(other, areas=9, seed=6)
    assert hashes(first) == hashes(again)
    same = {n for n, value in hashes(other).items() if hashes(first)[n] == value}
    assert same == set()


@pytest.mark.parametrize("areas", [3, 4, 7])
def test_small_worlds_are_whole(tmp_path, areas):
    made = create_statistics_exercise(tmp_path, areas=areas, seed=2)
    assert pl.read_csv(made.areas).height == areas
    assert made.truth.flows(1990, 1995).height > 0
    for name in made.__dataclass_fields__:
        value = getattr(made, name)
        for path in value.values() if isinstance(value, dict) else [value]:
            assert isinstance(path, Truth) or path.exists()


def test_it_takes_seconds(tmp_path):
    start = time.process_time()
    create_statistics_exercise(tmp_path, areas=24, seed=3)
    assert time.process_time() - start < 10


@pytest.mark.slow
def test_a_world_of_229_areas_takes_under_a_minute_and_stays_small(tmp_path):
    start = time.process_time()
    made = create_statistics_exercise(tmp_path, areas=229, seed=1)
    assert time.process_time() - start < 60
    sizes = {str(p.relative_to(tmp_path)): p.stat().st_size for p in tmp_path.rglob("*.*")}
    assert sum(sizes.values()) < 100e6
    assert made.stocks[2020].stat().st_size < 15e6
    assert made.outlines.stat().st_size < 1e6
    assert made.truth.stocks(2020).height == 229**2


def test_a_world_of_24_areas_is_small(made):
    sizes = [p.stat().st_size for p in made.folder.rglob("*") if p.is_file()]
    assert sum(sizes) < 4e6


@pytest.mark.parametrize("wrong", [{"areas": 2}, {"areas": 230}, {"seed": -1}])
def test_numbers_out_of_range_are_refused(tmp_path, wrong):
    with pytest.raises(InvalidChoice):
        create_statistics_exercise(tmp_path / "no", **wrong)
    assert not (tmp_path / "no").exists()


def test_truth_outside_the_exercise_is_refused(made, tmp_path):
    with pytest.raises(InvalidChoice):
        made.truth.stocks(1989)
    with pytest.raises(InvalidChoice):
        made.truth.flows(2010, 2010)
    with pytest.raises(InvalidChoice):
        made.truth.stocks(2010, "all")
    with pytest.raises(NotFound):
        Truth(tmp_path).stocks(2010)
    with pytest.raises(NotFound):
        Truth(tmp_path).defects()


def test_no_code_or_name_is_of_a_country_that_exists():
    areas = fictional_areas()
    real = country_codes()
    assert len(areas) == len({a.iso3 for a in areas}) == len({a.m49 for a in areas}) == 229
    assert not {a.iso3 for a in areas} & set(real["iso3"])
    assert not {a.unhcr for a in areas} & set(real["iso3"])
    assert {a.iso3[0] for a in areas} == {"X"}
    assert {a.unhcr[0] for a in areas} == {"X", "Q"}
    assert not {"XKX", "XWS", "XXA"} & {a.iso3 for a in areas}
    for area in areas:
        assert [iso3_of(n) for n in (*area.names, area.world_bank_name)] == [None] * 5
    assert len({n for a in areas for n in {*a.names, a.world_bank_name}}) >= 229 * 3


def test_an_area_is_the_same_in_worlds_of_every_size():
    assert fictional_areas(24) == fictional_areas()[:24]
    meanings = fictional_meanings()
    assert meanings["m49", "9002"] == meanings["unhcr", "QMB"] == "XAB"
    for area in fictional_areas():
        assert meanings["name", area.names[3]] == area.iso3
    assert len(fictional_regions()) == 6


def test_areas_and_regions_have_names_in_four_languages():
    assert fictional_name("XAB") == "Republic of Mousahate"
    assert fictional_name("XAB", "es") == "República de Musahaté"
    assert fictional_name("9902", "fr") == fictional_regions()[1].names[1]
    assert fictional_name("FRA") is None
    assert fictional_name("XAB", "xx") is None


def test_no_published_file_names_a_country_that_exists(made):
    codes = set(country_codes()["iso3"])
    for path in made.folder.rglob("*.csv"):
        with path.open(encoding="utf-8") as stream:
            _, *rows = csv.reader(stream)  # a heading may be one: SRB, sex ratio at birth
            for row in rows:
                found = {cell for cell in row if cell in codes}
                assert not found, (path.name, found)


def test_shapes_tile_the_land_and_islands_touch_nobody(made):
    features = json.loads(made.outlines.read_text("utf-8"))["features"]
    shapes = np.array([shapely.from_geojson(json.dumps(f["geometry"])) for f in features])
    assert shapely.is_valid(shapes).all()
    assert {f["properties"]["iso3"] for f in features} == {a.iso3 for a in fictional_areas(24)}
    whole = shapely.area(shapely.union_all(shapes))
    assert shapely.area(shapes).sum() == pytest.approx(whole, rel=1e-4)
    low_x, low_y, high_x, high_y = shapely.total_bounds(shapes)
    assert -180 <= low_x < high_x <= 180
    assert -90 <= low_y < high_y <= 90
    islands = [a.is_island for a in fictional_areas(24)]
    for i in np.flatnonzero(islands):
        others = shapely.union_all(np.delete(shapes, i))
        assert shapely.distance(shapes[i], others) > 0


def test_one_line_is_disputed_and_asks_to_be_dashed(made):
    lines = [f["properties"] for f in json.loads(made.lines.read_text("utf-8"))["features"]]
    disputed = [line for line in lines if line["kind"] == "disputed"]
    assert [line["style"] for line in disputed] == ["dashed"]
    assert {line["style"] for line in lines if line["kind"] == "boundary"} == {"solid"}


def test_ages_add_up_and_a_growing_people_is_young(made):
    ages = pl.read_csv(made.folder / "ages.csv")
    people = dict(pl.read_csv(made.areas).select("iso3", "population_2020").iter_rows())
    assert dict(ages.group_by("iso3").agg(pl.col("persons").sum()).iter_rows()) == people
    assert (ages["persons"] >= 0).all()
    young, old = age_shares(np.array([0.035, 0.010]), np.array([0.009, 0.010]))
    assert young[:3].sum() > 1.5 * old[:3].sum()
    assert young.sum() == pytest.approx(1)


def test_defects_are_listed_and_of_files_that_are_there(made):
    defects = made.truth.defects()
    PublishedDefect.require(defects)
    assert {"citizens_only", "imputed", "unknown_origin", "rounded", "interpolated",
            "not_yet_there", "undercount", "break", "confidential", "small_counts",
            "modelled", "estimated_demography"} <= set(defects["kind"])  # fmt: skip
    assert all((made.folder / name).is_file() for name in defects["file"].unique())


def test_the_readme_says_that_all_is_made_up(made):
    text = (made.folder / "README.md").read_text("utf-8")
    assert "made up" in text
    for path in made.folder.iterdir():
        assert path.name in text or path.name == "README.md"
