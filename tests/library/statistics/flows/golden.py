"""Reads what another program, the R package migest 2.0.5, computed for the same inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

GOLDEN = Path(__file__).resolve().parents[5] / "shared" / "data" / "stats" / "golden"


def cases(method: str) -> list[Path]:
    """Return the folders of a method's cases, so that none is forgotten; none where absent."""
    return sorted(GOLDEN.joinpath(method).glob("*"))


def matrix(path: Path) -> tuple[list[str], np.ndarray]:
    """Return the names of rows and the figures; columns of sums left out."""
    frame = pl.read_csv(path, infer_schema_length=None, null_values=[])
    names = [str(name) for name in frame.to_series(0)]
    columns = [c for c in frame.columns[1:] if not c.startswith("Sum")]
    rows = [i for i, name in enumerate(names) if not name.startswith("Sum")]
    return [names[i] for i in rows], frame.select(columns).to_numpy().astype(float)[rows]


def vector(path: Path) -> np.ndarray:
    """Return the figures of a file of names and values."""
    return pl.read_csv(path, infer_schema_length=None)["value"].to_numpy().astype(float)


def long(path: Path) -> pl.DataFrame:
    """Return an array of origin, destination, birthplace, value."""
    frame = pl.read_csv(path, infer_schema_length=None, null_values=[])
    return frame.rename({frame.columns[2]: "pob"}).cast({"value": pl.Float64})


def stocks(path: Path) -> pl.DataFrame:
    """Return a matrix of stocks as a table."""
    names, figures = matrix(path)
    n = len(names)
    return pl.DataFrame(
        {
            "birthplace": np.repeat(names, n).tolist(),
            "residence": names * n,
            "persons": figures.ravel(),
        }
    )


def square(table: pl.DataFrame, names: list[str]) -> np.ndarray:
    """Return flows as n x n by origin and destination, 0 on the diagonal."""
    place = {name: i for i, name in enumerate(names)}
    figures = np.zeros((len(names), len(names)))
    for row in table.iter_rows(named=True):
        figures[place[row["origin"]], place[row["destination"]]] += row["persons"]
    return figures
