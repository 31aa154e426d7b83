"""Builds of single rounds put together are what one build of all of them would be."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from waystation.geography.boundaries import Boundaries
from waystation.geography.units import Units
from waystation.sources import Source
from waystation.tracking.build import Build
from waystation.tracking.build_folder import read_build, write_build_frames
from waystation.tracking.cells import Totals
from waystation.tracking.changes import Changes, changes_from_matrix
from waystation.tracking.locations import Locations
from waystation.tracking.matrix import Matrix
from waystation.tracking.review import ReviewItems
from waystation.tracking.submissions import Submissions
from waystation.tracking.whole import RoundPart, keys_of_whole, write_whole

# Persons at each place, round after round; None was not assessed, so that L2 reappears.
FIGURES = {
    1: {"L1": 10, "L2": 20},
    2: {"L1": 15, "L3": 5},
    3: {"L1": 15, "L2": 25, "L3": 4},
    4: {"L1": 11, "L3": 4, "L4": 9},
}


def day(number):
    return dt.date(2026, number, 28)


def build(number, closed=None):
    places = FIGURES[number]
    matrix = Matrix.complete(
        pl.DataFrame(
            {
                "country": "XWS", "operation": "Exercise", "component": "baseline_location",
                "round_number": number, "location_id": list(places), "admin1_code": "XW01",
                "indicator": "idp_individuals", "unit": "persons",
                "value": [float(v) for v in places.values()], "submissions": 1,
            }
        ).with_columns(
            pl.col("round_number", "submissions").cast(pl.Int64),
            reference_date=pl.lit(day(number)),
            status=pl.lit("observed"),
        )
    )  # fmt: skip
    locations = Locations.complete(
        pl.DataFrame(
            {
                "country": "XWS", "operation": "Exercise", "location_id": list(places),
                "name": [f"{place} in {number}" for place in places],
                "closed_on": [closed if place == "L2" else None for place in places],
            },
            schema_overrides={"closed_on": pl.Date},
        )
    )  # fmt: skip
    return Build(
        country="XWS", operation="Exercise", submissions=Submissions.empty_frame(),
        matrix=matrix, totals=Totals.empty_frame(), locations=locations,
        findings=ReviewItems.empty_frame(), changes=Changes.empty_frame(),
        units=Units.empty_frame(), boundaries=Boundaries.empty_frame(),
        sources=(Source(producer="Made up", title=f"Round {number}"),),
    )  # fmt: skip


@pytest.fixture
def part(tmp_path):
    def make(number, key=None, **changed):
        key = key or str(number)
        folder = tmp_path / key
        folder.mkdir()
        write_build_frames(replace(build(number), **changed), folder, summary={})
        return RoundPart(key, folder, day(number))

    return make


@pytest.fixture
def whole(tmp_path):
    def make(name, parts, former=None):
        folder = tmp_path / name
        folder.mkdir()
        write_whole(parts, folder, former=former)
        return folder

    return make


def told_at_once(folder):
    build = read_build(folder)
    return changes_from_matrix(build.matrix, units=build.units, locations=build.locations)


def test_rows_stand_one_after_the_other_and_the_last_round_describes_a_place(part, whole):
    folder = whole("all", [part(n) for n in FIGURES])
    build = read_build(folder)
    assert build.matrix.height == sum(map(len, FIGURES.values()))
    assert dict(build.locations.select("location_id", "name").iter_rows()) == {
        "L1": "L1 in 4", "L2": "L2 in 3", "L3": "L3 in 4", "L4": "L4 in 4",
    }  # fmt: skip
    assert [source.title for source in build.sources] == [f"Round {n}" for n in FIGURES]
    assert keys_of_whole(folder) == ["1", "2", "3", "4"]


def test_changes_told_pair_by_pair_are_those_told_at_once(part, whole):
    folder = whole("all", [part(n) for n in FIGURES])
    changes = read_build(folder).changes
    assert_frame_equal(changes, told_at_once(folder))
    back = changes.filter((pl.col("end_round") == 3) & (pl.col("admin_level") == 0))
    assert dict(back.select("part", "change").iter_rows()) == {
        "decrease": -1.0, "reappeared": 25.0,
    }  # fmt: skip


@pytest.mark.parametrize("added", [1, 2, 3, 4])
def test_a_round_added_anywhere_gives_what_all_at_once_give(part, whole, added):
    parts = {n: part(n) for n in FIGURES}
    former = whole("before", [p for n, p in parts.items() if n != added])
    folder = whole("after", list(parts.values()), former)
    assert_frame_equal(read_build(folder).changes, told_at_once(folder))


def test_a_new_version_and_one_taken_back_are_told_anew(part, whole):
    parts = {n: part(n) for n in FIGURES}
    first = whole("first", list(parts.values()))
    other = build(2).matrix.with_columns(value=pl.col("value") * 2)
    newer = [parts[1], part(2, "2b", matrix=other), parts[3], parts[4]]
    second = whole("second", newer, first)
    assert_frame_equal(read_build(second).changes, told_at_once(second))
    third = whole("third", [parts[1], parts[3], parts[4]], second)
    assert_frame_equal(read_build(third).changes, told_at_once(third))


def test_a_place_closed_afterwards_changes_what_was_told_before(part, whole):
    parts = [part(n) for n in (1, 2, 3)]
    first = whole("first", parts)
    shut = build(3, closed=day(2)).locations
    second = whole("second", [*parts[:2], part(3, "3b", locations=shut)], first)
    changes = read_build(second).changes
    assert_frame_equal(changes, told_at_once(second))
    assert "closed" in changes["part"].to_list()
