"""A server is backed up while it has work waiting, restored elsewhere, and holds."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import uuid
from contextlib import closing

import pytest

SEED = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from waystation.web.tracking.exercise import seed_exercise
from waystation.web.tracking.actions.rounds import rebuild_round
operation = seed_exercise(sites=20, rounds=2, seed=1)
rebuild_round(operation.rounds.last(), by=None)
"""
LOOK = """
import django
django.setup()
from django.core.management import call_command
from waystation.web.tracking import storage
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.models import Job, Operation, Snapshot
call_command("verify_audit")
operation = Operation.objects.get()
for snapshot in Snapshot.objects.select_related("round__operation"):
    folder = storage.folder_of_snapshot(snapshot)
    assert storage.hash_of_folder(folder) == snapshot.sha256
print(sorted(edition_of(operation).frame("totals")["value"].drop_nulls().to_list())[-1])
print(Job.objects.filter(state="waiting").count())
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def two_servers(request, tmp_path):
    """Give the environments of a server and of the one it is restored to."""
    given = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    given["DJANGO_SETTINGS_MODULE"] = "waystation.web.project.settings.local"
    sides = [given | {"WAYSTATION_DATA": str(tmp_path / side)} for side in ("old", "new")]
    if request.param == "sqlite":
        yield sides
        return
    address = os.environ.get("WAYSTATION_TEST_POSTGRES")
    if not address:
        pytest.skip("no PostgreSQL server is named by WAYSTATION_TEST_POSTGRES")
    import psycopg

    names = [f"backup_{side}_{uuid.uuid4().hex[:12]}" for side in ("old", "new")]
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        for name, side in zip(names, sides, strict=True):
            connection.execute(f"CREATE DATABASE {name}")
            side["DATABASE_URL"] = f"{address.rsplit('/', 1)[0]}/{name}"
        yield sides
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(side, *command):
    answer = subprocess.run(
        [sys.executable, *command], env=side, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    return answer.stdout


def test_what_is_restored_is_what_was_there(two_servers, tmp_path):
    old, new = two_servers
    run(old, "-c", SEED)
    before = run(old, "-c", LOOK)
    file = tmp_path / "backup.tar"
    run(old, "-m", "waystation", "backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    run(new, "-m", "waystation", "restore", str(file))
    assert run(new, "-c", LOOK) == before
    again = subprocess.run(
        [sys.executable, "-m", "waystation", "restore", str(file)], env=new, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert again.returncode != 0
    assert "not empty" in again.stderr
    run(old, "-m", "waystation", "backup", str(file), "--without-keys")
    with tarfile.open(file) as tar:
        names = set(tar.getnames())
    assert not {"data/secret_key", "data/data_key"} & names
    assert any(name.endswith("matrix.parquet") for name in names)


def test_what_is_no_backup_leaves_nothing_behind(tmp_path):
    side = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    side["WAYSTATION_DATA"] = str(tmp_path / "new")
    file = tmp_path / "letter.txt"
    file.write_text("Dear all")
    answer = subprocess.run(
        [sys.executable, "-m", "waystation", "restore", str(file)], env=side, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert answer.returncode == 2
    assert "it is no backup" in answer.stderr
    assert not (tmp_path / "new").exists()
