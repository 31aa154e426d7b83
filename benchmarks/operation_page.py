"""Speed and weight of the operation page, against the limits of its promise, from one run.

Makes a published operation of 4,000 locations and 40 rounds (kept in build/ for the next run),
asks for its page through the ASGI application, and weighs all that a browser fetches for it.

Usage: python benchmarks/operation_page.py [--locations 4000] [--rounds 40] [--again]
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from waystation.tracking.build import Build

ROOT = Path(__file__).resolve().parents[1]
MILLISECONDS, DATA, SCRIPTS = 100, 300, 800
FIRST = 300  # milliseconds of the first answer after a start
PACKED = {"Accept-Encoding": "br, gzip"}
AREAS = (20, 200)
SLUG = "benchmark"
START = dt.date(2019, 1, 31)
SPLITS = {
    "idp_individuals__reason": ("conflict", "disaster", "insecurity", "other"),
    "idp_individuals__shelter": ("camp", "host_family", "makeshift", "rented", "school"),
    "idp_individuals__sex": ("female", "male"),
    "idp_individuals__origin": tuple(f"xw{n:02d}" for n in range(1, 11)),
    "sites__need": ("food", "water", "shelter", "health", "cash", "nfi", "education"),
}
STOCKS = {
    "idp_individuals": ("persons", 1.0),
    "idp_households": ("households", 0.2),
    "returnee_individuals": ("persons", 0.3),
    "returnee_households": ("households", 0.06),
    "migrant_individuals": ("persons", 0.05),
    "host_individuals": ("persons", 9.0),
    "sites": ("sites", 0.0),
}


def create_places(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return units and outlines of a made country: wrinkled cells that fit each other."""
    import shapely

    from waystation.geography.boundaries import Boundaries
    from waystation.geography.units import Units

    random = np.random.default_rng(seed)
    points = random.uniform((20.2, 4.2), (27.8, 11.8), (AREAS[1], 2))
    coast = shapely.box(20, 4, 28, 12)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=coast)
    )
    borders = shapely.line_merge(
        shapely.union_all(shapely.boundary(shapely.intersection(cells, coast)))
    )
    lines = shapely.get_parts(shapely.segmentize(borders, 0.01))
    cells = shapely.get_parts(shapely.polygonize(lines))
    # The same corner is moved the same way in every cell that has it.
    wrinkled = shapely.transform(
        cells,
        lambda xy: xy + 0.004 * np.sin(xy[:, ::-1] * 90) + 0.04 * np.sin(xy[:, ::-1] * 11),
    )
    middles = shapely.get_coordinates(shapely.centroid(wrinkled))
    seeds = middles[random.choice(len(middles), AREAS[0], replace=False)]
    above = ((middles[:, None] - seeds[None]) ** 2).sum(axis=2).argmin(axis=1)
    provinces = [shapely.coverage_union_all(wrinkled[above == n]) for n in range(AREAS[0])]
    entries: list[tuple[int, str, str, str | None, Any]] = [(0, "XWS", "Westmark", None, None)]
    for n, shape in enumerate(provinces):
        entries.append((1, f"XW{n + 1:02d}", f"Province {n + 1}", "XWS", shape))
    for n, shape in enumerate(wrinkled):
        parent = f"XW{above[n] + 1:02d}"
        entries.append((2, f"{parent}{n:03d}", f"District {n + 1}", parent, shape))
    units: list[dict[str, Any]] = [
        {"country": "XWS", "level": e[0], "code": e[1], "name": e[2], "parent_code": e[3],
         "names": []}
        for e in entries
    ]  # fmt: skip
    outlines = [
        {"country": "XWS", "level": e[0], "code": e[1], "name": e[2],
         "geometry": shapely.to_wkb(e[4])}
        for e in entries
        if e[4] is not None
    ]  # fmt: skip
    return (
        Units.complete(pl.DataFrame(units, infer_schema_length=None)),
        Boundaries.complete(pl.DataFrame(outlines)),
    )


def create_cells(units: pl.DataFrame, locations: int, rounds: int, seed: int) -> pl.DataFrame:
    """Return a matrix: places that grow and shrink, some blank, some not reassessed."""
    from waystation.tracking.cells import Matrix

    random = np.random.default_rng(seed)
    codes = units.filter(pl.col("level") == 2)["code"].to_numpy()
    unit = random.choice(codes, locations)
    steps = random.normal(0, 0.06, (rounds, locations)).cumsum(axis=0)
    people = (np.exp(random.normal(5.4, 1.1, locations) + steps) / 5).round() * 5
    is_there = random.random((rounds, locations)) > 0.04
    at, place = np.nonzero(is_there)
    base = pl.DataFrame({"round_number": at + 1, "place": place, "people": people[at, place]})
    base = base.with_columns(
        reference_date=pl.lit(START) + pl.duration(days=61 * (pl.col("round_number") - 1)),
        location_id=pl.format("L{}", pl.col("place").cast(pl.String).str.zfill(5)),
        location_name=pl.format("Site {}", pl.col("place") + 1),
        admin2_code=pl.Series(unit[place]),
        status=pl.Series(
            random.choice(
                ["observed", "corrected", "carried_forward", "estimated"],
                len(place),
                p=[0.85, 0.02, 0.1, 0.03],
            )
        ),
        country=pl.lit("XWS"),
        operation=pl.lit("Benchmark"),
        component=pl.lit("baseline_location"),
        submissions=pl.lit(1, pl.Int64),
    ).with_columns(admin1_code=pl.col("admin2_code").str.head(4), observed_on="reference_date")
    blank = pl.Series(random.random(base.height) < 0.01)
    parts = []
    for code, (what, share) in STOCKS.items():
        some = (pl.col("people") * share).round()
        value = some if share else (pl.col("people") > 0).cast(pl.Float64)
        parts.append(
            base.with_columns(
                indicator=pl.lit(code), unit=pl.lit(what), value=pl.when(~blank).then(value)
            )
        )
    for stem, categories in SPLITS.items():
        weights = random.dirichlet(np.ones(len(categories)), base.height)
        is_site = stem.startswith("sites")
        for n, category in enumerate(categories):
            part = pl.col("people") * pl.Series(weights[:, n])
            value = (part > 20).cast(pl.Float64) if is_site else (part / 5).round() * 5
            parts.append(
                base.with_columns(
                    indicator=pl.lit(f"{stem}__{category}"),
                    unit=pl.lit("sites" if is_site else "persons"),
                    value=value,
                )
            )
    whole = pl.concat(parts).with_columns(
        pl.col("status").cast(Matrix.columns()["status"].dtype),
        pl.lit(None, pl.String).alias("admin3_code"),
    )
    return whole.select(Matrix.column_names())


def create_build(locations: int, rounds: int, seed: int = 5) -> Build:
    """Return a published whole as `make_edition` would put it together."""
    from waystation.findings import Findings
    from waystation.sources import Source
    from waystation.tracking.build import Build
    from waystation.tracking.changes import changes_from_matrix
    from waystation.tracking.locations import Locations
    from waystation.tracking.submissions import Submissions
    from waystation.tracking.totals import totals_from_matrix

    units, boundaries = create_places(seed)
    matrix = create_cells(units, locations, rounds, seed)
    stocks = matrix.filter(pl.col("indicator").is_in(list(STOCKS)))
    random = np.random.default_rng(seed)
    known = stocks.unique("location_id", maintain_order=True)
    kinds = ["host community", "camp", "informal settlement", "collective centre"]
    listed = known.select(
        "country", "operation", "location_id", "admin1_code", "admin2_code",
        name="location_name",
        location_type=pl.Series(random.choice(kinds, known.height)),
        latitude=pl.Series(random.uniform(4, 12, known.height).round(5)),
        longitude=pl.Series(random.uniform(20, 28, known.height).round(5)),
        opened_on="reference_date",
    )  # fmt: skip
    codes = ["TRK-101", "TRK-115", "TRK-140", "TRK-165", "TRK-171", "TRK-190"]
    found = pl.DataFrame(
        {
            "code": random.choice(codes, 9000),
            "severity": random.choice(["error", "warning", "info"], 9000),
            "message": "A check.",
            "round_number": random.integers(1, rounds + 1, 9000),
        }
    )
    return Build(
        country="XWS",
        operation="Benchmark",
        submissions=Submissions.empty_frame(),
        matrix=matrix,
        totals=totals_from_matrix(matrix, units),
        findings=Findings.complete(found),
        locations=Locations.complete(listed),
        changes=changes_from_matrix(stocks, units=units),
        units=units,
        boundaries=boundaries,
        sources=(Source(producer="A made operation", title="Benchmark"),),
        rounded_to=5,
    )


def publish(locations: int, rounds: int) -> None:
    """Put the made operation into the data folder, with all that publishing works out."""
    from django.core.management import call_command

    from waystation.tracking.build_folder import write_build_frames
    from waystation.web.tracking import storage
    from waystation.web.tracking.editions import BEFORE_READERS, edition_numbered
    from waystation.web.tracking.models import Operation

    call_command("migrate", verbosity=0)
    operation = Operation.objects.create(
        slug=SLUG, name="Benchmark", country="XWS", visibility="public", disclosure_seed="0",
        edition=1,
    )  # fmt: skip
    start = time.perf_counter()
    build = create_build(locations, rounds)
    print(f"  made {build.matrix.height:,} cells in {time.perf_counter() - start:.0f} s")
    with storage.folder_made_whole(storage.edition_folder(operation)) as folder:
        write_build_frames(build, folder, summary={})
    start = time.perf_counter()
    for prepare in BEFORE_READERS:
        prepare(edition_numbered(operation, 1))
    print(f"  worked out at publication, once: {time.perf_counter() - start:.1f} s")


def first_answer() -> None:
    """Print the milliseconds of the first answer of a process that has just started."""
    from django.test import AsyncClient

    from waystation.web.project.asgi import application  # noqa: F401  # what a server loads

    client = AsyncClient()
    start = time.perf_counter()
    answer = asyncio.run(client.get(f"/operations/{SLUG}/"))
    took = time.perf_counter() - start
    assert answer.status_code == 200, answer.status_code
    print(took * 1000)


async def warm_answers(times: int) -> tuple[list[float], str, int]:
    """Return milliseconds of answers, the page, and its bytes as sent."""
    from django.test import AsyncClient

    client = AsyncClient()
    took = []
    await client.get(f"/operations/{SLUG}/")
    for _ in range(times):
        start = time.perf_counter()
        answer = await client.get(f"/operations/{SLUG}/", headers=PACKED)
        took.append((time.perf_counter() - start) * 1000)
    plain = await AsyncClient().get(f"/operations/{SLUG}/")
    return took, plain.content.decode(), len(answer.content)


async def weigh(page: str) -> dict[str, int]:
    """Return the bytes as sent of what a browser fetches for a page, by kind."""
    from django.test import AsyncClient

    client = AsyncClient()

    async def size(address: str) -> int:
        answer = await client.get(address, headers=PACKED)
        assert answer.status_code == 200, address
        return len(answer.content)

    weights = {"map document": 0, "outlines": 0, "charts": 0}
    for address in re.findall(r'class="[^"]*js-map[^"]*"[^>]*data-source="([^"]+)"', page):
        weights["map document"] = await size(unescape(address))
        plain = await AsyncClient().get(unescape(address))
        for outline in plain.json()["outlines"].values():
            weights["outlines"] += await size(outline)
    for address in re.findall(r'js-chart"[^>]*data-source="([^"]+)"', page):
        weights["charts"] += await size(unescape(address))
    return weights


def built(page: str) -> tuple[int, int]:
    """Return the bytes, compressed, of the style sheets and of the scripts of a page."""
    dist = ROOT / "src" / "waystation" / "web" / "static" / "dist"

    def packed(names: set[str]) -> int:
        return sum((dist / f"{name}.br").stat().st_size for name in names)

    styles = set(re.findall(r'href="/static/dist/([^"]+\.css)"', page))
    scripts = set(re.findall(r'src="/static/dist/([^"]+\.js)"', page))
    scripts |= set(re.findall(r'data-worker="/static/dist/([^"]+\.js)"', page))
    wanted = list(scripts)
    while wanted:  # what scripts import
        text = (dist / wanted.pop()).read_text("utf-8")
        for name in re.findall(r'["\']\./([\w.-]+\.js)["\']', text):
            if name not in scripts and (dist / name).exists():
                scripts.add(name)
                wanted.append(name)
    return packed(styles), packed(scripts)


def start_django(folder: Path) -> None:
    """Load Django on a data folder, as a server does."""
    os.environ["WAYSTATION_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "waystation.web.project.settings.local"
    os.environ["WAYSTATION_ALLOWED_HOSTS"] = "testserver"
    import django

    django.setup()


def main() -> None:
    """Print times and weights, and their ratios to the limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--locations", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--again", action="store_true", help="make the operation anew")
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    name = f"operation-{chosen.locations}x{chosen.rounds}"
    folder = ROOT / "build" / "benchmarks" / name
    if chosen.again:
        shutil.rmtree(folder, ignore_errors=True)
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    start_django(folder)
    if chosen.first:
        first_answer()
        return
    print(f"operation of {chosen.locations:,} locations x {chosen.rounds} rounds")
    if is_new:
        publish(chosen.locations, chosen.rounds)
    own = [sys.executable, __file__, "--first", f"--locations={chosen.locations}"]
    runs = [
        subprocess.run([*own, f"--rounds={chosen.rounds}"], capture_output=True, check=True)
        for _ in range(3)
    ]
    first = min(float(run.stdout) for run in runs)
    took, page, html = asyncio.run(warm_answers(30))
    warm = statistics.median(took)
    weights = asyncio.run(weigh(page))
    styles, scripts = built(page)
    total = (html + styles + sum(weights.values())) / 1024
    for what, size in {"page": html, "styles": styles, **weights}.items():
        print(f"  {what:<26} {size / 1024:7.1f} KB compressed")
    for what, value, unit, limit in (
        ("page, first after a start", first, "ms", FIRST),
        ("page, warm, median of 30", warm, "ms", MILLISECONDS),
        ("page, styles and data", total, "KB", DATA),
        ("scripts", scripts / 1024, "KB", SCRIPTS),
    ):
        print(f"  {what:<26} {value:7.0f} {unit}  {value / limit:5.2f} x the limit ({limit})")


if __name__ == "__main__":
    main()
