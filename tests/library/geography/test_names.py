"""Names matched to units: worked examples, refusals, properties."""

from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.errors import MissingColumns
from waystation.geography import Gazetteer

# A country made up for these tests, with the traps of real lists in it.
ROWS = [
    ("XWS", 1, "XW01", "North Darra", [], None),
    ("XWS", 1, "XW02", "South Darra", [], None),
    ("XWS", 1, "XW03", "Khartela", ["Cartelle"], None),
    ("XWS", 2, "XW01001", "Al Kassira", [], "XW01"),
    ("XWS", 2, "XW01002", "Bani Malouk", [], "XW01"),
    ("XWS", 2, "XW01003", "San José", [], "XW01"),
    ("XWS", 2, "XW02001", "San Jose", [], "XW02"),
    ("XWS", 2, "XW02002", "Wad Qasim", [], "XW02"),
    ("XWS", 2, "XW02003", "Djemila", ["Gemellae"], "XW02"),
    ("XWS", 2, "XW03001", "Marsabitou", [], "XW03"),
    ("XWS", 2, "XW03002", "Marsalouk", [], "XW03"),
    ("XWS", 2, "XW03003", "Zone 1", [], "XW03"),
    ("XWS", 2, "XW03004", "Zone 2", [], "XW03"),
    ("XWS", 2, "XW03005", "Bogara (Upper)", [], "XW03"),
    ("NAM", 1, "NA01", "Erongo", [], None),
]
UNITS = pl.DataFrame(
    ROWS, schema=["country", "level", "code", "name", "names", "parent_code"], orient="row",
    schema_overrides={"names": pl.List(pl.String)},
)  # fmt: skip

WHOLE = Gazetteer(UNITS)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return WHOLE


def ask(gazetteer, name, level=2, **hints):
    row = {"country": "XWS", "level": level, "name": name, **hints}
    frame = pl.DataFrame([row], schema_overrides={"name": pl.String})
    return gazetteer.match(frame).row(0, named=True)


@pytest.mark.parametrize(
    ("name", "code", "decision"),
    [
        ("Al Kassira", "XW01001", "exact"),
        ("AL-KASSIRA", "XW01001", "exact"),
        ("Wad Qâsim", "XW02002", "exact"),
        ("Gemellae", "XW02003", "exact"),  # another name of the list
        ("Kassira District", "XW01001", "accepted"),
        ("El Kasira", "XW01001", "accepted"),
        ("Province d'Al Kassira", "XW01001", "accepted"),
        ("Municipio de Djemila", "XW02003", "accepted"),
        ("Distrito de Djemila", "XW02003", "accepted"),
        ("Jemila", "XW02003", "accepted"),
        ("Wad Kassim", "XW02002", "accepted"),
        ("Qasim Wad", "XW02002", "accepted"),
        ("Beni Maluk", "XW01002", "accepted"),
        ("Bani Malokk", "XW01002", "accepted"),
        ("محلية الكسيرة", "XW01001", "accepted"),
        ("بني ملوك", "XW01002", "accepted"),
        ("Джемила", "XW02003", "accepted"),
        ("Bogara", "XW03005", "accepted"),
        ("Marsab", "XW03001", "accepted"),  # only one begins so
    ],
)
def test_the_worked_examples(gazetteer, name, code, decision):
    answer = ask(gazetteer, name)
    assert (answer["matched_code"], answer["decision"]) == (code, decision), answer


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Darra du Nord", "XW01"),
        ("Darra Norte", "XW01"),
        ("Janub Darra", "XW02"),
        ("South Dara", "XW02"),
        ("جنوب دارا", "XW02"),
        ("Sul Darra", "XW02"),
        ("ولاية خرطيلة", "XW03"),
        ("Cartele", "XW03"),
        ("Хартела область", "XW03"),
        ("ክልል ካርቴላ", "XW03"),
    ],
)
def test_the_compass_and_scripts_are_read_in_many_languages(gazetteer, name, code):
    answer = ask(gazetteer, name, level=1)
    assert answer["matched_code"] == code, answer
    assert answer["decision"] in {"exact", "accepted"}, answer


@pytest.mark.parametrize("name", ["Zwillbrock", "Antananarivo", "East Darra", "قسطنطينية"])
def test_a_name_that_is_not_there_is_never_forced(gazetteer, name):
    assert ask(gazetteer, name, level=1)["decision"] in {"none", "review"}
    assert ask(gazetteer, name, level=2)["decision"] in {"none", "review"}


def test_numbers_tell_areas_apart(gazetteer):
    assert ask(gazetteer, "Zone 2")["matched_code"] == "XW03004"
    assert ask(gazetteer, "Zone 3")["decision"] in {"none", "review"}


def test_a_beginning_that_two_units_share_is_for_a_person(gazetteer):
    answer = ask(gazetteer, "Marsa")
    assert answer["decision"] == "review"
    assert {c["code"] for c in answer["candidates"]} >= {"XW03001", "XW03002"}
    assert "units begin so" in answer["reason"]


def test_a_name_borne_twice_needs_its_parent(gazetteer):
    answer = ask(gazetteer, "San Jose")
    assert answer["decision"] == "review"
    assert answer["score"] == pytest.approx(0.5, abs=0.1)
    assert "2 units bear the name" in answer["reason"]
    assert ask(gazetteer, "San Jose", parent_code="XW02")["matched_code"] == "XW02001"
    answer = ask(gazetteer, "San José", parent_code="XWS01")  # the other prefix
    assert (answer["matched_code"], answer["decision"]) == ("XW01003", "exact")


def test_a_parent_is_a_hint_and_not_a_filter(gazetteer):
    answer = ask(gazetteer, "Al Kassira", parent_code="XW02")
    assert (answer["matched_code"], answer["decision"]) == ("XW01001", "accepted")
    assert "under North Darra, not under South Darra as given" in answer["reason"]
    unknown = ask(gazetteer, "Al Kassira", parent_code="XW77")
    assert unknown["matched_code"] == "XW01001"
    assert "XW77, is not in the list" in unknown["reason"]


def test_a_code_that_agrees_makes_a_match_exact(gazetteer):
    answer = ask(gazetteer, "Al Kasira", code="XWS01001")
    assert (answer["matched_code"], answer["decision"]) == ("XW01001", "exact")
    assert ask(gazetteer, "San Jose", code="XW02001")["matched_code"] == "XW02001"
    nameless = ask(gazetteer, None, code="XW02001")
    assert (nameless["matched_code"], nameless["decision"]) == ("XW02001", "exact")


def test_a_code_that_disagrees_is_for_a_person(gazetteer):
    answer = ask(gazetteer, "Djemila", code="XW01001")
    assert answer["decision"] == "review"
    assert {c["code"] for c in answer["candidates"]} >= {"XW01001", "XW02003"}
    assert "XW01001" in answer["reason"]
    strange = ask(gazetteer, "Zwillbrock", code="XW01001")
    assert (strange["matched_code"], strange["decision"]) == ("XW01001", "review")
    unknown = ask(gazetteer, "Djemila", code="XW99999")
    assert (unknown["matched_code"], unknown["decision"]) == ("XW02003", "exact")
    assert "XW99999, is not in the list" in unknown["reason"]


def test_coordinates_vote_where_boundaries_are_given():
    shapes = [("XW01003", 0.0), ("XW02001", 10.0), ("XW02003", 20.0)]
    boundaries = pl.DataFrame(
        {
            "country": "XWS",
            "level": 2,
            "code": code,
            "name": None,
            "geometry": shapely.to_wkb(shapely.box(west, 0, west + 5, 5)),
        }
        for code, west in shapes
    )
    gazetteer = Gazetteer(UNITS, boundaries)
    here = {"latitude": 2.5, "longitude": 12.5}
    answer = ask(gazetteer, "San Jose", **here)
    assert answer["matched_code"] == "XW02001"
    assert answer["decision"] in {"exact", "accepted"}
    assert "coordinates lie in it" in answer["reason"]
    elsewhere = ask(gazetteer, "Djemila", **here)
    assert elsewhere["decision"] == "review"
    assert "coordinates lie in San Jose" in elsewhere["reason"]
    nowhere = ask(gazetteer, "Djemila", latitude=None, longitude=None)
    assert nowhere["decision"] == "exact"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"country": None, "level": 1, "name": "Erongo"}, "No country"),
        ({"country": "NAM", "level": None, "name": "Erongo"}, "No level"),
        ({"country": "NAM", "level": 2, "name": "Erongo"}, "no units of NAM at level 2"),
        ({"country": "NAM", "level": 1, "name": " - "}, "No name"),
        ({"country": "NAM", "level": 1, "name": None}, "No name"),
        ({"country": "NAM", "level": 1, "name": "Qqqqqq"}, "check spelling"),
    ],
)
def test_what_cannot_be_matched_says_what_to_do(gazetteer, row, words):
    kinds = {"country": pl.String, "level": pl.Int64, "name": pl.String}
    answer = gazetteer.match(pl.DataFrame([row], schema=kinds)).row(0, named=True)
    assert (answer["decision"], answer["matched_code"], answer["score"]) == ("none", None, 0)
    assert words in answer["reason"]


def test_a_missing_column_is_refused(gazetteer):
    with pytest.raises(MissingColumns, match="level"):
        gazetteer.match(pl.DataFrame({"country": ["XWS"], "name": ["Djemila"]}))


def test_a_country_may_be_given_in_other_words(gazetteer):
    """NA is Namibia."""
    asked = pl.DataFrame({"country": ["NA", "Namibia", "nam"], "level": "1", "name": "Erongo"})
    matched = gazetteer.match(asked)
    assert matched["matched_code"].to_list() == ["NA01"] * 3
    assert matched["country"].to_list() == asked["country"].to_list()


def test_no_rows_give_no_rows(gazetteer):
    schema = {"country": pl.String, "level": pl.Int64, "name": pl.String}
    empty = gazetteer.match(pl.DataFrame(schema=schema))
    assert empty.height == 0
    assert empty.columns[-5:] == ["matched_code", "score", "decision", "reason", "candidates"]


NAMES = st.one_of(
    st.sampled_from([row[3] for row in ROWS]),
    st.text(max_size=12),
    st.none(),
)
QUESTIONS = st.lists(
    st.tuples(
        st.sampled_from(["XWS", "NAM", "ZZZ", None]), st.sampled_from([1, 2, None]), NAMES,
        st.sampled_from([None, "XW01", "XWS03", "?"]), st.sampled_from([None, "XW01001", "no"]),
    ),
    max_size=12,
)  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(rows=QUESTIONS)
def test_rows_keep_their_order_and_answers_do_not_depend_on_their_neighbours(rows):
    schema = {"country": pl.String, "level": pl.Int64, "name": pl.String}
    schema |= {"parent_code": pl.String, "code": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(mine=pl.lit(7))
    matched = WHOLE.match(frame)
    assert matched.select(frame.columns).equals(frame)
    assert matched["score"].is_between(0, 1).all()
    assert matched["reason"].null_count() == 0
    assert set(matched["decision"]) <= {"exact", "accepted", "review", "none"}
    assert matched.select((pl.col("decision") == "none") == pl.col("matched_code").is_null())[
        :, 0
    ].all()
    assert (matched["candidates"].list.len() <= 5).all()
    assert WHOLE.match(frame.reverse()).reverse().equals(matched)


def test_many_names_are_answered_as_few_are(gazetteer):
    """Large batches are compared by parent and in threads; the answers are the same."""
    ends = [f"{one}{two}" for one in "abcdehilnorst" for two in "aeiuy "]
    names = [f"{row[3][:-1]}{end}" for row in ROWS for end in ends]
    frame = pl.DataFrame({"country": "XWS", "level": 2, "name": names}).join(
        pl.DataFrame({"parent_code": [*(f"XW0{n}" for n in (1, 2, 3)), None, "?"]}), how="cross"
    )
    assert frame.height > 5000
    many = gazetteer.match(pl.concat([frame, frame]))
    fewer = pl.concat(gazetteer.match(part) for part in frame.iter_slices(1000))
    assert many.head(frame.height).equals(fewer)
    few = pl.concat(gazetteer.match(part) for part in frame.head(600).iter_slices(15))
    assert many.head(600).equals(few)


def test_names_compared_a_few_at_a_time_are_answered_the_same(gazetteer, monkeypatch):
    names = [row[3][::-1] if number % 3 else row[3] for number, row in enumerate(ROWS)]
    frame = pl.DataFrame({"country": "XWS", "level": 2, "name": names}).join(
        pl.DataFrame({"parent_code": ["XW01", "XW02", None]}), how="cross"
    )
    at_once = gazetteer.match(frame)
    monkeypatch.setattr("waystation.geography.name_candidates._CELLS", 10)
    assert gazetteer.match(frame).equals(at_once)


def test_asking_for_the_room_does_not_load_the_matcher():
    code = (
        "import sys, waystation.geography\n"
        "assert not {'rapidfuzz', 'polars', 'numpy'} & set(sys.modules)\n"
        "assert not hasattr(waystation.geography, 'Gazeteer')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
