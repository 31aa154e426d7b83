"""The whole road on an exercise: how many known defects are found, how many findings hold."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from waystation.findings import findings_table
from waystation.geography import boundaries, units
from waystation.tracking import exercise, forms, intake, places, rounds
from waystation.tracking.quality import check_submissions, set_aside_repeats


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exercise")
    paths = exercise.create_exercise(folder, seed=11, sites=300, rounds=4)
    known = units.read_units(paths.pcodes)
    outlines = boundaries.read_boundaries(*sorted(paths.boundaries.iterdir()))
    frames, found = [], []
    for path in sorted(p for p in paths.field.rglob("*") if p.is_file()):
        mapping = forms.propose_mapping(path, units=known)
        frame, said = intake.submissions_from_file(path, mapping, units=known)
        frames.append(frame)
        found += said
    rows, _ = rounds.with_snapshots(pl.concat(frames, how="diagonal_relaxed"))
    rows, of_places = places.resolved_places(rows, known, outlines)
    rows, repeats = set_aside_repeats(rows)
    checked = check_submissions(rows, boundaries=outlines, today=dt.date(2026, 11, 24))
    every = [findings_table(found), of_places, repeats, checked]
    expected = exercise.read_expected(paths.truth / "expected.csv")
    return exercise.score_findings(
        pl.concat([f if isinstance(f, pl.DataFrame) else findings_table(f) for f in every]),
        expected,
    )


def test_the_defects_of_submissions_are_found(scores):
    of_submissions = pl.col("code").is_between(pl.lit("TRK-109"), pl.lit("TRK-186"))
    kinds = scores.by_kind.filter(of_submissions)
    assert kinds["found"].sum() >= 0.95 * kinds["defects"].sum(), scores.missed


def test_findings_hold(scores):
    assert scores.precision >= 0.8, scores.wrong
