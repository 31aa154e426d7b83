"""The whole release in every format, and the report as a PDF."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from waystation.errors import InvalidChoice, NotFound
from waystation.release.reading.moments import Moment
from waystation.tracking.build import Build
from waystation.web.accounts.models import User
from waystation.web.tracking import access
from waystation.web.tracking.actions.closer import ask_for_file
from waystation.web.tracking.downloads import (
    KINDS,
    REPORT,
    Kept,
    file_of_edition,
    is_large,
    last_job,
    made_for_edition,
    made_for_version,
    number_of_file,
    write_report,
)
from waystation.web.tracking.models import Job, Snapshot
from waystation.web.tracking.models.jobs import JobState
from waystation.web.tracking.models.operations import Visibility
from waystation.web.tracking.versions import withdrawal_of
from waystation.web.tracking.views.closer.files import SavedFile, told
from waystation.web.tracking.views.closer.reading import Reading, reading_of

LONGEST_NUMBER = 6
AGAIN_AFTER = dt.timedelta(minutes=5)
STOP_ASKING = 286  # a status that htmx takes as the end of asking again and again


def words_of_kinds() -> dict[str, str]:
    """Return what each format is for, in a few words."""
    return {
        "xlsx": str(_("Excel workbook")),
        "csv": str(_("csv tables (zip)")),
        "package": str(_("Data package: csv, shapes and their description (zip)")),
        "parquet": str(_("Parquet tables (zip)")),
        "geojson": str(_("GeoJSON layers (zip)")),
        "geopackage": str(_("GeoPackage")),
        "dtm_api": str(_("Rows of the DTM API (zip)")),
        "hapi": str(_("Rows of HDX HAPI (zip)")),
    }


def edition_files(reading: Reading) -> list[dict[str, str]]:
    """Return the files of the published whole."""
    files = [
        {"label": label, "url": reading.address("download", kind)}
        for kind, label in words_of_kinds().items()
    ]
    return [*files, {"label": str(_("Report (PDF)")), "url": reading.address("report")}]


def version_files(reading: Reading, snapshot: Snapshot) -> list[dict[str, str]]:
    """Return the files of one version."""
    named = {"round": snapshot.round.key, "version": snapshot.version}
    return [
        {"label": label, "url": reading.address("download", kind, **named)}
        for kind, label in words_of_kinds().items()
    ]


@require_GET
def download(request: HttpRequest, slug: str, format: str) -> HttpResponseBase:
    """Return the published whole, or a version of a round, in one format."""
    reading = reading_of(request, slug)
    if format not in KINDS:
        raise NotFound(what="format", name=format)
    key, number = request.GET.get("round", ""), request.GET.get("version", "")
    if key or number:
        snapshot = _version(request, slug, key, number)
        kept = made_for_version(snapshot, format, reading.language)
    else:
        kept = file_of_edition(reading.edition, format, reading.language)
        if is_large(reading.edition) and not kept.path.exists():
            return being_made(reading, format)
        kept = made_for_edition(reading.edition, format, reading.language)
    return handed_out(reading, kept, format)


def _version(request: HttpRequest, slug: str, key: str, number: str) -> Snapshot:
    if not number.isdecimal() or len(number) > LONGEST_NUMBER:
        raise NotFound(what="version", name=number)
    snapshot = access.snapshot_for_reading(request.user, slug, key, int(number))
    if withdrawal_of(snapshot) is not None:
        raise NotFound(what="version", name=number)
    return snapshot


def being_made(reading: Reading, kind: str) -> HttpResponse:
    """Tell that a file is being made, and ask for it where nobody has."""
    user = reading.request.user
    job = last_job(reading.operation, kind, reading.language)
    if job is None or (job.is_over and not _failed_just_now(job)):
        number = number_of_file(reading.operation, kind, reading.language)
        by = user if isinstance(user, User) else None
        job = ask_for_file(reading.operation, number, by=by)
    is_part = reading.request.headers.get("HX-Request") == "true"
    template = "being_made_part.html" if is_part else "being_made.html"
    label = words_of_kinds().get(kind, str(_("Report (PDF)")))
    context = reading.context("table", job=job, label=label)
    return render(reading.request, f"tracking/closer/{template}", context, status=202)


def _failed_just_now(job: Job) -> bool:
    """Say whether a job failed so lately that trying again would be no use."""
    is_late = job.ended_at is not None and timezone.now() - job.ended_at < AGAIN_AFTER
    return job.state == JobState.FAILED and is_late


def handed_out(reading: Reading, kept: Kept, what: str) -> HttpResponseBase:
    """Return a file to be saved, or that the reader has it."""
    etag = f'"{kept.etag}"'
    if reading.request.headers.get("HX-Request") == "true":  # who waited for it
        context = {"url": reading.request.get_full_path(), "name": kept.name}
        template = "tracking/closer/made_part.html"
        return render(reading.request, template, context, status=STOP_ASKING)
    answer: HttpResponseBase
    if etag in reading.request.headers.get("If-None-Match", ""):
        answer = HttpResponse(status=304)
    else:
        told(reading, what)
        answer = SavedFile(
            kept.path.open("rb"), as_attachment=True, filename=kept.name,
            content_type=kept.media_type,
        )  # fmt: skip
    answer["ETag"] = etag
    is_public = reading.operation.visibility == Visibility.PUBLIC
    patch_cache_control(answer, no_cache=True, **{"public" if is_public else "private": True})
    answer["Vary"] = "Accept-Language, Cookie"
    return answer


@require_GET
def report(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the report of the latest round, or of another, as a PDF."""
    reading = reading_of(request, slug)
    moment = _moment(reading, request.GET.get("round", ""))
    edition = reading.edition
    if moment == reading.latest:
        kept = file_of_edition(edition, REPORT, reading.language)
        if is_large(edition) and not kept.path.exists():
            return being_made(reading, REPORT)
        return handed_out(reading, made_for_edition(edition, REPORT, reading.language), "pdf")
    kept = Kept(
        path=edition.folder / "derived" / f"report-{moment.key}-{reading.language}.pdf",
        name=f"{edition.slug}-{moment.key}-{reading.language}.pdf",
        etag=f"{edition.etag}-report-{moment.key}-{reading.language}",
    )

    def make(path: Any) -> None:
        build = build_until(edition.build(), moment)
        write_report(build, REPORT, reading.language, path)

    return handed_out(reading, kept.made(make), "pdf")


def _moment(reading: Reading, key: str) -> Moment:
    found = [m for m in reading.moments if m.key == key] if key else [reading.latest]
    if not found:
        raise InvalidChoice(value=key[:60], option="round", choices="a published one")
    return found[0]


def build_until(build: Build, moment: Moment) -> Build:
    """Return what was known when a round was the latest."""
    if moment.reference_date >= build.totals["reference_date"].max():  # type: ignore[operator]  # the largest of dates is a date
        return build
    day = moment.reference_date
    until = pl.col("reference_date") <= day
    rounds = build.totals.filter(until)["round_number"].unique().to_list()
    told_of = pl.col("round_number").is_null() | pl.col("round_number").is_in(rounds)
    return replace(
        build,
        matrix=build.matrix.filter(until),
        totals=build.totals.filter(until),
        changes=build.changes.filter(pl.col("end_date") <= day),
        findings=build.findings.filter(told_of),
    )
