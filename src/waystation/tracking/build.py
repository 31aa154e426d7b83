"""The whole road from field files to a built matrix, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from waystation.sources import Source


@dataclass(frozen=True, slots=True)
class Build:
    """Everything known after a build; what releases and reports are made from.

    Attributes:
        country: ISO 3166-1 alpha-3.
        operation: Name of the operation.
        submissions: Shape ``Submissions``, all rounds, values as received.
        matrix: Shape ``Matrix``, all rounds.
        totals: Shape ``Totals``, all rounds.
        findings: Shape ``Findings``.
        locations: Shape ``Locations``, the master list.
        changes: Shape ``Changes``, each round against the one before; empty with one round.
        units: Shape ``Units``.
        boundaries: Shape ``Boundaries``; empty where none were given.
        sources: One for each file used.
    """

    country: str
    operation: str
    submissions: pl.DataFrame
    matrix: pl.DataFrame
    totals: pl.DataFrame
    findings: pl.DataFrame
    locations: pl.DataFrame
    changes: pl.DataFrame
    units: pl.DataFrame
    boundaries: pl.DataFrame
    sources: tuple[Source, ...] = field(default=())
