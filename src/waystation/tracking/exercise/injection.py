"""Where defects go: rows picked by chance, changed in the draft, noted with the truth."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from waystation.tracking.exercise.country import Country
from waystation.tracking.exercise.history import History
from waystation.tracking.exercise.kinds import KINDS
from waystation.tracking.exercise.layouts import Office
from waystation.tracking.exercise.people import PREFIX, split_whole
from waystation.tracking.exercise.reports import Draft

WHOLE_ROW = "*"
Value = float | str | dt.date | None


@dataclass(frozen=True, slots=True)
class Note:
    """One defect at one cell or row of the draft.

    Attributes:
        kind: Name of its kind.
        group: Notes of one group are one defect: finding any of them finds it.
        row: Row of the draft; None where the whole file is meant.
        field: Field of the draft, ``*`` for every figure of the row.
        reported: What the file says.
        true_value: What it should say.
        is_recoverable: Whether the true figures follow from the files without a person.
        file_key: Office and round, where no row is meant.
        location_id: Where it is not that of the row's site.
    """

    kind: str
    group: int
    row: int | None
    field: str
    reported: str | None
    true_value: str | None
    is_recoverable: bool
    file_key: tuple[int, int] | None = None
    location_id: str | None = None


@dataclass(slots=True)
class Injector:
    """Picks rows, changes them, and keeps the notes."""

    country: Country
    history: History
    offices: tuple[Office, ...]
    draft: Draft
    rng: np.random.Generator
    notes: list[Note] = field(default_factory=list)
    shifted_tags: set[tuple[int, int]] = field(default_factory=set)
    wrong_totals: set[tuple[int, int]] = field(default_factory=set)
    _free: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    _groups: int = 0

    def __post_init__(self) -> None:
        self._free = np.ones(len(self.draft), dtype=bool)

    def count_of(self, kind: str) -> int:
        """Return how many of a kind this exercise gets: by its rows, at least one."""
        rows = int((self.draft.row_of >= 0).sum())
        return max(1, round(KINDS[kind].share * rows / 1000))

    def asks(self, *fields: str) -> np.ndarray:
        """Return which rows stand in forms that have all these columns."""
        has = np.array([all(f in o.layout.fields for f in fields) for o in self.offices])
        return np.asarray(has[self.draft.office])

    def persons(self) -> np.ndarray:
        """Return the true persons of each row."""
        truth = self.history.figures["idp_individuals"]
        return np.asarray(truth[self.draft.round_index, self.draft.site])

    def is_placed(self) -> np.ndarray:
        """Return which rows have a position."""
        return np.asarray(~np.isnan(self.draft.numbers["latitude"]))

    def has_previous(self) -> np.ndarray:
        """Return which rows' sites were assessed in the round before."""
        before = np.maximum(self.draft.round_index - 1, 0)
        found = self.draft.row_of[before, self.draft.site] >= 0
        return np.asarray(found & (self.draft.round_index > 0))

    def previous(self, row: int) -> int:
        """Return the row of the same site in the round before."""
        return int(self.draft.row_of[self.draft.round_index[row] - 1, self.draft.site[row]])

    def pick(self, kind: str, where: np.ndarray, count: int | None = None) -> list[int]:
        """Return rows for a kind of defect, none near another defect of the same site."""
        wanted = self.count_of(kind) if count is None else count
        chosen: list[int] = []
        possible = np.flatnonzero(where & self._free[: len(where)])
        for row in self.rng.permutation(possible).tolist():
            if len(chosen) == wanted:
                break
            if self._free[row]:
                chosen.append(row)
                self.spoil(row)
        return chosen

    def free_with(self, row: int, same: np.ndarray) -> list[int]:
        """Return free rows of the same office and round that share a value with a row."""
        draft = self.draft
        mask = (draft.office == draft.office[row]) & (
            draft.round_index == draft.round_index[row]
        )
        mask &= (same == same[row]) & self._free
        mask[row] = False
        return [int(r) for r in np.flatnonzero(mask)]

    def spoil(self, row: int) -> None:
        """Keep other defects away from this site, one round before and after."""
        number, site = int(self.draft.round_index[row]), int(self.draft.site[row])
        near = self.draft.row_of[max(0, number - 1) : number + 2, site]
        self._free[near[near >= 0]] = False

    def new_group(self) -> int:
        """Return a number for the notes of one defect."""
        self._groups += 1
        return self._groups

    def change(
        self, kind: str, row: int, name: str, value: Value, *,
        recoverable: bool = True, group: int | None = None, note: bool = True,
    ) -> None:  # fmt: skip
        """Write a value in a cell and note what was there."""
        numbers, words = self.draft.numbers, self.draft.words
        table = numbers if name in numbers else words
        before = table[name][row]
        if name in numbers:
            if isinstance(value, str):
                self.draft.texts[row, name] = value
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            numbers[name][row] = value if is_number else np.nan
        else:
            words[name][row] = value
        if note:
            group = self.new_group() if group is None else group
            self.note(kind, row, name, value, before, recoverable=recoverable, group=group)

    def note(
        self, kind: str, row: int, name: str, reported: Value, true_value: Value, *,
        recoverable: bool, group: int, location_id: str | None = None,
    ) -> None:  # fmt: skip
        """Note a defect without changing anything."""
        self.notes.append(
            Note(kind, group, row, name, as_text(reported), as_text(true_value), recoverable,
                 location_id=location_id)
        )  # fmt: skip

    def add_row(self, row: int, *, at_end: bool) -> int:
        """Repeat a row; the new one takes no further defect."""
        new = self.draft.repeat(row, at_end=at_end)
        self._free = np.append(self._free, False)
        return new

    def set_persons(self, row: int, persons: float) -> None:
        """Make a row report other persons, every breakdown adding up to them."""
        numbers = self.draft.numbers
        groups: dict[str, list[str]] = {}
        for name in numbers:
            if name.startswith(f"{PREFIX}__"):
                groups.setdefault(name.split("__")[1], []).append(name)
        for names in groups.values():
            shares = np.array([[numbers[n][row] + 1e-9 for n in names]])
            parts = split_whole(np.array([persons]), shares)[0]
            for name, part in zip(names, parts, strict=True):
                numbers[name][row] = part
        numbers["idp_individuals"][row] = persons
        self._agree_on_sex(row)

    def _agree_on_sex(self, row: int) -> None:
        """Add the bands up to sexes and age groups again."""
        numbers = self.draft.numbers
        band = {n.split("__")[2]: v[row] for n, v in numbers.items() if "__sex_age__" in n}
        male = sum(v for b, v in band.items() if b.startswith("male"))
        female = sum(v for b, v in band.items() if b.startswith("female"))
        men = band["male_18_59"] + band["male_60_plus"]
        women = band["female_18_59"] + band["female_60_plus"]
        numbers[f"{PREFIX}__sex__male"][row] = male
        numbers[f"{PREFIX}__sex__female"][row] = female
        numbers[f"{PREFIX}__age_group__men"][row] = men
        numbers[f"{PREFIX}__age_group__women"][row] = women
        numbers[f"{PREFIX}__age_group__children"][row] = male + female - men - women


def as_text(value: Value) -> str | None:
    """Return a value as the truth tables write it: whole numbers without a point."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)
