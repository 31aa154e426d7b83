"""Estimated flows against reported ones: scores by hand, a known weight found again."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from waystation.errors import CoverageMismatch, InvalidChoice, InvalidTable
from waystation.statistics.flows.validation import (
    FlowComparison,
    FlowScores,
    calibrated_weight,
    reported_flows,
    validated_flows,
)
from waystation.statistics.tables import Observations


def flows(*rows):
    return pl.DataFrame(
        rows,
        schema={"origin": pl.String, "destination": pl.String, "persons": pl.Float64},
        orient="row",
    )


ESTIMATED = flows(
    ("A", "B", 10), ("A", "C", 20), ("B", "A", 30),
    ("B", "C", 40), ("C", "A", 50), ("C", "B", 60),
)  # fmt: skip


def test_scores_by_hand():
    """Corridors 10, 20, 30 against 20, 20, 20: off by 10, 0, 10 of 60."""
    seen = flows(
        ("A", "B", 20), ("A", "C", 20), ("B", "A", 20), (None, "A", 40), ("C", None, 0)
    )
    made = validated_flows(ESTIMATED, seen)
    FlowScores.require(made.scores)
    FlowComparison.require(made.comparison)
    scores = {row["kind"]: row for row in made.scores.iter_rows(named=True)}
    corridor = scores["corridor"]
    assert (corridor["flows"], corridor["reported"], corridor["estimated"]) == (3, 60, 60)
    assert corridor["ratio"] == 1
    assert corridor["mean_absolute_error"] == pytest.approx(20 / 3)
    assert corridor["weighted_error"] == pytest.approx(100 / 3)
    assert corridor["correlation"] is None  # what is reported does not vary
    assert corridor["median_log_ratio"] == 0
    assert scores["in_migration"]["estimated"] == 80  # 30 from B and 50 from C
    assert scores["out_migration"]["ratio"] is None  # nothing reported to divide by
    assert made.not_compared.is_empty()


def test_a_perfect_estimate_scores_perfectly():
    made = validated_flows(ESTIMATED, ESTIMATED).scores.row(0, named=True)
    for name in ("ratio", "correlation", "log_correlation", "rank_correlation"):
        assert made[name] == pytest.approx(1)
    assert made["mean_log_error"] == 0


def test_reported_flows_of_other_areas_are_told_and_not_counted_as_0():
    seen = flows(
        ("A", "B", 20), ("A", "X", 5), (None, "X", 7), (None, None, 100), ("A", "A", 3)
    )
    made = validated_flows(ESTIMATED, seen)
    assert made.comparison.height == 1
    assert made.not_compared.rows() == [("A", "X"), (None, "X"), (None, None), ("A", "A")]
    with pytest.raises(CoverageMismatch):
        validated_flows(ESTIMATED, seen.tail(4))


def observations(rows):
    return pl.DataFrame(
        [
            {
                "dataset": "eurostat",
                "measure": measure,
                "area": area,
                "counterpart": other,
                "sex": "both",
                "age": "total",
                "period": str(year),
                "year": year,
                "value": value,
                "unit": "persons",
                "flag": "observed" if value is not None else "not_reported",
                "producer_flags": None,
            }
            for measure, area, other, year, value in rows
        ],
        schema=Observations.empty_frame().schema,
    )


def test_years_from_mid_year_to_mid_year_count_half_at_the_ends():
    rows: list[Any] = [("immigration", "A", "B", year, 10.0) for year in range(2010, 2016)]
    rows += [("emigration", "A", None, year, 4.0) for year in range(2010, 2016)]
    rows += [
        ("immigration", "A", None, y, None if y == 2012 else 9.0) for y in range(2010, 2016)
    ]
    rows += [("immigration", "B", None, y, 9.0) for y in range(2011, 2016)]
    seen, left_out = reported_flows(observations(rows), start=2010)
    assert seen.sort("persons").rows() == [("A", None, 20), ("B", "A", 50)]
    assert sorted(left_out.rows(), key=str) == [
        ("A", None, "immigration", 1),
        ("B", None, "immigration", 1),
    ]
    with pytest.raises(InvalidTable, match="twice"):
        reported_flows(observations(rows + rows[:1]), start=2010)


def mixture(weight, noise, areas=12, factor=1.0):
    generator = np.random.default_rng(8)
    names = [f"A{i:02}" for i in range(areas)]
    pairs = [(a, b) for a in names for b in names if a != b]
    few = np.floor(generator.gamma(0.3, 3000, len(pairs)))
    many = few + generator.gamma(0.5, 20_000, len(pairs))
    seen = factor * (weight * few + (1 - weight) * many)
    seen *= np.exp(generator.normal(0, noise, len(pairs)))
    tables = (flows(*((*p, v) for p, v in zip(pairs, x, strict=True))) for x in (few, many))
    return *tables, flows(*((*p, v) for p, v in zip(pairs, seen, strict=True)))


def test_a_known_weight_is_found_again():
    few, many, seen = mixture(0.6, 0.0)
    found = calibrated_weight(few, many, seen)
    assert found.weight == pytest.approx(0.6)
    assert found.standard_error == pytest.approx(0, abs=1e-9)
    assert found.loss == pytest.approx(0, abs=1e-6)
    assert found.published_loss > 0.1
    assert found.folds.height == 10
    assert found.folds["flows"].sum() == 12 * 11


def test_with_noise_the_weight_is_near_and_its_error_says_how_near():
    found = calibrated_weight(*mixture(0.6, 0.5))
    assert 0 < found.standard_error < 0.2
    assert abs(found.weight - 0.6) < 4 * found.standard_error + 0.02
    assert found.curve.height == 101
    assert found.curve.sort("loss")["weight"][0] == found.weight


def test_a_common_factor_does_not_move_the_weight_when_it_is_free():
    few, many, seen = mixture(0.6, 0.0, factor=3.0)
    free = calibrated_weight(few, many, seen, free_scale=True)
    assert free.weight == pytest.approx(0.6, abs=0.01)
    assert free.scale == pytest.approx(3, rel=0.01)
    assert calibrated_weight(few, many, seen).weight < 0.3


def test_what_cannot_be_calibrated_is_refused():
    few, many, seen = mixture(0.6, 0.1)
    with pytest.raises(InvalidChoice):
        calibrated_weight(few, many, seen, folds=1)
    with pytest.raises(InvalidChoice):
        calibrated_weight(few, many, seen, published=1.5)
    with pytest.raises(CoverageMismatch, match="fewer than two"):
        calibrated_weight(few, many, seen.filter(pl.col("destination") == "A00"))
    with pytest.raises(CoverageMismatch, match="differ"):
        calibrated_weight(few, many.filter(pl.col("origin") != "A03"), seen)


def test_published_flows_against_what_european_countries_report(statistics_data):
    """Flows of 2010-15 from stocks against immigration and emigration of 2011 to 2015."""
    totals = (
        pl.read_csv(statistics_data / "eurostat" / "estat_migration.csv")
        .filter(pl.col("Year").is_between(2011, 2015))
        .group_by("Country")
        .agg(pl.sum("Im_Value"), pl.sum("Em_Value"), years=pl.len())
        .filter(pl.col("years") == 5)
    )
    none = pl.lit(None, dtype=pl.String)
    seen = pl.concat(
        [
            totals.select(origin=none, destination="Country", persons="Im_Value"),
            totals.select(origin="Country", destination=none, persons="Em_Value"),
        ]
    )
    published = pl.read_csv(
        statistics_data / "abel_cohen" / "bilat_mig_sex_ims2020_wpp2022.csv.gz",
        infer_schema_length=None,
    ).filter((pl.col("year0") == 2010) & (pl.col("sex") == "both"))
    scores = {}
    for column in ("sd_drop_neg", "da_min_closed", "da_pb_closed"):
        made = validated_flows(
            published.select(origin="orig", destination="dest", persons=column), seen
        )
        scores[column] = {row["kind"]: row for row in made.scores.iter_rows(named=True)}
        assert made.not_compared.is_empty()
    for kind in ("in_migration", "out_migration"):
        assert scores["da_pb_closed"][kind]["log_correlation"] > 0.85
        errors = [by_kind[kind]["mean_log_error"] for by_kind in scores.values()]
        assert errors[2] == min(errors)  # the mixture is nearer than either
    print(scores)
