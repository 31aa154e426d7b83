"""The background worker: a task whose worker was killed runs again, to its end."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError
from django_tasks import TaskResultStatus
from django_tasks.signals import task_finished
from django_tasks_db.models import DBTaskResult

from waystation.web.project.work import (
    ResumingWorker,
    presence_of,
    take_up_lost,
)

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 30
ENQUEUE = """
import django, sys
django.setup()
from tests.web.project.background import wait_for_leave
wait_for_leave.enqueue(sys.argv[1])
"""
STATUS = """
import django
django.setup()
from django_tasks_db.models import DBTaskResult
for result in DBTaskResult.objects.all():
    print(result.status, len(result.worker_ids))
"""


def wait_until(claim):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if claim():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen in time")


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


class Site:
    """A server's data folder, and processes on it."""

    def __init__(self, folder, address):
        self.folder = folder
        folders = [str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]
        self.environment = {
            **os.environ,
            "WAYSTATION_DATA": str(folder / "data"),
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "waystation.web.project.settings.local",
            "PYTHONPATH": os.pathsep.join(folders),
        }
        self.processes = []

    def start(self, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "waystation", *arguments],
            env=self.environment, cwd=ROOT,
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def run(self, script, *arguments):
        return subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    def pids(self):
        path = self.folder / "began"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    def end(self):
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with what a killed server left
            process.wait()
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def site(tmp_path):
    address = os.environ.get("DATABASE_URL", "")
    name = f"work_{secrets.token_hex(6)}"
    if address:
        with psycopg.connect(address, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
    site = Site(tmp_path, address and address.rsplit("/", 1)[0] + "/" + name)
    site.run("import django; django.setup()\n"
             "from django.core.management import call_command\n"
             "call_command('migrate', verbosity=0)")  # fmt: skip
    try:
        yield site
    finally:
        site.end()
        if address:
            with psycopg.connect(address, autocommit=True) as server:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_task_whose_worker_was_killed_runs_again_to_its_end(site):
    worker = site.start("worker")
    site.run(ENQUEUE, str(site.folder))
    wait_until(lambda: len(site.pids()) == 1)
    worker.kill()
    worker.wait()
    assert site.run(STATUS) == "RUNNING 1\n"
    site.start("worker")
    wait_until(lambda: len(site.pids()) == 2)
    (site.folder / "leave").touch()
    wait_until((site.folder / "ended").exists)
    wait_until(lambda: site.run(STATUS) == "SUCCESSFUL 2\n")


def test_a_second_worker_takes_nothing_from_one_that_lives(site):
    site.start("worker")
    site.run(ENQUEUE, str(site.folder))
    wait_until(lambda: len(site.pids()) == 1)
    second = site.start("worker")
    time.sleep(7)  # longer than it waits between two looks for lost tasks
    assert len(site.pids()) == 1
    second.terminate()
    assert second.wait(PATIENCE) == 0


def test_told_twice_to_end_the_task_is_left_to_the_next(site):
    worker = site.start("worker")
    site.run(ENQUEUE, str(site.folder))
    wait_until(lambda: len(site.pids()) == 1)
    worker.terminate()
    time.sleep(0.5)
    assert worker.poll() is None  # it would finish what it runs
    worker.terminate()
    assert worker.wait(PATIENCE) == 1
    assert site.run(STATUS) == "RUNNING 1\n"


def test_the_server_keeps_a_worker_and_takes_it_along(site):
    server = site.start("serve", "--port", free_port())
    site.run(ENQUEUE, str(site.folder))
    wait_until(lambda: len(site.pids()) == 1)
    os.kill(site.pids()[0], signal.SIGKILL)
    wait_until(lambda: len(site.pids()) == 2)
    (site.folder / "leave").touch()
    wait_until(lambda: site.run(STATUS) == "SUCCESSFUL 2\n")
    server.terminate()
    server.wait(PATIENCE)
    assert not any(is_alive(pid) for pid in site.pids())


def test_a_worker_ends_when_its_server_was_killed(site):
    server = site.start("serve", "--port", free_port())
    site.run(ENQUEUE, str(site.folder))
    wait_until(lambda: len(site.pids()) == 1)
    server.kill()
    server.wait()
    (site.folder / "leave").touch()
    wait_until(lambda: not is_alive(site.pids()[0]))


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


# In this process, on the database of the tests


def create_task(name, status="READY", workers=(), **rest):
    return DBTaskResult.objects.create(
        task_path=f"tests.web.project.background.{name}", status=status, backend_name="default",
        args_kwargs={"args": [], "kwargs": rest}, worker_ids=list(workers),
    )  # fmt: skip


@pytest.fixture
def presence(tmp_path):
    held = presence_of("me", tmp_path)
    yield held
    held.release()


@pytest.mark.django_db
def test_a_task_is_lost_when_its_worker_holds_no_lock(presence, tmp_path):
    alive = presence_of("alive", tmp_path)
    mine = create_task("fail", "RUNNING", ["gone", "me"])
    theirs = create_task("fail", "RUNNING", ["alive"])
    lost = create_task("fail", "RUNNING", ["alive", "gone"])
    done = create_task("fail", "SUCCESSFUL", ["gone"])
    presence.require_held()
    assert take_up_lost(presence, "me") == 1
    found = {t.pk: t.status for t in DBTaskResult.objects.all()}
    assert found[lost.pk] == "READY"
    assert (found[mine.pk], found[theirs.pk]) == ("RUNNING", "RUNNING")
    assert found[done.pk] == "SUCCESSFUL"
    alive.release()
    assert take_up_lost(presence, "me") == 1
    assert take_up_lost(presence, "me") == 0


@pytest.mark.django_db
def test_a_task_that_took_three_workers_down_is_given_up_and_said_so(presence):
    told = []

    def listen(sender, task_result, **rest):
        told.append(task_result.status)

    task_finished.connect(listen)
    task = create_task("fail", "RUNNING", ["a", "b", "c"])
    assert take_up_lost(presence, "me") == 0
    task.refresh_from_db()
    assert task.status == "FAILED"
    assert "ended 3 times" in task.traceback
    assert told == [TaskResultStatus.FAILED]
    task_finished.disconnect(listen)


@pytest.mark.django_db
def test_a_worker_runs_what_is_ready_and_notes_what_failed(tmp_path, settings, monkeypatch):
    # The test's own transaction is on the connection that a worker would close.
    monkeypatch.setattr("waystation.web.project.work.close_old_connections", lambda: None)
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    (tmp_path / "leave").touch()
    done = create_task("wait_for_leave", folder=str(tmp_path))
    failed = create_task("fail")
    ResumingWorker(tmp_path / "workers", batch=True).run()
    done.refresh_from_db()
    failed.refresh_from_db()
    assert (done.status, done.return_value) == ("SUCCESSFUL", "done")
    assert failed.status == "FAILED"
    assert "as told" in failed.traceback
    assert not list((tmp_path / "workers").glob("*"))


@pytest.mark.django_db
def test_a_database_that_is_locked_is_asked_again(tmp_path, monkeypatch):
    worker = ResumingWorker(tmp_path, batch=True)
    create_task("fail")

    class locked(contextlib.nullcontext):  # type: ignore[type-arg]  # noqa: N801
        def __enter__(self):
            raise OperationalError(self.enter_result)

    module = "waystation.web.project.work.exclusive_transaction"
    monkeypatch.setattr(module, lambda: locked("database is locked"))
    assert worker._claim() is None
    monkeypatch.setattr(module, lambda: locked("no such table"))
    with pytest.raises(OperationalError):
        worker._claim()
    worker.presence.release()


@pytest.mark.django_db
def test_an_orphan_ends(tmp_path):
    worker = ResumingWorker(tmp_path, parent=1 if os.getppid() != 1 else 2)
    worker.run()
