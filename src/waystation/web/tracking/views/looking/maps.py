"""The data of an operation's map, worked out once an edition."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from waystation.release.report.figures import Series
from waystation.web.tracking.editions import Edition
from waystation.web.tracking.views.looking.choices import SHAPE, Choice
from waystation.web.tracking.views.looking.links import Links
from waystation.web.tracking.views.looking.told import series_build

LEVELS = (1, 2)


def outlines(edition: Edition, level: int, language: str) -> bytes:
    """Return the outlines of a level as GeoJSON; ``null`` where there are none."""

    def make() -> bytes:
        from waystation.release.map_document import outlines_geojson

        frames = (edition.frame("boundaries"), edition.frame("units"))
        return _written(outlines_geojson(*frames, level, language))

    return edition.derived(f"outlines-{SHAPE}-{level}-{language}.json", make)


def points(edition: Edition) -> bytes:
    """Return the locations that have a position as GeoJSON; ``null`` where none has."""

    def make() -> bytes:
        from waystation.release.map_document import points_geojson

        return _written(points_geojson(edition.frame("locations")))

    return edition.derived(f"points-{SHAPE}.json", make)


def has_map(edition: Edition) -> bool:
    """Say whether there is anything to draw a map of."""
    return edition.derived(f"has-map-{SHAPE}", lambda: _bounds(edition)) != b"null"


def document(edition: Edition, choice: Choice, links: Links) -> bytes:
    """Return the map document of a choice: its indicator first, and others beside it."""
    name = f"map-{SHAPE}-{choice.series_name}-{links.speech.name}.json"
    return edition.derived(name, lambda: _document(edition, choice, links))


def point_values(edition: Edition, choice: Choice) -> bytes:
    """Return the figures of locations by round, of one indicator."""
    name = f"point-values-{SHAPE}-{choice.series_name}.json"
    return edition.derived(name, lambda: _point_values(edition, choice))


def _document(edition: Edition, choice: Choice, links: Links) -> bytes:
    from waystation.release import map_document as maps

    component = choice.component
    rounds = [(component.key(r), r) for r in component.rounds]
    levels = [n for n in LEVELS if outlines(edition, n, links.speech.language) != b"null"]
    located = json.loads(points(edition))
    totals = edition.frame("totals").filter(pl.col("component") == component.code)
    areas = totals.filter(pl.col("admin_level").is_in(levels))["code"].n_unique()
    series = maps.affordable(component.series, choice.series, areas * len(rounds))
    told = maps.map_document(
        totals,
        series,
        rounds,
        links.speech.words(),
        maps.Addresses(
            outlines={n: links.outlines(n) for n in levels},
            points=links.points if located else None,
        ),
        json.loads(edition.derived(f"has-map-{SHAPE}", lambda: _bounds(edition))),
    )
    if located:
        count = len(located["features"]) * len(rounds)
        for one in series:
            told["values"][one.indicator]["points"] = _values_of_points(
                edition, choice, one, links, count
            )
    return _written(told)


def _values_of_points(
    edition: Edition, choice: Choice, series: Series, links: Links, count: int
) -> Any:
    """Return the figures of locations, or their address where they are too many to travel."""
    from waystation.release.map_document import MOST_FIGURES_OF_LOCATIONS

    own = Choice(component=choice.component, series=series, round=choice.round)
    if count > MOST_FIGURES_OF_LOCATIONS:
        return links.point_values(own)
    return json.loads(point_values(edition, own))


def _point_values(edition: Edition, choice: Choice) -> bytes:
    from waystation.release.map_document import point_values as values

    located = json.loads(points(edition))
    cells = series_build(edition, choice.series).matrix
    return _written(values(cells, located, choice.component.rounds))


def _bounds(edition: Edition) -> bytes:
    from waystation.release.map_document import bounds_of

    known = [json.loads(outlines(edition, level, "en")) for level in LEVELS]
    return _written(bounds_of(*(known if any(known) else [json.loads(points(edition))])))


def _written(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
