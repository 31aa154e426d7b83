"""The tables of migration statistics: stocks by birthplace, demography, flows, observations."""

from __future__ import annotations

from enum import StrEnum

import dataframely as dy

from waystation.tables import Table, number, text, whole


class Sex(StrEnum):
    """Whom a figure counts; figures of both need not be the sum of the others."""

    BOTH = "both"
    MALE = "male"
    FEMALE = "female"


class CellFlag(StrEnum):
    """How a figure came about, or why there is none."""

    OBSERVED = "observed"
    ESTIMATED = "estimated"
    IMPUTED = "imputed"
    BREAK = "break"
    PROVISIONAL = "provisional"
    CONFIDENTIAL = "confidential"
    NOT_REPORTED = "not_reported"


class BirthplaceStocks(Table):
    """People by place of birth and of residence at one moment; native born where both agree.

    Every pair has a row: a pair without people is a row with 0, never an absent one.
    """

    birthplace = text("Area of birth.", nullable=False, primary_key=True)
    residence = text("Area of residence.", nullable=False, primary_key=True)
    persons = number("People.", unit="persons", nullable=False)


class Demography(Table):
    """Births and deaths of each area during a period, by residence."""

    area = text("Area.", nullable=False, primary_key=True)
    births = number("Births in the period.", unit="persons", nullable=False, min=0)
    deaths = number("Deaths in the period.", unit="persons", nullable=False, min=0)


class Flows(Table):
    """People who moved from one area to another during a period; never within one."""

    origin = text("Area left.", nullable=False, primary_key=True)
    destination = text("Area moved to.", nullable=False, primary_key=True)
    persons = number("People, over the whole period.", unit="persons", nullable=False)


class Observations(Table):
    """Figures of one producer, one row a figure.

    As received and cleaned, areas have the producer's own codes; once judged, those of
    `waystation.geography`: ISO 3166-1 alpha-3, or the code of an aggregate. A figure that is
    not there has null and a flag that says why; it is never 0.
    """

    dataset = text("Which table of which revision, e.g. undesa_stock_2020.", nullable=False)
    measure = text("What is counted, e.g. migrant_stock.", nullable=False)
    area = text(
        "Area that the figure is about: of residence, asylum, reporting.", nullable=False
    )
    counterpart = text("The other area: of birth, citizenship, origin; null for all together.")
    sex = dy.Enum([s.value for s in Sex], description="both, male, female.")
    age = text("Age group, e.g. total, 0-4, 75+.", nullable=False)
    period = text(
        "Moment or period as SDMX writes it: 2015, 2015-07-01, 2015/P5Y.", nullable=False
    )
    year = whole("Year of the moment, or in which the period begins.", nullable=False)
    value = number("The figure; null where there is none.")
    unit = text("Unit, e.g. persons, USD, percent.", nullable=False)
    flag = dy.Enum([f.value for f in CellFlag], description="How the figure came about.")
    producer_flags = text("What the producer wrote beside it, unchanged.")
