"""``waystation flows validate``: scores to read, and as JSON."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from waystation.cli.main import main

FLOWS = "origin,destination,persons\nNA,BW,10\nNA,ZM,20\nBW,NA,30\nBW,ZM,5\nZM,NA,8\nZM,BW,9\n"
MORE = (
    "origin,destination,persons\nNA,BW,100\nNA,ZM,90\nBW,NA,80\nBW,ZM,70\nZM,NA,60\nZM,BW,50\n"
)
REPORTED = "origin,destination,persons\nNA,BW,20\n,NA,40\nZM,,10\nNA,XX,3\n"


@pytest.fixture
def files(tmp_path):
    for name, content in (("flows", FLOWS), ("more", MORE), ("reported", REPORTED)):
        tmp_path.joinpath(f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def run(files, *more):
    arguments = ["--flows", files / "flows.csv", "--reported", files / "reported.csv", *more]
    return CliRunner().invoke(main, ["flows", "validate", *map(str, arguments)])


def test_scores_are_shown_and_what_has_no_estimate_is_told(files):
    result = run(files)
    assert result.exit_code == 0
    assert "corridor: 1 flows, estimated by reported 0.50" in result.output
    assert "in_migration: 1 flows, estimated by reported 0.95" in result.output
    assert "1 reported flows have no estimate" in result.output


def test_the_weight_is_found_and_all_is_in_the_json(files):
    result = run(files, "--independent", files / "more.csv", "--json")
    assert result.exit_code == 0
    document = json.loads(result.output)
    assert {row["kind"] for row in document["scores"]} == {
        "corridor",
        "in_migration",
        "out_migration",
    }
    assert document["not_compared"] == [{"origin": "NA", "destination": "XX"}]
    assert 0 <= document["weight"]["weight"] <= 1
    assert document["weight"]["published_weight"] == 0.87
    told = run(files, "--independent", files / "more.csv")
    assert "Weight" in told.output


def test_a_file_without_flows_is_refused(files):
    files.joinpath("flows.csv").write_text("from,to,n\nA,B,1\n", encoding="utf-8")
    result = run(files)
    assert result.exit_code == 2
    assert "origin, destination, persons" in result.output
