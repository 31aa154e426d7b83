"""What flow estimation returns beside `Flows`: types, accounts, series, misfits."""

from __future__ import annotations

from enum import StrEnum

import dataframely as dy

from waystation.statistics.flows.choices import Method
from waystation.statistics.tables import Sex
from waystation.tables import Table, number, text


class MoveType(StrEnum):
    """What a move is to the place of birth of those who make it."""

    OUTWARD = "outward"
    RETURN = "return"
    TRANSIT = "transit"


class AccountKind(StrEnum):
    """How people of an account came into, stayed in or left the world of the areas."""

    MOVE = "move"
    STAY = "stay"
    BIRTH = "birth"
    DEATH = "death"
    ENTRY = "entry"
    EXIT = "exit"


class FlowsByType(Table):
    """Flows by type of move; the three types of a pair add up to its flow."""

    origin = text("Area left.", nullable=False, primary_key=True)
    destination = text("Area moved to.", nullable=False, primary_key=True)
    move = dy.Enum(
        [m.value for m in MoveType],
        primary_key=True,
        description="outward from the area of birth, return to it, or transit.",
    )
    persons = number("People, over the whole period.", unit="persons", nullable=False)


class FlowSeries(Table):
    """Flows of several methods, sexes and periods, one row a pair."""

    method = dy.Enum([m.value for m in Method], primary_key=True, description="Method.")
    sex = dy.Enum([s.value for s in Sex], primary_key=True, description="Whom it counts.")
    period = text("The period, as given.", nullable=False, primary_key=True)
    origin = text("Area left.", nullable=False, primary_key=True)
    destination = text("Area moved to.", nullable=False, primary_key=True)
    persons = number("People, over the whole period.", unit="persons", nullable=False)


class PeriodStocks(Table):
    """Stocks at both ends of several periods, by sex; each period has its own areas."""

    period = text("The period, e.g. 1990-1995.", nullable=False, primary_key=True)
    sex = dy.Enum([s.value for s in Sex], primary_key=True, description="Whom it counts.")
    moment = dy.Enum(["start", "end"], primary_key=True, description="Which end of it.")
    birthplace = text("Area of birth.", nullable=False, primary_key=True)
    residence = text("Area of residence.", nullable=False, primary_key=True)
    persons = number("People.", unit="persons", nullable=False)


class PeriodDemography(Table):
    """Births and deaths of each area in several periods, by sex."""

    period = text("The period, e.g. 1990-1995.", nullable=False, primary_key=True)
    sex = dy.Enum([s.value for s in Sex], primary_key=True, description="Whom it counts.")
    area = text("Area.", nullable=False, primary_key=True)
    births = number("Births in the period.", unit="persons", nullable=False, min=0)
    deaths = number("Deaths in the period.", unit="persons", nullable=False, min=0)


class FlowAccount(Table):
    """Where everyone came from and went, by place of birth; only what is not 0."""

    birthplace = text("Area of birth.", nullable=False)
    origin = text("Area at the start; null for births and entries.")
    destination = text("Area at the end; null for deaths and exits.")
    kind = dy.Enum([k.value for k in AccountKind], description="How they came, stayed or left.")
    persons = number("People, over the whole period.", unit="persons", nullable=False)


class MarginMisfits(Table):
    """Totals that a step of an estimate had to reach, and did not, by area."""

    step = text("Which step: start, end, deaths, flows.", nullable=False)
    margin = text(
        "Which total: birthplace, residence, origin, destination, net_migration.",
        nullable=False,
    )
    area = text("Area.", nullable=False)
    wanted = number("The total asked for.", unit="persons", nullable=False)
    reached = number("The total reached.", unit="persons", nullable=False)


class StockAdjustments(Table):
    """What was changed in stocks, births or deaths so that an estimate can be made."""

    kind = text(
        "negative_native_born, global_balance, births_spread, births_capped, deaths_capped, "
        "deaths_negative, cells_capped.",
        nullable=False,
    )
    moment = text("start, end or period.", nullable=False)
    area = text("Area; null where it is all of them.")
    before = number("Figure as given.", unit="persons", nullable=False)
    after = number("Figure used.", unit="persons", nullable=False)
