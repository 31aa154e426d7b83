"""What publishing a draft would say: against the round before, and the version before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from waystation.folders import write_file_whole
from waystation.release.disclosure import DisclosureRule, protected_build
from waystation.tracking.build_folder import read_build
from waystation.tracking.changes import Part, difference
from waystation.tracking.review import with_causes
from waystation.web.tracking import queries, storage
from waystation.web.tracking.models import Round, Snapshot

HEADLINE = (
    "idp_individuals", "idp_households", "returnee_individuals", "returnee_households", "sites",
)  # fmt: skip
STOCK = "idp_individuals"
MOST = 50
LARGEST = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure now and in the round before.

    Attributes:
        name: Indicator, or name of the unit.
        unit: persons, households or sites.
        old: In the round before; None where there is none.
        new: In the draft.
        change: Between the two; None where one is missing.
        reasons: Parts of the change, largest first: part, change, locations.
    """

    name: str
    unit: str
    old: float | None
    new: float | None
    change: float | None
    reasons: tuple[tuple[str, float, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A draft against the round before.

    Attributes:
        previous: Number of that round; None for the first.
        headline: The country's figures.
        areas: Units of the first level that changed most, in persons displaced.
        reported: Locations with a figure in the draft.
        not_reported: Locations that were asked and left it blank.
        coverage: Locations in each part of the change of persons displaced.
    """

    previous: int | None
    headline: tuple[Compared, ...]
    areas: tuple[Compared, ...]
    reported: int
    not_reported: int
    coverage: dict[str, int]


def comparison_of_draft(round_: Round) -> Comparison:
    """Return a round's draft against the last published round before it."""
    former = _former_round(round_)
    folder = storage.folder_of_snapshot(former) / "internal" if former else None
    return _comparison(
        storage.draft_folder(round_), folder, former.round.number if former else None
    )


def _former_round(round_: Round) -> Snapshot | None:
    before = [
        snapshot
        for snapshot in queries.latest_snapshots(round_.operation)
        if snapshot.round.component == round_.component
        and snapshot.round.number < round_.number
    ]
    return max(before, key=lambda s: s.round.number) if before else None


@lru_cache(maxsize=16)
def _comparison(draft: Path, former: Path | None, number: int | None) -> Comparison:
    totals = _last_date(pl.read_parquet(draft / "totals.parquet"))
    changes = pl.read_parquet(draft / "changes.parquet")
    if former is not None:
        old = _last_date(pl.read_parquet(former / "totals.parquet"))
    else:
        old = totals.clear()
    country = _pairs(totals, old, level=0).filter(pl.col("indicator").is_in(HEADLINE))
    parts = _parts(changes)
    headline = [
        Compared(row["indicator"], row["unit"], row["old"], row["new"], row["change"],
                 tuple(parts.get(row["indicator"], ())))
        for row in sorted(
            country.iter_rows(named=True), key=lambda r: HEADLINE.index(r["indicator"])
        )
    ]  # fmt: skip
    areas = (
        _pairs(totals, old, level=1)
        .filter((pl.col("indicator") == STOCK) & (pl.col("change") != 0))
        .sort(pl.col("change").abs(), "code", descending=[True, False])
        .head(LARGEST)
    )
    stock = totals.filter((pl.col("admin_level") == 0) & (pl.col("indicator") == STOCK))
    return Comparison(
        previous=number,
        headline=tuple(headline),
        areas=tuple(
            Compared(row["name"] or row["code"], row["unit"], row["old"], row["new"],
                     row["change"])
            for row in areas.iter_rows(named=True)
        ),
        reported=int(stock["locations"].sum()),
        not_reported=int(stock["not_reported"].sum()),
        coverage={part: n for part, _change, n in parts.get(STOCK, ())},
    )  # fmt: skip


def _last_date(totals: pl.DataFrame) -> pl.DataFrame:
    return totals.filter(pl.col("reference_date") == pl.col("reference_date").max())


def _pairs(new: pl.DataFrame, old: pl.DataFrame, *, level: int) -> pl.DataFrame:
    key = ["code", "indicator", "unit"]
    here = pl.col("admin_level") == level
    now = (
        new.filter(here)
        .select(*key, "name", new="value")
        .with_columns(pl.col("code").fill_null(""))
    )
    was = (
        old.filter(here)
        .select(*key, old_name="name", old="value")
        .with_columns(pl.col("code").fill_null(""))
    )
    both = now.join(was, on=key, how="full", coalesce=True)
    return both.with_columns(
        name=pl.coalesce("name", "old_name"), change=pl.col("new") - pl.col("old")
    )


def _parts(changes: pl.DataFrame) -> dict[str, list[tuple[str, float, int]]]:
    country = changes.filter((pl.col("admin_level") == 0) & pl.col("indicator").is_in(HEADLINE))
    summed = (
        country.group_by("indicator", pl.col("part").cast(pl.String))
        .agg(pl.col("change").sum(), pl.col("locations").sum())
        .sort(pl.col("change").abs(), "part", descending=[True, False])
    )
    found: dict[str, list[tuple[str, float, int]]] = {}
    for indicator, part, change, locations in summed.iter_rows():
        if part != Part.CHANGED_UNIT:
            found.setdefault(indicator, []).append((part, change, locations))
    return found


@dataclass(frozen=True, slots=True)
class ChangedFigures:
    """What a new version of a round changes.

    Attributes:
        version: The version it would take the place of.
        count: Cells that differ.
        corrected: How many of them the cleaning log explains.
        largest: Shape ``Differences`` with cause and reason, the largest changes first.
    """

    version: int
    count: int
    corrected: int
    largest: list[dict[str, Any]]


def changed_figures_of_draft(round_: Round) -> ChangedFigures | None:
    """Return what the draft changes in what was published of the round; None for a first."""
    former = queries.holding_versions(round_).last()
    if former is None:
        return None
    inside = storage.folder_of_snapshot(former) / "internal"
    told = _changed(inside, storage.draft_folder(round_))
    largest = told.sort(pl.col("change").abs(), "location_id", descending=[True, False])
    return ChangedFigures(
        version=former.version,
        count=told.height,
        corrected=told.filter(pl.col("cause") == "correction").height,
        largest=list(largest.head(MOST).iter_rows(named=True)),
    )


@lru_cache(maxsize=4)
def _changed(before: Path, draft: Path) -> pl.DataFrame:
    one, other = (pl.read_parquet(folder / "matrix.parquet") for folder in (before, draft))
    rows = pl.read_parquet(
        draft / "submissions.parquet", columns=["submission_id", "location_key"]
    )
    log = pl.read_parquet(draft / "corrections.parquet")
    return with_causes(difference(one, other), rows, log)


def protection_of_draft(round_: Round, rule: DisclosureRule) -> dict[str, Any]:
    """Return the headline before and after protection; worked out once for a draft and rule.

    Returns:
        ``figures`` by indicator as pairs [inside, published], and ``report`` as the library
        writes it.
    """
    name = (
        f"{round_.pk}-{round_.draft}-{rule.method.value}-{rule.base}-{rule.deepest_level}.json"
    )
    path = storage.operation_folder(round_.operation) / "previews" / name
    if path.exists():
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return kept
    build = read_build(storage.draft_folder(round_))
    released, report = protected_build(build, rule)
    figures = {
        code: [_country_figure(build.totals, code), _country_figure(released.totals, code)]
        for code in HEADLINE
    }
    said = {
        "figures": {code: pair for code, pair in figures.items() if pair[0] is not None},
        "report": report.as_dict(),
    }
    text = json.dumps(said, default=str)
    write_file_whole(path, text.encode())
    return dict(json.loads(text))


def _country_figure(totals: pl.DataFrame, code: str) -> float | None:
    rows = _last_date(totals).filter(
        (pl.col("admin_level") == 0) & (pl.col("indicator") == code)
    )
    return None if rows.is_empty() else rows["value"][0]
