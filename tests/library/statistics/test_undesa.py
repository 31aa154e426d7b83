"""UN DESA's migrant stock, in every layout in which it was published."""

from __future__ import annotations

import gzip
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.errors import UnknownLayout, UnreadableFile, UnusableInput
from waystation.statistics.sources.cells import figures
from waystation.statistics.sources.registry import read_source
from waystation.statistics.tables import Observations

# Made up. Persons in 2015 and 2020, from origin to destination; Others are of no known origin.
#            origin               destination    both        male      female
PAIRS = [
    ("900", "WORLD", "900", "World", (170, 213), (90, 113), (80, 100)),
    ("900", "WORLD", "4", "Afghanistan*", (100, 120), (60, 70), (40, 50)),
    ("900", "WORLD", "2003", "Others", (70, 93), (30, 43), (40, 50)),
    ("516", "  Namibia", "4", "Afghanistan*", (100, 120), (60, 70), (40, 50)),
    ("728", "  South Sudan", "4", "Afghanistan*", ("..", 0), ("..", 0), ("..", 0)),
    ("516", "  Namibia", "2003", "Others", (70, "1,093"), (30, "x"), (40, "-")),
]
TITLE = "Table 1: International migrant stock at mid-year by sex and by region, country or area"


def book(path, sheets):
    """Write a workbook: {sheet: rows}, None for an empty cell."""
    with xlsxwriter.Workbook(path) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(i, j, cell)
                    elif cell is not None:
                        sheet.write(i, j, cell)
    return path


def origins_2020(
    path, *, revision="2020", years=(2015, 2020), third="Notes", kind="Type of data"
):
    """The layout of 2020 and 2024: contents first, names on row 11, groups three rows above."""
    empty: list[list[Any]] = [[] for _ in range(8)]
    n = len(years)
    groups = ["both sexes combined", "males", "females"]
    empty[1] = [None] * 4 + [f"International Migrant Stock {revision}: Destination and origin"]
    empty[2] = [None] * 4 + [TITLE + f" of destination and origin, 1990-{revision}"]
    empty[3] = [None] * 4 + [f"POP/DB/MIG/Stock/Rev.{revision}"]
    empty[7] = [None] * 7 + [
        f"International migrant stock at mid-year, {groups[i // n]}" if i % n == 0 else None
        for i in range(3 * n)
    ]
    head = [
        "Index", "Region, development group, country or area of destination", third,
        "Location code of destination", kind,
        "Region, development group, country or area of origin", "Location code of origin",
        *years * 3,
    ]  # fmt: skip
    rows = [
        [i, name, None, int(code), "B R " if code != "900" else None, origin, int(origin_code),
         *both, *male, *female]
        for i, (code, name, origin_code, origin, both, male, female) in enumerate(PAIRS, 1)
    ]  # fmt: skip
    contents = [["Table of contents"], [None, "=1+1"], ["Table 1", TITLE]]
    return book(path, {"Table of contents": contents, "Table 1": [*empty, [], [], head, *rows]})


def test_the_layout_of_2020_is_read_cell_by_cell(tmp_path):
    clean = read_source(origins_2020(tmp_path / "any name.xlsx"))
    rows = Observations.require(clean.observations)
    assert rows.height == len(PAIRS) * 2 * 3
    assert clean.source.version == "2020"
    assert set(rows["dataset"]) == {"undesa_stock_origin_2020"}
    assert set(rows["measure"]) == {"migrant_stock"}
    found = rows.filter(area="516", counterpart="4", year=2020).sort("sex")
    assert found["value"].to_list() == [120, 70, 50]
    assert found["sex"].to_list() == ["both", "male", "female"]
    assert set(found["period"]) == {"2020-07-01"}
    assert set(found["flag"]) == {"observed"}
    assert set(found["producer_flags"]) == {"B R"}
    # A row of the world has no type of data: it is a sum of estimates.
    assert set(rows.filter(area="900")["flag"]) == {"estimated"}


def test_what_is_not_there_is_null_and_zero_is_zero(tmp_path):
    rows = read_source(origins_2020(tmp_path / "book.xlsx")).observations
    sudan = rows.filter(area="728", sex="both").sort("year")
    assert sudan["value"].to_list() == [None, 0]
    assert sudan["flag"].to_list() == ["not_reported", "observed"]


def test_thousands_dashes_and_words_are_told_apart(tmp_path):
    clean = read_source(origins_2020(tmp_path / "book.xlsx"))
    others = clean.observations.filter(area="516", counterpart="2003", year=2020).sort("sex")
    assert others["value"].to_list() == [1093, None, 0]
    finding = clean.findings.row(0, named=True)
    assert (finding["code"], finding["reported"], finding["row"]) == ("STA-101", "x", 17)


def test_names_lose_blanks_and_asterisks(tmp_path):
    areas = read_source(origins_2020(tmp_path / "book.xlsx")).areas
    assert dict(areas.select("code", "name").iter_rows()) == {
        "900": "WORLD", "516": "Namibia", "728": "South Sudan", "4": "Afghanistan",
        "2003": "Others",
    }  # fmt: skip
    assert set(areas["code_system"]) == {"m49"}


def test_the_layout_of_2024_has_coverage_and_a_last_step_of_four_years(tmp_path):
    path = origins_2020(
        tmp_path / "book.xlsx", revision="2024", years=(2020, 2024), third="Coverage",
        kind="Data type",
    )  # fmt: skip
    clean = read_source(path)
    assert clean.source.version == "2024"
    assert set(clean.observations["year"]) == {2020, 2024}
    assert set(clean.observations["dataset"]) == {"undesa_stock_origin_2024"}


def test_without_groups_repeated_years_are_the_sexes_in_order(tmp_path):
    head = ["Region, development group, country or area", "Location code", 2015, 2015, 2015]
    rows = [["Namibia", 516, 30, 20, 10]]
    path = book(tmp_path / "book.xlsx", {"Table 1": [[TITLE], [], head, *rows]})
    found = read_source(path).observations
    assert found.select("sex", "value").rows() == [("both", 30), ("male", 20), ("female", 10)]


def destination_2020(path):
    """Tables 1, 2 and 6 of the workbook by destination."""
    head = [
        None,
        "Region, development group, country or area",
        "Notes",
        "Location code",
        "Type of data",
    ]
    stock, refugees = "International migrant stock at mid-year", "Refugee and asylum seekers"
    share = "as a percentage of the international migrant stock"
    years, period = [2015, 2020], ["2015-2020"]
    groups: dict[str, list[tuple[str, list[Any]]]] = {
        "Table 1": [(f"{stock}, both sexes combined", years)],
        "Table 2": [("Total population, both sexes combined (thousands)", years)],
        "Table 4": [(f"Female migrants {share}", years)],
        "Table 5": [("Annual rate of change of the migrant stock, males", period)],
        "Table 6": [
            (f"{refugees} at mid-year, both sexes combined", years),
            (f"{refugees} {share}", [2020]),
            ("Annual rate of change of the refugee and asylum seekers", period),
        ],
    }
    cells: dict[str, list[Any]] = {
        "Table 1": [10, 20], "Table 2": [2540.905, 2.5], "Table 4": [48.1, 49.5],
        "Table 5": [1.5], "Table 6": ["~", 5, 25.5, -3.25],
    }  # fmt: skip
    sheets: dict[str, list[list[Any]]] = {"Contents": [["Contents"]]}
    for name, parts in groups.items():
        above: list[Any] = [None] * 5
        below: list[Any] = []
        for words, labels in parts:
            above += [words, *[None] * (len(labels) - 1)]
            below += labels
        row = [1, " Namibia*", 3, 516, "I R", *cells[name]]
        title = [None] * 4 + [f"{name}: figures"]
        sheets[name] = [
            title,
            ["POP/DB/MIG/Stock/Rev.2020"],
            above,
            [],
            [],
            [*head, *below],
            row,
        ]
    return book(path, sheets)


def test_the_tables_by_destination_are_read_each_with_its_unit(tmp_path):
    rows = read_source(destination_2020(tmp_path / "book.xlsx")).observations
    found = {
        (r["measure"], r["period"]): (r["value"], r["unit"], r["sex"], r["flag"])
        for r in rows.iter_rows(named=True)
    }
    assert found == {
        ("migrant_stock", "2015-07-01"): (10, "persons", "both", "imputed"),
        ("migrant_stock", "2020-07-01"): (20, "persons", "both", "imputed"),
        ("population", "2015-07-01"): (2_540_905, "persons", "both", "imputed"),
        ("population", "2020-07-01"): (2_500, "persons", "both", "imputed"),
        ("migrant_female_share", "2015-07-01"): (48.1, "percent", "both", "imputed"),
        ("migrant_female_share", "2020-07-01"): (49.5, "percent", "both", "imputed"),
        ("migrant_growth", "2015-07-01/P5Y"): (1.5, "percent a year", "male", "imputed"),
        # A tilde withholds a figure to protect people.
        ("refugee_stock", "2015-07-01"): (None, "persons", "both", "confidential"),
        ("refugee_stock", "2020-07-01"): (5, "persons", "both", "imputed"),
        ("refugee_share_of_migrants", "2020-07-01"): (25.5, "percent", "both", "imputed"),
        ("refugee_growth", "2015-07-01/P5Y"): (-3.25, "percent a year", "both", "imputed"),
    }


def test_the_workbook_by_origin_holds_emigrants(tmp_path):
    head = ["Index", "Region, development group, country or area of origin", "Notes",
            "Location code of origin", 2020]  # fmt: skip
    above = [None] * 4 + ["International migrant stock at mid-year, both sexes combined"]
    rows = [
        [1, "WORLD", None, 900, 30],
        [2, "Others", None, 2003, 4],
        [3, "Namibia", None, 516, 26],
    ]
    path = book(tmp_path / "book.xlsx", {"Table 1": [[TITLE], above, [], head, *rows]})
    found = read_source(path).observations
    assert set(found["measure"]) == {"emigrant_stock"}
    assert found.select("area", "value").rows() == [("900", 30), ("2003", 4), ("516", 26)]


HEAD_2019 = [
    "Sort\norder", "Major area, region, country or area of destination", "Notes", "Code",
    "Type of data (a)",
]  # fmt: skip


def test_the_layout_of_2019_has_a_heading_of_two_rows_and_origins_as_columns(tmp_path):
    head = ["Year", *HEAD_2019, "Country or area of origin"]
    below = [None] * 6 + [
        "Total",
        "Other South",
        "Other North",
        "Afghanistan",
        "Côte d'Ivoire*",
    ]
    rows = [
        [1990, 1, "WORLD", None, 900, None, 60, 10, 5, 25, 20],
        [2019, 1, "WORLD", None, 900, None, 70, 10, 5, 35, 20],
        [2019, 2, "Namibia", "(4)", 516, "C", 70, "..", 15, 35, 20],
    ]
    title = "Table 1 - Total migrant stock at mid-year by origin and by destination, 1990-2019"
    citation = "International Migrant Stock 2019 (POP/DB/MIG/Stock/Rev.2019)."
    sheets = {
        "CONTENTS": [["x"]],
        "Table 1": [[None, title], [citation], [], head, below, *rows],
    }
    clean = read_source(book(tmp_path / "book.xlsx", sheets))
    found = clean.observations
    assert found.height == 15
    assert set(found["dataset"]) == {"undesa_stock_origin_columns_2019"}
    assert set(found["sex"]) == {"both"}
    world = found.filter(area="900", year=1990)
    assert world["counterpart"].to_list() == [
        None, "Other South", "Other North", "Afghanistan", "Côte d'Ivoire",
    ]  # fmt: skip
    assert world["value"].to_list() == [60, 10, 5, 25, 20]
    assert found.filter(area="516", counterpart="Other South")["value"].to_list() == [None]
    systems = dict(clean.areas.select("code", "code_system").iter_rows())
    assert (systems["900"], systems["Afghanistan"]) == ("m49", "name")


@pytest.mark.parametrize("revision", ["2013", "2015", "2017"])
def test_the_layouts_of_2013_to_2017_have_a_sheet_for_each_year_and_sex(tmp_path, revision):
    below = [None] * 5 + ["Total", "Other South", "Other North", "Afghanistan"]
    head = [*HEAD_2019, "Country of origin"]
    sheets: dict[str, list[list[Any]]] = {"Contents": [["Contents"]]}
    words = ["Total", "Male", "Female"]
    for i, (year, word) in enumerate((y, w) for y in (1990, int(revision)) for w in words):
        name = f"Table {i + 1}"
        title = f"{name} - {word} migrant stock at mid-year by origin and by major area, {year}"
        row = [1, "WORLD", None, 900, None, 10 + i, 1, 2, 7 + i]
        citation = f"POP/DB/MIG/Stock/Rev.{revision}"
        sheets[name] = [[None, None, title], [citation], head, below, row]
    clean = read_source(book(tmp_path / "book.xlsx", sheets))
    totals = clean.observations.filter(pl.col("counterpart").is_null())
    assert clean.source.version == revision
    assert totals.select("year", "sex", "value").rows() == [
        (1990, "both", 10), (1990, "male", 11), (1990, "female", 12),
        (int(revision), "both", 13), (int(revision), "male", 14), (int(revision), "female", 15),
    ]  # fmt: skip


def test_blocks_of_rows_under_a_year_have_that_year(tmp_path):
    head = [*HEAD_2019, "Country of origin"]
    below = [None] * 5 + ["Total", "Afghanistan"]
    rows = [
        [None, "1990"], [1, "WORLD", None, 900, None, 9, 9],
        [None, "2015"], [1, "WORLD", None, 900, None, 11, 11],
    ]  # fmt: skip
    title = "Table 1 - Migrant stock by origin and destination, 1990-2015"
    path = book(tmp_path / "book.xlsx", {"Table 1": [[title], head, below, *rows]})
    found = read_source(path).observations.filter(counterpart="Afghanistan")
    assert found.select("year", "value").rows() == [(1990, 9), (2015, 11)]


def test_ages_are_read_with_their_sexes(tmp_path):
    words = "International migrant stock at mid-year by age"
    groups = [f"{words} (both sexes)", None, None, f"{words} (female)", None, None]
    head = ["Year", *HEAD_2019, *groups]
    below = [None] * 6 + ["0-4", "75+", "Total"] * 2
    rows = [[2019, 1, "WORLD", None, 900, None, 4, 5, 9, 2, 3, 5]]
    citation = "POP/DB/MIG/Stock/Rev.2019"
    path = book(tmp_path / "book.xlsx", {"Table 1": [[TITLE], [citation], head, below, *rows]})
    found = read_source(path).observations
    assert found.select("sex", "age", "value").rows() == [
        ("both", "0-4", 4), ("both", "75+", 5), ("both", "total", 9),
        ("female", "0-4", 2), ("female", "75+", 3), ("female", "total", 5),
    ]  # fmt: skip


def test_a_csv_of_origins_says_that_its_sex_is_from_its_name(tmp_path):
    path = tmp_path / "stock_female_wide.csv"
    path.write_text(
        "Year,Destination,Total,Other South,Afghanistan,Zimbabwe\n2019,Namibia,6,1,2,..\n"
    )
    clean = read_source(path)
    assert clean.findings["code"].to_list() == ["STA-102"]
    assert set(clean.observations["sex"]) == {"female"}
    assert clean.observations["value"].to_list() == [6, 1, 2, None]


def test_the_long_csv_may_be_compressed(tmp_path):
    path = tmp_path / "stock.csv.gz"
    text = "year,sex,origin,destination,stock\n2020,both,NAM,ZAF,12\n"
    path.write_bytes(gzip.compress(text.encode()))
    row = read_source(path).observations.row(0, named=True)
    assert (row["area"], row["counterpart"], row["value"]) == ("ZAF", "NAM", 12)
    path.write_bytes(gzip.compress(text.encode())[:-12])
    with pytest.raises(UnusableInput):
        read_source(path)


# Bad input


def test_columns_renamed_in_next_years_file_are_named(tmp_path):
    head = ["Index", "Region, development group, country or area of destination", "Notes",
            "Area identifier", "Type of data", 2026]  # fmt: skip
    path = book(
        tmp_path / "next.xlsx", {"Table 1": [[TITLE], head, [1, "WORLD", None, 900, "", 1]]}
    )
    with pytest.raises(UnknownLayout) as raised:
        read_source(path)
    assert "Location code" in str(raised.value)
    assert "'Area identifier'" in str(raised.value)


def test_a_workbook_without_its_table_names_its_sheets(tmp_path):
    path = book(
        tmp_path / "book.xlsx", {"Table of contents": [["Table 1", "x"]], "Notes": [["1"]]}
    )
    with pytest.raises(UnknownLayout, match=r"Table of contents, Notes.*undesa-stock-origin"):
        read_source(path)


def test_a_file_of_another_layout_than_named_is_refused(tmp_path):
    path = destination_2020(tmp_path / "book.xlsx")
    with pytest.raises(UnknownLayout, match="Location code of origin"):
        read_source(path, layout="undesa-stock-origin")


def test_a_web_page_in_place_of_data_is_refused(tmp_path):
    for name in ("stock.csv", "stock.xlsx", "stock.json"):
        path = tmp_path / name
        path.write_text("<!DOCTYPE html><html><title>403 Forbidden</title></html>")
        with pytest.raises(UnknownLayout, match="web page"):
            read_source(path)


def test_a_damaged_workbook_is_refused(tmp_path):
    path = origins_2020(tmp_path / "book.xlsx")
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(UnreadableFile):
        read_source(path)


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12))
def test_a_number_grouped_in_thousands_is_that_number(number):
    for text in (f"{number:,}", f"{number:,}".replace(",", " "), str(number), f" {number}.0 "):
        assert figures(pl.Series([text]))[0] == number


@settings(deadline=None)
@given(st.text(alphabet="abc.~:NA-", max_size=4))
def test_words_are_never_figures(text):
    found = figures(pl.Series([text], dtype=pl.String))[0]
    assert found is None or (found == 0 and text.strip() == "-")


# Real files


def test_the_workbook_of_2020_holds_the_published_world(statistics_data):
    path = statistics_data / "undesa" / "undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx"
    clean = read_source(path)
    rows = clean.observations
    assert clean.findings.height == 0
    assert rows.filter(measure="migrant_stock").height == 283 * 7 * 3
    world = rows.filter(measure="migrant_stock", area="900", sex="both").sort("year")["value"]
    assert (world[0], world[-1]) == (152_986_157, 280_598_105)
    people = rows.filter(measure="population", area="900", sex="both", year=2020)["value"]
    assert people.to_list() == [7_794_798_729]
    south_sudan = rows.filter(measure="migrant_stock", area="728", sex="both").sort("year")
    assert south_sudan["value"].to_list()[:4] == [None] * 4
    kinds = rows.filter(measure="migrant_stock", sex="both", year=2020)
    assert dict(kinds["producer_flags"].drop_nulls().value_counts().iter_rows()) == {
        "B R": 101, "B": 79, "C R": 30, "C": 13, "I": 3, "I R": 3, "C B R": 3,
    }  # fmt: skip


def test_the_workbook_of_2019_holds_the_published_world(statistics_data):
    path = statistics_data / "undesa" / "undesa_pd_2019_migrant_stock_total_dataset.xlsx"
    rows = read_source(path).observations
    world = rows.filter(measure="migrant_stock", area="900", sex="both").sort("year")["value"]
    assert (world[0], world[-1]) == (153_011_473, 271_642_105)


def test_mexicans_in_the_united_states(statistics_data):
    path = statistics_data / "undesa" / "ims2020_origin_destination_by_sex_long.csv.gz"
    rows = read_source(path).observations
    assert rows.height == 223_056
    found = rows.filter(area="USA", counterpart="MEX", year=2020, sex="both")["value"]
    assert found.to_list() == [10_853_105]


def test_others_of_2019_are_rows(statistics_data):
    path = statistics_data / "undesa" / "ims2019_destination_origin_total_wide.csv"
    rows = read_source(path).observations.filter(area="WORLD", year=1990).unique("counterpart")
    found = dict(rows.select("counterpart", "value").iter_rows())
    assert found["Other South"] == 6_548_526
    assert found["Other North"] == 2_366_800


def test_ages_of_2019_are_people_and_population_is_in_persons(statistics_data):
    folder = statistics_data / "undesa"
    migrants = read_source(folder / "ims2019_migrants_by_age_sex.csv").observations
    people = read_source(folder / "ims2019_population_by_age_sex_thousands.csv").observations
    asked = {"area": "WORLD", "year": 2019, "sex": "both", "age": "total"}
    assert migrants.filter(**asked)["value"][0] == 271_642_105
    assert people.filter(**asked)["value"][0] == 7_713_468_100
    assert (set(migrants["measure"]), set(people["measure"])) == (
        {"migrant_stock"},
        {"population"},
    )


def test_refugees_of_2019_have_stock_share_and_growth(statistics_data):
    rows = read_source(statistics_data / "undesa" / "ims2019_refugee_stock.csv").observations
    found = rows.filter(area="WORLD", year=2015)
    assert set(found.select("measure", "period").rows()) == {
        ("refugee_stock", "2015-07-01"),
        ("refugee_share_of_migrants", "2015-07-01"),
        ("refugee_growth", "2015-07-01/P4Y"),
    }
