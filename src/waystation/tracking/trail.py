"""The trail of a figure: which submissions, corrections and checks it comes from."""

from __future__ import annotations

import datetime as dt

import dataframely as dy
import polars as pl

from waystation.errors import NotFound
from waystation.tables import Table, claim, day, number, text, whole
from waystation.tracking.cells import CellStatus, indicator_columns
from waystation.tracking.corrections import Action, corrected
from waystation.tracking.indicators import indicator_by_code
from waystation.tracking.submissions import Submissions


class Trail(Table):
    """Where one cell of the matrix comes from, one submission a row."""

    submission_id = text("The submission.", nullable=False, primary_key=True)
    file = text("Name of the file.", nullable=False)
    sheet = text("Name of the sheet.")
    row = whole("Row as a spreadsheet program numbers it, from 1.")
    round_number = whole("Round it was reported in.")
    reference_date = day("Reference date of that round.")
    collected_on = day("The day the place was assessed.")
    is_counted = claim("Whether the row adds to the figure; false for one set aside.")
    indicator = text("Indicator that was read.", nullable=False, primary_key=True)
    raw = number("The figure as received; null when blank.")
    corrected = number("The figure as it counts; null when blank.")
    action = dy.Enum(
        [a.value for a in Action],
        nullable=True,
        description="What the cleaning log did; null where it has no entry.",
    )
    reason = text("Why it did so.")
    by = text("Who decided.")
    at = text("When.")
    findings = text("Findings on the figure or the row: code and message, one a line.")


def trail_of_cell(
    submissions: pl.DataFrame,
    corrections: pl.DataFrame | None,
    findings: pl.DataFrame | None,
    *,
    location_id: str,
    indicator: str,
    round_number: int,
    country: str | None = None,
    operation: str | None = None,
    component: str | None = None,
    reference_date: dt.date | None = None,
    matrix: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return what a figure is made of: every submission, before and after its corrections.

    The ``corrected`` figures of the rows that count add up to the cell.

    Args:
        submissions: Shape ``Submissions``, values as received.
        corrections: Shape ``Corrections``, or None.
        findings: Shape ``Findings``, or None.
        location_id: The location; the ``location_key`` of its submissions.
        indicator: Code in the indicator dictionary.
        round_number: The round.
        country: Where several countries have this location and round.
        operation: Where several operations have.
        component: Where several components have.
        reference_date: Where the round has several dates.
        matrix: Shape ``Matrix``. With it a figure carried forward leads to the submissions of
            the round it was observed in, and an estimated one to those of its households.

    Returns:
        Shape ``Trail``, in the order of the submissions, rows set aside included.

    Raises:
        NotFound: If no submission speaks of this location in this round.
    """
    source: dict[str, object] = {"round_number": round_number, "reference_date": reference_date}
    wanted: dict[str, object] = {
        "location_id": location_id,
        "country": country,
        "operation": operation,
        "component": component,
    }
    if matrix is not None:
        source, indicator = _source(matrix, wanted, source, indicator)
    raw = Submissions.complete(submissions)
    after, applied = raw, None
    if corrections is not None and corrections.height:
        after, applied, _ = corrected(raw, corrections)
    conditions = wanted | source
    conditions["location_key"] = conditions.pop("location_id")
    # A row that a correction moved here, or away from here, is part of the trail.
    here = _matching(raw, conditions) | _matching(after, conditions)
    if indicator not in raw.columns or not here.any():
        raise NotFound(what="figure", name=f"{location_id}, round {round_number}, {indicator}")
    rows = raw.filter(here).with_columns(
        is_counted=after["is_counted"].filter(here),
        indicator=pl.lit(indicator),
        raw=pl.col(indicator),
        corrected=after[indicator].filter(here),
    )
    rows = _with_log(rows, applied, indicator)
    rows = _with_findings(rows, findings, indicator)
    return Trail.require(rows.select(Trail.column_names()))


def _matching(frame: pl.DataFrame, conditions: dict[str, object]) -> pl.Series:
    tests = [pl.col(c) == v for c, v in conditions.items() if v is not None]
    return frame.select(pl.all_horizontal(tests).fill_null(False)).to_series()


def _source(
    matrix: pl.DataFrame,
    wanted: dict[str, object],
    source: dict[str, object],
    indicator: str,
) -> tuple[dict[str, object], str]:
    """Follow a cell to the snapshot and the indicator that it was made from."""
    conditions = wanted | source | {"indicator": indicator}
    cell = matrix.filter(_matching(matrix, conditions))
    if cell.is_empty():
        name = f"{wanted['location_id']}, round {source['round_number']}, {indicator}"
        raise NotFound(what="figure", name=name)
    status = cell["status"][0]
    households = indicator_by_code(indicator).households
    if status == CellStatus.CARRIED_FORWARD:
        observed = {"round_number": None, "reference_date": cell["observed_on"][0]}
        origin = matrix.filter(_matching(matrix, wanted | observed | {"indicator": indicator}))
        status = origin["status"][0] if origin.height else status
        source = observed
    if status == CellStatus.ESTIMATED and households is not None:
        indicator = households
    return source, indicator


def _with_log(rows: pl.DataFrame, applied: pl.DataFrame | None, indicator: str) -> pl.DataFrame:
    columns = ["action", "reason", "by", "at"]
    if applied is None:
        return rows.with_columns(
            pl.lit(None, Trail.columns()[c].dtype).alias(c) for c in columns
        )
    # An entry on the figure itself speaks before one on the row.
    is_own = pl.col("column") == indicator
    entries = (
        applied.sort(~is_own)
        .filter(is_own | (pl.col("column") == "is_counted") | pl.col("column").is_in(_MOVING))
        .unique("submission_id", keep="first", maintain_order=True)
    )
    return rows.join(
        entries.select("submission_id", *columns),
        on="submission_id",
        how="left",
        maintain_order="left",
    )


_MOVING = ("location_id", "admin1_code", "admin2_code", "admin3_code", "round_number")


def _with_findings(
    rows: pl.DataFrame, findings: pl.DataFrame | None, indicator: str
) -> pl.DataFrame:
    if findings is None:
        return rows.with_columns(findings=pl.lit(None, pl.String))
    total = indicator.split("__")[0]
    of_others = [c for c in indicator_columns(rows.columns) if c.split("__")[0] != total]
    about = ~pl.col("column").is_in(of_others).fill_null(False)
    told = (
        findings.filter(pl.col("submission_id").is_not_null() & about)
        .group_by("submission_id", maintain_order=True)
        .agg(findings=pl.format("{}: {}", "code", "message").str.join("\n"))
    )
    return rows.join(told, on="submission_id", how="left", maintain_order="left")
