"""What every test can ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def field_data() -> Path:
    """Return the folder of real displacement files, which is licensed to others."""
    folder = SHARED / "dtm"
    if not folder.is_dir():
        pytest.skip("the real displacement files are not on this machine (licensed to others)")
    return folder
