"""Which units of its country and level a name could mean: wide and fast, not yet judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

if TYPE_CHECKING:
    import polars as pl

_T = TypeVar("_T")
Whole = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.float64]
Claims = NDArray[np.bool_]

_NEAREST = 10  # candidates kept for being near as a whole
_BEGINNINGS = 8  # candidates kept for beginning as the name does
_ALIKE = 200  # what the similarity of equal names is counted as, so that it fits in a byte
_BONES_ALIKE = 180  # equal consonants say less than equal sounds
_PARENT_BONUS = 25  # units under the parent given go first
_FLOOR = 90  # less alike than this is never the place meant
_FAR_BEHIND = 56  # nor is what is so much less alike than the nearest
_LONGEST_NAME = 1000  # more letters than any name has
_CELLS = 4_000_000  # names x units compared at once, so that memory stays small
_SHORTEST_BEGINNING = 3
_SETTLED = 150  # so alike under the parent given that units elsewhere are not compared
_WORTH_A_GROUP = 40  # names under one parent, from which comparing them apart is faster
_MANY_PAIRS = 50_000  # from which a second thread is worth its start


@dataclass(frozen=True, slots=True)
class _Asked:
    """The forms of the names asked in a block."""

    folds: list[str]
    sounds: list[str]
    bones: list[str]
    joined: NDArray[np.str_]
    is_bare: Claims

    @classmethod
    def of_names(cls, names: pl.DataFrame) -> _Asked:
        folds = names["fold"].to_list()
        return cls(
            folds,
            names["sound"].to_list(),
            _telling(names["bones"].to_list(), "-"),
            np.array([fold.replace(" ", "") for fold in folds], dtype=np.str_),
            names["is_bare"].to_numpy(),
        )


@dataclass(slots=True)
class NameBlock:
    """The names of one country and level, ready to be compared with.

    Attributes:
        start: Row of its first name in the table of all names.
        folds: Names as written, folded.
        sounds: Their sounds.
        bones: Their consonants.
        parents: Numbers of the parent and grandparent of each name's unit; -1 for none.
    """

    start: int
    folds: list[str]
    sounds: list[str]
    bones: list[str]
    parents: Whole
    _telling: list[str] = field(init=False)
    _under: dict[int, Whole] = field(init=False)
    _joined: NDArray[np.str_] = field(init=False)
    _order: Whole = field(init=False)

    def __post_init__(self) -> None:
        self._telling = _telling(self.bones, "")
        # Codes of two levels never have one number, so the two do not overwrite each other.
        self._under = {
            parent: rows
            for level in range(self.parents.shape[1])
            for parent, rows in _groups(self.parents[:, level], at_least=1)
        }
        joined = np.array([fold.replace(" ", "") for fold in self.folds], dtype=np.str_)
        self._order = np.argsort(joined, kind="stable")
        self._joined = joined[self._order]

    def candidates(self, names: pl.DataFrame, parents: Whole) -> tuple[Whole, Whole]:
        """Return pairs of names and names of units that could be meant.

        Args:
            names: Columns ``fold``, ``sound``, ``bones``, ``is_bare``.
            parents: Number of the parent given with each name; -1 where none is.

        Returns:
            Rows in ``names`` and rows in the table of all names, side by side, each pair once.
        """
        size = len(self.folds)
        asked = _Asked.of_names(names)
        begun = self._beginning(asked.joined, parents)
        pairs = [begun]
        is_open = np.ones(names.height, dtype=bool)
        is_begun = np.zeros(names.height, dtype=bool)
        is_begun[begun[0][self._is_under(parents[begun[0]], begun[1])]] = True
        for parent, rows in _groups(parents, at_least=_WORTH_A_GROUP):
            columns = self._under.get(parent)
            if columns is not None:
                alike = self._compared(asked, rows, columns, parents)
                near = (alike.max(axis=1) >= _SETTLED) | is_begun[rows]
                found = _near(alike[near] + np.uint8(_PARENT_BONUS))
                pairs.append((rows[near][found[0]], columns[found[1]]))
                is_open[rows[near]] = False
        rest = np.flatnonzero(is_open)
        step = max(1, _CELLS // size)
        for start in range(0, rest.size, step):
            rows = rest[start : start + step]
            pairs.append(self._nearest(asked, rows, parents, is_begun))
        keys = np.unique(np.concatenate([rows * size + columns for rows, columns in pairs]))
        return keys // size, keys % size + self.start

    def _nearest(
        self, asked: _Asked, rows: Whole, parents: Whole, is_begun: Claims
    ) -> tuple[Whole, Whole]:
        """Return the pairs that are nearest.

        Where a unit under the parent is near enough, or begins so, those elsewhere are left
        out. A name that is written the same elsewhere is found by its beginning, so that a
        wrong parent still shows.
        """
        alike = self._compared(asked, rows, None, parents)
        has_parent = parents[rows] >= 0
        if has_parent.any():
            under = self._is_under(parents[rows, None], slice(None)) & has_parent[:, None]
            near = (alike * under).max(axis=1) >= _SETTLED
            is_settled = has_parent & (near | is_begun[rows])
            alike[is_settled] *= under[is_settled]
            alike += np.uint8(_PARENT_BONUS) * under
        found = _near(alike)
        return rows[found[0]], found[1]

    def _compared(
        self, asked: _Asked, rows: Whole, columns: Whole | None, parents: Whole
    ) -> Bytes:
        """Return how alike names are in letters, sounds or bones, whichever is most.

        Sounds are asked where letters leave doubt of the unit under the parent, or of any where
        no parent is given; bones where vowels are not written.
        """
        units: tuple[list[str], ...] = (self.folds, self.sounds, self._telling)
        if columns is not None:
            units = tuple(gathered(texts, columns) for texts in units)
        alike = _alike(gathered(asked.folds, rows), units[0], _ALIKE)
        best = alike.max(axis=1)
        if columns is None:
            under = self._is_under(parents[rows, None], slice(None))
            best = np.where(parents[rows] >= 0, (alike * under).max(axis=1), best)
        is_bare = asked.is_bare[rows]
        for texts, others, whole, is_asked in (
            (asked.sounds, units[1], _ALIKE, is_bare | (best < _SETTLED)),
            (asked.bones, units[2], _BONES_ALIKE, is_bare),
        ):
            some = np.flatnonzero(is_asked)
            if some.size:
                more = _alike(gathered(texts, rows[some]), others, whole)
                alike[some] = np.maximum(alike[some], more)
        return alike

    def _is_under(self, parents: Whole, columns: Whole | slice) -> Claims:
        above = self.parents[columns]
        return cast("Claims", (parents == above[:, 0]) | (parents == above[:, 1]))

    def _beginning(self, joined: NDArray[np.str_], parents: Whole) -> tuple[Whole, Whole]:
        first = np.searchsorted(self._joined, joined)
        last = np.searchsorted(self._joined, np.char.add(joined, "\U0010ffff"))
        count = last - first
        count[np.char.str_len(joined) < _SHORTEST_BEGINNING] = 0
        rows = np.repeat(np.arange(joined.size), count)
        if not rows.size:
            return rows, rows
        within = np.arange(rows.size) - np.repeat(np.cumsum(count) - count, count)
        columns = self._order[first[rows] + within]
        length = np.char.str_len(self._joined)[first[rows] + within]
        elsewhere = ~self._is_under(parents[rows], columns)
        fitness = -length - elsewhere * _LONGEST_NAME
        return _first_of_rows(rows, columns, fitness, _BEGINNINGS)


def _near(alike: Bytes) -> tuple[Whole, Whole]:
    best = alike.max(axis=1, keepdims=True).astype(np.int16)
    far = np.maximum(best - _FAR_BEHIND, _FLOOR).astype(np.uint8)
    rows, columns = np.nonzero(alike >= far)
    return _first_of_rows(rows, columns, alike[rows, columns], _NEAREST)


def _groups(numbers: Whole, *, at_least: int) -> Iterator[tuple[int, Whole]]:
    """Yield each number that is not negative and stands often enough, and its rows."""
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]]) if order.size else order
    for start, end in zip(starts, [*starts[1:], order.size], strict=True):
        if numbers[start] >= 0 and end - start >= at_least:
            yield int(numbers[start]), order[start:end]


def _first_of_rows(
    rows: Whole, columns: Whole, fitness: Whole | Bytes, kept: int
) -> tuple[Whole, Whole]:
    """Return the pairs that fit best, as many as are kept for each row; rows ascend."""
    counts = np.bincount(rows)
    if counts.size == 0 or counts.max() <= kept:
        return rows, columns
    # Only rows with too many pairs are sorted: they are few.
    crowded = np.flatnonzero(counts[rows] > kept)
    order = crowded[np.lexsort((-fitness[crowded].astype(np.int64), rows[crowded]))]
    starts = np.r_[True, rows[order][1:] != rows[order][:-1]]
    within = np.arange(order.size) - np.maximum.accumulate(
        np.where(starts, np.arange(order.size), 0)
    )
    is_kept = counts[rows] <= kept
    is_kept[order[within < kept]] = True
    return rows[is_kept], columns[is_kept]


def gathered(values: list[_T], rows: Whole) -> list[_T]:
    """Return values by their rows."""
    return [values[row] for row in rows.tolist()]


def _telling(bones: list[str], otherwise: str) -> list[str]:
    """Return consonants, but none where there is only one: half the places have that one."""
    return [bone if len(bone) > 1 else otherwise for bone in bones]


def _alike(names: list[str], units: list[str], whole: int) -> Bytes:
    return cast(
        "Bytes",
        process.cdist(
            names,
            units,
            scorer=OSA.normalized_similarity,
            dtype=np.uint8,
            score_multiplier=whole,
            score_cutoff=_FLOOR / whole,
            workers=-1 if len(names) * len(units) > _CELLS // 4 else 1,
        ),
    )


def distances(left: list[str], right: list[str]) -> Numbers:
    """Return how many letters are added, left out, changed or swapped, pair by pair."""
    found = process.cpdist(
        left, right, scorer=OSA.distance, dtype=np.uint16, workers=_workers(len(left))
    )
    return cast("Numbers", found.astype(np.float64))


def letters_kept(left: list[str], right: list[str]) -> Numbers:
    """Return the share of letters that both have in the same order, pair by pair, 0 to 1."""
    found = process.cpdist(
        left,
        right,
        scorer=Indel.normalized_similarity,
        dtype=np.float32,
        workers=_workers(len(left)),
    )
    return cast("Numbers", found.astype(np.float64))


def _workers(pairs: int) -> int:
    return -1 if pairs > _MANY_PAIRS else 1
