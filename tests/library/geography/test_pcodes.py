"""Place codes repaired where only one unit fits, and left alone otherwise."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.geography.pcodes import repaired_pcodes
from waystation.geography.units import Units

SCHEMA = {"country": pl.String, "level": pl.Int64, "code": pl.String}


def _list(country: str, *codes: tuple[int, str, str]) -> pl.DataFrame:
    rows = [(country, level, code, f"Unit {code}", parent) for level, code, parent in codes]
    frame = pl.DataFrame(
        rows, ["country", "level", "code", "name", "parent_code"], orient="row"
    )
    return Units.complete(frame.with_columns(names=pl.lit([], pl.List(pl.String))))


# Three digits a level: 1001 could be 001-001 or 010-001.
STATES = [(1, f"NG{n:03d}", "NGA") for n in (1, 8, 10, 35)]
DISTRICTS = [(2, f"{state}{n:03d}", state) for _, state, _ in STATES for n in (1, 14)]
UNITS = pl.concat(
    [
        _list("NGA", *STATES, *DISTRICTS),
        _list("TCD", (1, "TCD07", "TCD"), (2, "TCD0701", "TCD07")),
        _list("XWS", (1, "XW01", "XWS"), (2, "XW0101", "XW01"), (2, "XW0110", "XW01")),
        _list("IRQ", (1, "IQG01", "IRQ"), (2, "IQG01Q01", "IQG01")),
        _list("TJK", (1, "3501000", "TJK"), (2, "3501263", "3501000")),
        _list("MMR", (1, "MMR001", "MMR"), (2, "MMR001D001", "MMR001")),
        _list("LSO", (1, "LSA", "LSO"), (2, "LSA01", "LSA")),
        _list("NAM", (1, "NA05", "NAM")),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("country", "level", "code", "matched", "words"),
    [
        ("NGA", 1, "NG008", "NG008", None),
        ("NGA", 1, "NGA008", "NG008", "prefix NGA read as NG"),
        ("TCD", 1, "TD07", "TCD07", "prefix TD read as TCD"),
        ("XWS", 1, "XWS01", "XW01", "prefix XWS read as XW"),
        ("NGA", 2, " ng008 - 001", "NG008001", "spaces or signs removed"),
        ("NGA", 2, "ng008001", "NG008001", "small letters made capital"),
        ("NGA", 1, "8", "NG008", "prefix NG added, zeros added, 8 read as 008"),
        ("NGA", 2, "8001.0", "NG008001", '".0" of a number removed'),
        ("NGA", 2, "1001.0", "NG001001", "1001 read as 001001"),
        ("NGA", 2, "NG0801", "NG008001", "zeros added, 0801 read as 008001"),
        ("NGA", 1, "NG0008", "NG008", "zeros removed, 0008 read as 008"),
        ("NAM", 1, "NA5", "NA05", "zeros added"),
        ("IRQ", 1, "iqg01", "IQG01", "small letters"),
        ("IRQ", 2, "IQG01 Q01", "IQG01Q01", "spaces"),
        ("TJK", 2, "3501263.0", "3501263", "number"),
        ("TJK", 1, "TJ 3501000", "3501000", "prefix TJ removed"),
        ("MMR", 2, "mmr001d001", "MMR001D001", "small letters"),
        ("LSO", 1, "LSA", "LSA", None),
        ("LSO", 2, "LS A01", "LSA01", "spaces"),
    ],
)
def test_a_code_is_repaired_and_the_repair_is_said(country, level, code, matched, words):
    frame = pl.DataFrame([(country, level, code)], SCHEMA, orient="row")
    answer = repaired_pcodes(frame, UNITS).row(0, named=True)
    assert answer["matched_code"] == matched
    assert words is None or words in answer["repair"]
    assert (words is None) == (answer["repair"] is None)


@pytest.mark.parametrize(
    ("country", "level", "code"),
    [
        ("NGA", 2, "NG1001"),  # 001-001 or 010-001
        ("NGA", 1, "NG099"),
        ("NGA", 2, "NG080014"),  # the right length, and not in the list
        ("NGA", 1, "TD008"),  # another country's prefix
        ("NGA", 1, None),
        (None, 1, "NG008"),
        ("SDN", 1, "SD01"),
    ],
)
def test_a_doubtful_code_is_not_repaired(country, level, code):
    frame = pl.DataFrame([(country, level, code)], SCHEMA, orient="row")
    assert repaired_pcodes(frame, UNITS).select("matched_code", "repair").row(0) == (None, None)


def test_rows_their_order_and_their_other_columns_are_kept():
    frame = pl.DataFrame(
        {"n": [1, 2, 3, 4], "country": ["NGA", "TCD", "NGA", "NGA"], "level": [1, 1, 1, 1],
         "code": ["NGA008", "TD07", None, "NGA008"]}
    )  # fmt: skip
    answers = repaired_pcodes(frame, UNITS)
    assert answers["n"].to_list() == [1, 2, 3, 4]
    assert answers["matched_code"].to_list() == ["NG008", "TCD07", None, "NG008"]


LISTED = UNITS.select("country", "level", "code").rows()


@settings(deadline=None)
@given(
    unit=st.sampled_from(LISTED),
    is_small=st.booleans(),
    gap=st.sampled_from(["", " ", "-", "\u200f"]),
    cut=st.integers(0, 3),
)
def test_case_and_spaces_never_change_what_a_code_means(unit, is_small, gap, cut):
    country, level, code = unit
    written = code[:cut] + gap + code[cut:]
    frame = pl.DataFrame(
        [(country, level, written.lower() if is_small else written)], SCHEMA, orient="row"
    )
    assert repaired_pcodes(frame, UNITS)["matched_code"].to_list() == [code]


def test_no_repair_makes_another_unit_of_a_listed_code_in_the_field(field_data):
    from waystation.geography.units import read_units

    units = read_units(field_data / "pcodes" / "download-global-pcodes-adm-1-2.csv")
    own = units.filter(pl.col("level") > 0).select("country", "level", "code")
    assert repaired_pcodes(own, units)["matched_code"].to_list() == own["code"].to_list()
    # What a spreadsheet does to codes of digits: the prefix dropped, the first zeros lost.
    lost = own.with_columns(true="code", code=pl.col("code").str.replace(r"^[A-Z]+0*", ""))
    answers = repaired_pcodes(lost.filter(pl.col("code") != pl.col("true")), units)
    wrong = answers.filter(pl.col("matched_code") != pl.col("true"))
    print(f"{answers['matched_code'].null_count()} of {answers.height} not repaired")
    assert wrong.height == 0
    assert answers["matched_code"].null_count() < 0.02 * answers.height
