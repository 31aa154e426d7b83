"""Ways to write that there is no answer, and digits of other scripts."""

from __future__ import annotations

import polars as pl

WRITTEN_BLANKS = ("null", "nan", "nat", "n/a", "#n/a", "#null!", "<na>", "(blank)", "(vide)")
"""Not an answer in any column, in small letters. ``NA`` is not among them: it is Namibia."""

BLANK_NUMBERS = (
    *WRITTEN_BLANKS, "na", "n.a", "n.a.", "n a", "nd", "n.d.", "n/d", "s/d", "s.d.", "s/o",
    "nsp", "dnk", "pnta", "dk", "unknown", "not available", "not applicable", "not reported",
    "no data", "not known", "non disponible", "non applicable", "non connu", "inconnu",
    "pas de données", "no disponible", "no aplica", "sin datos", "sin dato",
    "desconocido", "غير متوفر", "غير متاح", "غير معروف", "لا ينطبق", "لا توجد بيانات",
)  # fmt: skip
"""Not a figure where one is expected."""

BLANK_ANSWERS = (
    *WRITTEN_BLANKS, "n.a.", "dnk", "pnta", "dk", "nsp", "do not know", "don't know",
    "prefer not to answer", "not available", "not applicable", "non disponible",
    "non applicable", "no disponible", "no aplica", "غير متوفر", "لا ينطبق",
)  # fmt: skip
"""Not an answer to a closed question."""

_ARABIC_INDIC = "٠١٢٣٤٥٦٧٨٩"
_PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
_FULL_WIDTH = "０１２３４５６７８９"
_DIGITS = {
    other: str(value)
    for digits in (_ARABIC_INDIC, _PERSIAN, _FULL_WIDTH)
    for value, other in enumerate(digits)
} | {"٫": ".", "٬": ",", "−": "-", "–": "-", "‐": "-", "\u200e": "", "\u200f": "", "\ufeff": ""}


def with_plain_digits(text: pl.Expr) -> pl.Expr:
    """Return text with digits and signs of other scripts as ASCII, and marks left out."""
    return text.str.replace_many(list(_DIGITS), list(_DIGITS.values()))


def text_values(column: pl.Series) -> pl.Series:
    """Return a column as text without outer blanks; written blanks are null, ``NA`` is not."""
    if column.dtype != pl.String:
        text = column.cast(pl.String)
        column = text.str.replace(r"\.0$", "") if column.dtype.is_float() else text
    column = column.str.strip_chars()
    is_blank = (column == "") | column.str.to_lowercase().is_in(WRITTEN_BLANKS)
    if not is_blank.any():
        return column
    return column.set(is_blank.fill_null(value=False), None)
