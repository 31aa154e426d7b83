"""Days and months that titles, headings and names of files speak of."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from waystation.tracking.proposal.vocabulary import heading_of, plain, without_rounds

_ISO = re.compile(r"(?<!\d)(20\d{2})[-_./]?(0[1-9]|1[0-2])[-_./]?(0[1-9]|[12]\d|3[01])(?!\d)")
_DAY_FIRST = re.compile(
    r"(?<!\d)(0?[1-9]|[12]\d|3[01])[-_./](0?[1-9]|1[0-2])[-_./](20\d{2})(?!\d)"
)
_YEAR_MONTH = re.compile(r"(?<![\d-])(20\d{2})[-_](0[1-9]|1[0-2])(?![\d-])")
_SHORT = 4  # words of a label: "Data collection period"
_MONTHS = (
    ("january", "janvier", "enero", "janeiro", "jan", "يناير"),
    ("february", "fevrier", "febrero", "fevereiro", "feb", "فبراير"),
    ("march", "mars", "marzo", "marco", "mar", "مارس"),
    ("april", "avril", "abril", "apr", "ابريل"),
    ("may", "mai", "mayo", "maio", "مايو"),
    ("june", "juin", "junio", "junho", "jun", "يونيو"),
    ("july", "juillet", "julio", "julho", "jul", "يوليو"),
    ("august", "aout", "agosto", "aug", "اغسطس"),
    ("september", "septembre", "septiembre", "setembro", "sept", "sep", "سبتمبر"),
    ("october", "octobre", "octubre", "outubro", "oct", "اكتوبر"),
    ("november", "novembre", "noviembre", "novembro", "nov", "نوفمبر"),
    ("december", "decembre", "diciembre", "dezembro", "dec", "ديسمبر"),
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_ANY_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_SHORT_MONTH = re.compile(rf"(?<![^\W\d])(?:{_ANY_MONTH})[\s\-'.]*(?:20)?\d{{2}}(?!\d)")
_MONTH_YEAR = re.compile(
    rf"(?:(?<!\d)(\d{{1,2}})\s+)?(?<![^\W\d])({_ANY_MONTH})"
    r"(?![^\W\d])\.?\s*,?\s*(20\d{2})(?!\d)"
)


def stated_date(rows: Iterable[tuple[str | None, ...]]) -> dt.date | None:
    """Return the reference date that a note states: "Reference date | 2026-05-31".

    Args:
        rows: Rows of a sheet of notes, or those above a table.
    """
    for row in rows:
        for cell in row:
            if cell is None or len(cell) > 200:
                continue
            says = heading_of(cell)
            is_period = says.has("mark.period") and len(says.words) <= _SHORT
            if says.has("field.reported") or is_period:
                texts = [other for other in row if other is not None]
                dates = {found for text in texts if (found := date_in(text)) is not None}
                if len(dates) == 1:
                    return dates.pop()
    return None


def date_in(text: str) -> dt.date | None:
    """Return the day a text names: 2024-03-25, 25-03-2024, 16 March 2022; a month: its last."""
    if found := _ISO.search(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_FIRST.search(text):
        return _day(int(found[3]), int(found[2]), int(found[1]))
    if found := _YEAR_MONTH.search(text):
        return _last_day(int(found[1]), int(found[2]))
    # "Round 14, June 2021" is no 14th of June.
    words = without_rounds(text).replace("_", " ").replace("-", " ")
    if found := _MONTH_YEAR.search(words):
        year, month = int(found[3]), _MONTH_OF[found[2]]
        if found[1] is not None and (day := _day(year, month, int(found[1]))) is not None:
            return day
        return _last_day(year, month)
    return None


def _last_day(year: int, month: int) -> dt.date:
    return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def names_month(text: str) -> bool:
    """Return whether a text names a month with a year: "June14", "Post April 2015"."""
    return _SHORT_MONTH.search(plain(text).replace("_", " ")) is not None
