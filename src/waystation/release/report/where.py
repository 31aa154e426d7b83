"""Exhibits on where people are: the map, areas, the course over rounds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from waystation.release import charts, maps
from waystation.release.report.parts import Exhibit, Legend, Table
from waystation.release.report.telling import Telling

MOST_BARS = 14
# Pixels: between labels of the course over rounds, and of its width without margins.
GAP, COURSE = 8, 200


def area_map(telling: Telling) -> Exhibit:
    """Return the map of the first page: areas of the first level by class."""
    words = telling.words
    rows = telling.areas(1)
    shapes = maps.shapes_of(telling.build.boundaries, 1)
    if shapes is None:
        return Exhibit(name="map", sentence=words.say("map_none"))
    if rows.is_empty() or not _placed(rows, shapes.codes):
        return Exhibit(name="map", sentence=words.say("map_empty"))
    spec, legend = maps.choropleth(rows, shapes, telling.wide)
    return Exhibit(
        name="map",
        title=_map_title(telling, rows),
        subtitle=words.say("map_subtitle", indicator=telling.label),
        source=telling.source,
        spec=spec,
        legend=legend,
    )


def _placed(rows: pl.DataFrame, codes: tuple[str, ...]) -> bool:
    """Return whether at least one figure belongs to a shape."""
    return not rows.filter(
        pl.col("value").is_not_null(), pl.col("code").is_in(codes)
    ).is_empty()


def _map_title(telling: Telling, rows: pl.DataFrame) -> str:
    words = telling.words
    first = rows.filter(pl.col("code").is_not_null()).row(0, named=True)
    if not first["share"]:
        return telling.label
    return words.say("map_title", area=first["name"], percent=words.percent(first["share"]))


def area_bars(telling: Telling) -> Exhibit:
    """Return the stock by area of the first level, and how its figures came to be."""
    words = telling.words
    rows = telling.areas(1)
    reported = rows.filter(pl.col("value").is_not_null()) if rows.height else rows
    if reported.is_empty():
        return Exhibit(name="areas", sentence=words.say("areas_none"))
    spec, legend = charts.stacked_bars(
        _area_segments(telling, reported),
        telling.look,
        charts.STATE_FILLS,
        {state: words.say(f"state_{state}") for state in charts.STATE_FILLS},
    )
    return Exhibit(
        name="areas",
        title=_areas_title(telling, reported),
        subtitle=_areas_subtitle(telling, reported),
        source=telling.source,
        spec=spec,
        legend=legend,
    )


def _areas_subtitle(telling: Telling, reported: pl.DataFrame) -> str:
    words = telling.words
    if reported.height <= MOST_BARS:
        return words.say("areas_subtitle", indicator=telling.label)
    return words.say(
        "areas_subtitle_some",
        indicator=telling.label,
        shown=MOST_BARS,
        all=reported.height,
        rest=words.number(float(reported.slice(MOST_BARS)["value"].sum())),
    )


def _areas_title(telling: Telling, reported: pl.DataFrame) -> str:
    words = telling.words
    placed = reported.filter(pl.col("code").is_not_null(), pl.col("share") > 0)
    if placed.is_empty():
        return telling.label
    names, shares = placed["name"].to_list(), placed["share"].to_list()
    if len(names) == 1 or shares[0] > 0.5:
        return words.say("areas_title_one", area=names[0], percent=words.percent(shares[0]))
    percent = words.percent(shares[0] + shares[1])
    return words.say("areas_title", area=names[0], second=names[1], percent=percent)


def _area_segments(telling: Telling, reported: pl.DataFrame) -> list[dict[str, Any]]:
    words = telling.words
    entries = list(reported.head(MOST_BARS).iter_rows(named=True))
    segments = []
    for entry in _told_apart(entries):
        low = 0.0
        observed = 1 - entry["carried"] - entry["estimated"]
        for state, share in (
            ("observed", observed),
            ("carried_forward", entry["carried"]),
            ("estimated", entry["estimated"]),
        ):
            high = low + share * entry["value"]
            if share > 1e-9:
                segments.append(
                    {
                        "label": entry["name"],
                        "state": state,
                        "from": low,
                        "to": high,
                        "total": entry["value"],
                        "text": words.number(entry["value"]),
                        "tip": f"{entry['name']}, {words.say(f'state_{state}')}: "
                        f"{words.number(high - low)}",
                    }
                )
            low = high
    return segments


def _told_apart(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return areas of one name with their codes added, so that they keep bars of their own."""
    names = [entry["name"] for entry in entries]
    return [
        entry | {"name": f"{entry['name']} ({entry['code']})"}
        if names.count(entry["name"]) > 1 and entry.get("code")
        else entry
        for entry in entries
    ]


def over_rounds(telling: Telling) -> Exhibit:
    """Return the stock over rounds at their true dates."""
    words = telling.words
    reported = [s for s in telling.snapshots if s.value is not None]
    if len(reported) < 2:
        return Exhibit(name="rounds", sentence=words.say("rounds_none"))
    first, last = reported[0], reported[-1]
    start, end = first.value or 0.0, last.value or 0.0
    longest = max(len(words.number(s.value)) for s in reported)
    labelled = _labelled([s.date for s in reported], longest)
    rows = [
        {
            "date": snapshot.date.isoformat(),
            "value": snapshot.value,
            "text": words.number(snapshot.value) if snapshot.value is not None else "",
            "tip": f"{telling.round_label(snapshot)}: "
            + (
                words.number(snapshot.value)
                if snapshot.value is not None
                else words.say("not_reported")
            ),
            "is_unsure": telling.is_unsure(snapshot),
            "is_labelled": snapshot.date in labelled and snapshot.value is not None,
        }
        for snapshot in telling.snapshots
    ]
    months = round((last.date - first.date).days / 30.44)
    trend = "same" if start == end else "up" if end > start else "down"
    return Exhibit(
        name="rounds",
        title=words.say(
            f"rounds_title_{trend}",
            first=words.number(start),
            last=words.number(end),
            months=months,
        ),
        subtitle=words.say("rounds_subtitle", indicator=telling.label),
        source=telling.source,
        spec=charts.stock_over_rounds(rows, telling.look),
        legend=_point_legend(telling, rows),
        table=Table(
            caption=words.say("rounds_subtitle", indicator=telling.label),
            headings=(
                words.say("column_round"),
                words.say("column_date"),
                words.say("column_figure"),
                words.say("column_locations"),
                words.say("column_blank"),
            ),
            rows=tuple(
                (
                    telling.round_label(s),
                    words.date(s.date),
                    words.number(s.value) if s.value is not None else words.say("not_reported"),
                    words.number(s.locations),
                    words.number(s.not_reported),
                )
                for s in telling.snapshots
            ),
            unsure=tuple(telling.is_unsure(s) for s in telling.snapshots),
        ),
    )


def _labelled(dates: list[dt.date], longest: int) -> set[dt.date]:
    """Return the dates whose points bear a label: the ends, and others with room between."""
    span = (dates[-1] - dates[0]).days
    room = span * (charts.LETTER * longest + GAP) / COURSE
    kept = [dates[0]]
    for date in dates[1:-1]:
        if (date - kept[-1]).days >= room and (dates[-1] - date).days >= room:
            kept.append(date)
    return {*kept, dates[-1]}


def _point_legend(telling: Telling, rows: list[dict[str, Any]]) -> tuple[Legend, ...]:
    if not any(row["is_unsure"] for row in rows):
        return ()
    return (Legend(fill="hollow", label=telling.words.say("rounds_hollow")),)


def circle_map(telling: Telling) -> Exhibit:
    """Return circles by area of the second level."""
    words = telling.words
    rows = telling.areas(2)
    shapes = maps.shapes_of(telling.build.boundaries, 2)
    if shapes is None or rows.is_empty() or not _placed(rows, shapes.codes):
        return Exhibit(name="circles", sentence=words.say("circles_none"))
    placed = rows.filter(pl.col("code").is_not_null(), pl.col("value") > 0)
    total = placed["value"].sum()
    half = int((placed["value"].cum_sum() < total / 2).sum()) + 1 if total else 0
    spec, legend = maps.circles(
        rows, shapes, maps.shapes_of(telling.build.boundaries, 1), telling.wide
    )
    return Exhibit(
        name="circles",
        title=words.say(
            "circles_title", n=half, all=words.number(max(placed.height, len(shapes.codes)))
        )
        if total
        else telling.label,
        subtitle=words.say("circles_subtitle", indicator=telling.label),
        source=telling.source,
        spec=spec,
        legend=legend,
    )
