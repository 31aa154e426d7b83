"""Which units of the same country and level a name could mean: wide and fast, not yet judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

if TYPE_CHECKING:
    import polars as pl

Whole = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.float64]

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
_MANY_PAIRS = 50_000  # from which a second thread is worth its start


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
    _joined: NDArray[np.str_] = field(init=False)
    _order: Whole = field(init=False)

    def __post_init__(self) -> None:
        self._telling = _telling(self.bones, "")
        joined = np.array([fold.replace(" ", "") for fold in self.folds], dtype=np.str_)
        self._order = np.argsort(joined, kind="stable")
        self._joined = joined[self._order]

    def candidates(self, names: pl.DataFrame, parents: Whole) -> tuple[Whole, Whole]:
        """Return pairs of names and names of units that could be meant.

        Args:
            names: Columns ``fold``, ``sound``, ``bones``.
            parents: Number of the parent given with each name; -1 where none is.

        Returns:
            Rows in ``names`` and rows in the table of all names, side by side, each pair once.
        """
        size = len(self.folds)
        step = max(1, _CELLS // size)
        pairs = []
        for start in range(0, names.height, step):
            part = names.slice(start, step)
            mine = parents[start : start + step]
            near = self._nearest(part, mine)
            begun = self._beginning(part["fold"].to_list(), mine)
            pairs += [(near[0] + start) * size + near[1], (begun[0] + start) * size + begun[1]]
        keys = np.unique(np.concatenate(pairs))
        return keys // size, keys % size + self.start

    def _nearest(self, names: pl.DataFrame, parents: Whole) -> tuple[Whole, Whole]:
        alike = _alike(names["fold"].to_list(), self.folds, _ALIKE)
        np.maximum(alike, _alike(names["sound"].to_list(), self.sounds, _ALIKE), out=alike)
        bones = _telling(names["bones"].to_list(), "-")
        np.maximum(alike, _alike(bones, self._telling, _BONES_ALIKE), out=alike)
        if (parents >= 0).any():
            under = self._is_under(parents[:, None], slice(None))
            alike += _PARENT_BONUS * (under & (parents >= 0)[:, None]).astype(np.uint8)
        best = alike.max(axis=1, keepdims=True).astype(np.int16)
        far = np.maximum(best - _FAR_BEHIND, _FLOOR).astype(np.uint8)
        rows, columns = np.nonzero(alike >= far)
        return _first_of_rows(rows, columns, alike[rows, columns], _NEAREST)

    def _is_under(self, parents: Whole, columns: Whole | slice) -> NDArray[np.bool_]:
        above = self.parents[columns]
        return (parents == above[:, 0]) | (parents == above[:, 1])

    def _beginning(self, folds: list[str], parents: Whole) -> tuple[Whole, Whole]:
        joined = np.array([fold.replace(" ", "") for fold in folds], dtype=np.str_)
        first = np.searchsorted(self._joined, joined)
        last = np.searchsorted(self._joined, np.char.add(joined, "\U0010ffff"))
        count = last - first
        count[np.char.str_len(joined) < _SHORTEST_BEGINNING] = 0
        rows = np.repeat(np.arange(len(folds)), count)
        if not rows.size:
            return rows, rows
        within = np.arange(rows.size) - np.repeat(np.cumsum(count) - count, count)
        columns = self._order[first[rows] + within]
        length = np.char.str_len(self._joined)[first[rows] + within]
        elsewhere = ~self._is_under(parents[rows], columns)
        fitness = -length - elsewhere * _LONGEST_NAME
        return _first_of_rows(rows, columns, fitness, _BEGINNINGS)


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
