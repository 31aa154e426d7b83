"""The background worker: runs tasks, and takes up again those whose worker is gone.

A worker lives as long as it holds a lock that ends with its process: on a file beside SQLite,
of a session in PostgreSQL. So a task is never taken from a worker that is only slow, and is
taken up at once, by no clock, when its worker was killed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, Protocol

from django.core.management import call_command
from django.db import close_old_connections, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError
from django.utils.crypto import get_random_string
from django_tasks.signals import task_finished
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction, is_locked_database_exception

from waystation.errors import Unavailable
from waystation.web.accounts.sessions import SessionStore

if TYPE_CHECKING:
    Task = DBTaskResult[..., object]

INTERVAL = 0.5
LOOK_FOR_LOST = 5.0
CLEAN_UP = 3600.0
# A task that takes its worker down each time must not do so for ever.
ATTEMPTS = 3


class Presence(Protocol):
    """Tells which workers live."""

    def is_gone(self, worker_id: str) -> bool:
        """Say whether the worker's process has ended."""

    def require_held(self) -> None:
        """Raise where our own lock was lost, and with it our right to run tasks."""


class FilePresence:
    """A locked file for each worker, in the data folder: for SQLite, which is one machine."""

    def __init__(self, folder: Path, worker_id: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._held: IO[str] = (folder / worker_id).open("w")
        fcntl.flock(self._held, fcntl.LOCK_EX)

    def is_gone(self, worker_id: str) -> bool:
        """Say whether nobody holds the worker's file."""
        path = self.folder / worker_id
        try:
            with path.open("r") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except BlockingIOError:
            return False
        path.unlink(missing_ok=True)
        return True

    def require_held(self) -> None:
        """Do nothing: a file's lock is not lost while its process lives."""

    def release(self) -> None:
        """Give the lock back, and take the file away."""
        Path(self._held.name).unlink(missing_ok=True)
        self._held.close()


class SessionPresence:
    """A lock of a connection of its own, for PostgreSQL: it ends when the connection does."""

    def __init__(self, database: BaseDatabaseWrapper, worker_id: str) -> None:
        self._own = database.copy()
        self._number = _number_of(worker_id)
        self._ask("SELECT pg_advisory_lock(%s)", self._number)

    def is_gone(self, worker_id: str) -> bool:
        """Say whether nobody holds the worker's lock."""
        number = _number_of(worker_id)
        if not self._ask("SELECT pg_try_advisory_lock(%s)", number):
            return False
        self._ask("SELECT pg_advisory_unlock(%s)", number)
        return True

    def require_held(self) -> None:
        """Raise the database's own error when the connection is lost."""
        self._ask("SELECT %s", 1)

    def release(self) -> None:
        """Give the lock back."""
        self._ask("SELECT pg_advisory_unlock(%s)", self._number)
        self._own.close()

    def _ask(self, statement: str, number: int) -> object:
        with self._own.cursor() as cursor:
            cursor.execute(statement, [number])
            row = cursor.fetchone()
        return row[0] if row else None


def presence_of(worker_id: str, folder: Path) -> FilePresence | SessionPresence:
    """Return the lock that says that this worker lives, taken."""
    if connection.vendor == "postgresql":
        return SessionPresence(connection, worker_id)
    return FilePresence(folder, worker_id)


def take_up_lost(presence: Presence, own_id: str) -> int:
    """Make tasks ready again whose worker is gone; fail those that lost three.

    Returns:
        How many were made ready.
    """
    ready = 0
    for lost in DBTaskResult.objects.running():
        worker_id = lost.worker_ids[-1] if lost.worker_ids else ""
        if worker_id == own_id or not presence.is_gone(worker_id):
            continue
        with exclusive_transaction():
            task = DBTaskResult.objects.running().filter(pk=lost.pk).select_for_update().first()
            if task is None or task.worker_ids != lost.worker_ids:
                continue  # another worker was quicker
            if len(task.worker_ids) < ATTEMPTS:
                task.status = "READY"
                task.save(update_fields=["status"])
                ready += 1
                continue
            task.set_failed(
                Unavailable(
                    what="The result of this task",
                    reason=f"its worker ended {ATTEMPTS} times while it ran",
                    action="See the log of the server",
                )
            )
        task_finished.send(sender=type(task.task.get_backend()), task_result=task.task_result)
    return ready


class ResumingWorker(Worker):
    """The worker of django-tasks-db, with two differences.

    It takes up what other workers left, and asks for work without a lock: the original waits
    for the writers' lock of SQLite twice a second, and ends when an import holds it too long.
    """

    def __init__(self, folder: Path, *, parent: int | None = None, batch: bool = False) -> None:
        super().__init__(
            queue_names=["*"],
            interval=INTERVAL,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        self.parent = parent
        self.presence = presence_of(self.worker_id, folder)

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """End after the task at hand; at once when told twice, leaving it to the next."""
        if not self.running:
            os._exit(1)
        super().shutdown(signum, frame)

    def run(self) -> None:
        """Run tasks until told to end, or until the server that started us is gone."""
        chores = [
            _Chore(LOOK_FOR_LOST, self._take_up_lost),
            _Chore(CLEAN_UP, _clean_up),
        ]
        try:
            while self.running and not self._is_orphaned():
                close_old_connections()
                for chore in chores:
                    chore.run_when_due()
                task = self._claim()
                if task is not None:
                    self.run_task(task)
                elif self.batch:
                    return
                elif self.running:
                    close_old_connections()
                    time.sleep(self.interval)
        finally:
            self.presence.release()

    def _is_orphaned(self) -> bool:
        return self.parent is not None and os.getppid() != self.parent

    def _take_up_lost(self) -> None:
        self.presence.require_held()
        take_up_lost(self.presence, self.worker_id)

    def _claim(self) -> Task | None:
        ready = DBTaskResult.objects.ready().filter(backend_name=self.backend_name)
        if not ready.exists():
            return None
        try:
            with exclusive_transaction():
                task = ready.get_locked()
                if task is not None:
                    task.claim(self.worker_id)
        except OperationalError as error:
            if not is_locked_database_exception(error):
                raise
            return None
        return task


class _Chore:
    """Something to do now, and again after a while."""

    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        self.seconds = seconds
        self.act = act
        self.due = time.monotonic()

    def run_when_due(self) -> None:
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + self.seconds
        try:
            self.act()
        except OperationalError as error:
            if not is_locked_database_exception(error):
                raise


def _clean_up() -> None:
    SessionStore.clear_expired()
    call_command("prune_db_task_results", queue_name="*", verbosity=0)


def _number_of(worker_id: str) -> int:
    digest = hashlib.sha256(worker_id.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
