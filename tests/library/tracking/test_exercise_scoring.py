"""Scores of findings: what counts as found, what as right, what as wrong."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.findings import Finding, Severity, findings_table
from waystation.tracking.exercise import Expected, score_findings, score_matrix

# By hand: two defects, one natural gap.
#   defect 1  extra digit, file a row 5, location L1 round 2   (TRK-132; also 136, 137, 160)
#   defect 2  place code missing, file a row 9, location L2 round 2
#   natural   L3 absent from round 2 (TRK-161)
ROWS = [
    {"defect_id": "d1", "group": "g1", "kind": "extra_digit", "code": "TRK-132", "row": 5,
     "location_id": "L1", "injected": True, "is_required": True},
    {"defect_id": "d2", "group": "g2", "kind": "codes_missing", "code": "TRK-101", "row": 9,
     "location_id": "L2", "injected": True, "is_required": True},
    {"defect_id": "n1", "group": "n1", "kind": "natural", "code": "TRK-161", "row": None,
     "location_id": "L3", "injected": False, "is_required": True},
]  # fmt: skip
EXPECTED = Expected.require(
    Expected.complete(
        pl.DataFrame(ROWS).with_columns(
            file=pl.lit("a"), round_number=pl.lit(2), is_recoverable=pl.lit(value=True)
        )
    )
)


def found(code, **where):
    return Finding(code=code, severity=Severity.WARNING, message="", **where)


def scores_of(*findings):
    return score_findings(findings_table(findings), EXPECTED)


def test_a_defect_found_by_its_row_and_one_by_its_location():
    scores = scores_of(
        found("TRK-132", file="a", row=5),
        found("TRK-101", location_id="L2", round_number=2),
        found("TRK-161", location_id="L3", round_number=2),
    )
    assert (scores.precision, scores.recall) == (1, 1)
    assert scores.missed.is_empty()
    assert scores.wrong.is_empty()


def test_an_equal_code_finds_and_a_following_one_is_only_right():
    by_equal = scores_of(found("TRK-137", file="a", row=5))
    assert (by_equal.precision, by_equal.recall) == (1, 0.5)
    by_following = scores_of(found("TRK-139", file="a", row=5))
    assert (by_following.precision, by_following.recall) == (1, 0)
    at_the_next_report = scores_of(found("TRK-160", location_id="L1", round_number=3))
    assert (at_the_next_report.precision, at_the_next_report.recall) == (1, 0)
    assert [s.strict_precision for s in (by_equal, by_following, at_the_next_report)] == [
        1,
        0,
        0,
    ]


def test_a_finding_elsewhere_or_of_another_code_is_wrong():
    scores = scores_of(found("TRK-132", file="a", row=6), found("TRK-172", file="a", row=5))
    assert (scores.precision, scores.recall) == (0, 0)
    assert scores.wrong.height == 2
    assert scores.by_code.filter(code="TRK-132")["precision"].to_list() == [0]


def test_a_finding_that_only_tells_how_a_file_was_read_is_not_judged():
    assert scores_of(found("TRK-004", file="a"), found("TRK-006", file="a")).precision == 1


def test_what_is_wrong_with_a_file_is_found_at_any_of_its_rows():
    line = {"defect_id": "d3", "group": "g3", "kind": "tags_shifted", "code": "TRK-001"}
    shifted = EXPECTED.head(1).with_columns(
        *(pl.lit(value).alias(name) for name, value in line.items()),
        row=pl.lit(None, pl.Int64),
        location_id=pl.lit(None, pl.String),
    )
    told = findings_table(
        [found("TRK-001", file="a", row=2), found("TRK-001", file="b", row=2)]
    )
    scores = score_findings(told, shifted)
    assert (scores.precision, scores.recall) == (0.5, 1)


def test_an_enumerator_s_habit_may_be_said_of_the_file():
    habit = EXPECTED.head(1).with_columns(kind=pl.lit("figures_round"), code=pl.lit("TRK-147"))
    assert score_findings(findings_table([found("TRK-147", file="a")]), habit).recall == 1
    assert score_findings(findings_table([found("TRK-132", file="a")]), EXPECTED).recall == 0


def test_a_stated_total_may_differ_where_a_figure_was_damaged():
    assert scores_of(found("TRK-005", file="a")).precision == 1
    assert scores_of(found("TRK-005", file="b")).precision == 0


@pytest.mark.parametrize("injected_only", [True, False])
def test_natural_findings_are_right_only_where_they_are_given(injected_only):
    rows = EXPECTED.filter("injected") if injected_only else EXPECTED
    gap = findings_table([found("TRK-161", location_id="L3", round_number=2)])
    assert score_findings(gap, rows).precision == (0 if injected_only else 1)


def test_nothing_said_about_nothing_is_perfect():
    scores = score_findings(findings_table([]), EXPECTED.clear())
    assert (scores.precision, scores.recall) == (1, 1)


# By hand: L1 is right, L2's figure was damaged, L3 was not assessed, L4 differs.
TRUTH = pl.DataFrame(
    {
        "location_id": ["L1", "L2", "L3", "L4"],
        "round_number": [2, 2, 2, 2],
        "indicator": ["idp_individuals"] * 4,
        "value": [100.0, 50.0, 70.0, 30.0],
        "is_covered": [True, True, False, True],
        "is_asked": [True] * 4,
    }
)
BUILT = pl.DataFrame(
    {
        "location_id": ["L1", "L2", "L4", "L9"],
        "round_number": [2, 2, 2, 2],
        "indicator": ["idp_individuals"] * 4,
        "value": [100.0, 500.0, None, 1.0],
    }
)


@pytest.mark.parametrize(
    ("column", "is_recoverable", "is_corrected", "compared", "damaged"),
    [
        ("idp_individuals", True, False, 2, 1),
        ("idp_individuals", True, True, 3, 0),
        ("idp_individuals", False, True, 2, 1),
        ("*", False, True, 2, 1),
        ("latitude", False, True, 3, 0),
    ],
)
def test_a_matrix_is_held_against_the_truth_where_nothing_was_damaged(
    column, is_recoverable, is_corrected, compared, damaged
):
    damage = EXPECTED.filter(location_id="L2").with_columns(
        column=pl.lit(column), is_recoverable=pl.lit(value=is_recoverable)
    )
    scores = score_matrix(BUILT, TRUTH, damage, is_corrected=is_corrected)
    assert (scores.compared, scores.damaged, scores.equal) == (compared, damaged, 1)
    assert "L4" in scores.differing["location_id"]
    assert scores.beyond["location_id"].to_list() == ["L9"]
