"""Puts the exercise on an empty server: offices, people, a fictional operation, its rounds."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone

from waystation.errors import NotFound
from waystation.tracking.corrections import Action, Corrections
from waystation.tracking.exercise import create_exercise
from waystation.web.accounts import access as accounts
from waystation.web.accounts.actions import assign_role, create_user
from waystation.web.accounts.factors import code_now
from waystation.web.accounts.models import Office, User
from waystation.web.accounts.roles import EVERYWHERE, Role, Scope, ScopeKind
from waystation.web.tracking import storage
from waystation.web.tracking.actions import (
    needs,
    operations,
    presence,
    publication,
    review,
    uploads,
)
from waystation.web.tracking.jobs import run_job
from waystation.web.tracking.mappings import mapping_of
from waystation.web.tracking.models import Job, Operation, Round, Upload
from waystation.web.tracking.models.jobs import JobState
from waystation.web.tracking.models.operations import PlaceKind, Visibility
from waystation.web.tracking.models.uploads import UploadState

Progress = Callable[[str, int, int], None]
SLUG = "exercise"
COUNTRY = "XWS"
OFFICE = "exercise"
PASSWORD = "an exercise and nothing more"  # noqa: S105  # printed: the people are made up
FIRST_DAY = dt.date(2026, 1, 1)
SITES, ROUNDS, SEED = 300, 4, 1
CHUNK = 1 << 20
STRAY, PLACE = "TRK-007", ["file", "sheet", "row"]


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A made-up person to sign in as.

    Attributes:
        username: What they sign in with.
        full_name: What pages call them.
        role: Their role.
        is_everywhere: Whether it reaches the whole organisation, or the exercise only.
    """

    username: str
    full_name: str
    role: Role
    is_everywhere: bool = False


PEOPLE = (
    DemoPerson("amina", "Amina Diallo", Role.INFORMATION_OFFICER),
    DemoPerson("tomas", "Tomás Rivera", Role.INFORMATION_OFFICER),
    DemoPerson("joseph", "Joseph Okello", Role.FIELD_OFFICE),
    DemoPerson("leila", "ليلى حداد", Role.COORDINATOR),
    DemoPerson("mei", "Mei Tanaka", Role.ANALYST, is_everywhere=True),
    DemoPerson("admin", "Nadia Petrov", Role.ADMINISTRATOR, is_everywhere=True),
)


def seed_exercise(
    *, sites: int, rounds: int, seed: int, progress: Progress | None = None
) -> Operation | None:
    """Make the exercise, send its files, and publish every round but the last.

    The last round is left built and unpublished, so that there is something to review.

    Returns:
        The operation; None where the server already has any.
    """
    if Operation.objects.exists():
        return None
    say = progress or (lambda _step, _done, _of: None)
    office, _ = Office.objects.get_or_create(
        code=OFFICE, defaults={"name": "Field office of the exercise", "country": COUNTRY}
    )
    officer, second = _people()[:2]
    operation = operations.create_operation(
        "Exercise", COUNTRY, slug=SLUG, office=office, visibility=Visibility.PUBLIC,
        producer="A fictional operation made by waystation exercise", by=officer,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        say("Making the exercise", 0, 1)
        paths = create_exercise(Path(folder), seed=seed, sites=sites, rounds=rounds)
        operations.add_place_file(
            operation, PlaceKind.PCODES, paths.pcodes.name, _chunks(paths.pcodes), by=officer
        )
        for path in sorted(paths.boundaries.iterdir()):
            operations.add_place_file(
                operation, PlaceKind.BOUNDARIES, path.name, _chunks(path), by=officer
            )
        finish_jobs()
        files = sorted(p for p in paths.field.rglob("*") if p.is_file())
        for done, path in enumerate(files):
            say("Reading field files", done, len(files))
            uploads.receive_upload(operation, path.name, _chunks(path), by=officer)
        needs.add_needs_survey(
            operation, paths.survey.name, _chunks(paths.survey), by=second
        )  # fmt: skip
        _say_who_is_where(operation, paths.presence, officer)
    finish_jobs(kinds=("propose_mapping",))
    waiting = Upload.objects.filter(operation=operation, state=UploadState.TO_CONFIRM)
    for upload in waiting.select_related("operation").order_by("pk"):
        uploads.confirm_mapping(upload, mapping_of(upload), by=officer)
    finish_jobs(kinds=("read_upload",))
    found = list(operation.rounds.order_by("number", "component"))
    for done, round_ in enumerate(found):
        say("Building and publishing rounds", done, len(found))
        finish_jobs(kinds=("build_draft",), object_id=round_.pk)
        round_.refresh_from_db()
        if round_.number < rounds and round_.draft:
            _set_strays_aside(round_, officer)
            request = publication.request_publication(round_, by=officer)
            publication.approve_publication(request, by=second)
            finish_jobs(kinds=("publish",))
    finish_jobs()
    operation.refresh_from_db()
    return operation


def _say_who_is_where(operation: Operation, path: Path, officer: User) -> None:
    """Import who does what where, as of the day that its title says."""
    title = path.read_text("utf-8").split("\n", 1)[0]
    operation.refresh_from_db(fields=["geography_version"])
    said = dt.date.fromisoformat(title.split(",")[1])
    table, _ = presence.receive_presence(
        operation, path.name, _chunks(path), as_of=min(said, timezone.localdate()), by=officer
    )
    presence.confirm_presence(table, by=officer)


def _set_strays_aside(round_: Round, officer: User) -> None:
    """Do what any officer does first: rows that name another round do not count.

    All other mistakes stay, so that there is a cleaning log and still much to find.
    """
    folder = storage.draft_folder(round_)
    named = pl.read_parquet(folder / "review.parquet").filter(pl.col("code") == STRAY)
    rows = pl.read_parquet(folder / "submissions.parquet", columns=["submission_id", *PLACE])
    stray = rows.join(named.select(PLACE), on=PLACE, how="semi", nulls_equal=True)
    if stray.is_empty():
        return
    log = stray.select(
        id="submission_id",
        reason=pl.lit("Belongs to another round"),
        action=pl.lit(Action.REMOVE.value, Corrections.columns()["action"].dtype),
    )
    review.import_log(round_, Corrections.complete(log), by=officer)
    finish_jobs(kinds=("build_draft",), object_id=round_.pk)
    round_.refresh_from_db()


def code_of(username: str) -> str:
    """Return the second factor of the moment of a made-up person.

    Raises:
        NotFound: If this server has no exercise, or the person is not one of it.
    """
    user = User.objects.filter(username=username).first()
    is_made_up = any(person.username == username for person in PEOPLE)
    has_exercise = Operation.objects.filter(slug=SLUG, country=COUNTRY).exists()
    if user is None or not is_made_up or not has_exercise:
        raise NotFound(what="person of the exercise", name=username)
    kept = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if kept is None:
        raise NotFound(what="second factor", name=username)
    return code_now(get_adapter().decrypt(kept.data["secret"]))


def finish_jobs(kinds: tuple[str, ...] = (), object_id: int | None = None) -> None:
    """Do all work that waits, here and now, whatever worker there may be."""
    while True:
        jobs = Job.objects.filter(state=JobState.WAITING).order_by("pk")
        if kinds:
            jobs = jobs.filter(kind__in=kinds)
        if object_id is not None:
            jobs = jobs.filter(object_id=object_id)
        keys = list(jobs.values_list("pk", flat=True))
        if not keys:
            return
        for job_id in keys:
            run_job.func(job_id)


def _people() -> list[User]:
    people = []
    for person in PEOPLE:
        user = User.objects.filter(username=person.username).first()
        if user is None:
            user = create_user(
                person.username, by=None, password=PASSWORD, full_name=person.full_name
            )
            scope = EVERYWHERE if person.is_everywhere else Scope(ScopeKind.OPERATION, SLUG)
            assign_role(user, person.role, by=None, scope=scope, starts_on=FIRST_DAY)
            if accounts.needs_second_factor(user):
                TOTP.activate(user, generate_totp_secret())
        people.append(user)
    return people


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
