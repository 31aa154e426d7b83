"""Places that pass without weighing come to what weighing would have made of them."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.geography.units import Units
from waystation.tracking.places.evidence import resolved_by_evidence
from waystation.tracking.places.place_list import LEVELS, PlaceList
from waystation.tracking.places.plain import plain_places

# One state with two districts, the first with wards; a second state without districts.
ROWS = [
    ("XW01", 1, "Aldania", "XWS"),
    ("XW02", 1, "Zelliband", "XWS"),
    ("XW0101", 2, "Brémère", "XW01"),
    ("XW0102", 2, "Carvato", "XW01"),
    ("XW010101", 3, "Kolto", "XW0101"),
]
UNITS = Units.complete(
    pl.DataFrame(
        ROWS, schema=["code", "level", "name", "parent_code"], orient="row"
    ).with_columns(country=pl.lit("XWS"), names=pl.lit([], pl.List(pl.String)))
)
CODES = [None, "XW01", "XW02", "XW0101", "XW0102", "XW010101", "XW9", "xw01"]
NAMES = [None, "Aldania", "ZELLIBAND", "Bremere", "Carvato", "Kolto", "Nowhere"]


def create_places(*places: tuple[str | None, ...]) -> pl.DataFrame:
    schema = [f"{what}{level}" for what in ("reported", "name") for level in LEVELS]
    frame = pl.DataFrame(
        [list(place) for place in places],
        schema=dict.fromkeys(schema, pl.String),
        orient="row",
    )
    return frame.with_row_index("place").with_columns(
        country=pl.lit("XWS"), rows=pl.lit(1, pl.Int64)
    )


def test_listed_codes_that_nest_beside_their_names_are_plain():
    places = create_places(
        ("XW01", "XW0101", "XW010101", "Aldania", "BREMERE", None),  # plain
        ("XW01", None, None, None, None, None),  # plain: the first level only
        ("XW02", "XW0101", None, None, None, None),  # lies elsewhere
        ("XW01", "XW0101", None, "Aldania", "Carvato", None),  # another's name
        ("xw01", None, None, None, None, None),  # wants repair
        (None, "XW0101", None, None, None, None),  # its parent is to be filled in
        (None, None, None, "Aldania", None, None),  # a name only
    )
    plain, others = plain_places(places, PlaceList(UNITS))
    assert plain["place"].to_list() == [0, 1]
    assert others["place"].to_list() == [2, 3, 4, 5, 6]
    assert plain["final2"].to_list() == ["XW0101", None]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(*[st.sampled_from(CODES)] * 3, *[st.sampled_from(NAMES)] * 3),
        min_size=1,
        max_size=8,
    )
)
def test_weighing_plain_places_changes_nothing(drawn):
    listed = PlaceList(UNITS)
    plain, others = plain_places(create_places(*drawn), listed)
    assert plain.height + others.height == len(drawn)
    if plain.height:
        weighed = resolved_by_evidence(plain.select(others.columns), listed)
        decided = [f"{what}{level}" for what in ("final", "is_listed") for level in LEVELS]
        assert plain.select(decided).equals(weighed.select(decided))
