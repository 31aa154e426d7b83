"""The language and the digits that a page is written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.translation import get_language

from waystation.release.formats import require_language
from waystation.tracking.indicators import LANGUAGES

if TYPE_CHECKING:
    from waystation.release.report.words import Words

ARABIC_INDIC = "arab"


@dataclass(frozen=True, slots=True)
class Speech:
    """How a page speaks.

    Attributes:
        language: en, fr, es or ar.
        digits: "latn", or "arab" where a reader of Arabic chose those.
    """

    language: str
    digits: str = "latn"

    @property
    def name(self) -> str:
        """Return what names it in file names and etags."""
        return self.language if self.digits == "latn" else f"{self.language}-{self.digits}"

    @property
    def query(self) -> dict[str, str]:
        """Return what addresses of data say of it."""
        own = {"language": self.language}
        return own if self.digits == "latn" else {**own, "digits": self.digits}

    def words(self) -> Words:
        """Return the words of the language, in these digits."""
        from waystation.release.report.words import Words

        return Words(self.language, self.digits)


def speech_of_page(request: HttpRequest) -> Speech:
    """Return how a page speaks to its reader."""
    code = (get_language() or "en").partition("-")[0]
    language = code if code in LANGUAGES else "en"
    return _speech(language, request.COOKIES.get("digits", ""))


def speech_asked(request: HttpRequest, query: Mapping[str, str]) -> Speech:
    """Return how data are to speak: as their address says, else as pages do.

    Raises:
        InvalidChoice: If the address names a language that there is not.
    """
    if not query.get("language"):
        return speech_of_page(request)
    return _speech(require_language(query["language"]), query.get("digits", ""))


def _speech(language: str, digits: str) -> Speech:
    is_chosen = language == "ar" and digits == ARABIC_INDIC
    return Speech(language, ARABIC_INDIC if is_chosen else "latn")
