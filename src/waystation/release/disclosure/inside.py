"""What stays inside whatever the rule: reports, files, names as the field typed them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath

import polars as pl

from waystation.findings import Findings
from waystation.release.published import CHECKS
from waystation.sources import Source
from waystation.tracking.locations import Locations

NO_TITLE = "Finding of a check that this version does not know"


def counted_findings(findings: pl.DataFrame) -> pl.DataFrame:
    """Return findings that say what kind they are and of which round, and nothing else.

    Returns:
        Shape ``Findings``; the message is the title of the check.
    """
    titles = {code: check.title for code, check in CHECKS.items()}
    return Findings.complete(
        findings.select(
            "code",
            "severity",
            "round_number",
            message=pl.col("code").replace_strict(
                titles, default=NO_TITLE, return_dtype=pl.String
            ),
        ).sort("round_number", "code", "severity", nulls_last=True)
    )


def named_sources(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return who made the data and on what terms, each once; no file, no hash of one.

    The name of a field file often names an office or a person. A title that only repeats it
    goes with it.
    """
    named = (
        replace(
            source,
            title="" if source.title == PurePath(source.file).stem else source.title,
            file="",
            sha256="",
        )
        for source in sources
    )
    return tuple(source for source in dict.fromkeys(named) if source != Source())


def known_locations(locations: pl.DataFrame) -> pl.DataFrame:
    """Return the master list without the other names that reports gave a place."""
    names = pl.lit([], dtype=Locations.columns()["names"].dtype)
    return locations.select(Locations.column_names()).with_columns(names=names)
