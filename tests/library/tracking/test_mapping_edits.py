"""Mappings as people change them, what is remembered of them, and what they would make."""

from __future__ import annotations

from dataclasses import replace

import pytest

from waystation.findings import findings_table
from waystation.grids import read_grids
from waystation.tracking.forms import propose_mapping, propose_mapping_and_others
from waystation.tracking.intake import submissions_from_file
from waystation.tracking.mapping_edits import (
    CHOSEN,
    SheetEdit,
    as_confirmed,
    edited_sheet,
    fingerprint_of,
    what_is_missing,
    with_sheet,
    without_sheet,
)
from waystation.tracking.reading_preview import preview_of_reading
from waystation.tracking.samples import samples_of_grids

HEADINGS = "Region,District,Site,Familles,Personnes,Remarque"


def edit_of(sheet, **changes):
    same = ("first_row", "last_row", "country", "component", "round_number", "reference_date")
    return SheetEdit(**{name: getattr(sheet, name) for name in same} | {"fields": {}} | changes)


@pytest.fixture
def unclear(tmp_path):
    """Return 20 sites, 210 households and 1,050 people, whose headings do not say so."""
    rows = [f"R{n % 2},D{n % 4},S{n},{n + 1},{(n + 1) * 5},{'x' * 60}" for n in range(20)]
    path = tmp_path / "first.csv"
    path.write_text("\n".join([HEADINGS, *rows]), "utf-8")
    return path


@pytest.fixture
def chosen(unclear):
    """Return what a person said of that file."""
    mapping, others = propose_mapping_and_others(unclear)
    assert mapping.sheets == ()
    sheet = others[0]
    said = {3: ("idp_households",), 4: ("idp_individuals",)}
    return with_sheet(mapping, edited_sheet(sheet, edit_of(sheet, fields=said)))


def test_what_is_left_out_can_be_taken_in_and_columns_chosen(unclear, chosen):
    received, _ = submissions_from_file(unclear, chosen, operation="Floods")
    assert received["idp_individuals"].sum() == 1050
    assert chosen.left_out == {}
    assert chosen.sheets[0].columns[4].reason == CHOSEN
    assert chosen.sheets[0].columns[4].certainty == 1.0
    assert 0 < chosen.certainty < 1, "what was not chosen stays as sure as it was"


def test_an_edit_that_changes_nothing_changes_no_certainty(chosen):
    sheet = chosen.sheets[0]
    assert edited_sheet(sheet, edit_of(sheet)) == sheet


def test_a_sheet_can_be_left_out_and_taken_in_again(chosen):
    without = without_sheet(chosen, None)
    assert (without.sheets, list(without.left_out)) == ((), ["first.csv"])
    assert with_sheet(without, chosen.sheets[0]) == chosen
    assert without_sheet(chosen, "no such sheet") is chosen


def test_what_a_mapping_lacks_is_said_by_sheet(chosen):
    sheet = chosen.sheets[0]
    no_places = {column.position: () for column in sheet.columns[:3]}
    no_figures = {column.position: () for column in sheet.columns[3:]}
    assert what_is_missing(chosen) == {}
    assert what_is_missing(without_sheet(chosen, None)) == {"first.csv": "sheets"}
    for fields, lacks in ((no_places, "places"), (no_figures, "figures")):
        edited = with_sheet(chosen, edited_sheet(sheet, edit_of(sheet, fields=fields)))
        assert what_is_missing(edited) == {"first.csv": lacks}


def test_a_file_with_the_same_headings_is_read_as_confirmed(unclear, chosen, tmp_path):
    later = tmp_path / "second.csv"
    text = unclear.read_text("utf-8").replace("S1,", "Site one,").upper()
    later.write_text(text + "\nR9,D9,S99,1,4,\n", "utf-8")
    mapping, others = propose_mapping_and_others(later)
    assert fingerprint_of((*mapping.sheets, *others)) == fingerprint_of(chosen.sheets)
    found = as_confirmed(mapping, others, [chosen])
    assert found is not None
    assert (found.file, found.certainty, found.left_out) == ("second.csv", 1.0, {})
    assert {column.reason for column in found.sheets[0].columns} == {
        "as confirmed for first.csv"
    }
    received, _ = submissions_from_file(later, found, operation="Floods")
    assert (received.height, received["idp_individuals"].sum()) == (21, 1054)


def test_other_headings_are_not_read_as_confirmed(unclear, chosen, tmp_path):
    later = tmp_path / "second.csv"
    later.write_text(unclear.read_text("utf-8").replace("Personnes", "Animaux"), "utf-8")
    mapping, others = propose_mapping_and_others(later)
    assert fingerprint_of((*mapping.sheets, *others)) != fingerprint_of(chosen.sheets)
    assert as_confirmed(mapping, others, [chosen]) is None
    assert as_confirmed(mapping, others, []) is None


def test_a_file_without_tables_has_no_fingerprint():
    assert fingerprint_of(()) == ""


def test_rounds_dates_and_rows_are_those_of_the_new_file(unclear, chosen):
    mapping, others = propose_mapping_and_others(unclear)
    former = replace(chosen.sheets[0], round_number=1, first_row=9, country="SDN")
    new = replace(others[0], round_number=2)
    found = as_confirmed(mapping, (new,), [replace(chosen, sheets=(former,))])
    assert found is not None
    sheet = found.sheets[0]
    assert (sheet.round_number, sheet.first_row, sheet.country) == (2, 2, "SDN")


def test_samples_show_the_first_different_values_below_the_headings(unclear, chosen):
    (sheet,) = samples_of_grids(read_grids(unclear), chosen)
    assert (sheet["sheet"], sheet["rows"], sheet["columns"]) == (None, 21, 6)
    assert sheet["values"]["0"] == ["R0", "R1"]
    assert sheet["values"]["4"] == ["5", "10", "15", "20"]
    assert sheet["values"]["5"] == ["x" * 39 + "…"]


def test_a_preview_adds_up_what_a_file_becomes(unclear, chosen):
    sheet = replace(chosen.sheets[0], stated_totals={"idp_individuals": 1000.0})
    mapping = replace(chosen, sheets=(sheet,))
    received, found = submissions_from_file(unclear, mapping, operation="Floods")
    preview = preview_of_reading(received, findings_table(found), mapping)
    assert (preview["rows"], preview["counted"], len(preview["head"])) == (20, 20, 20)
    assert preview["sums"] == {"idp_individuals": 1050.0, "idp_households": 210.0}
    # Region 0 has the sites with an odd number of households: 1 + 3 + ... + 19 = 100.
    by_unit = {row["unit"]: row["idp_households"] for row in preview["units"]}
    assert by_unit == {"R0": 100.0, "R1": 110.0}
    (stated,) = preview["stated"]
    assert (stated["difference"], stated["agrees"]) == (50.0, False)


def test_a_proposal_is_the_same_with_and_without_the_others(unclear):
    assert propose_mapping_and_others(unclear)[0] == propose_mapping(unclear)
