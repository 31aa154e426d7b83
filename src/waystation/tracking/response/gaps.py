"""Where needs are unmet: needs, people and organisations of each unit and sector together."""

from __future__ import annotations

import datetime as dt

import polars as pl

from waystation.errors import InvalidChoice
from waystation.tracking.aggregates import STOCK
from waystation.tracking.response.tables import (
    ActivityStatus,
    Gap,
    Gaps,
    Presence,
    SectorNeeds,
)
from waystation.tracking.response.vocabulary import sectors

HIGH_SHARE = 1 / 3
"""Share of locations that name a sector's needs, from which the need is high."""
MOST_PERSONS = 5_000
"""Displaced persons for each organisation, above which its presence is thin."""
_IDLE = (ActivityStatus.PLANNED, ActivityStatus.COMPLETED, ActivityStatus.SUSPENDED)
_KEY = ["code", "sector"]


def active_on(presence: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Return the activities that run on a day.

    An activity runs from its first day to its last; without either it has no such end. What is
    planned, completed or suspended does not run, whatever its dates.

    Args:
        presence: Shape ``Presence``.
        as_of: The day.
    """
    return presence.filter(
        ~pl.col("status").cast(pl.String).is_in(_IDLE).fill_null(value=False),
        pl.col("starts_on").is_null() | (pl.col("starts_on") <= as_of),
        pl.col("ends_on").is_null() | (pl.col("ends_on") >= as_of),
    )


def gaps_from_presence(
    needs: pl.DataFrame,
    stocks: pl.DataFrame,
    presence: pl.DataFrame | None,
    units: pl.DataFrame,
    *,
    level: int,
    as_of: dt.date,
    high_share: float = HIGH_SHARE,
    most_persons: int = MOST_PERSONS,
) -> pl.DataFrame:
    """Set the needs of each unit and sector against the organisations active there.

    A gap is a question to the coordinator, not an answer: a table of presence says who reports
    to it, not who is there; an organisation may reach few; the persons are all displaced
    persons of the unit, in need or not.

    A need is high where displaced persons live and at least ``high_share`` of the locations
    that answered name it. Then the gap is

    - ``unmet``: no organisation is active in the unit;
    - ``unclear``: none is known to be, and one is active in the unit above whose table does
      not say where in it;
    - ``thin``: there are more than ``most_persons`` displaced persons for each organisation;
    - ``covered``: there are not;
    - ``open``: no table says who is where.

    Elsewhere it is ``low``, and ``not_assessed`` where no location answered or persons were not
    counted: that is not "no need".

    Args:
        needs: Shape ``SectorNeeds``, of the level.
        stocks: Shape ``Totals``, one snapshot; displaced persons are taken from it.
        presence: Shape ``Presence``; None where there is no table, which is not the same as an
            empty one.
        units: Shape ``Units``; every unit of the level has its rows.
        level: 1 or 2.
        as_of: The day on which organisations are active.
        high_share: See above; 0 to 1, not 0.
        most_persons: See above; 1 or more.

    Returns:
        Shape ``Gaps``: every unit and every sector that needs are asked for; the gravest gap
        first, within it the most persons.

    Raises:
        InvalidChoice: If the level is neither 1 nor 2, or a threshold is out of its range.
        InvalidTable: If ``needs`` or ``presence`` do not keep their shapes.
    """
    _require_choices(level, high_share, most_persons)
    needs = SectorNeeds.require(needs).filter(pl.col("admin_level") == level)
    rows = _places(stocks, units, level).join(_asked(needs), how="cross")
    rows = rows.join(needs.drop("admin_level"), on=_KEY, how="left")
    if presence is None:
        absent = [
            pl.lit(None, pl.Int64).alias(n) for n in ("organisations", "organisations_above")
        ]
        rows = rows.with_columns(*absent, reached=pl.lit(None, pl.Float64))
    else:
        active = active_on(Presence.require(presence), as_of)
        rows = _with_presence(rows, active, level)
    persons, organisations = pl.col("persons"), pl.col("organisations")
    rows = rows.with_columns(
        admin_level=pl.lit(level, pl.Int64),
        persons_per_organisation=pl.when(organisations > 0).then(persons / organisations),
    )
    rows = rows.with_columns(gap=_gap(high_share, most_persons))
    order = {gap.value: place for place, gap in enumerate(Gap)}
    return Gaps.require(
        rows.with_columns(pl.col("gap").cast(Gaps.columns()["gap"].dtype))
        .sort(
            pl.col("gap").cast(pl.String).replace_strict(order),
            -persons.fill_null(-1),
            -pl.col("need_share").fill_null(-1),
            "code",
            "sector",
        )
        .select(Gaps.column_names())
    )


def _require_choices(level: int, high_share: float, most_persons: int) -> None:
    if level not in (1, 2):
        raise InvalidChoice(value=level, option="level", choices="1, 2")
    if not 0 < high_share <= 1:
        raise InvalidChoice(value=high_share, option="high share", choices="above 0, up to 1")
    if most_persons < 1:
        raise InvalidChoice(value=most_persons, option="most persons", choices="1 or more")


def _places(stocks: pl.DataFrame, units: pl.DataFrame, level: int) -> pl.DataFrame:
    persons = (
        stocks.filter(
            pl.col("indicator") == STOCK,
            pl.col("admin_level") == level,
            pl.col("code").is_not_null(),
        )
        .group_by("code", maintain_order=True)
        .agg(
            persons=pl.when(pl.col("value").is_not_null().any()).then(pl.col("value").sum()),
            told=pl.col("name").first(),
            above=pl.col("parent_code").first(),
        )
    )
    listed = (
        units.filter(pl.col("level") == level)
        .select("code", "name", "parent_code")
        .unique("code", keep="first", maintain_order=True)
    )
    return listed.join(persons, on="code", how="full", coalesce=True).select(
        "code",
        name=pl.coalesce("name", "told"),
        parent_code=pl.coalesce("parent_code", "above"),
        persons="persons",
    )


def _asked(needs: pl.DataFrame) -> pl.DataFrame:
    """Return the sectors that a matrix asks about: all that have needs in the dictionary."""
    codes = [code for code, sector in sectors().items() if sector.needs]
    return pl.DataFrame({"sector": codes}, schema={"sector": needs.schema["sector"]})


def _with_presence(rows: pl.DataFrame, active: pl.DataFrame, level: int) -> pl.DataFrame:
    code = f"admin{level}_code"
    here = (
        active.filter(pl.col(code).is_not_null())
        .group_by(pl.col(code).alias("code"), "sector")
        .agg(
            organisations=pl.col("organisation").n_unique().cast(pl.Int64),
            names=pl.col("organisation").unique(),
            reached=pl.when(pl.col("reached").is_not_null().any()).then(
                pl.col("reached").sum().cast(pl.Float64)
            ),
        )
    )
    rows = rows.join(here, on=_KEY, how="left").with_columns(
        pl.col("organisations").fill_null(0)
    )
    if level == 1:
        return rows.with_columns(organisations_above=pl.lit(0, pl.Int64)).drop("names")
    above = (
        active.filter(pl.col(code).is_null())
        .group_by(pl.col("admin1_code").alias("parent_code"), "sector")
        .agg(names_above=pl.col("organisation").unique())
    )
    none = pl.lit([], pl.List(pl.String))
    others = pl.col("names_above").list.set_difference(pl.col("names").fill_null(none))
    return (
        rows.join(above, on=["parent_code", "sector"], how="left")
        .with_columns(organisations_above=others.list.len().fill_null(0).cast(pl.Int64))
        .drop("names", "names_above")
    )


def _gap(high_share: float, most_persons: int) -> pl.Expr:
    organisations = pl.col("organisations")
    is_known = pl.col("need_share").is_not_null() & pl.col("persons").is_not_null()
    return (
        pl.when(pl.col("persons") == 0)
        .then(pl.lit(Gap.LOW.value))
        .when(~is_known)
        .then(pl.lit(Gap.NOT_ASSESSED.value))
        .when(pl.col("need_share") < high_share)
        .then(pl.lit(Gap.LOW.value))
        .when(organisations.is_null())
        .then(pl.lit(Gap.OPEN.value))
        .when((organisations == 0) & (pl.col("organisations_above") > 0))
        .then(pl.lit(Gap.UNCLEAR.value))
        .when(organisations == 0)
        .then(pl.lit(Gap.UNMET.value))
        .when(pl.col("persons_per_organisation") > most_persons)
        .then(pl.lit(Gap.THIN.value))
        .otherwise(pl.lit(Gap.COVERED.value))
    )
