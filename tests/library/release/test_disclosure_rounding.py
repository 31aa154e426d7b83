"""Rounded figures are next to the truth, and add up wherever the truth did."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.geography.units import Units
from waystation.release.disclosure import DisclosureRule, Method, protected_build
from waystation.release.disclosure.chance import Chance
from waystation.release.disclosure.families import splits_of
from waystation.release.disclosure.rounding import rounded_values
from waystation.release.disclosure.spread import rounded_alone, rounded_parts
from waystation.tracking.indicators import breakdown_code, dimensions, indicators
from waystation.tracking.matrix import Matrix

IDPS, HOUSEHOLDS = "idp_individuals", "idp_households"
RETURNS = ("returnee_internal_individuals", "returnee_abroad_individuals")
SEXES = tuple(breakdown_code(IDPS, "sex", sex) for sex in ("male", "female"))
BANDS = ("0_17", "18_59", "60_plus")
AGES = {
    sex: tuple(f"{IDPS}__sex_age__{sex}_{band}" for band in BANDS) for sex in ("male", "female")
}
REASONS = tuple(breakdown_code(IDPS, "reason", r) for r in ("conflict", "disaster", "other"))
# Each whole with the parts that the made-up places split it into.
WHOLES = (
    (IDPS, SEXES), (SEXES[0], AGES["male"]), (SEXES[1], AGES["female"]), (IDPS, REASONS),
    ("returnee_individuals", RETURNS),
)  # fmt: skip
PATHS = (("A", "A1", "A1x"), ("A", "A1", "A1y"), ("A", "A2", None), ("B", "B1", None),
         ("B", None, None), (None, None, None))  # fmt: skip


def cell(place, path, number, code, value):
    """Return one row of a matrix."""
    return {
        "country": "XWS", "operation": "Op", "component": "baseline_location",
        "round_number": number,
        "reference_date": dt.date(2026, 1, 1) + dt.timedelta(90 * number),
        "location_id": place, "location_name": place, "admin1_code": path[0],
        "admin2_code": path[1], "admin3_code": path[2], "indicator": code,
        "unit": "households" if "households" in code else "persons", "value": value,
        "status": "observed", "observed_on": dt.date(2026, 1, 1), "submissions": 1,
    }  # fmt: skip


def matrix_of(rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict(Matrix.empty_frame().schema), orient="row")


@st.composite
def splits(draw, total: int, many: int) -> list[int]:
    """Return parts that add up to a total."""
    cuts = sorted(draw(st.lists(st.integers(0, total), min_size=many - 1, max_size=many - 1)))
    return [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]


@st.composite
def places(draw, place: str, number: int) -> list[dict[str, Any]]:
    """Return the cells of one place: complete, partial, contradicting or blank breakdowns."""
    path = draw(st.sampled_from(PATHS))
    total = draw(st.none() | st.integers(0, 40))
    figures = {IDPS: total, HOUSEHOLDS: draw(st.none() | st.integers(0, 9))}
    people = total or 0
    males, females = draw(splits(people, 2))
    if draw(st.booleans()):
        figures |= dict(zip(SEXES, (males, females), strict=True))
        for sex, many in (("male", males), ("female", females)):
            if draw(st.booleans()):
                figures |= dict(zip(AGES[sex], draw(splits(many, len(BANDS))), strict=True))
    parts = draw(splits(people, len(REASONS)))
    figures |= dict(zip(REASONS, parts, strict=True))
    figures[REASONS[2]] = draw(st.sampled_from([parts[2], 0, None, parts[2] + 7]))
    returned = draw(st.integers(0, 30))
    figures |= {"returnee_individuals": returned}
    figures |= dict(zip(RETURNS, draw(splits(returned, 2)), strict=True))
    return [cell(place, path, number, code, value) for code, value in figures.items()]


@st.composite
def matrices(draw) -> pl.DataFrame:
    """Return a matrix of some places and rounds, the rows in any order."""
    rows = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        for place in range(draw(st.integers(1, 6))):
            rows += draw(places(f"L{place}", number))
    return matrix_of(draw(st.permutations(rows)) if draw(st.booleans()) else rows)


def rounded(matrix: pl.DataFrame, base: int = 5, seed: str = "secret") -> pl.DataFrame:
    values = rounded_values(matrix, Units.empty_frame(), base=base, chance=Chance(seed))
    return matrix.with_columns(values.alias("value"))


@settings(max_examples=80, deadline=None)
@given(matrices(), st.integers(2, 10))
def test_every_figure_becomes_the_multiple_above_or_below(matrix, base):
    before, after = matrix["value"], rounded(matrix, base)["value"]
    assert (before.is_null() == after.is_null()).all()
    assert ((after % base) == 0).all()
    assert ((after - before).abs() < base).all()
    exact = before % base == 0
    assert (after.filter(exact) == before.filter(exact)).all()


@settings(max_examples=80, deadline=None)
@given(matrices(), st.integers(2, 10))
def test_totals_of_every_unit_are_next_to_the_truth(matrix, base):
    wholes = [IDPS, HOUSEHOLDS, "returnee_individuals"]
    path = ["country", "admin1_code", "admin2_code", "admin3_code"]
    both = matrix.with_columns(after=rounded(matrix, base)["value"])
    both = both.filter(pl.col("indicator").is_in(wholes))
    for level in range(4):
        unit = ["round_number", "indicator", *path[: level + 1]]
        sums = both.group_by(unit).agg(pl.col("value", "after").sum())
        assert ((sums["value"] - sums["after"]).abs() < base).all()


@settings(max_examples=80, deadline=None)
@given(matrices(), st.integers(2, 10))
def test_what_added_up_still_adds_up(matrix, base):
    after = rounded(matrix, base)
    for whole, parts in WHOLES:
        sums = [
            frame.group_by("round_number", "location_id", maintain_order=True).agg(
                whole=pl.col("value").filter(pl.col("indicator") == whole).first(),
                parts=pl.col("value").filter(pl.col("indicator").is_in(parts)).sum(),
                many=pl.col("value").filter(pl.col("indicator").is_in(parts)).count(),
            )
            for frame in (matrix, after)
        ]
        complete = (sums[0]["whole"] == sums[0]["parts"]) & (sums[0]["many"] > 0)
        assert (sums[1]["whole"] == sums[1]["parts"]).filter(complete.fill_null(False)).all()
        within = (sums[0]["whole"] > sums[0]["parts"]) & (sums[0]["many"] > 0)
        assert (sums[1]["whole"] >= sums[1]["parts"]).filter(within.fill_null(False)).all()


@settings(max_examples=30, deadline=None)
@given(matrices())
def test_the_same_seed_gives_the_same_figures_in_any_order(matrix):
    again = rounded(matrix.sort("value", "indicator", "location_id"))
    key = ["round_number", "location_id", "indicator"]
    assert rounded(matrix).sort(key)["value"].equals(again.sort(key)["value"])


def many_places(change: int = 0) -> pl.DataFrame:
    """Return two hundred places, the first of which may have another figure."""
    rows = [
        cell(
            f"L{i}",
            ("A", f"A{i % 9}", None),
            1,
            IDPS,
            (i * 37) % 101 + (change if i == 0 else 0),
        )
        for i in range(200)
    ]
    return matrix_of(rows)


def test_another_seed_gives_other_figures():
    matrix = many_places()
    assert not rounded(matrix)["value"].equals(rounded(matrix, seed="another")["value"])


def test_a_correction_moves_its_own_figure_and_few_others():
    before, after = (rounded(many_places(change))["value"] for change in (0, 13))
    others = (before != after).slice(1).sum()
    assert others <= 4  # one turn at the country, at most one in each level below


def test_an_unchanged_figure_shows_no_second_face_round_after_round():
    rows = []
    for number in range(1, 41):
        for i in range(300):
            steady = i % 2 == 0
            value = (i * 37) % 101 if steady else (i * 53 + number * 29) % 97
            rows.append(cell(f"L{i}", ("A", f"A{i % 5}", None), number, IDPS, value))
    after = rounded(matrix_of(rows))
    kept = after.filter(pl.col("location_id").str.slice(1).cast(pl.Int64) % 2 == 0)
    flips = kept.sort("location_id", "round_number").with_columns(
        flip=pl.col("value") != pl.col("value").shift().over("location_id")
    )
    # Independent draws would turn about three of ten.
    assert flips.select(pl.col("flip").mean() < 0.06).item()


def test_the_mean_stays_true():
    matrix = matrix_of([cell(f"L{i}", ("A", None, None), 1, IDPS, 2) for i in range(1000)])
    ups = [(rounded(matrix, seed=str(seed))["value"] == 5).sum() for seed in range(5)]
    assert all(up == 400 for up in ups)  # two fifths of them, chosen by chance
    assert (
        rounded(matrix, seed="0")["value"].to_list()
        != rounded(matrix, seed="1")["value"].to_list()
    )


def test_the_worked_example_of_the_explanation():
    # 18 people in three places: 20, so that two of the three go up.
    parts = rounded_parts(
        np.array([7.0, 8.0, 3.0]), np.array([0, 0, 0]), np.array([20.0]),
        np.array([0.5, 0.3, 0.9]), 5,
    )  # fmt: skip
    assert parts.tolist() == [10, 10, 0]
    alone = rounded_alone(np.array([18.0, 18.0, 20.0]), np.array([0.5, 0.7, 0.1]), 5)
    assert alone.tolist() == [20, 15, 20]


def test_a_whole_is_rounded_before_its_parts():
    codes = [
        *indicators(),
        *(
            breakdown_code(entry.code, name, category)
            for entry in indicators().values()
            for name in entry.dimensions
            for category in (dimensions()[name].categories or ("somewhere",))
        ),
        f"{IDPS}|part|conflict",
    ]
    already: set[str] = set()
    for split in splits_of(tuple(codes)):
        own = {whole for whole, _ in split.parts}
        parts = {part for _, of in split.parts for part in of}
        assert not own & parts
        assert not own & already
        already |= parts
    order = [s.name for s in splits_of(tuple(codes))]
    narrow = order.index(f"{IDPS}__sex_age__male_6_17")
    wide = order.index(f"{IDPS}__sex_age__male_0_17")
    sex, total = order.index(f"{IDPS}__sex_age__by sex"), order.index(f"{IDPS}__sex")
    assert narrow < wide < sex < total


def test_bands_of_age_add_up_within_wider_ones_and_within_age_groups():
    stem = f"{IDPS}__sex_age__"
    figures = {
        IDPS: 61, f"{IDPS}__age_group__men": 17, f"{IDPS}__age_group__women": 22,
        f"{IDPS}__age_group__children": 22, f"{stem}male_18_59": 13, f"{stem}male_60_plus": 4,
        f"{stem}female_18_plus": 22, f"{stem}female_18_59": 14, f"{stem}female_60_plus": 8,
        f"{stem}male_0_17": 9, f"{stem}female_6_17": 7, f"{stem}female_6_12": 4,
        f"{stem}female_13_17": 3, f"{stem}female_under_1": 6,
    }  # fmt: skip
    for seed in "abcdefgh":
        rows = [cell("L", ("A", "A1", None), 1, code, value) for code, value in figures.items()]
        after = dict(
            rounded(matrix_of(rows), seed=seed).select("indicator", "value").iter_rows()
        )
        short = {code.removeprefix(stem): value for code, value in after.items()}
        of = {
            name: after[f"{IDPS}__age_group__{name}"] for name in ("men", "women", "children")
        }
        assert sum(of.values()) == after[IDPS]
        assert of["men"] == short["male_18_59"] + short["male_60_plus"]
        assert of["women"] == short["female_18_plus"]
        assert short["female_18_plus"] == short["female_18_59"] + short["female_60_plus"]
        assert short["female_6_17"] == short["female_6_12"] + short["female_13_17"]
        assert of["children"] == (
            short["male_0_17"] + short["female_6_17"] + short["female_under_1"]
        )


def test_shares_are_those_of_the_rounded_sides(build):
    share, residents = "idp_population_share", "population_individuals"
    first = ("XW0101", "XW01")
    rows = []
    for place, (idps, population) in {"a": (12, 48), "b": (3, None), "c": (0, 50)}.items():
        path = (first[1], first[0], None)
        rows += [cell(place, path, 1, IDPS, idps), cell(place, path, 1, residents, population)]
        value = None if population is None else 100 * idps / population
        rows.append(cell(place, path, 1, share, value) | {"unit": "percent"})
    rows.append(cell("d", (first[1], first[0], None), 1, share, 12.6) | {"unit": "percent"})
    made = dataclasses.replace(build, matrix=matrix_of(rows))
    rule = DisclosureRule(method=Method.ROUNDING, seed="secret")
    safe, _ = protected_build(made, rule)
    wide = {
        place: dict(own.select("indicator", "value").iter_rows())
        for (place,), own in safe.matrix.partition_by("location_id", as_dict=True).items()
    }
    assert wide["a"][share] == pytest.approx(100 * wide["a"][IDPS] / wide["a"][residents])
    assert wide["b"][share] is None
    assert wide["c"][share] == 0
    assert wide["d"][share] == 13  # nothing to compute it from


def test_an_empty_matrix_stays_empty(build):
    empty = dataclasses.replace(
        build,
        matrix=build.matrix.clear(), totals=build.totals.clear(), changes=build.changes.clear(),
    )  # fmt: skip
    for method in Method:
        safe, report = protected_build(empty, DisclosureRule(method=method, seed="s"))
        assert safe.matrix.is_empty()
        assert report.cells == 0
        assert report.as_dict()["largest_difference"] == 0
