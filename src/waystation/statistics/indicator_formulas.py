"""How indicators are computed: figures, sums over pairs, shares, rates, change and growth.

Every step works on rows of area, counterpart, sex, period, year, value, low, high, flag, source
(the dataset) and note, and keeps what it cannot compute as null with a note.

Source:
    Definitions of indicators: UN DESA, International Migrant Stock, documentation; growth is
    100 ln(S1/S0) / years.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from waystation.errors import BrokenRules, MixedRevisions
from waystation.statistics.catalogue import measures
from waystation.statistics.sources.idmc import NONE_RECORDED

# From the gravest to none; of several inputs the gravest counts.
_FLAGS = ("confidential", "not_reported", "break", "estimated", "imputed", "provisional",
          "observed")  # fmt: skip
_KEY = ["area", "counterpart", "sex", "period", "year", "source"]
_COLUMNS = [*_KEY, "value", "low", "high", "rank", "note"]
_SPAN = r"/P(\d+)Y$"


def measures_of(formula: dict[str, Any]) -> tuple[str, ...]:
    """Return the measures that a formula needs, in the order it names them."""
    found: list[str] = []
    for name, part in formula.items():
        if isinstance(part, dict) and "kind" in part:
            found += measures_of(part)
        elif name in {"measure", "below"}:
            found.append(str(part))
        elif name == "measures":
            found += [str(code) for code in part]
    return tuple(dict.fromkeys(found))


def value_of(
    formula: dict[str, Any], rows: pl.DataFrame, *, mix_revisions: bool = False
) -> pl.DataFrame:
    """Return the values of a formula, with ``flag`` as the gravest of the inputs."""
    values = _value(formula, rows, mix_revisions)
    names = pl.Series(_FLAGS)
    return values.with_columns(flag=pl.lit(names).gather(pl.col("rank").cast(pl.UInt32)))


def _value(formula: dict[str, Any], rows: pl.DataFrame, mix: bool) -> pl.DataFrame:
    kind = formula["kind"]
    if kind in {"figure", "bilateral"}:
        return _figures(formula["measure"], rows, mix, is_bilateral=kind == "bilateral")
    if kind == "sum":
        return _sum(formula, rows, mix)
    if kind == "parts":
        return _parts(formula["measures"], rows, mix)
    if kind == "sex_share":
        return _sex_share(formula, rows, mix)
    if kind == "ratio":
        return _ratio(formula, rows, mix)
    if kind == "rate":
        return _rate(formula, rows, mix)
    return _change(_value(formula["of"], rows, mix), is_growth=kind == "growth")


def _of_measure(
    measure: str, rows: pl.DataFrame, mix: bool, *, is_bilateral: bool
) -> pl.DataFrame:
    """Return the rows of a measure, of all ages, one dataset unless a mix was asked for.

    Figures in another unit than the measure's are left out: cases among applications of
    persons, net migration of five years among that of years.
    """
    own = rows.filter(
        (pl.col("measure") == measure)
        & (pl.col("unit") == measures()[measure].unit)
        & (pl.col("age") == "total")
        & (pl.col("counterpart").is_not_null() == is_bilateral)
    )
    names = sorted(own["dataset"].unique())
    if len(names) > 1 and not mix:
        raise MixedRevisions(table="Observations", measure=measure, datasets=", ".join(names))
    ranks = {flag: i for i, flag in enumerate(_FLAGS)}
    return own.with_columns(
        source="dataset",
        rank=pl.col("flag").replace_strict(ranks, return_dtype=pl.Int64),
    )


def _figures(
    measure: str, rows: pl.DataFrame, mix: bool, *, is_bilateral: bool = False
) -> pl.DataFrame:
    own = _of_measure(measure, rows, mix, is_bilateral=is_bilateral)
    if is_bilateral:
        own = _between_areas(own)
    twice = own.filter(own.select(_KEY).is_duplicated())
    if twice.height:
        row = twice.row(0, named=True)
        raise BrokenRules(
            table="Observations",
            rules=f"{measure} of {row['area']} has several figures for {row['period']}, "
            f"{row['sex']}: {twice.height:,} figures stand for {measure} more than once",
        )
    return own.select(_COLUMNS)


def _between_areas(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in which neither side is a sum of areas."""
    from waystation.geography.concordance import aggregates

    groups = list(aggregates())
    return rows.filter(
        ~pl.col("area").is_in(groups)
        & ~pl.col("counterpart").is_in(groups).fill_null(value=False)
    )


def _sum(formula: dict[str, Any], rows: pl.DataFrame, mix: bool) -> pl.DataFrame:
    own = _between_areas(_of_measure(formula["measure"], rows, mix, is_bilateral=True))
    for name, codes in formula.get("where", {}).items():
        said = pl.col("breakdown").str.extract(rf"(?:^|; ){name}=([^;]*)")
        own = own.filter(said.is_in(list(codes)))
    if formula["over"] == "area":
        own = own.with_columns(area="counterpart")
    own = own.with_columns(counterpart=pl.lit(None, pl.String))
    return _added(own)


def _added(rows: pl.DataFrame) -> pl.DataFrame:
    """Return sums by key: of what is known, null where nothing is, with the absent counted."""
    has_interval = pl.col("low").is_not_null().any()
    known = pl.col("value").count()
    absent = pl.len() - known
    rank = pl.when(pl.col("value").is_not_null()).then(pl.col("rank"))
    return (
        rows.group_by(_KEY)
        .agg(
            value=pl.when(known > 0).then(pl.col("value").sum()),
            low=pl.when(has_interval).then(pl.coalesce("low", "value").sum()),
            high=pl.when(has_interval).then(pl.coalesce("high", "value").sum()),
            rank=rank.min().fill_null(_FLAGS.index("not_reported")),
            note=pl.when((absent > 0) & (known > 0)).then(
                pl.format("{} of {} parts are not reported", absent, pl.len())
            ),
        )
        .select(_COLUMNS)
    )


def _parts(codes: list[str], rows: pl.DataFrame, mix: bool) -> pl.DataFrame:
    """Return measures added; a part of which none was recorded does not hide the others."""
    parts = pl.concat([_figures(code, rows, mix) for code in codes])
    is_none = (pl.col("note") == NONE_RECORDED).fill_null(value=False)
    counted = parts.filter(~is_none)
    # A key with all parts "none recorded" stays, with a null.
    whole = (
        parts.select(_KEY)
        .unique()
        .join(_complete(counted), on=_KEY, how="left", nulls_equal=True)
    )
    missing = _FLAGS.index("not_reported")
    return whole.with_columns(pl.col("rank").fill_null(missing)).select(_COLUMNS)


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    """Return sums by key, null where one part is."""
    is_whole = pl.col("value").is_not_null().all()
    return (
        rows.group_by(_KEY)
        .agg(
            value=pl.when(is_whole).then(pl.col("value").sum()),
            low=pl.lit(None, pl.Float64),
            high=pl.lit(None, pl.Float64),
            rank=pl.col("rank").min(),
            note=pl.when(~is_whole).then(pl.lit("a part is not reported")),
        )
        .select(_COLUMNS)
    )


def _sex_share(formula: dict[str, Any], rows: pl.DataFrame, mix: bool) -> pl.DataFrame:
    figures = _figures(formula["measure"], rows, mix)
    keys = [name for name in _KEY if name != "sex"]
    both = figures.filter(pl.col("sex") == "both")
    part = figures.filter(pl.col("sex") == formula["sex"]).select(
        *keys, part="value", part_rank="rank"
    )
    return (
        both.join(part, on=keys, how="left", nulls_equal=True)
        .with_columns(
            value=_divided(pl.col("part"), pl.col("value"), 100.0),
            low=pl.lit(None, pl.Float64),
            high=pl.lit(None, pl.Float64),
            rank=pl.min_horizontal("rank", "part_rank"),
            note=_note("part", f"{formula['sex']} figure is missing"),
        )
        .select(_COLUMNS)
    )


def _below(measure: str, rows: pl.DataFrame, mix: bool) -> pl.DataFrame:
    """Return the figures to divide by: of mid-year, else the one of the year.

    Of several datasets in one year the one named first counts, where a mix was asked for.
    """
    figures = _figures(measure, rows, mix)
    is_middle = pl.col("period").str.ends_with("-07-01")
    return (
        figures.with_columns(order=is_middle)
        .sort("order", "source", descending=[True, False], maintain_order=True)
        .unique(["area", "sex", "year"], keep="first", maintain_order=True)
        .select("area", "sex", "year", below="value", below_rank="rank", below_source="source")
    )


def _ratio(formula: dict[str, Any], rows: pl.DataFrame, mix: bool) -> pl.DataFrame:
    above = _value(formula["above"], rows, mix)
    below = _population_of(formula["below"], above, rows, mix)
    joined = above.join(below, on=["area", "sex", "year"], how="left", nulls_equal=True)
    return _shares(joined, formula)


def _population_of(
    measure: str, above: pl.DataFrame, rows: pl.DataFrame, mix: bool
) -> pl.DataFrame:
    """Return what to divide by: of the dataset of the figures above, where it has it."""
    own = rows.filter(
        (pl.col("measure") != measure)
        | pl.col("dataset").is_in(above["source"].unique().implode())
    )
    has_own = own.filter(pl.col("measure") == measure).height > 0
    return _below(measure, own if has_own else rows, mix)


def _rate(formula: dict[str, Any], rows: pl.DataFrame, mix: bool) -> pl.DataFrame:
    """Return a flow made yearly by the people at the middle of its period."""
    above = _value(formula["above"], rows, mix).with_columns(
        span=pl.col("period").str.extract(_SPAN).cast(pl.Int64).fill_null(1)
    )
    below = _population_of(formula["below"], above, rows, mix)
    end = below.select("area", "sex", end_year="year", end_below="below", end_rank="below_rank")
    joined = (
        above.with_columns(end_year=pl.col("year") + pl.col("span"))
        .join(below, on=["area", "sex", "year"], how="left", nulls_equal=True)
        .join(end, on=["area", "sex", "end_year"], how="left", nulls_equal=True)
    )
    is_long = pl.col("span") > 1
    middle = pl.when(is_long).then((pl.col("below") + pl.col("end_below")) / 2)
    rank = pl.when(is_long).then(pl.min_horizontal("below_rank", "end_rank"))
    yearly = joined.with_columns(
        value=pl.col("value") / pl.col("span"),
        below=middle.otherwise(pl.col("below")),
        below_rank=rank.otherwise(pl.col("below_rank")),
    )
    return _shares(yearly, formula)


def _shares(joined: pl.DataFrame, formula: dict[str, Any]) -> pl.DataFrame:
    times = float(formula["times"])
    is_same = pl.col("below_source").is_null() | (pl.col("below_source") == pl.col("source"))
    both = pl.concat_str("source", "below_source", separator="; ")
    return joined.with_columns(
        value=_divided(pl.col("value"), pl.col("below"), times),
        low=_divided(pl.col("low"), pl.col("below"), times),
        high=_divided(pl.col("high"), pl.col("below"), times),
        rank=pl.min_horizontal("rank", "below_rank"),
        note=_note("below", f"{formula['below']} is missing"),
        source=pl.when(is_same).then(pl.col("source")).otherwise(both),
    ).select(_COLUMNS)


def _divided(above: pl.Expr, below: pl.Expr, times: float) -> pl.Expr:
    return pl.when(below > 0).then(times * above / below)


def _note(column: str, text: str) -> pl.Expr:
    missing = pl.when(pl.col(column).is_null()).then(pl.lit(text))
    return pl.coalesce(missing, pl.col("note"))


def _change(values: pl.DataFrame, *, is_growth: bool) -> pl.DataFrame:
    """Return change since the previous figure of the same area, sex and dataset.

    The period runs from the previous moment: 1990-07-01/P5Y to the same day of 1995. The first
    figure of an area has nothing before it, and no row.
    """
    series = ["area", "counterpart", "sex", "source"]
    ordered = values.sort([*series, "year", "period"])
    before = {n: pl.col(n).shift(1).over(series) for n in ("value", "year", "rank", "period")}
    steps = ordered.with_columns(
        value_0=before["value"],
        year_0=before["year"],
        rank_0=before["rank"],
        period_0=before["period"],
    ).filter(pl.col("year_0").is_not_null() & (pl.col("year") > pl.col("year_0")))
    years = pl.col("year") - pl.col("year_0")
    result = pl.col("value") - pl.col("value_0")
    if is_growth:
        is_known = (pl.col("value") > 0) & (pl.col("value_0") > 0)
        result = pl.when(is_known).then(
            100 * (pl.col("value") / pl.col("value_0")).log() / years
        )
    is_missing = pl.col("value").is_null() | pl.col("value_0").is_null()
    return steps.with_columns(
        period=pl.format("{}/P{}Y", "period_0", years),
        year="year_0",
        value=result,
        low=pl.lit(None, pl.Float64),
        high=pl.lit(None, pl.Float64),
        rank=pl.min_horizontal("rank", "rank_0"),
        note=pl.when(is_missing)
        .then(pl.lit("one of the two figures is missing"))
        .when(result.is_null())
        .then(pl.lit("growth from or to 0 is not defined")),
    ).select(_COLUMNS)
