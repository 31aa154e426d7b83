"""Places counted as a figure: who hosts people, needs what, can be reached."""

from __future__ import annotations

import datetime as dt

import polars as pl

from waystation.tracking.sites import with_site_figures

# Worked by hand: A hosts 5 and needs food and water, B has nobody, C was left blank, D is an
# area without a location's name, and E was reported a second time and set aside.
ROWS = [
    ("A", True, 5.0, "food water", "yes"),
    ("B", True, 0.0, "food", "no"),
    ("C", True, None, "shelter", "limited"),
    (None, True, 9.0, "food", "yes"),
    ("E", True, 7.0, None, "no"),
    ("E", False, 8.0, "food", "yes"),
]


def create_submissions() -> pl.DataFrame:
    names = ["location_id", "is_counted", "idp_individuals", "priority_needs", "access"]
    return pl.DataFrame(ROWS, schema=names, orient="row").with_columns(
        location_key=pl.coalesce("location_id", pl.lit("XW01")),
        location_name=pl.lit(None, pl.String),
        reference_date=pl.lit(dt.date(2026, 3, 31)),
        component=pl.lit("baseline_location"),
    )


def test_locations_that_host_people_are_counted_and_blanks_stay_blank():
    counted = with_site_figures(create_submissions())
    assert counted["sites"].to_list() == [1, 0, None, None, 1, None]


def test_needs_and_access_are_those_of_locations_that_host_people_and_answered():
    counted = with_site_figures(create_submissions())
    assert counted["sites__need__food"].to_list() == [1, None, None, None, None, None]
    assert counted["sites__need__shelter"].to_list() == [0, None, None, None, None, None]
    assert counted["sites__access__no"].to_list() == [0, None, None, None, 1, None]


def test_sites_that_files_report_themselves_are_left_alone():
    reported = create_submissions().with_columns(sites=pl.lit(3.0))
    assert with_site_figures(reported).equals(reported)


def test_rows_about_areas_are_not_counted_as_locations():
    areas = create_submissions().with_columns(location_id=pl.lit(None, pl.String))
    assert with_site_figures(areas).equals(areas)
