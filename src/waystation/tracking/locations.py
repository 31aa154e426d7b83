"""The location master list: stable ids, names, position, open or closed, proposals."""

from __future__ import annotations

import dataframely as dy

from waystation.tables import Table, day, iso3, number, text, whole


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
