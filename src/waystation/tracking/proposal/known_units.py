"""Whether codes and names of a column are those of a country's units, whatever their prefix."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from waystation.geography.countries import country_by_prefix, iso2_of, iso3_of
from waystation.tracking.proposal.vocabulary import plain

_PREFIX = re.compile(r"([A-Z]{2,3})\d|([A-Z]{2})[A-Z]\d")
_LONGEST_NAME = 6  # words


@dataclass(frozen=True, slots=True)
class PlaceList:
    """The codes and names of one country's units, in a form that can be compared.

    Attributes:
        country: ISO 3166-1 alpha-3.
        codes: Codes without the letters of the country, by level.
        names: Names as joined small letters, by level.
        letters: What the codes of the list begin with.
    """

    country: str
    codes: dict[int, frozenset[str]]
    names: dict[int, frozenset[str]]
    letters: tuple[str, ...] = ()

    def code_shares(self, values: Iterable[str]) -> dict[int, float]:
        """Return the share of values that are codes of each level."""
        return _shares(
            [code_tail(value, self.country, self.letters) for value in values], self.codes
        )

    def name_shares(self, values: Iterable[str]) -> dict[int, float]:
        """Return the share of values that are names of each level."""
        return _shares([joined(value) for value in values], self.names)

    def deeper_share(self, values: Iterable[str]) -> float:
        """Return the share of values that begin with a code of the deepest level and go on."""
        deepest = max((level for level, known in self.codes.items() if known), default=0)
        lengths = {len(code) for code in self.codes.get(deepest, ())}
        tails = [code_tail(value, self.country, self.letters) for value in values]
        deeper = [
            tail
            for tail in tails
            if any(
                len(tail) > length and tail[:length] in self.codes[deepest]
                for length in lengths
            )
        ]
        return len(deeper) / len(tails) if tails else 0.0


def _shares(values: list[str], known: dict[int, frozenset[str]]) -> dict[int, float]:
    if not values:
        return {}
    return {
        level: sum(value in among for value in values) / len(values)
        for level, among in known.items()
        if level > 0
    }


def joined(name: str) -> str:
    """Return a name as small letters and digits without spaces, for comparison."""
    return re.sub(r"[\W_]+", "", plain(name))


def code_tail(code: str, country: str, also: Iterable[str] = ()) -> str:
    """Return a code in capitals without the country's letters: NG008 and NGA008 give 008.

    Args:
        code: As received.
        country: ISO 3166-1 alpha-3.
        also: Further letters that codes of the country begin with.
    """
    bare = re.sub(r"[^A-Z0-9]", "", code.upper())
    for prefix in (country, iso2_of(country), *also):
        if prefix and bare.startswith(prefix):
            return bare[len(prefix) :]
    return bare


def place_list(units: pl.DataFrame | None, country: str | None) -> PlaceList:
    """Return the units of a country for comparison; an empty list where none are known.

    Args:
        units: Shape ``Units``, or None.
        country: ISO 3166-1 alpha-3, or None.
    """
    if units is None or country is None:
        return PlaceList(country or "", {}, {})
    rows = units.filter((pl.col("country") == country) & (pl.col("level") > 0))
    letters = tuple(
        rows["code"]
        .str.extract(r"^([A-Za-z]{2,3})\d", 1)
        .str.to_uppercase()
        .drop_nulls()
        .unique()
    )
    names: dict[int, set[str]] = {}
    codes: dict[int, set[str]] = {}
    for level, code, name, others in rows.select("level", "code", "name", "names").rows():
        codes.setdefault(level, set()).add(code_tail(code, country, letters))
        names.setdefault(level, set()).update(joined(n) for n in (name, *(others or ())))
    return PlaceList(
        country,
        {level: frozenset(known) for level, known in codes.items()},
        {level: frozenset(known - {""}) for level, known in names.items()},
        letters,
    )


def country_named(value: str) -> str | None:
    """Return the country that a whole value names, by code or by name."""
    return iso3_of(value)


@lru_cache(maxsize=1_000)
def country_in(text: str) -> str | None:
    """Return the one country that a text names among other words, None for none or several."""
    words = [word for word in re.split(r"[\W_\d]+", text) if word]
    found: set[str] = set()
    at = 0
    while at < len(words):
        for size in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + size])
            # Short words are more often something else than the code of a country.
            if len(phrase) > 3 and (name := iso3_of(phrase)) is not None:
                found.add(name)
                at += size - 1
                break
        at += 1
    return found.pop() if len(found) == 1 else None


def country_of_codes(
    values: Iterable[str], letters_of: Mapping[str, str] | None = None
) -> str | None:
    """Return the country whose letters most place codes begin with.

    Args:
        values: Codes as received.
        letters_of: Country by the letters its list of units uses, beside those of ISO 3166.
    """
    counts: Counter[str] = Counter()
    total = 0
    listed = letters_of or {}
    for value in values:
        total += 1
        if start := _PREFIX.match(value.strip().upper()):
            country = listed.get(start[1] or start[2]) or country_by_prefix(start[0])
            counts.update([country] if country else [])
    if not counts:
        return None
    country, count = counts.most_common(1)[0]
    return country if count >= 0.6 * total else None


def letters_of_units(units: pl.DataFrame) -> dict[str, str]:
    """Return the country by the letters that its codes begin with in a list of units."""
    known = units.filter(pl.col("level") == 1).select(
        "country", letters=pl.col("code").str.extract(r"^([A-Za-z]+)", 1).str.to_uppercase()
    )
    pairs = known.drop_nulls().unique().rows()
    counts = Counter(letters for _, letters in pairs)
    return {letters: country for country, letters in pairs if counts[letters] == 1}


def country_of_names(units: pl.DataFrame, values: Iterable[str]) -> str | None:
    """Return the one country whose units most of some names are, None where not clear."""
    wanted = pl.DataFrame({"joined": sorted({joined(v) for v in values} - {""})})
    if wanted.height < 3:
        return None
    known = units.filter(pl.col("level") > 0).select(
        "country",
        joined=pl.col("name").str.normalize("NFKD").str.to_lowercase()
        .str.replace_all(r"[^\p{L}\p{N}]+", ""),
    )  # fmt: skip
    counts = (
        known.unique().join(wanted, on="joined", how="semi").group_by("country").len("hits")
    ).sort("hits", "country", descending=[True, False])
    if counts.height == 0 or counts["hits"][0] < 0.7 * wanted.height:
        return None
    if counts.height > 1 and counts["hits"][1] > 0.8 * counts["hits"][0]:
        return None
    return str(counts["country"][0])
