"""Change between rounds: what really moved, and what only coverage did."""

from __future__ import annotations

from enum import StrEnum

import dataframely as dy

from waystation.tables import Table, day, iso3, number, text, whole


class Part(StrEnum):
    """A part of the difference between two rounds; the parts add up to it exactly."""

    INCREASE = "increase"  # at locations assessed in both rounds
    DECREASE = "decrease"  # at locations assessed in both rounds
    NEWLY_COVERED = "newly_covered"
    REAPPEARED = "reappeared"
    CLOSED = "closed"
    NOT_REASSESSED = "not_reassessed"
    NO_LONGER_REPORTED = "no_longer_reported"  # assessed again, the figure left blank
    CORRECTED = "corrected"


class Changes(Table):
    """The difference between two rounds in one indicator, split into its parts.

    One row for each unit and part; the ``change`` of the parts of a unit add up to its value
    at the end less its value at the start.
    """

    country = iso3("Country.", primary_key=True)
    operation = text("Operation.", nullable=False, primary_key=True)
    component = text("Component.", nullable=False, primary_key=True)
    start_round = whole("Earlier round.", nullable=False, primary_key=True)
    start_date = day("Its reference date.", nullable=False, primary_key=True)
    end_round = whole("Later round.", nullable=False, primary_key=True)
    end_date = day("Its reference date.", nullable=False, primary_key=True)
    admin_level = dy.Int64(min=0, max=3, primary_key=True, description="0 country to 3.")
    code = text(
        "Unit's code, empty for what could not be placed.", nullable=False, primary_key=True
    )
    name = text("Unit's name.")
    indicator = text("Code in the dictionary.", nullable=False, primary_key=True)
    unit = text("persons, households or sites.", nullable=False)
    part = dy.Enum(
        [p.value for p in Part], primary_key=True, description="Part of the difference."
    )
    change = number("Added by this part, negative where it takes away.", nullable=False)
    locations = whole("Locations in this part.", nullable=False)
