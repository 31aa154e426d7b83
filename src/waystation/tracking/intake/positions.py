"""Positions out of text: one column or two, decimal degrees or degrees, minutes, seconds."""

from __future__ import annotations

import polars as pl

from waystation.tracking.intake.blanks import BLANK_NUMBERS, with_plain_digits
from waystation.tracking.intake.numbers import numbers_from_columns

_DECIMAL_PAIR = r"^\s*[(\[]?\s*([+-]?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*([+-]?\d{1,3}(?:\.\d+)?)"
_COMMA_PAIR = r"^\s*([+-]?\d{1,3},\d+)\s*[;\s]\s*([+-]?\d{1,3},\d+)"
_WKT = r"(?i)^\s*point\s*\(\s*([+-]?\d+(?:\.\d+)?)\s+([+-]?\d+(?:\.\d+)?)"
_MARKED_PAIR = r"(?i)^(.*\d.*[ns]|[ns].*\d[^nsewo]*)[\s,;]*([^ns]*\d.*[ewo]|[ewo].*\d.*)$"


def degrees_from_column(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return one column of latitudes or longitudes in decimal degrees.

    Read are ``-13.68``, ``-13,68``, ``13.68 S`` and ``13°41'13.2"S``.

    Returns:
        The degrees, and where text stood that is none.
    """
    numbers, faulty = numbers_from_columns(column.to_frame(), is_decimal=True)
    degrees = numbers.to_series()
    fault = faulty.get(column.name)
    if fault is None:
        return degrees, pl.Series(column.name, [False] * len(column))
    texts = column.to_frame("text").select(_degrees(pl.col("text")).alias("degrees"))
    again = pl.select(pl.when(fault).then(texts["degrees"]).otherwise(degrees))
    degrees = again.to_series().alias(column.name)
    return degrees, fault & degrees.is_null()


def positions_from_column(column: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Return one column that holds whole positions as latitude and longitude.

    Read are ``lat lon altitude accuracy`` as collecting tools write it, ``lat, lon``,
    ``13°41'13"S 34°55'19"E`` and ``POINT (lon lat)``.

    Returns:
        Columns ``latitude`` and ``longitude``, and where text stood that is no position.
    """
    plain = with_plain_digits(pl.col("text")).str.strip_chars()
    frame = column.cast(pl.String).to_frame("text").with_columns(t=plain)
    t = pl.col("t")
    read = frame.select(
        latitude=pl.coalesce(
            _decimal(t.str.extract(_WKT, 2)),
            _decimal(t.str.extract(_COMMA_PAIR, 1)),
            _decimal(t.str.extract(_DECIMAL_PAIR, 1)),
            _degrees(t.str.extract(_MARKED_PAIR, 1)),
        ),
        longitude=pl.coalesce(
            _decimal(t.str.extract(_WKT, 1)),
            _decimal(t.str.extract(_COMMA_PAIR, 2)),
            _decimal(t.str.extract(_DECIMAL_PAIR, 2)),
            _degrees(t.str.extract(_MARKED_PAIR, 2)),
        ),
        is_blank=t.is_null()
        | t.str.to_lowercase().is_in(BLANK_NUMBERS)
        | ~t.str.contains(r"[\p{L}\p{N}]"),
    )
    is_whole = read["latitude"].is_not_null() & read["longitude"].is_not_null()
    degrees = read.select(
        pl.when(is_whole).then("latitude").alias("latitude"),
        pl.when(is_whole).then("longitude").alias("longitude"),
    )
    return degrees, ~is_whole & ~read["is_blank"]


def _decimal(text: pl.Expr) -> pl.Expr:
    return text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)


def _degrees(text: pl.Expr) -> pl.Expr:
    """Return decimal degrees of a text with a hemisphere, or with degrees and minutes.

    O stands for west in French and Spanish; south and west are negative.
    """
    text = with_plain_digits(text)
    parts = text.str.replace_all(r"(\d),(\d)", "$1.$2").str.extract_all(r"\d+(?:\.\d+)?")
    degrees, minutes, seconds = (
        parts.list.get(i, null_on_oob=True).cast(pl.Float64, strict=False) for i in range(3)
    )
    size = degrees + minutes.fill_null(0) / 60 + seconds.fill_null(0) / 3600
    is_negative = text.str.contains(r"(?i)^\s*-|^\s*[swo]|[swo]\s*$")
    words = text.str.replace_all(r"""[\d\s.,°º˚d'’′"”″-]""", "").str.to_lowercase()
    is_degrees = words.is_in(["", "n", "s", "e", "w", "o"]) & text.str.contains(r"[°º˚]|\p{L}")
    is_sound = (minutes.fill_null(0) < 60) & (seconds.fill_null(0) < 60)
    return pl.when(is_degrees & is_sound).then(pl.when(is_negative).then(-size).otherwise(size))
