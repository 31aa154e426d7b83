"""One file that holds all that a server keeps, and a server made from it; needs no Django."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from waystation.errors import InvalidSetting, Unavailable, UnreadableFile
from waystation.web.project.environment import Environment

SQLITE, DUMP = "database.sqlite3", "database.dump"
DATABASE = "waystation.sqlite3"
KEYS = ("secret_key", "data_key")
# Made anew by the server, or of no use anywhere else.
LEFT_OUT = ("locks", "workers")


def write_backup(environment: Environment, path: Path, *, with_keys: bool = True) -> Path:
    """Write the database and every file the server keeps, as they are at one moment.

    The database is copied first: files that it names are never changed and are still there
    when the folder is read after it, so that the server may go on meanwhile.

    Args:
        environment: Which server; its data folder and database.
        path: The tar file to write; replaced if there.
        with_keys: Whether the secret key and the data key go with it. Without the data key
            nobody can sign in with an authenticator app after a restore.

    Returns:
        The path.

    Raises:
        Unavailable: If the database cannot be copied.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.part")
    try:
        with tempfile.TemporaryDirectory() as folder:
            database = _copy_of_database(environment, Path(folder))
            handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
                tar.add(database, arcname=database.name)
                for kept in _files(environment.data, with_keys=with_keys):
                    tar.add(kept, arcname=f"data/{kept.relative_to(environment.data)}")
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)
    return path


def restore_backup(path: Path, environment: Environment) -> None:
    """Make a server from a backup, in a data folder that is not there or is empty.

    Args:
        path: What `write_backup` wrote.
        environment: Where to; with PostgreSQL, an empty database.

    Raises:
        InvalidSetting: If the folder holds anything.
        UnreadableFile: If the file is no backup, or one of the other kind of database.
        Unavailable: If the database cannot be filled.
    """
    data = environment.data
    if data.exists() and any(data.iterdir()):
        raise InvalidSetting(name="WAYSTATION_DATA", reason="the folder is not empty")
    data.parent.mkdir(parents=True, exist_ok=True)
    waiting = Path(tempfile.mkdtemp(prefix=f".{data.name}-", dir=data.parent))
    try:
        _unpack(path, waiting)
        inside = waiting / "data"
        inside.mkdir(exist_ok=True)
        _fill_database(environment, waiting, inside, path)
        if data.exists():
            data.rmdir()
        inside.rename(data)
    finally:
        shutil.rmtree(waiting, ignore_errors=True)


def _copy_of_database(environment: Environment, folder: Path) -> Path:
    if environment.database_url:
        target = folder / DUMP
        command = ["pg_dump", "--format=custom", "--no-owner", f"--file={target}"]
        _run([*command, f"--dbname={environment.database_url}"])
        return target
    source = environment.data / DATABASE
    if not source.exists():
        raise Unavailable(
            what="The database",
            reason=f"there is none in {environment.data}",
            action="Name the data folder of a server with --data",
        )
    target = folder / SQLITE
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    return target


def _files(data: Path, *, with_keys: bool) -> Iterator[Path]:
    for path in sorted(data.rglob("*")):
        first = path.relative_to(data).parts[0]
        is_work = any(part.startswith(".") for part in path.relative_to(data).parts)
        is_key = first in KEYS and not with_keys
        if path.is_file() and not (
            is_work or is_key or first in LEFT_OUT or first.startswith(DATABASE)
        ):
            yield path


def _unpack(path: Path, folder: Path) -> None:
    try:
        with tarfile.open(path) as tar:
            tar.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise UnreadableFile(
            file=path.name, reason="it is no backup", action="Name a file that backup wrote"
        ) from error


def _fill_database(environment: Environment, unpacked: Path, inside: Path, path: Path) -> None:
    wanted = DUMP if environment.database_url else SQLITE
    if not (unpacked / wanted).exists():
        raise UnreadableFile(
            file=path.name,
            reason=f"it holds no {wanted}",
            action="Restore to the kind of database that was backed up",
        )
    if environment.database_url:
        command = ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction"]
        _run([*command, f"--dbname={environment.database_url}", str(unpacked / DUMP)])
    else:
        (unpacked / SQLITE).rename(inside / DATABASE)


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # fixed words, an address and a path
    except FileNotFoundError:
        raise Unavailable(
            what=command[0], reason="it is not installed", action="Install postgresql-client"
        ) from None
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()
        raise Unavailable(
            what=command[0],
            reason=last[-1] if last else "it failed",
            action="See that DATABASE_URL answers",
        ) from None
