"""A worker that is really killed while it publishes leaves nothing half done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

MAKE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from waystation.web.tracking.exercise import seed_exercise
seed_exercise(sites=20, rounds=2, seed=1)
from waystation.web.accounts.models import User
from waystation.web.tracking.actions import publication
from waystation.web.tracking.models import Operation
operation = Operation.objects.get()
round_ = operation.rounds.get(number=2)
request = publication.request_publication(round_, by=User.objects.get(username="amina"))
publication.approve_publication(request, by=User.objects.get(username="tomas"))
"""
KILLED = """
import os, signal, sys
import django; django.setup()
from waystation.web.tracking import jobs, publishing, storage
from waystation.web.tracking.models import Job
def die(*_args, **_named):
    os.kill(os.getpid(), signal.SIGKILL)
module, _, name = sys.argv[1].rpartition(".")
target = {"publishing": publishing, "publishing.actions": publishing.actions}[module]
setattr(target, name, die)
jobs.run_job.func(Job.objects.get(kind="publish", state="waiting").pk)
"""
RESUMED = """
import django; django.setup()
from waystation.web.tracking import jobs, publishing
from waystation.web.tracking.models import Job, Operation, Snapshot
operation = Operation.objects.get()
made = Snapshot.objects.filter(round__number=2)
print(operation.edition, made.count())
for job in Job.objects.filter(state__in=["waiting", "running"]):
    jobs.run_job.func(job.pk)
operation.refresh_from_db()
check = publishing.verify_snapshots()
from waystation.web.tracking.editions import edition_of
rounds = edition_of(operation).frame("totals")["round_number"].max()
print(operation.edition, made.count(), rounds, check.altered)
"""


def run(script, data, *args):
    environment = {
        **os.environ, "WAYSTATION_DATA": str(data), "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "waystation.web.project.settings.local",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", script, *args], env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    data = tmp_path_factory.mktemp("killed") / "data"
    data.mkdir()
    done = run(MAKE, data)
    assert done.returncode == 0, done.stderr
    return data


@pytest.mark.parametrize(
    ("at", "snapshots"),
    [("publishing.protected_build", 0), ("publishing.actions.record_snapshot", 0),
     ("publishing.write_whole", 1), ("publishing.actions.record_edition", 1)],
)  # fmt: skip
def test_it_goes_on_where_it_was_killed(made, tmp_path, at, snapshots):
    data = tmp_path / "data"
    shutil.copytree(made, data)
    assert run(KILLED, data, at).returncode == -signal.SIGKILL
    told = run(RESUMED, data)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [f"1 {snapshots}", "2 1 2 ()"]
    assert not [p for p in Path(data).rglob(".*-*") if p.is_dir() and "snapshots" in p.parts]
