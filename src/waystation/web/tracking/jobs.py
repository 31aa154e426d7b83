"""Background work: asked for in a transaction, done once, taken up again when cut short."""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from waystation.errors import WaystationError
from waystation.web.accounts.models import User
from waystation.web.tracking.models import Job, Operation
from waystation.web.tracking.models.jobs import JobKind, JobState
from waystation.web.tracking.storage import data_folder, remove_parts

Progress = Callable[[str, int, int], None]
Runner = Callable[[Job, Progress], None]
RUNNERS: dict[str, Runner] = {}
GIVEN_UP: dict[str, Callable[[Job, str], None]] = {}
"""By kind: what to record where no runner could, as it broke or took the worker with it."""
SECONDS_BETWEEN_REPORTS = 0.5
MOST_ATTEMPTS = 3
DAY = 24 * 60 * 60
BROKE, LOST = "unexpected", "worker_lost"
logger = logging.getLogger(__name__)


def start_job(operation: Operation, kind: JobKind, object_id: int, *, by: User | None) -> Job:
    """Ask for work, inside the transaction of the act that needs it.

    Work of the same kind on the same object that still waits is not asked for twice.
    """
    job, is_new = Job.objects.get_or_create(
        kind=kind,
        object_id=object_id,
        state=JobState.WAITING,
        defaults={"operation": operation, "asked_by": by},
    )
    if is_new:
        transaction.on_commit(lambda: _enqueue(job.pk))
    return job


def _enqueue(job_id: int) -> None:
    run_job.enqueue(job_id)


def resume_lost_jobs() -> int:
    """Ask again for all work that is not over; what still runs elsewhere is left to it.

    A worker calls this once, when it starts. What was cut short begins anew: nothing of it can
    be seen, for what a job makes appears whole at its end.

    Returns:
        How many jobs were asked for again.
    """
    remove_parts(time.time() - DAY)
    lost = Job.objects.filter(state__in=(JobState.WAITING, JobState.RUNNING))
    keys = list(lost.order_by("pk").values_list("pk", flat=True))
    for job_id in keys:
        _enqueue(job_id)
    return len(keys)


@task()
def run_job(job_id: int) -> None:
    """Do a job, unless it is over; a lock that ends with the process keeps it to one worker.

    Asked for twice, it is done once. A job that took its worker with it three times is given
    up, so that one bad file cannot stop all others.
    """
    job = Job.objects.select_related("operation", "asked_by").get(pk=job_id)
    with _alone(job):
        job.refresh_from_db(fields=["state", "attempts"])
        if job.is_over:
            return
        if job.attempts >= MOST_ATTEMPTS:
            _give_up(job, LOST)
            return
        job.state, job.attempts = JobState.RUNNING, job.attempts + 1
        job.started_at = job.alive_at = timezone.now()
        job.save(update_fields=["state", "attempts", "started_at", "alive_at"])
        _run(job)


def _run(job: Job) -> None:
    try:
        RUNNERS[job.kind](job, _reporter(job))
    except WaystationError as error:
        _end(job, JobState.FAILED, error.code, str(error))
    except (KeyboardInterrupt, SystemExit):
        # The worker is told to stop: the job stays as it is, for the next one to take up.
        raise
    except BaseException:
        # Also what is no Exception: a library outside Python that stopped in the middle.
        logger.exception("Job %s (%s) failed", job.pk, job.kind)
        _give_up(job, BROKE)
        raise
    else:
        _end(job, JobState.DONE)


def _give_up(job: Job, code: str) -> None:
    _end(job, JobState.FAILED, code)
    record = GIVEN_UP.get(job.kind)
    if record is not None:
        record(job, code)


def _end(job: Job, state: JobState, code: str = "", problem: str = "") -> None:
    job.state, job.ended_at = state, timezone.now()
    job.problem_code, job.problem = code, problem[:500]
    job.save(update_fields=["state", "ended_at", "problem_code", "problem"])


def _reporter(job: Job) -> Progress:
    last = 0.0

    def report(step: str, done: int, of: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_REPORTS or step != job.step:
            last = now
            job.step, job.done, job.of = step, done, of
            job.alive_at = timezone.now()
            job.save(update_fields=["step", "done", "of", "alive_at"])

    return report


@contextmanager
def _alone(job: Job) -> Iterator[None]:
    folder = data_folder() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{job.kind}-{job.object_id}").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
