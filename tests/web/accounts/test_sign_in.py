"""Signing in: second factor where it is due, lock-out, sessions that end."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.test import Client
from django.utils import timezone
from tests.web.conftest import PASSWORD, client_of, create_person

from waystation.web.accounts.factors import code_now
from waystation.web.accounts.models import Session, User
from waystation.web.accounts.roles import SEES_PERSONAL_DATA, Role
from waystation.web.audit.models import Event

SIGN_IN = "/accounts/login/"


def sign_in(client, password=PASSWORD, username="outsider"):
    return client.post(SIGN_IN, {"login": username, "password": password})


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_who_sees_personal_data_must_have_a_second_factor(role):
    client = client_of(create_person("person", role, has_second_factor=False))
    answer = client.get("/")
    if role in SEES_PERSONAL_DATA:
        assert (answer.status_code, answer.url) == (302, "/accounts/2fa/")
        assert client.get("/people/").url == "/accounts/2fa/"
        assert client.get("/accounts/2fa/").status_code == 200
    else:
        assert answer.status_code == 200


@pytest.mark.django_db
def test_where_part_of_a_page_was_asked_for_the_whole_page_goes_to_the_step_that_is_due():
    client = client_of(create_person("person", Role.AUDITOR, has_second_factor=False))
    answer = client.get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/accounts/2fa/")


def test_with_a_second_factor_the_home_page_opens(amina):
    assert client_of(amina).get("/").status_code == 200


@pytest.mark.django_db
def test_the_password_alone_does_not_sign_in_who_has_a_second_factor(client, amina):
    answer = sign_in(client, username="amina")
    assert answer.url.startswith("/accounts/2fa/authenticate/")
    assert client.get("/people/").status_code == 302


@pytest.mark.django_db
def test_the_admin_site_asks_for_a_second_factor_and_has_no_sign_in_of_its_own(client):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(SIGN_IN)
    root = User.objects.create_superuser("root", password=PASSWORD)
    for address in ("/admin/", "/"):
        assert client_of(root).get(address).url == "/accounts/2fa/"
    second = create_person("second", has_second_factor=True)
    second.is_staff = second.is_superuser = True
    second.save()
    pages = ("/admin/", "/admin/accounts/user/", f"/admin/accounts/user/{second.pk}/change/")
    for address in pages:
        answer = client_of(second).get(address)
        assert answer.status_code == 200
        assert "argon2" not in answer.content.decode()
    assert client_of(second).get("/admin/accounts/user/add/").status_code == 403


def test_five_wrong_passwords_lock_even_the_right_one_out(client, outsider):
    for _attempt in range(4):
        assert sign_in(client, "wrong").status_code == 200
    assert sign_in(client, "wrong").status_code == 429
    assert sign_in(client).status_code == 429
    assert client.get("/people/").status_code == 302


def test_the_right_password_signs_in(client, outsider):
    assert sign_in(client).url == "/"
    assert "outsider" in client.get("/").content.decode()


def test_a_session_ends_after_a_working_day(client, outsider):
    sign_in(client)
    session = Session.objects.get()
    left = session.expire_date - timezone.now()
    assert dt.timedelta(hours=7, minutes=59) < left <= dt.timedelta(hours=8)
    session.expire_date = timezone.now() - dt.timedelta(seconds=1)
    session.save()
    assert client.get("/people/").status_code == 302


@pytest.mark.django_db
def test_nobody_signs_up(client):
    fields = {"username": "birch", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", fields).status_code == 404
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["signup", "email", "password/reset"])
def test_pages_that_would_send_mail_or_let_strangers_in_are_not_there(client, page):
    assert client.get(f"/accounts/{page}/").status_code == 404
    assert f"/accounts/{page}/" not in client.get(SIGN_IN).content.decode()


@pytest.mark.django_db
def test_a_person_sets_up_an_authenticator_app_and_gets_in(client):
    create_person("outsider", Role.CASEWORKER, has_second_factor=False)
    sign_in(client)
    assert client.get("/").url == "/accounts/2fa/"
    activate = "/accounts/2fa/totp/activate/"
    again = client.get(activate)  # the password once more, before a factor is added
    client.post(again.url, {"password": PASSWORD})
    assert client.get(activate).status_code == 200
    secret = client.session[SECRET_SESSION_KEY]
    code = code_now(secret)
    assert client.post(activate, {"code": "000000x"}).status_code == 200
    assert client.get("/").status_code == 302
    assert client.post(activate, {"code": code}).status_code == 302
    assert client.get("/").status_code == 200
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200
    added = Event.objects.filter(verb="second_factor.add", actor__username="outsider")
    assert [event.details["kind"] for event in added] == ["totp", "recovery_codes"]
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    removed = Event.objects.filter(verb="second_factor.remove", actor__username="outsider")
    assert "totp" in [event.details["kind"] for event in removed]


@pytest.mark.parametrize("address", ["login/", "password/change/", "reauthenticate/"])
def test_nothing_offers_to_send_a_password_by_mail(amina, address):
    client = Client() if address == "login/" else client_of(amina)
    page = client.get(f"/accounts/{address}").content.decode()
    assert "Forgotten? Ask your office" in page
    assert "password/reset" not in page
