"""Files that people send: what may be sent, where it is kept, how it is given back.

A file is kept under the SHA-256 of its content, outside every folder that is served, and
leaves only as an attachment that a browser saves and never opens in our name.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.base import File
from django.http import FileResponse

from waystation.errors import InputTooLarge, NotFound, UnreadableFile

if TYPE_CHECKING:
    FileOfBytes = File[bytes]

ALLOWED_ENDINGS = (
    ".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".txt", ".zip", ".json", ".geojson",
    ".gpkg", ".parquet", ".yaml", ".yml", ".pdf",
)  # fmt: skip
_BLOCK = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")
# A browser may not guess, run or keep what people sent; whoever opens it does so outside it.
_SAFE_TYPE = re.compile(r"(?:application|text)/[a-z0-9.+-]+")
_RUNS_IN_A_BROWSER = re.compile(r"html|xml|svg|script|ecma")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was kept.

    Attributes:
        digest: SHA-256 of its content in hexadecimal, which is where it is found again.
        size: Bytes.
    """

    digest: str
    size: int


def require_allowed(name: str, size: int, *, endings: Iterable[str] = ALLOWED_ENDINGS) -> str:
    """Return the ending of a file that may be sent.

    Raises:
        UnreadableFile: If its ending is none of those allowed.
        InputTooLarge: If it has more bytes than ``MAX_UPLOAD_BYTES``.
    """
    shown = plain_name(name)
    ending = PurePosixPath(shown).suffix.lower()
    allowed = tuple(endings)
    if ending not in allowed:
        raise UnreadableFile(
            file=shown,
            reason="files with this ending are not taken",
            action="Send one of " + ", ".join(allowed),
        )
    if size > settings.MAX_UPLOAD_BYTES:
        raise InputTooLarge(
            file=shown,
            reason=f"it is larger than {settings.MAX_UPLOAD_BYTES // _BLOCK} MB",
            action="Send it in parts",
        )
    return ending


def keep(file: FileOfBytes) -> Kept:
    """Keep a file under the hash of its content; the same content is kept once.

    The file appears whole or not at all, readable to its owner only.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, waiting = tempfile.mkstemp(dir=folder, prefix=".coming-")
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as target:
            for block in file.chunks(_BLOCK):
                digest.update(block)
                size += len(block)
                target.write(block)
        path = _place(digest.hexdigest())
        path.parent.mkdir(exist_ok=True, mode=0o700)
        Path(waiting).replace(path)
    except BaseException:
        Path(waiting).unlink(missing_ok=True)
        raise
    return Kept(digest=digest.hexdigest(), size=size)


def path_of(digest: str) -> Path:
    """Return where a kept file is.

    Raises:
        NotFound: If there is none of this hash, or it is no hash.
    """
    if _DIGEST.fullmatch(digest):
        path = _place(digest)
        if path.is_file():
            return path
    raise NotFound(what="file", name=digest[:64])


def plain_name(name: str) -> str:
    """Return the last part of a name, without what a header or a path could be broken with."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if c.isprintable() and c not in '"<>:|?*')
    return kept.strip(" .")[:150] or "file"


def disposition(name: str) -> str:
    """Return the value of ``Content-Disposition`` that has a file saved under a name.

    Source:
        RFC 6266, with the names of RFC 8187 for all but ASCII.
    """
    shown = plain_name(name)
    fallback = re.sub(r"[^A-Za-z0-9 ._()-]", "_", shown)
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(shown, safe='')}"


class Attachment(FileResponse):
    """A file that is sent in blocks, also under ASGI, where Django would read it whole."""

    block_size = _BLOCK

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Read block by block, beside the event loop."""
        blocks = iter(self)
        while block := await sync_to_async(lambda: next(blocks, b""))():
            yield block


def attachment(path: Path, name: str, content_type: str = "") -> Attachment:
    """Answer with a file that a browser saves, and neither shows, runs, nor keeps.

    Args:
        path: The file.
        name: What it is saved as; what could break a header or a path is left out.
        content_type: What it is; bytes of no kind when empty or of a kind that browsers run.
    """
    is_safe = _SAFE_TYPE.fullmatch(content_type) and not _RUNS_IN_A_BROWSER.search(content_type)
    answer = Attachment(
        path.open("rb"), content_type=content_type if is_safe else "application/octet-stream"
    )
    answer["Content-Disposition"] = disposition(name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox"
    answer["Cache-Control"] = "no-store, private"
    return answer


def _folder() -> Path:
    return Path(settings.FILES)


def _place(digest: str) -> Path:
    return _folder() / digest[:2] / digest
