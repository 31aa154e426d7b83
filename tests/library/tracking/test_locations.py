"""The master list: kept as it is, brought up to date, and changed by proposals only."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.tracking.locations import Locations, locations_from_submissions
from waystation.tracking.proposals import LocationProposals, proposals_from_submissions
from waystation.tracking.submissions import Submissions

DAYS = {n: dt.date(2024, n, 28) for n in range(1, 6)}


def create_submissions(*rows: dict[str, object]) -> pl.DataFrame:
    full = []
    for number, row in enumerate(rows):
        of_round = int(str(row.get("round_number", 1)))
        full.append(
            {
                "submission_id": f"a.xlsx/{number}",
                "file": "a.xlsx",
                "is_counted": True,
                "country": "XWS",
                "operation": "Floods",
                "component": "baseline_location",
                "round_number": of_round,
                "reference_date": DAYS[of_round],
                "location_key": row.get("location_id"),
                "admin2_code": "XW0101",
            }
            | row
        )
    frame = pl.DataFrame(full, infer_schema_length=None)
    known = Submissions.columns()
    return Submissions.complete(
        frame.with_columns(pl.col(c).cast(known[c].dtype) for c in frame.columns)
    )


def at(latitude: float, longitude: float = 10.0) -> dict[str, object]:
    return {"latitude": latitude, "longitude": longitude}


def site(code: str, of_round: int, name: str | None = None) -> dict[str, object]:
    return {"location_id": code, "round_number": of_round, "location_name": name}


REPORTS = create_submissions(
    site("A", 1, "Old name") | at(1),
    site("A", 2, "New name"),
    site("B", 1, "Camp") | {"location_status": "open"},
    site("B", 2, "Camp") | {"location_status": "Fermé"},
    site("B", 3, "Camp") | {"location_status": "closed"},
    {"location_key": "XW0101", "location_id": None},
)


def test_the_worked_example():
    locations = locations_from_submissions(REPORTS)
    columns = ["location_id", "name", "names", "latitude", "status"]
    dates = ["opened_round", "closed_on", "last_round"]
    assert locations.select(*columns, *dates).rows() == [
        ("A", "New name", ["Old name"], 1, "open", 1, None, 2),
        ("B", "Camp", [], None, "closed", 1, DAYS[2], 3),
    ]
    assert Locations.require(locations).equals(locations)


def test_a_known_list_keeps_its_names_and_units_and_is_brought_up_to_date():
    known = locations_from_submissions(REPORTS.filter(round_number=1)).drop("is_proposed")
    later = create_submissions(
        site("A", 2, "New name") | {"admin2_code": "XW0102"}, site("C", 2, "Added")
    )
    locations = locations_from_submissions(later, known)
    columns = ["location_id", "name", "names", "admin2_code", "last_round"]
    assert locations.select(columns).rows() == [
        ("A", "Old name", ["New name"], "XW0101", 2),
        ("B", "Camp", [], "XW0101", 1),
        ("C", "Added", [], "XW0101", 2),
    ]
    assert locations["is_proposed"].to_list() == [False, False, True]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"), st.integers(1, 5), st.sampled_from(["open", "closed", None])
        ),
        min_size=1,
    )
)
def test_a_list_laid_over_itself_does_not_change(reports):
    rows = [site(code, number) | {"location_status": s} for code, number, s in reports]
    submissions = create_submissions(*(row | {"location_name": "Camp"} for row in rows))
    once = locations_from_submissions(submissions)
    assert locations_from_submissions(submissions, once).equals(once)


def proposed(
    submissions: pl.DataFrame, known: pl.DataFrame | None = None
) -> list[tuple[object, ...]]:
    proposals = proposals_from_submissions(submissions, known)
    assert LocationProposals.require(proposals).equals(proposals)
    return proposals.select("kind", "location_id", "other_id").rows()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        (at(1), at(1.005), []),  # about 550 m
        (at(1), at(1.05), [("moved", "A", None)]),
        ({"location_name": "Camp-é"}, {"location_name": "CAMP E"}, []),
        ({"location_name": "Camp"}, {"location_name": "School"}, [("renamed", "A", None)]),
        ({}, {"admin2_code": "XW0102"}, [("changed_unit", "A", None)]),
        ({"location_status": "closed"}, {}, [("reopened", "A", None)]),
    ],
)
def test_what_the_field_reports_otherwise_is_proposed(before, after, expected):
    rows = [site("A", 1, "Camp") | before, site("A", 2, "Camp") | after]
    assert proposed(create_submissions(*rows)) == expected


def test_new_duplicate_and_merged_locations_are_proposed():
    submissions = create_submissions(
        site("A", 1, "Camp"),
        site("B", 1, "School") | at(5),
        site("A", 2, "Camp"),
        site("C", 2, "camp"),  # the name of A, in its unit
        site("D", 2, "Other") | at(5.001),  # where B was
    )
    assert proposed(submissions) == [
        ("new", "C", None),
        ("new", "D", None),
        ("duplicate", "A", "C"),
        ("merged", "B", "D"),
    ]


def test_one_round_and_no_list_leave_nothing_to_compare_with():
    assert proposed(create_submissions(site("A", 1, "Camp"), site("B", 1, "School"))) == []
    assert proposed(create_submissions({"location_key": "XW01", "location_id": None})) == []
