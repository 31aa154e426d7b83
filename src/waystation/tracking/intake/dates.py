"""Dates out of text: ISO, day first, names of months in four languages, spreadsheet serials."""

from __future__ import annotations

import re

import polars as pl

from waystation.tracking.intake.blanks import BLANK_NUMBERS, with_plain_digits

_MONTHS = {
    1: "january jan janvier janv enero ene يناير كانون_الثاني جانفي",
    2: "february feb février fevrier févr fevr fév febrero فبراير شباط فيفري",
    3: "march mar mars marzo مارس آذار اذار",
    4: "april apr avril avr abril abr أبريل ابريل نيسان أفريل",
    5: "may mai mayo مايو أيار ايار ماي",
    6: "june jun juin junio يونيو حزيران جوان",
    7: "july jul juillet juil julio يوليو تموز جويلية",
    8: "august aug août aout agosto ago أغسطس اغسطس آب اب أوت",
    9: "september sep sept septembre septiembre سبتمبر أيلول ايلول",
    10: "october oct octobre octubre أكتوبر اكتوبر تشرين_الأول تشرين_الاول",
    11: "november nov novembre noviembre نوفمبر تشرين_الثاني",
    12: "december dec décembre decembre déc diciembre dic ديسمبر كانون_الأول كانون_الاول",
}
_MONTH_OF = {
    name.replace("_", " "): number
    for number, names in _MONTHS.items()
    for name in names.split()
}
_NAMES = "|".join(re.escape(name) for name in sorted(_MONTH_OF, key=len, reverse=True))
_MONTH = rf"(?:^|[^\p{{L}}])({_NAMES})(?:$|[^\p{{L}}])"
_ISO = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:$|[t\s])"
_COMPACT = r"^((?:19|20)\d{2})(\d{2})(\d{2})$"
_NUMERIC = r"^(\d{1,2})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{4}|\d{2})(?:$|[t\s,])"
_SERIAL = r"^(\d{5})(?:\.\d+)?$"
_MONTH_YEAR = r"^(\d{1,2})[-/.](\d{4})$"
_YEAR_MONTH = r"^(\d{4})[-/.](\d{1,2})$"
_FIRST_YEAR, _LAST_YEAR = 1950, 2100


def dates_from_text(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return a column as dates, and where text stood that is no date.

    Read are ``2026-03-01`` with or without a time, ``20260301``, ``1/3/2026`` (day first, or
    month first where the column shows it), ``1 March 2026`` and ``March 2026`` in English,
    French, Spanish and Arabic, and serial numbers of spreadsheets. A month without a day is
    its first day.

    Args:
        column: Text, or already dates or times.

    Returns:
        The dates, and a boolean column that is true where text could not be read.
    """
    if column.dtype.is_temporal():
        return column.cast(pl.Date), pl.Series(column.name, [False] * len(column))
    texts = column.cast(pl.String)
    distinct = texts.drop_nulls().unique()
    read = _dates_of(distinct)
    dates = texts.replace_strict(
        read["text"], read["date"], default=None, return_dtype=pl.Date
    ).alias(column.name)
    is_blank = texts.replace_strict(read["text"], read["is_blank"], default=True)
    return dates, dates.is_null() & ~is_blank.fill_null(value=True)


def _dates_of(distinct: pl.Series) -> pl.DataFrame:
    plain = with_plain_digits(pl.col("text")).str.strip_chars().str.to_lowercase()
    frame = pl.DataFrame({"text": distinct}, schema={"text": pl.String}).with_columns(t=plain)
    t = pl.col("t")
    return frame.select(
        "text",
        date=pl.coalesce(
            _day(t.str.extract(_ISO, 1), t.str.extract(_ISO, 2), t.str.extract(_ISO, 3)),
            _day(*(t.str.extract(_COMPACT, i) for i in (1, 2, 3))),
            _numeric(frame["t"]),
            _serial(t),
            _named(t),
            _day(t.str.extract(_MONTH_YEAR, 2), t.str.extract(_MONTH_YEAR, 1), pl.lit("1")),
            _day(t.str.extract(_YEAR_MONTH, 1), t.str.extract(_YEAR_MONTH, 2), pl.lit("1")),
        ),
        is_blank=t.is_in(BLANK_NUMBERS) | t.str.contains(r"^[\s\-–—_.…/*?]*$"),
    )


def _day(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Return a date out of texts, null where there is no such day."""
    y = year.cast(pl.Int32, strict=False)
    y = pl.when(y < 100).then(y + 2000).otherwise(y)
    text = pl.format("{}-{}-{}", y, month.str.zfill(2), day.str.zfill(2)).str.to_date(
        "%Y-%m-%d", strict=False
    )
    return pl.when(y.is_between(_FIRST_YEAR, _LAST_YEAR)).then(text)


def _numeric(texts: pl.Series) -> pl.Expr:
    """Return dates of three numbers: day first, unless only month first can be read."""
    parts = texts.to_frame("t").select(
        first=pl.col("t").str.extract(_NUMERIC, 1).cast(pl.Int32),
        second=pl.col("t").str.extract(_NUMERIC, 2).cast(pl.Int32),
    )
    is_month_first = bool((parts["second"] > 12).any() and not (parts["first"] > 12).any())
    t = pl.col("t")
    first, second, year = (t.str.extract(_NUMERIC, i) for i in (1, 2, 3))
    return _day(year, first, second) if is_month_first else _day(year, second, first)


def _serial(t: pl.Expr) -> pl.Expr:
    """Return dates of serial numbers; day 1 is 1900-01-01, and 1900 counts as a leap year."""
    days = t.str.extract(_SERIAL, 1).cast(pl.Int32, strict=False)
    date = pl.date(1899, 12, 30) + pl.duration(days=days)
    return pl.when(days.is_between(20_000, 72_000)).then(date)


def _named(t: pl.Expr) -> pl.Expr:
    """Return dates with the name of a month: the other numbers are day and year.

    One number alone is the year, as spreadsheets show "Mar-21".
    """
    month = t.str.extract(_MONTH, 1).replace_strict(
        list(_MONTH_OF), [str(n) for n in _MONTH_OF.values()], default=None
    )
    numbers = t.str.extract_all(r"\d+")
    first, last = numbers.list.first(), numbers.list.last()
    is_year_first = first.str.len_chars() == 4
    two = (
        pl.when(is_year_first)
        .then(_day(first, month, last))
        .otherwise(_day(last, month, first))
    )
    return (
        pl.when(numbers.list.len() == 1)
        .then(pl.when(first.str.len_chars() >= 2).then(_day(first, month, pl.lit("1"))))
        .when(numbers.list.len() == 2)
        .then(two)
        # A time of day may follow day and year.
        .when(numbers.list.len() > 2)
        .then(_day(numbers.list.get(1, null_on_oob=True), month, first))
    )
