"""Estimated flows against reported ones, and the weight of a mixture that they ask for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from waystation.errors import CoverageMismatch, InvalidChoice, InvalidTable
from waystation.statistics.flows.arrays import Array
from waystation.statistics.tables import CellFlag, Flows, Observations
from waystation.tables import Table, number, text

_KINDS = ("corridor", "in_migration", "out_migration")
_WEIGHTS = np.linspace(0.0, 1.0, 101)


class ReportedFlows(Table):
    """Flows as countries report them, over a period; an empty side means all areas."""

    origin = text("Area left; null for all together.")
    destination = text("Area moved to; null for all together.")
    persons = number("People, over the whole period.", unit="persons", nullable=False, min=0)


class FlowComparison(Table):
    """Reported flows beside estimated ones."""

    kind = text("corridor, in_migration (from all areas) or out_migration (to all).")
    origin = text("Area left; null for all together.")
    destination = text("Area moved to; null for all together.")
    reported = number("Reported.", unit="persons", nullable=False)
    estimated = number("Estimated.", unit="persons", nullable=False)


class FlowScores(Table):
    """How near estimated flows come to reported ones, by kind of flow."""

    kind = text("corridor, in_migration or out_migration.", nullable=False, primary_key=True)
    flows = number("Flows compared.", nullable=False)
    reported = number("Sum reported.", unit="persons", nullable=False)
    estimated = number("Sum estimated.", unit="persons", nullable=False)
    ratio = number("Estimated by reported; null where nothing is reported.")
    correlation = number("Pearson correlation; null where one side does not vary.")
    log_correlation = number("The same of logarithms of persons + 1.")
    rank_correlation = number("Spearman correlation.")
    mean_absolute_error = number("Mean absolute difference.", unit="persons", nullable=False)
    weighted_error = number("Sum of absolute differences by the sum reported, percent.")
    median_log_ratio = number(
        "Median of log ((estimated + 1) / (reported + 1)).", nullable=False
    )
    mean_log_error = number(
        "Mean absolute of the same; 0.7 is a factor of two.", nullable=False
    )


@dataclass(frozen=True, slots=True)
class Validation:
    """Scores of one estimate.

    Attributes:
        scores: Shape ``FlowScores``.
        comparison: Shape ``FlowComparison``, each reported flow that could be compared.
        not_compared: Columns origin, destination: reported, with an area the estimate lacks.
    """

    scores: pl.DataFrame
    comparison: pl.DataFrame
    not_compared: pl.DataFrame


@dataclass(frozen=True, slots=True)
class WeightCalibration:
    """The weight of the fewest moves that reported flows ask for.

    Attributes:
        weight: By all reported flows together.
        standard_error: By leaving out one part after the other (jackknife over the folds).
        loss: Mean log error with this weight, of flows held out from choosing it.
        published_loss: The same with the weight to compare with.
        published_weight: That weight.
        scale: Factor between estimated and reported flows; 1 unless it was set free.
        folds: Columns fold, areas, weight, loss, published_loss.
        curve: Columns weight, loss: of all flows, for each weight tried.
    """

    weight: float
    standard_error: float
    loss: float
    published_loss: float
    published_weight: float
    scale: float
    folds: pl.DataFrame
    curve: pl.DataFrame


def reported_flows(
    observations: pl.DataFrame,
    *,
    start: int,
    years: int = 5,
    immigration: str = "immigration",
    emigration: str = "emigration",
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add annual figures up to the flows of a period from mid-year to mid-year.

    The first and the last calendar year count half. Countries report moves, of which one
    person may make several in a period and which include those who die or return; estimates
    from stocks count people who moved and stayed. Reported figures are larger by nature.

    Args:
        observations: Shape ``Observations``, one sex and age; counterpart null for all areas.
        start: Year in whose middle the period begins.
        years: Its length.
        immigration: Measure whose area is the destination.
        emigration: Measure whose area is the origin.

    Returns:
        Shape ``ReportedFlows``; and those left out, with columns area, counterpart, measure,
        missing_years, since a year without a figure is not a year without moves.

    Raises:
        InvalidTable: If the table does not keep its schema, or a figure stands twice.
    """
    frame = Observations.require(observations).filter(
        pl.col("measure").is_in([immigration, emigration]),
        pl.col("year").is_between(start, start + years),
    )
    keys = ["area", "counterpart", "measure"]
    if frame.select(*keys, "year").is_duplicated().any():
        reason = "a figure stands twice; keep one sex, age and dataset"
        raise InvalidTable(table="observations", reason=reason)
    is_end = pl.col("year").is_in([start, start + years])
    is_known = pl.col("value").is_not_null() & (pl.col("flag") != CellFlag.NOT_REPORTED.value)
    sums = frame.group_by(keys, maintain_order=True).agg(
        persons=(pl.col("value") * pl.when(is_end).then(0.5).otherwise(1.0)).sum(),
        missing_years=pl.lit(years + 1) - is_known.sum().cast(pl.Int64),
    )
    is_in = pl.col("measure") == immigration
    flows = sums.filter(pl.col("missing_years") == 0).select(
        origin=pl.when(is_in).then("counterpart").otherwise("area"),
        destination=pl.when(is_in).then("area").otherwise("counterpart"),
        persons="persons",
    )
    left_out = sums.filter(pl.col("missing_years") > 0).select(*keys, "missing_years")
    return ReportedFlows.require(flows), left_out


def validated_flows(flows: pl.DataFrame, reported: pl.DataFrame) -> Validation:
    """Score estimated flows against reported ones.

    Args:
        flows: Shape ``Flows``, every pair of the areas estimated.
        reported: Shape ``ReportedFlows``. Where a corridor is reported by both sides, give
            the one you trust, or both: each counts.

    Returns:
        Scores by kind of flow, the flows compared, and those that could not be.

    Raises:
        InvalidTable: If a table does not keep its schema.
        CoverageMismatch: If no reported flow has an estimate.
    """
    compared, missing = _compared(Flows.require(flows), ReportedFlows.require(reported))
    scores = [
        _scores(kind, compared.filter(pl.col("kind") == kind))
        for kind in _KINDS
        if (compared["kind"] == kind).any()
    ]
    schema = {name: column.dtype for name, column in FlowScores.columns().items()}
    table = pl.DataFrame(scores, schema=schema, orient="row")
    return Validation(table, FlowComparison.require(compared), missing)


def calibrated_weight(
    fewest: pl.DataFrame,
    independent: pl.DataFrame,
    reported: pl.DataFrame,
    *,
    folds: int = 10,
    published: float = 0.87,
    free_scale: bool = False,
) -> WeightCalibration:
    """Find the weight of a pseudo-Bayes mixture that reported flows ask for.

    Flows are split by the area that reports; the weight is chosen without one part and tried
    on it, in turn, so that the loss is that of flows it has not seen. Loss is the mean
    absolute difference of logarithms, in which small and large corridors count alike.

    Args:
        fewest: Shape ``Flows``: the estimate by the fewest moves (da-min-closed).
        independent: Shape ``Flows``: by independence (da-indep-closed).
        reported: Shape ``ReportedFlows``.
        folds: Parts to split the areas into; as many as areas at most.
        published: Weight to compare with.
        free_scale: Whether reported flows may be larger by a common factor, which is fitted
            beside the weight (they count moves, the estimates people).

    Returns:
        The weight, and what it gains.

    Raises:
        InvalidTable: If a table does not keep its schema.
        InvalidChoice: If there are fewer than 2 folds, or the weight is no share.
        CoverageMismatch: If fewer than two areas report a flow that has an estimate.

    Source:
        Azose and Raftery (2019), PNAS 116, who chose 0.87 so. Cross-validation is ours.
    """
    if folds < 2 or not 0 <= published <= 1:
        raise InvalidChoice(
            value=(folds, published), option="folds and weight", choices="2, 0-1"
        )
    few, _ = _compared(Flows.require(fewest), ReportedFlows.require(reported))
    many, _ = _compared(Flows.require(independent), ReportedFlows.require(reported))
    if not few.select("origin", "destination").equals(many.select("origin", "destination")):
        raise CoverageMismatch(what="areas", missing="the two estimates differ in theirs")
    reporter = few.select(
        pl.when(pl.col("kind") == "out_migration").then("origin").otherwise("destination")
    ).to_series()
    areas = sorted(set(reporter))
    if len(areas) < 2:
        raise CoverageMismatch(what="areas", missing="fewer than two report an estimated flow")
    folds = min(folds, len(areas))
    place = {area: i % folds for i, area in enumerate(areas)}
    fold = np.array([place[area] for area in reporter])
    errors = _log_errors(few, many)
    rows, weights = [], []
    for part in range(folds):
        is_out = fold == part
        best, shift = _best(errors[:, ~is_out], free_scale)
        at = _position(published)
        base = _shift(errors[at, ~is_out], free_scale)
        weights.append(float(_WEIGHTS[best]))
        rows.append(
            {
                "fold": part + 1,
                "areas": ", ".join(area for area in areas if place[area] == part),
                "flows": int(is_out.sum()),
                "weight": float(_WEIGHTS[best]),
                "loss": float(np.abs(errors[best, is_out] + shift).mean()),
                "published_loss": float(np.abs(errors[at, is_out] + base).mean()),
            }
        )
    table = pl.DataFrame(rows)
    best, shift = _best(errors, free_scale)
    spread = np.array(weights) - np.mean(weights)
    share = table["flows"] / table["flows"].sum()
    losses = [float(np.abs(e + _shift(e, free_scale)).mean()) for e in errors]
    return WeightCalibration(
        weight=float(_WEIGHTS[best]),
        standard_error=float(np.sqrt((folds - 1) / folds * (spread**2).sum())),
        loss=float((table["loss"] * share).sum()),
        published_loss=float((table["published_loss"] * share).sum()),
        published_weight=published,
        scale=float(np.exp(shift)),
        folds=table,
        curve=pl.DataFrame({"weight": _WEIGHTS, "loss": losses}),
    )


def _log_errors(few: pl.DataFrame, many: pl.DataFrame) -> Array:
    """Return log ratios of estimated to reported flows, weights by flows."""
    low, high = few["estimated"].to_numpy(), many["estimated"].to_numpy()
    mixed = _WEIGHTS[:, None] * low + (1 - _WEIGHTS[:, None]) * high
    errors: Array = np.log1p(mixed) - np.log1p(few["reported"].to_numpy())
    return errors


def _best(errors: Array, free_scale: bool) -> tuple[int, float]:
    """Return the position of the best weight, and the shift of logarithms beside it."""
    losses = [float(np.abs(e + _shift(e, free_scale)).mean()) for e in errors]
    best = int(np.argmin(np.round(losses, 12)))
    return best, _shift(errors[best], free_scale)


def _shift(errors: Array, free_scale: bool) -> float:
    return -float(np.median(errors)) if free_scale else 0.0


def _position(weight: float) -> int:
    return int(np.abs(_WEIGHTS - weight).argmin())


def _compared(flows: pl.DataFrame, reported: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return reported flows beside estimates, and those that have none."""
    between = flows.filter(pl.col("origin") != pl.col("destination"))
    sums = [
        between.select("origin", "destination", "persons"),
        between.group_by("destination")
        .agg(pl.sum("persons"))
        .select(pl.lit(None, dtype=pl.String).alias("origin"), "destination", "persons"),
        between.group_by("origin")
        .agg(pl.sum("persons"))
        .select("origin", pl.lit(None, dtype=pl.String).alias("destination"), "persons"),
    ]
    kind = (
        pl.when(pl.col("origin").is_null())
        .then(pl.lit("in_migration"))
        .when(pl.col("destination").is_null())
        .then(pl.lit("out_migration"))
        .otherwise(pl.lit("corridor"))
    )
    both = reported.select("origin", "destination", reported="persons").join(
        pl.concat(sums).rename({"persons": "estimated"}),
        on=["origin", "destination"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    has_side = pl.col("origin").is_not_null() | pl.col("destination").is_not_null()
    found = both.filter(has_side & pl.col("estimated").is_not_null())
    if not found.height:
        raise CoverageMismatch(what="areas", missing="no reported flow has an estimate")
    missing = both.filter(~has_side | pl.col("estimated").is_null())
    return (
        found.select(kind.alias("kind"), "origin", "destination", "reported", "estimated"),
        missing.select("origin", "destination"),
    )


def _scores(kind: str, compared: pl.DataFrame) -> dict[str, object]:
    seen, made = compared["reported"].to_numpy(), compared["estimated"].to_numpy()
    log_seen, log_made = np.log1p(seen), np.log1p(np.maximum(made, 0.0))
    ratio = log_made - log_seen
    missed = np.abs(made - seen)
    ranks = [compared[name].rank().to_numpy() for name in ("reported", "estimated")]
    total = float(seen.sum())
    return {
        "kind": kind,
        "flows": float(seen.size),
        "reported": total,
        "estimated": float(made.sum()),
        "ratio": float(made.sum()) / total if total else None,
        "correlation": _correlation(seen, made),
        "log_correlation": _correlation(log_seen, log_made),
        "rank_correlation": _correlation(*ranks),
        "mean_absolute_error": float(missed.mean()),
        "weighted_error": 100 * float(missed.sum()) / total if total else None,
        "median_log_ratio": float(np.median(ratio)),
        "mean_log_error": float(np.abs(ratio).mean()),
    }


def _correlation(one: Array, two: Array) -> float | None:
    if one.size < 3 or not one.std() or not two.std():
        return None
    return float(np.corrcoef(one, two)[0, 1])
