"""What is said and how numbers are written, in each language.

Sentences stand in ``sentences.yaml``; plural categories and the forms of numbers and dates come
from the Unicode CLDR. Arabic is written with the digits 0-9, as the Arabic reports of the
sector are.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal, format_percent

from waystation.errors import NotFound
from waystation.release.formats import require_language

MILLION = 1_000_000
ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
# Keeps a name in another script from turning the order of the words around it.
ISOLATE, END_ISOLATE = "\u2068", "\u2069"


@cache
def sentences() -> dict[str, dict[str, str | dict[str, str]]]:
    """Return every sentence: texts by language, or by language and plural category."""
    from ruamel.yaml import YAML

    text = files("waystation.release.report").joinpath("sentences.yaml").read_text("utf-8")
    content: dict[str, dict[str, str | dict[str, str]]] = YAML(typ="safe").load(text)
    return content


class Words:
    """The words of one language.

    Args:
        language: en, fr, es or ar.
        digits: "latn" for 0-9, "arab" for the digits that Arabic readers may choose.

    Raises:
        InvalidChoice: If the language is another.
    """

    def __init__(self, language: str, digits: str = "latn") -> None:
        self.language = require_language(language)
        self.locale = Locale(language)
        self.digits = digits if language == "ar" else "latn"

    @property
    def direction(self) -> str:
        """Return "rtl" or "ltr"."""
        return "rtl" if self.locale.character_order == "right-to-left" else "ltr"

    @property
    def is_rtl(self) -> bool:
        """Return whether the language is written from right to left."""
        return self.direction == "rtl"

    def say(self, name: str, *, n: float | None = None, **details: Any) -> str:
        """Return a sentence with its details filled in.

        Args:
            name: The sentence.
            n: The number that decides the plural; a million or more is written in words.
            **details: The other details: numbers and dates by locale, text as it is.

        Raises:
            NotFound: If there is no such sentence.
        """
        if name not in sentences():
            raise NotFound(what="sentence", name=name)
        text = sentences()[name][self.language]
        filled = {key: self._written(value) for key, value in details.items()}
        if n is not None:
            filled["n"], category = self.in_prose(n)
            if isinstance(text, dict):
                text = text.get(category, text["other"])
        if isinstance(text, dict):
            text = text["other"]
        return self._in_digits(text.format(**filled))

    def say_or(self, name: str, otherwise: str) -> str:
        """Return a sentence without details, or other words where there is none."""
        return self.say(name) if name in sentences() else otherwise

    def _written(self, value: Any) -> str:
        if isinstance(value, dt.date):
            return self.date(value)
        if isinstance(value, (int, float)):
            return self.in_prose(value)[0]
        return self.isolated(str(value))

    def isolated(self, text: str) -> str:
        """Return text so that its letters do not disturb a right-to-left line."""
        is_foreign = any(
            "a" <= letter.lower() <= "z" or "À" <= letter <= "ɏ" for letter in text
        )
        is_foreign = is_foreign and not any("\u0600" <= letter <= "\u06ff" for letter in text)
        return f"{ISOLATE}{text}{END_ISOLATE}" if self.is_rtl and is_foreign else text

    def number(self, value: float | None, *, digits: int = 0) -> str:
        """Return a number as tables write it; "not known" for null."""
        if value is None:
            return self.say("not_known")
        text = format_decimal(
            round(value, digits) + 0, locale=self.locale, numbering_system=self.digits
        )
        return self._in_digits(text)

    def in_prose(self, value: float) -> tuple[str, str]:
        """Return a number as prose writes it, and its plural category."""
        if abs(value) < MILLION:
            return self.number(value), self.locale.plural_form(abs(round(value)))
        written = format_compact_decimal(
            value,
            format_type="long",
            locale=self.locale,
            fraction_digits=1,
            numbering_system=self.digits,
        )
        written = self._in_digits(written)
        # "1.2 millions de personnes": CLDR's "many" in French and Spanish.
        return written, "many" if self.language in {"fr", "es"} else "other"

    def signed(self, value: float | None) -> str:
        """Return a difference with its sign."""
        if value is None:
            return self.say("not_known")
        sign = "+" if value > 0 else "−" if value < 0 else ""
        return self.left_to_right(f"{sign}{self.number(abs(value))}")

    def percent(self, share: float | None, *, signed: bool = False) -> str:
        """Return a share (0 to 1) as a percentage; one decimal below ten percent."""
        if share is None:
            return self.say("not_known")
        size = abs(share)
        digits = 1 if 0 < size < 0.0995 else 0
        if not signed and 0.995 <= size < 1:  # nearly all is not all
            size, digits = min(size, 0.999), 1
        pattern = "#,##0.0 %" if digits else "#,##0 %"
        if self.language in {"en", "ar"}:
            pattern = pattern.replace(" ", "")
        text = format_percent(
            size,
            format=pattern.replace(" ", "\u00a0"),
            locale=self.locale,
            numbering_system=self.digits,
        )
        sign = ("+" if share > 0 else "−" if share < 0 else "") if signed else ""
        return self.left_to_right(f"{sign}{text}")

    def _in_digits(self, text: str) -> str:
        return text.translate(ARABIC_INDIC) if self.digits == "arab" else text

    def left_to_right(self, text: str) -> str:
        """Return digits and signs so that a right-to-left line keeps their order."""
        return self._in_digits(f"\u200e{text}\u200e" if self.is_rtl else text)

    def date(self, value: dt.date) -> str:
        """Return a date, e.g. 23 Nov 2026."""
        return self._in_digits(format_date(value, "d MMM y", locale=self.locale))

    def month(self, value: dt.date) -> str:
        """Return a month and year, e.g. Nov 2026."""
        return self._in_digits(format_date(value, "MMM y", locale=self.locale))

    def round_label(self, number: int, date: dt.date) -> str:
        """Return a round with the month it describes, e.g. Round 9 (May 2026)."""
        return self.say("round", number=str(number), month=self.month(date))

    def round_within(self, number: int, date: dt.date) -> str:
        """Return a round as it is named within a sentence."""
        return self.say("round_within", number=str(number), month=self.month(date))

    def unit(self, code: str) -> str:
        """Return the name of a unit."""
        return self.say(f"unit_{code}")
