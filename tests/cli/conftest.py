"""The command as a person types it, and a list of places of a made-up country."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from waystation.cli.main import main

PCODES = """Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date
ZWE,1,ZW11,Northern,ZWE,2020-01-01
ZWE,1,ZW12,Southern,ZWE,2020-01-01
ZWE,2,ZW1101,Alder,ZW11,2020-01-01
ZWE,2,ZW1102,Birch,ZW11,2020-01-01
ZWE,2,ZW1201,Cedar,ZW12,2020-01-01
"""


@pytest.fixture
def waystation():
    """Return a function that runs the command and gives its result."""

    def run(*arguments: object):
        return CliRunner().invoke(main, [str(a) for a in arguments])

    return run


@pytest.fixture
def pcodes(tmp_path):
    path = tmp_path / "pcodes.csv"
    path.write_text(PCODES, "utf-8")
    return path
