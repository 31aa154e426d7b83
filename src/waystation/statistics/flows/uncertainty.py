"""How far flows may be off: by errors of what goes in, and by the choice of a method."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from waystation.errors import InvalidChoice, InvalidTable
from waystation.statistics.flows.accounting import prepared_world
from waystation.statistics.flows.arrays import Array
from waystation.statistics.flows.choices import PUBLISHED_CHOICES, Choices, Method, Totals
from waystation.statistics.flows.closed_forms import (
    fewest_moves,
    flows_from_moves,
    independent_moves,
)
from waystation.statistics.flows.errors_of_inputs import InputErrors, drawn_world
from waystation.statistics.flows.estimate import (
    Estimator,
    estimated_parts,
    required_choices,
    required_method,
)
from waystation.statistics.flows.matrices import World
from waystation.statistics.flows.tables import FlowSeries
from waystation.statistics.flows.warm_starts import NearEqualiser
from waystation.tables import Table, number, text, whole

_OPEN = (Method.DA_MIN_OPEN, Method.DA_INDEP_OPEN, Method.DA_PB_OPEN)
_CLOSED = (Method.DA_MIN_CLOSED, Method.DA_INDEP_CLOSED, Method.DA_PB_CLOSED)
_BLOCK = 4096


class FlowIntervals(Table):
    """Flows with an interval for each, from errors of what the estimate was made of."""

    origin = text("Area left.", nullable=False, primary_key=True)
    destination = text("Area moved to.", nullable=False, primary_key=True)
    persons = number("The estimate from figures as given.", unit="persons", nullable=False)
    median = number("Median of the draws.", unit="persons", nullable=False)
    standard_error = number(
        "Standard deviation of the draws.", unit="persons", nullable=False, min=0
    )
    low = number("Lower end of the interval.", unit="persons", nullable=False)
    high = number("Upper end of the interval.", unit="persons", nullable=False)


class AreaIntervals(Table):
    """Sums of flows of each area, and of all, with an interval for each."""

    area = text("Area; null for all together.")
    measure = dy.Enum(
        ["out_migration", "in_migration", "net_migration"], description="Which sum."
    )
    persons = number("The estimate from figures as given.", unit="persons", nullable=False)
    low = number("Lower end of the interval.", unit="persons", nullable=False)
    high = number("Upper end of the interval.", unit="persons", nullable=False)


class MethodSpread(Table):
    """What several methods say of the same flow."""

    sex = dy.Enum(["both", "male", "female"], primary_key=True, description="Whom it counts.")
    period = text("The period.", nullable=False, primary_key=True)
    origin = text("Area left.", nullable=False, primary_key=True)
    destination = text("Area moved to.", nullable=False, primary_key=True)
    methods = whole("Methods that give a figure.", nullable=False)
    low = number("Least of them.", unit="persons", nullable=False)
    median = number("Middle of them.", unit="persons", nullable=False)
    high = number("Most of them.", unit="persons", nullable=False)
    lowest = text("Method that gives the least.", nullable=False)
    highest = text("Method that gives the most.", nullable=False)


@dataclass(frozen=True, slots=True)
class FlowUncertainty:
    """Intervals of flows, and how they were drawn.

    Attributes:
        method: How flows were estimated.
        corridors: Shape ``FlowIntervals``, every pair, sorted.
        areas: Shape ``AreaIntervals``; the first row is of all flows together.
        draws: Worlds drawn.
        level: Share of draws within each interval.
        seed: With the same seed, inputs and number of draws, figures are the same.
    """

    method: Method
    corridors: pl.DataFrame
    areas: pl.DataFrame
    draws: int
    level: float
    seed: int


@dataclass(frozen=True, slots=True)
class _Task:
    """What one process needs to draw some of the worlds."""

    world: World
    errors: InputErrors
    method: Method
    choices: Choices
    seed: int
    draws: int
    path: Path


def flow_intervals(
    world: World,
    errors: InputErrors,
    *,
    method: Method | str = Method.DA_PB_CLOSED,
    choices: Choices = PUBLISHED_CHOICES,
    draws: int = 1000,
    level: float = 0.9,
    seed: int = 1,
    processes: int = 1,
) -> FlowUncertainty:
    """Return intervals of flows, by drawing worlds within the errors of their figures.

    They speak of errors of stocks, births and deaths alone: populations are taken as given,
    and the model as right. `spread_between_methods` speaks of the model. An interval need not
    hold the estimate: a method that counts falls of a stock as moves turns any error into
    moves, so that flows from drawn stocks tend to be larger than those from stocks as given.

    Args:
        world: Stocks at both ends, births and deaths; see ``world_from_tables``.
        errors: Relative standard errors; see ``errors_by_area``.
        method: One of demographic accounting, or by stock differences or rates.
        choices: Of demographic accounting.
        draws: Worlds to draw, at least 20.
        level: Share of draws within an interval; ends are quantiles.
        seed: Any whole number. Each draw has random numbers of its own, so that the number
            of processes does not change a figure.
        processes: How many to share the draws among.

    Returns:
        Intervals of each corridor, each area and the whole. Draws lie in a temporary file
        (4 bytes a corridor and draw), so that memory stays bounded.

    Raises:
        InvalidChoice: If the method, weight, level or number of draws cannot be.
        InvalidTable: If the errors are not of the world's size.

    Source:
        Errors as lognormal factors and the simulation are ours; Azose and Raftery (2019),
        PNAS 116, for the estimate.
    """
    method = required_method(method)
    choices = required_choices(choices)
    if draws < 20:
        raise InvalidChoice(value=draws, option="number of draws", choices="20 or more")
    if not 0 < level < 1:
        raise InvalidChoice(value=level, option="level", choices="above 0, below 1")
    size = len(world.areas)
    if errors.stocks.shape != (size, size) or {errors.births.size, errors.deaths.size} != {
        size
    }:
        raise InvalidTable(table="errors", reason=f"they are not of {size} areas")
    estimate = _flows(Estimator(world, choices), method)
    # Draws go on to the very answer; the estimate ends where the choice says.
    fast = replace(choices, stop=0.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draws.f32"
        _open(path, draws, size, mode="w+")
        task = _Task(world, errors, method, fast, seed, draws, path)
        _run(task, processes)
        kept = _open(path, draws, size, mode="r")
        corridors = _corridors(world.areas, estimate, kept, level)
        areas = _areas(world.areas, estimate, kept, level)
        del kept
    return FlowUncertainty(method, corridors, areas, draws, level, seed)


def spread_between_methods(flows: pl.DataFrame) -> pl.DataFrame:
    """Return the least, middle and most that methods say of each flow.

    Args:
        flows: Shape ``FlowSeries``, such as ``estimate_all`` returns; at least two methods.

    Returns:
        Shape ``MethodSpread``, sorted by period, sex and pair. A pair that a method does not
        have counts as not said, not as 0.

    Raises:
        InvalidTable: If the table does not keep its schema, or has one method only.
    """
    series = FlowSeries.require(flows)
    if series["method"].n_unique() < 2:
        raise InvalidTable(table="flows", reason="a spread needs at least two methods")
    keys = ["period", "sex", "origin", "destination"]
    method = pl.col("method").cast(pl.String)
    return (
        series.group_by(keys)
        .agg(
            methods=pl.len().cast(pl.Int64),
            low=pl.min("persons"),
            median=pl.median("persons"),
            high=pl.max("persons"),
            lowest=method.sort_by("persons", maintain_order=True).first(),
            highest=method.sort_by("persons", descending=True, maintain_order=True).first(),
        )
        .sort(keys)
        .select(MethodSpread.column_names())
    )


def _run(task: _Task, processes: int) -> None:
    if processes <= 1:
        _draw(task, range(task.draws))
        return
    context = multiprocessing.get_context("spawn")
    shares = [range(first, task.draws, processes) for first in range(processes)]
    with _one_thread_each(), ProcessPoolExecutor(processes, mp_context=context) as pool:
        list(pool.map(_draw, [task] * processes, shares))


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes begun here use one thread of algebra each, or they wait for each other."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    given = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in given.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _draw(task: _Task, numbers: range) -> None:
    """Write the flows of some draws; every draw has its own random numbers."""
    kept = _open(task.path, task.draws, len(task.world.areas), mode="r+")
    near = NearEqualiser()
    if task.method in _CLOSED:
        _accounted(task.world, task, near)  # the centre, from which all others begin
    for draw in numbers:
        generator = np.random.default_rng([task.seed, draw])
        world = drawn_world(task.world, task.errors, generator)
        if task.method in (*_OPEN, *_CLOSED):
            kept[draw] = _accounted(world, task, near).ravel()
        else:
            kept[draw] = Estimator(world, task.choices).other_flows(task.method).ravel()
    kept.flush()


def _accounted(world: World, task: _Task, near: NearEqualiser) -> Array:
    own = Totals.OPEN_DR if task.method in _OPEN else Totals.RESCALE
    totals = own if task.choices.totals is None else task.choices.totals
    stocks = prepared_world(world, task.choices, totals, equalise=near).equalised
    few, spread = estimated_parts(task.method, task.choices)
    flows = np.zeros_like(stocks.start)
    if few:
        flows += few * flows_from_moves(fewest_moves(stocks.start, stocks.end)).total
    if spread:
        flows += spread * flows_from_moves(independent_moves(stocks.start, stocks.end)).total
    return flows


def _flows(estimator: Estimator, method: Method) -> Array:
    if method in (*_OPEN, *_CLOSED):
        return estimator.flow_table(method).total
    return estimator.other_flows(method)


def _open(path: Path, draws: int, size: int, *, mode: Any) -> np.memmap[Any, Any]:
    return np.memmap(path, dtype=np.float32, mode=mode, shape=(draws, size * size))


def _corridors(
    areas: tuple[str, ...], estimate: Array, kept: np.memmap[Any, Any], level: float
) -> pl.DataFrame:
    size = len(areas)
    cells = np.flatnonzero(~np.eye(size, dtype=bool).ravel())
    ends = [(1 - level) / 2, 0.5, (1 + level) / 2]
    quantiles, deviation = np.empty((3, cells.size)), np.empty(cells.size)
    for first in range(0, cells.size, _BLOCK):
        block = slice(first, first + _BLOCK)
        low, high = cells[block][0], cells[block][-1] + 1
        figures = np.asarray(kept[:, low:high], dtype=np.float64)[:, cells[block] - low]
        quantiles[:, block] = np.quantile(figures, ends, axis=0)
        deviation[block] = figures.std(axis=0, ddof=1)
    names = pl.Series(areas, dtype=pl.String)
    return pl.DataFrame(
        {
            "origin": names.gather(cells // size),
            "destination": names.gather(cells % size),
            "persons": estimate.ravel()[cells],
            "median": quantiles[1],
            "standard_error": deviation,
            "low": quantiles[0],
            "high": quantiles[2],
        }
    )


def _areas(
    areas: tuple[str, ...], estimate: Array, kept: np.memmap[Any, Any], level: float
) -> pl.DataFrame:
    size = len(areas)
    sums = np.empty((len(kept), 2, size))
    for draw, row in enumerate(kept):
        flows = np.asarray(row, dtype=np.float64).reshape(size, size)
        sums[draw] = flows.sum(axis=1), flows.sum(axis=0)
    out, into = sums[:, 0], sums[:, 1]
    given = {
        "out_migration": (estimate.sum(axis=1), out),
        "in_migration": (estimate.sum(axis=0), into),
        "net_migration": (estimate.sum(axis=0) - estimate.sum(axis=1), into - out),
    }
    ends = [(1 - level) / 2, (1 + level) / 2]
    whole_low, whole_high = np.quantile(out.sum(axis=1), ends)
    kind = AreaIntervals.columns()["measure"].dtype
    schema: dict[str, Any] = {"area": pl.String, "measure": kind, "persons": pl.Float64}
    schema |= {"low": pl.Float64, "high": pl.Float64}
    tables = [
        pl.DataFrame(
            [(None, "out_migration", float(estimate.sum()), whole_low, whole_high)],
            schema=schema,
            orient="row",
        )
    ]
    for measure, (figures, drawn) in given.items():
        low, high = np.quantile(drawn, ends, axis=0)
        frame = pl.DataFrame({"area": areas, "persons": figures, "low": low, "high": high})
        tables.append(
            frame.select(
                "area", pl.lit(measure, dtype=kind).alias("measure"), "persons", "low", "high"
            )
        )
    return pl.concat(tables)
