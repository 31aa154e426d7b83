"""The findings of a draft with what people decided over them: filters, counts, pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from django.db.models import Count, Max, Q

from waystation.errors import NotFound
from waystation.tracking.corrections import Action, Corrections
from waystation.tracking.review import ReviewItems, cell_column
from waystation.tracking.rounds import with_snapshots
from waystation.web.tracking import queries, storage
from waystation.web.tracking.models import Round

STATES = ("open", "fixed", "accepted", "asked")
SEVERITIES = ("error", "warning", "info")
FACETS = {
    "state": "state", "severity": "severity", "code": "code", "admin1": "admin1_code",
    "admin2": "admin2_code", "enumerator": "enumerator", "location": "location_id",
    "file": "file",
}  # fmt: skip
GROUPS = {
    "check": ("code",),
    "place": ("admin1_code", "admin2_code", "location_id"),
    "severity": ("severity",),
    "enumerator": ("enumerator",),
}
NONE = "-"
"""Stands in an address for what has no value."""
PAGE = 50
MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of the findings is looked at; empty chooses all.

    Attributes:
        state: open, fixed, accepted or asked.
        severity: error, warning or info.
        code: Code of the check.
        admin1: Code of the first level; ``-`` for findings without one, as with all below.
        admin2: Code of the second level.
        enumerator: Pseudonymous id.
        location: Location's id.
        file: Name of a file.
        text: Text that the finding must hold, whatever its case.
        group: What the list is grouped by: check, place, severity or enumerator.
    """

    state: str = ""
    severity: str = ""
    code: str = ""
    admin1: str = ""
    admin2: str = ""
    enumerator: str = ""
    location: str = ""
    file: str = ""
    text: str = ""
    group: str = "check"

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Chosen:
        """Return what an address chooses; what it does not say is open findings by check."""
        said = {f.name: str(query.get(f.name, ""))[:300].strip() for f in fields(cls)}
        chosen = cls(**said)
        if "state" not in query:
            chosen = replace(chosen, state="open")
        return chosen if chosen.group in GROUPS else replace(chosen, group="check")

    def query(self, **changed: str) -> dict[str, str]:
        """Return the address's query for this choice, or for one with some of it changed."""
        given = {f.name: getattr(self, f.name) for f in fields(self)} | changed
        kept = {name: value for name, value in given.items() if value or name == "state"}
        return {n: v for n, v in kept.items() if (n, v) != ("group", "check")}


@dataclass(frozen=True, slots=True)
class Desk:
    """A round's findings as they stand, for a reviewer.

    Attributes:
        items: Shape ``ReviewItems`` with ``entry``, ``state``, ``note``, ``by_id``, ``at`` and
            ``is_back`` (found again after its fix is in the figures), in reading order.
        pending: Corrections that are not in the draft yet: id, question, and whether each is
            newly made or was ended.
    """

    items: pl.DataFrame
    pending: pl.DataFrame

    @property
    def changes(self) -> int:
        """Return how many cells or rows were corrected since the draft was built."""
        return self.pending.select("id", "question").n_unique() if self.pending.height else 0

    def open_errors(self) -> int:
        """Return how many errors nobody has settled."""
        is_left = pl.col("state").is_in(["open", "asked"]) & (pl.col("severity") == "error")
        return self.items.filter(is_left).height


def desk_of_round(round_: Round) -> Desk:
    """Return the findings of the round's draft with the decisions that hold over them.

    Raises:
        NotFound: If the round has no draft.
    """
    if not round_.draft:
        raise NotFound(what="draft", name=round_.key)
    return _desk(storage.draft_folder(round_), round_, _stamp(round_))


def _stamp(round_: Round) -> tuple[object, ...]:
    """Return what changes whenever a decision or correction of the round does."""
    holds = Q(is_current=True)
    parts = [
        records.aggregate(
            last=Max("pk"), holding=Count("pk", filter=holds), ended=Max("ended_at")
        )
        for records in (round_.decisions, round_.corrections)
    ]
    return tuple(value for part in parts for value in part.values())


_DESKS: dict[Path, tuple[tuple[object, ...], Desk]] = {}
_MOST_DESKS = 6


def _desk(folder: Path, round_: Round, stamp: tuple[object, ...]) -> Desk:
    kept = _DESKS.get(folder)
    if kept is not None and kept[0] == stamp:
        return kept[1]
    pending = pending_corrections(round_)
    # A row that counts nowhere has nothing left to be put right.
    items = _items(folder).join(_rows_aside(round_, pending), on="submission_id", how="anti")
    desk = Desk(items=_with_states(items, _decisions(round_), pending), pending=pending)
    _DESKS.pop(folder, None)
    while len(_DESKS) >= _MOST_DESKS:
        _DESKS.pop(next(iter(_DESKS)), None)
    _DESKS[folder] = (stamp, desk)
    return desk


@lru_cache(maxsize=4)
def _items(folder: Path) -> pl.DataFrame:
    items = pl.read_parquet(folder / "review.parquet")
    searched = ["message", "place", "location_name", "location_id", "submission_id"]
    return items.with_row_index("entry").with_columns(
        severity=pl.col("severity").cast(pl.String),
        search=pl.concat_str(searched, separator=" ", ignore_nulls=True).str.to_lowercase(),
    )


def _decisions(round_: Round) -> pl.DataFrame:
    held = round_.decisions.filter(is_current=True).values_list(
        "key", "decision", "note", "by_id", "at"
    )
    schema: dict[str, Any] = {
        "key": pl.String, "decision": pl.String, "note": pl.String, "by_id": pl.Int64,
        "at": pl.Datetime("us", "UTC"),
    }  # fmt: skip
    return pl.DataFrame(list(held), schema=schema, orient="row")


def pending_corrections(round_: Round) -> pl.DataFrame:
    """Return the corrections made or ended since the round's draft was built.

    Returns:
        Columns ``id``, ``question`` (empty for a whole row), ``action`` and ``is_new``: false
        for one that is in the draft and does not hold any more.
    """
    said = ["id", "question", "new", "action"]
    now = queries.corrections_of_round(round_).select(said)
    path = storage.draft_folder(round_) / "corrections.parquet"
    before = pl.read_parquet(path) if path.exists() else Corrections.empty_frame()
    before = before.select(said)
    made = now.join(before, on=said, how="anti", nulls_equal=True)
    ended = before.join(now, on=said, how="anti", nulls_equal=True)
    return pl.concat(
        [made.with_columns(is_new=pl.lit(True)), ended.with_columns(is_new=pl.lit(False))]
    ).select("id", pl.col("question").fill_null(""), pl.col("action").cast(pl.String), "is_new")


def _rows_aside(round_: Round, pending: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that are set aside in the draft already."""
    removed = round_.corrections.filter(is_current=True, action=Action.REMOVE.value)
    rows = pl.DataFrame(
        {"submission_id": list(removed.values_list("submission_id", flat=True))},
        schema={"submission_id": pl.String},
    )
    waiting = pending.filter(pl.col("action") == Action.REMOVE.value)
    return rows.join(waiting, left_on="submission_id", right_on="id", how="anti")


def _with_states(
    items: pl.DataFrame, decisions: pl.DataFrame, pending: pl.DataFrame
) -> pl.DataFrame:
    """Say of each finding whether it is open, fixed, accepted or asked.

    A finding is fixed while its correction waits to be in the figures. Once it is in them the
    finding is gone; one that is still found stands open again.
    """
    fixing = pending.filter(pl.col("is_new") & (pl.col("action") != Action.KEEP))
    rows = fixing.filter(pl.col("action") == Action.REMOVE).select(
        submission_id="id", is_aside=pl.lit(True)
    )
    cells = fixing.filter(pl.col("action") != Action.REMOVE).select(
        submission_id="id", cell="question", is_changed=pl.lit(True)
    )
    joined = (
        items.join(decisions, on="key", how="left", maintain_order="left")
        .join(rows.unique(), on="submission_id", how="left", maintain_order="left")
        .with_columns(cell=cell_column())
        .join(cells.unique(), on=["submission_id", "cell"], how="left", maintain_order="left")
    )
    is_fixed = pl.col("is_aside").is_not_null() | pl.col("is_changed").is_not_null()
    state = (
        pl.when(is_fixed)
        .then(pl.lit("fixed"))
        .when(pl.col("decision").is_in(["accepted", "asked"]))
        .then("decision")
        .otherwise(pl.lit("open"))
    )
    return joined.with_columns(
        state=state,
        is_back=~is_fixed & (pl.col("decision") == "fixed").fill_null(False),
    ).drop("is_aside", "is_changed", "decision", "cell")


def chosen_items(desk: Desk, chosen: Chosen, *, leaving_out: str = "") -> pl.DataFrame:
    """Return the findings that a choice matches, in reading order."""
    conditions = [
        pl.col(column).is_null() if value == NONE else pl.col(column) == value
        for name, column in FACETS.items()
        if name != leaving_out and (value := getattr(chosen, name))
    ]
    if chosen.text:
        conditions.append(pl.col("search").str.contains(chosen.text.lower(), literal=True))
    return desk.items.filter(conditions) if conditions else desk.items


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet and how many findings have it."""

    value: str
    count: int


def facet_counts(desk: Desk, chosen: Chosen) -> dict[str, list[FacetValue]]:
    """Return for each facet its values and their counts, under all other choices.

    Returns:
        The most frequent values of each facet, at most 200, and always the one chosen.
    """
    matching = chosen_items(desk, chosen)
    counts = {}
    for name, column in FACETS.items():
        value = getattr(chosen, name)
        base = chosen_items(desk, chosen, leaving_out=name) if value else matching
        found = base.group_by(column).len().sort("len", column, descending=[True, False])
        values = [FacetValue(v if v is not None else NONE, n) for v, n in found.iter_rows()]
        top = values[:MOST_VALUES]
        if value and all(entry.value != value for entry in top):
            top.append(next((e for e in values if e.value == value), FacetValue(value, 0)))
        counts[name] = top
    return counts


@dataclass(frozen=True, slots=True)
class Page:
    """A page of findings, grouped.

    Attributes:
        items: The page's findings.
        groups: For each group that has one on this page: key, findings in all.
        count: Findings in all.
        number: Of the page, from 1.
        pages: How many there are.
    """

    items: list[dict[str, Any]]
    groups: dict[tuple[object, ...], int]
    count: int
    number: int
    pages: int


def page_of_items(matching: pl.DataFrame, group: str, number: int) -> Page:
    """Return one page of findings: groups with errors first, the largest first among alike."""
    by = list(GROUPS[group])
    ranked = matching.select(
        "entry", *by, rank=pl.col("severity").replace_strict(list(SEVERITIES), [0, 1, 2],
                                                             return_dtype=pl.Int8),
    )  # fmt: skip
    groups = ranked.group_by(by).agg(
        worst=pl.col("rank").min(),
        errors=(pl.col("rank") == 0).sum(),
        size=pl.len(),
    )
    order = ["errors", "size", "worst"] if group != "severity" else ["worst"]
    down = [name != "worst" for name in order]
    groups = groups.sort(*order, *by, descending=[*down, *[False] * len(by)], nulls_last=True)
    groups = groups.with_row_index("group_order")
    listed = ranked.join(groups, on=by, how="left", nulls_equal=True).sort(
        "group_order", "rank", "entry"
    )
    count = listed.height
    pages = max(1, -(-count // PAGE))
    number = min(max(number, 1), pages)
    shown = listed.slice((number - 1) * PAGE, PAGE)
    found = matching.join(
        shown.select("entry", "group_order", "size", "rank"), on="entry", how="inner"
    ).sort("group_order", "rank", "entry")
    rows = list(found.iter_rows(named=True))
    sizes = {tuple(row[column] for column in by): row["size"] for row in rows}
    return Page(items=rows, groups=sizes, count=count, number=number, pages=pages)


def finding_of_desk(desk: Desk, key: str) -> dict[str, Any]:
    """Return the finding of a key.

    Raises:
        NotFound: If the draft has none of it.
    """
    found = desk.items.filter(pl.col("key") == key)
    if found.is_empty():
        raise NotFound(what="finding", name=key)
    return found.row(0, named=True)


def items_only(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of a desk as shape ``ReviewItems``."""
    kind = ReviewItems.columns()["severity"].dtype
    return rows.select(ReviewItems.column_names()).with_columns(pl.col("severity").cast(kind))


def rows_as_received(round_: Round) -> pl.DataFrame:
    """Return the rows of a round as files hold them, shape ``Submissions``.

    A draft's own rows have codes of places settled; the cleaning log quotes what came in.
    """
    uploads = queries.uploads_of_round(round_)
    if not uploads:
        raise NotFound(what="rows", name=round_.key)
    date = max(upload.sent_at for upload in uploads).date()
    read = tuple((storage.reading_folder(u), u.confirmed_at) for u in uploads)
    return _as_received(read, round_.component, round_.number, round_.operation.country, date)


@lru_cache(maxsize=2)
def _as_received(
    read: tuple[tuple[Path, object], ...],
    component: str,
    number: int,
    country: str,
    date: dt.date,
) -> pl.DataFrame:
    here = (pl.col("component") == component) & (pl.col("round_number") == number)
    frames = [pl.read_parquet(folder / "received.parquet").filter(here) for folder, _ in read]
    rows, _ = with_snapshots(
        pl.concat(frames, how="diagonal_relaxed"), country=country, unknown_date=date
    )
    return rows
