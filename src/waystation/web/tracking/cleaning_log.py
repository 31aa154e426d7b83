"""The cleaning log of a round: searched, in the sector's layout, and read from elsewhere."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.db.models import Count, Q, QuerySet

from waystation.errors import NotFound
from waystation.release.spreadsheet import write_spreadsheet
from waystation.release.tabular import write_csv
from waystation.tracking.corrections import Corrections, read_corrections
from waystation.tracking.review import accepted_entries
from waystation.web.tracking import storage
from waystation.web.tracking.models import Correction, FindingDecision, Round

FORMATS = ("csv", "xlsx")
HEX = frozenset("0123456789abcdef")


def entries_of_round(
    round_: Round, *, text: str = "", action: str = "", batch: str = "", ended: bool = False
) -> QuerySet[Correction]:
    """Return entries of a round's cleaning log, newest first.

    Args:
        round_: The round.
        text: Found in the submission, the column, the values or the reason.
        action: Code of what the entry does.
        batch: Only those of one act.
        ended: Whether those that do not hold any more are among them.
    """
    entries = round_.corrections.select_related("by", "ended_by").order_by("-pk")
    if not ended:
        entries = entries.filter(is_current=True)
    if action:
        entries = entries.filter(action=action)
    if batch:
        entries = entries.filter(batch=batch)
    if text:
        named = Q()
        for name in ("submission_id", "question", "old", "new", "reason", "finding_code"):
            named |= Q(**{f"{name}__icontains": text})
        entries = entries.filter(named)
    return entries


def acts_of_round(round_: Round, most: int = 20) -> list[dict[str, Any]]:
    """Return the latest acts on several findings that hold, each with what it settled."""
    held = FindingDecision.objects.filter(round=round_, is_current=True).exclude(batch="")
    acts = (
        held.values("batch", "decision", "by__full_name", "by__username", "note")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
        .order_by("-batch")
    )
    found: list[dict[str, Any]] = []
    for act in acts:
        last = held.filter(batch=act["batch"]).order_by("-pk").values_list("pk", "at").first()
        found.append({**act, "last": last[0] if last else 0, "at": last[1] if last else None})
    found.sort(key=lambda act: -int(act["last"]))
    return found[:most]


def log_of_round(round_: Round) -> pl.DataFrame:
    """Return the entries that hold in the sector's layout, oldest first, by in initials."""
    entries = round_.corrections.filter(is_current=True).select_related("by").order_by("pk")
    rows = [
        (e.submission_id, e.question or None, e.old, e.new, e.reason, e.action,
         initials(e.by.get_full_name()) if e.by else None, e.at.date().isoformat())
        for e in entries.iterator(chunk_size=2000)
    ]  # fmt: skip
    schema = dict.fromkeys(Corrections.column_names(), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def initials(name: str) -> str:
    """Return the first letters of a name's words."""
    return "".join(word[0] for word in name.split()).upper()


def log_file(round_: Round, kind: str) -> bytes:
    """Return the cleaning log as a file that spreadsheet programs open safely.

    Raises:
        NotFound: If there is no such format.
    """
    return table_file(log_of_round(round_), kind, name="cleaning_log")


def table_file(frame: pl.DataFrame, kind: str, *, name: str) -> bytes:
    """Return a table as csv or Excel.

    Raises:
        NotFound: If there is no such format.
    """
    if kind not in FORMATS:
        raise NotFound(what="format", name=kind)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.{kind}"
        if kind == "csv":
            write_csv(frame, path)
        else:
            write_spreadsheet(frame, path, sheet=name)
        return path.read_bytes()


@dataclass(frozen=True, slots=True)
class ReadLog:
    """A cleaning log made elsewhere, against the rows of a round.

    Attributes:
        usable: Shape ``Corrections``: entries that can be applied.
        refused: Shape ``Corrections``: entries that name no row or column of the round, quote
            another value than the one received, or contradict each other.
    """

    usable: pl.DataFrame
    refused: pl.DataFrame


def read_log(path: Path, rows: pl.DataFrame) -> ReadLog:
    """Read a cleaning log and say which of its entries can be applied.

    Raises:
        UnreadableFile: If it is none.
    """
    apostrophe = r"^'([=+\-@\t\r\n])"
    log = read_corrections(path).with_columns(
        # What our own csv led by an apostrophe, so that no program runs it.
        pl.col("id", "question", "old", "new", "reason").str.replace(apostrophe, "$1"),
    )
    log = log.with_columns(
        pl.col("id").str.slice(0, 300), pl.col("question").str.slice(0, 120)
    ).with_row_index("entry")
    usable = accepted_entries(log, rows)
    refused = log.join(usable, on="entry", how="anti")
    keep = Corrections.column_names()
    return ReadLog(usable=usable.select(keep), refused=refused.select(keep))


def log_path(round_: Round, sha256: str, name: str) -> Path:
    """Return a cleaning log that was sent, to be confirmed.

    Raises:
        NotFound: If none was sent with these bytes and this name.
    """
    if len(sha256) != 64 or not set(sha256) <= HEX or storage.plain_name(name) != name:
        raise NotFound(what="file", name="cleaning log")
    path = storage.file_path(round_.operation, sha256, name)
    if not path.is_file():
        raise NotFound(what="file", name="cleaning log")
    return path
