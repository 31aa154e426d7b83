"""Published totals against recomputed ones; "Others" is a row and never lost."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.errors import MissingColumns, MixedRevisions
from waystation.statistics.judged import judged_from_clean
from waystation.statistics.reconciliation import (
    aggregates_against_members,
    differences_in_words,
    origins_against_total,
    world_totals,
)
from waystation.statistics.sources.registry import read_source
from waystation.statistics.sources.rows import observations_of
from waystation.statistics.tables import CellFlag


def rows(*cells, dataset="undesa_stock_2020"):
    frames = [
        pl.DataFrame(
            {
                "dataset": [dataset], "measure": ["migrant_stock"], "area": [area],
                "counterpart": [other], "year": [2020], "period": ["2020-07-01"],
                "value": [value],
            },
            schema_overrides={"counterpart": pl.String, "value": pl.Float64},
        )
        for area, other, value in cells
    ]  # fmt: skip
    return observations_of(frames, flag=CellFlag.OBSERVED)


# Worked by hand.   area   origin          persons
ORIGINS = rows(
    ("NAM", None, 100),
    ("NAM", "AGO", 60), ("NAM", "ZAF", 25),  # known          85
    ("NAM", "2003", 10),  #                    others         10
    ("NAM", "XXX", 5),  #                      unknown         5: 100 in all
    ("NAM", "903", 85),  #                     an aggregate: not counted again
    ("KEN", None, 50), ("KEN", "UGA", 40),  #  10 are not listed
    ("UGA", None, 10), ("UGA", "KEN", 40),  #  30 too many
)  # fmt: skip


def test_a_total_is_known_others_and_unknown_origins():
    table = origins_against_total(ORIGINS)
    columns = ["area", "published", "known", "others", "unknown", "difference", "reason"]
    assert table.select(columns).rows() == [
        ("KEN", 50, 40, 0, 0, 10, "origins not listed"),
        ("NAM", 100, 85, 10, 5, 0, "none"),
        ("UGA", 10, 40, 0, 0, -30, "parts above the total"),
    ]
    assert table["share_known"].to_list()[:2] == [80, 85]
    words = differences_in_words(table)
    assert len(words) == 2
    assert words[0] == (
        "Kenya, 2020-07-01, both: published 50, recomputed 40 (origins not listed)"
    )


def test_an_aggregate_is_the_sum_of_its_members():
    table = aggregates_against_members(
        rows(
            ("927", None, 30), ("AUS", None, 20), ("NZL", None, 10),
            ("905", None, 30), ("CAN", None, 10), ("USA", None, None),
            ("957", None, 8), ("WSM", None, 5), ("1503", None, 99),
        )
    ).sort("area")  # fmt: skip
    found = {r["area"]: (r["difference"], r["missing"], r["reason"]) for r in table.to_dicts()}
    assert found["927"] == (0, "", "none")
    assert found["905"] == (20, "USA", "areas missing")
    assert found["957"][0] == 3
    assert found["1503"] == (59, "USA", "areas missing")


def test_the_channel_islands_are_one_area_or_two():
    whole = aggregates_against_members(rows(("924", None, 30), ("CHI", None, 30)))
    apart = aggregates_against_members(
        rows(("924", None, 30), ("GGY", None, 10), ("JEY", None, 20))
    )
    assert whole["difference"].to_list() == apart["difference"].to_list() == [0]


def test_members_of_income_groups_change_from_year_to_year():
    table = aggregates_against_members(
        rows(("1503", None, 99), ("AUS", None, 20), dataset="undesa_stock_2015")
    )
    assert table["reason"].to_list() == ["revision of members"]


def test_a_group_without_a_single_member_says_so():
    table = aggregates_against_members(rows(("927", None, 30), ("KEN", None, 20)))
    assert table.select("recomputed", "reason").row(0) == (0, "no member reported")


def test_two_revisions_are_not_reconciled_as_one():
    mixed = pl.concat([ORIGINS, rows(("NAM", None, 1), dataset="undesa_stock_2019")])
    for reconcile in (origins_against_total, aggregates_against_members, world_totals):
        with pytest.raises(MixedRevisions):
            reconcile(mixed)
        with pytest.raises(MissingColumns, match="year"):
            reconcile(ORIGINS.drop("year"))


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx", 152_986_157, 280_598_105),
        ("undesa_pd_2019_migrant_stock_total_dataset.xlsx", 153_011_473, 271_642_105),
        ("ims2019_destination_origin_total_wide.csv", 153_011_473, 271_642_105),
    ],
)
def test_the_worlds_total_is_the_published_one_in_every_year(
    statistics_data, name, first, last
):
    judged = judged_from_clean(read_source(statistics_data / "undesa" / name))
    table = world_totals(judged.observations)
    assert (table["published"][0], table["published"][-1]) == (first, last)
    assert table["difference"].to_list() == [0] * 7


def test_every_published_aggregate_of_2020_is_recomputed(statistics_data):
    path = statistics_data / "undesa" / "undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx"
    table = aggregates_against_members(judged_from_clean(read_source(path)).observations)
    both = table.filter(sex="both")
    assert both.height == 47 * 7  # 48 rows, of which Australia and New Zealand stands twice
    assert both["difference"].to_list() == [0] * both.height
    # By sex, areas that report no sexes are missing from the sum of members.
    assert set(table["reason"]) == {"none", "areas missing"}


def test_others_of_2019_close_every_total(statistics_data):
    path = statistics_data / "undesa" / "ims2019_destination_origin_total_wide.csv"
    table = origins_against_total(judged_from_clean(read_source(path)).observations)
    assert set(table["reason"]) == {"none"}
    world = table.filter(area="900", year=1990)
    assert world["others"].to_list() == [6_548_526 + 2_366_800]


def test_known_origins_of_2020_are_what_the_notes_say(statistics_data):
    path = statistics_data / "undesa" / "ims2020_origin_destination_by_sex_long.csv.gz"
    rows = judged_from_clean(read_source(path)).observations.filter(sex="both")
    known = dict(rows.group_by("year").agg(pl.col("value").sum()).iter_rows())
    assert round(known[1990] / 1e6, 1) == 144.3
    assert round(known[2020] / 1e6, 1) == 267.9


@pytest.mark.parametrize("revision", ["2022", "2024"])
def test_the_births_of_every_region_are_those_of_its_areas(statistics_data, revision):
    path = statistics_data / "wpp" / f"wpp{revision}_births_deaths_rates_netmig_annual.csv"
    rows = judged_from_clean(read_source(path)).observations
    table = aggregates_against_members(rows, measure="births")
    regions = table.filter(pl.col("system").is_in(["world", "continent", "subregion", "sdg"]))
    assert regions["area"].n_unique() == 35
    assert set(regions["reason"]) == {"none", "rounding"}
    assert regions.filter(pl.col("difference").abs() > pl.col("members")).height == 0
