"""Sessions end when idle, after a working day, and when withdrawn."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.conftest import PASSWORD, client_of, create_person

from waystation.web.accounts.models import Session
from waystation.web.accounts.roles import SEES_PERSONAL_DATA, Role
from waystation.web.accounts.sessions import SEEN, SIGNED_IN, SessionStore
from waystation.web.audit.models import Event

SIGN_IN = "/accounts/login/"
MINUTE, HOUR = 60, 3600


@pytest.fixture
def signed_in(client, outsider):
    client.post(SIGN_IN, {"login": "outsider", "password": PASSWORD})
    assert client.get("/me/").status_code == 200
    return client


def set_back(client, **seconds):
    session = client.session
    for name, ago in seconds.items():
        session[name] -= ago
    session.save()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *Role])
def test_who_sees_personal_data_is_signed_out_after_half_an_hour_idle(role):
    client = client_of(create_person("person", *([role] if role else [])))
    assert client.get("/me/").status_code == 200
    set_back(client, **{SEEN: 29 * MINUTE})
    assert client.get("/me/").status_code == 200
    set_back(client, **{SEEN: 31 * MINUTE})
    assert client.get("/me/").status_code == (302 if role in SEES_PERSONAL_DATA else 200)


def test_everybody_is_signed_out_after_a_working_day_idle_or_not(signed_in):
    set_back(signed_in, **{SIGNED_IN: 7.9 * HOUR})
    assert signed_in.get("/me/").status_code == 200
    set_back(signed_in, **{SIGNED_IN: 0.2 * HOUR})
    assert signed_in.get("/me/").status_code == 302
    assert not Session.objects.exists()


def test_a_session_is_not_written_at_every_request(signed_in):
    with CaptureQueriesContext(connection) as queries:
        signed_in.get("/me/")
    assert not [q for q in queries if q["sql"].startswith(("UPDATE", "INSERT"))]
    set_back(signed_in, **{SEEN: 2 * MINUTE})
    with CaptureQueriesContext(connection) as queries:
        signed_in.get("/me/")
    assert len([q for q in queries if q["sql"].startswith("UPDATE")]) == 1


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(signed_in):
    set_back(signed_in, **{SEEN: 5 * MINUTE})
    before = signed_in.session[SEEN]
    signed_in.get("/", headers={"Waystation-Poll": "1"})
    assert signed_in.session[SEEN] == before
    signed_in.get("/me/")
    assert signed_in.session[SEEN] > before


def test_where_part_of_a_page_was_asked_for_the_whole_page_goes_to_sign_in(client):
    page = "http://testserver/people/?search=x"
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    answer = client.get("/people/", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"].startswith("/accounts/login/?next=http%3A%2F%2Ftestserver")
    headers["HX-Current-URL"] = "https://elsewhere.example.org/"
    assert client.get("/people/", headers=headers)["HX-Redirect"] == "/accounts/login/"


def test_a_script_is_told_401(client):
    answer = client.get("/people/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert client.get("/people/", headers={"Accept": "*/*"}).status_code == 302


def test_a_person_sees_and_ends_their_own_sessions_only(signed_in, outsider, amina):
    other_browser = client_of(outsider)
    assert other_browser.get("/me/").status_code == 200
    client_of(amina).get("/me/")
    page = signed_in.get("/me/").content.decode()
    assert page.count("/withdraw") == 1
    assert "This browser" in page
    assert not [s for s in Session.objects.all() if s.session_key in page]
    mark = page.split("/me/sessions/")[1].split("/")[0]
    assert client_of(amina).post(f"/me/sessions/{mark}/withdraw").status_code == 404
    assert signed_in.post(f"/me/sessions/{mark}/withdraw").status_code == 302
    assert other_browser.get("/me/").status_code == 302
    assert Event.objects.filter(verb="session.withdraw", actor=outsider).count() == 1


def test_a_sign_in_is_an_event_and_stands_among_ones_acts(signed_in, outsider):
    assert Event.objects.filter(verb="session.start", actor=outsider).count() == 1
    assert "session.start" in signed_in.get("/me/").content.decode()


def test_sessions_that_are_over_are_cleared(signed_in):
    SessionStore.clear_expired()
    session = Session.objects.get()
    assert str(session) == f"session of {session.user_id}"
    assert session.get_session_store_class() is SessionStore
    session.expire_date -= dt.timedelta(days=1)
    session.save()
    SessionStore.clear_expired()
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_an_answer_to_a_program_does_not_vary_by_session(client):
    assert "Cookie" not in client.get("/api/v1/whoami").get("Vary", "")
