"""Impossible and blank figures, persons against households, parts against wholes."""

from __future__ import annotations

import pytest

P, H = "idp_individuals", "idp_households"


def site(n=1, **figures):
    return {"location_id": f"L{n}", "location_name": f"Site {n}", **figures}


# Worked by hand: persons, households, the finding, the persons meant.
PAIRS = [
    (50, 10, None, None),  # 5 a household
    (12, 10, "TRK-136", None),  # 1.2: unusual
    (130, 10, "TRK-136", None),  # 13: unusual
    (10, 52, "TRK-137", "52"),  # below 1, and 5.2 the other way round: swapped
    (500, 10, "TRK-137", "50"),  # 50: a nought too many
    (51, 100, "TRK-137", "510"),  # 0.51: a digit lost
    (100, 1, "TRK-137", None),  # a hundred in one household
    (25, 1, None, None),  # one large family: too few to judge
    (30, 30, "TRK-138", None),  # one column copied into the other
    (2, 2, None, None),
    (30, 0, "TRK-135", None),
    (0, 7, "TRK-135", None),
    (0, 0, None, None),
]


@pytest.mark.parametrize(("persons", "households", "code", "expected"), PAIRS)
def test_persons_against_households(findings_on, persons, households, code, expected):
    found = findings_on([site(**{P: persons, H: households})])
    assert found["code"].to_list() == ([code] if code else [])
    if code:
        assert found["expected"].to_list() == [expected]
        assert found["row"].to_list() == [2]


def test_a_negative_figure_names_row_place_and_the_sign_dropped(findings_on):
    found = findings_on([site(**{P: -120})], "TRK-130")
    line = found.row(0, named=True)
    assert line["message"] == (
        "Row 2, Site 1, round 1: IDPs is -120, below zero. "
        "Enter the figure as counted, 0 or more."
    )
    assert (line["column"], line["reported"], line["expected"]) == (P, "-120", "120")
    assert (line["severity"], line["submission_id"]) == ("error", "round_1.xlsx/data/2")


def test_a_fraction_is_read_as_thousands_where_it_can_only_be_that(findings_on):
    rows = [site(1, **{P: 1.234}), site(2, **{P: 12.5})]
    found = findings_on(rows, "TRK-131")
    assert found["expected"].to_list() == ["1234", "12"]


def test_more_people_than_one_place_can_hold(findings_on):
    found = findings_on(
        [site(**{P: 5_000_000}), {"admin1_code": "XW01", P: 5_000_000}], "TRK-132"
    )
    assert found["location_id"].to_list() == ["L1"]


def test_few_blanks_are_named_and_many_are_said_once_for_the_file(findings_on):
    full = [site(n, **{P: 10 + n, "idp_individuals__sex__male": 4 + n,
                       "idp_individuals__sex__female": 6}) for n in range(100)]  # fmt: skip
    gap = site(200, idp_individuals__sex__male=5, idp_individuals__sex__female=6)
    one = findings_on([*full, gap], "TRK-134")
    assert one.select("location_id", "expected").rows() == [("L200", "11")]
    many = findings_on([*full, *(site(200 + n) for n in range(50))], "TRK-134")
    assert many.select("file", "row", "reported").rows() == [
        ("round_1.xlsx", None, "50 of 150")
    ]


def test_a_blank_column_of_a_file_is_not_a_gap(findings_on):
    rows = [site(1, **{P: 10}), site(2, **{P: 12}) | {"file": "b.xlsx", H: 3}]
    assert findings_on(rows, "TRK-134").is_empty()


def test_persons_that_are_households_times_one_constant_are_said_once_a_file(findings_on):
    rows = [site(n, **{P: 6 * n, H: n}) for n in range(3, 20)]
    found = findings_on(rows, "TRK-148")
    assert found["row"].to_list() == [None]
    assert "times 6" in found["message"][0]
    counted = [site(n, **{P: 6 * n + n % 4, H: n}) for n in range(3, 20)]
    assert findings_on(counted, "TRK-148").is_empty()


MALE, FEMALE = f"{P}__sex__male", f"{P}__sex__female"
BANDS = {
    "male_0_17": 20, "male_18_59": 15, "male_60_plus": 5,
    "female_0_17": 30, "female_18_59": 20, "female_60_plus": 10,
}  # fmt: skip
AGES = {f"{P}__sex_age__{band}": number for band, number in BANDS.items()}
GOOD = {P: 100, MALE: 40, FEMALE: 60, **AGES}


def test_parts_that_add_up_give_no_finding(findings_on):
    assert findings_on([site(**GOOD)]).is_empty()


def test_the_sex_that_its_age_bands_contradict_is_named_with_its_figure(findings_on):
    found = findings_on([site(**(GOOD | {MALE: 70}))])
    line = found.select("code", "column", "reported", "expected").rows()
    assert line == [("TRK-139", MALE, "70", "40")]


def test_a_total_that_all_breakdowns_contradict_is_one_finding(findings_on):
    found = findings_on([site(**(GOOD | {P: 160}))])
    line = found.select("code", "column", "reported", "expected").rows()
    assert line == [("TRK-139", P, "160", "100")]
    assert "the total looks wrong" in found["message"][0]


def test_an_age_band_with_a_digit_too_many_is_named(findings_on):
    band = f"{P}__sex_age__male_18_59"
    found = findings_on([site(**(GOOD | {band: 150}))], "TRK-140")
    assert found.select("column", "expected").rows() == [(band, "15")]


def test_a_blank_band_is_what_the_others_leave(findings_on):
    band = f"{P}__sex_age__male_60_plus"
    found = findings_on([site(**(GOOD | {band: None})), site(2, **GOOD)])
    assert found.select("code", "column", "expected").rows() == [("TRK-141", band, "5")]


def test_without_a_witness_no_value_is_made_up(findings_on):
    found = findings_on([site(**{P: 100, MALE: 40, FEMALE: 50})])
    assert found.select("code", "column", "expected").rows() == [("TRK-139", P, None)]


def test_wide_bands_beside_narrow_ones_are_not_added_twice(findings_on):
    narrow = {
        f"{P}__sex_age__{sex}_{age}": 5
        for sex in ("male", "female")
        for age in ("under_1", "1_5", "6_12", "13_17", "6_17", "18_59", "60_plus")
    }
    for sex in ("male", "female"):
        narrow[f"{P}__sex_age__{sex}_6_17"] = 10
    assert findings_on([site(**{P: 60, **narrow})], "TRK-140").is_empty()
    assert len(findings_on([site(**{P: 70, **narrow})], "TRK-140")) == 1


PARTITIONS = [
    ("reason", "conflict", "disaster", "TRK-142"),
    ("origin", "xw01", "xw02", "TRK-143"),
    ("shelter", "camp", "rented", "TRK-144"),
    ("period", "2024", "2025", "TRK-144"),
]


@pytest.mark.parametrize(("dimension", "one", "two", "code"), PARTITIONS)
def test_a_breakdown_that_one_row_breaks_is_said_there(findings_on, dimension, one, two, code):
    a, b = f"{P}__{dimension}__{one}", f"{P}__{dimension}__{two}"
    rows = [site(n, **{P: 10 + n, a: 10, b: n}) for n in range(1, 30)]
    rows.append(site(50, **{P: 40, a: 10, b: 35}))
    rows.append(site(51, **{P: 10, a: 10, b: None}))  # a blank category is nobody
    assert findings_on(rows, code)["location_id"].to_list() == ["L50"]


def test_a_breakdown_that_most_rows_leave_open_is_said_once_for_the_file(findings_on):
    a, b = f"{P}__origin__xw01", f"{P}__origin__xw02"
    rows = [site(n, **{P: 100 + n, a: 10, b: n}) for n in range(1, 40)]
    found = findings_on(rows, "TRK-143")
    assert found.select("row", "reported").rows() == [(None, "39 of 39")]


def test_people_counted_among_others_cannot_be_more(findings_on):
    part = "idp_previously_abroad_individuals"
    found = findings_on([site(1, **{P: 30, part: 31}), site(2, **{P: 30, part: 30})])
    assert found.select("code", "location_id", "column").rows() == [("TRK-145", "L1", part)]


def test_parts_above_the_whole_are_said_even_where_some_are_blank(findings_on):
    rows = [
        site(1, **{P: 30, MALE: 45, FEMALE: None}),
        site(2, **{P: 30, MALE: 10, FEMALE: 20}),
    ]
    assert "TRK-139" in findings_on(rows)["code"].to_list()
