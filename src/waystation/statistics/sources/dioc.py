"""OECD, Database on Immigrants in OECD Countries (DIOC): people by birth, age, education.

Cells are randomly rounded, to multiples of 3 or 5 as the country does, so that totals of two
tables differ. The round is not in the file: its name must hold it.

Source:
    OECD, DIOC methodology and code lists; rounds 2000/01, 2005/06, 2010/11 and 2015/16.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from waystation.errors import UnknownLayout
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.raw import received_source
from waystation.statistics.sources.observed import areas, clean, iso3_of_codes, observations
from waystation.statistics.sources.received import (
    figure,
    findings_at,
    has_headings,
    read_received,
    unreadable_cells,
)

PRODUCER = "Organisation for Economic Co-operation and Development (OECD)"
LICENCE = "OECD terms: attribution"
TITLE = "Database on Immigrants in OECD Countries"
_ROUNDS = {"2000": "2000/P2Y", "2005": "2005/P2Y", "2010": "2010/P2Y", "2015": "2015/P2Y"}
_SEXES = {"1": "male", "2": "female", "0": "both", "M": "male", "F": "female"}
_AGES = {
    "1": "0-14", "2": "15-24", "3": "25-34", "4": "35-44", "5": "45-54", "6": "55-64",
    "7": "65+", "99": "unknown",
}  # fmt: skip
_EDUCATION = {"1": "low", "2": "medium", "3": "high", "99": "unknown"}
_BREAKDOWNS = ("education", "labour_force", "nationality", "duration", "region_of_birth")


def read_dioc(path: Path) -> Clean:
    """Return a DIOC file as clean figures: people by birthplace, sex, age and education.

    Raises:
        UnknownLayout: If columns are absent, or the name holds no round.
    """
    found = re.search(r"(2000|2005|2010|2015)(?!\d)", path.name)
    if not found:
        raise UnknownLayout(
            file=path.name,
            reason="neither content nor name says which round it is",
            action="Give it a name with the first year of its round: 2000, 2005, 2010 or 2015",
        )
    received = read_received(
        path,
        {
            "area": ("country",), "counterpart": ("coub",), "region_of_birth": ("regb",),
            "sex_code": ("sex",), "age_code": ("age",), "education_code": ("edu_lfs", "edu"),
            "nationality": ("nationality", "nat"), "duration": ("duration", "dur"),
            "labour_force": ("lfs",), "figure": ("number", "obs_value"),
        },
        required=["area", "counterpart", "sex_code", "figure"],
        layout=TITLE,
    )  # fmt: skip
    year = found[1]
    rows = received.rows.with_columns(
        sex=pl.col("sex_code").replace_strict(_SEXES, default=None),
        age=pl.col("age_code").replace_strict(_AGES, default=pl.col("age_code"))
        .fill_null("total"),
        education=pl.col("education_code").replace_strict(_EDUCATION, default=None),
    )  # fmt: skip
    parts = [pl.format("{}={}", pl.lit(n), pl.col(n)) for n in _BREAKDOWNS]
    named = rows.with_columns(
        dataset=pl.lit(f"oecd_dioc_{year}"),
        measure=pl.lit("population_by_birthplace_15_plus"),
        period=pl.lit(_ROUNDS[year]),
        year=pl.lit(int(year)),
        value=figure("figure"),
        breakdown=pl.concat_str(parts, separator="; ", ignore_nulls=True).replace("", None),
    )
    is_usable = pl.col("sex").is_not_null() & pl.col("area").is_not_null()
    out = named.filter(~is_usable)
    findings = [
        unreadable_cells(received, ["figure"]),
        findings_at(received, out, "STA-202", "sex or country is not known",
                    column="sex", reported="sex_code"),
    ]  # fmt: skip
    codes = pl.concat([rows.select(code="area"), rows.select(code="counterpart")])
    return clean(
        observations(named.filter(is_usable)),
        areas(iso3_of_codes(codes), system="iso3"),
        findings,
        received_source(path, producer=PRODUCER, title=TITLE, licence=LICENCE, version=year),
    )


EXPECTED: dict[str, tuple[str, ...]] = {
    "oecd-dioc": ("country", "coub", "sex", "number"),
}
"""Columns of each layout, to say what is missing where a file is in none."""

_LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "oecd-dioc", PRODUCER, TITLE,
        lambda path: has_headings(path, {"country"}, {"coub"}, {"sex"}, {"number"}),
        read_dioc,
    ),
)  # fmt: skip


def layouts() -> tuple[Layout, ...]:
    """Return the layouts that this module reads."""
    return _LAYOUTS
