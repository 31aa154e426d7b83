"""The true history of the made-up world: every birth, death and move, in half-years.

People are drawn in bulk: of those born in one area and living in another, how many die, move
home, move on or stay is a draw from the binomial of each; where those who leave go to is drawn
by the pull of other areas and of countrymen already there. Refugees are drawn apart, for they
return and settle in other ways. Moves are counted, not movers: who moves twice counts twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from waystation.statistics.exercise.world import (
    FIRST_YEAR,
    HALVES,
    YEARS_OF_PEACE_TO_RETURN,
    Crisis,
    World,
)

_GIRLS = 1 / 2.05
_ONWARD = (0.0015, 0.004)  # a half-year: others, refugees
_SETTLING = 0.02
_KIN = 4.0
_LIFETIME = 24.0
_WAR_KEEPS_AWAY = 0.05


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves of one half-year, one entry for each birthplace, origin and destination."""

    birthplace: np.ndarray
    origin: np.ndarray
    destination: np.ndarray
    persons: np.ndarray


@dataclass(frozen=True, slots=True)
class History:
    """What is true. Sexes are in the last place: male, female.

    Attributes:
        stocks: People by moment, birthplace, residence, sex; moments are each 1 January and
            1 July from 1990 to 1 January 2026.
        refugees: Those of them who fled, in the same places.
        births: By half-year, area, sex.
        deaths: By half-year, birthplace, residence, sex.
        moves: By half-year; ``persons`` is (entries, 2).
        fled: People who arrived fleeing, by half-year, birthplace, area of arrival.
        went_home: Refugees who moved back, by half-year, birthplace, area they had fled to.
    """

    stocks: np.ndarray
    refugees: np.ndarray
    births: np.ndarray
    deaths: np.ndarray
    moves: list[Moves]
    fled: np.ndarray
    went_home: np.ndarray

    def at(self, year: int, month: int = 7) -> np.ndarray:
        """Return people by birthplace, residence and sex on the first of January or July."""
        return np.asarray(self.stocks[moment_of(year, month)])


def moment_of(year: int, month: int = 7) -> int:
    """Return the number of a moment: 1 January 1990 is 0, 1 July 1990 is 1."""
    return 2 * (year - FIRST_YEAR) + int(month > 6)


def start_of(half: int) -> dt.date:
    """Return the day on which a half-year, or a moment, begins."""
    return dt.date(FIRST_YEAR + half // 2, 1 + 6 * (half % 2), 1)


def true_history(world: World, rng: np.random.Generator) -> History:
    """Return what happened from 1 January 1990 to 1 January 2026."""
    n = len(world.areas)
    people = np.zeros((2, n, n, 2), dtype=np.int64)  # others and refugees
    people[0] = _people_of_1990(world, rng)
    stocks = np.zeros((HALVES + 1, n, n, 2), dtype=np.int32)
    refugees = np.zeros_like(stocks)
    births = np.zeros((HALVES, n, 2), dtype=np.int32)
    deaths = np.zeros((HALVES, n, n, 2), dtype=np.int32)
    fled = np.zeros((HALVES, n, n), dtype=np.int32)
    went_home = np.zeros_like(fled)
    moves = []
    for half in range(HALVES):
        stocks[half], refugees[half] = people.sum(axis=0), people[1]
        step = _Step(world, half, people, rng)
        births[half] = step.births()
        deaths[half] = step.deaths()
        moves.append(step.moves())
        fled[half], went_home[half] = step.fled, step.went_home
        people = step.after(births[half])
    stocks[HALVES], refugees[HALVES] = people.sum(axis=0), people[1]
    return History(stocks, refugees, births, deaths, moves, fled, went_home)


def _people_of_1990(world: World, rng: np.random.Generator) -> np.ndarray:
    """Return people by birthplace, residence and sex: a share of each area's lives abroad."""
    n = len(world.areas)
    abroad = np.minimum(world.leaving * _LIFETIME, 0.12)
    leavers = rng.binomial(world.people, abroad)
    settled = world.pull * rng.lognormal(0, 0.3, (n, n))
    settled /= settled.sum(axis=1, keepdims=True)
    both = rng.multinomial(leavers, settled)
    np.fill_diagonal(both, world.people - leavers)
    spread = np.where(np.eye(n, dtype=bool), 0.004, 0.03)
    share = 0.497 + spread * rng.standard_normal((n, n))
    males = rng.binomial(both, np.clip(share, 0.35, 0.65))
    return np.stack([males, both - males], axis=-1)


class _Step:
    """One half-year: who dies, moves and is born, drawn from those there at its start."""

    def __init__(
        self, world: World, half: int, people: np.ndarray, rng: np.random.Generator
    ) -> None:
        self.world, self.half, self.rng = world, half, rng
        self.start, self.now = people, people.copy()
        self.n = len(world.areas)
        self.late = half / HALVES
        self.crises = [c for c in world.crises if c.first <= half <= c.last]
        self.fled = np.zeros((self.n, self.n), dtype=np.int64)
        self.went_home = np.zeros((self.n, self.n), dtype=np.int64)
        self.arrived = np.zeros_like(people)
        self.outward = np.zeros((self.n, self.n, 2), dtype=np.int64)
        self.back = np.zeros((self.n, self.n, 2), dtype=np.int64)  # birthplace, from
        self.onward: list[np.ndarray] = []

    def births(self) -> np.ndarray:
        first, last = self.world.birth_rate.T
        rate = (first + (last - first) * self.late) / 2
        born = self.rng.poisson(self.start.sum(axis=(0, 1, 3)) * rate)
        girls = self.rng.binomial(born, _GIRLS)
        return np.stack([born - girls, girls], axis=-1)

    def deaths(self) -> np.ndarray:
        first, last = self.world.death_rate.T
        rate = (first + (last - first) * self.late) / 2
        for crisis in self.crises:
            rate[crisis.area] *= crisis.mortality
        by_place = np.broadcast_to(rate[None, :, None], (self.n, self.n, 2)).copy()
        # Migrants are younger than those who stayed, and women live longer.
        by_place *= np.where(np.eye(self.n, dtype=bool), 1.0, 0.9)[:, :, None]
        by_place *= np.array([1.06, 0.94])
        died = self.rng.binomial(self.now, by_place)
        self.now -= died
        return np.asarray(died.sum(axis=0))

    def moves(self) -> Moves:
        self._leave()
        for crisis in self.crises:
            self._flee(crisis)
        self._return()
        for layer, rate in enumerate(_ONWARD):
            self._move_on(layer, rate)
        return self._moves()

    def after(self, born: np.ndarray) -> np.ndarray:
        """Return the people at the end: those left, arrived, born; some refugees settle."""
        end = self.now + self.arrived
        own = np.arange(self.n)
        end[0, own, own] += born
        settled = self.rng.binomial(end[1], _SETTLING)
        end[1] -= settled
        end[0] += settled
        return np.asarray(end)

    def _chances(self, *, fleeing: bool = False) -> np.ndarray:
        """Return the chance of each destination (column) of those born in each area (row)."""
        pull = self.world.pull.copy()
        abroad = self.start.sum(axis=(0, 3)).astype(float)
        np.fill_diagonal(abroad, 0)
        pull *= 1 + _KIN * abroad / (abroad.sum(axis=1, keepdims=True) + 1)
        if fleeing:
            pull *= np.exp(-self.world.outlines.distances / 1500)
            pull *= np.where(self.world.outlines.are_neighbours(), 6.0, 1.0)
        for crisis in self.crises:
            if crisis.kind == "war":
                pull[:, crisis.area] *= _WAR_KEEPS_AWAY
        return np.asarray(pull / pull.sum(axis=1, keepdims=True))

    def _leave(self) -> None:
        own = np.arange(self.n)
        # Moving became easier until 2008, and after the years of closed borders.
        year = FIRST_YEAR + self.half // 2
        ease = 0.8 + 0.02 * min(year - FIRST_YEAR, 18) - (0.45 if year == 2020 else 0.0)
        rate = np.clip(self.world.leaving[:, None] * ease / 2 * np.array([1.06, 0.94]), 0, 1)
        leavers = self.rng.binomial(self.now[0, own, own], rate)
        chances = self._chances()
        for sex in (0, 1):
            self.outward[:, :, sex] = self.rng.multinomial(leavers[:, sex], chances)
        self.now[0, own, own] -= leavers
        self.arrived[0] += self.outward

    def _flee(self, crisis: Crisis) -> None:
        k = crisis.area
        runners = self.rng.binomial(self.now[0, k, k], crisis.flight)
        chances = self._chances(fleeing=True)[k]
        to = np.stack([self.rng.multinomial(r, chances) for r in runners], axis=-1)
        self.now[0, k, k] -= runners
        self.outward[k] += to
        self.arrived[1, k] += to
        self.fled[k] += to.sum(axis=1)

    def _return(self) -> None:
        rate = np.broadcast_to(self.world.returning[:, None] / 2, (self.n, self.n)).copy()
        fled = np.full(self.n, 0.015)
        for crisis in self.world.crises:
            if crisis.first <= self.half <= crisis.last:
                rate[crisis.area] *= 0.3
                # Foreigners leave an area in crisis.
                rate[:, crisis.area] = np.minimum(rate[:, crisis.area] * 6, 0.2)
                fled[crisis.area] = 0.002
            elif crisis.last < self.half <= crisis.last + 2 * YEARS_OF_PEACE_TO_RETURN:
                fled[crisis.area] = 0.05
        rates = np.stack([rate, np.broadcast_to(fled[:, None], (self.n, self.n))])
        rates = np.where(np.eye(self.n, dtype=bool), 0.0, rates)
        home = self.rng.binomial(self.now, rates[..., None])
        self.now -= home
        self.back += home.sum(axis=0)
        self.went_home += home[1].sum(axis=2)
        own = np.arange(self.n)
        self.arrived[0, own, own] += self.back.sum(axis=1)

    def _move_on(self, layer: int, rate: float) -> None:
        """Draw those who move on to a third area, one by one."""
        abroad = self.now[layer] * ~np.eye(self.n, dtype=bool)[:, :, None]
        movers = self.rng.binomial(abroad, rate)
        k, i, sex = np.nonzero(movers)
        each = np.repeat(np.arange(len(k)), movers[k, i, sex])
        k, i, sex = k[each], i[each], sex[each]
        steps = np.cumsum(self._chances(), axis=1)
        steps /= steps[:, -1:]
        drawn = self.rng.random(len(each)) + i
        flat = (steps + np.arange(self.n)[:, None]).ravel()
        j = np.clip(np.searchsorted(flat, drawn, side="right") - i * self.n, 0, self.n - 1)
        # Who draws home, or where they are, stays.
        goes = (j != k) & (j != i)
        k, i, j, sex = k[goes], i[goes], j[goes], sex[goes]
        np.subtract.at(self.now[layer], (k, i, sex), 1)
        np.add.at(self.arrived[layer], (k, j, sex), 1)
        self.onward.append(((k * self.n + i) * self.n + j) * 2 + sex)

    def _moves(self) -> Moves:
        n = self.n
        i, j = np.nonzero(self.outward.sum(axis=2))
        b, f = np.nonzero(self.back.sum(axis=2))
        keys, first = np.unique(np.concatenate(self.onward), return_counts=True)
        trip, where = np.unique(keys // 2, return_inverse=True)
        on = np.zeros((len(trip), 2), dtype=np.int64)
        on[where, keys % 2] = first
        return Moves(
            np.concatenate([i, b, trip // (n * n)]).astype(np.int16),
            np.concatenate([i, f, trip // n % n]).astype(np.int16),
            np.concatenate([j, b, trip % n]).astype(np.int16),
            np.concatenate([self.outward[i, j], self.back[b, f], on]).astype(np.int32),
        )
