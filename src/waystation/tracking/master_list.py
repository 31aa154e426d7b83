"""Decisions about the master list, laid over what was reported: edit, close, open, merge."""

from __future__ import annotations

from enum import StrEnum

import dataframely as dy
import polars as pl

from waystation.tables import Table, day, number, text
from waystation.tracking.corrections import Action, Corrections


class Change(StrEnum):
    """What a decision does to a location."""

    EDIT = "edit"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"


class LocationDecisions(Table):
    """Decisions of people about locations, one a row, in the order they were made."""

    location_id = text("The location.", nullable=False)
    change = dy.Enum([c.value for c in Change], description="edit, close, reopen, merge.")
    other_id = text("With merge: the location that it is one with.")
    name = text("With edit: its name.")
    location_type = text("With edit: its type.")
    latitude = number("With edit: degrees north, WGS 84.", unit="degrees")
    longitude = number("With edit: degrees east, WGS 84.", unit="degrees")
    holds_from = day("With close and reopen: the day it holds from.")
    by = text("Who decided.")
    at = text("When.")
    reason = text("Why.")


def locations_with_decisions(locations: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Return the master list with people's decisions over it; the last of a kind holds.

    A merged location stays in the list, closed, so that its history keeps a name.

    Args:
        locations: Shape ``Locations``.
        decisions: Shape ``LocationDecisions``; those about unknown locations do nothing.

    Returns:
        Shape ``Locations``, in the same order.
    """
    if decisions.is_empty():
        return locations
    edits = _last(decisions, [Change.EDIT]).select(
        "location_id",
        edited=pl.lit(True),
        edited_name="name",
        edited_type="location_type",
        edited_latitude="latitude",
        edited_longitude="longitude",
    )
    states = _last(decisions, [Change.CLOSE, Change.REOPEN, Change.MERGE]).select(
        "location_id", state="change", since="holds_from"
    )
    is_edited, is_open = pl.col("edited").is_not_null(), pl.col("state") == Change.REOPEN.value
    is_decided = pl.col("state").is_not_null()
    status = locations.schema["status"]
    joined = locations.join(edits, on="location_id", how="left", maintain_order="left")
    joined = joined.join(states, on="location_id", how="left", maintain_order="left")
    return joined.with_columns(
        name=pl.coalesce("edited_name", "name"),
        location_type=pl.coalesce("edited_type", "location_type"),
        latitude=pl.when(is_edited).then("edited_latitude").otherwise("latitude"),
        longitude=pl.when(is_edited).then("edited_longitude").otherwise("longitude"),
        status=pl.when(is_decided & is_open)
        .then(pl.lit("open", status))
        .when(is_decided)
        .then(pl.lit("closed", status))
        .otherwise("status"),
        closed_on=pl.when(is_decided & is_open)
        .then(None)
        .when(is_decided)
        .then(pl.coalesce("since", "closed_on", "last_on"))
        .otherwise("closed_on"),
    ).select(locations.columns)


def corrections_from_merges(
    submissions: pl.DataFrame, keys: pl.DataFrame, decisions: pl.DataFrame
) -> pl.DataFrame:
    """Return the cleaning log that moves reports of merged locations to what they are one with.

    Args:
        submissions: Shape ``Submissions``, as received.
        keys: ``submission_id`` and ``location_key`` as an earlier build resolved them; may be
            empty. Without one, a report's own ``location_id`` names its location.
        decisions: Shape ``LocationDecisions``; chains (a into b, b into c) are followed.

    Returns:
        Shape ``Corrections``, one entry a report, in the order of the submissions.
    """
    states = _last(decisions, [Change.CLOSE, Change.REOPEN, Change.MERGE])
    merges = _followed(states.filter(pl.col("change") == Change.MERGE.value))
    known = keys.select("submission_id", resolved="location_key").unique("submission_id")
    rows = (
        submissions.select("submission_id", "location_id")
        .join(known, on="submission_id", how="left", maintain_order="left")
        .with_columns(here=pl.coalesce("location_id", "resolved"))
        .join(merges, left_on="here", right_on="merged_id", how="inner", maintain_order="left")
    )
    log = rows.select(
        id="submission_id",
        question=pl.lit("location_id"),
        old="location_id",
        new="kept_id",
        reason=pl.coalesce("reason", pl.lit("merged locations")),
        action=pl.lit(Action.CHANGE_VALUE.value, Corrections.columns()["action"].dtype),
        by="by",
        at="at",
    )
    return Corrections.require(log.select(Corrections.column_names()))


def _last(decisions: pl.DataFrame, changes: list[Change]) -> pl.DataFrame:
    kinds = [change.value for change in changes]
    return (
        decisions.with_columns(pl.col("change").cast(pl.String))
        .filter(pl.col("change").is_in(kinds))
        .unique("location_id", keep="last", maintain_order=True)
    )


def _followed(merges: pl.DataFrame) -> pl.DataFrame:
    """Return ``merged_id``, ``kept_id`` at the end of each chain; a circle keeps nothing."""
    target = dict(merges.select("location_id", "other_id").drop_nulls().iter_rows())
    ends: list[dict[str, str]] = []
    for start in target:
        seen, here = {start}, target[start]
        while here in target and here not in seen:
            seen.add(here)
            here = target[here]
        if here not in seen:
            ends.append({"merged_id": start, "kept_id": here})
    schema = {"merged_id": pl.String, "kept_id": pl.String}
    told = merges.select(merged_id="location_id", reason="reason", by="by", at="at")
    return pl.DataFrame(ends, schema=schema).join(told, on="merged_id", how="left")
