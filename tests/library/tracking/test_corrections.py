"""Corrections: an overlay that never writes to raw values, and refuses what does not fit."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from waystation.errors import UnreadableFile
from waystation.findings import Findings
from waystation.tracking.corrections import (
    AppliedCorrections,
    Corrections,
    corrected,
    corrections_from_findings,
    read_corrections,
)
from waystation.tracking.submissions import Submissions

SUBMISSIONS = Submissions.complete(
    pl.DataFrame(
        {
            "submission_id": ["a", "b", "c"],
            "file": "round.xlsx",
            "row": [2, 3, 4],
            "is_counted": True,
            "country": "XWS",
            "operation": "Floods",
            "collected_on": [dt.date(2024, 1, 1)] * 3,
            "admin2_code": ["XW0101", "XW0101", None],
            "location_id": [None, None, "SITE-9"],
            "location_key": ["XW0101/camp", "XW0101", "SITE-9"],
            "location_name": ["Camp", None, "Nine"],
            "idp_individuals": [120.0, None, 7.5],
            "idp_households": [20.0, 0.0, 1.0],
        }
    )
)


def create_log(*entries: tuple[str, str | None, str | None, str | None, str]) -> pl.DataFrame:
    columns = ["id", "question", "old", "new", "action"]
    frame = pl.DataFrame(list(entries), schema=columns, orient="row")
    return Corrections.require(Corrections.complete(frame.with_columns(reason=pl.lit("asked"))))


def test_the_worked_example():
    log = create_log(
        ("a", "idp_individuals", "120", "12", "change_value"),
        ("b", "idp_individuals", None, "5", "change_value"),
        ("b", "idp_households", "0", None, "change_value"),
        ("c", "idp_individuals", "7.5", None, "keep"),
        ("c", None, None, None, "remove"),
        ("a", "collected_on", "2024-01-01", "2024-01-15", "change_value"),
    )
    after, applied, findings = corrected(SUBMISSIONS, log)
    assert after["idp_individuals"].to_list() == [12, 5, 7.5]
    assert after["idp_households"].to_list() == [20, None, 1]
    assert after["is_counted"].to_list() == [True, True, False]
    assert after["collected_on"][0] == dt.date(2024, 1, 15)
    assert SUBMISSIONS["idp_individuals"].to_list() == [120, None, 7.5]
    assert applied.select("submission_id", "column", "raw", "corrected", "action").rows() == [
        ("a", "idp_individuals", "120", "12", "change_value"),
        ("b", "idp_individuals", None, "5", "change_value"),
        ("b", "idp_households", "0", None, "change_value"),
        ("c", "idp_individuals", "7.5", "7.5", "keep"),
        ("c", "is_counted", "true", "false", "remove"),
        ("a", "collected_on", "2024-01-01", "2024-01-15", "change_value"),
    ]
    assert AppliedCorrections.require(applied).equals(applied)
    assert findings["code"].to_list() == ["TRK-204"] * 5
    assert findings["message"][0] == (
        "Row 2, Camp: idp_individuals changed from 120 to 12 (asked); the raw value is kept."
    )
    assert Findings.require(findings).equals(findings)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (("nobody", "idp_individuals", "1", "2", "change_value"), "the id is not known"),
        (("nobody", None, None, None, "remove"), "the id is not known"),
        (("a", "idp_persons", "1", "2", "change_value"), "there is no such column"),
        (("a", "submission_id", "a", "z", "change_value"), "there is no such column"),
        (("a", "idp_individuals", "121", "12", "change_value"), "not the one received"),
        (("a", "idp_individuals", None, "12", "change_value"), "not the one received"),
        (("b", "idp_individuals", "0", "12", "change_value"), "not the one received"),
        (("a", "idp_individuals", "120", "many", "change_value"), "cannot stand"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_and_told(entry, why):
    after, applied, findings = corrected(SUBMISSIONS, create_log(entry))
    assert after.equals(SUBMISSIONS)
    assert applied.is_empty()
    assert findings["code"].to_list() == ["TRK-206"]
    assert why in findings["message"][0]


def test_numbers_are_compared_as_numbers_and_repeats_are_one():
    entry = ("a", "idp_individuals", "120.0", "12", "change_value")
    after, applied, findings = corrected(SUBMISSIONS, create_log(entry, entry))
    assert after["idp_individuals"][0] == 12
    assert (applied.height, findings.height) == (1, 1)


def test_entries_that_contradict_each_other_are_all_refused():
    log = create_log(
        ("a", "idp_individuals", "120", "12", "change_value"),
        ("a", "idp_individuals", "120", "21", "change_value"),
    )
    after, _, findings = corrected(SUBMISSIONS, log)
    assert after.equals(SUBMISSIONS)
    assert findings["code"].to_list() == ["TRK-206", "TRK-206"]


def test_the_key_of_a_location_follows_its_corrected_unit_or_id():
    log = create_log(
        ("a", "admin2_code", "XW0101", "XW0102", "change_value"),
        ("b", "admin2_code", "XW0101", "XW0103", "change_value"),
        ("c", "location_id", "SITE-9", "SITE-1", "change_value"),
    )
    after, _, _ = corrected(SUBMISSIONS, log)
    assert after["location_key"].to_list() == ["XW0102/camp", "XW0103", "SITE-1"]


def test_a_log_is_proposed_from_findings_that_know_the_right_value():
    findings = Findings.complete(
        pl.DataFrame(
            {
                "code": ["TRK-138", "TRK-139", "TRK-134", "TRK-160"],
                "severity": ["warning", "error", "warning", "warning"],
                "message": ["m1", "m2", "m3", "m4"],
                "submission_id": ["a", "a", "b", "c"],
                "column": ["idp_individuals", "idp_individuals", "idp_individuals", None],
                "expected": ["99", "100", "5", "1"],
            }
        )
    )
    log = corrections_from_findings(findings, SUBMISSIONS)
    assert log.select("id", "question", "old", "new", "reason").rows() == [
        ("a", "idp_individuals", "120", "100", "TRK-139: m2"),
        ("b", "idp_individuals", None, "5", "TRK-134: m3"),
    ]
    after, _, told = corrected(SUBMISSIONS, log)
    assert after["idp_individuals"].to_list() == [100, 5, 7.5]
    assert told["code"].unique().to_list() == ["TRK-204"]


def test_a_log_is_read_under_the_headings_of_the_sector(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "Cleaning log of round 1,,,,,,\n"
        "UUID,Question,old_value,new_value,Issue,change_type,Changed by\n"
        "a,idp_individuals,120,12,digit,change_response,QC\n"
        "b,admin1_name,NA,Namib,name,,QC\n"
        "c,,,,twice,remove_survey,QC\n"
        "a,idp_households,20,,unknown,blank_response,QC\n"
        "b,idp_households,0,,,no_action,QC\n"
        ",,,,,,\n",
        "utf-8",
    )
    log = read_corrections(path)
    assert log.select("id", "question", "old", "new", "action", "by").rows() == [
        ("a", "idp_individuals", "120", "12", "change_value", "QC"),
        ("b", "admin1_name", "NA", "Namib", "change_value", "QC"),
        ("c", None, None, None, "remove", "QC"),
        ("a", "idp_households", "20", None, "change_value", "QC"),
        ("b", "idp_households", "0", None, "keep", "QC"),
    ]


def test_a_log_is_read_from_a_workbook(tmp_path):
    path = tmp_path / "log.xlsx"
    create_log(("a", "idp_individuals", "120", "12", "change_value")).write_excel(path)
    assert read_corrections(path).row(0, named=True)["new"] == "12"


def test_a_file_that_is_no_log_or_has_an_unknown_action_is_refused(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("name,value\nx,1\n", "utf-8")
    with pytest.raises(UnreadableFile, match="headings"):
        read_corrections(path)
    path.write_text("id,question,action\na,idp_individuals,maybe\n", "utf-8")
    with pytest.raises(UnreadableFile, match="maybe"):
        read_corrections(path)
