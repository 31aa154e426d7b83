"""Where headings stand, and what they are."""

from __future__ import annotations

import polars as pl

from waystation.grids import Grid
from waystation.tracking.proposal.headers import header_of


def grid(*rows):
    width = max(len(row) for row in rows)
    filled = [
        [None if c is None else str(c) for c in (*row, *[None] * (width - len(row)))]
        for row in rows
    ]
    cells = pl.DataFrame(
        filled, schema={f"c{i}": pl.String for i in range(width)}, orient="row"
    )
    return Grid("form.xlsx", "S", cells)


BODY = [
    ["North", "A", 10, 50],
    ["North", "B", 4, 22],
    ["South", "C", 7, 31],
    ["South", "D", 1, 6],
]


def test_group_headings_reach_to_the_right_within_their_group():
    header = header_of(
        grid(
            ["Place", None, "IDPs", None, "Returnees"],
            ["State", "County", "HH", "Ind", "Ind"],
            *[[*row, 3] for row in BODY],
        )
    )
    assert header is not None
    assert header.rows == (0, 1)
    assert header.heading(3) == "IDPs / Ind"
    assert header.heading(4) == "Returnees / Ind"
    assert header.first == 2


def test_a_heading_merged_downwards_names_its_own_column_only():
    header = header_of(
        grid(["State", "County", "IDPs", None], [None, "name", "HH", "Ind"], *BODY)
    )
    assert header is not None
    assert header.levels == (("State",), ("County", "name"), ("IDPs", "HH"), ("IDPs", "Ind"))


def test_titles_and_totals_above_the_headings_are_no_headings():
    header = header_of(
        grid(
            ["Displacement in the north, round 3"],
            [],
            [None, None, 22, 109],
            ["State", "County", "IDP HH", "IDP Ind"],
            *BODY,
        )
    )
    assert header is not None
    assert header.rows == (3,)
    assert header.titles == ("Displacement in the north, round 3",)
    assert header.first == 4


def test_tags_are_found_above_and_below_the_headings():
    tags = ["#adm1+name", "#adm2+name", "#affected+idps+hh", "#affected+idps+ind"]
    heads = ["State", "County", "HH", "Ind"]
    below = header_of(grid(["Group", None, "IDPs", None], heads, tags, *BODY))
    above = header_of(grid(tags, heads, *BODY))
    alone = header_of(grid(tags, *BODY))
    assert below is not None
    assert (below.rows, below.hxl_row, below.first) == ((0, 1), 2, 3)
    assert above is not None
    assert (above.rows, above.hxl_row, above.first) == ((1,), 0, 2)
    assert alone is not None
    assert (alone.rows, alone.hxl_row, alone.first) == ((), 0, 1)


def test_tags_among_the_data_cost_no_row():
    tags = ["#adm1+name", "#adm2+name", "#affected+idps+hh", "#affected+idps+ind"]
    heads = ["State", "County", "IDP HH", "IDP Ind"]
    header = header_of(grid(heads, BODY[0], tags, *BODY[1:]))
    assert header is not None
    assert (header.rows, header.hxl_row, header.first) == ((0,), 2, 1)


def test_years_can_be_headings():
    header = header_of(grid(["State", "County", 2020, 2021], *BODY))
    assert header is not None
    assert header.rows == (0,)
    assert header.heading(3) == "2021"


def test_a_sheet_without_numbers_has_no_header():
    assert (
        header_of(grid(["Field", "Meaning"], ["hh", "households"], ["ind", "persons"])) is None
    )
