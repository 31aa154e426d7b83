"""Layouts told by the names of their columns."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.grids import Grid, read_grids
from waystation.tracking.known_layouts import dictionary_fields, known_layout

V3 = [
    "id", "operation", "admin0Name", "admin0Pcode", "admin1Name", "admin1Pcode",
    "admin2Name", "admin2Pcode", "adminLevel", "numPresentIdpInd", "reportingDate",
    "yearReportingDate", "monthReportingDate", "roundNumber", "displacementReason",
    "numberMales", "numberFemales", "idpOriginAdmin1Name", "idpOriginAdmin1Pcode",
    "assessmentType", "operationStatus",
]  # fmt: skip
V2 = [*V3[:8], *V3[9:14]]
HAPI = [
    "location_code", "has_hrp", "in_gho", "provider_admin1_name", "provider_admin2_name",
    "admin1_code", "admin1_name", "admin2_code", "admin2_name", "admin_level", "operation",
    "assessment_type", "population", "reporting_round", "reference_period_start",
    "reference_period_end", "dataset_hdx_id",
]  # fmt: skip


def grid_of(*rows):
    width = max(map(len, rows))
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    schema = {f"c{i}": pl.String for i in range(width)}
    return Grid("file.csv", None, pl.DataFrame(padded, schema=schema, orient="row"))


def layout_of(grid):
    mapping = known_layout(grid)
    assert mapping is not None
    return mapping


def fields(mapping):
    return {name: found[0].heading for name, found in mapping.fields().items()}


@pytest.mark.parametrize("names", [V3, V2, [n.upper() for n in V3], V3[1:4] + V3[9:]])
def test_the_service_is_known_in_all_generations(names):
    mapping = layout_of(grid_of(names, ["1"] * len(names)))
    assert (mapping.layout, mapping.certainty, mapping.first_row) == ("dtm_api", 1.0, 2)
    found = {name: heading.lower() for name, heading in fields(mapping).items()}
    assert found["idp_individuals"] == "numpresentidpind"
    assert found["country"] == "admin0pcode"
    assert found["reference_date"] == "reportingdate"
    assert ("displacement_reason" in found) == ("displacementreason" in map(str.lower, names))
    assert "location_id" not in found


def test_a_row_of_tags_is_seen_and_skipped():
    tags = ["#id+code", "#operation+name", "#country+name", "#country+code", *["#x"] * 17]
    mapping = layout_of(grid_of(V3, tags, ["1"] * 21))
    assert (mapping.header_rows, mapping.hxl_row, mapping.first_row) == ((1,), 2, 3)
    assert mapping.columns[3].hxl == "#country+code"


def test_rows_above_the_headings_are_passed_over():
    mapping = layout_of(grid_of(["Downloaded 2026"], [], V3, ["1"] * 21))
    assert (mapping.header_rows, mapping.first_row) == ((3,), 4)


def test_hapi_rows_are_known():
    mapping = layout_of(grid_of(HAPI, ["1"] * len(HAPI)))
    assert mapping.layout == "dtm_api"
    assert fields(mapping)["idp_individuals"] == "population"
    assert fields(mapping)["admin1_name"] == "provider_admin1_name"


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("m0310_loc_num_idp_ind", ("idp_individuals",)),
        ("group_idp/m0310_loc_num_idp_ind", ("idp_individuals",)),
        ("s1_group/sub/m0303_meta_adm1_pcode", ("admin1_reported_code",)),
        ("m2969_loc_num_women_idp", ("idp_individuals__age_group__women",)),
        ("m1536_loc_num_arrival_ind_period", ("arrival_individuals",)),
        ("m1650_loc_gps_coords", ("latitude", "longitude")),
        ("_m1650_loc_gps_coords_latitude", ("latitude",)),
        ("group/_m1650_loc_gps_coords_longitude", ("longitude",)),
        ("s2878_loc_top_3_priority_need_idp", ("priority_needs",)),
        ("s2878_loc_top_3_priority_need_idp/food", ("priority_needs",)),
        ("m0342_loc_site_type_multiple/camp", ()),
        ("s2878_loc_top_3_priority_need_idp_other", ()),
        ("m2696_meta_start_gps", ()),
        ("_uuid", ("record_uuid",)),
        ("IDP individuals", ()),
    ],
)
def test_a_code_of_the_dictionary_says_its_field(heading, expected):
    assert dictionary_fields(heading) == expected


DICTIONARY = [
    "m0302_meta_adm0_pcode", "m0303_meta_adm1_pcode", "m0448_loc_site_name",
    "m0310_loc_num_idp_ind", "m1650_loc_gps_coords", "_m1650_loc_gps_coords_latitude",
    "_m1650_loc_gps_coords_longitude", "s2878_loc_top_3_priority_need_idp/food",
    "s2878_loc_top_3_priority_need_idp", "_uuid", "meta/instanceID",
]  # fmt: skip


def test_columns_that_repeat_an_answer_are_not_used_twice():
    mapping = layout_of(grid_of(DICTIONARY, ["1"] * len(DICTIONARY)))
    assert mapping.layout == "dictionary"
    found = mapping.fields()
    assert {name: len(columns) for name, columns in found.items()} == dict.fromkeys(found, 1)
    assert found["priority_needs"][0].heading == "s2878_loc_top_3_priority_need_idp"
    assert found["latitude"][0].heading == "_m1650_loc_gps_coords_latitude"
    assert found["record_uuid"][0].heading == "_uuid"


def test_choices_alone_are_used_together():
    names = [n for n in DICTIONARY if n != "s2878_loc_top_3_priority_need_idp"]
    names.append("s2878_loc_top_3_priority_need_idp/water")
    mapping = layout_of(grid_of(names, ["1"] * len(names)))
    assert len(mapping.fields()["priority_needs"]) == 2


def test_the_day_the_tool_noted_is_used_where_the_form_has_none():
    names = [*DICTIONARY, "start", "_submission_time"]
    found = layout_of(grid_of(names, ["1"] * len(names))).fields()
    assert found["collected_on"][0].heading == "start"
    asked = [*names, "m1855_meta_assessment_date"]
    found = layout_of(grid_of(asked, ["1"] * len(asked))).fields()
    assert [c.heading for c in found["collected_on"]] == ["m1855_meta_assessment_date"]


def test_other_sheets_are_not_known():
    assert (
        known_layout(grid_of(["Admin 1", "Site", "IDP individuals"], ["N", "A", "5"])) is None
    )
    operations = ["operation", "operationStatus", "admin0Name", "admin0Pcode"]
    assert known_layout(grid_of(operations, ["a", "b", "c", "d"])) is None
    assert known_layout(grid_of(["m0302_meta_adm0_pcode", "year", "m2_meta_x"], ["A"])) is None


def test_the_recorded_answers_of_the_service_are_known(field_data):
    for path in sorted((field_data / "api").glob("displacement-admin*.json")):
        (grid,) = read_grids(path)
        mapping = known_layout(grid)
        assert mapping is not None, path.name
        assert mapping.layout == "dtm_api"
