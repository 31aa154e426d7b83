"""The location master list: stable ids, names, position, open or closed, proposals."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from waystation.tables import Table, claim, day, iso3, number, text, whole
from waystation.tracking.submissions import Submissions

# Words that forms use for a closed location, folded to lower case.
CLOSED_WORDS = (
    "closed", "close", "fermé", "ferme", "fermée", "fermee", "cerrado", "cerrada", "fechado",
    "مغلق", "مغلقة", "inactive", "decommissioned",
)  # fmt: skip
LOCATION = ("country", "operation", "location_id")
KEPT = ("name", "location_type", "admin1_code", "admin2_code", "admin3_code", "latitude",
        "longitude", "opened_round", "opened_on")  # fmt: skip


class Locations(Table):
    """The master list, one location a row."""

    country = iso3("Country.", primary_key=True)
    operation = text("Operation.", nullable=False, primary_key=True)
    location_id = text("Stable id.", nullable=False, primary_key=True)
    name = text("Main name.")
    names = dy.List(
        dy.String(), nullable=False, description="Other names it was reported under."
    )
    location_type = text("Host community, displacement site, village, ...")
    admin1_code = text("First level.")
    admin2_code = text("Second level.")
    admin3_code = text("Third level.")
    latitude = number("Degrees north, WGS 84.", unit="degrees")
    longitude = number("Degrees east, WGS 84.", unit="degrees")
    status = dy.Enum(["open", "closed"], description="Whether people are expected there.")
    opened_round = whole("First round it was reported in.")
    opened_on = day("Reference date of that round, or the date given.")
    closed_on = day("Date it was closed.")
    last_round = whole("Last round it was reported in.")
    last_on = day("Reference date of that round.")
    is_proposed = claim(
        "True for a location that the master list given does not have yet.", nullable=True
    )


def is_closed(status: pl.Expr) -> pl.Expr:
    """Return whether a status as received says closed; null and other words do not."""
    return status.str.strip_chars().str.to_lowercase().is_in(CLOSED_WORDS).fill_null(False)


def locations_from_submissions(
    submissions: pl.DataFrame, known: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the master list that submissions give, laid beside the one known.

    Rows that name an area only are no locations. The latest report that says something gives
    name, type, units and position. A location is closed where its last report says so, since
    the first of the unbroken run of such reports.

    With a list known, its names, types, units, positions and opening hold: what the field
    reports otherwise is a proposal (see ``proposals_from_submissions``) and only the names
    are kept among the other names. Status and last report are brought up to date. Locations
    that it lacks are added with ``is_proposed`` true.

    Args:
        submissions: Shape ``Submissions``, all rounds, snapshots and ``location_key`` filled.
        known: Shape ``Locations``; ``is_proposed`` may be absent.

    Returns:
        Shape ``Locations``, sorted by country, operation and id.
    """
    reported = _reported_locations(submissions)
    if known is None:
        return _sorted(reported.with_columns(is_proposed=pl.lit(False)))
    listed = Locations.require(Locations.complete(known))
    new = reported.join(listed, on=LOCATION, how="anti").with_columns(is_proposed=pl.lit(True))
    updated = listed.join(reported, on=LOCATION, how="left", suffix="_reported").with_columns(
        *(pl.coalesce(c, f"{c}_reported") for c in KEPT),
        status=pl.coalesce("status_reported", "status"),
        closed_on=_closing_day(),
        last_round=_later("last_round"),
        last_on=pl.max_horizontal("last_on", "last_on_reported"),
        names=_other_names(),
        is_proposed=pl.col("is_proposed").fill_null(False),
    )
    return _sorted(pl.concat([updated.select(Locations.column_names()), new]))


def reports_of_locations(submissions: pl.DataFrame) -> pl.DataFrame:
    """Return the reports of locations proper, oldest first, with their id and status."""
    frame = Submissions.complete(submissions)
    named = pl.any_horizontal(pl.col("location_id", "location_name").is_not_null())
    return (
        frame.filter(pl.col("is_counted") & named & pl.col("location_key").is_not_null())
        .with_columns(location_id="location_key", closed=is_closed(pl.col("location_status")))
        .sort("reference_date", "round_number", "collected_on", "submission_id")
    )


def _reported_locations(submissions: pl.DataFrame) -> pl.DataFrame:
    reports = reports_of_locations(submissions)
    last_open = pl.col("reference_date").filter(~pl.col("closed")).last()
    closing = (
        pl.col("reference_date")
        .filter(pl.col("closed") & (pl.col("reference_date") > last_open).fill_null(True))
        .first()
    )
    both = pl.all_horizontal(pl.col("latitude", "longitude").is_not_null())
    latest = [
        pl.col(c).drop_nulls().last()
        for c in ("location_type", "admin1_code", "admin2_code", "admin3_code")
    ]
    closed = pl.col("closed").last()
    return (
        reports.group_by(LOCATION)
        .agg(
            pl.col("location_name").drop_nulls().last().alias("name"),
            pl.col("location_name").drop_nulls().unique().sort().alias("names"),
            *latest,
            pl.col("latitude", "longitude").filter(both).last(),
            pl.when(closed).then(pl.lit("closed")).otherwise(pl.lit("open")).alias("status"),
            pl.col("round_number").first().alias("opened_round"),
            pl.col("reference_date").first().alias("opened_on"),
            pl.when(closed).then(closing).alias("closed_on"),
            pl.col("round_number").last().alias("last_round"),
            pl.col("reference_date").last().alias("last_on"),
        )
        .with_columns(
            names=pl.col("names").list.set_difference(pl.concat_list("name")),
            status=pl.col("status").cast(Locations.columns()["status"].dtype),
            is_proposed=pl.lit(None, pl.Boolean),
        )
        .select(Locations.column_names())
    )


def _closing_day() -> pl.Expr:
    reported = pl.col("status_reported")
    return (
        pl.when(reported == "open")
        .then(None)
        .when(reported == "closed")
        .then(pl.coalesce("closed_on", "closed_on_reported"))
        .otherwise("closed_on")
    )


def _later(column: str) -> pl.Expr:
    """Return the round of the later of the two last reports; rounds are no time."""
    is_newer = pl.col("last_on_reported") >= pl.col("last_on")
    return (
        pl.when(is_newer.fill_null(pl.col("last_on").is_null()))
        .then(f"{column}_reported")
        .otherwise(column)
    )


def _other_names() -> pl.Expr:
    reported = pl.concat_list(
        pl.col("names_reported").fill_null([]), pl.col("name_reported")
    ).list.drop_nulls()
    merged = pl.col("names").list.set_union(reported)
    return merged.list.set_difference(pl.concat_list("name")).list.sort()


def _sorted(locations: pl.DataFrame) -> pl.DataFrame:
    return Locations.require(locations.with_columns(pl.col("names").list.sort()).sort(LOCATION))
