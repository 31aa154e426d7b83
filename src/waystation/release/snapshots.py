"""Which rounds a build holds, which is the latest, and what its units are called."""

from __future__ import annotations

import polars as pl

SNAPSHOT = ("country", "operation", "component", "round_number", "reference_date")
SERIES = SNAPSHOT[:3]
LEVELS = (1, 2, 3)


def snapshots_of(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the snapshots of a matrix or totals, one a row, by series and then by date.

    The round is not time: one round can carry several dates, and the last date counts.
    """
    return frame.select(SNAPSHOT).unique().sort(*SERIES, "reference_date", "round_number")


def latest_snapshots(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the last snapshot of each (country, operation, component)."""
    return snapshots_of(frame).group_by(SERIES, maintain_order=True).last().select(SNAPSHOT)


def latest_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a matrix or totals that belong to a last snapshot."""
    return frame.join(latest_snapshots(frame), on=SNAPSHOT, how="semi", maintain_order="left")


def unit_names(units: pl.DataFrame, level: int, language: str = "en") -> pl.DataFrame:
    """Return code and name of the units of a level, in a language where the list has it."""
    return (
        units.filter(pl.col("level") == level)
        .select(
            code="code",
            name=pl.coalesce(pl.col(f"name_{language}"), pl.col("name")),
        )
        .unique("code", keep="first", maintain_order=True)
    )


def with_unit_names(
    frame: pl.DataFrame, units: pl.DataFrame, language: str = "en"
) -> pl.DataFrame:
    """Return the frame with ``admin1_name`` to ``admin3_name`` after the codes."""
    columns: list[str] = []
    for name in frame.columns:
        columns.append(name)
        if name in {f"admin{level}_code" for level in LEVELS}:
            columns.append(name.replace("_code", "_name"))
    for level in LEVELS:
        names = unit_names(units, level, language).rename(
            {"code": f"admin{level}_code", "name": f"admin{level}_name"}
        )
        frame = frame.drop(f"admin{level}_name", strict=False).join(
            names, on=f"admin{level}_code", how="left", maintain_order="left"
        )
    return frame.select(columns)


def country_name(code: str, units: pl.DataFrame, language: str = "en") -> str:
    """Return the name of the country as its list has it, else its code."""
    named = unit_names(units.filter(pl.col("country") == code), 0, language)
    return str(named["name"][0]) if named.height else code
