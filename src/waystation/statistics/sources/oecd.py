"""OECD: international migration database, in SDMX-CSV 2.0 and in the files of stats.oecd.org.

Source:
    OECD, International Migration Database, dataflow DSD_MIG@DF_MIG; SDMX-CSV 2.0 field guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from waystation.grids import read_grids
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.raw import received_source
from waystation.statistics.sources.observed import areas, clean, iso3_of_codes, observations
from waystation.statistics.sources.received import (
    Received,
    figure,
    findings_at,
    has_headings,
    read_received,
    unpacked,
    unreadable_cells,
    whole_year,
    without_year,
)

PRODUCER = "Organisation for Economic Co-operation and Development (OECD)"
LICENCE = "OECD terms: attribution"
TITLE = "International migration database"

MEASURES = {
    "B11": "inflows_foreign_population",
    "B12": "outflows_foreign_population",
    "B13": "asylum_seekers_inflow",
    "B14": "stock_foreign_born",
    "B15": "stock_foreign_population",
    "B16": "citizenship_acquired",
    "B21": "inflows_foreign_workers",
    "B22": "inflows_seasonal_workers",
    "B23": "stock_foreign_born_labour",
    "B24": "stock_foreign_labour",
    "B25": "stock_foreign_workers",
}
"""Measure by OECD's code, which old and new files share."""

_STATUS = {
    "A": "observed", "B": "break", "C": "confidential", "E": "estimated", "I": "imputed",
    "P": "provisional", "M": "not_reported", "L": "not_reported", "O": "not_reported",
    "Q": "confidential", "U": "estimated", "F": "estimated", "D": "observed", "N": "observed",
    "": "observed",
}  # fmt: skip
_SEXES = {
    "_T": "both", "TOT": "both", "M": "male", "F": "female", "MEN": "male", "WMN": "female",
}  # fmt: skip
_ALL = ("W", "WLD", "TOT", "_T", "_Z", "TOTAL")
_UNITS = {"PS": "persons", "NBR": "persons", "": "persons"}


def read_sdmx_csv(path: Path) -> Clean:
    """Return an SDMX-CSV 2.0 file, with or without columns of labels, as clean figures.

    The figure is multiplied by the power of ten that ``UNIT_MULT`` states. ``counterpart`` is
    the citizenship, or the place of birth where that is what a row tells apart; ``W`` (world)
    is null, never a sum to add to.

    Raises:
        UnknownLayout: If columns are absent.
        UnreadableFile: If it is a web page, cut short or damaged.
    """
    roles = {
        "structure": ("STRUCTURE_ID",), "area": ("REF_AREA",), "citizen": ("CITIZENSHIP",),
        "birth": ("BIRTH_PLACE",), "code": ("MEASURE",), "sex": ("SEX",),
        "education": ("EDUCATION_LEV",), "unit": ("UNIT_MEASURE",), "year": ("TIME_PERIOD",),
        "figure": ("OBS_VALUE",), "status": ("OBS_STATUS",), "power": ("UNIT_MULT",),
    }  # fmt: skip
    labels = {
        "area_name": ("Reference area",), "citizen_name": ("Citizenship",),
        "birth_name": ("Place of birth",),
    }  # fmt: skip
    received = read_received(
        path, roles | labels, required=["area", "code", "year", "figure"], layout=TITLE
    )
    received = _without_label_clash(path, received)
    structure = str(received.rows["structure"].drop_nulls().first() or "")
    version = re.search(r"\(([\d.]+)\)", structure)
    return _clean(path, received, "oecd_mig", version[1] if version else "")


def read_old(path: Path) -> Clean:
    """Return a file of stats.oecd.org (CO2, VAR, GEN, COU, YEA) as clean figures.

    ``COU`` is the reporting country, ``CO2`` the country of nationality or birth.

    Raises:
        UnknownLayout: If columns are absent.
    """
    roles = {
        "area": ("COU",), "citizen": ("CO2",), "code": ("VAR",), "sex": ("GEN",),
        "year": ("YEA", "Year", "Time"), "figure": ("Value", "OBS_VALUE"),
        "status": ("Flag Codes", "OBS_STATUS"), "power": ("PowerCode Code", "UNIT_MULT"),
        "unit": ("Unit Code",), "area_name": ("Country",),
        "citizen_name": ("Country of birth/nationality",),
        "birth": ("BIRTH_PLACE",), "birth_name": ("Place of birth",),
        "education": ("EDUCATION_LEV",), "structure": ("STRUCTURE_ID",),
    }  # fmt: skip
    received = read_received(
        path, roles, required=["area", "citizen", "code", "sex", "year", "figure"], layout=TITLE
    )
    return _clean(path, received, "oecd_mig_old", "")


def _without_label_clash(path: Path, received: Received) -> Received:
    """Return the rows with columns told apart that differ by capitals only.

    "SEX" and "Sex", "CITIZENSHIP" and "Citizenship" are two columns, the code before the label;
    names are compared without capitals, so the first of the two is the one that is found. The
    label stands in the next column.
    """
    wanted = {"CITIZENSHIP": "citizen_name"}
    places = [i for i, name in enumerate(received.headings) if name in wanted]
    if not places or received.headings[places[0] + 1 : places[0] + 2] != ("Citizenship",):
        return replace(received, rows=received.rows.with_columns(citizen_name=None))
    with unpacked(path) as inner:
        cells = read_grids(inner)[0].cells
    numbers = received.rows["row_number"].cast(pl.UInt32) - 1
    names = cells[f"c{places[0] + 1}"].gather(numbers)
    return replace(received, rows=received.rows.with_columns(citizen_name=names))


def _clean(path: Path, received: Received, dataset: str, version: str) -> Clean:
    rows = received.rows
    power = figure("power").fill_null(0.0)
    is_by_birth = ~pl.col("birth").is_in(list(_ALL))
    other = pl.when(is_by_birth.fill_null(value=False)).then(pl.col("birth"))
    citizen = pl.when(~pl.col("citizen").is_in(list(_ALL))).then(pl.col("citizen"))
    is_taught = ~pl.col("education").is_in(list(_ALL))
    education = pl.when(is_taught).then(pl.format("education={}", pl.col("education")))
    citizenship = pl.when(other.is_not_null() & citizen.is_not_null()).then(
        pl.format("citizenship={}", citizen)
    )
    status = pl.col("status").fill_null("").str.to_uppercase().str.slice(0, 1)
    named = rows.with_columns(
        dataset=pl.lit(dataset),
        measure=_coded("code", MEASURES),
        counterpart=pl.coalesce(other, citizen),
        breakdown=pl.concat_str(education, citizenship, separator="; ", ignore_nulls=True)
        .replace("", None),
        period=pl.col("year"),
        year=whole_year("year"),
        value=figure("figure") * pl.lit(10.0).pow(power),
        flag=status.replace_strict(_STATUS, default="observed"),
        producer_flags=pl.col("status"),
        sex=pl.col("sex").fill_null("_T").replace_strict(_SEXES, default=None),
        unit=pl.col("unit").fill_null("").replace(_UNITS),
    )  # fmt: skip
    kept = named.filter(
        pl.col("year").is_not_null()
        & pl.col("sex").is_not_null()
        & pl.col("area").is_not_null()
    )
    strange = named.filter(~status.is_in(list(_STATUS)))
    sexless = named.filter(pl.col("sex").is_null())
    found = [
        unreadable_cells(received, ["figure", "power"]),
        without_year(received),
        findings_at(received, sexless, "STA-202", "sex is not known", column="SEX"),
        findings_at(received, strange, "STA-205", "status", reported="status"),
    ]
    codes = pl.concat(
        [
            rows.select(code="area", name="area_name"),
            rows.select(code="citizen", name="citizen_name"),
            rows.select(code="birth", name="birth_name"),
        ]
    ).filter(~pl.col("code").is_in(["_T", "_Z"]))
    source = received_source(
        path, producer=PRODUCER, title=TITLE, licence=LICENCE, version=version
    )
    named_areas = areas(iso3_of_codes(codes), system="iso3")
    return clean(observations(kept), named_areas, found, source)


def _coded(column: str, known: Mapping[str, str]) -> pl.Expr:
    """Return the meaning of a code; an unknown one as oecd_ and the code in small letters."""
    own = pl.lit("oecd_") + pl.col(column).str.to_lowercase()
    meaning = pl.col(column).replace_strict(known, default=None, return_dtype=pl.String)
    return pl.coalesce(meaning, own)


EXPECTED: dict[str, tuple[str, ...]] = {
    "oecd-sdmx-csv": ("STRUCTURE", "REF_AREA", "CITIZENSHIP", "MEASURE", "OBS_VALUE"),
    "oecd-old": ("CO2", "VAR", "GEN", "COU", "YEA", "Value"),
}
"""Columns of each layout, to say what is missing where a file is in none."""

_LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "oecd-sdmx-csv", PRODUCER, f"{TITLE}, SDMX-CSV 2.0",
        lambda path: has_headings(
            path, {"STRUCTURE"}, {"REF_AREA"}, {"CITIZENSHIP"}, {"OBS_VALUE"}, {"MEASURE"}
        ),
        read_sdmx_csv,
    ),
    Layout(
        "oecd-old", PRODUCER, f"{TITLE}, files of stats.oecd.org",
        lambda path: has_headings(path, {"CO2"}, {"VAR"}, {"GEN"}, {"COU"}, {"Value"}),
        read_old,
    ),
)  # fmt: skip


def layouts() -> tuple[Layout, ...]:
    """Return the layouts that this module reads."""
    return _LAYOUTS
