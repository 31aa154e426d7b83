"""One submission behind a finding: as received, as it holds, and the round before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from waystation.tracking.overlay import FIXED, value_as_text
from waystation.web.tracking import findings, queries, storage
from waystation.web.tracking.models import Correction, Round

LEFT_OUT = frozenset({"submission_id", "is_counted", "country", "operation", "location_key"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a submission.

    Attributes:
        column: Column or indicator.
        raw: As received; None for blank.
        correction: The correction that holds over it, if any.
        previous: What the same place had in the round before; None where it had none.
        is_concerned: Whether the finding is about it, or about a part or whole of it.
        can_be_corrected: Whether the cleaning log may name it.
    """

    column: str
    raw: str | None
    correction: Correction | None
    previous: float | None
    is_concerned: bool
    can_be_corrected: bool


@dataclass(frozen=True, slots=True)
class RowDetail:
    """A submission as a reviewer looks at it.

    Attributes:
        cells: Its values, those concerned first; blank ones only where concerned or corrected.
        set_aside: The correction that sets it aside, if any.
        previous_round: Number of the round that ``previous`` is from; None where there is none.
    """

    cells: list[Cell]
    set_aside: Correction | None
    previous_round: int | None


def row_of_finding(round_: Round, item: Mapping[str, object]) -> RowDetail | None:
    """Return the submission that a finding is about; None where it is about none."""
    submission_id = item["submission_id"]
    if submission_id is None:
        return None
    rows = findings.rows_as_received(round_)
    row = rows.filter(pl.col("submission_id") == submission_id)
    if row.is_empty():
        return None
    schema = row.schema.items()
    texts = row.select(value_as_text(name, kind).alias(name) for name, kind in schema)
    corrections = {
        c.question: c
        for c in round_.corrections.filter(
            submission_id=submission_id, is_current=True
        ).select_related("by")
    }
    number, previous = previous_figures(round_, item["location_id"])
    concerned = _concerned(item["column"])
    cells = [
        Cell(
            column=name,
            raw=value,
            correction=corrections.get(name),
            previous=previous.get(name),
            is_concerned=name in concerned,
            can_be_corrected=name not in FIXED,
        )
        for name, value in texts.row(0, named=True).items()
        if name not in LEFT_OUT
        and (value is not None or name in concerned or name in corrections)
    ]
    cells.sort(key=lambda cell: not cell.is_concerned)
    return RowDetail(cells=cells, set_aside=corrections.get(""), previous_round=number)


def _concerned(column: object) -> set[str]:
    """Return the columns that a finding about one column concerns: its own and its whole."""
    if not isinstance(column, str):
        return set()
    whole = column.split("__", maxsplit=1)[0]
    concerned = {column, whole}
    if column.startswith("admin") and column.endswith("_code"):
        concerned.add(column.replace("_code", "_reported_code"))
    for one, other in (("_individuals", "_households"), ("_households", "_individuals")):
        if whole.endswith(one):
            concerned.add(whole.removesuffix(one) + other)
    if column in {"latitude", "longitude"}:
        concerned |= {"latitude", "longitude"}
    return concerned


def previous_figures(round_: Round, location_id: object) -> tuple[int | None, dict[str, float]]:
    """Return the last published figures of a place before this round, and of which round."""
    former = [
        snapshot
        for snapshot in queries.latest_snapshots(round_.operation)
        if snapshot.round.component == round_.component
        and snapshot.round.number < round_.number
    ]
    if not former or not isinstance(location_id, str):
        return None, {}
    last = max(former, key=lambda s: s.round.number)
    path = storage.folder_of_snapshot(last) / "internal" / "matrix.parquet"
    cells = (
        pl.scan_parquet(path)
        .filter(pl.col("location_id") == location_id, pl.col("value").is_not_null())
        .group_by("indicator")
        .agg(pl.col("value").last())
        .collect()
    )
    return last.round.number, dict(cells.iter_rows())
