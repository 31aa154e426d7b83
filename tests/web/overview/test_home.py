"""The front page: every operation that the reader may see, and what waits for them."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.library.release.conftest import TOTAL, create_build, round_date
from tests.web.conftest import client_of, create_person
from tests.web.tracking.conftest import _made_once, as_person, data, exercise  # noqa: F401  # the exercise is a fixture of tracking
from tests.web.tracking.made_editions import publish_made, without_figures

from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Role
from waystation.web.overview import operations, views
from waystation.web.tracking.actions import publication
from waystation.web.tracking.models import Job, Operation, Upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_2025(monkeypatch):
    """Let it be a day soon after the last round of what is made."""
    monkeypatch.setattr(views, "this_day", lambda: dt.date(2025, 11, 24))


def plain(answer):
    assert answer.status_code == 200
    page = answer.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split()).replace(" ,", ",")


def total(build, round_number):
    return build.totals.filter(
        pl.col("round_number") == round_number,
        pl.col("indicator") == TOTAL,
        pl.col("admin_level") == 0,
    )["value"].item()


def test_an_operation_has_its_figure_date_change_course_and_locations(client):
    build = create_build()
    publish_made(build)
    answer = client.get("/")
    page = plain(answer)
    now, before = total(build, 3), total(build, 2)
    sign = "+" if now > before else "\u2212"
    assert f"{now:,.0f} {sign}{abs(now - before):,.0f} 11 Oct 2025 round 3" in page
    html = answer.content.decode()
    assert re.search(r'<svg class="course" role="img"[^>]*aria-label="Rounds: 3. From', html)
    assert re.search(r'<a href="/operations/made/where\?place=XWS&amp;indicator=', html)
    assert " style=" not in html


def test_a_round_without_a_figure_leaves_a_gap_in_the_course():
    course = [(round_date(n), value) for n, value in ((1, 10.0), (2, None), (3, 5.0))]
    paths, end = operations.course_paths(course)
    assert [path.count("M") for path in paths] == [1, 1]
    assert end is not None
    assert operations.course_paths(course[:1]) == ((), None)


def test_a_last_round_without_a_figure_is_not_0(client):
    publish_made(without_figures(create_build(), 3))
    page = plain(client.get("/"))
    assert "not reported" in page
    assert "\u2212" not in page


@pytest.mark.parametrize("roles", [(), (Role.ANALYST,)])
def test_visitors_see_public_operations_and_people_who_sign_in_also_those_for_partners(
    client, roles
):
    publish_made(create_build(), slug="open")
    publish_made(create_build(), slug="partners", visibility="partners")
    Operation.objects.create(slug="new", name="Operation new", country="XWS")
    page = plain(client.get("/"))
    assert ("Operation open" in page, "Operation partners" in page) == (True, False)
    page = plain(client_of(create_person("reader", *roles)).get("/"))
    assert "Operation partners" in page
    assert "Operation new" not in page
    assert ("You have no role yet" in page) == (not roles)


def test_nothing_published_is_said_with_what_to_do(client):
    page = plain(client.get("/"))
    assert "Nothing is published for everyone yet" in page
    assert "Sign in" in page
    officer = client_of(create_person("officer", Role.INFORMATION_OFFICER))
    assert "No operation yet" in plain(officer.get("/"))


def test_operations_are_found_and_ordered_by_the_address(client):
    small, large = create_build(locations=5), create_build(locations=40)
    publish_made(small, slug="small", name="Réfugiés du Nord", country="TCD")
    publish_made(large, slug="large", name="Large", country="SDN")

    def order(**query):
        page = client.get("/", query).content.decode()
        return re.findall(r'<th scope="row"><a href="/operations/(\w+)/"', page)

    assert order() == ["large", "small"]
    assert order(sort="name") == ["small", "large"]
    assert order(q="refugies") == ["small"]
    assert order(q="sudan") == ["large"]
    assert order(q="TCD") == ["small"]
    assert order(q="nowhere") == []
    for odd in ("\x01", "x" * 10_000, "'; DROP TABLE", "<b>"):
        assert client.get("/", {"q": odd, "sort": odd, "page": odd}).status_code == 200


def test_the_sum_says_its_days_and_what_it_leaves_out(client):
    build = create_build()
    publish_made(build, slug="a", country="TCD")
    page = plain(client.get("/"))
    assert "all operations together" not in page
    publish_made(build, slug="b", country="SDN")
    publish_made(create_build(locations=5), slug="c", name="Second of a country", country="SDN")
    page = plain(client.get("/"))
    assert "all operations together" in page
    assert f"{2 * total(build, 3):,.0f}" in page
    assert "countries: 2, at different days between 11 Oct 2025 and 11 Oct 2025" in page
    assert "counted already: 1" in page


def test_a_figure_older_than_a_year_is_marked_and_not_added(client, monkeypatch):
    build = create_build()
    for slug, country in (("a", "TCD"), ("b", "SDN")):
        publish_made(build, slug=slug, country=country)
    monkeypatch.setattr(views, "this_day", lambda: dt.date(2026, 11, 24))
    page = plain(client.get("/"))
    assert "older than a year" in page
    assert "all operations together" not in page


def test_many_operations_cost_no_more_questions_than_one(client):
    build = create_build(rounds=1, locations=4, admin1=2)
    counts = []
    for number in range(3):
        publish_made(build, slug=f"op-{number}", name=f"Operation {number}")
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2] <= 2


def test_what_waits_is_shown_to_whom_it_waits_for(exercise, as_person):  # noqa: F811  # a fixture
    round_ = exercise.rounds.get(number=3)
    clients = {who: as_person(who) for who in ("amina", "tomas", "joseph", "leila", "mei")}
    assert "round 3 Open" in plain(clients["amina"].get("/"))
    publication.request_publication(round_, by=User.objects.get(username="amina"))
    upload = Upload.objects.all()[0]
    upload.state = "to_confirm"
    upload.save()
    Job.objects.create(
        operation=exercise, kind="read_upload", object_id=10**6, state="failed",
        ended_at=timezone.now(), problem="It is empty",
    )  # fmt: skip
    shown = {who: plain(each.get("/")) for who, each in clients.items()}
    waits = "asked to publish on"
    assert {who for who, page in shown.items() if waits in page} == {"tomas"}
    mapping = "waits for a person"
    assert {who for who, page in shown.items() if mapping in page} == {
        "amina",
        "tomas",
        "joseph",
    }
    failed = "It is empty"
    assert {who for who, page in shown.items() if failed in page} == {
        "amina",
        "tomas",
        "joseph",
    }
    assert "Nothing waits for you now." in shown["leila"]
    assert "What needs you" not in shown["mei"]


def test_work_that_was_done_since_is_not_shown_as_failed(exercise, as_person):  # noqa: F811  # a fixture
    common = {"operation": exercise, "kind": "read_upload", "object_id": 10**6}
    Job.objects.create(**common, state="failed", ended_at=timezone.now(), problem="Broken")
    Job.objects.create(**common, state="done", ended_at=timezone.now())
    assert "Broken" not in plain(as_person("amina").get("/"))


def test_administrators_find_people(exercise, as_person):  # noqa: F811  # a fixture
    assert "People and roles" in plain(as_person("admin").get("/"))
    assert "People and roles" not in plain(as_person("amina").get("/"))


def test_the_front_page_in_arabic_mirrors_courses(client):
    publish_made(create_build())
    page = client.get("/", headers={"Accept-Language": "ar"}).content.decode()
    assert 'dir="rtl"' in page
    assert 'transform="matrix(-1 0 0 1 120 0)"' in page
