"""Submissions: what the field sent in, one report of one place a row, values as received."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import polars as pl

from waystation.findings import Finding
from waystation.tables import Table, claim, day, iso3, number, text, whole
from waystation.tracking.mapping import FileMapping


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


def submissions_from_file(
    path: Path,
    mapping: FileMapping,
    *,
    units: pl.DataFrame | None = None,
    operation: str | None = None,
) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the reports of a file, read by its mapping, and what is wrong with their cells.

    Text becomes numbers, dates and codes of the dictionary; "not reported" stays null. Columns
    that feed the same indicator are added, and are null only where all are. Values are those
    received: nothing is corrected here, and places are not looked up.

    Args:
        path: A file that `read_grids` reads.
        mapping: What its sheets and columns mean.
        units: Shape ``Units``; gives the country of a file that names none, if it is one.
        operation: Name of the operation, for rows of a file that name none.

    Returns:
        The reports in the order of the file, shape ``Submissions`` except that country and
        operation may be null where nothing gives them, and findings TRK-003, 006, 007, 008.
        ``is_counted`` is false for rows of the DTM API at a level that others break down.

    Raises:
        UnusableInput: If the file cannot be read, or holds no number.
        InvalidMapping: If the mapping names sheets, columns or fields that do not exist.
    """
    from waystation.tracking.intake.files import read_submissions

    return read_submissions(path, mapping, units=units, operation=operation)
