"""What tests of pages that look closer share: addresses, a correction, a version."""

from __future__ import annotations

import polars as pl

from waystation.web.accounts.models import User
from waystation.web.tracking import storage
from waystation.web.tracking.actions import publication, rounds
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.exercise import finish_jobs
from waystation.web.tracking.models import Correction
from waystation.web.tracking.models.review import CorrectionAction

BASE = "/operations/exercise"
ROUND_1, ROUND_2 = "baseline_location-1", "baseline_location-2"
STOCK = "idp_individuals"


def content_of(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return content


def frames(operation):
    edition = edition_of(operation)
    names = ("matrix", "totals", "locations", "units", "changes")
    return {name: edition.frame(name) for name in names}


def correct_the_largest(operation, *, new=1000, note="One site had a digit too many"):
    """Correct the largest site of round 2, and publish version 2 of the round."""
    amina, tomas = (User.objects.get(username=name) for name in ("amina", "tomas"))
    round_ = operation.rounds.get(number=2)
    sent = pl.read_parquet(storage.draft_folder(round_) / "submissions.parquet")
    row = (
        sent.filter(pl.col("is_counted") & pl.col(STOCK).is_not_null())
        .sort(STOCK, descending=True)
        .row(0, named=True)
    )
    Correction.objects.create(
        round=round_, submission_id=row["submission_id"], question=STOCK,
        old=str(int(row[STOCK])), new=str(new), reason="A digit too many, said the field",
        action=CorrectionAction.CHANGE_VALUE, by=amina,
    )  # fmt: skip
    publish_again(round_, amina, tomas, note=note)
    operation.refresh_from_db()
    return row


def publish_again(round_, amina, tomas, *, note=""):
    rounds.rebuild_round(round_, by=amina)
    finish_jobs()
    round_.refresh_from_db()
    request = publication.request_publication(round_, note=note, by=amina)
    publication.approve_publication(request, by=tomas)
    finish_jobs()
