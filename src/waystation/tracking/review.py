"""Findings as a reviewer sorts them: who collected it, where it is, and a key that stays."""

from __future__ import annotations

import polars as pl

from waystation.findings import Findings
from waystation.tables import text
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
    import hashlib

    unique = texts.unique()
    hashed = [hashlib.sha1(t.encode(), usedforsecurity=False).hexdigest() for t in unique]
    return texts.replace_strict(unique, pl.Series(hashed, dtype=pl.String))
