"""World Bank and KNOMAD: matrices, the bilateral database, indicators of the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
import xlsxwriter

from waystation.errors import InvalidChoice, NothingToRead, UnknownLayout, UnreadableFile
from waystation.statistics.judged import judged_from_clean
from waystation.statistics.sources.registry import read_source
from waystation.statistics.sources.worldbank_api import indicators_from_api

NAMES = ["Egypt, Arab Rep.", "Namibia", "Yemen, Rep."]


def matrix(path, *, corner, title):
    """Row totals are what each sends; blanks are no estimates."""
    across: list[Any] = [corner, *NAMES, "WORLD"]
    down: list[list[Any]] = [
        [NAMES[0], 0, 1.5, None, 1.5],
        [NAMES[1], 2, 0, "1,000.25", 1002.25],
        [NAMES[2], None, None, 0, 0],
        ["WORLD", 2, 1.5, 1000.25, 1003.75],
        ["Source: staff estimates based on many and long words about their method, see notes"],
    ]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Matrix")
        for i, row in enumerate([[title], across, *down]):
            for j, cell in enumerate(row):
                if cell is not None:
                    sheet.write(i, j, cell)
    return path


def cell(rows, area, counterpart):
    return rows.filter(area=area, counterpart=counterpart)["value"].to_list()


def test_remittances_are_usd_and_know_who_sends(tmp_path):
    path = matrix(
        tmp_path / "any.xlsx",
        corner="receiving (across) / sending (down)",
        title="Bilateral Remittance Estimates for 2021 (US$ million)",
    )
    clean = read_source(path)
    judged = judged_from_clean(clean).observations
    # Namibia sends 1,000.25 million to Yemen.
    assert cell(judged, "YEM", "NAM") == [1_000_250_000]
    assert cell(judged, "NAM", "EGY") == [1_500_000]
    assert cell(judged, "YEM", "EGY") == [None]  # a blank is no estimate
    assert cell(judged, "YEM", "YEM") == [0]
    totals = judged.filter(judged["counterpart"].is_null())
    assert dict(totals.select("area", "value").iter_rows()) == {
        "EGY": 2_000_000, "NAM": 1_500_000, "YEM": 1_000_250_000, "900": 1_003_750_000,
    }  # fmt: skip
    assert set(judged["unit"]) == {"USD"}
    assert set(judged["measure"]) == {"remittances_received"}
    assert (clean.source.version, clean.findings.height) == ("2021", 0)


def test_a_matrix_the_other_way_round_is_turned(tmp_path):
    path = matrix(
        tmp_path / "any.xlsx",
        corner="sending (across) / receiving (down)",
        title="Bilateral Remittance Estimates for 2021",
    )
    rows = judged_from_clean(read_source(path)).observations
    assert cell(rows, "NAM", "YEM") == [1_000_250_000]


def test_a_matrix_of_migrants_is_in_persons(tmp_path):
    path = matrix(
        tmp_path / "any.xlsx",
        corner="destination (across) - source (down)",
        title="Bilateral Estimates of Migrant Stocks in 2013",
    )
    rows = judged_from_clean(read_source(path)).observations
    assert cell(rows, "NAM", "EGY") == [1.5]
    assert set(rows["measure"]) == {"migrant_stock"}
    assert set(rows["unit"]) == {"persons"}


def test_a_matrix_that_does_not_say_what_it_is_must_say_so_in_its_name(tmp_path):
    text = ",Kenya,Namibia,Uganda\nKenya,0,1,2\nNamibia,1,0,2\nUganda,1,1,0\n"
    path = tmp_path / "matrix.csv"
    path.write_text(text)
    with pytest.raises(UnknownLayout, match="migrants or remittances"):
        read_source(path)
    path = tmp_path / "bilateral_remittance.csv"
    path.write_text(text)
    with pytest.raises(UnknownLayout, match="year"):
        read_source(path)
    path = tmp_path / "bilateral_remittance_2018.csv"
    path.write_text(text)
    assert read_source(path).findings["code"].to_list() == ["STA-102", "STA-102"]


def test_the_bilateral_database_has_decades_and_sexes(tmp_path):
    path = tmp_path / "gbmd.csv"
    path.write_text(
        "sex,origin,destination,Y1960,Y2000\nMale,NAM,ZAF,5,9\nFemale,NAM,ZAF,4,..\n"
    )
    rows = read_source(path).observations
    assert rows.select("area", "counterpart", "sex", "year", "value").rows() == [
        ("ZAF", "NAM", "male", 1960, 5), ("ZAF", "NAM", "female", 1960, 4),
        ("ZAF", "NAM", "male", 2000, 9), ("ZAF", "NAM", "female", 2000, None),
    ]  # fmt: skip


def test_the_csv_of_the_databank_is_read_too(tmp_path):
    path = tmp_path / "databank.csv"
    path.write_text(
        "Country Origin Name,Country Origin Code,Migration by Gender Name,"
        "Migration by Gender Code,Country Dest Name,Country Dest Code,1960 [1960],2000 [2000]\n"
        "Namibia,NAM,Total,TOT,South Africa,ZAF,9,12\n"
    )
    rows = read_source(path).observations
    assert rows.select("sex", "year", "value").rows() == [("both", 1960, 9), ("both", 2000, 12)]


def test_years_in_reverse_order_are_told_and_not_turned(tmp_path):
    path = tmp_path / "gbmd.csv"
    path.write_text("sex,origin,destination,Y1960,Y2000\nMale,NAM,ZAF,9,5\n")
    clean = read_source(path)
    assert clean.findings["code"].to_list() == ["STA-106"]
    assert clean.observations["value"].to_list() == [9, 5]


# Written by hand after the answers of the API (version 2).
def row(country, value, *, indicator="SM.POP.TOTL", date="2015", iso=None, status=""):
    return {
        "indicator": {"id": indicator, "value": "International migrant stock, total"},
        "country": {"id": country[:2], "value": country},
        "countryiso3code": country if iso is None else iso,
        "date": date,
        "value": value,
        "unit": "",
        "obs_status": status,
        "decimal": 0,
    }


def page(number, pages, rows, updated="2026-07-01"):
    head = {"page": number, "pages": pages, "per_page": 2, "total": 3, "lastupdated": updated}
    return [head, rows]


MESSAGE = [
    {"message": [{"id": "120", "key": "Invalid value", "value": "The value is not valid"}]}
]
ANSWERS = {
    ("SM.POP.TOTL", 1): page(1, 2, [row("NAM", 94_603), row("ARB", 34_800_000)]),
    ("SM.POP.TOTL", 2): page(2, 2, [row("SSD", None)]),
    # An indicator without figures: no pages at all, and rows that are null.
    ("SM.POP.REFG", 1): [{"page": 0, "pages": 0, "per_page": 0, "total": 0}, None],
    ("SM.NO.SUCH", 1): MESSAGE,
}


def fetch(asked):
    def answer(address):
        indicator = address.split("/indicator/")[1].split("?")[0]
        number = int(address.split("&page=")[1].split("&")[0])
        asked.append((indicator, number))
        content = ANSWERS[indicator, number]
        return content if isinstance(content, bytes) else json.dumps(content).encode()

    return answer


def test_indicators_are_fetched_page_by_page_and_one_that_fails_leaves_the_others():
    asked: list[tuple[str, int]] = []
    clean = indicators_from_api(
        ["SM.NO.SUCH", "SM.POP.REFG", "SM.POP.TOTL"], fetch=fetch(asked), rows=2
    )
    assert asked == [
        ("SM.NO.SUCH", 1), ("SM.POP.REFG", 1), ("SM.POP.TOTL", 1), ("SM.POP.TOTL", 2),
    ]  # fmt: skip
    assert clean.findings["code"].to_list() == ["STA-105", "STA-105"]
    assert "not valid" in clean.findings["message"][0]
    assert clean.source.version == "2026-07-01"
    rows = judged_from_clean(clean).observations
    assert rows.select("measure", "area", "value", "flag").rows() == [
        ("migrant_stock", "NAM", 94_603, "observed"),
        ("migrant_stock", "WB_ARB", 34_800_000, "observed"),
        ("migrant_stock", "SSD", None, "not_reported"),
    ]


def test_nothing_at_all_is_an_error_and_pages_have_a_limit():
    with pytest.raises(NothingToRead, match=r"SM\.POP\.REFG"):
        indicators_from_api(["SM.POP.REFG"], fetch=fetch([]))
    with pytest.raises(InvalidChoice, match="32,500"):
        indicators_from_api(["SM.POP.TOTL"], fetch=fetch([]), rows=40_000)


def test_an_indicator_that_answers_without_end_is_left_when_a_page_is_empty():
    asked: list[str] = []

    def answer(address):
        asked.append(address)
        rows = [row("NAM", 1)] if len(asked) == 1 else []
        return json.dumps(page(len(asked), 999, rows)).encode()

    indicators_from_api(["SM.POP.TOTL"], fetch=answer)
    assert len(asked) == 2


@pytest.mark.parametrize(
    "content",
    [b"<!DOCTYPE html><html></html>", b'<?xml version="1.0"?><error/>', b"{not json", b"[]"],
)
def test_what_is_no_answer_is_told_for_its_indicator(content):
    clean = indicators_from_api(
        ["SM.POP.NETM", "SM.POP.TOTL"],
        fetch=lambda a: (
            content if "NETM" in a else json.dumps(page(1, 1, [row("NAM", 1)])).encode()
        ),
    )
    assert clean.findings["code"].to_list() == ["STA-105"]
    assert "SM.POP.NETM" in clean.findings["message"][0]


def test_answers_kept_as_files_are_read_whole_or_refused(tmp_path):
    path = tmp_path / "answer.json"
    first, second = ANSWERS["SM.POP.TOTL", 1], ANSWERS["SM.POP.TOTL", 2]
    path.write_text(json.dumps([first, second]))
    assert read_source(path).observations.height == 3
    path.write_text(json.dumps({"items": first[1] + second[1]}))
    assert read_source(path).observations.height == 3
    path.write_text(json.dumps(first))
    with pytest.raises(UnreadableFile, match="1 of 2 pages"):
        read_source(path)
    path.write_text(json.dumps(MESSAGE))
    with pytest.raises(UnknownLayout):
        read_source(path)


def test_status_and_regions_without_iso_code_are_kept(tmp_path):
    path = tmp_path / "answer.json"
    rows = [row("XY", 5, iso="", status="F"), row("NAM", 6, status="E")]
    path.write_text(json.dumps(page(1, 1, rows)))
    found = read_source(path).observations
    assert found.select("area", "flag", "producer_flags").rows() == [
        ("XY", "provisional", "F"), ("NAM", "estimated", "E"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("years", "unit"),
    [(("2007", "2012", "2017"), "persons in five years"), (("2016", "2017"), "persons")],
)
def test_net_migration_of_old_editions_is_of_five_years(tmp_path, years, unit):
    path = tmp_path / "answer.json"
    rows = [row("NAM", -5, indicator="SM.POP.NETM", date=year) for year in years]
    path.write_text(json.dumps(page(1, 1, rows)))
    found = read_source(path).observations
    assert set(found["unit"]) == {unit}
    assert set(found["value"]) == {-5}


def test_the_csv_of_an_indicator_has_rows_above_its_heading(tmp_path):
    path = tmp_path / "API_SM.POP.TOTL_DS2_en_csv.csv"
    path.write_text(
        '"Data Source","World Development Indicators",\n\n"Last Updated Date","2026-07-01",\n\n'
        '"Country Name","Country Code","Indicator Name","Indicator Code","2010","2015",\n'
        '"Namibia","NAM","International migrant stock, total","SM.POP.TOTL","102405","",\n'
    )
    clean = read_source(path)
    assert clean.source.version == "2026-07-01"
    assert clean.observations.select("area", "year", "value", "flag").rows() == [
        ("NAM", 2010, 102_405, "observed"), ("NAM", 2015, None, "not_reported"),
    ]  # fmt: skip


def test_real_remittances_of_2018(statistics_data):
    path = statistics_data / "remittances" / "bilateral_remittance_matrix_2018_oct2019.csv"
    judged = judged_from_clean(read_source(path))
    assert judged.observations.height == 214 * 214
    assert "STA-110" not in set(judged.findings["code"])
    assert cell(judged.observations, "MEX", "USA") > cell(judged.observations, "USA", "MEX")


def test_real_bilateral_database(statistics_data):
    path = statistics_data / "worldbank" / "gbmd_1960_2000_by_sex.csv.gz"
    clean = read_source(path)
    assert clean.findings.height == 0
    first = clean.observations.filter(year=1960)["value"].sum()
    assert round(float(first) / 1e6) == 93
    assert "STA-110" not in set(judged_from_clean(clean).findings["code"])
