"""Real clients of others against a real server with the exercise in it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.browser.conftest import running_server


@pytest.fixture(scope="session")
def served_exercise(tmp_path_factory):
    """Give the address of a server that published the exercise, and a key for it."""
    folder = tmp_path_factory.mktemp("served")
    command = [sys.executable, "-m", "waystation", "apikey", "create", "--name", "clients"]
    with running_server(folder, "--exercise") as address:
        made = subprocess.run(
            [*command, "--data", str(folder)], check=True, capture_output=True, text=True
        )
        yield address, made.stdout.strip()
