"""Who may see the pages that look closer, what they do with nonsense, and how fast they are."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest
from django.test import Client
from tests.web.conftest import client_of, create_person
from tests.web.tracking.closer import BASE, ROUND_1, ROUND_2, STOCK, content_of

from waystation.web.tracking.exercise import PEOPLE
from waystation.web.tracking.models.operations import Visibility

FIGURE = f"where?place=XW01&indicator={STOCK}&round={ROUND_2}"
PAGES = (
    "place/XW01", "place-chart.json?place=XW01", "place-map.json?place=XW01",
    "place-points.json?place=XW01", "outlines/1.json", "compare", "compare.csv",
    "compare-map.json", "flows", "flows-map.json", "table", "table.csv", "table.xlsx", FIGURE,
    "releases", f"releases/{ROUND_1}/1", "download/hapi", "report.pdf",
)  # fmt: skip
EVERYONE = [person.username for person in PEOPLE]
NONSENSE = (
    "foo", "-1", "9" * 60, "1e308", "nan", "'; DROP TABLE tracking_round; --",
    "<script>alert(1)</script>", "\0", "é" * 3000, "../../etc/passwd", "{{ 7*7 }}", "%s%n",
    "baseline_location-", "baseline_location-0.v0", "\U0001f600",
)  # fmt: skip
PARAMETERS = {
    "place/XW01": ("indicator", "was"),
    "place-chart.json": ("place", "indicator"),
    "place-map.json": ("place", "indicator"),
    "place-points.json": ("place", "indicator"),
    "compare": ("before", "after", "level", "indicator"),
    "compare.csv": ("before", "after", "level", "indicator"),
    "compare-map.json": ("before", "after", "level", "indicator"),
    "flows": ("round", "level", "top"),
    "flows-map.json": ("round", "level", "top"),
    "table": (
        "level", "round", "indicator", "unit", "q", "minimum", "status", "show", "sort", "page",
    ),
    "table.csv": ("level", "round", "indicator", "unit", "q", "minimum", "status", "sort"),
    "where": ("place", "indicator", "round", "version"),
    "download/csv": ("round", "version"),
    "report.pdf": ("round",),
}  # fmt: skip


def people(as_person):
    yield "anonymous", Client()
    yield "outsider", client_of(create_person("outsider", has_second_factor=False))
    for name in EVERYONE:
        yield name, as_person(name)


@pytest.mark.parametrize("page", PAGES)
def test_what_is_public_is_for_everyone_and_nothing_is_written_by_posting(
    exercise, as_person, page
):
    for name, client in people(as_person):
        answer = client.get(f"{BASE}/{page}")
        assert answer.status_code == 200, name
        assert content_of(answer)
        assert client.post(f"{BASE}/{page}").status_code == 405, name


@pytest.mark.parametrize("page", PAGES)
def test_what_is_for_partners_is_not_there_for_those_who_do_not_sign_in(
    exercise, as_person, page
):
    exercise.visibility = Visibility.PARTNERS
    exercise.save(update_fields=["visibility"])
    for name, client in people(as_person):
        answer = client.get(f"{BASE}/{page}")
        assert answer.status_code == (404 if name == "anonymous" else 200), name
        content_of(answer)


@pytest.mark.parametrize("page", PAGES)
def test_where_nothing_is_published_there_is_nothing_for_anybody(exercise, as_person, page):
    exercise.edition = 0
    exercise.save(update_fields=["edition"])
    for name, client in people(as_person):
        assert client.get(f"{BASE}/{page}").status_code == 404, name


@pytest.mark.parametrize("page", PAGES)
def test_an_operation_that_is_none_is_not_found(exercise, page):
    assert Client().get(f"/operations/nowhere/{page}").status_code == 404


@pytest.mark.parametrize("page", PARAMETERS)
def test_nonsense_is_answered_and_never_breaks_a_page(exercise, page):
    client = Client(raise_request_exception=True)
    for name in PARAMETERS[page]:
        for value in NONSENSE:
            answer = client.get(f"{BASE}/{page}", {name: value})
            assert answer.status_code in (200, 302, 404, 422), (name, value)
            if answer.get("Content-Type", "").startswith("text/html"):
                assert b"<script>alert" not in answer.content


def test_every_page_is_quick_once_it_is_warm(exercise):
    location = quote("XW01")
    pages = [p for p in PAGES if not p.startswith(("download", "report"))]
    client = Client()
    slow = {}
    for page in [*pages, f"place/{location}", "table?level=2"]:
        client.get(f"{BASE}/{page}")
        times = []
        for _ in range(3):
            start = time.perf_counter()
            content_of(client.get(f"{BASE}/{page}"))
            times.append(time.perf_counter() - start)
        if min(times) > 0.5:  # a tenth of a second alone; tests share their machine
            slow[page] = min(times)
    assert not slow
