"""Tables from which stocks and demography of flow estimation are prepared."""

from __future__ import annotations

import dataframely as dy

from waystation.statistics.tables import Sex
from waystation.tables import Table, number, text, whole

_SEXES = [s.value for s in Sex]


class ForeignBorn(Table):
    """People living elsewhere than they were born, by pair, at mid-year."""

    year = whole("Year.", nullable=False, primary_key=True)
    sex = dy.Enum(_SEXES, primary_key=True, description="Whom it counts.")
    birthplace = text("Area of birth.", nullable=False, primary_key=True)
    residence = text("Area of residence.", nullable=False, primary_key=True)
    persons = number("People; null where not reported.", unit="persons", min=0)


class Populations(Table):
    """Population of each area at mid-year."""

    year = whole("Year.", nullable=False, primary_key=True)
    sex = dy.Enum(_SEXES, primary_key=True, description="Whom it counts.")
    area = text("Area.", nullable=False, primary_key=True)
    persons = number("People.", unit="persons", nullable=False, min=0)


class AnnualVitals(Table):
    """Births and deaths of each area in calendar years."""

    year = whole("Calendar year.", nullable=False, primary_key=True)
    sex = dy.Enum(_SEXES, primary_key=True, description="Whom it counts.")
    area = text("Area.", nullable=False, primary_key=True)
    births = number("Births in the year.", unit="persons", nullable=False, min=0)
    deaths = number("Deaths in the year.", unit="persons", nullable=False, min=0)


class AreaRule(Table):
    """What becomes of an area in an estimate: merged into another, or left out."""

    area = text("Area as the producers have it.", nullable=False, primary_key=True)
    becomes = text("Area it is merged into; null: it is left out.")
    before_year = whole("Only in periods that begin before this year; null: in all.")
    reason = text("Why, for a reader.", nullable=False)
