"""Units that only the field names stand beside those of the list."""

from __future__ import annotations

import polars as pl

from waystation.geography.units import Units
from waystation.tracking.reported_units import with_reported_units

LISTED = Units.complete(
    pl.DataFrame(
        [("XWS", 1, "XW01", "Aldania", "XWS"), ("XVX", 1, "XV01", "Elsewhere", "XVX")],
        schema=["country", "level", "code", "name", "parent_code"],
        orient="row",
    ).with_columns(names=pl.lit([], pl.List(pl.String)))
)
REPORTS = pl.DataFrame(
    [
        ("XWS", "XW01", "ALDANIA", "XW0101", "Bremer"),
        ("XWS", "XW01", "Aldania", "XW0101", "Brémère"),
        ("XWS", "XW01", "Aldania", "XW0101", "Brémère"),
        ("XWS", "XW01", "Aldania", "XW0102", None),
        ("XWS", None, None, None, None),
    ],
    schema=["country", "admin1_code", "admin1_name", "admin2_code", "admin2_name"],
    orient="row",
).with_columns(admin3_code=pl.lit(None, pl.String), admin3_name=pl.lit(None, pl.String))


def test_units_below_the_list_bear_the_name_most_rows_give():
    units = with_reported_units(LISTED, REPORTS)
    assert units.select("level", "code", "name", "parent_code").rows() == [
        (1, "XW01", "Aldania", "XWS"),  # as the list writes it
        (2, "XW0101", "Brémère", "XW01"),
        (2, "XW0102", "XW0102", "XW01"),  # nobody named it
    ]


def test_without_a_list_the_units_are_those_reported():
    units = with_reported_units(None, REPORTS)
    assert units["code"].to_list() == ["XW01", "XW0101", "XW0102"]
    assert units["name"][0] == "Aldania"
