"""The overlay of corrections on submissions: raw values never change."""

from __future__ import annotations

from enum import StrEnum

import dataframely as dy
import polars as pl

from waystation.findings import Findings
from waystation.tables import Table, text
from waystation.tracking.checks import CHECKS
from waystation.tracking.submissions import Submissions

# Columns that decide where, when and whether a row counts.
PLACEMENT = (
    "is_counted", "country", "operation", "component", "round_number", "reference_date",
    "admin1_code", "admin2_code", "admin3_code", "location_id", "location_key",
)  # fmt: skip
# Columns that say what a row is; a correction of them would make it another row.
FIXED = ("submission_id", "file", "sheet", "row", "record_uuid", "is_counted", "location_key")


class Action(StrEnum):
    """What an entry of the cleaning log does."""

    CHANGE_VALUE = "change_value"
    REMOVE = "remove"
    KEEP = "keep"


class Corrections(Table):
    """A cleaning log in the sector's layout, one decision a row; values are text."""

    id = text("The submission (``submission_id``) it is about.", nullable=False)
    question = text("Column of ``Submissions`` or indicator; empty for a whole row.")
    old = text("The value as received; empty where the cell is.")
    new = text("The value that holds; empty makes the cell blank.")
    reason = text("Why.")
    action = dy.Enum(
        [a.value for a in Action],
        description="change_value, remove (set the row aside), keep (the value is confirmed).",
    )
    by = text("Who decided, as a role or initials.")
    at = text("When, as received.")


class AppliedCorrections(Table):
    """The cells that corrections changed or confirmed, one a row; values are text."""

    submission_id = text("The submission.", nullable=False, primary_key=True)
    column = text("Column of ``Submissions`` or indicator.", nullable=False, primary_key=True)
    raw = text("The value as received.")
    corrected = text("The value that holds.")
    action = dy.Enum([a.value for a in Action], description="See ``Corrections``.")
    reason = text("Why.")
    by = text("Who decided.")
    at = text("When.")


def value_as_text(column: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column as text; whole numbers without a decimal point, blank text as null."""
    value = pl.col(column)
    if dtype.is_float():
        is_whole = (value == value.round()) & (value.abs() < 2**53)
        return (
            pl.when(is_whole)
            .then(value.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(value.cast(pl.String))
        )
    return value.cast(pl.String).str.strip_chars().replace("", None)


def corrected(
    submissions: pl.DataFrame, corrections: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Lay corrections over submissions; the frame given keeps its raw values.

    An entry is refused, with a finding, where its id or column is not known, where its old
    value is not the raw one, where its new value cannot stand in the column, or where another
    entry says something else about the same cell. Numbers are compared as numbers.

    Where the id or the unit of a location is corrected, its ``location_key`` follows.

    Args:
        submissions: Shape ``Submissions``.
        corrections: Shape ``Corrections``.

    Returns:
        The submissions as corrected, rows and order kept, removed ones with ``is_counted``
        false; the cells changed or confirmed, shape ``AppliedCorrections``; and findings
        TRK-204 (changed) and TRK-206 (refused), shape ``Findings``.
    """
    log = Corrections.require(Corrections.complete(corrections)).with_row_index("entry")
    log = log.with_columns(
        pl.col("id", "question", "old", "new").str.strip_chars().replace("", None),
    )
    whole = log.filter(pl.col("action") == Action.REMOVE)
    cells = log.filter(pl.col("action") != Action.REMOVE)
    judged = pl.concat(
        [_judged_removals(whole, submissions), *_judged_cells(cells, submissions)],
        how="diagonal",
    ).sort("entry")
    judged = _without_contradictions(judged)
    accepted = judged.filter(pl.col("refusal").is_null())
    after = _with_keys(submissions, _overlaid(submissions, accepted))
    applied = accepted.select(AppliedCorrections.column_names())
    return after, applied, _findings(judged, submissions)


def _judged_removals(log: pl.DataFrame, submissions: pl.DataFrame) -> pl.DataFrame:
    known = submissions.select(submission_id="submission_id", counted="is_counted")
    return (
        log.rename({"id": "submission_id"})
        .join(known, on="submission_id", how="left", maintain_order="left")
        .with_columns(
            column=pl.lit("is_counted"),
            raw=pl.col("counted").cast(pl.String),
            corrected=pl.lit("false"),
            refusal=pl.when(pl.col("counted").is_null()).then(pl.lit("the id is not known")),
        )
        .drop("counted")
    )


def _judged_cells(log: pl.DataFrame, submissions: pl.DataFrame) -> list[pl.DataFrame]:
    """Judge the entries of one column after another: columns are few, entries many."""
    open_columns = [c for c in submissions.columns if c not in FIXED]
    known = pl.col("question").is_in(open_columns)
    stranger = log.filter(~known.fill_null(False)).with_columns(
        column=pl.col("question").fill_null(""),
        refusal=pl.lit("there is no such column that can be corrected"),
    )
    judged = [stranger.rename({"id": "submission_id"})]
    for (column,), entries in log.filter(known).group_by("question", maintain_order=True):
        judged.append(_judged_column(entries, submissions, str(column)))
    return judged


def _judged_column(
    entries: pl.DataFrame, submissions: pl.DataFrame, column: str
) -> pl.DataFrame:
    dtype = submissions.schema[column]
    raw = submissions.select(
        submission_id="submission_id", raw=value_as_text(column, dtype), is_known=True
    )
    joined = entries.rename({"id": "submission_id"}).join(
        raw, on="submission_id", how="left", maintain_order="left"
    )
    is_change = pl.col("action") == Action.CHANGE_VALUE
    cannot_stand = pl.col("new").is_not_null() & _as(dtype, "new").is_null()
    refusal = (
        pl.when(pl.col("is_known").is_null())
        .then(pl.lit("the id is not known"))
        .when(~_same(dtype, "old", "raw"))
        .then(pl.lit("the old value is not the one received"))
        .when(is_change & cannot_stand)
        .then(pl.lit("the new value cannot stand in this column"))
    )
    return joined.with_columns(
        column=pl.lit(column),
        corrected=pl.when(is_change).then("new").otherwise("raw"),
        refusal=refusal,
    ).drop("is_known")


def _as(dtype: pl.DataType, column: str) -> pl.Expr:
    value = pl.col(column)
    if dtype == pl.Date:
        return value.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    if dtype.is_integer():
        return value.cast(pl.Float64, strict=False).cast(dtype, strict=False)
    return value.cast(dtype, strict=False)


def _same(dtype: pl.DataType, left: str, right: str) -> pl.Expr:
    if dtype.is_numeric():
        as_number = [pl.col(c).cast(pl.Float64, strict=False) for c in (left, right)]
        same_number = as_number[0].eq(as_number[1]).fill_null(False)
        return same_number | pl.col(left).eq_missing(pl.col(right))
    return pl.col(left).eq_missing(pl.col(right))


def _without_contradictions(judged: pl.DataFrame) -> pl.DataFrame:
    """Keep one of equal entries for a cell, and refuse those that contradict each other."""
    valid = pl.col("refusal").is_null()
    cell = ["submission_id", "column"]
    said = pl.struct("action", "corrected")
    contradicts = valid & (said.filter(valid).n_unique().over(cell) > 1)
    repeats = valid & (pl.col("entry") != pl.col("entry").filter(valid).min().over(cell))
    return judged.filter(~repeats | contradicts).with_columns(
        refusal=pl.when(contradicts)
        .then(pl.lit("another entry says something else about the same cell"))
        .otherwise("refusal")
    )


def _overlaid(submissions: pl.DataFrame, accepted: pl.DataFrame) -> pl.DataFrame:
    frame = submissions
    changes = accepted.filter(pl.col("action") != Action.KEEP)
    for (name,), entries in changes.group_by("column", maintain_order=True):
        column = str(name)
        dtype = submissions.schema[column]
        new = _as(dtype, "corrected") if dtype != pl.Boolean else pl.col("corrected") == "true"
        values = entries.select("submission_id", new=new, is_changed=True)
        frame = (
            frame.join(values, on="submission_id", how="left", maintain_order="left")
            .with_columns(
                pl.when(pl.col("is_changed").is_not_null())
                .then("new")
                .otherwise(column)
                .alias(column)
            )
            .drop("new", "is_changed")
        )
    return frame


def _with_keys(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Let the key of a location follow its corrected id or unit."""
    needed = {"location_key", "location_id", "admin1_code", "admin2_code", "admin3_code"}
    if not needed <= set(before.columns):
        return after
    deepest = pl.coalesce("admin3_code", "admin2_code", "admin1_code")
    was = before.select(id="location_id", unit=deepest)
    key, unit = pl.col("location_key"), deepest
    moved = unit.is_not_null() & unit.ne_missing(pl.col("was_unit"))
    tail = key.str.strip_prefix(pl.col("was_unit"))
    stems_from_unit = pl.col("was_unit").is_not_null() & key.str.starts_with(pl.col("was_unit"))
    return (
        after.with_columns(was_id=was["id"], was_unit=was["unit"])
        .with_columns(
            location_key=pl.when(pl.col("location_id").ne_missing(pl.col("was_id")))
            .then(pl.coalesce("location_id", "location_key"))
            .when(pl.col("location_id").is_null() & moved & stems_from_unit)
            .then(unit + tail)
            .otherwise(key)
        )
        .drop("was_id", "was_unit")
    )


def _findings(judged: pl.DataFrame, submissions: pl.DataFrame) -> pl.DataFrame:
    """Return TRK-204 for each change and TRK-206 for each entry refused."""
    wanted = ["file", "sheet", "row", "location_key", "location_name", "round_number"]
    about = submissions.select(
        "submission_id", *(c for c in wanted if c in submissions.columns)
    )
    told = judged.filter((pl.col("action") != Action.KEEP) | pl.col("refusal").is_not_null())
    located = told.join(about, on="submission_id", how="left", maintain_order="left")
    located = located.with_columns(
        pl.lit(None, Submissions.columns()[c].dtype).alias(c)
        for c in wanted
        if c not in located.columns
    )
    is_refused = pl.col("refusal").is_not_null()
    place = pl.coalesce("location_name", "location_key", pl.lit("place not known"))
    shown = [pl.col(c).fill_null("blank") for c in ("raw", "corrected")]
    row = pl.coalesce(pl.format("Row {}", "row"), pl.col("submission_id"))
    why = pl.coalesce(pl.format(" ({})", "reason"), pl.lit(""))
    changed = pl.format("{}, {}: {} changed from {} to {}{}; the raw value is kept.",
                        row, place, "column", *shown, why)  # fmt: skip
    refused = pl.format("{}, {}: the correction of {} was not applied: {}. {}", row, place,
                        "column", "refusal", pl.lit(CHECKS["TRK-206"].action))  # fmt: skip
    code = pl.when(is_refused).then(pl.lit("TRK-206")).otherwise(pl.lit("TRK-204"))
    severity = pl.when(is_refused).then(pl.lit("warning")).otherwise(pl.lit("info"))
    return located.select(
        code=code,
        severity=severity.cast(Findings.columns()["severity"].dtype),
        message=pl.when(is_refused).then(refused).otherwise(changed),
        file="file",
        sheet="sheet",
        row="row",
        submission_id="submission_id",
        location_id="location_key",
        place="location_name",
        round_number="round_number",
        column="column",
        reported=pl.when(is_refused).then("old").otherwise("raw"),
        expected=pl.when(is_refused).then("raw").otherwise("corrected"),
    )
