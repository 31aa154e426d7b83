"""Findings as a reviewer sorts and settles them: a key that stays, and what an act will do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from waystation.findings import Findings
from waystation.tables import text
from waystation.tracking.checks import CHECKS
from waystation.tracking.indicators import is_indicator
from waystation.tracking.overlay import (
    FIXED,
    Action,
    Corrections,
    corrected,
    value_as_text,
)
from waystation.tracking.submissions import Submissions

NAMED_BY = (
    "code",
    "submission_id",
    "location_id",
    "column",
    "round_number",
    "file",
    "reported",
)
PLACED_BY = ("admin1_code", "admin2_code", "enumerator", "location_name", "component")


class ReviewItems(Findings):
    """Findings with what they are sorted and decided by, one a row."""

    key = text(
        "Names the finding across builds: a hash of its code, row, place, column and the value "
        "found; a finding whose value has changed is another.",
        nullable=False,
    )
    admin1_code = text("First level of the place.")
    admin2_code = text("Second level of the place.")
    enumerator = text("Pseudonymous id of who collected it.")
    location_name = text("Name of the location as reported.")
    component = text("Component of the row.")


def review_items_from_findings(
    findings: pl.DataFrame, submissions: pl.DataFrame, locations: pl.DataFrame
) -> pl.DataFrame:
    """Return the findings of a build with what reviewers sort them by.

    Args:
        findings: Shape ``Findings``.
        submissions: Shape ``Submissions``, the rows that they may speak of.
        locations: Shape ``Locations``; places those findings that name no row.

    Returns:
        Shape ``ReviewItems``, in the order of the findings; those alike in all that names them
        share one key.
    """
    known = Submissions.complete(submissions).select("submission_id", *PLACED_BY)
    listed = locations.select(
        "location_id",
        listed1="admin1_code",
        listed2="admin2_code",
        listed_name="name",
    ).unique("location_id", keep="last", maintain_order=True)
    rows = (
        findings.join(known, on="submission_id", how="left", maintain_order="left")
        .join(listed, on="location_id", how="left", maintain_order="left")
        .with_columns(
            key=_key(),
            admin1_code=pl.coalesce("admin1_code", "listed1"),
            admin2_code=pl.coalesce("admin2_code", "listed2"),
            location_name=pl.coalesce("location_name", "listed_name", "place"),
        )
    )
    return ReviewItems.require(rows.select(ReviewItems.column_names()))


def _key() -> pl.Expr:
    """Return a hash that is the same in every run: two 64-bit halves with fixed seeds."""
    # A unit separator cannot stand in a name, so that two different rows never read alike.
    parts = pl.concat_str(
        [pl.col(name).cast(pl.String).fill_null("\x1e") for name in NAMED_BY], separator="\x1f"
    )
    return parts.map_batches(_hashes, return_dtype=pl.String)


def _hashes(texts: pl.Series) -> pl.Series:
    unique = texts.unique()
    hashed = [hashlib.sha1(t.encode(), usedforsecurity=False).hexdigest() for t in unique]
    return texts.replace_strict(unique, pl.Series(hashed, dtype=pl.String))


class Act(StrEnum):
    """What a reviewer can do about a finding."""

    EXPECTED = "expected"  # set the cell to the value that would be right
    VALUE = "value"  # set the cell to another value
    SET_ASIDE = "set_aside"  # stop counting the row
    KEEP = "keep"  # confirm the value as right
    ACCEPT = "accept"  # leave it as it is, with a reason
    ASK = "ask"  # ask who collected it


class Verdict(StrEnum):
    """What an act makes of a finding."""

    FIXED = "fixed"
    ACCEPTED = "accepted"
    ASKED = "asked"


VERDICTS = {
    Act.EXPECTED: Verdict.FIXED,
    Act.VALUE: Verdict.FIXED,
    Act.SET_ASIDE: Verdict.FIXED,
    Act.KEEP: Verdict.ACCEPTED,
    Act.ACCEPT: Verdict.ACCEPTED,
    Act.ASK: Verdict.ASKED,
}


class LogEntries(Corrections):
    """Entries of a cleaning log with the check that led to each."""

    code = text("Code of the finding.")


@dataclass(frozen=True, slots=True)
class Plan:
    """What an act on findings will do; nothing is applied.

    Attributes:
        entries: Shape ``LogEntries``, one for each cell or row to be corrected or confirmed.
        settled: Shape ``ReviewItems``: the findings that the act settles.
        verdict: What they are then.
    """

    entries: pl.DataFrame
    settled: pl.DataFrame
    verdict: Verdict


def cell_column() -> pl.Expr:
    """Return the column that a correction of a finding names.

    Codes of units are settled from those received: it is the code received that is wrong.
    """
    settled = {f"admin{level}_code": f"admin{level}_reported_code" for level in (1, 2, 3)}
    return pl.col("column").replace(settled)


def can_be(act: Act, columns: list[str]) -> pl.Expr:
    """Return whether an act can be done to a finding.

    Args:
        act: What is to be done.
        columns: Of the submissions; a column that none of them has cannot be corrected.
    """
    names_row = pl.col("submission_id").is_not_null()
    is_open = pl.col("column").is_in([c for c in columns if c not in FIXED]).fill_null(False)
    names_cell = names_row & is_open
    if act is Act.EXPECTED:
        return names_cell & pl.col("expected").is_not_null()
    if act in {Act.VALUE, Act.KEEP}:
        return names_cell
    return names_row if act is Act.SET_ASIDE else pl.lit(True)


def plan_of_act(
    items: pl.DataFrame,
    submissions: pl.DataFrame,
    act: Act,
    *,
    new: str | None = None,
    reason: str = "",
) -> Plan:
    """Return what an act on findings will write into the cleaning log and settle.

    Where several findings speak of one cell and expect different values, the most severe one
    holds and the others stay open. A finding whose cell has the expected value already, or
    whose new value cannot stand in its column, stays open as well.

    Args:
        items: Shape ``ReviewItems``: what is to be settled.
        submissions: Shape ``Submissions``, as received: ``old`` is taken from here.
        act: What is to be done to all of them.
        new: The value to set, for ``Act.VALUE``; None makes the cell blank.
        reason: Why; where a fix has none, the code and title of the check stand for it.

    Returns:
        The plan; entries in the order of the findings, ``by`` and ``at`` empty.
    """
    able = items.filter(can_be(act, submissions.columns)).with_columns(column=cell_column())
    if act in {Act.ACCEPT, Act.ASK}:
        return Plan(LogEntries.empty_frame(), able, VERDICTS[act])
    if act is Act.VALUE:
        able = able.with_columns(expected=pl.lit(new, pl.String))
    rank = pl.col("severity").cast(pl.Enum(["error", "warning", "info"]))
    cell = ["submission_id"] if act is Act.SET_ASIDE else ["submission_id", "column"]
    first = able.with_row_index("entry").sort(rank, "entry").unique(
        cell, keep="first", maintain_order=True
    )  # fmt: skip
    titles = {code: f"{code}: {check.title}" for code, check in CHECKS.items()}
    said = (
        pl.lit(reason)
        if reason
        else pl.col("code").replace_strict(titles, default=pl.col("code"))
    )
    asked = first.select(
        id="submission_id",
        question=pl.lit("") if act is Act.SET_ASIDE else "column",
        new="expected" if VERDICTS[act] is Verdict.FIXED and act is not Act.SET_ASIDE
        else pl.lit(None, pl.String),
        reason=said,
        code="code",
        entry="entry",
    )  # fmt: skip
    entries = _with_old(asked, submissions).with_columns(
        action=pl.lit(_ACTION[act].value).cast(LogEntries.columns()["action"].dtype),
        by=pl.lit(None, pl.String),
        at=pl.lit(None, pl.String),
    )
    if VERDICTS[act] is Verdict.FIXED and act is not Act.SET_ASIDE:
        entries = entries.filter(pl.col("old").ne_missing(pl.col("new")))
    entries = accepted_entries(entries, submissions).sort("entry")
    joined = entries.select(submission_id="id", column="question", given="new")
    on = cell if act is not Act.SET_ASIDE else ["submission_id"]
    joined = joined.drop("column") if act is Act.SET_ASIDE else joined
    settled = able.join(joined, on=on, how="inner", maintain_order="left")
    if act is Act.EXPECTED:
        settled = settled.filter(pl.col("expected") == pl.col("given"))
    columns = LogEntries.column_names()
    return Plan(entries.select(columns), settled.drop("given"), VERDICTS[act])


_ACTION = {
    Act.EXPECTED: Action.CHANGE_VALUE,
    Act.VALUE: Action.CHANGE_VALUE,
    Act.SET_ASIDE: Action.REMOVE,
    Act.KEEP: Action.KEEP,
}


def accepted_entries(entries: pl.DataFrame, submissions: pl.DataFrame) -> pl.DataFrame:
    """Return the entries of a cleaning log that can be applied to submissions.

    Args:
        entries: Shape ``Corrections``, more columns allowed.
        submissions: Shape ``Submissions``, as received.
    """
    if entries.is_empty():
        return entries
    wanted = submissions.join(
        entries.select(submission_id="id").unique(), on="submission_id", how="semi"
    )
    _, applied, _ = corrected(wanted, entries.select(Corrections.column_names()))
    kept = applied.select(id="submission_id", cell="column").unique()
    is_row = pl.col("action") == Action.REMOVE
    cell = pl.when(is_row).then(pl.lit("is_counted")).otherwise("question")
    return (
        entries.with_columns(cell=cell)
        .join(kept, on=["id", "cell"], how="semi", maintain_order="left")
        .unique(["id", "cell"], keep="first", maintain_order=True)
        .drop("cell")
    )


def _with_old(asked: pl.DataFrame, submissions: pl.DataFrame) -> pl.DataFrame:
    """Add the value as received of each cell; none for a whole row."""
    parts = [asked.filter(pl.col("question") == "").with_columns(old=pl.lit(None, pl.String))]
    cells = asked.filter(pl.col("question") != "")
    for (name,), wanted in cells.group_by("question", maintain_order=True):
        column = str(name)
        raw = submissions.select(
            id="submission_id", old=value_as_text(column, submissions.schema[column])
        )
        parts.append(wanted.join(raw, on="id", how="inner", maintain_order="left"))
    return pl.concat(parts).sort("entry")


class Cause(StrEnum):
    """Why a published figure changed."""

    CORRECTION = "correction"
    FILE = "file"


def with_causes(
    differences: pl.DataFrame, submissions: pl.DataFrame, corrections: pl.DataFrame
) -> pl.DataFrame:
    """Return the figures that changed with why each did.

    A figure changed by a correction where the cleaning log has an entry for one of its rows:
    for its own indicator, for what is no figure, or for the whole row. Every other change
    came with a file.

    Args:
        differences: Shape ``Differences``.
        submissions: Shape ``Submissions``: the rows behind the later figures.
        corrections: Shape ``Corrections``: the cleaning log of the later figures.

    Returns:
        The differences, in their order, with ``cause`` and ``reason``: what the entries say,
        each once, parted by a semicolon; null where a file made the change.
    """
    rows = Submissions.complete(submissions).select("submission_id", "location_key")
    entries = (
        corrections.filter(pl.col("action") != Action.KEEP)
        .join(rows, left_on="id", right_on="submission_id", how="inner")
        .select(location_id="location_key", question=pl.col("question").fill_null(""),
                reason="reason")
    )  # fmt: skip
    # A need, a position or a whole row bears on every figure of its place.
    figures = [q for q in entries["question"].unique() if is_indicator(q)]
    moves = ~pl.col("question").is_in(figures)
    everywhere = (
        entries.filter(moves).group_by("location_id").agg(whole=pl.col("reason").unique())
    )
    own = (
        entries.filter(~moves)
        .group_by("location_id", "question")
        .agg(own=pl.col("reason").unique())
        .rename({"question": "indicator"})
    )
    said = pl.concat_list(
        pl.col(name).fill_null(pl.lit([], pl.List(pl.String))) for name in ("own", "whole")
    )
    is_known = pl.col("own").is_not_null() | pl.col("whole").is_not_null()
    return (
        differences.join(
            own, on=["location_id", "indicator"], how="left", maintain_order="left"
        )
        .join(everywhere, on="location_id", how="left", maintain_order="left")
        .with_columns(
            cause=pl.when(is_known)
            .then(pl.lit(Cause.CORRECTION.value))
            .otherwise(pl.lit(Cause.FILE.value)),
            reason=pl.when(is_known).then(
                said.list.drop_nulls().list.unique(maintain_order=True).list.join("; ")
            ),
        )
        .drop("own", "whole")
    )
