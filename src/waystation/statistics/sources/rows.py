"""Observations made column by column: what each importer leaves out gets its usual meaning."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from waystation.statistics.sources.observed import FLAGS, observations
from waystation.statistics.tables import CellFlag, Observations


def observations_of(parts: Iterable[pl.DataFrame], *, flag: CellFlag) -> pl.DataFrame:
    """Return frames with some columns of ``Observations`` as that table.

    Columns left out: see `observations`; for figures that are there without a flag, ``flag``.
    """
    whole = pl.concat(list(parts), how="diagonal_relaxed")
    given = pl.col("flag") if "flag" in whole.columns else pl.lit(None, dtype=pl.String)
    flags = pl.coalesce(given.cast(FLAGS), pl.lit(flag.value, FLAGS))
    return observations(whole.with_columns(flag=flags)).select(Observations.column_names())


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
