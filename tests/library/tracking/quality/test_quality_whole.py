"""All checks together: shape, order, set-aside rows, and rows in any order."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.errors import MissingColumns
from waystation.findings import Findings
from waystation.tracking.checks import CHECKS
from waystation.tracking.quality import check_submissions, set_aside_repeats
from waystation.tracking.submissions import Submissions

P, H = "idp_individuals", "idp_households"


def test_no_rows_give_no_findings():
    assert check_submissions(Submissions.empty_frame()).is_empty()


def test_rows_without_figures_can_be_checked(findings_on):
    assert findings_on([{"location_id": "L1"}, {"admin1_code": "XW01"}]).is_empty()


def test_a_frame_without_its_required_columns_is_refused():
    with pytest.raises(MissingColumns, match="submission_id"):
        check_submissions(pl.DataFrame({"file": ["a.xlsx"]}))


def test_findings_keep_their_schema_and_come_by_file_and_row(findings_on):
    rows = [
        {"location_id": "L1", P: -5, H: 2, "file": "b.xlsx"},
        {"location_id": "L2", P: 10.5, H: 2, "file": "a.xlsx"},
        {"location_id": "L3", P: 10, H: 40, "file": "a.xlsx"},
    ]
    found = findings_on(rows)
    Findings.require(found)
    assert found.select("file", "row", "code").rows() == [
        ("a.xlsx", 3, "TRK-131"),
        ("a.xlsx", 4, "TRK-137"),
        ("b.xlsx", 2, "TRK-130"),
    ]
    assert set(found["code"]) <= set(CHECKS)


def test_rows_set_aside_are_not_checked_again(create_rows):
    row = {"location_id": "L1", P: -5}
    counted, repeats = set_aside_repeats(create_rows([row, row]))
    assert repeats["code"].to_list() == ["TRK-120"]
    assert check_submissions(counted)["code"].to_list() == ["TRK-130"]


def test_operations_of_one_name_in_two_countries_have_their_own_rounds(findings_on):
    one = [{"location_id": "L1", "round_number": n, P: 400} for n in (1, 2)]
    other = [
        {"location_id": "L1", "round_number": n, P: 9000, "country": "XXA"} for n in (2, 3)
    ]
    assert findings_on(one + other).is_empty()


def test_two_dates_of_one_round_are_two_moments(findings_on):
    import datetime as dt

    rows = [
        {"location_id": "L1", "reference_date": dt.date(2025, month, 1), P: 400}
        for month in (1, 3)
    ]
    assert findings_on(rows).is_empty()


sites = st.lists(
    st.fixed_dictionaries(
        {
            "location_id": st.sampled_from(["L1", "L2", "L3"]),
            "round_number": st.integers(1, 3),
            P: st.none() | st.integers(-3, 4000),
            H: st.none() | st.integers(0, 500),
            f"{P}__sex__male": st.none() | st.integers(0, 900),
            f"{P}__sex__female": st.none() | st.integers(0, 900),
            "latitude": st.none() | st.floats(-91, 91),
            "longitude": st.none() | st.floats(-181, 181),
            "enumerator": st.none() | st.just("E1"),
        }
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: (row["location_id"], row["round_number"]),
)


@settings(max_examples=40, deadline=None)
@given(rows=sites, order=st.randoms(use_true_random=False))
def test_whatever_was_sent_in_checking_answers_and_keeps_to_the_catalogue(rows, order):
    frame = pl.DataFrame(
        [
            row
            | {
                "submission_id": str(at),
                "file": "f.csv",
                "row": at + 2,
                "is_counted": True,
                "country": "XWS",
                "operation": "Exercise",
                "component": "site_assessment",
                "location_key": row["location_id"],
            }
            for at, row in enumerate(rows)
        ],
        infer_schema_length=None,
        schema_overrides={
            **{name: column.dtype for name, column in Submissions.columns().items()},
            **dict.fromkeys((P, H, f"{P}__sex__male", f"{P}__sex__female"), pl.Float64),
        },
    )
    found = check_submissions(Submissions.complete(frame))
    Findings.require(found)
    assert set(found["code"]) <= set(CHECKS)
    assert set(found["submission_id"].drop_nulls()) <= set(frame["submission_id"])
    # What is wrong does not hang on the order in which rows came.
    shuffled = order.sample(range(len(frame)), len(frame))
    again = check_submissions(Submissions.complete(frame[shuffled]))
    judged = ["code", "submission_id", "column", "reported", "expected"]
    no_order = ~pl.col("code").is_in(["TRK-114", "TRK-124", "TRK-125", "TRK-147"])
    first, second = (f.filter(no_order).select(judged).sort(judged) for f in (found, again))
    assert first.equals(second)
