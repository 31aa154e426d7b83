"""A worker killed in the middle leaves nothing half visible, and the next one ends its work.

The server runs in processes of its own, on SQLite in a folder or, where DATABASE_URL names
one, on PostgreSQL; the worker kills itself with SIGKILL at the moment that each case names.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.web.tracking.sent_files import PEOPLE, SITES, survey

TREE = Path(__file__).resolve().parents[3]
POSTGRES = os.environ.get("DATABASE_URL", "")
# Workers of a run that share its tests keep databases of their own.
PREPARED = f"killed_{uuid.uuid4().hex[:12]}"
STARTED = f"{PREPARED}_now"
ROUND = "baseline_location-7"
READ: dict[str, Any] = {"upload": "read", "rows": SITES, "parts": [[ROUND, SITES]]}
DONE = {
    **READ,
    "jobs": dict.fromkeys(("propose_mapping", "read_upload", "build_draft"), "done"),
    "drafts": {ROUND: PEOPLE},
    "read": 1,
    "broken": 0,
    "half": [],
}
NOTHING_YET: dict[str, Any] = {
    "upload": "reading",
    "rows": None,
    "parts": [],
    "drafts": {},
    "read": 0,
}
# The moment, and what can be seen after it: all of a step, or nothing of it.
MOMENTS = [
    ("reading_of", "call", NOTHING_YET),
    ("settled_rows", "return", NOTHING_YET),
    ("write_parquet", "return", NOTHING_YET),
    ("record_reading", "call", NOTHING_YET),
    ("_rebuild", "return", NOTHING_YET),
    ("forget_previews", "call", {**READ, "read": 1, "drafts": {ROUND: None}}),
    ("build_from_submissions", "call", {**READ, "read": 1, "drafts": {ROUND: None}}),
    ("write_build_frames", "return", {**READ, "read": 1, "drafts": {ROUND: None}}),
    ("record_draft", "call", {**READ, "read": 1, "drafts": {ROUND: None}}),
    ("_forget_drafts_before", "call", {**READ, "read": 1, "drafts": {ROUND: PEOPLE}}),
]


class Server:
    """A data folder and database of its own, used by one process at a time."""

    def __init__(self, data: Path, database: str) -> None:
        settings = {"WAYSTATION_DATA": str(data), "DATABASE_URL": database}
        self.data = data
        self._environment = {**os.environ, **settings, "PYTHONPATH": f"{TREE / 'src'}:{TREE}"}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        module = "tests.web.tracking.killed_worker"
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            env=self._environment, cwd=TREE, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip

    def do(self, *words: str) -> str:
        answer = self.run(*words)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def report(self) -> dict[str, Any]:
        seen: dict[str, Any] = json.loads(self.do("report"))
        seen["drafts"] = {key: persons for key, (_, persons) in seen["drafts"].items()}
        seen["jobs"] = {kind: state for kind, (state, _) in seen["jobs"].items()}
        return seen


def _database(name: str, template: str = "") -> str:
    """Return the address of a new database; empty for SQLite, which lies in the data folder."""
    if not POSTGRES:
        return ""
    import psycopg

    like = f' TEMPLATE "{template}"' if template else ""
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"{like}')
    return urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()


def _drop_databases() -> None:
    if not POSTGRES:
        return
    import psycopg

    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        for name in (STARTED, PREPARED):
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Iterator[Path]:
    """Return the data of a server with a file whose mapping has just been confirmed."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / "survey.csv").write_bytes(survey())
    server = Server(folder / "data", _database(PREPARED))
    server.do("prepare", str(folder / "survey.csv"))
    yield server.data
    _drop_databases()


@pytest.mark.slow
@pytest.mark.parametrize(("function", "event", "seen"), MOMENTS)
def test_a_killed_worker_leaves_nothing_half_done(function, event, seen, prepared, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    server = Server(data, _database(STARTED, PREPARED))
    assert server.run("work", function, event).returncode == -signal.SIGKILL
    after = server.report()
    assert {name: after[name] for name in seen} == seen
    assert after["broken"] == 0
    server.do("resume")
    assert server.report() == DONE


@pytest.mark.slow
def test_a_job_that_kills_every_worker_is_given_up(prepared, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    server = Server(data, _database(STARTED, PREPARED))
    killed = server.run("work", "reading_of", "call")
    for _attempt in range(2):
        assert killed.returncode == -signal.SIGKILL
        killed = server.run("resume_and_die", "reading_of", "call")
    assert killed.returncode == -signal.SIGKILL
    server.do("resume")
    after = server.report()
    assert (after["upload"], after["jobs"]["read_upload"]) == ("failed", "failed")
    assert (after["parts"], after["drafts"]) == ([], {})
