"""How often programs may ask, how much may be sent, and whose address counts."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import RequestFactory
from tests.web.conftest import client_of

from waystation.web.accounts.actions import create_key
from waystation.web.project.limits import TOO_LARGE, BodyLimit, ClientAddress, RateLimit

KEY = {"X-API-Key": "one"}


@pytest.fixture
def ask(settings):
    settings.RATE_LIMIT = 6
    limited = RateLimit(lambda request: HttpResponse("fine"))

    def ask(path="/api/v1/x", address="192.0.2.1", **headers):
        return limited(RequestFactory().get(path, REMOTE_ADDR=address, headers=headers))

    return ask


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1_000_000.0

    monkeypatch.setattr("waystation.web.project.limits.time.time", lambda: Clock.now)
    return Clock


def test_a_program_asks_so_often_in_a_minute_then_waits(ask, clock):
    answers = [ask(**KEY) for _ in range(7)]
    assert [a.status_code for a in answers] == [200] * 6 + [429]
    assert [a["RateLimit-Remaining"] for a in answers] == ["5", "4", "3", "2", "1", "0", "0"]
    assert answers[0]["RateLimit-Limit"] == "6"
    assert answers[5]["RateLimit-Reset"] == "60"
    assert answers[6]["Retry-After"] == "10"
    clock.now += 10
    assert ask(**KEY).status_code == 200
    assert ask(**KEY).status_code == 429
    clock.now += 3600
    assert ask(**KEY)["RateLimit-Remaining"] == "5"


def test_each_key_and_each_address_has_a_bucket_of_its_own(ask, clock):
    for _ in range(6):
        ask(**KEY)
    assert ask(**KEY).status_code == 429
    assert ask(**{"X-API-Key": "two"}).status_code == 200
    assert ask(Authorization="Bearer three").status_code == 200
    assert ask().status_code == 200
    for _ in range(5):
        ask()
    assert ask().status_code == 429
    assert ask(address="192.0.2.2").status_code == 200


def test_one_key_after_the_other_is_no_way_round(ask, clock):
    answers = [ask(**{"X-API-Key": f"wrong{n}"}).status_code for n in range(31)]
    assert answers == [200] * 30 + [429]


@pytest.mark.parametrize("path", ["/API/v1/x", "/v2/x", "/V3/x", "/hna/x", "/Ogc/x"])
def test_every_interface_counts_in_whatever_case(ask, path):
    assert ask(path)["RateLimit-Remaining"] == "5"


def test_pages_do_not_count(ask, settings):
    assert "RateLimit-Limit" not in ask("/people/")
    settings.RATE_LIMIT = 0
    assert "RateLimit-Limit" not in ask()


@pytest.mark.django_db
def test_a_refusal_is_json(client, settings):
    settings.RATE_LIMIT = 1
    headers = {"X-API-Key": create_key("dashboard", by=None)}
    assert client.get("/api/v1/whoami", headers=headers).status_code == 200
    answer = client.get("/api/v1/whoami", headers=headers)
    assert answer.status_code == 429
    assert set(answer.json()) == {"code", "message", "details"}
    assert answer.json()["code"] == "too_many_requests"


def test_the_limit_costs_far_below_a_millisecond(ask, settings):
    settings.RATE_LIMIT = 1_000_000
    request = RequestFactory().get("/api/v1/x", headers=KEY)
    limited = RateLimit(lambda request: HttpResponse("fine"))
    start = time.perf_counter()
    for _ in range(500):
        limited(request)
    took = (time.perf_counter() - start) / 500
    print(f"{took * 1e6:.0f} microseconds a request")
    assert took < 0.001


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_what_our_own_proxies_say_is_believed(settings, proxies, header, expected):
    settings.TRUSTED_PROXIES = proxies
    seen = []

    def answer(request):
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    middleware = ClientAddress(answer)
    headers = {"X-Forwarded-For": header}
    middleware(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers=headers))
    assert seen == [expected]


@pytest.mark.django_db
def test_what_is_too_large_is_refused_in_words(client, outsider, settings):
    settings.MAX_UPLOAD_BYTES = 1024 * 1024

    def sent():
        return {"file": SimpleUploadedFile("a.csv", b"x" * (1024 * 1024))}

    answer = client_of(outsider).post("/me/", sent())
    assert answer.status_code == 413
    assert "1 MB" in answer.content.decode()
    answer = client.post("/api/v1/whoami", sent())
    assert (answer.status_code, answer.json()["code"]) == (413, "input.too_large")
    assert client.post("/accounts/login/", {"login": "x"}).status_code == 200


def serve(messages, headers=(), most=10, kind="http"):
    """Return what the application read and whether it was told that it is too much."""
    scope: dict[str, Any] = {"type": kind, "headers": list(headers)}
    waiting, read = list(messages), []

    async def receive():
        return waiting.pop(0)

    async def send(message):
        pass

    async def application(scope, receive, send):
        while True:
            message = await receive()
            read.append(message)
            if message["type"] == "http.disconnect" or kind != "http":
                return

    asyncio.run(BodyLimit(application, most)(scope, receive, send))
    return b"".join(m.get("body", b"") for m in read), scope.get(TOO_LARGE), len(waiting)


def part(body, *, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


GONE = {"type": "http.disconnect"}


@pytest.mark.parametrize(
    ("messages", "headers", "expected"),
    [
        ([part(b"12345", more=False), GONE], [(b"content-length", b"5")], (b"12345", False)),
        # Said to be too large: nothing is read.
        ([part(b"x" * 6), part(b"x" * 6, more=False), GONE], [(b"content-length", b"12")],
         (b"", True)),
        # Not said: what comes is counted, and the rest is dropped.
        ([part(b"x" * 6), part(b"x" * 6), part(b"x"), GONE], [], (b"x" * 6, True)),
        ([part(b"x" * 6), part(b"x" * 4, more=False), GONE], [(b"content-length", b"zebra")],
         (b"x" * 10, False)),
    ],
)  # fmt: skip
def test_a_body_is_counted_as_it_comes(messages, headers, expected):
    assert serve(messages, headers) == (*expected, 0)


def test_other_than_requests_pass():
    assert serve([{"type": "lifespan.startup"}], kind="lifespan") == (b"", None, 0)
