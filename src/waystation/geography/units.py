"""Administrative units: read from p-code lists, COD-AB tables and boundary files."""

from __future__ import annotations

import re
from pathlib import Path

import dataframely as dy
import polars as pl

from waystation.errors import NothingToRead, UnusableInput
from waystation.findings import Findings
from waystation.geography.checks import CHECKS
from waystation.geography.countries import (
    LANGUAGES,
    country_by_prefix,
    country_codes,
    country_name,
    iso3_by_text,
)
from waystation.geography.pcodes import canonical, prefixes
from waystation.geography.place_files import (
    SPATIAL_SUFFIXES,
    TABLE_SUFFIXES,
    files_of_paths,
    shapes_of_file,
)
from waystation.geography.place_lists import LISTED, read_listed_units
from waystation.geography.unit_checks import check_units
from waystation.tables import Table, day, iso3, text

__all__ = ["Units", "check_units", "read_units", "units_and_findings"]

_NAMES = [f"name_{language}" for language in LANGUAGES]


class Units(Table):
    """Administrative units of one or more countries, one a row.

    ``names`` holds further names (other languages, former names, exonyms) beside ``name``.
    """

    country = iso3("Country, ISO 3166-1 alpha-3.", primary_key=True)
    level = dy.Int64(
        min=0, max=5, primary_key=True, description="0 country, 1 first level, and so on down."
    )
    code = dy.String(
        min_length=1,
        primary_key=True,
        description="P-code as its list writes it; level 0: ISO 3.",
    )
    name = text("Main name, Latin script where there is one.", nullable=False)
    names = dy.List(
        dy.String(),
        nullable=False,
        description="Other names, all languages, without the main one.",
    )
    name_en = text("Name in English.")
    name_fr = text("Name in French.")
    name_es = text("Name in Spanish.")
    name_ar = text("Name in Arabic.")
    parent_code = text("Code of the unit above; null at level 0.")
    valid_on = day("First day the list says this unit is valid.")


def read_units(*paths: Path) -> pl.DataFrame:
    """Read lists of places into one table; shape ``Units``.

    The global p-code list of HDX (with or without a row of HXL tags), COD-AB tables as csv
    or workbook, boundary files, and folders of these are understood. Where several sources
    list a country, the first one's codes and main names hold; later ones add names and units
    that are new. ``NG008`` and ``NGA008`` are one unit.

    A country that no source names is told by the prefix of its codes. For a prefix of two
    letters that is in no standard, a file name that begins with it tells the third
    ("xws_admin1.geojson"), else it is an X (as XK gives XKX).

    Args:
        paths: Files or folders; in a folder, files that list no units are passed over.

    Returns:
        One row a unit, level 0 added for each country, sorted by country, level and code.

    Raises:
        UnusableInput: If a file cannot be read.
        NothingToRead: If no file lists units.
    """
    return units_and_findings(*paths)[0]


def units_and_findings(*paths: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read lists of places, with what only the files show; shapes ``Units``, ``Findings``.

    The findings are those of reading: a code that stands twice (GEO-103) and boundaries
    without attributes (GEO-110). See `check_units` for those on the units themselves.

    Raises:
        UnusableInput: If a file cannot be read.
        NothingToRead: If no file lists units.
    """
    listed: list[pl.DataFrame] = []
    findings: list[pl.DataFrame] = []
    for path, is_named in files_of_paths(paths, TABLE_SUFFIXES | SPATIAL_SUFFIXES):
        try:
            tables = read_listed_units(path)
        except UnusableInput:
            # A folder may hold notes and other files; one that was named must be read.
            if is_named:
                raise
            continue
        listed += [
            table.with_columns(file=pl.lit(path.name), source=pl.lit(len(listed) + number))
            for number, table in enumerate(tables)
        ]
        if not tables:
            findings.append(_unlisted_file(path))
    if not listed and not any(frame.height for frame in findings):
        raise NothingToRead(
            file=", ".join(path.name for path in paths),
            reason="no column of place codes was recognised",
            action="Give a list with the columns level, code, name and parent, or a COD table",
        )
    rows = with_country(pl.concat(listed)) if listed else _no_rows()
    units = units_from_rows(rows)
    findings.append(_repeated_codes(rows))
    return units, pl.concat(findings)


def _completed(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([_no_rows(), rows], how="diagonal_relaxed").with_columns(
        pl.col("names").fill_null([])
    )


def _no_rows() -> pl.DataFrame:
    return pl.DataFrame(schema={**LISTED, "file": pl.String, "source": pl.Int32})


def _unlisted_file(path: Path) -> pl.DataFrame:
    """Return the finding on a boundary file whose shapes bear no codes."""
    shapes = shapes_of_file(path)
    if not shapes:
        return Findings.empty_frame()
    check = CHECKS["GEO-110"]
    message = (
        f"{path.name}: its {shapes} boundaries have no attribute with codes, so that it is "
        f"not known which unit each one is. {check.action}"
    )
    return pl.DataFrame(
        [
            {
                "code": check.code,
                "severity": check.severity,
                "message": message,
                "file": path.name,
            }
        ],
        schema_overrides=dict(Findings.empty_frame().schema),
    ).pipe(Findings.complete)


def with_country(rows: pl.DataFrame, units: pl.DataFrame | None = None) -> pl.DataFrame:
    """Say each row's country: as its table says, else by the prefix of its code.

    Args:
        rows: Shape ``LISTED``, and ``file``.
        units: Shape ``Units``, which says the country of prefixes in no standard.

    Raises:
        UnusableInput: If a code has no prefix and nothing else tells its country.
    """
    stated = iso3_by_text(rows["country"])
    rows = rows.with_columns(
        country=pl.coalesce(
            stated, pl.when(pl.col("country").str.contains(r"^[A-Z]{3}$")).then("country")
        ),
        letters=_letters(),
    )
    codes = rows.filter(pl.col("country").is_null() & pl.col("letters").is_not_null())
    if codes.height:
        listed = [] if units is None else [units.with_columns(letters=_letters())]
        by_prefix = _countries_by_prefix([rows, *listed])
        told = {
            (letters, file): country_by_prefix(letters)
            or by_prefix.get(letters[:2])
            or _made_up_country(letters, file)
            for letters, file in codes.select("letters", "file").unique().iter_rows()
        }
        answers = pl.DataFrame(
            [(*key, country) for key, country in told.items()],
            {"letters": pl.String, "file": pl.String, "told": pl.String}, orient="row",
        )  # fmt: skip
        rows = rows.join(answers, on=["letters", "file"], how="left", maintain_order="left")
        rows = rows.with_columns(country=pl.coalesce("country", "told")).drop("told")
    only = rows["country"].drop_nulls().unique()
    if only.len() == 1:
        rows = rows.with_columns(pl.col("country").fill_null(only.first()))
    rows = rows.with_columns(pl.col("country").fill_null(_country_of_file(pl.col("file"))))
    untold = rows.filter(pl.col("country").is_null())
    if untold.height:
        raise UnusableInput(
            file=untold["file"][0],
            reason=f"it does not say which country {untold['code'][0]} lies in",
            action="Add a column iso3 with the country's code",
        )
    return rows.drop("letters")


def _letters() -> pl.Expr:
    return pl.col("code").str.to_uppercase().str.extract(r"^([A-Z]{2,3})")


def _countries_by_prefix(tables: list[pl.DataFrame]) -> dict[str, str]:
    """Return the country of each pair of letters that codes of one country only begin with."""
    stated = [
        table.filter(pl.col("country").is_not_null(), pl.col("level") > 0).select(
            prefix=pl.col("letters").str.head(2), country="country"
        )
        for table in tables
    ]
    known = pl.concat(stated).drop_nulls().unique().filter(pl.len().over("prefix") == 1)
    return dict(known.iter_rows())


def _country_of_file(file: pl.Expr) -> pl.Expr:
    """Return the country that a file name such as "MWI_1.geojson" begins with."""
    iso3 = country_codes()["iso3"]
    first = file.str.extract(r"^([A-Z]{3})[^A-Za-z]")
    return pl.when(first.is_in(iso3.implode())).then(first)


def _made_up_country(letters: str, file: str) -> str:
    """Return a country for a prefix in no standard: of a file name that begins with it."""
    if len(letters) == 3:
        return letters
    begins = re.match(rf"({letters}[a-z])[^a-z]", file, re.IGNORECASE)
    return begins.group(1).upper() if begins else f"{letters}X"


def units_from_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Merge the rows of all sources (shape ``LISTED``, file, source) into one row a unit."""
    rows = _completed(rows)
    below = _with_key(rows.filter(pl.col("level") > 0))
    others = pl.concat_list("names", pl.concat_list("name", *_NAMES)).list.drop_nulls()
    merged = below.group_by("country", "level", "key", maintain_order=True).agg(
        pl.col("code", "parent_code").drop_nulls().first(),
        pl.coalesce(pl.col("name").drop_nulls().first(), others.explode().first()).alias(
            "name"
        ),
        pl.col(*_NAMES, "valid_on").drop_nulls().first(),
        names=others.explode().drop_nulls().unique(maintain_order=True),
    )
    merged = _with_parents(merged).with_columns(name=pl.coalesce("name", "code"))
    countries = _country_units(rows)
    columns = Units.column_names()
    units = pl.concat([countries.select(columns), merged.select(columns)])
    named = units.with_columns(
        names=pl.col("names").list.set_difference(pl.concat_list("name"))
    )
    return Units.require(named.sort("country", "level", "code"))


def _with_key(rows: pl.DataFrame) -> pl.DataFrame:
    keyed = rows.join(prefixes(rows), on="country", how="left", maintain_order="left")
    return keyed.with_columns(
        key=canonical(pl.col("code"), pl.col("country"), pl.col("iso2")),
        parent_key=canonical(pl.col("parent_code"), pl.col("country"), pl.col("iso2")),
    )


def _with_parents(merged: pl.DataFrame) -> pl.DataFrame:
    """Write each parent as its own row does; find one that is not stated by its digits."""
    keyed = merged.join(prefixes(merged), on="country", how="left").with_columns(
        parent_key=canonical(pl.col("parent_code"), pl.col("country"), pl.col("iso2"))
    )
    above = keyed.select(
        "country", pl.col("level") + 1, parent_key="key", found="code",
    )  # fmt: skip
    width = (
        above.group_by("country", "level", pl.col("parent_key").str.len_chars().alias("width"))
        .len()
        .sort("len", descending=True)
        .unique(["country", "level"], keep="first", maintain_order=True)
        .drop("len")
    )
    keyed = keyed.join(width, on=["country", "level"], how="left").with_columns(
        parent_key=pl.coalesce(
            "parent_key", pl.col("key").str.slice(0, pl.col("width").cast(pl.Int64))
        )
    )
    joined = keyed.join(
        above, on=["country", "level", "parent_key"], how="left", maintain_order="left"
    )
    return joined.with_columns(
        parent_code=pl.when(pl.col("level") == 1)
        .then("country")
        .otherwise(pl.coalesce("found", "parent_code"))
    )


def _country_units(rows: pl.DataFrame) -> pl.DataFrame:
    """Return level 0: one row a country, named in four languages where a standard has it."""
    found = rows["country"].unique().sort()
    listed = (
        rows.filter(pl.col("level") == 0)
        .group_by("country")
        .agg(
            listed=pl.concat_list("name", *_NAMES).explode().drop_nulls(),
            valid_on=pl.col("valid_on").drop_nulls().first(),
        )
    )
    names = {
        f"name_{language}": [country_name(iso3, language) for iso3 in found]
        for language in LANGUAGES
    }
    schema = {"country": pl.String, **dict.fromkeys(names, pl.String)}
    countries = pl.DataFrame({"country": found, **names}, schema=schema).join(
        listed, on="country", how="left"
    )
    every = pl.concat_list(*_NAMES, pl.col("listed").fill_null([])).list.drop_nulls()
    return countries.with_columns(
        level=pl.lit(0, pl.Int64),
        code="country",
        name=pl.coalesce("name_en", pl.col("listed").list.first(), "country"),
        names=every.list.unique(maintain_order=True),
        parent_code=pl.lit(None, pl.String),
    )


def _repeated_codes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return GEO-103: a code that one table lists twice, under different names or parents."""
    own = _with_key(rows.filter(pl.col("is_own_level"), pl.col("level") > 0))
    by_table = own.group_by(
        "file", "source", "country", "level", "key", maintain_order=True
    ).agg(
        pl.len().alias("times"),
        pl.col("code").first().alias("place_code"),
        pl.col("name").drop_nulls().unique(maintain_order=True),
        parents=pl.col("parent_key").n_unique(),
    )
    repeated = by_table.filter(
        pl.col("times") > 1, (pl.col("name").list.len() > 1) | (pl.col("parents") > 1)
    )
    check = CHECKS["GEO-103"]
    return repeated.select(
        code=pl.lit(check.code),
        severity=pl.lit(check.severity.value, Findings.columns()["severity"].dtype),
        message=pl.format(
            "{}: code {} stands {} times, for {}. {}",
            "file", "place_code", "times", pl.col("name").list.join(", "), pl.lit(check.action),
        ),
        file="file",
        place=pl.col("name").list.first(),
        reported="place_code",
    ).pipe(Findings.complete)  # fmt: skip
