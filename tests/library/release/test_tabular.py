"""Flat files keep figures as they are and never carry an instruction."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from waystation.release.hxl import tags_of_columns
from waystation.release.tabular import escaped, write_csv

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", DANGEROUS)
def test_text_that_begins_a_formula_is_led_by_an_apostrophe(start):
    frame = pl.DataFrame({"name": [f"{start}cmd|' /C calc'!A0"]})
    assert escaped(frame)["name"][0].startswith("'" + start)


def test_numbers_dates_and_ordinary_text_are_untouched(tmp_path):
    frame = pl.DataFrame({"name": ["Nueva Unión", "NA"], "value": [-12.5, None], "n": [-3, 0]})
    path = write_csv(frame, tmp_path / "t.csv")
    assert rows_of(path) == [
        ["name", "value", "n"],
        ["Nueva Unión", "-12.5", "-3"],
        ["NA", "", "0"],
    ]


def test_categories_of_an_enum_are_escaped_too():
    frame = pl.DataFrame({"kind": ["=x"]}, schema={"kind": pl.Enum(["=x"])})
    assert escaped(frame)["kind"].to_list() == ["'=x"]


def test_a_file_begins_with_a_mark_that_excel_needs_for_arabic(tmp_path):
    path = write_csv(pl.DataFrame({"name": ["النازحون"]}), tmp_path / "t.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert pl.read_csv(path)["name"].to_list() == ["النازحون"]


def test_large_figures_are_never_written_as_powers_of_ten(tmp_path):
    path = write_csv(pl.DataFrame({"value": [12345678901.0]}), tmp_path / "t.csv")
    assert float(rows_of(path)[1][0]) == 12345678901
    assert "e" not in rows_of(path)[1][0]


def test_tags_stand_under_the_headings(tmp_path):
    frame = pl.DataFrame({"country": ["XWS"], "admin1_code": ["XW01"], "idp_individuals": [5]})
    path = write_csv(frame, tmp_path / "t.csv", tags=tags_of_columns(frame.columns))
    assert rows_of(path)[1] == ["#country+code", "#adm1+code", "#affected+idps+ind"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=8)
)
def test_no_text_ever_begins_a_formula_and_nothing_else_is_lost(texts, tmp_path):
    frame = pl.DataFrame(
        {"a": range(len(texts)), "text": texts}, schema={"a": pl.Int64, "text": pl.String}
    )
    read = rows_of(write_csv(frame, tmp_path / "t.csv"))[1:]
    assert len(read) == len(texts)
    for (_, cell), text in zip(read, texts, strict=True):
        assert not cell.startswith(DANGEROUS)
        assert cell == ("'" + text if text.startswith(DANGEROUS) else text)
