"""The environment, read once; production stops with the name of what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waystation.errors import InvalidSetting, MissingSetting
from waystation.web.project.environment import (
    Environment,
    data_keys_in,
    database_settings,
    secret_key_in,
)

DATA_KEY = "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtb24="
HERE = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
WHOLE = {
    "WAYSTATION_DATA_KEY": DATA_KEY,
    "WAYSTATION_SECRET_KEY": "k" * 50,
    "WAYSTATION_ALLOWED_HOSTS": "matrix.example.org",
    "DATABASE_URL": "postgresql://birch:p%40ss@db.example.org:5433/matrix?sslmode=require",
}


@pytest.mark.parametrize("name", WHOLE)
def test_production_stops_with_the_name_of_what_is_missing(name, tmp_path):
    values = {key: value for key, value in WHOLE.items() if key != name}
    with pytest.raises(MissingSetting, match=name):
        Environment.read(values).require_production()
    settings = {"DJANGO_SETTINGS_MODULE": "waystation.web.project.settings.production"}
    answer = subprocess.run(
        [sys.executable, "-m", "django", "check"],
        env={**HERE, **values, **settings},
        capture_output=True, text=True, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert answer.returncode != 0
    assert f"{name} is not set" in answer.stderr


def test_production_starts_with_all_it_needs(tmp_path):
    answer = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env={
            **HERE, **WHOLE, "WAYSTATION_SECRET_KEY": "aB3-xyz_" * 8,
            "DJANGO_SETTINGS_MODULE": "waystation.web.project.settings.production",
        },
        capture_output=True, text=True, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr


def test_a_short_secret_key_is_refused_and_not_repeated():
    values = {**WHOLE, "WAYSTATION_SECRET_KEY": "tooshort"}
    with pytest.raises(InvalidSetting) as caught:
        Environment.read(values).require_production()
    assert "tooshort" not in str(caught.value)


def test_an_address_of_postgresql_is_taken_apart():
    found = database_settings(Environment.read(WHOLE))
    assert (found["USER"], found["PASSWORD"], found["HOST"]) == (
        "birch", "p@ss", "db.example.org",
    )  # fmt: skip
    assert (found["NAME"], found["PORT"]) == ("matrix", 5433)
    assert found["OPTIONS"] == {"sslmode": "require"}


@given(st.text(max_size=40).filter(bool))
def test_any_other_address_is_refused_without_repeating_it(text):
    with pytest.raises(InvalidSetting):
        database_settings(Environment.read({"DATABASE_URL": "mysql:" + text}))


def test_without_an_address_there_is_a_safe_sqlite(tmp_path):
    found = database_settings(Environment.read({"WAYSTATION_DATA": str(tmp_path)}))
    assert found["NAME"] == tmp_path / "waystation.sqlite3"
    assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]
    assert "foreign_keys=ON" in found["OPTIONS"]["init_command"]


def test_a_secret_key_is_made_once_and_is_its_owner_s_alone(tmp_path):
    folder = tmp_path / "new"
    key = secret_key_in(folder)
    assert len(key) >= 50
    assert secret_key_in(folder) == key
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    Path(folder / "secret_key").write_text("", "ascii")
    with pytest.raises(InvalidSetting):
        secret_key_in(folder)


def test_a_data_key_is_made_once_apart_from_the_database(tmp_path):
    (key,) = data_keys_in(tmp_path)
    assert data_keys_in(tmp_path) == (key,)
    path = tmp_path / "data_key"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text(f"{DATA_KEY},{key}\n", "ascii")
    assert data_keys_in(tmp_path) == (DATA_KEY, key)
    path.write_text("x" * 50, "ascii")
    with pytest.raises(InvalidSetting, match="data_key"):
        data_keys_in(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WAYSTATION_DATA_KEY", "not a key"),
        ("WAYSTATION_DATA_KEY", f"{DATA_KEY},short"),
        ("WAYSTATION_MAX_UPLOAD_MB", "0"),
        ("WAYSTATION_MAX_UPLOAD_MB", "many"),
        ("WAYSTATION_MAX_UPLOAD_MB", "9" * 30),
        ("WAYSTATION_RATE_LIMIT", "-1"),
        ("WAYSTATION_TRUSTED_PROXIES", "1.5"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_not_repeated(name, value):
    with pytest.raises(InvalidSetting, match=name) as caught:
        Environment.read({name: value})
    assert len(value) < 5 or value not in str(caught.value)


def test_limits_have_defaults_and_can_be_set():
    plain = Environment.read({"WAYSTATION_RATE_LIMIT": " "})
    assert (plain.max_upload_mb, plain.rate_limit, plain.trusted_proxies) == (200, 600, 0)
    told = Environment.read({"WAYSTATION_RATE_LIMIT": "0", "WAYSTATION_MAX_UPLOAD_MB": "50"})
    assert (told.max_upload_mb, told.rate_limit) == (50, 0)
