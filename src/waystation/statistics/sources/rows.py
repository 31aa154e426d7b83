"""Observations made column by column: what each importer leaves out gets its usual meaning."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from waystation.statistics.tables import CellFlag, Observations, Sex

FLAGS = pl.Enum([flag.value for flag in CellFlag])
SEXES = pl.Enum([sex.value for sex in Sex])

_USUAL: dict[str, object] = {
    "counterpart": None,
    "sex": Sex.BOTH.value,
    "age": "total",
    "unit": "persons",
    "producer_flags": None,
}


def observations_of(parts: Iterable[pl.DataFrame], *, flag: CellFlag) -> pl.DataFrame:
    """Return frames with some columns of ``Observations`` as that table.

    Columns left out: no counterpart, both sexes, all ages, persons, and for figures that are
    there ``flag``; a figure that is not there is not reported.
    """
    whole = pl.concat(list(parts), how="diagonal_relaxed")
    absent = [pl.lit(v).alias(n) for n, v in _USUAL.items() if n not in whole.columns]
    whole = whole.with_columns(absent)
    given = pl.col("flag") if "flag" in whole.columns else pl.lit(None, dtype=pl.String)
    there = pl.coalesce(given.cast(FLAGS), pl.lit(flag.value, FLAGS))
    absent_flag = (
        pl.when(given.cast(pl.String) == CellFlag.CONFIDENTIAL.value)
        .then(pl.lit(CellFlag.CONFIDENTIAL.value, FLAGS))
        .otherwise(pl.lit(CellFlag.NOT_REPORTED.value, FLAGS))
    )
    flags = pl.when(pl.col("value").is_null()).then(absent_flag).otherwise(there)
    typed = whole.with_columns(flag=flags).with_columns(
        pl.col("sex").cast(SEXES),
        pl.col("year").cast(pl.Int64),
        pl.col("value").cast(pl.Float64),
    )
    texts = [
        n for n in Observations.column_names() if n not in {"sex", "flag", "year", "value"}
    ]
    return typed.select(Observations.column_names()).with_columns(pl.col(texts).cast(pl.String))


def areas_of(
    codes: Iterable[str], names: dict[str, str] | None = None, *, system: str
) -> pl.DataFrame:
    """Return what a producer calls its codes: code, name, code_system, in the order given."""
    distinct = list(dict.fromkeys(codes))
    known = names or {}
    return pl.DataFrame(
        {
            "code": distinct,
            "name": [known.get(code, code) for code in distinct],
            "code_system": [system] * len(distinct),
        },
        schema={"code": pl.String, "name": pl.String, "code_system": pl.String},
    )
