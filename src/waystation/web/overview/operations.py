"""All operations at a glance: a line each, found, sorted, and added up where that is true."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from waystation.geography.countries import country_name
from waystation.tracking.indicators import indicator_by_code
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.models import Operation
from waystation.web.tracking.views.looking.glance import Glance, glance_of
from waystation.web.tracking.views.looking.links import Links
from waystation.web.tracking.views.looking.speech import Speech

STALE = dt.timedelta(days=365)
PEOPLE = "idp_individuals"
WIDTH, HEIGHT, MARGIN = 120, 28, 3


@dataclass(frozen=True, slots=True)
class Line:
    """An operation in the list.

    Attributes:
        operation: The operation.
        country: Name of its country in the reader's language.
        glance: What it published; None where it has not yet.
        url: Address of its page.
        trail: Address that says where the figure comes from.
        paths: Its course as paths of a picture, broken where a round has no figure.
        end: Where the course ends in the picture.
        course: The course in words.
        kind: What is counted, where it is not the displaced.
        is_old: Whether the figure describes a day more than a year ago.
    """

    operation: Operation
    country: str
    glance: Glance | None
    url: str
    trail: str
    paths: tuple[str, ...] = ()
    end: tuple[str, str] | None = None
    course: str = ""
    kind: str = ""
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """People displaced in all countries together.

    Attributes:
        value: The sum.
        countries: Countries in it.
        oldest: The oldest of the dates that the figures describe.
        newest: The newest.
        left_out: Operations that are not in it: an old figure, another indicator, or a country
            whose larger operation is.
    """

    value: float
    countries: int
    oldest: dt.date
    newest: dt.date
    left_out: int


def line_of(operation: Operation, speech: Speech, today: dt.date) -> Line:
    """Return an operation as the list shows it."""
    edition = edition_of(operation) if operation.edition else None
    glance = glance_of(edition) if edition else None
    known = country_name(operation.country, speech.language)
    own = glance.names[speech.language] if glance else operation.country
    country = known or own
    if edition is None or glance is None:
        return Line(operation, country, None, _page(operation), "")
    links = Links(edition, speech)
    query = urlencode(
        {"place": operation.country, "indicator": glance.indicator, "round": glance.key}
    )
    paths, end = course_paths(glance.course)
    is_usual = glance.indicator == PEOPLE
    return Line(
        operation,
        country,
        glance,
        links.page,
        f"{links.page}where?{query}",
        paths,
        end,
        _course_in_words(glance, speech),
        "" if is_usual else indicator_by_code(glance.indicator).label(speech.language),
        is_old=today - glance.date > STALE,
    )


def _course_in_words(glance: Glance, speech: Speech) -> str:
    known = [(date, value) for date, value in glance.course if value is not None]
    if len(known) < 2:
        return ""
    words = speech.words()
    (first, start), (last, end) = known[0], known[-1]
    return _("Rounds: %(n)s. From %(start)s on %(first)s to %(end)s on %(last)s.") % {
        "n": words.number(len(glance.course)),
        "start": words.number(start),
        "first": words.date(first),
        "end": words.number(end),
        "last": words.date(last),
    }


def _page(operation: Operation) -> str:
    return reverse("tracking:operation", args=[operation.slug])


def course_paths(
    course: Iterable[tuple[dt.date, float | None]],
) -> tuple[tuple[str, ...], tuple[str, str] | None]:
    """Return a course as paths from zero, at true dates, a gap where a figure is missing."""
    points = list(course)
    known = [(date, value) for date, value in points if value is not None]
    if len(known) < 2:
        return (), None
    first, span = points[0][0], max((points[-1][0] - points[0][0]).days, 1)
    top = max(value for _, value in known) or 1

    def at(date: dt.date, value: float) -> tuple[float, float]:
        across = (date - first).days / span * (WIDTH - 2 * MARGIN) + MARGIN
        down = HEIGHT - MARGIN - value / top * (HEIGHT - 2 * MARGIN)
        return round(across, 1), round(down, 1)

    paths, now = [], ""
    for date, value in points:
        if value is None:
            paths.append(now)
            now = ""
            continue
        x, y = at(date, value)
        now += f"{'L' if now else 'M'}{x} {y}"
    paths.append(now)
    x, y = at(*known[-1])  # as text, which no language writes with a comma
    return tuple(path for path in paths if path), (str(x), str(y))


def found(lines: Iterable[Line], words: str) -> list[Line]:
    """Return the operations whose name, country or code has all of some words."""
    asked = _plain(words).split()
    return [
        line
        for line in lines
        if all(
            word in _plain(f"{line.operation.name} {line.country} {line.operation.country}")
            for word in asked
        )
    ]


def _plain(text: str) -> str:
    return "".join(
        c
        for c in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(c)
    )


def in_order(lines: Iterable[Line], by: str) -> list[Line]:
    """Return the operations in an order: names rising, figures and dates falling.

    Operations without the figure come last, whatever the order.
    """
    ordered = sorted(
        lines, key=lambda line: (_plain(line.country), _plain(line.operation.name))
    )
    if by not in ORDERS:
        return ordered
    key = ORDERS[by]

    def rank(line: Line) -> tuple[bool, float]:
        value = key(line.glance) if line.glance else None
        return (value is None, -value if value is not None else 0.0)

    return sorted(ordered, key=rank)


ORDERS: dict[str, Callable[[Glance], float | None]] = {
    "people": lambda glance: glance.value,
    "change": lambda glance: glance.change,
    "date": lambda glance: glance.date.toordinal(),
    "locations": lambda glance: glance.locations,
}


def total_of(lines: Iterable[Line]) -> Total | None:
    """Return people displaced in all countries; None where fewer than two can be added.

    Figures describe different days, which is said with the sum. A country counts once, with
    its largest figure, since operations can count the same people; a figure older than a year
    does not count.
    """
    published = [line for line in lines if line.glance]
    largest: dict[str, tuple[float, dt.date]] = {}
    for line in published:
        glance = line.glance
        if glance is None or glance.indicator != PEOPLE or glance.value is None:
            continue
        if line.is_old:
            continue
        country = line.operation.country
        largest[country] = max(
            largest.get(country, (-1.0, glance.date)), (glance.value, glance.date)
        )
    if len(largest) < 2:
        return None
    dates = [date for _, date in largest.values()]
    return Total(
        value=sum(value for value, _ in largest.values()),
        countries=len(largest),
        oldest=min(dates),
        newest=max(dates),
        left_out=len(published) - len(largest),
    )
