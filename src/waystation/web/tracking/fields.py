"""What a column can mean, in the reader's words, by group; and back from words to codes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rapidfuzz import process

from waystation.tracking.indicators import (
    breakdown_code,
    dimensions,
    indicator_by_code,
    indicators,
    is_indicator,
)

BETWEEN = " + "
LONGEST = 500
PLACE = (
    ("country", _("country")),
    ("admin1_name", _("name of the admin 1 unit")),
    ("admin1_reported_code", _("code of the admin 1 unit")),
    ("admin2_name", _("name of the admin 2 unit")),
    ("admin2_reported_code", _("code of the admin 2 unit")),
    ("admin3_name", _("name of the admin 3 unit")),
    ("admin3_reported_code", _("code of the admin 3 unit")),
    ("location_name", _("name of the site or location")),
    ("location_id", _("own id of the site or location")),
    ("location_type", _("kind of the site or location")),
    ("location_status", _("whether it is open or closed")),
    ("latitude", _("latitude")),
    ("longitude", _("longitude")),
    ("origin_admin1_code", _("area of origin, where a row is about one only")),
)
DATE = (
    ("reference_date", _("the date that the figures describe")),
    ("collected_on", _("the day of the visit")),
    ("round_number", _("number of the round")),
    ("operation", _("operation")),
    ("component", _("component of the round")),
)
OTHER = (
    ("displacement_reason", _("reason, where a row is about one only")),
    ("enumerator", _("who collected it, as a made-up name")),
    ("key_informants", _("key informants interviewed")),
    ("credibility", _("credibility of the informants")),
    ("access", _("access to the place")),
    ("priority_needs", _("priority needs, in order")),
    ("record_uuid", _("own id of the record")),
)
GROUPS = ((_("Place"), PLACE), (_("Date and round"), DATE), (_("About the visit"), OTHER))
FIGURE, PART = _("Figure"), _("Part")


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a column can mean.

    Attributes:
        code: A column of ``Submissions`` or a code of the indicator dictionary.
        group: Its group, in the reader's language.
        label: Its name, in the reader's language.
    """

    code: str
    group: str
    label: str

    @property
    def text(self) -> str:
        """Return what stands in the list to choose from."""
        return f"{self.group}: {self.label}"


def choices() -> tuple[Choice, ...]:
    """Return all that a column can mean, by group, in the language of the page."""
    return _choices((get_language() or "en").split("-")[0])


@cache
def _choices(language: str) -> tuple[Choice, ...]:
    found = [
        Choice(code, str(group), str(label)) for group, pairs in GROUPS for code, label in pairs
    ]
    found += [
        Choice(code, str(FIGURE), indicator.label(language))
        for code, indicator in indicators().items()
    ]
    found += [
        Choice(code, str(PART), _part_label(code, language))
        for total, indicator in indicators().items()
        for dimension in indicator.dimensions
        for category in dimensions()[dimension].categories
        for code in (breakdown_code(total, dimension, category),)
    ]
    texts = [choice.text for choice in found]
    return tuple(
        Choice(c.code, c.group, f"{c.label} ({c.code})") if texts.count(c.text) > 1 else c
        for c in found
    )


def text_of_fields(codes: Iterable[str]) -> str:
    """Return what a column means in words; codes without words stay codes."""
    words = {choice.code: choice.text for choice in choices()}
    return BETWEEN.join(words.get(code) or _open_category(code) for code in codes)


def label_of(code: str) -> str:
    """Return the name of a field in the reader's language, without its group."""
    for choice in choices():
        if choice.code == code:
            return choice.label
    if is_indicator(code):
        return indicator_by_code(code).label((get_language() or "en").split("-")[0])
    return code


def _open_category(code: str) -> str:
    if not is_indicator(code):
        return code
    language = (get_language() or "en").split("-")[0]
    return f"{PART}: {_part_label(code, language)} ({code})"


def _part_label(code: str, language: str) -> str:
    """Return a part's name with the part first: it is what tells it from its neighbours."""
    part = indicator_by_code(code)
    total = indicator_by_code(part.total or code).label(language)
    return f"{part.label(language).removeprefix(f'{total}: ')} ({total})"


def codes_of_text(text: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the codes that words or codes name, several with " + " between, and what is none.

    Returns:
        Codes, each once and in their order, and the parts of the text that name nothing.
    """
    words = {_plain(choice.text): choice.code for choice in choices()}
    words |= {_plain(choice.label): choice.code for choice in reversed(choices())}
    codes: dict[str, None] = {}
    unknown = []
    for part in re.split(r"\s\+\s", text.strip()[:LONGEST]):
        if not _plain(part):
            continue
        code = _code_of(part, words)
        if code is None:
            unknown.append(part.strip())
        else:
            codes[code] = None
    return tuple(codes), unknown


def _code_of(part: str, words: dict[str, str]) -> str | None:
    known = {choice.code for choice in choices()}
    named = re.search(r"\(([a-z0-9_]+)\)\s*$", part)
    for code in (part.strip(), named.group(1) if named else ""):
        if code in known or is_indicator(code):
            return code
    return words.get(_plain(part))


def nearest_text(part: str) -> str | None:
    """Return the choice whose words are nearest to some that name nothing."""
    texts = [choice.text for choice in choices()]
    found = process.extractOne(part[:LONGEST], texts, score_cutoff=60)
    return found[0] if found else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
