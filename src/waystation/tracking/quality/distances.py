"""Positions as text, and how far apart they are."""

from __future__ import annotations

import polars as pl

EARTH_KM = 6371.0088


def position_words(latitude: pl.Expr, longitude: pl.Expr) -> pl.Expr:
    """Return positions as text, latitude first."""
    return pl.format(
        "{}, {}", latitude.round(5).cast(pl.String), longitude.round(5).cast(pl.String)
    )


def kilometres(
    latitude: pl.Expr, longitude: pl.Expr, other_latitude: pl.Expr, other_longitude: pl.Expr
) -> pl.Expr:
    """Return great-circle distances in kilometres (haversine, mean radius of the earth)."""
    north = (other_latitude - latitude).radians() / 2
    east = (other_longitude - longitude).radians() / 2
    chord = (
        north.sin() ** 2
        + latitude.radians().cos() * other_latitude.radians().cos() * east.sin() ** 2
    )
    return 2 * EARTH_KM * chord.clip(0, 1).sqrt().arcsin()
