"""Prepare what flow estimation needs from judged tables of stocks, population, births, deaths.

Producers list the foreign born by pair, the population of each area, and births and deaths by
calendar year; a flow needs square stocks with the native born, births and deaths from mid-year
to mid-year, and the same areas at both ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from waystation.errors import CoverageMismatch
from waystation.findings import Finding, Findings, findings_table
from waystation.statistics.checks import CHECKS
from waystation.statistics.flows.areas import (
    NO_RULES,
    AreaRules,
    foreign_born_by_rules,
    sums_by_rules,
    told_rules,
)
from waystation.statistics.flows.choices import AbsentPairs, Method
from waystation.statistics.flows.input_tables import AnnualVitals, ForeignBorn, Populations
from waystation.statistics.flows.tables import PeriodDemography, PeriodStocks
from waystation.statistics.tables import BirthplaceStocks

_NAMED = 8


@dataclass(frozen=True, slots=True)
class FlowInputs:
    """What `estimate_all` needs.

    Attributes:
        stocks: Shape ``PeriodStocks``.
        demography: Shape ``PeriodDemography``.
        findings: Shape ``Findings``: areas left out or merged, and why.
    """

    stocks: pl.DataFrame
    demography: pl.DataFrame
    findings: pl.DataFrame


def population_from_accounts(annual: pl.DataFrame) -> pl.DataFrame:
    """Return mid-year population from annual births, deaths, net migration and rates.

    The change from one mid-year to the next is half of the change in each of the two calendar
    years, and so exact. The level is what births and deaths, by their rates, say of it: the
    median over all years, since the rates of a year of war or flight have another base. Where
    rates have three decimals it is within some 0.2 % of the population published.

    Args:
        annual: Columns area, year, births, deaths, net_migration (persons in the calendar
            year), birth_rate, death_rate (per 1,000). Years without a gap.

    Returns:
        Columns area, year, persons, sorted; areas without rates left out.

    Raises:
        CoverageMismatch: If an area lacks a year, or a figure in one.
    """
    rates = pl.col("birth_rate") + pl.col("death_rate")
    change = pl.col("births") - pl.col("deaths") + pl.col("net_migration")
    rated = (pl.col("births") + pl.col("deaths")) / pl.when(rates > 0).then(rates) * 1000
    frame = annual.sort("area", "year").with_columns(change=change, rated=rated)
    has_gap = (pl.col("year").diff().over("area") != 1) | pl.col("change").is_null()
    gaps = frame.filter(has_gap)
    if gaps.height:
        row = gaps.row(0, named=True)
        raise CoverageMismatch(
            what="years", missing=f"{row['area']} in {row['year']} or the year before"
        )
    half = (pl.col("change") + pl.col("change").shift(1)) / 2
    frame = frame.with_columns(since=half.over("area").fill_null(0.0)).with_columns(
        since=pl.col("since").cum_sum().over("area")
    )
    level = (pl.col("rated") - pl.col("since")).median().over("area")
    return frame.select("area", "year", persons=level + pl.col("since")).drop_nulls("persons")


def demography_from_annual(
    vitals: pl.DataFrame, first_year: int, last_year: int
) -> pl.DataFrame:
    """Return births and deaths from 1 July of one year to 1 July of another.

    The first and the last calendar year count half.

    Args:
        vitals: Shape ``AnnualVitals``.
        first_year: In which the period begins.
        last_year: In which it ends.

    Returns:
        Columns sex, area, births, deaths; an area without all the years is left out.
    """
    years = last_year - first_year + 1
    is_end = pl.col("year").is_in([first_year, last_year])
    weight = pl.when(is_end).then(0.5).otherwise(1.0)
    return (
        AnnualVitals.require(vitals)
        .filter(pl.col("year").is_between(first_year, last_year))
        .group_by("sex", "area")
        .agg(
            (pl.col("births") * weight).sum(),
            (pl.col("deaths") * weight).sum(),
            pl.len().alias("years"),
        )
        .filter(pl.col("years") == years)
        .drop("years")
        .sort("sex", "area")
    )


def stocks_with_native_born(
    foreign_born: pl.DataFrame,
    population: pl.DataFrame,
    *,
    absent_pairs: AbsentPairs = AbsentPairs.REFUSE,
) -> pl.DataFrame:
    """Return square stocks: the foreign born by pair, and population less those as native born.

    Native born may come out negative where the figures disagree; estimates deal with that and
    say so.

    Args:
        foreign_born: Columns birthplace, residence, persons; pairs of the areas of population.
        population: Columns area, persons: which areas there are.
        absent_pairs: What a pair without a row, or with null, means.

    Returns:
        Shape ``BirthplaceStocks``, every pair, sorted.

    Raises:
        CoverageMismatch: If a pair has no figure and that is refused, or an area of the
            foreign born has no population.
    """
    areas = population.select("area").sort("area")
    known = areas["area"].implode()
    pairs = foreign_born.filter(pl.col("birthplace") != pl.col("residence"))
    strange = pairs.filter(
        ~(pl.col("birthplace").is_in(known) & pl.col("residence").is_in(known))
    )
    if strange.height:
        row = strange.row(0, named=True)
        pair = f"{row['birthplace']} in {row['residence']}"
        raise CoverageMismatch(what="areas", missing=f"{pair} has no population")
    every = areas.rename({"area": "birthplace"}).join(
        areas.rename({"area": "residence"}), how="cross"
    )
    square = every.join(pairs, on=["birthplace", "residence"], how="left")
    is_native = pl.col("birthplace") == pl.col("residence")
    if absent_pairs != AbsentPairs.NOBODY:
        _require_every_pair(square.filter(~is_native))
    foreign = pl.col("persons").fill_null(0.0).cast(pl.Float64)
    square = square.select("birthplace", "residence", foreign.alias("persons"))
    people = population.select(residence="area", people=pl.col("persons").cast(pl.Float64))
    natives = pl.col("people") - pl.col("persons").sum().over("residence")
    return BirthplaceStocks.require(
        square.join(people, on="residence", how="left", maintain_order="left")
        .with_columns(persons=pl.when(is_native).then(natives).otherwise("persons"))
        .select("birthplace", "residence", "persons")
    )


def lists_people_only(stocks: pl.DataFrame) -> bool:
    """Say whether a list of stocks leaves out the pairs without people.

    It does where no pair has 0 and at least a quarter of the pairs of different areas have no
    row. Fewer may have been lost: they stay absent.

    Args:
        stocks: Columns birthplace, residence, persons.
    """
    areas = pl.concat([stocks["birthplace"], stocks["residence"]]).n_unique()
    foreign = stocks.filter(pl.col("birthplace") != pl.col("residence"))
    absent = areas * (areas - 1) - foreign.height
    return absent * 4 >= areas * (areas - 1) > 0 and not (foreign["persons"] == 0).any()


def stocks_of_every_pair(stocks: pl.DataFrame, *, native_born: bool = True) -> pl.DataFrame:
    """Return stocks where pairs without a row have one, with nobody; for producers who say so.

    Args:
        stocks: Columns birthplace, residence, persons.
        native_born: Whether native born without a row are nobody too; otherwise they stay
            absent.

    Returns:
        Shape ``BirthplaceStocks``: every pair of the areas named on either side, sorted.
    """
    keys = ["birthplace", "residence"]
    areas = pl.concat([stocks["birthplace"], stocks["residence"]]).unique().sort()
    every = areas.to_frame("birthplace").join(areas.to_frame("residence"), how="cross")
    absent = every.join(stocks, on=keys, how="anti").with_columns(persons=pl.lit(0.0))
    if not native_born:
        absent = absent.filter(pl.col("birthplace") != pl.col("residence"))
    figures = stocks.select(*keys, pl.col("persons").cast(pl.Float64))
    return pl.concat([figures, absent.select(figures.columns)]).sort(keys)


def stocks_with_absent(
    stocks: pl.DataFrame, absent_pairs: AbsentPairs, *, method: Method, file: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the stocks of a file with a row for pairs without one, where it is clear.

    Native born without a row are made nobody only where that was asked for, or where the
    method does not use them.

    Args:
        stocks: Columns birthplace, residence, persons.
        absent_pairs: What a pair without a row means.
        method: How flows will be estimated.
        file: Its name, for what is said.

    Returns:
        The stocks, which lack pairs where that stays refused; and shape ``Findings``.
    """
    if absent_pairs == AbsentPairs.NOBODY:
        return stocks_of_every_pair(stocks), Findings.empty_frame()
    if absent_pairs == AbsentPairs.REFUSE or not lists_people_only(stocks):
        return stocks, Findings.empty_frame()
    is_difference = method in (Method.STOCK_DIFF_DROP, Method.STOCK_DIFF_REVERSE)
    every = stocks_of_every_pair(stocks, native_born=is_difference)
    check = CHECKS["STA-314"]
    message = f"{file} has no row for {every.height - stocks.height} pairs. {check.action}"
    found = Finding(code=check.code, severity=check.severity, message=message, file=file)
    return every, findings_table([found])


def flow_inputs(
    foreign_born: pl.DataFrame,
    population: pl.DataFrame,
    vitals: pl.DataFrame,
    *,
    periods: Iterable[tuple[int, int]],
    rules: AreaRules = NO_RULES,
    absent_pairs: AbsentPairs = AbsentPairs.REFUSE,
) -> FlowInputs:
    """Return stocks and demography of several periods and sexes, ready for `estimate_all`.

    An area takes part in a period when it has population at both ends, and births and deaths;
    others are left out, and named in a finding. A sex takes part that stands in all tables.

    Args:
        foreign_born: Shape ``ForeignBorn``.
        population: Shape ``Populations``, at mid-year.
        vitals: Shape ``AnnualVitals``, by calendar year.
        periods: First and last year of each, e.g. (1990, 1995).
        rules: Areas to merge or to leave out, by period.
        absent_pairs: What it means that a pair has no figure.

    Raises:
        CoverageMismatch: If a year has no stocks, or pairs are absent and that is refused.
        InvalidTable: If a table is not valid.
    """
    foreign_born = ForeignBorn.require(foreign_born)
    population = Populations.require(population)
    vitals = AnnualVitals.require(vitals)
    sexes = [
        sex
        for sex in ("both", "male", "female")
        if all(sex in set(t["sex"]) for t in (foreign_born, population, vitals))
    ]
    stocks, demography = [PeriodStocks.empty_frame()], [PeriodDemography.empty_frame()]
    found: list[Finding] = []
    for first, last in periods:
        own = rules.of_period(first)
        found += told_rules(own, f"{first}-{last}")
        births = sums_by_rules(demography_from_annual(vitals, first, last), own)
        for sex in sexes:
            parts, left_out = _one_period(
                foreign_born.filter(pl.col("sex") == sex),
                population.filter(pl.col("sex") == sex),
                births.filter(pl.col("sex") == sex),
                (first, last),
                own,
                absent_pairs,
            )
            stocks.append(_with_key(parts[0], PeriodStocks, f"{first}-{last}", sex))
            demography.append(_with_key(parts[1], PeriodDemography, f"{first}-{last}", sex))
            found += _told_left_out(left_out, f"{first}-{last}, {sex}: ")
    return FlowInputs(pl.concat(stocks), pl.concat(demography), findings_table(found))


def _one_period(
    foreign_born: pl.DataFrame,
    population: pl.DataFrame,
    demography: pl.DataFrame,
    years: tuple[int, int],
    rules: pl.DataFrame,
    absent_pairs: AbsentPairs,
) -> tuple[tuple[pl.DataFrame, pl.DataFrame], list[str]]:
    """Return stocks with their moment, demography, and the areas left out."""
    stocks, people = {}, {}
    for moment, year in zip(("start", "end"), years, strict=True):
        at = foreign_born.filter(pl.col("year") == year)
        if not at.height:
            raise CoverageMismatch(what="years", missing=f"no stocks of {year}")
        stocks[moment] = foreign_born_by_rules(at, rules)
        people[moment] = sums_by_rules(population.filter(pl.col("year") == year), rules)
    named = {a for t in stocks.values() for c in ("birthplace", "residence") for a in t[c]}
    complete = named & set(demography["area"])
    for table in people.values():
        complete &= set(table["area"])
    areas = sorted(complete)
    is_in = pl.col("birthplace").is_in(areas) & pl.col("residence").is_in(areas)
    squares = [
        stocks_with_native_born(
            stocks[moment].filter(is_in),
            people[moment].filter(pl.col("area").is_in(areas)),
            absent_pairs=absent_pairs,
        ).with_columns(moment=pl.lit(moment))
        for moment in ("start", "end")
    ]
    chosen = demography.filter(pl.col("area").is_in(areas))
    return (pl.concat(squares), chosen), sorted(named - complete)


def _with_key(
    frame: pl.DataFrame, table: type[PeriodStocks | PeriodDemography], period: str, sex: str
) -> pl.DataFrame:
    keyed = frame.with_columns(period=pl.lit(period), sex=pl.lit(sex))
    return table.require(keyed.select(table.column_names()))


def _require_every_pair(pairs: pl.DataFrame) -> None:
    absent = pairs.filter(pl.col("persons").is_null())
    if absent.height:
        shown = [f"{b} in {r}" for b, r, _ in absent.head(_NAMED).rows()]
        more = f", and {absent.height - _NAMED} more" if absent.height > _NAMED else ""
        raise CoverageMismatch(what="pairs", missing=f"{', '.join(shown)}{more}")


def _told_left_out(areas: list[str], where: str) -> Iterable[Finding]:
    check = CHECKS["STA-313"]
    for area in areas:
        yield Finding(
            code=check.code,
            severity=check.severity,
            message=f"{where}{area} has stocks, and no population, births or deaths. "
            f"{check.action}",
            place=area,
        )
