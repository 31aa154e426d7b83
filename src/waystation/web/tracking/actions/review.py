"""Writes of reviewers: decisions about findings, and the cleaning log that follows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from waystation.errors import NotFound
from waystation.tracking.review import Act, Plan, Verdict
from waystation.web.accounts.models import User
from waystation.web.audit.actions import record
from waystation.web.tracking.jobs import start_job
from waystation.web.tracking.many import add_many, change_many
from waystation.web.tracking.models import Correction, FindingDecision, Round
from waystation.web.tracking.models.jobs import JobKind
from waystation.web.tracking.models.rounds import RoundState

ENTRY = ("submission_id", "question", "old", "new", "reason", "action", "finding_code")
DECISION = ("key", "code", "submission_id", "question")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act did.

    Attributes:
        batch: Names the act; it can be undone as a whole.
        findings: Findings settled.
        entries: Entries written into the cleaning log.
    """

    batch: str
    findings: int
    entries: int


@transaction.atomic
def settle_findings(
    round_: Round, plan: Plan, act: Act, *, reason: str = "", by: User
) -> Outcome:
    """Carry out a plan: write its entries and decisions, and let the draft be built anew.

    What was decided about the same findings or cells before is superseded, never deleted.

    Args:
        round_: The round.
        plan: What `plan_of_act` made of the findings.
        act: What is done to them.
        reason: Why; kept with each decision.
        by: Who decides.
    """
    _alone(round_)
    batch = uuid.uuid4().hex
    entries = _write_entries(round_, plan.entries, batch, by=by)
    findings = _write_decisions(round_, plan.settled, plan.verdict, reason, batch, by=by)
    record(
        "finding.settle",
        by,
        round_,
        {"act": act.value, "findings": findings, "entries": entries, "batch": batch},
    )
    if entries:
        _rebuild(round_, by=by)
    return Outcome(batch=batch, findings=findings, entries=entries)


@transaction.atomic
def import_log(round_: Round, entries: pl.DataFrame, *, by: User) -> Outcome:
    """Write the entries of a cleaning log made elsewhere; shape ``Corrections``."""
    _alone(round_)
    batch = uuid.uuid4().hex
    written = _write_entries(
        round_, entries.with_columns(code=pl.lit(None, pl.String)), batch, by=by
    )
    record("log.import", by, round_, {"entries": written, "batch": batch})
    if written:
        _rebuild(round_, by=by)
    return Outcome(batch=batch, findings=0, entries=written)


@transaction.atomic
def undo_batch(round_: Round, batch: str, *, by: User) -> int:
    """Undo an act: what it decided ends, and what it had superseded holds again.

    Returns:
        How many entries and decisions ended.

    Raises:
        NotFound: If the round has no such act, or nothing of it holds any more.
    """
    _alone(round_)
    undo = uuid.uuid4().hex
    corrections = round_.corrections.filter(batch=batch, is_current=True)
    decisions = round_.decisions.filter(batch=batch, is_current=True)
    entries = _end(corrections, undo, by)
    ended = entries + _end(decisions, undo, by)
    if not batch or not ended:
        raise NotFound(what="act", name=batch)
    _let_hold_again(round_.corrections.all(), ("submission_id", "question"), batch)
    _let_hold_again(round_.decisions.all(), ("key",), batch)
    record("finding.undo", by, round_, {"batch": batch, "ended": ended})
    if entries:
        _rebuild(round_, by=by)
    return ended


@transaction.atomic
def undo_entry(round_: Round, entry_id: int, *, by: User) -> None:
    """Undo one entry of the cleaning log, with the decisions that it stood for.

    Raises:
        NotFound: If the round has no such entry, or it does not hold any more.
    """
    _alone(round_)
    entry = round_.corrections.filter(pk=entry_id, is_current=True).first()
    if entry is None:
        raise NotFound(what="entry", name=str(entry_id))
    undo = uuid.uuid4().hex
    _end(round_.corrections.filter(pk=entry.pk), undo, by)
    if entry.batch:
        decisions = round_.decisions.filter(
            batch=entry.batch, submission_id=entry.submission_id, is_current=True
        )
        if entry.question:
            decisions = decisions.filter(question=entry.question)
        _end(decisions, undo, by)
        cell = round_.corrections.filter(
            submission_id=entry.submission_id, question=entry.question
        )
        _let_hold_again(cell, ("submission_id", "question"), entry.batch)
    record("log.undo", by, round_, {"entry": entry.pk})
    _rebuild(round_, by=by)


@transaction.atomic
def reopen_finding(round_: Round, key: str, *, by: User) -> None:
    """Take back what was decided about one finding, with the entry that it wrote.

    Raises:
        NotFound: If nothing is decided about it.
    """
    _alone(round_)
    decision = round_.decisions.filter(key=key, is_current=True).first()
    if decision is None:
        raise NotFound(what="decision", name=key)
    undo = uuid.uuid4().hex
    _end(round_.decisions.filter(pk=decision.pk), undo, by)
    entries = round_.corrections.filter(
        batch=decision.batch, submission_id=decision.submission_id, is_current=True
    ).filter(Q(question=decision.question) | Q(question=""))
    ended = _end(entries, undo, by) if decision.batch and decision.submission_id else 0
    record("finding.reopen", by, round_, {"code": decision.code, "entries": ended})
    if ended:
        _rebuild(round_, by=by)


def _alone(round_: Round) -> None:
    """Let no two people decide at once: the second waits until the first is done."""
    Round.objects.select_for_update().get(pk=round_.pk)
    round_.refresh_from_db(fields=["state", "draft"])


def _write_entries(round_: Round, entries: pl.DataFrame, batch: str, *, by: User) -> int:
    now = timezone.now()
    current = {
        (submission, question): (pk, new, action)
        for pk, submission, question, new, action in round_.corrections.filter(
            is_current=True
        ).values_list("pk", "submission_id", "question", "new", "action")
    }
    rows, former = [], []
    for entry in entries.iter_rows(named=True):
        cell = (entry["id"], entry["question"] or "")
        held = current.get(cell)
        if held is not None:
            if held[1:] == (entry["new"], entry["action"]):
                continue
            former.append(held[0])
        said = ((entry["reason"] or "")[:500], entry["action"], entry["code"] or "")
        rows.append((*cell, entry["old"], entry["new"], *said))
    _end(round_.corrections.all(), batch, by, keys=former)
    add_many(Correction, _same(round_, batch, by, now), ENTRY, rows)
    return len(rows)


def _same(round_: Round, batch: str, by: User, now: dt.datetime) -> dict[str, Any]:
    """Return what all that one act writes shares."""
    return {
        "round": round_.pk, "batch": batch, "by": by.pk, "at": now, "is_current": True,
        "ended_batch": "",
    }  # fmt: skip


def _write_decisions(
    round_: Round, settled: pl.DataFrame, verdict: Verdict, reason: str, batch: str, *, by: User
) -> int:
    now = timezone.now()
    findings = settled.unique("key", maintain_order=True)
    current = dict(round_.decisions.filter(is_current=True).values_list("key", "pk"))
    former = [current[key] for key in findings["key"] if key in current]
    _end(round_.decisions.all(), batch, by, keys=former)
    said = findings.select(
        "key", "code", pl.col("submission_id", "column").fill_null("")
    ).iter_rows()
    same = {
        **_same(round_, batch, by, now), "decision": verdict.value, "note": reason[:500],
    }  # fmt: skip
    add_many(FindingDecision, same, DECISION, said)
    return settled.height


def _end(
    records: QuerySet[Any], batch: str, by: User, *, keys: Sequence[int] | None = None
) -> int:
    values = {
        "is_current": False, "ended_at": timezone.now(), "ended_by": by, "ended_batch": batch,
    }  # fmt: skip
    return change_many(records, values, keys=keys)


def _let_hold_again(records: QuerySet[Model], names: Iterable[str], batch: str) -> None:
    """Let what an act had superseded hold again, unless something newer does."""
    fields = tuple(names)
    taken = set(records.filter(is_current=True).values_list(*fields))
    superseded = records.filter(ended_batch=batch).values_list("pk", *fields)
    keys = [pk for pk, *cell in superseded if tuple(cell) not in taken]
    values = {"is_current": True, "ended_at": None, "ended_by": None, "ended_batch": ""}
    change_many(records, values, keys=keys)


def _rebuild(round_: Round, *, by: User) -> None:
    """Ask for a new draft; a published round is open again."""
    if round_.state == RoundState.PUBLISHED:
        round_.state = RoundState.REOPENED
        round_.save(update_fields=["state"])
    start_job(round_.operation, JobKind.BUILD_DRAFT, round_.pk, by=by)
