"""Scores of estimated flows: by hand, at the ends, and for what has no answer."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waystation.errors import MissingColumns
from waystation.statistics.exercise import score_flows


def flows(**persons):
    """Flows by pair: AB=10 is ten people from A to B."""
    return pl.DataFrame(
        {
            "origin": [pair[0] for pair in persons],
            "destination": [pair[1] for pair in persons],
            "persons": [float(p) for p in persons.values()],
        },
        schema={"origin": pl.String, "destination": pl.String, "persons": pl.Float64},
    )


def test_the_truth_has_the_best_scores():
    truth = flows(AB=10, BA=200, AC=3000)
    scores = score_flows(truth, truth)
    assert (scores.total_ratio, scores.within_factor_two, scores.misplaced) == (1, 1, 0)
    assert scores.log_correlation == pytest.approx(1)
    assert scores.rank_correlation == pytest.approx(1)


def test_a_worked_example():
    # A to B: 10 for 10. B to A: 50 for 200, under half. A to C: 100 for 0. C to A: 0 for 20.
    scores = score_flows(flows(AB=10, BA=50, AC=100), flows(AB=10, BA=200, CA=20))
    assert (scores.corridors, scores.true_total, scores.total) == (4, 230, 160)
    assert scores.total_ratio == pytest.approx(160 / 230)
    assert scores.within_factor_two == pytest.approx(1 / 3)
    # Shares of the totals: 10/160, 50/160, 100/160, 0 against 10/230, 200/230, 0, 20/230.
    differences = [10 / 160 - 10 / 230, 200 / 230 - 50 / 160, 100 / 160, 20 / 230]
    assert scores.misplaced == pytest.approx(sum(differences) / 2)
    # Ranks in order AB, AC, BA, CA: 2 4 3 1 against 2 1 4 3; Spearman 1 - 6 * 14 / 60.
    assert scores.rank_correlation == pytest.approx(1 - 6 * 14 / 60)
    xs, ys = [[math.log1p(v) for v in row] for row in ((10, 100, 50, 0), (10, 0, 200, 20))]
    mx, my = sum(xs) / 4, sum(ys) / 4
    top = sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True))
    below = math.sqrt(sum((x - mx) ** 2 for x in xs) * sum((y - my) ** 2 for y in ys))
    assert scores.log_correlation == pytest.approx(top / below)


def test_sizes_are_those_of_the_truth():
    scores = score_flows(flows(AB=10, BA=50, AC=100), flows(AB=10, BA=200, CA=20))
    shown = scores.by_size.select("size_from", "corridors", "true_total", "within_factor_two")
    assert shown.rows()[:3] == [(0, 3, 30, 0.5), (100, 1, 200, 0), (1000, 0, 0, None)]
    assert scores.by_size["total"].sum() == scores.total


def test_what_has_no_answer_is_null_and_not_zero():
    scores = score_flows(flows(), flows())
    assert scores.corridors == 0
    assert scores.total_ratio is None
    assert scores.log_correlation is None
    assert scores.within_factor_two is None
    assert scores.misplaced is None


def test_a_table_of_another_shape_is_refused():
    with pytest.raises(MissingColumns, match="persons"):
        score_flows(flows(AB=1).drop("persons"), flows(AB=1))


@given(
    st.dictionaries(st.sampled_from(["AB", "BA", "AC", "CA", "BC"]), st.integers(1, 10**6),
                    min_size=2),
    st.floats(0.6, 1.9),
)  # fmt: skip
def test_a_constant_factor_below_two_changes_totals_only(persons, factor):
    truth = flows(**persons)
    scaled = truth.with_columns(pl.col("persons") * factor)
    scores = score_flows(scaled, truth)
    assert scores.total_ratio == pytest.approx(factor)
    assert scores.within_factor_two == 1
    assert scores.misplaced == pytest.approx(0, abs=1e-9)
    assert scores.rank_correlation in (None, pytest.approx(1))
