"""Reports of places, made as a person would write them down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest

from waystation.tracking.quality import check_submissions
from waystation.tracking.submissions import Submissions

TODAY = dt.date(2026, 11, 24)
LAST_DAYS = [dt.date(2025, month, 28) for month in range(1, 13)]


def _completed(at: int, row: Mapping[str, Any]) -> dict[str, Any]:
    round_number = row.get("round_number", 1)
    place = row.get("location_id", row.get("location_name"))
    ordinary = {
        "submission_id": f"round_{round_number}.xlsx/data/{at + 2}",
        "file": f"round_{round_number}.xlsx",
        "sheet": "data",
        "row": at + 2,
        "is_counted": True,
        "country": "XWS",
        "operation": "Exercise",
        "component": "site_assessment",
        "round_number": round_number,
        "reference_date": LAST_DAYS[round_number - 1],
        "location_key": place or row.get("admin2_code") or row.get("admin1_code"),
    }
    return ordinary | dict(row)


@pytest.fixture
def create_rows() -> Callable[..., pl.DataFrame]:
    """Return a maker of submissions: each row says only what matters to its test."""

    def create(rows: list[dict[str, Any]]) -> pl.DataFrame:
        declared = {name: column.dtype for name, column in Submissions.columns().items()}
        frame = pl.DataFrame(
            [_completed(at, row) for at, row in enumerate(rows)],
            infer_schema_length=None,
            schema_overrides=declared,
        )
        figures = [pl.col(n).cast(pl.Float64) for n in frame.columns if n not in declared]
        return Submissions.complete(frame.with_columns(figures))

    return create


@pytest.fixture
def findings_on(create_rows: Callable[..., pl.DataFrame]) -> Callable[..., pl.DataFrame]:
    """Return a checker of rows, of one code if asked."""

    def check(rows: list[dict[str, Any]], code: str | None = None, **more: Any) -> pl.DataFrame:
        found = check_submissions(create_rows(rows), today=TODAY, **more)
        return found if code is None else found.filter(pl.col("code") == code)

    return check
