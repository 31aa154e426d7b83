"""Downloads of producers' files: whole or not at all, tried again, hashed, never a web page.

Only the standard library is used. What a server answers is data: its size is limited, a
redirect leads only to hosts that the dataset names, and no file appears before its last byte.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import http.client
import json
import random
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from waystation.errors import InputTooLarge, Unavailable, UnreadableFile
from waystation.folders import write_file_whole
from waystation.sources import Source

MAX_BYTES = 500 << 20
"""Largest answer kept."""

# The statistics hosts of the United Nations answer 403 to the default agent of a library.
USER_AGENT = "Mozilla/5.0 (compatible; Waystation statistics)"
_BLOCK = 1 << 16
_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_LONGEST_WAIT = 120.0
_STARTS = {
    "xlsx": (b"PK\x03\x04",),
    "gz": (b"\x1f\x8b",),
    "zip": (b"PK\x03\x04",),
    "json": (b"{", b"["),
}
_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")


@dataclass(frozen=True, slots=True)
class Request:
    """One file to fetch.

    Attributes:
        address: Where it is.
        expects: csv, tsv, json, xlsx, gz or zip; another content is refused.
        accept: Media type asked for.
        hosts: Further hosts that a redirect may lead to.
    """

    address: str
    expects: str
    accept: str = "*/*"
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetcher:
    """How files are fetched.

    Attributes:
        tries: Attempts in all.
        timeout: Seconds without a byte before an attempt is given up.
        wait: Seconds before the second attempt; doubled for each further one.
        seed: Of the jitter of the waits, so that a run can be repeated.
        max_bytes: Largest answer kept.
        sleep: Waits; replaced in tests.
        today: The day that sources state.
    """

    tries: int = 5
    timeout: float = 60.0
    wait: float = 1.0
    seed: int = 0
    max_bytes: int = MAX_BYTES
    sleep: Callable[[float], None] = time.sleep
    today: Callable[[], dt.date] = field(default=lambda: dt.datetime.now(dt.UTC).date())

    def fetch(self, request: Request, path: Path) -> Source:
        """Fetch a file, and write beside it where it came from.

        An attempt that breaks off is taken up where it ended, if the server says that the file
        has not changed; when all attempts broke off, what came is kept in a hidden file, and
        the next call goes on from there. ``path`` appears with its last byte, with
        ``path.source.json`` that has its address, hash and day.

        Raises:
            Unavailable: If the server refuses, or does not answer in all attempts.
            UnreadableFile: If it answers with a web page or another content than expected.
            InputTooLarge: If the answer passes the limit.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        begun = part.with_name(f"{part.name}.json")
        mark = _mark_of(begun, request) if part.exists() else ""
        begun.unlink(missing_ok=True)
        try:
            self._attempts(request, part, mark)
            require_content(part, request.expects, name=path.name)
            source = self._source(request, part, path.name)
            part.replace(path)
        except _BrokenOff as broken:
            if broken.mark and part.exists():
                told = {"address": request.address, "mark": broken.mark}
                write_file_whole(begun, json.dumps(told).encode())
            raise broken.error from broken
        finally:
            if not begun.exists():
                part.unlink(missing_ok=True)
        text = json.dumps(source.as_dict(), ensure_ascii=False, indent=2) + "\n"
        write_file_whole(path.with_name(f"{path.name}.source.json"), text.encode())
        return source

    def _source(self, request: Request, part: Path, name: str) -> Source:
        with part.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return Source(file=name, sha256=digest, retrieved=self.today(), address=request.address)

    def _attempts(self, request: Request, part: Path, mark: str) -> None:
        jitter = random.Random(self.seed)  # noqa: S311 - spreads waits, guards nothing
        reason, asked = "", 0.0
        for attempt in range(self.tries):
            if attempt:
                usual = self.wait * 2 ** (attempt - 1) * (0.5 + jitter.random())
                self.sleep(min(max(usual, asked), _LONGEST_WAIT))
            try:
                mark = self._one(request, part, mark)
                return
            except _TryAgain as again:
                mark, reason, asked = again.mark, again.reason, again.wait
        said = f"{reason}, in {self.tries} attempts"
        raise _BrokenOff(_unavailable(request, said, "Try again later"), mark)

    def _one(self, request: Request, part: Path, mark: str) -> str:
        """Make one attempt; raises ``_TryAgain`` where another one may help."""
        have = part.stat().st_size if part.exists() and mark else 0
        headers = {
            "User-Agent": USER_AGENT, "Accept": request.accept, "Accept-Encoding": "identity",
        }  # fmt: skip
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": mark}
        asked = urllib.request.Request(request.address, headers=headers)  # noqa: S310 - checked
        _require_web(request.address)
        opener = urllib.request.build_opener(_Redirects(request))
        try:
            with opener.open(asked, timeout=self.timeout) as answer:
                return self._take(request, answer, part, have)
        except urllib.error.HTTPError as error:
            with error:
                raise _answered(request, error, mark) from error
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            raise _TryAgain(_said(error), mark) from error

    def _take(self, request: Request, answer: Any, part: Path, have: int) -> str:
        is_rest = answer.status == 206
        if is_rest and not str(answer.headers.get("Content-Range", "")).startswith(
            f"bytes {have}-"
        ):
            raise _TryAgain("it sent another part than was asked for")
        start = have if is_rest else 0
        stated = answer.headers.get("Content-Length")
        end = start + int(stated) if stated and stated.isdigit() else None
        tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        mark = "" if tag.startswith("W/") else tag
        if end is not None and end > self.max_bytes:
            raise _too_large(request, self.max_bytes)
        size = start
        with part.open("ab" if is_rest else "wb") as out:
            try:
                while block := answer.read(_BLOCK):
                    size += len(block)
                    if size > self.max_bytes:
                        raise _too_large(request, self.max_bytes)
                    out.write(block)
            except (http.client.HTTPException, OSError) as error:
                raise _TryAgain(f"it broke off after {size:,} bytes", mark) from error
        if end is not None and size < end:
            raise _TryAgain(f"it broke off after {size:,} of {end:,} bytes", mark)
        return mark


class _TryAgain(Exception):
    """An attempt failed in a way that another one may mend."""

    def __init__(self, reason: str, mark: str = "", wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.mark, self.wait = reason, mark, wait


class _BrokenOff(Exception):
    """All attempts failed; what came so far can be gone on with, if there is a mark."""

    def __init__(self, error: Unavailable, mark: str) -> None:
        super().__init__(str(error))
        self.error, self.mark = error, mark


def _mark_of(begun: Path, request: Request) -> str:
    """Return the version of which a part is there, if it is of the same address."""
    if not begun.is_file():
        return ""
    told = json.loads(begun.read_text("utf-8"))
    return str(told["mark"]) if told.get("address") == request.address else ""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to the same host and to those that the request names."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the next request, if its host is allowed."""
        first, then = (urllib.parse.urlsplit(a) for a in (self._request.address, newurl))
        allowed = {first.netloc, *self._request.hosts}
        is_downgrade = first.scheme == "https" and then.scheme != "https"
        if then.netloc not in allowed or is_downgrade:
            raise _unavailable(
                self._request,
                f"it sends to another host, {then.netloc or newurl}",
                "If that host is the producer's, download the file by hand",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _require_web(address: str) -> None:
    scheme = urllib.parse.urlsplit(address).scheme
    if scheme not in {"http", "https"}:
        raise Unavailable(
            what=address,
            reason="it is no web address",
            action="Give one that begins with https",
        )


def require_content(path: Path, expects: str, *, name: str) -> None:
    """Raise if a file is a web page, empty, or not of the format expected.

    Raises:
        UnreadableFile: If so.
    """
    with path.open("rb") as stream:
        head = stream.read(2048)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = ""
    if start.lower().startswith(_PAGE_STARTS):
        found = "a web page"
    elif not start:
        found = "nothing"
    elif expects in _STARTS and not start.startswith(_STARTS[expects]):
        found = f"no {expects}"
    elif expects in {"csv", "tsv"} and start[:1] in {b"{", b"[", b"<"}:
        found = "JSON or XML, perhaps an error message"
    if found:
        raise UnreadableFile(
            file=name,
            reason=f"the server answered with {found}",
            action="Look at the address in a browser; the producer may have moved the file",
        )


def _answered(request: Request, error: urllib.error.HTTPError, mark: str) -> Exception:
    if error.code in _AGAIN:
        wait = error.headers.get("Retry-After", "") if error.headers else ""
        seconds = float(wait) if wait.isdigit() else 0.0
        return _TryAgain(f"it answers {error.code} {error.reason}", mark, seconds)
    if error.code == 416:  # what is left of an earlier attempt is no part of the file
        return _TryAgain("the part asked for is not there", "")
    if error.code == 403:
        action = "Download the file in a browser, then import it as a file"
        return _unavailable(request, "it refuses (403)", action)
    return _unavailable(
        request,
        f"it answers {error.code} {error.reason}",
        "Look at the address in a browser; the producer may have moved the file",
    )


def _said(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError | socket.timeout):
        return "it does not answer in time"
    return f"it does not answer ({reason})"


def _unavailable(request: Request, reason: str, action: str) -> Unavailable:
    return Unavailable(what=request.address, reason=reason, action=action)


def _too_large(request: Request, limit: int) -> InputTooLarge:
    return InputTooLarge(
        file=request.address,
        reason=f"the answer has more than {limit:,} bytes",
        action="Ask for fewer years or areas",
    )


def with_query(address: str, parameters: Mapping[str, object]) -> str:
    """Return an address with parameters added, lists as repeated names, nulls left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    query = urllib.parse.urlencode(given, doseq=True)
    return f"{address}{'&' if '?' in address else '?'}{query}" if query else address
