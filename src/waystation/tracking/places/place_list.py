"""A list of units, and what is asked of it over and over while places are resolved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from waystation.geography import Gazetteer

LEVELS = (1, 2, 3)


@dataclass(frozen=True)
class PlaceList:
    """A list of units, and what is asked of it over and over.

    Attributes:
        units: Shape ``Units``.
        boundaries: Shape ``Boundaries``, or None.
    """

    units: pl.DataFrame
    boundaries: pl.DataFrame | None = None

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Names of the units; made when a code leaves something open."""
        from waystation.geography import Gazetteer

        return Gazetteer(self.units, boundaries=self.boundaries)

    def with_parent(
        self, places: pl.DataFrame, level: int, column: str, to: str
    ) -> pl.DataFrame:
        """Add the parent of the unit that a column names at a level."""
        parents = self.units.filter(pl.col("level") == level).select(
            "country", pl.col("code").alias(column), pl.col("parent_code").alias(to)
        )
        return places.join(parents, on=["country", column], how="left", maintain_order="left")

    def with_is_listed(self, places: pl.DataFrame, level: int) -> pl.DataFrame:
        """Add whether the list has units of a level there, as ``is_listed{level}``.

        A list that knows wards in one state only says nothing of the wards of another.
        """
        units = self.units.filter(pl.col("level") == level)
        countries = units.select(pl.col("country").unique(), has_level=pl.lit(value=True))
        found = places.join(countries, on="country", how="left", maintain_order="left")
        if level == 1:
            return found.with_columns(is_listed1=pl.col("has_level").is_not_null()).drop(
                "has_level"
            )
        above = f"final{level - 1}"
        divided = units.select(
            "country", pl.col("parent_code").alias(above), is_divided=pl.lit(value=True)
        ).unique()
        found = found.join(divided, on=["country", above], how="left", maintain_order="left")
        is_listed = pl.col("has_level").is_not_null() & (
            pl.col(above).is_null() | pl.col("is_divided").is_not_null()
        )
        return found.with_columns(is_listed.alias(f"is_listed{level}")).drop(
            "has_level", "is_divided"
        )
