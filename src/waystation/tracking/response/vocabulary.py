"""Sectors, statuses and headings as response tables write them, in four languages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_SIGNS = re.compile(r"[^\w]+|_+")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ـ": ""})
_LIST = re.compile(r"\s*(?:[;,|\n/+&]|\s(?:and|et|y)\s|\sو(?=\S))\s*")
_BELOW = re.compile(r"\s+[-–—]\s+|[:(>\[]")


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector of a response.

    Attributes:
        code: Its code.
        labels: Its name by language.
        needs: Categories of the dictionary's needs that it answers; without any, the matrix
            does not ask about it.
    """

    code: str
    labels: dict[str, str]
    needs: tuple[str, ...]

    def label(self, language: str = "en") -> str:
        """Return its name in a language, in English where it has none."""
        return self.labels.get(language) or self.labels["en"]


def plain(text: str) -> str:
    """Return a text as vocabulary is compared: no case, accents, signs or doubled spaces."""
    decomposed = unicodedata.normalize("NFKD", text.replace("œ", "oe").translate(_ARABIC))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _SIGNS.sub(" ", letters.translate(_ARABIC).casefold()).strip()


@cache
def _content() -> dict[str, Any]:
    from ruamel.yaml import YAML

    text = files("waystation.tracking.response").joinpath("vocabulary.yaml").read_text("utf-8")
    content: dict[str, Any] = YAML(typ="safe").load(text)
    return content


@cache
def sectors() -> dict[str, Sector]:
    """Return every sector by code: those that needs are asked for first."""
    found = [
        Sector(code=code, labels=entry["label"], needs=tuple(entry["needs"]))
        for code, entry in _content()["sectors"].items()
    ]
    return {sector.code: sector for sector in sorted(found, key=lambda s: not s.needs)}


@cache
def sector_of_need() -> dict[str, str]:
    """Return the sector that answers each category of need; some have none."""
    return {need: sector.code for sector in sectors().values() for need in sector.needs}


@cache
def _sector_aliases() -> dict[str, str]:
    return {
        plain(str(alias)): code
        for code, entry in _content()["sectors"].items()
        for alias in (code, *entry["label"].values(), *entry["aliases"])
    }


@cache
def _around() -> re.Pattern[str]:
    words = sorted({plain(str(w)) for w in _content()["sector_words"]}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")


def sectors_of_text(text: str) -> tuple[str, ...]:
    """Return the sectors that a cell names; none where one of a list is not known.

    A list ("Shelter/NFI; WASH") names several. What stands below a sector ("Protection - child
    protection", "Health: clinics") belongs to it, known or not.
    """
    whole = _one_sector(text)
    if whole:
        return (whole,)
    parts = [part for part in _LIST.split(text) if part.strip()]
    if len(parts) > 1:
        found = [sector for part in parts for sector in _sectors_of_part(part)]
        known = all(_sectors_of_part(part) for part in parts)
        return tuple(dict.fromkeys(found)) if known else _sectors_of_part(text)
    return _sectors_of_part(text)


def _sectors_of_part(text: str) -> tuple[str, ...]:
    parts = [p for p in (_one_sector(part) for part in _BELOW.split(text)[:1]) if p]
    return tuple(parts) or tuple(s for s in (_one_sector(text),) if s)


def _one_sector(text: str) -> str | None:
    words = plain(text)
    found = _sector_aliases().get(words)
    return found or _sector_aliases().get(" ".join(_around().sub(" ", words).split()))


@cache
def _status_aliases() -> dict[str, str]:
    return {
        plain(str(alias)): code
        for code, aliases in _content()["statuses"].items()
        for alias in (code, *aliases)
    }


def status_of_text(text: str) -> str | None:
    """Return ongoing, planned, completed or suspended; None where a word is not known."""
    return _status_aliases().get(plain(text))


@cache
def _heading_aliases() -> dict[str, str]:
    return {
        plain(str(alias)): field
        for field, aliases in _content()["headings"].items()
        for alias in aliases
    }


@cache
def _unit_words() -> dict[str, int]:
    return {
        plain(str(word)): int(depth)
        for depth, words in _content()["unit_words"].items()
        for word in words
    }


@cache
def _contact() -> re.Pattern[str]:
    words = sorted({plain(str(w)) for w in _content()["contact_words"]}, key=len, reverse=True)
    return re.compile(rf"(?:^|\s)(?:{'|'.join(map(re.escape, words))})(?:$|\s)")


def is_everywhere(text: str) -> bool:
    """Say whether a place's cell means the whole country."""
    return plain(text) in {plain(str(word)) for word in _content()["everywhere"]}


def is_about_contacts(heading: str) -> bool:
    """Say whether a column holds names, numbers or addresses of people to turn to."""
    return _contact().search(plain(heading)) is not None and not is_a_figure(heading)


def is_a_figure(heading: str) -> bool:
    """Say whether a column is known to count people."""
    return _heading_aliases().get(plain(heading)) == "reached"


def field_of_heading(heading: str) -> str | None:
    """Return the field that a heading names; None for others, and for contacts always."""
    if is_about_contacts(heading):
        return None
    words = plain(heading)
    without_brackets = plain(re.sub(r"[(\[（].*?[)\]）]|\*", " ", heading))
    return _heading_aliases().get(words) or _heading_aliases().get(without_brackets)


def depth_of_heading(heading: str) -> int | None:
    """Return how far down a unit's word usually stands, 1 to 3; None for other headings."""
    words = plain(re.sub(r"[(\[].*?[)\]]|\*", " ", heading))
    for ending in (" name", " nom", " nombre", " where"):
        words = words.removesuffix(ending)
    words = re.sub(
        r"^(?:name of|nom de l|nom de la|nom du|nombre del|nombre de|اسم) ", "", words
    )
    return _unit_words().get(words)


def field_of_tag(tag: str) -> str | None:
    """Return the field that an HXL tag names."""
    base, *more = tag.strip().lower().replace(" ", "").split("+")
    attributes = set(more)
    if "contact" in base or attributes & {"email", "phone", "contact"}:
        return None
    if base in ("#adm1", "#adm2"):
        return f"admin{base[-1]}_{'code' if 'code' in attributes else 'name'}"
    if base == "#org":
        return _field_of_org(attributes)
    if base == "#date":
        return {"start": "starts_on", "end": "ends_on"}.get(
            next(iter(attributes & {"start", "end"}), "")
        )
    if base == "#sector":
        return None if attributes & {"sub", "code"} else "sector"
    return {"#status": "status", "#reached": "reached"}.get(base)


def _field_of_org(attributes: set[str]) -> str | None:
    if attributes & {"funder", "donor"}:
        return None
    if "acronym" in attributes:
        return "acronym"
    if "type" in attributes:
        return "organisation_type"
    return "implementing" if attributes & {"impl", "partner"} else "organisation"
