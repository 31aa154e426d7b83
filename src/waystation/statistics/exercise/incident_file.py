"""Deaths on routes of the made-up world, as the Missing Migrants Project lists incidents.

Layout of 2021 to 2024. What is listed is less than what happened, most of all at sea.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
import shapely

from waystation.geography.fictional_world import fictional_regions
from waystation.statistics.exercise.published import Published

FILE = "missing_migrants_incidents.csv"
FIRST_YEAR, LAST_YEAR = 2014, 2024
MOST_ROUTES = 8
_CAUSES = {
    True: ("Drowning", "Mixed or unknown"),
    False: ("Vehicle accident / death linked to hazardous transport", "Violence",
            "Harsh environmental conditions / lack of adequate shelter, food, water"),
}  # fmt: skip
_SPLIT = 0.04
_DAMAGES = (
    ("no_coordinates", "Coordinates", 0.01, "The place is not given"),
    ("no_quality", "Source Quality", 0.035, "The quality of the source is blank"),
    ("wrong_total", "Total Number of Dead and Missing", 0.004,
     "The total is not dead plus missing"),
)  # fmt: skip
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """A way that people take in secret.

    Attributes:
        name: As the file calls it.
        origin: Area it leaves from.
        destination: Area it leads to.
        at_sea: Its incidents happen at sea.
        line: From one centre to the other, longitude and latitude, (2, 2).
        weight: How many people take it, against others.
    """

    name: str
    origin: int
    destination: int
    at_sea: bool
    line: np.ndarray
    weight: float


def write_incidents(published: Published, rng: np.random.Generator) -> None:
    """Write the incidents listed, and all of them with their true numbers beside."""
    routes = routes_of(published)
    true = _true_incidents(published, routes, rng)
    true.write_parquet(published.folder / "truth" / "incidents.parquet")
    listed = true.filter("is_listed").sort("date", "route", "number")
    rows = _rows(published, listed, routes, rng)
    pl.DataFrame(rows, infer_schema_length=None).write_csv(published.folder / FILE)
    lost = int(true.filter(~pl.col("is_listed"))["total"].sum())
    published.note(FILE, "unlisted_incidents", "all", "Incidents nobody heard of are not there",
                   period=f"{FIRST_YEAR}-{LAST_YEAR}", truth=float(true["total"].sum()),
                   published=int(true["total"].sum()) - lost)  # fmt: skip


def routes_of(published: Published) -> list[Route]:
    """Return the pairs of areas, poor to rich, where most people moved: by sea, and by land."""
    world = published.world
    stocks = published.history.at(LAST_YEAR).sum(axis=2).astype(float)
    pull = stocks * (world.income[None, :] > 1.3 * world.income[:, None])
    np.fill_diagonal(pull, 0)
    if not pull.any():  # all alike: any pair will do
        pull = stocks * ~np.eye(len(stocks), dtype=bool)
    land = shapely.union_all(world.outlines.shapes)
    touch = world.outlines.are_neighbours()
    found: list[Route] = []
    counts = {True: 0, False: 0}
    for pair in np.argsort(-pull, axis=None, kind="stable").tolist():
        i, j = divmod(pair, len(stocks))
        if len(found) == MOST_ROUTES or pull[i, j] <= 0:
            break
        at_sea = not touch[i, j]
        line = world.outlines.centres[[i, j]]
        if abs(line[0, 0] - line[1, 0]) > 180 or counts[at_sea] * 2 >= MOST_ROUTES:
            continue
        if at_sea and _share_at_sea(line, land) < 0.15:
            continue
        counts[at_sea] += 1
        name = f"{published.names[i]} to {published.names[j]}"
        found.append(Route(name, i, j, at_sea, line, float(pull[i, j] ** 0.5)))
    return found


def _share_at_sea(line: np.ndarray, land: shapely.Geometry) -> float:
    way = shapely.LineString(line)
    return float(1 - shapely.length(shapely.intersection(way, land)) / shapely.length(way))


def _true_incidents(
    published: Published, routes: list[Route], rng: np.random.Generator
) -> pl.DataFrame:
    land = shapely.union_all(published.world.outlines.shapes)
    heaviest = max((r.weight for r in routes), default=1.0)
    parts = []
    for number, route in enumerate(routes):
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            surge = 1 + 0.8 * np.sin((year - FIRST_YEAR) / 2 + number)
            count = int(rng.poisson(30 * route.weight / heaviest * surge)) + 2
            places = _places(route, count, land, rng)
            size = rng.lognormal(1.4 if route.at_sea else 0.4, 1.0, count)
            total = np.ceil(size).astype(np.int64)
            missing = rng.binomial(total, 0.55 if route.at_sea else 0.05)
            seen = np.minimum(0.35 + 0.15 * np.log1p(total), 0.95)
            days = rng.integers(0, 365, count)
            parts.append(
                pl.DataFrame(
                    {
                        "date": [dt.date(year, 1, 1) + dt.timedelta(int(d)) for d in days],
                        "route": [number] * count,
                        "number": np.arange(count),
                        "longitude": places[:, 0],
                        "latitude": places[:, 1],
                        "dead": total - missing,
                        "missing": missing,
                        "total": total,
                        "survivors": rng.poisson(size * (4 if route.at_sea else 1)),
                        "is_listed": rng.random(count) < seen,
                    }
                )
            )
    return pl.concat(parts)


def _places(
    route: Route, count: int, land: shapely.Geometry, rng: np.random.Generator
) -> np.ndarray:
    """Return places along a route, at sea or on land as the route is; (count, 2)."""
    start, end = route.line
    across = np.array([start[1] - end[1], end[0] - start[0]])
    across = across / max(float(np.hypot(*across)), 1e-9)
    found = np.zeros((count, 2))
    missing = np.arange(count)
    for width in (0.6, 0.6, 0.6, 1.0, 2.0, 3.0, 5.0, 8.0):
        along = rng.uniform(0.05, 0.95, len(missing))[:, None]
        aside = rng.normal(0, width, len(missing))[:, None]
        found[missing] = start + along * (end - start) + aside * across
        on_land = shapely.contains_xy(land, found[missing])
        missing = missing[on_land == route.at_sea]
        if not len(missing):
            break
    # Where chance did not do, the place of an incident that fits is taken.
    if len(missing) and len(missing) < count:
        good = np.setdiff1d(np.arange(count), missing)
        found[missing] = found[good[missing % len(good)]]
    return found.round(4)


def _rows(
    published: Published, listed: pl.DataFrame, routes: list[Route], rng: np.random.Generator
) -> list[dict[str, object]]:
    large = np.flatnonzero((listed["dead"] > 3).to_numpy())
    count = min(max(1, round(_SPLIT * len(large))), len(large))
    split = set(rng.choice(large, count, replace=False).tolist())
    rows: list[dict[str, object]] = []
    numbers: dict[int, int] = {}
    for position, one in enumerate(listed.iter_rows(named=True)):
        year = one["date"].year
        numbers[year] = numbers.get(year, 0) + 1
        row = _row(published, one, routes[one["route"]], f"{year}.MMP{numbers[year]:05d}", rng)
        rows += _split(published, row, one) if position in split else [row]
    _damage(published, rows, rng)
    return rows


def _row(
    published: Published, one: dict[str, object], route: Route, identifier: str,
    rng: np.random.Generator,
) -> dict[str, object]:  # fmt: skip
    date = dt.date.fromisoformat(str(one["date"]))
    dead, missing = int(str(one["dead"])), int(str(one["missing"]))
    females = int(rng.binomial(dead, 0.2))
    region = fictional_regions()[published.world.areas[route.destination].region].names[0]
    causes = _CAUSES[route.at_sea]
    country = None if route.at_sea else published.names[route.destination]
    sea = f"at sea off {published.names[route.destination]}"
    return {
        "Main ID": identifier,
        "Incident ID": identifier,
        "Incident Type": "Incident",
        "Region of Incident": region,
        "Incident Date": f"{date:%a}, {date:%m/%d/%Y} - 12:00",
        "Incident Year": date.year,
        "Month": _MONTHS[date.month - 1],
        "Number of Dead": dead or None,
        "Minimum Estimated Number of Missing": missing or None,
        "Total Number of Dead and Missing": dead + missing,
        "Number of Survivors": one["survivors"] or None,
        "Number of Females": females or None,
        "Number of Males": (dead - females) or None,
        "Number of Children": int(rng.binomial(dead, 0.1)) or None,
        "Country of Origin": published.names[route.origin] if rng.random() < 0.6 else "Unknown",
        "Region of Origin": None,
        "Cause of Death": causes[int(rng.integers(len(causes)))],
        "Country of Incident": country,
        "Migration Route": route.name,
        "Location of Incident": sea if route.at_sea else f"Near the border of {country}",
        "Information Source": "Made up",
        "Coordinates": f"{one['latitude']}, {one['longitude']}",
        "UNSD Geographical Grouping": "Uncategorized" if route.at_sea else region,
        "Source Quality": int(rng.integers(1, 6)),
        "URL": None,
    }


def _split(
    published: Published, row: dict[str, object], one: dict[str, object]
) -> list[dict[str, object]]:
    """Return one record as two incidents under one Main ID."""
    dead, missing = int(str(one["dead"])), int(str(one["missing"]))
    first, second = dict(row), dict(row)
    second["Incident ID"] = f"{row['Main ID']}B"
    first["Incident Type"] = second["Incident Type"] = "Split Incident"
    first |= {
        "Number of Dead": dead - 1,
        "Total Number of Dead and Missing": dead - 1 + missing,
    }
    second |= {
        "Number of Dead": 1, "Minimum Estimated Number of Missing": None,
        "Total Number of Dead and Missing": 1, "Number of Survivors": None,
        "Number of Females": None, "Number of Males": None, "Number of Children": None,
    }  # fmt: skip
    published.note(FILE, "split_incident", str(row["Main ID"]),
                   "One record is two incidents: count by Incident ID",
                   truth=dead + missing, published=f"{dead - 1 + missing} and 1")  # fmt: skip
    return [first, second]


def _damage(
    published: Published, rows: list[dict[str, object]], rng: np.random.Generator
) -> None:
    """Leave out some places and qualities, write some wrong totals; at least one of each."""
    order = rng.permutation(len(rows)).tolist()
    for kind, column, share, meaning in _DAMAGES:
        for _ in range(min(max(1, round(share * len(rows))), len(order))):
            row = rows[order.pop()]
            place = str(row["Incident ID"])
            if kind != "wrong_total":
                published.note(FILE, kind, place, meaning)
                row[column] = None
                continue
            right = int(str(row[column]))
            row[column] = right + 1
            published.note(FILE, kind, place, meaning, truth=right, published=right + 1)
