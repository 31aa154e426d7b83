"""Builds of single rounds put together as one folder, without holding them all in memory."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from waystation.tracking.build import SNAPSHOT
from waystation.tracking.build_folder import (
    FRAMES,
    read_build,
    sources_of_folder,
    write_build_frames,
)
from waystation.tracking.cells import Matrix
from waystation.tracking.changes import PLACE, STREAM, changes_from_matrix

LISTS = frozenset({"locations", "units", "boundaries", "changes"})
PARTS_FILE = "parts.json"
LOCATION = ["country", "operation", "location_id"]


@dataclass(frozen=True, slots=True)
class RoundPart:
    """The build of one round.

    Attributes:
        key: Names these bytes: another version of the round has another key.
        folder: The build's folder.
        date: Reference date of the round.
    """

    key: str
    folder: Path
    date: dt.date


def write_whole(
    parts: Sequence[RoundPart], target: Path, *, former: Path | None = None
) -> None:
    """Write several rounds' builds as one: rows one after the other, lists from the last.

    Changes are told anew only from the first round on that differs from a former whole;
    before that they are its own. Memory holds what the changed rounds need, not the rows.

    Args:
        parts: Builds of rounds that share no snapshot, in the order of their dates.
        target: An empty folder.
        former: The whole before, written by this function; None for none.
    """
    last = read_build(parts[-1].folder)
    locations = _locations(parts)
    for name in _streamed():
        _append([part.folder / f"{name}.parquet" for part in parts], target / f"{name}.parquet")
    small = replace(
        last,
        locations=locations,
        changes=_changes(parts, target, locations, last.units, former),
        sources=tuple(source for part in parts for source in sources_of_folder(part.folder)),
        **{name: getattr(last, name).clear() for name in _streamed()},
    )
    kept = {name: target / f"{name}.parquet" for name in _streamed()}
    waiting = {
        name: path.rename(path.with_suffix(".whole"))
        for name, path in kept.items()
        if path.exists()
    }
    write_build_frames(small, target, summary={})
    for name, path in waiting.items():
        path.replace(kept[name])
    listed = [{"key": p.key, "date": p.date.isoformat()} for p in parts]
    (target / PARTS_FILE).write_text(json.dumps(listed), "utf-8")


def keys_of_whole(folder: Path) -> list[str]:
    """Return the keys of the parts that a whole was written from; none where it says none."""
    return [part["key"] for part in _listed(folder)]


def _streamed() -> list[str]:
    return [name for name in FRAMES if name not in LISTS]


def _append(paths: list[Path], target: Path) -> None:
    frames = [pl.scan_parquet(path) for path in paths if path.exists()]
    if frames:
        pl.concat(frames, how="diagonal_relaxed").sink_parquet(target)


def _locations(parts: Sequence[RoundPart]) -> pl.DataFrame:
    """Return the master list over several rounds: the last to know a location describes it."""
    frames = [pl.read_parquet(part.folder / "locations.parquet") for part in parts]
    return (
        pl.concat(frames, how="diagonal_relaxed")
        .unique(LOCATION, keep="last", maintain_order=True)
        .sort(LOCATION)
    )


def _changes(
    parts: Sequence[RoundPart],
    target: Path,
    locations: pl.DataFrame,
    units: pl.DataFrame,
    former: Path | None,
) -> pl.DataFrame:
    matrix = pl.scan_parquet(target / "matrix.parquet")
    since = _first_affected(parts, locations, units, former) if former else None
    if former is None or since is None:
        return _told(matrix.collect(), units, locations)
    kept = pl.read_parquet(former / "changes.parquet").filter(pl.col("end_date") < since)
    fresh = _told(_cells_since(matrix, since), units, locations)
    fresh = fresh.filter(pl.col("end_date") >= since)
    sort = [*STREAM, "end_date", "end_round", "admin_level", "code", "indicator", "part"]
    return pl.concat([kept, fresh.select(kept.columns)]).sort(sort)


def _told(matrix: pl.DataFrame, units: pl.DataFrame, locations: pl.DataFrame) -> pl.DataFrame:
    cells = matrix.select(Matrix.column_names())
    return changes_from_matrix(cells, units=units, locations=locations)


def _first_affected(
    parts: Sequence[RoundPart], locations: pl.DataFrame, units: pl.DataFrame, former: Path
) -> dt.date | None:
    """Return from which date on changes differ from those of the former whole; None for all."""
    before, now = _listed(former), [(p.key, p.date) for p in parts]
    if not before or not pl.read_parquet(former / "units.parquet").equals(units):
        return None
    was = [(part["key"], dt.date.fromisoformat(part["date"])) for part in before]
    dates = [date for _key, date in set(was) ^ set(now)]
    shut = [
        frame.select(*LOCATION, "closed_on").filter(pl.col("closed_on").is_not_null())
        for frame in (pl.read_parquet(former / "locations.parquet"), locations)
    ]
    for one, other in (shut, shut[::-1]):
        differs = one.join(other, on=[*LOCATION, "closed_on"], how="anti")
        dates += differs["closed_on"].to_list()
    # With nothing new at all, no change is told anew.
    return min(dates, default=dt.date.max)


def _cells_since(matrix: pl.LazyFrame, since: dt.date) -> pl.DataFrame:
    """Return the cells that changes since a date are told from.

    Those are the snapshots since then, the one before in each stream, and of the older ones
    the first figure of each place: whether a place has reappeared needs no more.
    """
    date = pl.col("reference_date")
    snapshots = matrix.select(SNAPSHOT).unique().collect()
    start = (
        snapshots.filter(date < since)
        .sort("reference_date", "round_number")
        .group_by(STREAM, maintain_order=True)
        .last()
    )
    wanted = pl.concat([snapshots.filter(date >= since), start.select(SNAPSHOT)])
    cells = matrix.join(wanted.lazy(), on=SNAPSHOT, how="semi").collect(engine="streaming")
    older = (
        matrix.filter(pl.col("value").is_not_null() & (date < since))
        .join(wanted.lazy(), on=SNAPSHOT, how="anti")
        .select(*PLACE, "reference_date", "round_number")
        .group_by(PLACE)
        .agg(pl.col("reference_date").min(), pl.col("round_number").min())
        .collect(engine="streaming")
    )
    firsts = older.with_columns(value=pl.lit(0.0))
    return pl.concat([firsts, cells], how="diagonal_relaxed").select(cells.columns)


def _listed(folder: Path) -> list[dict[str, str]]:
    path = folder / PARTS_FILE
    if not path.exists():
        return []
    listed: list[dict[str, str]] = json.loads(path.read_text("utf-8"))
    return listed
