"""The commands of the web application, as a person types them."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest


def run(*arguments, **environment):
    # Each in a process of its own: Django can be set up once only.
    kept = {
        k: v
        for k, v in os.environ.items()
        if k not in {"DJANGO_SETTINGS_MODULE", "DATABASE_URL"}
    }
    return subprocess.run(
        [sys.executable, "-m", "waystation", *map(str, arguments)],
        env={**kept, **environment}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_a_key_is_all_that_is_printed_and_two_keys_have_two_names(tmp_path):
    made = run("apikey", "create", "--name", "dashboard", "--data", tmp_path)
    assert made.returncode == 0
    assert made.stderr == ""
    assert made.stdout.count("\n") == 1
    assert made.stdout.startswith("wst_")
    again = run("apikey", "create", "--name", "dashboard", "--data", tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert "Traceback" not in again.stderr


def test_the_first_administrator_gets_a_password_and_nothing_else_is_printed(tmp_path):
    made = run("account", "create", "--name", "amina", "--role", "administrator", "--data",
               tmp_path)  # fmt: skip
    assert (made.returncode, made.stderr) == (0, "")
    assert re.fullmatch(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\n", made.stdout)
    again = run("account", "create", "--name", "AMINA", "--data", tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert "Traceback" not in again.stderr
    for arguments in (("--name", "two words"), ("--name", "b", "--role", "king"), ()):
        refused = run("account", "create", *arguments, "--data", tmp_path)
        assert (refused.returncode, refused.stdout) == (2, "")


def test_the_command_knows_every_role():
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waystation.web.project.settings.test")
    django.setup()
    from waystation.cli.web import _ROLES
    from waystation.web.accounts.roles import Role

    assert set(_ROLES) == set(Role)


def test_where_the_extra_is_not_installed_one_sentence_says_so(tmp_path):
    script = (
        "import sys; sys.modules['django'] = None\n"
        "from waystation.cli.main import main\n"
        f"main(['apikey', 'create', '--name', 'x', '--data', {str(tmp_path)!r}])\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert answer.returncode == 2
    assert "pip install 'waystation[web]'" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_data_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    answer = run("apikey", "create", "--name", "x", "--data", tmp_path / "file" / "below")
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr


def test_the_server_starts_on_an_empty_folder_and_answers(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        k: v
        for k, v in os.environ.items()
        if k not in {"DJANGO_SETTINGS_MODULE", "DATABASE_URL"}
    }
    command = [sys.executable, "-m", "waystation", "serve", "--port", str(port), "--data",
               str(tmp_path), "--allow-host", "matrix.example.org"]  # fmt: skip
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    try:
        assert _answer(port, "127.0.0.1") == 200
        assert _answer(port, "matrix.example.org") == 200
        assert _answer(port, "elsewhere.example.org") == 400
    finally:
        server.terminate()
        server.communicate(timeout=20)


def _answer(port, host):
    address = f"http://127.0.0.1:{port}/accounts/login/"
    for _attempt in range(120):
        try:
            request = urllib.request.Request(address, headers={"Host": host})
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            time.sleep(0.25)
    pytest.fail("the server does not answer")
