"""Mappings as YAML."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.errors import InvalidMapping
from waystation.tracking.forms import mappings_to_yaml, read_mappings
from waystation.tracking.mapping import ColumnMapping, FileMapping, SheetMapping
from waystation.tracking.mapping_files import mappings_from_text, mappings_to_json

COLUMNS = (
    ColumnMapping(0, "Admin 1", ("admin1_name",), 0.9, "its heading", "#adm1+name"),
    ColumnMapping(
        27,
        "IDPs: previously\nabroad",
        ("idp_previously_abroad_individuals", "idp_individuals"),
        0.7,
        "yes: 1",
    ),
    ColumnMapping(28, "# النازحون / note", (), 0.5, "not understood"),
)
SHEET = SheetMapping(
    sheet="Data: R3",
    first_row=4,
    columns=COLUMNS,
    header_rows=(1, 2),
    hxl_row=3,
    last_row=90,
    skipped_rows=(7, 12),
    country="NAM",
    component="baseline_area",
    round_number=3,
    reference_date=dt.date(2024, 2, 29),
    stated_totals={"idp_individuals": 1234.0},
    choices=("idp_individuals is read from column 'AB'.",),
    certainty=0.7,
)
MAPPING = FileMapping("form.xlsx", (SHEET,), {"Notes": "no column holds numbers"})


def test_what_is_written_reads_back_the_same(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_text(mappings_to_yaml([MAPPING, FileMapping("other.csv", ())]), "utf-8")
    assert read_mappings(path) == [MAPPING, FileMapping("other.csv", ())]
    assert mappings_from_text(mappings_to_json([MAPPING]), "x") == [MAPPING]


def test_a_person_finds_columns_by_letter_and_heading():
    text = mappings_to_yaml([MAPPING])
    assert text.startswith("# What the sheets and columns")
    assert "AB:\n            heading:" in text
    assert "field: [idp_previously_abroad_individuals, idp_individuals]" in text
    assert "country: NAM" in text


def test_a_short_mapping_written_by_hand_is_enough(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_text(
        "files:\n- file: a.csv\n  sheets:\n  - sheet: null\n    first_row: 2\n"
        "    columns: {A: admin1_name, B: idp_individuals}\n"
    )
    (mapping,) = read_mappings(path)
    assert [c.fields for c in mapping.sheets[0].columns] == [
        ("admin1_name",),
        ("idp_individuals",),
    ]
    assert mapping.certainty == 1.0


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("field: admin1_name", "field: idp_persons", "idp_persons"),
        ("field: admin1_name", "field: admin1_code", "admin1_code"),
        (
            "field: admin1_name",
            "field: idp_individuals__sex__cats",
            "idp_individuals__sex__cats",
        ),
        ("          A:\n", "          A1:\n", "A1"),
        ("          AB:\n", "          A:\n", "A"),
        ("layout: table", "layout: poster", "poster"),
        ("first_row: 4", "first_row: top", "first_row"),
        ("country: NAM", "country: Namibia", "Namibia"),
        ("component: baseline_area", "component: census", "census"),
        ("round_number: 3", "rounds: 3", "rounds"),
        ("2024-02-29", "2024-02-30", "day is out of range"),
        ("files:", "fields:", "files"),
        ("- file: form.xlsx", "- name: form.xlsx", "file"),
        ("certainty: 0.7", "certainty: 7", "7"),
        ("files:", "files: [", "YAML"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(tmp_path, old, new, named):
    path = tmp_path / "mapping.yaml"
    text = mappings_to_yaml([MAPPING])
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(InvalidMapping) as caught:
        read_mappings(path)
    assert named in str(caught.value.details["reason"])
    assert str(caught.value).startswith("mapping.yaml: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InvalidMapping):
        read_mappings(tmp_path / "none.yaml")


@settings(max_examples=40, deadline=None)
@given(
    written=st.sampled_from([mappings_to_yaml, mappings_to_json]),
    heading=st.text(max_size=40),
    reason=st.text(max_size=40),
    certainty=st.floats(0, 1),
    position=st.integers(0, 18_277),
)
def test_any_heading_survives(written, heading, reason, certainty, position):
    column = ColumnMapping(position, heading, ("idp_individuals",), certainty, reason)
    mapping = FileMapping("a.csv", (SheetMapping(None, 2, (column,)),))
    assert mappings_from_text(written([mapping]), "mapping.yaml") == [mapping]


def test_a_file_nested_beyond_reason_is_no_mapping(tmp_path):
    path = tmp_path / "deep.yaml"
    path.write_text("[" * 20_000 + "]" * 20_000, "utf-8")
    with pytest.raises(InvalidMapping):
        read_mappings(path)
