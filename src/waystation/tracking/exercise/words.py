"""Invented names of places, in Latin letters with accents and in Arabic."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

SYLLABLES = (
    ("ba", "با"), ("kou", "كو"), ("dé", "دي"), ("ra", "را"), ("mi", "مي"), ("ton", "تون"),
    ("sa", "سا"), ("lé", "لي"), ("gou", "غو"), ("ma", "ما"), ("ndi", "ندي"), ("fo", "فو"),
    ("ré", "ري"), ("ki", "كي"), ("za", "زا"), ("bou", "بو"), ("té", "تي"), ("na", "نا"),
    ("li", "لي"), ("wa", "وا"), ("doum", "دوم"), ("ché", "شي"), ("ro", "رو"), ("ga", "غا"),
    ("sî", "سي"), ("mou", "مو"), ("dar", "دار"), ("lo", "لو"), ("bé", "بي"), ("tu", "تو"),
    ("ha", "ها"), ("rim", "ريم"), ("jo", "جو"), ("kal", "كال"), ("fa", "فا"), ("nou", "نو"),
    ("ti", "تي"), ("yâ", "يا"), ("sen", "سن"), ("ço", "سو"), ("mbi", "مبي"), ("lua", "لوا"),
    ("dja", "جا"), ("ker", "كير"), ("zi", "زي"), ("gué", "غي"), ("shâ", "شا"), ("vo", "فو"),
)  # fmt: skip
SIDES = (
    ("North", "Nord", "شمال"),
    ("South", "Sud", "جنوب"),
    ("East", "Est", "شرق"),
    ("West", "Ouest", "غرب"),
)


@dataclass(frozen=True, slots=True)
class PlaceName:
    """One invented name: as the field writes it, without accents, and in Arabic."""

    latin: str
    plain: str
    arabic: str


def without_accents(text: str) -> str:
    """Return the text with accents removed, e.g. ``Kedara`` for ``Kédara``."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if not unicodedata.combining(c))


def invented_names(
    count: int, rng: np.random.Generator, *, syllables: tuple[int, int], likeness: float = 100
) -> list[PlaceName]:
    """Return distinct invented names.

    Args:
        count: How many.
        rng: Where chance comes from.
        syllables: Fewest and most syllables.
        likeness: No two names are as alike as this, 0 to 100; 100 refuses equal ones only.
    """
    from rapidfuzz import fuzz, process

    names: list[PlaceName] = []
    seen: list[str] = []
    known: set[str] = set()
    while len(names) < count:
        length = int(rng.integers(syllables[0], syllables[1] + 1))
        chosen = [SYLLABLES[i] for i in rng.integers(0, len(SYLLABLES), length)]
        latin = "".join(s[0] for s in chosen).capitalize()
        plain = without_accents(latin)
        too_like = plain in known or (
            likeness < 100
            and process.extractOne(plain, seen, scorer=fuzz.ratio, score_cutoff=likeness)
        )
        if too_like:
            continue
        known.add(plain)
        seen.append(plain)
        names.append(PlaceName(latin, plain, "".join(s[1] for s in chosen)))
    return names


def category_name(text: str) -> str:
    """Return a name as a category of an open dimension: small letters and underscores."""
    return without_accents(text).lower().replace(" ", "_")


def misspelt(name: str, rng: np.random.Generator) -> str:
    """Return a name with two letters exchanged, or one doubled, dropped or replaced."""
    at = int(rng.integers(1, max(2, len(name) - 1)))
    kind = int(rng.integers(0, 3))
    if kind == 0 and at + 1 < len(name) and name[at] != name[at + 1]:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind == 1 and len(name) > 5:
        return name[:at] + name[at + 1 :]
    return name[:at] + name[at] + name[at:]


def folder_name(text: str) -> str:
    """Return a name as it stands in a file name: plain letters and hyphens."""
    return without_accents(text).lower().replace(" ", "-")
