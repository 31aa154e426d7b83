"""The formats a release can be written in."""

from __future__ import annotations

from collections.abc import Iterable

from waystation.errors import InvalidChoice
from waystation.tracking.indicators import LANGUAGES

FORMATS = ("csv", "xlsx", "parquet", "geojson", "geopackage", "dtm_api", "hapi")


def require_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """Return the formats in the order of `FORMATS`, each once.

    Raises:
        InvalidChoice: If one is not known, or none is given.
    """
    wanted = tuple(formats)
    for name in wanted or ("",):
        if name not in FORMATS:
            raise InvalidChoice(value=name, option="format", choices=", ".join(FORMATS))
    return tuple(name for name in FORMATS if name in wanted)


def require_language(language: str) -> str:
    """Return the language.

    Raises:
        InvalidChoice: If the library does not speak it.
    """
    if language not in LANGUAGES:
        raise InvalidChoice(value=language, option="language", choices=", ".join(LANGUAGES))
    return language
