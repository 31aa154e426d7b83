"""What programs are served: frames of editions, filtered and paged, and features of places."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from waystation.errors import InvalidChoice
from waystation.findings import Findings
from waystation.release.features import feature_layers
from waystation.release.snapshots import latest_snapshots
from waystation.tracking.build import Build
from waystation.tracking.changes import Changes
from waystation.tracking.submissions import Submissions
from waystation.web.tracking.editions import Edition
from waystation.web.tracking.storage import folder_made_whole

TABLES = ("totals", "matrix", "changes", "locations")
FILTERS = {
    "level": "admin_level",
    "round_number": "round_number",
    "indicator": "indicator",
    "component": "component",
    "code": "code",
    "location_id": "location_id",
    "admin1_code": "admin1_code",
    "admin2_code": "admin2_code",
}
FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}
MOST_ROWS = {"json": 100_000, "csv": 1_000_000, "parquet": 10_000_000, "arrow": 10_000_000}
SORTED_BY = ("reference_date", "round_number", "end_date", "admin_level", "code", "location_id")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a table.

    Attributes:
        rows: The rows asked for.
        total: How many there are in all.
        offset: How many come before.
    """

    rows: pl.DataFrame
    total: int
    offset: int


def page_of_table(
    edition: Edition,
    table: str,
    filters: Mapping[str, Any],
    *,
    starts_on: Any = None,
    ends_on: Any = None,
    limit: int,
    offset: int,
) -> Page:
    """Return rows of a published table that match.

    Args:
        edition: The published whole of an operation.
        table: One of `TABLES`.
        filters: Values by the names of `FILTERS`; None filters nothing. Several values of one
            name may stand with commas between.
        starts_on: First reference date.
        ends_on: Last reference date.
        limit: Most rows to return.
        offset: Rows to leave out first.

    Raises:
        InvalidChoice: If the table has no such column.
    """
    rows = edition.scan(table)
    columns = rows.collect_schema()
    for name, value in filters.items():
        if value is None:
            continue
        column = FILTERS[name]
        if column not in columns:
            raise InvalidChoice(value=name, option="filter", choices=_choices(columns))
        if isinstance(value, str) and "," in value:
            rows = rows.filter(pl.col(column).is_in(value.split(",")))
        else:
            rows = rows.filter(pl.col(column) == value)
    date = "reference_date" if "reference_date" in columns else "end_date"
    if date in columns:
        if starts_on is not None:
            rows = rows.filter(pl.col(date) >= starts_on)
        if ends_on is not None:
            rows = rows.filter(pl.col(date) <= ends_on)
    found = rows.sort([c for c in SORTED_BY if c in columns], nulls_last=True).collect()
    return Page(rows=found.slice(offset, limit), total=found.height, offset=offset)


def _choices(columns: Mapping[str, Any]) -> str:
    return ", ".join(name for name, column in FILTERS.items() if column in columns)


def bytes_of_rows(rows: pl.DataFrame, kind: str) -> bytes:
    """Return rows as csv, Parquet or Arrow; what a spreadsheet would run becomes text.

    Args:
        rows: The rows; lists become text with semicolons in csv.
        kind: csv, parquet or arrow.
    """
    buffer = io.BytesIO()
    if kind == "parquet":
        rows.write_parquet(buffer)
    elif kind == "arrow":
        rows.write_ipc_stream(buffer)
    else:
        plain = rows.with_columns(
            pl.col(pl.List(pl.String)).list.join("; "), pl.col(pl.Enum).cast(pl.String)
        )
        texts = [name for name, kind in plain.schema.items() if kind == pl.String]
        plain.with_columns(_no_formula(name) for name in texts).write_csv(buffer)
    return buffer.getvalue()


def _no_formula(name: str) -> pl.Expr:
    text = pl.col(name)
    quoted = pl.concat_str(pl.lit("'"), text)
    return pl.when(text.str.contains(r"^[=+\-@\t\r]")).then(quoted).otherwise(text).alias(name)


def json_of_rows(page: Page) -> bytes:
    """Return a page as JSON: ``total``, ``offset``, ``count`` and ``rows``."""
    plain = page.rows.with_columns(
        pl.col(pl.Date).dt.to_string("iso"), pl.col(pl.Enum).cast(pl.String)
    )
    head = {"total": page.total, "offset": page.offset, "count": plain.height}
    return f'{json.dumps(head)[:-1]}, "rows": {plain.write_json()}}}'.encode()


@lru_cache(maxsize=16)
def features_of(edition: Edition) -> Mapping[str, pl.DataFrame]:
    """Return the features of the latest published round, by layer; kept beside the edition."""
    folder = edition.folder / "derived" / "features"
    if not folder.exists():
        _keep_features(edition, folder)
    return {path.stem: pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def _keep_features(edition: Edition, folder: Path) -> None:
    layers = feature_layers(latest_build(edition))
    with folder_made_whole(folder) as waiting:
        for name, rows in layers.items():
            rows.write_parquet(waiting / f"{name}.parquet")


def latest_build(edition: Edition) -> Build:
    """Return the last snapshots of an edition as a build; earlier ones are not read."""
    totals = edition.frame("totals")
    latest = latest_snapshots(totals)
    dates = latest["reference_date"].unique().implode()
    cells = edition.scan("matrix").filter(pl.col("reference_date").is_in(dates)).collect()
    key = latest.columns
    first = latest.row(0, named=True)
    return Build(
        country=first["country"],
        operation=first["operation"],
        matrix=cells.join(latest, on=key, how="semi"),
        totals=totals.join(latest, on=key, how="semi"),
        locations=edition.frame("locations"),
        units=edition.frame("units"),
        boundaries=edition.frame("boundaries"),
        submissions=Submissions.empty_frame(),
        findings=Findings.empty_frame(),
        changes=Changes.empty_frame(),
    )
