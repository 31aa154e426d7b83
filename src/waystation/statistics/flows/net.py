"""Net migration from what else is known: vital statistics, or survival between two censuses."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from waystation.errors import InvalidChoice, InvalidTable, MissingColumns, UnusableArray
from waystation.statistics.flows.fitting.margins import FloatArray, IntArray, require_amounts

# Children under 5 and 5 to 9 were born during the decade, to women 15-44 and 20-49 at its end;
# on average they moved for a quarter and three quarters of the time that their mothers did.
_CHILD_WEIGHTS = (0.25, 0.75)
_MOTHERS = (slice(3, 9), slice(4, 10))


def net_from_vital_statistics(populations: pl.DataFrame) -> pl.DataFrame:
    """Compute net migration as what births and deaths do not explain of a change.

    All errors of the censuses and of registration end in the net figure, which is small
    beside them: an undercount that differs between two censuses looks like migration.

    Args:
        populations: Columns ``population_start``, ``population_end``, ``births`` and
            ``deaths``, persons, births and deaths over the whole period; others are kept.

    Returns:
        The table with ``population_change``, ``natural_increase`` and ``net_migration``,
        persons over the period; null where a figure is.

    Raises:
        MissingColumns: If a column is absent.
        InvalidTable: If a figure is negative.

    Source:
        United Nations (1970), Methods of Measuring Internal Migration, Manual VI, chapter 2.
    """
    needed = ("population_start", "population_end", "births", "deaths")
    frame = _require_columns(populations, needed)
    return frame.with_columns(
        population_change=pl.col("population_end") - pl.col("population_start"),
        natural_increase=pl.col("births") - pl.col("deaths"),
    ).with_columns(net_migration=pl.col("population_change") - pl.col("natural_increase"))


def net_from_survival_ratios(
    ages: pl.DataFrame,
    *,
    children: bool = False,
    women: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Compute net migration by age from two censuses and the ratios that survive.

    The forward figure counts who is there at the end beyond the survivors expected; those
    who moved in and died are missing from it. The reverse figure counts them at the start.

    Args:
        ages: One row for each cohort in order of age; columns ``population_start`` and
            ``population_end`` of the same cohort, and ``survival_ratio`` from one to the
            other; others are kept.
        children: Whether to fill the first two rows, children under 5 and 5 to 9 at the end
            of ten years who have no ratio, from the net migration of women: a quarter and
            three quarters of it, by the number of children to women. Needs five-year groups
            from age 0, at least ten of them.
        women: What this function returned for women of the same ages; ``ages`` is taken to
            be of women if not given.

    Returns:
        The table with ``expected_end``, ``expected_start``, ``net_forward``, ``net_reverse``
        and ``net_average``. Null where a figure is null, and where a ratio is 0.

    Raises:
        MissingColumns: If a column is absent.
        InvalidTable: If a figure is negative, or there are too few ages for children.

    Source:
        United Nations (1970), Manual VI, chapter 2; Siegel and Hamilton (1952), Journal of
        the American Statistical Association 47, on the average; children by the child-woman
        ratio as in Shryock and Siegel (1976), The Methods and Materials of Demography.
    """
    needed = ("population_start", "population_end", "survival_ratio")
    frame = _require_columns(ages, needed)
    ratio = pl.col("survival_ratio")
    result = frame.with_columns(
        expected_end=pl.col("population_start") * ratio,
        expected_start=pl.when(ratio > 0).then(pl.col("population_end") / ratio),
    ).with_columns(
        net_forward=pl.col("population_end") - pl.col("expected_end"),
        net_reverse=pl.col("expected_start") - pl.col("population_start"),
    )
    if children:
        result = _with_children(result, result if women is None else women)
    return result.with_columns(net_average=(pl.col("net_forward") + pl.col("net_reverse")) / 2)


def _with_children(result: pl.DataFrame, women: pl.DataFrame) -> pl.DataFrame:
    names = ("net_forward", "net_reverse")
    women = _require_columns(women, ("population_end", *names), signed=names)
    if min(result.height, women.height) < _MOTHERS[-1].stop:
        raise InvalidTable(
            table="ages", reason="children need at least ten five-year groups from age 0"
        )
    filled = {}
    for name in names:
        net = result[name].to_list()
        for row, (weight, mothers) in enumerate(zip(_CHILD_WEIGHTS, _MOTHERS, strict=True)):
            theirs = women[mothers]
            count, moved = theirs["population_end"], theirs[name]
            there = result["population_end"][row]
            if there is None or count.null_count() or moved.null_count() or not count.sum():
                continue
            if net[row] is None:
                net[row] = weight * there / float(count.sum()) * float(moved.sum())
        filled[name] = pl.Series(name, net, dtype=pl.Float64)
    return result.with_columns(**filled)


def balanced_net(
    net: ArrayLike,
    *,
    method: str = "no-switches",
    weights: ArrayLike | None = None,
    integer: bool = False,
) -> FloatArray:
    """Rescale net totals so that they add up to 0.

    Args:
        net: Net migration of each area.
        method: ``"no-switches"`` scales gains and losses apart to the same total, so that no
            area changes sign and 0 stays 0; ``"switches"`` takes the same number from each.
        weights: Share in which each area takes part in the correction of its side under
            ``"no-switches"``; equal shares of its size if not given.
        integer: Whether to round to whole persons that still add up to 0.

    Returns:
        Net totals that add up to 0, in the order given.

    Raises:
        InvalidChoice: If the method is neither.
        UnusableArray: If values are missing, or all of one sign under ``"no-switches"``.

    Source:
        Abel and Cohen (2019), Scientific Data 6, supplement.
    """
    given = require_amounts(net, "net totals", signed=True)
    if method == "switches":
        balanced = given - given.mean() if given.size else given
    elif method == "no-switches":
        balanced = _without_switches(given, weights)
    else:
        raise InvalidChoice(value=method, option="method", choices="no-switches, switches")
    return _largest_remainder(balanced, 0).astype(np.float64) if integer else balanced


def _without_switches(net: FloatArray, weights: ArrayLike | None) -> FloatArray:
    gains, losses = np.maximum(net, 0.0), np.minimum(net, 0.0)
    excess = net.sum() / 2
    if not excess:
        return net
    if not gains.any() or not losses.any():
        reason = "all are of one sign, and cannot add up to 0 without switching it"
        raise UnusableArray(name="net totals", reason=reason)
    if weights is None:
        up = (gains.sum() - excess) / gains.sum()
        down = (losses.sum() - excess) / losses.sum()
        return np.asarray(gains * up + losses * down, dtype=np.float64)
    return _weighted(net, require_amounts(weights, "weights", shape=net.shape), excess)


def _weighted(net: FloatArray, weights: FloatArray, excess: float) -> FloatArray:
    """Share the correction of each side by weight times size, never past 0."""
    result = net.copy()
    for is_side in (net > 0, net < 0):
        share = np.where(is_side, weights * np.abs(net), 0.0)
        if not share.sum():
            raise UnusableArray(name="weights", reason="all areas of one sign have weight 0")
        result -= excess * share / share.sum()
    if (result * net < 0).any():
        reason = "with these weights an area would switch its sign"
        raise UnusableArray(name="weights", reason=reason)
    return result


def integers_with_sum(values: ArrayLike, total: int) -> IntArray:
    """Rescale values in proportion to whole numbers that add up to a total.

    What rounding leaves over goes, one by one, to the values whose fractions lie nearest to
    the next whole number; among equals to the larger value, then to the first. The same
    values always give the same numbers.

    Args:
        values: Any values whose sum is not 0.
        total: The whole number they shall add up to.

    Returns:
        Whole numbers, none farther than 1 from its exact share.

    Raises:
        UnusableArray: If values are missing, or add up to 0 and the total does not.

    Source:
        Largest remainders (Hamilton); Balinski and Young (1982), Fair Representation.
    """
    given = require_amounts(values, "values", signed=True)
    current = given.sum()
    if not current:
        if total:
            raise UnusableArray(name="values", reason="they add up to 0 and cannot be scaled")
        return _largest_remainder(given, 0)
    return _largest_remainder(given * (total / current), total)


def _largest_remainder(exact: FloatArray, total: int) -> IntArray:
    whole = np.floor(exact).astype(np.int64)
    left = total - int(whole.sum())
    # Exact fractions tie as they should, whatever the order in which floats were added.
    fraction = np.round(exact - whole, 9)
    order = np.lexsort((np.arange(exact.size), -np.abs(exact), -fraction))
    whole[order[:left]] += 1
    return whole


def _require_columns(
    frame: pl.DataFrame, names: tuple[str, ...], *, signed: tuple[str, ...] = ()
) -> pl.DataFrame:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise MissingColumns(table="populations", columns=", ".join(missing))
    try:
        frame = frame.with_columns(pl.col(name).cast(pl.Float64) for name in names)
    except pl.exceptions.PolarsError as error:
        raise InvalidTable(table="populations", reason=str(error).strip()) from error
    negative = [n for n in names if n not in signed and (frame[n] < 0).any()]
    if negative:
        raise InvalidTable(table="populations", reason=f"{', '.join(negative)} below 0")
    return frame
