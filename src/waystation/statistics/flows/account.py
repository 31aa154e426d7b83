"""The whole account of a period: who stayed, moved, was born, died, came, left."""

from __future__ import annotations

import numpy as np
import polars as pl

from waystation.errors import InvalidChoice
from waystation.statistics.flows.accounting import Prepared
from waystation.statistics.flows.arrays import Array, Places
from waystation.statistics.flows.choices import PUBLISHED_CHOICES, Choices, Method
from waystation.statistics.flows.closed_forms import (
    fewest_moves,
    independent_moves,
    moves_by_birthplace,
)
from waystation.statistics.flows.estimate import (
    Estimator,
    estimated_parts,
    required_choices,
    required_method,
)
from waystation.statistics.flows.matrices import seed_from_table, world_from_tables
from waystation.statistics.flows.tables import AccountKind, FlowAccount


def account_of_flows(
    start: pl.DataFrame,
    end: pl.DataFrame,
    demography: pl.DataFrame,
    *,
    method: Method | str,
    choices: Choices = PUBLISHED_CHOICES,
    seed: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return where those born in each area were at both ends; shape ``FlowAccount``.

    Those who enter from outside have no origin and those who leave to outside no destination:
    the reverse of what another program prints. At 229 areas it has about 2 million rows.

    Args:
        start: Shape ``BirthplaceStocks``.
        end: Shape ``BirthplaceStocks``.
        demography: Shape ``Demography``.
        method: One of demographic accounting.
        choices: As for `estimate_flows`.
        seed: As for `estimate_flows`.

    Raises:
        InvalidChoice: If the method is no demographic accounting.
        InvalidTable: If a table is not valid.
    """
    method = required_method(method)
    if not method.value.startswith("da-"):
        known = ", ".join(m.value for m in Method if m.value.startswith("da-"))
        raise InvalidChoice(value=method.value, option="method of accounting", choices=known)
    world = world_from_tables(start, end, demography)
    weights = None if seed is None else seed_from_table(seed, world.areas)
    prepared = Estimator(world, choices, weights).prepared(method)
    names = pl.Series(world.areas, dtype=pl.String)
    choices = required_choices(choices)
    few, spread = estimated_parts(method, choices)
    frames = [
        _rows(names, place, _moved(prepared, place, few, spread, weights), prepared)
        for place in range(len(names))
    ]
    return pl.concat(frames).select(FlowAccount.column_names())


def _moved(
    prepared: Prepared, place: int, few: float, spread: float, seed: Array | None
) -> Array:
    stocks = prepared.equalised
    moved: Array = np.zeros_like(stocks.start)
    if few:
        moves = fewest_moves(stocks.start, stocks.end, seed)
        moved = moved + few * moves_by_birthplace(moves, place)
    if spread:
        moves = independent_moves(stocks.start, stocks.end, seed)
        moved = moved + spread * moves_by_birthplace(moves, place)
    return moved


def _rows(names: pl.Series, place: int, moved: Array, prepared: Prepared) -> pl.DataFrame:
    """Return the rows of those born in one area."""
    origins, destinations = np.nonzero(moved)
    persons = moved[origins, destinations]
    is_stay = origins == destinations
    stocks = prepared.equalised
    inside = [
        (AccountKind.STAY, origins[is_stay], destinations[is_stay], persons[is_stay]),
        (AccountKind.MOVE, origins[~is_stay], destinations[~is_stay], persons[~is_stay]),
    ]
    for kind, table in (
        (AccountKind.BIRTH, prepared.born),
        (AccountKind.DEATH, prepared.died),
        (AccountKind.ENTRY, stocks.entrants),
        (AccountKind.EXIT, stocks.leavers),
    ):
        where = np.flatnonzero(table[place])
        comes = kind in (AccountKind.BIRTH, AccountKind.ENTRY)
        nowhere = np.full(len(where), -1)
        ends = (nowhere, where) if comes else (where, nowhere)
        inside.append((kind, *ends, table[place, where]))
    kinds = FlowAccount.columns()["kind"].dtype
    return pl.concat(
        pl.DataFrame(
            {
                "origin": _named(names, left),
                "destination": _named(names, reached),
                "persons": figures,
            }
        ).with_columns(birthplace=pl.lit(names[place]), kind=pl.lit(kind.value, dtype=kinds))
        for kind, left, reached, figures in inside
    )


def _named(names: pl.Series, places: Places) -> pl.Series:
    return names.gather(pl.Series(places, dtype=pl.Int64).replace(-1, None))
