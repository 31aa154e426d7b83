"""The true displacement history: sites, events, stocks and flows, and who was assessed when."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from waystation.geography.fictional import invented_names
from waystation.tracking.exercise import people
from waystation.tracking.exercise.country import Country
from waystation.tracking.exercise.words import category_name

LAST_ROUND = dt.date(2026, 9, 30)
MONTHS_APART = 2
SMALLEST, LARGEST = 2.0, 10.0  # persons a household, of a whole site
TYPE_WORDS = {
    "host_community": ("", "", ""),
    "camp": ("Camp of ", "Camp de ", "مخيم "),
    "informal_settlement": ("Settlement ", "Site de ", "تجمع "),
    "collective_centre": ("School of ", "École de ", "مدرسة "),
}


@dataclass(frozen=True, slots=True)
class History:
    """What is true; arrays of rounds x sites.

    Attributes:
        sites: One a row: location_id, names, location_type, unit positions and codes,
            latitude, longitude, opened_round, closed_round (null while open).
        dates: Reference date of each round.
        is_open: People are there, or it closes in this round with none left.
        is_closing: The round a site is found empty and closed.
        is_covered: The site was assessed.
        figures: Indicator by code.
        events: What displaced people, when and where.
    """

    sites: pl.DataFrame
    dates: list[dt.date]
    is_open: np.ndarray
    is_closing: np.ndarray
    is_covered: np.ndarray
    figures: dict[str, np.ndarray]
    events: pl.DataFrame


def reference_dates(rounds: int) -> list[dt.date]:
    """Return the last day of every second month, the last round's fixed."""
    months = [LAST_ROUND.year * 12 + LAST_ROUND.month - 1 - MONTHS_APART * back
              for back in range(rounds - 1, -1, -1)]  # fmt: skip
    return [
        dt.date(m // 12, m % 12 + 1, calendar.monthrange(m // 12, m % 12 + 1)[1])
        for m in months
    ]


def true_sites(country: Country, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return sites with stable ids, invented names, a type and a place inside their unit."""
    units3, units2 = country.level(3), country.level(2)
    weight = rng.lognormal(0, 0.6, units3.height)
    weight[: units3.height] /= weight.sum()
    unit = np.sort(rng.choice(units3.height, count, p=weight))
    places = country.points_inside(unit, rng)
    kinds = rng.choice(len(people.SITE_TYPES), count, p=(0.66, 0.10, 0.15, 0.09))
    types = [people.SITE_TYPES[k] for k in kinds]
    names = invented_names(count, rng, syllables=(3, 4))
    admin2 = country.admin2_of[unit]
    codes2 = units2["code"].to_numpy()[admin2]
    sites = pl.DataFrame(
        {
            "admin3": unit,
            "admin2": admin2,
            "admin1": country.admin1_of[admin2],
            "admin2_code": codes2,
            "admin3_code": units3["code"].to_numpy()[unit],
            "location_type": types,
            "name_en": [TYPE_WORDS[t][0] + n.latin for t, n in zip(types, names, strict=True)],
            "name_fr": [TYPE_WORDS[t][1] + n.latin for t, n in zip(types, names, strict=True)],
            "name_ar": [TYPE_WORDS[t][2] + n.arabic for t, n in zip(types, names, strict=True)],
            "longitude": places[:, 0],
            "latitude": places[:, 1],
        }
    )
    sites = _with_twins(country, sites, rng)
    number = pl.int_range(1, pl.len() + 1).over("admin2_code").cast(pl.String).str.zfill(4)
    return sites.with_columns(
        location_id=pl.format("ssid_{}_{}", "admin2_code", number),
        admin1_code=pl.col("admin2_code").str.head(4),
    )


def _with_twins(
    country: Country, sites: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the sites, some of them two parts of one settlement: number 1 and number 2."""
    unit, kind = sites["admin3"].to_numpy(), sites["location_type"].to_numpy()
    x, y = sites["longitude"].to_numpy().copy(), sites["latitude"].to_numpy().copy()
    first = np.arange(0, sites.height - 1, 2)
    first = first[rng.random(len(first)) < 0.04]
    first = first[unit[first] == unit[first + 1]]
    x[first + 1] = np.round(x[first] + rng.uniform(0.006, 0.012, len(first)), 5)
    y[first + 1] = y[first]
    room = 0.003  # degrees around it, where its position may be taken in another round
    corners = [(x + i, y + j) for i in (-room, room) for j in (-room, room)]
    inside = np.all([country.units_at(*corner) == unit for corner in corners], axis=0)
    first = first[inside[first + 1]]
    moved = np.zeros(sites.height, dtype=bool)
    moved[first + 1] = True
    names = {}
    for language in ("en", "fr", "ar"):
        texts = sites[f"name_{language}"].to_numpy().astype(object).copy()
        texts[first + 1] = texts[first] + " 2"
        texts[first] = texts[first] + " 1"
        names[f"name_{language}"] = texts.tolist()
    kind = np.where(moved, np.roll(kind, 1), kind)
    return sites.with_columns(
        *(pl.Series(name, values) for name, values in names.items()),
        longitude=np.where(moved, x, sites["longitude"].to_numpy()),
        latitude=np.where(moved, y, sites["latitude"].to_numpy()),
        location_type=pl.Series(kind.tolist()),
    )


def true_history(
    country: Country, sites: int, rounds: int, rng: np.random.Generator
) -> History:
    """Return a history: every stock is the one before, plus arrivals, less departures."""
    places = true_sites(country, sites, rng)
    dates = reference_dates(rounds)
    opened = np.where(rng.random(sites) < 0.86, 0, rng.integers(0, max(rounds, 1), sites))
    events, hits = _events(country, places, dates, rng)
    origins = tuple(category_name(name) for name in country.level(1)["name_fr"])
    walk = _Walk(places, origins, opened, hits, events, dates, rng)
    for number in range(rounds):
        walk.step(number)
    figures = {code: np.stack(values) for code, values in walk.figures.items()}
    persons = figures["idp_individuals"]
    is_closing = np.zeros_like(persons, dtype=bool)
    is_closing[1:] = (persons[1:] == 0) & (persons[:-1] > 0)
    is_open = (persons > 0) | is_closing
    covered = is_open & _coverage(places, rounds, rng)
    closed = np.where(is_closing.any(axis=0), is_closing.argmax(axis=0) + 1, 0)
    places = places.with_columns(
        opened_round=pl.Series(np.argmax(persons > 0, axis=0) + 1),
        closed_round=pl.Series(closed).replace(0, None),
    )
    return History(places, dates, is_open, is_closing, covered, figures, events)


def _events(
    country: Country, sites: pl.DataFrame, dates: list[dt.date], rng: np.random.Generator
) -> tuple[pl.DataFrame, np.ndarray]:
    """Return events and, by event and site, how strongly people arrive there (0: not)."""
    count = max(2, round(len(dates) * 0.7)) if len(dates) > 1 else 0
    units2 = country.level(2)
    where = rng.integers(0, units2.height, count)
    when = np.sort(rng.integers(1, max(2, len(dates)), count))
    kinds = rng.choice(["conflict", "disaster"], count, p=(0.6, 0.4))
    hits = np.zeros((count, sites.height))
    names2 = units2["name_en"].to_list()
    admin2 = sites["admin2"].to_numpy()
    x, y = sites["longitude"].to_numpy(), sites["latitude"].to_numpy()
    import shapely

    centre = shapely.get_coordinates(shapely.centroid(country.shapes[2][where]))
    for i in range(count):
        near = np.exp(-np.hypot(x - centre[i, 0], y - centre[i, 1]) / 0.35)
        share = np.where(admin2 == where[i], 0.0, near) * rng.lognormal(0, 0.7, len(x))
        hits[i] = np.where(share > 0.12, share, 0)
    frame = pl.DataFrame(
        {
            "event_id": [f"event_{i + 1:02d}" for i in range(count)],
            "round_number": (when + 1).tolist(),
            "kind": [str(k) for k in kinds],
            "admin2_code": [units2["code"][int(w)] for w in where],
            "name": [
                f"{str(kind).capitalize()} in {names2[at]}"
                for kind, at in zip(kinds, where, strict=True)
            ],
        },
        schema={"event_id": pl.String, "round_number": pl.Int64, "kind": pl.String,
                "admin2_code": pl.String, "name": pl.String},
    )  # fmt: skip
    return frame, hits


def _coverage(sites: pl.DataFrame, rounds: int, rng: np.random.Generator) -> np.ndarray:
    """Return which sites are assessed: most, some late, some missed, some areas cut off."""
    count = sites.height
    covered = rng.random((rounds, count)) > 0.02
    first = np.where(rng.random(count) < 0.04, rng.integers(0, rounds, count), 0)
    covered &= np.arange(rounds)[:, None] >= first
    admin2 = sites["admin2"].to_numpy()
    for number in range(1, rounds):
        if rng.random() < 0.5:
            cut_off = int(rng.integers(admin2.max() + 1))
            covered[number, (admin2 == cut_off) & (rng.random(count) < 0.6)] = False
    return covered


class _Walk:
    """The sites from one round to the next."""

    def __init__(
        self,
        sites: pl.DataFrame,
        origins: tuple[str, ...],
        opened: np.ndarray,
        hits: np.ndarray,
        events: pl.DataFrame,
        dates: list[dt.date],
        rng: np.random.Generator,
    ) -> None:
        n = sites.height
        self.rng, self.opened, self.hits, self.events, self.dates = (
            rng,
            opened,
            hits,
            events,
            dates,
        )
        self.size = np.clip(rng.lognormal(np.log(5.2), 0.17, n), 3.2, 8.5)
        self.first = np.clip(rng.lognormal(np.log(55), 1.15, n), 1, 5000).round()
        self.households, self.persons = np.zeros(n), np.zeros(n)
        self.sex_age = rng.dirichlet(np.array(people.SEX_AGE_SHARES) * 150, n) + 1e-4
        self.reason = rng.dirichlet((4, 2, 1, 0.5), n) + 1e-4
        self.origins = origins
        self.origin = rng.dirichlet(np.full(len(origins), 0.25), n) + 1e-5
        types = sites["location_type"].to_list()
        shelter = np.array([people.SHELTER_SHARES[t] for t in types])
        self.shelter = shelter * rng.lognormal(0, 0.35, shelter.shape)
        years = sorted({d.year for d in dates})
        self.periods = (f"before_{years[0]}", *(str(y) for y in years))
        self.period = np.zeros((n, len(self.periods)))
        self.period[:, 0] = 1
        self.abroad = np.where(rng.random(n) < 0.3, rng.uniform(0, 0.15, n), 0)
        self.returned = np.where(rng.random(n) < 0.35, rng.lognormal(2.6, 1, n), 0).round()
        self.returned_size = np.clip(rng.lognormal(np.log(5.2), 0.15, n), 3.5, 8)
        self.internal = rng.beta(8, 2, n)
        self.figures: dict[str, list[np.ndarray]] = {}

    def step(self, number: int) -> None:
        """Move one round on and note every figure."""
        arrived, by_reason, left = self._household_flows(number)
        arrived_persons, left_persons = self._person_flows(arrived, left)
        self._blend(number, arrived_persons, by_reason)
        self.households = self.households + arrived - left
        self.persons = self.persons + arrived_persons - left_persons
        if number == 0:
            # The first round asks who came of late; all others came before anybody counted.
            arrived = np.floor(self.households * self.rng.uniform(0, 0.06, len(arrived)))
            arrived_persons = np.floor(self.persons * arrived / np.maximum(self.households, 1))
        self._note("arrival_households", arrived)
        self._note("arrival_individuals", arrived_persons)
        self._note("departure_households", left)
        self._note("departure_individuals", left_persons)
        self._note_stocks()

    def _household_flows(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng, here, n = self.rng, self.households, len(self.households)
        begins = self.opened == number
        lives = (here > 0) & (rng.random(n) > 0.27)
        ordinary = rng.binomial(here.astype(int), rng.uniform(0, 0.05, n)) * lives
        left = rng.binomial(here.astype(int), rng.uniform(0, 0.055, n)) * lives
        by_reason = np.zeros((n, len(people.REASONS)))
        by_reason[:, 0] += ordinary
        doubles = lives & (rng.random(n) < 0.008)
        by_reason[:, 2] += np.where(doubles, (here * rng.uniform(0.8, 2.2, n)).round(), 0)
        for i, event in enumerate(self.events.iter_rows(named=True)):
            if event["round_number"] == number + 1:
                come = rng.poisson(self.hits[i] * (8 + here * 0.35)) * (here > 0)
                by_reason[:, people.REASONS.index(event["kind"])] += come
        empties = lives & (rng.random(n) < 0.006 + 0.02 * (here < 12))
        left = np.where(empties, here, left)
        by_reason[empties] = 0
        by_reason[begins, 0] += self.first[begins]
        return by_reason.sum(axis=1), by_reason, left

    def _person_flows(
        self, arrived: np.ndarray, left: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        rng, n = self.rng, len(arrived)
        noise = rng.normal(0, 1.4, n) * np.sqrt(arrived)
        persons_in = np.clip((arrived * self.size + noise).round(), arrived * 2, arrived * 9)
        stays = self.households + arrived - left
        ratio = left / np.maximum(self.households, 1)
        out = (self.persons * ratio + rng.normal(0, 1.2, n) * np.sqrt(left)).round()
        there = self.persons + persons_in
        fewest = np.maximum(left, there - LARGEST * stays)
        out = np.clip(out, fewest, there - SMALLEST * stays)
        out = np.clip(out, 0, there)
        out = np.where(left == 0, 0, out)
        return persons_in, np.where(stays == 0, there, out)

    def _blend(self, number: int, arrived: np.ndarray, by_reason: np.ndarray) -> None:
        """Let those who arrive change the mix of reasons and periods."""
        there = self.persons[:, None]
        whole = np.maximum(by_reason.sum(axis=1, keepdims=True), 1)
        come = arrived[:, None] * by_reason / whole
        total = np.maximum(there + arrived[:, None], 1)
        grows = (arrived > 0) & (self.persons > 0)
        self.reason[grows] = ((self.reason * there + come) / total)[grows]
        year = self.periods.index(str(self.dates[number].year))
        newcomers = np.zeros_like(self.period)
        newcomers[:, year] = arrived
        self.period[arrived > 0] = ((self.period * there + newcomers) / total)[arrived > 0]

    def _note_stocks(self) -> None:
        rng, persons = self.rng, self.persons
        self._note("idp_households", self.households)
        self._note("idp_individuals", persons)
        found = people.sex_age_figures(persons, people.jittered(self.sex_age, 0.05, rng))
        mixes = (
            ("reason", people.REASONS, self.reason),
            ("origin", self.origins, self.origin),
            ("shelter", people.SHELTERS, self.shelter),
            ("period", self.periods, self.period),
        )
        for dimension, categories, shares in mixes:
            moved = people.jittered(shares, 0.03, rng)
            found |= people.partition_figures(persons, moved, dimension, categories)
        found["idp_previously_abroad_individuals"] = np.floor(persons * self.abroad)
        grown = rng.binomial(40, 0.02, len(persons)) * (self.returned > 0)
        self.returned = np.where(persons > 0, self.returned + grown, 0)
        returned = (self.returned * self.returned_size).round()
        found["returnee_households"] = self.returned
        found["returnee_individuals"] = returned
        found["returnee_internal_individuals"] = np.floor(returned * self.internal)
        found["returnee_abroad_individuals"] = returned - np.floor(returned * self.internal)
        for code, values in found.items():
            self._note(code, values)

    def _note(self, code: str, values: np.ndarray) -> None:
        self.figures.setdefault(code, []).append(np.asarray(values, dtype=float).copy())
