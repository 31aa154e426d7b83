"""What an importer returns, and how it says which files it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from waystation.sources import Source


@dataclass(frozen=True, slots=True)
class Clean:
    """A file as its producer meant it: tidy, in the producer's own codes, nothing judged.

    Attributes:
        observations: Shape ``Observations``.
        areas: What the producer calls each code: columns code, name, and more as given.
        findings: Shape ``Findings``: cells that were not understood, each with its place.
        source: Producer, title, revision (``version``), licence, day, hash.
    """

    observations: pl.DataFrame
    areas: pl.DataFrame
    findings: pl.DataFrame
    source: Source


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout in which a producer publishes.

    Attributes:
        name: As the command line says it, e.g. undesa-stock.
        producer: Who publishes.
        title: What is in it.
        recognises: Says whether a file is of this layout, by its first cells, never its name.
        read: Reads a file; raises ``UnusableInput`` where it cannot.
    """

    name: str
    producer: str
    title: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Clean]
