"""Commands of the web application; the only command file that may load Django."""

from __future__ import annotations

import os
from pathlib import Path

import click

from waystation.errors import Unavailable

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder the server keeps everything in; var when left out.",
)


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
def serve(host: str, port: int, data: Path | None, allow_host: tuple[str, ...]) -> None:
    """Start the web application, with its database brought up to date first.

    Example: waystation serve --port 8000 --data var
    """
    _start_django(data, allow_host)
    from granian.constants import Interfaces
    from granian.server import Server

    click.echo(f"Waystation answers at http://{host}:{port}/", err=True)
    Server(
        "waystation.web.project.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,  # Django has no lifespan
        websockets=False,
    ).serve()


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
