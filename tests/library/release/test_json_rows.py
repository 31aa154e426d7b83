"""Rows as JSON: chosen in any way, they read as the rows would, packed or not."""

from __future__ import annotations

import gzip
import json
import zlib

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.release.gzip_pieces import gzip_of_pieces, gzip_piece
from waystation.release.json_rows import joined, joined_gzip, json_rows

ROWS = pl.DataFrame(
    {
        "id": [1, 2, 3, 4, 5],
        "name": ["Baïdoa", 'a "quoted" one', "\\ back\x00slash", None, "بيدوا </script>"],
        "round": [1, 1, 2, 2, 2],
        "area": ["x", "y", "x", "y", "x"],
    }
)
HEAD, TAIL = b'{"result":[', b"]}"


def answered(rows, is_wanted=lambda _key: True, where=None):
    parts = list(rows.chosen(is_wanted, where))
    plain = joined(HEAD, parts, TAIL)
    assert gzip.decompress(joined_gzip(HEAD, parts, TAIL)) == plain
    found = json.loads(plain)["result"]
    assert len(found) == sum(part.rows for part in parts)
    return found


@pytest.fixture
def rows():
    served = ROWS.drop("area")
    return json_rows(served, keys=ROWS.select("round"), places=ROWS.select("area"))


@pytest.mark.parametrize(
    ("is_wanted", "where", "expected"),
    [
        (lambda _key: True, None, [1, 2, 3, 4, 5]),
        (lambda key: key == (2,), None, [3, 4, 5]),
        (lambda _key: False, None, []),
        (lambda _key: True, pl.col("area") == "x", [1, 3, 5]),
        (lambda key: key == (1,), pl.col("area") == "y", [2]),
        (lambda _key: True, pl.col("area") == "z", []),
        (lambda _key: True, pl.col("area").is_in(["x", "y"]), [1, 2, 3, 4, 5]),
    ],
)
def test_rows_are_chosen_by_group_and_by_place(rows, is_wanted, where, expected):
    found = answered(rows, is_wanted, where)
    assert [row["id"] for row in found] == expected
    by_id = {row["id"]: row for row in ROWS.drop("area").to_dicts()}
    assert found == [by_id[number] for number in expected]


def test_a_place_that_is_not_known_is_not_one_that_was_asked_for():
    frame = pl.DataFrame({"id": [1, 2]})
    places = pl.DataFrame({"area": ["x", None]})
    rows = json_rows(frame, keys=pl.DataFrame({"k": [1, 1]}), places=places)
    assert answered(rows, where=pl.col("area") == "x") == [{"id": 1}]


def test_a_table_without_rows_answers_with_none():
    empty = ROWS.clear()
    rows = json_rows(empty, keys=empty.select("round"), places=empty.select("area"))
    assert answered(rows) == []
    assert answered(rows, where=pl.col("area") == "x") == []


def test_the_size_counts_what_is_kept(rows):
    assert rows.size > len(rows.text) > 100


@given(
    st.lists(st.tuples(st.text(max_size=40), st.integers(0, 3), st.sampled_from("xyz"))),
    st.sets(st.integers(0, 3)),
    st.sampled_from(["x", "y", None]),
)
@settings(deadline=None)
def test_whatever_the_rows_the_answer_is_the_filtered_table(table, rounds, area):
    table = sorted(table, key=lambda row: row[1])
    schema = {"name": pl.String, "round": pl.Int64, "area": pl.String}
    frame = pl.DataFrame(table, schema=schema, orient="row")
    rows = json_rows(frame, keys=frame.select("round"), places=frame.select("area"), level=1)
    where = None if area is None else pl.col("area") == area
    found = answered(rows, lambda key: key[0] in rounds, where)
    assert found == [
        {"name": name, "round": number, "area": place}
        for name, number, place in table
        if number in rounds and area in {None, place}
    ]


@given(st.lists(st.binary(max_size=3000), max_size=8), st.integers(1, 9))
@settings(deadline=None)
def test_pieces_in_any_number_make_one_gzip_body(contents, level):
    body = gzip_of_pieces([gzip_piece(content, level=level) for content in contents])
    reader = zlib.decompressobj(31)
    assert reader.decompress(body) == b"".join(contents)
    # One member that ends where the body ends: some clients stop after the first.
    assert reader.eof
    assert reader.unused_data == b""
