"""Keys of programs: shown once, kept as a hash, refused when wrong or withdrawn."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from waystation.errors import InvalidChoice
from waystation.web.accounts.actions import create_key, withdraw_key
from waystation.web.accounts.models import ApiKey
from waystation.web.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_right_key_is_let_in_and_a_wrong_one_gets_401(client, header):
    key = create_key("dashboard", by=None)

    def answer(sent):
        value = f"Bearer {sent}" if header == "Authorization" else sent
        return client.get("/api/v1/whoami", headers={header: value})

    assert answer(key).json() == {"key": "dashboard"}
    for wrong in ("", "wrong", key[:-1], key + "x", "\x00", "é" * 5000, "' OR 1=1 --"):
        refused = answer(wrong)
        assert refused.status_code == 401
        assert refused.json()["code"] == "not_signed_in"
    withdraw_key(ApiKey.objects.get(), by=None)
    assert answer(key).status_code == 401


def test_a_database_busy_with_an_import_is_no_reason_to_refuse(client, monkeypatch):
    def busy(self, **rest):
        raise OperationalError("database is locked")

    key = create_key("dashboard", by=None)
    monkeypatch.setattr(ApiKey, "save", busy)
    assert client.get("/api/v1/whoami", headers={"X-API-Key": key}).status_code == 200


def test_a_request_without_a_key_gets_401(client):
    answer = client.get("/api/v1/whoami")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_the_key_itself_is_kept_nowhere(client):
    key = create_key("dashboard", by=None)
    kept = ApiKey.objects.get()
    assert key not in (kept.digest, kept.name)
    withdraw_key(kept, by=None)
    withdraw_key(kept, by=None)
    assert [e.verb for e in Event.objects.all()] == ["key.create", "key.withdraw"]


@pytest.mark.parametrize("name", ["", " ", "a" * 65, "<b>", "a\nb", "dashboard"])
def test_a_name_that_is_none_or_taken_is_refused(name):
    create_key("dashboard", by=None)
    with pytest.raises(InvalidChoice):
        create_key(name, by=None)
    assert ApiKey.objects.count() == 1
