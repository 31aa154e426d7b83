"""What an estimate tells of itself: what was changed, which totals were missed, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from waystation.findings import Finding, Severity, findings_table
from waystation.statistics.checks import CHECKS
from waystation.statistics.flows.accounting import Prepared
from waystation.statistics.flows.arrays import Array
from waystation.statistics.flows.closed_forms import FlowTable
from waystation.statistics.flows.tables import MarginMisfits, StockAdjustments

MISFIT_SHOWN = 0.5
"""Persons from which on a missed total is a misfit; below it is the noise of rounding."""

_WIDE_GAP = 0.002
"""Share of the world's people from which on balancing is a warning: figures are missing."""

_CODES = {
    "negative_native_born": "STA-301",
    "global_balance": "STA-302",
    "births_spread": "STA-303",
    "births_capped": "STA-304",
    "deaths_capped": "STA-305",
    "deaths_negative": "STA-306",
    "cells_capped": "STA-307",
}
_SAID = {
    "negative_native_born": "{area} has {count} people fewer than foreign born at the {moment}",
    "global_balance": "At the {moment} the world has {after} people in place of {before}",
    "births_spread": "{area} has {before} births, and {after} native born at the end",
    "births_capped": "{area} has {before} births, and {after} people at the end",
    "deaths_capped": "{area} has {before} deaths, and {after} people at the start",
    "deaths_negative": "Of those born in {area}, {count} more live at the end than can",
    "cells_capped": "In {area} at the {moment}, {count} people too many would be taken off",
}


@dataclass(frozen=True, slots=True)
class FlowReport:
    """How an estimate came about.

    Attributes:
        adjustments: Shape ``StockAdjustments``.
        misfits: Shape ``MarginMisfits``: totals missed by half a person or more, largest
            first.
        largest_misfit: Persons, over every total of every step; 0 where nothing is fitted.
        not_fitted: Areas a total of which is out of reach.
        steps: Steps of fitting, in all.
    """

    adjustments: pl.DataFrame
    misfits: pl.DataFrame
    largest_misfit: float
    not_fitted: tuple[str, ...]
    steps: int


EMPTY_REPORT = FlowReport(
    StockAdjustments.empty_frame(), MarginMisfits.empty_frame(), 0.0, (), 0
)


def report_of_accounting(
    areas: tuple[str, ...], prepared: Prepared, flows: FlowTable
) -> FlowReport:
    """Return what was changed and missed on the way to flows.

    Args:
        areas: The order of the arrays.
        prepared: The world the flows were fitted to.
        flows: The flows, and what their fit left out.
    """
    rows: list[tuple[str, str, int, float, float]] = []
    largest = [0.0]
    not_fitted: list[str] = []
    for step, fit in prepared.fits:
        for margin, gaps, reached in (
            ("birthplace", fit.row_gaps, fit.table.sum(axis=1)),
            ("residence", fit.column_gaps, fit.table.sum(axis=0)),
        ):
            largest.append(float(np.abs(gaps).max(initial=0.0)))
            rows += _missed(step, margin, reached - gaps, reached)
        not_fitted += [areas[i] for i in fit.unreachable]
    outside = prepared.equalised.entrants.sum(axis=0) - prepared.equalised.leavers.sum(axis=0)
    net = flows.total.sum(axis=0) - flows.total.sum(axis=1) + outside
    largest.append(float(np.abs(net - prepared.net).max(initial=0.0)))
    rows += _missed("flows", "net_migration", prepared.net, net)
    for column, margin in enumerate(("origin", "destination")):
        wanted, gaps = flows.wanted[:, column], flows.gaps[:, column]
        largest.append(float(np.abs(gaps).max(initial=0.0)))
        rows += _missed("flows", margin, wanted, wanted - gaps)
    return FlowReport(
        pl.DataFrame(
            [asdict(note) for note in prepared.adjustments],
            schema=StockAdjustments.empty_frame().schema,
            orient="row",
        ),
        _misfits(areas, rows),
        max(largest),
        tuple(sorted(set(not_fitted))),
        sum(fit.steps for _, fit in prepared.fits),
    )


def findings_of_report(report: FlowReport, *, where: str = "") -> pl.DataFrame:
    """Return what a reader of the flows must know; shape ``Findings``.

    Misfits are told once a step and margin, with the areas that miss most.

    Args:
        report: Of one estimate.
        where: Words before each message, e.g. the period and sex.
    """
    found = [*_adjusted(report.adjustments, where), *_misfitted(report, where)]
    return findings_table(found)


def _missed(
    step: str, margin: str, wanted: Array, reached: Array
) -> list[tuple[str, str, int, float, float]]:
    places = np.flatnonzero(np.abs(reached - wanted) >= MISFIT_SHOWN)
    return [(step, margin, int(i), float(wanted[i]), float(reached[i])) for i in places]


def _misfits(
    areas: tuple[str, ...], rows: list[tuple[str, str, int, float, float]]
) -> pl.DataFrame:
    named = [(step, margin, areas[place], *figures) for step, margin, place, *figures in rows]
    frame = pl.DataFrame(named, schema=MarginMisfits.empty_frame().schema, orient="row")
    size = (pl.col("reached") - pl.col("wanted")).abs()
    return frame.sort(size, "step", "margin", "area", descending=[True, False, False, False])


def _adjusted(adjustments: pl.DataFrame, where: str) -> Iterable[Finding]:
    for row in adjustments.iter_rows(named=True):
        check = CHECKS[_CODES[row["kind"]]]
        said = _SAID[row["kind"]].format(
            area=row["area"],
            moment=row["moment"],
            before=_persons(row["before"]),
            after=_persons(row["after"]),
            count=_persons(abs(row["before"])),
        )
        is_wide = abs(row["after"] - row["before"]) > _WIDE_GAP * row["before"]
        is_wide = is_wide and row["kind"] == "global_balance"
        yield Finding(
            code=check.code,
            severity=Severity.WARNING if is_wide else check.severity,
            message=f"{where}{said}. {check.action}",
            place=row["area"],
            reported=_persons(row["before"]),
            expected=_persons(row["after"]),
        )


def _misfitted(report: FlowReport, where: str) -> Iterable[Finding]:
    for area in report.not_fitted:
        check = CHECKS["STA-308"]
        own = report.misfits.filter(pl.col("area") == area, pl.col("step") != "flows")
        for row in own.head(1).iter_rows(named=True):
            yield Finding(
                code=check.code,
                severity=check.severity,
                message=f"{where}Those born in {area} should be {_persons(row['wanted'])} at "
                f"the {row['step']}, and are {_persons(row['reached'])}. {check.action}",
                place=area,
                reported=_persons(row["reached"]),
                expected=_persons(row["wanted"]),
            )
    for (step, margin), rows in report.misfits.group_by("step", "margin", maintain_order=True):
        check = CHECKS["STA-310" if margin == "net_migration" else "STA-309"]
        gaps = (rows["reached"] - rows["wanted"]).abs()
        first = rows.row(0, named=True)
        yield Finding(
            code=check.code,
            severity=check.severity,
            message=f"{where}{rows.height} of the totals by {str(margin).replace('_', ' ')} "
            f"({step}) are missed by {_persons(float(gaps.sum()))} in all, most by "
            f"{first['area']}: {_persons(first['reached'])} in place of "
            f"{_persons(first['wanted'])}. {check.action}",
            place=first["area"],
            reported=_persons(first["reached"]),
            expected=_persons(first["wanted"]),
        )


def _persons(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 10 or figure == 0 else f"{figure:,.2g}"
