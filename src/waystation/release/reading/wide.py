"""Figures as a wide table: a row for each place, a column for each indicator and round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from waystation.release.reading.moments import COLUMNS, Moment
from waystation.release.reading.places import figures_of_locations, figures_of_units
from waystation.release.snapshots import unit_names
from waystation.tracking.cells import CODES
from waystation.tracking.indicators import indicator_by_code

NOT_REPORTED, NOT_ASSESSED = "not_reported", "not_assessed"
LOCATIONS = "location"
NAMES = tuple(code.replace("_code", "_name") for code in CODES)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures.

    Attributes:
        indicator: Code in the dictionary.
        moment: The round.
    """

    indicator: str
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which rows are shown, and in what order.

    Attributes:
        unit: Code of a unit that places lie in; empty for all.
        search: Part of a name or code; empty for all.
        minimum: Least value that some column must have; None for any.
        status: How some figure came to be; empty for any.
        sort: "name", "code" or the number of a column; led by "-" for largest first.
    """

    unit: str = ""
    search: str = ""
    minimum: float | None = None
    status: str = ""
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class WideTable:
    """The rows that are left, all of them.

    Attributes:
        columns: What ``v0``, ``v1`` ... hold; ``s0`` and so on say how each came to be.
        rows: ``code``, ``name``, codes and names of the units above, values and states.
        sums: Sum of each column; None where figures do not add up or none was reported.
    """

    columns: tuple[Column, ...]
    rows: pl.DataFrame
    sums: tuple[float | None, ...]


def wide_table(
    source: pl.LazyFrame,
    units: pl.DataFrame,
    *,
    level: int | str,
    columns: Sequence[Column],
    narrowing: Narrowing,
    language: str = "en",
) -> WideTable:
    """Return figures of the places of one level.

    Args:
        source: A matrix for locations, totals for units; only what is asked for is read.
        units: Shape ``Units``.
        level: ``LOCATIONS``, or 0 to 3.
        columns: The columns, each once.
        narrowing: Which rows, in what order.
        language: Language of the names of units.
    """
    cells = _cells(source, level, columns)
    places = _with_units(_places(cells, level), units, level, language)
    rows = places.join(_wide(cells, columns), on="key", how="left", maintain_order="left")
    rows = _narrowed(rows, columns, narrowing)
    sums = tuple(_sum(rows, number, column) for number, column in enumerate(columns))
    return WideTable(tuple(columns), _sorted(rows, columns, narrowing.sort).drop("key"), sums)


def _cells(source: pl.LazyFrame, level: int | str, columns: Sequence[Column]) -> pl.DataFrame:
    moments = list(dict.fromkeys(column.moment for column in columns))
    codes = list(dict.fromkeys(column.indicator for column in columns))
    days = [moment.reference_date for moment in moments]
    wanted = pl.col("reference_date").is_in(days) & pl.col("indicator").is_in(codes)
    if level != LOCATIONS:
        wanted &= pl.col("admin_level") == level
    found = source.filter(wanted).collect()
    number = pl.DataFrame(
        {
            "component": [c.moment.component for c in columns],
            "round_number": [c.moment.round_number for c in columns],
            "reference_date": [c.moment.reference_date for c in columns],
            "indicator": [c.indicator for c in columns],
            "column": range(len(columns)),
        },
        schema_overrides={"round_number": pl.Int64},
    )
    found = found.join(number, on=[*COLUMNS, "indicator"], how="inner", maintain_order="left")
    if level == LOCATIONS:
        codes_above = found.select(*CODES)
        return figures_of_locations(found).with_columns(
            *codes_above.get_columns(), found["column"], key=found["location_id"]
        )
    key = pl.concat_str(pl.col("parent_code").fill_null(""), pl.col("code").fill_null("?"),
                        separator="\x1f")  # fmt: skip
    return figures_of_units(found).with_columns(found["column"], key=key)


def _places(cells: pl.DataFrame, level: int | str) -> pl.DataFrame:
    """Return the places, as their latest moment names them."""
    latest = cells.sort("reference_date", descending=True, maintain_order=True)
    codes = list(CODES) if level == LOCATIONS else ["parent_code"]
    return latest.unique("key", keep="first", maintain_order=True).select(
        "key", "code", "name", *codes
    )


def _with_units(
    places: pl.DataFrame, units: pl.DataFrame, level: int | str, language: str
) -> pl.DataFrame:
    """Give places the codes and names of the units they lie in, in a language."""
    if level != LOCATIONS:
        known = unit_names(units, int(level), language).rename({"name": "listed"})
        places = places.join(known, on="code", how="left", maintain_order="left").with_columns(
            pl.coalesce("listed", "name").alias("name")
        )
        places = places.drop("listed").join(
            _paths(units), left_on="parent_code", right_on="path_code", how="left",
            maintain_order="left",
        )  # fmt: skip
    for number, code in enumerate(CODES, start=1):
        names = unit_names(units, number, language).rename(
            {"code": code, "name": NAMES[number - 1]}
        )
        places = places.join(names, on=code, how="left", maintain_order="left")
    return places.select("key", "code", "name", *CODES, *NAMES)


def _paths(units: pl.DataFrame) -> pl.DataFrame:
    """Return for each unit the units at levels 1 to 3 that it is or lies in."""
    parents = dict(units.select("code", "parent_code").iter_rows())
    levels = dict(units.select("code", "level").iter_rows())
    rows = []
    for code in parents:
        row: dict[str, str | None] = {"path_code": code, **dict.fromkeys(CODES)}
        at: str | None = code
        for _ in range(len(CODES) + 1):
            if at is None or at not in levels:
                break
            if levels[at] in (1, 2, 3):
                row[CODES[levels[at] - 1]] = at
            at = parents[at]
        rows.append(row)
    return pl.DataFrame(rows, schema=dict.fromkeys(("path_code", *CODES), pl.String))


def _wide(cells: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    state = pl.when(pl.col("value").is_null()).then(pl.lit(NOT_REPORTED)).otherwise("status")
    long = cells.select("key", "column", "value", state.alias("state"))
    if long.is_empty():
        wide = long.select("key")
    else:
        wide = long.pivot(
            "column", index="key", values=["value", "state"], aggregate_function="first"
        )
    names = {f"value_{n}": f"v{n}" for n in range(len(columns))}
    names |= {f"state_{n}": f"s{n}" for n in range(len(columns))}
    wide = wide.rename(names, strict=False)
    absent = [n for n in range(len(columns)) if f"v{n}" not in wide.columns]
    wide = wide.with_columns(
        *(pl.lit(None, pl.Float64).alias(f"v{n}") for n in absent),
        *(pl.lit(None, pl.String).alias(f"s{n}") for n in absent),
    )
    states = [pl.col(f"s{n}").fill_null(NOT_ASSESSED) for n in range(len(columns))]
    return wide.with_columns(states)


def folded(column: str) -> pl.Expr:
    """Return text without case and accents, to be searched in."""
    text = pl.col(column).fill_null("").str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    return text.str.to_lowercase()


def _narrowed(
    rows: pl.DataFrame, columns: Sequence[Column], narrowing: Narrowing
) -> pl.DataFrame:
    if narrowing.unit:
        inside = [pl.col(code) == narrowing.unit for code in ("code", *CODES)]
        rows = rows.filter(pl.any_horizontal(inside).fill_null(value=False))
    if narrowing.search:
        sought = pl.select(x=pl.lit(narrowing.search)).select(x=folded("x"))["x"][0]
        found = [folded(c).str.contains(sought, literal=True) for c in ("name", "code")]
        rows = rows.filter(pl.any_horizontal(found))
    numbers = range(len(columns))
    if narrowing.minimum is not None and columns:
        most = pl.max_horizontal(f"v{n}" for n in numbers)
        rows = rows.filter(most >= narrowing.minimum)
    if narrowing.status:
        states = [pl.col(f"s{n}") == narrowing.status for n in numbers]
        rows = rows.filter(pl.any_horizontal(states))
    return rows


def _sorted(rows: pl.DataFrame, columns: Sequence[Column], sort: str) -> pl.DataFrame:
    name = sort.removeprefix("-")
    known = {"name", "code", *(f"v{n}" for n in range(len(columns)))}
    if name not in known:
        name = "name"
    by = folded("name") if name == "name" else pl.col(name)
    return rows.sort(by, "code", descending=[sort.startswith("-"), False], nulls_last=True)


def _sum(rows: pl.DataFrame, number: int, column: Column) -> float | None:
    if indicator_by_code(column.indicator).how != "sum":
        return None
    known = rows[f"v{number}"].drop_nulls()
    return float(known.sum()) if known.len() else None
