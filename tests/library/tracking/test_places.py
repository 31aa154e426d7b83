"""Places of submissions: what codes, names and coordinates decide together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.geography.boundaries import Boundaries
from waystation.geography.units import Units, read_units
from waystation.tracking.places import resolved_places
from waystation.tracking.submissions import Submissions

# A made-up country of two states with two districts each, and wards in one district only:
#   XW01 Aldania      XW0101 Bremmer (wards XW010101 Kolto, XW010102 Sanduk), XW0102 Carvato
#   XW02 Zelliband    XW0201 Dorneth, XW0202 Emberlo
_LISTED = [
    (0, "XWS", "Westland", None, []),
    (1, "XW01", "Aldania", "XWS", ["ألدانيا"]),
    (1, "XW02", "Zelliband", "XWS", []),
    (2, "XW0101", "Bremmer", "XW01", ["Brémère"]),
    (2, "XW0102", "Carvato", "XW01", []),
    (2, "XW0201", "Dorneth", "XW02", []),
    (2, "XW0202", "Emberlo", "XW02", []),
    (3, "XW010101", "Kolto", "XW0101", []),
    (3, "XW010102", "Sanduk", "XW0101", []),
]
UNITS = Units.complete(
    pl.DataFrame(
        [("XWS", *unit) for unit in _LISTED],
        schema={
            "country": pl.String, "level": pl.Int64, "code": pl.String, "name": pl.String,
            "parent_code": pl.String, "names": pl.List(pl.String),
        },
        orient="row",
    )
)  # fmt: skip
FIELDS = {
    "c1": "admin1_reported_code", "c2": "admin2_reported_code", "c3": "admin3_reported_code",
    "n1": "admin1_name", "n2": "admin2_name", "n3": "admin3_name",
    "id": "location_id", "site": "location_name", "country": "country",
    "latitude": "latitude", "longitude": "longitude",
}  # fmt: skip


def _submissions(*places: Mapping[str, object]) -> pl.DataFrame:
    rows = [
        {"submission_id": f"round.xlsx/IDPs/{row}", "file": "round.xlsx", "sheet": "IDPs",
         "row": row, "is_counted": True, "operation": "Westland", "country": "XWS",
         **{FIELDS[short]: value for short, value in place.items()}}
        for row, place in enumerate(places, start=2)
    ]  # fmt: skip
    schema = {name: column.dtype for name, column in Submissions.columns().items()}
    known = {name: dtype for name, dtype in schema.items() if any(name in row for row in rows)}
    return pl.DataFrame(rows, schema=known)


def _resolved(*places: Mapping[str, object], **others: pl.DataFrame):
    resolved, findings = resolved_places(_submissions(*places), UNITS, **others)
    codes = resolved.select("admin1_code", "admin2_code", "admin3_code").rows()
    said = findings.select("code", "row", "reported", "expected").rows()
    return codes, said


GOOD: dict[str, str | None] = {
    "c1": "XW01", "c2": "XW0101", "c3": "XW010101",
    "n1": "Aldania", "n2": "Bremmer", "n3": "Kolto",
}  # fmt: skip
# What a place says | the units it lies in | the findings on row 2
CASES: dict[str, tuple[dict[str, str | None], tuple[str | None, ...], list[Any]]] = {
    "all agrees": (GOOD, ("XW01", "XW0101", "XW010101"), []),
    "a deeper code says those above": (
        {"c3": "XW010102"}, ("XW01", "XW0101", "XW010102"), [],
    ),
    "another spelling or language is the same name": (
        {**GOOD, "n1": "ألدانيا", "n2": "Bremer"}, ("XW01", "XW0101", "XW010101"), [],
    ),
    "the other prefix is repaired": (
        {**GOOD, "c1": "XWS01"}, ("XW01", "XW0101", "XW010101"),
        [("TRK-105", 2, "XWS01", "XW01")],
    ),
    "an unknown code gives way to the name": (
        {**GOOD, "c2": "XW0188", "c3": None, "n3": None}, ("XW01", "XW0101", None),
        [("TRK-102", 2, "XW0188", "XW0101")],
    ),
    "a wrong parent gives way to a code that its name confirms": (
        {"c1": "XW02", "n1": "Zelliband", "c2": "XW0101", "n2": "Bremmer"},
        ("XW01", "XW0101", None), [("TRK-103", 2, "XW0101", None)],
    ),
    "a wrong parent's code is one finding, though its name disagrees as well": (
        {**GOOD, "c1": "XW02"}, ("XW01", "XW0101", "XW010101"),
        [("TRK-103", 2, "XW0101", None)],
    ),
    "a code against its name and its parent gives way to both": (
        {"c1": "XW02", "n1": "Zelliband", "c2": "XW0101", "n2": "Emberlo"},
        ("XW02", "XW0202", None), [("TRK-103", 2, "XW0101", "XW0202")],
    ),
    "a code against a strange name and its parent is not followed": (
        {"c1": "XW02", "n1": "Zelliband", "c2": "XW0101", "n2": "Qyx Twwz"},
        ("XW02", None, None), [("TRK-103", 2, "XW0101", None)],
    ),
    "a name of another unit is said and the code holds": (
        {**GOOD, "n2": "Carvato"}, ("XW01", "XW0101", "XW010101"),
        [("TRK-104", 2, "XW0101", "XW0102")],
    ),
    "names alone resolve": (
        {"n1": "Aldania", "n2": "Carvato"}, ("XW01", "XW0102", None), [],
    ),
    "a misspelt name resolves under its parent": (
        {"n1": "Aldania", "n2": "Carvatto"}, ("XW01", "XW0102", None), [],
    ),
    "a name that is not in the country is left open": (
        {"n1": "Aldania", "n2": "Ouagadou"}, ("XW01", None, None),
        [("TRK-106", 2, "Ouagadou", None)],
    ),
    "names in each other's columns are put right": (
        {"n1": "Dorneth", "n2": "Zelliband"}, ("XW02", "XW0201", None),
        [("TRK-107", 2, "Dorneth", None)],
    ),
    "a code in the column of another level is used at its own": (
        {"c1": "XW01", "c3": "XW0101", "n3": "Kolto"}, ("XW01", "XW0101", "XW010101"),
        [("TRK-107", 2, "XW0101", "XW010101")],
    ),
    "a third level that the list does not have there is kept": (
        {"c1": "XW02", "c2": "XW0201", "c3": " XW020107", "n3": "Any ward"},
        ("XW02", "XW0201", "XW020107"), [],
    ),
    "the second level is read out of a third that the list does not have": (
        {"c3": "XW020107"}, ("XW02", "XW0201", "XW020107"), [],
    ),
    "nothing known is under no unit": (
        {"n1": "Ouagadou"}, (None, None, None),
        [("TRK-106", 2, "Ouagadou", None), ("TRK-205", 2, None, None)],
    ),
    "a row about the whole country is no finding": ({}, (None, None, None), []),
    "words for no answer are no codes and no names": (
        {"c1": "XW01", "c2": "N/A", "n2": "Not available"}, ("XW01", None, None), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_evidence_is_weighed(case):
    place, units, findings = CASES[case]
    codes, said = _resolved(place)
    assert codes == [units]
    assert said == findings


def test_a_blank_code_is_said_where_the_file_gives_codes_and_only_there():
    named = {"n1": "Aldania", "n2": "Carvato"}
    coded = {**named, "c1": "XW01", "c2": "XW0102"}
    codes, said = _resolved(coded, coded, named)
    assert codes == [("XW01", "XW0102", None)] * 3
    assert said == [("TRK-101", 4, None, "XW0102")]
    assert _resolved(named, named)[1] == []


def test_a_site_without_any_particulars_of_its_unit_is_said():
    coded = {"c1": "XW01", "c2": "XW0102", "site": "Old school"}
    codes, said = _resolved(coded, coded, {"site": "New school"})
    assert codes[2] == (None, None, None)
    assert [found[:2] for found in said] == [("TRK-101", 4), ("TRK-205", 4)]


def test_coordinates_place_what_nothing_else_does():
    shapes = Boundaries.require(
        pl.DataFrame(
            [("XWS", 1, "XW01", "Aldania", shapely.box(0, 0, 1, 1).wkb),
             ("XWS", 2, "XWS0102", "Carvato", shapely.box(0, 0, 1, 1).wkb)],
            Boundaries.column_names(), orient="row",
        )
    )  # fmt: skip
    here = {"latitude": 0.5, "longitude": 0.5, "site": "Camp"}
    codes, _ = _resolved(
        here,
        {**here, "n1": "Aldania", "n2": "Ouagadou"},
        {**here, "c1": "XW02"},  # contradicts: not forced
        {**here, "latitude": 7.0},
        boundaries=shapes,
    )
    assert codes == [
        ("XW01", "XW0102", None),
        ("XW01", "XW0102", None),
        ("XW02", None, None),
        (None, None, None),
    ]


def test_a_file_s_own_name_for_a_unit_is_no_disagreement():
    own = {"c1": "XW01", "c2": "XW0102", "n1": "Aldania", "n2": "Qasr Mimun"}
    odd = {**own, "c2": "XW0101"}
    _, said = _resolved(own, own, own, odd)
    assert [found[:2] for found in said] == [("TRK-104", 5)]


def test_a_repair_that_all_codes_need_is_said_once():
    codes, said = _resolved(*[{"c1": "XWS01"}] * 30, {"c1": "XWS02"})
    assert set(codes) == {("XW01", None, None), ("XW02", None, None)}
    assert said == [("TRK-105", None, "XWS01", "XW01")]


@pytest.mark.parametrize("units", [None, UNITS])
def test_without_a_list_codes_else_names_stand_for_units_and_it_is_said_once(units):
    places = [
        {"country": "XWT", "c1": " XT01", "n1": "North"},
        {"country": "XWT", "n1": "South", "n2": "Centre"},
        {"country": "XWT", "n1": "East", "n2": "Centre"},
    ]
    resolved, findings = resolved_places(_submissions(*places), units)
    assert resolved.select("admin1_code", "admin2_code").rows() == [
        ("XT01", None), ("South", "South/Centre"), ("East", "East/Centre"),
    ]  # fmt: skip
    assert findings.select("code", "place", "row").rows() == [("TRK-102", "XWT", None)]


def test_each_place_is_named_across_rounds():
    resolved, _ = resolved_places(
        _submissions(
            {"id": "XW_0001", "c1": "XW01"},
            {"c1": "XW01", "c2": "XW0102", "site": "École  Sainte-Anne"},
            {"c1": "XW01", "c2": "XWS0102"},
            {"c1": "XW02", "n2": "Ouagadou Ba", "site": "Camp 1"},
            {"n1": "Nowhere", "n2": "Ouagadou"},
            {},
        ),
        UNITS,
    )
    assert resolved["location_key"].to_list() == [
        "XW_0001", "XW0102/ecole sainte anne", "XW0102", "XW02/ouagadou ba/camp 1",
        "nowhere/ouagadou", "XWS",
    ]  # fmt: skip


def test_the_country_is_filled_where_the_list_leaves_no_choice():
    frame = _submissions({"c1": "XW01"}).with_columns(country=pl.lit(None, pl.String))
    assert resolved_places(frame, UNITS)[0]["country"].to_list() == ["XWS"]


def test_messages_say_row_place_what_is_wrong_and_what_to_do():
    place = {"c1": "XW02", "n1": "Zelliband", "c2": "XW0101", "n2": "Bremmer"}
    _, findings = resolved_places(_submissions(place), UNITS)
    assert findings["message"].to_list() == [
        "Row 2, Bremmer: code XW0101 lies under Aldania (XW01), not under Zelliband (XW02) as "
        "given; the code was followed. Correct the parent or the code."
    ]


codes_of = st.sampled_from([None, "XW01", "XW02", "XW0101", "XW0201", "XW010101", "XX9", ""])
names_of = st.sampled_from([None, "Aldania", "Zelliband", "Bremmer", "Emberlo", "Kolto", "?"])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(codes_of, codes_of, codes_of, names_of, names_of, names_of),
        min_size=1,
        max_size=30,
    )
)
def test_what_is_resolved_always_nests_and_rows_are_kept(rows):
    places = [dict(zip(("c1", "c2", "c3", "n1", "n2", "n3"), row, strict=True)) for row in rows]
    frame = _submissions(*places)
    resolved, findings = resolved_places(frame, UNITS)
    assert resolved["submission_id"].to_list() == frame["submission_id"].to_list()
    assert resolved["location_key"].null_count() == 0
    parents = dict(UNITS.select("code", "parent_code").iter_rows())
    for first, second, third in resolved.select(
        "admin1_code", "admin2_code", "admin3_code"
    ).iter_rows():
        if second is not None:
            assert parents[second] == first
        if third in parents:
            assert parents[third] == second
    distinct = ["submission_id", "code", "column"]
    assert findings.select(distinct).unique().height == findings.height


def _api_submissions(path: Path, first_row: int) -> pl.DataFrame:
    """Return the rows of a csv of the DTM API with what places need, and no more."""
    table = pl.read_csv(path, infer_schema=False, skip_rows_after_header=first_row - 2)
    return table.with_row_index("row", offset=first_row).select(
        submission_id=pl.format("{}//{}", pl.lit(path.name), "row"),
        file=pl.lit(path.name),
        row=pl.col("row").cast(pl.Int64),
        is_counted=pl.lit(value=True),
        country="admin0Pcode",
        operation="operation",
        admin1_reported_code="admin1Pcode",
        admin2_reported_code="admin2Pcode",
        admin1_name="admin1Name",
        admin2_name="admin2Name",
    )


@pytest.fixture(scope="module")
def global_list(field_data) -> pl.DataFrame:
    return read_units(field_data / "pcodes" / "download-global-pcodes-adm-1-2.csv")


def test_the_ten_units_under_a_wrong_state_are_found_and_no_others(field_data, global_list):
    path = field_data / "api" / "nga-iom-dtm-from-api-admin-0-to-2.csv"
    submissions = _api_submissions(path, first_row=2)
    resolved, findings = resolved_places(submissions, global_list)
    wrong = findings.filter(code="TRK-103")
    assert wrong["reported"].unique().sort().to_list() == [
        "NGA002021", "NGA005020", "NGA008025", "NGA008026", "NGA008027",
        "NGA016010", "NGA016011", "NGA035014", "NGA035015", "NGA035016",
    ]  # fmt: skip
    assert set(wrong["place"]) >= {"Wukari", "Ngala", "Yola South"}
    # Each is placed by its own code: Wukari (NG035014) in Taraba (NG035).
    wukari = resolved.filter(admin2_reported_code="NGA035014")
    assert wukari.select("admin1_code", "admin2_code").unique().rows() == [
        ("NG035", "NG035014"),
    ]  # fmt: skip
    assert findings.filter(pl.col("code") != "TRK-103")["code"].to_list() == ["TRK-105"] * 2


@pytest.mark.parametrize(
    ("name", "first_row"),
    [
        ("nga-iom-dtm-from-api-admin-0-to-2.csv", 2),
        ("global-iom-dtm-from-api-admin-0-to-2.csv", 3),
    ],
)
def test_all_codes_of_the_api_resolve(field_data, global_list, name, first_row):
    submissions = _api_submissions(field_data / "api" / name, first_row)
    resolved, findings = resolved_places(submissions, global_list)
    listed = global_list["code"].implode()
    for level in (1, 2):
        given_codes = resolved.filter(pl.col(f"admin{level}_reported_code").is_not_null())
        assert given_codes[f"admin{level}_code"].is_in(listed).all()
    assert not set(findings["code"]) & {"TRK-101", "TRK-102", "TRK-106", "TRK-107", "TRK-205"}


def test_a_million_rows_over_twenty_thousand_places_take_seconds():
    states = [(1, f"XW{n:03d}", f"State {n}", "XWS") for n in range(200)]
    districts = [
        (2, f"XW{n:03d}{m:03d}", f"District {n}-{m}", f"XW{n:03d}")
        for n in range(200) for m in range(100)
    ]  # fmt: skip
    units = Units.complete(
        pl.DataFrame(
            [("XWS", *unit) for unit in states + districts],
            ["country", "level", "code", "name", "parent_code"], orient="row",
        ).with_columns(names=pl.lit([], pl.List(pl.String)))
    )  # fmt: skip
    places = units.filter(level=2)[[n % 20_000 for n in range(10**6)]]
    row = pl.int_range(2, 10**6 + 2)
    submissions = places.select(
        submission_id=pl.format("big.csv//{}", row),
        file=pl.lit("big.csv"),
        row=row,
        is_counted=pl.lit(value=True),
        country="country",
        operation=pl.lit("Westland"),
        admin1_reported_code=pl.lit("XWS") + pl.col("parent_code").str.tail(3),
        admin2_reported_code=pl.lit("XWS") + pl.col("code").str.tail(6),
        admin2_name="name",
        location_name=pl.format("Site {}", row % 7),
    )
    start = time.perf_counter()
    resolved, findings = resolved_places(submissions, units)
    took = time.perf_counter() - start
    print(f"1,000,000 rows over 20,000 places in {took:.1f} s")
    assert (resolved["admin2_code"] == places["code"]).all()
    assert findings["code"].to_list() == ["TRK-105"] * 2
    assert took < 20  # a wide margin: the machine may be busy
