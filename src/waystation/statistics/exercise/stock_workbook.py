"""The migrant stock of the made-up world as UN DESA would publish it, by pairs of areas.

Layouts of the revisions of 2020 and 2024: a sheet of contents, then Table 1 with names on row
11 and groups of sexes above. What a destination's figures rest on differs from one to another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from waystation.geography.fictional_world import fictional_regions
from waystation.statistics.exercise.history import moment_of
from waystation.statistics.exercise.published import Published, half_up
from waystation.statistics.exercise.workbook import write_workbook

FILES = {
    revision: f"undesa_pd_{revision}_ims_stock_by_sex_destination_and_origin.xlsx"
    for revision in (2020, 2024)
}
_YEARS = (1990, 1995, 2000, 2005, 2010, 2015, 2020)
WORLD, OTHERS = "900", "2003"
_GROUPS = ("both sexes combined", "males", "females")
_SMALLEST = 5
_TITLE = (
    "Table 1: International migrant stock at mid-year by sex and by region, country or area of "
    "destination and origin, 1990-{}"
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What the figures of each destination rest on; arrays have one entry an area.

    Attributes:
        kind: B foreign born, C foreign citizens, I imputed.
        adds_refugees: Refugees are added to what was counted.
        unknown: Share of migrants whose origin is not known.
        step: Figures are rounded to multiples of it.
        every_ten: Counted every ten years only; between, figures are interpolated.
        counted: Share of each origin (row) that is counted in each destination (column).
    """

    kind: np.ndarray
    adds_refugees: np.ndarray
    unknown: np.ndarray
    step: np.ndarray
    every_ten: np.ndarray
    counted: np.ndarray

    def letters(self, area: int) -> str:
        """Return the type of data as published, e.g. "B R"."""
        return f"{self.kind[area]} R" if self.adds_refugees[area] else str(self.kind[area])


def stock_sources(count: int, rng: np.random.Generator) -> Sources:
    """Return what each destination has: censuses, registers of citizens, or nothing."""
    kind = rng.choice(np.array(["B", "C", "I"]), count, p=(0.76, 0.17, 0.07))
    kind[: min(count, 3)] = np.array(["B", "C", "I"])[: min(count, 3)]
    counted = np.ones((count, count))
    citizens = rng.beta(8, 3, (count, count))
    imputed = rng.lognormal(0, 0.35, (count, count))
    counted = np.where(kind[None, :] == "C", citizens, counted)
    counted = np.where(kind[None, :] == "I", imputed, counted)
    return Sources(
        kind=kind,
        adds_refugees=rng.random(count) < 0.5,
        unknown=np.where(rng.random(count) < 0.45, rng.uniform(0.01, 0.12, count), 0.0),
        step=rng.choice(np.array([1, 10, 100, 1000]), count, p=(0.78, 0.1, 0.08, 0.04)),
        every_ten=rng.random(count) < 0.35,
        counted=counted,
    )


def write_stock_workbooks(published: Published, rng: np.random.Generator) -> np.ndarray:
    """Write both revisions, and return stocks of the later one: years, origins, destinations.

    In the later revision, half of the unknown origins were found out.
    """
    first = stock_sources(len(published.world.areas), rng)
    for revision, file in FILES.items():
        years = tuple(y for y in (*_YEARS, 2024) if y <= revision)
        sources = first if revision == 2020 else replace(first, unknown=first.unknown / 2)
        cells, others = _figures(published, sources, years)
        _note(published, file, sources, years, cells, others)
        _write(published, file, revision, years, sources, cells, others)
    return np.asarray(cells.sum(axis=3))


def _figures(
    published: Published, sources: Sources, years: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is published: years x origins x destinations x sexes, and unknown origins."""
    moments = [moment_of(year) for year in years]
    people = published.history.stocks[moments].astype(float)
    fled = published.history.refugees[moments]
    settled = (people - fled) * sources.counted[None, :, :, None]
    # Registers of citizens and imputed figures lack refugees, unless they are added.
    has_refugees = sources.adds_refugees | (sources.kind == "B")
    counted = settled + np.where(has_refugees[None, None, :, None], fled, 0)
    own = np.arange(counted.shape[1])
    counted[:, own, own] = 0
    for n in range(1, len(years) - 1, 2):
        share = (years[n] - years[n - 1]) / (years[n + 1] - years[n - 1])
        between = counted[n - 1] * (1 - share) + counted[n + 1] * share
        counted[n] = np.where(sources.every_ten[None, :, None], between, counted[n])
    _count_with_predecessor(published, counted, years)
    known = counted * (1 - sources.unknown[None, None, :, None])
    cells = half_up(known, sources.step[None, None, :, None])
    cells = np.where(cells.sum(axis=3, keepdims=True) < _SMALLEST, 0, cells)
    others = np.maximum(half_up(counted.sum(axis=1) - cells.sum(axis=1)), 0)
    return cells, others


def predecessor_of(published: Published) -> int:
    """Return the area from which the one that came to be late broke off: the nearest."""
    world = published.world
    distance = world.outlines.distances[world.late].copy()
    distance[world.late] = np.inf
    return int(distance.argmin())


def _count_with_predecessor(
    published: Published, counted: np.ndarray, years: tuple[int, ...]
) -> None:
    """Before an area came to be, count its people with those of the area it was part of."""
    late = published.world.late
    if late < 0:
        return
    before = predecessor_of(published)
    for n, year in enumerate(years):
        if year < published.world.since:
            counted[n, before] += counted[n, late]
            counted[n, :, before] += counted[n, :, late]
            counted[n, late], counted[n, :, late] = 0, 0
            counted[n, before, before] = 0


def _note(
    published: Published, file: str, sources: Sources, years: tuple[int, ...],
    cells: np.ndarray, others: np.ndarray,
) -> None:  # fmt: skip
    last = years[-1]
    true = published.history.at(last).sum(axis=2)
    np.fill_diagonal(true, 0)
    shown = cells[-1].sum(axis=(0, 2)) + others[-1].sum(axis=1)
    for i, code in enumerate(published.codes):
        total: dict[str, Any] = {
            "period": last,
            "truth": float(true[:, i].sum()),
            "published": int(shown[i]),
        }
        if sources.kind[i] == "C":
            published.note(
                file,
                "citizens_only",
                code,
                "Counts foreign citizens: who was naturalised is left out",
                **total,
            )
        if sources.kind[i] == "I":
            published.note(file, "imputed", code, "Imputed from a model", **total)
        if sources.kind[i] != "B" and not sources.adds_refugees[i]:
            published.note(file, "without_refugees", code, "Refugees are left out", **total)
        if sources.step[i] > 1:
            meaning = f"Rounded to multiples of {sources.step[i]}"
            published.note(file, "rounded", code, meaning, **total)
        if sources.every_ten[i]:
            odd = ", ".join(str(year) for year in years[1:-1:2])
            published.note(
                file, "interpolated", code, "Halfway between the moments around it", period=odd
            )
        if sources.unknown[i] > 0:
            published.note(
                file, "unknown_origin", code,
                f"Of {sources.unknown[i]:.1%} of migrants the origin is not known: they stand "
                "under Others", period=last, truth=0, published=int(others[-1, i].sum()),
            )  # fmt: skip
    published.note(file, "small_pairs", "all", f"Pairs of fewer than {_SMALLEST} people, and "
                   "what rounding leaves, stand under Others")  # fmt: skip
    _note_late(published, file)


def _note_late(published: Published, file: str) -> None:
    world = published.world
    if world.late < 0:
        return
    code, before = world.areas[world.late].iso3, world.areas[predecessor_of(published)].iso3
    until = f"before {world.since}"
    published.note(
        file,
        "not_yet_there",
        code,
        period=until,
        published="..",
        meaning=f"As destination it has no figures; its people count in {before}",
    )
    published.note(
        file,
        "zero_before_it_was",
        code,
        period=until,
        published="0",
        meaning=f"As origin it has 0; people born there count as born in {before}",
    )


def _write(
    published: Published, file: str, revision: int, years: tuple[int, ...], sources: Sources,
    cells: np.ndarray, others: np.ndarray,
) -> None:  # fmt: skip
    rows = [
        [number, *row]
        for number, row in enumerate(_rows(published, years, sources, cells, others), 1)
    ]
    contents: list[list[Any]] = [
        ["Table of contents"],
        [],
        ["Table 1", _TITLE.format(revision)],
    ]
    table = [*_heading(revision, years), *rows]
    write_workbook(published.folder / file, {"Table of contents": contents, "Table 1": table})


def _heading(revision: int, years: tuple[int, ...]) -> list[list[Any]]:
    is_later = revision >= 2024
    stock = f"International Migrant Stock {revision}: Destination and origin (made up)"
    citation = (
        "Suggested citation: none; this is an exercise about a world that does not exist."
    )
    groups = [
        f"International migrant stock at mid-year, {_GROUPS[i // len(years)]}"
        if i % len(years) == 0
        else None
        for i in range(3 * len(years))
    ]
    names = [
        "Index",
        "Region, development group, country or area of destination",
        "Coverage" if is_later else "Notes",
        "Location code of destination",
        "Data type" if is_later else "Type of data",
        "Region, development group, country or area of origin",
        "Location code of origin",
        *years * 3,
    ]
    blank = [None] * 4
    return [
        [], [*blank, stock], [*blank, _TITLE.format(revision)],
        [*blank, f"POP/DB/MIG/Stock/Rev.{revision}"], [*blank, citation], [], [],
        [*[None] * 7, *groups], [], [], names,
    ]  # fmt: skip


def _rows(
    published: Published, years: tuple[int, ...], sources: Sources,
    cells: np.ndarray, others: np.ndarray,
) -> Any:  # fmt: skip
    """Yield the rows under the heading: aggregates of both sides first, then areas."""
    world = published.world
    region = np.array([a.region for a in world.areas])
    names = published.names
    everyone = np.ones(len(region), dtype=bool)
    blocks: list[tuple[str, str, np.ndarray, int]] = [("WORLD", WORLD, everyone, -1)]
    for n, one in enumerate(fictional_regions()):
        if (region == n).any():
            blocks.append((f"  {one.names[0].upper()}", one.m49, region == n, -1))
    for i, area in enumerate(world.areas):
        mark = "*" if sources.kind[i] != "B" else ""
        blocks.append((f"    {names[i]}{mark}", area.m49, np.arange(len(region)) == i, i))
    missing = np.array([year < world.since for year in years] * 3)
    for name, code, members, i in blocks:
        kind = sources.letters(i) if i >= 0 else None
        note = 1 if i >= 0 and i == world.late else None
        start = [name, note, int(code), kind]
        by_origin = _with_both(cells[:, :, members].sum(axis=2))
        unknown = _with_both(others[:, members].sum(axis=1)[:, None])[0]
        hidden = missing if i == world.late and i >= 0 else np.zeros_like(missing)
        for origin, origin_code, figures in _origins(
            published, blocks, by_origin, unknown, is_area=i >= 0
        ):
            values = [".." if h else f for f, h in zip(figures.tolist(), hidden, strict=True)]
            yield [*start, origin, origin_code, *values]


def _origins(
    published: Published, blocks: list[tuple[str, str, np.ndarray, int]],
    by_origin: np.ndarray, unknown: np.ndarray, *, is_area: bool,
) -> Any:  # fmt: skip
    for name, code, members, i in blocks:
        figures = by_origin[members].sum(axis=0)
        if code == WORLD:
            figures = figures + unknown
        elif (i < 0 and is_area and not figures.any()) or (i >= 0 and not figures.any()):
            continue
        yield name.rstrip("*"), int(code), figures
    if unknown.any():
        yield "Others", int(OTHERS), unknown


def _with_both(figures: np.ndarray) -> np.ndarray:
    """Return years x rows x sexes as rows x (both, males, females by year)."""
    males, females = figures[..., 0].T, figures[..., 1].T
    return np.concatenate([males + females, males, females], axis=1)
