"""A small world worked by hand, and made-up ones."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import strategies as st

AREAS = ["A", "B", "C"]
# Of those born in A 5 went to B and 5 to C; of those born in B 10 went from C to A.
START = np.array([[100.0, 10.0, 0.0], [20.0, 60.0, 20.0], [0.0, 0.0, 50.0]])
END = np.array([[90.0, 15.0, 5.0], [30.0, 60.0, 10.0], [0.0, 0.0, 50.0]])


def stocks(figures: np.ndarray, areas: list[str] = AREAS) -> pl.DataFrame:
    size = len(areas)
    return pl.DataFrame(
        {
            "birthplace": np.repeat(areas, size).tolist(),
            "residence": list(areas) * size,
            "persons": np.asarray(figures, dtype=float).ravel(),
        }
    )


def demography(births=(0, 0, 0), deaths=(0, 0, 0), areas: list[str] = AREAS) -> pl.DataFrame:
    return pl.DataFrame(
        {"area": areas, "births": births, "deaths": deaths},
        schema={"area": pl.String, "births": pl.Float64, "deaths": pl.Float64},
    )


def figures(flows: pl.DataFrame) -> dict[tuple[str, str], float]:
    return {(o, d): p for o, d, p in flows.select("origin", "destination", "persons").rows()}


@st.composite
def made_worlds(draw):
    """Return areas, stocks at both ends, births and deaths: every cell has someone."""
    size = draw(st.integers(2, 5))
    people = st.integers(1, 2_000)
    cells = st.lists(people, min_size=size * size, max_size=size * size)
    start, end = (np.array(draw(cells), dtype=float).reshape(size, size) for _ in range(2))
    for table in (start, end):
        table[np.diag_indices(size)] += 5_000
    few = st.lists(st.integers(0, 1_000), min_size=size, max_size=size)
    births, deaths = (np.array(draw(few), dtype=float) for _ in range(2))
    return [f"X{i}" for i in range(size)], start, end, births, deaths
