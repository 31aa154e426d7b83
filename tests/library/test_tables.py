"""What every table promises: declared columns, checked, others let through."""

from __future__ import annotations

import datetime as dt

import dataframely as dy
import polars as pl
import pytest

from waystation.errors import BrokenRules, InvalidTable, MissingColumns
from waystation.tables import Table, claim, day, iso3, number, text, whole


class Visits(Table):
    """Visits of places."""

    country = iso3("Country.", primary_key=True)
    site = dy.String(min_length=1, primary_key=True, description="Site.")
    persons = whole("People seen.", unit="persons", min=0)
    note = text("Remark.")


VISITS = pl.DataFrame({"country": ["XWS"], "site": ["a"], "persons": [3], "note": [None]})


def test_a_table_is_cast_and_keeps_the_columns_it_does_not_declare():
    given = VISITS.with_columns(pl.col("persons").cast(pl.Int32), seen_by=pl.lit("x"))
    checked = Visits.require(given)
    assert checked.columns == ["country", "site", "persons", "note", "seen_by"]
    assert checked.schema["persons"] == pl.Int64


def test_an_absent_column_is_named():
    with pytest.raises(MissingColumns) as caught:
        Visits.require(VISITS.drop("site", "note"))
    assert caught.value.details == {"table": "Visits", "columns": "site, note"}


@pytest.mark.parametrize(
    "change",
    [
        pl.lit(-1).alias("persons"),
        pl.lit("Westland").alias("country"),
        pl.lit(None, pl.String).alias("site"),
    ],
    ids=["below the range", "not a code", "null in the key"],
)
def test_a_row_that_breaks_a_rule_is_refused(change):
    with pytest.raises(BrokenRules):
        Visits.require(VISITS.with_columns(change))


def test_the_key_stands_once():
    with pytest.raises(BrokenRules):
        Visits.require(pl.concat([VISITS, VISITS]))


def test_a_column_that_cannot_be_cast_is_refused():
    with pytest.raises(InvalidTable):
        Visits.require(VISITS.with_columns(persons=pl.lit("many")))


def test_absent_columns_that_may_be_null_are_added_and_others_are_not():
    completed = Visits.complete(VISITS.select("country", "site").with_columns(extra=pl.lit(1)))
    assert completed.columns == ["country", "site", "persons", "note", "extra"]
    assert completed["persons"].null_count() == 1
    assert Visits.complete(VISITS.select("site")).columns == ["site", "persons", "note"]


def test_the_codebook_says_what_a_reader_must_know():
    rows = {row.column: row for row in Visits.codebook()}
    assert rows["country"].is_key
    assert (rows["persons"].unit, rows["persons"].is_nullable) == ("persons", True)
    assert rows["note"].meaning == "Remark."


def test_the_kinds_of_column_hold_what_they_say():
    class Kinds(Table):
        on = day("A day.")
        is_open = claim("Open.")
        share = number("Share.", unit="percent")

    frame = pl.DataFrame({"on": [dt.date(2026, 1, 1)], "is_open": [True], "share": [0.5]})
    assert Kinds.require(frame).equals(frame)
    assert Kinds.empty_frame().schema == frame.schema
