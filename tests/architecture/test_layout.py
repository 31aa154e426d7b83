"""The layout that HOUSE rules promise, held where no linter holds it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "waystation"
FORBIDDEN_NAMES = {
    "utils", "util", "helpers", "helper", "misc", "common", "manager", "managers", "service",
    "services",
}  # fmt: skip
ROOMS = sorted(
    path.stem
    for path in PACKAGE.iterdir()
    if (path.suffix == ".py" or (path / "__init__.py").exists())
    and path.stem not in {"__init__", "__main__"}
)
MODULES = sorted(
    ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if path.name != "__main__.py"
)
# The web room is what Django is for. cli.web loads Django when a command runs, so it is here.
LIBRARY = [name for name in MODULES if not name.startswith("waystation.web")]


def _contracts():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {c["id"]: c for c in settings["tool"]["importlinter"]["contracts"]}


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_named_in_the_contracts(room):
    contracts = _contracts()
    layers = " ".join(contracts["areas"]["layers"]).replace("|", " ").split()
    assert room in layers
    if room == "web":
        return  # the room that Django is for
    if room == "cli":
        return  # module by module, below
    assert f"waystation.{room}" in contracts["library-knows-no-web-framework"]["source_modules"]


def test_every_command_file_but_that_of_the_web_is_kept_from_django():
    kept = _contracts()["library-knows-no-web-framework"]["source_modules"]
    commands = {name for name in MODULES if name.startswith("waystation.cli.")}
    # main names every command, and web loads Django when one of its commands runs.
    left_out = {"waystation.cli.main", "waystation.cli.web"}
    assert commands - left_out == {name for name in kept if name.startswith("waystation.cli.")}


def test_every_module_imports_where_django_is_blocked():
    script = (
        "import sys, importlib\n"
        "sys.modules['django'] = None\n"
        f"for name in {LIBRARY!r}: importlib.import_module(name)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_importing_the_package_is_quick_and_light():
    script = (
        "import time, sys; start = time.perf_counter(); import waystation\n"
        "took = time.perf_counter() - start\n"
        "heavy = {'polars', 'ibis', 'duckdb', 'altair', 'shapely'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert took < 0.3, took\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_no_file_bears_a_name_that_says_nothing():
    named = [p for p in PACKAGE.rglob("*") if p.stem in FORBIDDEN_NAMES]
    assert named == []


def test_files_stay_short_enough_to_read():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "migrations"  # Django writes these
        and (lines := len(path.read_text("utf-8").splitlines())) > 430
    }
    assert long == {}


def test_nothing_in_the_package_names_a_real_country_file():
    """Mapping rules are general: no code knows a mission's workbook."""
    names = re.compile(r"(?i)\b(burundi|cameroon|chad|libya|nigeria|mali|sudan|zimbabwe)\b")
    guilty = [
        str(path.relative_to(ROOT))
        for folder in ("tracking", "release", "cli")
        for path in (PACKAGE / folder).rglob("*.py")
        if names.search(path.read_text("utf-8"))
    ]
    assert guilty == []


def test_no_write_of_the_web_goes_round_its_audit_event():
    """``update`` and bulk writes call no ``save``: an audited record could change unseen.

    In actions they are refused when they run, unless inside ``bulk_act``.
    """
    rounds = re.compile(r"\.(update|bulk_create|bulk_update)\(")
    # A catalogue of translations and a hash have an update of their own; the guard calls on.
    # What many.py of tracking writes is one act, with one event that says how many rows.
    allowed = {
        "messages.py", "attachments.py", "storage.py", "actions.py", "many.py",
        "audit/models.py",
    }  # fmt: skip
    guilty = [
        str(path.relative_to(ROOT))
        for path in (PACKAGE / "web").rglob("*.py")
        if not {path.name, f"{path.parent.name}/{path.name}"} & allowed
        and "actions" not in path.parts
        and rounds.search(path.read_text("utf-8"))
    ]
    assert guilty == []
