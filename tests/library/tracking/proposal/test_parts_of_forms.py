"""Breakdowns, places and sheets of made-up forms, one trap a test."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from waystation.errors import UncertainMapping, UnusableInput
from waystation.tracking.forms import (
    mapping_findings,
    mappings_to_yaml,
    propose_mapping,
    read_mappings,
    require_certain,
)
from waystation.tracking.intake import submissions_from_file


def fields_of(sheet):
    """Return the letters of the columns that feed each field."""
    given_columns = sheet.fields().items()
    return {name: "".join(c.letter for c in columns) for name, columns in given_columns}


def test_what_headings_share_before_a_colon_is_their_group(workbook, units, places):
    rows = [[r, d, 10, 4, 6, 7, 3] for r, _, d, _ in places]
    heads = ["Région", "Cercle", "PDI individus", "Provenance : Norvalle",
             "Provenance : Sudara", "Raison : Conflit", "Raison : Autre raison"]  # fmt: skip
    found = fields_of(propose_mapping(workbook(Data=[heads, *rows]), units=units).sheets[0])
    assert found["idp_individuals__origin__norvalle"] == "D"
    assert found["idp_individuals__reason__other"] == "G"


def test_host_families_of_idps_are_a_shelter_and_not_hosts(workbook, units, places):
    rows = [[r, d, 10, 4, 6] for r, _, d, _ in places]
    path = workbook(
        Data=[
            [None, None, "IDPs", None, None],
            ["State", "LGA", "Total Ind", "Camps Ind", "Host community Ind"],
            *rows,
        ]
    )
    found = fields_of(propose_mapping(path, units=units).sheets[0])
    assert found["idp_individuals__shelter__host_family"] == "E"
    assert "host_individuals" not in found


@pytest.mark.parametrize(
    ("headings", "codes"),
    [
        (("Hommes", "Femmes"), ("sex__male", "sex__female")),
        (("Men", "Women"), ("sex__male", "sex__female")),
        (
            ("Hommes", "Femmes", "Enfants"),
            ("age_group__men", "age_group__women", "age_group__children"),
        ),
        (
            ("Hommes", "Femmes", "Garçons", "Filles"),
            ("sex_age__male_18_plus", "sex_age__female_18_plus", "sex_age__male_0_17",
             "sex_age__female_0_17"),
        ),
        (("M 0-17", "F 0-17", "M 18+", "F 18+"),
         ("sex_age__male_0_17", "sex_age__female_0_17", "sex_age__male_18_plus",
          "sex_age__female_18_plus")),
    ],
)  # fmt: skip
def test_the_same_words_are_sexes_or_ages_by_what_stands_beside_them(
    workbook, units, places, headings, codes
):
    parts = [3 * i + 1 for i in range(len(headings))]
    rows = [[r, d, sum(parts), *parts] for r, _, d, _ in places]
    path = workbook(Data=[["Région", "District", "Nombre PDI", *headings], *rows])
    found = fields_of(propose_mapping(path, units=units).sheets[0])
    assert [found.get(f"idp_individuals__{code}") for code in codes] == list(
        "DEFG"[: len(codes)]
    )


def test_a_total_over_all_years_is_no_further_year(workbook, units, places):
    rows = [[r, d, 3, 4, 7, 1, 2, 3, 5, 6] for r, _, d, _ in places]
    heads = ["Region", "District", "Arrival IDPs 2012-2019", "Arrival IDPs 2020",
             "Total Arrival IDPs 2012-2020", "Fled IDPs 2012-2019", "Fled IDPs 2020",
             "Total Fled IDPs 2012-2020", "Returnees from Chad 2019",
             "Returnees from Chad 2020"]  # fmt: skip
    found = fields_of(propose_mapping(workbook(Data=[heads, *rows]), units=units).sheets[0])
    assert found["idp_individuals"] == "E"
    assert found["idp_individuals__period__2020"] == "D"
    assert found["departure_individuals"] == "H"
    assert "returnee_individuals" not in found


def test_parts_that_repeat_make_no_total(workbook, units, places):
    rows = [[r, d, 3, 4, 7, 1] for r, _, d, _ in places]
    heads = ["Region", "District", "IDPs 2019 blue", "IDPs 2020 blue", "IDPs 2019 red",
             "IDPs 2020 red"]  # fmt: skip
    with pytest.raises(UncertainMapping):
        require_certain(propose_mapping(workbook(Data=[heads, *rows]), units=units))


def test_of_whom_previously_abroad_is_a_part_of_the_column_before_it(workbook, units, places):
    rows = [[r, d, 10, 4] for r, _, d, _ in places]
    heads = ["Region", "District", "IDP individuals", "Of whom previously abroad (individuals)"]
    sheet = propose_mapping(workbook(Data=[heads, *rows]), units=units).sheets[0]
    assert fields_of(sheet)["idp_previously_abroad_individuals"] == "D"
    assert fields_of(sheet)["idp_individuals"] == "C"
    assert "calls it a part" in sheet.choices[0]


def test_camps_on_one_sheet_and_villages_on_another_are_both_read(workbook, units, places):
    camps = [[r, d, f"C-{i}", f"Camp {i}", 90 + i] for i, (r, _, d, _) in enumerate(places)]
    villages = [
        [r, d, "w", f"V-{i}", f"Village {i}", 5, 9] for i, (r, _, d, _) in enumerate(places)
    ]
    path = workbook(
        Camps=[["State", "LGA", "Site ID", "Site name", "IDP individuals"], *camps],
        Villages=[
            ["State", "LGA", "Ward", "Site ID", "Village", "IDP HH", "IDP Ind"],
            *villages,
        ],
    )
    mapping = require_certain(propose_mapping(path, units=units))
    assert [sheet.sheet for sheet in mapping.sheets] == ["Camps", "Villages"]
    assert submissions_from_file(path, mapping)[0]["idp_individuals"].sum() == (
        sum(row[4] for row in camps) + 9 * 12
    )


def test_a_doubtful_extra_is_left_out_and_the_idps_are_read(workbook, units, places):
    rows = [[r, d, 10, 4, 5] for r, _, d, _ in places]
    heads = ["Region", "District", "IDPs (ind)", "Returnees (ind)", "Returnees (persons)"]
    mapping = require_certain(propose_mapping(workbook(Data=[heads, *rows]), units=units))
    found = fields_of(mapping.sheets[0])
    assert "returnee_individuals" not in found
    assert found["idp_individuals"] == "C"
    assert "is not read" in mapping.sheets[0].choices[0]


def test_a_macro_region_is_no_lower_level(workbook, units, places):
    rows = [["East" if i < 6 else "West", d, r, 9] for i, (r, _, d, _) in enumerate(places)]
    path = workbook(Data=[["Macro-region", "Area", "Region", "IDPs"], *rows])
    found = fields_of(propose_mapping(path, units=units).sheets[0])
    assert found["admin1_name"] == "C"
    assert "A" not in found.values()


def test_a_reason_is_taken_where_rows_are_split_by_it(workbook, units, places):
    split = [[r, d, why, 9] for r, _, d, _ in places for why in ("Conflict", "Flood")]
    main = [[r, d, "Conflict", 9] for r, _, d, _ in places]
    heads = ["Region", "District", "Reason", "IDPs"]
    sheet = propose_mapping(workbook("a.xlsx", Data=[heads, *split]), units=units).sheets[0]
    assert fields_of(sheet)["displacement_reason"] == "C"
    sheet = propose_mapping(workbook("b.xlsx", Data=[heads, *main]), units=units).sheets[0]
    assert "displacement_reason" not in fields_of(sheet)


def test_the_reference_date_stands_in_notes_titles_or_the_name(workbook, units, places):
    rows = [["Region", "District", "IDPs"], *[[r, d, 9] for r, _, d, _ in places]]
    notes = [["Reference date", "2026-05-30"], ["Produced on", "2026-06-20"]]
    dates = [
        propose_mapping(path, units=units).sheets[0].reference_date
        for path in (
            workbook("r2_2026-07.xlsx", Data=rows, Notes=notes),
            workbook("r3_2026-07.xlsx", Data=[["Master list 25-03-2024"], [], *rows]),
            workbook("round_14_june_2021.xlsx", Data=rows),
            workbook("round_14.xlsx", Data=rows),
        )
    ]
    assert dates == [dt.date(2026, 5, 30), dt.date(2024, 3, 25), dt.date(2021, 6, 30), None]


def test_unused_columns_are_named_once(workbook, units, places):
    rows = [[r, d, 9, "blue", "wood"] for r, _, d, _ in places]
    path = workbook(Data=[["Region", "District", "IDPs", "Colour", "Roof"], *rows])
    (found,) = mapping_findings(path, propose_mapping(path, units=units))
    assert found.code == "TRK-004"
    assert "D ('Colour'), E ('Roof')" in found.message


ATOMS = st.sampled_from(
    ["IDP", "HH", "Ind", "Total", "State", "2020", "12", "1,234", "-5", "0.5", "NA", "n/a",
     None, "#adm1+name", "#affected+idps+ind", "المجموع", "النازحون", "Round 5", "Norvalle",
     "XW0101", "yes", "2021-01-01", "=cmd|", "%", "1e400", "٣٤", "of which", "Male", "<1",
     "IDPs previously abroad", "Returnees", "6-17", "Admin 1", "Latitude", "nan", "1.000.000"]
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(ATOMS, min_size=1, max_size=7), min_size=1, max_size=12))
def test_any_table_gets_a_mapping_that_reads_back_or_a_refusal(workbook, tmp_path, units, rows):
    path = workbook("any.xlsx", Data=[["x" if v == "" else v for v in row] for row in rows])
    with suppress(UnusableInput):
        mapping = propose_mapping(path, units=units)
        (tmp_path / "m.yaml").write_text(mappings_to_yaml([mapping]), "utf-8")
        assert read_mappings(tmp_path / "m.yaml") == [mapping]
        require_certain(mapping)
