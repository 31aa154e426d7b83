"""The figures that leave: cells, parts, totals and changes, rounded together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from waystation.release.disclosure.chance import Chance, shares
from waystation.release.disclosure.families import BESIDE
from waystation.release.disclosure.rounding import rounded_values
from waystation.release.disclosure.spread import rounded_parts
from waystation.tracking.aggregates import STOCK
from waystation.tracking.cells import CODES, SNAPSHOT
from waystation.tracking.changes import PAIR, STREAM, Changes, Part
from waystation.tracking.estimates import ratio_of
from waystation.tracking.indicators import indicators

PEOPLE = ("persons", "households")
PLACE = (*SNAPSHOT, "location_id")
KEPT = (*PLACE, *CODES, "indicator", "value")
UNIT = ("admin_level", "code", "indicator")


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one build.

    Attributes:
        cells: Columns of ``Matrix``; a place may have several rows for an indicator, apart by
            status.
        parts: Shape ``StockParts``.
    """

    cells: pl.DataFrame
    parts: pl.DataFrame


def rounded_figures(
    figures: Figures, units: pl.DataFrame, *, base: int, chance: Chance, by_status: bool
) -> Figures:
    """Return figures of people as multiples of the base, all that added up still adding up.

    Args:
        figures: The figures.
        units: Shape ``Units``.
        base: The base.
        chance: The publisher's chance.
        by_status: Whether cells of one place and indicator stand apart by status.
    """
    is_people = pl.col("unit").is_in(PEOPLE)
    people = figures.cells.filter(is_people).select(*KEPT, "status")
    beside = figures.parts.select(
        *PLACE, *CODES,
        pl.concat_str(
            pl.lit(f"{STOCK}{BESIDE}part"),
            *(pl.col(c).fill_null("") for c in ("reason", "origin", *CODES)),
            separator=BESIDE,
        ).alias("indicator"),
        "value",
    )  # fmt: skip
    cells = people.select(KEPT)
    wholes = cells.clear()
    if by_status:
        by = pl.concat_str("indicator", pl.lit("status"), "status", separator=BESIDE)
        value = pl.col("value")
        wholes = cells.group_by([*PLACE, *CODES, "indicator"], maintain_order=True).agg(
            pl.when(value.is_not_null().any()).then(value.sum()).alias("value")
        )
        cells = people.with_columns(indicator=by).select(KEPT)
    rounded = rounded_values(
        pl.concat([cells, beside, wholes.select(KEPT)]), units, base=base, chance=chance
    )
    values = figures.cells["value"].to_numpy().copy()
    values[figures.cells.select(is_people.alias("x"))["x"].to_numpy()] = rounded.head(
        cells.height
    ).to_numpy()
    replaced = pl.Series("value", values, dtype=pl.Float64, nan_to_null=True)
    return Figures(
        cells=with_ratios_of(figures.cells.with_columns(replaced)),
        parts=figures.parts.with_columns(value=rounded.slice(cells.height, beside.height)),
    )


def with_ratios_of(cells: pl.DataFrame) -> pl.DataFrame:
    """Compute ratios anew from both sides of a place; without both, to whole percent."""
    numbered = cells.with_row_index("row")
    changed = cells["value"].clone()
    for entry in (e for e in indicators().values() if e.how == "ratio"):
        own = numbered.filter(pl.col("indicator") == entry.code)
        for code in (entry.numerator, entry.denominator):
            side = cells.filter(pl.col("indicator") == code)
            added = side.group_by(PLACE).agg(pl.col("value").sum().alias(f"of {code}"))
            own = own.join(added, on=list(PLACE), how="left")
        above, below = (pl.col(f"of {c}") for c in (entry.numerator, entry.denominator))
        anew = own.select(
            "row",
            value=pl.when(pl.col("value").is_null())
            .then(None)
            .when(above.is_not_null() & below.is_not_null())
            .then(ratio_of(above, below))
            .otherwise(pl.col("value").round()),
        )
        changed = changed.scatter(anew["row"], anew["value"])
    return cells.with_columns(value=changed)


def rounded_changes(
    changes: pl.DataFrame, totals: pl.DataFrame, *, base: int, chance: Chance
) -> pl.DataFrame:
    """Round the parts of each change so that they add up to the difference of the totals.

    Each part becomes a multiple of the base next to it, where that is enough; the largest part
    takes what the rounding of both totals leaves. A difference that rounding alone made, where
    nothing had changed, is an increase or decrease at no location.

    Args:
        changes: Shape ``Changes``, true; changes from a snapshot without totals are left out.
        totals: Shape ``Totals``, as published, of all rounds.
        base: The base.
        chance: The publisher's chance.
    """
    differences = _differences(changes, totals)
    key = [*STREAM, *PAIR, *UNIT]
    there = differences.filter(pl.col("gap") != 0).join(changes, on=key, how="anti")
    new = there.select(
        *key, "name", "unit",
        part=pl.when(pl.col("gap") > 0)
        .then(pl.lit(Part.INCREASE.value))
        .otherwise(pl.lit(Part.DECREASE.value))
        .cast(Changes.columns()["part"].dtype),
        change=pl.lit(0.0),
        locations=pl.lit(0, pl.Int64),
    )  # fmt: skip
    rows = pl.concat([changes, new.select(changes.columns)]).join(
        differences.select(*key, "gap", "group"), on=key, maintain_order="left"
    )
    if rows.is_empty():
        return changes.clear()
    gaps = np.zeros(differences.height)
    gaps[differences["group"].to_numpy()] = differences["gap"].to_numpy()
    names = rows.select(
        x=pl.concat_str("indicator", pl.col("part").cast(pl.String), separator=BESIDE)
    )["x"]
    rounded = rounded_parts(
        rows["change"].to_numpy(),
        rows["group"].to_numpy().astype(np.int64),
        gaps,
        shares(chance.numbers(rows["code"]), chance.numbers(names)),
        base,
    )
    value = pl.col("rounded")
    is_largest = pl.col("row") == pl.col("row").sort_by(
        pl.col("change").abs(), "row", descending=[True, False]
    ).first().over("group")
    settled = rows.with_columns(rounded=pl.Series(rounded)).with_row_index("row")
    left = pl.when(is_largest).then(pl.col("gap") - value.sum().over("group")).otherwise(0.0)
    sort = [*STREAM, "end_date", "end_round", *UNIT, "part"]
    return settled.with_columns(change=value + left).select(changes.columns).sort(sort)


def _differences(changes: pl.DataFrame, totals: pl.DataFrame) -> pl.DataFrame:
    """Return the end less the start of every unit and indicator that changes can be about."""
    pairs = changes.select(*STREAM, *PAIR).unique()
    own = totals.filter(pl.col("indicator").is_in(changes["indicator"].unique().implode()))
    added = own.group_by(*SNAPSHOT, *UNIT[:1], pl.col("code").fill_null(""), "indicator").agg(
        pl.col("value").sum(), pl.col("name", "unit").first()
    )
    sides = []
    for side in ("start", "end"):
        dated = added.rename(
            {"round_number": f"{side}_round", "reference_date": f"{side}_date", "value": side}
        )
        at = [*STREAM, f"{side}_round", f"{side}_date"]
        sides.append(dated.join(pairs, on=at, how="inner"))
    key = [*STREAM, *PAIR, *UNIT]
    known = pairs.join(
        sides[0].select(*STREAM, *PAIR).unique(), on=[*STREAM, *PAIR], how="semi"
    )
    return (
        sides[1]
        .join(sides[0], on=key, how="full", coalesce=True)
        .join(known, on=[*STREAM, *PAIR], how="semi")
        .with_columns(
            pl.coalesce("name", "name_right").alias("name"),
            pl.coalesce("unit", "unit_right").alias("unit"),
            gap=pl.col("end").fill_null(0) - pl.col("start").fill_null(0),
        )
        .sort(key)
        .with_row_index("group")
    )
