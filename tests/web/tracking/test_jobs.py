"""Jobs: done once however often asked for, given up when they break, left when told to stop."""

from __future__ import annotations

import os
import time

import pytest
from tests.web.tracking.sent_files import create_xland

from waystation.errors import NothingToRead
from waystation.web.tracking import jobs, storage
from waystation.web.tracking.actions.uploads import receive_upload
from waystation.web.tracking.models import Job, Upload
from waystation.web.tracking.models.jobs import JobKind, JobState


@pytest.fixture
def floods(db):
    return create_xland()


@pytest.fixture
def runner(monkeypatch):
    """Return a function that makes every job of a kind do something, and a list of its runs."""
    runs = []

    def does(act):
        def run(job, progress):
            runs.append(job.pk)
            progress("reading", 1, 2)
            act()

        monkeypatch.setitem(jobs.RUNNERS, JobKind.READ_PLACES, run)
        monkeypatch.setitem(jobs.RUNNERS, JobKind.PROPOSE_MAPPING, run)
        return runs

    return does


def ask(operation):
    return jobs.start_job(operation, JobKind.READ_PLACES, operation.pk, by=None)


def raises(error):
    def act():
        raise error

    return act


def test_the_same_work_is_asked_for_once_while_it_waits(floods):
    assert ask(floods).pk == ask(floods).pk
    assert Job.objects.count() == 1


def test_a_job_asked_for_twice_is_done_once(floods, runner):
    runs = runner(lambda: None)
    job = ask(floods)
    jobs.run_job.func(job.pk)
    jobs.run_job.func(job.pk)
    job.refresh_from_db()
    assert (runs, job.state, job.attempts) == ([job.pk], "done", 1)
    assert (job.step, job.done, job.of) == ("reading", 1, 2)


def test_an_error_of_the_data_ends_a_job_with_its_sentence(floods, runner):
    runner(raises(NothingToRead(file="a.csv", reason="it is empty", action="Look at it")))
    job = ask(floods)
    jobs.run_job.func(job.pk)
    job.refresh_from_db()
    assert (job.state, job.problem_code) == ("failed", "input.empty")
    assert job.problem == "a.csv: it is empty. Look at it."


class OutsidePython(BaseException):
    """What a library that is not Python raises when it stops in the middle."""


@pytest.mark.parametrize(
    "error", [RuntimeError("private words"), OutsidePython(), MemoryError()]
)
def test_what_breaks_fails_the_file_and_tells_nothing_of_it(error, floods, runner):
    upload, _ = receive_upload(floods, "a.csv", [b"a,b\n1,2\n"], by=None)
    runner(raises(error))
    job = Job.objects.get()
    with pytest.raises(type(error)):
        jobs.run_job.func(job.pk)
    job.refresh_from_db()
    upload.refresh_from_db()
    assert (job.state, job.problem_code, job.problem) == ("failed", "unexpected", "")
    assert (upload.state, upload.problem_code, upload.problem) == ("failed", "unexpected", "")


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt()])
def test_a_worker_told_to_stop_leaves_its_job_for_the_next(error, floods, runner):
    runner(raises(error))
    job = ask(floods)
    with pytest.raises(type(error)):
        jobs.run_job.func(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    runs = runner(lambda: None)
    assert jobs.resume_lost_jobs() == 1
    jobs.run_job.func(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, len(runs)) == ("done", 2, 2)


def test_a_job_lost_three_times_is_given_up(floods, runner):
    upload, _ = receive_upload(floods, "a.csv", [b"a,b\n1,2\n"], by=None)
    runs = runner(lambda: None)
    Job.objects.filter().update(state=JobState.RUNNING, attempts=jobs.MOST_ATTEMPTS)
    job = Job.objects.get()
    jobs.run_job.func(job.pk)
    job.refresh_from_db()
    upload.refresh_from_db()
    assert (job.state, job.problem_code, runs) == ("failed", "worker_lost", [])
    assert (upload.state, upload.problem_code) == ("failed", "worker_lost")


def test_what_is_left_of_files_cut_short_is_removed_after_a_day(floods):
    folder = storage.operation_folder(floods) / "files"
    folder.mkdir(parents=True)
    old, new = folder / ".part-old", folder / ".part-new"
    for part in (old, new):
        part.write_bytes(b"half a file")
    yesterday = time.time() - 2 * jobs.DAY
    os.utime(old, (yesterday, yesterday))
    jobs.resume_lost_jobs()
    assert (old.exists(), new.exists()) == (False, True)


def test_a_file_withdrawn_while_it_is_looked_at_stays_withdrawn(floods):
    from waystation.tracking.mapping import FileMapping
    from waystation.web.tracking.actions import uploads

    upload, _ = receive_upload(floods, "a.csv", [b"a,b\n1,2\n"], by=None)
    seen_by_worker = Upload.objects.select_related("operation").get(pk=upload.pk)
    uploads.withdraw_upload(upload, by=None)
    uploads.record_proposal(seen_by_worker, FileMapping("a.csv", ()), by=None)
    uploads.record_failure(seen_by_worker, "input.empty", "", by=None)
    assert uploads.record_reading(seen_by_worker, {("event", 1): 2}, by=None) == []
    upload.refresh_from_db()
    assert (upload.state, upload.mapping) == ("withdrawn", "")
    assert not floods.rounds.exists()
