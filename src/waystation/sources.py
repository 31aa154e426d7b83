"""Where a table comes from: producer, title, version, licence and as-of date travel with it."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_DAYS = ("as_of", "retrieved")


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a table.

    Attributes:
        producer: Who made it, e.g. "International Organization for Migration (IOM)".
        title: What it is called, e.g. "Displacement Tracking Matrix, Round 68".
        version: Release or vintage, e.g. "2026-03".
        licence: Terms of use, in words or as an SPDX name.
        as_of: The day the content describes.
        file: Name of the file it was read from, without a folder.
        sha256: Hash of that file.
        retrieved: The day on which it was received.
        address: Where it was received from; empty for a file given by hand.
    """

    producer: str = ""
    title: str = ""
    version: str = ""
    licence: str = ""
    as_of: dt.date | None = None
    file: str = ""
    sha256: str = ""
    retrieved: dt.date | None = None
    address: str = ""

    @classmethod
    def of_file(
        cls, path: Path, *, title: str = "", producer: str = "", licence: str = ""
    ) -> Source:
        """Return the source that a file is, with its hash."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return cls(
            producer=producer,
            title=title or path.stem,
            licence=licence,
            file=path.name,
            sha256=digest,
        )

    @classmethod
    def of_dict(cls, values: dict[str, str | None]) -> Source:
        """Return the source that `as_dict` wrote; names it does not have are empty."""
        kept: dict[str, Any] = {n: v or "" for n, v in values.items() if n not in _DAYS}
        kept |= {n: dt.date.fromisoformat(v) for n in _DAYS if (v := values.get(n))}
        return cls(**kept)

    def as_dict(self) -> dict[str, str | None]:
        """Return the source as plain values, dates as ISO 8601 text."""
        values = asdict(self)
        for name in _DAYS:
            day = values[name]
            values[name] = day.isoformat() if day else None
        return values
