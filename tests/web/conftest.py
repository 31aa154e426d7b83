"""Named people and their clients: amina manages accounts, outsider has no role."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from waystation.web.accounts.actions import assign_role, create_user
from waystation.web.accounts.roles import EVERYWHERE, Role

PASSWORD = "long enough to be one"
FIRST_DAY = dt.date(2020, 1, 1)


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests():
    cache.clear()


@pytest.fixture(autouse=True)
def _connection_of_the_test(monkeypatch):
    """Keep the connection whose transaction a test runs in: a file's end would close it."""
    close = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def close_outside(connection):
        if not connection.in_atomic_block:
            close(connection)

    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", close_outside)


def create_person(username, *roles, has_second_factor=True, scope=EVERYWHERE):
    person = create_user(username, by=None, password=PASSWORD)
    for role in roles:
        assign_role(person, role, by=None, scope=scope, starts_on=FIRST_DAY)
    if has_second_factor:
        TOTP.activate(person, generate_totp_secret())
    return person


def client_of(person):
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def amina(db):
    return create_person("amina", Role.ADMINISTRATOR)


@pytest.fixture
def outsider(db):
    return create_person("outsider", has_second_factor=False)
