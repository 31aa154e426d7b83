"""The frame of every page: sign-in, menus, switches, refusals; light, dark, Arabic, phone."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from typing import Any

import pytest
from tests.browser.conftest import overflow
from tests.browser.made_up import PASSWORD

PHONE = {"width": 390, "height": 844}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "arabic": {"locale": "ar"},
    "phone": {"viewport": PHONE},
    "arabic-phone-dark": {"locale": "ar", "color_scheme": "dark", "viewport": PHONE},
}
looks = pytest.mark.parametrize("look", LOOKS)


def settled(page, axe, screenshot, name):
    axe(page)
    assert overflow(page) <= 0
    screenshot(page, name)


@looks
def test_the_sign_in_page(new_page, axe, screenshot, look):
    page = new_page(**LOOKS[look])
    page.goto("/accounts/login/")
    settled(page, axe, screenshot, f"sign-in-{look}")


@looks
def test_home_and_people(signed_in_page, axe, screenshot, look):
    page = signed_in_page("amina", "administrator", **LOOKS[look])
    settled(page, axe, screenshot, f"home-{look}")
    page.goto("/people/")
    settled(page, axe, screenshot, f"people-{look}")


@looks
def test_what_is_not_there(new_page, watch, axe, screenshot, look):
    watch.allow("404")
    page = new_page(**LOOKS[look])
    assert page.goto("/nowhere").status == 404
    settled(page, axe, screenshot, f"refusal-{look}")


@looks
def test_setting_up_a_second_factor(signed_in_page, axe, screenshot, look):
    name = f"salma-{look}"
    page = signed_in_page(name, "administrator", has_second_factor=False, **LOOKS[look])
    assert page.url.endswith("/accounts/2fa/")
    settled(page, axe, screenshot, f"second-factor-{look}")
    page.click("a[href*='totp/activate']")
    if "reauthenticate" in page.url:
        settled(page, axe, screenshot, f"reauthenticate-{look}")
        page.fill("[name=password]", PASSWORD)
        page.click("main button.primary")
    settled(page, axe, screenshot, f"authenticator-{look}")
    page.fill("[name=code]", "000000")
    page.click("main button.primary")
    field = page.locator("[name=code]")
    assert field.get_attribute("aria-invalid") == "true"
    described = (field.get_attribute("aria-describedby") or "").split()
    assert any(page.locator(f"#{i}").inner_text().strip() for i in described)
    settled(page, axe, screenshot, f"authenticator-error-{look}")


OF_THE_ACCOUNT = [
    "2fa/webauthn/add/",
    "2fa/totp/deactivate/",
    "2fa/recovery-codes/generate/",
    "password/change/",
    "logout/",
]


@pytest.mark.parametrize("address", OF_THE_ACCOUNT)
def test_other_pages_of_the_account(signed_in_page, axe, screenshot, address):
    page = signed_in_page("amina", "administrator")
    page.goto(f"/accounts/{address}")
    if "reauthenticate" in page.url:
        axe(page)
        link = page.locator("main a[href*='/accounts/reauthenticate/']")
        if link.count():
            link.first.click()
        page.fill("[name=password]", PASSWORD)
        page.click("main button.primary")
    assert page.url.endswith(address)
    settled(page, axe, screenshot, "account-" + address)


@looks
def test_a_mistake_of_ours(new_page, watch, axe, screenshot, look):
    watch.allow("500")
    page = new_page(**LOOKS[look])
    assert page.goto("/test/broken").status == 500
    settled(page, axe, screenshot, f"mistake-{look}")


def code_of(secret):
    """Return the code an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def test_a_second_factor_from_first_code_to_the_next_sign_in(
    signed_in_page, new_page, axe, screenshot
):
    page = signed_in_page("salma", "auditor", has_second_factor=False)
    page.click("a[href*='totp/activate']")
    if "reauthenticate" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.click("main button.primary")
    secret = page.input_value("#authenticator_secret")
    page.fill("[name=code]", code_of(secret))
    page.click("main button.primary")
    codes = page.locator("#recovery_codes").input_value().split()
    settled(page, axe, screenshot, "recovery-codes")
    page.click("main a.button.primary")
    assert page.locator("h1").inner_text() == "Operations at a glance"

    other = new_page()
    other.goto("/accounts/login/")
    other.fill("[name=login]", "salma")
    other.fill("[name=password]", PASSWORD)
    other.click("main button.primary")
    settled(other, axe, screenshot, "second-factor-asked")
    other.fill("[name=code]", codes[0])
    other.click("main button.primary")
    assert other.locator("h1").inner_text() == "Operations at a glance"


def test_signing_in_and_out(new_page, signed_in_page, axe):
    signed_in_page("nour", "analyst", has_second_factor=False)
    page = new_page()
    page.goto("/accounts/login/")
    page.fill("[name=login]", "nour")
    page.fill("[name=password]", "not the one")
    page.click("main button.primary")
    assert page.locator(".errorlist").is_visible()
    axe(page)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.primary")
    assert page.locator("h1").is_visible()
    page.click("summary:has-text('nour')")
    page.click("text=Sign out")
    assert page.url.endswith("/accounts/login/")


def test_the_first_tab_stop_leads_to_the_content(page):
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "login"


def test_a_menu_by_keyboard(page):
    page.goto("/accounts/login/")
    menu = page.locator("details.menu").first
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "language"
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    menu.locator("summary").click()
    page.mouse.click(600, 600)
    assert menu.get_attribute("open") is None


def test_the_switches_hold_without_a_flash(page, axe):
    page.goto("/accounts/login/")
    page.click("details.menu summary")
    page.click("button[data-set='theme:dark']")
    page.click("button[data-set='density:compact']")
    axe(page)
    html = page.goto("/accounts/login/").text()
    assert re.search(r"<html[^>]* data-theme=\"dark\" data-density=\"compact\"", html)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(16, 21, 31)"
    page.click("details.menu summary")
    assert page.get_attribute("button[data-set='theme:dark']", "aria-pressed") == "true"
    page.click("button[data-set='theme:auto']")
    assert "data-theme" not in page.goto("/accounts/login/").text()


def test_a_visitor_changes_the_language(page):
    page.goto("/accounts/login/")
    page.click("details.menu summary")
    page.click("button[name=language][value=ar]")
    assert page.get_attribute("html", "dir") == "rtl"
    assert page.url.endswith("/accounts/login/")
    brand = page.locator(".brand").bounding_box()
    assert brand is not None
    assert brand["x"] > 600


def test_pages_work_without_scripts(new_page, signed_in_page):
    signed_in_page("nour", "analyst", has_second_factor=False)
    page = new_page(java_script_enabled=False)
    page.goto("/accounts/login/")
    page.fill("[name=login]", "nour")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.primary")
    assert page.locator("h1").inner_text() == "Operations at a glance"
    page.click("details.menu summary >> nth=0")
    page.click("button[name=language][value=fr]")
    assert page.get_attribute("html", "lang") == "fr"
