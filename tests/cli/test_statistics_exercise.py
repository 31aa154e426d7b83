"""The made-up world from the command line."""

from __future__ import annotations

import json


def test_a_world_is_made_and_its_files_are_listed(waystation, tmp_path):
    answer = waystation("exercise", "statistics", tmp_path / "w", "--areas", 5, "--seed", 3)
    assert answer.exit_code == 0, answer.output
    assert "truth/flows.parquet" in answer.output
    assert "made up" in answer.output
    again = waystation(
        "exercise", "statistics", tmp_path / "w", "--areas", 5, "--seed", 3, "--json"
    )
    files = json.loads(again.stdout)["files"]
    assert str(tmp_path / "w" / "README.md") in files


def test_a_world_of_two_areas_is_refused(waystation, tmp_path):
    answer = waystation("exercise", "statistics", tmp_path / "w", "--areas", 2)
    assert answer.exit_code == 2
    assert "3<=x<=229" in answer.output
