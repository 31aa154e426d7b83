"""Whatever is sent to a form of accounts, the answer is never an error of the server."""

from __future__ import annotations

import itertools

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from tests.web.conftest import client_of, create_person

from waystation.web.accounts import actions
from waystation.web.accounts.models import ApiKey
from waystation.web.accounts.roles import Role
from waystation.web.audit.queries import verify_chain

BAD = [
    "", " ", "\x00", "a\x00b", "'; DROP TABLE accounts_user; --", "\" OR 1=1", "%", "{{ 7 }}",
    "<script>alert(1)</script>", "مرحبا", "\u202e\u200b", "\ud83d\ude00".encode(
        "utf-16", "surrogatepass").decode("utf-16"), "a" * 10_000, "-1", "1e309", "NaN",
    str(2**64), "2026-02-30", "99999-01-01", "null", "[]", "../../etc/passwd", "\r\nX: y",
    SimpleUploadedFile("a.html", b"<b>"),
]  # fmt: skip
FORMS = {
    "/people/new": ["username", "full_name"],
    "/people/{other}/roles": ["role", "scope", "starts_on", "ends_on"],
    "/people/{other}/second-factor": ["reason"],
    "/people/{other}/deactivate": ["x"],
    "/people/{other}/reactivate": ["x"],
    "/people/{other}/password": ["x"],
    "/people/{other}/sessions": ["x"],
    "/people/roles/{role}/end": ["x"],
    "/offices/": ["code", "name", "country"],
    "/offices/{office}": ["name", "country"],
    "/keys/": ["name"],
    "/keys/{key}/withdraw": ["x"],
    "/me/": ["full_name", "language", "digits"],
    "/audit/chain": ["x"],
    "/accounts/login/": ["login", "password", "next"],
    "/accounts/password/change/": ["oldpassword", "password1", "password2"],
    "/language/setlang/": ["language", "next"],
}
GOOD = {
    "username": "cedar", "full_name": "Cedar", "role": "analyst", "scope": "organisation:",
    "starts_on": "2026-01-01", "ends_on": "", "reason": "lost", "code": "south",
    "name": "South", "country": "KEN", "language": "en", "digits": "auto",
}  # fmt: skip
LISTS = {
    "/people/": ["search", "page"],
    "/people/export.csv": ["search"],
    "/audit/": ["verb", "actor", "kind", "key", "first_day", "last_day", "before"],
    "/audit/export.csv": ["verb", "actor", "kind", "key", "first_day", "last_day"],
}


@pytest.fixture
def world(amina):
    other = create_person("other", Role.ANALYST)
    actions.create_key("dashboard", by=None)
    return {
        "other": other.pk,
        "role": other.assignments.get().pk,
        "office": actions.create_office("north", "North", "KEN", by=None).pk,
        "key": ApiKey.objects.get().pk,
    }


@pytest.mark.parametrize("address", FORMS)
def test_a_form_refuses_in_words(amina, world, address):
    for name, value in itertools.product(FORMS[address], BAD):
        with transaction.atomic():
            fields = {**GOOD, name: value}
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
            client = client_of(amina)
            client.raise_request_exception = False
            answer = client.post(address.format(**world), fields)
            assert answer.status_code in {200, 302, 422, 429}, (name, value)
            assert verify_chain().broken == ()
            transaction.set_rollback(True)


@pytest.mark.parametrize("address", FORMS)
def test_a_form_that_is_empty_twice_over_or_no_form_is_refused(amina, world, address):
    client = client_of(amina)
    client.raise_request_exception = False
    path = address.format(**world)
    for body, kind in (
        (b"", "application/x-www-form-urlencoded"),
        (b"a=1&a=2&=&&%00=%00&%ff=%ff", "application/x-www-form-urlencoded"),
        (b"{", "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"broken", "multipart/form-data"),
    ):
        with transaction.atomic():
            answer = client.post(path, body, content_type=kind)
            assert answer.status_code in {200, 302, 400, 422, 429}, (body, kind)
            transaction.set_rollback(True)


@pytest.mark.parametrize("address", LISTS)
def test_a_list_refuses_in_words(amina, address):
    client = client_of(amina)
    client.raise_request_exception = False
    for name, value in itertools.product(LISTS[address], BAD):
        if isinstance(value, str):
            answer = client.get(address, {name: value})
            assert answer.status_code in {200, 422}, (name, value)


@pytest.mark.parametrize(
    "address", ["/people/%00", "/me/sessions/%00/withdraw", "/people/99999999999999999999"]
)
def test_an_address_that_no_database_takes_names_nothing(amina, address):
    client = client_of(amina)
    client.raise_request_exception = False
    assert client.get(address).status_code in {404, 405, 422}
    assert client.post(address).status_code in {404, 405, 422}
