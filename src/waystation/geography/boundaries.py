"""Boundaries of administrative units: read, checked, and asked which unit a point lies in."""

from __future__ import annotations

import dataframely as dy

from waystation.tables import Table, iso3, text


class Boundaries(Table):
    """Shapes of units, one a row, as well-known binary in EPSG:4326."""

    country = iso3("Country, ISO 3166-1 alpha-3.", primary_key=True)
    level = dy.Int64(
        min=0, max=5, primary_key=True, description="0 country, 1 first level, ..."
    )
    code = dy.String(min_length=1, primary_key=True, description="P-code of the unit.")
    name = text("Name of the unit.")
    geometry = dy.Binary(nullable=True, description="Polygon or multipolygon, WKB, EPSG:4326.")
