"""What the operation page says, worked out once for an edition, a choice and a language."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from waystation.release.report.figures import Series, Snapshot
from waystation.tracking.build import Build
from waystation.tracking.build_folder import read_build, write_build_frames
from waystation.web.tracking import storage
from waystation.web.tracking.editions import Edition
from waystation.web.tracking.views.looking.choices import SHAPE, Choice, components_of
from waystation.web.tracking.views.looking.speech import Speech

if TYPE_CHECKING:
    from waystation.release.report.parts import Exhibit, Table
    from waystation.release.report.telling import Telling

RIGHT_TO_LEFT = "\u200f"


def series_build(edition: Edition, series: Series) -> Build:
    """Return the part of an edition that one series is told from; written on first use."""
    folder = _series_folder(edition, series)
    if not folder.exists():
        _keep_series(edition.build(), edition, series)
    return read_build(folder)


def keep_all_series(edition: Edition) -> None:
    """Write the part of every series, so that no reader waits for the whole to be read."""
    whole = edition.build()
    for component in components_of(edition):
        for series in component.series:
            _keep_series(whole, edition, series)


def _series_folder(edition: Edition, series: Series) -> Path:
    return edition.folder / "derived" / f"series-{SHAPE}-{series.component}-{series.indicator}"


def _keep_series(whole: Build, edition: Edition, series: Series) -> None:
    from waystation.release.report.choice import build_of_series

    with storage.folder_made_whole(_series_folder(edition, series)) as folder:
        write_build_frames(build_of_series(whole, series), folder, summary={})


def told(edition: Edition, choice: Choice, speech: Speech) -> dict[str, Any]:
    """Return what the page says of a choice."""
    return _told(edition.folder, edition, choice, speech)


@lru_cache(maxsize=64)
def _told(folder: Path, edition: Edition, choice: Choice, speech: Speech) -> dict[str, Any]:
    name = f"told-{SHAPE}-{choice.name}-{speech.name}.json"
    kept: dict[str, Any] = json.loads(
        edition.derived(name, lambda: _written(_tell(edition, choice, speech)))
    )
    return kept


def _written(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _tell(edition: Edition, choice: Choice, speech: Speech) -> dict[str, Any]:
    from waystation.release.report.choice import telling_at
    from waystation.release.report.content import method_paragraphs, told_sentences
    from waystation.release.report.sources import source_lines

    build = series_build(edition, choice.series)
    words = speech.words()
    # A title that begins with a figure would else be laid out from left to right.
    start = RIGHT_TO_LEFT if words.is_rtl else ""
    telling = telling_at(build, words, choice.series, at=choice.round)
    exhibits = _exhibits(telling, telling_at(build, words, choice.series))
    return {
        "country": telling.country,
        "indicator": telling.label,
        "unit": words.unit(telling.indicator.unit),
        "component": words.say_or(f"component_{choice.component.code}", choice.component.code),
        "headline": _headline(telling),
        "sentences": told_sentences(telling),
        "exhibits": {e.name: _exhibit(e, start) for e in exhibits if e.spec is not None},
        "absent": [e.sentence for e in exhibits if e.spec is None and e.sentence],
        "specs": {e.name: e.spec for e in exhibits if e.spec is not None},
        "change_by_area": _change_by_area(telling),
        "areas": _areas(telling),
        "rounded_to": build.rounded_to,
        "deepest_level": build.deepest_level,
        "source": telling.source,
        "sources": source_lines(build, words),
        "method": method_paragraphs(telling),
        "disclaimer": words.say("boundaries_disclaimer"),
    }


def _exhibits(telling: Telling, whole: Telling) -> list[Exhibit]:
    from waystation.release.report import certainty, closer, people, where

    breakdowns = [people.breakdown_bars(telling, d) for d in ("reason", "origin", "shelter")]
    return [
        where.over_rounds(whole),
        certainty.change_explained(telling),
        *breakdowns,
        closer.by_kind_of_place(telling),
        people.needs(telling),
        people.sex_and_age(telling),
        certainty.coverage(telling),
        certainty.quality(telling),
    ]


def _exhibit(exhibit: Exhibit, start: str) -> dict[str, Any]:
    return {
        "name": exhibit.name,
        "title": start + exhibit.title,
        "subtitle": start + exhibit.subtitle,
        "source": exhibit.source,
        "legend": [asdict(entry) for entry in exhibit.legend],
        "table": _table(exhibit.table),
    }


def _headline(telling: Telling) -> dict[str, Any]:
    from waystation.release.report.certainty import split_of_change
    from waystation.release.report.choice import coverage_of
    from waystation.release.report.figures import change_parts

    latest, previous, series = telling.latest, telling.previous, telling.series
    if latest is None or series is None:
        return {}
    parts = change_parts(telling.build, series, latest)
    moved, covered = split_of_change(parts) if parts.height else (None, None)
    coverage = coverage_of(telling.build, series, latest)
    return {
        "value": latest.value,
        "date": latest.date.isoformat(),
        "round_number": latest.round_number,
        "round": telling.round_label(latest),
        "status": _status(telling, latest),
        "previous": _previous(telling, latest, previous),
        "moved": moved,
        "covered": covered,
        "shares": telling.shares,
        "observed": _observed(telling.shares),
        "locations": latest.locations,
        "known": coverage.known,
        "assessed": coverage.assessed,
        "blank": coverage.blank,
    }


def _previous(
    telling: Telling, latest: Snapshot, previous: Snapshot | None
) -> dict[str, Any] | None:
    if previous is None:
        return None
    is_known = latest.value is not None and previous.value is not None
    change = (latest.value or 0) - (previous.value or 0) if is_known else None
    share = change / previous.value if change is not None and previous.value else None
    return {
        "round": telling.round_within(previous),
        "round_number": previous.round_number,
        "date": previous.date.isoformat(),
        "value": previous.value,
        "change": change,
        "share": share,
        "percent": telling.words.percent(share, signed=True) if share is not None else "",
    }


def _status(telling: Telling, latest: Snapshot) -> str:
    """Return how most of the figure came to be, where it was not observed; else nothing."""
    if not telling.is_unsure(latest):
        return ""
    return max(("carried_forward", "estimated"), key=lambda s: telling.shares.get(s, 0.0))


def _observed(shares: dict[str, float]) -> float | None:
    if not shares:
        return None
    return 1 - shares.get("carried_forward", 0.0) - shares.get("estimated", 0.0)


def _change_by_area(telling: Telling) -> dict[str, Any] | None:
    from waystation.release.report.closer import change_by_area

    return _table(change_by_area(telling))


def _table(table: Table | None) -> dict[str, Any] | None:
    if table is None:
        return None
    return {**asdict(table), "figure_columns": table.figure_columns}


def _areas(telling: Telling) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the tables of areas, cells as written."""
    import polars as pl

    from waystation.release.report.content import area_cells

    levels: dict[str, list[dict[str, Any]]] = {}
    parents: dict[str | None, str] = {}
    for level in (1, 2):
        rows = telling.areas(level)
        if rows.is_empty() or not rows["is_assessed"].any():
            continue
        unsure = (pl.col("carried") + pl.col("estimated")) > 0.5
        marked = rows.with_columns(is_unsure=unsure.fill_null(value=False))
        levels[str(level)] = [
            {
                "code": row["code"] or "",
                "parent": parents.get(row["parent_code"], ""),
                "cells": area_cells(row, telling.words),
                "value": row["value"],
                "is_assessed": row["is_assessed"],
                "is_unsure": row["is_unsure"],
            }
            for row in marked.iter_rows(named=True)
        ]
        parents = {row["code"]: row["name"] for row in rows.iter_rows(named=True)}
    return levels
