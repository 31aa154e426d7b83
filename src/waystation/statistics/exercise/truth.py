"""What is true in the exercise, as tables, and reading it back to hold estimates against it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from waystation.errors import InvalidChoice, NotFound
from waystation.statistics.exercise.history import History, Moves, moment_of, start_of
from waystation.statistics.exercise.world import FIRST_YEAR, HALVES, LAST_YEAR, World
from waystation.statistics.tables import BirthplaceStocks, Demography, Flows, Sex
from waystation.tables import Table, number, text

PERIODS = tuple(range(FIRST_YEAR, LAST_YEAR, 5))
PERIOD_YEARS = 5
_SEXES = (Sex.MALE, Sex.FEMALE)


class PublishedDefect(Table):
    """One difference between what a file of the exercise says and what is true."""

    file = text("Name of the file.", nullable=False)
    kind = text("What kind of defect it is, e.g. undercount.", nullable=False)
    place = text("Where it stands: area, pair of areas, row.", nullable=False)
    period = text("Year or years; null where it holds for all.")
    truth = number("What is true, where one figure says it.")
    published = text("What the file says, where one figure says it.")
    meaning = text("What it is, in a sentence.", nullable=False)


class TrueFlows(Table):
    """Moves between two areas from 1 July to 1 July five years later, of one sex or both.

    Every move counts, also the second of one person; ``outward`` of people born at the origin,
    ``back`` of those born at the destination, ``transit`` of all others add up to ``persons``.
    """

    period = text("Period as SDMX writes it, e.g. 1990-07-01/P5Y.", nullable=False)
    origin = text("Area left.", nullable=False)
    destination = text("Area moved to.", nullable=False)
    sex = dy.Enum([s.value for s in Sex], description="both, male, female.")
    persons = number("Moves.", unit="persons", nullable=False, min=0)
    outward = number("By people born at the origin.", unit="persons", nullable=False, min=0)
    back = number("By people born at the destination.", unit="persons", nullable=False, min=0)
    transit = number("By people born elsewhere.", unit="persons", nullable=False, min=0)


@dataclass(frozen=True, slots=True)
class Truth:
    """The folder ``truth`` of an exercise.

    Attributes:
        folder: Where it is.
    """

    folder: Path

    def stocks(self, year: int, sex: str = "both") -> pl.DataFrame:
        """Return people by birthplace and residence on 1 July; shape ``BirthplaceStocks``.

        Raises:
            NotFound: If there is no truth in the folder.
            InvalidChoice: If the year or the sex is none of the exercise's.
        """
        _require_year(year)
        when = dt.date(year, 7, 1)
        rows = self._table("stocks").filter(pl.col("moment") == when)
        codes = rows["birthplace"].unique().sort()
        pairs = pl.DataFrame({"birthplace": codes}).join(
            pl.DataFrame({"residence": codes}), how="cross"
        )
        found = rows.select("birthplace", "residence", persons=_of_sex(sex))
        whole = pairs.join(found, on=["birthplace", "residence"], how="left")
        return BirthplaceStocks.require(
            whole.with_columns(pl.col("persons").fill_null(0)).sort("birthplace", "residence")
        )

    def demography(self, start: int, end: int, sex: str = "both") -> pl.DataFrame:
        """Return births and deaths from 1 July to 1 July; shape ``Demography``.

        Raises:
            NotFound: If there is no truth in the folder.
            InvalidChoice: If a year or the sex is none of the exercise's.
        """
        sums = []
        for name, area in (("births", "area"), ("deaths", "residence")):
            rows = self._between(name, start, end)
            sums.append(
                rows.group_by(pl.col(area).alias("area")).agg(_of_sex(sex).sum().alias(name))
            )
        whole = sums[0].join(sums[1], on="area", how="full", coalesce=True).fill_null(0)
        return Demography.require(whole.sort("area"))

    def flows(self, start: int, end: int, sex: str = "both") -> pl.DataFrame:
        """Return all moves from 1 July to 1 July; shape ``Flows``, pairs without any left out.

        Raises:
            NotFound: If there is no truth in the folder.
            InvalidChoice: If a year or the sex is none of the exercise's.
        """
        rows = self._between("moves", start, end)
        flows = rows.group_by("origin", "destination").agg(persons=_of_sex(sex).sum())
        kept = flows.filter(pl.col("persons") > 0).sort("origin", "destination")
        return Flows.require(kept)

    def defects(self) -> pl.DataFrame:
        """Return how the published files differ from the truth; shape ``PublishedDefect``."""
        path = self.folder / "defects.csv"
        if not path.is_file():
            raise NotFound(what="file", name=str(path))
        return PublishedDefect.require(pl.read_csv(path, schema_overrides={
            "published": pl.String, "period": pl.String, "truth": pl.Float64,
        }))  # fmt: skip

    def _between(self, name: str, start: int, end: int) -> pl.DataFrame:
        _require_year(start)
        _require_year(end)
        if end <= start:
            raise InvalidChoice(value=end, option="end", choices=f"after {start}")
        first, last = dt.date(start, 7, 1), dt.date(end, 1, 1)
        return self._table(name).filter(pl.col("start").is_between(first, last))

    def _table(self, name: str) -> pl.DataFrame:
        path = self.folder / f"{name}.parquet"
        if not path.is_file():
            raise NotFound(what="file", name=str(path))
        return pl.read_parquet(path)


def _require_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidChoice(value=year, option="year", choices=f"{FIRST_YEAR} to {LAST_YEAR}")


def _of_sex(sex: str) -> pl.Expr:
    if sex not in set(Sex):
        raise InvalidChoice(value=sex, option="sex", choices=", ".join(Sex))
    return pl.col("male") + pl.col("female") if sex == Sex.BOTH else pl.col(sex)


def write_truth(world: World, history: History, folder: Path) -> None:
    """Write stocks, births, deaths, moves and five-year flows as Parquet, crises as csv."""
    folder.mkdir(parents=True, exist_ok=True)
    codes = pl.Series([a.iso3 for a in world.areas], dtype=pl.String)
    tables = {
        "stocks": _stocks(history, codes),
        "births": _births(history, codes),
        "deaths": _deaths(history, codes),
        "moves": _moves(history, codes),
        "flows": true_flows(history, codes),
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet", compression_level=3)
    _crises(world).write_csv(folder / "crises.csv")


def _coded(codes: pl.Series, positions: np.ndarray) -> pl.Series:
    return codes.gather(positions.astype(np.uint32))


def _days(numbers: np.ndarray) -> pl.Series:
    days = pl.Series([start_of(i) for i in range(HALVES + 1)], dtype=pl.Date)
    return days.gather(numbers.astype(np.uint32))


def _stocks(history: History, codes: pl.Series) -> pl.DataFrame:
    moment, k, i = np.nonzero(history.stocks.sum(axis=3))
    persons, fled = history.stocks[moment, k, i], history.refugees[moment, k, i]
    return pl.DataFrame({
        "moment": _days(moment), "birthplace": _coded(codes, k), "residence": _coded(codes, i),
        "male": persons[:, 0], "female": persons[:, 1],
        "refugees_male": fled[:, 0], "refugees_female": fled[:, 1],
    })  # fmt: skip


def _births(history: History, codes: pl.Series) -> pl.DataFrame:
    half, area = np.nonzero(history.births.sum(axis=2))
    persons = history.births[half, area]
    return pl.DataFrame({"start": _days(half), "area": _coded(codes, area),
                         "male": persons[:, 0], "female": persons[:, 1]})  # fmt: skip


def _deaths(history: History, codes: pl.Series) -> pl.DataFrame:
    half, k, i = np.nonzero(history.deaths.sum(axis=3))
    persons = history.deaths[half, k, i]
    return pl.DataFrame({
        "start": _days(half), "birthplace": _coded(codes, k), "residence": _coded(codes, i),
        "male": persons[:, 0], "female": persons[:, 1],
    })  # fmt: skip


def _moves(history: History, codes: pl.Series) -> pl.DataFrame:
    moves = history.moves
    half = np.repeat(np.arange(HALVES), [len(m.origin) for m in moves])
    persons = np.concatenate([m.persons for m in moves])
    return pl.DataFrame({
        "start": _days(half),
        "birthplace": _coded(codes, np.concatenate([m.birthplace for m in moves])),
        "origin": _coded(codes, np.concatenate([m.origin for m in moves])),
        "destination": _coded(codes, np.concatenate([m.destination for m in moves])),
        "male": persons[:, 0], "female": persons[:, 1],
    })  # fmt: skip


def moves_between(history: History, first: int, last: int, areas: int) -> np.ndarray:
    """Return moves from one half-year to another, both included, by kind and pair.

    Returns:
        Whole numbers, (outward, back and transit, origins, destinations, sexes).
    """
    total = np.zeros((3, areas, areas, 2), dtype=np.int64)
    for moves in history.moves[first : last + 1]:
        np.add.at(total, (_kinds(moves), moves.origin, moves.destination), moves.persons)
    return total


def _kinds(moves: Moves) -> np.ndarray:
    is_back = moves.birthplace == moves.destination
    return np.where(moves.birthplace == moves.origin, 0, np.where(is_back, 1, 2))


def true_flows(history: History, codes: pl.Series) -> pl.DataFrame:
    """Return the flows of each five years from 1 July 1990 on; shape ``TrueFlows``."""
    parts = []
    for year in PERIODS:
        first = moment_of(year)
        found = moves_between(history, first, first + 2 * PERIOD_YEARS - 1, len(codes))
        i, j = np.nonzero(found.sum(axis=(0, 3)))
        for sex in Sex:
            cells = found[:, i, j]
            counts = cells.sum(axis=2) if sex == Sex.BOTH else cells[..., _SEXES.index(sex)]
            parts.append(_of_period(year, sex, _coded(codes, i), _coded(codes, j), counts))
    return TrueFlows.require(pl.concat(parts).filter(pl.col("persons") > 0))


def _of_period(
    year: int, sex: Sex, origin: pl.Series, destination: pl.Series, counts: np.ndarray
) -> pl.DataFrame:
    columns: dict[str, Any] = {
        "period": pl.Series([f"{year}-07-01/P{PERIOD_YEARS}Y"]).new_from_index(0, len(origin)),
        "origin": origin,
        "destination": destination,
        "sex": pl.Series([sex.value]).new_from_index(0, len(origin)),
        "persons": counts.sum(axis=0),
        "outward": counts[0],
        "back": counts[1],
        "transit": counts[2],
    }
    return pl.DataFrame(columns)


def _crises(world: World) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "kind": c.kind,
                "area": world.areas[c.area].iso3,
                "start": start_of(c.first),
                "end": start_of(c.last + 1),
                "flight": c.flight,
                "displaced": c.displaced,
                "mortality": c.mortality,
            }
            for c in world.crises
        ]
    )
