"""Figures of one place over the rounds, and what changed since the last."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from waystation.release.reading.moments import Moment, any_of, before
from waystation.release.reading.places import (
    Place,
    change_at_location,
    figures_of_locations,
    figures_of_units,
)
from waystation.release.reading.wide import NOT_ASSESSED, NOT_REPORTED
from waystation.tracking.cells import CellStatus
from waystation.tracking.indicators import dimensions, indicator_by_code
from waystation.web.tracking.views.closer.reading import (
    Reading,
    is_total,
)

UNSURE = (CellStatus.ESTIMATED.value, CellStatus.CARRIED_FORWARD.value)


@dataclass(frozen=True)
class History:
    """The figures of a place.

    Attributes:
        reading: Who reads.
        place: The place.
        cells: Cells of a location, shape ``Matrix``; empty for a unit.
        figures: Its figures, in all rounds.
    """

    reading: Reading
    place: Place
    cells: pl.DataFrame
    figures: pl.DataFrame

    @classmethod
    def of(cls, reading: Reading, place: Place) -> History:
        """Read the figures of a place."""
        if place.is_location:
            here = pl.col("location_id") == place.code
            cells = reading.edition.scan("matrix").filter(here).collect()
            return cls(reading, place, cells, figures_of_locations(cells))
        totals = reading.edition.frame("totals")
        own = totals.filter(
            (pl.col("code") == place.code) & (pl.col("admin_level") == place.level)
        )
        return cls(reading, place, pl.DataFrame(), figures_of_units(own))

    @cached_property
    def indicators(self) -> list[str]:
        """Return the indicators that the place has figures of, in the edition's order."""
        own = set(self.figures["indicator"].unique())
        return [code for code in self.reading.indicators if code in own]

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """Return the rounds of the components that the place is part of."""
        own = set(self.figures["component"].unique())
        return tuple(m for m in self.reading.moments if m.component in own)

    def series(self, indicator: str) -> list[tuple[Moment, dict[str, Any] | None]]:
        """Return the rounds of the component that speaks of an indicator last, with figures."""
        own = self.figures.filter(pl.col("indicator") == indicator)
        if own.is_empty():
            return []
        component = own.sort("reference_date", "round_number")["component"][-1]
        found = {
            (row["round_number"], row["reference_date"]): row
            for row in own.filter(pl.col("component") == component).iter_rows(named=True)
        }
        return [
            (m, found.get((m.round_number, m.reference_date)))
            for m in self.moments
            if m.component == component
        ]

    def last(self, indicator: str) -> tuple[Moment, dict[str, Any]] | None:
        """Return the last round with a figure, and the figure."""
        known = [(m, row) for m, row in self.series(indicator) if row is not None]
        return known[-1] if known else None

    def headline(self, indicator: str) -> dict[str, Any] | None:
        """Return the figure that the page opens with."""
        last = self.last(indicator)
        if last is None:
            return None
        moment, row = last
        series = self.series(indicator)
        newest = series[-1][0]
        earlier = [r for m, r in series if m.reference_date < moment.reference_date and r]
        values = (row["value"], earlier[-1]["value"] if earlier else None)
        return {
            "value": row["value"],
            "status": row["status"],
            "shown_status": row["status"] if row["status"] in UNSURE else "",
            "as_of": moment.reference_date,
            "unit": self.reading.unit_word(indicator),
            "round": self.reading.label(moment),
            "change": values[0] - values[1] if None not in values else None,
            "not_since": self.reading.label(newest) if newest != moment else "",
            "locations": row["locations"],
            "not_reported": row["not_reported"],
            "observed_on": row["observed_on"],
            "trail": self.reading.trail(self.place.code, indicator, moment.key),
        }

    def table(self) -> dict[str, Any]:
        """Return figures by round, the latest first, one column an indicator."""
        codes = [code for code in self.indicators if is_total(code)]
        cells = {
            (r["component"], r["round_number"], r["reference_date"], r["indicator"]): r
            for r in self.figures.filter(pl.col("indicator").is_in(codes)).iter_rows(named=True)
        }
        rows = []
        for m in reversed(self.moments):
            at = (m.component, m.round_number, m.reference_date)
            found = [cells.get((*at, code)) for code in codes]
            rows.append(
                {
                    "label": self.reading.label(m),
                    "date": m.reference_date,
                    "cells": [
                        self._cell(c, m, row) for c, row in zip(codes, found, strict=True)
                    ],
                }
            )
        labels = [self.reading.indicator_label(code) for code in codes]
        return {"labels": labels, "rows": rows}

    def _cell(
        self, indicator: str, moment: Moment, row: dict[str, Any] | None
    ) -> dict[str, Any]:
        if row is None:
            return {"value": None, "status": NOT_ASSESSED, "trail": ""}
        return {
            "value": row["value"],
            "status": row["status"] if row["value"] is not None else NOT_REPORTED,
            "observed_on": row["observed_on"],
            "trail": self.reading.trail(self.place.code, indicator, moment.key),
        }

    def breakdowns(self) -> list[dict[str, Any]]:
        """Return the breakdowns of the place's latest round, each with its parts."""
        if self.figures.is_empty():
            return []
        parts = [code for code in self.indicators if not is_total(code)]
        known = dict.fromkeys(self.moments)
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        latest = self.figures.filter(any_of(list(known)[-1:]), pl.col("indicator").is_in(parts))
        values = {row["indicator"]: row for row in latest.iter_rows(named=True)}
        for code in parts:
            if code in values and values[code]["value"] is not None:
                entry = indicator_by_code(code)
                key = (str(entry.total), str(entry.dimension))
                groups.setdefault(key, []).append(
                    {
                        "label": self.reading.category_label(code),
                        "trail": self.reading.trail(
                            self.place.code, code, self.moments[-1].key
                        ),
                        **values[code],
                    }
                )
        return [self._breakdown(key, rows) for key, rows in groups.items()]

    def _breakdown(self, key: tuple[str, str], rows: list[dict[str, Any]]) -> dict[str, Any]:
        total, dimension = key
        whole = self.figures.filter(self.moments[-1].condition, pl.col("indicator") == total)[
            "value"
        ]
        base = (whole[0] if whole.len() else None) or 0.0
        if dimensions()[dimension].is_partition:  # parts can exceed a total that was corrected
            base = max(base, sum(row["value"] for row in rows))
        for row in rows:
            row["share"] = row["value"] / base if base else None
        label = dimensions()[dimension].labels[self.reading.language]
        return {
            "title": f"{self.reading.indicator_label(total)}: {label}",
            "rows": sorted((r for r in rows if r["value"]), key=lambda r: -r["value"]),
            "none": sorted(str(r["label"]) for r in rows if not r["value"]),
        }

    def change(self, indicator: str) -> dict[str, Any] | None:
        """Return the change into the last round, part by part; None where there is none."""
        last = self.last(indicator)
        start = before(self.moments, last[0]) if last else None
        if last is None or start is None:
            return None
        end = last[0]
        if self.place.is_location:
            locations = self.reading.edition.frame("locations")
            parts = change_at_location(self.cells, locations, start, end)
            parts = parts.filter(pl.col("indicator") == indicator)
        else:
            parts = self._parts(indicator, start, end)
        values = dict(self.series(indicator))
        was = values.get(start)
        return {
            "since": self.reading.words.round_within(start.round_number, start.reference_date),
            "before": was["value"] if was else None,
            "after": last[1]["value"],
            "parts": [
                {"label": self.reading.words.say(f"part_{row['part']}"), **row}
                for row in parts.iter_rows(named=True)
            ],
            "compare": self.reading.address(
                "compare", before=start.key, after=end.key, indicator=indicator
            ),
        }

    def _parts(self, indicator: str, start: Moment, end: Moment) -> pl.DataFrame:
        changes = self.reading.edition.frame("changes")
        return changes.filter(
            pl.col("end_date") == end.reference_date,
            pl.col("end_round") == end.round_number,
            pl.col("component") == end.component,
            pl.col("start_date") == start.reference_date,
            pl.col("admin_level") == self.place.level,
            pl.col("code") == self.place.code,
            pl.col("indicator") == indicator,
        ).select(pl.col("part").cast(pl.String), "change", "locations")
