"""Figures as rows of ``Observations``, and what importers say of areas and of their files."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import polars as pl

from waystation.findings import Findings
from waystation.geography.countries import country_codes, iso3_by_text
from waystation.sources import Source
from waystation.statistics.clean import Clean
from waystation.statistics.tables import CellFlag, Observations, Sex

EXTRA = {
    "breakdown": pl.String(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "note": pl.String(),
}
"""Columns beyond ``Observations``: further dimensions as "name=code; name=code", the interval
in which the figure may lie where the producer's rounding makes one, and why a cell is null."""

AREAS = {
    "code": pl.String(),
    "name": pl.String(),
    "iso3": pl.String(),
    "code_system": pl.String(),
}
SEXES = pl.Enum([s.value for s in Sex])
FLAGS = pl.Enum([f.value for f in CellFlag])
BEFORE_START = "before the producer collected it"
NOT_AVAILABLE = "not available"


def observations(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame as ``Observations`` with the columns of `EXTRA`, absent ones filled.

    Absent columns get what most figures have: both sexes, all ages, persons, observed; a null
    value that was said to be observed is not reported.
    """
    defaults: dict[str, object] = {
        "counterpart": None, "sex": "both", "age": "total", "unit": "persons",
        "flag": "observed", "producer_flags": None, "breakdown": None, "low": None,
        "high": None, "note": None,
    }  # fmt: skip
    absent = [pl.lit(v).alias(n) for n, v in defaults.items() if n not in frame.columns]
    types = {name: c.dtype for name, c in Observations.columns().items()} | EXTRA
    filled = frame.with_columns(absent).with_columns(
        pl.col("sex").cast(SEXES), pl.col("flag").cast(FLAGS)
    )
    no_reason = pl.col("value").is_null() & (pl.col("flag") != CellFlag.CONFIDENTIAL)
    flag = pl.when(no_reason).then(pl.lit("not_reported", FLAGS)).otherwise(pl.col("flag"))
    return filled.with_columns(flag=flag).select(
        pl.col(name).cast(kind) for name, kind in types.items()
    )


def areas(*pairs: pl.DataFrame, system: str) -> pl.DataFrame:
    """Return what codes are called: code, name, ISO 3166-1 alpha-3, system, by code.

    Args:
        pairs: Frames with ``code`` and perhaps ``name`` and ``iso3``.
        system: Whose codes they are: unhcr, iso3, eurostat, name ...
    """
    whole = pl.concat(pairs, how="diagonal_relaxed")
    for name in ("name", "iso3"):
        if name not in whole.columns:
            whole = whole.with_columns(pl.lit(None, pl.String).alias(name))
    return (
        whole.filter(pl.col("code").is_not_null())
        .group_by("code")
        .agg(pl.col("name", "iso3").drop_nulls().first())
        .with_columns(code_system=pl.lit(system))
        .select(pl.col(name).cast(kind) for name, kind in AREAS.items())
        .sort("code")
    )


def with_iso3_of_names(frame: pl.DataFrame, column: str = "name") -> pl.DataFrame:
    """Return the frame with ``iso3``, read from a column of names or of codes."""
    return frame.with_columns(iso3=iso3_by_text(frame[column]))


def iso3_of_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with ``iso3`` where ``code`` is an ISO 3166-1 alpha-3 code itself."""
    known = set(country_codes()["iso3"])
    is_known = pl.col("code").is_in(list(known))
    return frame.with_columns(iso3=pl.when(is_known).then(pl.col("code")))


def clean(
    rows: pl.DataFrame, area_names: pl.DataFrame, found: Iterable[pl.DataFrame], source: Source
) -> Clean:
    """Return a clean file with its observations checked, in a fixed order.

    Raises:
        BrokenRules: If the importer made rows that break ``Observations``.
    """
    # All findings of one kind stand together, by row.
    findings = pl.concat([Findings.empty_frame(), *found]).sort("code", "row")
    return Clean(Observations.require(rows), area_names, findings, source)


@cache
def start_years(producer: str) -> dict[str, int]:
    """Return, by measure, the first year for which a zero or blank of a producer counts."""
    from ruamel.yaml import YAML

    text = (
        files("waystation.statistics.sources").joinpath("start_years.yaml").read_text("utf-8")
    )
    content: dict[str, dict[str, int]] = YAML(typ="safe").load(text)
    return content[producer]
