"""What a reader can choose of an edition, and what they chose in the address."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from waystation.errors import NotFound
from waystation.release.report.figures import Series, Snapshot
from waystation.web.tracking.editions import Edition

Known = TypeVar("Known")
SHAPE = 1  # of what is kept beside an edition; raised when code reads it otherwise


@dataclass(frozen=True, slots=True)
class Component:
    """One kind of assessment of an operation, as published.

    Attributes:
        code: As the library has it.
        series: What can be followed, the most telling first.
        rounds: Its rounds by date.
    """

    code: str
    series: tuple[Series, ...]
    rounds: tuple[Snapshot, ...]

    def key(self, snapshot: Snapshot) -> str:
        """Return what names a round in addresses."""
        return f"{self.code}-{snapshot.round_number}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader looks at.

    Attributes:
        component: Kind of assessment.
        series: The indicator within it.
        round: The round.
    """

    component: Component
    series: Series
    round: Snapshot

    @property
    def key(self) -> str:
        """Return what names the round in addresses."""
        return self.component.key(self.round)

    @property
    def name(self) -> str:
        """Return what names the choice in file names."""
        return f"{self.key}-{self.series.indicator}"

    @property
    def series_name(self) -> str:
        """Return what names the series, whatever the round, in file names."""
        return f"{self.component.code}-{self.series.indicator}"

    @property
    def is_latest(self) -> bool:
        """Say whether it is the last round of its component."""
        return self.round == self.component.rounds[-1]

    @property
    def query(self) -> dict[str, str]:
        """Return what the address says of it."""
        return {"round": self.key, "indicator": self.series.indicator}


def components_of(edition: Edition) -> tuple[Component, ...]:
    """Return what can be chosen of an edition; nothing where no stock was published."""
    return _components(edition.folder, edition)


@lru_cache(maxsize=1024)
def _components(folder: Path, edition: Edition) -> tuple[Component, ...]:
    kept = json.loads(edition.derived(f"choices-{SHAPE}.json", lambda: _choices(edition)))
    return tuple(
        Component(
            code=entry["code"],
            series=tuple(Series(*each) for each in entry["series"]),
            rounds=tuple(
                Snapshot(number, dt.date.fromisoformat(day), *counts)
                for number, day, *counts in entry["rounds"]
            ),
        )
        for entry in kept
    )


def _choices(edition: Edition) -> bytes:
    from waystation.release.report.choice import rounds_of, series_of

    totals = edition.frame("totals")
    by_component: dict[str, list[Series]] = {}
    for series in series_of(totals):
        by_component.setdefault(series.component, []).append(series)
    entries: list[dict[str, Any]] = [
        {
            "code": code,
            "series": [[getattr(s, name) for name in Series.__slots__] for s in series],
            "rounds": [
                [r.round_number, r.date.isoformat(), r.value, r.locations, r.not_reported]
                for r in rounds_of(totals, series[0])
            ],
        }
        for code, series in by_component.items()
    ]
    return json.dumps(entries).encode()


def choice_of(edition: Edition, asked: Mapping[str, str]) -> Choice | None:
    """Return what an address asks for; what it leaves open is the latest and most telling.

    Returns:
        None where the edition has nothing to choose.

    Raises:
        NotFound: If it names a component, round or indicator that the edition does not have.
    """
    components = components_of(edition)
    if not components:
        return None
    key = asked.get("round", "")
    named = asked.get("component", "") or key.rpartition("-")[0]
    component = _named("component", named, {c.code: c for c in components})
    rounds = {component.key(r): r for r in component.rounds}
    series = {s.indicator: s for s in component.series}
    # An indicator of another component only: a reader has gone over to this one.
    others = {s.indicator: component.series[0] for c in components for s in c.series}
    return Choice(
        component=component,
        series=_named("indicator", asked.get("indicator", ""), {**series, **others, **series}),
        round=_named("round", key, rounds, last=True),
    )


def _named(what: str, name: str, known: Mapping[str, Known], *, last: bool = False) -> Known:
    if not name:
        return list(known.values())[-1 if last else 0]
    if name not in known:
        raise NotFound(what=what, name=name)
    return known[name]
