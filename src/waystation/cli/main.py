"""The ``waystation`` command and its groups."""

from __future__ import annotations

import click

from waystation import __version__
from waystation.cli.exercise import exercise
from waystation.cli.flows import flows
from waystation.cli.flows_validation import validate
from waystation.cli.geography import geography
from waystation.cli.release import release
from waystation.cli.screen import RefusingGroup
from waystation.cli.statistics import indicator_, statistics
from waystation.cli.tracking import inspect, matrix
from waystation.cli.web import account, apikey, backup, restore, serve, worker


@click.group(cls=RefusingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="waystation")
def main() -> None:
    """From field files to the published displacement matrix."""


for command in (
    inspect, matrix, geography, flows, exercise, release, serve, worker, account, apikey,
    backup, restore, statistics, indicator_,
):  # fmt: skip
    main.add_command(command)

flows.add_command(validate)
