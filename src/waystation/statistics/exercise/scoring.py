"""How near an estimate of flows comes to the truth, over all corridors and by their size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from waystation.statistics.tables import Flows

SIZES = (0, 100, 1_000, 10_000, 100_000)


@dataclass(frozen=True, slots=True)
class FlowScores:
    """How near an estimate comes to the truth.

    Attributes:
        corridors: Corridors with people in either table.
        true_total: People who moved.
        total: Those of the estimate.
        total_ratio: The estimate's total over the true one; null where nobody moved.
        log_correlation: Pearson's, of log(1 + people); null where it is not defined.
        rank_correlation: Spearman's, ties sharing their mean rank; null where not defined.
        within_factor_two: Share of corridors with people in truth whose estimate is between
            half and twice; null where there is none.
        misplaced: Half the sum of absolute differences of shares of the totals: 0 where the
            estimate deals people out as the truth does, 1 where they share no corridor.
        by_size: The same by true size: size_from, size_to (null at the end), corridors,
            true_total, total, log_correlation, within_factor_two.
    """

    corridors: int
    true_total: float
    total: float
    total_ratio: float | None
    log_correlation: float | None
    rank_correlation: float | None
    within_factor_two: float | None
    misplaced: float | None
    by_size: pl.DataFrame


def score_flows(estimate: pl.DataFrame, truth: pl.DataFrame) -> FlowScores:
    """Compare an estimate of flows with the truth, corridor by corridor.

    A corridor absent from one of the tables has nobody in it there; one absent from both is not
    compared. Estimates below 0 count as 0 in logarithms.

    The truth of the exercise counts moves. Methods that compare two moments can at best see
    who lives elsewhere at the end: their totals lie below it, and that is no error of theirs.

    Args:
        estimate: Shape ``Flows``, of one period and sex, unit persons.
        truth: Shape ``Flows``, of the same.

    Returns:
        The scores.

    Raises:
        InvalidTable: If a table is not of the shape ``Flows``.
    """
    both = (
        Flows.require(estimate).select(*Flows.primary_key(), estimate="persons")
        .join(
            Flows.require(truth).select(*Flows.primary_key(), truth="persons"),
            on=Flows.primary_key(), how="full", coalesce=True,
        )
        .with_columns(pl.col("estimate", "truth").fill_null(0))
        .filter((pl.col("estimate") != 0) | (pl.col("truth") != 0))
        .sort(Flows.primary_key())
    )  # fmt: skip
    made, true = both["estimate"].to_numpy(), both["truth"].to_numpy()
    return FlowScores(
        corridors=both.height,
        true_total=float(true.sum()),
        total=float(made.sum()),
        total_ratio=float(made.sum() / true.sum()) if true.sum() > 0 else None,
        log_correlation=_correlation(_logs(made), _logs(true)),
        rank_correlation=_correlation(_ranks(made), _ranks(true)),
        within_factor_two=_within(made, true),
        misplaced=_misplaced(made, true),
        by_size=_by_size(made, true),
    )


def _logs(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.log1p(np.maximum(values, 0)))


def _ranks(values: np.ndarray) -> np.ndarray:
    return pl.Series(values).rank("average").to_numpy()


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    if len(one) < 2 or not np.ptp(one) or not np.ptp(other):
        return None
    return float(np.corrcoef(one, other)[0, 1])


def _within(made: np.ndarray, true: np.ndarray) -> float | None:
    there = true > 0
    if not there.any():
        return None
    ratio = made[there] / true[there]
    return float(((ratio >= 0.5) & (ratio <= 2)).mean())


def _misplaced(made: np.ndarray, true: np.ndarray) -> float | None:
    if made.sum() <= 0 or true.sum() <= 0:
        return None
    return float(np.abs(made / made.sum() - true / true.sum()).sum() / 2)


def _by_size(made: np.ndarray, true: np.ndarray) -> pl.DataFrame:
    rows = []
    for low, high in zip(SIZES, (*SIZES[1:], None), strict=True):
        here = (true >= low) & (true < (np.inf if high is None else high))
        rows.append(
            {
                "size_from": low,
                "size_to": high,
                "corridors": int(here.sum()),
                "true_total": float(true[here].sum()),
                "total": float(made[here].sum()),
                "log_correlation": _correlation(_logs(made[here]), _logs(true[here])),
                "within_factor_two": _within(made[here], true[here]),
            }
        )
    schema = {
        "size_from": pl.Int64, "size_to": pl.Int64, "corridors": pl.Int64,
        "true_total": pl.Float64, "total": pl.Float64, "log_correlation": pl.Float64,
        "within_factor_two": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)
