"""Many periods, sexes and methods in one call: long tables in, one long table out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from waystation.errors import CoverageMismatch
from waystation.findings import Findings
from waystation.statistics.flows.choices import (
    PUBLISHED_CHOICES,
    PUBLISHED_METHODS,
    Choices,
    Method,
)
from waystation.statistics.flows.estimate import (
    Estimator,
    FlowEstimate,
    estimate_of,
    required_choices,
    required_method,
)
from waystation.statistics.flows.matrices import world_from_tables
from waystation.statistics.flows.tables import (
    FlowsByType,
    FlowSeries,
    MarginMisfits,
    PeriodDemography,
    PeriodStocks,
)

_STOCK = ["birthplace", "residence", "persons"]


@dataclass(frozen=True, slots=True)
class FlowSet:
    """Flows of several periods, sexes and methods.

    Attributes:
        flows: Shape ``FlowSeries``, ordered by period, sex, method, pair.
        by_type: The same by type of move, column ``move`` beside; None unless asked for.
        misfits: Shape ``MarginMisfits`` with columns method, sex, period before.
        findings: Shape ``Findings``; each names its period, sex and method.
    """

    flows: pl.DataFrame
    by_type: pl.DataFrame | None
    misfits: pl.DataFrame
    findings: pl.DataFrame


def estimate_all(
    stocks: pl.DataFrame,
    demography: pl.DataFrame,
    *,
    methods: Iterable[Method | str] = PUBLISHED_METHODS,
    choices: Choices = PUBLISHED_CHOICES,
    with_types: bool = False,
) -> FlowSet:
    """Return flows of every period and sex by every method.

    No method is additive: each sex, and both together, is estimated by itself.

    Args:
        stocks: Shape ``PeriodStocks``; periods may differ in their areas.
        demography: Shape ``PeriodDemography``, the same periods, sexes and areas.
        methods: The six published ones unless said otherwise.
        choices: Of demographic accounting.
        with_types: Whether flows by type are returned as well; three times as many rows.

    Raises:
        InvalidTable: If a table is not valid; MissingColumns, BrokenRules, CoverageMismatch
            say how.
        InvalidChoice: If there is no such method, or a choice does not go with it.
    """
    wanted = [required_method(method) for method in methods]
    choices = required_choices(choices)
    stocks = PeriodStocks.require(stocks)
    demography = PeriodDemography.require(demography)
    by_key = stocks.partition_by("period", "sex", as_dict=True)
    vitals = demography.partition_by("period", "sex", as_dict=True)
    absent = [
        f"{period} {sex}" for period, sex in sorted(by_key) if (period, sex) not in vitals
    ]
    if absent:
        raise CoverageMismatch(what="periods", missing=f"{', '.join(absent)} in the demography")
    parts: list[tuple[str, str, FlowEstimate]] = []
    for period, sex in sorted(by_key):
        own = by_key[period, sex]
        start, end = (
            own.filter(pl.col("moment") == m).select(_STOCK) for m in ("start", "end")
        )
        world = world_from_tables(start, end, vitals[period, sex])
        estimator = Estimator(world, choices)
        for method in wanted:
            where = f"{period}, {sex}, {method}: "
            parts.append((period, sex, estimate_of(estimator, method, where=where)))
    return _flow_set(parts, with_types=with_types)


def _flow_set(parts: list[tuple[str, str, FlowEstimate]], *, with_types: bool) -> FlowSet:
    flows = [_keyed(p, s, e.method, e.flows) for p, s, e in parts]
    by_type = [_keyed(p, s, e.method, e.by_type) for p, s, e in parts if e.by_type is not None]
    misfits = [_keyed(p, s, e.method, e.report.misfits) for p, s, e in parts]
    findings = [e.findings for _, _, e in parts]
    empty_types = _keyed("", "both", Method.DA_MIN_OPEN, FlowsByType.empty_frame())
    empty_misfits = _keyed("", "both", Method.DA_MIN_OPEN, MarginMisfits.empty_frame())
    return FlowSet(
        pl.concat([FlowSeries.empty_frame(), *flows]),
        pl.concat([empty_types, *by_type]) if with_types else None,
        pl.concat([empty_misfits, *misfits]),
        pl.concat([Findings.empty_frame(), *findings]),
    )


def _keyed(period: str, sex: str, method: Method, frame: pl.DataFrame) -> pl.DataFrame:
    kinds = FlowSeries.columns()
    return frame.select(
        pl.lit(method.value, dtype=kinds["method"].dtype).alias("method"),
        pl.lit(sex, dtype=kinds["sex"].dtype).alias("sex"),
        pl.lit(period, dtype=pl.String).alias("period"),
        *frame.columns,
    )
