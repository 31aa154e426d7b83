"""Made-up places: names that no one bears, and outlines that tile a made-up coast."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np

GRID = 1e-6
SYLLABLES = (
    ("ba", "با"), ("kou", "كو"), ("dé", "دي"), ("ra", "را"), ("mi", "مي"), ("ton", "تون"),
    ("sa", "سا"), ("lé", "لي"), ("gou", "غو"), ("ma", "ما"), ("ndi", "ندي"), ("fo", "فو"),
    ("ré", "ري"), ("ki", "كي"), ("za", "زا"), ("bou", "بو"), ("té", "تي"), ("na", "نا"),
    ("li", "لي"), ("wa", "وا"), ("doum", "دوم"), ("ché", "شي"), ("ro", "رو"), ("ga", "غا"),
    ("sî", "سي"), ("mou", "مو"), ("dar", "دار"), ("lo", "لو"), ("bé", "بي"), ("tu", "تو"),
    ("ha", "ها"), ("rim", "ريم"), ("jo", "جو"), ("kal", "كال"), ("fa", "فا"), ("nou", "نو"),
    ("ti", "تي"), ("yâ", "يا"), ("sen", "سن"), ("ço", "سو"), ("mbi", "مبي"), ("lua", "لوا"),
    ("dja", "جا"), ("ker", "كير"), ("zi", "زي"), ("gué", "غي"), ("shâ", "شا"), ("vo", "فو"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaceName:
    """One invented name: as the field writes it, without accents, and in Arabic."""

    latin: str
    plain: str
    arabic: str


def without_accents(text: str) -> str:
    """Return the text with accents removed, e.g. ``Kedara`` for ``Kédara``."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if not unicodedata.combining(c))


def invented_names(
    count: int, rng: np.random.Generator, *, syllables: tuple[int, int], likeness: float = 100
) -> list[PlaceName]:
    """Return distinct invented names.

    Args:
        count: How many.
        rng: Where chance comes from.
        syllables: Fewest and most syllables.
        likeness: No two names are as alike as this, 0 to 100; 100 refuses equal ones only.
    """
    from rapidfuzz import fuzz, process

    names: list[PlaceName] = []
    seen: list[str] = []
    known: set[str] = set()
    while len(names) < count:
        length = int(rng.integers(syllables[0], syllables[1] + 1))
        chosen = [SYLLABLES[i] for i in rng.integers(0, len(SYLLABLES), length)]
        latin = "".join(s[0] for s in chosen).capitalize()
        plain = without_accents(latin)
        too_like = plain in known or (
            likeness < 100
            and process.extractOne(plain, seen, scorer=fuzz.ratio, score_cutoff=likeness)
        )
        if too_like:
            continue
        known.add(plain)
        seen.append(plain)
        names.append(PlaceName(latin, plain, "".join(s[1] for s in chosen)))
    return names


def coast(centre: tuple[float, float], radius: float, rng: np.random.Generator) -> Any:
    """Return one polygon about a centre, longitude and latitude, with a wavy outline."""
    import shapely

    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    wave = sum(
        rng.uniform(0.02, 0.16) / k**0.5 * np.cos(k * angle + rng.uniform(0, 2 * np.pi))
        for k in (2, 3, 5, 9, 17)
    )
    distance = radius * (1 + wave)
    x = centre[0] + distance * np.cos(angle)
    y = centre[1] + distance * np.sin(angle)
    return shapely.set_precision(shapely.Polygon(np.column_stack([x, y])), GRID)


def cells_within(
    outline: Any, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return polygons of even size that tile an outline, and their centres (count, 2)."""
    import shapely

    low_x, low_y, high_x, high_y = outline.bounds
    points = np.zeros((0, 2))
    while len(points) < count:
        more = rng.uniform((low_x, low_y), (high_x, high_y), (count * 2, 2))
        points = np.vstack([points, more[shapely.contains_xy(outline, more)]])[:count]
    for _ in range(2):  # two steps towards even sizes
        cells = _voronoi(points, outline)
        points = shapely.get_coordinates(shapely.centroid(cells))
    cells = _voronoi(points, outline)
    return cells, shapely.get_coordinates(shapely.centroid(cells))


def _voronoi(points: np.ndarray, outline: Any) -> np.ndarray:
    import shapely

    shapes = shapely.voronoi_polygons(
        shapely.MultiPoint(points), extend_to=shapely.box(*outline.bounds), ordered=True
    )
    cells = shapely.get_parts(shapes)
    return np.asarray(shapely.intersection(cells, outline, grid_size=GRID))


def spread(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return points far from each other: each next is the one farthest from those chosen."""
    chosen = [int(rng.integers(len(points)))]
    distance = np.hypot(*(points - points[chosen[0]]).T)
    while len(chosen) < count:
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, np.hypot(*(points - points[chosen[-1]]).T))
    return points[chosen]


def nearest(points: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Return the position of the seed nearest to each point."""
    square = ((points[:, None, :] - seeds[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(square.argmin(axis=1))
