"""Made-up builds: the country XWS, its units on a grid of squares, and its rounds."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import shapely

from waystation.findings import Findings
from waystation.geography.boundaries import Boundaries
from waystation.geography.units import Units
from waystation.sources import Source
from waystation.tracking.build import Build
from waystation.tracking.changes import Changes, Part
from waystation.tracking.locations import Locations
from waystation.tracking.matrix import Matrix, Totals
from waystation.tracking.submissions import Submissions

OPERATION = "Highlands displacement"
COMPONENT = "baseline_location"
TOTAL = "idp_individuals"
# Uneven on purpose: the round is not time.
DATES = [dt.date(2025, 3, 15) + dt.timedelta(days=d) for d in (0, 62, 210, 271, 300, 390)]
NAMES = ("Northern Hills", "Amber Coast", "Lower Basin", "Ridge", "Stone Plain", "Old Delta")
SPLITS = {
    "sex_age__male_0_17": 0.29,
    "sex_age__female_0_17": 0.27,
    "sex_age__male_18_59": 0.19,
    "sex_age__female_18_59": 0.2,
    "sex_age__male_60_plus": 0.02,
    "sex_age__female_60_plus": 0.03,
}
SHARES = {
    "reason": {"conflict": 0.7, "disaster": 0.25, "other": 0.05},
    "shelter": {"host_family": 0.55, "camp": 0.3, "school": 0.15},
}


def round_date(number: int) -> dt.date:
    """Return the reference date of a round, from 1."""
    return (
        DATES[number - 1]
        if number <= len(DATES)
        else DATES[-1] + dt.timedelta(days=45 * (number - len(DATES)))
    )


def create_units(admin1: int, admin2_each: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return units and boundaries: admin 1 are squares in rows of four, cut in strips."""
    units = [{"level": 0, "code": "XWS", "name": "Westmark", "parent_code": None}]
    shapes = []
    across = max(2, round(admin1**0.5))
    for i in range(admin1):
        x, y, code = 20.0 + i % across, 5.0 - i // across, f"XW{i + 1:02d}"
        name = NAMES[i] if i < len(NAMES) else f"Province {i + 1}"
        units.append({"level": 1, "code": code, "name": name, "parent_code": "XWS"})
        shapes.append((1, code, name, shapely.box(x, y, x + 1, y + 1)))
        for j in range(admin2_each):
            left, width = x + j / admin2_each, 1 / admin2_each
            child, title = f"{code}{j + 1:02d}", f"{name} {j + 1}"
            units.append({"level": 2, "code": child, "name": title, "parent_code": code})
            shapes.append((2, child, title, shapely.box(left, y, left + width, y + 1)))
    named = [{**u, "country": "XWS", "names": []} for u in units]
    boundaries = [
        {
            "country": "XWS",
            "level": level,
            "code": code,
            "name": name,
            "geometry": shapely.to_wkb(shape),
        }
        for level, code, name, shape in shapes
    ]
    return (
        Units.complete(pl.DataFrame(named, infer_schema_length=None)),
        pl.DataFrame(boundaries, schema=dict(Boundaries.empty_frame().schema)),
    )


def create_locations(units: pl.DataFrame, count: int, admin1: int) -> pl.DataFrame:
    """Return a master list spread over the second-level units, the last unit left empty."""
    chance = random.Random(5)
    across = max(2, round(admin1**0.5))
    second = units.filter(pl.col("level") == 2)["code"].to_list()[:-1]
    rows = []
    for i in range(count):
        code = second[i % len(second)]
        index = int(code[2:-2]) - 1
        rows.append(
            {
                "country": "XWS",
                "operation": OPERATION,
                "location_id": f"XWL{i:05d}",
                "name": f"=Site {i}" if i == 3 else f"Site {i}",
                "names": [],
                "location_type": "Village",
                "admin1_code": code[:-2],
                "admin2_code": code,
                "latitude": 5.0 - index // across + chance.random(),
                "longitude": 20.0 + index % across + chance.random(),
                "status": "open",
                "opened_round": 1,
                "opened_on": DATES[0],
            }
        )
    return Locations.complete(pl.DataFrame(rows, infer_schema_length=None))


def _cells(
    place: dict[str, Any], number: int, chance: random.Random, status: str
) -> list[dict[str, Any]]:
    persons = float(chance.randrange(40, 4000))
    blank = status == "observed" and place["location_id"].endswith("7")
    figures: dict[str, float] = {TOTAL: persons, "idp_households": persons // 5}
    figures |= {f"{TOTAL}__{key}": float(int(persons * part)) for key, part in SPLITS.items()}
    for dimension, parts in SHARES.items():
        split = {key: float(int(persons * part)) for key, part in parts.items()}
        split[next(iter(split))] += persons - sum(split.values())
        figures |= {f"{TOTAL}__{dimension}__{key}": value for key, value in split.items()}
    figures |= {"sites": 1.0, "sites__need__food": 1.0, "sites__need__water": float(number % 2)}
    observed = round_date(number - 1 if status == "carried_forward" else number)
    return [
        {
            "country": "XWS",
            "operation": OPERATION,
            "component": COMPONENT,
            "round_number": number,
            "reference_date": round_date(number),
            "location_id": place["location_id"],
            "location_name": place["name"],
            "admin1_code": place["admin1_code"],
            "admin2_code": place["admin2_code"],
            "admin3_code": None,
            "indicator": code,
            "unit": "households"
            if "households" in code
            else "sites"
            if "sites" in code
            else "persons",
            "value": None if blank else value,
            "status": status,
            "observed_on": observed,
            "submissions": 1,
        }
        for code, value in figures.items()
    ]


def create_matrix(locations: pl.DataFrame, rounds: int) -> pl.DataFrame:
    """Return a matrix with blanks, estimates and carried-forward cells at known places."""
    chance = random.Random(11)
    rows = []
    for number in range(1, rounds + 1):
        for i, place in enumerate(locations.iter_rows(named=True)):
            status = "observed"
            if i % 9 == 4:
                status = "estimated"
            elif i % 8 == 2 and number > 1:
                status = "carried_forward"
            rows += _cells(place, number, chance, status)
    return pl.DataFrame(rows, schema=dict(Matrix.empty_frame().schema))


def totals_of(matrix: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Return the totals of a matrix by plain addition."""
    keys = [
        "country",
        "operation",
        "component",
        "indicator",
        "unit",
        "round_number",
        "reference_date",
    ]
    names = units.select("code", "name", parent_code="parent_code")
    levels = []
    for level, column in enumerate(("country", "admin1_code", "admin2_code")):
        summed = (
            matrix.with_columns(code=pl.col(column))
            .group_by([*keys, "code"])
            .agg(
                value=pl.when(pl.col("value").count() > 0).then(pl.col("value").sum()),
                locations=pl.col("value").is_not_null().sum().cast(pl.Int64),
                not_reported=pl.col("value").is_null().sum().cast(pl.Int64),
            )
            .with_columns(admin_level=pl.lit(level, pl.Int64))
            .join(names, on="code", how="left")
        )
        levels.append(summed.with_columns(pl.col("name").fill_null("not placed")))
    order = [*Totals.empty_frame().columns]
    return pl.concat([Totals.complete(frame).select(order) for frame in levels]).sort(
        "round_number", "admin_level", "code", "indicator"
    )


def changes_of(totals: pl.DataFrame) -> pl.DataFrame:
    """Return changes whose parts add up to the difference: mostly real, some coverage."""
    keys = [
        "country",
        "operation",
        "component",
        "admin_level",
        "code",
        "name",
        "indicator",
        "unit",
    ]
    rows = totals.filter(pl.col("indicator") == TOTAL, pl.col("value").is_not_null())
    pairs = (
        rows.sort("round_number")
        .with_columns(
            before=pl.col("value").shift(1).over("admin_level", "code"),
            start_round=pl.col("round_number").shift(1).over("admin_level", "code"),
            start_date=pl.col("reference_date").shift(1).over("admin_level", "code"),
        )
        .filter(pl.col("before").is_not_null())
        .with_columns(
            gap=pl.col("value") - pl.col("before"),
            end_round="round_number",
            end_date="reference_date",
        )
    )
    parts = [
        (Part.INCREASE, 900.0, pl.lit(900.0)),
        (Part.NEWLY_COVERED, 400.0, pl.lit(400.0)),
        (Part.NOT_REASSESSED, -250.0, pl.lit(-250.0)),
        (Part.DECREASE, None, pl.col("gap") - 1050.0),
    ]
    frames = [
        pairs.with_columns(
            part=pl.lit(part.value), change=change, locations=pl.lit(3, pl.Int64)
        )
        for part, _, change in parts
    ]
    schema = Changes.empty_frame().schema
    return pl.concat(
        [
            frame.select(
                *keys,
                "start_round",
                "start_date",
                "end_round",
                "end_date",
                "part",
                "change",
                "locations",
            )
            for frame in frames
        ]
    ).select(pl.col(name).cast(kind) for name, kind in schema.items())


def create_findings(rounds: int) -> pl.DataFrame:
    """Return findings of three codes and severities in every round."""
    catalogue = (("TRK-102", "error", 2), ("TRK-104", "warning", 5), ("TRK-006", "info", 3))
    rows = [
        {
            "code": code,
            "severity": severity,
            "message": f"Row {i}: look again.",
            "round_number": number,
        }
        for number in range(1, rounds + 1)
        for code, severity, times in catalogue
        for i in range(times)
    ]
    return Findings.complete(pl.DataFrame(rows, infer_schema_length=None)).cast(
        pl.Schema(Findings.empty_frame().schema)
    )


def create_build(
    *,
    rounds: int = 3,
    locations: int = 25,
    admin1: int = 4,
    admin2_each: int = 2,
    boundaries: bool = True,
) -> Build:
    """Return a whole made-up build."""
    units, shapes = create_units(admin1, admin2_each)
    places = create_locations(units, locations, admin1)
    matrix = create_matrix(places, rounds)
    totals = totals_of(matrix, units)
    return Build(
        country="XWS",
        operation=OPERATION,
        submissions=Submissions.empty_frame(),
        matrix=matrix,
        totals=totals,
        findings=create_findings(rounds),
        locations=places,
        changes=changes_of(totals),
        units=units,
        boundaries=shapes if boundaries else Boundaries.empty_frame(),
        sources=(
            Source(
                producer="Made-up mission",
                title="Round files",
                licence="CC-BY-4.0",
                as_of=round_date(rounds),
                file="round.xlsx",
                sha256="0" * 64,
            ),
        ),
    )


@pytest.fixture(scope="session")
def build() -> Build:
    """Return a build of three rounds, 25 locations, blanks, estimates and carried cells."""
    return create_build()


@pytest.fixture(scope="session")
def new_build() -> Callable[..., Build]:
    """Return the function that makes builds, so that a test can say what differs."""
    return create_build
