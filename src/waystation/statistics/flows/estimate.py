"""The one door to flows: from stocks, births and deaths to flows, types and a report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl

from waystation.errors import InvalidChoice, InvalidTable
from waystation.findings import Finding, findings_table
from waystation.statistics.checks import CHECKS
from waystation.statistics.flows.accounting import Prepared, prepared_world
from waystation.statistics.flows.arrays import Array
from waystation.statistics.flows.choices import (
    PUBLISHED_CHOICES,
    Balance,
    Births,
    Choices,
    Deaths,
    Decreases,
    Method,
    Totals,
)
from waystation.statistics.flows.closed_forms import (
    FlowTable,
    fewest_moves,
    flows_from_moves,
    independent_moves,
)
from waystation.statistics.flows.differences import (
    flows_from_growth,
    flows_from_rates,
    flows_from_transitions,
    sum_of_net_migration,
)
from waystation.statistics.flows.matrices import (
    World,
    flows_from_array,
    seed_from_table,
    world_from_tables,
)
from waystation.statistics.flows.report import (
    EMPTY_REPORT,
    FlowReport,
    findings_of_report,
    report_of_accounting,
)
from waystation.statistics.flows.tables import FlowsByType, MoveType

_OPEN = (Method.DA_MIN_OPEN, Method.DA_INDEP_OPEN, Method.DA_PB_OPEN)
_CLOSED = (Method.DA_MIN_CLOSED, Method.DA_INDEP_CLOSED, Method.DA_PB_CLOSED)
_OPEN_TOTALS = (Totals.OPEN, Totals.OPEN_DR)
_FEWEST = (Method.DA_MIN_OPEN, Method.DA_MIN_CLOSED)
_INDEPENDENT = (Method.DA_INDEP_OPEN, Method.DA_INDEP_CLOSED)


@dataclass(frozen=True, slots=True)
class FlowEstimate:
    """Flows of one period, and how they came about.

    Attributes:
        method: How they were estimated.
        flows: Shape ``Flows``: every pair, also those without moves; persons per period.
        by_type: Shape ``FlowsByType``; None for methods that know no birthplace of movers.
        report: Adjustments and misfits.
        findings: Shape ``Findings``, STA-3xx.
    """

    method: Method
    flows: pl.DataFrame
    by_type: pl.DataFrame | None
    report: FlowReport
    findings: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Estimator:
    """A world with what its methods share, so that several cost little more than one.

    Attributes:
        world: Stocks, births and deaths.
        choices: Of demographic accounting.
        seed: n x n by origin and destination, or None.
    """

    world: World
    choices: Choices = PUBLISHED_CHOICES
    seed: Array | None = None
    _prepared: dict[Totals, Prepared] = field(default_factory=dict, repr=False)

    def prepared(self, method: Method) -> Prepared:
        """Return the world prepared for a method of demographic accounting.

        Raises:
            InvalidChoice: If totals of an open world are chosen for a closed one, or the
                reverse.
        """
        totals = self._totals(method)
        if totals not in self._prepared:
            self._prepared[totals] = prepared_world(self.world, self.choices, totals)
        return self._prepared[totals]

    def flow_table(self, method: Method) -> FlowTable:
        """Return flows of demographic accounting as arrays, all and by type."""
        stocks = self.prepared(method).equalised
        few, spread = estimated_parts(method, self.choices)
        if not spread:
            return flows_from_moves(fewest_moves(stocks.start, stocks.end, self.seed))
        widest = flows_from_moves(independent_moves(stocks.start, stocks.end, self.seed))
        if not few:
            return widest
        fewest = flows_from_moves(fewest_moves(stocks.start, stocks.end, self.seed))
        parts = (
            few * getattr(fewest, name) + spread * getattr(widest, name)
            for name in ("total", "outward", "back", "transit", "wanted", "gaps")
        )
        return FlowTable(*parts)

    def other_flows(self, method: Method) -> Array:
        """Return n x n flows of a method that is no demographic accounting."""
        world = self.world
        if method == Method.ROGERS_VON_RABENAU:
            return flows_from_transitions(world.start, world.end)
        if method == Method.MIGRATION_RATE:
            migrants = sum_of_net_migration(world.start, world.end, world.births, world.deaths)
            return flows_from_rates(world.start, migrants)
        is_drop = method == Method.STOCK_DIFF_DROP
        decreases = Decreases.DROP if is_drop else Decreases.RETURN
        return flows_from_growth(world.start, world.end, decreases=decreases)

    def _totals(self, method: Method) -> Totals:
        own = Totals.OPEN_DR if method in _OPEN else Totals.RESCALE
        chosen = self.choices.totals
        if chosen is None:
            return own
        if (chosen in _OPEN_TOTALS) != (method in _OPEN):
            fitting = [t.value for t in Totals if (t in _OPEN_TOTALS) == (method in _OPEN)]
            raise InvalidChoice(
                value=chosen.value,
                option=f"way to equal totals for {method}",
                choices=", ".join(fitting),
            )
        return chosen


def estimate_flows(
    start: pl.DataFrame,
    end: pl.DataFrame,
    demography: pl.DataFrame | None = None,
    *,
    method: Method | str,
    choices: Choices = PUBLISHED_CHOICES,
    seed: pl.DataFrame | None = None,
) -> FlowEstimate:
    """Return flows between areas during a period, estimated from stocks by birthplace.

    Flows of people who moved and lived on: a person counts once, however often they moved, and
    not at all when back at the end. No method is additive: flows of both sexes are not the sum
    of flows by sex, so estimate each by itself. Figures depend on the vintage of the population
    figures more than on the method.

    Args:
        start: Shape ``BirthplaceStocks``: every pair, native born where both areas agree.
        end: The same areas, at the end of the period.
        demography: Shape ``Demography``: births and deaths in the period; needed by all
            methods but those by stock differences.
        method: One of `Method`; the six published ones are ``PUBLISHED_METHODS``.
        choices: Of demographic accounting; the defaults are as published.
        seed: Columns origin, destination, weight: how likely a move is before anything else
            is known, every pair of areas with a row (the areas themselves too).

    Returns:
        Flows in persons per period, with types where the method has them.

    Raises:
        InvalidChoice: If there is no such method, or a choice does not go with it.
        InvalidTable: If a table is not valid; MissingColumns, BrokenRules, CoverageMismatch
            say how.

    Source:
        Abel and Cohen (2019), Scientific Data 6, 82, and (2022), Scientific Data 9, 173.
    """
    method = required_method(method)
    choices = required_choices(choices)
    needs = method in (*_OPEN, *_CLOSED, Method.MIGRATION_RATE)
    if needs and demography is None:
        raise InvalidTable(table="demography", reason=f"{method} needs births and deaths")
    world = world_from_tables(start, end, demography)
    weights = None if seed is None else seed_from_table(seed, world.areas)
    return estimate_of(Estimator(world, choices, weights), method)


def estimate_of(estimator: Estimator, method: Method, *, where: str = "") -> FlowEstimate:
    """Return one estimate of a world.

    Args:
        estimator: The world; what its methods share is computed once.
        method: Any method.
        where: Words before each finding, e.g. the period and sex.
    """
    areas = estimator.world.areas
    if method not in (*_OPEN, *_CLOSED):
        flows = estimator.other_flows(method)
        negative = _negative(areas, flows, where)
        return FlowEstimate(
            method, flows_from_array(areas, flows), None, EMPTY_REPORT, findings_table(negative)
        )
    table = estimator.flow_table(method)
    report = report_of_accounting(areas, estimator.prepared(method), table)
    return FlowEstimate(
        method,
        flows_from_array(areas, table.total),
        _by_type(areas, table),
        report,
        findings_of_report(report, where=where),
    )


def required_method(method: Method | str) -> Method:
    """Return the method of a name.

    Raises:
        InvalidChoice: If there is none.
    """
    member: Method = _member(Method, method, "method")
    return member


def estimated_parts(method: Method, choices: Choices) -> tuple[float, float]:
    """Return the weights of fewest and of independent moves."""
    if method in _FEWEST:
        return 1.0, 0.0
    if method in _INDEPENDENT:
        return 0.0, 1.0
    return choices.weight, 1.0 - choices.weight


def required_choices(choices: Choices) -> Choices:
    """Return the choices, their names as members of their kinds.

    Raises:
        InvalidChoice: If a name is not one of its kind, the weight no share, or the stop
            negative.
    """
    named = {
        field: _member(kind, getattr(choices, field), field)
        for field, kind in (("births", Births), ("deaths", Deaths), ("balance", Balance))
    }
    totals = None if choices.totals is None else _member(Totals, choices.totals, "totals")
    if not 0.0 <= choices.weight <= 1.0:
        raise InvalidChoice(value=choices.weight, option="weight", choices="0 to 1")
    if not choices.stop >= 0.0:
        raise InvalidChoice(value=choices.stop, option="stop", choices="0 or more persons")
    return replace(choices, **named, totals=totals)


def _member(kind: type[StrEnum], value: str, option: str) -> Any:
    try:
        return kind(value)
    except ValueError as error:
        names = ", ".join(member.value for member in kind)
        raise InvalidChoice(value=str(value), option=option, choices=names) from error


def _by_type(areas: tuple[str, ...], table: FlowTable) -> pl.DataFrame:
    parts = (
        (MoveType.OUTWARD, table.outward),
        (MoveType.RETURN, table.back),
        (MoveType.TRANSIT, table.transit),
    )
    kind = FlowsByType.columns()["move"].dtype
    return pl.concat(
        flows_from_array(areas, flows).with_columns(move=pl.lit(move.value, dtype=kind))
        for move, flows in parts
    ).select(FlowsByType.column_names())


def _negative(areas: tuple[str, ...], flows: Array, where: str) -> Iterable[Finding]:
    places = np.argwhere(flows < 0)
    if not len(places):
        return
    check = CHECKS["STA-311"]
    i, j = (int(p) for p in places[np.argmin(flows[flows < 0])])
    yield Finding(
        code=check.code,
        severity=check.severity,
        message=f"{where}{len(places)} flows are negative, most from {areas[i]} to {areas[j]}: "
        f"{flows[i, j]:,.1f}. {check.action}",
        place=areas[i],
        reported=f"{flows[i, j]:,.1f}",
    )
