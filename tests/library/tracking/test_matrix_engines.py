"""One expression on three engines: the same rows from DuckDB, PostgreSQL and Spark."""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import shutil

import polars as pl
import pytest

from waystation.store import open_engine
from waystation.tracking.corrections import Corrections
from waystation.tracking.matrix import matrix_from_submissions
from waystation.tracking.submissions import Submissions

SITES, ROUNDS, VISITS = 60, 3, 4


@pytest.fixture(scope="module")
def submissions() -> pl.DataFrame:
    """Several visits of each site in each round, with blanks, zeros and accents."""
    rows = SITES * ROUNDS * VISITS
    number = pl.int_range(rows)
    place = number % SITES
    of_round = number // SITES % ROUNDS + 1
    frame = pl.select(
        submission_id=pl.format("r{}.csv/{}", of_round, number),
        file=pl.format("r{}.csv", of_round),
        is_counted=number % 11 != 0,
        country=pl.lit("XWS"),
        operation=pl.lit("Éxodo"),
        component=pl.lit("baseline_location"),
        round_number=of_round,
        reference_date=pl.lit(dt.date(2024, 1, 31)) + pl.duration(days=30) * of_round,
        location_key=pl.format("site {}", place),
        location_name=pl.format("{} {}", pl.lit("É") + pl.lit("cole"), place),
        admin1_code=pl.format("XW{}", place // 10),
        admin2_code=pl.when(place % 3 > 0).then(pl.format("XW{}", place)),
        idp_individuals=pl.when(number % 7 > 0).then(number * 37 % 1000).cast(pl.Float64),
        idp_households=pl.when(place > 5).then(number % 200).cast(pl.Float64),
        returnee_individuals=pl.when(of_round == 2).then(0).cast(pl.Float64),
    )
    return Submissions.complete(frame)


@pytest.fixture(scope="module")
def corrections(submissions: pl.DataFrame) -> pl.DataFrame:
    """One figure changed and one row set aside."""
    first = submissions.filter(submission_id="r1.csv/1").row(0, named=True)
    entries = [
        ("r1.csv/1", "idp_individuals", f"{first['idp_individuals']:.0f}", "5", "change_value"),
        ("r1.csv/2", None, None, None, "remove"),
    ]
    columns = ["id", "question", "old", "new", "action"]
    return Corrections.require(
        Corrections.complete(pl.DataFrame(entries, schema=columns, orient="row"))
    )


def matrix_on(engine: str, url: str | None, submissions, corrections) -> pl.DataFrame:
    return matrix_from_submissions(
        submissions,
        corrections=corrections,
        carry_forward_days=90,
        estimate_persons=True,
        engine=engine,
        engine_url=url,
    )


@pytest.mark.postgres
def test_postgresql_gives_the_same_rows(submissions, corrections):
    url = os.environ.get("WAYSTATION_TEST_POSTGRES")
    if not url:
        pytest.skip("WAYSTATION_TEST_POSTGRES names no PostgreSQL server")
    expected = matrix_on("duckdb", None, submissions, corrections)
    assert matrix_on("postgres", url, submissions, corrections).equals(expected)

    connection = open_engine("postgres", url=url)
    name = "waystation_test_submissions"
    kept = submissions.select(c for c in submissions.columns if submissions[c].count())
    # Plain SQL: this version of Ibis writes DROP TABLE without the name of the table.
    connection.con.execute(f"DROP TABLE IF EXISTS {name}")
    try:
        connection.create_table(name, kept.to_arrow())
        assert matrix_on("postgres", url, name, corrections).equals(expected)
    finally:
        connection.con.execute(f"DROP TABLE IF EXISTS {name}")
        connection.con.commit()
        connection.disconnect()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Spark warns of versions of pandas and of its own
def test_spark_gives_the_same_rows(submissions, corrections, tmp_path):
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: pip install 'waystation[spark]'")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not on this machine")
    expected = matrix_on("duckdb", None, submissions, corrections)
    assert matrix_on("spark", "local[2]", submissions, corrections).equals(expected)
    submissions.write_parquet(tmp_path / "submissions.parquet")
    of_file = matrix_on("spark", "local[2]", tmp_path / "submissions.parquet", corrections)
    assert of_file.equals(expected)
