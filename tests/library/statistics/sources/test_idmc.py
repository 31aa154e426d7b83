"""IDMC: stock and movements apart, starts of collection, blanks."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.errors import UnknownLayout
from waystation.statistics.sources import idmc

HEAD = (
    "ISO3,Name,Year,Conflict Stock Displacement,Conflict Stock Displacement (Raw),"
    "Conflict Internal Displacements,Conflict Internal Displacements (Raw),"
    "Disaster Internal Displacements,Disaster Internal Displacements (Raw),"
    "Disaster Stock Displacement,Disaster Stock Displacement (Raw)\n"
)
(LAYOUT,) = idmc.layouts()


def read(folder, text):
    path = folder / "gidd.csv"
    path.write_text(HEAD + text, "utf-8")
    assert LAYOUT.recognises(path)
    return LAYOUT.read(path)


def test_people_and_movements_share_neither_measure_nor_unit(tmp_path):
    clean = read(tmp_path, "AAA,A land,2022,74000,73912,39000,38977,220000,219989,500,501\n")
    shown = clean.observations.select("measure", "unit", "period", "value").sort("measure")
    assert shown.rows() == [
        ("idps_conflict", "persons", "2022-12-31", 74_000),
        ("idps_conflict_unrounded", "persons", "2022-12-31", 73_912),
        ("idps_disaster", "persons", "2022-12-31", 500),
        ("idps_disaster_unrounded", "persons", "2022-12-31", 501),
        ("new_displacements_conflict", "movements", "2022", 39_000),
        ("new_displacements_conflict_unrounded", "movements", "2022", 38_977),
        ("new_displacements_disaster", "movements", "2022", 220_000),
        ("new_displacements_disaster_unrounded", "movements", "2022", 219_989),
    ]


@pytest.mark.parametrize(
    ("year", "measure", "note"),
    [
        (2008, "idps_conflict", "before the producer collected it"),
        (2009, "idps_conflict", "none recorded"),
        (2008, "new_displacements_disaster", "none recorded"),
        (2018, "idps_disaster", "before the producer collected it"),
        (2019, "idps_disaster", "none recorded"),
    ],
)
def test_a_blank_is_never_zero_and_says_which_kind_it_is(tmp_path, year, measure, note):
    clean = read(tmp_path, f"AAA,A land,{year},,,,,,,,\n")
    row = clean.observations.filter(pl.col("measure") == measure).row(0, named=True)
    assert (row["value"], row["flag"], row["note"]) == (None, "not_reported", note)


def test_tags_and_totals_are_no_countries(tmp_path):
    clean = read(
        tmp_path,
        "#country+code,#country+name,#date+year,#x,,,,,,,\n"
        "NAM,Namibia,2022,1,,,,,,,\nTotal,,2022,1,,,,,,,\n",
    )
    assert clean.areas.rows() == [("NAM", "Namibia", "NAM", "iso3")]
    assert clean.findings.select("code", "row").rows() == [("STA-202", 4)]


def test_a_workbook_is_read_from_the_sheet_that_has_the_table(tmp_path):
    import xlsxwriter

    path = tmp_path / "gidd.xlsx"
    book = xlsxwriter.Workbook(path)
    notes = book.add_worksheet("Notes")
    notes.write(0, 0, "Figures are rounded")
    sheet = book.add_worksheet("1_Displacement_data")
    for column, name in enumerate(HEAD.strip().split(",")):
        sheet.write(0, column, name)
    for column, value in enumerate(["AAA", "A land", 2022, 74000]):
        sheet.write(1, column, value)
    book.close()
    assert LAYOUT.recognises(path)
    rows = LAYOUT.read(path).observations
    assert rows.filter(pl.col("measure") == "idps_conflict")["value"].to_list() == [74_000]


def test_the_wrong_sheet_is_refused_with_the_sheets_there_are(tmp_path):
    import xlsxwriter

    path = tmp_path / "gidd.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Readme").write(0, 0, "See the other file 2022")
    book.close()
    assert not LAYOUT.recognises(path)
    with pytest.raises(UnknownLayout, match=r"its sheets are Readme"):
        LAYOUT.read(path)
