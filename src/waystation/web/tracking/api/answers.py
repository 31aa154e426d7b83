"""How answers to programs are sent: who asks, what has not changed, what may be kept."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags, quote_etag

from waystation.web.accounts import access as accounts
from waystation.web.accounts.models import ApiKey, User
from waystation.web.tracking.access import Reader
from waystation.web.tracking.models import Operation
from waystation.web.tracking.models.operations import Visibility

SECONDS_KEPT = 300
KEY_HEADERS = ("Authorization", "X-API-Key", "Ocp-Apim-Subscription-Key")


def reader_of(request: HttpRequest) -> Reader:
    """Return the program or person that asks; without a key or a session, nobody in particular.

    Raises:
        NotSignedIn: If a key was sent and it is wrong or withdrawn.
    """
    if any(request.headers.get(name) for name in KEY_HEADERS):
        return key_of(request)
    return request.user if isinstance(request.user, User) else None


def key_of(request: HttpRequest) -> ApiKey:
    """Return the key that was sent, in whichever of the headers that programs use.

    Raises:
        NotSignedIn: If there is none, or it is wrong or withdrawn.
    """
    if sent := request.headers.get("Ocp-Apim-Subscription-Key"):
        return accounts.key_for_use(sent.strip())
    return accounts.key_of_request(request)


def not_modified(request: HttpRequest, etag: str) -> HttpResponse | None:
    """Return the answer that nothing has changed, where the program has this state already."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    tag = etag_of(request, etag)
    if tag in known or f"W/{tag}" in known or known == ["*"]:
        answer: HttpResponse = HttpResponseNotModified()
        answer["ETag"] = tag
        return answer
    return None


def etag_of(request: HttpRequest, state: str) -> str:
    """Return the ETag of an answer: the state of the figures and the whole of the question."""
    asked = f"{request.get_full_path()} {request.headers.get('Accept', '')}"
    digest = hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()[:16]
    return quote_etag(f"{state}-{digest}")


def kept(
    answer: HttpResponse, request: HttpRequest, state: str, *operations: Operation
) -> HttpResponse:
    """Return the answer with what may be kept of it, and by whom.

    Only answers about public operations, given to nobody in particular, may be kept by others.
    """
    is_public = all(o.visibility == Visibility.PUBLIC for o in operations)
    is_anybody = not any(request.headers.get(name) for name in KEY_HEADERS)
    who = "public" if is_public and is_anybody else "private"
    answer["Cache-Control"] = f"{who}, max-age={SECONDS_KEPT}"
    answer["Vary"] = ", ".join(("Accept", "Cookie", *KEY_HEADERS))
    answer["ETag"] = etag_of(request, state)
    if is_public:
        answer["Access-Control-Allow-Origin"] = "*"
    return answer
