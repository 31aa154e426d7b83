"""What lies in a place and around it, with figures."""

from __future__ import annotations

from typing import Any

import polars as pl

from waystation.release.reading.moments import Moment, before
from waystation.release.reading.places import (
    LOCATION_LEVEL,
    Place,
    bordering,
    figures_of_locations,
    figures_of_units,
    nearest,
)
from waystation.release.snapshots import unit_names
from waystation.tracking.cells import CODES
from waystation.web.tracking.views.closer.history import History
from waystation.web.tracking.views.closer.reading import Reading

MOST = 200


def children_of(
    reading: Reading, place: Place, indicator: str, history: History
) -> dict[str, Any] | None:
    """Return the units below a unit, or the locations of the deepest, with figures."""
    last = history.last(indicator)
    if place.is_location or last is None:
        return None
    moment = last[0]
    level = place.level + 1
    if level in reading.levels:
        rows = _units_below(reading, place.code, level, indicator, moment)
    else:
        level = LOCATION_LEVEL
        rows = _locations_in(reading, place, indicator, moment)
    ordered = sorted(rows, key=lambda r: (r["value"] is None, -(r["value"] or 0), r["name"]))
    return {
        "level": level,
        "rows": ordered[:MOST],
        "more": max(len(ordered) - MOST, 0),
        "round": reading.label(moment),
    }


def _units_below(
    reading: Reading, code: str, level: int, indicator: str, moment: Moment
) -> list[dict[str, Any]]:
    names = dict(unit_names(reading.edition.frame("units"), level, reading.language).rows())
    totals = reading.edition.frame("totals").filter(
        pl.col("indicator") == indicator, pl.col("admin_level") == level
    )
    now = figures_of_units(totals.filter(moment.condition, pl.col("parent_code") == code))
    start = before(reading.moments, moment)
    then: dict[Any, Any] = {}
    if start is not None:
        earlier = totals.filter(start.condition, pl.col("parent_code") == code)
        then = dict(earlier.select("code", "value").iter_rows())
    units = reading.edition.frame("units").filter(
        pl.col("level") == level, pl.col("parent_code") == code
    )
    absent = set(units["code"]) - set(now["code"].drop_nulls())
    rows = [
        _row(reading, row, names.get(row["code"]) or row["name"], then, indicator, moment)
        for row in now.iter_rows(named=True)
    ]
    return rows + [_absent(reading, c, names.get(c) or c) for c in absent]


def _locations_in(
    reading: Reading, place: Place, indicator: str, moment: Moment
) -> list[dict[str, Any]]:
    inside = pl.col(CODES[place.level - 1]) == place.code if place.level else pl.lit(value=True)
    start = before(reading.moments, moment)
    wanted = moment.condition if start is None else moment.condition | start.condition
    cells = (
        reading.edition.scan("matrix")
        .filter(wanted & (pl.col("indicator") == indicator) & inside)
        .collect()
    )
    then: dict[Any, Any] = {}
    if start is not None:
        then = dict(cells.filter(start.condition).select("location_id", "value").iter_rows())
    now = figures_of_locations(
        cells.filter(moment.condition, pl.col("location_id") != place.code)
    )
    return [
        _row(reading, row, row["name"], then, indicator, moment)
        for row in now.iter_rows(named=True)
    ]


def _row(
    reading: Reading, row: dict[str, Any], name: str, then: dict[Any, Any], indicator: str,
    moment: Moment,
) -> dict[str, Any]:  # fmt: skip
    code, was = row["code"], then.get(row["code"])
    is_known = None not in (row["value"], was)
    return {
        "code": code,
        "name": name or code,
        "value": row["value"],
        "status": row["status"],
        "change": row["value"] - was if is_known else None,
        "locations": row["locations"],
        "url": reading.address("place", code) if code else "",
        "trail": reading.trail(code, indicator, moment.key) if code else "",
    }


def _absent(reading: Reading, code: str, name: str) -> dict[str, Any]:
    return {
        "code": code, "name": name, "value": None, "status": "not_assessed", "change": None,
        "locations": 0, "url": reading.address("place", code), "trail": "",
    }  # fmt: skip


def neighbours_of(
    reading: Reading, place: Place, indicator: str, history: History
) -> list[dict[str, Any]]:
    """Return the units that border on a unit, or the nearest locations, with figures."""
    last = history.last(indicator)
    if last is None or not place.level:
        return []
    if place.is_location:
        return _near(reading, place, indicator, last[0])
    codes = bordering(reading.edition.frame("boundaries"), place.code, place.level)
    names = dict(
        unit_names(reading.edition.frame("units"), place.level, reading.language).rows()
    )
    totals = reading.edition.frame("totals").filter(
        pl.col("admin_level") == place.level, pl.col("indicator") == indicator,
        last[0].condition, pl.col("code").is_in(codes),
    )  # fmt: skip
    found = {row["code"]: row for row in figures_of_units(totals).iter_rows(named=True)}
    rows = [
        _row(reading, found[c], names.get(c) or c, {}, indicator, last[0])
        if c in found
        else _absent(reading, c, names.get(c) or c)
        for c in codes
    ]
    return sorted(rows, key=lambda row: str(row["name"]))


def _near(
    reading: Reading, place: Place, indicator: str, moment: Moment
) -> list[dict[str, Any]]:
    close = nearest(reading.edition.frame("locations"), place)
    wanted = (
        moment.condition
        & (pl.col("indicator") == indicator)
        & pl.col("location_id").is_in(close["location_id"].to_list())
    )
    cells = reading.edition.scan("matrix").filter(wanted).collect()
    found = {row["code"]: row for row in figures_of_locations(cells).iter_rows(named=True)}
    rows = []
    for code, name, kilometres in close.iter_rows():
        row = (
            _row(reading, found[code], name, {}, indicator, moment)
            if code in found
            else _absent(reading, code, name)
        )
        rows.append(row | {"kilometres": kilometres})
    return rows
