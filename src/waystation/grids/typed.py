"""Parquet files: typed columns stay typed, and are not loaded before they are needed."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from waystation.grids.grid import (
    SAMPLE_ROWS,
    Grid,
    nothing,
    plain_names,
    require_columns,
    unreadable,
)


def read_parquet(path: Path) -> list[Grid]:
    """Return the one table of a Parquet file: its names and first rows as cells, and its frame.

    Raises:
        UnreadableFile: If it is damaged.
        InputTooLarge: If it has more columns than the limit.
        NothingToRead: If it has no row.
    """
    try:
        frame = pl.scan_parquet(path)
        names = frame.collect_schema().names()
        require_columns(len(names), path)
        sample = frame.head(SAMPLE_ROWS).collect()
    except pl.exceptions.PolarsError as error:
        raise unreadable(
            path, "it is damaged or not a Parquet file", "Write it again, or save it as csv"
        ) from error
    if not sample.height:
        raise nothing(path, "it holds no rows", "Check that the right file was saved")
    heading = pl.DataFrame([names], schema=[f"c{i}" for i in range(len(names))], orient="row")
    cells = pl.concat([heading, plain_names(as_text(sample))])
    return [Grid(path.name, None, cells, frame=frame)]


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return every column as text: whole floats without ".0", empty text as null."""
    return frame.select(_text(frame[name]).alias(name) for name in frame.columns)


def _text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return column.replace("", None) if (column == "").any() else column
    if column.dtype.is_float():
        return column.cast(pl.String).str.replace(r"\.0$", "")
    if column.dtype.is_nested():
        texts = [None if value is None else str(value) for value in column.to_list()]
        return pl.Series(column.name, texts, dtype=pl.String)
    if column.dtype == pl.Binary:
        return pl.Series(column.name, [None] * len(column), dtype=pl.String)
    return column.cast(pl.String)
