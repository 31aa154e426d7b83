"""Checks of submissions: what is wrong, where, and what to do, over all rounds at once."""

from __future__ import annotations

import datetime as dt

import polars as pl

from waystation.findings import Findings
from waystation.tracking.quality.alterations import check_alterations
from waystation.tracking.quality.change import check_change
from waystation.tracking.quality.coordinates import check_coordinates
from waystation.tracking.quality.dates import check_dates
from waystation.tracking.quality.figures import check_figures
from waystation.tracking.quality.identity import set_aside_repeats
from waystation.tracking.quality.names import check_names
from waystation.tracking.quality.parts import check_parts
from waystation.tracking.quality.people import check_people
from waystation.tracking.quality.presence import check_presence
from waystation.tracking.quality.reports import reports_from_submissions
from waystation.tracking.quality.resemblance import near_duplicates

__all__ = ["check_submissions", "near_duplicates", "set_aside_repeats"]


def check_submissions(
    submissions: pl.DataFrame,
    *,
    units: pl.DataFrame | None = None,
    boundaries: pl.DataFrame | None = None,
    locations: pl.DataFrame | None = None,
    today: dt.date | None = None,
    include_near_duplicates: bool = True,
) -> pl.DataFrame:
    """Check the submissions of all rounds; codes TRK-109 to TRK-186 of the catalogue.

    Rows not counted are left out: ``set_aside_repeats`` has said why. A problem that most rows
    of a file share is said once for the file. What is absent is not checked: without
    boundaries no position is held against its unit, without a column nothing is said of it.

    Args:
        submissions: Shape ``Submissions``, all rounds, places resolved where possible.
        units: Shape ``Units``; names the units in the wording.
        boundaries: Shape ``Boundaries``.
        locations: Shape ``Locations``, the master list, for opening and closing dates.
        today: The day on which dates lie in the future; the machine's where not given.
        include_near_duplicates: Whether to search for places that resemble another one.

    Returns:
        Findings in the order of files and rows; shape ``Findings``.

    Raises:
        MissingColumns: If a column that cannot be null is absent.
    """
    reports = reports_from_submissions(submissions)
    if not len(reports.frame):
        return Findings.empty_frame()
    positions = check_coordinates(reports, boundaries)
    found = [
        *positions.findings,
        *check_names(reports),
        *check_figures(reports),
        *check_parts(reports),
        *check_change(reports),
        *check_presence(reports, locations),
        *check_alterations(reports, positions.is_usable, units),
        *check_dates(reports, today or dt.datetime.now(tz=dt.UTC).date()),
        *check_people(reports),
    ]
    if include_near_duplicates:
        found.append(near_duplicates(submissions))
    return pl.concat([Findings.empty_frame(), *found]).sort(
        "file", "row", "code", nulls_last=True, maintain_order=True
    )
