"""Exhibits on what changed, what only coverage did, and how sure the figures are."""

from __future__ import annotations

from typing import Any

import polars as pl

from waystation.release import charts
from waystation.release.report import figures
from waystation.release.report.parts import Exhibit, Table
from waystation.release.report.telling import Telling

MOST_ROUNDS = 12


def change_explained(telling: Telling) -> Exhibit:
    """Return the parts of the change into the last round."""
    words = telling.words
    parts = _parts(telling)
    if telling.series is None or telling.latest is None or parts.is_empty():
        return Exhibit(name="change", sentence=_no_change(telling))
    moved, covered = split_of_change(parts)
    rows = [
        _bar(telling, words.say(f"part_{p['part']}"), p["change"], _kind(p["part"]))
        for p in parts.iter_rows(named=True)
    ]
    rows.append(_bar(telling, words.say("difference"), float(parts["change"].sum()), "stock"))
    names = {kind: words.say(f"kind_{kind}") for kind in charts.KIND_FILLS}
    names["stock"] = words.say("difference")
    spec, legend = charts.stacked_bars(rows, telling.wide, charts.KIND_FILLS, names)
    legend = tuple(entry for entry in legend if entry.label != names["stock"])
    start = parts.row(0, named=True)
    title = "move" if abs(moved) > abs(covered) else "coverage"
    return Exhibit(
        name="change",
        title=words.say(f"explained_title_{title}"),
        subtitle=words.say(
            "explained_subtitle",
            indicator=telling.label,
            start=words.round_within(start["start_round"], start["start_date"]),
            end=telling.round_within(telling.latest),
        ),
        source=telling.source,
        spec=spec,
        legend=legend,
        table=_parts_table(telling, parts),
    )


def _parts(telling: Telling) -> pl.DataFrame:
    if telling.series is None or telling.latest is None:
        return pl.DataFrame()
    return figures.change_parts(telling.build, telling.series, telling.latest)


def _no_change(telling: Telling) -> str:
    """Return why there is no chart: no earlier round, or a change of nothing."""
    latest, previous = telling.latest, telling.previous
    if latest is None or previous is None or latest.value is None or previous.value is None:
        return telling.words.say("explained_none")
    if latest.value == previous.value:
        return telling.words.say("explained_title_same") + "."
    return telling.words.say("explained_unknown")


def split_of_change(parts: pl.DataFrame) -> tuple[float, float]:
    """Return what movement, and what coverage and corrections, added to the figure."""
    is_movement = pl.col("part").is_in(figures.MOVEMENT)
    moved = float(parts.filter(is_movement)["change"].sum())
    return moved, float(parts.filter(~is_movement)["change"].sum())


def _kind(part: str) -> str:
    return "movement" if part in figures.MOVEMENT else "coverage"


def _bar(telling: Telling, label: str, change: float, kind: str) -> dict[str, Any]:
    text = telling.words.signed(change)
    return {
        "label": label,
        "state": kind,
        "from": 0,
        "to": change,
        "total": change,
        "text": text,
        "tip": f"{label}: {text}",
    }


def _parts_table(telling: Telling, parts: pl.DataFrame) -> Table:
    words = telling.words
    return Table(
        caption=words.say("section_change"),
        headings=tuple(
            words.say(f"column_{name}") for name in ("part", "kind", "change", "locations")
        ),
        rows=tuple(
            (
                words.say(f"part_{row['part']}"),
                words.say(f"kind_{_kind(row['part'])}"),
                words.signed(row["change"]),
                words.number(row["locations"]),
            )
            for row in parts.iter_rows(named=True)
        ),
    )


def coverage(telling: Telling) -> Exhibit:
    """Return locations by how their figure came to be, for the last rounds."""
    words = telling.words
    known = figures.states(telling.build, telling.series) if telling.series else pl.DataFrame()
    if known.is_empty() or telling.latest is None:
        return Exhibit(name="coverage", sentence=words.say("coverage_none"))
    rounds = telling.snapshots[-MOST_ROUNDS:]
    rows: list[dict[str, Any]] = []
    cells = []
    for snapshot in rounds:
        own = figures.at(known, snapshot)
        counts = dict(own.select("state", "locations").iter_rows())
        rows += _stack(telling, telling.round_label(snapshot), counts)
        states = (*charts.STATE_FILLS,)
        cells.append(
            (telling.round_label(snapshot), *(words.number(counts.get(s, 0)) for s in states))
        )
    names = {state: words.say(f"state_{state}") for state in charts.STATE_FILLS}
    spec, legend = charts.stacked_bars(rows, telling.look, charts.STATE_FILLS, names)
    last = dict(figures.at(known, telling.latest).select("state", "locations").iter_rows())
    observed = last.get("observed", 0) + last.get("corrected", 0)
    total = sum(last.values())
    return Exhibit(
        name="coverage",
        title=words.say(
            "coverage_title", percent=words.percent(observed / total if total else 0.0)
        ),
        subtitle=words.say("coverage_subtitle"),
        source=telling.source,
        spec=spec,
        legend=legend,
        table=Table(
            caption=words.say("coverage_subtitle"),
            headings=(words.say("column_round"), *names.values()),
            rows=tuple(cells),
        ),
    )


def _stack(telling: Telling, label: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    words = telling.words
    total = sum(counts.values())
    rows, low = [], 0
    for state in charts.STATE_FILLS:
        count = counts.get(state, 0)
        if count:
            rows.append(
                {
                    "label": label,
                    "state": state,
                    "from": low,
                    "to": low + count,
                    "total": total,
                    "text": words.number(total),
                    "tip": f"{label}, {words.say(f'state_{state}')}: {words.number(count)}",
                }
            )
            low += count
    return rows


def quality(telling: Telling) -> Exhibit:
    """Return findings of the last round by kind and severity."""
    words = telling.words
    found = figures.findings_by_kind(telling.build, telling.latest)
    if found.is_empty():
        return Exhibit(name="quality", sentence=words.say("quality_none"))
    counts = dict(found.group_by("severity").agg(pl.col("findings").sum()).iter_rows())
    rows: list[dict[str, Any]] = []
    cells = []
    for kind in found["kind"].unique(maintain_order=True).to_list():
        own = dict(
            found.filter(pl.col("kind") == kind).select("severity", "findings").iter_rows()
        )
        label = words.say(f"finding_{kind}")
        rows += _severities(telling, label, own)
        cells.append((label, *(words.number(own.get(s, 0)) for s in charts.SEVERITY_FILLS)))
    names = {s: words.say(f"severity_{s}") for s in charts.SEVERITY_FILLS}
    spec, legend = charts.stacked_bars(rows, telling.look, charts.SEVERITY_FILLS, names)
    return Exhibit(
        name="quality",
        title=words.say(
            "quality_title", errors=counts.get("error", 0), warnings=counts.get("warning", 0)
        ),
        subtitle=words.say("quality_subtitle"),
        source=telling.source,
        spec=spec,
        legend=legend,
        table=Table(
            caption=words.say("quality_subtitle"),
            headings=(words.say("column_finding"), *names.values()),
            rows=tuple(cells),
        ),
    )


def _severities(telling: Telling, label: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    words = telling.words
    rows, low = [], 0
    for severity in charts.SEVERITY_FILLS:
        count = counts.get(severity, 0)
        if count:
            rows.append(
                {
                    "label": label,
                    "state": severity,
                    "from": low,
                    "to": low + count,
                    "total": sum(counts.values()),
                    "text": words.number(sum(counts.values())),
                    "tip": f"{label}, {words.say(f'severity_{severity}')}: "
                    f"{words.number(count)}",
                }
            )
            low += count
    return rows
