"""The raw stage: files as received, each kept once under its hash, with where it came from.

A kept file is never changed. The same content received again is not kept twice; another
content under the same name is another file.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from waystation.errors import NotFound, UnreadableFile
from waystation.folders import write_file_whole, written_whole
from waystation.sources import Source

_BESIDE = ".source.json"


@dataclass(frozen=True, slots=True)
class Raw:
    """A file as received.

    Attributes:
        path: Where it is kept, under its own name.
        source: Where it came from, with its hash.
    """

    path: Path
    source: Source


def keep_raw(
    path: Path, folder: Path, *, source: Source | None = None, received: dt.date | None = None
) -> Raw:
    """Keep a file as received: its bytes under its hash, its source as JSON beside it.

    Args:
        path: The file.
        folder: The folder of raw files; ``<folder>/<sha256>/<name>`` and
            ``<name>.source.json`` appear together, or not at all.
        source: What is known of it; its hash and name are set here. What a download wrote
            beside the file is used when left out.
        received: The day it was received, where the source does not say.

    Returns:
        The kept file; if the content was kept before, that one, with its first source.

    Raises:
        NotFound: If there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound(what="file", name=str(path))
    own = Source.of_file(path)
    told = source or _told(path, own) or own
    told = replace(
        told, file=path.name, sha256=own.sha256, retrieved=told.retrieved or received
    )
    place = Path(folder) / own.sha256
    kept = _kept(place)
    if kept is not None:
        return kept
    with written_whole(place) as waiting:
        shutil.copyfile(path, waiting / path.name)
        text = json.dumps(told.as_dict(), ensure_ascii=False, indent=2) + "\n"
        write_file_whole(waiting / f"{path.name}{_BESIDE}", text.encode())
    copied = place / path.name
    if Source.of_file(copied).sha256 != own.sha256:
        shutil.rmtree(place)
        raise UnreadableFile(
            file=path.name, reason="it changed while it was kept", action="Keep it again"
        )
    copied.chmod(0o444)
    return Raw(copied, told)


def received_source(
    path: Path, *, producer: str, title: str, licence: str, version: str
) -> Source:
    """Return where a file comes from; what its download wrote beside it is taken over.

    A file changed since it was received is no longer that one: then only its hash is stated.
    """
    own = Source.of_file(path, title=title, producer=producer, licence=licence)
    told = _told(path, own) or Source()
    return replace(
        own,
        version=version or told.version,
        retrieved=told.retrieved,
        address=told.address,
    )


def raw_files(folder: Path) -> list[Raw]:
    """Return every kept file, by producer, title, version and name.

    Raises:
        UnreadableFile: If a file is no longer what was kept.
    """
    found = []
    for place in sorted(Path(folder).iterdir()) if Path(folder).is_dir() else []:
        if place.is_dir() and re.fullmatch(r"[0-9a-f]{64}", place.name):
            kept = _kept(place)
            if kept is not None:
                found.append(kept)
    return sorted(
        found, key=lambda r: (r.source.producer, r.source.title, r.source.version, r.path.name)
    )


def require_unchanged(raw: Raw) -> Raw:
    """Return the kept file if its content is still that of its hash.

    Raises:
        UnreadableFile: If it was changed.
    """
    if Source.of_file(raw.path).sha256 != raw.source.sha256:
        raise UnreadableFile(
            file=raw.path.name,
            reason="it is no longer what was received: its hash differs",
            action="Delete it and receive it again",
        )
    return raw


def _kept(place: Path) -> Raw | None:
    for beside in sorted(place.glob(f"*{_BESIDE}")):
        path = beside.with_name(beside.name.removesuffix(_BESIDE))
        if path.is_file():
            told = Source.of_dict(json.loads(beside.read_text("utf-8")))
            return require_unchanged(Raw(path, told))
    return None


def _told(path: Path, own: Source) -> Source | None:
    """Return what a download wrote beside a file, if the file is still that one."""
    beside = path.with_name(f"{path.name}{_BESIDE}")
    if not beside.is_file() or not os.access(beside, os.R_OK):
        return None
    told = Source.of_dict(json.loads(beside.read_text("utf-8")))
    return told if told.sha256 == own.sha256 else None
