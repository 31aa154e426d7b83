"""The trail: the submissions, corrections and findings behind one figure."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from waystation.errors import NotFound
from waystation.findings import Findings
from waystation.tracking.corrections import Corrections
from waystation.tracking.matrix import matrix_from_submissions
from waystation.tracking.submissions import Submissions
from waystation.tracking.trail import Trail, trail_of_cell

SUBMISSIONS = Submissions.complete(
    pl.DataFrame(
        {
            "submission_id": ["a", "b", "c", "d", "e"],
            "file": ["one.xlsx"] * 4 + ["two.xlsx"],
            "row": [2, 3, 4, 5, 2],
            "is_counted": [True, True, False, True, True],
            "country": "XWS",
            "operation": "Floods",
            "component": "baseline_location",
            "round_number": [1, 1, 1, 1, 2],
            "reference_date": [dt.date(2024, 1, 31)] * 4 + [dt.date(2024, 2, 28)],
            "location_key": ["A", "A", "A", "B", "B"],
            "idp_individuals": [120.0, 30.0, 30.0, 8.0, 9.0],
            "idp_households": [20.0, 5.0, 5.0, 2.0, 2.0],
        }
    )
)
LOG = Corrections.require(
    pl.DataFrame(
        {
            "id": ["a"],
            "question": ["idp_individuals"],
            "old": ["120"],
            "new": ["12"],
            "reason": ["one digit too many"],
            "action": ["change_value"],
            "by": ["QC"],
            "at": ["2024-02-03"],
        }
    )
)
FINDINGS = Findings.complete(
    pl.DataFrame(
        {
            "code": ["TRK-136", "TRK-120", "TRK-131"],
            "severity": ["warning", "error", "error"],
            "message": ["six a household", "repeated", "about arrivals"],
            "submission_id": ["a", "c", "a"],
            "column": ["idp_individuals", None, "idp_households"],
        }
    )
)


def test_every_contribution_is_told_with_its_correction_and_findings():
    trail = trail_of_cell(
        SUBMISSIONS,
        LOG,
        FINDINGS,
        location_id="A",
        indicator="idp_individuals",
        round_number=1,
    )
    told = ["submission_id", "is_counted", "raw", "corrected", "reason", "findings"]
    assert trail.select(told).rows() == [
        ("a", True, 120, 12, "one digit too many", "TRK-136: six a household"),
        ("b", True, 30, 30, None, None),
        ("c", False, 30, 30, None, "TRK-120: repeated"),
    ]
    assert Trail.require(trail).equals(trail)
    matrix = matrix_from_submissions(SUBMISSIONS, corrections=LOG)
    cell = matrix.filter(location_id="A", indicator="idp_individuals")
    assert trail.filter("is_counted")["corrected"].sum() == cell["value"][0] == 42


def test_a_carried_figure_leads_to_the_round_it_was_observed_in():
    matrix = matrix_from_submissions(SUBMISSIONS, carry_forward_days=60)
    trail = trail_of_cell(
        SUBMISSIONS,
        None,
        None,
        location_id="A",
        indicator="idp_individuals",
        round_number=2,
        matrix=matrix,
    )
    assert trail["submission_id"].to_list() == ["a", "b", "c"]
    assert trail["round_number"].unique().to_list() == [1]


def test_an_estimated_figure_leads_to_its_households():
    cell = matrix_from_submissions(SUBMISSIONS).filter(
        location_id="B", indicator="idp_individuals", round_number=1
    )
    status = pl.lit("estimated", dtype=cell.schema["status"])
    trail = trail_of_cell(
        SUBMISSIONS,
        None,
        None,
        location_id="B",
        indicator="idp_individuals",
        round_number=1,
        matrix=cell.with_columns(status=status),
    )
    told = trail.select("submission_id", "indicator", "raw").rows()
    assert told == [("d", "idp_households", 2)]


@pytest.mark.parametrize("matrix", [None, matrix_from_submissions(SUBMISSIONS)])
def test_a_figure_that_nobody_reported_is_not_found(matrix):
    with pytest.raises(NotFound, match="Z, round 1"):
        trail_of_cell(
            SUBMISSIONS,
            None,
            None,
            location_id="Z",
            indicator="idp_individuals",
            round_number=1,
            matrix=matrix,
        )
