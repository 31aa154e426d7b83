"""What a coordinator asks for: a round, a level, a sector, and what counts as high."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import polars as pl
from django.http import HttpRequest
from django.utils.translation import gettext as _

from waystation.release.reading.moments import Moment
from waystation.release.snapshots import unit_names
from waystation.tracking.response import (
    Gap,
    active_on,
    gaps_from_presence,
    needs_from_matrix,
    sectors,
)
from waystation.tracking.response.needs import PREFIX
from waystation.web.tracking.editions import Edition
from waystation.web.tracking.forms.responding import HIGH_PERCENT, ResponseForm
from waystation.web.tracking.models import PresenceImport
from waystation.web.tracking.presence import frame_of_import, presence_that_holds
from waystation.web.tracking.views.closer.reading import Reading, reading_of

LEVELS = (1, 2)
GRAVE = (Gap.UNMET, Gap.UNCLEAR, Gap.THIN, Gap.OPEN)


def gap_words() -> dict[str, str]:
    """Return what each gap is called."""
    return {
        Gap.UNMET: _("Unmet"),
        Gap.UNCLEAR: _("Unclear"),
        Gap.THIN: _("Thin"),
        Gap.OPEN: _("Need is high"),
        Gap.COVERED: _("Covered"),
        Gap.LOW: _("No high need"),
        Gap.NOT_ASSESSED: _("Not assessed"),
    }


@dataclass(frozen=True)
class Response:
    """Needs against presence as a reader asked for them.

    Attributes:
        reading: Who reads.
        form: What was asked.
        table: The table of presence that holds; None where there is none.
    """

    reading: Reading
    form: ResponseForm
    table: PresenceImport | None

    @classmethod
    def of(cls, request: HttpRequest, slug: str) -> Response:
        """Read what was asked for, with defaults where nothing was."""
        reading = reading_of(request, slug)
        levels = [n for n in LEVELS if n in reading.levels] or [1]
        words = gap_words()
        offered = {
            "round": reading.round_choices(),
            "level": [c for c in reading.level_choices() if int(c[0]) in levels]
            or [("1", _("Admin 1"))],
            "sector": [("", _("All sectors")), *sector_choices(reading.language)],
            "gap": [("", _("All")), *words.items()],
        }
        defaults = {"round": _usual(reading).key, "level": str(levels[-1])}
        form = ResponseForm(request.GET, offered=offered, defaults=defaults)
        return cls(reading, form, presence_that_holds(reading.operation))

    @property
    def level(self) -> int:
        """Return the level of the units."""
        return int(self.form.chosen("level"))

    @property
    def sector(self) -> str:
        """Return the sector chosen; empty for all."""
        return str(self.form.chosen("sector") or "")

    @property
    def high(self) -> int:
        """Return from how many percent of locations a need is high."""
        return int(self.form.chosen("high"))

    @property
    def most(self) -> int:
        """Return above how many persons an organisation is thin."""
        return int(self.form.chosen("most"))

    @cached_property
    def moment(self) -> Moment:
        """Return the round."""
        key = self.form.chosen("round")
        return next(m for m in self.reading.moments if m.key == key)

    @property
    def as_of(self) -> dt.date:
        """Return the day on which organisations are active."""
        return self.table.as_of if self.table else self.moment.reference_date

    @property
    def is_assessed(self) -> bool:
        """Say whether needs were asked for in the round."""
        return asks_needs(self.reading.edition, self.moment)

    @cached_property
    def everything(self) -> pl.DataFrame:
        """Return the gaps of all sectors, shape ``Gaps``, names in the reader's language."""
        return self.named(self.at_level(self.level), "code", "name")

    def at_level(self, level: int) -> pl.DataFrame:
        """Return the gaps of all sectors at a level, names as the list has them."""
        share = 1 / 3 if self.high == HIGH_PERCENT else self.high / 100
        edition, most = self.reading.edition, self.most
        return _gaps(edition, self.moment, level, self.table, share, most)

    @cached_property
    def gaps(self) -> pl.DataFrame:
        """Return the gaps of the sector chosen, or of all."""
        if not self.sector:
            return self.everything
        return self.everything.filter(pl.col("sector") == self.sector)

    @cached_property
    def listed(self) -> pl.DataFrame:
        """Return the gaps of the kind chosen; without a choice, where a need is high."""
        gap = str(self.form.chosen("gap") or "")
        if gap:
            return self.gaps.filter(pl.col("gap") == gap)
        return self.gaps.filter(~pl.col("gap").is_in([Gap.LOW, Gap.NOT_ASSESSED]))

    @cached_property
    def active(self) -> pl.DataFrame:
        """Return the activities of the day, shape ``Presence``; no rows without a table."""
        if self.table is None:
            return pl.DataFrame()
        return active_on(frame_of_import(self.table), self.as_of)

    def named(self, rows: pl.DataFrame, code: str, name: str, level: int = 0) -> pl.DataFrame:
        """Put the names of units that the reader's language has in place of others."""
        units = self.reading.edition.frame("units")
        names = unit_names(units, level or self.level, self.reading.language)
        names = names.rename({"code": code, "name": "own name"})
        joined = rows.join(names, on=code, how="left", maintain_order="left")
        former = [name] if name in rows.columns else []
        return joined.with_columns(pl.coalesce("own name", *former, code).alias(name)).drop(
            "own name"
        )

    def query(self, **other: Any) -> dict[str, Any]:
        """Return what was asked as an address says it."""
        asked = {n: self.form.chosen(n) for n in ("round", "level", "sector", "gap")}
        chosen = {"high": self.high, "most": self.most}
        usual = {n: self.form.defaults[n] for n in chosen}
        return asked | {n: v for n, v in chosen.items() if v != usual[n]} | other


def sector_choices(language: str) -> list[tuple[str, str]]:
    """Return the sectors that needs are asked for."""
    return [(code, s.label(language)) for code, s in sectors().items() if s.needs]


@lru_cache(maxsize=32)
def _needing(edition: Edition) -> frozenset[tuple[str, int, dt.date]]:
    totals = edition.frame("totals").filter(pl.col("indicator").str.starts_with(PREFIX))
    return frozenset(
        totals.select("component", "round_number", "reference_date").unique().iter_rows()
    )


def asks_needs(edition: Edition, moment: Moment) -> bool:
    """Say whether a round asked what is needed most."""
    key = (moment.component, moment.round_number, moment.reference_date)
    return key in _needing(edition)


def _usual(reading: Reading) -> Moment:
    """Return the latest round that asked for needs, else the latest."""
    asked = [m for m in reading.moments if asks_needs(reading.edition, m)]
    return (asked or list(reading.moments))[-1]


@lru_cache(maxsize=64)
def _gaps(
    edition: Edition,
    moment: Moment,
    level: int,
    table: PresenceImport | None,
    share: float,
    most: int,
) -> pl.DataFrame:
    totals = edition.frame("totals").filter(moment.condition)
    presence = frame_of_import(table) if table else None
    return gaps_from_presence(
        _needs(edition, moment, level),
        totals,
        presence,
        edition.frame("units"),
        level=level,
        as_of=table.as_of if table else moment.reference_date,
        high_share=share,
        most_persons=most,
    )


@lru_cache(maxsize=64)
def _needs(edition: Edition, moment: Moment, level: int) -> pl.DataFrame:
    totals = edition.frame("totals").filter(moment.condition)
    matrix = edition.scan("matrix").filter(moment.condition).collect()
    return needs_from_matrix(matrix, totals, edition.frame("units"), level=level)


def needs_of(response: Response) -> pl.DataFrame:
    """Return the needs of the round and level, shape ``SectorNeeds``."""
    return _needs(response.reading.edition, response.moment, response.level)
