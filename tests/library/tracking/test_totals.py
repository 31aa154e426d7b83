"""Totals: one figure at every level, levels that agree exactly, inputs whose levels do not."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.tracking.matrix import (
    Matrix,
    Totals,
    check_levels,
    matrix_from_submissions,
    totals_from_matrix,
)
from waystation.tracking.submissions import Submissions

DAY = dt.date(2024, 1, 31)
LEVELS = ("admin1_code", "admin2_code", "admin3_code")


def create_matrix(cells: list[dict[str, object]]) -> pl.DataFrame:
    full = [
        {
            "country": "XWS",
            "operation": "Floods",
            "component": "baseline_location",
            "round_number": 1,
            "reference_date": DAY,
            "location_id": f"S{number}",
            "indicator": "idp_individuals",
            "unit": "persons",
            "status": "observed",
            "observed_on": DAY,
            "submissions": 1,
            "value": None,
        }
        | cell
        for number, cell in enumerate(cells)
    ]
    frame = pl.DataFrame(full, infer_schema_length=None)
    return Matrix.require(Matrix.complete(frame))


CELLS: list[dict[str, object]] = [
    {"admin1_code": "XW01", "admin2_code": "XW0101", "value": 10},
    {"admin1_code": "XW01", "admin2_code": "XW0101", "value": 0},
    {"admin1_code": "XW01", "admin2_code": "XW0102", "value": None},
    {"admin1_code": "XW01", "value": 5, "status": "estimated"},
    {"admin1_code": "XW02", "admin2_code": "XW0201", "value": 7, "status": "carried_forward"},
    {"value": 1},
]

UNITS = pl.DataFrame(
    {
        "country": ["XWS"] * 4,
        "level": [0, 1, 1, 2],
        "code": ["XWS", "XW01", "XW02", "XW0102"],
        "name": ["Exampleland", "North", "South", "Hill"],
        "parent_code": [None, "XWS", "XWS", "XW01"],
    }
)


def test_the_worked_example():
    totals = totals_from_matrix(create_matrix(CELLS), UNITS)
    unit = ["admin_level", "code", "name", "parent_code"]
    assert totals.select(*unit, "value", "locations", "not_reported").rows() == [
        (0, "XWS", "Exampleland", None, 23, 5, 1),
        (1, "XW01", "North", "XWS", 15, 3, 1),
        (1, "XW02", "South", "XWS", 7, 1, 0),
        (1, None, "not placed", "XWS", 1, 1, 0),
        (2, "XW0101", None, "XW01", 10, 2, 0),
        (2, "XW0102", "Hill", "XW01", None, 0, 1),
        (2, None, "not placed", "XW01", 5, 1, 0),
        (2, "XW0201", None, "XW02", 7, 1, 0),
        (2, None, "not placed", None, 1, 1, 0),
    ]
    country = totals.row(0, named=True)
    assert (country["estimated"], country["carried_forward"]) == (5, 7)
    assert Totals.require(totals).equals(totals)


def test_the_unit_above_comes_from_the_list_where_the_matrix_has_none():
    cells: list[dict[str, object]] = [{"admin2_code": "XW0102", "value": 3}]
    totals = totals_from_matrix(create_matrix(cells), UNITS)
    assert totals.filter(admin_level=1)["code"].to_list() == ["XW01"]


def test_a_ratio_is_that_of_the_sums():
    rows = [(10, 100), (20, 100), (30, None)]
    cells: list[dict[str, object]] = []
    for number, (people, residents) in enumerate(rows):
        share = 100 * people / residents if residents else None
        for code, unit, value in (
            ("idp_individuals", "persons", people),
            ("population_individuals", "persons", residents),
            ("idp_population_share", "percent", share),
        ):
            cells.append(
                {"location_id": f"S{number}", "indicator": code, "unit": unit, "value": value}
            )
    totals = totals_from_matrix(create_matrix(cells))
    ratio = totals.filter(indicator="idp_population_share").row(0, named=True)
    # The third place has no residents on record and stays out of both sides.
    assert (ratio["value"], ratio["locations"], ratio["not_reported"]) == (15, 2, 1)


unit_path = st.tuples(
    st.sampled_from([None, "XW01", "XW02"]), st.integers(0, 3), st.integers(0, 3)
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(unit_path, st.none() | st.integers(0, 2**40)), min_size=1, max_size=30)
)
def test_the_children_of_every_unit_add_up_to_it_exactly(rows):
    cells: list[dict[str, object]] = []
    for (first, second, third), value in rows:
        admin2 = f"{first or 'XW09'}{second:02}" if second else None
        admin3 = f"{admin2 or 'XW0999'}{third:02}" if third else None
        codes = dict(zip(LEVELS, (first, admin2, admin3), strict=True))
        cells.append({"value": value} | codes)
    totals = totals_from_matrix(create_matrix(cells))
    reported = [value for _, value in rows if value is not None]
    assert totals["value"][0] == (sum(reported) if reported else None)
    for level in totals["admin_level"].unique():
        of_level = totals.filter(admin_level=level)
        assert of_level["value"].sum() == sum(reported)
        assert of_level["locations"].sum() == len(reported)
        assert of_level["not_reported"].sum() == len(rows) - len(reported)
    parents = totals.filter(pl.col("code").is_not_null())
    for parent in parents.rows(named=True):
        children = totals.filter(
            (pl.col("admin_level") == parent["admin_level"] + 1)
            & (pl.col("parent_code") == parent["code"])
        )
        if children.height:
            assert children["value"].sum() == (parent["value"] or 0)


def api_submissions(path) -> pl.DataFrame:
    """Rows of an API csv as a minimal ``Submissions`` frame, only the deepest level counted."""
    raw = pl.read_csv(path, infer_schema=False).filter(~pl.col("operation").str.contains("#"))
    level = pl.col("adminLevel").cast(pl.Int64)
    key = ["admin0Pcode", "operation", "roundNumber", "reportingDate", "assessmentType"]
    place = ["admin0Pcode", "admin1Pcode", "admin2Pcode"]
    return Submissions.complete(
        raw.with_row_index("row", offset=2).select(
            submission_id=pl.format("{}/{}", pl.lit(path.name), "row"),
            file=pl.lit(path.name),
            row=pl.col("row").cast(pl.Int64),
            is_counted=level == level.max().over(key),
            country="admin0Pcode",
            operation="operation",
            component=pl.when(pl.col("assessmentType") == "SA")
            .then(pl.lit("site_assessment"))
            .otherwise(pl.lit("baseline_area")),
            round_number=pl.col("roundNumber").cast(pl.Int64),
            reference_date=pl.col("reportingDate").str.slice(0, 10).str.to_date(),
            admin1_code="admin1Pcode",
            admin2_code="admin2Pcode",
            location_key=pl.concat_str(place, separator="/", ignore_nulls=True),
            displacement_reason="displacementReason",
            origin_admin1_code="idpOriginAdmin1Pcode",
            idp_individuals=pl.col("numPresentIdpInd").cast(pl.Float64),
            stated_level=level,
        )
    )


@pytest.mark.parametrize("name", ["global", "nga"])
def test_api_totals_agree_at_all_levels_for_every_round_and_date(field_data, name):
    path = field_data / "api" / f"{name}-iom-dtm-from-api-admin-0-to-2.csv"
    submissions = api_submissions(path)
    totals = totals_from_matrix(matrix_from_submissions(submissions.drop("stated_level")))
    snapshot = ["country", "operation", "component", "round_number", "reference_date"]
    stated = submissions.group_by(*snapshot, admin_level="stated_level").agg(
        stated=pl.col("idp_individuals").sum()
    )
    computed = totals.group_by(*snapshot, "admin_level").agg(pl.col("value").sum())
    both = stated.join(computed, on=[*snapshot, "admin_level"])
    assert both.height == stated.height
    assert both.filter(pl.col("stated") != pl.col("value")).is_empty()


def area_submissions(country_total: float) -> pl.DataFrame:
    rows = [(None, None, country_total), ("XW01", None, 30), ("XW01", "XW0101", 10),
            ("XW01", "XW0102", 20), ("XW02", None, 5), ("XW02", "XW0201", 5),
            ("XW02", "XW0201", 5)]  # fmt: skip
    frame = pl.DataFrame(
        {
            "submission_id": [f"api.csv/{n}" for n in range(len(rows))],
            "file": "api.csv",
            "row": range(len(rows)),
            "is_counted": [code2 is not None for _, code2, _ in rows],
            "country": "XWS",
            "operation": "Floods",
            "component": "baseline_area",
            "round_number": 1,
            "reference_date": DAY,
            "admin1_code": [row[0] for row in rows],
            "admin2_code": [row[1] for row in rows],
            "idp_individuals": [float(row[2]) for row in rows],
        }
    )
    return Submissions.complete(frame)


def test_levels_that_agree_are_no_finding_and_repeats_do_not_count():
    assert check_levels(area_submissions(35)).is_empty()


def test_a_level_that_disagrees_with_the_rows_below_it_is_named():
    findings = check_levels(area_submissions(36))
    assert findings.select("code", "place", "reported", "expected").rows() == [
        ("TRK-203", "XWS", "36", "35")
    ]
