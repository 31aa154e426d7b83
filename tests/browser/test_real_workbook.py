"""A real workbook goes from upload to a published version, by two people in real Chromium."""

from __future__ import annotations

import contextlib
import time

import polars as pl
import pytest
from playwright.sync_api import Error as PlaywrightError

WORKBOOK = "dtm_burundi_baseline_assessment_round_68.xlsx"
PATIENCE = 120
OFFICER = "information_officer"


def wait_for(page, selector):
    """Load the page again until something is there, as a person without scripts would."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if page.locator(selector).count():
            return
        page.wait_for_timeout(1000)
        with contextlib.suppress(PlaywrightError):  # the page may be loading itself again
            page.reload()
    raise AssertionError(f"{selector} did not appear on {page.url}:\n{page.inner_text('main')}")


@pytest.fixture
def published_total(field_data):
    golden = pl.read_csv(field_data / "hdx_meta" / "ocha_golden_adm1_idps.csv")
    return golden.filter(pl.col("iso3") == "BDI")["idps_ind"].sum()


def test_from_upload_to_publication(
    signed_in_page, screenshot, axe, field_data, published_total
):
    officer = signed_in_page("ines", OFFICER)
    officer.goto("/operations/new")
    officer.get_by_label("Name").fill("Burundi")
    officer.locator("#id_country").select_option("BDI")
    officer.locator("main form button.primary").click()

    officer.locator("#id_kind").select_option("pcodes")
    pcodes = field_data / "pcodes" / "download-global-pcodes-adm-1-2.csv"
    officer.locator("#id_file").set_input_files(pcodes)
    officer.locator("main form button.primary").click()
    wait_for(officer, "main table")

    officer.goto("/operations/bdi-burundi/uploads/new")
    workbook = field_data / "hdx_dtm_xlsx" / WORKBOOK
    officer.locator("input[type=file]").set_input_files(workbook)
    officer.locator("main form button.primary").click()
    officer.wait_for_load_state()
    if "/uploads/" not in officer.url or officer.url.endswith("/new"):
        officer.get_by_role("link", name=WORKBOOK).first.click()
    wait_for(officer, "#confirm button.primary")
    axe(officer)
    screenshot(officer, "real-workbook-mapping")
    officer.locator("#confirm button.primary").click()
    wait_for(officer, 'main a[href*="/rounds/"]')

    officer.locator('main a[href*="/rounds/"]').first.click()
    round_url = officer.url.split("/rounds/")[0] + "/rounds/" + (
        officer.url.split("/rounds/")[1].split("/")[0]
    )  # fmt: skip
    officer.goto(f"{round_url}/review")
    wait_for(officer, "main .tabs")
    axe(officer)
    screenshot(officer, "real-workbook-review")
    officer.goto(f"{round_url}/review?state=open&severity=error")
    accept = officer.locator('a[href*="act=accept"]')
    if accept.count():
        officer.goto(accept.first.get_attribute("href"))
        officer.locator("#id_reason").fill("Published so by the mission; confirmed by phone")
        officer.locator("main form button.primary").click()

    officer.goto(f"{round_url}/publish")
    wait_for(officer, 'input[name="act"][value="ask"]')
    officer.get_by_role("button", name="Ask to publish").click()
    second = signed_in_page("olu", OFFICER)
    second.goto(f"{round_url}/publish")
    screenshot(second, "real-workbook-publish")
    second.get_by_role("button", name="Approve and publish").click()

    second.goto("/operations/bdi-burundi/")
    wait_for(second, ".figure-value")
    axe(second)
    screenshot(second, "real-workbook-published")
    answer = second.request.get(
        "/api/v1/operations/bdi-burundi/totals?level=0&indicator=idp_individuals"
    )
    (row,) = answer.json()["rows"]
    assert abs(row["value"] - published_total) < 5  # rounded to multiples of 5
    assert row["value"] % 5 == 0
