"""Defects of figures, dates, key informants and needs."""

from __future__ import annotations

import datetime as dt

import numpy as np

from waystation.tracking.exercise.injection import WHOLE_ROW, Injector
from waystation.tracking.exercise.layouts import BANDS, NEED, REASON, SEX, SHELTER
from waystation.tracking.exercise.people import PREFIX

PERSONS, HOUSEHOLDS = "idp_individuals", "idp_households"
FIGURES = ("idp_", "returnee_", "arrival_", "departure_")
FEWEST_ROWS = 7  # of one enumerator, for a habit to show


def spoil_figures(inject: Injector) -> None:
    """Inject the defects of persons, households and their breakdowns."""
    _totals(inject)
    _households(inject)
    _sums(inject)
    _stale(inject)


def spoil_habits(inject: Injector) -> None:
    """Inject what one enumerator does to all rows of a round."""
    _identical_answers(inject)
    _round_figures(inject)
    _constant_sizes(inject)


def spoil_answers(inject: Injector) -> None:
    """Inject the defects of dates, status, access, key informants and needs."""
    _dates(inject)
    _words(inject)


def _totals(inject: Injector) -> None:
    persons = inject.persons()
    for row in inject.pick("negative", persons >= 5):
        inject.change("negative", row, PERSONS, -float(persons[row]))
    for row in inject.pick("fractional", persons >= 5):
        inject.change("fractional", row, PERSONS, float(persons[row]) + 0.5)
    for row in inject.pick("extra_digit", persons >= 60):
        value = float(persons[row]) * 10 + float(inject.rng.integers(0, 10))
        inject.change("extra_digit", row, PERSONS, value)
    large = (persons >= 300) & inject.has_previous()
    for row in inject.pick("lost_digit", large):
        inject.change("lost_digit", row, PERSONS, float(persons[row] // 10))
    for i, row in enumerate(inject.pick("text_for_number", persons >= 20)):
        said = f"{int(persons[row])} pers. env." if i % 2 else "approx. many"
        inject.change("text_for_number", row, PERSONS, said)
    for row in inject.pick("persons_blank", persons >= 5):
        inject.change("persons_blank", row, PERSONS, None)
    for row in inject.pick("persons_zero", persons >= 30):
        inject.change("persons_zero", row, PERSONS, 0.0)


def _households(inject: Injector) -> None:
    persons, found = inject.persons(), inject.draft.numbers[HOUSEHOLDS]
    size = persons / np.maximum(found, 1)
    for row in inject.pick("households_blank", persons >= 20):
        inject.change("households_blank", row, HOUSEHOLDS, None, recoverable=False)
    large = (persons >= 150) & (size < 7) & (found >= 20)
    for row in inject.pick("size_unusual", large):
        # 13 to 18 persons a household: not impossible, and not true here.
        value = float(np.ceil(persons[row] / inject.rng.uniform(13, 18)))
        inject.change("size_unusual", row, HOUSEHOLDS, value, recoverable=False)
    for row in inject.pick("size_impossible", large):
        value = float(max(1, persons[row] // inject.rng.integers(40, 70)))
        inject.change("size_impossible", row, HOUSEHOLDS, value, recoverable=False)
    for row in inject.pick("households_copied", persons >= 40):
        inject.change("households_copied", row, PERSONS, float(found[row]))


def _shifted(inject: Injector, kind: str, row: int, name: str, recoverable: bool) -> None:
    """Add enough to a part that the sum is broken beyond rounding."""
    before = inject.draft.numbers[name][row]
    more = max(6.0, float(np.ceil(inject.persons()[row] * inject.rng.uniform(0.15, 0.4))))
    inject.change(kind, row, name, float(before) + more, recoverable=recoverable)


def _sums(inject: Injector) -> None:
    persons, rng = inject.persons(), inject.rng
    for row in inject.pick("sex_sum_broken", inject.asks(*SEX) & (persons >= 30)):
        both = all(b in inject.offices[inject.draft.office[row]].layout.fields for b in BANDS)
        _shifted(inject, "sex_sum_broken", row, SEX[int(rng.integers(2))], both)
    for row in inject.pick("age_sum_broken", inject.asks(*BANDS) & (persons >= 30)):
        _shifted(inject, "age_sum_broken", row, str(rng.choice(BANDS)), False)
    for row in inject.pick("band_blank", inject.asks(*BANDS) & (persons >= 30)):
        inject.change("band_blank", row, str(rng.choice(BANDS)), None)
    for row in inject.pick("reason_sum_broken", inject.asks(*REASON) & (persons >= 30)):
        _shifted(inject, "reason_sum_broken", row, str(rng.choice(REASON)), False)
    origins = tuple(n for n in inject.draft.numbers if n.startswith(f"{PREFIX}__origin__"))
    for row in inject.pick("origin_sum_broken", inject.asks(*origins) & (persons >= 30)):
        _shifted(inject, "origin_sum_broken", row, str(rng.choice(origins)), False)
    for row in inject.pick("shelter_sum_broken", inject.asks(*SHELTER) & (persons >= 30)):
        _shifted(inject, "shelter_sum_broken", row, str(rng.choice(SHELTER)), False)
    part = "idp_previously_abroad_individuals"
    for row in inject.pick("part_too_large", inject.asks(part) & (persons >= 20)):
        value = float(np.ceil(persons[row] * rng.uniform(1.3, 3)))
        inject.change("part_too_large", row, part, value, recoverable=False)


def _stale(inject: Injector) -> None:
    """All figures of the round before are sent again although people came or went."""
    draft, numbers, persons = inject.draft, inject.draft.numbers, inject.persons()
    before = np.maximum(draft.round_index - 1, 0)
    was = inject.history.figures[PERSONS][before, draft.site]
    changed = (np.abs(persons - was) >= 0.06 * was) & (np.abs(persons - was) >= 8)
    where = inject.has_previous() & (was >= 60) & (persons > 0) & changed
    figures = [n for n in numbers if n.startswith(FIGURES)]
    for row in inject.pick("stale", where):
        old = inject.previous(row)
        reported, true = float(numbers[PERSONS][old]), float(numbers[PERSONS][row])
        for name in figures:
            numbers[name][row] = numbers[name][old]
        inject.note(
            "stale", row, WHOLE_ROW, reported, true, recoverable=False, group=inject.new_group()
        )


def _enumerators_rows(inject: Injector, kind: str) -> list[list[int]]:
    """Return all rows of some enumerators in one round, none with a defect so far."""
    draft, persons = inject.draft, inject.persons()
    who = draft.words["enumerator"]
    found = []
    for row in inject.pick(kind, inject.asks("enumerator") & (persons >= 60)):
        rows = [row, *inject.free_with(row, who)]
        rows = [r for r in rows if persons[r] > 0]
        for one in rows:
            inject.spoil(one)
        if len(rows) >= FEWEST_ROWS:
            found.append(rows)
    return found


def _note_rows(inject: Injector, kind: str, rows: list[int], true: list[float]) -> None:
    group = inject.new_group()
    for row, value in zip(rows, true, strict=True):
        reported = float(inject.draft.numbers[PERSONS][row])
        inject.note(kind, row, WHOLE_ROW, reported, value, recoverable=False, group=group)


def _identical_answers(inject: Injector) -> None:
    """One enumerator sends the answers of one place for up to five more."""
    numbers = inject.draft.numbers
    figures = [n for n in numbers if n.startswith(FIGURES)]
    for rows in _enumerators_rows(inject, "answers_identical"):
        rows = rows[:6]
        true = [float(numbers[PERSONS][row]) for row in rows]
        for name in figures:
            numbers[name][rows] = numbers[name][rows[0]]
        _note_rows(inject, "answers_identical", rows, true)


def _round_figures(inject: Injector) -> None:
    """All totals of one enumerator end in a nought."""
    numbers = inject.draft.numbers
    for rows in _enumerators_rows(inject, "figures_round"):
        true = [float(numbers[PERSONS][row]) for row in rows]
        for row, value in zip(rows, true, strict=True):
            inject.set_persons(row, max(10.0, round(value / 10) * 10.0))
            households = max(5.0, round(float(numbers[HOUSEHOLDS][row]) / 5) * 5.0)
            if 2.5 <= numbers[PERSONS][row] / households <= 9:
                numbers[HOUSEHOLDS][row] = households
        _note_rows(inject, "figures_round", rows, true)


def _constant_sizes(inject: Injector) -> None:
    """One enumerator counts households only, and writes five persons for each."""
    numbers = inject.draft.numbers
    for rows in _enumerators_rows(inject, "size_constant"):
        true = [float(numbers[PERSONS][row]) for row in rows]
        for row in rows:
            inject.set_persons(row, 5 * float(numbers[HOUSEHOLDS][row]))
        _note_rows(inject, "size_constant", rows, true)


def _dates(inject: Injector) -> None:
    draft, rng = inject.draft, inject.rng
    everywhere = np.ones(len(draft), dtype=bool)
    days = draft.words["collected_on"]
    for row in inject.pick("date_outside_round", everywhere):
        day = days[row] - dt.timedelta(days=int(rng.integers(300, 420)))
        inject.change("date_outside_round", row, "collected_on", day)
    for row in inject.pick("date_in_future", everywhere):
        day = dt.date(2031 + int(rng.integers(8)), days[row].month, min(28, days[row].day))
        inject.change("date_in_future", row, "collected_on", day)
    for row in inject.pick("date_missing", everywhere):
        inject.change("date_missing", row, "collected_on", None)
    for row in inject.pick("date_unreadable", everywhere):
        inject.change("date_unreadable", row, "collected_on", f"30/02/{days[row].year}")


def _words(inject: Injector) -> None:
    persons, rng = inject.persons(), inject.rng
    for row in inject.pick(
        "closed_with_people", inject.asks("location_status") & (persons >= 20)
    ):
        inject.change("closed_with_people", row, "location_status", "closed")
    for row in inject.pick("access_denied", inject.asks("access") & (persons >= 20)):
        inject.change("access_denied", row, "access", "no")
    for row in inject.pick("informants_too_few", inject.asks("key_informants")):
        inject.change("informants_too_few", row, "key_informants", float(rng.integers(0, 2)))
    for row in inject.pick("credibility_low", inject.asks("credibility")):
        value = round(float(rng.uniform(0.05, 0.28)), 2)
        inject.change("credibility_low", row, "credibility", value)
    needs = inject.asks(*NEED) & (persons > 0)
    for row in inject.pick("need_twice", needs):
        inject.change("need_twice", row, "need_2", inject.draft.words["need_1"][row])
    for row in inject.pick("need_unknown", needs):
        inject.change("need_unknown", row, "need_3", "Zz-47")
