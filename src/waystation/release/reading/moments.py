"""The rounds that figures stand in, each with the day that it describes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

COLUMNS = ("component", "round_number", "reference_date")


@dataclass(frozen=True, slots=True)
class Moment:
    """One snapshot of a series: a round can carry several days.

    Attributes:
        component: Component of the round.
        round_number: Its number.
        reference_date: The day that its figures describe.
        is_last: Whether it is the last day of its round.
    """

    component: str
    round_number: int
    reference_date: dt.date
    is_last: bool = True

    @property
    def round_key(self) -> str:
        """Return what names the round, e.g. ``site_assessment-12``."""
        return f"{self.component}-{self.round_number}"

    @property
    def key(self) -> str:
        """Return what names the moment: its round, with the day where it is not the last."""
        return self.round_key if self.is_last else f"{self.round_key}.{self.reference_date}"

    @property
    def condition(self) -> pl.Expr:
        """Return the condition that rows of this moment meet."""
        # The day comes first: files are sorted by it, so that other rounds are not read.
        return (
            (pl.col("reference_date") == self.reference_date)
            & (pl.col("round_number") == self.round_number)
            & (pl.col("component") == self.component)
        )


def moments_of(frame: pl.DataFrame) -> tuple[Moment, ...]:
    """Return the moments of a matrix or of totals, oldest first."""
    rows = (
        frame.select(COLUMNS)
        .unique()
        .with_columns(
            is_last=pl.col("reference_date")
            == pl.col("reference_date").max().over("component", "round_number")
        )
        .sort("reference_date", "round_number", "component")
    )
    return tuple(Moment(*row) for row in rows.iter_rows())


def any_of(moments: Sequence[Moment]) -> pl.Expr:
    """Return the condition that rows of any of these moments meet; none meets that of none."""
    if not moments:
        return pl.lit(value=False)
    return pl.any_horizontal(moment.condition for moment in moments)


def before(moments: Sequence[Moment], moment: Moment) -> Moment | None:
    """Return the moment of the same component just before another; None for the first."""
    earlier = [
        m
        for m in moments
        if m.component == moment.component
        and (m.reference_date, m.round_number) < (moment.reference_date, moment.round_number)
    ]
    return earlier[-1] if earlier else None
