"""The migration data centre in a browser: the catalogue, a dataset, and nothing held."""

from __future__ import annotations

import pytest
from tests.browser.conftest import overflow, running_server
from tests.library.statistics.made_up import keep_made_up


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    """Give the address of a server that holds the made-up dataset."""
    folder = tmp_path_factory.mktemp("statistics")
    keep_made_up(folder)
    with running_server(folder) as address:
        yield address


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_fit_and_can_be_used_by_everyone(new_page, axe, screenshot, language, width):
    page = new_page(locale=language, viewport={"width": width, "height": 900})
    for name, address in (
        ("catalogue", "/statistics/"),
        ("dataset", "/statistics/made_up_2024/"),
    ):
        page.goto(address)
        axe(page)
        assert overflow(page) == 0
        screenshot(page, f"statistics-{name}-{language}-{width}")


def test_a_reader_finds_a_figure_and_takes_it_along(page):
    page.goto("/statistics/")
    page.get_by_role("link", name="Migrants of nowhere").click()
    page.get_by_label("Year or period").select_option("2020")
    page.get_by_label("Sex").select_option("Male")
    page.get_by_role("button", name="Show").click()
    assert "sex=male" in page.url
    rows = page.get_by_role("region", name="Figures").locator("tbody tr")
    assert rows.count() == 1
    assert rows.locator("td.n").inner_text() == "0"
    with page.expect_download() as taken:
        page.get_by_role("link", name="csv", exact=True).click()
    assert taken.value.suggested_filename.endswith("-part.csv")
