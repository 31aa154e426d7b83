"""What each kind of background job does; each may be done again from its start."""

from __future__ import annotations

import shutil
from dataclasses import replace

import polars as pl

from waystation.errors import NothingToRead, WaystationError
from waystation.findings import Findings
from waystation.sources import Source
from waystation.tracking.build import BuildChoices, build_from_submissions, read_geography
from waystation.tracking.build_folder import write_build_frames
from waystation.tracking.forms import propose_mapping_and_others
from waystation.tracking.mapping_edits import as_confirmed, fingerprint_of
from waystation.tracking.master_list import corrections_from_merges, locations_with_decisions
from waystation.tracking.places import resolved_places
from waystation.tracking.review import review_items_from_findings
from waystation.tracking.rounds import with_snapshots
from waystation.tracking.summary import summary_of_build
from waystation.web.tracking import (
    downloads,
    jobs,
    master,
    publishing,
    queries,
    readings,
    storage,
)
from waystation.web.tracking.actions import operations as operation_actions
from waystation.web.tracking.actions import rounds as round_actions
from waystation.web.tracking.actions import uploads as upload_actions
from waystation.web.tracking.jobs import Progress
from waystation.web.tracking.mappings import (
    confirmed_alike,
    rows_by_round,
    settled_rows,
)
from waystation.web.tracking.models import Job, Operation, Round, Upload
from waystation.web.tracking.models.jobs import JobKind
from waystation.web.tracking.models.operations import PlaceKind
from waystation.web.tracking.models.places import LocationChange
from waystation.web.tracking.models.uploads import LIVE, UploadState


def register() -> None:
    """Tell the worker what each kind of job does."""
    jobs.RUNNERS |= {
        JobKind.READ_PLACES: read_places,
        JobKind.PROPOSE_MAPPING: propose_upload,
        JobKind.PREVIEW_UPLOAD: preview_upload,
        JobKind.READ_UPLOAD: read_upload,
        JobKind.BUILD_DRAFT: build_draft,
        JobKind.PUBLISH: publishing.publish,
        JobKind.MAKE_FILE: downloads.make_file,
    }
    jobs.GIVEN_UP |= {
        JobKind.PROPOSE_MAPPING: give_up_upload,
        JobKind.READ_UPLOAD: give_up_upload,
    }


def read_places(job: Job, progress: Progress) -> None:
    """Read an operation's p-code lists and boundaries into the units and outlines that hold."""
    operation = Operation.objects.get(pk=job.object_id)
    progress("reading", 0, 1)
    paths: dict[str, list[object]] = {kind: [] for kind in PlaceKind.values}
    current = operation.place_files.filter(is_current=True).select_related("operation")
    for place_file in current.order_by("pk"):
        paths[place_file.kind].append(storage.place_file_path(place_file))
    units, boundaries = read_geography(paths[PlaceKind.PCODES], paths[PlaceKind.BOUNDARIES])  # type: ignore[arg-type]  # the lists hold paths
    version = operation.geography_version + 1
    with storage.folder_made_whole(storage.geography_folder(operation, version)) as folder:
        for name, frame in (("units", units), ("boundaries", boundaries)):
            if frame is not None:
                frame.write_parquet(folder / f"{name}.parquet")
    operation_actions.record_geography(operation, version, by=job.asked_by)


def propose_upload(job: Job, progress: Progress) -> None:
    """Find out what the columns of a file seem to mean, and what it would be read as.

    A mapping that a person confirmed for a file with the same headings is proposed again.
    """
    upload = Upload.objects.select_related("operation").get(pk=job.object_id)
    if upload.state not in LIVE or upload.confirmed_at is not None:
        return
    progress("looking", 0, 2)
    units, _ = queries.geography_of(upload.operation)
    try:
        mapping, others = propose_mapping_and_others(
            storage.upload_path(upload), units=units, country=upload.operation.country
        )
    except WaystationError as error:
        upload_actions.record_failure(upload, error.code, str(error), by=job.asked_by)
        raise
    fingerprint = fingerprint_of((*mapping.sheets, *others))
    mapping = as_confirmed(mapping, others, confirmed_alike(upload, fingerprint)) or mapping
    progress("previewing", 1, 2)
    readings.keep_look(upload, mapping, others)
    readings.keep_preview(upload, mapping)
    upload_actions.record_proposal(upload, mapping, by=job.asked_by, fingerprint=fingerprint)


def preview_upload(job: Job, progress: Progress) -> None:
    """Read a file by the mapping that a person is changing, and change nothing."""
    upload = Upload.objects.select_related("operation").get(pk=job.object_id)
    if upload.state in LIVE:
        progress("previewing", 0, 1)
        readings.preview_of(upload)


def read_upload(job: Job, progress: Progress) -> None:
    """Read a file by its confirmed mapping, and find the rounds that its rows belong to."""
    upload = Upload.objects.select_related("operation__office", "replaces").get(
        pk=job.object_id
    )
    if upload.state != UploadState.READING:
        return
    progress("reading", 0, 2)
    try:
        reading = readings.reading_of(upload, upload.mapping)
        progress("rounds", 1, 2)
        received = settled_rows(reading.received, upload)
        rounds = rows_by_round(received)
    except WaystationError as error:
        upload_actions.record_failure(upload, error.code, str(error), by=job.asked_by)
        raise
    with storage.folder_made_whole(storage.reading_folder(upload)) as folder:
        received.write_parquet(folder / "received.parquet", compression="lz4")
        reading.findings.write_parquet(folder / "findings.parquet")
    upload_actions.record_reading(upload, rounds, by=job.asked_by)
    readings.forget_previews(upload)


def give_up_upload(job: Job, code: str) -> None:
    """Keep that a file could not be used, where its job broke or took its worker with it."""
    upload = Upload.objects.get(pk=job.object_id)
    upload_actions.record_failure(upload, code, "", by=job.asked_by)


def build_draft(job: Job, progress: Progress) -> None:
    """Build a round from all that was sent and corrected, unless its draft is up to date."""
    round_ = Round.objects.select_related("operation__office").get(pk=job.object_id)
    inputs = queries.inputs_of_round(round_)
    if round_.draft and round_.draft_inputs == inputs:
        return
    if round_.uploads.filter(state=UploadState.READING).exists():
        # One of its files is being read anew; when that is done the round is asked for again.
        return
    operation = round_.operation
    progress("reading", 0, 4)
    uploads = queries.uploads_of_round(round_)
    if not uploads:
        round_actions.record_draft(
            round_, 0, inputs, reference_date=None, summary={}, by=job.asked_by
        )
        return
    received, noted = _rows_of_round(round_, uploads)
    progress("history", 1, 4)
    history = queries.history_of_round(round_)
    decisions = master.decisions_of(operation)
    if history is not None:
        known = locations_with_decisions(history.locations, decisions)
        history = replace(history, locations=known)
    choices = BuildChoices(
        country=operation.country,
        date=max(upload.sent_at for upload in uploads).date(),
        previous=history,
        carry_forward_days=operation.carry_forward_days,
        estimate_persons=operation.estimate_persons,
    )
    progress("checking", 2, 4)
    units, boundaries = queries.geography_of(operation)
    build = build_from_submissions(
        received,
        noted,
        choices,
        units=units,
        boundaries=boundaries,
        corrections=_cleaning_log(round_, received, decisions),
    )
    title = f"{operation.name}, round {round_.number}"
    sources = [
        Source(producer=operation.producer, title=title, file=u.name, sha256=u.sha256)
        for u in uploads
    ]
    build = replace(build, sources=tuple(sources))
    progress("writing", 3, 4)
    summary = summary_of_build(build)
    number = storage.next_draft(round_)
    with storage.folder_made_whole(storage.draft_folder(round_, number)) as folder:
        write_build_frames(build, folder, summary=summary)
        items = review_items_from_findings(build.findings, build.submissions, build.locations)
        items.write_parquet(folder / "review.parquet")
    last_date = build.matrix["reference_date"].max()
    round_actions.record_draft(
        round_,
        number,
        inputs,
        reference_date=last_date,  # type: ignore[arg-type]  # the largest of dates is a date
        summary=summary,
        by=job.asked_by,
    )
    _forget_drafts_before(round_, number - 2)


def _rows_of_round(round_: Round, uploads: list[Upload]) -> tuple[pl.DataFrame, pl.DataFrame]:
    frames, noted = [], [Findings.empty_frame()]
    here = (pl.col("component") == round_.component) & (pl.col("round_number") == round_.number)
    for upload in uploads:
        folder = storage.reading_folder(upload)
        rows = pl.read_parquet(folder / "received.parquet").filter(here)
        frames.append(rows)
        # What a file says as a whole is told in each of its rounds, what a row says in its own.
        of_rows = pl.col("submission_id").is_null() | pl.col("submission_id").is_in(
            rows["submission_id"].implode()
        )
        noted.append(pl.read_parquet(folder / "findings.parquet").filter(of_rows))
    received = pl.concat(frames, how="diagonal_relaxed")
    if received.is_empty():
        raise NothingToRead(
            file=f"round {round_.number}",
            reason="none of its files has a row for it",
            action="Send a file for this round",
        )
    return received, pl.concat(noted)


def _cleaning_log(
    round_: Round, received: pl.DataFrame, decisions: pl.DataFrame
) -> pl.DataFrame:
    """Return what merged locations ask for, and over it what reviewers decided."""
    reviewed = queries.corrections_of_round(round_)
    if decisions.filter(pl.col("change").cast(pl.String) == LocationChange.MERGE).is_empty():
        return reviewed
    # Which location a report without an id means is known only once places are resolved.
    dated, _ = with_snapshots(received, unknown_date=round_.opened_at.date())
    placed, _ = resolved_places(dated, *queries.geography_of(round_.operation))
    merges = corrections_from_merges(received, placed, decisions)
    own = reviewed.select("id", "question")
    return pl.concat([merges.join(own, on=["id", "question"], how="anti"), reviewed])


def _forget_drafts_before(round_: Round, number: int) -> None:
    """Remove drafts that no page shows any more; a request may wait for the last but one."""
    waiting = set(round_.requests.filter(state="waiting").values_list("draft", flat=True))
    for folder in storage.draft_folder(round_, 0).parent.glob("[0-9]*"):
        if int(folder.name) < number and int(folder.name) not in waiting:
            shutil.rmtree(folder, ignore_errors=True)
