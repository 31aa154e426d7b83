"""Rounds: every row gets its snapshot, one date a snapshot, and nothing is guessed silently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl
import pytest

from waystation.errors import InvalidChoice, UncertainMapping
from waystation.findings import Findings
from waystation.tracking.rounds import with_snapshots
from waystation.tracking.submissions import Submissions

JANUARY, FEBRUARY, MARCH = (dt.date(2024, month, 20) for month in (1, 2, 3))


def create_submissions(*rows: Mapping[str, object]) -> pl.DataFrame:
    full = [
        {
            "submission_id": f"{row.get('file', 'a.xlsx')}/{number}",
            "file": "a.xlsx",
            "row": number,
            "is_counted": True,
            "country": "XWS",
            "operation": "Floods",
            "component": "baseline_location",
            "round_number": 1,
            "location_name": f"Camp {number}",
        }
        | dict(row)
        for number, row in enumerate(rows, start=2)
    ]
    frame = pl.DataFrame(full, infer_schema_length=None)
    known = Submissions.columns()
    return Submissions.complete(
        frame.with_columns(pl.col(c).cast(known[c].dtype) for c in frame.columns if c in known)
    )


def dates(submissions: pl.DataFrame) -> list[dt.date]:
    frame, _ = with_snapshots(submissions)
    return frame["reference_date"].to_list()


def test_a_stated_date_holds_for_its_round_and_rows_keep_their_order():
    submissions = create_submissions(
        {"reference_date": JANUARY, "idp_individuals": 1.5},
        {"reference_date": None, "collected_on": MARCH},
    )
    frame, findings = with_snapshots(submissions)
    assert frame["reference_date"].to_list() == [JANUARY, JANUARY]
    assert frame.columns == submissions.columns
    assert frame["idp_individuals"].to_list() == [1.5, None]
    assert findings.is_empty()
    assert Findings.require(findings).equals(findings)


def test_several_dates_of_a_round_in_one_file_stay_several_snapshots():
    rows = [{"reference_date": JANUARY}, {"reference_date": MARCH}, {"reference_date": JANUARY}]
    assert dates(create_submissions(*rows)) == [JANUARY, MARCH, JANUARY]


def test_one_row_of_another_date_moves_no_file_in_time():
    submissions = create_submissions(
        {"file": "a.xlsx", "reference_date": JANUARY},
        {"file": "a.xlsx", "reference_date": JANUARY, "location_name": "Shared"},
        {"file": "b.xlsx", "reference_date": MARCH, "location_name": "Shared"},
        {"file": "c.xlsx", "reference_date": None},
    )
    assert dates(submissions) == [JANUARY, JANUARY, MARCH, JANUARY]


def test_files_that_share_no_place_are_parts_of_one_round():
    apart = create_submissions(
        {"file": "north.xlsx", "reference_date": JANUARY},
        {"file": "south.xlsx", "reference_date": FEBRUARY},
    )
    assert dates(apart) == [FEBRUARY, FEBRUARY]
    same = apart.with_columns(location_name=pl.lit("Camp"))
    assert dates(same) == [JANUARY, FEBRUARY]
    long_ago = JANUARY - dt.timedelta(days=400)
    years = pl.when(pl.col("file") == "north.xlsx").then(long_ago).otherwise("reference_date")
    assert dates(apart.with_columns(reference_date=years)) == [long_ago, FEBRUARY]


def test_many_dates_in_a_round_are_days_of_assessment():
    days = [JANUARY + dt.timedelta(days=n) for n in range(8)]
    frame, _ = with_snapshots(create_submissions(*({"reference_date": d} for d in days)))
    assert frame["reference_date"].unique().to_list() == [days[-1]]
    assert frame["collected_on"].to_list() == days


def test_the_last_day_of_assessment_dates_the_round_but_a_slip_does_not():
    days = [JANUARY, JANUARY + dt.timedelta(days=3), dt.date(2042, 1, 21), dt.date(1924, 1, 1)]
    submissions = create_submissions(*({"collected_on": day} for day in [*days, None]))
    assert dates(submissions) == [days[1]] * 5


def test_a_round_without_any_date_is_refused_unless_one_is_given():
    submissions = create_submissions({})
    with pytest.raises(UncertainMapping, match="no date"):
        with_snapshots(submissions)
    frame, findings = with_snapshots(submissions, unknown_date=MARCH)
    assert frame["reference_date"].to_list() == [MARCH]
    assert findings["code"].to_list() == ["TRK-172"]


def test_a_round_is_taken_from_the_rest_of_the_file():
    submissions = create_submissions({"round_number": 4}, {"round_number": None})
    submissions = submissions.with_columns(reference_date=pl.lit(MARCH))
    frame, findings = with_snapshots(submissions)
    assert frame["round_number"].to_list() == [4, 4]
    assert findings.is_empty()


def test_where_no_file_says_its_round_dates_are_numbered_and_that_is_said():
    submissions = create_submissions(
        {"file": "b.xlsx", "reference_date": MARCH, "round_number": None},
        {"file": "a.xlsx", "reference_date": JANUARY, "round_number": None},
    )
    frame, findings = with_snapshots(submissions)
    assert frame["round_number"].to_list() == [2, 1]
    assert findings["code"].to_list() == ["TRK-007", "TRK-007"]


def test_a_file_without_round_takes_that_of_its_date_or_is_refused():
    submissions = create_submissions(
        {"file": "a.xlsx", "reference_date": MARCH, "round_number": 7},
        {"file": "b.xlsx", "reference_date": MARCH, "round_number": None},
    )
    frame, findings = with_snapshots(submissions)
    assert frame["round_number"].to_list() == [7, 7]
    assert findings["file"].to_list() == ["b.xlsx"]
    other = submissions.with_columns(
        reference_date=pl.when(pl.col("file") == "b.xlsx")
        .then(pl.lit(JANUARY))
        .otherwise("reference_date")
    )
    with pytest.raises(UncertainMapping, match=r"b\.xlsx.*round"):
        with_snapshots(other)


def test_country_operation_and_component_are_filled_from_what_is_known():
    submissions = create_submissions(
        {"reference_date": MARCH, "country": None, "operation": None, "component": None},
    )
    with pytest.raises(UncertainMapping, match="country"):
        with_snapshots(submissions)
    frame, _ = with_snapshots(submissions, country="XWS")
    filled = frame.select("country", "operation", "component").row(0)
    assert filled == ("XWS", "XWS", "baseline_location")
    frame, _ = with_snapshots(submissions, country="XWS", operation="Floods")
    assert frame["operation"].to_list() == ["Floods"]
    areas = submissions.with_columns(location_name=pl.lit(None, pl.String))
    assert with_snapshots(areas, country="XWS")[0]["component"].to_list() == ["baseline_area"]


def test_an_unknown_component_is_refused():
    submissions = create_submissions({"reference_date": MARCH, "component": "census"})
    with pytest.raises(InvalidChoice, match="census"):
        with_snapshots(submissions)
