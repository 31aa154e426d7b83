"""Needs of households as the HNA API lays them out: one row an area and group, and a catalogue.

Source:
    dtmapi 0.2.1 (PyPI), ``dtmapi.hna.api``: column names of the DTM data dictionary.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

import polars as pl
import xlsxwriter

from waystation.release.snapshots import unit_names

CATALOGUE_COLUMNS = ("indicator_category", "indicator_name", "description", "data_type")
_COLUMNS = {
    "country": "m0302_meta_adm0_pcode",
    "admin1_code": "m0303_meta_adm1_pcode",
    "admin2_code": "m0304_meta_adm2_pcode",
    "admin2_name": "m3695_meta_adm2_name",
    "stratum": "m2788_loc_assessment_strata",
    "year": "year",
    "interviewed": "num_households",
}
STRATUM = _COLUMNS["stratum"]
_NEED = re.compile(r"pct_hh_m2730_hh_priority_needs_(\w+)", re.ASCII)
_SEVERE = re.compile(r"pct_hh_hh_severity_(\w+)_severe", re.ASCII)


def hna_rows(needs: pl.DataFrame, units: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return needs with one row an area and population group, one column an indicator.

    Args:
        needs: Shape ``NeedsByArea``, protected.
        units: Units that name areas where the survey does not.

    Returns:
        Columns of the data dictionary, then ``pct_...`` in alphabetical order; what was
        withheld or not asked is null. Sorted by area and group.
    """
    if units is not None:
        names = unit_names(units, 2).rename({"code": "admin2_code", "name": "listed"})
        needs = needs.join(names, on="admin2_code", how="left").with_columns(
            admin2_name=pl.coalesce("admin2_name", "listed")
        )
    about = list(_COLUMNS)
    indicators = sorted(needs["indicator"].unique().to_list())
    wide = needs.pivot(
        "indicator", index=about, values="percent", aggregate_function="first"
    ).sort("country", "admin2_code", "stratum", "year")
    return wide.select(about + indicators).rename(_COLUMNS)


def hna_catalogue(indicators: Iterable[str]) -> list[dict[str, str]]:
    """Return what each column of `hna_rows` holds, one row an indicator.

    Args:
        indicators: Names of ``pct_...`` columns.
    """
    rows = [("Sample", "num_households", "Households interviewed", "Integer")]
    for name in sorted(set(indicators)):
        need, severe = _NEED.fullmatch(name), _SEVERE.fullmatch(name)
        if need:
            meaning = f"Households that name {_words(need)} among their priority needs, percent"
            rows.append(("Priority Needs", name, meaning, "Float"))
        elif severe:
            meaning = f"Households with severe or extreme needs in {_words(severe)}, percent"
            rows.append(("Severity", name, meaning, "Float"))
        else:
            rows.append(("Other", name, "As the survey's own table says, percent", "Float"))
    return [dict(zip(CATALOGUE_COLUMNS, row, strict=True)) for row in rows]


def _words(found: re.Match[str]) -> str:
    return found[1].replace("_", " ")


def hna_workbook(rows: pl.DataFrame) -> bytes:
    """Return needs as a workbook: the rows of `hna_rows`, and what their columns mean."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        rows.write_excel(book, worksheet="Data", autofit=False)
        indicators = [name for name in rows.columns if name.startswith("pct_")]
        catalogue = pl.DataFrame(
            hna_catalogue(indicators), schema=dict.fromkeys(CATALOGUE_COLUMNS, pl.String)
        )
        catalogue.write_excel(book, worksheet="Catalogue", autofit=False)
    return buffer.getvalue()
