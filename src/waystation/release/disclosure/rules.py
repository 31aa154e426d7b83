"""What a publisher may choose, and what it is told was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

import polars as pl

from waystation.errors import InvalidChoice

SMALLEST_BASE, LARGEST_BASE, DEEPEST = 2, 100, 3


class Method(StrEnum):
    """How figures are protected; what is about reports and people never leaves with any."""

    NONE = "none"
    ROUNDING = "rounding"
    WITHHOLDING = "withholding"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureRule:
    """How figures are protected.

    Attributes:
        method: none, rounding or withholding.
        base: Persons and households become multiples of it, 2 to 100. With withholding it may
            be None: places are then protected, and small counts of units are not.
        deepest_level: With withholding, the deepest administrative level whose figures leave.
        seed: The publisher's secret. It decides which figures are rounded up, so that nobody
            else can tell; the same seed gives the same figures. Keep it for the whole life of
            an operation: a second seed gives a second, independent view of the same figures.

    Raises:
        InvalidChoice: If a choice is out of its range, or rounding has no seed.
    """

    method: Method
    base: int | None = 5
    deepest_level: int | None = 2
    seed: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be done."""
        object.__setattr__(self, "method", _method(self.method))
        if self.rounds_to is not None and not SMALLEST_BASE <= self.rounds_to <= LARGEST_BASE:
            _refuse(self.base, "base", f"{SMALLEST_BASE} to {LARGEST_BASE}")
        if self.method is Method.ROUNDING and self.base is None:
            _refuse(self.base, "base", f"{SMALLEST_BASE} to {LARGEST_BASE}")
        if self.rounds_to is not None and not self.seed.strip():
            _refuse(self.seed, "seed", "a long random text that only the publisher knows")
        if self.method is Method.WITHHOLDING and self.deepest_level not in range(DEEPEST + 1):
            _refuse(self.deepest_level, "deepest level", f"0 to {DEEPEST}")

    @property
    def rounds_to(self) -> int | None:
        """Return what figures become multiples of, None where they stay exact."""
        return None if self.method is Method.NONE else self.base

    @property
    def withholds_below(self) -> int | None:
        """Return the deepest level that leaves, None where all do."""
        return self.deepest_level if self.method is Method.WITHHOLDING else None


def _method(method: str) -> Method:
    try:
        return Method(method)
    except ValueError:
        _refuse(method, "method", ", ".join(Method))


def _refuse(value: object, option: str, choices: str) -> NoReturn:
    raise InvalidChoice(value=value, option=option, choices=choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureReport:
    """What protection did, for the publisher.

    Attributes:
        rule: The rule.
        cells: Figures of persons and households that left.
        rounded: How many of them differ from the true figure.
        mean_difference: Mean absolute difference over all of them.
        largest_difference: Largest absolute difference of one of them.
        largest_by_level: Largest absolute difference of a unit's total, by level; of figures
            that are no part of another, this stays below the base.
        levels_withheld: What did not leave: administrative levels, and "location".
        removed: Rows that did not leave, by table.
        totals: The country's figures before and after, for the publisher's eyes only: they are
            not part of `as_dict`, which may be shown with the snapshot.
    """

    rule: DisclosureRule
    cells: int
    rounded: int
    mean_difference: float
    largest_difference: float
    largest_by_level: Mapping[int, float]
    levels_withheld: tuple[str, ...]
    removed: Mapping[str, int]
    totals: pl.DataFrame = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return what was done as plain values; no true figure and no seed among them."""
        return {
            "method": self.rule.method.value,
            "base": self.rule.rounds_to,
            "deepest_level": self.rule.withholds_below,
            "cells": self.cells,
            "rounded": self.rounded,
            "mean_difference": round(self.mean_difference, 3),
            "largest_difference": self.largest_difference,
            "largest_by_level": {str(k): v for k, v in self.largest_by_level.items()},
            "levels_withheld": list(self.levels_withheld),
            "removed": dict(self.removed),
        }
