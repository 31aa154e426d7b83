"""What kind of thing the cells of a column are: numbers, dates, codes, names, answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import polars as pl

# What fields write for "not reported"; NA is left out, since it is Namibia.
NOTHING = {
    "", "-", "--", "—", ".", "n/a", "#n/a", "nan", "null", "none", "nd", "n.d.", "n.a.", "nat",
    "dnk", "pnta", "غير متوفر", "لا يوجد", "s/o", "nsp", "#ref!", "#div/0!", "#value!",
}  # fmt: skip
_YES_NO = {
    "yes", "no", "oui", "non", "si", "sí", "sim", "não", "nao", "نعم", "لا", "true", "false",
    "y", "n", "o",
}  # fmt: skip
_NUMBER = re.compile(
    r"[+-]?(?:\d+(?:[.,]\d+)?|\d{1,3}(?:[ ,.'\u00a0\u202f]\d{3})+)%?(?:e[+-]?\d+)?"
)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?: .*)?"
    r"|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{2,4}"
)
_UUID = re.compile(
    r"(?:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_\-./]{1,30}")
_GROUPED = r"^\s*[+-]?\d{1,3}(?:[ ,.'\x{00a0}\x{202f}]\d{3})+\s*$"
SAMPLE = 120


class Kind(StrEnum):
    """What most cells of a column hold."""

    EMPTY = "empty"
    NUMBER = "number"
    DATE = "date"
    CODE = "code"
    ANSWER = "answer"
    UUID = "uuid"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds, told from a sample of its rows.

    Attributes:
        position: Column of the grid, from 0.
        kind: What most cells hold.
        filled: Share of the rows with a value.
        values: The distinct values of the sample, in order, nothing-words left out.
        whole: For numbers, whether all are whole.
    """

    position: int
    kind: Kind
    filled: float
    values: tuple[str, ...]
    whole: bool = False


def is_nothing(text: str | None) -> bool:
    """Return whether a cell says nothing: empty, or a word for "not reported"."""
    return text is None or text.strip().lower() in NOTHING


@lru_cache(maxsize=1 << 14)
def is_number(text: str) -> bool:
    """Return whether a cell is a number as people and programs write it."""
    return _NUMBER.fullmatch(text.strip().replace("٬", ",")) is not None


def kind_of(values: list[str]) -> Kind:
    """Return what most of some cells hold."""
    if not values:
        return Kind.EMPTY
    tests = (
        (Kind.ANSWER, lambda v: v.lower() in _YES_NO),
        (Kind.DATE, _DATE.fullmatch),
        (Kind.NUMBER, is_number),
        (Kind.UUID, _UUID.fullmatch),
        (Kind.CODE, _CODE.fullmatch),
    )
    for kind, test in tests:
        if are_mostly(values, test):
            return kind
    return Kind.TEXT


def are_mostly(values: list[str], test: Callable[[str], object]) -> bool:
    """Return whether three in five cells or more pass a test; each text is asked once."""
    passed = sum(many for value, many in Counter(values).items() if test(value))
    return bool(values) and passed >= 0.6 * len(values)


def sampled_rows(height: int, first: int, size: int = SAMPLE) -> list[int]:
    """Return rows spread evenly from the first to the last, at most ``size``."""
    rows = max(height - first, 0)
    step = max(rows / size, 1)
    return [first + int(i * step) for i in range(min(rows, size))]


def columns_of(cells: pl.DataFrame, first: int) -> list[Column]:
    """Return what each column holds from a row on.

    Args:
        cells: A grid's cells.
        first: First row of data, from 0.
    """
    body = cells[first:]
    sample = body[sampled_rows(body.height, 0)]
    found = []
    for at in range(body.width):
        series = body.to_series(at)
        values = sampled_values(series, sample.to_series(at))
        kind = kind_of(values)
        distinct = tuple(dict.fromkeys(values))
        whole = kind is Kind.NUMBER and not any(mark in v for v in distinct for mark in ".,")
        filled = 1 - series.null_count() / max(series.len(), 1)
        found.append(Column(at, kind, filled, distinct, whole))
    return found


def sampled_values(series: pl.Series, sample: pl.Series) -> list[str]:
    """Return what the sampled cells of a column say; its first ones where they are few."""
    if len(sample) - sample.null_count() < 3 and len(series) > len(sample):
        sample = series.drop_nulls().head(50)
    cells = sample.to_list()
    said = {text: text.strip() for text in set(cells) if not is_nothing(text)}
    return [said[text] for text in cells if text in said]


def numbers(series: pl.Series) -> pl.Series:
    """Return cells as numbers, null where a cell is none; "1,234" and "١٢٣" are understood."""
    plain = series.cast(pl.Float64, strict=False)
    if plain.null_count() == series.null_count():
        return _finite(plain)
    text = series.str.strip_chars().str.replace_many(list("٠١٢٣٤٥٦٧٨٩"), list("0123456789"))
    joined = text.to_frame("t").select(
        pl.when(pl.col("t").str.contains(_GROUPED))
        .then(pl.col("t").str.replace_all(r"[ ,.'\x{00a0}\x{202f}]", ""))
        .otherwise(pl.col("t").str.replace(r"^(-?\d+),(\d{1,2})$", "$1.$2"))
        .cast(pl.Float64, strict=False)
    )
    return _finite(joined.to_series())


def _finite(figures: pl.Series) -> pl.Series:
    """Return figures with "nan", "inf" and what is beyond all numbers as null."""
    finite = figures.is_finite()
    return figures if finite.all() else figures.set(~finite.fill_null(value=True), None)
