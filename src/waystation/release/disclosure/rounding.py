"""Controlled rounding of a matrix: from the country down to the parts of one place's figure.

Within a snapshot the figures of one indicator form a tree: country, units of the levels 1 to 3,
locations, and below a location its breakdowns and theirs. The country's figure is rounded
first; then, whole by whole, so many parts are rounded up that they add up to the whole. Every
node, so every unit's total and every location's figure, becomes the multiple of the base just
below or above the truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from waystation.release.disclosure.chance import Array, Chance, shares
from waystation.release.disclosure.families import BESIDE, Split, splits_of
from waystation.release.disclosure.spread import DUST, rounded_alone, rounded_parts
from waystation.tracking.cells import CODES, SNAPSHOT
from waystation.tracking.totals import with_parents

LEVELS = (0, 1, 2, 3)


def rounded_values(
    cells: pl.DataFrame, units: pl.DataFrame | None, *, base: int, chance: Chance
) -> pl.Series:
    """Return the values of cells rounded so that all that added up still does.

    Args:
        cells: One figure of people a row: the columns of a snapshot, ``location_id``, codes,
            ``indicator`` and ``value``; further parts of an indicator at a place bear its code
            and, behind `BESIDE`, what they are.
        units: Shape ``Units``, for units above a code that cells leave blank.
        base: What values become multiples of.
        chance: The publisher's chance.

    Returns:
        Values in the order of the cells; null stays null, 0 stays 0.
    """
    value = cells["value"].to_numpy()
    run, places_of_runs = _runs(cells)
    different, place = _numbered(places_of_runs, ["location_id"])
    _, snapshot = _numbered(places_of_runs, list(SNAPSHOT))
    paths, area = _numbered(places_of_runs, ["country", *CODES])
    indicators, code = _numbered(cells, ["indicator"])
    names = indicators["indicator"].to_list()
    seen = _Seen(
        names=names,
        of_codes=chance.numbers(names),
        of_places=chance.numbers(different["location_id"]),
        areas=_areas(paths, units, chance),
        base=base,
        chance=chance,
    )
    place, snapshot, area = place[run], snapshot[run], area[run]
    rounded = np.full(cells.height, np.nan)
    order = np.argsort(snapshot, kind="stable")
    order = order[~np.isnan(value[order])]
    for rows in np.split(order, np.flatnonzero(np.diff(snapshot[order])) + 1):
        rounded[rows] = _snapshot(value[rows], place[rows], code[rows], area[rows], seen)
    return pl.Series("value", rounded, dtype=pl.Float64, nan_to_null=True)


def _runs(cells: pl.DataFrame) -> tuple[Array, pl.DataFrame]:
    """Return the runs of rows about one place, and what is common to each.

    A matrix is sorted by place, so there are few runs; in any other order there are more.
    """
    columns = [*SNAPSHOT, "location_id", *CODES]
    changes = pl.any_horizontal(
        pl.col(column).ne_missing(pl.col(column).shift()) for column in columns
    )
    begins = cells.select(changes.fill_null(value=True).alias("begins"))["begins"].to_numpy()
    begins = begins.copy()
    begins[:1] = True
    return np.cumsum(begins) - 1, cells.select(columns).filter(pl.Series(begins))


def _numbered(frame: pl.DataFrame, columns: list[str]) -> tuple[pl.DataFrame, Array]:
    """Return the different values of columns, sorted, and each row's number among them."""
    different = frame.select(columns).unique().sort(columns, nulls_last=True)
    numbers = frame.select(columns).join(
        different.with_row_index("number"),
        on=columns,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )["number"]
    return different, numbers.to_numpy().astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Areas:
    """The units of each level: the number of the unit of each path of codes, and chance."""

    unit_of: tuple[Array, ...]
    numbers: tuple[Array, ...]


def _areas(paths: pl.DataFrame, units: pl.DataFrame | None, chance: Chance) -> _Areas:
    filled = with_parents(paths, units)
    unit_of, numbers = [], []
    for level in LEVELS:
        path = ["country", *CODES[:level]]
        known, unit = _numbered(filled, path)
        unit_of.append(unit)
        joined = known.select(
            name=pl.concat_str([pl.col(c).fill_null("") for c in path], separator=BESIDE)
        )["name"]
        numbers.append(chance.numbers(f"{level}{BESIDE}{name}" for name in joined))
    return _Areas(tuple(unit_of), tuple(numbers))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What all snapshots share."""

    names: list[str]
    of_codes: Array
    of_places: Array
    areas: _Areas
    base: int
    chance: Chance


@dataclass(frozen=True, slots=True)
class _Claim:
    """Parts of one whole, at the places where they are: ``is_part`` is places x columns."""

    name: str
    whole: int
    columns: Array
    places: Array
    is_part: Array
    rest: Array


def _snapshot(value: Array, place: Array, code: Array, area: Array, seen: _Seen) -> Array:
    """Round the cells of one snapshot."""
    places, row = np.unique(place, return_inverse=True)
    codes, column = np.unique(code, return_inverse=True)
    table = np.full((len(places), len(codes)), np.nan)
    table[row, column] = value
    names = [seen.names[c] for c in codes]
    is_free = ~np.isnan(table)
    claims = list(_claims(table, is_free, splits_of(tuple(names)), names))
    rounded = np.full(table.shape, np.nan)
    chances = shares(seen.of_places[places][:, None], seen.of_codes[codes][None, :])
    is_root = is_free[row, column]
    rounded[row[is_root], column[is_root]] = _over_units(
        value[is_root], code[is_root], area[is_root],
        chances[row[is_root], column[is_root]], seen,
    )  # fmt: skip
    # The widest splits come last: their parts are the wholes of narrower ones.
    for claim in reversed(claims):
        _fill(rounded, table, chances, claim, seen.of_places[places], seen)
    result: Array = rounded[row, column]
    return result


def _claims(
    table: Array, is_free: Array, splits: tuple[Split, ...], names: list[str]
) -> Iterator[_Claim]:
    """Yield which cells are parts of which, and take them out of those that are free.

    A split holds at a place where its parts do not exceed their wholes; what they lack is a
    rest, rounded as one more part that nobody sees.
    """
    column = {name: number for number, name in enumerate(names)}
    for split in splits:
        holds = np.ones(len(table), dtype=bool)
        found = []
        for whole, parts in split.parts:
            columns = np.array([column[part] for part in parts])
            is_part = is_free[:, columns]
            added = np.where(is_part, table[:, columns], 0).sum(axis=1)
            is_there = is_part.any(axis=1)
            rest = table[:, column[whole]] - added
            holds &= ~is_there | (rest >= -DUST)
            found.append((column[whole], columns, is_part, is_there, rest))
        for number, columns, is_part, is_there, rest in found:
            at = np.flatnonzero(holds & is_there)
            is_free[at[:, None], columns] &= ~is_part[at]
            yield _Claim(split.name, number, columns, at, is_part[at], rest[at])


def _fill(
    rounded: Array, table: Array, chances: Array, claim: _Claim, of_places: Array, seen: _Seen
) -> None:
    """Round the parts of a claim; their wholes are rounded already."""
    group, part = np.nonzero(claim.is_part)
    at, columns = claim.places[group], claim.columns[part]
    unseen = np.flatnonzero(claim.rest > DUST)
    of_rest = seen.chance.numbers([f"{claim.name}{BESIDE}rest"])
    result = rounded_parts(
        np.concatenate([table[at, columns], claim.rest[unseen]]),
        np.concatenate([group, unseen]),
        rounded[claim.places, claim.whole],
        np.concatenate(
            [chances[at, columns], shares(of_places[claim.places[unseen]], of_rest)]
        ),
        seen.base,
    )
    rounded[at, columns] = result[: len(at)]


def _over_units(value: Array, code: Array, area: Array, chances: Array, seen: _Seen) -> Array:
    """Round figures that are no part of another: country first, then units, then places."""
    wholes, inside = np.empty(0), np.zeros(len(value), dtype=np.int64)
    for level in LEVELS:
        numbers = seen.areas.numbers[level]
        key = code * len(numbers) + seen.areas.unit_of[level][area]
        nodes, first, node = np.unique(key, return_index=True, return_inverse=True)
        added = np.bincount(node, weights=value, minlength=len(nodes))
        chance = shares(numbers[nodes % len(numbers)], seen.of_codes[nodes // len(numbers)])
        if level == 0:
            wholes = rounded_alone(added, chance, seen.base)
        else:
            wholes = rounded_parts(added, inside[first], wholes, chance, seen.base)
        inside = node
    return rounded_parts(value, inside, wholes, chances, seen.base)
