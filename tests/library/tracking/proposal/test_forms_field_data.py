"""Proposals for the workbooks that missions published, with nothing else given."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.geography.units import read_units
from waystation.tracking.forms import propose_mapping, require_certain
from waystation.tracking.intake import submissions_from_file
from waystation.tracking.proposal.known_units import code_tail, joined


@pytest.fixture(scope="module")
def units(field_data):
    return read_units(field_data / "pcodes" / "download-global-pcodes-adm-1-2.csv")


def totals_by_region(path, units):
    """Return country, and the IDPs of each first-level unit, by code or by name."""
    mapping = require_certain(propose_mapping(path, units=units))
    rows, _ = submissions_from_file(path, mapping, units=units)
    country = rows["country"][0]
    regions = units.filter((pl.col("country") == country) & (pl.col("level") == 1))
    names = {
        joined(name): code_tail(code, country) for code, name in regions["code", "name"].rows()
    }
    found: dict[str | None, float] = {}
    chosen = rows.select("admin1_reported_code", "admin1_name", "idp_individuals")
    for code, name, count in chosen.rows():
        key = code_tail(code, country) if code else names.get(joined(name or ""))
        found[key] = found.get(key, 0) + (count or 0)
    return country, found


def test_the_published_totals_of_first_level_units_come_out(field_data, units):
    published = pl.read_csv(field_data / "hdx_meta" / "ocha_golden_adm1_idps.csv")
    compared = set()
    for path in sorted((field_data / "hdx_dtm_xlsx").glob("*.xlsx")):
        country, found = totals_by_region(path, units)
        expected = {
            code_tail(code, country): count
            for code, count in published.filter(pl.col("iso3") == country)[
                "adm1_pcode", "idps_ind"
            ].rows()
        }
        if expected:
            compared.add(country)
            assert {k: v for k, v in found.items() if v} == expected, path.name
        elif country == "SDN":
            compared.add(country)
            assert sum(found.values()) == 3_086_553
    assert compared == {"BDI", "CAF", "CMR", "LBY", "MLI", "NGA", "TCD", "SDN"}


@pytest.mark.parametrize(
    ("name", "code", "total"),
    [
        ("sdn_idp_master_list_20240325_locality.csv", "idp_individuals", 6_552_118),
        ("lby_r54_migrants.xlsx", "migrant_individuals", 787_326),
        ("ukr_idp_estimates_r14.xlsx", "idp_individuals", 3_674_000),
        ("ukr_returnees_r13.xlsx", "returnee_individuals", 4_757_000),
        ("ukr_zakarpatska_area_baseline_2022-04.csv", "idp_individuals", 184_676),
    ],
)
def test_other_published_files_are_read_whole(field_data, units, name, code, total):
    path = field_data / "raw_xlsx" / name
    mapping = require_certain(propose_mapping(path, units=units))
    rows, _ = submissions_from_file(path, mapping, units=units)
    assert rows[code].sum() == total
