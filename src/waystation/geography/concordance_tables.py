"""The facts the concordance stands on, read from the tables beside it."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from waystation.geography.countries import iso2_of

_FACTS = Path(__file__).with_name("concordance_facts")
_LANGUAGES = ("en", "fr", "es", "ar")

# Systems of concordance_facts/groups.tsv that are no aggregate of areas.
NOT_AGGREGATES = {"area", "former", "residual", "unknown", "stateless", "special"}
_EUROSTAT_APART = {"GRC", "GBR"}

# Names that producers write for groups, beside those of the table.
_GROUP_SPELLINGS = {
    "developed regions": "901",
    "developing regions": "902",
    "australia new zealand": "927",
    "africa eastern": "910",
    "southeast asia": "920",
    "latin america and caribbean": "904",
    "landlocked developing countries": "1636",
    "land locked developing countries": "1636",
    "small island developing states": "1637",
    "oceania excluding australia and new zealand": "1835",
    "high income countries": "1503",
    "central africa": "911",
    "european union 15 countries 1995 2004": "EU15",
    "european union 25 countries 2004 2006": "EU25",
    "eu27 countries 2007 2013 except reporting country": "EU27_FOR",
    "eu28 countries 2013 2020 except reporting country": "EU28_FOR",
    "eu27 countries from 2020 except reporting country": "EU27_2020_FOR",
    "non eu27 countries from 2020 nor reporting country": "NEU27_2020_FOR",
    "non eu28 countries 2013 2020 nor reporting country": "NEU28_FOR",
    "other": "2003",
    "other origins": "2003",
    "unknown origin": "XXX",
    "various unknown": "XXX",
    "unknown": "XXX",
    "total": "900",
    "world total": "900",
}
# Names of areas that `countries` leaves open or reads otherwise.
_AREA_SPELLINGS = {
    "british virgin islands": "VGB",
    "channel islands": "CHI",
    "congo rep": "COG",
    "congo dem rep": "COD",
    "egypt arab rep": "EGY",
    "faeroe islands": "FRO",
    "faroes": "FRO",
    "french southern and antarctic lands": "ATF",
    "saint helena ascension and tristan da cunha": "SHN",
    "bonaire saint eustatius and saba": "BES",
    "hong kong sar china": "HKG",
    "china hong kong sar": "HKG",
    "macao sar china": "MAC",
    "china macao sar": "MAC",
    "china taiwan province of china": "TWN",
    "taiwan china": "TWN",
    "iran islamic rep": "IRN",
    "korea rep": "KOR",
    "korea dem rep": "PRK",
    "korea dem people s rep": "PRK",
    "dem people s republic of korea": "PRK",
    "micronesia fed sts": "FSM",
    "micronesia fed states of": "FSM",
    "st martin french part": "MAF",
    "saint martin french part": "MAF",
    "st vincent and the grenadines": "VCT",
    "saint vincent and the grenadines": "VCT",
    "venezuela rb": "VEN",
    "virgin islands u s": "VIR",
    "united states virgin islands": "VIR",
    "yemen rep": "YEM",
    "west bank and gaza": "PSE",
    "bonaire sint eustatius and saba": "BES",
    "caribbean netherlands": "BES",
    "wallis and futuna islands": "WLF",
    "netherlands antilles": "ANT",
    "serbia and montenegro": "SCG",
    "kosovo under unsc res 1244": "XKX",
    "kosovo": "XKX",
    "soviet union": "SUN",
    "czechoslovakia": "CSK",
    "yugoslavia": "YUG",
    "german democratic republic": "DDR",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code of a scheme means, and the years in which it does; None is open."""

    scheme: str
    code: str
    area: str
    first: int | None = None
    last: int | None = None

    def holds(self, year: int) -> bool:
        """Return whether the code has this meaning in a year."""
        return (self.first is None or self.first <= year) and (
            self.last is None or year <= self.last
        )


@dataclass(frozen=True, slots=True)
class Event:
    """A day from which areas are others."""

    day: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    kind: str


@cache
def facts(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one table of facts, its lines of sources left out."""
    with (_FACTS / f"{name}.tsv").open(encoding="utf-8", newline="") as stream:
        lines = [line for line in stream if not line.startswith("#")]
    return tuple(csv.DictReader(lines, delimiter="\t", restval="", quoting=csv.QUOTE_NONE))


@cache
def areas() -> dict[str, dict[str, str]]:
    """Return each area that is, with its codes and groups."""
    return {row["area"]: row for row in facts("areas")}


@cache
def groups() -> dict[str, dict[str, str]]:
    """Return each aggregate, former area and special code, with its names."""
    return {row["code"]: row for row in facts("groups")}


@cache
def events() -> tuple[Event, ...]:
    """Return the splits and joins, by day."""
    return tuple(
        Event(r["day"], tuple(r["before"].split()), tuple(r["after"].split()), r["kind"])
        for r in facts("events")
    )


@cache
def meanings() -> dict[tuple[str, str], tuple[Meaning, ...]]:
    """Return what each (scheme, code) means, dated where it changed."""
    found: dict[tuple[str, str], list[Meaning]] = {}

    def add(scheme: str, code: str, area: str, first: str = "", last: str = "") -> None:
        if code:
            years = (int(first) if first else None, int(last) if last else None)
            found.setdefault((scheme, code), []).append(Meaning(scheme, code, area, *years))

    for row in facts("codes"):
        add(row["scheme"], row["code"], row["area"], row["from"], row["until"])
    for area, row in areas().items():
        for scheme, code in _codes_of_area(area, row).items():
            known = found.get((scheme, code), [])
            if not known or (code == area and all(m.area != area for m in known)):
                add(scheme, code, area)
    for code, row in groups().items():
        scheme, written = _scheme_of_group(code, row["system"])
        if scheme and (scheme, written) not in found:
            add(scheme, written, code)
    add("world_bank", "WLD", "900")
    add("eurostat", "WORLD", "900")
    return {key: tuple(value) for key, value in found.items()}


def _codes_of_area(area: str, row: dict[str, str]) -> dict[str, str]:
    iso2 = iso2_of(area) or ""
    codes = {"m49": row["m49"], "unhcr": row["unhcr"], "iso3": area, "world_bank": area}
    codes |= {"oecd": area, "iso2": iso2}
    return codes if area in _EUROSTAT_APART else codes | {"eurostat": iso2}


def _scheme_of_group(code: str, system: str) -> tuple[str, str]:
    """Return the scheme in which a group's code is written, and how."""
    if code.isdigit():
        return "m49", code
    if system.startswith("wb_"):
        return "world_bank", code.removeprefix("WB_")
    if system.startswith("eurostat"):
        return "eurostat", code
    return "", code


@cache
def areas_by_name() -> dict[str, str]:
    """Return the areas and groups by their folded names, in four languages.

    Where two groups share a name (Latin America and the Caribbean is a continent and a region
    of the Sustainable Development Goals) the first of the table is meant.
    """
    names: dict[str, str] = {}
    for code, row in groups().items():
        for language in _LANGUAGES:
            if row[language]:
                names.setdefault(folded(row[language]), code)
    for row in facts("labels"):
        names.update({folded(row[language]): row["area"] for language in _LANGUAGES})
    return names | _GROUP_SPELLINGS | _AREA_SPELLINGS


def folded(name: str) -> str:
    """Return a name in small letters, without accents, footnote marks and signs."""
    bare = unicodedata.normalize("NFKD", name.replace("*", " ").casefold())
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return re.sub(r"[^\w]+", " ", letters.replace("&", " and ")).strip()
