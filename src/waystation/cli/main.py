"""The ``waystation`` command: its groups, and how errors become exit codes."""

from __future__ import annotations

import click

from waystation import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="waystation")
def main() -> None:
    """From field files to the published displacement matrix."""
