"""What a person sees: the exercise scored, a mapping explained, a difference, a report."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Run the main job once, as ``make run`` does."""
    from click.testing import CliRunner

    from waystation.cli.main import main

    folder = tmp_path_factory.mktemp("run")
    answer = CliRunner().invoke(
        main,
        ["exercise", "run", "--sites", "160", "--rounds", "3", "--out", str(folder)],
        catch_exceptions=False,
    )
    return folder, answer


def test_the_main_job_ends_with_a_matrix_and_a_report_and_says_where(made):
    folder, answer = made
    assert answer.exit_code == 0, answer.output
    for name in ("build/matrix.parquet", "report.pdf", "report.html"):
        assert (folder / name).stat().st_size > 1000
        assert name in answer.output.replace("\n", "")
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")


def test_the_exercise_is_scored_for_people_and_for_machines(made, waystation):
    folder, _ = made
    truth = folder / "exercise" / "truth"
    answer = waystation("exercise", "score", folder / "build", truth)
    assert answer.exit_code == 0, answer.output
    assert "Recall" in answer.output
    scores = json.loads(
        waystation("exercise", "score", folder / "build", truth, "--json").stdout
    )
    assert scores["recall"] >= 0.9
    assert scores["precision"] >= 0.8
    assert scores["cells_equal"] == scores["cells_compared"]


def test_a_mapping_says_what_each_column_means_and_why(made, waystation):
    folder, _ = made
    lists = ("--pcodes", folder / "exercise" / "pcodes.csv")
    field = sorted((folder / "exercise" / "field").glob("*round_01*"))
    answer = waystation("inspect", *field, *lists)
    assert answer.exit_code == 0, answer.output
    assert "idp_individuals" in answer.output
    assert "its heading" in answer.output


def test_new_rounds_are_compared_and_the_parts_are_shown(made, waystation, tmp_path):
    folder, _ = made
    exercise = folder / "exercise"
    lists = ("--pcodes", exercise / "pcodes.csv")
    first, second = tmp_path / "first", tmp_path / "second"
    for rounds, out, before in (
        (("round_01", "round_02"), first, ()),
        (("round_03",), second, ("--previous", first)),
    ):
        inputs = [path for name in rounds for path in (exercise / "field").glob(f"*{name}*")]
        answer = waystation(
            "matrix", "build", *inputs, *lists, *before, "--out", out, "--quiet"
        )
        assert answer.exit_code == 0, answer.output
    changes = tmp_path / "changes.csv"
    answer = waystation("matrix", "diff", first, second, "--level", "0", "--out", changes)
    assert answer.exit_code == 0, answer.output
    assert "increase" in answer.output
    assert changes.exists()


def test_a_unit_is_followed_to_its_locations_and_a_location_to_its_rows(made, waystation):
    folder, _ = made
    answer = waystation("matrix", "trail", folder / "build", "--location", "XW01")
    assert answer.exit_code == 0, answer.output
    assert "ssid_XW01" in answer.output
    site = json.loads(
        waystation("matrix", "trail", folder / "build", "--location", "XW01", "--json").stdout
    )[0]["location_id"]
    answer = waystation("matrix", "trail", folder / "build", "--location", site)
    assert answer.exit_code == 0, answer.output
    assert "xws_" in answer.output


def test_outlines_and_lists_are_checked_together(made, waystation):
    folder, _ = made
    exercise = folder / "exercise"
    outlines = sorted((exercise / "boundaries").iterdir())
    answer = waystation("geography", "check", exercise / "pcodes.csv", *outlines)
    assert answer.exit_code == 0, answer.output
    assert "Units by level" in answer.output


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_the_report_and_the_page_come_in_four_languages(made, waystation, tmp_path, language):
    folder, _ = made
    for command, name in (("report", "report.pdf"), ("page", "report.html")):
        out = tmp_path / name
        answer = waystation(
            "release", command, folder / "build", "--out", out, "--lang", language, "--json"
        )
        assert answer.exit_code == 0, answer.output
        assert json.loads(answer.stdout)["files"][0]["bytes"] == out.stat().st_size


def test_a_folder_that_is_no_build_is_refused_in_a_sentence(waystation, tmp_path):
    answer = waystation("release", "files", tmp_path, "--out", tmp_path / "out")
    assert answer.exit_code == 2
    assert "matrix build" in answer.output
