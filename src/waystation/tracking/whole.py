"""Builds of single rounds put together as one folder, without holding them all in memory."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from waystation.tracking.build import SNAPSHOT
from waystation.tracking.build_folder import (
    FRAMES,
    read_build,
    sources_of_folder,
    write_build_frames,
)
from waystation.tracking.cells import Matrix
from waystation.tracking.changes import PLACE, STREAM, Changes, changes_from_matrix

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
    before that they are its own. Memory holds two rounds at a time, not the whole.

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
        changes=_changes(parts, locations, last.units, former),
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
    locations: pl.DataFrame,
    units: pl.DataFrame,
    former: Path | None,
) -> pl.DataFrame:
    """Tell the changes pair by pair, so that memory holds two snapshots and not all."""
    since = _first_affected(parts, locations, units, former) if former else None
    told = [Changes.empty_frame()]
    if former is not None and since is not None:
        kept = pl.read_parquet(former / "changes.parquet")
        told.append(kept.filter(pl.col("end_date") < since).select(told[0].columns))
    for stream in _snapshots(parts).partition_by(STREAM):
        listed = stream.sort("reference_date", "round_number").to_dicts()
        for number, (start, end) in enumerate(pairwise(listed)):
            if since is None or end["reference_date"] >= since:
                pair = _pair(parts, listed[:number], start, end)
                told.append(changes_from_matrix(pair, units=units, locations=locations))
                if listed[:number]:
                    ends = pl.col("end_date") == end["reference_date"]
                    told[-1] = told[-1].filter(
                        ends & (pl.col("end_round") == end["round_number"])
                    )
    sort = [*STREAM, "end_date", "end_round", "admin_level", "code", "indicator", "part"]
    return pl.concat(told).sort(sort)


def _snapshots(parts: Sequence[RoundPart]) -> pl.DataFrame:
    """Return the snapshots of all parts, each with the number of the part it stands in."""
    found = [
        _matrix(part).select(SNAPSHOT).unique().collect().with_columns(part=pl.lit(number))
        for number, part in enumerate(parts)
    ]
    return pl.concat(found)


def _matrix(part: RoundPart) -> pl.LazyFrame:
    return pl.scan_parquet(part.folder / "matrix.parquet")


def _cells(parts: Sequence[RoundPart], snapshot: dict[str, Any]) -> pl.LazyFrame:
    here = [pl.col(name) == snapshot[name] for name in SNAPSHOT]
    return _matrix(parts[snapshot["part"]]).filter(here)


def _pair(
    parts: Sequence[RoundPart],
    older: list[dict[str, Any]],
    start: dict[str, Any],
    end: dict[str, Any],
) -> pl.DataFrame:
    """Return the cells of two snapshots, and what tells which places of the end reappear.

    For a place with a figure at the end and none at the start, one more cell stands before the
    start where an older snapshot has a figure of it.
    """
    columns = Matrix.column_names()
    one, other = (_cells(parts, s).select(columns).collect() for s in (start, end))
    has_value = pl.col("value").is_not_null()
    place = list(PLACE)
    news = other.filter(has_value).join(one.filter(has_value), on=place, how="anti")
    if news.is_empty() or not older:
        return pl.concat([one, other])
    wanted = pl.col("location_id").is_in(news["location_id"].unique().implode())
    seen = [_cells(parts, s).filter(has_value & wanted).select(place) for s in older]
    before = pl.concat(seen).unique().collect()
    back = news.join(before, on=place, how="semi").with_columns(
        round_number=pl.lit(start["round_number"], pl.Int64),
        reference_date=pl.lit(start["reference_date"] - dt.timedelta(days=1)),
    )
    return pl.concat([back.select(columns), one, other])


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


def _listed(folder: Path) -> list[dict[str, str]]:
    path = folder / PARTS_FILE
    if not path.exists():
        return []
    listed: list[dict[str, str]] = json.loads(path.read_text("utf-8"))
    return listed
