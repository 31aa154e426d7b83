"""Writes to rounds and their drafts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from waystation.web.accounts.models import User
from waystation.web.audit.actions import record
from waystation.web.tracking.jobs import start_job
from waystation.web.tracking.models import Job, Round
from waystation.web.tracking.models.jobs import JobKind


@transaction.atomic
def rebuild_round(round_: Round, *, by: User | None) -> Job:
    """Ask for a new draft of a round."""
    record("round.rebuild", by, round_, {"draft": round_.draft})
    return start_job(round_.operation, JobKind.BUILD_DRAFT, round_.pk, by=by)


@transaction.atomic
def record_draft(
    round_: Round,
    number: int,
    inputs: str,
    *,
    reference_date: dt.date | None,
    summary: dict[str, Any],
    by: User | None,
) -> None:
    """Let a draft hold as the round's latest."""
    round_.draft, round_.draft_inputs = number, inputs
    round_.draft_summary, round_.drafted_at = summary, timezone.now()
    round_.reference_date = reference_date
    round_.save(
        update_fields=[
            "draft", "draft_inputs", "draft_summary", "drafted_at", "reference_date"
        ]
    )  # fmt: skip
    record("round.draft", by, round_, {"draft": number})
