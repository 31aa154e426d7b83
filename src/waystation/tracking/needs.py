"""Needs of households by area and population group, from surveys of households."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from waystation.errors import InvalidTable, NothingToRead
from waystation.grids import Grid, read_grids
from waystation.tables import Table, iso3, number, text, whole

FEWEST_HOUSEHOLDS = 10
NO_GROUP = "IDP"
SEVERE_FROM = 3
_SEARCHED_ROWS = 12
_MISSING = ("", "NULL", "NaT", "dnk", "pnta")
_CODE = re.compile(r"^_?[ms]\d{4}_", re.ASCII)
_FIELDS = {
    "meta_adm0_pcode": "country",
    "meta_adm1_pcode": "admin1_code",
    "meta_adm2_pcode": "admin2_code",
    "meta_adm2_name": "admin2_name",
    "loc_assessment_strata": "stratum",
    "year": "year",
    "meta_assessment_date": "date",
    "num_households": "interviewed",
    "weight": "weight",
}
_NEEDS = re.compile(r"hh_priority_needs?", re.ASCII)
_SEVERITY = re.compile(r"hh_severity_(\w+)", re.ASCII)
_CHOICE = re.compile(r"[a-z0-9][a-z0-9_]{0,59}", re.ASCII)
_PERCENT = re.compile(r"pct_\w{1,200}", re.ASCII)
_CELL = ["country", "admin1_code", "admin2_code", "admin2_name", "stratum", "year"]


class NeedsByArea(Table):
    """Shares of households by area of level 2, population group, year and indicator.

    A share rests on the households that answered its question. Where these are fewer than a
    minimum, `protected_needs` withholds it: percent and numbers are null.
    """

    country = iso3("Country, ISO 3166-1 alpha-3.", primary_key=True)
    admin1_code = text("Code of the area of level 1.")
    admin2_code = text("Code of the area of level 2.", nullable=False, primary_key=True)
    admin2_name = text("Its name, where the survey says it.")
    stratum = text("Population group, as the survey says it.", nullable=False, primary_key=True)
    year = whole(
        "Year of the assessment.", nullable=False, primary_key=True, min=1990, max=2100
    )
    indicator = text("Column of the indicator.", nullable=False, primary_key=True)
    percent = number("Share of households, weighted.", unit="percent", min=0, max=100)
    households = whole("Households that answered the question.", unit="households", min=0)
    interviewed = whole("Households interviewed there.", unit="households", min=0)


def read_needs(path: Path, *, year: int | None = None, stratum: str = "") -> pl.DataFrame:
    """Read a table of household needs: one row a household, or one row an area and group.

    Columns are known by their names in the DTM data dictionary, whatever the number before:
    ``m0304_meta_adm2_pcode``, ``m2788_loc_assessment_strata``. With ``num_households`` the
    rows are areas, and their ``pct_...`` columns are taken as they are; without, they are
    households, whose ``hh_priority_needs`` and ``hh_severity_...`` become shares.

    Args:
        path: A csv, Excel, JSON or Parquet file.
        year: Year, where the table has no year and no date.
        stratum: Population group, where the table does not say; ``IDP`` unless told.

    Returns:
        Shape ``NeedsByArea``, sorted by its key; not protected.

    Raises:
        NothingToRead: If no sheet has areas of level 2 and something asked of households.
        InvalidTable: If a value is not what its column says.
    """
    for grid in read_grids(path):
        frame = _table_of(grid)
        if frame is None:
            continue
        described = _described(frame, year=year, stratum=stratum or NO_GROUP)
        is_by_area = "interviewed" in described.columns
        found = _from_areas(described) if is_by_area else _from_households(described)
        if found is not None and found.height:
            return NeedsByArea.require(found).sort(NeedsByArea.primary_key())
    raise NothingToRead(
        file=path.name,
        reason="no sheet has codes of areas of level 2 and needs of households",
        action="Send one with meta_adm2_pcode and hh_priority_needs, or with num_households",
    )


def protected_needs(needs: pl.DataFrame, *, fewest: int = FEWEST_HOUSEHOLDS) -> pl.DataFrame:
    """Withhold shares that rest on few households, with their numbers.

    The rows stay, so that what was withheld does not look as if it had not been asked. No
    sums over areas or groups are published, from which a withheld share could be taken.

    Args:
        needs: Shape ``NeedsByArea``.
        fewest: Households that a share must rest on.
    """
    is_few = (pl.col("households") < fewest) | (pl.col("interviewed") < fewest)
    few_there = pl.col("interviewed") < fewest
    return NeedsByArea.require(needs).with_columns(
        percent=pl.when(~is_few).then(pl.col("percent").round(1)),
        households=pl.when(~is_few).then("households"),
        interviewed=pl.when(~few_there).then("interviewed"),
    )


def _table_of(grid: Grid) -> pl.DataFrame | None:
    """Return a sheet as a table of text whose columns have our names where known."""
    for index, row in enumerate(grid.cells.head(_SEARCHED_ROWS).iter_rows()):
        names = _names(row)
        if "admin2_code" in names and "country" in names:
            body = grid.cells.slice(index + 1)
            body.columns = names
            text_of = pl.all().cast(pl.String).str.strip_chars()
            table = body.select(text_of).select(
                pl.when(~pl.all().is_in(_MISSING)).then(pl.all()).name.keep()
            )
            return table.filter(pl.col("admin2_code").is_not_null())
    return None


def _names(row: Sequence[str | None]) -> list[str]:
    names: list[str] = []
    for position, heading in enumerate(row):
        plain = _CODE.sub("", (heading or "").strip().lower())
        name = _FIELDS.get(plain, plain)
        names.append(name if name and name not in names else f"_{position}")
    return names


def _described(frame: pl.DataFrame, *, year: int | None, stratum: str) -> pl.DataFrame:
    """Return the table with every column that says what a row is about."""
    years = [pl.lit(year, pl.Int64)]
    if "date" in frame.columns:
        years.insert(0, pl.col("date").str.slice(0, 4).cast(pl.Int64, strict=False))
    if "year" in frame.columns:
        years.insert(0, pl.col("year").cast(pl.Float64, strict=False).cast(pl.Int64))
    absent = [
        pl.lit(None, pl.String).alias(name)
        for name in ("admin1_code", "admin2_name", "stratum")
        if name not in frame.columns
    ]
    described = frame.with_columns(absent).with_columns(
        pl.col("country").str.to_uppercase(),
        pl.col("stratum").fill_null(stratum),
        year=pl.coalesce(years),
    )
    if described["year"].null_count():
        raise InvalidTable(table="NeedsByArea", reason="rows without a year; say which it is")
    return described


def _numbers(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the frame with a column as numbers.

    Raises:
        InvalidTable: If a value is none.
    """
    made = pl.col(column).cast(pl.Float64, strict=False)
    wrong = frame.filter(
        pl.col(column).is_not_null() & ~made.is_finite().fill_null(value=False)
    )
    if wrong.height:
        reason = f"{wrong[column][0][:40]!r} in {column} is not a number"
        raise InvalidTable(table="NeedsByArea", reason=reason)
    return frame.with_columns(made)


def _from_areas(frame: pl.DataFrame) -> pl.DataFrame | None:
    columns = [name for name in frame.columns if _PERCENT.fullmatch(name)]
    if not columns:
        return None
    for name in (*columns, "interviewed"):
        frame = _numbers(frame, name)
    long = frame.select(*_CELL, "interviewed", *columns).unpivot(
        columns, index=[*_CELL, "interviewed"], variable_name="indicator", value_name="percent"
    )
    known = long.drop_nulls("percent")["percent"]
    if ((known > 0) & (known < 1)).any() and not (known > 1).any():
        reason = "shares from 0 to 1 where percentages from 0 to 100 are expected"
        raise InvalidTable(table="NeedsByArea", reason=reason)
    return long.with_columns(
        pl.col("interviewed").cast(pl.Int64), households=pl.col("interviewed").cast(pl.Int64)
    ).filter(pl.col("percent").is_not_null())


def _from_households(frame: pl.DataFrame) -> pl.DataFrame | None:
    frame = (
        _numbers(frame, "weight").with_columns(pl.col("weight").fill_null(1.0))
        if "weight" in frame.columns
        else frame.with_columns(weight=pl.lit(1.0))
    )
    if (frame["weight"] < 0).any():
        raise InvalidTable(table="NeedsByArea", reason="a weight below 0")
    # A name written in two ways is one area.
    frame = frame.with_columns(
        pl.col("admin1_code", "admin2_name").drop_nulls().first()
        .over("country", "admin2_code"),
        interviewed=pl.len().over("country", "admin2_code", "stratum", "year").cast(pl.Int64),
    )  # fmt: skip
    found = [
        shares
        for column in frame.columns
        for shares in (
            _shares_of_choices(frame, column)
            if _NEEDS.fullmatch(column)
            else _shares_of_severity(frame, column)
        )
    ]
    return pl.concat(found) if found else None


def _shares_of_choices(frame: pl.DataFrame, column: str) -> Iterator[pl.DataFrame]:
    answered = frame.filter(pl.col(column).is_not_null()).with_columns(
        choices=pl.col(column).str.to_lowercase().str.split(" ")
    )
    choices = answered["choices"].explode(empty_as_null=True).drop_nulls().unique().to_list()
    for choice in sorted(name for name in choices if _CHOICE.fullmatch(name)):
        indicator = f"pct_hh_m2730_hh_priority_needs_{choice}"
        yield _shares(answered, pl.col("choices").list.contains(choice), indicator)


def _shares_of_severity(frame: pl.DataFrame, column: str) -> Iterator[pl.DataFrame]:
    asked = _SEVERITY.fullmatch(column)
    if asked is None:
        return
    answered = _numbers(frame, column).filter(pl.col(column).is_not_null())
    if answered.height:
        indicator = f"pct_hh_hh_severity_{asked[1]}_severe"
        yield _shares(answered, pl.col(column) >= SEVERE_FROM, indicator)


def _shares(answered: pl.DataFrame, is_so: pl.Expr, indicator: str) -> pl.DataFrame:
    weight = pl.col("weight")
    return (
        answered.group_by(_CELL)
        .agg(
            percent=100 * weight.filter(is_so).sum() / weight.sum(),
            households=pl.len().cast(pl.Int64),
            interviewed=pl.col("interviewed").first(),
        )
        .with_columns(
            pl.when(pl.col("percent").is_finite()).then("percent").alias("percent"),
            indicator=pl.lit(indicator),
        )
    )
