"""Fit the weights of waystation.geography.name_scores, and show how true the scores are.

Fits on every second country of the global list but the 17 that name_matching.py measures on,
and prints the weights to paste, then scores against truth for the countries left out.

    python benchmarks/name_weights.py [names a country, default 750]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import polars as pl
from misspelt_names import MORE_KINDS, Mix, list_of_units, misspelt
from name_matching import COUNTRIES
from numpy.typing import NDArray

from waystation.geography.name_index import NameIndex
from waystation.geography.name_scores import FEATURES, WEIGHTS, shares

# Misspellings do not teach these: in them no North becomes South and no 1 becomes 2, and lists
# with names in brackets are few.
BY_HAND = ("compass_differs", "compass_absent", "digits_differ", "read_in_part")
SCRIPTS = {"arabic", "cyrillic"}
PULL = 1e-3  # towards 0, a name

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Pairs of names and units' names, and which of them are true."""

    names: pl.DataFrame
    question: NDArray[np.int64]
    unit: NDArray[np.int64]
    columns: Numbers
    is_true: NDArray[np.bool_]


def main() -> None:
    """Fit, print the weights, and print scores against truth."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 750
    units = list_of_units()
    index = NameIndex(units)
    every = sorted(set(units.filter(pl.col("level") == 2)["country"]) - set(COUNTRIES))
    plain = [kind for kind in MORE_KINDS if kind not in SCRIPTS]
    mix = Mix(
        kinds=[*plain, *plain, "arabic", "arabic", "cyrillic"],
        absent=0.12,
        right_parent=0.47,
        wrong_parent=0.06,
    )
    weights = fitted(without_some(sample(units, index, every[::2], each, mix, 1), 0.01))
    for name, weight in zip(FEATURES, weights, strict=True):
        print(f'    "{name}": {weight:.3f},')
    for title, countries in (("countries left out", every[1::2]), ("the 17", COUNTRIES)):
        print(f"\n{title}: score, share that is right, names")
        held_out = sample(units, index, countries, each // 4, Mix(), 17)
        for row in truth_by_score(weights, held_out).iter_rows():
            print(f"  {row[0]:5.2f} {row[1]:5.2f} {row[2]:6}")


def sample(
    units: pl.DataFrame, index: NameIndex, countries: list[str], each: int, mix: Mix, seed: int
) -> Sample:
    """Return misspelt names with their candidates."""
    names = misspelt(units, countries, each, mix, seed=seed)
    parent = index.parents_of_codes(names, "parent_code")["parent"].fill_null(-1)
    pairs = index.pairs(names.select("country", "level", "name").with_columns(parent=parent))
    codes = index.units["code"].to_numpy()[pairs.unit]
    truth = names["truth"].fill_null("").to_numpy()[pairs.question]
    return Sample(names, pairs.question, pairs.unit, pairs.evidence.columns, codes == truth)


def without_some(whole: Sample, share: float) -> Sample:
    """Leave the true unit out for some names, as when a list lacks a new district."""
    is_left_out = np.random.default_rng(0).random(whole.names.height) < share
    kept = ~(whole.is_true & is_left_out[whole.question])
    return Sample(
        whole.names,
        whole.question[kept],
        whole.unit[kept],
        whole.columns[kept],
        whole.is_true[kept],
    )


def best_readings(data: Sample, weights: Numbers) -> Sample:
    """Keep the reading of each unit's names that fits best by these weights."""
    strength = data.columns @ weights
    order = np.lexsort((-strength, data.unit, data.question))
    question, unit = data.question[order], data.unit[order]
    first = np.r_[True, (question[1:] != question[:-1]) | (unit[1:] != unit[:-1])]
    kept = order[first]
    return Sample(
        data.names, data.question[kept], data.unit[kept], data.columns[kept], data.is_true[kept]
    )


def fitted(data: Sample, rounds: int = 8) -> Numbers:
    """Return weights of greatest likelihood, by Newton's method with halved steps.

    Which reading of a unit fits best depends on the weights, so the two take turns.
    """
    is_free = np.array([name not in BY_HAND for name in FEATURES])
    weights = np.array([WEIGHTS[name] for name in FEATURES])
    for _ in range(rounds):
        readings = best_readings(data, weights)
        fixed = readings.columns[:, ~is_free] @ weights[~is_free]
        weights[is_free] = _newton(
            readings, readings.columns[:, is_free], fixed, weights[is_free]
        )
    return weights


def _newton(data: Sample, columns: Numbers, fixed: Numbers, weights: Numbers) -> Numbers:
    starts = np.flatnonzero(np.r_[True, data.question[1:] != data.question[:-1]])
    is_true = data.is_true.astype(float)
    has_truth = np.add.reduceat(is_true, starts) > 0
    pull = PULL * starts.size

    def likelihood(trial: Numbers) -> float:
        share = shares(columns @ trial + fixed, data.question)
        true = np.add.reduceat(is_true * share, starts)
        none = 1 - np.add.reduceat(share, starts)
        likely = np.log(np.maximum(np.where(has_truth, true, none), 1e-12)).sum()
        return float(likely - pull * (trial @ trial) / 2)

    value = likelihood(weights)
    for _ in range(30):
        share = shares(columns @ weights + fixed, data.question)
        weighted = columns * share[:, None]
        sums = np.add.reduceat(weighted, starts, axis=0)
        slope = columns.T @ (is_true - share) - pull * weights
        curve = columns.T @ weighted - sums.T @ sums + pull * np.eye(weights.size)
        step = np.linalg.solve(curve, slope)
        size = 1.0
        while size > 1e-4 and likelihood(weights + size * step) < value:
            size /= 2
        gain = likelihood(weights + size * step) - value
        if gain < 1e-6 * starts.size:
            return weights
        weights, value = weights + size * step, value + gain
    return weights


def truth_by_score(weights: Numbers, data: Sample) -> pl.DataFrame:
    """Return mean score, share that is right, and names, by tenths of the score."""
    best = best_readings(data, weights)
    share = shares(best.columns @ weights, best.question)
    return (
        pl.DataFrame({"question": best.question, "score": share, "right": best.is_true})
        .sort("score", descending=True)
        .unique("question", keep="first")
        .group_by((pl.col("score") * 10).floor().alias("tenth"))
        .agg(pl.col("score").mean(), pl.col("right").mean(), pl.len())
        .sort("tenth")
        .drop("tenth")
    )


if __name__ == "__main__":
    main()
