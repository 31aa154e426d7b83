"""Decisions over the master list: the last holds, merges are followed, nothing is lost."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from waystation.tracking.locations import Locations
from waystation.tracking.master_list import (
    LocationDecisions,
    corrections_from_merges,
    locations_with_decisions,
)
from waystation.tracking.submissions import Submissions

DAY = dt.date(2026, 9, 1)


def locations(*ids):
    rows = [
        {"country": "XWS", "operation": "X", "location_id": i, "name": i.upper(), "names": [],
         "status": "open", "latitude": 1.0, "longitude": 2.0}
        for i in ids
    ]  # fmt: skip
    frame = pl.DataFrame(rows)
    return Locations.require(Locations.complete(frame.cast({"names": pl.List(pl.String)})))


def decisions(*rows):
    schema = {name: column.dtype for name, column in LocationDecisions.columns().items()}
    return pl.DataFrame([dict(row) for row in rows], schema=schema)


def submissions(*rows):
    frame = pl.DataFrame(rows, schema=["submission_id", "location_id"], orient="row")
    known = {"file": "f.csv", "is_counted": True, "country": "XWS", "operation": "X"}
    return Submissions.complete(
        frame.with_columns(pl.lit(v).alias(k) for k, v in known.items())
    )


def test_the_last_decision_of_a_kind_holds():
    decided = locations_with_decisions(
        locations("a", "b", "c"),
        decisions(
            {"location_id": "a", "change": "close", "holds_from": DAY},
            {"location_id": "b", "change": "close", "holds_from": DAY},
            {"location_id": "b", "change": "reopen", "holds_from": DAY},
            {"location_id": "c", "change": "edit", "name": "First"},
            {"location_id": "c", "change": "edit", "name": "Sea", "latitude": 3.0,
             "longitude": 4.0},
            {"location_id": "unknown", "change": "close"},
        ),
    )  # fmt: skip
    assert decided.select("location_id", "status", "closed_on").rows() == [
        ("a", "closed", DAY), ("b", "open", None), ("c", "open", None),
    ]  # fmt: skip
    assert decided.select("name", "latitude", "longitude").row(2) == ("Sea", 3.0, 4.0)


def test_an_edit_without_a_position_takes_it_away():
    decided = locations_with_decisions(
        locations("a"), decisions({"location_id": "a", "change": "edit", "name": "A"})
    )
    assert decided.select("latitude", "longitude").row(0) == (None, None)


def test_reports_of_a_merged_location_move_along_the_chain():
    log = corrections_from_merges(
        submissions(("1", "a"), ("2", "b"), ("3", "c"), ("4", None), ("5", None)),
        pl.DataFrame({"submission_id": ["4"], "location_key": ["a"]}),
        decisions(
            {"location_id": "a", "change": "merge", "other_id": "b", "by": "user 1"},
            {"location_id": "b", "change": "merge", "other_id": "c"},
        ),
    )
    assert log.select("id", "question", "old", "new").rows() == [
        ("1", "location_id", "a", "c"), ("2", "location_id", "b", "c"),
        ("4", "location_id", None, "c"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        [("a", "merge", "b"), ("b", "merge", "a")],
        [("a", "merge", "a")],
        [("a", "merge", "b"), ("a", "reopen", None)],
    ],
)
def test_a_circle_and_a_location_opened_again_move_nothing(rows):
    made = [{"location_id": i, "change": c, "other_id": o} for i, c, o in rows]
    log = corrections_from_merges(
        submissions(("1", "a")),
        pl.DataFrame(schema={"submission_id": pl.String, "location_key": pl.String}),
        decisions(*made),
    )
    assert log.is_empty()
