"""Documented corrections of published figures, kept as data with their reasons and sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from waystation.errors import InvalidMapping
from waystation.findings import Finding
from waystation.statistics.sources.cells import finding
from waystation.statistics.sources.observed import FLAGS
from waystation.statistics.tables import CellFlag

_ACTIONS = ("flag", "not_reported", "value", "multiply")
_KEYS = {"areas": "area", "counterparts": "counterpart", "sexes": "sex", "years": "year"}


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction; a condition that is None holds for every row.

    Attributes:
        id: Its name.
        datasets: Patterns of datasets.
        action: flag, not_reported, value or multiply.
        reason: Why.
        source: Who says so, and where.
        measures: Measures it touches.
        areas: Areas, as judged.
        counterparts: Counterparts; ``(None,)`` for figures without one.
        sexes: Sexes.
        years: Years.
        flag: The flag to set.
        old: The figure that must stand there for a new one to be set.
        new: The new figure.
        by: The factor.
    """

    id: str
    datasets: tuple[str, ...]
    action: str
    reason: str
    source: str
    measures: tuple[str, ...] | None = None
    areas: tuple[str, ...] | None = None
    counterparts: tuple[str | None, ...] | None = None
    sexes: tuple[str, ...] | None = None
    years: tuple[int, ...] | None = None
    flag: str = ""
    old: float | None = None
    new: float | None = None
    by: float = 1


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """Return the corrections of a YAML file; its head says how one is written.

    Raises:
        InvalidMapping: If one lacks its reason or source, or its action is not known.
    """
    return _of_yaml(Path(path).read_text("utf-8"), Path(path).name)


@cache
def documented_corrections() -> tuple[Correction, ...]:
    """Return the corrections that come with the library."""
    text = files("waystation.statistics").joinpath("corrections.yaml").read_text("utf-8")
    return _of_yaml(text, "corrections.yaml")


def corrected(
    observations: pl.DataFrame, corrections: Iterable[Correction]
) -> tuple[pl.DataFrame, list[Finding]]:
    """Return observations with corrections applied, and a finding for each that speaks of them.

    Args:
        observations: Shape ``Observations``, in judged codes.
        corrections: In the order in which they are applied.

    Returns:
        The observations in their order, and findings STA-116 (applied to so many rows), or
        STA-117 where the figure that a new one should replace is not there.
    """
    findings = []
    datasets = observations["dataset"].unique().to_list()
    for correction in corrections:
        meant = [
            name for name in datasets if any(fnmatchcase(name, p) for p in correction.datasets)
        ]
        if not meant:
            continue
        touched = observations.select(_condition(correction, meant).alias("it"))["it"]
        number = int(touched.sum())
        if number:
            observations = _applied(observations, correction, touched)
        elif correction.action != "value":
            continue
        code = "STA-116" if number else "STA-117"
        message = (
            f"{correction.id}: {correction.action} on {number:,} figures. "
            f"{correction.reason} ({correction.source})"
        )
        findings.append(finding(code, message))
    return observations, findings


def _condition(correction: Correction, datasets: list[str]) -> pl.Expr:
    wanted = pl.col("dataset").is_in(datasets)
    if correction.measures is not None:
        wanted &= pl.col("measure").is_in(correction.measures)
    for name, column in _KEYS.items():
        values = getattr(correction, name)
        if values is None:
            continue
        # A text key is looked up as text: sex is an enumeration.
        key = pl.col(column) if column == "year" else pl.col(column).cast(pl.String)
        named = [value for value in values if value is not None]
        is_one = key.is_in(named).fill_null(value=False)
        wanted &= (is_one | key.is_null()) if None in values else is_one
    if correction.action == "value":
        wanted &= pl.col("value").eq_missing(pl.lit(correction.old, pl.Float64))
    if correction.action == "flag":
        wanted &= pl.col("value").is_not_null()
        wanted &= pl.col("flag").cast(pl.String) != CellFlag.IMPUTED.value
    return wanted


def _applied(frame: pl.DataFrame, correction: Correction, touched: pl.Series) -> pl.DataFrame:
    it = pl.lit(touched)
    value: pl.Expr = pl.col("value")
    flag: str | None = correction.flag or None
    if correction.action == "not_reported":
        value, flag = pl.lit(None, pl.Float64), CellFlag.NOT_REPORTED.value
    elif correction.action == "value":
        value = pl.lit(correction.new, pl.Float64)
    elif correction.action == "multiply":
        value = pl.col("value") * correction.by
    changed = [pl.when(it).then(value).otherwise("value").alias("value")]
    if flag:
        changed.append(pl.when(it).then(pl.lit(flag, FLAGS)).otherwise("flag").alias("flag"))
    return frame.with_columns(changed)


def _of_yaml(text: str, name: str) -> tuple[Correction, ...]:
    from ruamel.yaml import YAML

    rows: list[dict[str, Any]] = YAML(typ="safe").load(text) or []
    return tuple(_correction(dict(row), name) for row in rows)


def _correction(row: dict[str, Any], name: str) -> Correction:
    row = {"old" if k == "from" else "new" if k == "to" else k: v for k, v in row.items()}
    known = {field.name for field in fields(Correction)}
    needed = {"id", "datasets", "action", "reason", "source"}
    wrong = sorted((set(row) - known) | {key for key in needed if not row.get(key)})
    if not wrong and row["action"] not in _ACTIONS:
        wrong = [f"action {row['action']!r}"]
    if not wrong and row.get("flag", "observed") not in tuple(CellFlag):
        wrong = [f"flag {row['flag']!r}"]
    if wrong:
        raise InvalidMapping(
            file=name,
            reason=f"correction {row.get('id', '?')!r} lacks or misnames {', '.join(wrong)}",
            action="Give each an id, datasets, action, reason and source",
        )
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return Correction(**values)
