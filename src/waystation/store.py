"""Opens the engine that expressions run on: DuckDB by default, PostgreSQL or Spark."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from waystation.errors import InvalidChoice, Unavailable

if TYPE_CHECKING:
    from ibis.backends import BaseBackend


class Engine(StrEnum):
    """Where expressions run."""

    DUCKDB = "duckdb"
    POSTGRES = "postgres"
    SPARK = "spark"


def open_engine(engine: str = Engine.DUCKDB, *, url: str | None = None) -> BaseBackend:
    """Return a connection that Ibis expressions run on.

    Args:
        engine: "duckdb" (in memory, no set-up), "postgres" or "spark".
        url: For PostgreSQL, ``postgresql://user@host/database``; for Spark, a master such as
            ``local[2]``; for DuckDB, a file, in memory when left out.

    Raises:
        InvalidChoice: If there is no such engine.
        Unavailable: If the engine's packages are not installed or it does not answer.
    """
    if engine not in tuple(Engine):
        raise InvalidChoice(value=engine, option="engine", choices=", ".join(Engine))
    try:
        return _connect(Engine(engine), url)
    except ImportError as error:
        action = f"Install it with: pip install 'waystation[{engine}]'"
        raise Unavailable(what=engine, reason=str(error), action=action) from error


def _connect(engine: Engine, url: str | None) -> BaseBackend:
    import ibis

    if engine is Engine.DUCKDB:
        return ibis.duckdb.connect(url or ":memory:")
    if engine is Engine.POSTGRES:
        if not url:
            raise Unavailable(
                what="postgres", reason="no address given", action="Set WAYSTATION_ENGINE_URL"
            )
        return ibis.connect(url)
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master(url or "local[*]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    return ibis.pyspark.connect(session)
