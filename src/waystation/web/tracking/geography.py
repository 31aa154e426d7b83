"""Reads of the files, units and outlines that an operation has."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from waystation.geography.unit_checks import check_units
from waystation.web.tracking.models import Job, Operation, PlaceFile
from waystation.web.tracking.models.jobs import JobKind
from waystation.web.tracking.queries import geography_of

MOST_FINDINGS = 100


@dataclass(frozen=True, slots=True)
class Level:
    """An administrative level of an operation's places.

    Attributes:
        level: 0 for the country.
        units: How many units are listed.
        outlines: How many have an outline.
        without_outline: How many listed units have none.
    """

    level: int
    units: int
    outlines: int
    without_outline: int


def files_of(operation: Operation) -> list[PlaceFile]:
    """Return the files in use, lists before boundaries."""
    files = operation.place_files.filter(is_current=True).select_related("added_by")
    return list(files.order_by("-kind", "name"))


def levels_of(operation: Operation) -> list[Level]:
    """Return each level that is listed, from the country down."""
    units, boundaries = geography_of(operation)
    if units is None:
        return []
    drawn = boundaries if boundaries is not None else units.clear().select("level", "code")
    rows = units.group_by("level").agg(pl.col("code").unique()).sort("level")
    levels = []
    for level, codes in rows.iter_rows():
        outlined = set(drawn.filter(pl.col("level") == level)["code"].to_list())
        levels.append(
            Level(
                level=level,
                units=len(codes),
                outlines=len(outlined),
                without_outline=len(set(codes) - outlined) if outlined else len(codes),
            )
        )
    return levels


def findings_of(operation: Operation) -> list[tuple[str, str]]:
    """Return code and message of what is wrong with the list of units, the first hundred."""
    units, _ = geography_of(operation)
    if units is None:
        return []
    found = check_units(units).head(MOST_FINDINGS).select("code", "message")
    return list(found.iter_rows())


def last_job(operation: Operation) -> Job | None:
    """Return the job that read the places last, or reads them now."""
    return operation.jobs.filter(kind=JobKind.READ_PLACES).order_by("-pk").first()
