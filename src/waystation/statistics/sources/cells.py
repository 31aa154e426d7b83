"""Opening what producers publish, and telling figures from what stands in their place."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import polars as pl

from waystation.errors import NotFound
from waystation.findings import Finding, findings_table
from waystation.grids import Grid, read_grids
from waystation.grids.gzipped import unpack_gzip
from waystation.statistics.checks import CHECKS

NOT_THERE = ("..", "…", "...", "n.a.", "N/A", ":", "#N/A", "")
"""What producers write where there is no figure. ``NA`` is not one of them: it is Namibia."""

NIL = ("-", "–", "—")
"""What producers write for none; a long dash is less than half a unit (UN DESA, notes)."""

PROTECTED = "~"
"""What the United Nations write where a figure is withheld to protect people."""

_GROUPED = r"^[-+]?\d{1,3}(?:[ ,'’\u00a0\u202f]\d{3})+(?:\.\d+)?$"
_SIGNS = r"[ ,'’\u00a0\u202f]"
_SHOWN = 20
_MOST_UNPACKED = 1 << 30


def source_grids(path: Path) -> list[Grid]:
    """Return the sheets of a file, also of one compressed with gzip.

    Raises:
        NotFound: If there is no such file.
        UnusableInput: If it cannot be read; see `waystation.grids.read_grids`.
    """
    path = Path(path)
    if path.suffix.lower() != ".gz":
        return read_grids(path)
    if not path.is_file():
        raise NotFound(what="file", name=str(path))
    state = path.stat()
    return list(_unpacked(path, state.st_mtime_ns, state.st_size))


def forget_unpacked() -> None:
    """Let go of the unpacked files kept in memory; for measurements."""
    _unpacked.cache_clear()


def first_rows(path: Path, rows: int = 30) -> list[tuple[str | None, ...]]:
    """Return the first rows of the first sheet that is no contents sheet."""
    grids = [g for g in source_grids(path) if "content" not in (g.sheet or "").lower()]
    return grids[0].cells.head(rows).rows() if grids else []


def headed(grid: Grid, row: int = 0) -> pl.DataFrame:
    """Return the cells under a row of names, under those names; repeated ones get a number."""
    seen: dict[str, int] = {}
    names = []
    for position, cell in enumerate(grid.cells.row(row)):
        name = (cell or f"column {position + 1}").replace("\ufeff", "").strip()
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name] - 1}")
    frame = grid.cells.slice(row + 1)
    frame.columns = names
    return frame


def figures(texts: pl.Series, *, nil_is_zero: bool = True) -> pl.Series:
    """Return the numbers that texts are; null where there is none, or none is understood.

    Args:
        texts: Text cells; spaces around and signs that group thousands are passed over.
        nil_is_zero: Whether a dash means none (0) rather than not there.
    """
    numbers = _finite(texts.cast(pl.Float64, strict=False))
    if not (numbers.is_null() & texts.is_not_null()).any():
        return numbers
    bare = texts.str.strip_chars()
    grouped = pl.select(
        pl.when(bare.str.contains(_GROUPED))
        .then(bare.str.replace_all(_SIGNS, ""))
        .when(bare.is_in(NIL) & nil_is_zero)
        .then(pl.lit("0"))
        .otherwise(bare)
    ).to_series()
    return _finite(grouped.cast(pl.Float64, strict=False)).alias(texts.name)


def _finite(numbers: pl.Series) -> pl.Series:
    """Return numbers without those that only programs know: "nan" and "inf" are words."""
    odd = numbers.is_nan() | numbers.is_infinite()
    return numbers.set(odd, None) if odd.any() else numbers


def not_understood(texts: pl.Series, numbers: pl.Series) -> pl.Series:
    """Return, row by row, whether a text is neither a figure nor a sign for none."""
    is_sign = texts.str.strip_chars().is_in([*NOT_THERE, *NIL, PROTECTED])
    return (numbers.is_null() & texts.is_not_null() & ~is_sign).fill_null(value=False)


def cell_findings(
    texts: pl.Series, numbers: pl.Series, grid: Grid, *, first_row: int, column: str
) -> list[Finding]:
    """Return a finding for each cell that was not understood, with its place; at most 20."""
    rows = not_understood(texts, numbers).arg_true().to_list()
    return [
        finding(
            "STA-101",
            f"Row {first_row + row}, {column}: {texts[row]!r} is not a figure; it was left out",
            file=grid.file,
            sheet=grid.sheet,
            row=first_row + row,
            column=column,
            reported=texts[row],
        )
        for row in rows[:_SHOWN]
    ]


def finding(code: str, message: str, **where: object) -> Finding:
    """Return a finding of the catalogue; ``where`` are fields of `Finding`."""
    return Finding(code=code, severity=CHECKS[code].severity, message=message, **where)  # type: ignore[arg-type]


def no_findings() -> pl.DataFrame:
    """Return the table of findings without a row."""
    return findings_table([])


@lru_cache(maxsize=4)
def _unpacked(path: Path, _time: int, _size: int) -> tuple[Grid, ...]:
    with tempfile.TemporaryDirectory(prefix="waystation-") as folder:
        inner = Path(folder) / path.name.removesuffix(".gz")
        unpack_gzip(path, inner, most=_MOST_UNPACKED)
        return tuple(read_grids(inner))
