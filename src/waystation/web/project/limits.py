"""How much may be sent at once, and how often programs may ask."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

Answer = Callable[[HttpRequest], HttpResponseBase]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Scope = dict[str, Any]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PROGRAM_PREFIXES = ("/api/", "/v1/", "/v2/", "/v3/", "/hna/", "/ogc/", "/sdmx/")
TOO_LARGE = "waystation.too_large"
# One address may hold several programs; and wrong keys, one after the other, are no way round.
KEYS_BEHIND_ONE_ADDRESS = 5


def is_for_programs(path: str) -> bool:
    """Say whether an address is an interface for programs, in whatever case it is written."""
    return path.lower().startswith(PROGRAM_PREFIXES)


def refused(status: int, code: str, message: str, details: dict[str, object]) -> JsonResponse:
    """Return a refusal as programs read it."""
    body = {"code": code, "message": message, "details": details}
    return JsonResponse(body, status=status)


class ClientAddress:
    """Put the caller's address where it is read from, when proxies we know stand between.

    Each proxy adds the address it was called from to the end of ``X-Forwarded-For``; what
    stands before the entries of our own is what anybody may have written.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, with ``REMOTE_ADDR`` corrected."""
        proxies = settings.TRUSTED_PROXIES
        if proxies:
            hops = [h.strip() for h in request.headers.get("X-Forwarded-For", "").split(",")]
            if len(hops) >= proxies and hops[-proxies]:
                request.META["REMOTE_ADDR"] = hops[-proxies]
        return self.get_response(request)


class RateLimit:
    """Let each program ask so often in a minute, and say how often it still may.

    A bucket holds ``RATE_LIMIT`` tokens and fills evenly within a minute. Each key has one,
    and each address without a key; all keys behind one address share one five times as large.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 429 when the bucket is empty."""
        limit = settings.RATE_LIMIT
        if not limit or not is_for_programs(request.path_info):
            return self.get_response(request)
        key = request.headers.get("Authorization") or request.headers.get("X-API-Key")
        address = "address:" + request.META.get("REMOTE_ADDR", "")
        wait, left = 0.0, 0.0
        if key:
            wait, _left = _take(address, limit * KEYS_BEHIND_ONE_ADDRESS)
            address = "key:" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
        if not wait:
            wait, left = _take(address, limit)
        if wait:
            message = f"This is more than {limit} requests a minute. Wait, then ask again."
            details: dict[str, object] = {"limit": limit, "seconds": math.ceil(wait)}
            answer: HttpResponseBase = refused(429, "too_many_requests", message, details)
            answer["Retry-After"] = str(math.ceil(wait))
        else:
            answer = self.get_response(request)
        answer["RateLimit-Limit"] = str(limit)
        answer["RateLimit-Remaining"] = str(int(left))
        answer["RateLimit-Reset"] = str(math.ceil(wait or (limit - left) * 60 / limit))
        return answer


def _take(name: str, limit: int) -> tuple[float, float]:
    """Take a token; return how many seconds to wait for one, and how many tokens are left."""
    now = time.time()
    kept, since = cache.get("rate:" + name) or (float(limit), now)
    tokens = min(float(limit), kept + max(0.0, now - since) * limit / 60)
    if tokens < 1:
        return (1 - tokens) * 60 / limit, 0.0
    cache.set("rate:" + name, (tokens - 1, now), timeout=61)
    return 0.0, tokens - 1


class UploadLimit:
    """Refuse what is larger than ``MAX_UPLOAD_BYTES`` before anything reads it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 413."""
        scope = getattr(request, "scope", {})
        length = request.META.get("CONTENT_LENGTH") or "0"
        is_larger = length.isdigit() and int(length[:18]) > settings.MAX_UPLOAD_BYTES
        if not (is_larger or scope.get(TOO_LARGE)):
            return self.get_response(request)
        most = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
        if is_for_programs(request.path_info):
            message = f"This is larger than {most} MB, the most that can be sent at once."
            return refused(413, "input.too_large", message, {"megabytes": most})
        sentence = _(
            "This is larger than %(most)s MB, the most that can be sent at once. "
            "Send it in parts."
        ) % {"most": most}
        answer: HttpResponse = render(
            request,
            "waystation/refusal.html",
            {"status": 413, "sentence": sentence},
            status=413,
        )
        return answer


class BodyLimit:
    """The same limit where the body comes in: Django itself would first read it all.

    A body that is too large is not read; the request goes on without it, marked, so that
    ``UploadLimit`` answers in the reader's language.
    """

    def __init__(self, application: Application, most: int) -> None:
        self.application = application
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its body counted."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        scope[TOO_LARGE] = length.isdigit() and int(length[:18]) > self.most
        await self.application(scope, self._counted(scope, receive), send)

    def _counted(self, scope: Scope, receive: Receive) -> Receive:
        nothing: Message = {"type": "http.request", "body": b"", "more_body": False}
        came, has_ended = 0, False

        async def counted() -> Message:
            nonlocal came, has_ended
            if scope[TOO_LARGE] and not has_ended:
                has_ended = True
                return nothing
            message = await receive()
            while has_ended and message["type"] == "http.request":
                message = await receive()  # what still comes is dropped
            came += len(message.get("body", b""))
            if came > self.most and not has_ended:
                scope[TOO_LARGE] = has_ended = True
                return nothing
            return message

        return counted
