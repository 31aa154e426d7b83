"""Change between rounds: the parts add up, and coverage is told from movement."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.tracking.changes import Changes, Differences, changes_from_matrix, difference
from waystation.tracking.matrix import Matrix

DAYS = {n: dt.date(2024, n, 28) for n in range(1, 6)}

Cell = tuple[int, str, float | None]


def create_matrix(
    cells: Sequence[tuple[int, str, float | None]], **columns: object
) -> pl.DataFrame:
    """One cell for each (round, location, value), in the unit of its first four letters."""
    full = [
        {
            "country": "XWS",
            "operation": "Floods",
            "component": "baseline_location",
            "round_number": number,
            "reference_date": DAYS[number],
            "location_id": place,
            "admin1_code": place[:4],
            "indicator": "idp_individuals",
            "unit": "persons",
            "value": value,
            "status": "observed",
            "observed_on": DAYS[number],
            "submissions": 1,
        }
        | columns
        for number, place, value in cells
    ]
    frame = pl.DataFrame(full, schema_overrides={"value": pl.Float64})
    return Matrix.require(Matrix.complete(frame)) if cells else Matrix.empty_frame()


def parts(changes: pl.DataFrame, level: int, *, end: int = 2) -> dict[tuple[str, str], float]:
    rows = changes.filter(admin_level=level, end_round=end).select("code", "part", "change")
    return {(code, part): change for code, part, change in rows.rows()}


# Worked by hand, from round 1 to round 2.
CELLS: list[Cell] = [
    (1, "XW01-A", 10), (2, "XW01-A", 14),  # 4 more
    (1, "XW01-B", 10), (2, "XW01-B", 7),  # 3 fewer
    (2, "XW01-C", 5),  # not there before
    (1, "XW02-D", 20),  # closed, says the master list
    (1, "XW02-E", 30),  # nobody went there
    (1, "XW02-F", 40), (2, "XW02-F", None),  # assessed, left blank
    (1, "XW02-G", 9), (2, "XW02-G", 9),  # the same
    (2, "XW02-H", None),
]  # fmt: skip
UNITS = pl.DataFrame({"country": ["XWS"], "level": [1], "code": ["XW01"], "name": ["North"]})
LOCATIONS = pl.DataFrame(
    {
        "country": ["XWS"],
        "operation": ["Floods"],
        "location_id": ["XW02-D"],
        "closed_on": [DAYS[2]],
    }
)


def test_the_worked_example():
    changes = changes_from_matrix(create_matrix(CELLS), locations=LOCATIONS, units=UNITS)
    assert parts(changes, 0) == {
        ("XWS", "increase"): 4,
        ("XWS", "decrease"): -3,
        ("XWS", "newly_covered"): 5,
        ("XWS", "closed"): -20,
        ("XWS", "not_reassessed"): -30,
        ("XWS", "no_longer_reported"): -40,
    }
    assert parts(changes, 1)[("XW02", "not_reassessed")] == -30
    assert changes.filter(code="XW01")["name"].unique().to_list() == ["North"]
    assert Changes.require(changes).equals(changes)


def test_without_a_master_list_nothing_is_known_to_be_closed():
    changes = changes_from_matrix(create_matrix(CELLS))
    assert parts(changes, 0)[("XWS", "not_reassessed")] == -50


def test_a_location_seen_before_the_start_reappears():
    matrix = create_matrix([(1, "XW01-A", 5), (2, "XW01-B", 1), (3, "XW01-A", 6)])
    changes = changes_from_matrix(matrix)
    assert parts(changes, 0, end=3) == {
        ("XWS", "reappeared"): 6,
        ("XWS", "not_reassessed"): -1,
    }


def test_a_value_carried_forward_is_not_reassessed_and_moves_nothing():
    observed = create_matrix([(1, "XW01-A", 5), (1, "XW01-B", 1), (2, "XW01-B", 1)])
    carried = create_matrix([(2, "XW01-A", 5)], status="carried_forward")
    changes = changes_from_matrix(pl.concat([observed, carried]))
    assert parts(changes, 0) == {("XWS", "not_reassessed"): 0}


def test_a_location_that_changes_unit_leaves_one_and_joins_the_other():
    before = create_matrix([(1, "XW01-A", 10), (1, "XW01-B", 1), (2, "XW01-B", 1)])
    after = create_matrix([(2, "XW01-A", 12)], admin1_code="XW02")
    changes = changes_from_matrix(pl.concat([before, after]))
    assert parts(changes, 0) == {("XWS", "increase"): 2}
    assert parts(changes, 1) == {
        ("XW01", "changed_unit"): -10,
        ("XW02", "changed_unit"): 10,
        ("XW02", "increase"): 2,
    }


def test_what_was_published_otherwise_is_a_part_of_its_own():
    now = create_matrix([(1, "XW01-A", 8), (2, "XW01-A", 9)])
    published = create_matrix([(1, "XW01-A", 80)])
    changes = changes_from_matrix(now, published=published)
    assert parts(changes, 0) == {("XWS", "corrected"): -72, ("XWS", "increase"): 1}


def test_flows_have_no_change_and_one_round_has_none():
    two = [(1, "XW01-A", 8.0), (2, "XW01-A", 9.0)]
    arrivals = create_matrix(two, indicator="arrival_individuals")
    assert changes_from_matrix(arrivals).is_empty()
    assert changes_from_matrix(create_matrix([(1, "XW01-A", 8)])).is_empty()


cells = st.dictionaries(
    st.tuples(st.integers(1, 4), st.sampled_from(["A", "B", "C", "D"])),
    st.tuples(
        st.none() | st.integers(0, 2**40),
        st.sampled_from([None, "XW01", "XW02"]),
        st.sampled_from(["observed", "carried_forward", "estimated"]),
    ),
    min_size=1,
)


@settings(max_examples=60, deadline=None)
@given(cells, cells, st.booleans())
def test_the_parts_of_every_unit_add_up_to_its_difference(cells, old, with_locations):
    matrix, published = matrix_of(cells), matrix_of(old)
    locations = LOCATIONS.with_columns(location_id=pl.lit("A")) if with_locations else None
    changes = changes_from_matrix(matrix, locations=locations, published=published)
    assert Changes.require(changes).equals(changes)

    # Snapshots that the published matrix lacks are taken as they are now.
    known = {number for number, _ in old}
    start = old | {key: cell for key, cell in cells.items() if key[0] not in known}
    ordered = sorted({number for number, _ in cells})
    for first, second in itertools.pairwise(ordered):
        of_pair = changes.filter(end_round=second)
        for code in (None, "XW01", "XW02", ""):
            level = 0 if code is None else 1
            if changes.filter(admin_level=level).is_empty():
                continue  # no location has a code at this level
            of_unit = of_pair.filter(admin_level=level, code=code or ("" if level else "XWS"))
            expected = total(cells, second, code) - total(start, first, code)
            assert of_unit["change"].sum() == expected


def matrix_of(cells) -> pl.DataFrame:
    rows = [
        (number, place, float(value) if value is not None else None)
        for (number, place), (value, _, _) in cells.items()
    ]
    return create_matrix(rows).with_columns(
        admin1_code=pl.Series([code for _, code, _ in cells.values()], dtype=pl.String),
        status=pl.Series(
            [status for _, _, status in cells.values()],
            dtype=Matrix.columns()["status"].dtype,
        ),
    )


def total(cells, number: int, code: str | None) -> float:
    """Return what a unit has in a round; None is the country, empty what is not placed."""
    return sum(
        value or 0
        for (of_round, _), (value, unit, _) in cells.items()
        if of_round == number and code in (None, unit or "")
    )


def test_two_builds_differ_in_what_was_corrected_added_and_removed():
    before = create_matrix([(1, "XW01-A", 1), (1, "XW01-B", 2), (1, "XW01-C", None)])
    after = create_matrix([(1, "XW01-A", 5), (1, "XW01-C", 0), (1, "XW01-D", 4)])
    changed = difference(before, after)
    assert changed.select("location_id", "kind", "before", "after", "change").rows() == [
        ("XW01-A", "corrected", 1, 5, 4),
        ("XW01-B", "removed", 2, None, -2),
        ("XW01-C", "corrected", None, 0, 0),
        ("XW01-D", "new", None, 4, 4),
    ]
    assert Differences.require(changed).equals(changed)
    assert difference(before, before).is_empty()
