"""Read stocks, demography and seeds from files: long tables, or wide matrices of stocks."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from waystation.errors import (
    NotFound,
    UncertainMapping,
    UnusableInput,
)
from waystation.grids import Grid, read_grids
from waystation.grids.gzipped import unpack_gzip

_STOCKS = ("birthplace", "residence", "persons")
_DEMOGRAPHY = ("area", "births", "deaths")
_SEED = ("origin", "destination", "weight")
_FLOWS = ("origin", "destination", "persons")
_SUMS = {"Sum", "sum", "SUM", "Total", "total", "TOTAL", "All", "all"}
_MOST_BYTES = 500 * 2**20


def read_stocks(path: Path) -> pl.DataFrame:
    """Return the stocks of a file: columns birthplace, residence, persons.

    ``NA`` stays Namibia. What is not there is not made up: an empty cell is refused, and a
    pair without a row stays without one.

    Args:
        path: csv, csv.gz, Parquet, a workbook (its first sheet) or JSON; long, with those
            three columns among others; or wide: places of birth in the first column, of
            residence in the first row.

    Raises:
        NotFound: If there is no such file.
        UnusableInput: If it cannot be read, is neither long nor wide, or a cell is no number;
            the cell is named.
    """
    table = _table(path)
    if _has(table, _STOCKS):
        return _long(table, path, _STOCKS)
    return _wide(table, path, _STOCKS)


def read_demography(path: Path) -> pl.DataFrame:
    """Return births and deaths of a file: columns area, births, deaths.

    Args:
        path: As for `read_stocks`, long only; the column of areas may be without a name.

    Raises:
        NotFound: If there is no such file.
        UnusableInput: If it cannot be read, lacks a column, or a cell is no number.
    """
    table = _table(path)
    if _has(table, _DEMOGRAPHY[1:]) and not _has(table, _DEMOGRAPHY[:1]):
        unnamed = [name for name in table.columns if name.startswith("\0")]
        if unnamed:
            table = table.rename({unnamed[0]: "area"})
    if not _has(table, _DEMOGRAPHY):
        raise _unclear(path, _DEMOGRAPHY, table)
    return _long(table, path, _DEMOGRAPHY, texts=1)


def read_seed(path: Path) -> pl.DataFrame:
    """Return the weights of a file: columns origin, destination, weight.

    Args:
        path: As for `read_stocks`; wide: origins in the first column, destinations in the
            first row.

    Raises:
        NotFound: If there is no such file.
        UnusableInput: If it cannot be read, is neither long nor wide, or a cell is no number.
    """
    table = _table(path)
    if _has(table, _SEED):
        return _long(table, path, _SEED)
    return _wide(table, path, _SEED)


def read_flows(path: Path) -> pl.DataFrame:
    """Return flows of a file, estimated or reported: columns origin, destination, persons.

    Args:
        path: As for `read_stocks`; wide: origins in the first column, destinations in the
            first row. A long table of reported flows may leave an origin or a destination
            empty, which means all areas together.

    Raises:
        NotFound: If there is no such file.
        UnusableInput: If it cannot be read, is neither long nor wide, or a cell is no number.
    """
    table = _table(path)
    if _has(table, _FLOWS):
        return _long(table, path, _FLOWS)
    return _wide(table, path, _FLOWS)


def _table(path: Path) -> pl.DataFrame:
    """Return the first sheet under the names of its first row, cells as text or typed."""
    grid = _unpacked(path) if path.name.lower().endswith(".gz") else read_grids(path)[0]
    if grid.frame is not None:
        return grid.frame.collect()
    first = grid.cells.row(0)
    # A heading that is empty, or stands twice, keeps its column under a name nobody writes.
    names: list[str] = []
    for place, heading in enumerate(first):
        name = (heading or "").strip()
        names.append(name if name and name not in names else f"\0{place} {name}")
    table = grid.cells.slice(1)
    table.columns = names
    return table.filter(~pl.all_horizontal(pl.all().is_null()))


def _unpacked(path: Path) -> Grid:
    if not path.is_file():
        raise NotFound(what="file", name=str(path))
    with tempfile.TemporaryDirectory(prefix="waystation-") as folder:
        inside = Path(folder) / path.name[: -len(".gz")]
        unpack_gzip(path, inside, most=_MOST_BYTES)
        return read_grids(inside)[0]


def _has(table: pl.DataFrame, names: tuple[str, ...]) -> bool:
    return set(names) <= {column.strip().lower() for column in table.columns}


def _long(
    table: pl.DataFrame, path: Path, names: tuple[str, ...], *, texts: int = 2
) -> pl.DataFrame:
    by_name = {column.strip().lower(): column for column in reversed(table.columns)}
    chosen = table.select(pl.col(by_name[name]).alias(name) for name in names)
    codes = [pl.col(name).cast(pl.String).str.strip_chars() for name in names[:texts]]
    return chosen.select(
        *codes, *(_figures(chosen[name], path, name) for name in names[texts:])
    )


def _wide(table: pl.DataFrame, path: Path, names: tuple[str, ...]) -> pl.DataFrame:
    row_names = table.to_series(0).cast(pl.String).str.strip_chars()
    columns = [name.strip() for name in table.columns[1:]]
    known = set(row_names.drop_nulls())
    if not columns or table.height == 0 or not known & set(columns):
        raise _unclear(path, names, table)
    if row_names.null_count() or any(name.startswith("\0") for name in columns):
        raise UnusableInput(
            file=path.name,
            reason="a row or a column of the matrix has no name, or one that stands twice",
            action="Name every area once in the first row and once in the first column",
        )
    sums = sorted(known & set(columns) & _SUMS)
    if sums:
        raise UnusableInput(
            file=path.name,
            reason=f"the matrix has sums beside the areas ({', '.join(sums)})",
            action="Take their row and column out",
        )
    figures = [_figures(table[name], path, name) for name in table.columns[1:]]
    wide = pl.DataFrame([row_names.alias(names[0])]).with_columns(
        figure.alias(name) for figure, name in zip(figures, columns, strict=True)
    )
    return wide.unpivot(on=columns, index=names[0], variable_name=names[1], value_name=names[2])


def _figures(column: pl.Series, path: Path, name: str) -> pl.Series:
    """Return a column as numbers; raise for the first cell that is none."""
    figures = column
    if column.dtype == pl.String:
        figures = column.str.strip_chars().cast(pl.Float64, strict=False)
    elif column.dtype.is_numeric():
        figures = column.cast(pl.Float64)
    else:
        figures = pl.Series(column.name, [None] * len(column), dtype=pl.Float64)
    wrong = (figures.is_null() | ~figures.is_finite().fill_null(False)).arg_true()
    if len(wrong):
        place = int(wrong[0])
        cell = column[place]
        said = "is empty" if cell is None else f"holds {cell!r}, which is no number"
        more = f" ({len(wrong)} such cells)" if len(wrong) > 1 else ""
        raise UnusableInput(
            file=path.name,
            reason=f"column {name.strip()}, row {place + 2} {said}{more}",
            action="Write the figure, 0 for nobody, without separators of thousands",
        )
    return figures.alias(name)


def _unclear(path: Path, names: tuple[str, ...], table: pl.DataFrame) -> UncertainMapping:
    shown = ", ".join(name.lstrip("\0") or "(no name)" for name in table.columns[:6])
    matrix = ", or give a matrix with areas in the first row and column"
    return UncertainMapping(
        file=path.name,
        reason=f"its columns are {shown}",
        action=f"Name them {', '.join(names)}{'' if names == _DEMOGRAPHY else matrix}",
    )
