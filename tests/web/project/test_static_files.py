"""Names of built files, and a server whose front end is not built."""

from __future__ import annotations

import json
import logging

import pytest

from waystation.web.project import static_files
from waystation.web.project.static_files import BuiltFiles


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "DIST", tmp_path)
    return tmp_path


def test_a_built_file_has_the_name_the_build_gave_it(folder):
    names = {"dist/app.css": "dist/app-ABCDEFGH.css"}
    (folder / "manifest.json").write_text(json.dumps(names), "utf-8")
    files = BuiltFiles()
    assert files.url("dist/app.css") == "/static/dist/app-ABCDEFGH.css"
    assert files.url("icon.svg") == "/static/icon.svg"


def test_without_a_build_pages_still_answer_and_the_log_says_what_to_run(folder, caplog):
    with caplog.at_level(logging.WARNING):
        assert BuiltFiles().url("dist/app.css") == "/static/dist/app.css"
    assert "make run" in caplog.text


def test_a_build_that_is_broken_off_counts_as_none(folder, caplog):
    (folder / "manifest.json").write_text('{"dist/app.css": ', "utf-8")
    assert BuiltFiles().url("dist/app.css") == "/static/dist/app.css"
