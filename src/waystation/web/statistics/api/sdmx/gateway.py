"""What every answer of SDMX shares: methods, refusals as its clients read them, caching.

Source:
    SDMX REST 1.5 and 2.1, error handling: codes 100 no results, 130 too much, 140 syntax,
    150 semantics, 501 not implemented, 500 server.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from functools import wraps
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags, parse_http_date_safe, quote_etag
from django.views.decorators.csrf import csrf_exempt

from waystation.errors import InvalidChoice, NotFound
from waystation.web.statistics.api.sdmx.formats import NotAcceptable

SECONDS_KEPT = 300
_METHODS = "GET, HEAD, OPTIONS"
_MESSAGE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
_COMMON = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"
View = Callable[[HttpRequest, str], HttpResponse]


class TooMuch(Exception):
    """More would be written than one answer may hold."""


class NotOffered(Exception):
    """A part of the interface that this server does not have."""


def for_sdmx(view: View) -> View:
    """Make a view one that clients of SDMX read; nobody signs in and nothing is written."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, question: str) -> HttpResponse:
        if request.method == "OPTIONS":
            answer = HttpResponse(status=204, headers={"Allow": _METHODS})
            answer["Access-Control-Allow-Methods"] = _METHODS
            answer["Access-Control-Allow-Headers"] = "Accept, Accept-Language, If-None-Match"
        elif request.method not in {"GET", "HEAD"}:
            answer = refusal(request, 405, 140, "Only GET is answered here.")
            answer["Allow"] = _METHODS
        else:
            answer = _answer(view, request, question)
        answer["Access-Control-Allow-Origin"] = "*"
        answer["Access-Control-Expose-Headers"] = "ETag, Last-Modified"
        patch_vary_headers(answer, ("Accept", "Accept-Encoding"))
        return answer

    return answered


def _answer(view: View, request: HttpRequest, question: str) -> HttpResponse:
    try:
        return view(request, question)
    except NotFound as error:
        return refusal(request, 404, 100, f"No results found. {error}")
    except InvalidChoice as error:
        return refusal(request, 400, 140, f"Syntax error. {error}")
    except NotAcceptable:
        return refusal(request, 406, 140, "None of the formats asked for can be written.")
    except TooMuch as error:
        return refusal(request, 413, 130, f"Response too large. {error}")
    except NotOffered as error:
        return refusal(request, 501, 501, f"Not implemented. {error}")


def refusal(request: HttpRequest, status: int, code: int, message: str) -> HttpResponse:
    """Return what is wrong with a request, as JSON where JSON is asked for, else as XML."""
    asked = f"{request.headers.get('Accept', '')} {request.GET.get('format', '')}"
    if "json" in asked.lower():
        errors = [{"code": code, "title": message, "status": status}]
        answer = HttpResponse(json.dumps({"errors": errors}), content_type="application/json")
    else:
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<mes:Error xmlns:mes="{_MESSAGE}" xmlns:com="{_COMMON}">'
            f'<mes:ErrorMessage code="{code}"><com:Text xml:lang="en">{_shown(message)}'
            "</com:Text></mes:ErrorMessage></mes:Error>"
        )
        answer = HttpResponse(body, content_type="application/xml; charset=utf-8")
    answer.status_code = status
    answer["Cache-Control"] = "no-store"
    return answer


def _shown(message: str) -> str:
    return escape("".join(c if c.isprintable() else "?" for c in message))


def conditional(
    request: HttpRequest,
    *,
    state: str,
    changed_at: dt.datetime | None,
    content_type: str,
    make: Callable[[], bytes],
) -> HttpResponse:
    """Return what ``make`` makes, or that the client has it already.

    Args:
        request: The request.
        state: Changes with what the answer is made of.
        changed_at: When that changed last.
        content_type: What the answer is.
        make: Makes it.
    """
    asked = f"{state} {request.get_full_path()} {content_type}"
    etag = quote_etag(hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()[:32])
    stamp = int(changed_at.timestamp()) if changed_at else None
    if _has_it(request, etag, stamp):
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(make(), content_type=content_type)
    answer["ETag"] = etag
    if stamp is not None:
        answer["Last-Modified"] = http_date(stamp)
    answer["Cache-Control"] = f"public, max-age={SECONDS_KEPT}"
    return answer


def _has_it(request: HttpRequest, etag: str, stamp: int | None) -> bool:
    sent = request.headers.get("If-None-Match")
    if sent is not None:
        known = [tag.removeprefix("W/") for tag in parse_etags(sent)]
        return etag in known or "*" in known
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and stamp is not None and stamp <= since
