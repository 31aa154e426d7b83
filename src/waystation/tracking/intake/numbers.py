"""Numbers out of text: thousands, decimal commas, other digits, and ways to write nothing."""

from __future__ import annotations

import polars as pl

from waystation.tracking.intake.blanks import BLANK_NUMBERS, with_plain_digits

_SPACES = r"[\s'’`\u00a0\u2009\u202f]"
_SPACED = rf"^[+-]?\d{{1,3}}(?:{_SPACES}\d{{3}})+(?:[.,]\d+)?$"
_ENGLISH = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
_POINTS_GROUP = r"^[+-]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})$"
_COMMA_DECIMAL = r"^[+-]?\d+,\d+$"
_COMMA_SURELY_DECIMAL = r"^[+-]?\d+,(?:\d{1,2}|\d{4,})$"
_ENGLISH_SURELY = r"^[+-]?\d{1,3}(?:,\d{3})*\.\d+$|^[+-]?\d{1,3}(?:,\d{3}){2,}$"
_ONE_POINT_GROUP = r"^[+-]?\d{1,3}\.\d{3}$"
_ONLY_MARKS = r"^[\s\-–—_.…/*?]*$"


def numbers_from_columns(
    columns: pl.DataFrame, *, is_decimal: bool = False
) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """Return columns as numbers, and where text stood that is none.

    Read are ``1234``, ``1,234``, ``1 234``, ``1.234,5``, ``12,5`` and ``١٢٣``. A comma before
    three digits separates thousands unless the column shows decimal commas elsewhere. Blanks
    of every sort (``-``, ``n/a``, ``NULL``) are null and no fault.

    Args:
        columns: Text, or already numbers.
        is_decimal: Whether a comma always is a decimal comma, as in degrees.

    Returns:
        The numbers under the same names (null where there is none), and by name of column a
        boolean column that is true where text could not be read; columns without such text
        are left out.
    """
    numbers = columns.select(pl.all().cast(pl.Float64, strict=False))
    texts = [name for name in columns.columns if columns[name].dtype == pl.String]
    unread = {
        name: pl.Series(columns[name].is_not_null() & ~_finite(numbers[name]))
        for name in texts
        if numbers[name].null_count() > columns[name].null_count()
        or not numbers[name].is_finite().all()
    }
    changed, faulty = [], {}
    for name, is_unread in unread.items():
        column, fault = _read_again(columns[name], numbers[name], is_unread, is_decimal)
        changed.append(column)
        if fault.any():
            faulty[name] = fault
    return numbers.with_columns(changed), faulty


def _finite(numbers: pl.Series) -> pl.Series:
    return numbers.is_finite().fill_null(value=False)


def _read_again(
    texts: pl.Series, numbers: pl.Series, is_unread: pl.Series, is_decimal: bool
) -> tuple[pl.Series, pl.Series]:
    """Return one column read with care, and where it still holds text."""
    distinct = texts.filter(is_unread).unique().drop_nulls()
    read = _numbers_of(distinct, is_decimal=is_decimal)
    keys, values = read["text"], read["number"]
    again = texts.replace_strict(keys, values, default=None, return_dtype=pl.Float64)
    name = texts.name
    whole = pl.select(pl.when(is_unread).then(again).otherwise(numbers).alias(name))[name]
    if read["groups_by_point"].any():
        # "1.234.567" elsewhere in the column shows that "1.234" means 1234 here.
        is_group = texts.str.contains(_ONE_POINT_GROUP).fill_null(value=False)
        whole = pl.select(pl.when(is_group).then(whole * 1000).otherwise(whole).alias(name))[
            name
        ]
    is_blank = texts.replace_strict(keys, read["is_blank"], default=False)
    return whole.round(9), is_unread & whole.is_null() & ~is_blank


def _numbers_of(distinct: pl.Series, *, is_decimal: bool) -> pl.DataFrame:
    plain = with_plain_digits(pl.col("text")).str.strip_chars()
    joined = (
        pl.when(pl.col("plain").str.contains(_SPACED))
        .then(pl.col("plain").str.replace_all(_SPACES, ""))
        .otherwise(pl.col("plain").str.replace_all(r"^([+-])\s+", "$1"))
    )
    frame = (
        pl.DataFrame({"text": distinct})
        .with_columns(plain=plain)
        .with_columns(
            is_blank=pl.col("plain").str.to_lowercase().is_in(BLANK_NUMBERS)
            | pl.col("plain").str.contains(_ONLY_MARKS),
            plain=joined,
        )
    )
    has_decimal_comma = is_decimal or bool(
        (
            frame["plain"].str.contains(_COMMA_SURELY_DECIMAL).any()
            or frame["plain"].str.contains(_POINTS_GROUP).any()
        )
        and not frame["plain"].str.contains(_ENGLISH_SURELY).any()
    )
    text = pl.col("plain")
    without_points = text.str.replace_all(".", "", literal=True).str.replace(
        ",", ".", literal=True
    )
    english = text.str.replace_all(",", "", literal=True)
    decimal = text.str.replace(",", ".", literal=True)
    is_comma = text.str.contains(_COMMA_DECIMAL)
    return frame.with_columns(
        groups_by_point=text.str.contains(_POINTS_GROUP),
        number=pl.when(text.str.contains(_POINTS_GROUP))
        .then(without_points)
        .when(is_comma & pl.lit(has_decimal_comma))
        .then(decimal)
        .when(text.str.contains(_ENGLISH))
        .then(english)
        .when(is_comma)
        .then(decimal)
        .otherwise(text)
        .cast(pl.Float64, strict=False),
    ).with_columns(number=pl.when(pl.col("number").is_finite()).then(pl.col("number")))


def whole_numbers_from_text(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the last whole number in each text, as rounds are written: "R14", "B2_01".

    Returns:
        The numbers, and where text without a number stood.
    """
    text = column.cast(pl.String).to_frame("text")
    plain = with_plain_digits(pl.col("text")).str.strip_chars()
    read = text.select(
        number=plain.str.extract(r"(\d+)(?:\.0+)?\D*$").cast(pl.Int64, strict=False),
        is_blank=plain.is_null()
        | plain.str.to_lowercase().is_in(BLANK_NUMBERS)
        | plain.str.contains(_ONLY_MARKS),
    )
    return read["number"], read["number"].is_null() & ~read["is_blank"]
