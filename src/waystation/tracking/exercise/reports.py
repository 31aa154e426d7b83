"""What honest enumerators would send in: one draft row for each site assessed in a round."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from waystation.geography.fictional import without_accents
from waystation.tracking.exercise import people
from waystation.tracking.exercise.country import Country
from waystation.tracking.exercise.history import History
from waystation.tracking.exercise.layouts import Office

SITES_AN_ENUMERATOR = 22


@dataclass(slots=True)
class Draft:
    """Rows before they stand in files; changed in place by the defects.

    Attributes:
        numbers: Figures and coordinates by field; NaN is a blank cell.
        words: Texts and dates by field; None is a blank cell.
        texts: What a cell of a figure says instead of a number, by (row, field).
        site: Position of the true site; of a made-up site, the one it resembles.
        round_index: Round from 0, as in the file it stands in.
        office: Position of the office.
        order: Rows stand in their file in this order.
        is_sent: False for a row left out of its file.
        row_of: Draft row by round and site, -1 where the site was not assessed.
    """

    numbers: dict[str, np.ndarray]
    words: dict[str, np.ndarray]
    texts: dict[tuple[int, str], str]
    site: np.ndarray
    round_index: np.ndarray
    office: np.ndarray
    order: np.ndarray
    is_sent: np.ndarray
    row_of: np.ndarray

    def __len__(self) -> int:
        return len(self.site)

    def repeat(self, row: int, *, at_end: bool) -> int:
        """Add a copy of a row, below it or at the end of its file; return its position."""
        new = len(self)
        for table in (self.numbers, self.words):
            for field, values in table.items():
                table[field] = np.append(values, values[row])
        self.site = np.append(self.site, self.site[row])
        self.round_index = np.append(self.round_index, self.round_index[row])
        self.office = np.append(self.office, self.office[row])
        place = 1e9 + new if at_end else self.order[row] + 0.5
        self.order = np.append(self.order, place)
        self.is_sent = np.append(self.is_sent, True)
        return new


def honest_reports(
    country: Country, history: History, offices: tuple[Office, ...], rng: np.random.Generator
) -> Draft:
    """Return one row for each site covered in a round, by round, office and site."""
    sites = history.sites
    number, site = np.nonzero(history.is_covered)
    row_of = np.full(history.is_covered.shape, -1)
    row_of[number, site] = np.arange(len(site))
    numbers = {code: values[number, site] for code, values in history.figures.items()}
    numbers |= _positions(sites, site, rng)
    numbers["round_number"] = number + 1.0
    closed = history.is_closing[number, site]
    count = len(site)
    numbers["key_informants"] = 3.0 + rng.binomial(5, 0.35, count)
    steady = rng.uniform(0.66, 0.96, sites.height)[site]
    numbers["credibility"] = np.round(
        np.clip(steady + rng.normal(0, 0.02, count), 0.6, 0.99), 2
    )
    office = sites["admin1"].to_numpy()[site]
    words = _places(country, history, offices, site, office)
    words["location_status"] = np.where(closed, "closed", "open").astype(object)
    words["collected_on"] = _days(history.dates, number, rng)
    words["enumerator"] = _enumerators(site, office)
    limited = rng.random(count) < 0.07
    words["access"] = np.where(limited, "limited", "yes").astype(object)
    words["location_name"] = _written(words["location_name"], rng)
    words |= _needs(closed, rng)
    words["record_uuid"] = _uuids(count, rng)
    return Draft(
        numbers=numbers,
        words=words,
        texts={},
        site=site,
        round_index=number,
        office=office,
        order=np.arange(count, dtype=float),
        is_sent=np.ones(count, dtype=bool),
        row_of=row_of,
    )


def _places(
    country: Country,
    history: History,
    offices: tuple[Office, ...],
    site: np.ndarray,
    office: np.ndarray,
) -> dict[str, np.ndarray]:
    sites = history.sites
    language = np.array([o.layout.language for o in offices])[office]
    words: dict[str, np.ndarray] = {
        "location_id": _taken(sites["location_id"].to_list(), site),
        "location_type": _taken(sites["location_type"].to_list(), site),
        "location_name": np.empty(len(site), dtype=object),
    }
    for level in (1, 2, 3):
        codes = country.level(level)["code"].to_list()
        position = sites[f"admin{level}"].to_numpy()[site]
        words[f"admin{level}_reported_code"] = _taken(codes, position)
        words[f"admin{level}_name"] = np.empty(len(site), dtype=object)
    for lang in ("en", "fr", "ar"):
        here = language == lang
        words["location_name"][here] = _taken(sites[f"name_{lang}"].to_list(), site[here])
        for level in (1, 2, 3):
            names = country.level(level)[f"name_{lang}"].to_list()
            position = sites[f"admin{level}"].to_numpy()[site[here]]
            words[f"admin{level}_name"][here] = _taken(names, position)
    return words


def _positions(
    sites: pl.DataFrame, site: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return positions: some are taken anew, at another corner of the site, some not at all."""
    again = rng.random(len(site)) < 0.3
    none = rng.random(len(site)) < 0.01
    found = {}
    for name in ("latitude", "longitude"):
        value = sites[name].to_numpy()[site]
        elsewhere = np.round(value + rng.uniform(-0.0022, 0.0022, len(site)), 5)
        found[name] = np.where(none, np.nan, np.where(again, elsewhere, value))
    return found


def _written(names: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return names as people write them: now and then without accents, or in capitals."""
    how = rng.random(len(names))
    plain = how < 0.03
    names = names.copy()
    names[plain] = [without_accents(name) for name in names[plain]]
    capitals = how > 0.985
    names[capitals] = [name.upper() for name in names[capitals]]
    return names


def _taken(values: list[str], position: np.ndarray) -> np.ndarray:
    return np.asarray(np.array(values, dtype=object)[position])


def _days(dates: list[dt.date], number: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    last = np.array(dates, dtype="datetime64[D]")[number]
    before = rng.integers(2, 22, len(number))
    # A few places are reached only in the first days of the next month.
    before = np.where(rng.random(len(number)) < 0.02, -rng.integers(1, 6, len(number)), before)
    days = last - before.astype("timedelta64[D]")
    return np.asarray(days.astype(object))


def _enumerators(site: np.ndarray, office: np.ndarray) -> np.ndarray:
    """One enumerator visits neighbouring sites, the same ones every round."""
    first: dict[int, int] = {}
    for s, o in zip(site.tolist(), office.tolist(), strict=True):
        first[o] = min(first.get(o, s), s)
    start = np.array([first[o] for o in office.tolist()], dtype=int)
    group = (site - start) // SITES_AN_ENUMERATOR + 1
    return np.array(
        [f"ENUM-{o + 1}{g:02d}" for o, g in zip(office.tolist(), group.tolist(), strict=True)],
        dtype=object,
    )


def _needs(closed: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Three different needs of each open site, drawn by how common they are."""
    noise = rng.gumbel(0, 1, (len(closed), len(people.NEEDS)))
    chosen = np.argsort(-(np.log(people.NEED_SHARES) + noise), axis=1)[:, :3]
    names = np.array(people.NEEDS, dtype=object)
    needs = {f"need_{i + 1}": names[chosen[:, i]] for i in range(3)}
    for answers in needs.values():
        answers[closed] = None
    needs["need_3"][rng.random(len(closed)) < 0.05] = None  # only two were named
    return needs


def _uuids(count: int, rng: np.random.Generator) -> np.ndarray:
    text = rng.bytes(16 * count).hex()
    parts = (text[i * 32 : i * 32 + 32] for i in range(count))
    return np.array(
        [f"uuid:{t[:8]}-{t[8:12]}-4{t[13:16]}-a{t[17:20]}-{t[20:]}" for t in parts],
        dtype=object,
    )
