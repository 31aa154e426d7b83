"""Answers that readers may keep: compressed, named by what they hold, not sent twice."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from waystation.web.tracking.editions import Edition
from waystation.web.tracking.models import Operation
from waystation.web.tracking.models.operations import Visibility

YEAR = 31_536_000


def _brotli(content: bytes) -> bytes:
    import brotli  # type: ignore[import-untyped]  # it has no stubs

    packed: bytes = brotli.compress(content, quality=9)
    return packed


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


ENCODINGS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (("br", _brotli), ("gzip", _gzip))


def data_answer(
    request: HttpRequest,
    operation: Operation,
    edition: Edition,
    name: str,
    make: Callable[[], bytes],
) -> HttpResponse:
    """Return JSON made from an edition, or 304 where the reader has it.

    An address that names the edition holds for ever; one that does not is asked about again.

    Args:
        request: The request.
        operation: Whose visibility decides who else may keep the answer.
        edition: What it is made from.
        name: What it is, with language and choice.
        make: Makes the bytes.
    """
    etag = f'W/"{edition.etag}-{name}"'
    answer = get_conditional_response(request, etag=etag) or _content(
        request, edition, name, make
    )
    answer["ETag"] = etag
    answer["Cache-Control"] = _keeping(request, operation, edition)
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def _content(
    request: HttpRequest, edition: Edition, name: str, make: Callable[[], bytes]
) -> HttpResponse:
    accepted = {
        part.split(";")[0].strip()
        for part in request.headers.get("Accept-Encoding", "").lower().split(",")
        if not part.replace(" ", "").endswith(";q=0")
    }
    for encoding, pack in ENCODINGS:
        if encoding in accepted:
            packed = edition.derived(f"{name}.{encoding}", lambda pack=pack: pack(make()))  # type: ignore[misc]  # bound to this pack
            answer = HttpResponse(packed, content_type="application/json")
            answer["Content-Encoding"] = encoding
            return answer
    return HttpResponse(make(), content_type="application/json")


def _keeping(request: HttpRequest, operation: Operation, edition: Edition) -> str:
    who = "public" if operation.visibility == Visibility.PUBLIC else "private"
    if request.GET.get("edition") == str(edition.number):
        return f"{who}, max-age={YEAR}, immutable"
    return f"{who}, no-cache"
