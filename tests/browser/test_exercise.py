"""The pages of the exercise in real Chromium: what an operation looks like to its readers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.browser.conftest import overflow, running_server

PHONE = {"width": 390, "height": 844}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark-phone": {"color_scheme": "dark", "viewport": PHONE},
    "arabic-phone": {"locale": "ar", "viewport": PHONE},
}
OPERATION = "/operations/exercise"
ROUND = f"{OPERATION}/rounds/baseline_location-4"
READ = {
    "front-page": "/",
    "operation": f"{OPERATION}/",
    "place": f"{OPERATION}/place/XW01",
    "compare": f"{OPERATION}/compare",
    "flows": f"{OPERATION}/flows",
    "needs": f"{OPERATION}/needs",
    "response": f"{OPERATION}/response",
    "table": f"{OPERATION}/table",
    "releases": f"{OPERATION}/releases",
}
WORKED_ON = {
    "work": f"{OPERATION}/work",
    "review": f"{ROUND}/review",
    "log": f"{ROUND}/log",
    "publish": f"{ROUND}/publish",
    "locations": f"{OPERATION}/locations",
    "proposals": f"{OPERATION}/locations/proposals",
    "geography": f"{OPERATION}/geography",
    "presence-import": f"{OPERATION}/response/import",
}
looks = pytest.mark.parametrize("look", LOOKS)


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    """Give the address of a server that published the exercise."""
    with running_server(tmp_path_factory.mktemp("exercise"), "--exercise") as address:
        yield address


def settled(page, axe, screenshot, name):
    page.wait_for_load_state("networkidle")
    axe(page)
    assert overflow(page) <= 0
    screenshot(page, name)


@looks
@pytest.mark.parametrize("name", READ)
def test_a_page_that_everyone_reads(new_page, axe, screenshot, look, name):
    page = new_page(**LOOKS[look])
    assert page.goto(READ[name]).status == 200
    settled(page, axe, screenshot, f"exercise-{name}-{look}")


@looks
@pytest.mark.parametrize("name", WORKED_ON)
def test_a_page_of_those_who_work_on_it(signed_in_page, axe, screenshot, look, name):
    page = signed_in_page("amina", **LOOKS[look])
    assert page.goto(WORKED_ON[name]).status == 200
    settled(page, axe, screenshot, f"exercise-{name}-{look}")


def test_the_map_of_gaps_says_kinds_and_not_amounts(new_page):
    page = new_page()
    page.goto(f"{OPERATION}/response?sector=wash")
    legend = page.locator(".map-legend")
    legend.wait_for()
    assert "Unmet: nobody active" in legend.inner_text()


def test_a_coordinator_moves_the_threshold_of_a_high_need(new_page):
    page = new_page()
    page.goto(f"{OPERATION}/response")
    before = page.locator("#gaps .table-tools p").inner_text()
    page.locator(".filters summary").click()
    page.get_by_label("A need is high from").fill("90")
    page.locator(".filters button").first.click()
    page.wait_for_url("**high=90**")
    assert page.locator("#gaps .table-tools p").inner_text() != before
    assert "at least 90 percent" in page.inner_text("main")
