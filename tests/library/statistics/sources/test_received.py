"""Opening what producers publish: numbers as they are written, sheets, broken files."""

from __future__ import annotations

import gzip

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waystation.errors import NotFound, UnknownLayout, UnreadableFile
from waystation.statistics.sources.received import (
    figure,
    is_unreadable,
    read_received,
    unreadable_cells,
)

ROLES = {"area": ("Area",), "year": ("Year",), "people": ("People", "Persons")}


def read(path):
    return read_received(path, ROLES, required=["area", "year"], layout="a test")


def numbers(*texts):
    return (
        pl.DataFrame({"x": texts}, schema={"x": pl.String}).select(figure("x"))["x"].to_list()
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("12.5", 12.5), ("-3", -3), ("2e+05", 200_000), ("1,022", 1022),
        ("1 234 567", 1_234_567), ("12,5", None), ("1,02", None), ("", None), ("-", None),
        (":", None), ("..", None), ("NA", None), ("12 people", None), ("0", 0), (None, None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_producers_write_it_and_nothing_else_is(text, value):
    assert numbers(text) == [value]


@given(st.integers(-(10**12), 10**12))
def test_every_whole_number_is_itself_with_and_without_separators(n):
    assert numbers(str(n), f"{n:,}") == [n, n]


@given(st.text(max_size=12))
def test_any_text_is_a_number_a_sign_for_none_or_a_finding(text):
    frame = pl.DataFrame({"x": [text]})
    (value,) = frame.select(figure("x"))["x"].to_list()
    (is_bad,) = frame.select(is_unreadable("x"))["x"].to_list()
    assert not (is_bad and value is not None)


def test_headings_are_found_whatever_their_case_and_place(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("A title,,\n,,\nYEAR, persons ,area\n2020,7,NA\n", "utf-8")
    assert read(path).rows.rows() == [("NA", "2020", "7", 4)]


def test_a_file_without_a_suffix_is_told_by_its_content(tmp_path):
    path = tmp_path / "download"
    path.write_bytes(gzip.compress(b"Area,Year,People\nAAA,2020,7\n"))
    assert read(path).rows["people"].to_list() == ["7"]


def test_what_is_missing_is_named_with_the_row_that_looks_nearest(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Area,Jahr,People\nAAA,2020,7\n", "utf-8")
    with pytest.raises(UnknownLayout, match=r"lacks the columns Year; row 1 has Area, Jahr"):
        read(path)


def test_a_bad_cell_is_told_with_row_and_column(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Area,Year,People\nAAA,2020,7\nBBB,2020,seven\n", "utf-8")
    found = unreadable_cells(read(path), ["people"])
    assert found.select("code", "row", "column", "reported").rows() == [
        ("STA-201", 3, "people", "seven")
    ]
    assert "Row 3" in found["message"][0]


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        read(tmp_path / "none.csv")


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b", b"\x1f\x8b\x08broken", gzip.compress(b"", mtime=0)]
)
def test_a_damaged_or_empty_packed_file_is_refused(tmp_path, content):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(content)
    with pytest.raises(Exception, match=r"x\.csv") as refused:
        read(path)
    assert type(refused.value).__name__ in {"UnreadableFile", "NothingToRead"}


def test_a_web_page_is_refused_by_name_in_every_format(tmp_path):
    for name in ("x.csv", "x.tsv", "x.json", "x.xlsx", "x"):
        path = tmp_path / name
        path.write_bytes(b"<!DOCTYPE html><html><title>Just a moment...</title></html>")
        with pytest.raises(UnreadableFile, match="web page"):
            read(path)
