"""The published workbooks of missions become the totals that were published from them.

The workbooks are licensed to others and read in place; these tests skip where they are absent.
Expected totals: OCHA's own from the same workbooks, and the total that the Sudan workbook's
summary sheet states.
"""

from __future__ import annotations

import re

import polars as pl
import pytest

PUBLISHED = {
    "BDI": "dtm_burundi_baseline_assessment_round_68.xlsx",
    "CAF": "dtm_car_baseline_assessment_round_14.xlsx",
    "CMR": "dtm_cameroon_baseline_assessment_round_22.xlsx",
    "LBY": "dtm_libya_baseline_assessment_round_39.xlsx",
    "MLI": "hdx_dtm_mali_baseline_assessment_round_72.xlsx",
    "NGA": "dtm_nigeria_baseline_assessment_round_38.xlsx",
    "TCD": "dtm_chad_site_and_village_assessment_round_16.xlsx",
    "SDN": "dtm_sudan_idps_master_list_round_3.xlsx",
}


@pytest.fixture
def built_totals(field_data, waystation, tmp_path):
    """Return a function that builds one country's workbook and reads its totals.csv."""

    def build(country: str) -> pl.DataFrame:
        file = field_data / "hdx_dtm_xlsx" / PUBLISHED[country]
        pcodes = field_data / "pcodes" / "download-global-pcodes-adm-1-2.csv"
        out = tmp_path / country
        answer = waystation("matrix", "build", file, "--pcodes", pcodes, "--out", out)
        assert answer.exit_code == 0, answer.output
        totals = pl.read_csv(out / "totals.csv", infer_schema_length=None)
        return totals.filter(pl.col("indicator") == "idp_individuals")

    return build


def digits(code: str) -> str:
    """Return a code without its country's prefix and zeros, so that styles compare."""
    return re.sub(r"^[A-Z]+0*", "", code)


@pytest.mark.parametrize("country", [c for c in PUBLISHED if c != "SDN"])
def test_first_level_totals_are_those_published(country, field_data, built_totals):
    golden = pl.read_csv(field_data / "hdx_meta" / "ocha_golden_adm1_idps.csv").filter(
        pl.col("iso3") == country
    )
    expected = {digits(c): n for c, n in golden.select("adm1_pcode", "idps_ind").iter_rows()}
    first = built_totals(country).filter(pl.col("admin_level") == 1)
    found = {digits(c or "?"): n for c, n in first.select("code", "value").iter_rows() if n}
    assert found == expected


def test_the_total_a_summary_sheet_states_is_reached(built_totals):
    country = built_totals("SDN").filter(pl.col("admin_level") == 0)
    assert country["value"].to_list() == [3_086_553]


@pytest.mark.parametrize("country", PUBLISHED)
def test_levels_agree(country, built_totals):
    totals = built_totals(country)
    by_level = totals.group_by("admin_level").agg(pl.col("value").sum())["value"]
    assert by_level.n_unique() == 1
