"""The main job as a person does it, from a made-up operation to the files it publishes."""

from __future__ import annotations

import json

import polars as pl
import pytest


@pytest.fixture(scope="module")
def operation(tmp_path_factory):
    """Make a small operation and build it once."""
    from click.testing import CliRunner

    from waystation.cli.main import main

    folder = tmp_path_factory.mktemp("operation")

    def run(*arguments: object):
        answer = CliRunner().invoke(main, [str(a) for a in arguments])
        assert answer.exit_code == 0, answer.output
        return answer

    run("exercise", "create", "--seed", 5, "--sites", 80, "--rounds", 3, "--out", folder)
    lists = ("--pcodes", folder / "pcodes.csv", "--boundaries", folder / "boundaries")
    run("matrix", "build", folder / "field", *lists, "--out", folder / "build")
    return folder


def test_a_build_keeps_what_it_promises(operation):
    names = {path.name for path in (operation / "build").iterdir()}
    assert {
        "matrix.parquet", "totals.csv", "findings.csv", "mapping.yaml", "summary.json",
        "cleaning_log.csv",
    } <= names  # fmt: skip
    totals = pl.read_csv(operation / "build" / "totals.csv", infer_schema_length=None)
    assert totals.columns[:8] == [
        "admin_level", "code", "name", "indicator", "unit", "round_number", "reference_date",
        "value",
    ]  # fmt: skip


def test_the_summary_for_machines_is_one_json_document(operation, waystation, tmp_path):
    answer = waystation(
        "matrix", "build", operation / "field", "--pcodes", operation / "pcodes.csv",
        "--out", tmp_path / "b", "--json",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    summary = json.loads(answer.stdout)
    assert summary["country"] == "XWS"
    assert len({r["round_number"] for r in summary["rounds"]}) == 3


def test_strict_exits_with_one_when_something_is_wrong(operation, waystation, tmp_path):
    answer = waystation(
        "matrix", "build", operation / "field", "--pcodes", operation / "pcodes.csv",
        "--out", tmp_path / "b", "--strict", "--quiet",
    )  # fmt: skip
    assert answer.exit_code == 1
    assert (tmp_path / "b" / "findings.csv").exists()


def test_the_mapping_a_person_edits_can_be_given_back(operation, waystation, tmp_path):
    yaml, out = tmp_path / "mapping.yaml", tmp_path / "b"
    lists = ("--pcodes", operation / "pcodes.csv")
    answer = waystation("inspect", operation / "field", *lists, "--out", yaml, "--quiet")
    assert answer.exit_code == 0, answer.output
    answer = waystation(
        "matrix", "build", operation / "field", *lists, "--mapping", yaml, "--out", out
    )
    assert answer.exit_code == 0, answer.output
    given = pl.read_csv(out / "totals.csv", infer_schema_length=None)
    proposed = pl.read_csv(operation / "build" / "totals.csv", infer_schema_length=None)
    assert given["value"].sum() == proposed["value"].sum()


def test_a_build_differs_from_itself_in_nothing(operation, waystation):
    build = operation / "build"
    answer = waystation("matrix", "diff", build, build)
    assert answer.exit_code == 0, answer.output
    assert "Nothing differs" in answer.output


def test_corrections_change_the_matrix_and_the_difference_says_so(
    operation, waystation, tmp_path
):
    build, out = operation / "build", tmp_path / "corrected"
    answer = waystation(
        "matrix", "build", operation / "field", "--pcodes", operation / "pcodes.csv",
        "--corrections", build / "cleaning_log.csv", "--out", out,
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    matrix = pl.read_parquet(out / "matrix.parquet")
    assert matrix.filter(pl.col("status") == "corrected").height > 0
    answer = waystation("matrix", "diff", build, out, "--level", 0, "--json")
    differing = json.loads(answer.stdout)
    assert differing["changes"] == []
    assert any(f["kind"] == "corrected" and f["change"] for f in differing["figures"])


def test_a_figure_says_where_it_comes_from(operation, waystation):
    matrix = pl.read_parquet(operation / "build" / "matrix.parquet").filter(
        pl.col("indicator") == "idp_individuals"
    )
    cell = matrix.row(0, named=True)
    answer = waystation(
        "matrix", "trail", operation / "build", "--location", cell["location_id"],
        "--round", cell["round_number"], "--json",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    steps = json.loads(answer.stdout)
    assert steps
    assert all(step["file"] for step in steps)


def test_a_location_nobody_knows_is_not_found(operation, waystation):
    answer = waystation("matrix", "trail", operation / "build", "--location", "nowhere")
    assert answer.exit_code == 2
    assert "nowhere" in answer.output


def test_names_are_matched_and_rows_keep_their_order(operation, waystation, tmp_path):
    pcodes = pl.read_csv(operation / "pcodes.csv").filter(pl.col("Admin Level") == 2)
    places = tmp_path / "places.csv"
    pcodes.select(name=pl.col("Name").str.to_uppercase()).write_csv(places)
    answer = waystation(
        "geography", "match", places, "--pcodes", operation / "pcodes.csv",
        "--country", "XWS", "--level", 2, "--out", tmp_path / "matched.csv",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    matched = pl.read_csv(tmp_path / "matched.csv")
    assert matched["matched_code"].to_list() == pcodes["P-Code"].to_list()


def test_a_good_list_of_places_passes_the_check(operation, waystation):
    answer = waystation("geography", "check", operation / "pcodes.csv", "--json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["units"]


def test_an_option_that_does_not_exist_is_said_and_nothing_is_written(waystation, tmp_path):
    out = tmp_path / "b"
    answer = waystation("matrix", "build", tmp_path / "absent.xlsx", "--out", out)
    assert answer.exit_code == 2
    assert not out.exists()
