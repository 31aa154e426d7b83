"""Exhibits that pages have room for: change by area, and who lives in which kind of place."""

from __future__ import annotations

import polars as pl

from waystation.release.report import figures, people
from waystation.release.report.parts import Exhibit, Table
from waystation.release.report.telling import Telling
from waystation.tracking.changes import Part


def change_by_area(telling: Telling) -> Table | None:
    """Return the parts of the change into the last round by area of the first level.

    One row an area, the largest change first; one column a part that occurs, the difference
    last. None where there is nothing to tell.
    """
    if telling.series is None or telling.latest is None:
        return None
    latest, words = telling.latest, telling.words
    rows = figures.rows_of(telling.build.changes, telling.series).filter(
        pl.col("admin_level") == 1,
        pl.col("end_round") == latest.round_number,
        pl.col("end_date") == latest.date,
        pl.col("change") != 0,
    )
    if rows.is_empty():
        return None
    rows = rows.with_columns(part=pl.col("part").cast(pl.String))
    parts = [part.value for part in Part if part.value in rows["part"]]
    sums = (
        rows.pivot("part", index="code", values="change", aggregate_function="sum")
        .with_columns(total=pl.sum_horizontal(parts))
        .sort(pl.col("total").abs(), "code", descending=[True, False])
    )
    names = dict(telling.areas(1).select("code", "name").iter_rows())
    written = [
        (
            names.get(row["code"] or None, row["code"]),
            *(words.signed(row[part]) if row[part] else "–" for part in parts),
            words.signed(row["total"]),
        )
        for row in sums.iter_rows(named=True)
    ]
    start = rows.row(0, named=True)
    return Table(
        caption=words.say(
            "explained_subtitle",
            indicator=telling.label,
            start=words.round_within(start["start_round"], start["start_date"]),
            end=telling.round_within(latest),
        ),
        headings=(
            words.say("column_area"),
            *(words.say(f"part_{part}") for part in parts),
            words.say("difference"),
        ),
        rows=tuple(written),
    )


def by_kind_of_place(telling: Telling) -> Exhibit:
    """Return bars by type of site, as reported, else by the types that the master list has."""
    reported = people.breakdown_bars(telling, "site_type")
    if reported.spec is not None or telling.series is None or telling.latest is None:
        return reported
    cells = figures.at(
        figures.rows_of(telling.build.matrix, telling.series), telling.latest
    ).filter(pl.col("value").is_not_null())
    kinds = telling.build.locations.filter(pl.col("location_type").is_not_null()).select(
        "location_id", category="location_type"
    )
    known = (
        cells.join(kinds.unique("location_id"), on="location_id", how="inner")
        .group_by("category")
        .agg(pl.col("value").sum())
        .sort(["value", "category"], descending=[True, False])
    )
    return people.bars_of(telling, "site_type", known) if known.height > 1 else reported
