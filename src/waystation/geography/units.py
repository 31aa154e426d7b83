"""Administrative units: read from p-code lists, COD-AB tables and boundary files."""

from __future__ import annotations

import dataframely as dy

from waystation.tables import Table, day, iso3, text


class Units(Table):
    """Administrative units of one or more countries, one a row.

    ``names`` holds further names (other languages, former names, exonyms) beside ``name``.
    """

    country = iso3("Country, ISO 3166-1 alpha-3.", primary_key=True)
    level = dy.Int64(
        min=0, max=5, primary_key=True, description="0 country, 1 first level, and so on down."
    )
    code = dy.String(
        min_length=1,
        primary_key=True,
        description="P-code as its list writes it; level 0: ISO 3.",
    )
    name = text("Main name, Latin script where there is one.", nullable=False)
    names = dy.List(
        dy.String(),
        nullable=False,
        description="Other names, all languages, without the main one.",
    )
    name_en = text("Name in English.")
    name_fr = text("Name in French.")
    name_es = text("Name in Spanish.")
    name_ar = text("Name in Arabic.")
    parent_code = text("Code of the unit above; null at level 0.")
    valid_on = day("First day the list says this unit is valid.")
