"""Missing Migrants: three layouts, totals, identifiers, dates, positions."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.errors import UnknownLayout
from waystation.statistics.sources import missing_migrants

(LAYOUT,) = missing_migrants.layouts()

OLD = (
    '"Web ID","Region of Incident","Reported Date","Reported Year","Reported Month",'
    '"Number Dead","Minimum Estimated Number of Missing","Total Dead and Missing",'
    '"Number of Survivors","Number of Females","Number of Males","Number of Children",'
    '"Cause of Death","Location Description","Information Source","Location Coordinates",'
    '"Migration Route","URL","UNSD Geographical Grouping","Source Quality"\n'
)
MIDDLE = (
    "Main ID,Incident ID,Region,Incident Date,Year,Reported Month,Number Dead,"
    "Minimum Estimated Number of Missing,Total Number of Dead and Missing,"
    "Number of Survivors,Number of Females,Number of Males,Number of Children,"
    "Cause of Death,Location of death,Information Source,Coordinates,Migrantion route,URL,"
    "UNSD Geographical Grouping,Source Quality\n"
)
NEW = (
    "Main ID,Incident ID,Incident Type,Region of Incident,Incident Date,Incident Year,Month,"
    "Number of Dead,Minimum Estimated Number of Missing,Number of Survivors,"
    "Number of Females,Number of Males,Number of Children,Country of Origin,"
    "Region of Origin,Cause of Death,Country of Incident,Migration Route,"
    "Location of Incident,Latitude,Longitude,UNSD Geographical Grouping,Source Quality\n"
)


def read(folder, head, *rows):
    path = folder / "mmp.csv"
    path.write_text(head + "".join(f"{r}\n" for r in rows), "utf-8")
    assert LAYOUT.recognises(path)
    return missing_migrants.read_missing_migrants(path)


def middle(
    incident="2014.MMP1",
    main="2014.MMP1",
    date='"Mon, 01/06/2014 - 12:00"',
    dead="1.0",
    missing="",
    total="1",
    position='"31.65, -110.36"',
    quality="5.0",
    region="Europe",
):
    return (
        f"{main},{incident},{region},{date},2014,January,{dead},{missing},{total},,,1.0,,"
        f"Drowning,x,y,{position},Western Mediterranean,z,Northern America,{quality}"
    )  # fmt: skip


def test_the_layout_to_2021_is_read(tmp_path):
    clean = read(
        tmp_path,
        OLD,
        '"52682","Mediterranean","January 05, 2020","2020","Jan","750","272","1,022","51","",'
        '"5","1","Drowning","Off the coast","IOM","38.61, 26.65","Eastern Mediterranean","u",'
        '"Uncategorized","4"',
    )
    row = clean.incidents.row(0, named=True)
    assert (row["incident"], str(row["date"]), row["total"]) == ("52682", "2020-01-05", 1022)
    assert (row["latitude"], row["longitude"]) == (38.61, 26.65)
    assert (row["females"], row["males"], row["source_quality"]) == (None, 5, 4)
    assert clean.findings.is_empty()


def test_the_layout_of_2021_is_read_with_its_misspelt_route(tmp_path):
    row = read(tmp_path, MIDDLE, middle()).incidents.row(0, named=True)
    assert (str(row["date"]), row["route"]) == ("2014-01-06", "Western Mediterranean")


def test_the_layout_of_2026_has_no_total_and_the_month_comes_first(tmp_path):
    clean = read(
        tmp_path,
        NEW,
        '2026.MMP9,2026.MMP9001,Split Incident,Mediterranean,"Fri, 01/02/2026 - 12:00",2026,'
        "January,2,,,,,,Unknown,Unknown,Drowning,Tunisia,Central Mediterranean,x,"
        "34.1,11.2,Uncategorized,",
    )
    row = clean.incidents.row(0, named=True)
    assert (str(row["date"]), row["total"], row["missing"]) == ("2026-01-02", 2, None)
    assert (row["main"], row["country_of_incident"]) == ("2026.MMP9", "Tunisia")
    assert row["source_quality"] is None
    assert clean.findings.is_empty()


def test_a_date_that_was_not_that_day_of_the_week_is_a_finding(tmp_path):
    clean = read(tmp_path, MIDDLE, middle(date='"Tue, 01/06/2014 - 12:00"'))
    assert clean.findings.select("code", "row").rows() == [("STA-202", 2)]


def test_unknown_is_not_none(tmp_path):
    clean = read(
        tmp_path,
        MIDDLE,
        middle("a", dead="", missing="", total=""),
        middle("b", dead="0", missing="", total="0"),
    )
    assert clean.incidents.select("dead", "missing", "total").rows() == [
        (None, None, None),
        (0, None, 0),
    ]
    assert clean.findings.is_empty()
    sums = clean.observations.filter(pl.col("area") == "Europe")
    assert dict(sums.select("measure", "value").rows()) == {
        "migrant_deaths": 0,
        "migrants_dead": 0,
        "migrants_missing": None,
    }


def test_split_incidents_are_counted_each(tmp_path):
    two = (("2014.MMP1001", "2"), ("2014.MMP1002", "3"))
    clean = read(tmp_path, MIDDLE, *(middle(i, dead=n, total=n) for i, n in two))
    assert clean.incidents["main"].to_list() == ["2014.MMP1", "2014.MMP1"]
    deaths = clean.observations.filter(pl.col("measure") == "migrant_deaths")
    assert deaths["value"].sum() == 5


def test_a_repeated_incident_is_counted_once_and_told(tmp_path):
    clean = read(tmp_path, MIDDLE, middle(), middle())
    assert clean.incidents.height == 1
    assert clean.findings.select("code", "row").rows() == [("STA-233", 3)]


def test_a_country_written_in_two_ways_is_one_country(tmp_path):
    rest = "Unknown,Unknown,Drowning,{},Eastern Mediterranean,x,34.1,11.2,Uncategorized,4"
    clean = read(
        tmp_path,
        NEW,
        *(
            f'a{i},a{i},Incident,Mediterranean,"Fri, 01/02/2026 - 12:00",2026,January,2,,,,,,'
            + rest.format(name)
            for i, name in enumerate(("Turkey", "Türkiye", "Somewhere"))
        ),
    )
    by_country = clean.observations.filter(
        pl.col("measure") == "migrant_deaths_by_country"
    ).sort("area")
    assert by_country.select("area", "value").rows() == [("Somewhere", 2), ("TUR", 4)]
    assert clean.areas.filter(pl.col("code") == "TUR")["code_system"].to_list() == ["iso3"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"total": "9"}, "STA-231"),
        ({"dead": "2", "missing": "-1"}, "STA-232"),
        ({"position": '"131.65, -110.36"'}, "STA-234"),
        ({"position": '"somewhere"'}, "STA-234"),
        ({"quality": "45"}, "STA-235"),
        ({"dead": "several", "total": ""}, "STA-201"),
    ],
)
def test_what_is_wrong_with_an_incident_is_a_finding(tmp_path, change, code):
    clean = read(tmp_path, MIDDLE, middle(**change))
    assert clean.findings["code"].to_list() == [code]
    assert clean.findings["row"].to_list() == [2]


def test_a_world_total_is_given_only_where_the_file_covers_the_world(tmp_path):
    one = read(tmp_path, MIDDLE, middle())
    assert "World" not in one.observations["area"].to_list()
    regions = ("Northern Africa", "Central America", "Southern Asia")
    three = read(tmp_path, MIDDLE, *(middle(r, region=r) for r in regions))
    world = three.observations.filter(
        (pl.col("area") == "World") & (pl.col("measure") == "migrant_deaths")
    )
    assert world["value"].to_list() == [3]


def test_a_file_without_the_column_of_the_missing_is_refused(tmp_path):
    path = tmp_path / "mmp.csv"
    path.write_text(MIDDLE.replace("Minimum Estimated Number of Missing", "Lost"), "utf-8")
    assert not LAYOUT.recognises(path)
    with pytest.raises(UnknownLayout, match="Minimum Estimated Number of Missing"):
        LAYOUT.read(path)


people = st.none() | st.integers(0, 999)


@settings(max_examples=30, deadline=None)
@given(counts=st.lists(st.tuples(people, people), min_size=1, max_size=8))
def test_the_total_is_dead_and_missing_with_unknown_as_none(tmp_path_factory, counts):
    text = ["" if n is None else str(n) for pair in counts for n in pair]
    rows = [
        middle(f"i{i}", dead=text[2 * i], missing=text[2 * i + 1], total="")
        for i in range(len(counts))
    ]
    incidents = read(tmp_path_factory.mktemp("mmp"), MIDDLE, *rows).incidents
    expected = [
        None if dead is None and missing is None else (dead or 0) + (missing or 0)
        for dead, missing in counts
    ]
    assert incidents["total"].to_list() == expected


def test_real_totals_by_year_are_those_of_the_files_own_column(statistics_data):
    path = statistics_data / "mmp" / "MissingMigrants_2014_2021.csv"
    clean = missing_migrants.read_missing_migrants(path)
    assert clean.incidents.height == 9_906
    world = clean.observations.filter(
        (pl.col("area") == "World") & (pl.col("measure") == "migrant_deaths")
    )
    assert dict(world.select("year", "value").rows()) == {
        2014: 5318, 2015: 6714, 2016: 8084, 2017: 6284, 2018: 4987, 2019: 5382, 2020: 4240,
        2021: 5073,
    }  # fmt: skip
    assert clean.findings["code"].value_counts().rows() == [("STA-232", 17)]
    assert clean.incidents["date"].null_count() == 15


def test_real_files_of_2020_and_of_europe_are_read(statistics_data):
    old = missing_migrants.read_missing_migrants(
        statistics_data / "mmp" / "MissingMigrants-Global-2020-01-08.csv"
    )
    assert old.incidents.height == 6_249
    assert old.findings.is_empty()
    europe = missing_migrants.read_missing_migrants(
        statistics_data / "mmp" / "iom_europe_cleaned_2014_2026.csv"
    )
    assert europe.incidents.height == 6_802
    assert "World" not in europe.observations["area"].to_list()
    assert dict(europe.findings["code"].value_counts().rows()) == {"STA-232": 6, "STA-235": 38}
