"""Statistics on the command line: import, list, indicator."""

from __future__ import annotations

import json

import polars as pl
import pytest

HEAD = "year,coo,coo_iso,coo_name,coa,coa_iso,coa_name,refugees,asylum_seekers\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "population.csv"
    path.write_text(
        f"{HEAD}2022,CHI,CHN,China,GFR,DEU,Germany,700,-\n"
        "2023,CHI,CHN,China,GFR,DEU,Germany,800,5\n2023,SUD,SDN,Sudan,GFR,DEU,Germany,5,1\n",
        "utf-8",
    )
    return path


def test_a_file_is_imported_listed_and_shown_as_an_indicator(waystation, tmp_path, file):
    data = ("--data", tmp_path / "data")
    answer = waystation("statistics", "import", "unhcr", file, *data)
    assert answer.exit_code == 0, answer.output
    assert "unhcr_population" in answer.output
    listed = json.loads(waystation("statistics", "list", "--json", *data).output)
    assert [done["dataset"] for done in listed["imports"]] == ["unhcr_population"]
    out = tmp_path / "out" / "refugees.csv"
    answer = waystation("indicator", "refugees_by_host", "--area", "DEU", "--out", out, *data)
    assert answer.exit_code == 0, answer.output
    table = pl.read_csv(out)
    assert table.select("area", "year", "value", "low").rows() == [
        ("DEU", 2022, 700, None),
        ("DEU", 2023, 805, 801),
    ]


def test_an_indicator_is_given_as_json_and_as_parquet(waystation, tmp_path, file):
    data = ("--data", tmp_path / "data")
    waystation("statistics", "import", "unhcr", file, "--quiet", *data)
    out = tmp_path / "x.parquet"
    answer = waystation("indicator", "refugees_by_origin", "--json", "--out", out, *data)
    told = json.loads(answer.output)
    assert told["unit"] == "persons"
    assert [v["value"] for v in told["values"]] == [700, 800, 5]
    assert pl.read_parquet(out)["value"].to_list() == [700, 800, 5]


def test_the_indicators_are_listed_without_a_name(waystation):
    assert "net_migration_rate" in waystation("indicator").output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("statistics", "import", "unhrc", "FILE"), "not a possible producer"),
        (("statistics", "import", "unhcr"), "--download"),
        (("statistics", "import", "unhcr", "FILE", "--download"), "not both"),
        (("statistics", "import", "oecd", "FILE"), "file of unhcr"),
        (("statistics", "import", "unhcr", "--download", "--years", "lately"), "2019-2023"),
        (("statistics", "import", "idmc", "--download"), "--option client=VALUE"),
        (("statistics", "import", "idmc", "--download", "--option", "client"), "NAME=VALUE"),
        (("statistics", "import", "dtm", "--download"), "by hand"),
        (("indicator", "happiness"), "not a possible indicator"),
        (("indicator", "migrant_stock"), "There is no import"),
    ],
)
def test_a_wrong_call_is_refused_in_one_sentence(waystation, tmp_path, file, arguments, says):
    given = [file if word == "FILE" else word for word in arguments]
    answer = waystation(*given, "--data", tmp_path / "data")
    assert answer.exit_code == 2
    assert says in answer.output
    assert "Traceback" not in answer.output


def test_mixed_revisions_are_refused_until_asked_for(waystation, tmp_path, file):
    data = tmp_path / "data"
    waystation("statistics", "import", "unhcr", file, "--quiet", "--data", data)
    old = tmp_path / "flows.csv"
    old.write_text("year,coo,coa,refugees,asylum_seekers,refugee_like,oip\n2023,CHI,GFR,7,,,\n")
    waystation("statistics", "import", "unhcr", old, "--quiet", "--data", data)
    answer = waystation("indicator", "refugees_by_host", "--json", "--data", data)
    assert answer.exit_code == 0  # new refugees are another measure
    assert all(v["source"] == "unhcr_population" for v in json.loads(answer.output)["values"])
