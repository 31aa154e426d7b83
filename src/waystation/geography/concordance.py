"""One code for each area of statistics: what producers' codes mean, and in which years.

Areas have the ISO 3166-1 alpha-3 code; areas that were have that of ISO 3166-3, or the code
that the literature gives them (SUD: Sudan with South Sudan). Aggregates have the location code
of the United Nations (900, 947), or that of the producer who alone publishes them (WB_EAS).
Whether a code is an aggregate is looked up, never told from its size.

Source:
    United Nations Statistics Division, M49; ISO 3166-1 and 3166-3; UN DESA, International
    Migrant Stock 2020, location codes; World Bank, Eurostat and UNHCR code lists; see the head
    of each table in ``concordance_facts``.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

import polars as pl

from waystation.errors import InvalidChoice, NotFound
from waystation.geography.concordance_tables import (
    NOT_AGGREGATES,
    areas,
    areas_by_name,
    events,
    facts,
    folded,
    groups,
    meanings,
)
from waystation.geography.countries import LANGUAGES, country_name, iso3_of
from waystation.geography.fictional_world import (
    fictional_meanings,
    fictional_name,
    made_up_regions,
)

_FITS_BADLY, _FITS_WELL = 0.8, 0.95
# Groups of one system that a second one has as well.
_ALSO = {"sdg": ("927",), "subregion": ("905",)}


class Scheme(StrEnum):
    """In which way a producer writes areas."""

    M49 = "m49"
    ISO2 = "iso2"
    ISO3 = "iso3"
    UNHCR = "unhcr"
    WORLD_BANK = "world_bank"
    EUROSTAT = "eurostat"
    OECD = "oecd"
    NAME = "name"


def area_of(code: str | None, scheme: str, year: int | None = None) -> str | None:
    """Return the area, aggregate or special code that a producer's code means.

    Args:
        code: As the producer writes it; M49 with or without leading zeros; for the scheme
            ``name``, a name in English, French, Spanish or Arabic. ``NA`` is Namibia.
        scheme: One of ``Scheme``.
        year: The year the figure is about. It decides where a code meant several areas (YUG,
            CS); without it the meaning of today, or the last one, is taken. A code that only
            ever meant one area means it in all years.

    Returns:
        The area's code, or None where the code is not known, or not in that year.

    Raises:
        InvalidChoice: If there is no such scheme.
    """
    _require_scheme(scheme)
    if code is None:
        return None
    written = code.strip()
    if scheme == Scheme.NAME:
        known_name = areas_by_name().get(folded(written)) or iso3_of(written)
        return known_name or fictional_meanings().get((scheme, written))
    if scheme == Scheme.M49:
        written = written.lstrip("0") if written != "019" else written
    known = meanings().get((scheme, written), ())
    if not known:
        return _own_code(written, scheme) or fictional_meanings().get((scheme, written))
    if len(known) == 1:
        return known[0].area
    if year is None:
        return max(known, key=lambda m: m.last or 9999).area
    holding = [meaning for meaning in known if meaning.holds(year)]
    return max(holding, key=lambda m: m.first or 0).area if holding else None


def areas_by_code(codes: pl.Series, scheme: str, years: pl.Series | None = None) -> pl.Series:
    """Return `area_of` each code of a column, in the same order and under the same name.

    Args:
        codes: Text.
        scheme: One of ``Scheme``.
        years: Whole numbers of the same length, or None.
    """
    pairs = pl.DataFrame({"code": codes.cast(pl.String)})
    distinct = pairs["code"].drop_nulls().unique()
    if years is None or not _depend_on_year(distinct, scheme):
        found = [area_of(code, scheme) for code in distinct]
        areas_found = pl.Series(found, dtype=pl.String)
        answer = pairs["code"].replace_strict(distinct, areas_found, default=None)
        return answer.cast(pl.String).alias(codes.name)
    pairs = pairs.with_columns(year=years.cast(pl.Int64))
    known = pairs.drop_nulls("code").unique()
    found = [area_of(code, scheme, year) for code, year in known.iter_rows()]
    known = known.with_columns(area=pl.Series(found, dtype=pl.String))
    joined = pairs.join(known, on=["code", "year"], how="left", nulls_equal=True)
    return joined["area"].alias(codes.name)


def fitting_scheme(codes: pl.Series, stated: str) -> str:
    """Return the scheme that codes are of: the one stated, unless another clearly fits.

    ISO codes are often passed on as those of UNHCR; AUS is Austria in one, Australia in the
    other, so that the wrong scheme moves people between countries without a word. Another
    scheme is taken where the stated one knows less than four fifths of the codes, and the
    other all but one in twenty.

    Raises:
        InvalidChoice: If there is no such scheme.
    """
    _require_scheme(stated)
    distinct = codes.drop_nulls().unique().cast(pl.String)
    if not len(distinct) or _share_known(distinct, stated) >= _FITS_BADLY:
        return stated
    best = max(Scheme, key=lambda scheme: _share_known(distinct, scheme))
    return best if _share_known(distinct, best) >= _FITS_WELL else stated


def code_of(area: str, scheme: str) -> str | None:
    """Return the code in a scheme that means an area today, or None where it has none.

    Raises:
        InvalidChoice: If there is no such scheme, or it is that of names.
    """
    _require_scheme(scheme)
    return _codes_by_area().get((scheme, area))


def kind_of(area: str) -> str | None:
    """Return what a code of an area is.

    Returns:
        "area", "former", "world", "continent", "subregion", "sdg", "development", "income",
        "wb_region", "eurostat", "iom_region", "un_other", "wb_other", "eurostat_other",
        "heading", "residual", "unknown", "stateless", "special", or "made_up_region" of the
        exercise; None where it is not known.
    """
    if area in groups():
        return groups()[area]["system"]
    if area in areas():
        return "area"
    if area in made_up_regions():
        return "made_up_region"
    return "area" if fictional_name(area) else None


def is_aggregate(area: str) -> bool:
    """Return whether a code is a sum of areas: a region, a group, the world, a heading.

    The Channel Islands (CHI) are an area, "Others" (2003) a part of the world's total.
    """
    kind = kind_of(area)
    return kind is not None and kind not in NOT_AGGREGATES


def aggregates() -> tuple[str, ...]:
    """Return the codes of all aggregates, for columns: ``pl.col("area").is_in(...)``."""
    return (*(code for code in groups() if is_aggregate(code)), *made_up_regions())


def members_of(aggregate: str) -> tuple[str, ...]:
    """Return the areas an aggregate is made of, sorted.

    Income groups are those of the World Bank as the 2020 revision of the International Migrant
    Stock uses them; they change every year. Members of some groups are not known here
    (economic and political ones of the World Population Prospects): they have none.

    Raises:
        NotFound: If the code is no aggregate.
    """
    if not is_aggregate(aggregate):
        raise NotFound(what="aggregate", name=aggregate)
    return made_up_regions().get(aggregate) or tuple(sorted(_members(aggregate)))


def membership(system: str) -> pl.DataFrame:
    """Return which aggregate of a system each area belongs to: ``aggregate``, ``area``.

    Raises:
        InvalidChoice: If no aggregate is of that system.
    """
    codes = [code for code in aggregates() if kind_of(code) == system]
    codes += _ALSO.get(system, ())
    if not codes:
        systems = sorted({row["system"] for row in groups().values()} - NOT_AGGREGATES)
        raise InvalidChoice(value=system, option="system", choices=", ".join(systems))
    rows = [(code, area) for code in codes for area in members_of(code)]
    return pl.DataFrame(rows, schema=["aggregate", "area"], orient="row")


def area_name(area: str, language: str = "en") -> str | None:
    """Return the neutral name of an area, aggregate or special code.

    As the United Nations name it where CLDR differs; in English where a language has none.

    Raises:
        InvalidChoice: If the language is not one of en, fr, es, ar.
    """
    if language not in LANGUAGES:
        raise InvalidChoice(value=language, option="language", choices=", ".join(LANGUAGES))
    own = _labels().get(area) or groups().get(area)
    if own:
        return own[language] or own["en"]
    return country_name(area, language) or fictional_name(area, language)


def area_names() -> pl.DataFrame:
    """Return every code: ``area``, ``kind``, ``is_aggregate``, and its name by language."""
    rows = [
        (code, kind_of(code), is_aggregate(code), *(area_name(code, x) for x in LANGUAGES))
        for code in sorted({*areas(), *groups()})
    ]
    return pl.DataFrame(rows, schema=["area", "kind", "is_aggregate", *LANGUAGES], orient="row")


def existed(area: str, year: int) -> bool:
    """Return whether statistics of a year could know an area apart.

    A year counts from the one in which the area came to be, up to the one in which it ceased:
    South Sudan from 2011, Czechoslovakia until 1992.
    """
    since = areas().get(area, {}).get("since", "")
    if since:
        return year >= int(since)
    ends = [e for e in events() if area in e.before and e.kind in {"split", "joined"}]
    return all(year <= _last_year(event.day) for event in ends)


def first_years() -> dict[str, int]:
    """Return, for each area that statistics did not always know apart, its first year."""
    return {area: int(row["since"]) for area, row in areas().items() if row["since"]}


def successors_of(area: str) -> tuple[str, ...]:
    """Return the areas that an area became, or that left it, sorted; empty if none."""
    return tuple(sorted({a for e in events() if area in e.before for a in e.after}))


def predecessors_of(area: str) -> tuple[str, ...]:
    """Return the areas that an area was made of or part of, sorted; empty if none."""
    return tuple(sorted({b for e in events() if area in e.after for b in e.before}))


def concordance() -> pl.DataFrame:
    """Return all codes: ``scheme``, ``code``, ``area``, ``first_year``, ``last_year``."""
    rows = [
        (m.scheme, m.code, m.area, m.first, m.last) for ms in meanings().values() for m in ms
    ]
    schema = {
        "scheme": pl.String, "code": pl.String, "area": pl.String,
        "first_year": pl.Int64, "last_year": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort("scheme", "code", "first_year")


def area_events() -> pl.DataFrame:
    """Return splits and joins: ``day``, ``before``, ``after`` (lists), ``kind``."""
    return pl.DataFrame(
        {
            "day": [event.day for event in events()],
            "before": [list(event.before) for event in events()],
            "after": [list(event.after) for event in events()],
            "kind": [event.kind for event in events()],
        }
    ).with_columns(pl.col("day").str.to_date())


def _require_scheme(scheme: str) -> None:
    if scheme not in tuple(Scheme):
        raise InvalidChoice(value=scheme, option="scheme", choices=", ".join(Scheme))


def _share_known(codes: pl.Series, scheme: str) -> float:
    known = sum(area_of(code, scheme) is not None for code in codes)
    return known / len(codes)


def _own_code(written: str, scheme: str) -> str | None:
    """Return a code of our own written as such: EU28, WB_EAS, 2003, SUD, made-up XAA."""
    if scheme == Scheme.ISO3:
        return (
            written if written in groups() else iso3_of(written) if len(written) == 3 else None
        )
    return written if scheme == Scheme.OECD and written in groups() else None


def _depend_on_year(codes: pl.Series, scheme: str) -> bool:
    return any(len(meanings().get((scheme, code.strip()), ())) > 1 for code in codes)


def _last_year(day: str) -> int:
    """Return the last year known by the old name: a day in January closes the year before."""
    year = int(day[:4])
    return year - 1 if day[5:] == "01-01" else year


@cache
def _labels() -> dict[str, dict[str, str]]:
    return {row["area"]: row for row in facts("labels")}


@cache
def _codes_by_area() -> dict[tuple[str, str], str]:
    """Return one code for each (scheme, area): the one used today, the plainest first."""
    found: dict[tuple[str, str], str] = {}
    for (scheme, code), known in meanings().items():
        for meaning in known:
            if meaning.last is None or meaning.area not in areas():
                found.setdefault((scheme, meaning.area), code)
    for area, row in areas().items():
        for scheme, value in (("m49", row["m49"]), ("unhcr", row["unhcr"])):
            if value:
                found[scheme, area] = value
        for scheme in ("iso3", "world_bank", "oecd"):
            found[scheme, area] = area
    found |= {("m49", code): code for code in groups() if code.isdigit()}
    found |= {("iso3", code): code for code in groups() if ("iso3", code) in meanings()}
    return found


@cache
def _members(code: str) -> frozenset[str]:
    """Return the areas of a group, by the words of its ``members``."""
    found: set[str] = set()
    for word in groups()[code]["members"].split():
        if word.startswith("-"):
            found.discard(word[1:])
        elif "=" in word:
            column, value = word.split("=")
            found |= {a for a, row in areas().items() if row[column] == value}
        elif word in groups() and is_aggregate(word):
            found |= _members(word)
        else:
            found.add(word)
    return frozenset(found)
