"""Commands of the web application; the only command file that may load Django."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from waystation.errors import Unavailable

if TYPE_CHECKING:
    from waystation.web.project.environment import Environment

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder the server keeps everything in; var when left out.",
)
# As in accounts/roles.py, which is not loaded before a command needs it.
_ROLES = (
    "administrator", "information_officer", "field_office", "coordinator", "analyst",
    "caseworker", "auditor",
)  # fmt: skip


def _start_django(data: Path | None, hosts: tuple[str, ...] = ()) -> None:
    """Load Django with the settings of this folder, and bring its database up to date."""
    if data is not None:
        os.environ["WAYSTATION_DATA"] = str(data.resolve())
    if hosts:
        given = os.environ.get("WAYSTATION_ALLOWED_HOSTS", "")
        os.environ["WAYSTATION_ALLOWED_HOSTS"] = ",".join([*hosts, given]).strip(",")
    from waystation.web.project.environment import Environment

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waystation.web.project.settings.local")
    try:
        import allauth.mfa  # noqa: F401  # one package of each kind that the extra brings
        import django
        import granian  # noqa: F401  # the same
    except ImportError:
        raise Unavailable(
            what="The web application",
            reason="its packages are not installed",
            action="Run pip install 'waystation[web]'",
        ) from None
    os.umask(0o077)  # what the server keeps is its owner's to read
    folder = Environment.read().data
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise Unavailable(
            what=f"The folder {folder}",
            reason="it cannot be made",
            action="Choose another with --data",
        ) from None
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.utils import OperationalError

    try:
        connection.ensure_connection()
    except OperationalError:
        raise Unavailable(
            what="The database",
            reason="it cannot be opened",
            action="See that the data folder can be written, or that DATABASE_URL answers",
        ) from None
    call_command("migrate", interactive=False, verbosity=0)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@data_option
@click.option("--allow-host", multiple=True, metavar="NAME", help="Name the server answers "
              "to, beside this machine's own; may be repeated.")  # fmt: skip
@click.option("--no-worker", is_flag=True, help="Start no background worker beside the server.")
@click.option("--exercise", is_flag=True, help="On a server with no operation yet, publish a "
              "fictional one and say who can sign in.")  # fmt: skip
def serve(
    host: str,
    port: int,
    data: Path | None,
    allow_host: tuple[str, ...],
    no_worker: bool,
    exercise: bool,
) -> None:
    """Start the web application and its background worker, the database brought up to date.

    Example: waystation serve --port 8000 --data var
    """
    _start_django(data, allow_host)
    if exercise:
        # In a process of its own: the server forks, and threads that have computed would be
        # missing in what it forks.
        command = [sys.executable, "-c", "from waystation.cli.web import seed; seed()"]
        subprocess.run(command, check=True)  # noqa: S603  # our own words
    from django.db import connections
    from granian.constants import Interfaces
    from granian.server import Server

    from waystation.web.project.beside import WorkerBeside

    _reseal_factors()
    connections.close_all()  # the server's processes open their own
    click.echo(f"Waystation answers at http://{host}:{port}/", err=True)
    server = Server(
        "waystation.web.project.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,  # Django has no lifespan
        websockets=False,
    )
    with nullcontext() if no_worker else WorkerBeside():
        server.serve()


def seed() -> None:
    """Publish the exercise on a server without operations, and say who can sign in."""
    _start_django(None)
    from waystation.cli.screen import progress_bar
    from waystation.web.tracking.exercise import (
        PASSWORD,
        PEOPLE,
        ROUNDS,
        SEED,
        SITES,
        seed_exercise,
    )

    with progress_bar(quiet=False) as progress:
        made = seed_exercise(sites=SITES, rounds=ROUNDS, seed=SEED, progress=progress)
    if made is None:
        return
    click.echo("The exercise is published. Sign in as one of its made-up people:", err=True)
    for person in PEOPLE:
        click.echo(f"  {person.username:8} {person.role.label}", err=True)
    click.echo(f"  password: {PASSWORD}", err=True)
    click.echo(
        "Who sees personal data needs a second factor: waystation account code --name amina "
        "prints the code of the moment.",
        err=True,
    )


def _reseal_factors() -> None:
    from waystation.web.accounts.actions import reseal_factors

    _resealed, lost = reseal_factors()
    if lost:
        click.echo(
            f"{lost} second factors were sealed with a data key that this server does not have."
            " Put the key back (WAYSTATION_DATA_KEY, or data_key in the data folder), or reset"
            " the second factors of those concerned.",
            err=True,
        )


@click.command()
@data_option
@click.option("--parent", type=int, hidden=True, help="Process to end with.")
def worker(data: Path | None, parent: int | None) -> None:
    """Run the tasks of the background, until told to end.

    ``serve`` starts one by itself; start more, or one elsewhere, on a server with PostgreSQL.

    Example: waystation worker --data var
    """
    _start_django(data)
    from django.conf import settings

    from waystation.web.project.work import ResumingWorker
    from waystation.web.tracking.jobs import resume_lost_jobs

    resume_lost_jobs()
    running = ResumingWorker(settings.DATA / "workers", parent=parent)
    running.configure_signals()
    running.run()


@click.group()
def account() -> None:
    """Accounts of people, made on the server itself.

    Example: waystation account create --name amina --role administrator
    """


@account.command("create")
@click.option("--name", required=True, help="Name to sign in with.")
@click.option(
    "--role",
    type=click.Choice(_ROLES),
    help="Role in the whole organisation from today on; none when left out.",
)
@data_option
def create_account(name: str, role: str | None, data: Path | None) -> None:
    """Make an account and print its password for one use, and nothing else.

    It must be changed at the first sign-in, within seven days.

    Example: waystation account create --name amina --role administrator --data var
    """
    _start_django(data)
    from waystation.web.accounts.actions import open_account_with_role

    click.echo(open_account_with_role(name, role))


@account.command("code")
@click.option("--name", required=True, help="Name of a person of the exercise.")
@data_option
def account_code(name: str, data: Path | None) -> None:
    """Print the second factor of the moment of a person of the exercise.

    It works only for the made-up people that serve --exercise makes.

    Example: waystation account code --name amina --data var
    """
    _start_django(data)
    from waystation.web.tracking.exercise import code_of

    click.echo(code_of(name))


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-keys", is_flag=True, help="Leave out the secret key and the data key.")
@data_option
def backup(file: Path, without_keys: bool, data: Path | None) -> None:
    """Write the database and all files of a server into one file; the server may go on.

    Example: waystation backup backup.tar --data var
    """
    from waystation.web.project.backup import write_backup

    path = write_backup(_environment(data), file, with_keys=not without_keys)
    click.echo(f"{path}: {path.stat().st_size:,} bytes", err=True)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
def restore(file: Path, data: Path | None) -> None:
    """Make a server from a backup, in a folder that is not there or is empty.

    Example: waystation restore backup.tar --data restored
    """
    from waystation.web.project.backup import restore_backup

    environment = _environment(data)
    restore_backup(file, environment)
    click.echo(f"Restored to {environment.data}", err=True)


def _environment(data: Path | None) -> Environment:
    if data is not None:
        os.environ["WAYSTATION_DATA"] = str(data.resolve())
    from waystation.web.project.environment import Environment

    return Environment.read()


@click.group()
def apikey() -> None:
    """Keys of programs that read the interfaces.

    Example: waystation apikey create --name dashboard
    """


@apikey.command()
@click.option("--name", required=True, help="What the key is for; no two have one name.")
@data_option
def create(name: str, data: Path | None) -> None:
    """Make a key and print it and nothing else; it cannot be shown again.

    Example: waystation apikey create --name dashboard --data var
    """
    _start_django(data)
    from waystation.web.accounts.actions import create_key

    click.echo(create_key(name, by=None))
