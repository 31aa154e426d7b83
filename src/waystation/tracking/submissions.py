"""Submissions: what the field sent in, one report of one place a row, values as received."""

from __future__ import annotations

from enum import StrEnum

from waystation.tables import Table, claim, day, iso3, number, text, whole


class Component(StrEnum):
    """The tracking component a submission belongs to."""

    BASELINE_AREA = "baseline_area"
    BASELINE_LOCATION = "baseline_location"
    SITE_ASSESSMENT = "site_assessment"
    EVENT = "event"


class Submissions(Table):
    """Reports of places, wide: the columns below, then one Float64 column an indicator.

    Indicator columns bear codes of the indicator dictionary (``idp_individuals``,
    ``idp_individuals__sex__female``); null is "not reported" and 0 is "none". Values are as
    received: corrections are an overlay (see ``corrections``), never written here.
    """

    submission_id = text(
        "Stable id: file/sheet/row, or the record's own.", nullable=False, primary_key=True
    )
    file = text("Name of the file it came in, without a folder.", nullable=False)
    sheet = text("Name of the sheet.")
    row = whole("Row as a spreadsheet program numbers it, from 1.")
    record_uuid = text("The collecting tool's own id of the record.")
    is_counted = claim(
        "False for a row set aside: repeated exactly, superseded by a later visit, or at a "
        "level that other rows break down."
    )
    country = iso3("Country of the operation.")
    operation = text("Operation; unique only together with the country.", nullable=False)
    component = text("Component: baseline_area, baseline_location, site_assessment, event.")
    round_number = whole("Round; not a time key, since one round can carry several dates.")
    reference_date = day("The date the figures describe; one for all rows of a snapshot.")
    collected_on = day("The day this place was assessed.")
    admin1_code = text("Resolved code of the first level; null when not resolved.")
    admin2_code = text("Resolved code of the second level.")
    admin3_code = text("Resolved code of the third level; as reported where no list has it.")
    admin1_reported_code = text("Code as received.")
    admin2_reported_code = text("Code as received.")
    admin3_reported_code = text("Code as received.")
    admin1_name = text("Name as received.")
    admin2_name = text("Name as received.")
    admin3_name = text("Name as received.")
    location_id = text("The site's or location's own id.")
    location_key = text(
        "What names the place across rounds: the location's id, else unit and name, else the "
        "deepest unit's code; null until places are resolved."
    )
    location_name = text("Name of the site or location.")
    location_type = text("Host community, displacement site, village, ...")
    location_status = text("open or closed, as received.")
    latitude = number("Degrees north, WGS 84.", unit="degrees")
    longitude = number("Degrees east, WGS 84.", unit="degrees")
    displacement_reason = text("Reason, where a row is about one reason only.")
    origin_admin1_code = text("Area of origin, where a row is about one origin only.")
    enumerator = text("Pseudonymous id of who collected it.")
    key_informants = number("Key informants interviewed.", unit="persons")
    credibility = number("Credibility score of the key informants, 0 to 1.", unit="share")
    access = text("yes, limited or no.")
    priority_needs = text("Priority needs in order, codes separated by one space.")
