"""The published whole of an operation, as pages and interfaces read it: protected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from waystation.errors import NotFound
from waystation.folders import write_file_whole
from waystation.tracking.build import Build
from waystation.tracking.build_folder import read_build
from waystation.web.tracking import storage
from waystation.web.tracking.models import Operation


@dataclass(frozen=True, slots=True)
class Edition:
    """The latest version of every published round of an operation, protected, in one folder.

    An edition never changes: what is derived from it can be kept for as long as it holds, and
    its number is all that an ETag needs.

    Attributes:
        operation_id: Key of the operation.
        slug: Short name of the operation.
        number: Number of the edition; each publication makes the next.
        folder: Where it lies.
    """

    operation_id: int
    slug: str
    number: int
    folder: Path

    @property
    def etag(self) -> str:
        """Return what names this state of the operation's figures."""
        return f"{self.operation_id}-{self.number}"

    def frame(self, name: str) -> pl.DataFrame:
        """Return a frame of the edition, kept in memory: totals, changes, locations, units."""
        return _frame(self.folder, name)

    def scan(self, name: str) -> pl.LazyFrame:
        """Return a frame to be filtered before it is read, for the large ones."""
        return pl.scan_parquet(self.folder / f"{name}.parquet")

    def build(self) -> Build:
        """Return the whole as a protected build: what files for others are written from."""
        return read_build(self.folder)

    def derived(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return bytes made from this edition once, then kept beside it and in memory.

        Args:
            name: A file name that says what and in which language.
            make: Makes the bytes, from this edition only.
        """
        return _derived(self.folder / "derived" / name, make)


BEFORE_READERS: list[Callable[[Edition], None]] = []
"""What is worked out of each new edition before its first reader asks for it."""


def edition_of(operation: Operation) -> Edition:
    """Return the published whole of an operation.

    Raises:
        NotFound: If nothing of it has been published.
    """
    if not operation.edition:
        raise NotFound(what="edition", name=operation.slug)
    return edition_numbered(operation, operation.edition)


def edition_numbered(operation: Operation, number: int) -> Edition:
    """Return an edition of an operation, whether or not it holds yet."""
    return Edition(
        operation_id=operation.pk,
        slug=operation.slug,
        number=number,
        folder=storage.edition_folder(operation, number),
    )


@lru_cache(maxsize=64)
def _frame(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


_KEPT: dict[Path, bytes] = {}
_MOST_KEPT = 256


def _derived(path: Path, make: Callable[[], bytes]) -> bytes:
    kept = _KEPT.get(path)
    if kept is None:
        kept = path.read_bytes() if path.exists() else make()
        if not path.exists():
            write_file_whole(path, kept)
        while len(_KEPT) >= _MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)), None)
        _KEPT[path] = kept
    return kept
