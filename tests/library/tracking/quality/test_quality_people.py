"""Dates, enumerators, key informants, access and needs."""

from __future__ import annotations

import datetime as dt

import polars as pl

P = "idp_individuals"
PARTS = [f"{P}__reason__{reason}" for reason in ("conflict", "disaster", "other")]
JANUARY = [dt.date(2025, 1, day) for day in range(10, 22)]


def site(n, people=None, **more):
    row: dict[str, object] = {"location_id": f"L{n}", "location_name": f"Site {n}"}
    if people is not None:
        row |= {P: people, **dict(zip(PARTS, (people - 12, 7, 5), strict=True))}
    return row | more


def visits(*odd):
    days = [*JANUARY, *odd]
    return [site(n, collected_on=day) for n, day in enumerate(days)]


def test_a_day_outside_the_round_with_the_day_meant(findings_on):
    found = findings_on(visits(dt.date(2024, 1, 15), dt.date(2025, 12, 1), dt.date(2025, 6, 6)))
    assert found.select("code", "reported", "expected").rows() == [
        ("TRK-170", "2024-01-15", "2025-01-15"),  # the year
        ("TRK-170", "2025-12-01", "2025-01-12"),  # day and month exchanged
        ("TRK-170", "2025-06-06", None),
    ]


def test_a_late_visit_is_within_the_round(findings_on):
    assert findings_on(visits(dt.date(2025, 1, 30))).is_empty()


def test_a_day_to_come_is_an_error_and_not_outside_the_round_as_well(findings_on):
    found = findings_on(visits(dt.date(2031, 1, 15)))
    assert found.select("code", "severity", "reported").rows() == [
        ("TRK-171", "error", "2031-01-15")
    ]


def test_a_missing_day_is_said_where_others_have_one(findings_on):
    assert findings_on(visits(None), "TRK-172")["location_id"].to_list() == ["L12"]
    assert findings_on([site(n) for n in range(9)], "TRK-172").is_empty()


def test_rows_with_no_date_at_all_are_said_once_for_the_file(findings_on):
    undated = [site(n, reference_date=None) for n in range(30)]
    found = findings_on(undated, "TRK-172")
    assert found.select("file", "row").rows() == [("round_1.xlsx", None)]


def ordinary(count=12, **more):
    return [site(n, 101 + 13 * n, enumerator="E1", **more) for n in range(count)]


def test_the_same_figures_at_other_places_of_one_enumerator(findings_on):
    copies = [site(n, 240, enumerator="E1") for n in (50, 51, 52)]
    found = findings_on([*ordinary(), *copies, site(60, 240, enumerator="E2")], "TRK-125")
    assert found["location_id"].to_list() == ["L51", "L52"]
    assert "enumerator E1 gave exactly the figures of Site 50" in found["message"][0]


def test_figures_that_agree_by_accident_are_few_or_small(findings_on):
    empty = [site(n, **{P: 0}, enumerator="E1") for n in (50, 51)]
    one_figure = [site(n, **{P: 240}, enumerator="E1") for n in (60, 61)]
    assert findings_on([*ordinary(), *empty, *one_figure], "TRK-125").is_empty()


def test_an_enumerator_whose_totals_are_all_round(findings_on):
    tens = [site(50 + n, 100 + 10 * n, enumerator="E2") for n in range(8)]
    found = findings_on([*ordinary(30), *tens], "TRK-147")
    assert found.select("row", "column").rows() == [(32, P)]
    assert "8 of the 8 totals of enumerator E2" in found["message"][0]


def test_where_everybody_rounds_nobody_is_singled_out(findings_on):
    rows = [site(n, 100 + 10 * n, enumerator=f"E{n % 3}") for n in range(30)]
    assert findings_on(rows, "TRK-147").is_empty()


def test_informants_credibility_and_access(findings_on):
    fine = {"key_informants": 3, "credibility": 0.8, "access": "yes"}
    rows = ordinary(**fine)
    rows += [
        site(50, 50, **(fine | {"key_informants": 1})),
        site(51, 51, **(fine | {"credibility": 0.2})),
        site(52, 52, **(fine | {"access": "No"})),
        site(53, **{P: 0}, **(fine | {"access": "no"})),
    ]
    found = findings_on(rows)
    assert found.select("code", "location_id").rows() == [
        ("TRK-180", "L50"),
        ("TRK-181", "L51"),
        ("TRK-182", "L52"),
    ]


def test_needs_given_twice_or_not_in_the_list(findings_on):
    fine = [site(n, priority_needs="food water shelter") for n in range(12)]
    odd = [site(50, priority_needs="food water food"), site(51, priority_needs="food zz47")]
    found = findings_on([*fine, *odd])
    assert found.select("code", "location_id", "expected").rows() == [
        ("TRK-185", "L50", "food water"),
        ("TRK-186", "L51", None),
    ]


def test_a_habit_of_the_whole_file_is_said_once(findings_on):
    rows = [site(n, priority_needs="own_code") for n in range(40)]
    found = findings_on(rows)
    assert found.select("code", "row", "reported").rows() == [("TRK-186", None, "40 of 40")]


def test_findings_name_no_enumerator_in_columns_meant_for_places(findings_on):
    copies = [site(n, 240, enumerator="E1") for n in (50, 51)]
    found = findings_on([*ordinary(), *copies], "TRK-125")
    assert found.select(pl.col("place", "location_id")).rows() == [("Site 51", "L51")]
