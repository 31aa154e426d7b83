"""Proposals for made-up workbooks with the traps of real ones."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from waystation.errors import UncertainMapping
from waystation.tracking.forms import mapping_findings, propose_mapping, require_certain
from waystation.tracking.intake import submissions_from_file


def fields_of(sheet):
    """Return the letters of the columns that feed each field."""
    return {
        name: "".join(c.letter for c in columns) for name, columns in sheet.fields().items()
    }


def persons(path, mapping, code="idp_individuals"):
    """Return the people that the file holds when read by a mapping."""
    return submissions_from_file(path, require_certain(mapping))[0][code].sum()


def test_an_arabic_form_with_three_rows_of_headings(workbook, units):
    path = workbook(
        "التقرير.xlsx",
        البيانات=[
            ["تقرير النزوح - الجولة 7"],
            ["معلومات الموقع", None, None, "النازحون", None, None, None, "العائدون"],
            [None, None, None, "المجموع", None, "حسب الجنس", None, "المجموع"],
            ["رمز المحافظة", "المديرية", "القرية", "أسر", "أفراد", "ذكور", "إناث", "أفراد"],
            ["XW01", "أبينا", "قرية 1", 10, 50, 20, 30, 7],
            ["XW01", "بورلو", "قرية 2", 20, 90, 50, 40, 0],
            ["XW02", "إكوتو", "قرية 3", 2, 11, 6, 5, 3],
            ["المجموع", None, None, 32, 151, 76, 75, 10],
        ],
    )
    mapping = require_certain(propose_mapping(path, units=units))
    sheet = mapping.sheets[0]
    assert fields_of(sheet) == {
        "admin1_reported_code": "A",
        "admin2_name": "B",
        "location_name": "C",
        "idp_households": "D",
        "idp_individuals": "E",
        "idp_individuals__sex__male": "F",
        "idp_individuals__sex__female": "G",
        "returnee_individuals": "H",
    }
    assert (sheet.header_rows, sheet.first_row, sheet.last_row) == ((2, 3, 4), 5, 7)
    assert (sheet.country, sheet.round_number) == ("XWS", 7)
    assert persons(path, mapping) == 151


def test_a_french_form_where_a_total_counts_others_too(workbook, units, places):
    rows = [
        [region, district, 3 * i + 2, 10 * i + 9, i, 2 * i, 4 * i + 2, 12 * i + 9]
        for i, (region, _, district, _) in enumerate(places)
    ]
    path = workbook(
        "evaluation_ronde_16_mars_2023.xlsx",
        Données=[
            ["Localisation", None, "PDI", None, "Retournés de l'étranger", None, "Total", None],
            ["Région", "Cercle", "Ménages", "Individus", "Ménages", "Individus",
             "Total ménages déplacés", "Total individus déplacés"],
            *rows,
            ["Total général", None, *[sum(row[c] for row in rows) for c in range(2, 8)]],
        ],
    )  # fmt: skip
    sheet = propose_mapping(path, units=units).sheets[0]
    found = fields_of(sheet)
    assert found["idp_individuals"] == "D"
    assert found["returnee_abroad_individuals"] == "F"
    assert found["displaced_individuals"] == "H"
    assert sheet.round_number == 16
    assert sheet.reference_date == dt.date(2023, 3, 31)
    assert sheet.last_row == 14
    assert sheet.stated_totals["idp_individuals"] == sum(row[3] for row in rows)
    assert any("is the sum of" in choice for choice in sheet.choices)


def abroad_rows(places):
    return [
        ["State", "State Pcode", "County", "IDPs HH", "IDPs IND", "IDPs previously abroad HH",
         "IDPs previously abroad IND"],
        *[[r, c, d, i + 1, 100 + i, 1, 10 + i] for i, (r, c, d, _) in enumerate(places)],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("note", "expected", "word"),
    [
        ("Mobility tracking found 1,452 IDPs.", 1452, "adds to"),  # 1,266 and 186
        ("A total of 1,266 IDPs were found.", 1266, "is within"),
        ("See the methodology.", 1452, "adds to"),
    ],
)
def test_a_stated_total_decides_whether_idps_from_abroad_add(
    workbook, units, places, note, expected, word
):
    path = workbook(Notes=[["Notes"], [note]], Data=abroad_rows(places))
    mapping = propose_mapping(path, units=units)
    sheet = mapping.sheets[0]
    assert persons(path, mapping) == expected
    assert any(
        f"idp_previously_abroad_individuals {word}" in choice for choice in sheet.choices
    )
    households = sheet.fields()["idp_households"]
    assert len(households) == (2 if word == "adds to" else 1)
    assert any(f.code == "TRK-002" for f in mapping_findings(path, mapping))


def test_a_total_on_a_summary_sheet_decides_between_columns(workbook, units, places):
    rows = [[r, d, 40 + i, 50 + i] for i, (r, _, d, _) in enumerate(places)]
    heads = ["Region", "District", "IDPs Ind", "IDPs individuals"]
    undecided = workbook("undecided.xlsx", Data=[heads, *rows])
    with pytest.raises(UncertainMapping) as caught:
        require_certain(propose_mapping(undecided, units=units))
    assert "IDPs Ind" in str(caught.value.details["reason"])
    total = sum(row[2] for row in rows)
    path = workbook("decided.xlsx", Data=[heads, *rows], Summary=[["IDPs present", total]])
    assert persons(path, propose_mapping(path, units=units)) == total


def test_tags_shifted_by_one_column_are_reported_and_not_followed(workbook, units, places):
    path = workbook(
        Data=[
            ["Region", "District", "IDP HH", "IDP Ind", "Returnee HH", "Returnee Ind"],
            ["#adm1+name", "#adm2+name", None, "#affected+idps+hh", "#affected+idps+ind",
             "#affected+returnees+hh"],
            *[[r, d, i + 1, 5 * i + 6, i, 4 * i] for i, (r, _, d, _) in enumerate(places)],
        ]
    )  # fmt: skip
    mapping = propose_mapping(path, units=units)
    assert fields_of(mapping.sheets[0])["idp_individuals"] == "D"
    found = [f for f in mapping_findings(path, mapping) if f.code == "TRK-001"]
    assert [f.reported for f in found] == [
        "#affected+idps+hh", "#affected+idps+ind", "#affected+returnees+hh",
    ]  # fmt: skip
    assert found[0].expected == "idp_individuals"


def test_tags_in_the_third_line_or_among_the_data_cost_no_place(workbook, units, places):
    rows = [[r, d, 2, 9] for r, _, d, _ in places]
    heads = ["Region", "District", "HH", "IDP Ind"]
    tags = ["#adm1+name", "#adm2+name", "#affected+idps+hh", "#affected+idps+ind"]
    for at in (0, 1, 4):
        path = workbook(f"{at}.xlsx", Data=[heads, *rows[:at], tags, *rows[at:]])
        mapping = propose_mapping(path, units=units)
        assert persons(path, mapping) == 108
        assert mapping.sheets[0].hxl_row == at + 2


def test_codes_decide_where_code_and_name_columns_are_swapped(workbook, units, places):
    path = workbook(
        Data=[
            ["State Pcode", "State", "LGA", "LGA code", "IDPs", "HHs"],
            *[[r, c.replace("XW", "XWS"), d, e, 5 * i + 6, i + 1]
              for i, (r, c, d, e) in enumerate(places)],
        ]
    )  # fmt: skip
    found = fields_of(propose_mapping(path, units=units).sheets[0])
    assert found["admin1_name"] == "A"
    assert found["admin1_reported_code"] == "B"
    assert found["admin2_reported_code"] == "D"
    assert found["idp_households"] == "F"


def test_sheets_that_count_the_same_people_are_read_once(workbook, units, places):
    districts = [[r, d, 10 * i + 8] for i, (r, _, d, _) in enumerate(places)]
    regions = [
        [region, sum(row[2] for row in districts if row[0] == region)]
        for region in ("Norvalle", "Sudara", "Estmark")
    ]
    path = workbook(
        States=[["Region", "IDP individuals"], *regions],
        Localities=[["Region", "District", "IDP individuals"], *districts],
        Origin=[["Region of origin", "IDP individuals"], *regions],
        Read_me=[["Everything is estimated", 3]],
    )
    mapping = propose_mapping(path, units=units)
    assert [sheet.sheet for sheet in mapping.sheets] == ["Localities"]
    assert set(mapping.left_out) == {"States", "Origin", "Read me"}
    assert "repeats the totals" in mapping.left_out["States"]


def test_sheets_that_count_other_people_or_places_are_all_read(workbook, units, places):
    heads = ["District", "Ward", "IDP HH", "IDP Ind"]
    parts = {
        region: [heads, *[[d, f"Ward of {d}", 2, 9] for r, _, d, _ in places if r == region]]
        for region in ("Norvalle", "Sudara", "Estmark")
    }
    path = workbook("by_state_r4.xlsx", **parts)
    mapping = propose_mapping(path, units=units)
    assert len(mapping.sheets) == 3
    assert persons(path, mapping) == 12 * 9
    both = [["District", "Families", "Individuals"], *[[d, 2, 9] for _, _, d, _ in places]]
    path = workbook("two.xlsx", IDPs=both, Returnees=both)
    codes = [set(fields_of(sheet)) for sheet in propose_mapping(path, units=units).sheets]
    assert "idp_individuals" in codes[0]
    assert "returnee_individuals" in codes[1]


def test_totals_subtotals_and_notes_are_no_places(workbook, units, places):
    rows: list[list[object]] = [["Region", "District", "IDP HH", "IDP Ind"]]
    for region in ("Norvalle", "Sudara", "Estmark"):
        inside = [[r, d, 2, 9] for r, _, d, _ in places if r == region]
        rows += [*inside, [region, None, 8, 36]]  # a subtotal that does not say so
    rows += [["Grand total", None, 24, 108], ["* Figures are estimates by key informants."]]
    path = workbook(Data=rows)
    mapping = propose_mapping(path, units=units)
    sheet = mapping.sheets[0]
    assert sheet.skipped_rows == (6, 11)
    assert sheet.last_row == 15
    assert persons(path, mapping) == 108
    assert sheet.stated_totals["idp_individuals"] == 108


def test_a_stated_total_that_differs_is_a_finding(workbook, units, places):
    rows = [[r, d, 9] for r, _, d, _ in places]
    path = workbook(Data=[["Region", "District", "IDPs"], *rows, ["Total", None, 110]])
    mapping = propose_mapping(path, units=units)
    found = [f for f in mapping_findings(path, mapping) if f.code == "TRK-005"]
    assert [(f.reported, f.expected) for f in found] == [("110", "108")]


def test_breakdowns_are_told_by_what_they_add_up_to(workbook, units, places):
    rows = []
    for i, (region, _, district, _) in enumerate(places):
        hh = 10 + i
        rows.append([region, district, hh, 5 * hh, 4, hh - 4, hh - 3, 3, 2 * hh, 3 * hh])
    path = workbook(
        "IDP_master_list.xlsx",
        Data=[
            ["Governorate", "District", "Families", "Individuals", "Norvalle", "Sudara",
             "1Camp", "2Rented", "Male", "Female"],
            *rows,
        ],
    )  # fmt: skip
    found = fields_of(propose_mapping(path, units=units).sheets[0])
    assert found["idp_households"] == "C"
    assert found["idp_individuals"] == "D"
    assert found["idp_households__origin__norvalle"] == "E"
    assert found["idp_households__shelter__rented"] == "H"
    assert found["idp_individuals__sex__female"] == "J"


def test_a_total_without_a_column_is_the_sum_of_its_parts(workbook, units, places):
    rows = [[r, d, i, 2 * i, 7] for i, (r, _, d, _) in enumerate(places)]
    path = workbook(
        Data=[[None, None, "IDPs", None, None], ["Region", "District", 2019, 2020, 2021], *rows]
    )
    mapping = propose_mapping(path, units=units)
    sheet = mapping.sheets[0]
    assert fields_of(sheet)["idp_individuals"] == "CDE"
    assert fields_of(sheet)["idp_individuals__period__2020"] == "D"
    assert persons(path, mapping) == sum(sum(row[2:]) for row in rows)
    assert "has no column of its own" in sheet.choices[0]


def test_earlier_rounds_changes_and_shares_are_not_counted(workbook, units, places):
    rows = [[r, d, 50, 60, 10, 0.2] for r, _, d, _ in places]
    heads = ["Region", "District", "IDP Ind R8", "IDP Ind R9", "Difference", "% change"]
    mapping = propose_mapping(workbook(Data=[heads, *rows]), units=units)
    assert fields_of(mapping.sheets[0])["idp_individuals"] == "D"
    assert mapping.sheets[0].round_number == 9


def test_arrivals_are_a_stock_only_where_nothing_else_counts_it(workbook, units, places):
    rows = [[r, d, 50, 6, 10] for r, _, d, _ in places]
    only = workbook(
        "a.xlsx",
        Data=[["Region", "District", "Arrival IDPs", "Fled IDPs", "Returned IDPs"], *rows],
    )
    sheet = propose_mapping(only, units=units).sheets[0]
    assert fields_of(sheet)["idp_individuals"] == "C"
    assert fields_of(sheet)["departure_individuals"] == "D"
    assert fields_of(sheet)["returnee_internal_individuals"] == "E"
    assert "read as IDPs present" in sheet.choices[0]
    both = workbook(
        "b.xlsx",
        Data=[["Region", "District", "IDPs present", "New arrivals (ind)", "Host HH"], *rows],
    )
    found = fields_of(propose_mapping(both, units=units).sheets[0])
    assert (found["idp_individuals"], found["arrival_individuals"]) == ("C", "D")


def test_households_alone_are_enough(workbook, units, places):
    rows = [[r, d, 5] for r, _, d, _ in places]
    path = workbook(Data=[["Region", "District", "No. of displaced families"], *rows])
    mapping = require_certain(propose_mapping(path, units=units))
    assert fields_of(mapping.sheets[0])["idp_households"] == "C"


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([["Region", "District", "A1", "A2"], *[["Norvalle", "Borlo", 1, 5]] * 5], "no sheet"),
        ([["IDP Ind", "IDP HH"], *[[6, 1]] * 5], "where the people are"),
        (
            [["Region", "IDP HH", "IDP Ind"], *[[f"Zone {i}x", 2, 9] for i in "abcdef"]],
            "the places could not be told",
        ),
        ([["Region", "IDP Ind", "IDP HH"], *[["Norvalle", 2, 9]] * 5], "may be swapped"),
    ],
)
def test_what_cannot_be_told_is_refused_with_a_reason(workbook, units, rows, named):
    with pytest.raises(UncertainMapping) as caught:
        require_certain(propose_mapping(workbook(Data=rows), units=units))
    assert named in str(caught.value.details["reason"])
    assert "mapping" in str(caught.value.details["action"])


def test_a_country_is_told_by_column_codes_name_or_list(workbook):
    rows = [["x", 5], ["y", 6], ["z", 7]]
    heads = ["Location name", "IDPs"]
    by_name = workbook("dtm_south_sudan_r3.xlsx", Data=[heads, *rows])
    assert propose_mapping(by_name).sheets[0].country == "SSD"
    coded = [["Code", *heads], *[[f"NGA00{i}", *row] for i, row in enumerate(rows)]]
    assert propose_mapping(workbook("a.xlsx", Data=coded)).sheets[0].country == "NGA"
    column = [["Country", *heads], *[["Tchad", *row] for row in rows]]
    assert propose_mapping(workbook("b.xlsx", Data=column)).sheets[0].country == "TCD"
    given_one = workbook("c.xlsx", Data=[heads, *rows])
    assert propose_mapping(given_one, country="NAM").sheets[0].country == "NAM"


numbers = st.lists(st.integers(0, 4000), min_size=12, max_size=12)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    stock=numbers.filter(lambda values: sum(values) > 0),
    titles=st.integers(0, 3),
    with_tags=st.booleans(),
    with_total=st.booleans(),
    words=st.sampled_from(
        [
            ("Region", "District", "IDP HH", "IDP Ind"),
            ("Région", "Cercle", "Nombre de ménages PDI", "Nombre d'individus PDI"),
            ("Departamento", "Municipio", "Hogares desplazados", "Personas desplazadas"),
            ("Província", "Distrito", "Famílias deslocadas", "Pessoas deslocadas"),
            ("المحافظة", "المديرية", "عدد الأسر النازحة", "عدد النازحين (أفراد)"),
        ]
    ),
)
def test_no_person_is_lost_or_counted_twice_whatever_the_form(
    workbook, units, places, stock, titles, with_tags, with_total, words
):
    rows = [[r, d, n // 5, n] for (r, _, d, _), n in zip(places, stock, strict=True)]
    tags = [["#adm1+name", "#adm2+name", "#affected+idps+hh", "#affected+idps+ind"]]
    totals = [["Total", None, sum(n // 5 for n in stock), sum(stock)]]
    path = workbook(
        Data=[
            *[["A title"], [], ["A note on method"]][:titles],
            list(words),
            *(tags if with_tags else []),
            *rows,
            *(totals if with_total else []),
        ]
    )
    assert persons(path, propose_mapping(path, units=units)) == sum(stock)
