"""What the data folder holds of statistics; kept in memory until a newer file holds."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl
from django.conf import settings

from waystation.errors import NotFound
from waystation.release.sdmx.figures import (
    SERIES_DIMENSIONS,
    TIME,
    Figures,
    figures_from_observations,
    words_from_observations,
)
from waystation.release.sdmx.structures import Flow, Words, merged_words
from waystation.sources import Source
from waystation.statistics.catalogue import base_of, dataset_named
from waystation.statistics.holdings import Holdings


@dataclass(frozen=True, slots=True)
class Held:
    """A dataset that this server holds, in the revision that holds now.

    Attributes:
        folder: The folder of data.
        dataset: Its name.
        source: Where its figures come from.
        tag: Changes with its figures.
        changed_at: When they were written.
    """

    folder: Path
    dataset: str
    source: Source
    tag: str
    changed_at: dt.datetime

    @property
    def flow(self) -> Flow:
        """Return the dataset as SDMX publishes it, told in the words of the catalogue."""
        base = base_of(self.dataset)
        if base is None:
            return Flow(self.dataset, self.source)
        known = dataset_named(base)
        revision = self.dataset.removeprefix(base).strip("_").replace("_", " ")
        title = f"{known.title} ({revision})" if revision else known.title
        return Flow(self.dataset, self.source, title=title, definition=known.definition)

    def observations(self) -> pl.LazyFrame:
        """Return its figures; shape ``Observations``."""
        return Holdings(self.folder).observations(self.dataset)

    def findings(self) -> pl.DataFrame:
        """Return what reading and judging found; shape ``Findings``."""
        return Holdings(self.folder).findings(self.dataset)

    def figures(self) -> Figures:
        """Return its figures in codes of SDMX."""
        return _figures(self)

    def words(self) -> Mapping[str, Mapping[str, str]]:
        """Return the codes that occur in it, by dimension."""
        return _words(self)

    def summary(self) -> Summary:
        """Return what is in it, in figures."""
        return _summary(self)

    def available(self) -> Available:
        """Return which codes and periods it has."""
        return _available(self)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is in a dataset.

    Attributes:
        figures: Rows that have a figure.
        missing: Rows without one: not reported, or confidential.
        areas: Areas with a row.
        first_year: First year of a row.
        last_year: Last year of a row.
        measures: What is counted.
        findings: Findings by severity.
    """

    figures: int
    missing: int
    areas: int
    first_year: int
    last_year: int
    measures: tuple[str, ...]
    findings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Available:
    """Codes by dimension, and periods under TIME_PERIOD; how many series and observations."""

    values: Mapping[str, tuple[str, ...]]
    series: int
    observations: int


def held(dataset: str) -> Held:
    """Return a dataset by its name.

    Raises:
        NotFound: If none of that name is held.
    """
    folder = Path(settings.DATA)
    holdings = Holdings(folder)
    return Held(
        folder,
        dataset,
        holdings.source(dataset),
        holdings.revision_tag(dataset),
        holdings.changed_at(dataset),
    )


def all_held() -> tuple[Held, ...]:
    """Return every dataset, by name."""
    return tuple(held(name) for name in Holdings(Path(settings.DATA)).datasets())


def held_by_flow(identifier: str) -> Held:
    """Return the dataset that a dataflow is of.

    Raises:
        NotFound: If there is no such dataflow.
    """
    if identifier != identifier.upper():
        raise NotFound(what="dataflow", name=identifier[:100])
    return held(identifier.lower())


def words_of_all(datasets: tuple[Held, ...]) -> Words:
    """Return the codes that occur in any of several datasets, by dimension."""
    return merged_words([one.words() for one in datasets])


def state_of(datasets: tuple[Held, ...]) -> str:
    """Return what changes whenever a dataset of several changes, comes or goes."""
    state = repr([(one.dataset, one.tag) for one in datasets])
    return hashlib.sha256(state.encode()).hexdigest()[:16]


def available_of(figures: Figures) -> Available:
    """Return which codes and periods some figures have."""
    rows = figures.rows
    values = {
        name: tuple(rows[name].unique().cast(pl.String).sort().to_list())
        for name in (*SERIES_DIMENSIONS, TIME)
    }
    return Available(values, rows.select(SERIES_DIMENSIONS).n_unique(), rows.height)


@lru_cache(maxsize=6)
def _figures(one: Held) -> Figures:
    return figures_from_observations(one.observations())


@lru_cache(maxsize=300)
def _words(one: Held) -> Mapping[str, Mapping[str, str]]:
    return words_from_observations(one.observations())


@lru_cache(maxsize=300)
def _available(one: Held) -> Available:
    return available_of(one.figures())


@lru_cache(maxsize=300)
def _summary(one: Held) -> Summary:
    row = (
        one.observations()
        .select(
            figures=pl.col("value").count(),
            missing=pl.col("value").null_count(),
            areas=pl.col("area").n_unique(),
            first_year=pl.col("year").min(),
            last_year=pl.col("year").max(),
            measures=pl.col("measure").unique().sort().implode(),
        )
        .collect()
        .row(0, named=True)
    )
    found = one.findings()["severity"].cast(pl.String).value_counts()
    return Summary(
        figures=row["figures"],
        missing=row["missing"],
        areas=row["areas"],
        first_year=row["first_year"] or 0,
        last_year=row["last_year"] or 0,
        measures=tuple(row["measures"]),
        findings=dict(found.iter_rows()),
    )
