"""Positions, and what should stay from round to round: presence, name, unit, status."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
import shapely

from waystation.geography.boundaries import Boundaries
from waystation.tracking.locations import Locations

P = "idp_individuals"


def site(n, round_number=1, **more):
    ordinary = {
        "location_id": f"L{n}",
        "location_name": f"Site {n}",
        "round_number": round_number,
        "latitude": 12.00017 + n * 0.0413,
        "longitude": 24.00017 + n * 0.0317,
    }
    return ordinary | more


def sites(count=20, rounds=1, start=0):
    return [site(n, r) for r in range(1, rounds + 1) for n in range(start, start + count)]


@pytest.fixture
def boundaries():
    def unit(level, code, *box):
        return {"country": "XWS", "level": level, "code": code, "name": f"Unit {code}",
                "geometry": shapely.to_wkb(shapely.box(*box))}  # fmt: skip

    schema = {name: column.dtype for name, column in Boundaries.columns().items()}
    return pl.DataFrame(
        [
            unit(1, "XW01", 23.0, 11.0, 26.0, 14.0),
            unit(2, "XW0101", 23.0, 11.0, 24.5, 14.0),
            unit(2, "XW0102", 24.5, 11.0, 26.0, 14.0),
        ],
        schema=schema,
    )


ODD = [
    ({"latitude": 0.0, "longitude": 0.0}, "TRK-109", None),
    ({"latitude": 24.31, "longitude": 12.4123}, "TRK-110", "12.4123, 24.31"),
    ({"latitude": -12.4123, "longitude": 24.31}, "TRK-112", "12.4123, 24.31"),
    ({"latitude": 42.4123, "longitude": 24.31}, "TRK-112", None),
    ({"latitude": 12.4, "longitude": 24.3}, "TRK-113", None),
]


@pytest.mark.parametrize(("position", "code", "expected"), ODD)
def test_odd_positions(findings_on, position, code, expected):
    found = findings_on([*sites(), site(90, **position)])
    assert found.select("code", "location_id", "expected").rows() == [(code, "L90", expected)]


def test_a_blank_position_is_not_judged(findings_on):
    assert findings_on([*sites(), site(90, latitude=None, longitude=None)]).is_empty()


def test_a_position_in_another_unit_is_held_against_the_outlines(findings_on, boundaries):
    rows = [
        site(1, latitude=12.1234, longitude=24.1234, admin2_code="XW0101"),
        site(2, latitude=12.1234, longitude=25.1234, admin2_code="XW0101"),
        site(3, latitude=12.2234, longitude=24.5111, admin2_code="XW0101"),  # at the border
        site(4, latitude=14.0911, longitude=25.1234, admin2_code="XW0102"),  # outside all
        site(5, latitude=12.3234, longitude=24.3234, admin2_code="XX9999"),  # no outline
    ]
    found = findings_on(rows, boundaries=boundaries)
    assert found.select("code", "location_id").rows() == [("TRK-111", "L2"), ("TRK-112", "L4")]
    assert "lies in Unit XW0102 XW0102, not in XW0101" in found["message"][0]


def test_of_two_places_on_one_spot_the_newcomer_is_named(findings_on):
    here = {"latitude": 12.51234, "longitude": 24.51234}
    rows = [*sites(rounds=2), site(50, 1, **here), site(50, 2, **here), site(51, 2, **here)]
    found = findings_on(rows, "TRK-114")
    assert found.select("location_id", "round_number").rows() == [("L51", 2)]
    assert "Site 50" in found["message"][0]


def test_an_absent_place_is_named_unless_empty_or_closed(findings_on):
    gone = [
        site(50, **{P: 120}),
        site(51, **{P: 0}),
        site(52, **{P: 40}, location_status="closed"),
    ]
    found = findings_on([*sites(rounds=2), *gone])
    assert found.filter(pl.col("code") == "TRK-161").select(
        "location_id", "round_number", "row"
    ).rows() == [("L50", 2, None)]


def test_a_round_that_lacks_most_places_is_partial_and_said_once(findings_on):
    rows = [site(n, 1, **{P: 50}) for n in range(60)] + [
        site(n, 2, **{P: 50}) for n in range(9)
    ]
    found = findings_on(rows, "TRK-161")
    assert found.select("location_id", "round_number", "reported").rows() == [
        (None, 2, "51 of 60")
    ]


def test_a_place_assessed_on_another_date_of_the_round_is_not_absent(findings_on):
    early, late = dt.date(2025, 2, 20), dt.date(2025, 3, 10)
    rows = [site(n, 1, **{P: 50}) for n in range(6)]
    rows += [site(n, 2, reference_date=early, **{P: 51}) for n in range(3)]
    rows += [site(n, 2, reference_date=late, **{P: 52}) for n in range(3, 6)]
    rows += [site(n, 3, **{P: 53}) for n in range(6)]
    assert findings_on(rows).is_empty()


def test_places_back_and_places_new_are_facts_said_briefly(findings_on):
    rows = [
        row for row in sites(60, 3) if (row["location_id"], row["round_number"]) != ("L7", 2)
    ]
    found = findings_on([*rows, site(80, 3)])
    assert found.filter(pl.col("code") == "TRK-162")["location_id"].to_list() == ["L7"]
    assert found.filter(pl.col("code") == "TRK-167")["location_id"].to_list() == ["L80"]
    many = findings_on([*rows, *(site(n, 3) for n in range(100, 130))], "TRK-167")
    assert many.select("location_id", "round_number", "reported").rows() == [
        (None, 3, "30 of 90")
    ]


def test_a_name_changed_for_one_round_is_said_once(findings_on):
    names = ["Kilefade", "Kilefadé", "Oumbali", "KILEFADE", "Kilefade"]
    rows = [site(1, n, location_name=name) for n, name in enumerate(names, start=1)]
    found = findings_on(rows, "TRK-165")
    assert found.select("round_number", "reported", "expected").rows() == [
        (3, "Oumbali", "Kilefadé")
    ]


def test_a_slip_in_the_first_round_is_said_there(findings_on):
    rows = [site(1, n, location_name=name) for n, name in enumerate("OKKK", start=1)]
    found = findings_on(rows, "TRK-165")
    assert found.select("round_number", "expected").rows() == [(1, "K")]


def test_a_place_that_moved_or_changed_unit_is_said_where_it_begins(findings_on):
    rows = sites(5, 4)
    for row in rows:
        if row["location_id"] == "L2" and row["round_number"] >= 3:
            row["latitude"] += 0.09  # 10 km
        row["admin2_code"] = "XW0101"
        if row["location_id"] == "L3" and row["round_number"] == 2:
            row["admin2_code"] = "XW0202"
    names = {"code": ["XW0101", "XW0202"], "name": ["Mora", "Kolo"]}
    found = findings_on(rows, units=pl.DataFrame(names))
    assert "unit XW0202 (Kolo), otherwise in XW0101 (Mora)" in found["message"][0]
    assert found.select("code", "location_id", "round_number").rows() == [
        ("TRK-168", "L3", 2),
        ("TRK-164", "L2", 3),
    ]
    assert "10.0 km" in found["message"][1]
    assert found["expected"][0] == "XW0101"


def test_a_position_taken_at_another_corner_has_not_moved(findings_on):
    rows = [site(1, 1), site(1, 2, latitude=12.04147 + 0.01), site(1, 3)]  # 1.1 km
    assert findings_on([*rows, *sites(20, 3, start=20)]).is_empty()


def test_a_closed_place_with_people_contradicts_itself(findings_on):
    rows = [
        site(1, location_status="Fermé", **{P: 20}),
        site(2, location_status="closed", **{P: 0}),
        site(3, location_status="open", **{P: 9}),
    ]
    found = findings_on(rows, "TRK-166")
    assert found["location_id"].to_list() == ["L1"]


def test_the_master_list_knows_what_is_closed_and_what_is_new(findings_on):
    known = Locations.complete(
        pl.DataFrame(
            {
                "country": ["XWS"] * 2,
                "operation": ["Exercise"] * 2,
                "location_id": ["L1", "L2"],
                "names": [[], []],
                "status": ["closed", "open"],
                "opened_on": [dt.date(2024, 1, 1), dt.date(2025, 2, 1)],
                "closed_on": [dt.date(2025, 1, 31), None],
            },
            schema_overrides={"names": pl.List(pl.String)},
        )
    )
    rows = [
        site(1, 1, **{P: 5}),
        site(1, 2, **{P: 5}),
        site(2, 2, **{P: 7}),
        site(3, 2, **{P: 7}),
    ]
    found = findings_on(rows, locations=known)
    assert found.select("code", "location_id", "round_number").rows() == [
        ("TRK-166", "L1", 2),
        ("TRK-167", "L3", 2),
    ]
