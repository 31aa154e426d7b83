"""How wrong stocks, births and deaths may be, and worlds drawn accordingly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from waystation.errors import BrokenRules, CoverageMismatch, InvalidChoice, MissingColumns
from waystation.statistics.flows.arrays import Array
from waystation.statistics.flows.matrices import World
from waystation.statistics.tables import CellFlag

FLAG_ERRORS: Mapping[str, float] = MappingProxyType(
    {
        CellFlag.OBSERVED: 0.05,
        CellFlag.ESTIMATED: 0.15,
        CellFlag.IMPUTED: 0.30,
        CellFlag.BREAK: 0.15,
        CellFlag.PROVISIONAL: 0.10,
        CellFlag.CONFIDENTIAL: 0.30,
        CellFlag.NOT_REPORTED: 0.50,
    }
)
"""Relative standard errors of stocks by flag: our assumption, to be replaced by better ones."""


@dataclass(frozen=True, slots=True, eq=False)
class InputErrors:
    """Relative standard errors of what goes into an estimate, and how they hang together.

    Attributes:
        stocks: n x n by birthplace and residence, of foreign born; the diagonal is not used,
            for native born are the population less the foreign born.
        births: n.
        deaths: n.
        shared_by_residence: Share of the variance of a stock's error that all stocks of the
            same residence have in common (one census counted them), 0 to 1.
        shared_in_time: Share that a stock has in common at both ends of the period (the same
            census, the same imputation), 0 to 1.
    """

    stocks: Array
    births: Array
    deaths: Array
    shared_by_residence: float = 0.5
    shared_in_time: float = 0.5


def errors_by_area(
    areas: tuple[str, ...],
    errors: pl.DataFrame,
    *,
    flags: pl.DataFrame | None = None,
    flag_errors: Mapping[str, float] = FLAG_ERRORS,
    shared_by_residence: float = 0.5,
    shared_in_time: float = 0.5,
) -> InputErrors:
    """Return errors of inputs from a table by area, and flags of single stocks.

    Args:
        areas: The areas of the world, in its order.
        errors: Columns ``area``, ``stocks``, ``births``, ``deaths``: relative standard
            errors, 0.1 for ten percent; every area has a row.
        flags: Columns ``birthplace``, ``residence``, ``flag`` of single stocks, whose error
            takes the place of that of the area of residence.
        flag_errors: Relative standard error of each flag.
        shared_by_residence: As in `InputErrors`.
        shared_in_time: As in `InputErrors`.

    Raises:
        MissingColumns: If a column is absent.
        CoverageMismatch: If an area has no row, or a flagged stock is of none of the areas.
        BrokenRules: If an error is missing, negative or not finite.
        InvalidChoice: If a share is not from 0 to 1, or a flag has no error.
    """
    for name, share in (
        ("shared_by_residence", shared_by_residence),
        ("shared_in_time", shared_in_time),
    ):
        if not 0 <= share <= 1:
            raise InvalidChoice(value=share, option=name, choices="0 to 1")
    columns = {name: _column(errors, name, areas) for name in ("stocks", "births", "deaths")}
    stocks = np.repeat(columns["stocks"][None, :], len(areas), axis=0)
    if flags is not None:
        _set_by_flag(stocks, areas, flags, flag_errors)
    return InputErrors(
        stocks, columns["births"], columns["deaths"], shared_by_residence, shared_in_time
    )


def drawn_world(world: World, errors: InputErrors, generator: np.random.Generator) -> World:
    """Return the world with errors drawn: factors of mean 1, lognormal, populations as given.

    A stock of 0 stays 0. Native born are the population less the drawn foreign born.
    """
    start, end = _stock_factors(errors, generator)
    return World(
        world.areas,
        _with_population(world.start * start, world.start),
        _with_population(world.end * end, world.end),
        world.births * _factors(errors.births, generator.standard_normal(len(world.births))),
        world.deaths * _factors(errors.deaths, generator.standard_normal(len(world.deaths))),
    )


def _stock_factors(errors: InputErrors, generator: np.random.Generator) -> tuple[Array, Array]:
    size = len(errors.births)
    by_area, by_cell = errors.shared_by_residence, 1 - errors.shared_by_residence
    lasting, passing = errors.shared_in_time, 1 - errors.shared_in_time
    area = generator.standard_normal((3, size))
    cell = generator.standard_normal((3, size, size))
    moments = []
    for moment in (1, 2):
        of_area = np.sqrt(lasting) * area[0] + np.sqrt(passing) * area[moment]
        of_cell = np.sqrt(lasting) * cell[0] + np.sqrt(passing) * cell[moment]
        normal = np.sqrt(by_area) * of_area[None, :] + np.sqrt(by_cell) * of_cell
        moments.append(_factors(errors.stocks, normal))
    return moments[0], moments[1]


def _factors(relative: Array, normal: Array) -> Array:
    """Return lognormal factors of mean 1 and the relative standard errors given."""
    variance = np.log1p(relative**2)
    factors: Array = np.exp(np.sqrt(variance) * normal - variance / 2)
    return factors


def _with_population(drawn: Array, given: Array) -> Array:
    np.fill_diagonal(drawn, 0.0)
    np.fill_diagonal(drawn, given.sum(axis=0) - drawn.sum(axis=0))
    return drawn


def _column(errors: pl.DataFrame, name: str, areas: tuple[str, ...]) -> Array:
    missing = [column for column in ("area", name) if column not in errors.columns]
    if missing:
        raise MissingColumns(table="errors", columns=", ".join(missing))
    values = dict(errors.select("area", pl.col(name).cast(pl.Float64)).iter_rows())
    absent = [area for area in areas if area not in values]
    if absent:
        raise CoverageMismatch(what="areas", missing=f"no errors for {', '.join(absent[:5])}")
    wrong = [
        area
        for area in areas
        if values[area] is None or not np.isfinite(values[area]) or values[area] < 0
    ]
    if wrong:
        raise BrokenRules(
            table="errors", rules=f"{name} of {', '.join(wrong[:5])} is no share of 0 or more"
        )
    return np.array([values[area] for area in areas])


def _set_by_flag(
    stocks: Array, areas: tuple[str, ...], flags: pl.DataFrame, by_flag: Mapping[str, float]
) -> None:
    missing = [c for c in ("birthplace", "residence", "flag") if c not in flags.columns]
    if missing:
        raise MissingColumns(table="flags", columns=", ".join(missing))
    place = {area: i for i, area in enumerate(areas)}
    for birthplace, residence, flag in flags.select("birthplace", "residence", "flag").rows():
        if birthplace not in place or residence not in place:
            raise CoverageMismatch(what="areas", missing=f"{birthplace} in {residence}")
        if flag not in by_flag:
            raise InvalidChoice(value=flag, option="flag", choices=", ".join(by_flag))
        stocks[place[birthplace], place[residence]] = by_flag[flag]
