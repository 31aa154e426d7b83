"""What every interface for programs shares: keys, refusals, methods, caching, compression."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.csrf import csrf_exempt

from waystation.errors import InvalidChoice, NotSignedIn
from waystation.web.accounts import access as accounts
from waystation.web.accounts.models import ApiKey

KEY_HEADER = "Ocp-Apim-Subscription-Key"
KEY_HEADERS = (KEY_HEADER, "Authorization", "X-API-Key")
JSON_TYPE = "application/json; charset=utf-8"
_METHODS = "GET, HEAD, OPTIONS"
_NO_KEY = (
    "Access denied due to missing subscription key. Make sure to include subscription key "
    "when making requests to an API."
)
_WRONG_KEY = (
    "Access denied due to invalid subscription key. Make sure to provide a valid key for an "
    "active subscription."
)
_CHALLENGE = f'AzureApiManagementKey name="{KEY_HEADER}",type="header"'
_TAKES_GZIP = re.compile(
    r"(?:^|[,\s])(?:x-)?gzip(?!\s*;\s*q=0(?:\.0*)?(?:$|[,\s]))", re.IGNORECASE
)

View = Callable[..., HttpResponse]


def for_programs(*, needs_key: bool) -> Callable[[View], View]:
    """Make a view one that programs read; it gets the key, or None, as ``reader``.

    Args:
        needs_key: Whether a request without a key is refused; one with a wrong key always is.
    """

    def decorate(view: View) -> View:
        @csrf_exempt  # a key, not a cookie, says who asks; and nothing is written
        @wraps(view)
        def answered(request: HttpRequest, **named: Any) -> HttpResponse:
            answer = _answer(view, request, needs_key=needs_key, named=named)
            patch_vary_headers(answer, KEY_HEADERS)
            if not needs_key and _sent_key(request) is None:
                answer["Access-Control-Allow-Origin"] = "*"
                answer["Access-Control-Expose-Headers"] = "ETag"
            return answer

        return answered

    return decorate


def _answer(
    view: View, request: HttpRequest, *, needs_key: bool, named: dict[str, Any]
) -> HttpResponse:
    if request.method == "OPTIONS":
        headers = {"Allow": _METHODS, "Access-Control-Allow-Methods": _METHODS}
        return HttpResponse(
            status=204, headers=headers | {"Access-Control-Max-Age": "86400"}
        )  # fmt: skip
    if request.method not in {"GET", "HEAD"}:
        return refusal(405, "Only GET is answered here.", {"Allow": _METHODS})
    sent = _sent_key(request)
    if sent is None and needs_key:
        return _denied(_NO_KEY)
    try:
        reader = None if sent is None else accounts.key_for_use(sent)
    except NotSignedIn:
        return _denied(_WRONG_KEY)
    try:
        return view(request, reader=reader, **named)
    except InvalidChoice as error:
        return refusal(400, str(error))


def _sent_key(request: HttpRequest) -> str | None:
    """Return the key that a request carries, in any of the three headers; None for none."""
    if KEY_HEADER in request.headers:
        return request.headers[KEY_HEADER].strip()
    kind, _, sent = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return sent.strip()
    if "X-API-Key" in request.headers:
        return request.headers["X-API-Key"].strip()
    return None


def _denied(message: str) -> HttpResponse:
    body = json.dumps({"statusCode": 401, "message": message})
    headers = {"WWW-Authenticate": _CHALLENGE, "Cache-Control": "no-store"}
    return HttpResponse(body, content_type=JSON_TYPE, status=401, headers=headers)


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return an answer that says in the DTM API's envelope what is wrong with a request."""
    body = json.dumps(envelope([], status=status, errors=[message]))
    return HttpResponse(
        body,
        content_type=JSON_TYPE,
        status=status,
        headers={"Cache-Control": "no-store"} | (headers or {}),
    )


def envelope(
    rows: list[Any], *, status: int = 200, errors: list[str] | None = None
) -> dict[str, Any]:
    """Return rows in the DTM API's envelope."""
    return {
        "result": rows,
        "statusCode": status,
        "isSuccess": not errors,
        "errorMessages": errors or [],
        "totalRecordsCount": len(rows),
    }


def takes_gzip(request: HttpRequest) -> bool:
    """Say whether a client reads gzip."""
    return bool(_TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")))


def conditional(
    request: HttpRequest,
    reader: ApiKey | None,
    etag: str,
    make: Callable[[bool], bytes],
    *,
    content_type: str = JSON_TYPE,
) -> HttpResponse:
    """Return what ``make`` makes, or that the client has it already.

    Args:
        request: The request.
        reader: The key it carries; answers to a key are for its holder only.
        etag: Names the content, whatever its encoding.
        make: Makes the body; told whether to make it as gzip.
        content_type: What the content is.
    """
    quoted = f"W/{quote_etag(etag)}"
    sent = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in sent or quoted in sent or quote_etag(etag) in sent:
        answer = HttpResponse(status=304)
    else:
        is_packed = takes_gzip(request)
        body = make(is_packed)
        answer = HttpResponse(
            b"" if request.method == "HEAD" else body, content_type=content_type
        )
        answer["Content-Length"] = str(len(body))
        if is_packed:
            answer["Content-Encoding"] = "gzip"
    answer["ETag"] = quoted
    answer["Cache-Control"] = "private, no-cache" if reader else "public, max-age=60"
    patch_vary_headers(answer, ("Accept-Encoding",))
    return answer


def packed_if(content: bytes, *, is_packed: bool) -> bytes:
    """Return content, as gzip where the client reads it."""
    return gzip.compress(content, 6, mtime=0) if is_packed else content
