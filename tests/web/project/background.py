"""Tasks that the tests of the worker run."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django_tasks import task


@task()
def wait_for_leave(folder: str) -> str:
    """Say that it began, and end when allowed to."""
    with (Path(folder) / "began").open("a") as file:
        file.write(f"{os.getpid()}\n")
    while not (Path(folder) / "leave").exists():
        time.sleep(0.05)
    (Path(folder) / "ended").write_text(str(os.getpid()))
    return "done"


@task()
def fail() -> None:
    """Fail."""
    raise ValueError("as told")
