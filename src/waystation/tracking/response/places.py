"""Units of the activities in a response table: by code, or by name where there is none."""

from __future__ import annotations

import polars as pl

from waystation.geography.names import Gazetteer
from waystation.geography.pcodes import repaired_pcodes

_SURE = ("exact", "accepted")
_CODE = r"^\s*[A-Za-z]{2,3}\d{1,8}\s*$"
_GIVEN = ("admin1_code", "admin1_name", "admin2_code", "admin2_name", "place_code")


def with_units(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Find the units that rows name.

    Args:
        rows: Text columns among those of ``_GIVEN``; null for what is not said.
        units: Shape ``Units``, of one country.

    Returns:
        The rows with ``unit1`` and ``unit2``, codes of the list; null where none was found with
        enough certainty.
    """
    absent = [pl.lit(None, pl.String).alias(n) for n in _GIVEN if n not in rows.columns]
    rows = rows.with_columns(absent)
    places = rows.select(_GIVEN).unique(maintain_order=True)
    country = units["country"].mode().sort()[0] if units.height else ""
    own = units.filter(pl.col("country") == country)
    parents = own.filter(pl.col("level") == 2).select(found2="code", above="parent_code")
    gazetteer = Gazetteer(own)
    found = places.with_columns(
        by_code2=pl.coalesce(
            _by_code(places["admin2_code"], own, country, 2),
            _by_code(places["place_code"], own, country, 2),
            _by_code(_code_like(places["admin2_name"]), own, country, 2),
        ),
        by_code1=pl.coalesce(
            _by_code(places["admin1_code"], own, country, 1),
            _by_code(places["place_code"], own, country, 1),
            _by_code(_code_like(places["admin1_name"]), own, country, 1),
        ),
    )
    found = found.with_columns(
        unit1=pl.coalesce(
            "by_code1", _by_name(found["admin1_name"], gazetteer, country, 1, None)
        )
    )
    found = found.with_columns(
        found2=pl.coalesce(
            "by_code2",
            _by_name(found["admin2_name"], gazetteer, country, 2, found["unit1"]),
        )
    ).join(parents.unique("found2"), on="found2", how="left", maintain_order="left")
    found = found.select(*_GIVEN, unit1=pl.coalesce("above", "unit1"), unit2=pl.col("found2"))
    return rows.join(
        found, on=list(_GIVEN), how="left", nulls_equal=True, maintain_order="left"
    )


def _by_code(codes: pl.Series, units: pl.DataFrame, country: str, level: int) -> pl.Series:
    asked = pl.DataFrame({"country": country, "level": level, "code": codes})
    return repaired_pcodes(asked, units)["matched_code"]


def _code_like(names: pl.Series) -> pl.Series:
    """Return what looks like a code where a name is expected; null elsewhere."""
    is_code = pl.col(names.name).str.contains(_CODE)
    return names.to_frame().select(pl.when(is_code).then(names.name))[names.name]


def _by_name(
    names: pl.Series,
    gazetteer: Gazetteer,
    country: str,
    level: int,
    parents: pl.Series | None,
) -> pl.Series:
    if names.null_count() == len(names):
        return pl.Series([None] * len(names), dtype=pl.String)
    asked = pl.DataFrame({"country": country, "level": level, "name": names})
    if parents is not None:
        asked = asked.with_columns(parent_code=parents)
    matched = gazetteer.match(asked)
    sure = pl.col("decision").is_in(_SURE) & pl.col("name").is_not_null()
    return matched.select(pl.when(sure).then("matched_code"))["matched_code"]
