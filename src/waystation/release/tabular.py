"""Flat files: csv that a spreadsheet program can open safely, and Parquet."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

import polars as pl

TEXT = (pl.String, pl.Enum, pl.Categorical)
# A spreadsheet program runs a cell that begins with one of these as a formula.
STARTS_A_FORMULA = r"^[=+\-@\t\r\n]"


def escaped(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with text that a spreadsheet program would run led by an apostrophe.

    Numbers, dates and claims are untouched: only text columns can carry an instruction. Empty
    text becomes null, since csv cannot tell the two apart.

    Source:
        OWASP, CSV Injection.
    """
    texts = [name for name, kind in frame.schema.items() if isinstance(kind, TEXT)]
    return frame.with_columns(
        pl.when(text.str.contains(STARTS_A_FORMULA))
        .then(pl.concat_str(pl.lit("'"), text))
        .when(text != "")
        .then(text)
        .alias(name)
        for name, text in ((name, pl.col(name).cast(pl.String)) for name in texts)
    )


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with lists as text, their items parted by `` | ``."""
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    return frame.with_columns(
        pl.col(name).cast(pl.List(pl.String)).list.join(" | ", ignore_nulls=True)
        for name in lists
    )


def write_csv(frame: pl.DataFrame, path: Path, *, tags: Sequence[str] = ()) -> Path:
    """Write a table as csv: UTF-8 with a byte-order mark, so that Excel reads every script.

    Args:
        frame: Any table; lists are joined, text that begins a formula is led by an apostrophe.
        path: The file, replaced if there.
        tags: HXL tags, one a column, written under the heading; none by default.

    Returns:
        The path.
    """
    ready = escaped(flat(frame))
    with path.open("wb") as stream:
        stream.write(codecs.BOM_UTF8)
        ready.clear().write_csv(stream)
        if tags:
            stream.write((",".join(tags) + "\n").encode())
        ready.write_csv(stream, include_header=False, float_scientific=False)
    return path


def write_parquet(frame: pl.DataFrame, path: Path) -> Path:
    """Write a table as Parquet, types kept; returns the path."""
    frame.write_parquet(path, statistics=True)
    return path
