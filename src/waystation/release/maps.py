"""Maps: areas by class and circles by size, as Altair specifications.

No basemap is needed to read them. Areas that nobody assessed are hatched grey, never the
lightest class; an area that left its figure blank is plain grey. Shapes are drawn on a plane
with the parallel of the middle of the map true to scale.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from waystation.release.charts import ABSENT, Look, Spec, finished, inline
from waystation.release.report.parts import Legend
from waystation.release.theme import LIGHT

if TYPE_CHECKING:
    import numpy as np

CLASSES = 5
DETAIL = 900  # smallest detail kept: this part of the map's width
MOST_NAMES = 24
LOWEST, HIGHEST = 150, 460
NAME_LETTER = 5.8  # pixels of a letter of a name on the map
HIGHEST_CIRCLES = 360


@dataclass(frozen=True)
class Shapes:
    """Shapes of areas, ready to draw: simplified, flattened, with a point for their names.

    Attributes:
        codes: Unit of each shape.
        flat: The shapes on the plane of the map.
    """

    codes: tuple[str, ...]
    flat: np.ndarray[Any, Any]

    @cached_property
    def features(self) -> dict[str, dict[str, Any]]:
        """Return the geometry of each unit as GeoJSON."""
        import shapely

        texts = shapely.to_geojson(self.flat)
        return {c: json.loads(t) for c, t in zip(self.codes, texts, strict=True)}

    @cached_property
    def points(self) -> dict[str, tuple[float, float]]:
        """Return a point inside each unit."""
        import shapely

        inside = shapely.point_on_surface(self.flat)
        pairs = zip(shapely.get_x(inside), shapely.get_y(inside), strict=True)
        return {c: (float(x), float(y)) for c, (x, y) in zip(self.codes, pairs, strict=True)}

    @cached_property
    def sizes(self) -> dict[str, tuple[float, float]]:
        """Return the room for a name in each unit: its breadth at its point, and its height."""
        import numpy as np
        import shapely

        west, south, east, north = shapely.bounds(self.flat).T
        points = np.array([self.points[code] for code in self.codes])
        rows = np.stack([west, points[:, 1], east, points[:, 1]], axis=1).reshape(-1, 2, 2)
        breadth = shapely.length(shapely.intersection(shapely.linestrings(rows), self.flat))
        pairs = zip(breadth, north - south, strict=True)
        return {c: (float(w), float(h)) for c, (w, h) in zip(self.codes, pairs, strict=True)}


def shapes_of(boundaries: pl.DataFrame, level: int) -> Shapes | None:
    """Return the shapes of a level ready to draw; null where there are none.

    Args:
        boundaries: Shape ``Boundaries``.
        level: Administrative level.
    """
    import numpy as np
    import shapely

    own = boundaries.filter(pl.col("level") == level, pl.col("geometry").is_not_null())
    if own.is_empty():
        return None
    shapes = shapely.make_valid(shapely.from_wkb(own["geometry"].to_numpy()))
    kept = ~shapely.is_empty(shapes) & (shapely.area(shapes) > 0)
    if not kept.any():
        return None
    west, south, east, north = shapely.total_bounds(shapes[kept])
    # A country on both sides of the date line is drawn in one piece.
    if east - west > 180:
        shapes = shapely.transform(
            shapes,
            lambda xy: np.column_stack(
                [np.where(xy[:, 0] < 0, xy[:, 0] + 360, xy[:, 0]), xy[:, 1]]
            ),
        )
        west, south, east, north = shapely.total_bounds(shapes[kept])
    stretch = math.cos(math.radians((south + north) / 2))
    flat = shapely.transform(shapes, lambda xy: xy * [stretch, 1.0])
    tolerance = max((east - west) * stretch, north - south) / DETAIL
    simple = shapely.simplify(flat, tolerance, preserve_topology=True)
    digits = max(0, math.ceil(-math.log10(tolerance)) + 1)
    drawn = shapely.transform(simple, lambda xy: np.round(xy, digits))
    codes = own["code"].to_list()
    return Shapes(
        codes=tuple(c for c, good in zip(codes, kept, strict=True) if good), flat=drawn[kept]
    )


def class_breaks(values: Sequence[float], classes: int = CLASSES) -> list[tuple[float, float]]:
    """Return classes of about equal numbers of areas, as (lowest, highest) value found in each.

    Equal values are never parted, so there can be fewer classes than asked for.

    Args:
        values: Figures of areas, without nulls.
        classes: The most classes to make.

    Example:
        >>> class_breaks([1, 2, 3, 4], classes=2)
        [(1, 2), (3, 4)]
    """
    ordered = sorted(values)
    breaks: list[tuple[float, float]] = []
    start = 0
    for number in range(1, classes + 1):
        end = round(len(ordered) * number / classes)
        while start < end < len(ordered) and ordered[end] == ordered[end - 1]:
            end += 1
        if end > start:
            breaks.append((ordered[start], ordered[end - 1]))
            start = end
    return breaks


def choropleth(
    rows: pl.DataFrame, shapes: Shapes, look: Look
) -> tuple[Spec, tuple[Legend, ...]]:
    """Draw areas by class of their figure, their names on them where they are few.

    Args:
        rows: ``code``, ``name``, ``value`` (or null), ``is_assessed``.
        shapes: Shapes of the level.
        look: Language and width.

    Returns:
        The specification, and its legend: the bounds of each class and how many areas it has.
    """
    words = look.words
    by_code = {row["code"]: row for row in rows.iter_rows(named=True) if row["code"]}
    values = [
        r["value"]
        for c, r in by_code.items()
        if r["value"] is not None and c in shapes.features
    ]
    breaks = class_breaks(values)
    skip = len(LIGHT.sequence) - len(breaks)
    fills: dict[str, str] = {}
    counts: dict[str, int] = {}

    def label(low: float, high: float) -> str:
        if low == high:
            return words.number(low)
        return words.say("class_range", low=words.number(low), high=words.number(high))

    for place, (low, high) in enumerate(breaks):
        fills[label(low, high)] = LIGHT.sequence[skip + place]
    fills[words.say("not_reported")] = LIGHT.line
    fills[words.say("not_assessed")] = ABSENT

    def class_of(code: str) -> str:
        row = by_code.get(code)
        if row is None or not row["is_assessed"]:
            return words.say("not_assessed")
        if row["value"] is None:
            return words.say("not_reported")
        return next(label(low, high) for low, high in breaks if low <= row["value"] <= high)

    classes = {code: class_of(code) for code in shapes.codes}
    for name in classes.values():
        counts[name] = counts.get(name, 0) + 1
    used = [name for name in fills if name in counts]
    legend = tuple(
        Legend(fills[n], words.say("class_count", label=n, number=words.number(counts[n])))
        for n in used
    )
    features = [
        {
            "type": "Feature",
            "geometry": geometry,
            "class": classes[code],
            "tip": _tip(by_code.get(code), code, classes[code], look),
        }
        for code, geometry in shapes.features.items()
    ]
    areas = (
        alt.Chart(inline(features))
        .mark_geoshape(stroke=LIGHT.paper, strokeWidth=0.8)
        .encode(
            fill=alt.Fill(
                "class:N",
                scale=alt.Scale(domain=used, range=[fills[name] for name in used]),
                legend=None,
            ),
            tooltip=alt.Tooltip("tip:N", title=" "),
        )
    )
    layers = [areas]
    if len(shapes.codes) <= MOST_NAMES:
        dark = {name for name in used if fills[name] in LIGHT.sequence[3:]}
        layers.append(_names(by_code, shapes, classes, dark, look))
    return _map(layers, shapes, look, HIGHEST), legend


def _tip(row: dict[str, Any] | None, code: str, text: str, look: Look) -> str:
    if row is None:
        return f"{code}: {text}"
    figure = look.words.number(row["value"]) if row["value"] is not None else text
    return look.text(f"{row['name']}: {figure}")


def _names(
    by_code: dict[str, dict[str, Any]],
    shapes: Shapes,
    classes: dict[str, str],
    dark: set[str],
    look: Look,
) -> alt.Chart:
    scale = _pixels(shapes, look, HIGHEST)
    rows = [
        {
            "x": x,
            "y": y,
            "name": look.text(by_code[code]["name"]),
            "ink": LIGHT.paper if classes[code] in dark else LIGHT.ink,
        }
        for code, (x, y) in shapes.points.items()
        if code in by_code
        and by_code[code]["is_assessed"]
        and _fits(by_code[code]["name"], shapes.sizes[code], scale)
    ]
    names: alt.Chart = (
        alt.Chart(inline(rows))
        .mark_text(fontSize=10, fontWeight=600, limit=92)
        .encode(
            longitude="x:Q",
            latitude="y:Q",
            text="name:N",
            color=alt.Color("ink:N", scale=None, legend=None),
        )
    )
    return names


def _fits(name: str, size: tuple[float, float], scale: float) -> bool:
    """Return whether a name can stand inside an area; other names are in the table."""
    return len(name) * NAME_LETTER <= size[0] * scale and size[1] * scale >= 2 * NAME_LETTER


def circles(
    rows: pl.DataFrame, shapes: Shapes, outlines: Shapes | None, look: Look
) -> tuple[Spec, tuple[Legend, ...]]:
    """Draw a circle in each area, its surface proportional to the figure.

    Args:
        rows: ``code``, ``name``, ``value`` (or null), ``is_assessed``.
        shapes: Shapes of the level that the circles stand in; unassessed ones are hatched.
        outlines: Shapes of the level above, for orientation.
        look: Language and width.
    """
    words = look.words
    by_code = {row["code"]: row for row in rows.iter_rows(named=True) if row["code"]}
    absent = words.say("not_assessed")

    def is_assessed(code: str) -> bool:
        return code in by_code and bool(by_code[code]["is_assessed"])

    base = [
        {
            "type": "Feature",
            "geometry": geometry,
            "fill": LIGHT.panel if is_assessed(code) else ABSENT,
            "tip": _tip(by_code.get(code), code, absent, look),
        }
        for code, geometry in shapes.features.items()
    ]
    layers: list[alt.Chart] = [
        alt.Chart(inline(base))
        .mark_geoshape(stroke=LIGHT.line, strokeWidth=0.5)
        .encode(
            fill=alt.Fill("fill:N", scale=None, legend=None),
            tooltip=alt.Tooltip("tip:N", title=" "),
        )
    ]
    if outlines is not None:
        lines = [{"type": "Feature", "geometry": g} for g in outlines.features.values()]
        layers.append(
            alt.Chart(inline(lines)).mark_geoshape(
                filled=False, stroke=LIGHT.absent, strokeWidth=0.9
            )
        )
    points = [
        {
            "x": x,
            "y": y,
            "value": by_code[code]["value"],
            "tip": _tip(by_code[code], code, "", look),
        }
        for code, (x, y) in shapes.points.items()
        if code in by_code and (by_code[code]["value"] or 0) > 0
    ]
    top = max((point["value"] for point in points), default=1.0)
    largest = 900 if len(points) < 40 else 420 if len(points) < 150 else 200
    layers.append(
        alt.Chart(inline(points))
        .mark_circle(
            fill=LIGHT.primary, fillOpacity=0.55, stroke=LIGHT.primary, strokeWidth=0.7
        )
        .encode(
            longitude="x:Q",
            latitude="y:Q",
            size=alt.Size(
                "value:Q",
                scale=alt.Scale(domain=[0, top], range=[0, largest], nice=False),
                legend=alt.Legend(
                    orient="bottom",
                    direction="horizontal",
                    title=None,
                    format=",d",
                    values=_round_steps(top),
                    symbolType="circle",
                    symbolFillColor=LIGHT.primary,
                    symbolStrokeColor=LIGHT.primary,
                ),
            ),
            tooltip=alt.Tooltip("tip:N", title=" "),
        )
    )
    gaps = any(not is_assessed(code) for code in shapes.codes)
    legend = (Legend(ABSENT, absent),) if gaps else ()
    return _map(layers, shapes, look, HIGHEST_CIRCLES), legend


def _round_steps(top: float) -> list[float]:
    """Return up to three round values up to the largest, for the legend of sizes."""
    power = 10 ** math.floor(math.log10(max(top, 1)))
    first = max(m * power for m in (1, 2, 5) if m * power <= max(top, 1))
    return sorted({max(round(first * part), 1) for part in (0.1, 0.5, 1)})


def _pixels(shapes: Shapes, look: Look, highest: int) -> float:
    """Return the pixels that a unit of the plane is drawn with."""
    import shapely

    west, south, east, north = shapely.total_bounds(shapes.flat)
    return float(min(look.width / (east - west), highest / (north - south)))


def _map(layers: list[alt.Chart], shapes: Shapes, look: Look, highest: int) -> Spec:
    import shapely

    west, south, east, north = shapely.total_bounds(shapes.flat)
    height = min(max(look.width * (north - south) / (east - west), LOWEST), highest)
    projected = [layer.project(type="identity", reflectY=True) for layer in layers]
    chart = alt.layer(*projected).properties(width=look.width, height=round(height))
    spec = finished(chart.resolve_scale(fill="independent", color="independent"), look)
    spec["usermeta"] = {"aspect": (north - south) / (east - west)}
    return spec
