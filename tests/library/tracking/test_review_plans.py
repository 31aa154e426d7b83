"""What acts on findings write into the cleaning log, and why published figures changed."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.findings import Finding, findings_table
from waystation.tracking.changes import difference
from waystation.tracking.corrections import Corrections, corrected
from waystation.tracking.locations import Locations
from waystation.tracking.matrix import Matrix
from waystation.tracking.review import (
    Act,
    LogEntries,
    plan_of_act,
    review_items_from_findings,
    with_causes,
)
from waystation.tracking.submissions import Submissions

ROWS = Submissions.complete(
    pl.DataFrame(
        {
            "submission_id": ["a", "b", "c"],
            "file": ["one.csv"] * 3,
            "operation": ["Exercise"] * 3,
            "is_counted": [True] * 3,
            "location_key": ["L1", "L2", "L3"],
            "admin2_reported_code": ["XW0109", None, "XW0101"],
            "idp_individuals": [10.0, None, 30.0],
            "idp_households": [2.0, 5.0, 6.0],
        }
    )
)


def finding(code, submission, column, reported=None, expected=None, severity="warning"):
    return Finding(
        code=code, severity=severity, message="Something is wrong.", submission_id=submission,
        column=column, reported=reported, expected=expected, location_id=submission,
    )  # fmt: skip


def items(*found):
    return review_items_from_findings(findings_table(found), ROWS, Locations.empty_frame())


def entries_of(plan):
    return plan.entries.select("id", "question", "old", "new", "action").rows()


def test_a_fix_quotes_what_came_in_and_sets_what_is_expected():
    plan = plan_of_act(
        items(
            finding("TRK-139", "a", "idp_individuals", "10", "12", "error"),
            finding("TRK-134", "b", "idp_individuals", None, "25"),
            finding("TRK-147", "c", "idp_individuals", "30"),
        ),
        ROWS,
        Act.EXPECTED,
    )
    assert entries_of(plan) == [
        ("a", "idp_individuals", "10", "12", "change_value"),
        ("b", "idp_individuals", None, "25", "change_value"),
    ]
    assert plan.settled["code"].to_list() == ["TRK-139", "TRK-134"]
    assert plan.entries["reason"][0] == (
        "TRK-139: Males and females do not add up to the total"
    )
    after, _, refused = corrected(ROWS, plan.entries.select(Corrections.column_names()))
    assert after["idp_individuals"].to_list() == [12.0, 25.0, 30.0]
    assert "TRK-206" not in refused["code"].to_list()


def test_the_most_severe_finding_of_a_cell_holds_and_one_that_contradicts_stays_open():
    plan = plan_of_act(
        items(
            finding("TRK-136", "a", "idp_individuals", "10", "9"),
            finding("TRK-139", "a", "idp_individuals", "10", "12", "error"),
            finding("TRK-160", "a", "idp_individuals", "10", "12"),
        ),
        ROWS,
        Act.EXPECTED,
    )
    assert entries_of(plan) == [("a", "idp_individuals", "10", "12", "change_value")]
    assert sorted(plan.settled["code"]) == ["TRK-139", "TRK-160"]


def test_a_code_of_a_unit_is_corrected_where_it_came_in():
    wrong = finding("TRK-102", "a", "admin2_code", "XW0109", "XW0101", "error")
    plan = plan_of_act(items(wrong), ROWS, Act.EXPECTED)
    assert entries_of(plan) == [
        ("a", "admin2_reported_code", "XW0109", "XW0101", "change_value")
    ]


def test_rows_are_set_aside_once_however_many_findings_they_have():
    plan = plan_of_act(
        items(
            finding("TRK-120", "a", None),
            finding("TRK-139", "a", "idp_individuals"),
            finding("TRK-161", None, "idp_individuals"),
        ),
        ROWS,
        Act.SET_ASIDE,
    )
    assert entries_of(plan) == [("a", "", None, None, "remove")]
    assert plan.settled.height == 2


def test_a_value_is_confirmed_as_it_came_in():
    found = items(finding("TRK-160", "c", "idp_individuals", "30"))
    plan = plan_of_act(found, ROWS, Act.KEEP, reason="Counted twice.")
    assert entries_of(plan) == [("c", "idp_individuals", "30", None, "keep")]
    assert plan.entries["reason"].to_list() == ["Counted twice."]


@pytest.mark.parametrize(
    ("new", "written"),
    [("17", [("a", "idp_individuals", "10", "17", "change_value")]),
     (None, [("a", "idp_individuals", "10", None, "change_value")]),
     ("many", []), ("10", []), ("1; DROP TABLE", [])],
)  # fmt: skip
def test_another_value_has_to_be_one_that_can_stand_in_the_column(new, written):
    found = items(finding("TRK-139", "a", "idp_individuals", "10", "12"))
    plan = plan_of_act(found, ROWS, Act.VALUE, new=new)
    assert entries_of(plan) == written
    assert plan.settled.height == len(written)


@pytest.mark.parametrize("act", [Act.ACCEPT, Act.ASK])
def test_accepting_and_asking_take_every_finding_and_write_nothing(act):
    plan = plan_of_act(items(finding("TRK-002", None, None)), ROWS, act, reason="Known.")
    assert plan.entries.equals(LogEntries.empty_frame())
    assert plan.settled.height == 1


@pytest.mark.parametrize("act", list(Act))
def test_nothing_is_planned_for_no_findings(act):
    plan = plan_of_act(items(), ROWS, act)
    assert plan.entries.is_empty()
    assert plan.settled.is_empty()


def matrix(values):
    return Matrix.complete(
        pl.DataFrame(
            {
                "country": "XWS", "operation": "Exercise", "component": "baseline_location",
                "round_number": 1, "location_id": list(values), "indicator": "idp_individuals",
                "unit": "persons", "value": list(values.values()), "submissions": 1,
            },
        ).with_columns(reference_date=pl.date(2026, 1, 31), value=pl.col("value").cast(float))
    )  # fmt: skip


def test_a_change_says_whether_the_log_or_a_file_made_it():
    told = difference(
        matrix({"L1": 10, "L2": 20, "L3": 30}), matrix({"L1": 12, "L2": 21, "L3": 0})
    )
    log = pl.DataFrame(
        {
            "id": ["a", "a", "c", "b"],
            "question": ["idp_individuals", "idp_households", None, "idp_individuals"],
            "reason": ["Sum", "Other", "Twice", "Right"],
            "action": ["change_value", "change_value", "remove", "keep"],
        }
    )
    causes = with_causes(told, ROWS, Corrections.complete(log))
    assert causes.select("location_id", "cause", "reason").rows() == [
        ("L1", "correction", "Sum"),
        ("L2", "file", None),
        ("L3", "correction", "Twice"),
    ]
