"""Where the people who are now in a place came from: a stock by area of origin."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import polars as pl

from waystation.tracking.indicators import breakdown_code

STOCK = "idp_individuals"
PREFIX = breakdown_code(STOCK, "origin", "")
UNSAID = ("unknown", "not_known", "other")


@dataclass(frozen=True, slots=True)
class Origin:
    """An area that people came from.

    Attributes:
        category: As the breakdown names it.
        code: Code of the unit, None where the list of units has none of this name.
        name: Its name.
    """

    category: str
    code: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Origins:
    """Stocks by place and area of origin at one moment and level.

    Attributes:
        origins: The areas, most people first.
        rows: ``code``, ``name``, a column for each category, ``unknown`` and ``total``.
    """

    origins: tuple[Origin, ...]
    rows: pl.DataFrame

    def flows(self, most: int) -> pl.DataFrame:
        """Return the largest: ``origin``, ``code``, ``name``, ``persons``; 0 is none."""
        categories = [origin.category for origin in self.origins]
        return (
            self.rows.unpivot(
                categories, index=["code", "name"], variable_name="origin", value_name="persons"
            )
            .filter(pl.col("persons") > 0)
            .sort("persons", "code", "origin", descending=[True, False, False])
            .head(most)
        )


def origins_of(totals: pl.DataFrame, units: pl.DataFrame, language: str = "en") -> Origins:
    """Return who of the people present came from where.

    Args:
        totals: Rows of one moment and one level, shape ``Totals``.
        units: Shape ``Units``.
        language: Language of names, where the list has it.

    Returns:
        The matrix; what a place does not say of an origin is in ``unknown``, so that the parts
        of each row add up to its total wherever they do not exceed it.
    """
    known = totals.filter(pl.col("indicator").str.starts_with(PREFIX))
    categories = known["indicator"].str.strip_prefix(PREFIX).unique().sort().to_list()
    places = totals.filter(pl.col("indicator") == STOCK).select(
        pl.col("code").fill_null(""), "name", total="value"
    )
    wide = (
        known.with_columns(
            pl.col("code").fill_null(""), category=pl.col("indicator").str.strip_prefix(PREFIX)
        )
        .pivot("category", index="code", values="value", aggregate_function="sum")
        .select("code", *categories)
    )
    rows = places.join(wide, on="code", how="left", maintain_order="left")
    unsaid = [c for c in categories if c in UNSAID]
    named = [c for c in categories if c not in UNSAID]
    said = pl.sum_horizontal([pl.lit(0.0), *(pl.col(c).fill_null(0.0) for c in named)])
    rows = rows.with_columns(unknown=(pl.col("total") - said).clip(lower_bound=0.0)).drop(
        unsaid
    )
    sizes = {c: float(rows[c].sum() or 0.0) for c in named}
    found = units_of_categories(named, units, language)
    ordered = sorted(found, key=lambda origin: (-sizes[origin.category], origin.name))
    columns = [origin.category for origin in ordered]
    sort = rows.select("code", "name", *columns, "unknown", "total")
    return Origins(
        origins=tuple(ordered),
        rows=sort.sort("total", "code", descending=[True, False], nulls_last=True),
    )


def units_of_categories(
    categories: list[str], units: pl.DataFrame, language: str = "en"
) -> list[Origin]:
    """Return the units that categories of origin mean, by code or by any of their names."""
    by_word: dict[str, tuple[str, str]] = {}
    names = ("code", "name", "name_en", "name_fr", "name_es", "name_ar")
    for row in units.sort("level", descending=True).iter_rows(named=True):
        shown = row[f"name_{language}"] or row["name"] or row["code"]
        for word in (*(row[n] for n in names), *row["names"]):
            if word:
                by_word[folded(word)] = (row["code"], shown)
    found = []
    for category in categories:
        code, name = by_word.get(folded(category), (None, category.replace("_", " ").title()))
        found.append(Origin(category, code, name))
    return found


def folded(text: str) -> str:
    """Return letters and digits only, without accents and case."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W_]+", "", "".join(c for c in plain if not unicodedata.combining(c)))
