"""Questions that readers put to figures, answered on matrices small enough to do by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from waystation.errors import NotFound
from waystation.geography.units import Units
from waystation.release.reading.comparison import Side, change_classes, compared
from waystation.release.reading.moments import before, moments_of
from waystation.release.reading.origins import origins_of, units_of_categories
from waystation.release.reading.outlines import class_bounds
from waystation.release.reading.places import nearest, place_of
from waystation.release.reading.wide import LOCATIONS, Column, Narrowing, wide_table
from waystation.tracking.cells import Matrix
from waystation.tracking.locations import Locations
from waystation.tracking.totals import totals_from_matrix

STOCK = "idp_individuals"
DAYS = {1: dt.date(2026, 1, 31), 2: dt.date(2026, 3, 31), 3: dt.date(2026, 8, 31)}


def matrix(*rows):
    """Return cells of (round, location, unit of level 1, value, status, indicator)."""
    kept = [
        {
            "country": "XWS", "operation": "X", "component": "baseline_location",
            "round_number": number, "reference_date": DAYS[number], "location_id": place,
            "location_name": place.title(), "admin1_code": code, "indicator": indicator,
            "unit": "persons", "value": value, "status": status, "observed_on": DAYS[number],
            "submissions": 1,
        }
        for number, place, code, value, status, indicator in rows
    ]  # fmt: skip
    frame = pl.DataFrame(kept, infer_schema_length=None)
    return Matrix.require(Matrix.complete(frame))


@pytest.fixture
def units():
    rows = [
        ("XWS", 0, "XWS", "Land", None, None),
        ("XWS", 1, "A", "North Kalba", "Kalba Nord", "XWS"),
        ("XWS", 1, "B", "Haton", None, "XWS"),
    ]  # fmt: skip
    columns = ("country", "level", "code", "name", "name_fr", "parent_code")
    return Units.complete(
        pl.DataFrame(rows, schema=columns, orient="row").with_columns(
            names=pl.lit([], pl.List(pl.String))
        )
    )


def seen(number, place, code, value, status="observed", indicator=STOCK):
    return (number, place, code, value, status, indicator)


def side(cells, number):
    own = cells.filter(pl.col("round_number") == number)
    return Side(own, totals_from_matrix(own))


def test_moments_stand_in_the_order_of_their_days_and_know_the_one_before():
    cells = matrix(seen(2, "a", "A", 1), seen(1, "a", "A", 1), seen(3, "a", "A", 1))
    moments = moments_of(cells)
    assert [m.key for m in moments] == [f"baseline_location-{n}" for n in (1, 2, 3)]
    assert before(moments, moments[2]) == moments[1]
    assert before(moments, moments[0]) is None


def test_a_round_of_two_days_has_a_key_for_each():
    cells = matrix(seen(1, "a", "A", 1), seen(2, "a", "A", 1))
    moments = moments_of(cells.with_columns(round_number=pl.lit(7, pl.Int64)))
    keys = [m.key for m in moments]
    assert keys == ["baseline_location-7.2026-01-31", "baseline_location-7"]


def test_rounds_far_apart_are_compared_part_by_part(units):
    cells = matrix(
        seen(1, "stays", "A", 100), seen(1, "goes", "A", 30), seen(1, "falls", "B", 50),
        seen(2, "stays", "A", 999),
        seen(3, "stays", "A", 120), seen(3, "falls", "B", 45), seen(3, "new", "B", 10),
    )  # fmt: skip
    found = compared(side(cells, 1), side(cells, 3), level=1, units=units)
    rows = {row["code"]: row for row in found.rows.iter_rows(named=True)}
    assert (rows["A"]["before"], rows["A"]["after"], rows["A"]["change"]) == (130, 120, -10)
    assert (rows["A"]["increase"], rows["A"]["not_reassessed"]) == (20, -30)
    assert (rows["B"]["decrease"], rows["B"]["newly_covered"]) == (-5, 10)
    assert found.locations == {
        "increase": 1, "decrease": 1, "newly_covered": 1, "not_reassessed": 1,
    }  # fmt: skip
    assert found.rows["code"].to_list() == ["A", "B"]


def test_two_versions_of_one_round_differ_by_corrections(units):
    first = matrix(seen(1, "a", "A", 100), seen(1, "b", "B", 7))
    second = matrix(seen(1, "a", "A", 90), seen(1, "b", "B", 7))
    found = compared(side(first, 1), side(second, 1), level=1, units=units)
    assert found.parts == ("corrected",)
    assert dict(found.rows.select("code", "corrected").iter_rows()) == {"A": -10, "B": 0}


@pytest.mark.parametrize(
    "changes", [[], [0.0], [5.0], [-3.0, 3.0], [1, 2, 3, -400], [10_000.0] * 9, [0.5, -0.25]]
)
def test_classes_of_change_are_symmetric_and_rise(changes):
    bounds = change_classes(changes)
    assert len(bounds) == 6
    assert bounds == [-bound for bound in reversed(bounds)]
    assert bounds == sorted(set(bounds))
    assert all(abs(change) <= bounds[-1] for change in changes)


def test_classes_of_figures_cover_them():
    assert class_bounds([]) == []
    bounds = class_bounds([3, 0, 8, 100, 7, 5])
    assert (bounds[0], bounds[-1]) == (3, 100)


def test_origins_are_told_by_any_name_of_their_unit_and_the_rest_is_not_known(units):
    code = f"{STOCK}__origin__kalba_nord"
    cells = matrix(
        seen(1, "a", "A", 100), seen(1, "a", "A", 60, indicator=code),
        seen(1, "b", "B", 40),
    )  # fmt: skip
    totals = totals_from_matrix(cells).filter(pl.col("admin_level") == 1)
    found = origins_of(totals, units)
    assert [(o.code, o.name) for o in found.origins] == [("A", "North Kalba")]
    rows = {row["code"]: row for row in found.rows.iter_rows(named=True)}
    assert (rows["A"]["kalba_nord"], rows["A"]["unknown"]) == (60, 40)
    assert (rows["B"]["kalba_nord"], rows["B"]["unknown"]) == (None, 40)
    assert found.flows(5).rows() == [("A", found.rows["name"][0], "kalba_nord", 60.0)]


def test_an_area_of_origin_that_no_unit_is_called_by_keeps_its_name(units):
    (found,) = units_of_categories(["over_the_sea"], units)
    assert (found.code, found.name) == (None, "Over The Sea")


def listed(*rows):
    columns = ("location_id", "name", "admin1_code", "latitude", "longitude")
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        country=pl.lit("XWS"), operation=pl.lit("X"), names=pl.lit([], pl.List(pl.String)),
        status=pl.lit("open"),
    )  # fmt: skip
    return Locations.require(Locations.complete(frame))


def test_a_place_is_a_unit_or_a_location_with_the_units_above_it(units):
    locations = listed(("s1", "School", "A", 10.0, 20.0))
    unit = place_of("A", units, locations, "fr")
    assert (unit.name, unit.names) == ("Kalba Nord", ("North Kalba",))
    assert [step.code for step in unit.above] == ["XWS"]
    found = place_of("s1", units, locations)
    assert [step.code for step in found.above] == ["XWS", "A"]
    with pytest.raises(NotFound):
        place_of("s2", units, locations)


def test_the_nearest_locations_come_first_and_those_without_a_position_not_at_all(units):
    locations = listed(
        ("a", "A", "A", 10.0, 20.0), ("far", "F", "A", 12.0, 20.0),
        ("near", "N", "A", 10.1, 20.0),
        ("nowhere", "X", "A", None, None),
    )  # fmt: skip
    found = nearest(locations, place_of("a", units, locations))
    assert found["location_id"].to_list() == ["near", "far"]
    assert found["kilometres"][0] == pytest.approx(11.1, abs=0.1)


def test_a_wide_table_tells_blank_from_not_assessed_and_sums_what_it_shows(units):
    cells = matrix(
        seen(1, "école", "A", 100), seen(1, "b", "B", None), seen(2, "école", "A", 5),
        seen(2, "c", "B", 7),
    )  # fmt: skip
    columns = [Column(STOCK, moment) for moment in moments_of(cells)]
    found = wide_table(
        cells.lazy(), units, level=LOCATIONS, columns=columns,
        narrowing=Narrowing(sort="-v0"),
    )  # fmt: skip
    rows = {row["code"]: row for row in found.rows.iter_rows(named=True)}
    assert found.rows["code"][0] == "école"
    assert (rows["b"]["s0"], rows["b"]["s1"]) == ("not_reported", "not_assessed")
    assert (rows["c"]["s0"], rows["c"]["v1"]) == ("not_assessed", 7)
    assert list(found.sums) == [100, 12]
    assert rows["c"]["admin1_name"] == "Haton"
    narrowed = wide_table(
        cells.lazy(), units, level=LOCATIONS, columns=columns,
        narrowing=Narrowing(unit="A", search="ECOLE", minimum=50, status="observed"),
    )  # fmt: skip
    assert narrowed.rows["code"].to_list() == ["école"]
