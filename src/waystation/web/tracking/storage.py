"""Where files of operations lie in the data folder; folders appear whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from waystation.errors import UnreadableFile
from waystation.folders import write_file_whole
from waystation.web.tracking.models import Operation, PlaceFile, Round, Snapshot, Upload

LONGEST_NAME = 200
"""Bytes; file systems take 255, in which some letters are three or four."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was received.

    Attributes:
        name: Its name, without a folder and without what no file name should have.
        sha256: Hash of its bytes, in hexadecimal.
        size: Bytes.
    """

    name: str
    sha256: str
    size: int


def data_folder() -> Path:
    """Return the folder of everything that the server keeps."""
    return Path(settings.DATA)


def operation_folder(operation: Operation) -> Path:
    """Return the folder of an operation."""
    return data_folder() / "operations" / str(operation.pk)


def keep_file(operation: Operation, name: str, chunks: Iterable[bytes]) -> KeptFile:
    """Write the bytes of a file that came in, under their hash.

    Raises:
        UnreadableFile: If there are none.
    """
    name = plain_name(name)
    folder = operation_folder(operation) / "files"
    folder.mkdir(parents=True, exist_ok=True)
    handle, waiting = tempfile.mkstemp(prefix=".part-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            sha256, size = copied(chunks, file, name)
        kept = KeptFile(name=name, sha256=sha256, size=size)
        path = file_path(operation, kept.sha256, name)
        path.parent.mkdir(exist_ok=True)
        Path(waiting).replace(path)
    finally:
        Path(waiting).unlink(missing_ok=True)
    return kept


def copied(chunks: Iterable[bytes], file: BinaryIO, name: str) -> tuple[str, int]:
    """Write the bytes of a file that came in; return their hash and how many they are.

    Raises:
        UnreadableFile: If there are none.
    """
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        file.write(chunk)
    if not size:
        raise UnreadableFile(file=name, reason="it is empty", action="Send it again")
    return digest.hexdigest(), size


def remove_parts(older_than: float) -> int:
    """Remove what is left of files whose sending was cut short before a moment (epoch).

    Returns:
        How many.
    """
    removed = 0
    for part in data_folder().glob("operations/*/files/.part-*"):
        if part.stat().st_mtime < older_than:
            part.unlink(missing_ok=True)
            removed += 1
    return removed


def plain_name(name: str) -> str:
    """Return a file's name without folders, control characters and excess length."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/")).rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        return _cut(name, LONGEST_NAME) or "file"
    ending = _cut(ending, 20)
    return f"{_cut(stem, LONGEST_NAME - len(ending.encode()) - 1)}.{ending}"


def _cut(text: str, size: int) -> str:
    """Return as much of a text as fits into bytes: file systems count those."""
    return text.encode()[:size].decode(errors="ignore")


def file_path(operation: Operation, sha256: str, name: str) -> Path:
    """Return where a file that came in lies."""
    return operation_folder(operation) / "files" / sha256 / name


def upload_path(upload: Upload) -> Path:
    """Return the file as received."""
    return file_path(upload.operation, upload.sha256, upload.name)


def place_file_path(place_file: PlaceFile) -> Path:
    """Return the file as received."""
    return file_path(place_file.operation, place_file.sha256, place_file.name)


def reading_folder(upload: Upload) -> Path:
    """Return the folder of what a file was read as."""
    return operation_folder(upload.operation) / "uploads" / str(upload.pk)


def look_folder(upload: Upload) -> Path:
    """Return the folder of what people need to see of a file to judge its mapping."""
    return operation_folder(upload.operation) / "uploads" / f"{upload.pk}-look"


def previews_folder(upload: Upload) -> Path:
    """Return the folder of what a file would be read as, a folder for each mapping."""
    return operation_folder(upload.operation) / "uploads" / f"{upload.pk}-preview"


def geography_folder(operation: Operation, version: int | None = None) -> Path:
    """Return the folder of the units and outlines that hold, or of those of a version."""
    number = operation.geography_version if version is None else version
    return operation_folder(operation) / "places" / str(number)


def draft_folder(round_: Round, number: int | None = None) -> Path:
    """Return the folder of a round's draft: the latest, or that of a number."""
    number = round_.draft if number is None else number
    return operation_folder(round_.operation) / "drafts" / str(round_.pk) / str(number)


def next_draft(round_: Round) -> int:
    """Return a number that no draft of a round has had; folders of drafts never change."""
    kept = draft_folder(round_, 0).parent.glob("[0-9]*")
    return max([round_.draft, *(int(folder.name) for folder in kept)]) + 1


def snapshot_folder(round_: Round, version: int) -> Path:
    """Return the folder of a published version of a round."""
    return operation_folder(round_.operation) / "snapshots" / str(round_.pk) / str(version)


def folder_of_snapshot(snapshot: Snapshot) -> Path:
    """Return the folder of a published version."""
    return snapshot_folder(snapshot.round, snapshot.version)


def edition_folder(operation: Operation, number: int | None = None) -> Path:
    """Return the folder of an operation's published whole: the latest, or that of a number."""
    number = operation.edition if number is None else number
    return operation_folder(operation) / "editions" / str(number)


@contextmanager
def folder_made_whole(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes ``folder`` at the end, in one step, or is gone.

    What stood there before is replaced: only work that was cut short leaves any.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    for cut_short in folder.parent.glob(f".{folder.name}-*"):
        shutil.rmtree(cut_short, ignore_errors=True)
    waiting = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield waiting
        if folder.exists():
            shutil.rmtree(folder)
        waiting.rename(folder)
    finally:
        shutil.rmtree(waiting, ignore_errors=True)


def hash_of_folder(folder: Path) -> str:
    """Return one hash over the names and bytes of all files below a folder."""
    whole = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()} {digest}\n".encode())
    return whole.hexdigest()


def next_edition(operation: Operation) -> int:
    """Return a number that no published whole of an operation has had.

    What was derived from a whole may be kept anywhere under its number: none is used twice,
    even after everything was taken back.
    """
    path = _last_edition(operation)
    last = int(path.read_text("utf-8")) if path.exists() else 0
    return max(last, operation.edition) + 1


def keep_last_edition(operation: Operation) -> None:
    """Remember the number that holds, before none does."""
    write_file_whole(_last_edition(operation), str(operation.edition).encode())


def _last_edition(operation: Operation) -> Path:
    return operation_folder(operation) / "editions" / "last"


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Let one process at a time be here; the lock ends with the process."""
    folder = data_folder() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def link_or_copy(source: str, target: str) -> None:
    """Make a file a second name of another, or a copy where the disk has no such names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def lock_folder(folder: Path) -> None:
    """Take away everybody's right to write in a folder that never changes any more."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o500 if path.is_dir() else 0o400)
    folder.chmod(0o500)
