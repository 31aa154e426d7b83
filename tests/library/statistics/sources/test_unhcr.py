"""UNHCR: files of the Refugee Data Finder, and its traps."""

from __future__ import annotations

import gzip
import hashlib
import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.errors import UnknownLayout, UnreadableFile
from waystation.statistics.sources import unhcr, unhcr_demographics

HEAD = (
    "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,"
    "returned_refugees,idps,returned_idps,stateless,ooc,oip,hst"
)
CHINA_IN_GERMANY = "2023,China,CHI,CHN,Germany,GFR,DEU,5,120,0,0,0,0,0,-,0"


def layout(name):
    layouts = (*unhcr.layouts(), *unhcr_demographics.layouts())
    return next(found for found in layouts if found.name == name)


def population(folder, *rows, name="population.csv"):
    path = folder / name
    path.write_text("\n".join([HEAD, *rows]), "utf-8")
    return layout("unhcr-population").read(path)


def figure(clean, measure, **where):
    rows = clean.observations.filter(pl.col("measure") == measure)
    for column, value in where.items():
        rows = rows.filter(pl.col(column) == value)
    assert rows.height == 1
    return rows.row(0, named=True)


def test_codes_stay_unhcrs_own_and_their_iso_codes_stand_beside(tmp_path):
    clean = population(tmp_path, CHINA_IN_GERMANY)
    row = figure(clean, "asylum_seekers")
    assert (row["area"], row["counterpart"], row["value"]) == ("GFR", "CHI", 120)
    assert clean.areas.rows() == [
        ("CHI", "China", "CHN", "unhcr"),
        ("GFR", "Germany", "DEU", "unhcr"),
    ]


def test_a_five_is_flagged_as_perhaps_one_to_four(tmp_path):
    row = figure(population(tmp_path, CHINA_IN_GERMANY), "refugees")
    assert (row["value"], row["low"], row["high"], row["flag"]) == (5, 1, 5, "estimated")


def test_a_dash_is_not_available_and_no_zero(tmp_path):
    row = figure(population(tmp_path, CHINA_IN_GERMANY), "other_people_in_need")
    assert row["value"] is None
    assert (row["flag"], row["note"]) == ("not_reported", "not available")


@pytest.mark.parametrize(
    ("year", "measure", "expected"),
    [
        (1999, "asylum_seekers", None), (2000, "asylum_seekers", 0),
        (2018, "host_community", None), (2019, "host_community", 0),
        (2017, "others_of_concern", None), (2018, "others_of_concern", 0),
    ],
)  # fmt: skip
def test_a_zero_from_before_a_measure_was_collected_is_not_reported(
    tmp_path, year, measure, expected
):
    clean = population(tmp_path, f"{year},China,CHI,CHN,Germany,GFR,DEU,9,0,0,0,0,0,0,0,0")
    row = figure(clean, measure)
    assert row["value"] == expected
    assert row["flag"] == ("not_reported" if expected is None else "observed")


def test_a_figure_from_before_the_start_stays(tmp_path):
    clean = population(tmp_path, "1995,China,CHI,CHN,Germany,GFR,DEU,9,70,0,0,0,0,0,0,0")
    assert figure(clean, "asylum_seekers")["value"] == 70


def test_idps_have_rows_at_home_only_and_stateless_people_no_origin(tmp_path):
    clean = population(
        tmp_path,
        CHINA_IN_GERMANY,
        "2023,Sudan,SUD,SDN,Sudan,SUD,SDN,0,0,0,6000000,0,0,0,-,0",
        "2023,Stateless,STA,XXA,Germany,GFR,DEU,0,0,0,0,0,28000,0,-,0",
    )
    assert figure(clean, "idps_unhcr")["area"] == "SUD"
    row = figure(clean, "stateless")
    assert (row["counterpart"], row["value"]) == ("STA", 28000)
    assert clean.areas.filter(pl.col("code") == "STA")["iso3"].to_list() == [None]


def test_refugees_in_their_own_country_are_a_finding(tmp_path):
    clean = population(tmp_path, "2023,Sudan,SUD,SDN,Sudan,SUD,SDN,9,0,0,0,0,0,0,-,0")
    assert clean.findings.select("code", "row", "reported").rows() == [("STA-211", 2, "SUD")]


def test_idps_of_another_country_are_a_finding_and_stay(tmp_path):
    clean = population(tmp_path, "2023,China,CHI,CHN,Germany,GFR,DEU,9,0,0,70,0,0,0,-,0")
    assert clean.findings["code"].to_list() == ["STA-213"]
    assert figure(clean, "idps_unhcr")["value"] == 70


def test_a_sudden_end_of_a_large_origin_is_a_finding(tmp_path):
    clean = population(
        tmp_path,
        "2021,Viet Nam,VNM,VNM,China,CHI,CHN,303436,0,0,0,0,0,0,-,0",
        "2022,Viet Nam,VNM,VNM,China,CHI,CHN,320,0,0,0,0,0,0,-,0",
    )
    assert clean.findings["code"].to_list() == ["STA-212", "STA-212"]
    assert set(clean.findings["reported"]) == {
        "CHI in 2022: 320 after 303436",
        "VNM in 2022: 320 after 303436",
    }


def test_a_cell_that_is_no_number_is_a_finding_with_its_place(tmp_path):
    clean = population(tmp_path, "2023,China,CHI,CHN,Germany,GFR,DEU,many,1,0,0,0,0,0,-,0")
    found = clean.findings.row(0, named=True)
    assert (found["code"], found["row"], found["column"]) == ("STA-201", 2, "refugees")
    assert found["reported"] == "many"
    assert figure(clean, "refugees")["value"] is None


def test_the_file_of_the_site_with_lines_above_its_headings_is_read(tmp_path):
    path = tmp_path / "query.csv"
    path.write_text(
        '"Extracted from the UNHCR Refugee Population Statistics Database"\n'
        '"Date extracted: 2025-06-12"\n\n'
        "Year,Country of origin,Country of origin (ISO),Country of asylum,"
        "Country of asylum (ISO),Refugees under UNHCR's mandate,Asylum-seekers\n"
        "2023,China,CHN,Namibia,NAM,1234,-\n",
        "utf-8",
    )
    found = layout("unhcr-population")
    assert found.recognises(path)
    clean = found.read(path)
    assert figure(clean, "refugees")["value"] == 1234
    assert clean.areas["code_system"].to_list() == ["iso3", "iso3"]
    assert clean.areas["iso3"].to_list() == ["CHN", "NAM"]


def test_the_answer_of_the_api_is_read_as_the_same_table(tmp_path):
    names = HEAD.split(",")
    item = dict(zip(names, CHINA_IN_GERMANY.split(","), strict=True)) | {"refugees": 5}
    path = tmp_path / "population.json"
    path.write_text(json.dumps({"page": 1, "maxPages": 1, "items": [item]}), "utf-8")
    assert layout("unhcr-population").recognises(path)
    of_api = layout("unhcr-population").read(path)
    assert of_api.observations.equals(population(tmp_path, CHINA_IN_GERMANY).observations)


@pytest.mark.parametrize(
    ("day", "period"),
    [("2023-11-24", "2023-06-30"), ("2024-03-01", "2023-06-30"), ("2024-06-20", "2023-12-31")],
)
def test_what_came_before_the_end_of_year_figures_is_of_mid_year(tmp_path, day, period):
    population(tmp_path, CHINA_IN_GERMANY)
    path = tmp_path / "population.csv"
    told = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "retrieved": day}
    (tmp_path / "population.csv.source.json").write_text(json.dumps(told), "utf-8")
    clean = layout("unhcr-population").read(path)
    assert figure(clean, "refugees")["period"] == period
    assert figure(clean, "returned_refugees")["period"] == "2023"
    assert str(clean.source.retrieved) == day


def test_what_is_told_of_another_file_is_not_believed(tmp_path):
    told = {"sha256": "0" * 64, "retrieved": "2023-11-24"}
    (tmp_path / "population.csv.source.json").write_text(json.dumps(told), "utf-8")
    assert population(tmp_path, CHINA_IN_GERMANY).source.retrieved is None


def test_applications_of_cases_and_of_persons_have_different_units(tmp_path):
    path = tmp_path / "applications.csv"
    path.write_text(
        "year,coo,coo_iso,coa,coa_iso,procedure_type,app_type,dec_level,app_pc,applied\n"
        "2023,CHI,CHN,GFR,DEU,G,N,FI,P,100\n2023,CHI,CHN,GFR,DEU,G,N,FI,C,40\n",
        "utf-8",
    )
    clean = layout("unhcr-asylum-applications").read(path)
    assert clean.observations.select("value", "unit", "breakdown", "period").rows() == [
        (100, "persons", "procedure=G; application=N; level=FI; counted=P", "2023"),
        (40, "cases", "procedure=G; application=N; level=FI; counted=C", "2023"),
    ]


def test_where_only_a_total_is_known_age_and_sex_are_not_reported(tmp_path):
    path = tmp_path / "demographics.csv"
    parts = [f"{s}_{a}" for s in "fm" for a in ("0_4", "5_11", "12_17", "18_59", "60", "other")]
    columns = [*parts[:6], "f_total", *parts[6:], "m_total", "total"]
    path.write_text(
        "year,coo,coo_iso,coa,coa_iso,pop_type,location,loc_type,acc_type,"
        + ",".join(columns)
        + "\n2024,COL,COL,ABW,ABW,REF,Somewhere,V,I,0,0,0,0,0,0,0,0,0,0,0,0,0,0,168"
        + "\n2024,CHI,CHN,ABW,ABW,REF,Somewhere,V,I,1,2,0,9,0,0,12,0,0,0,8,0,0,8,20\n",
        "utf-8",
    )
    rows = layout("unhcr-demographics").read(path).observations
    unknown = rows.filter(pl.col("counterpart") == "COL")
    assert unknown.filter(pl.col("value").is_not_null()).select(
        "sex", "age", "value"
    ).rows() == [("both", "total", 168)]
    known = rows.filter((pl.col("counterpart") == "CHI") & (pl.col("age") != "total"))
    assert known["value"].null_count() == 0
    assert known["value"].sum() == 20


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"<!DOCTYPE html><html><body>Moved</body></html>", UnreadableFile, "web page"),
        (HEAD.replace("coa", "host").encode() + b"\n", UnknownLayout, "coa"),
        (HEAD.replace(",refugees", ",refugees_2").encode() + b"\n2023\n", UnknownLayout,
         "refugees"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_by_name(tmp_path, content, error, says):
    path = tmp_path / "population.csv"
    path.write_bytes(content)
    with pytest.raises(error, match=says):
        layout("unhcr-population").read(path)


def test_a_compressed_file_that_is_cut_short_is_refused(tmp_path):
    path = tmp_path / "population.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEAD, CHINA_IN_GERMANY]).encode())[:-12])
    assert not layout("unhcr-population").recognises(path)
    with pytest.raises(UnreadableFile, match="cut short"):
        layout("unhcr-population").read(path)


def test_null_bytes_are_left_out_and_told(tmp_path):
    path = tmp_path / "population.csv"
    text = "\n".join([HEAD, *[CHINA_IN_GERMANY] * 9])
    path.write_bytes(text.replace("Germany", "Ger\x00many", 1).encode())
    clean = layout("unhcr-population").read(path)
    assert "STA-204" in clean.findings["code"].to_list()
    assert "Germany" in clean.areas["name"].to_list()


@settings(max_examples=30, deadline=None)
@given(
    counts=st.lists(
        st.tuples(st.sampled_from(["CHI", "SUD", "ANG"]), st.integers(0, 10**7)), max_size=6
    )
)
def test_every_figure_from_a_year_of_collection_is_kept(tmp_path_factory, counts):
    rows = [f"2023,x,{o},XAA,Germany,GFR,DEU,{n},0,0,0,0,0,0,-,0" for o, n in counts]
    folder = tmp_path_factory.mktemp("unhcr")
    if not rows:
        return
    clean = population(folder, *rows)
    refugees = clean.observations.filter(pl.col("measure") == "refugees")["value"]
    assert refugees.to_list() == [n for _, n in counts]


# --- real files


def test_world_refugees_of_the_real_file_are_those_published(statistics_data):
    clean = layout("unhcr-population").read(
        statistics_data / "unhcr" / "refugees_population.csv.gz"
    )
    world = (
        clean.observations.filter(pl.col("measure") == "refugees")
        .group_by("year")
        .agg(pl.col("value").sum())
    )
    sums = dict(world.rows())
    # UNHCR, Global Trends 2023: 31.6 million refugees under its mandate; 2022: 29.4 million.
    assert sums[2023] == 31_637_408
    assert sums[2022] == 29_429_078
    assert sums[1994] == 15_753_494
    assert clean.findings.filter(pl.col("code") == "STA-211").height == 108
    assert clean.findings.filter(pl.col("code") == "STA-213").height == 0
    china = clean.findings.filter(pl.col("reported").str.contains("CHI in 2022"))
    assert china.height == 1


def test_real_files_are_recognised_by_one_layout_each(statistics_data):
    expected = {
        "refugees_population.csv.gz": "unhcr-population",
        "refugees_asylum_applications.csv.gz": "unhcr-asylum-applications",
        "refugees_asylum_decisions.csv.gz": "unhcr-asylum-decisions",
        "refugees_demographics.csv.gz": "unhcr-demographics",
        "refugees_solutions.csv.gz": "unhcr-solutions",
        "refugees_unrwa.csv.gz": "unhcr-unrwa",
        "refugees_flows.csv.gz": "unhcr-flows",
        "unhcr_2020_stepladder.csv": "unhcr-population",
    }
    layouts = (*unhcr.layouts(), *unhcr_demographics.layouts())
    for name, layout_name in expected.items():
        path = statistics_data / "unhcr" / name
        assert [found.name for found in layouts if found.recognises(path)] == [layout_name]


def test_real_demographics_add_up_by_sex_where_they_are_known(statistics_data):
    clean = layout("unhcr-demographics").read(
        statistics_data / "unhcr" / "refugees_demographics.csv.gz"
    )
    rows = clean.observations
    assert rows.height == 20_771 * 15
    refugees = rows.filter((pl.col("measure") == "refugees") & (pl.col("age") == "total"))
    assert refugees.filter(pl.col("sex") == "both")["value"].sum() == 28_461_306


def test_real_exponents_are_numbers(statistics_data):
    """The file has 2e+05 where a spreadsheet program or R wrote 200000."""
    clean = layout("unhcr-solutions").read(
        statistics_data / "unhcr" / "refugees_solutions.csv.gz"
    )
    assert clean.findings.is_empty()
    returned = clean.observations.filter(pl.col("measure") == "returned_refugees")
    assert 200_000 in returned["value"].to_list()
