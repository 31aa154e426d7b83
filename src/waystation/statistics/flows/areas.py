"""Areas that are merged or left out, by period: rules as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from waystation.findings import Finding
from waystation.statistics.checks import CHECKS
from waystation.statistics.flows.input_tables import AreaRule


@dataclass(frozen=True, slots=True)
class AreaRules:
    """Rules by area.

    Attributes:
        table: Shape ``AreaRule``.
    """

    table: pl.DataFrame

    def of_period(self, first_year: int) -> pl.DataFrame:
        """Return the rules that hold in a period which begins in a year."""
        before = pl.col("before_year")
        return AreaRule.require(self.table).filter(before.is_null() | (before > first_year))


NO_RULES = AreaRules(AreaRule.empty_frame())

_SUDAN = "One stock until South Sudan became independent in 2011"
_SERBIA = "One stock until Montenegro became independent in 2006"
_NO_VITALS = "Not among the areas of the published estimates"

ABEL_COHEN_2022 = AreaRules(
    pl.DataFrame(
        [
            ("SDN", "SUD", 2010, _SUDAN),
            ("SSD", "SUD", 2010, _SUDAN),
            ("SRB", "SCG", 2010, _SERBIA),
            ("MNE", "SCG", 2010, _SERBIA),
            ("CHI", None, None, _NO_VITALS),
            ("VAT", None, None, _NO_VITALS),
            ("BES", None, None, _NO_VITALS),
            ("TWN", None, None, _NO_VITALS),
        ],
        schema=AreaRule.empty_frame().schema,
        orient="row",
    )
)
"""Areas as Abel and Cohen (2022), Scientific Data 9, 173, have them in their files."""


def foreign_born_by_rules(foreign_born: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Return birthplace, residence, persons with areas merged and left out.

    People born in one part and living in another of a merged area become native born. A merged
    pair is known where one of its parts is; parts without a figure add nothing to it.
    """
    frame = foreign_born.select("birthplace", "residence", "persons")
    for column in ("birthplace", "residence"):
        frame = _ruled(frame, column, rules)
    return (
        frame.filter(pl.col("birthplace") != pl.col("residence"))
        .group_by("birthplace", "residence")
        .agg(pl.when(pl.col("persons").is_not_null().any()).then(pl.col("persons").sum()))
        .sort("birthplace", "residence")
    )


def sums_by_rules(table: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Return a table by area, and sex and year where it has them, with areas merged."""
    figures = [name for name in ("persons", "births", "deaths") if name in table.columns]
    keys = [name for name in table.columns if name not in figures]
    return _ruled(table, "area", rules).group_by(keys).agg(pl.col(figures).sum()).sort(keys)


def told_rules(rules: pl.DataFrame, period: str) -> Iterable[Finding]:
    """Return a finding for each rule that holds in a period."""
    check = CHECKS["STA-312"]
    for row in rules.iter_rows(named=True):
        done = f"is merged into {row['becomes']}" if row["becomes"] else "is left out"
        yield Finding(
            code=check.code,
            severity=check.severity,
            message=f"{period}: {row['area']} {done}: {row['reason']}. {check.action}",
            place=row["area"],
        )


def _ruled(frame: pl.DataFrame, column: str, rules: pl.DataFrame) -> pl.DataFrame:
    becomes = dict(rules.select("area", "becomes").iter_rows())
    left_out = [area for area, to in becomes.items() if to is None]
    merged = {area: to for area, to in becomes.items() if to is not None}
    return frame.filter(~pl.col(column).is_in(left_out)).with_columns(
        pl.col(column).replace(merged)
    )
