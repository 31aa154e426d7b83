"""What every page that looks closer has at hand: edition, rounds, the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from waystation.release.reading.moments import Moment, moments_of
from waystation.release.reading.origins import PREFIX, units_of_categories
from waystation.release.report.figures import HEADLINES
from waystation.release.report.words import Words
from waystation.release.snapshots import unit_names
from waystation.tracking.indicators import (
    LANGUAGES,
    dimensions,
    indicator_by_code,
    is_indicator,
)
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access
from waystation.web.tracking.editions import Edition, edition_of
from waystation.web.tracking.models import Operation
from waystation.web.tracking.models.rounds import Component
from waystation.web.tracking.views.frame import operation_context

Choices = list[Any]


@dataclass(frozen=True)
class Reading:
    """A reader of the published figures of an operation.

    Attributes:
        request: The request.
        operation: The operation.
        edition: Its published whole.
        words: The words of the page's language.
    """

    request: HttpRequest
    operation: Operation
    edition: Edition
    words: Words

    @property
    def language(self) -> str:
        """Return the language of the page, as the library has it."""
        return self.words.language

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """Return the rounds of the edition, oldest first."""
        return _moments(self.edition)

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Return the indicators of the edition: totals first, headlines before others."""
        return _indicators(self.edition)

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """Return the levels of units that the edition has figures for."""
        return _levels(self.edition)

    @property
    def is_inside(self) -> bool:
        """Say whether the reader works on the operation."""
        return access.may(self.request.user, Action.READ_DRAFTS, self.operation)

    @property
    def latest(self) -> Moment:
        """Return the latest round."""
        return self.moments[-1]

    def label(self, moment: Moment) -> str:
        """Return the name of a round, with what tells it from others of the same number."""
        text = self.words.round_label(moment.round_number, moment.reference_date)
        if len({m.component for m in self.moments}) > 1:
            text = f"{text} · {Component(moment.component).label}"
        return text if moment.is_last else f"{text} · {self.words.date(moment.reference_date)}"

    def indicator_label(self, code: str) -> str:
        """Return the name of an indicator; areas of origin as the list of units has them."""
        entry = indicator_by_code(code)
        if entry.dimension != "origin":
            return entry.label(self.language)
        base = indicator_by_code(str(entry.total)).label(self.language)
        return f"{base}: {self.category_label(code)}"

    def category_label(self, code: str) -> str:
        """Return the name of the category of a breakdown, without that of its total."""
        entry = indicator_by_code(code)
        category = str(entry.category)
        if entry.dimension == "origin":
            return _origin_names(self.edition, self.language).get(category, category)
        names = dimensions()[str(entry.dimension)].categories.get(category, {})
        return names.get(self.language) or category.replace("_", " ")

    def unit_word(self, code: str) -> str:
        """Return what an indicator counts, e.g. persons."""
        return self.words.unit(indicator_by_code(code).unit)

    def address(self, name: str, *args: object, **query: object) -> str:
        """Return the address of a page of the operation; empty where it is not installed."""
        try:
            url = reverse(f"tracking:{name}", args=[self.operation.slug, *args])
        except NoReverseMatch:
            return ""
        kept = {k: v for k, v in query.items() if v not in (None, "")}
        return f"{url}?{urlencode(kept, doseq=True)}" if kept else url

    def trail(self, place: str, indicator: str, round_key: str) -> str:
        """Return the address of where a figure comes from."""
        return self.address("trail", place=place, indicator=indicator, round=round_key)

    def context(self, tab: str, **more: Any) -> dict[str, Any]:
        """Return the context of a page."""
        return operation_context(
            self.request, self.operation, tab, reading=self, latest=self.latest, **more
        )

    def round_choices(self, moments: Iterable[Moment] | None = None) -> Choices:
        """Return rounds to choose from, the latest first."""
        chosen = self.moments if moments is None else tuple(moments)
        return [(moment.key, self.label(moment)) for moment in reversed(chosen)]

    def indicator_choices(self, codes: Sequence[str] | None = None) -> Choices:
        """Return indicators to choose from, breakdowns in groups."""
        choices: Choices = []
        groups: dict[str, Choices] = {}
        for code in self.indicators if codes is None else codes:
            entry = indicator_by_code(code)
            choice = (code, self.indicator_label(code))
            if entry.dimension is None:
                choices.append(choice)
                continue
            base = indicator_by_code(str(entry.total)).label(self.language)
            group = f"{base}: {dimensions()[entry.dimension].labels[self.language]}"
            groups.setdefault(group, []).append(choice)
        return [*choices, *groups.items()]

    def level_choices(self) -> Choices:
        """Return the levels of units to choose from."""
        return [(str(level), level_word(level)) for level in self.levels]

    def unit_choices(self, level: int) -> Choices:
        """Return the units of a level to choose from, by name."""
        names = unit_names(self.edition.frame("units"), level, self.language).sort("name")
        return list(names.iter_rows())


def reading_of(request: HttpRequest, slug: str) -> Reading:
    """Return a reader of an operation that this person may read.

    Raises:
        NotFound: If there is none, it is not theirs to see, or nothing of it is published.
    """
    operation = access.operation_for_reading(request.user, slug)
    return Reading(request, operation, edition_of(operation), Words(page_language()))


def page_language() -> str:
    """Return the language of the page where the library speaks it, else English."""
    language = (get_language() or "en").split("-")[0]
    return language if language in LANGUAGES else "en"


def level_word(level: int | str) -> str:
    """Return the name of a level."""
    names = {
        "0": _("Country"), "1": _("Admin 1"), "2": _("Admin 2"), "3": _("Admin 3"),
        "4": _("Location"), "location": _("Locations"),
    }  # fmt: skip
    return names[str(level)]


def is_total(code: str) -> bool:
    """Return whether an indicator is no breakdown."""
    return "__" not in code


@lru_cache(maxsize=16)
def _moments(edition: Edition) -> tuple[Moment, ...]:
    return moments_of(edition.frame("totals"))


@lru_cache(maxsize=16)
def _levels(edition: Edition) -> tuple[int, ...]:
    return tuple(edition.frame("totals")["admin_level"].unique().sort().to_list())


@lru_cache(maxsize=16)
def _indicators(edition: Edition) -> tuple[str, ...]:
    codes = edition.frame("totals")["indicator"].unique().to_list()
    known = [code for code in codes if is_indicator(code)]
    order = {code: place for place, code in enumerate(HEADLINES)}
    return tuple(sorted(known, key=lambda c: (not is_total(c), order.get(c, len(order)), c)))


@lru_cache(maxsize=32)
def _origin_names(edition: Edition, language: str) -> dict[str, str]:
    marks = [code.partition(PREFIX)[2] for code in _indicators(edition) if PREFIX in code]
    found = units_of_categories(marks, edition.frame("units"), language)
    return {origin.category: origin.name for origin in found}
