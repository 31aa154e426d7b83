"""Headers, languages and refusals."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from tests.web.conftest import client_of

from waystation.errors import (
    InvalidChoice,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Unavailable,
    UnreadableFile,
)
from waystation.web.project.middleware import Refusals

pytestmark = pytest.mark.django_db


def test_no_inline_script_or_style_is_let_through(client, outsider):
    for answer in (client.get("/accounts/login/"), client_of(outsider).get("/")):
        policy = answer["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        assert "script-src 'self'" in policy
        assert "default-src 'none'" in policy
        page = answer.content.decode()
        assert not re.search(r"<script(?! src)|<style|\sstyle=|\son\w+=", page)


def test_security_headers(client):
    answer = client.get("/accounts/login/")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("language", "direction", "word"),
    [
        ("en", "ltr", "Sign in"),
        ("fr", "ltr", "Se connecter"),
        ("es", "ltr", "Iniciar sesión"),
        ("ar", "rtl", "تسجيل الدخول"),
        ("de", "ltr", "Sign in"),
    ],
)
def test_the_sign_in_page_in_each_language(client, language, direction, word):
    page = client.get(
        "/accounts/login/", headers={"Accept-Language": language}
    ).content.decode()
    shown = "en" if language == "de" else language
    assert f'<html lang="{shown}" dir="{direction}">' in page
    assert word in page
    assert 'class="skip"' in page


def test_a_visitor_chooses_a_language(client):
    client.post("/language/setlang/", {"language": "ar", "next": "/accounts/login/"})
    assert 'dir="rtl"' in client.get("/accounts/login/").content.decode()


def test_the_health_check_answers_anyone(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert client.post("/healthz").status_code == 405


def test_the_style_sheet_is_served_here(client):
    page = client.get("/accounts/login/").content.decode()
    assert not re.search(r'(src|href)="https?://', page)
    icon = client.get("/static/icon.svg")
    assert icon.status_code == 200
    icon.close()


def test_a_page_that_is_not_there_gets_404(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert 'class="skip"' in answer.content.decode()


def answer_to(address, error):
    refusals = Refusals(lambda request: HttpResponse())
    answer: Any = refusals.process_exception(RequestFactory().get(address), error)
    return answer


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(what="round", name="9"), 404),
        (NotAllowed(action="publish", what="round"), 403),
        (NotSignedIn(reason="No key"), 401),
        (InvalidChoice(value="x", option="level", choices=(0, 1)), 422),
        (UnreadableFile(file="a.xlsx", reason="it is empty", action="Send another"), 422),
        (Unavailable(what="Chain", reason="busy", action="Wait"), 503),
    ],
)
def test_an_error_of_the_library_becomes_an_answer(error, status):
    answer = answer_to("/api/v1/x", error)
    assert answer.status_code == status
    page = answer_to("/rounds/", error)
    assert (page.status_code, page["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_a_refusal_for_a_program_is_json():
    error = InvalidChoice(value="x", option="level", choices=(0, 1))
    answer = answer_to("/api/v1/x", error)
    expected = (
        b'{"code": "choice.invalid", "message": "\'x\' is not a possible level; choose one of '
        b'(0, 1).", "details": {"value": "x", "option": "level", "choices": "(0, 1)"}}'
    )
    assert answer.content == expected


def test_a_form_from_elsewhere_is_refused_in_words(outsider):
    client = Client(enforce_csrf_checks=True)
    client.force_login(outsider, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/me/", {"full_name": "x"})
    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()


def test_other_errors_are_left_to_django():
    assert answer_to("/", KeyError("x")) is None
