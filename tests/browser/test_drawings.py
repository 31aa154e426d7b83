"""The map, the flows and the chart, under the policy of the server."""

from __future__ import annotations

import base64

import pytest
from tests.browser.test_frame import LOOKS, looks, settled

READY = "[data-state=ready]"


def opened(page, kind, query=""):
    page.goto(f"/test/draw/{kind}{query}")
    page.wait_for_selector(READY)
    page.wait_for_timeout(400)
    return page


def legend(page):
    return page.locator(".map-legend").inner_text()


@looks
@pytest.mark.parametrize("kind", ["map", "flows", "chart"])
def test_drawings_in_every_look(new_page, axe, screenshot, look, kind):
    page = opened(new_page(**LOOKS[look]), kind)
    settled(page, axe, screenshot, f"{kind}-{look}")


def test_the_slider_steps_through_rounds_at_their_dates(page):
    opened(page, "map")
    slider = page.locator(".map-time input")
    days = [0, 56, 314]
    assert slider.get_attribute("max") == str(days[-1])
    assert slider.get_attribute("aria-valuetext") == "Round 12, 30 Sep 2026"
    before = legend(page)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "Round 11, 15 Jan 2026"
    assert slider.input_value() == str(days[1])
    assert legend(page) != before
    assert "round=11" in page.url
    page.keyboard.press("Home")
    assert page.locator(".map-time output").inner_text() == "Round 10, 20 Nov 2025"


def test_in_arabic_the_slider_goes_the_other_way(new_page):
    page = opened(new_page(locale="ar"), "map")
    page.focus(".map-time input")
    page.keyboard.press("ArrowRight")
    assert "round=11" in page.url


def test_the_address_says_what_is_shown(page):
    opened(page, "map", "?level=1&round=10")
    assert page.locator(".map-time output").inner_text() == "Round 10, 20 Nov 2025"
    assert page.locator(".map-tools select").nth(1).input_value() == "1"


COLOURS = """async ([png, x, y, side]) => {
  const picture = new Image();
  picture.src = `data:image/png;base64,${png}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  return new Set(new Uint32Array(pen.getImageData(x, y, side, side).data.buffer)).size;
}"""


def test_what_was_not_assessed_is_hatched_and_said(page):
    opened(page, "map")
    assert "not assessed" in legend(page)
    assert "(n = 2)" in legend(page)
    box = page.locator(".maplibregl-canvas").bounding_box()
    png = base64.b64encode(page.screenshot()).decode()
    side = (box["height"] - 48) / 6
    left = box["x"] + box["width"] / 2 - 3 * side
    top = box["y"] + 24

    def colours(column, row):
        corner = (left + (column + 0.2) * side, top + (row + 0.2) * side)
        return page.evaluate(COLOURS, [png, *map(round, (*corner, side * 0.6))])

    assert colours(0, 5) > 10  # the first unit: lines on a ground
    assert colours(5, 0) > 10  # the last, which the document does not name
    assert colours(1, 5) == 1  # none is one plain colour
    assert colours(3, 2) == 1  # and so is a class


def test_the_theme_changes_the_map_while_it_is_open(page):
    opened(page, "map")
    light = page.screenshot()
    page.click("details.menu summary")
    page.click("button[data-set='theme:dark']")
    page.keyboard.press("Escape")
    page.wait_for_timeout(600)
    assert page.screenshot() != light
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(16, 21, 31)"


def test_a_unit_is_pointed_at_and_opened(page):
    opened(page, "map")
    canvas = page.locator(".maplibregl-canvas")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2 + 20, box["y"] + box["height"] / 2 + 20)
    tip = page.locator(".tip")
    assert "Unit 16" in tip.inner_text()
    assert "persons" in tip.inner_text()
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**place=XW116**")


def test_a_unit_is_opened_from_the_keyboard(page):
    opened(page, "map", "?level=1")
    page.focus(".maplibregl-canvas")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(900)
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(900)
    assert "Unit 4" in page.locator(".tip").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**place=XW04**")


def test_a_change_has_signs_and_colours_of_two_hues(page, screenshot):
    opened(page, "map", "?indicator=change&level=1")
    assert "+3,600" in legend(page)
    assert "\u22129,000" in legend(page)
    assert page.locator(".map-legend .swatch[class*=change-]").count() >= 1
    screenshot(page, "map-change")


@pytest.mark.parametrize("view", ["circles", "points"])
def test_circles_have_a_legend_of_sizes(page, screenshot, view):
    opened(page, "map")
    page.locator(".map-tools select").nth(2).select_option(view)
    page.wait_for_timeout(600)
    assert page.locator(".map-legend svg").count() >= 1
    screenshot(page, f"map-{view}")


def test_play_is_not_offered_to_who_asked_for_no_motion(new_page):
    page = opened(new_page(reduced_motion="reduce"), "map")
    assert not page.locator(".map-time button").is_visible()


def test_play_goes_through_the_rounds(page):
    opened(page, "map")
    page.click(".map-time button")
    assert page.locator(".map-time button").inner_text() == "Pause"
    page.wait_for_url("**round=11**")
    page.wait_for_url("**round=12**")
    page.wait_for_selector(".map-time button:text-is('Play')")


def test_a_map_that_cannot_be_drawn_says_so(page, watch):
    watch.allow("500")
    page.route("**/test/data/map.json", lambda route: route.fulfill(status=500, body=""))
    page.goto("/test/draw/map")
    page.wait_for_selector("[data-state=failed]")
    assert "table" in page.locator(".js-map").inner_text()


def test_a_chart_follows_the_scheme_and_the_width(page):
    opened(page, "chart")
    svg = page.locator(".chart-body svg")
    assert svg.bounding_box()["width"] > 900
    assert "#0b5c6b" in svg.inner_html()
    page.click("details.menu summary")
    page.click("button[data-set='theme:dark']")
    page.wait_for_selector(".chart-body svg [stroke='#5fb6c4']")
    assert "#0b5c6b" not in svg.inner_html()
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 500, "height": 800})
    page.wait_for_selector(".chart-body svg[width='468']")


def test_a_mark_of_a_chart_says_its_figure(page, screenshot):
    opened(page, "chart")
    page.locator(".chart-body .mark-symbol path").last.hover()
    page.wait_for_selector(".tip:visible")
    assert page.inner_text(".tip") == "2026-09-30: 21000"
    screenshot(page, "chart-pointed")


def test_a_chart_is_saved_as_a_picture(page):
    opened(page, "chart")
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            page.click(f"text=Save as {kind}")
        assert download.value.suggested_filename == f"stock.{kind.lower()}"
