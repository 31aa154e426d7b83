"""Files that people send are kept by content and leave only as something to save."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from django.core.files.base import ContentFile
from django.http import HttpResponse
from hypothesis import given
from hypothesis import strategies as st

from waystation.errors import InputTooLarge, NotFound, UnreadableFile
from waystation.web.attachments import (
    attachment,
    disposition,
    keep,
    path_of,
    plain_name,
    require_allowed,
)


@pytest.fixture
def folder(tmp_path, settings):
    settings.FILES = tmp_path / "files"
    return settings.FILES


def test_a_file_is_kept_once_under_its_hash_readable_to_its_owner(folder):
    content = b"site,persons\n" * 200_000
    kept = keep(ContentFile(content, name="round.csv"))
    assert kept.digest == hashlib.sha256(content).hexdigest()
    assert kept.size == len(content)
    path = path_of(kept.digest)
    assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert keep(ContentFile(content)) == kept
    assert [p for p in folder.rglob("*") if p.is_file()] == [path]


def test_a_file_that_fails_half_way_leaves_nothing(folder):
    class Broken(ContentFile):  # type: ignore[type-arg]  # not so when it runs
        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError("the line was cut")

    with pytest.raises(OSError, match="cut"):
        keep(Broken(b""))
    assert not [p for p in folder.rglob("*") if p.is_file()]


@pytest.mark.parametrize("digest", ["", "x", "../secret_key", "a" * 64, "A" * 64, "a" * 65])
def test_what_was_never_kept_is_not_found(folder, digest):
    with pytest.raises(NotFound):
        path_of(digest)


@pytest.mark.parametrize(
    "name", ["page.html", "drawing.svg", "run.exe", "round", "round.xlsx.js", "", ".csv"]
)
def test_other_endings_are_refused(name):
    with pytest.raises(UnreadableFile) as caught:
        require_allowed(name, 1)
    assert ".xlsx" in str(caught.value)


def test_allowed_endings_pass_and_too_large_files_do_not(settings):
    assert require_allowed("Round 12.XLSX", 10) == ".xlsx"
    assert require_allowed("a.kml", 10, endings=[".kml"]) == ".kml"
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    with pytest.raises(InputTooLarge, match="1 MB"):
        require_allowed("round.csv", 1024 * 1024 + 1)


@pytest.mark.parametrize(
    ("name", "plain", "encoded"),
    [
        ("round 12.csv", "round 12.csv", "round%2012.csv"),
        ("مواقع.xlsx", "_____.xlsx", "%D9%85%D9%88%D8%A7%D9%82%D8%B9.xlsx"),
        ("../../etc/passwd", "passwd", "passwd"),
        ("C:\\data\\a.csv", "a.csv", "a.csv"),
        ('a";x="b.csv', "a_x_b.csv", "a%3Bx%3Db.csv"),
        ("a\r\nSet-Cookie: x=1.csv", "aSet-Cookie x_1.csv", "aSet-Cookie%20x%3D1.csv"),
        ("\x00\u202e", "file", "file"),
    ],
)
def test_a_name_breaks_no_header(name, plain, encoded):
    value = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
    assert disposition(name) == value


@given(st.text(max_size=300))
def test_any_name_makes_a_header_and_a_file_name(name):
    HttpResponse()["Content-Disposition"] = disposition(name)
    assert disposition(name).isascii()
    assert "/" not in plain_name(name)
    assert plain_name(name) not in {"", ".", ".."}


@pytest.mark.django_db  # to close an answer tells the database that a request has ended
@pytest.mark.parametrize(
    ("given_type", "sent"),
    [
        ("text/csv", "text/csv"),
        ("", "application/octet-stream"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/xhtml+xml", "application/octet-stream"),
        ("text/javascript", "application/octet-stream"),
        ("text/csv\r\nX: y", "application/octet-stream"),
    ],
)
def test_a_browser_saves_it_and_neither_shows_runs_nor_keeps_it(tmp_path, given_type, sent):
    path = tmp_path / "file"
    path.write_bytes(b"<script>alert(1)</script>")
    answer = attachment(path, "page.html", given_type)
    assert answer["Content-Type"] == sent
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["Cache-Control"] == "no-store, private"
    assert answer.getvalue() == path.read_bytes()
    answer.close()


@pytest.mark.django_db  # to close an answer tells the database that a request has ended
def test_under_asgi_it_is_sent_block_by_block(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * (2 * 1024 * 1024 + 5))

    answer = attachment(path, "a.csv")

    async def blocks():
        return [len(block) async for block in answer]

    assert asyncio.run(blocks()) == [1024 * 1024, 1024 * 1024, 5]
    answer.close()
