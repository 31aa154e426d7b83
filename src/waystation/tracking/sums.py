"""The one expression the matrix is made from, and the engines it runs on."""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from waystation.errors import MissingColumns
from waystation.store import Engine, open_engine
from waystation.tracking.cells import CODES, SNAPSHOT, indicator_columns

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table as Expression

REQUIRED = (*SNAPSHOT, "location_key", "file", "is_counted")
# Names and codes stand among the keys: an engine groups by them faster than it takes a minimum
# of text, and which name holds is then decided in one place, by one order, for all engines.
OPTIONAL = ("location_name", *CODES, "location_status")

# What the aggregate may use; a larger state spills to a temporary folder.
DUCKDB_MEMORY = "1GB"
# Each thread holds buffers of its own within that.
MOST_THREADS = 8
# Begins the names of the views that Spark is given.
VIEW = "waystation_"


def matrix_expression(submissions: Expression) -> Expression:
    """Return the sums of every indicator by snapshot, place and file, as an Ibis expression.

    The table is read once: one wide aggregate, whose small result is turned long afterwards.
    Rows set aside (``is_counted`` false) are left out. A sum over blanks alone is null, a sum
    over zeros is 0. Files are kept apart since whether a figure was asked is told by file.

    Args:
        submissions: A table of shape ``Submissions`` on any engine that Ibis knows.

    Returns:
        One row for each snapshot, ``location_key``, ``file``, name, codes and status as
        reported, with ``submissions`` (rows counted) and one column an indicator.

    Raises:
        MissingColumns: If the table lacks a column that names the snapshot or the place.
    """
    columns = list(submissions.columns)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise MissingColumns(table="Submissions", columns=", ".join(missing))
    keys = [n for n in (*REQUIRED, *OPTIONAL) if n in columns and n != "is_counted"]
    counted = submissions.filter(submissions.is_counted)
    sums = {name: counted[name].sum() for name in indicator_columns(columns)}
    return counted.group_by(keys).aggregate(submissions=counted.count(), **sums)


def sums_from_submissions(
    submissions: pl.DataFrame | Path | str,
    *,
    replaced: pl.DataFrame | None = None,
    engine: str = Engine.DUCKDB,
    engine_url: str | None = None,
) -> pl.DataFrame:
    """Run ``matrix_expression`` and return its result.

    Args:
        submissions: A frame, a Parquet file (or a folder of them), or the name of a table that
            the engine already holds; shape ``Submissions``.
        replaced: Rows that stand in for those of the same ``submission_id``; shape
            ``Submissions``.
        engine: See ``open_engine``.
        engine_url: See ``open_engine``.
    """
    with _connected(engine, engine_url) as (connection, folder):
        return _run(connection, submissions, replaced, folder)


@contextmanager
def _connected(engine: str, url: str | None) -> Iterator[tuple[BaseBackend, Path]]:
    """Yield an engine and a folder that is removed afterwards; DuckDB within bounded memory."""
    connection = open_engine(engine, url=url)
    with (
        tempfile.TemporaryDirectory(prefix="waystation-") as folder,
        warnings.catch_warnings(),
    ):
        # Ibis calls names that the newest DuckDB calls deprecated; not ours to change.
        warnings.simplefilter("ignore", DeprecationWarning)
        if engine == Engine.DUCKDB:
            connection.raw_sql(f"SET memory_limit = '{DUCKDB_MEMORY}'")
            connection.raw_sql(f"SET temp_directory = '{folder}'")
            connection.raw_sql("SET preserve_insertion_order = false")
            connection.raw_sql(f"SET threads = {min(os.cpu_count() or 1, MOST_THREADS)}")
        try:
            yield connection, Path(folder)
        finally:
            # A Spark session is shared by the whole process: it is not ours to end.
            if engine != Engine.SPARK:
                connection.disconnect()
            else:
                for name in connection.list_tables(like=f"^{VIEW}"):
                    # Ibis writes DROP VIEW without the name of the view.
                    connection.raw_sql(f"DROP VIEW IF EXISTS {name}")


def _run(
    connection: BaseBackend,
    submissions: pl.DataFrame | Path | str,
    replaced: pl.DataFrame | None,
    folder: Path,
) -> pl.DataFrame:
    table = table_in_engine(connection, submissions, folder)
    if replaced is not None and replaced.height:
        rows = _registered(connection, replaced, folder)
        table = table.select(*_used(list(table.columns)))
        kept = table.anti_join(rows.select("submission_id"), "submission_id")
        table = kept.union(rows.select(*kept.columns))
    frame = _frame(connection, matrix_expression(table))
    return frame.with_columns(
        pl.col("country", "operation", "component", "location_key").cast(pl.String),
        pl.col("reference_date").cast(pl.Date),
        pl.col("round_number", "submissions").cast(pl.Int64),
        pl.col(indicator_columns(frame.columns)).cast(pl.Float64),
    )


def rows_by_id(
    submissions: pl.DataFrame | Path | str,
    ids: pl.Series,
    *,
    engine: str = Engine.DUCKDB,
    engine_url: str | None = None,
) -> pl.DataFrame:
    """Return the submissions of the ids given, from wherever submissions are kept."""
    if isinstance(submissions, pl.DataFrame):
        return submissions.filter(pl.col("submission_id").is_in(ids.unique().implode()))
    if isinstance(submissions, Path):
        wanted = pl.LazyFrame({"submission_id": ids.unique()})
        return (
            pl.scan_parquet(submissions).join(wanted, on="submission_id", how="semi").collect()
        )
    with _connected(engine, engine_url) as (connection, _):
        table = connection.table(submissions)
        wanted = table.submission_id.isin(ids.unique().to_list())
        return _frame(connection, table.filter(wanted))


def table_in_engine(
    connection: BaseBackend, submissions: pl.DataFrame | Path | str, folder: Path
) -> Expression:
    """Return submissions as a table that expressions of this engine can name."""
    if isinstance(submissions, str):
        return connection.table(submissions)
    if isinstance(submissions, pl.DataFrame):
        return _registered(connection, submissions, folder)
    if connection.name == "postgres":
        frame = pl.read_parquet(submissions)
        return _registered(connection, frame, folder)
    path = submissions / "*.parquet" if submissions.is_dir() else submissions
    return connection.read_parquet(str(path))


def _frame(connection: BaseBackend, expression: Expression) -> pl.DataFrame:
    if connection.name == "pyspark":
        # Ibis would pass the result through pandas, where null and NaN are one.
        table = connection.raw_sql(connection.compile(expression)).toArrow()
    else:
        table = connection.to_pyarrow(expression)
    return pl.DataFrame(pl.from_arrow(table))


def _used(columns: list[str]) -> list[str]:
    used = {*REQUIRED, *OPTIONAL, "submission_id", *indicator_columns(columns)}
    return [name for name in columns if name in used]


def _registered(connection: BaseBackend, frame: pl.DataFrame, folder: Path) -> Expression:
    import ibis

    used = frame.select(_used(frame.columns))
    if connection.name != "pyspark":
        return ibis.memtable(used.to_arrow())
    name = f"{VIEW}{uuid.uuid4().hex}"
    path = folder / f"{name}.parquet"
    used.write_parquet(path)  # the way around pandas
    return connection.read_parquet(str(path), table_name=name)
