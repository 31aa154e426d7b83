"""Every address of the project, asked by every kind of caller, against one table."""

from __future__ import annotations

import re

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.web.conftest import client_of, create_person
from tests.web.rights_table import PREFIXES, ROWS, SAMPLES
from tests.web.tracking_rights import ANONYMOUS, CALLERS, KEY, NO_ROLE

from waystation.web.accounts.actions import create_key
from waystation.web.accounts.roles import Role

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


def every_address(patterns=None, before=""):
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = before + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from every_address(pattern.url_patterns, address)
        else:
            assert isinstance(pattern, URLPattern)
            yield address


ADDRESSES = sorted(set(every_address()))


def row_of(address):
    if address in ROWS:
        return ROWS[address]
    matching = [prefix for prefix in PREFIXES if address.startswith(prefix)]
    return PREFIXES[max(matching, key=len)] if matching else None


def path_to(address, other):
    def value(match):
        name = match.group(1) or match.group(2)
        return str(SAMPLES[name](other)) if name in SAMPLES else "1"

    return "/" + ARGUMENT.sub(value, address).replace("\\", "").replace("?", "")


def client_for(caller):
    if caller == ANONYMOUS:
        return Client()
    if caller == KEY:
        return Client(headers={"X-API-Key": create_key("caller", by=None)})
    return client_of(create_person("caller", *([] if caller == NO_ROLE else [caller])))


def test_every_address_has_a_row():
    missing = [address for address in ADDRESSES if row_of(address) is None]
    assert missing == [], "add these to tests/web/rights_table.py"


def test_every_row_has_an_address_and_names_every_caller():
    assert set(ROWS) - set(ADDRESSES) == set()
    for prefix in PREFIXES:
        assert any(address.startswith(prefix) for address in ADDRESSES), prefix
    for row in (*ROWS.values(), *PREFIXES.values()):
        assert set(row.expected) == set(CALLERS)


@pytest.mark.django_db
def test_an_address_that_changes_something_takes_no_get(exercise):
    client = client_for(Role.ADMINISTRATOR)
    other = create_person("other", Role.ANALYST, has_second_factor=False)
    changing = [a for a, row in ROWS.items() if row.method == "POST"]
    answers = {a: client.get(path_to(a, other)).status_code for a in changing}
    # Django's own answers with a redirect, having changed nothing.
    assert answers.pop("language/setlang/") == 302
    assert {a for a, status in answers.items() if status != 405} == set()


@pytest.mark.django_db
@pytest.mark.parametrize("caller", CALLERS)
def test_who_is_answered_what(exercise, caller):
    client = client_for(caller)
    other = create_person("other", Role.ANALYST, has_second_factor=False)
    wrong = []
    for address in ADDRESSES:
        row = row_of(address)
        with transaction.atomic():
            path = path_to(address, other)
            kept = dict(client.cookies)
            answer = (
                client.generic(row.method, path)
                if row.method == "GET"
                else (client.post(path, row.data))
            )
            answer.close()
            client.cookies.update(kept)
            transaction.set_rollback(True)
        if answer.status_code != row.expected[caller]:
            wrong.append((row.method, path, answer.status_code, row.expected[caller]))
    assert not wrong, "\n".join(map(str, wrong))
