"""Cleaning logs in the sector's layout: read, proposed from findings, laid over submissions."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from waystation.errors import UnreadableFile
from waystation.grids import Grid, read_grids
from waystation.tracking.overlay import (
    FIXED,
    PLACEMENT,
    Action,
    AppliedCorrections,
    Corrections,
    corrected,
    value_as_text,
)

__all__ = [
    "PLACEMENT",
    "Action",
    "AppliedCorrections",
    "Corrections",
    "corrected",
    "corrections_from_findings",
    "read_corrections",
]

# Headings that cleaning logs of the sector bear, folded to letters and digits.
HEADINGS = {
    "id": ("id", "submissionid", "uuid", "recorduuid", "instanceid", "surveyid", "index"),
    "question": ("question", "questionname", "column", "variable", "indicator", "field"),
    "old": ("old", "oldvalue", "originalvalue", "rawvalue"),
    "new": ("new", "newvalue", "correctedvalue", "cleanvalue"),
    "reason": ("reason", "issue", "feedback", "comment", "comments", "justification"),
    "action": ("action", "changetype", "change", "typeofchange", "decision"),
    "by": ("by", "changedby", "author", "reviewer", "officer", "focalpoint"),
    "at": ("at", "date", "changedat", "changedon", "timestamp", "datechanged"),
}
ACTIONS = {
    Action.CHANGE_VALUE: (
        "changevalue", "changeresponse", "change", "changed", "correct", "corrected", "edit",
        "update", "blankresponse", "blank",
    ),
    Action.REMOVE: (
        "remove", "removed", "removesurvey", "removerow", "delete", "deleted", "deletion",
    ),
    Action.KEEP: (
        "keep", "kept", "confirm", "confirmed", "noaction", "nochange", "justified", "ok",
    ),
}  # fmt: skip
BLANKING = ("blankresponse", "blank")
HEADER_DEPTH = 10


def read_corrections(path: Path) -> pl.DataFrame:
    """Read a cleaning log, csv or Excel, whatever of the sector's headings it bears.

    The headings may stand in any of the first ten rows of any sheet; an id and a question are
    needed. An entry without an action changes the value where a new one is given, and confirms
    it where not. Nothing is read as missing but an empty cell: ``NA`` is Namibia.

    Args:
        path: The file; headings such as ``uuid, question, old_value, new_value, change_type``.

    Returns:
        Shape ``Corrections``, in the order of the file; rows without an id are left out.

    Raises:
        UnreadableFile: If no sheet has the headings, or an action is not known.
    """
    for grid in read_grids(path):
        found = _header(grid)
        if found is not None:
            row, columns = found
            return _log(grid, row, columns, path)
    raise UnreadableFile(
        file=path.name,
        reason="it has no row of headings with an id and a question",
        action="Name the columns id, question, old, new, reason, action, by and at",
    )


def corrections_from_findings(
    findings: pl.DataFrame, submissions: pl.DataFrame
) -> pl.DataFrame:
    """Propose a cleaning log from the findings that know the right value.

    Nothing is applied: the log is for a person to edit, sign and give back. Where several
    findings speak of one cell, the most severe one is proposed.

    Args:
        findings: Shape ``Findings``.
        submissions: Shape ``Submissions``; ``old`` is taken from here.

    Returns:
        Shape ``Corrections``, in the order of the findings, ``by`` and ``at`` empty; findings
        about no single cell, or whose expected value is the raw one, are left out.
    """
    open_columns = [c for c in submissions.columns if c not in FIXED]
    wanted = (
        findings.with_row_index("entry")
        .filter(
            pl.col("expected").is_not_null()
            & pl.col("submission_id").is_not_null()
            & pl.col("column").is_in(open_columns)
        )
        .sort(pl.col("severity").cast(pl.Enum(["error", "warning", "info"])), "entry")
        .unique(["submission_id", "column"], keep="first", maintain_order=True)
    )
    proposed = [Corrections.empty_frame().with_columns(entry=pl.lit(0, pl.UInt32))]
    for (name,), entries in wanted.group_by("column", maintain_order=True):
        column = str(name)
        raw = submissions.select(
            "submission_id", raw=value_as_text(column, submissions.schema[column])
        )
        joined = entries.join(raw, on="submission_id", how="inner")
        proposed.append(
            joined.filter(pl.col("raw").ne_missing(pl.col("expected"))).select(
                id="submission_id",
                question="column",
                old="raw",
                new="expected",
                reason=pl.format("{}: {}", "code", "message"),
                action=pl.lit(Action.CHANGE_VALUE.value).cast(proposed[0].schema["action"]),
                by=pl.lit(None, pl.String),
                at=pl.lit(None, pl.String),
                entry="entry",
            )
        )
    return pl.concat(proposed).sort("entry").drop("entry")


def _folded(value: pl.Expr) -> pl.Expr:
    return value.str.to_lowercase().str.replace_all(r"[^a-z0-9]", "")


def _header(grid: Grid) -> tuple[int, dict[str, str]] | None:
    """Return the row of the headings and the grid's column of each field."""
    head = grid.cells.head(HEADER_DEPTH).select(_folded(pl.all()))
    for row, cells in enumerate(head.rows()):
        by_heading = dict(zip(reversed(cells), reversed(head.columns), strict=True))
        columns = {
            name: next(by_heading[h] for h in headings if h in by_heading)
            for name, headings in HEADINGS.items()
            if any(h in by_heading for h in headings)
        }
        if {"id", "question"} <= set(columns):
            return row, columns
    return None


def _log(grid: Grid, row: int, columns: dict[str, str], path: Path) -> pl.DataFrame:
    absent = [name for name in Corrections.column_names() if name not in columns]
    log = grid.cells.slice(row + 1).select(
        *(pl.col(c).str.strip_chars().replace("", None).alias(n) for n, c in columns.items()),
        *(pl.lit(None, pl.String).alias(n) for n in absent),
    )
    log = log.filter(pl.col("id").is_not_null()).with_columns(word=_folded(pl.col("action")))
    words = {word: action.value for action, many in ACTIONS.items() for word in many}
    unknown = log.filter(~pl.col("word").is_in(list(words)) & (pl.col("word") != ""))
    if unknown.height:
        raise UnreadableFile(
            file=path.name,
            reason=f"the action {unknown['action'][0]!r} is not known",
            action=f"Use one of {', '.join(Action)}",
        )
    by_value = (
        pl.when(pl.col("new").is_not_null())
        .then(pl.lit(Action.CHANGE_VALUE.value))
        .otherwise(pl.lit(Action.KEEP.value))
    )
    said = pl.col("word").replace_strict(words, default=None, return_dtype=pl.String)
    log = log.with_columns(
        action=pl.coalesce(said, by_value),
        new=pl.when(pl.col("word").is_in(BLANKING)).then(None).otherwise("new"),
    )
    return Corrections.require(log.select(Corrections.column_names()))
