"""A small made-up dataset in the data folder of the server."""

from __future__ import annotations

import pytest
from tests.library.statistics.made_up import keep_made_up


@pytest.fixture
def held(settings, tmp_path):
    """Hold the made-up dataset."""
    settings.DATA = tmp_path
    return keep_made_up(tmp_path)
