"""The areas of a world that does not exist: their codes in every scheme, and their names.

Codes and names are the same for every exercise, so that a page can name an area by its code.
ISO 3166-1 alpha-3: user-assigned codes from XAA on; left out are those in use somewhere (XKX,
XWS, XXA and all of XX, those of passports). M49: areas have 9001 to 9229 and regions 9901 to
9906; of the location codes of the United Nations none is known above 5501. UNHCR: two areas in
five have a code of their own, from QMA on, which is not their ISO code. Eurostat: the ISO code
of three letters, there being too few free ones of two. No name means a country that exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from waystation.geography.countries import LANGUAGES, iso3_of
from waystation.geography.fictional import PlaceName, invented_names

MOST_AREAS = 229
REGIONS = 6
FIRST_M49, FIRST_REGION_M49 = 9001, 9901
_IN_USE = frozenset(
    {"XBA", "XCC", "XCE", "XCO", "XCT", "XDC", "XEC", "XES", "XIM", "XKX", "XMP", "XOM"}
    | {"XPO", "XWS"}
)
_SEED = 20261124
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SPANISH = (
    ("gué", "gué"), ("ou", "u"), ("ç", "z"), ("î", "í"), ("â", "á"), ("dj", "y"), ("sh", "ch"),
)  # fmt: skip
_REPUBLIC = ("Republic of {}", "République de {}", "República de {}", "جمهورية {}")
_ISLANDS = ("{} Islands", "Îles {}", "Islas {}", "جزر {}")


@dataclass(frozen=True, slots=True)
class FictionalRegion:
    """A region of the made-up world.

    Attributes:
        m49: Its location code, 9901 to 9906.
        names: In English, French, Spanish and Arabic.
    """

    m49: str
    names: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class FictionalArea:
    """An area of the made-up world.

    Attributes:
        iso3: User-assigned alpha-3 code.
        m49: Location code of the manner of the United Nations, 9001 to 9229.
        unhcr: Code of the manner of UNHCR.
        region: Position of its region, from 0.
        is_island: It has no land border.
        names: In English, French, Spanish and Arabic.
        world_bank_name: In English, in the manner of the World Bank ("Keradé, Rep.").
    """

    iso3: str
    m49: str
    unhcr: str
    region: int
    is_island: bool
    names: tuple[str, str, str, str]
    world_bank_name: str


@cache
def fictional_regions() -> tuple[FictionalRegion, ...]:
    """Return the six regions."""
    names = _places()[MOST_AREAS:]
    return tuple(
        FictionalRegion(str(FIRST_REGION_M49 + i), _in_languages(n))
        for i, n in enumerate(names)
    )


@cache
def fictional_areas(count: int = MOST_AREAS) -> tuple[FictionalArea, ...]:
    """Return the first areas, at most 229; an area is the same however many are asked for."""
    return tuple(
        _area(rank, code, place)
        for rank, (code, place) in enumerate(zip(_codes(count), _places(), strict=False))
    )


@cache
def fictional_meanings() -> dict[tuple[str, str], str]:
    """Return what each code or name of a scheme means, for concordances.

    Keys are a scheme (iso3, oecd, eurostat, world_bank, m49, unhcr, name) and a code; names
    are those of all four languages and of the World Bank, as written. Values are the alpha-3
    code of an area, or the location code of a region.
    """
    found: dict[tuple[str, str], str] = {}
    for region in fictional_regions():
        found["m49", region.m49] = region.m49
        found |= {("name", name): region.m49 for name in region.names}
    for area in fictional_areas():
        for scheme in ("iso3", "oecd", "eurostat", "world_bank"):
            found[scheme, area.iso3] = area.iso3
        found["m49", area.m49] = area.iso3
        found["unhcr", area.unhcr] = area.iso3
        for name in (*area.names, area.world_bank_name):
            found["name", name] = area.iso3
    return found


@cache
def made_up_regions() -> dict[str, tuple[str, ...]]:
    """Return the areas of each region, by the region's location code."""
    codes = _codes(MOST_AREAS)
    return {
        str(FIRST_REGION_M49 + region): tuple(sorted(codes[region::REGIONS]))
        for region in range(REGIONS)
    }


def fictional_name(code: str, language: str = "en") -> str | None:
    """Return the name of a made-up area (alpha-3) or region (location code).

    Args:
        code: e.g. XAA, or 9901.
        language: One of en, fr, es, ar.

    Returns:
        Its name, or None where there is no such area, or no name in that language.
    """
    names = _names().get(code)
    return names[LANGUAGES.index(language)] if names and language in LANGUAGES else None


@cache
def _names() -> dict[str, tuple[str, str, str, str]]:
    areas = {area.iso3: area.names for area in fictional_areas()}
    return areas | {region.m49: region.names for region in fictional_regions()}


def _area(rank: int, code: str, place: PlaceName) -> FictionalArea:
    is_island = rank % 8 == 7
    plain = _in_languages(place)
    form = _ISLANDS if is_island else _REPUBLIC if rank % 8 in {1, 4} else ("{}",) * 4
    bank = f"{place.plain}, Rep." if form is _REPUBLIC else form[0].format(place.plain)
    english, french, spanish, arabic = (
        words.format(name) for words, name in zip(form, plain, strict=True)
    )
    return FictionalArea(
        iso3=code,
        m49=str(FIRST_M49 + rank),
        unhcr=_unhcr(rank) if rank % 5 in {1, 3} else code,
        region=rank % REGIONS,
        is_island=is_island,
        names=(english, french, spanish, arabic),
        world_bank_name=bank,
    )


def _codes(count: int) -> list[str]:
    codes = (f"X{a}{b}" for a in _LETTERS if a != "X" for b in _LETTERS)
    return [code for code in codes if code not in _IN_USE][:count]


def _unhcr(rank: int) -> str:
    return f"Q{_LETTERS[12 + rank // 26]}{_LETTERS[rank % 26]}"


def _in_languages(place: PlaceName) -> tuple[str, str, str, str]:
    spanish = place.latin.lower()
    for sounds, letters in _SPANISH:
        spanish = spanish.replace(sounds, letters)
    return place.plain, place.latin, spanish.capitalize(), place.arabic


@cache
def _places() -> tuple[PlaceName, ...]:
    rng = np.random.default_rng(_SEED)
    made = invented_names(MOST_AREAS + REGIONS + 20, rng, syllables=(2, 4), likeness=76)
    unknown = [p for p in made if not any(iso3_of(name) for name in _in_languages(p))]
    return tuple(unknown[: MOST_AREAS + REGIONS])
