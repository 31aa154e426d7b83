"""Speed of the checks on submissions, against libhxl's schema validation, from one run.

Usage: python benchmarks/quality_checks.py [--locations 20000] [--rounds 50] [--peer-rows 5000]
"""

from __future__ import annotations

import argparse
import datetime as dt
import time

import numpy as np
import polars as pl

from waystation.geography.boundaries import Boundaries
from waystation.tracking.checks import CHECKS
from waystation.tracking.quality import check_submissions, near_duplicates, set_aside_repeats
from waystation.tracking.submissions import Submissions

AGES = {"under_1": 0.04, "1_5": 0.14, "6_17": 0.34, "18_59": 0.41, "60_plus": 0.07}
SPLITS = {
    "reason": {"conflict": 0.7, "communal": 0.1, "disaster": 0.18, "other": 0.02},
    "shelter": {"camp": 0.5, "host_family": 0.3, "makeshift": 0.15, "school": 0.05},
    "origin": {"xw01": 0.6, "xw02": 0.3, "xw03": 0.1},
    "period": {"before_2024": 0.5, "2024": 0.3, "2025": 0.2},
}
NEEDS = np.array(
    ["food water shelter", "health food nfi", "water food cash", "shelter nfi food"]
)
START = dt.date(2021, 1, 31)


def create_submissions(locations: int, rounds: int, *, seed: int = 7) -> pl.DataFrame:
    """Return made reports of places over rounds, a few percent of rows with a defect.

    Most places move a few percent a round; one in two hundred doubles or empties.
    """
    random = np.random.default_rng(seed)
    rows = locations * rounds
    place = np.tile(np.arange(locations), rounds)
    at = np.repeat(np.arange(rounds), locations)
    steps = random.normal(0, 0.05, (rounds, locations))
    event = random.random((rounds, locations)) < 0.005
    steps[event] += random.choice([-1.5, 0.8], event.sum())
    people = np.exp(random.normal(5.6, 1.1, locations) + steps.cumsum(0)).round() + 12
    idps = people.ravel()
    size = random.normal(5.2, 0.4, locations)
    households = np.maximum((idps / np.tile(size, rounds)).round(), 1)
    columns: dict[str, np.ndarray] = {"idp_individuals": idps, "idp_households": households}
    columns |= _demography(idps, random)
    for dimension, shares in SPLITS.items():
        columns |= _split(idps, f"idp_individuals__{dimension}", shares, random)
    change = np.diff(people, axis=0, prepend=people[:1]).ravel()
    columns["arrival_individuals"] = np.maximum(change, 0)
    columns["departure_individuals"] = np.maximum(-change, 0)
    columns["returnee_individuals"] = (idps * 0.1).round()
    columns["returnee_households"] = np.maximum(
        (columns["returnee_individuals"] / 5).round(), 1
    )
    _add_defects(columns, random, rows)
    return Submissions.complete(_described(columns, place, at, random)).rechunk()


def _demography(idps: np.ndarray, random: np.random.Generator) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    female = random.binomial(idps.astype(np.int64), 0.52).astype(float)
    for sex, persons in (("female", female), ("male", idps - female)):
        bands = _split(persons, f"idp_individuals__sex_age__{sex}", AGES, random, joint="_")
        found[f"idp_individuals__sex__{sex}"] = sum(bands.values(), start=np.zeros(len(idps)))
        found |= bands
    return found


def _split(
    persons: np.ndarray,
    name: str,
    shares: dict[str, float],
    random: np.random.Generator,
    joint: str = "__",
) -> dict[str, np.ndarray]:
    left, weight = persons.astype(np.int64), 1.0
    found = {}
    for category, share in shares.items():
        chance = min(max(share / weight, 0.0), 1.0)
        part = random.binomial(left, chance)
        found[f"{name}{joint}{category}"] = part.astype(float)
        left, weight = left - part, weight - share
    last = f"{name}{joint}{list(shares)[-1]}"
    found[last] += left
    return found


def _add_defects(
    columns: dict[str, np.ndarray], random: np.random.Generator, rows: int
) -> None:
    def some(share: float) -> np.ndarray:
        return random.choice(rows, max(int(rows * share), 1), replace=False)

    columns["idp_individuals"][some(0.003)] *= 10
    columns["idp_individuals"][some(0.003)] = np.nan
    columns["idp_households"][some(0.002)] *= 10
    columns["idp_individuals__sex__female"][some(0.004)] += 40
    columns["idp_individuals__reason__conflict"][some(0.004)] += 25
    columns["idp_individuals__shelter__camp"][some(0.003)] += 31
    columns["idp_individuals__sex_age__male_6_17"][some(0.003)] = np.nan
    columns["returnee_individuals"][some(0.001)] *= -1
    columns["arrival_individuals"][some(0.001)] += 0.5
    at = some(0.002)
    columns["idp_individuals"][at], columns["idp_households"][at] = (
        columns["idp_households"][at],
        columns["idp_individuals"][at],
    )


def _described(
    columns: dict[str, np.ndarray],
    place: np.ndarray,
    at: np.ndarray,
    random: np.random.Generator,
) -> pl.DataFrame:
    rows, locations = len(place), int(place.max()) + 1
    latitude = random.uniform(5, 12, locations)[place]
    longitude = random.uniform(20, 30, locations)[place]
    odd = random.choice(rows, rows // 200, replace=False)
    latitude[odd], longitude[odd] = longitude[odd], latitude[odd]
    days = random.integers(-20, 1, rows)
    frame = pl.DataFrame(
        {
            "place": place,
            "at": at,
            "latitude": latitude.round(5),
            "longitude": longitude.round(5),
            "days": days,
            "enumerator": random.integers(0, 400, rows),
            "key_informants": random.integers(2, 6, rows).astype(float),
            "credibility": random.uniform(0.55, 1, rows).round(2),
            "priority_needs": random.choice(NEEDS, rows),
            **{name: pl.Series(values, nan_to_null=True) for name, values in columns.items()},
        }
    )
    cell = (pl.col("place") % 200).cast(pl.String).str.zfill(3)
    reference = pl.lit(START) + pl.duration(days=30 * pl.col("at"))
    described = frame.select(
        submission_id=pl.format("round_{}.xlsx/data/{}", "at", pl.col("place") + 2),
        file=pl.format("round_{}.xlsx", "at"),
        sheet=pl.lit("data"),
        row=pl.col("place") + 2,
        record_uuid=pl.format("{}-{}", "at", "place"),
        is_counted=pl.lit(value=True),
        country=pl.lit("XWS"),
        operation=pl.lit("Benchmark"),
        component=pl.lit("site_assessment"),
        round_number=pl.col("at") + 1,
        reference_date=reference.cast(pl.Date),
        collected_on=(reference + pl.duration(days="days")).cast(pl.Date),
        admin1_code=pl.lit("XW") + cell.str.slice(0, 1).str.zfill(2),
        admin2_code=pl.lit("XW") + cell.str.slice(0, 1).str.zfill(2) + cell.str.slice(1, 2),
        location_id=pl.format("XW{}", pl.col("place").cast(pl.String).str.zfill(6)),
        location_key=pl.format("XW{}", pl.col("place").cast(pl.String).str.zfill(6)),
        location_name=pl.format("Site {} of {}", "place", cell),
        location_status=pl.lit("open"),
        latitude="latitude",
        longitude="longitude",
        enumerator=pl.format("E{}", "enumerator"),
        key_informants="key_informants",
        credibility="credibility",
        access=pl.lit("yes"),
        priority_needs="priority_needs",
        **{name: pl.col(name) for name in columns},
    )
    # Some rows came twice, some places were left out of a round.
    again = described.sample(rows // 400, seed=3)
    missed = pl.Series(random.random(rows) > 0.003)
    again = again.with_columns(submission_id=pl.col("submission_id") + "/2")
    return pl.concat([described.filter(missed), again]).rechunk()


def create_boundaries() -> pl.DataFrame:
    """Return one outline for the country, so that positions abroad are found."""
    import shapely

    shape = shapely.to_wkb(shapely.box(19, 4, 31, 13))
    row = {"country": "XWS", "level": 1, "code": "XW00", "name": "All", "geometry": shape}
    schema = {name: column.dtype for name, column in Boundaries.columns().items()}
    return pl.DataFrame([row], schema=schema)


def _peer_seconds_a_row(submissions: pl.DataFrame, rows: int) -> float:
    """Return the seconds libhxl takes a row for three rules on the same columns.

    The rules are the nearest to ours that its schemas have: the unit is given and in the
    list, every figure is a number of 0 or more, and no location stands twice in a round.
    """
    import hxl

    figures = [name for name in submissions.columns if name.startswith(("idp_", "ret", "arr"))]
    tags = {
        "admin2_code": "#adm2+code",
        "location_id": "#loc+id",
        "location_name": "#loc+name",
        "round_number": "#meta+round",
        "latitude": "#geo+lat",
        "longitude": "#geo+lon",
        "collected_on": "#date+occurred",
        **{name: f"#affected+f_{name.replace('__', '_')}" for name in figures},
    }
    sample = submissions.head(rows).select(pl.col(list(tags)).cast(pl.String).fill_null(""))
    units = "|".join(submissions["admin2_code"].unique().sort())
    table = [list(tags), list(tags.values()), *(list(row) for row in sample.iter_rows())]
    schema = [
        ["#valid_tag", "#valid_required", "#valid_value+list", "#valid_datatype",
         "#valid_value+min", "#valid_unique+key"],
        ["#adm2+code", "true", units, "", "", ""],
        ["#affected", "", "", "number", "0", ""],
        ["#loc+id", "", "", "", "", "#loc+id,#meta+round"],
    ]  # fmt: skip
    problems: list[object] = []
    rules = hxl.schema(hxl.data(schema), problems.append)
    start = time.perf_counter()
    rules.validate(hxl.data(table))
    return (time.perf_counter() - start) / rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--locations", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--peer-rows", type=int, default=3_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    submissions = create_submissions(options.locations, options.rounds)
    boundaries = create_boundaries()
    rows = len(submissions)
    print(f"{rows:,} rows, {options.locations:,} locations, {submissions.width} columns")
    best, busy = float("inf"), float("inf")
    for _ in range(options.repeats):
        start, worked = time.perf_counter(), time.process_time()
        counted, repeats = set_aside_repeats(submissions)
        findings = check_submissions(
            counted,
            boundaries=boundaries,
            today=dt.date(2030, 1, 1),
            include_near_duplicates=False,
        )
        best = min(best, time.perf_counter() - start)
        busy = min(busy, time.process_time() - worked)
    found = pl.concat([repeats, findings])
    codes = [code for code in CHECKS if "TRK-109" <= code <= "TRK-199" and code != "TRK-122"]
    share = len(found) / rows
    print(f"{len(codes)} checks: {best:.2f} s, {rows / best:,.0f} rows/s (limit 500,000)")
    print(f"processor time of all cores together: {busy:.2f} s")
    print(f"findings: {len(found):,}, {share:.1%} of rows, {found['code'].n_unique()} codes")
    start = time.perf_counter()
    near = near_duplicates(counted)
    print(f"near duplicates, apart: {time.perf_counter() - start:.2f} s, {len(near):,} pairs")
    peer = _peer_seconds_a_row(submissions, options.peer_rows)
    ratio = peer / (best / rows)
    print(f"libhxl, three rules: {1 / peer:,.0f} rows/s; ratio {ratio:,.0f} (limit 20)")


if __name__ == "__main__":
    main()
