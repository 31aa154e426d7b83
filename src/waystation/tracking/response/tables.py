"""The tables of a response: who is where, what is needed where, and what is missing."""

from __future__ import annotations

from enum import StrEnum

import dataframely as dy

from waystation.tables import Table, claim, day, number, text, whole
from waystation.tracking.response.vocabulary import sectors

MOST_REACHED = 2_000_000_000


class ActivityStatus(StrEnum):
    """Where an activity stands."""

    ONGOING = "ongoing"
    PLANNED = "planned"
    COMPLETED = "completed"
    SUSPENDED = "suspended"


class Gap(StrEnum):
    """What stands against a need in a unit and sector; the gravest first."""

    UNMET = "unmet"
    UNCLEAR = "unclear"
    THIN = "thin"
    OPEN = "open"
    COVERED = "covered"
    LOW = "low"
    NOT_ASSESSED = "not_assessed"


class Presence(Table):
    """Activities of organisations by sector and place, as a 3W table has them.

    One row an activity and sector. Names of organisations are public facts; names, numbers and
    addresses of their people are not read.
    """

    organisation = text("Who does it: the implementing partner where named.", nullable=False)
    acronym = text("Its acronym.")
    organisation_type = text("Its type, in the table's own words.")
    sector = dy.Enum(list(sectors()), description="Code of the sector.")
    admin1_code = text("Unit of the first level.", nullable=False)
    admin2_code = text("Unit of the second level; null where the table names none.")
    status = dy.Enum(
        [s.value for s in ActivityStatus],
        nullable=True,
        description="ongoing, planned, completed, suspended; null where it is not said.",
    )
    starts_on = day("First day.")
    ends_on = day("Last day.")
    reached = whole(
        "Persons reached, as the organisation says; null where it does not.",
        unit="persons", min=0, max=MOST_REACHED,
    )  # fmt: skip


class SectorNeeds(Table):
    """Locations that name a sector's needs among their most pressing, by unit.

    Only units where a location answered have rows. Needs of one sector at one location count
    once. Null is what cannot be told, never none.
    """

    admin_level = dy.Int64(min=0, max=3, description="0 country to 3.")
    code = text("Unit.", nullable=False, primary_key=True)
    sector = dy.Enum(list(sectors()), primary_key=True, description="Code of the sector.")
    sites = number("Locations that host displaced persons.", unit="sites")
    answered = whole("Locations that said what they need most.", nullable=False)
    in_need = number("Of these, locations that name a need of the sector.", nullable=False)
    need_share = number("in_need of answered, 0 to 1.", nullable=False)
    persons_in_need = number(
        "Displaced persons in those locations; null where figures are kept by unit.",
        unit="persons",
    )
    need_rank = whole("Place of the sector by share within the unit; null for no need.")
    is_lower_bound = claim("True where in_need is at least so many: figures are by unit.")


class Gaps(Table):
    """Needs against presence, by unit and sector."""

    admin_level = dy.Int64(min=1, max=2, description="1 or 2.")
    code = text("Unit.", nullable=False, primary_key=True)
    name = text("Its name.")
    parent_code = text("Unit above.")
    sector = dy.Enum(list(sectors()), primary_key=True, description="Code of the sector.")
    gap = dy.Enum(
        [g.value for g in Gap],
        description="unmet, unclear, thin, open, covered, low, not_assessed.",
    )
    persons = number("Displaced persons there; null where not assessed.", unit="persons")
    sites = number("Locations that host displaced persons.", unit="sites")
    answered = whole("Locations that said what they need most.")
    in_need = number("Of these, locations that name a need of the sector.")
    need_share = number("in_need of answered, 0 to 1.")
    persons_in_need = number("Displaced persons in those locations.", unit="persons")
    need_rank = whole("Place of the sector by share within the unit.")
    organisations = whole("Organisations active there; null where no table says.")
    organisations_above = whole(
        "Others active in the unit above whose table does not say where in it."
    )
    reached = number(
        "Persons reached there as organisations say, added; persons may count twice.",
        unit="persons",
    )
    persons_per_organisation = number("persons for each active organisation.", unit="persons")
