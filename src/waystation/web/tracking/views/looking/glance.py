"""An operation in a line: the figure, its date, its change and course, for lists of many."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from waystation.web.tracking.editions import Edition
from waystation.web.tracking.views.looking.choices import SHAPE, Choice, components_of


@dataclass(frozen=True, slots=True)
class Glance:
    """What a list of operations says of one.

    Attributes:
        indicator: Code of the headline indicator.
        key: Key of the round in addresses.
        round_number: Number of the round.
        date: What day the figure describes.
        value: The figure; None where no location reported one.
        change: Against the round before; None where it cannot be told.
        status: How most of the figure came to be where it was not observed; else empty.
        locations: Locations with a figure.
        course: Date and figure of each round.
        names: Names of the country by language.
    """

    indicator: str
    key: str
    round_number: int
    date: dt.date
    value: float | None
    change: float | None
    status: str
    locations: int
    course: tuple[tuple[dt.date, float | None], ...]
    names: dict[str, str]


def glance_of(edition: Edition) -> Glance | None:
    """Return an operation in a line; None where it published no stock."""
    return _glance(edition.folder, edition)


@lru_cache(maxsize=2048)
def _glance(folder: Path, edition: Edition) -> Glance | None:
    kept = json.loads(edition.derived(f"glance-{SHAPE}.json", lambda: _worked_out(edition)))
    if kept is None:
        return None
    day = dt.date.fromisoformat
    course = tuple((day(date), value) for date, value in kept.pop("course"))
    return Glance(date=day(kept.pop("date")), course=course, **kept)


def _worked_out(edition: Edition) -> bytes:
    components = components_of(edition)
    return json.dumps(_line(edition, components[0]) if components else None).encode()


def _line(edition: Edition, component: Any) -> dict[str, Any]:
    from waystation.release.snapshots import country_name
    from waystation.tracking.indicators import LANGUAGES
    from waystation.web.tracking.views.looking.speech import Speech
    from waystation.web.tracking.views.looking.told import told

    rounds, series = component.rounds, component.series[0]
    choice = Choice(component=component, series=series, round=rounds[-1])
    headline = told(edition, choice, Speech("en"))["headline"]
    previous = headline["previous"]
    units = edition.frame("units")
    return {
        "indicator": series.indicator,
        "key": choice.key,
        "round_number": rounds[-1].round_number,
        "date": rounds[-1].date.isoformat(),
        "value": rounds[-1].value,
        "change": previous["change"] if previous else None,
        "status": headline["status"],
        "locations": rounds[-1].locations,
        "course": [[r.date.isoformat(), r.value] for r in rounds],
        "names": {
            language: country_name(series.country, units, language) for language in LANGUAGES
        },
    }
