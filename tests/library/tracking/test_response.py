"""Needs against presence: worked by hand, refused, and what always holds."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waystation.errors import InvalidChoice, MissingColumns
from waystation.tracking.cells import Matrix
from waystation.tracking.indicators import dimensions
from waystation.tracking.response import (
    Gap,
    Presence,
    SectorNeeds,
    active_on,
    gaps_from_presence,
    needs_from_matrix,
    sectors,
)
from waystation.tracking.totals import totals_from_matrix

DAY = dt.date(2026, 9, 30)
ROUND = {
    "country": "AAA", "operation": "Made up", "component": "site_assessment",
    "round_number": 1, "reference_date": DAY,
}  # fmt: skip
UNITS = pl.DataFrame(
    [
        ("AAA", 1, "A1", "North", "AAA"), ("AAA", 1, "A2", "South", "AAA"),
        ("AAA", 2, "A101", "Hill", "A1"), ("AAA", 2, "A102", "Lake", "A1"),
        ("AAA", 2, "A201", "Port", "A2"), ("AAA", 2, "A202", "Dune", "A2"),
    ],
    schema=["country", "level", "code", "name", "parent_code"],
    orient="row",
)  # fmt: skip

# Worked by hand. Water and sanitation are one sector, and count once at a location.
#  location  unit  persons  needs named                  wash  food
SITES = [
    ("s1", "A101", 4000, ("water", "sanitation", "food")),  # yes   yes
    ("s2", "A101", 2000, ("food",)),                        #       yes
    ("s3", "A101", 1000, ("food", "shelter")),              #       yes
    ("s4", "A102", 7000, ("water",)),                       # yes
    ("s5", "A102", 3000, None),                             # not answered
    ("s6", "A201", 500, ("hygiene",)),                      # yes
]  # fmt: skip


def matrix_of(sites):
    rows = []
    for place, unit, persons, needs in sites:
        figures = {"idp_individuals": ("persons", persons), "sites": ("sites", 1)}
        for need in dimensions()["need"].categories:
            told = None if needs is None else float(need in needs)
            figures[f"sites__need__{need}"] = ("sites", told)
        rows += [
            {
                **ROUND, "location_id": place, "location_name": place, "admin1_code": unit[:2],
                "admin2_code": unit, "admin3_code": None, "indicator": code, "unit": kind,
                "value": value, "status": "observed", "observed_on": DAY, "submissions": 1,
            }
            for code, (kind, value) in figures.items()
        ]  # fmt: skip
    schema = {name: column.dtype for name, column in Matrix.columns().items()}
    return Matrix.require(pl.DataFrame(rows, schema=schema))


def activity(organisation, sector, admin1, admin2=None, **more):
    return {
        "organisation": organisation, "acronym": None, "organisation_type": None,
        "sector": sector, "admin1_code": admin1, "admin2_code": admin2, "status": None,
        "starts_on": None, "ends_on": None, "reached": None, **more,
    }  # fmt: skip


def presence_of(*activities):
    schema = {name: column.dtype for name, column in Presence.columns().items()}
    return Presence.require(pl.DataFrame(list(activities), schema=schema))


def gaps_of(presence, *, level=2, sites=SITES, **choices):
    matrix = matrix_of(sites)
    totals = totals_from_matrix(matrix, UNITS)
    needs = needs_from_matrix(matrix, totals, UNITS, level=level)
    return gaps_from_presence(needs, totals, presence, UNITS, level=level, as_of=DAY, **choices)


def gap_at(gaps, code, sector):
    return gaps.row(
        by_predicate=(pl.col("code") == code) & (pl.col("sector") == sector), named=True
    )


def test_needs_of_a_sector_count_once_at_a_location():
    matrix = matrix_of(SITES)
    needs = needs_from_matrix(matrix, totals_from_matrix(matrix, UNITS), UNITS, level=2)
    at = {(r["code"], r["sector"]): r for r in needs.iter_rows(named=True)}
    hill, lake = at["A101", "wash"], at["A102", "wash"]
    assert (hill["answered"], hill["in_need"], hill["persons_in_need"]) == (3, 1, 4000)
    assert at["A101", "food_security"]["need_rank"] == 1
    assert (lake["sites"], lake["answered"], lake["need_share"]) == (2, 1, 1.0)
    assert at["A102", "food_security"]["need_rank"] is None
    assert not needs["is_lower_bound"].any()


PRESENCE = presence_of(
    activity("Blue", "wash", "A1", "A101", reached=300),
    activity("Blue", "wash", "A1", "A101", reached=200),
    activity("Far", "food_security", "A1"),
    activity("Open", "wash", "A2", "A201"),
    activity("Open", "food_security", "A1", "A101", status="planned"),
)


@pytest.mark.parametrize(
    ("code", "sector", "gap"),
    [
        # One of three locations names water: a third, which is high. 7,000 for one is thin.
        ("A101", "wash", Gap.THIN),
        # All three name food; the plan does not count, and Far may be anywhere in A1.
        ("A101", "food_security", Gap.UNCLEAR),
        ("A101", "shelter_nfi", Gap.UNMET),
        ("A101", "health", Gap.LOW),
        ("A102", "wash", Gap.UNMET),
        ("A201", "wash", Gap.COVERED),
        # Nobody went to the dunes: that is not "no need".
        ("A202", "wash", Gap.NOT_ASSESSED),
    ],
)
def test_the_worked_example(code, sector, gap):
    assert gap_at(gaps_of(PRESENCE), code, sector)["gap"] == gap


def test_an_organisation_counts_once_and_its_people_are_added():
    row = gap_at(gaps_of(PRESENCE), "A101", "wash")
    assert (row["organisations"], row["reached"], row["persons"]) == (1, 500, 7000)
    assert gap_at(gaps_of(PRESENCE), "A102", "wash")["reached"] is None


def test_at_the_level_above_activities_without_a_second_level_count():
    row = gap_at(gaps_of(PRESENCE, level=1), "A1", "food_security")
    assert (row["organisations"], row["gap"]) == (1, Gap.THIN)


def test_the_gravest_gap_comes_first_and_within_it_the_most_people():
    gaps = gaps_of(PRESENCE)
    first = gaps.select("gap", "code").row(0)
    assert first == (Gap.UNMET, "A102")
    ranks = gaps["gap"].replace_strict({g: n for n, g in enumerate(Gap)}, return_dtype=pl.Int8)
    assert ranks.is_sorted()


def test_no_table_is_not_an_empty_table():
    without, empty = gaps_of(None), gaps_of(presence_of())
    assert gap_at(without, "A102", "wash")["gap"] == Gap.OPEN
    assert gap_at(without, "A102", "wash")["organisations"] is None
    assert gap_at(empty, "A102", "wash")["gap"] == Gap.UNMET
    assert gap_at(empty, "A102", "wash")["organisations"] == 0


def test_thresholds_are_the_callers():
    strict = gaps_of(PRESENCE, high_share=0.5, most_persons=10_000)
    assert gap_at(strict, "A101", "wash")["gap"] == Gap.LOW
    lax = gaps_of(PRESENCE, most_persons=10_000)
    assert gap_at(lax, "A101", "wash")["gap"] == Gap.COVERED


def test_where_nobody_is_displaced_no_need_is_high():
    gaps = gaps_of(PRESENCE, sites=[*SITES, ("s7", "A202", 0, None)])
    assert gap_at(gaps, "A202", "wash")["gap"] == Gap.LOW


def test_a_matrix_that_did_not_ask_has_no_needs():
    matrix = matrix_of(SITES).filter(~pl.col("indicator").str.contains("need"))
    totals = totals_from_matrix(matrix, UNITS)
    needs = needs_from_matrix(matrix, totals, UNITS, level=2)
    assert needs.is_empty()
    gaps = gaps_from_presence(needs, totals, PRESENCE, UNITS, level=2, as_of=DAY)
    assert set(gaps["gap"]) == {Gap.NOT_ASSESSED}


def test_figures_kept_by_unit_give_a_lower_bound():
    from waystation.release.disclosure.withholding import cells_of_units, matrix_of_cells

    matrix = matrix_of(SITES)
    kept = matrix_of_cells(cells_of_units(matrix, UNITS, 2))
    needs = needs_from_matrix(kept, totals_from_matrix(matrix, UNITS), UNITS, level=2)
    row = needs.row(
        by_predicate=(pl.col("code") == "A101") & (pl.col("sector") == "wash"), named=True
    )
    assert (row["in_need"], row["is_lower_bound"], row["persons_in_need"]) == (1, True, None)


@pytest.mark.parametrize(
    "choices", [{"level": 3}, {"high_share": 0}, {"high_share": 1.1}, {"most_persons": 0}]
)
def test_thresholds_out_of_range_are_refused(choices):
    needs, totals = SectorNeeds.empty_frame(), totals_from_matrix(matrix_of(SITES), UNITS)
    with pytest.raises(InvalidChoice):
        gaps_from_presence(needs, totals, None, UNITS, **{"level": 2, "as_of": DAY, **choices})


def test_a_frame_of_another_shape_is_refused():
    with pytest.raises(MissingColumns):
        gaps_of(pl.DataFrame({"organisation": ["Blue"]}))


@pytest.mark.parametrize(
    ("starts", "ends", "status", "is_active"),
    [
        (None, None, None, True),
        (DAY, DAY, "ongoing", True),
        (DAY + dt.timedelta(1), None, None, False),
        (None, DAY - dt.timedelta(1), "ongoing", False),
        (None, None, "planned", False),
        (None, None, "completed", False),
        (None, None, "suspended", False),
    ],
)
def test_who_is_active_on_a_day(starts, ends, status, is_active):
    row = activity("Blue", "wash", "A1", starts_on=starts, ends_on=ends, status=status)
    assert active_on(presence_of(row), DAY).height == is_active


somewhere = st.sampled_from([("A1", "A101"), ("A1", "A102"), ("A1", None), ("A2", "A201")])
work = st.tuples(st.sampled_from("PQRS"), st.sampled_from(list(sectors())), somewhere)


@given(st.lists(work, max_size=12), work)
def test_one_more_organisation_never_makes_a_gap_graver(activities, one_more):
    made = [activity(who, sector, *place) for who, sector, place in [*activities, one_more]]
    before, after = gaps_of(presence_of(*made[:-1])), gaps_of(presence_of(*made))
    assert before.height == after.height == 4 * sum(bool(s.needs) for s in sectors().values())
    both = before.join(after, on=["code", "sector"], suffix="_after")
    rank = {gap.value: place for place, gap in enumerate(Gap)}
    grave = both.select(
        pl.col(name).cast(pl.String).replace_strict(rank) for name in ("gap", "gap_after")
    )
    # Unclear stands between unmet and thin, so that knowing more only lightens.
    assert (grave["gap_after"] >= grave["gap"]).all()
    assert (both["organisations_after"] >= both["organisations"]).all()


def test_every_need_of_the_dictionary_has_one_sector_or_is_said_to_have_none():
    mapped = [need for sector in sectors().values() for need in sector.needs]
    without = {"electricity", "transport", "information", "other"}
    assert len(mapped) == len(set(mapped))
    assert set(mapped) | without == set(dimensions()["need"].categories)
    assert all(set(s.labels) == {"en", "fr", "es", "ar"} for s in sectors().values())
