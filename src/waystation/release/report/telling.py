"""What every exhibit needs to be told: the build read once, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from waystation.release.charts import Look
from waystation.release.report import figures
from waystation.release.report.figures import Series, Snapshot
from waystation.release.report.words import Words
from waystation.release.snapshots import country_name, unit_names
from waystation.release.theme import WIDE
from waystation.tracking.build import Build
from waystation.tracking.indicators import Indicator, indicator_by_code
from waystation.tracking.proposal.vocabulary import slug


@dataclass(frozen=True)
class Telling:
    """A build, the series a report follows, and the words to tell it in.

    Attributes:
        build: The build.
        words: The language.
        look: How charts beside each other look.
        wide: How charts across the page look.
        series: What is followed; null when the build holds no figure at all.
    """

    build: Build
    words: Words
    look: Look
    wide: Look
    series: Series | None

    @classmethod
    def of(cls, build: Build, language: str) -> Telling:
        """Return what is needed to tell of a build in a language."""
        words = Words(language)
        narrow, wide = Look(words), Look(words, width=WIDE)
        return cls(build, words, narrow, wide, figures.main_series(build))

    @cached_property
    def country(self) -> str:
        """Return the name of the country."""
        return country_name(self.build.country, self.build.units, self.words.language)

    @cached_property
    def unit_names(self) -> dict[str, str]:
        """Return names of first-level units by code and name, written as categories are."""
        units = self.build.units.filter(pl.col("level") == 1)
        named = unit_names(units, 1, self.words.language)
        shown = dict(named.select("code", "name").iter_rows())
        known: dict[str, str] = {}
        for code, name, others in units.select("code", "name", "names").iter_rows():
            for text in (code, name, *(others or ())):
                if text and shown.get(code):
                    known.setdefault(slug(text), shown[code])
        return known

    @cached_property
    def operation(self) -> str:
        """Return the operation told of."""
        return self.series.operation if self.series else self.build.operation

    @cached_property
    def snapshots(self) -> list[Snapshot]:
        """Return the rounds of the series by date."""
        return figures.snapshots(self.build, self.series) if self.series else []

    @cached_property
    def latest(self) -> Snapshot | None:
        """Return the last round."""
        return self.snapshots[-1] if self.snapshots else None

    @cached_property
    def previous(self) -> Snapshot | None:
        """Return the round before the last."""
        return self.snapshots[-2] if len(self.snapshots) > 1 else None

    @cached_property
    def indicator(self) -> Indicator:
        """Return the indicator told of."""
        return indicator_by_code(self.series.indicator if self.series else "idp_individuals")

    @cached_property
    def label(self) -> str:
        """Return what the indicator is called."""
        return self.indicator.label(self.words.language)

    @cached_property
    def source(self) -> str:
        """Return the source line of every exhibit."""
        producers = dict.fromkeys(s.producer for s in self.build.sources if s.producer)
        source = ", ".join(producers) or self.words.say("source_unknown")
        if self.latest is None:
            return source
        return self.words.say("source_line", source=source, date=self.latest.date)

    def areas(self, level: int) -> pl.DataFrame:
        """Return the areas of a level (see `figures.areas`), the unplaced one named."""
        if self.series is None or self.latest is None:
            return pl.DataFrame()
        if level not in self._areas:
            found = figures.areas(
                self.build, self.series, level, self.latest, self.previous, self.words.language
            )
            unplaced = pl.lit(self.words.say("not_placed"))
            # A control character in a name would break the picture it stands in.
            name = pl.col("name").str.replace_all(r"\p{Cc}+", " ")
            named = pl.when(pl.col("code").is_null()).then(unplaced).otherwise(name)
            self._areas[level] = found.with_columns(name=named)
        return self._areas[level]

    @cached_property
    def _areas(self) -> dict[int, pl.DataFrame]:
        return {}

    @cached_property
    def shares(self) -> dict[str, float]:
        """Return the shares of the last figure by how it came to be."""
        if self.series is None or self.latest is None:
            return {}
        return figures.shares_of_figure(self.build, self.series, self.latest)

    @cached_property
    def _unsure_rounds(self) -> set[tuple[int, object]]:
        if self.series is None:
            return set()
        value = pl.col("value")
        unsure = value.filter(pl.col("state").is_in(figures.UNSURE)).sum() > value.sum() / 2
        rounds = figures.states(self.build, self.series).group_by(
            "round_number", "reference_date"
        )
        return set(rounds.agg(unsure.alias("x")).filter("x").drop("x").iter_rows())

    def is_unsure(self, snapshot: Snapshot) -> bool:
        """Return whether more than half of a round's figure was not observed in it."""
        return (snapshot.round_number, snapshot.date) in self._unsure_rounds

    def round_label(self, snapshot: Snapshot) -> str:
        """Return the name of a round."""
        return self.words.round_label(snapshot.round_number, snapshot.date)

    def round_within(self, snapshot: Snapshot) -> str:
        """Return the name of a round within a sentence."""
        return self.words.round_within(snapshot.round_number, snapshot.date)
