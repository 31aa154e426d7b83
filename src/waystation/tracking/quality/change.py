"""Checks of figures against the place's own past: out of the ordinary, or unchanged.

A change is judged as the logarithm of the ratio to the last figure, against the spread of the
place's own changes drawn towards the spread of the round (few rounds of one place say little),
and against what its neighbours in the unit did in the same round. Small numbers are damped,
changes that arrivals and departures explain are left alone, and the way back from a slip is
not a second finding.

Source: robust location and scale after Hampel (1974), Journal of the American Statistical
Association 69, 383-393 (median and median absolute deviation); published rounds change by
more than half in a sixth of areas, so that a fixed percentage floods.
"""

from __future__ import annotations

import math

import polars as pl

from waystation.tracking.indicators import indicator_by_code, indicators
from waystation.tracking.quality.figures import label_of
from waystation.tracking.quality.reports import Reports, compared_stocks
from waystation.tracking.quality.wording import figure, row_findings

DAMPING = 15.0  # persons added above and below the line
LEAST_CHANGE = 50.0  # persons
ENOUGH_STEPS = 250_000  # to see how the places of each round moved
PRIOR = 4.0  # rounds of a place's own history that weigh as much as the round's spread
LEAST_SCALE = 0.1  # of a log ratio: nobody counts better than to a tenth
TIMES_SCALE = 5.0
LEAST_FACTOR = math.log(2.5)
LEAST_FACTOR_CORROBORATED = math.log(5.0)
UNIT_NEEDS = 4  # places in a unit before its median says what happened there
MANY_AT_ONCE = 1000.0  # persons: so many in an empty place want an explanation
STALE_FIGURES, STALE_FIGURES_UNMOVED = 4, 12
STALE_PEOPLE = 50.0
LARGE = 150.0  # persons: a place in which somebody always comes, goes, is born or dies
FEW_STAY, MANY_STAY = 0.1, 0.5  # shares of a round's places that keep every figure


def check_change(reports: Reports) -> list[pl.DataFrame]:
    """Return findings on changes of every stock of persons, and on unchanged figures."""
    found = []
    for total in reports.totals:
        if indicators()[total].part_of in reports.totals:
            continue  # judged with the people it is counted among
        found += _out_of_the_ordinary(reports, total)
    return found + _stale(reports)


def _out_of_the_ordinary(reports: Reports, total: str) -> list[pl.DataFrame]:
    steps = _steps(reports, total)
    now = pl.col("now")
    far = (pl.col("ratio").abs() > math.log(2)) & ((now - now.shift()).abs() >= LEAST_CHANGE)
    mask = steps.select(far.fill_null(value=False)).to_series()
    if not mask.any():
        return []
    candidates = _candidates(reports, steps, mask.arg_true(), total)
    judged = _judged(steps, candidates)
    slip = _slip(pl.col("now"), pl.col("then"))
    hits = judged.with_columns(slip=slip).filter(_is_finding())
    if not len(hits):
        return []
    rows = reports.rows_at(hits.sort("_index"))
    now, then = pl.col("now"), pl.col("then")
    says = pl.concat_str(
        pl.format("{} went from {} to {}", pl.lit(label_of(total)), figure(then), figure(now)),
        pl.when(pl.col("is_swapped"))
        .then(pl.lit("; persons and households look swapped"))
        .when(pl.col("slip").is_not_null())
        .then(pl.lit("; a digit looks added or lost"))
        .when(pl.col("is_spike"))
        .then(pl.format("; the round after says {}", figure(pl.col("next"))))
        .when(pl.col("flow").is_not_null())
        .then(pl.format("; arrivals less departures explain only {}", figure(pl.col("flow"))))
        .otherwise(pl.lit("; the place and its unit usually change far less")),
    )
    expected = (
        pl.when(pl.col("is_swapped"))
        .then(figure(pl.col("households")))
        .when(pl.col("slip").is_not_null())
        .then(figure(pl.col("slip")))
    )
    return [
        row_findings(
            "TRK-160", rows, says, column=total, reported=figure(now), expected=expected
        )
    ]


def _steps(reports: Reports, total: str) -> pl.DataFrame:
    """Return one row a place and moment with a figure, and the log ratio to the one before."""
    now, place = pl.col("now"), pl.col("_place")
    ratio = ((now + DAMPING) / (now.shift() + DAMPING)).log()
    steps = reports.history.lazy().select(
        "_place", "_snapshot", "_area", now=total, at=pl.int_range(pl.len(), dtype=pl.UInt32)
    )
    return (
        steps.filter(now >= 0)
        .with_columns(ratio=pl.when(place == place.shift()).then(ratio))
        .collect()
    )


def _candidates(
    reports: Reports, steps: pl.DataFrame, at: pl.Series, total: str
) -> pl.DataFrame:
    """Return steps beside the figures before and after, and what may explain them."""
    history = reports.history
    households = indicator_by_code(total).households
    sources = {
        "households": households,
        "arrivals": "arrival_individuals" if total == "idp_individuals" else None,
        "departures": "departure_individuals" if total == "idp_individuals" else None,
    }
    found = steps[at]
    beside = {
        name: history[source].gather(found["at"])
        if source in history.columns
        else _nothing(len(found))
        for name, source in sources.items()
    }
    position = at.cast(pl.Int64)
    for name, step in (("before", -2), ("then", -1), ("next", 1)):
        there = (position + step).clip(0, len(steps) - 1)
        same = steps["_place"].gather(there) == found["_place"]
        beside[name] = steps["now"].gather(there).zip_with(same, _nothing(len(found)))
    if households in history.columns:
        then = steps["at"].gather(position - 1)
        beside["households_then"] = history[households].gather(then)
    else:
        beside["households_then"] = _nothing(len(found))
    index = history["_index"].gather(found["at"])
    return found.with_columns(_index=index, **beside)


def _nothing(rows: int) -> pl.Series:
    return pl.repeat(None, rows, dtype=pl.Float64, eager=True)


def _judged(steps: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Return the candidates with what is usual of their place, round and unit."""
    moved = steps.lazy().filter(pl.col("ratio").is_not_null())
    ratio = pl.col("ratio")
    few = moved.gather_every(max(1, len(steps) // ENOUGH_STEPS))
    rounds = few.group_by("_snapshot").agg(
        round_median=ratio.median(), low=ratio.quantile(0.25), high=ratio.quantile(0.75)
    )
    # Half the middle half: as the median absolute deviation, and found in one pass.
    rounds = rounds.with_columns(round_spread=(pl.col("high") - pl.col("low")) / 2)
    concerned = candidates["_place"].unique().implode()
    own = (
        moved.filter(pl.col("_place").is_in(concerned))
        .group_by("_place")
        .agg(own_spread=ratio.abs().median(), own_steps=pl.len())
    )
    units = (
        moved.group_by("_snapshot", "_area")
        .agg(unit_median=ratio.median(), unit_places=pl.len())
        .filter((pl.col("unit_places") >= UNIT_NEEDS) & pl.col("_area").is_not_null())
    )
    joined = (
        candidates.lazy()
        .join(rounds, on="_snapshot")
        .join(own, on="_place")
        .join(units, on=["_snapshot", "_area"], how="left")
    )
    steps_of_own = pl.col("own_steps") - 1  # the change judged is no witness of itself
    scale = (steps_of_own * pl.col("own_spread") + PRIOR * pl.col("round_spread")) / (
        steps_of_own + PRIOR
    )
    usual = pl.coalesce("unit_median", "round_median")
    # What its unit did explains a change in the same direction, and none in the other.
    usual = pl.when(usual.sign() == pl.col("ratio").sign()).then(usual).otherwise(0.0)
    rest = (pl.col("ratio") - usual).abs()
    return (
        joined.with_columns(
            rest=rest, score=rest / (1.4826 * scale).clip(lower_bound=LEAST_SCALE)
        )
        .with_columns(*_explanations())
        .collect()
    )


def _explanations() -> list[pl.Expr]:
    """Return what supports or explains a change, and what speaks of a slip."""
    now, then, after = pl.col("now"), pl.col("then"), pl.col("next")
    change = now - then
    flow = pl.when(pl.col("arrivals").is_not_null() | pl.col("departures").is_not_null()).then(
        pl.col("arrivals").fill_null(0.0) - pl.col("departures").fill_null(0.0)
    )
    size, size_then = now / pl.col("households"), then / pl.col("households_then")
    damped = [x + DAMPING for x in (pl.col("before"), then, now, after)]
    before_, then_, now_, after_ = damped
    is_spike = (after_ / then_).log().abs() < 0.4 * (now_ / then_).log().abs()
    came_back = (now_ / before_).log().abs() < 0.4 * (now_ / then_).log().abs()
    swapped = (
        (pl.col("households") > now)
        & ((now + 1) / (pl.col("households_then") + 1)).log().abs().le(0.5)
        & ((pl.col("households") + 1) / (then + 1)).log().abs().le(0.5)
    )
    return [
        flow.alias("flow"),
        ((change - flow).abs() <= 0.35 * change.abs())
        .fill_null(value=False)
        .alias("explained"),
        ((size / size_then).log().abs() < 0.3).fill_null(value=False).alias("corroborated"),
        ((size / size_then).log().abs() >= 0.7).fill_null(value=False).alias("contradicted"),
        is_spike.fill_null(value=False).alias("is_spike"),
        came_back.fill_null(value=False).alias("came_back"),
        swapped.fill_null(value=False).alias("is_swapped"),
    ]


def _slip(now: pl.Expr, then: pl.Expr) -> pl.Expr:
    """Return the figure without the slip where a power of ten brings it back to the last."""
    meant = pl.lit(None, dtype=pl.Float64)
    for factor in (0.1, 10.0, 0.01, 100.0, 0.001, 1000.0):
        fits = ((now * factor + 1) / (then + 1)).log().abs() < 0.3
        whole = (now * factor - (now * factor).round()).abs() < 1e-6
        takes_away = fits & (whole if factor < 1 else pl.lit(value=True))
        meant = (
            pl.when(meant.is_null() & takes_away & (now > 0))
            .then(now * factor)
            .otherwise(meant)
        )
    return meant


def _is_finding() -> pl.Expr:
    is_slip = pl.col("slip").is_not_null()
    extraordinary = (pl.col("score") > TIMES_SCALE) & (pl.col("rest") > LEAST_FACTOR)
    very = (pl.col("score") > 2 * TIMES_SCALE) & (pl.col("rest") > LEAST_FACTOR_CORROBORATED)
    by_itself = pl.when("corroborated").then(very).otherwise(extraordinary)
    by_spike = pl.col("is_spike") & extraordinary
    by_slip = is_slip & (pl.col("is_spike") | pl.col("contradicted") | ~pl.col("corroborated"))
    # Places empty out and fill again: that alone is news, and a slip only in large numbers.
    emptied = pl.col("now") == 0
    begins = (pl.col("then") == 0) & (pl.col("now") < MANY_AT_ONCE)
    by_itself = by_itself & ~emptied & ~begins
    return (
        (by_itself | by_spike | by_slip | pl.col("is_swapped"))
        & ~pl.col("explained")
        & ~pl.col("came_back")
    )


def _stale(reports: Reports) -> list[pl.DataFrame]:
    """Return places whose every figure stands as in the rounds before (TRK-163).

    Where few places of a round keep their figures, one repetition of several figures is
    enough to ask; where many do, as small and stable places will, it takes two. A report
    that nobody came and nobody left agrees with figures that stand still in a small place,
    if not with a dozen that a recount of ages and shelters would shift.
    """
    if not reports.totals:
        return []
    place, screen = pl.col("_place"), pl.col("_screen")
    people = pl.sum_horizontal(reports.totals)
    stays = [pl.col(name).eq_missing(pl.col(name).shift()) for name in reports.totals]
    kept = reports.history.select(
        "_index",
        "_snapshot",
        people=people,
        matters=people >= STALE_PEOPLE,
        before=pl.col("_index").shift(),
        two_before=pl.when(place == place.shift(2)).then(pl.col("_index").shift(2)),
        same=(place == place.shift()) & (screen == screen.shift()) & pl.all_horizontal(stays),
        nobody_moved=_nobody_moved(reports),
    )
    sizes = kept.group_by("_snapshot").agg(places=pl.col("matters").sum())
    doubtful = pl.col("same") & pl.col("matters")
    hits = kept.filter(doubtful).sort("_index")
    if not len(hits):
        return []
    now, before, two_before = (
        compared_stocks(reports, hits[name].fill_null(0))
        for name in ("_index", "before", "two_before")
    )
    hits = hits.with_columns(
        now["_told"],
        same=now["_stocks"] == before["_stocks"],
        same_twice=(now["_stocks"] == two_before["_stocks"]) & hits["two_before"].is_not_null(),
    )
    credible = pl.col("nobody_moved") & (pl.col("people") < LARGE)
    least = pl.when(credible).then(STALE_FIGURES_UNMOVED).otherwise(STALE_FIGURES)
    hits = hits.filter(pl.col("same") & (pl.col("_told") >= least))
    usual = hits.group_by("_snapshot").agg(kept=pl.len()).join(sizes, on="_snapshot")
    share = pl.col("kept") / pl.col("places")
    hits = (
        hits.join(usual, on="_snapshot")
        .filter((share < FEW_STAY) | (pl.col("same_twice") & (share < MANY_STAY)))
        .sort("_index")
    )
    says = pl.concat_str(
        pl.format("all {} figures above 0 stand as in the round before", "_told"),
        pl.when("same_twice").then(pl.lit(" and the one before that")).otherwise(pl.lit("")),
    )
    return [row_findings("TRK-163", reports.rows_at(hits), says, column=reports.totals[0])]


def _nobody_moved(reports: Reports) -> pl.Expr:
    flows = ["arrival_individuals", "departure_individuals"]
    if not all(name in reports.history.columns for name in flows):
        return pl.lit(value=False)
    return pl.all_horizontal(pl.col(name) == 0 for name in flows).fill_null(value=False)
