"""The operation page: its figures are the edition's, and each says where it comes from."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.library.release.conftest import TOTAL, create_build
from tests.web.conftest import client_of, create_person
from tests.web.tracking.made_editions import (
    in_component,
    publish_made,
    together,
    without_figures,
)

from waystation.release.disclosure import DisclosureRule, Method, protected_build
from waystation.web.accounts.roles import Role
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.models import Operation

PAGE = "/operations/made/"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def build():
    return create_build()


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def plain(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def total(operation, round_number, code="XWS", indicator=TOTAL):
    totals = edition_of(operation).frame("totals")
    here = totals.filter(
        pl.col("round_number") == round_number,
        pl.col("indicator") == indicator,
        pl.col("code") == code,
    )
    return here["value"].item()


def test_the_headline_is_the_last_round_s_figure_with_its_date_and_change(client, build):
    operation = publish_made(build)
    page = plain(text_of(client.get(PAGE)))
    now, before = total(operation, 3), total(operation, 2)
    assert f"{now:,.0f} persons" in page
    assert "as of 11 Oct 2025" in page
    assert "Change since Round 2 (May 2025)" in page
    sign = "+" if now > before else "\u2212"
    assert f"{sign}{abs(now - before):,.0f}" in page


def test_every_area_has_the_figure_of_the_edition_and_it_leads_to_its_trail(client, build):
    operation = publish_made(build)
    page = text_of(client.get(PAGE))
    for code in build.totals.filter(pl.col("admin_level") > 0)["code"].unique():
        figure = f"{total(operation, 3, code):,.0f}"
        links = re.findall(r'<a href="([^"]+)">([\d,]+)\*?</a>', page)
        found = [
            (parse_qs(urlsplit(unescape(url)).query), shown)
            for url, shown in links
            if f"place={code}&" in unescape(url)
        ]
        assert found
        for query, shown in found:
            assert shown == figure
            assert query["round"] == ["baseline_location-3"]
            assert query["indicator"] == [TOTAL]


def test_every_headline_leads_to_its_trail(client, build):
    publish_made(build)
    page = text_of(client.get(PAGE))
    figures = re.findall(r'<p class="figure-value">(.*?)</p>', page)
    assert len(figures) == 4
    for figure in figures:
        assert re.match(r'<a href="/operations/made/where\?place=XWS&amp;round=', figure)


def test_a_round_is_told_as_it_stood_whatever_came_later(client, build):
    operation = publish_made(build)
    page = plain(text_of(client.get(PAGE, {"round": "baseline_location-2"})))
    assert f"{total(operation, 2):,.0f} persons" in page
    assert "Change since Round 1" in page
    assert "This is not the latest round." in page
    assert f"{total(operation, 3):,.0f} persons" not in page


def test_another_indicator_is_told_the_same_way(client, build):
    operation = publish_made(build)
    page = plain(text_of(client.get(PAGE, {"indicator": "idp_households"})))
    figure = total(operation, 3, indicator="idp_households")
    assert f"{figure:,.0f} households" in page


@pytest.mark.parametrize(
    "query",
    [
        {"round": "baseline_location-9"},
        {"round": "event-1"},
        {"round": "' OR 1=1"},
        {"indicator": "no_such"},
        {"indicator": "\x01"},
        {"component": "x" * 5000},
    ],
)
def test_what_there_is_not_cannot_be_chosen(client, build, query):
    publish_made(build)
    assert client.get(PAGE, query).status_code == 404


def test_several_assessments_can_be_chosen_between(client, build):
    sites = in_component(create_build(rounds=2, locations=9), "site_assessment")
    operation = publish_made(together(build, sites))
    page = text_of(client.get(PAGE))
    assert '<optgroup label="site assessment">' in page
    other = text_of(client.get(PAGE, {"round": "site_assessment-2"}))
    figure = edition_of(operation).frame("totals").filter(
        pl.col("component") == "site_assessment",
        pl.col("round_number") == 2,
        pl.col("admin_level") == 0,
        pl.col("indicator") == TOTAL,
    )["value"].item()  # fmt: skip
    assert f"{figure:,.0f} persons" in plain(other)


def test_an_indicator_that_the_other_assessment_lacks_gives_way_to_its_own(client, build):
    sites = in_component(create_build(rounds=2, locations=9), "site_assessment")
    kept = pl.col("indicator") != "idp_households"
    sites = replace(sites, totals=sites.totals.filter(kept), matrix=sites.matrix.filter(kept))
    publish_made(together(build, sites))
    query = {"round": "site_assessment-2", "indicator": "idp_households"}
    assert "Internally displaced persons" in text_of(client.get(PAGE, query))


def test_a_round_without_figures_says_so_and_is_never_0(client, build):
    publish_made(without_figures(build, 3))
    page = plain(text_of(client.get(PAGE)))
    assert "not reported persons" in page.replace("\u2014 ", "")
    assert "No location reported this figure" in page
    assert " 0 persons" not in page


def test_a_first_round_has_no_change(client):
    publish_made(create_build(rounds=1))
    page = plain(text_of(client.get(PAGE)))
    assert "This is the first round." in page
    assert "Fewer than two rounds hold this figure" in page


def test_sections_without_data_say_so_instead_of_drawing_empty_axes(client, build):
    publish_made(build)
    page = text_of(client.get(PAGE))
    drawn = set(re.findall(r"charts/([a-z_]+)\.json", page))
    assert {"rounds", "change", "reason", "shelter", "need", "sex_age", "coverage"} <= drawn
    assert "origin" not in drawn
    assert "Area of origin: no breakdown was reported in this round." in plain(page)


def test_without_boundaries_and_positions_there_is_no_map(client):
    build = create_build(boundaries=False)
    publish_made(replace(build, locations=build.locations.clear()))
    page = text_of(client.get(PAGE))
    assert "js-map" not in page
    assert "there is no map" in page


def test_nothing_published_yet_is_for_those_who_work_on_it(client):
    Operation.objects.create(slug="made", name="New", country="XWS", visibility="public")
    assert client.get(PAGE).status_code == 404
    worker = client_of(create_person("worker", Role.INFORMATION_OFFICER))
    assert "Nothing is published yet" in text_of(worker.get(PAGE))


def test_an_operation_that_published_no_number_of_people_says_so(client, build):
    flows = build.totals.filter(pl.col("indicator") == "no_such")
    publish_made(replace(build, totals=flows))
    assert "hold no number of people" in text_of(client.get(PAGE))


def test_protection_is_said_where_figures_are_rounded(client, build):
    publish_made(replace(build, rounded_to=5))
    assert "rounded to multiples of 5" in plain(text_of(client.get(PAGE)))


def test_the_page_costs_few_questions_to_the_database(client, build, exercise):
    """The same for 25 locations and for 60: figures come from the edition."""
    publish_made(build)
    counts = []
    for slug in ("made", exercise.slug):
        client.get(f"/operations/{slug}/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/operations/{slug}/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 2


@pytest.mark.parametrize(
    ("language", "direction", "date"),
    [("en", "ltr", "11 Oct 2025"), ("fr", "ltr", "11 oct. 2025"), ("es", "ltr", "11 oct 2025"),
     ("ar", "rtl", "أكتوبر 2025")],
)  # fmt: skip
def test_the_page_in_each_language(client, build, language, direction, date):
    operation = publish_made(build)
    answer = client.get(PAGE, headers={"Accept-Language": language})
    page = text_of(answer)
    assert f'<html lang="{language}" dir="{direction}"' in page
    figure = f"{total(operation, 3):,.0f}"
    written = {"fr": figure.replace(",", "\u202f"), "es": figure.replace(",", ".")}
    assert written.get(language, figure) in page
    assert date in page


def test_arabic_pages_use_the_digits_that_the_reader_chose(client, build):
    operation = publish_made(build)
    client.cookies["digits"] = "arab"
    page = text_of(client.get(PAGE, headers={"Accept-Language": "ar"}))
    arab = str.maketrans("0123456789,", "٠١٢٣٤٥٦٧٨٩٬")
    for code in ("XWS", "XW01"):
        assert f"{total(operation, 3, code):,.0f}".translate(arab) in page
    assert f"{total(operation, 3, 'XW01'):,.0f}" not in page
    assert "digits=arab" in page


def test_no_inline_style_and_every_address_is_ours(client, build):
    publish_made(build)
    page = text_of(client.get(PAGE))
    assert not re.search(r"<script(?! src)|<style|\sstyle=|\son\w+=", page)
    assert not re.search(r'(src|href|data-source)="https?://', page)


def test_names_of_places_cannot_break_out_of_the_page(client, build):
    name = '"><script>alert(1)</script>'
    units = build.units.with_columns(
        name=pl.when(pl.col("code") == "XW01").then(pl.lit(name)).otherwise("name")
    )
    publish_made(replace(build, units=units))
    assert "<script>alert" not in text_of(client.get(PAGE))


def test_a_page_that_nobody_prepared_is_made_when_it_is_asked_for(client, build):
    publish_made(build, is_prepared=False)
    assert client.get(PAGE).status_code == 200


def test_the_exercise_shows_its_protected_figures(client, exercise):
    page = plain(text_of(client.get(f"/operations/{exercise.slug}/")))
    totals = edition_of(exercise).frame("totals").filter(
        pl.col("indicator") == TOTAL, pl.col("admin_level") == 0
    )  # fmt: skip
    last = totals.sort("reference_date")["value"][-1]
    assert f"{last:,.0f} persons" in page
    assert last % exercise.disclosure_base == 0


@pytest.mark.parametrize(
    ("rule", "level", "has_points"),
    [
        (DisclosureRule(method=Method.ROUNDING, seed="a"), 2, True),
        (DisclosureRule(method=Method.WITHHOLDING, deepest_level=1, seed="a"), 1, False),
        (DisclosureRule(method=Method.WITHHOLDING, deepest_level=2, seed="a"), 2, False),
    ],
)
def test_protected_editions_show_what_they_may_and_no_more(
    client, build, rule, level, has_points
):
    safe, _ = protected_build(build, rule)
    operation = publish_made(safe)
    page = plain(text_of(client.get(PAGE)))
    assert f"{total(operation, 3):,.0f} persons" in page
    if rule.method is Method.WITHHOLDING:
        assert f"figures below administrative level {level} are not published" in page
    told = client.get(f"{PAGE}map.json").json()
    assert max(map(int, told["outlines"])) == level
    assert (told["points"] is not None) == has_points
    assert ("points" in told["values"][TOTAL]) == has_points
    expected = 200 if has_points else 404
    assert client.get(f"{PAGE}points.json").status_code == expected
    assert client.get(f"{PAGE}points/values.json").status_code == expected
