"""What exists is documented, and the documents are not stale."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_generated_reference_pages_are_up_to_date():
    command = [sys.executable, "docs/generate.py", "--check"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_command_has_help_with_an_example():
    import click

    from waystation.cli.main import main

    def commands(group, path):
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from commands(command, [*path, name])
            else:
                yield " ".join([*path, name]), command

    undocumented = [
        name for name, command in commands(main, []) if "Example" not in (command.help or "")
    ]
    assert undocumented == []


def test_readme_names_its_two_commands():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make run" in readme
    assert "make test" in readme


def test_no_download_address_in_the_constraints():
    assert not re.search(r"https?://|@ file", (ROOT / "constraints.txt").read_text("utf-8"))


def test_nothing_committed_looks_like_a_person_s_phone_or_passport_number():
    pattern = re.compile(r"\+\d{10,14}\b|\b[A-Z]{2}\d{7}\b")
    folders = [ROOT / "tests", ROOT / "docs"]
    guilty = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in {".py", ".csv", ".md", ".yaml", ".json"}
        for found in pattern.finditer(path.read_text("utf-8"))
    ]
    assert guilty == []
