"""Lists of places from several makers, read into one table."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from waystation.errors import NothingToRead, UnusableInput
from waystation.geography.units import Units, check_units, read_units, units_and_findings

GLOBAL = """Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date
#country+code,#geo+admin_level,#adm+code,#adm+name,#adm+code+parent,#date+start
NAM,1,NA05,Hardap,NAM,2021-04-30
NAM,2,NA0501,Daweb,NA05,2021-04-30
XWS,1,XW01,Aldan,XWS,2026-01-01
XWS,2,XW0101,Brem,XW01,2026-01-01
XWS,2,XW0102,Carv,XW01,2026-01-01
"""


def _write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def _codes(units: pl.DataFrame) -> dict[str, str | None]:
    return dict(units.select("code", "parent_code").iter_rows())


@pytest.mark.parametrize("has_tags", [True, False])
def test_the_global_list_is_read_in_both_vintages(tmp_path, has_tags):
    lines = GLOBAL.splitlines(keepends=True)
    text = "".join(lines if has_tags else [lines[0], *lines[2:]])
    units = read_units(_write(tmp_path / "pcodes.csv", "\ufeff" + text))
    assert _codes(units) == {
        "NAM": None, "NA05": "NAM", "NA0501": "NA05",
        "XWS": None, "XW01": "XWS", "XW0101": "XW01", "XW0102": "XW01",
    }  # fmt: skip
    namibia = units.row(0, named=True)
    assert (namibia["name"], namibia["name_fr"], namibia["level"]) == ("Namibia", "Namibie", 0)
    assert units.filter(code="XW01")["valid_on"].item() == dt.date(2026, 1, 1)
    assert Units.require(units).height == 7


COD = """ADM2_EN,ADM2_AR,ADM2_PCODE,ADM2ALT1_EN,ADM1_EN,ADM1_PCODE,ADM0_EN,ADM0_PCODE,VALIDON
Abassiya,العباسية,SD07090,Abbasiya,South Kordofan,SD07,Sudan (the),SD,8/31/2020 0:00
Abu Jubayhah,أبو جبيهة,SD07091,<Null>,South Kordofan,SD07,Sudan (the),SD,8/31/2020 0:00
"""


def test_a_cod_table_gives_every_level_and_language(tmp_path):
    units = read_units(_write(tmp_path / "adm2.csv", COD))
    assert _codes(units) == {"SDN": None, "SD07": "SDN", "SD07090": "SD07", "SD07091": "SD07"}
    unit = units.filter(code="SD07090").row(0, named=True)
    assert (unit["name"], unit["name_en"], unit["name_ar"]) == (
        "Abassiya", "Abassiya", "العباسية",
    )  # fmt: skip
    assert sorted(unit["names"]) == ["Abbasiya", "العباسية"]
    assert unit["valid_on"] == dt.date(2020, 8, 31)


@pytest.mark.parametrize(
    "headings",
    [
        ["adm1_name", "adm1_pcode", "adm2_name", "adm2_pcode", "adm0_pcode"],
        ["admin1Name", "admin1Pcode", "admin2Name", "admin2Pcode", "admin0Pcode"],
        ["ADM1_FR", "ADM1_PCODE", "ADM2_FR", "ADM2_PCODE", "ADM0_PCODE"],
        [
            "#adm1+i_fr+name", "#adm1+code+v_pcode", "#adm2+i_fr+name", "#adm2+code+v_pcode",
            "#country+code+v_pcode",
        ],
    ],
)  # fmt: skip
def test_attributes_are_known_in_all_their_spellings(tmp_path, headings):
    rows = [["Est", "XW01", "Brême", "XW0101", "XW"], ["Est", "XW01", "Carve", "XW0102", "XW"]]
    text = "\n".join(",".join(row) for row in [headings, *rows])
    units = read_units(_write(tmp_path / "list.csv", text))
    assert set(_codes(units)) == {"XWX", "XW01", "XW0101", "XW0102"}
    assert units.filter(code="XW0101")["name"].item() == "Brême"


def test_a_workbook_of_many_sheets_gives_units_and_not_towns_or_lines(tmp_path):
    path = tmp_path / "boundaries.xlsx"
    with xlsxwriter.Workbook(path) as book:
        levels = book.add_worksheet("adm2")
        levels.write_row(0, 0, ["adm2_name", "adm2_name1", "adm2_pcode", "adm1_name",
                                "adm1_pcode", "adm0_pcode", "lang", "lang1"])  # fmt: skip
        levels.write_row(1, 0, ["Brem", "بريم", "XW0101", "Aldan", "XW01", "XW", "en", "ar"])
        levels.write_row(2, 0, ["Carv", "كارف", "XW0102", "Aldan", "XW01", "XW", "en", "ar"])
        towns = book.add_worksheet("capitals")
        towns.write_row(0, 0, ["name", "adm2_pcode", "adm2_name", "adm1_pcode"])
        for row in range(1, 5):
            towns.write_row(row, 0, [f"Town {row}", "XW9999", "Brem", "XW99"])
        book.add_worksheet("notes").write(0, 0, "Made for a test")
    units = read_units(path)
    assert set(_codes(units)) == {"XWX", "XW01", "XW0101", "XW0102"}
    assert units.filter(code="XW0101")["name_ar"].item() == "بريم"


def _shape(x: float) -> dict[str, object]:
    ring = [[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]
    return {"type": "Polygon", "coordinates": [ring]}


def _geojson(path: Path, attributes: list[dict[str, object]]) -> Path:
    features = [
        {"type": "Feature", "properties": values, "geometry": _shape(x)}
        for x, values in enumerate(attributes)
    ]
    return _write(path, json.dumps({"type": "FeatureCollection", "features": features}))


def test_boundaries_give_units_and_shapes_without_codes_are_a_finding(tmp_path):
    named = {"admin1Name": "Aldan", "admin1Pcode": "XW01", "validOn": 1509667200000}
    good = _geojson(tmp_path / "a.geojson", [named])
    bare = _geojson(tmp_path / "b.geojson", [{}, {}])
    units, findings = units_and_findings(good, bare)
    assert set(_codes(units)) == {"XWX", "XW01"}
    assert units.filter(code="XW01")["valid_on"].item() == dt.date(2017, 11, 3)
    assert findings.select("code", "file").rows() == [("GEO-110", "b.geojson")]
    assert read_units(bare).height == 0


def test_two_sources_of_one_country_are_merged_and_prefixes_are_one(tmp_path):
    first = _write(tmp_path / "a.csv", GLOBAL)
    second = _write(
        tmp_path / "b.csv",
        "iso3,adm1_name,adm1_name1,adm1_pcode,lang,lang1\n"
        "XWS,Aldan,ألدان,XWS01,en,ar\nXWS,Zell,,XWS02,en,ar\n",
    )
    units = read_units(first, second).filter(country="XWS", level=1)
    assert units.select("code", "name", "names").rows() == [
        ("XW01", "Aldan", ["ألدان"]),
        ("XWS02", "Zell", []),
    ]


def test_an_unknown_prefix_is_told_by_the_list_that_names_its_country(tmp_path):
    _write(tmp_path / "pcodes.csv", GLOBAL)
    _geojson(tmp_path / "x.geojson", [{"admin2Name": "Dorn", "admin2Pcode": "XW0103"}])
    _write(tmp_path / "readme.txt", "Not a list")
    units = read_units(tmp_path)
    assert units.filter(code="XW0103").select("country", "parent_code").row(0) == (
        "XWS", "XW01",
    )  # fmt: skip


def test_what_is_no_list_is_refused(tmp_path):
    with pytest.raises(NothingToRead, match="no column of place codes"):
        read_units(_write(tmp_path / "x.csv", "a,b\n1,2\n"))
    with pytest.raises(UnusableInput, match="which country"):
        read_units(_write(tmp_path / "x.csv", "level,code,name,parent\n1,77,Here,7\n"))
    with pytest.raises(UnusableInput):
        read_units(_write(tmp_path / "x.geojson", "no geojson"))


def test_a_code_for_two_names_is_a_finding_and_stands_once(tmp_path):
    text = GLOBAL + "XWS,2,XW0102,Other,XW01,2026-01-01\n"
    units, findings = units_and_findings(_write(tmp_path / "x.csv", text))
    assert units.filter(code="XW0102")["name"].to_list() == ["Carv"]
    assert findings.select("code", "reported").rows() == [("GEO-103", "XW0102")]


def _units(*rows: tuple[str, int, str, str, str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(
        rows, ["country", "level", "code", "name", "parent_code"], orient="row"
    )
    return Units.complete(frame.with_columns(names=pl.lit([], pl.List(pl.String))))


# Each wrong row is the only one of its kind.
WRONG = _units(
    ("XWS", 0, "XWS", "Westland", None),
    ("XWS", 1, "XW01", "Aldan", "XWS"),
    ("XWS", 1, "XW02", "Zell", "XWS"),
    ("XWS", 1, "XW03", "Empty", "XWS"),  # 106: nothing below it
    ("XWS", 1, "NG04", "Disputed", "XWS"),  # 101 (and 107), nothing below it
    ("XWS", 2, "XW0101", "Brem", "XW01"),
    ("XWS", 2, "XW0102", "Brem", "XW01"),  # 104
    ("XWS", 2, "XW0201", "Carv", "XW01"),  # 102
    ("XWS", 2, "XW0202", "Dorn", "XW02"),
    ("XWS", 2, "XW0202", "Dorn", "XW02"),  # 103
    ("XWS", 2, "XW0901", "Lost", "XW09"),  # 105
    ("XWS", 2, "XW02003", "Long", "XW02"),  # 108
    ("XWS", 2, "XW0204", "XW0204", "XW02"),  # 109
    ("XWZ", 2, "XZ0204", "Alone", None),  # 106: no level 1
)


def test_each_fault_of_a_list_is_found_once():
    found = check_units(WRONG)
    assert found.select("code", "reported").rows() == [
        ("GEO-101", "NG04"),
        ("GEO-102", "XW0201"),
        ("GEO-103", "XW0202"),
        ("GEO-104", "XW0101"),
        ("GEO-105", "XW0901"),
        ("GEO-106", "XWZ"),
        ("GEO-106", "XWZ"),
        ("GEO-106", "NG04"),
        ("GEO-107", "NG04"),
        ("GEO-108", "XW02003"),
        ("GEO-109", "XW0204"),
    ]
    assert "Brem is the name of 2 units under XW01" in " ".join(found["message"])


def test_a_country_that_codes_its_own_way_is_one_finding():
    rows = [("IRQ", 1, f"IQG{n:02d}", f"Place {n}", "IRQ") for n in range(1, 9)]
    found = check_units(_units(("IRQ", 0, "IRQ", "Iraq", None), *rows))
    assert found["code"].to_list() == ["GEO-107"]
    assert "8 codes of IRQ" in found["message"][0]


def test_codes_that_fill_up_with_zeros_nest():
    found = check_units(
        _units(
            ("KGZ", 0, "KGZ", "Kyrgyzstan", None),
            ("KGZ", 1, "KG02000000000", "Issyk-Kul", "KGZ"),
            ("KGZ", 2, "KG02205000000", "Ak-Suu", "KG02000000000"),
        )
    )
    assert found.height == 0


def test_the_global_list_of_the_field_is_read_in_well_under_a_second(field_data):
    for name in ("download-global-pcodes-adm-1-2.csv", "hdx-python-country"):
        start = time.perf_counter()
        units = read_units(field_data / "pcodes" / name)
        took = time.perf_counter() - start
        print(f"{name}: {units.height} units in {took:.2f} s")
        assert took < 3  # a wide margin: the machine may be busy
        assert units.group_by("level").len().sort("level")["len"].to_list()[0] == 156
        assert units.height > 32_000
        assert check_units(units).height < 100


def test_tables_and_boundaries_of_the_field_are_read(field_data):
    levels = {
        "nga_admin_boundaries.xlsx": [1, 37, 774, 714],
        "sdn_codab_adm2_2020.csv": [1, 19, 189],
        "sdn_codab_tabular_2020.xlsx": [1, 19, 189],
    }
    for name, expected in levels.items():
        units = read_units(field_data / "pcodes" / name)
        assert units.group_by("level").len().sort("level")["len"].to_list() == expected
    units, findings = units_and_findings(field_data / "boundaries")
    assert findings["code"].to_list() == ["GEO-110"]
    assert units["country"].n_unique() == 16
    assert units.filter(pl.col("level") > 0)["parent_code"].null_count() == 0
