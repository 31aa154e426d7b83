"""The data package that readers download, judged by the reference client of its standard."""

from __future__ import annotations

import zipfile

import pytest
from django.test import Client
from tests.web.tracking.closer import BASE, ROUND_1, content_of
from tests.web.tracking.conftest import (  # noqa: F401  # fixtures
    _made_once,
    data,
    exercise,
)

frictionless = pytest.importorskip("frictionless")


@pytest.mark.parametrize("query", ["", f"?round={ROUND_1}&version=1"])
@pytest.mark.usefixtures("exercise", "data")
def test_frictionless_accepts_the_package_as_downloaded(tmp_path, query):
    answer = Client().get(f"{BASE}/download/package{query}")
    path = tmp_path / "package.zip"
    path.write_bytes(content_of(answer))
    zipfile.ZipFile(path).extractall(tmp_path / "package")
    report = frictionless.validate(tmp_path / "package" / "datapackage.json", type="package")
    assert report.valid, report.flatten(["name", "type", "message"])
    whole = frictionless.validate(path, type="package")
    assert whole.valid, whole.flatten(["name", "type", "message"])
