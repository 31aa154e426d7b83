"""Incidents in which people died or went missing on the move, one a row."""

from __future__ import annotations

from waystation.tables import Table, day, number, text, whole


class Incidents(Table):
    """Deaths and disappearances of people on the move; every figure a minimum.

    What is not known is null, and "none" is 0. Counts of women, men and children need not add
    up to the total: one person can be in two of them, or in none. A count below zero corrects
    the record of which an incident was split off: people missing there were found here.
    """

    incident = text("Identifier of the incident.", nullable=False, primary_key=True)
    main = text("Identifier of the record that the incident was split from; its own if none.")
    date = day("Day of the incident, or the day it was reported.")
    year = whole("Year of the incident.")
    dead = whole("People found dead.", unit="persons")
    missing = whole("People missing and presumed dead, at least.", unit="persons")
    total = whole("Dead and missing; null where neither is known.", unit="persons")
    survivors = whole("People who lived.", unit="persons")
    females = whole("Women and girls among dead and missing.", unit="persons")
    males = whole("Men and boys among dead and missing.", unit="persons")
    children = whole("Children among dead and missing.", unit="persons")
    cause = text("Cause of death, as the producer groups it.")
    route = text("Migration route.")
    region = text("Region of the incident.")
    country_of_incident = text("Country of the incident, as the producer names it.")
    country_of_origin = text("Countries of origin of the people, as the producer names them.")
    location = text("Where it was, in words.")
    latitude = number("Latitude, WGS 84.", unit="degrees", min=-90, max=90)
    longitude = number("Longitude, WGS 84.", unit="degrees", min=-180, max=180)
    source_quality = whole("1 to 5, 5 the best.", min=1, max=5)
