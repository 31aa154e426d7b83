"""UNHCR, Refugee Data Finder: population, asylum, solutions, UNRWA, flows, from its files.

Files of the site, of its API and of the R package ``refugees`` are read. UNHCR's own codes are
not ISO 3166 (GFR is Germany, CHI China): codes stay as given, and ``Clean.areas`` has both.

Source:
    UNHCR, Refugee Data Finder, methodology and data notes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from waystation.errors import UnknownLayout
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.raw import received_source
from waystation.statistics.sources.observed import (
    BEFORE_START,
    NOT_AVAILABLE,
    areas,
    clean,
    observations,
    start_years,
)
from waystation.statistics.sources.received import (
    Received,
    figure,
    findings_at,
    has_headings,
    read_received,
    unreadable_cells,
    whole_year,
    without_year,
)
from waystation.statistics.sources.unhcr_forms import (
    APPLICATIONS,
    DECISIONS,
    FLOWS,
    POPULATION,
    SOLUTIONS,
    UNRWA,
    Form,
)

PRODUCER = "United Nations High Commissioner for Refugees (UNHCR)"
LICENCE = "CC BY 4.0"
ROUNDED_UP = 5
"""Counts of 1 to 4 are shown as 5 to protect people, so that sums lie too high."""

_SMALL = "counts of 1 to 4 are shown as 5"
_FALL_FROM = 100_000
_END_OF_YEAR_APPEARS = (6, 15)
_YEAR = ("year", "Year")
_ORIGIN = ("coo", "orig", "origin")
_ORIGIN_ISO = ("coo_iso", "Country of origin (ISO)", "Country of Origin ISO")
_ORIGIN_NAME = ("coo_name", "Country of origin", "Country of Origin")
_ASYLUM = ("coa", "dest", "asylum")
_ASYLUM_ISO = ("coa_iso", "Country of asylum (ISO)", "Country of Asylum ISO")
_ASYLUM_NAME = ("coa_name", "Country of asylum", "Country of Asylum")
_PLACES = {
    "year": _YEAR, "coo": _ORIGIN, "coo_iso": _ORIGIN_ISO, "coo_name": _ORIGIN_NAME,
    "coa": _ASYLUM, "coa_iso": _ASYLUM_ISO, "coa_name": _ASYLUM_NAME,
}  # fmt: skip
STATELESS = ("XXA", "STA")
"""Codes of the origin that stateless people have."""


def read_form(path: Path, form: Form) -> Clean:
    """Return a table of the Refugee Data Finder as clean figures.

    ``area`` is the country of asylum, ``counterpart`` that of origin. A zero from before a
    measure was collected is not reported; "-" is not available. A figure of 5 may stand for 1
    to 4 people: ``low`` is 1. IDPs and returned IDPs have rows for their own country, stateless
    people for no origin; elsewhere a zero says nothing and has no row.

    Args:
        path: A csv, xlsx or JSON file, packed by gzip or not.
        form: The table that it is.

    Raises:
        UnknownLayout: If columns are absent.
        UnreadableFile: If it is a web page, cut short or damaged.
    """
    received = read_received(
        path,
        {**_PLACES, **form.measures, **form.breakdowns},
        required=["year", *form.required],
        layout=form.title,
    )
    received, placeless = with_places(received, path)
    source = received_source(
        path, producer=PRODUCER, title=form.title, licence=LICENCE, version=""
    )
    long = _long(received.rows, form, source.retrieved)
    found = [
        placeless,
        unreadable_cells(received, form.measures),
        without_year(received),
        _at_home(received, form),
        _misplaced(received, form),
        *_falls(received, form),
    ]
    return clean(
        observations(long),
        area_names(received.rows),
        found,
        source,
    )


def places() -> dict[str, tuple[str, ...]]:
    """Return the headings of year, origin and asylum by role."""
    return dict(_PLACES)


def with_places(received: Received, path: Path) -> tuple[Received, pl.DataFrame]:
    """Return the rows with ``area`` and ``counterpart``, and findings on those without.

    The two are UNHCR codes where the file has them, else ISO codes, else names.

    Raises:
        UnknownLayout: If the file names no country of asylum.
    """
    rows = received.rows
    chosen = {}
    for column, side in (("area", "coa"), ("counterpart", "coo")):
        names = [n for n in (side, f"{side}_iso", f"{side}_name") if rows[n].count()]
        if not names:
            raise UnknownLayout(
                file=path.name,
                reason=f"it has no column {side}, {side}_iso or {side}_name",
                action="Download it with countries of origin and asylum",
            )
        chosen[column] = pl.coalesce(names)
    named = rows.with_columns(**chosen)
    is_placed = pl.col("area").is_not_null()
    without = findings_at(
        received, named.filter(~is_placed), "STA-202", "no country of asylum", column="area"
    )
    return replace(received, rows=named.filter(is_placed)), without


def area_names(rows: pl.DataFrame) -> pl.DataFrame:
    """Return code, name and ISO code of the countries of origin and asylum."""
    sides = [
        rows.select(code=code, name=f"{side}_name", iso3=f"{side}_iso")
        for code, side in (("area", "coa"), ("counterpart", "coo"))
    ]
    has_own = rows["coa"].count() > 0
    if not has_own and rows["coa_iso"].count():
        sides = [side.with_columns(iso3="code") for side in sides]
    known = areas(*sides, system="unhcr" if has_own else "iso3")
    real = pl.col("iso3").str.contains(r"^[A-Z]{3}$") & ~pl.col("iso3").is_in(
        ["UNK", "XXA", "UKN", "STA"]
    )
    return known.with_columns(iso3=pl.when(real).then(pl.col("iso3")))


def flagged(long: pl.DataFrame) -> pl.DataFrame:
    """Return figures with ``value``, ``flag``, ``low``, ``high`` and ``note`` set.

    Expects ``cell`` (text), ``measure`` and ``year``.
    """
    starts = start_years("unhcr")
    start = pl.col("measure").replace_strict(starts, default=0, return_dtype=pl.Int64)
    number = figure("cell")
    is_early = (number == 0) & (pl.col("year") < start)
    is_small = number == ROUNDED_UP
    return long.with_columns(
        value=pl.when(~is_early).then(number),
        flag=pl.when(is_small).then(pl.lit("estimated")).otherwise(pl.lit("observed")),
        low=pl.when(is_small).then(1.0),
        high=pl.when(is_small).then(float(ROUNDED_UP)),
        note=pl.when(is_early).then(pl.lit(BEFORE_START))
        .when(number.is_null()).then(pl.lit(NOT_AVAILABLE))
        .when(is_small).then(pl.lit(_SMALL)),
    )  # fmt: skip


def period_of(stocks: tuple[str, ...], retrieved: dt.date | None) -> pl.Expr:
    """Return the period: 31 December for what is counted then, else the year.

    Figures of the end of a year appear in June of the next; what was received before is of 30
    June. Of a file given by hand the day is not known, and its last year counts as whole.
    """
    year = pl.col("year").cast(pl.String)
    is_stock = pl.col("measure").is_in(list(stocks))
    day = pl.lit("-12-31")
    if retrieved is not None:
        is_out = (retrieved.month, retrieved.day) >= _END_OF_YEAR_APPEARS
        last_whole = retrieved.year - (1 if is_out else 2)
        day = pl.when(pl.col("year") > last_whole).then(pl.lit("-06-30")).otherwise(day)
    return pl.when(is_stock).then(year + day).otherwise(year)


def breakdown_of(dimensions: Mapping[str, object]) -> pl.Expr:
    """Return the further dimensions of a row as "name=code; name=code"."""
    if not dimensions:
        return pl.lit(None, pl.String)
    parts = [pl.format("{}={}", pl.lit(name), pl.col(name)) for name in dimensions]
    return pl.concat_str(parts, separator="; ", ignore_nulls=True)


def _long(rows: pl.DataFrame, form: Form, retrieved: dt.date | None) -> pl.DataFrame:
    rows = rows.with_columns(year=whole_year("year")).filter(pl.col("year").is_not_null())
    unit = pl.lit("persons")
    if form.cases:
        unit = pl.when(pl.col(form.cases) == "C").then(pl.lit("cases")).otherwise(unit)
    kept = rows.with_columns(breakdown=breakdown_of(form.breakdowns), unit=unit)
    present = [m for m in form.measures if rows[m].count() or m in form.required]
    long = kept.unpivot(
        present,
        index=["year", "area", "counterpart", "breakdown", "unit", "row_number"],
        variable_name="measure",
        value_name="cell",
    )
    # In these tables a cell can only be filled on some rows; a zero elsewhere says nothing.
    own = pl.col("measure").is_in(["idps_unhcr", "returned_idps"])
    none = pl.col("measure") == "stateless"
    is_filled = figure("cell").fill_null(0) != 0
    is_home = pl.col("area") == pl.col("counterpart")
    can_be = (~own | is_home | is_filled) & (
        ~none | pl.col("counterpart").is_in(list(STATELESS)) | is_filled
    )
    if form is FLOWS or form is SOLUTIONS:  # blank where the pair has none of the kind
        can_be = can_be & pl.col("cell").is_not_null()
    return flagged(long.filter(can_be)).with_columns(
        dataset=pl.lit(form.dataset), period=period_of(form.stocks, retrieved)
    )


def _at_home(received: Received, form: Form) -> pl.DataFrame:
    rows = received.rows
    columns = [m for m in ("refugees", "asylum_seekers") if m in form.measures]
    filled = pl.any_horizontal(pl.lit(False), *(figure(m) > 0 for m in columns))
    home = rows.filter((pl.col("coo") == pl.col("coa")) & filled)
    return findings_at(
        received, home, "STA-211", "origin and asylum are the same country", reported="coa"
    )


def _misplaced(received: Received, form: Form) -> pl.DataFrame:
    """Return findings for IDPs outside their country, and stateless people with an origin."""
    rows = received.rows
    no = pl.lit(False)
    idps = (figure("idps_unhcr") > 0) & (pl.col("area") != pl.col("counterpart"))
    stateless = (figure("stateless") > 0) & ~pl.col("counterpart").is_in(list(STATELESS))
    wrong = rows.filter(
        (idps if "idps_unhcr" in form.measures else no)
        | (stateless if "stateless" in form.measures else no)
    )
    return findings_at(received, wrong, "STA-213", "origin does not fit", reported="coo")


def _falls(received: Received, form: Form) -> list[pl.DataFrame]:
    """Return findings for hosts and origins that lose nine tenths of refugees in a year."""
    if form is not POPULATION:
        return []
    rows = received.rows.with_columns(year=whole_year("year"), number=figure("refugees"))
    sides = {"area": "refugees of a host", "counterpart": "refugees of an origin"}
    return [
        findings_at(
            received, _fallen(rows, side), "STA-212", f"{who} fell by more than nine tenths",
            column="refugees", reported="said",
        )
        for side, who in sides.items()
    ]  # fmt: skip


def _fallen(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    sums = rows.group_by(side, "year").agg(pl.col("number").sum(), pl.col("row_number").min())
    before = sums.select(side, year=pl.col("year") + 1, before="number")
    is_fall = (pl.col("before") >= _FALL_FROM) & (pl.col("number") < pl.col("before") / 10)
    whole = [pl.col(name).cast(pl.Int64) for name in ("number", "before")]
    return (
        sums.join(before, on=[side, "year"])
        .filter(is_fall)
        .sort("year", side)
        .with_columns(said=pl.format("{} in {}: {} after {}", side, "year", *whole))
    )


_YEARS = set(_YEAR)


def _layout(name: str, form: Form, *marks: tuple[str, ...], unless: str = "") -> Layout:
    def recognises(path: Path) -> bool:
        if unless and has_headings(path, _YEARS, {unless}):
            return False
        return has_headings(path, _YEARS, *(set(mark) for mark in marks))

    return Layout(name, PRODUCER, form.title, recognises, lambda path: read_form(path, form))


_COA = (*_ASYLUM, *_ASYLUM_ISO, *_ASYLUM_NAME)
EXPECTED: dict[str, tuple[str, ...]] = {
    "unhcr-population": ("year", "coo", "coa", "refugees", "asylum_seekers", "idps"),
    "unhcr-asylum-applications": ("year", "coo", "coa", "app_type", "app_pc", "applied"),
    "unhcr-asylum-decisions": ("year", "coo", "coa", "dec_pc", "dec_recognized", "dec_total"),
    "unhcr-solutions": ("year", "coo", "coa", "resettlement", "naturalisation"),
    "unhcr-unrwa": ("year", "coo", "coa", "total"),
    "unhcr-flows": ("year", "coo", "coa", "refugees", "refugee_like", "oip"),
}
"""Columns of each layout, to say what is missing where a file is in none."""

_LAYOUTS: tuple[Layout, ...] = (
    _layout(
        "unhcr-population", POPULATION, _COA, POPULATION.measures["refugees"],
        POPULATION.measures["asylum_seekers"], unless="refugee_like",
    ),
    _layout(
        "unhcr-asylum-applications", APPLICATIONS, _COA,
        APPLICATIONS.measures["asylum_applications"], APPLICATIONS.breakdowns["application"],
    ),
    _layout(
        "unhcr-asylum-decisions", DECISIONS, _COA, DECISIONS.measures["asylum_recognised"]
    ),
    _layout("unhcr-solutions", SOLUTIONS, _COA, SOLUTIONS.measures["resettlement"],
            SOLUTIONS.measures["naturalisation"]),
    _layout("unhcr-unrwa", UNRWA, ("coa",), ("total",), unless="pop_type"),
    _layout("unhcr-flows", FLOWS, ("coa",), ("refugee_like",)),
)  # fmt: skip


def layouts() -> tuple[Layout, ...]:
    """Return the layouts that this module reads."""
    return _LAYOUTS
