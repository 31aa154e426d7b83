"""Numbers, dates, positions and answers out of text, each by worked examples."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.tracking.intake.answers import coded_answers, ticked_choices
from waystation.tracking.intake.blanks import text_values
from waystation.tracking.intake.dates import dates_from_text
from waystation.tracking.intake.numbers import numbers_from_columns, whole_numbers_from_text
from waystation.tracking.intake.positions import degrees_from_column, positions_from_column


def numbers(texts, **choices):
    """Return the numbers of one column, and the texts that could not be read."""
    column = pl.Series("c", texts, dtype=pl.String)
    read, faulty = numbers_from_columns(column.to_frame(), **choices)
    unread = column.filter(faulty["c"]).to_list() if faulty else []
    return read["c"].to_list(), unread


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234", 1234), (" 12 ", 12), ("-5", -5), ("3.5", 3.5), ("1e3", 1000), ("+7", 7),
        ("1,234", 1234), ("1,234,567", 1234567), ("1,234.5", 1234.5), ("1 234", 1234),
        ("1\u00a0234\u202f567", 1234567), ("1'234", 1234), ("12,5", 12.5),
        ("1.234.567", 1234567), ("1.234,5", 1234.5), ("1 234,5", 1234.5), ("١٢٣", 123),
        ("١٬٢٣٤٫٥", 1234.5),
        ("۱۲", 12), ("- 5", -5), ("−5", -5), ("12.0", 12),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(text, number):
    assert numbers([text]) == ([number], [])


@pytest.mark.parametrize(
    "text", ["-", "–", " ", "n/a", "N/A", "NA", "NULL", "NaN", "dnk", "..."]
)
def test_a_blank_is_not_reported_and_no_fault(text):
    assert numbers([text, "1"]) == ([None, 1], [])


@pytest.mark.parametrize("text", ["about 200", "200+", "12 15", "10-15", "inf", "none", "1/2"])
def test_text_is_no_number_and_is_named(text):
    """ "none" might mean nobody, or no answer: a person has to say."""
    assert numbers([text, "1"]) == ([None, 1], [text])


def test_a_column_with_decimal_commas_reads_all_its_commas_so():
    assert numbers(["1,234", "2,5"])[0] == [1.234, 2.5]
    assert numbers(["1,234", "2,500.5"])[0] == [1234, 2500.5]
    assert numbers(["13,684"], is_decimal=True)[0] == [13.684]


def test_a_column_grouped_by_points_reads_all_its_points_so():
    assert numbers(["1.234", "1.234.567", "12"])[0] == [1234, 1234567, 12]
    assert numbers(["1.234", "12"])[0] == [1.234, 12]


def test_numbers_that_already_are_numbers_stay_themselves():
    frame = pl.DataFrame({"c": [1, None, 3]})
    read, faulty = numbers_from_columns(frame)
    assert read["c"].to_list() == [1.0, None, 3.0]
    assert faulty == {}


@settings(deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_whole_numbers_survive_english_thousands(values):
    assert numbers([f"{value:,}" for value in values])[0] == values


@settings(deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_whole_numbers_survive_arabic_digits(values):
    digits = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    assert numbers([str(value).translate(digits) for value in values])[0] == values


def test_rounds_are_the_last_number_of_their_text():
    texts = pl.Series(["R14", "Round 3", "B2_01", "14", "14.0", "الجولة ٥", "-", "first", None])
    read, unread = whole_numbers_from_text(texts)
    assert read.to_list() == [14, 3, 1, 14, 14, 5, None, None, None]
    assert texts.filter(unread).to_list() == ["first"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-05", "2026-03-05"), ("2026-03-05 00:00:00", "2026-03-05"),
        ("2026-03-05T10:00:00.000+01:00", "2026-03-05"), ("2026/3/5", "2026-03-05"),
        ("20260305", "2026-03-05"), ("5/3/2026", "2026-03-05"), ("05-03-26", "2026-03-05"),
        ("5.3.2026", "2026-03-05"), ("31/12/2025 23:59", "2025-12-31"),
        ("5 March 2026", "2026-03-05"), ("March 5, 2026", "2026-03-05"),
        ("1er mars 2026", "2026-03-01"), ("15 août 2025", "2025-08-15"),
        ("15 de marzo de 2026", "2026-03-15"), ("١٥ مارس ٢٠٢٦", "2026-03-15"),
        ("15 كانون الثاني 2026", "2026-01-15"), ("12-Mar-26", "2026-03-12"),
        ("March 2026", "2026-03-01"), ("Mar-26", "2026-03-01"), ("2026-03", "2026-03-01"),
        ("03/2026", "2026-03-01"), ("44256", "2021-03-01"), ("44256.5", "2021-03-01"),
        ("29/02/2024", "2024-02-29"),
    ],
)  # fmt: skip
def test_a_date_is_read_however_it_is_written(text, day):
    dates, unread = dates_from_text(pl.Series("d", [text]))
    assert dates.to_list() == [dt.date.fromisoformat(day)]
    assert not unread.any()


@pytest.mark.parametrize("text", ["soon", "31/02/2026", "2026", "12", "1/2/3/4", "2126-01-01"])
def test_what_is_no_date_is_named_and_not_guessed(text):
    dates, unread = dates_from_text(pl.Series("d", [text, "NaT", "-", None]))
    assert dates.null_count() == 4
    assert unread.to_list() == [True, False, False, False]


def test_a_column_that_can_only_be_month_first_is_read_so():
    dates, _ = dates_from_text(pl.Series("d", ["03/25/2026", "3/4/2026"]))
    assert dates.to_list() == [dt.date(2026, 3, 25), dt.date(2026, 3, 4)]


@settings(deadline=None)
@given(st.lists(st.dates(dt.date(1990, 1, 1), dt.date(2080, 1, 1)), min_size=1, max_size=10))
def test_dates_survive_day_first_writing(days):
    texts = [
        f"{day.day:02d}/{day.month:02d}/{day.year}" for day in [*days, dt.date(2026, 1, 31)]
    ]
    assert dates_from_text(pl.Series(texts))[0].to_list()[:-1] == days


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("-13.6870378 34.9220021 531.9 4.9", (-13.6870378, 34.9220021)),
        ("-13.68, 34.92", (-13.68, 34.92)), ("(1.5, 2.5)", (1.5, 2.5)),
        ("-13,68 34,92", (-13.68, 34.92)), ("POINT (34.92 -13.68)", (-13.68, 34.92)),
        ("13°30'S 34°45'E", (-13.5, 34.75)), ("13°30'36\"S, 34°45'E", (-13.51, 34.75)),
        ("S13.5 E34.5", (-13.5, 34.5)), ("13.5 N, 34.5 W", (13.5, -34.5)),
        ("13.5N 34.5O", (13.5, -34.5)),
    ],
)  # fmt: skip
def test_a_position_in_one_column_is_read_however_it_is_written(text, position):
    degrees, unread = positions_from_column(pl.Series("p", [text]))
    assert degrees.row(0) == pytest.approx(position)
    assert not unread.any()


def test_what_is_no_position_is_named():
    degrees, unread = positions_from_column(
        pl.Series("p", ["near the river", "NULL", None, "-"])
    )
    assert degrees["latitude"].null_count() == 4
    assert unread.to_list() == [True, False, False, False]


def test_degrees_of_one_column():
    texts = ["-13.68", "-13,684", "13.5 S", "13°30'S", "N13 30 0", "north", "13°75'S", None]
    degrees, unread = degrees_from_column(pl.Series("p", texts))
    assert degrees.to_list() == [-13.68, -13.684, -13.5, -13.5, 13.5, None, None, None]
    assert unread.to_list() == [False] * 5 + [True, True, False]


@pytest.mark.parametrize(
    ("field", "answers"),
    [
        ("displacement_reason", {
            "Conflict": "conflict", "conflict": "conflict", "Conflict/violence": "conflict",
            "Conflict; Natural disaster": "conflict;disaster",
            "Natural disaster; Conflict": "conflict;disaster",
            "Armed conflict, Violence": "conflict", "Insecurity": "insecurity",
            "No reason for displacement reported": "unknown", "Other reason": "other",
            "climate_floods": "disaster", "climate_drought": "climate", "NULL": None,
            "Communal clashes (land, cattle)": "communal", "conflict other": "conflict;other",
            "Catastrophe naturelle": "disaster", "نزاع": "conflict", "Inundación": "disaster",
            "An answer of its own": "An answer of its own",
        }),
        ("priority_needs", {
            "food shelter cash": "food shelter cash", "Drinking water": "water",
            "drinking_water electricity health": "water electricity health",
            "Eau potable, nourriture": "water food", "Food; Shelter": "food shelter",
            "agricultural_inputs": "livelihood", "none": None, "dnk": None,
            "food food": "food food", "gizmo": "gizmo", "food gizmo": "food gizmo",
            "Nourriture Eau potable Travail/moyen de subsistance": "food water livelihood",
            "Nourriture Articles non alimentaires (savon, seaux) Abris": "food nfi shelter",
            "Food and water/shelter": "food water shelter", "الغذاء": "food",
        }),
        ("access", {
            "Yes": "yes", "limited_access": "limited", "Accès limité": "limited", "no": "no",
            "No": "no", "نعم": "yes", "dnk": None, "Sí": "yes",
        }),
        ("location_type", {
            "Host Community": "dispersed", "Camp": "camp", "1Camp": "camp",
            "Village": "Village", "Site spontané": "informal_settlement",
            "collective_centre": "collective_centre",
        }),
        ("location_status", {"Open": "open", "Fermé": "closed", "CLOSED": "closed"}),
        ("component", {
            "BA": "baseline_area", "SA": "site_assessment", "ETT": "event",
            "MSLA": "site_assessment", "site_assessment": "site_assessment",
        }),
    ],
)  # fmt: skip
def test_answers_become_codes_and_unknown_ones_stay_as_they_came(field, answers):
    coded = coded_answers(pl.Series(list(answers)), field)
    assert dict(zip(answers, coded, strict=True)) == answers


def test_a_ticked_choice_is_its_code():
    ticks = pl.Series("a", ["1", "0", None, "true"])
    assert ticked_choices(ticks, "drinking_water").to_list() == ["water", None, None, "water"]


def test_text_loses_blanks_and_keeps_namibia():
    texts = pl.Series("t", [" NA ", "", "NULL", "n/a", "\u00a0Alder", None])
    assert text_values(texts).to_list() == ["NA", None, None, None, "Alder", None]
