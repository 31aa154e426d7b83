"""The parts an exercise is made of: whole parts, invented names, a country that tiles."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.geography.fictional import invented_names, without_accents
from waystation.tracking.exercise.country import fictional_country
from waystation.tracking.exercise.history import reference_dates, true_history
from waystation.tracking.exercise.layouts import headings_of, layouts, offices_of
from waystation.tracking.exercise.people import split_whole
from waystation.tracking.exercise.words import category_name, folder_name, misspelt


def test_ten_people_in_three_shares():
    # 10 x (0.5, 0.3, 0.2) is (5, 3, 2); 10 x (1/3, 1/3, 1/3) leaves one for the first.
    shares = np.array([[5.0, 3.0, 2.0], [1.0, 1.0, 1.0]])
    assert split_whole(np.array([10.0, 10.0]), shares).tolist() == [[5, 3, 2], [4, 3, 3]]


@given(
    st.integers(0, 100_000),
    st.lists(st.floats(0.001, 10, allow_nan=False), min_size=1, max_size=12),
)
def test_parts_always_add_up_and_are_never_negative(total, shares):
    parts = split_whole(np.array([float(total)]), np.array([shares]))
    assert parts.sum() == total
    assert parts.min() >= 0
    assert (parts == np.floor(parts)).all()


def test_names_are_distinct_and_have_three_forms():
    names = invented_names(300, np.random.default_rng(1), syllables=(2, 4), likeness=80)
    assert len({name.plain for name in names}) == 300
    assert all(without_accents(name.latin) == name.plain for name in names)
    assert all("\u0600" <= letter <= "\u06ff" for name in names for letter in name.arabic)


@given(st.integers(0, 10_000))
def test_a_misspelt_name_is_another_one(seed):
    assert misspelt("Kédara", np.random.default_rng(seed)) != "Kédara"


def test_a_folder_name_is_plain():
    assert folder_name("Kédara Nord") == "kedara-nord"


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_any_country_tiles_nests_and_lies_where_swapped_positions_show(seed):
    country = fictional_country(np.random.default_rng(seed))
    for level in (1, 2, 3):
        assert shapely.coverage_is_valid(country.shapes[level])
    west, south, east, north = shapely.bounds(shapely.union_all(country.shapes[1]))
    assert south > 0
    assert north < west < east < 90
    points = country.points_inside(np.arange(208), np.random.default_rng(seed))
    assert (country.units_at(points[:, 0], points[:, 1]) == np.arange(208)).all()


def test_rounds_are_two_months_apart_and_end_on_a_known_day():
    assert [str(day) for day in reference_dates(3)] == [
        "2026-05-31",
        "2026-07-31",
        "2026-09-30",
    ]


@pytest.fixture(scope="module")
def country():
    return fictional_country(np.random.default_rng(3))


def test_a_closed_site_is_reported_empty_once_and_never_again(country):
    history = true_history(country, 400, 8, np.random.default_rng(3))
    persons = history.figures["idp_individuals"]
    assert history.is_closing.any()
    assert (persons[history.is_closing] == 0).all()
    for number in range(7):
        closing = history.is_closing[number]
        assert not history.is_open[number + 1 :, closing].any()
    assert (history.is_open | ~history.is_covered).all()


def test_events_bring_people(country):
    history = true_history(country, 800, 10, np.random.default_rng(5))
    for event in history.events.iter_rows(named=True):
        assert 2 <= event["round_number"] <= 10
        assert event["kind"] in ("conflict", "disaster")
    share = history.figures["idp_individuals__reason__disaster"].sum(axis=1)
    assert (share > 0).all()


def test_every_layout_is_in_use_and_a_revised_form_asks_the_same(country):
    kinds = layouts(
        tuple(category_name(n) for n in country.level(1)["name_fr"]), ("before_2025", "2025")
    )
    offices = offices_of(country, kinds, 6, np.random.default_rng(4))
    assert {office.layout.name for office in offices} == {kind.name for kind in kinds}
    for office in offices:
        first, last = office.layout_in(0), office.layout_in(5)
        assert sorted(first.fields) == sorted(last.fields)
        headings = headings_of(last, country.level(1))
        assert len(set(headings)) == len(headings) == len(last.fields)
    assert any(office.layout_in(0) != office.layout_in(5) for office in offices)
