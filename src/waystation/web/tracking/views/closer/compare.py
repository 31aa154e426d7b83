"""Any two rounds, or versions of them, unit by unit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from waystation.release.reading.comparison import (
    Comparison,
    Side,
    change_classes,
    compared,
)
from waystation.release.reading.moments import Moment, before, moments_of
from waystation.release.reading.outlines import bounds_of, levels_of
from waystation.release.report.figures import HEADLINES
from waystation.release.snapshots import unit_names
from waystation.tracking.cells import NOT_PLACED, codes_of_kind
from waystation.tracking.indicators import Kind
from waystation.web.tracking.forms.closer import CompareForm
from waystation.web.tracking.versions import (
    Version,
    snapshots_of,
    version_of,
    withdrawal_of,
)
from waystation.web.tracking.views.closer.documents import document
from waystation.web.tracking.views.closer.files import csv_answer
from waystation.web.tracking.views.closer.reading import (
    Choices,
    Reading,
    reading_of,
)


@dataclass(frozen=True)
class Compared:
    """What a reader asked to compare.

    Attributes:
        reading: Who reads.
        form: What was asked.
    """

    reading: Reading
    form: CompareForm

    @classmethod
    def of(cls, request: HttpRequest, slug: str) -> Compared:
        """Read what was asked for, with defaults where nothing was."""
        reading = reading_of(request, slug)
        stocks = codes_of_kind(list(reading.indicators), Kind.STOCK)
        return cls(
            reading,
            CompareForm(
                request.GET,
                sides=side_choices(reading),
                levels=reading.level_choices(),
                indicators=reading.indicator_choices(stocks),
                defaults=_defaults(reading, stocks),
            ),
        )

    @property
    def indicator(self) -> str:
        """Return the indicator compared."""
        return str(self.form.chosen("indicator"))

    @property
    def level(self) -> int:
        """Return the level compared."""
        return int(self.form.chosen("level") or 0)

    @cached_property
    def ends(self) -> tuple[End, End]:
        """Return both sides."""
        first, second = (str(self.form.chosen(name)) for name in ("before", "after"))
        return end_of(self.reading, first), end_of(self.reading, second)

    @property
    def is_possible(self) -> bool:
        """Return whether both sides are assessments of one kind, and not the same."""
        first, second = self.ends
        return first.moment.component == second.moment.component and first.key != second.key

    @cached_property
    def result(self) -> Comparison:
        """Return the comparison, names in the reader's language."""
        sides = [end.side(self.indicator) for end in self.ends]
        units, locations = (self.reading.edition.frame(n) for n in ("units", "locations"))
        found = compared(sides[0], sides[1], level=self.level, units=units, locations=locations)
        names = unit_names(units, self.level, self.reading.language).rename({"name": "own"})
        named = found.rows.join(names, on="code", how="left", maintain_order="left")
        rows = named.with_columns(
            pl.when(pl.col("code") == "")
            .then(pl.lit(_("Not placed")))
            .otherwise(pl.coalesce("own", "name"))
            .alias("name")
        ).drop("own")
        return Comparison(rows, found.parts, found.locations)


@dataclass(frozen=True)
class End:
    """One side of a comparison: the latest version of a round, or a version of it.

    Attributes:
        reading: Who reads.
        key: What names it in the address.
        moment: Its round.
        version: The version; None for what the edition holds.
    """

    reading: Reading
    key: str
    moment: Moment
    version: Version | None = None

    def side(self, indicator: str) -> Side:
        """Return its figures of one indicator."""
        source = self.version or self.reading.edition
        wanted = self.moment.condition & (pl.col("indicator") == indicator)
        cells = source.scan("matrix").filter(wanted).collect()
        return Side(cells, source.frame("totals").filter(wanted))


def side_choices(reading: Reading) -> Choices:
    """Return all that can be compared: rounds, then older versions of them."""
    choices: Choices = reading.round_choices()
    older: Choices = []
    seen = set()
    for snapshot in snapshots_of(reading.operation):
        if withdrawal_of(snapshot) is not None:
            continue
        key = snapshot.round.key
        if key in seen:  # not the latest of its round
            label = reading.words.round_label(snapshot.round.number, snapshot.reference_date)
            named = _("%(round)s, version %(n)s") % {"round": label, "n": snapshot.version}
            older.append((f"{key}.v{snapshot.version}", named))
        seen.add(key)
    return [*choices, (_("Older versions"), older)] if older else choices


def end_of(reading: Reading, key: str) -> End:
    """Return one of the sides that can be compared, by its key."""
    for moment in reading.moments:
        if moment.key == key:
            return End(reading, key, moment)
    for snapshot in snapshots_of(reading.operation):
        named = f"{snapshot.round.key}.v{snapshot.version}"
        if named == key and withdrawal_of(snapshot) is None:
            version = version_of(snapshot)
            return End(reading, key, moments_of(version.frame("totals"))[-1], version)
    return End(reading, reading.latest.key, reading.latest)


def _defaults(reading: Reading, stocks: list[str]) -> dict[str, str]:
    earlier = before(reading.moments, reading.latest) or reading.latest
    headline = next((c for c in HEADLINES if c in stocks), stocks[0] if stocks else "")
    level = 1 if 1 in reading.levels else reading.levels[-1]
    return {
        "before": earlier.key,
        "after": reading.latest.key,
        "level": str(level),
        "indicator": headline,
    }


@require_GET
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what differs between two rounds."""
    asked = Compared.of(request, slug)
    reading, form = asked.reading, asked.form
    context = reading.context("compare", form=form, is_possible=asked.is_possible)
    if asked.is_possible and asked.indicator:
        context |= _result(asked)
    return render(request, "tracking/closer/compare.html", context, status=form.answer)


def _result(asked: Compared) -> dict[str, Any]:
    reading, found = asked.reading, asked.result
    query = {
        "before": asked.ends[0].key, "after": asked.ends[1].key, "level": asked.level,
        "indicator": asked.indicator,
    }  # fmt: skip
    sums = found.rows.select(pl.col("before", "after").sum()).row(0)
    parts = [
        {
            "label": reading.words.say(f"part_{part}"),
            "change": found.rows[part].sum(),
            "locations": found.locations.get(part),
        }
        for part in found.parts
    ]
    return {
        "indicator_label": reading.indicator_label(asked.indicator),
        "unit_word": reading.unit_word(asked.indicator),
        "labels": [_label(reading, end) for end in asked.ends],
        "parts": parts,
        "rows": [_row(asked, row) for row in found.rows.iter_rows(named=True)],
        "totals": {"before": sums[0], "after": sums[1], "change": sums[1] - sums[0]},
        "map_url": reading.address("compare_map_data", **query),
        "csv_url": reading.address("compare_csv", **query),
        "place_prefix": reading.address("place", "-").removesuffix("-"),
    }


def _label(reading: Reading, end: End) -> str:
    text = reading.label(end.moment)
    if end.version is None:
        return text
    return _("%(round)s, version %(n)s") % {"round": text, "n": end.key.rpartition(".v")[2]}


def _row(asked: Compared, row: dict[str, Any]) -> dict[str, Any]:
    reading, code = asked.reading, row["code"]
    return {
        "name": row["name"] or code,
        "url": reading.address("place", code, indicator=asked.indicator) if code else "",
        "before": row["before"],
        "after": row["after"],
        "change": row["change"],
        "parts": [row[part] for part in asked.result.parts],
    }


@require_GET
def compare_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the comparison as csv."""
    asked = Compared.of(request, slug)
    if not (asked.form.is_valid() and asked.is_possible):
        return HttpResponse(status=422)
    rows = asked.result.rows.with_columns(
        pl.when(pl.col("code") == "").then(pl.lit(NOT_PLACED)).otherwise("name").alias("name")
    )
    first, second = (end.key for end in asked.ends)
    said = rows.select(
        "code", "name", indicator=pl.lit(asked.indicator), start=pl.lit(first),
        end=pl.lit(second), before="before", after="after", change="change",
        **{part: pl.col(part) for part in asked.result.parts},
    )  # fmt: skip
    name = f"compare-{first}-{second}-admin{asked.level}"
    return csv_answer(asked.reading, said, name)


@require_GET
def compare_map_data(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the change on a map: colours that go both ways from 0."""
    asked = Compared.of(request, slug)
    return document(asked.reading, lambda: _map(asked))


def _map(asked: Compared) -> dict[str, Any]:
    reading, level = asked.reading, asked.level
    boundaries = reading.edition.frame("boundaries")
    rows = asked.result.rows.filter(pl.col("code") != "") if asked.is_possible else None
    changes = rows["change"].to_list() if rows is not None else []
    at = str(level)
    return {
        "bounds": bounds_of(boundaries) or (-180.0, -60.0, 180.0, 75.0),
        "outlines": {
            str(n): reading.address("outlines_data", n)
            for n in levels_of(boundaries)
            if n == level
        },
        "points": None,
        "rounds": [
            {
                "key": asked.ends[1].key,
                "label": reading.label(asked.ends[1].moment),
                "date": asked.ends[1].moment.reference_date.isoformat(),
            }
        ],
        "indicators": [
            {
                "code": asked.indicator,
                "label": reading.indicator_label(asked.indicator),
                "unit": reading.unit_word(asked.indicator),
                "kind": "change",
            }
        ],
        "values": {
            asked.indicator: {
                at: {
                    "codes": rows["code"].to_list() if rows is not None else [],
                    "rounds": [changes],
                }
            }
        },
        "classes": {asked.indicator: {at: change_classes(changes)}},
        "words": {"classes": _("Colours are symmetric around no change.")},
    }
