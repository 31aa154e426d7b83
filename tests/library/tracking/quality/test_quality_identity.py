"""Rows repeated, places reported twice, record ids and names that stand twice."""

from __future__ import annotations

import datetime as dt

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.tracking.quality import near_duplicates, set_aside_repeats
from waystation.tracking.submissions import Submissions


def test_of_rows_repeated_exactly_the_first_is_counted(create_rows):
    row = {"location_id": "L1", "idp_individuals": 50}
    rows, found = set_aside_repeats(create_rows([row, row, row | {"location_id": "L2"}]))
    assert rows["is_counted"].to_list() == [True, False, True]
    assert found.select("code", "row").rows() == [("TRK-120", 3)]
    assert "repeats row 2 exactly" in found["message"][0]


def test_of_two_visits_the_latest_is_counted(create_rows):
    visits = [
        {"location_id": "L1", "idp_individuals": 60, "collected_on": dt.date(2025, 1, 20)},
        {"location_id": "L1", "idp_individuals": 50, "collected_on": dt.date(2025, 1, 12)},
    ]
    rows, found = set_aside_repeats(create_rows(visits))
    assert rows["is_counted"].to_list() == [True, False]
    assert found.select("code", "row").rows() == [("TRK-121", 3)]
    assert "row 2 on 2025-01-20" in found["message"][0]


def test_without_dates_the_last_row_is_counted(create_rows):
    visits = [{"location_id": "L1", "idp_individuals": n} for n in (60, 50, 40)]
    rows, found = set_aside_repeats(create_rows(visits))
    assert rows["is_counted"].to_list() == [False, False, True]
    assert found["code"].to_list() == ["TRK-121", "TRK-121"]


def test_rows_of_one_place_split_by_reason_or_origin_add_up(create_rows):
    split = [
        {"location_id": "L1", "displacement_reason": "conflict", "idp_individuals": 5},
        {"location_id": "L1", "displacement_reason": "disaster", "idp_individuals": 7},
        {"location_id": "L1", "origin_admin1_code": "XW02", "idp_individuals": 7},
    ]
    rows, found = set_aside_repeats(create_rows(split))
    assert rows["is_counted"].all()
    assert found.is_empty()


def area(code, people, **more):
    return {"admin2_code": code, "idp_individuals": people, **more}


def test_an_area_repeated_exactly_is_set_aside_where_areas_stand_once(create_rows):
    rows, found = set_aside_repeats(
        create_rows([area("XW0101", 5), area("XW0102", 7), area("XW0102", 7)])
    )
    assert rows["is_counted"].to_list() == [True, True, False]
    assert found["code"].to_list() == ["TRK-120"]


def test_localities_without_names_add_up_though_two_are_alike(create_rows):
    rows, found = set_aside_repeats(
        create_rows([area("XW0101", 5), area("XW0101", 7), area("XW0101", 7)])
    )
    assert rows["is_counted"].all()
    assert found.is_empty()
    many = {f"idp_individuals__origin__{n}": 3 for n in "abcd"}
    rows, found = set_aside_repeats(
        create_rows([area("XW0101", 5), area("XW0101", 12, **many), area("XW0101", 12, **many)])
    )
    assert rows["is_counted"].to_list() == [True, True, False]


def test_reports_that_share_no_figure_complete_each_other(create_rows):
    sheets = [
        {"location_id": "L1", "idp_individuals": 50, "sheet": "IDPs"},
        {"location_id": "L1", "returnee_individuals": 9, "sheet": "Returnees"},
    ]
    rows, found = set_aside_repeats(create_rows(sheets))
    assert rows["is_counted"].all()
    assert found.is_empty()


def test_places_that_share_an_id_and_no_more_are_told_apart(create_rows):
    names = ["Mora", "Kolofata", "Moutourwa", "Mora"]
    units = ["XW0101", "XW0102", "XW0103", "XW0101"]
    rows, found = set_aside_repeats(
        create_rows(
            [
                {"location_id": "XXXX", "location_name": name, "admin2_code": unit,
                 "idp_individuals": 10 + n}
                for n, (name, unit) in enumerate(zip(names, units, strict=True))
            ]
        )
    )  # fmt: skip
    assert rows["is_counted"].to_list() == [False, True, True, True]  # Mora came twice
    assert found["code"].sort().to_list() == ["TRK-121", "TRK-126"]
    assert rows.filter("is_counted")["location_key"].n_unique() == 3
    message = found.filter(pl.col("code") == "TRK-126")["message"][0]
    assert "id XXXX stands at 3 places: Mora, Kolofata, Moutourwa" in message


def test_the_same_place_in_two_rounds_is_no_repeat(create_rows):
    rounds = [{"location_id": "L1", "round_number": n, "idp_individuals": 9} for n in (1, 2)]
    rows, found = set_aside_repeats(create_rows(rounds))
    assert rows["is_counted"].all()
    assert found.is_empty()


def test_a_file_that_came_twice_is_said_once(create_rows):
    sites = [{"location_id": f"L{n}", "idp_individuals": n} for n in range(1, 31)]
    again = [
        row | {"file": "copy.xlsx", "submission_id": f"c/{row['location_id']}"} for row in sites
    ]
    rows, found = set_aside_repeats(create_rows(sites + again))
    assert rows["is_counted"].sum() == 30
    assert found.select("code", "file").rows() == [("TRK-120", "copy.xlsx")]
    assert "round_1.xlsx" in found["message"][0]


def test_a_record_id_that_stands_twice_is_said_at_the_later_row(create_rows):
    rows, found = set_aside_repeats(
        create_rows(
            [
                {"location_id": "L1", "record_uuid": "uuid:1", "idp_individuals": 5},
                {"location_id": "L2", "record_uuid": "uuid:1", "idp_individuals": 6},
                {"location_id": "L3", "record_uuid": "uuid:2", "idp_individuals": 6},
            ]
        )
    )
    assert rows["is_counted"].all()
    assert found.select("code", "row", "reported").rows() == [("TRK-123", 3, "uuid:1")]


def test_what_was_not_counted_before_stays_so(create_rows):
    above = {"admin1_code": "XW01", "idp_individuals": 12, "is_counted": False}
    rows, found = set_aside_repeats(create_rows([above, above]))
    assert not rows["is_counted"].any()
    assert found.is_empty()


def test_no_rows_give_no_findings():
    rows, found = set_aside_repeats(Submissions.empty_frame())
    assert rows.is_empty()
    assert found.is_empty()


visits = st.lists(
    st.tuples(st.sampled_from(["L1", "L2", "L3"]), st.integers(1, 4), st.integers(1, 28)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(visits=visits)
def test_each_place_of_a_snapshot_is_counted_exactly_once(visits):
    frame = Submissions.complete(
        pl.DataFrame(
            {
                "submission_id": [str(n) for n in range(len(visits))],
                "file": ["f.csv"] * len(visits),
                "is_counted": [True] * len(visits),
                "country": ["XWS"] * len(visits),
                "operation": ["Exercise"] * len(visits),
                "component": ["site_assessment"] * len(visits),
                "location_id": [place for place, _, _ in visits],
                "idp_individuals": [float(people) for _, people, _ in visits],
                "collected_on": [dt.date(2025, 1, day) for _, _, day in visits],
            }
        )
    )
    rows, found = set_aside_repeats(frame)
    counted = rows.filter("is_counted")
    assert sorted(counted["location_id"]) == sorted({place for place, _, _ in visits})
    assert len(found) == len(visits) - len(counted)
    again, more = set_aside_repeats(rows)
    assert again.equals(rows)
    assert more.is_empty()


def test_a_place_without_id_is_named_where_others_have_one(findings_on):
    sites = [{"location_id": f"L{n}", "location_name": f"Site {n}"} for n in range(5)]
    found = findings_on([*sites, {"location_name": "Site 9"}], "TRK-115")
    assert found["place"].to_list() == ["Site 9"]
    nameless = [{"location_name": f"Site {n}"} for n in range(5)]
    assert findings_on(nameless, "TRK-115").is_empty()


def test_one_name_twice_in_a_unit_is_said_once_and_not_each_round(findings_on):
    twins = [
        {"location_id": place, "location_name": name, "admin2_code": unit, "round_number": n}
        for n in (1, 2)
        for place, name, unit in (
            ("L1", "Sainte-Anne", "XW0101"),
            ("L2", "SAINTE ANNE", "XW0101"),
            ("L3", "Sainte-Anne", "XW0102"),
        )
    ]
    found = findings_on(twins, "TRK-124")
    assert found.select("location_id", "round_number").rows() == [("L2", 1)]
    assert "(L1)" in found["message"][0]


def test_a_place_that_resembles_another_nearby_is_found_and_numbers_tell_places_apart(
    create_rows,
):
    def site(place, name, north):
        return {
            "location_id": place,
            "location_name": name,
            "latitude": north,
            "longitude": 24.5,
        }

    rows = create_rows(
        [
            site("L1", "Camp of Kilefade", 12.5),
            site("L2", "Camp of Kilefaed", 12.5004),  # 44 m away, two letters exchanged
            site("L3", "Camp of Kilefade", 13.5),  # a degree away
            site("L4", "Camp 1", 12.6),
            site("L5", "Camp 2", 12.6001),
        ]
    )
    found = near_duplicates(rows)
    assert found.select("code", "location_id").rows() == [("TRK-122", "L2")]
    assert "L1" in found["message"][0]
