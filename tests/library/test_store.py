"""The engine that expressions run on."""

from __future__ import annotations

import pytest

from waystation.errors import InvalidChoice, Unavailable
from waystation.store import open_engine


def test_the_embedded_engine_needs_no_set_up():
    connection = open_engine()
    try:
        assert connection.raw_sql("SELECT 40 + 2").fetchone() == (42,)
    finally:
        connection.disconnect()


def test_an_unknown_engine_is_refused_with_those_there_are():
    with pytest.raises(InvalidChoice, match="duckdb, postgres, spark"):
        open_engine("oracle")


def test_a_server_wants_an_address():
    with pytest.raises(Unavailable, match="WAYSTATION_ENGINE_URL"):
        open_engine("postgres")
