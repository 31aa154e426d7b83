"""What a build keeps of its submissions once these are gone: sums, never a single report."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from waystation.tables import Table, day, iso3, number, text, whole
from waystation.tracking.cells import CODES, SNAPSHOT
from waystation.tracking.indicators import dimensions
from waystation.tracking.submissions import Submissions

STOCK = "idp_individuals"


class StockParts(Table):
    """Displaced persons of a place by the reason and origin that its reports are about.

    Only reports about one reason or one origin each have rows here; their codes are those of
    the report, which a correction may have moved since.
    """

    country = iso3("Country of the operation.")
    operation = text("Operation.", nullable=False)
    component = text("Component.", nullable=False)
    round_number = whole("Round.", nullable=False)
    reference_date = day("The date the figure describes.", nullable=False)
    location_id = text("Location, or the unit that figures are kept by.", nullable=False)
    admin1_code = text("First level.")
    admin2_code = text("Second level.")
    admin3_code = text("Third level.")
    reason = text("Reason of displacement; null when the report does not say.")
    origin = text("Code of the area of origin; null when the report does not say.")
    value = number("Internally displaced persons.", unit="persons")


class Assessments(Table):
    """Locations of a unit by how their figure came to be, where the matrix holds units only."""

    country = iso3("Country of the operation.")
    operation = text("Operation.", nullable=False)
    component = text("Component.", nullable=False)
    round_number = whole("Round.", nullable=False)
    reference_date = day("The date the figure describes.", nullable=False)
    admin_level = dy.Int64(min=0, max=3, description="0 country to 3.")
    code = text("Unit's code; null for what could not be placed.")
    indicator = text("Code in the indicator dictionary.", nullable=False)
    state = text("A status of cells, or blank.", nullable=False)
    locations = whole("Locations.", nullable=False)
    value = number("The part of the unit's figure that is theirs.", nullable=False)


def stock_parts_from_submissions(submissions: pl.DataFrame) -> pl.DataFrame:
    """Add up the counted reports of displaced persons by place, reason and origin.

    Args:
        submissions: Shape ``Submissions``, places resolved.

    Returns:
        Shape ``StockParts``. A reason outside the dictionary is "other": what a report says in
        its own words stays inside.
    """
    reported = ["displacement_reason", "origin_admin1_code"]
    counted = Submissions.complete(submissions).filter(
        pl.col("is_counted"),
        pl.any_horizontal(pl.col(reported).is_not_null()),
    )
    if STOCK not in counted.columns or counted.is_empty():
        return StockParts.empty_frame()
    reason = pl.col("displacement_reason")
    is_known = reason.is_null() | reason.is_in(list(dimensions()["reason"].categories))
    return (
        counted.group_by(
            *SNAPSHOT,
            pl.coalesce("location_key", "admin2_code", "admin1_code", "country").alias(
                "location_id"
            ),
            *CODES,
            pl.when(is_known).then(reason).otherwise(pl.lit("other")).alias("reason"),
            pl.col("origin_admin1_code").alias("origin"),
        )
        .agg(value=pl.col(STOCK).sum())
        .sort(*SNAPSHOT, "location_id", "reason", "origin", nulls_last=True)
        .select(StockParts.column_names())
    )
