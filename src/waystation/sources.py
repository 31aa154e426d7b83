"""Where a table comes from: producer, title, version, licence and as-of date travel with it."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path


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
    """

    producer: str = ""
    title: str = ""
    version: str = ""
    licence: str = ""
    as_of: dt.date | None = None
    file: str = ""
    sha256: str = ""

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

    def as_dict(self) -> dict[str, str | None]:
        """Return the source as plain values, dates as ISO 8601 text."""
        values = asdict(self)
        values["as_of"] = self.as_of.isoformat() if self.as_of else None
        return values
