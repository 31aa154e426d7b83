"""Addresses that the page of an operation points to, with the reader's choice in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlencode

from django.urls import reverse

from waystation.web.tracking.editions import Edition
from waystation.web.tracking.views.looking.choices import Choice
from waystation.web.tracking.views.looking.speech import Speech


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of one edition in one language; data named with both may be kept for ever.

    Attributes:
        edition: The edition.
        speech: How pages speak to the reader.
    """

    edition: Edition
    speech: Speech

    @property
    def page(self) -> str:
        """Return the address of the page."""
        return _page(self.edition.slug)

    def chosen(self, choice: Choice, **other: str) -> str:
        """Return the address of the page with a choice, or with parts of another."""
        return f"{self.page}?{urlencode(choice.query | other)}"

    def trail(self, choice: Choice, place: str = "") -> str:
        """Return where a figure's origin is told."""
        query = {"place": place or choice.series.country, **choice.query}
        return f"{self.page}where?{urlencode(query)}"

    def place(self, code: str = "") -> str:
        """Return the address of a place, or what every such address begins with."""
        return f"{self.page}place/{quote(code)}"

    def part(self, name: str, choice: Choice | None = None) -> str:
        """Return the address of a page beside this one: table, compare, flows, releases."""
        query = f"?{urlencode(choice.query)}" if choice else ""
        return f"{self.page}{name}{query}"

    def map(self, choice: Choice) -> str:
        """Return the address of the map document."""
        return self._data("map_data", **self._of_series(choice))

    def outlines(self, level: int) -> str:
        """Return the address of the outlines of a level."""
        return self._data("outlines_data", level)

    @property
    def points(self) -> str:
        """Return the address of the locations."""
        return self._data("points_data")

    def point_values(self, choice: Choice) -> str:
        """Return the address of the figures of locations."""
        return self._data("point_values_data", **self._of_series(choice))

    def chart(self, name: str, choice: Choice) -> str:
        """Return the address of a chart's specification."""
        return self._data("chart_data", name, **choice.query)

    def _of_series(self, choice: Choice) -> dict[str, str]:
        return {"component": choice.component.code, "indicator": choice.series.indicator}

    def _data(self, view: str, *parts: object, **query: str) -> str:
        address = reverse(f"tracking:{view}", args=[self.edition.slug, *parts])
        named = {"edition": str(self.edition.number), **self.speech.query, **query}
        return f"{address}?{urlencode(named)}"


@lru_cache(maxsize=512)
def _page(slug: str) -> str:
    return reverse("tracking:operation", args=[slug])
