"""The rows that others read: exactly their columns, and totals that agree at every level."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import polars as pl
import pytest

from waystation.release.api_rows import dtm_envelope, dtm_rows, hapi_rows
from waystation.tracking.matrix import Totals
from waystation.tracking.submissions import Submissions

# As served by the API, version 3.
ADMIN2 = [
    "id", "operation", "admin0Name", "admin0Pcode", "admin1Name", "admin1Pcode", "admin2Name",
    "admin2Pcode", "numPresentIdpInd", "reportingDate", "yearReportingDate",
    "monthReportingDate", "roundNumber", "displacementReason", "numberMales",
    "numberFemales", "idpOriginAdmin1Name", "idpOriginAdmin1Pcode", "assessmentType",
]  # fmt: skip
HAPI = [
    "location_code",
    "has_hrp",
    "in_gho",
    "provider_admin1_name",
    "provider_admin2_name",
    "admin1_code",
    "admin1_name",
    "admin2_code",
    "admin2_name",
    "admin_level",
    "operation",
    "assessment_type",
    "population",
    "reporting_round",
    "reference_period_start",
    "reference_period_end",
    "dataset_hdx_id",
    "resource_hdx_id",
    "warning",
    "error",
]


def test_columns_are_those_of_the_wire_contract(build):
    assert dtm_rows(build, 2).columns == ADMIN2
    assert dtm_rows(build, 1).columns == [c for c in ADMIN2 if not c.startswith("admin2")]
    admin0 = [c for c in ADMIN2 if c != "id" and not c.startswith(("admin1", "admin2"))]
    assert dtm_rows(build, 0).columns == admin0
    assert hapi_rows(build).columns == HAPI


def test_every_level_adds_up_to_the_same_people(build):
    key = ["roundNumber", "reportingDate"]
    sums = [
        dtm_rows(build, level).group_by(key).agg(pl.col("numPresentIdpInd").sum()).sort(key)
        for level in (0, 1, 2)
    ]
    assert sums[0].equals(sums[1])
    assert sums[1].equals(sums[2])
    assert sums[0]["numPresentIdpInd"].to_list() == [48_862, 46_268, 42_322]


def test_a_row_reads_as_the_api_serves_it(build):
    row = dtm_rows(build, 2).row(0, named=True)
    assert row["reportingDate"] == "2025-03-15T00:00:00"
    assert (row["yearReportingDate"], row["monthReportingDate"]) == (2025, 3)
    assert row["admin0Name"] == "Westmark"
    assert row["displacementReason"] == "Conflict"
    assert row["idpOriginAdmin1Pcode"] == "Not available"
    assert row["assessmentType"] == "BA"
    assert row["numberMales"] is None


def test_the_envelope_is_the_api_s_and_is_json(build):
    rows = dtm_rows(build, 0)
    envelope = json.loads(json.dumps(dtm_envelope(rows)))
    assert list(envelope) == [
        "result", "statusCode", "isSuccess", "errorMessages", "totalRecordsCount",
    ]  # fmt: skip
    assert envelope["totalRecordsCount"] == len(envelope["result"]) == rows.height
    assert dtm_envelope(rows.clear())["result"] == []


def one_unit(build, values, **more):
    """Return the build with totals of one second-level unit, by indicator."""
    rows = [
        {
            "country": "XWS", "operation": build.operation, "component": "baseline_location",
            "admin_level": level, "code": code, "name": "x", "parent_code": parent,
            "indicator": indicator, "unit": "persons", "round_number": 1,
            "reference_date": dt.date(2025, 3, 15), "value": value, "locations": 1,
            "not_reported": 0,
        }
        for level, code, parent in ((0, "XWS", None), (1, "XW01", "XWS"), (2, "XW0101", "XW01"))
        for indicator, value in values.items()
    ]  # fmt: skip
    totals = pl.DataFrame(rows, schema=dict(Totals.empty_frame().schema))
    return dataclasses.replace(build, totals=totals, **more)


def test_people_whose_reason_nobody_said_have_a_row_of_their_own(build):
    changed = one_unit(
        build, {"idp_individuals": 100.0, "idp_individuals__reason__conflict": 60.0}
    )
    rows = dtm_rows(changed, 2)
    assert rows["numPresentIdpInd"].to_list() == [60, 40]
    assert rows["displacementReason"].to_list() == [
        "Conflict", "No reason for displacement reported",
    ]  # fmt: skip


def test_fractions_are_rounded_so_that_levels_still_agree(build):
    rows = [
        ("XW0101", 10.5),
        ("XW0102", 7.0),
        ("XW0103", 3.5),
        ("XW0104", 2.25),
        ("XW0105", 0.75),
    ]
    one = one_unit(build, {"idp_individuals": 24.0})
    second = one.totals.filter(pl.col("admin_level") == 2)
    parts = [second.with_columns(code=pl.lit(c), value=pl.lit(v)) for c, v in rows]
    changed = dataclasses.replace(
        one, totals=pl.concat([one.totals.filter(pl.col("admin_level") < 2), *parts])
    )
    persons = dtm_rows(changed, 2)["numPresentIdpInd"].to_list()
    assert sum(persons) == 24
    assert persons[1] == 7
    assert all(abs(p - v) < 1 for p, (_, v) in zip(persons, rows, strict=True))


def test_reasons_that_exceed_the_stock_leave_one_row_with_its_sexes(build):
    changed = one_unit(
        build,
        {
            "idp_individuals": 100.0,
            "idp_individuals__reason__conflict": 160.0,
            "idp_individuals__sex__male": 45.0,
            "idp_individuals__sex__female": 55.0,
        },
    )
    (row,) = dtm_rows(changed, 2).to_dicts()
    assert row["numPresentIdpInd"] == 100
    assert row["displacementReason"] == "No reason for displacement reported"
    assert (row["numberMales"], row["numberFemales"]) == (45, 55)


def test_reports_by_reason_and_origin_are_served_by_both(build):
    common = {
        "file": "f", "is_counted": True, "country": "XWS", "operation": build.operation,
        "component": "baseline_location", "round_number": 1, "admin1_code": "XW01",
        "reference_date": dt.date(2025, 3, 15), "admin2_code": "XW0101",
    }  # fmt: skip
    reports = [
        {**common, "submission_id": "1", "displacement_reason": "conflict",
         "origin_admin1_code": "XW02", "idp_individuals": 70.0},
        {**common, "submission_id": "2", "displacement_reason": "disaster",
         "origin_admin1_code": None, "idp_individuals": 30.0},
        {**common, "submission_id": "3", "displacement_reason": "disaster", "is_counted": False,
         "origin_admin1_code": None, "idp_individuals": 999.0},
    ]  # fmt: skip
    submissions = Submissions.complete(pl.DataFrame(reports, infer_schema_length=None))
    changed = one_unit(build, {"idp_individuals": 100.0}, submissions=submissions)
    for level in (0, 1, 2):
        rows = dtm_rows(changed, level)
        assert rows["numPresentIdpInd"].to_list() == [70, 30]
        assert rows["displacementReason"].to_list() == ["Conflict", "Natural disaster"]
        assert rows["idpOriginAdmin1Name"].to_list() == ["Amber Coast", "Not available"]


@pytest.mark.parametrize("value", [0.0, None])
def test_none_and_not_reported_have_no_row(build, value):
    changed = one_unit(build, {"idp_individuals": value})
    assert dtm_rows(changed, 1).height == 0
    assert hapi_rows(changed).height == 0


def test_what_could_not_be_placed_keeps_the_levels_agreeing(build):
    changed = one_unit(build, {"idp_individuals": 100.0})
    unplaced = changed.totals.with_columns(
        code=pl.when(pl.col("admin_level") == 2).then(None).otherwise("code")
    )
    changed = dataclasses.replace(changed, totals=unplaced)
    (row,) = dtm_rows(changed, 2).to_dicts()
    assert (row["admin1Pcode"], row["admin2Pcode"]) == ("XW01", "Not available")
    (hapi,) = hapi_rows(changed).filter(pl.col("admin_level") == 2).to_dicts()
    assert (hapi["admin2_code"], hapi["provider_admin2_name"]) == ("", " ")


def test_rows_of_one_key_are_all_kept_and_marked(build):
    changed = one_unit(build, {"idp_individuals": 100.0})
    areas = changed.totals.with_columns(component=pl.lit("baseline_area"))
    doubled = dataclasses.replace(changed, totals=pl.concat([changed.totals, areas]))
    assert set(hapi_rows(doubled)["error"]) == {"Duplicate row"}
    assert hapi_rows(doubled).height == 6
    assert set(hapi_rows(changed)["error"]) == {""}


def test_rounds_below_one_are_not_for_hapi(build):
    changed = one_unit(build, {"idp_individuals": 100.0})
    zero = dataclasses.replace(
        changed, totals=changed.totals.with_columns(round_number=pl.lit(0))
    )
    assert hapi_rows(zero).height == 0
