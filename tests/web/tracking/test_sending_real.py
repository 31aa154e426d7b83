"""Published workbooks of missions, sent in by a person: their drafts have the CLI's totals.

The workbooks are licensed to others and read in place; these tests skip where they are absent.
"""

from __future__ import annotations

import polars as pl
import pytest
from tests.web.tracking.sent_files import confirm, create_sender, file, latest, page, send

from waystation.tracking.build import BuildChoices, build_matrix
from waystation.tracking.build_folder import read_build
from waystation.web.tracking import storage
from waystation.web.tracking.actions.operations import add_place_file, create_operation
from waystation.web.tracking.exercise import finish_jobs
from waystation.web.tracking.models.operations import PlaceKind

WORKBOOKS = {
    "BDI": ("dtm_burundi_baseline_assessment_round_68.xlsx", 68),
    "CAF": ("dtm_car_baseline_assessment_round_14.xlsx", 14),
    "CMR": ("dtm_cameroon_baseline_assessment_round_22.xlsx", 22),
    "LBY": ("dtm_libya_baseline_assessment_round_39.xlsx", 39),
    "MLI": ("hdx_dtm_mali_baseline_assessment_round_72.xlsx", 72),
    "NGA": ("dtm_nigeria_baseline_assessment_round_38.xlsx", 38),
    "TCD": ("dtm_chad_site_and_village_assessment_round_16.xlsx", 16),
    "SDN": ("dtm_sudan_idps_master_list_round_3.xlsx", 3),
}


def first_level(totals: pl.DataFrame) -> dict[str | None, float]:
    """Return the people displaced by first-level unit."""
    rows = totals.filter(
        (pl.col("admin_level") == 1) & (pl.col("indicator") == "idp_individuals")
    )
    return {code: value for code, value in rows.select("code", "value").iter_rows() if value}


@pytest.mark.slow
@pytest.mark.parametrize("country", WORKBOOKS)
def test_a_real_workbook_becomes_the_draft_that_the_library_makes(country, field_data, db):
    name, number = WORKBOOKS[country]
    path = field_data / "hdx_dtm_xlsx" / name
    pcodes = field_data / "pcodes" / "download-global-pcodes-adm-1-2.csv"
    operation = create_operation("Displacement", country, slug="real", by=None)
    add_place_file(operation, PlaceKind.PCODES, pcodes.name, [pcodes.read_bytes()], by=None)
    finish_jobs()
    operation.refresh_from_db()
    sender = create_sender("joseph", operation)
    assert send(sender, operation, file(name, path.read_bytes())).status_code == 302
    finish_jobs()
    upload = latest()
    shown = sender.get(page("upload", "real", upload.pk))
    assert shown.context["preview"]["sums"]["idp_individuals"] > 0
    assert sender.get(page("upload_mapping", "real", upload.pk)).status_code == 200
    assert confirm(sender, upload, round_number=number).status_code == 302
    finish_jobs()
    upload.refresh_from_db()
    assert (upload.state, upload.problem) == ("read", "")
    drafts = [read_build(storage.draft_folder(round_)) for round_ in operation.rounds.all()]
    totals = pl.concat([draft.totals for draft in drafts], how="diagonal_relaxed")
    build, _ = build_matrix([path], BuildChoices(country=country, pcodes=(pcodes,)))
    assert first_level(totals) == first_level(build.totals)
    assert sender.get(page("work", "real")).status_code == 200
