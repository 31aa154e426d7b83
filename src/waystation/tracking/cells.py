"""The shape of the matrix and of its totals, and what names a snapshot and a cell."""

from __future__ import annotations

from enum import StrEnum

import dataframely as dy
import polars as pl

from waystation.tables import Table, day, iso3, number, text, whole
from waystation.tracking.indicators import Kind, indicator_by_code, is_indicator
from waystation.tracking.submissions import Submissions

SNAPSHOT = ("country", "operation", "component", "round_number", "reference_date")
CODES = ("admin1_code", "admin2_code", "admin3_code")
NOT_PLACED = "not placed"


class CellStatus(StrEnum):
    """How a cell's value came to be."""

    OBSERVED = "observed"
    CORRECTED = "corrected"
    ESTIMATED = "estimated"
    CARRIED_FORWARD = "carried_forward"


class Matrix(Table):
    """The displacement matrix, long: one cell a row.

    A cell whose submissions all left the figure blank is a row with a null value ("not
    reported"); a cell nobody asked about is no row. Stocks are never summed over rounds.
    """

    country = iso3("Country of the operation.", primary_key=True)
    operation = text("Operation.", nullable=False, primary_key=True)
    component = text("Component.", nullable=False, primary_key=True)
    round_number = whole("Round.", nullable=False, primary_key=True)
    reference_date = day("The date the figure describes.", nullable=False, primary_key=True)
    location_id = text(
        "Location; where submissions name areas only, the deepest unit's code.",
        nullable=False,
        primary_key=True,
    )
    location_name = text("Name of the location.")
    admin1_code = text("First level.")
    admin2_code = text("Second level.")
    admin3_code = text("Third level.")
    indicator = text("Code in the indicator dictionary.", nullable=False, primary_key=True)
    unit = text("persons, households, sites or percent.", nullable=False)
    value = number("The figure; null when not reported.")
    status = dy.Enum(
        [s.value for s in CellStatus],
        description="observed, corrected, estimated, carried_forward.",
    )
    observed_on = day(
        "The reference date the value was observed at; older when carried forward."
    )
    submissions = whole("Submissions that the value adds up.", nullable=False)


class Totals(Table):
    """Totals of the matrix by administrative unit.

    For each parent the children's values add up to its own exactly: what could not be placed
    at a level stands in a row of that level with the code null and the name "not placed".
    A level that no location of a snapshot has a code for is left out. Ratios are computed from
    the sums of both sides at each level and do not add up.
    """

    country = iso3("Country of the operation.")
    operation = text("Operation.", nullable=False)
    component = text("Component.", nullable=False)
    admin_level = dy.Int64(min=0, max=3, description="0 country to 3.")
    code = text("Unit's code; level 0: ISO 3166-1 alpha-3.")
    name = text("Unit's name.")
    parent_code = text("Code of the unit above.")
    indicator = text("Code in the indicator dictionary.", nullable=False)
    unit = text("persons, households, sites or percent.", nullable=False)
    round_number = whole("Round.", nullable=False)
    reference_date = day("The date the figure describes.", nullable=False)
    value = number("The figure; null when no location reported one.")
    locations = whole("Locations that reported a figure, none included.", nullable=False)
    not_reported = whole("Locations that were asked and left it blank.", nullable=False)
    estimated = number("Part of the value that is estimated; 0 for none.")
    carried_forward = number("Part of the value carried forward; 0 for none.")


def indicator_columns(columns: list[str] | tuple[str, ...]) -> list[str]:
    """Return the columns of a ``Submissions`` frame that are indicators, in their order."""
    declared = set(Submissions.column_names())
    return [name for name in columns if name not in declared and is_indicator(name)]


def codes_of_kind(codes: list[str], kind: Kind) -> list[str]:
    """Return the indicators among ``codes`` that are of one kind, ratios left out."""
    known = [(code, indicator_by_code(code)) for code in codes]
    return [code for code, entry in known if entry.kind is kind and entry.how == "sum"]


def stocks_of(matrix: pl.DataFrame) -> list[str]:
    """Return the stock indicators that a matrix holds, sorted."""
    return codes_of_kind(matrix["indicator"].unique().sort().to_list(), Kind.STOCK)
