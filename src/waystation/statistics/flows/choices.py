"""What a person chooses of an estimate: the method, and how its steps are done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PUBLISHED_WEIGHT = 0.87
"""Weight of the fewest moves in the mixture of Azose and Raftery (2019)."""

PUBLISHED_STOP = 1e-3
"""Persons: the published estimates end when a round changes no cell by more than this."""


class Method(StrEnum):
    """How flows are estimated; the six published methods first, variants after them."""

    STOCK_DIFF_DROP = "stock-diff-drop"
    STOCK_DIFF_REVERSE = "stock-diff-reverse"
    MIGRATION_RATE = "migration-rate"
    DA_MIN_OPEN = "da-min-open"
    DA_MIN_CLOSED = "da-min-closed"
    DA_PB_CLOSED = "da-pb-closed"
    DA_INDEP_OPEN = "da-indep-open"
    DA_INDEP_CLOSED = "da-indep-closed"
    DA_PB_OPEN = "da-pb-open"
    ROGERS_VON_RABENAU = "rogers-von-rabenau"


PUBLISHED_METHODS = (
    Method.STOCK_DIFF_DROP, Method.STOCK_DIFF_REVERSE, Method.MIGRATION_RATE,
    Method.DA_MIN_OPEN, Method.DA_MIN_CLOSED, Method.DA_PB_CLOSED,
)  # fmt: skip
"""The six of Abel and Cohen (2019, 2022), in the order of their files."""


class Births(StrEnum):
    """By which place of birth newborns are taken off the stock at the end."""

    NATIVE = "native"
    PROPORTION = "proportion"


class Deaths(StrEnum):
    """By which place of birth the dead are taken off the stock at the start."""

    PROPORTION = "proportion"
    ACCOUNTING = "accounting"


class Balance(StrEnum):
    """When native born are scaled so that the world gains its births less its deaths."""

    BEFORE = "before"
    AFTER = "after"
    NONE = "none"


class Totals(StrEnum):
    """How totals by birthplace are made equal."""

    RESCALE = "rescale"
    RESCALE_ZERO_FOREIGN_BORN = "rescale-adjust-zero-fb"
    OPEN = "open"
    OPEN_DR = "open-dr"


class Decreases(StrEnum):
    """What a fall of a stock by birthplace means."""

    DROP = "drop"
    RETURN = "return"


class AbsentPairs(StrEnum):
    """What it means that the foreign born of a pair have no row, or no figure.

    ``auto``: nobody in a file that lists only pairs with people; refused in any other, and
    in tables.
    """

    AUTO = "auto"
    REFUSE = "refuse"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person may choose of demographic accounting; the defaults are as published.

    Attributes:
        births: By which birthplace newborns are taken off.
        deaths: By which birthplace the dead are taken off.
        balance: When a closed world is balanced; an open one never is.
        totals: How totals by birthplace are made equal; None: as the method says.
        weight: Share of the fewest moves in a pseudo-Bayes mixture, 0 to 1.
        stop: Persons; small closed worlds end their fit here, as the published estimates do,
            a few thousandths of a person short of the very answer. 0: go on to it.
    """

    births: Births = Births.NATIVE
    deaths: Deaths = Deaths.PROPORTION
    balance: Balance = Balance.BEFORE
    totals: Totals | None = None
    weight: float = PUBLISHED_WEIGHT
    stop: float = PUBLISHED_STOP


PUBLISHED_CHOICES = Choices()
