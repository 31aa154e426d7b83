"""Every component once, on one page."""

from __future__ import annotations

import pytest
from tests.browser.test_frame import LOOKS, looks, settled


@looks
def test_every_component(new_page, axe, screenshot, look):
    page = new_page(**LOOKS[look])
    page.goto("/test/components")
    settled(page, axe, screenshot, f"components-{look}")


@looks
def test_a_form_with_errors(new_page, axe, screenshot, look):
    page = new_page(**LOOKS[look])
    page.goto("/test/components")
    page.click("form.form button.primary")
    assert page.locator(".errorlist").count() >= 5
    for field in page.locator("form.form [aria-invalid=true]").all():
        group = field.locator("xpath=self::*[not(@type='radio')] | ancestor::fieldset[1]").first
        described = (group.get_attribute("aria-describedby") or "").split()
        assert described
        assert all(page.locator(f"[id='{i}']").count() == 1 for i in described)
    settled(page, axe, screenshot, f"form-errors-{look}")


def test_rows_are_chosen_one_by_one_all_at_once_and_in_a_range(page):
    page.goto("/test/components")
    bulk = page.locator(".bulk")
    assert not bulk.is_visible()
    boxes = page.locator("input[data-row]")
    boxes.nth(1).click()
    assert bulk.inner_text().startswith("Chosen: 1")
    boxes.nth(3).click(modifiers=["Shift"])
    assert page.locator("[data-chosen-count]").inner_text() == "3"
    page.click("input[data-all-rows]")
    assert page.locator("[data-chosen-count]").inner_text() == "5"


def test_a_dialog_opens_and_closes(page, axe):
    page.goto("/test/components")
    page.click("button[data-dialog]")
    assert page.locator("dialog").is_visible()
    axe(page)
    page.click("[data-close]")
    assert not page.locator("dialog").is_visible()


def test_a_filter_sends_itself(page):
    page.goto("/test/components")
    page.select_option("#f1", "North")
    page.wait_for_url("**region=North**")


@pytest.mark.parametrize("number", [6, 8, 40])
def test_a_page_number_keeps_the_rest_of_the_address(page, number):
    page.goto("/test/components?q=camp&page=7")
    link = page.get_attribute(f".pagination a:text-is('{number}')", "href")
    assert link == f"?q=camp&page={number}"
