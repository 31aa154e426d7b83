"""Tables of stocks, births and deaths as square arrays in one order of areas, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from waystation.errors import BrokenRules, CoverageMismatch, InvalidTable, MissingColumns
from waystation.statistics.flows.arrays import Array
from waystation.statistics.tables import BirthplaceStocks, Demography, Flows

_NAMED = 5


@dataclass(frozen=True, slots=True)
class World:
    """Stocks at both ends of a period, and births and deaths in it.

    Attributes:
        areas: Codes, sorted; the order of every array.
        start: n x n persons, rows places of birth, columns places of residence.
        end: n x n persons.
        births: n persons, by residence.
        deaths: n persons, by residence.
    """

    areas: tuple[str, ...]
    start: Array
    end: Array
    births: Array
    deaths: Array


def world_from_tables(
    start: pl.DataFrame, end: pl.DataFrame, demography: pl.DataFrame | None
) -> World:
    """Return three tables as arrays in one order of areas.

    Args:
        start: Shape ``BirthplaceStocks``; a negative figure only for native born.
        end: Shape ``BirthplaceStocks``.
        demography: Shape ``Demography``; None for methods that need none.

    Raises:
        MissingColumns: If a column is absent.
        BrokenRules: If a figure is null, not finite or negative, or a pair stands twice.
        CoverageMismatch: If the tables differ in areas, or a pair has no row.
        InvalidTable: If nobody lives anywhere.
    """
    first, last = _checked_stocks(start, "start"), _checked_stocks(end, "end")
    areas = tuple(sorted(set(first["birthplace"]) | set(first["residence"])))
    _require_same_areas(areas, first["birthplace"], "as a birthplace at the start")
    _require_same_areas(areas, first["residence"], "as a residence at the start")
    _require_same_areas(areas, last["birthplace"], "as a birthplace at the end")
    _require_same_areas(areas, last["residence"], "as a residence at the end")
    births, deaths = np.zeros(len(areas)), np.zeros(len(areas))
    if demography is not None:
        table = _checked_demography(demography)
        _require_same_areas(areas, table["area"], "in the demography")
        table = table.sort("area")
        births, deaths = table["births"].to_numpy(), table["deaths"].to_numpy()
    return World(
        areas,
        _square(first, areas, "birthplace", "residence", "start"),
        _square(last, areas, "birthplace", "residence", "end"),
        np.array(births, dtype=float),
        np.array(deaths, dtype=float),
    )


def seed_from_table(seed: pl.DataFrame, areas: tuple[str, ...]) -> Array:
    """Return a table of origin, destination, weight as n x n.

    Raises:
        MissingColumns: If a column is absent.
        BrokenRules: If a weight is null, negative or not finite, or a pair stands twice.
        CoverageMismatch: If a pair of the areas has no weight.
    """
    columns = ["origin", "destination", "weight"]
    frame = _with_columns(seed, columns, "seed").with_columns(pl.col("weight").cast(pl.Float64))
    _require_figures(frame, "seed", ["origin", "destination"], "weight")
    if float(pl.Series(frame["weight"]).min() or 0.0) < 0:  # type: ignore[arg-type]
        raise BrokenRules(table="seed", rules="a weight is negative")
    is_known = pl.col("origin").is_in(areas) & pl.col("destination").is_in(areas)
    return _square(frame.filter(is_known), areas, "origin", "destination", "seed", "weight")


def flows_from_array(areas: tuple[str, ...], flows: Array) -> pl.DataFrame:
    """Return an n x n array as a table without the diagonal; shape ``Flows``, sorted."""
    size = len(areas)
    names = pl.Series(areas, dtype=pl.String)
    origins, destinations = np.nonzero(~np.eye(size, dtype=bool))
    frame = pl.DataFrame(
        {
            "origin": names.gather(origins),
            "destination": names.gather(destinations),
            "persons": np.ascontiguousarray(flows[origins, destinations]),
        }
    )
    return frame.select(Flows.column_names())


def _checked_stocks(stocks: pl.DataFrame, moment: str) -> pl.DataFrame:
    name = f"stocks at the {moment}"
    keys = ["birthplace", "residence"]
    frame = _with_columns(stocks, [*keys, "persons"], name)
    _require_figures(frame, name, keys, "persons")
    frame = BirthplaceStocks.require(frame).select(*keys, "persons")
    below = frame.filter((pl.col("persons") < 0) & (pl.col(keys[0]) != pl.col(keys[1])))
    if below.height:
        raise BrokenRules(table=name, rules=f"foreign born are negative: {_pairs(below, keys)}")
    if not frame.height or frame["persons"].sum() <= 0:
        raise InvalidTable(table=name, reason="nobody lives anywhere in it")
    return frame


def _checked_demography(demography: pl.DataFrame) -> pl.DataFrame:
    frame = _with_columns(demography, ["area", "births", "deaths"], "demography")
    for column in ("births", "deaths"):
        _require_figures(frame, "demography", ["area"], column)
        below = frame.filter(pl.col(column).cast(pl.Float64) < 0)
        if below.height:
            raise BrokenRules(
                table="demography", rules=f"{column} are negative: {_pairs(below, ['area'])}"
            )
    return Demography.require(frame).select("area", "births", "deaths")


def _with_columns(frame: pl.DataFrame, columns: list[str], table: str) -> pl.DataFrame:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise MissingColumns(table=table, columns=", ".join(missing))
    return frame.select(columns)


def _require_figures(frame: pl.DataFrame, table: str, keys: list[str], column: str) -> None:
    """Raise where a key or a figure is null or not finite, or a key stands twice."""
    if not frame[column].dtype.is_numeric():
        raise InvalidTable(table=table, reason=f"{column} is no number")
    figure = pl.col(column).cast(pl.Float64)
    unknown = frame.filter(
        pl.any_horizontal(pl.col(keys).is_null()) | ~figure.is_finite().fill_null(False)
    )
    if unknown.height:
        raise BrokenRules(
            table=table, rules=f"{column} is not a known figure: {_pairs(unknown, keys)}"
        )
    twice = frame.filter(frame.select(keys).is_duplicated())
    if twice.height:
        raise BrokenRules(
            table=table, rules=f"stands more than once: {_pairs(twice.unique(keys), keys)}"
        )


def _require_same_areas(areas: tuple[str, ...], column: pl.Series, where: str) -> None:
    present = set(column)
    absent = [area for area in areas if area not in present]
    known = set(areas)
    extra = sorted(str(area) for area in present if area not in known)
    if absent:
        raise CoverageMismatch(what="areas", missing=f"{_some(absent)} absent {where}")
    if extra:
        raise CoverageMismatch(
            what="areas", missing=f"{_some(extra)} {where} only, and not in the stocks"
        )


def _square(
    frame: pl.DataFrame,
    areas: tuple[str, ...],
    row: str,
    column: str,
    table: str,
    figure: str = "persons",
) -> Array:
    size = len(areas)
    order = pl.DataFrame({"area": areas}, schema={"area": pl.String}).with_row_index("place")
    places = (
        frame.join(order, left_on=row, right_on="area")
        .rename({"place": "_row"})
        .join(order, left_on=column, right_on="area")
    )
    square = np.full((size, size), np.nan)
    square[places["_row"].to_numpy(), places["place"].to_numpy()] = places[figure].to_numpy()
    absent = np.argwhere(np.isnan(square))
    if len(absent):
        named = [f"{areas[i]} in {areas[j]}" for i, j in absent[: _NAMED + 1]]
        raise CoverageMismatch(what="pairs", missing=f"{_some(named)} absent in {table}")
    return square


def _pairs(frame: pl.DataFrame, keys: list[str]) -> str:
    shown = frame.select(keys).sort(keys).head(_NAMED + 1).rows()
    return _some([" in ".join(str(part) for part in row) for row in shown])


def _some(names: list[str]) -> str:
    more = ", and more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
