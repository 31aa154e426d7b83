"""Demographic accounting: from stocks, births and deaths to stocks that only moves can join."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from waystation.statistics.flows.adjustments import (
    Taken,
    balanced_native_born,
    births_by_birthplace,
    deaths_by_birthplace,
    native_born_from_zero,
)
from waystation.statistics.flows.arrays import Array
from waystation.statistics.flows.birthplace_totals import Equalised, equal_birthplace_totals
from waystation.statistics.flows.choices import (
    Balance,
    Births,
    Choices,
    Deaths,
    Totals,
)
from waystation.statistics.flows.margins import Fit
from waystation.statistics.flows.matrices import World


class Equaliser(Protocol):
    """Makes totals by birthplace equal, as `equal_birthplace_totals` does."""

    def __call__(self, start: Array, end: Array, how: Totals, *, stop: float) -> Equalised:
        """Return the stocks with equal totals of each place of birth."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One figure that was changed; a row of ``StockAdjustments``."""

    kind: str
    moment: str
    area: str | None
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A world whose stocks differ by moves alone.

    Attributes:
        equalised: Stocks without newborns and the dead, with equal totals by birthplace.
        born: n x n newborns by birthplace and residence.
        died: n x n deaths by birthplace and residence.
        net: n, what in- less out-migration of each area has to be, outside included.
        fits: Name of the step and the fit.
        adjustments: What was changed on the way.
    """

    equalised: Equalised
    born: Array
    died: Array
    net: Array
    fits: tuple[tuple[str, Fit], ...]
    adjustments: tuple[Adjustment, ...]


@dataclass(slots=True)
class _Course:
    """The world as it is changed step by step, and the notes taken."""

    areas: tuple[str, ...]
    start: Array
    end: Array
    births: Array
    deaths: Array
    notes: list[Adjustment] = field(default_factory=list)
    fits: list[tuple[str, Fit]] = field(default_factory=list)

    def note(
        self, kind: str, moment: str, place: int | None, before: float, after: float
    ) -> None:
        area = None if place is None else self.areas[place]
        self.notes.append(Adjustment(kind, moment, area, float(before), float(after)))


def prepared_world(
    world: World,
    choices: Choices,
    totals: Totals,
    *,
    equalise: Equaliser = equal_birthplace_totals,
) -> Prepared:
    """Return the world without births and deaths, with equal totals by birthplace.

    Args:
        world: Stocks, births and deaths.
        choices: Of demographic accounting.
        totals: How totals by birthplace are made equal.
        equalise: What does so; another one may begin from an answer that is near.

    Source:
        Abel (2013), Demographic Research 28; Abel and Sander (2014), Science 343; Abel and
        Cohen (2019), Scientific Data 6, for the order of the steps.
    """
    course = _Course(world.areas, world.start, world.end, world.births, world.deaths)
    is_closed = totals in (Totals.RESCALE, Totals.RESCALE_ZERO_FOREIGN_BORN)
    _without_negatives(course)
    if is_closed and choices.balance == Balance.BEFORE:
        _balance(course, float((course.births - course.deaths).sum()), is_rounded=True)
    people_before, people_after = course.start.sum(axis=0), course.end.sum(axis=0)
    _cap(course, people_before, people_after)
    net = people_after - people_before - course.births + course.deaths
    born, died = _born(course, choices.births), _died(course, choices.deaths)
    course.end = _less(course, course.end, born.table, "end")
    course.start = _less(course, course.start, died.table, "start")
    if is_closed and choices.balance == Balance.AFTER:
        before = course.end.sum(axis=0) - course.start.sum(axis=0)
        _balance(course, 0.0, is_rounded=False)
        net = net + course.end.sum(axis=0) - course.start.sum(axis=0) - before
    equalised = equalise(course.start, course.end, totals, stop=choices.stop)
    course.fits += zip(("start", "end"), equalised.fits, strict=False)
    return Prepared(
        equalised, born.table, died.table, net, tuple(course.fits), tuple(course.notes)
    )


def _without_negatives(course: _Course) -> None:
    for moment in ("start", "end"):
        stock: Array = getattr(course, moment)
        changed, places = native_born_from_zero(stock)
        for place in places:
            course.note("negative_native_born", moment, place, stock[place, place], 0.0)
        setattr(course, moment, changed)


def _balance(course: _Course, natural_increase: float, *, is_rounded: bool) -> None:
    start, end = balanced_native_born(
        course.start, course.end, natural_increase, is_rounded=is_rounded
    )
    for moment, old, new in (("start", course.start, start), ("end", course.end, end)):
        if new is not old:
            course.note("global_balance", moment, None, old.sum(), new.sum())
    course.start, course.end = start, end


def _cap(course: _Course, before: Array, after: Array) -> None:
    """Let no more die than lived at the start, and no more be born than live at the end."""
    for kind, name, most in (("births", "births", after), ("deaths", "deaths", before)):
        given: Array = getattr(course, name)
        for place in np.flatnonzero(given > most):
            course.note(f"{kind}_capped", "period", int(place), given[place], most[place])
        setattr(course, name, np.minimum(given, most))


def _born(course: _Course, rule: Births) -> Taken:
    born = births_by_birthplace(course.births, course.end, rule)
    for place in born.areas:
        natives = course.end[place, place]
        course.note("births_spread", "end", place, course.births[place], natives)
    return born


def _died(course: _Course, rule: Deaths) -> Taken:
    died = deaths_by_birthplace(
        course.deaths, course.start, rule, births=course.births, end=course.end
    )
    if died.fit is not None:
        course.fits.append(("deaths", died.fit))
    for place in died.areas:
        figure = course.start[place].sum() + course.births[place] - course.end[place].sum()
        course.note("deaths_negative", "period", place, figure, 0.0)
    return died


def _less(course: _Course, stock: Array, taken: Array, moment: str) -> Array:
    """Return the stock without those taken, no cell below 0, residents as many as they are."""
    left = stock - taken
    is_below = left < -1e-9 * np.maximum(stock, 1.0)
    sums = np.maximum(left.sum(axis=0), 0.0)
    capped = np.maximum(left, 0.0)
    for place in np.flatnonzero(is_below.any(axis=0)):
        below = float(left[:, place][is_below[:, place]].sum())
        course.note("cells_capped", moment, int(place), below, 0.0)
        held = capped[:, place].sum()
        capped[:, place] *= sums[place] / held if held > 0 else 0.0
    return capped
