"""SDMX-CSV 1.0 and 2.0. Where there is no figure, 1.0 has an empty field and 2.0 has NaN.

Source:
    SDMX-CSV field guides 1.0 (``DATAFLOW`` first) and 2.0.0 (``STRUCTURE``, ``STRUCTURE_ID``,
    ``ACTION`` first).
"""

from __future__ import annotations

import polars as pl

from waystation.release.sdmx.data import CSV_COLUMNS, DataMessage
from waystation.release.sdmx.figures import DIMENSIONS, MEASURE, TIME, plain_number


def version_1(message: DataMessage) -> bytes:
    """Return figures as SDMX-CSV 1.0."""
    return _written(message, {"DATAFLOW": message.flow.reference}, "")


def version_2(message: DataMessage) -> bytes:
    """Return figures as SDMX-CSV 2.0."""
    first = {"STRUCTURE": "dataflow", "STRUCTURE_ID": message.flow.reference, "ACTION": "I"}
    return _written(message, first, "NaN")


def _written(message: DataMessage, first: dict[str, str], nothing: str) -> bytes:
    rows = message.rows
    kept = [n for n in DIMENSIONS if message.has_observations or n != TIME]
    if not message.has_observations:
        rows = rows.unique(kept, maintain_order=True)
    columns = [pl.lit(value).alias(name) for name, value in first.items()]
    for name in CSV_COLUMNS:
        if name in kept:
            columns.append(pl.col(name))
        elif name == MEASURE and message.has_observations:
            value = plain_number()
            columns.append((value.fill_null(nothing) if nothing else value).alias(name))
        elif name in message.attributes:
            columns.append(pl.col(name))
        else:
            columns.append(pl.lit(None, pl.String).alias(name))
    return rows.select(columns).write_csv().encode()
