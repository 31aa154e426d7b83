"""Real files of producers, and what another program computed from some of them."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "stats"


@pytest.fixture(scope="session")
def statistics_data() -> Path:
    """Return the folder of real statistics, which are licensed to others."""
    if not SHARED.is_dir():
        pytest.skip("the real statistics are not on this machine (licensed to others)")
    return SHARED
