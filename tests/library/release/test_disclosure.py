"""The door: what may be chosen, what never leaves, what takes the place of locations."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import polars as pl
import pytest

from waystation.errors import InvalidChoice
from waystation.release.api_rows import dtm_rows
from waystation.release.disclosure import DisclosureRule, Method, protected_build
from waystation.release.disclosure.inside import NO_TITLE
from waystation.release.published import quality_rows
from waystation.release.report import figures
from waystation.sources import Source
from waystation.tracking.aggregates import stock_parts_from_submissions
from waystation.tracking.changes import PAIR, STREAM, changes_from_matrix
from waystation.tracking.matrix import Matrix, totals_from_matrix
from waystation.tracking.submissions import Submissions

TOTAL = "idp_individuals"
ROUNDING = DisclosureRule(method=Method.ROUNDING, seed="secret")
WITHHOLDING = DisclosureRule(method=Method.WITHHOLDING, seed="secret")
EXACT_UNITS = DisclosureRule(method=Method.WITHHOLDING, base=None)
RULES = (ROUNDING, WITHHOLDING, EXACT_UNITS)
SNAPSHOT = ["country", "operation", "component", "round_number", "reference_date"]


@pytest.fixture(scope="module")
def whole(build):
    """Return the made-up build with totals and changes that its matrix gives."""
    return dataclasses.replace(
        build,
        totals=totals_from_matrix(build.matrix, build.units),
        changes=changes_from_matrix(build.matrix, units=build.units, locations=build.locations),
    )


@pytest.mark.parametrize(
    ("choices", "option"),
    [
        ({"method": "blurring"}, "method"),
        ({"method": "rounding", "base": 1, "seed": "s"}, "base"),
        ({"method": "rounding", "base": 101, "seed": "s"}, "base"),
        ({"method": "rounding", "base": None, "seed": "s"}, "base"),
        ({"method": "rounding"}, "seed"),
        ({"method": "rounding", "seed": "  "}, "seed"),
        ({"method": "withholding"}, "seed"),
        ({"method": "withholding", "base": 0, "seed": "s"}, "base"),
        ({"method": "withholding", "seed": "s", "deepest_level": None}, "deepest level"),
        ({"method": "withholding", "seed": "s", "deepest_level": 4}, "deepest level"),
        ({"method": "withholding", "seed": "s", "deepest_level": -1}, "deepest level"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused(choices, option):
    with pytest.raises(InvalidChoice, match=option):
        DisclosureRule(**choices)


def test_a_method_may_be_named_in_words_and_the_seed_is_not_shown():
    named: Any = "rounding"
    rule = DisclosureRule(method=named, seed="very secret")
    assert rule.method is Method.ROUNDING
    assert "very secret" not in repr(rule)


@pytest.mark.parametrize("rule", [DisclosureRule(method=Method.NONE), *RULES])
def test_reports_and_what_they_say_never_leave(whole, rule):
    finding = {"code": "TRK-102", "message": "Amina typed 077", "file": "amina.xlsx", "row": 4}
    unknown = finding | {"code": "XXX-1"}
    findings = whole.findings.clear()
    rows = pl.DataFrame([finding, unknown]).with_columns(severity=pl.lit("error"))
    findings = pl.concat([findings, rows.cast({"severity": findings.schema["severity"]})],
                         how="diagonal")  # fmt: skip
    made = dataclasses.replace(
        whole,
        findings=findings,
        submissions=_submission(),
        locations=whole.locations.with_columns(names=pl.lit(["camp of Amina"])),
        sources=(
            Source(producer="IOM", title="amina", file="amina.xlsx", sha256="aa"),
            Source(producer="IOM", title="bashir", file="bashir.xlsx", sha256="bb"),
            Source(title="amina", file="amina.xlsx", sha256="aa"),
            Source(producer="OCHA", title="COD-AB", licence="CC BY", file="cod.xlsx"),
        ),
    )
    safe, report = protected_build(made, rule)
    assert safe.submissions.is_empty()
    assert safe.corrections.is_empty()
    said = [repr(getattr(safe, f.name)) for f in dataclasses.fields(safe)]
    frames = [v for v in (getattr(safe, f.name) for f in dataclasses.fields(safe))
              if isinstance(v, pl.DataFrame)]  # fmt: skip
    said += [frame.select(pl.exclude(pl.Binary, pl.List)).write_csv() for frame in frames]
    assert "amina" not in " ".join(said).lower()
    assert safe.sources == (
        Source(producer="IOM"),
        Source(producer="OCHA", title="COD-AB", licence="CC BY"),
    )
    assert quality_rows(safe).equals(quality_rows(made))
    assert NO_TITLE in safe.findings["message"]
    assert report.removed["submissions"] == 1


def _submission() -> pl.DataFrame:
    row = {
        "submission_id": "s1", "file": "amina.xlsx", "is_counted": True, "country": "XWS",
        "operation": "Highlands displacement", "component": "baseline_location",
        "round_number": 1, "reference_date": dt.date(2025, 3, 15), "location_key": "XWL00001",
        "enumerator": "Amina", TOTAL: 7.0,
    }  # fmt: skip
    return Submissions.complete(pl.DataFrame([row]))


def test_without_a_method_figures_are_as_they_were(whole):
    safe, report = protected_build(whole, DisclosureRule(method=Method.NONE))
    for name in ("matrix", "totals", "changes", "units", "boundaries"):
        assert getattr(safe, name).equals(getattr(whole, name))
    assert report.rounded == 0
    assert (safe.rounded_to, safe.deepest_level) == (None, None)


def test_publishing_twice_gives_the_same_figures(whole):
    first, second = (protected_build(whole, ROUNDING)[0] for _ in range(2))
    assert first.matrix.equals(second.matrix)
    assert first.changes.equals(second.changes)


@pytest.mark.parametrize("rule", RULES)
def test_children_add_up_to_their_unit(whole, rule):
    safe, _ = protected_build(whole, rule)
    sums = (
        safe.totals.filter(pl.col("unit") != "percent")
        .group_by(*SNAPSHOT, "indicator", "admin_level")
        .agg(pl.col("value").sum(), pl.col("locations").sum())
    )
    assert (
        sums.group_by(*SNAPSHOT, "indicator").agg(pl.col("value").n_unique())["value"].max()
        == 1
    )
    cells = safe.matrix.group_by(*SNAPSHOT, "indicator").agg(cells=pl.col("value").sum())
    both = sums.join(cells, on=[*SNAPSHOT, "indicator"])
    assert (both["value"] == both["cells"]).all()
    true = whole.totals.group_by(*SNAPSHOT, "indicator", "admin_level").agg(
        true=pl.col("locations").sum()
    )
    counted = sums.join(true, on=[*SNAPSHOT, "indicator", "admin_level"])
    assert (counted["locations"] == counted["true"]).all()


@pytest.mark.parametrize("rule", RULES)
def test_parts_of_changes_add_up_to_the_difference_of_published_totals(whole, rule):
    safe, _ = protected_build(whole, rule)
    _require_changes_that_add_up(safe.changes, safe.totals)
    assert safe.changes.height


def _require_changes_that_add_up(changes: pl.DataFrame, totals: pl.DataFrame) -> None:
    key = ["admin_level", "code", "indicator"]
    added = totals.group_by(*SNAPSHOT, "admin_level", pl.col("code").fill_null(""), "indicator")
    values = added.agg(pl.col("value").sum())
    sums = changes.group_by(*STREAM, *PAIR, *key).agg(pl.col("change").sum())
    for side in ("start", "end"):
        dated = values.rename(
            {"round_number": f"{side}_round", "reference_date": f"{side}_date", "value": side}
        )
        sums = sums.join(dated, on=[*STREAM, f"{side}_round", f"{side}_date", *key], how="left")
    gap = sums["end"].fill_null(0) - sums["start"].fill_null(0)
    assert (gap == sums["change"]).all()


@pytest.mark.parametrize("rule", RULES)
def test_the_change_into_a_new_round_starts_at_what_was_published(whole, rule):
    last = whole.matrix["round_number"].max()
    is_away = (pl.col("location_id") == "XWL00002") & (pl.col("round_number") == last - 1)
    matrix = whole.matrix.filter(~is_away)
    whole = dataclasses.replace(
        whole,
        matrix=matrix,
        totals=totals_from_matrix(matrix, whole.units),
        changes=changes_from_matrix(matrix, units=whole.units, locations=whole.locations),
    )
    is_last = pl.col("round_number") == last
    earlier = dataclasses.replace(
        whole,
        matrix=whole.matrix.filter(~is_last),
        totals=whole.totals.filter(~is_last),
        changes=whole.changes.filter(pl.col("end_round") != last),
    )
    later = dataclasses.replace(
        whole,
        matrix=whole.matrix.filter(is_last),
        totals=whole.totals.filter(is_last),
        changes=whole.changes.filter(pl.col("end_round") == last),
    )
    before, _ = protected_build(earlier, rule)
    after, _ = protected_build(later, rule, previous=before)
    assert after.changes["end_round"].unique().to_list() == [last]
    _require_changes_that_add_up(after.changes, pl.concat([before.totals, after.totals]))
    # A figure rounded in its own snapshot is rounded alike whether others are there or not.
    together, _ = protected_build(whole, rule)
    assert after.matrix.equals(together.matrix.filter(is_last))
    into = together.changes.filter(pl.col("end_round") == last)
    assert after.changes.equals(into)
    assert "reappeared" in into["part"]
    if rule is not EXACT_UNITS:
        alone, _ = protected_build(later, rule)
        assert alone.changes.is_empty()


def test_a_published_round_that_is_corrected_later_says_so(whole):
    rounds = [whole.matrix.filter(pl.col("round_number") == n) for n in (1, 2, 3)]
    before, _ = protected_build(
        dataclasses.replace(whole, matrix=pl.concat(rounds[:2])), ROUNDING
    )
    is_one = (pl.col("location_id") == "XWL00001") & (pl.col("indicator") == TOTAL)
    value = pl.when(is_one).then(pl.col("value") + 50).otherwise("value")
    corrected = pl.concat([rounds[1].with_columns(value), rounds[2]])
    after, _ = protected_build(
        dataclasses.replace(whole, matrix=corrected), ROUNDING, previous=before
    )
    country = after.changes.filter(pl.col("admin_level") == 0, pl.col("indicator") == TOTAL)
    told = country.filter(pl.col("part") == "corrected")
    assert told["end_round"].to_list() == [3]
    assert told["change"].to_list()[0] == 50


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_nothing_below_the_deepest_level_leaves(whole, level):
    rule = DisclosureRule(method=Method.WITHHOLDING, deepest_level=level, seed="secret")
    safe, report = protected_build(whole, rule)
    Matrix.require(safe.matrix)
    assert safe.locations.is_empty()
    assert safe.units["level"].max() == min(level, 2)
    for frame in (safe.totals, safe.changes, safe.assessments):
        assert frame["admin_level"].max() <= level
    assert not set(safe.matrix["location_id"]) & set(whole.locations["location_id"])
    assert report.levels_withheld == (
        "location", *(f"admin {n}" for n in range(level + 1, 4))
    )  # fmt: skip
    assert report.removed["locations"] == whole.locations.height
    assert (safe.matrix.filter(pl.col("unit") == "persons")["value"] % 5 == 0).all()


def test_units_without_rounding_have_their_true_figures(whole):
    safe, report = protected_build(whole, EXACT_UNITS)
    assert safe.totals.equals(whole.totals.filter(pl.col("admin_level") <= 2))
    assert safe.changes.equals(whole.changes.filter(pl.col("admin_level") <= 2))
    assert report.rounded == 0


def test_what_is_estimated_or_carried_forward_stays_so(whole):
    exact, _ = protected_build(whole, EXACT_UNITS)
    series = figures.main_series(whole)
    assert series is not None
    true = figures.states(whole, series)
    assert figures.states(exact, series).equals(true)
    for rule in (ROUNDING, WITHHOLDING):
        safe, _ = protected_build(whole, rule)
        known = figures.states(safe, series)
        counted = ["round_number", "state", "locations"]
        assert known.select(counted).equals(true.select(counted))
        top = safe.totals.filter(pl.col("admin_level") == 0, pl.col("indicator") == TOTAL)
        for row in top.iter_rows(named=True):
            own = known.filter(pl.col("round_number") == row["round_number"])
            assert own["value"].sum() == row["value"]
            for state in ("estimated", "carried_forward"):
                assert own.filter(pl.col("state") == state)["value"].sum() == row[state]
        latest = figures.snapshots(safe, series)[-1]
        areas = figures.areas(safe, series, 2, latest, None, "en")
        assert (areas["carried"] > 0).any()


def test_a_unit_whose_locations_say_less_than_others_keeps_its_blanks(whole):
    place = whole.locations["location_id"][0]
    unit = whole.locations["admin2_code"][0]
    is_of_unit = pl.col("admin2_code") == unit
    is_people = pl.col("unit") == "persons"
    made = dataclasses.replace(
        whole,
        matrix=whole.matrix.with_columns(
            value=pl.when(is_of_unit & is_people).then(None).otherwise("value")
        ),
    )
    made = dataclasses.replace(made, totals=totals_from_matrix(made.matrix, made.units))
    safe, _ = protected_build(made, WITHHOLDING)
    own = safe.matrix.filter(is_of_unit, is_people)
    assert own.height
    assert own["value"].null_count() == own.height
    blanks = safe.assessments.filter(pl.col("code") == unit, pl.col("indicator") == TOTAL)
    assert set(blanks["state"]) == {"blank"}
    assert place not in set(own["location_id"])


def test_places_without_a_code_stand_under_the_unit_above(whole):
    lost = whole.locations["location_id"][1]
    matrix = whole.matrix.with_columns(
        admin2_code=pl.when(pl.col("location_id") != lost).then("admin2_code")
    )
    made = dataclasses.replace(
        whole, matrix=matrix, totals=totals_from_matrix(matrix, whole.units)
    )
    safe, _ = protected_build(made, WITHHOLDING)
    kept = set(safe.matrix["location_id"])
    assert whole.locations["admin1_code"][1] in kept
    assert dtm_rows(safe, 2)["admin2Name"].to_list().count("Not available") > 0


def test_a_share_of_a_unit_is_blank_where_some_places_say_one_side_only(whole):
    residents, share = "population_individuals", "idp_population_share"
    people = whole.matrix.filter(pl.col("indicator") == TOTAL)
    sides = people.with_columns(indicator=pl.lit(residents), value=pl.lit(1000.0))
    partly = pl.col("admin1_code") == "XW01"
    is_odd = pl.col("location_id").str.slice(-1).cast(pl.Int64) % 2 == 1
    sides = sides.with_columns(value=pl.when(~(partly & is_odd)).then("value"))
    known = pl.col("population").is_not_null() & pl.col("value").is_not_null()
    shares = people.with_columns(population=sides["value"]).with_columns(
        indicator=pl.lit(share),
        unit=pl.lit("percent"),
        value=pl.when(known).then(100 * pl.col("value") / pl.col("population")),
    )
    matrix = pl.concat([whole.matrix, sides, shares.drop("population")])
    made = dataclasses.replace(
        whole, matrix=matrix, totals=totals_from_matrix(matrix, whole.units)
    )
    safe, _ = protected_build(
        made, DisclosureRule(method=Method.WITHHOLDING, deepest_level=1, seed="s")
    )
    values = safe.matrix.pivot(
        "indicator", index=["round_number", "location_id"], values="value"
    )
    by_unit = values.group_by("location_id").agg(pl.col(share).is_null().all())
    assert dict(by_unit.iter_rows())["XW01"]


def test_parts_by_reason_and_origin_add_up_after_rounding(whole):
    common = {
        "is_counted": True, "file": "a.xlsx", "country": "XWS", "round_number": 1,
        "operation": "Highlands displacement", "component": "baseline_location",
        "reference_date": dt.date(2025, 3, 15), "location_key": "XWL00001",
        "admin1_code": "XW01", "admin2_code": "XW0102", "origin_admin1_code": "XW02",
    }  # fmt: skip
    rows = [
        common | {"submission_id": "1", "displacement_reason": "conflict", TOTAL: 38.0},
        common | {"submission_id": "2", "displacement_reason": "because of him", TOTAL: 13.0},
        common | {"submission_id": "3", "displacement_reason": "conflict", TOTAL: 4.0},
    ]
    submissions = Submissions.complete(pl.DataFrame(rows))
    parts = stock_parts_from_submissions(submissions)
    assert parts.select("reason", "origin", "value").rows() == [
        ("conflict", "XW02", 42.0), ("other", "XW02", 13.0),
    ]  # fmt: skip
    is_place = (pl.col("location_id") == "XWL00001") & (pl.col("round_number") == 1)
    matrix = whole.matrix.filter(pl.col("round_number") == 1, is_place, indicator=TOTAL)
    matrix = matrix.with_columns(value=pl.lit(55.0), admin2_code=pl.lit("XW0102"))
    made = dataclasses.replace(
        whole,
        submissions=submissions,
        matrix=matrix,
        totals=totals_from_matrix(matrix, whole.units),
        changes=whole.changes.clear(),
    )
    for rule in (ROUNDING, WITHHOLDING, EXACT_UNITS):
        safe, _ = protected_build(made, rule)
        served = dtm_rows(safe, 2)
        assert served["numPresentIdpInd"].sum() == 55
        assert set(served["displacementReason"]) == {"Conflict", "Other reason"}
        again, _ = protected_build(safe, DisclosureRule(method=Method.NONE))
        assert again.parts.equals(safe.parts)


def test_the_report_says_what_was_done_and_tells_no_true_figure(whole):
    _, report = protected_build(whole, ROUNDING)
    told = report.as_dict()
    assert told["method"] == "rounding"
    assert told["base"] == 5
    assert told["deepest_level"] is None
    assert 0 < told["rounded"] < told["cells"]
    assert 0 < told["mean_difference"] < told["largest_difference"] <= 4
    assert max(told["largest_by_level"].values()) <= 4
    assert told["levels_withheld"] == []
    assert "totals" not in told
    assert "secret" not in str(told)
    country = report.totals.filter(pl.col("indicator") == TOTAL)
    assert (country["before"] != country["after"]).any()
