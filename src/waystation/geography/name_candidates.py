"""Which units of its country and level a name could mean: wide and fast, not yet judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

if TYPE_CHECKING:
    from waystation.geography.name_forms import FormTable

Whole = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.float64]
Claims = NDArray[np.bool_]
Texts = NDArray[np.object_]

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
_MANY_PAIRS = 50_000  # from which a second thread is worth its start


@dataclass(frozen=True, slots=True)
class Asked:
    """The forms of the names asked.

    Attributes:
        folds: Names as written, folded.
        sounds: Their sounds.
        bones: Their consonants.
        joined: ``folds`` without spaces.
        is_bare: Whether a name is in Arabic script.
        parents: Number of the parent given; -1 where none is.
    """

    folds: Texts
    sounds: Texts
    bones: Texts
    joined: NDArray[np.str_]
    is_bare: Claims
    parents: Whole

    @classmethod
    def of_forms(cls, forms: FormTable, rows: Whole, parents: Whole) -> Asked:
        """Return the names in some rows of a table of forms, with the parents given."""
        bones = _telling(forms.texts["bones"][rows].tolist(), "-")
        return cls(
            forms.texts["fold"][rows],
            forms.texts["sound"][rows],
            objects(bones),
            forms.joined[rows].astype(np.str_),
            forms.is_bare[rows],
            parents,
        )

    def of_rows(self, rows: Whole | slice) -> Asked:
        """Return some of the names."""
        return Asked(
            *(
                getattr(self, name)[rows]
                for name in ("folds", "sounds", "bones", "joined", "is_bare", "parents")
            )
        )


@dataclass(frozen=True, slots=True)
class _Compared:
    """Names and units under the parents given with them, and how alike they are, in runs."""

    rows: Whole
    columns: Whole
    alike: Bytes

    def nearest(self, asked: Claims) -> tuple[Whole, Whole]:
        """Return the nearest pairs of each name; only those asked, a claim a pair."""
        rows, columns = self.rows[asked], self.columns[asked]
        if not rows.size:
            return rows, columns
        alike = self.alike[asked].astype(np.int64) + _PARENT_BONUS
        starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
        best = np.repeat(np.maximum.reduceat(alike, starts), np.diff(np.r_[starts, rows.size]))
        near = alike >= np.maximum(best - _FAR_BEHIND, _FLOOR)
        return _first_of_rows(rows[near], columns[near], alike[near], _NEAREST)


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

    def candidates(self, asked: Asked) -> tuple[Whole, Whole]:
        """Return pairs of names and names of units that could be meant.

        Returns:
            Rows in ``asked`` and rows in the table of all names, side by side, each pair once.
        """
        step = max(1, _CELLS // len(self.folds))
        found = [
            self._candidates(asked, slice(start, start + step))
            for start in range(0, asked.parents.size, step)
        ]
        rows, columns = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return rows, columns + self.start

    def _candidates(self, asked: Asked, part: slice) -> tuple[Whole, Whole]:
        """Return pairs of some of the names.

        Where a unit under the parent given is near enough, or begins so, those elsewhere are
        not compared. A name that is written the same elsewhere is found by its beginning, so
        that a wrong parent still shows.
        """
        size = len(self.folds)
        asked = asked.of_rows(part)
        begun = self._beginning(asked.joined, asked.parents)
        is_begun = np.zeros(asked.parents.size, dtype=bool)
        is_begun[begun[0][self._is_under(asked.parents[begun[0]], begun[1])]] = True
        under, best = self._under_parents(asked)
        is_settled = (best >= _SETTLED) | ((best >= 0) & is_begun)
        of_settled = is_settled[under.rows]
        pairs = [
            begun,
            under.nearest(of_settled),
            self._anywhere(asked, np.flatnonzero(~is_settled)),
        ]
        keys = np.unique(np.concatenate([rows * size + columns for rows, columns in pairs]))
        return keys // size + part.start, keys % size

    def _under_parents(self, asked: Asked) -> tuple[_Compared, Whole]:
        """Compare names with the units under the parents given with them.

        Returns:
            The pairs, sorted by name, and for each name how alike the nearest of its pairs is,
            -1 for a name that has none.
        """
        best = np.full(asked.parents.size, -1, dtype=np.int64)
        parts = [
            (rows, self._under[parent])
            for parent, rows in _groups(asked.parents, at_least=1)
            if parent in self._under
        ]
        if not parts:
            empty = np.zeros(0, dtype=np.int64)
            return _Compared(empty, empty, empty.astype(np.uint8)), best
        order = np.concatenate([rows for rows, _ in parts])
        counts = np.concatenate([np.full(rows.size, siblings.size) for rows, siblings in parts])
        columns = np.concatenate([np.tile(siblings, rows.size) for rows, siblings in parts])
        sorted_names = asked.of_rows(order)
        starts = np.cumsum(counts) - counts
        sizes = np.array([rows.size for rows, _ in parts])
        groups = np.cumsum(sizes) - sizes

        def compared(texts: Texts, others: list[str], whole: int, is_asked: Claims) -> Bytes:
            """Compare one form of the names asked, parent by parent."""
            names, place, found = texts[is_asked].tolist(), 0, [np.zeros(0, dtype=np.uint8)]
            asked_of_parts = np.add.reduceat(is_asked.astype(np.int64), groups).tolist()
            for (_, siblings), size in zip(parts, asked_of_parts, strict=True):
                units = [others[column] for column in siblings.tolist()]
                if size:
                    found.append(_alike(names[place : place + size], units, whole).ravel())
                place += size
            return np.concatenate(found)

        is_bare = sorted_names.is_bare
        alike = compared(sorted_names.folds, self.folds, _ALIKE, np.ones_like(is_bare))
        by_sound = is_bare | (np.maximum.reduceat(alike, starts) < _SETTLED)
        for texts, others, whole, is_asked in (
            (sorted_names.sounds, self.sounds, _ALIKE, by_sound),
            (sorted_names.bones, self._telling, _BONES_ALIKE, is_bare),
        ):
            some = np.flatnonzero(np.repeat(is_asked, counts))
            more = compared(texts, others, whole, is_asked)
            alike[some] = np.maximum(alike[some], more)
        best[order] = np.maximum.reduceat(alike, starts)
        return _Compared(np.repeat(order, counts), columns, alike), best

    def _anywhere(self, asked: Asked, rows: Whole) -> tuple[Whole, Whole]:
        """Return the pairs of names and any units that are nearest; those under parents first.

        Sounds are asked where letters leave doubt of the unit under the parent, or of any where
        no parent is given; bones where vowels are not written.
        """
        if not rows.size:
            return rows, rows
        names = asked.of_rows(rows)
        alike = _alike(names.folds.tolist(), self.folds, _ALIKE)
        has_parent = names.parents >= 0
        by_sound = names.is_bare | has_parent | (alike.max(axis=1) < _SETTLED)
        for texts, others, whole, is_asked in (
            (names.sounds, self.sounds, _ALIKE, by_sound),
            (names.bones, self._telling, _BONES_ALIKE, names.is_bare),
        ):
            some = np.flatnonzero(is_asked)
            if some.size:
                more = _alike(texts[some].tolist(), others, whole)
                alike[some] = np.maximum(alike[some], more)
        if has_parent.any():
            alike += np.uint8(_PARENT_BONUS) * self._is_under(
                names.parents[:, None], slice(None)
            )
        found = _near(alike)
        return rows[found[0]], found[1]

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


def objects(values: Sequence[object]) -> Texts:
    """Return values as an array, from which pairs are gathered faster than from a list."""
    array = np.empty(len(values), dtype=np.object_)
    array[:] = values
    return array


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
