"""Partial answers: swapped in, refused with a form's errors, or failed and said."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("button", "text"),
    [("get 200", "GET 200"), ("post 200", "POST 200"), ("post 422", "POST 422")],
)
def test_a_part_of_the_page_is_swapped(page, watch, button, text):
    watch.allow("422")
    page.goto("/test/parts")
    page.click(f"button:text-is('{button}')")
    page.wait_for_selector("#part")
    assert page.inner_text("#place") == text


def test_a_failure_is_said_and_leaves_the_page_as_it_was(page, watch, axe):
    watch.allow("500")
    page.goto("/test/parts")
    page.click("button:text-is('get 500')")
    page.wait_for_selector("#notices .message")
    assert "did not work" in page.inner_text("#notices")
    assert page.inner_text("#place") == "nothing yet"
    axe(page)


def test_no_connection_is_said(page, watch):
    watch.allow("ERR_FAILED")
    watch.allow("htmx:")
    page.goto("/test/parts")
    page.route("**/test/part/200", lambda route: route.abort())
    page.click("button:text-is('get 200')")
    page.wait_for_selector("#notices .message")
    assert "cannot be reached" in page.inner_text("#notices")


def test_a_session_that_ended_reloads_the_page_instead_of_nesting_the_sign_in(page):
    page.goto("/test/parts")
    with page.expect_navigation(url="**/test/parts"):
        page.click("button:text-is('get 302')")
    assert page.inner_text("#place") == "nothing yet"


@pytest.mark.parametrize("answer", ["accept", "dismiss"])
def test_what_destroys_asks_first(page, answer):
    page.goto("/test/parts")
    asked = []

    def decide(dialog):
        asked.append(dialog.message)
        getattr(dialog, answer)()

    page.on("dialog", decide)
    page.click("text=ask first")
    assert asked == ["Withdraw 312 submissions?"]
    if answer == "accept":
        page.wait_for_url("**/test/part/200")
    else:
        assert page.url.endswith("/test/parts")
