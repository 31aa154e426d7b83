"""What the page says of gaps: the headline, the grid of units and sectors, the lists."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from waystation.tracking.aggregates import STOCK
from waystation.tracking.response import Gap, sectors
from waystation.web.tracking.views.responding.asked import (
    Response,
    gap_words,
    needs_of,
    sector_choices,
)

BADGES = {Gap.UNMET: "bad", Gap.UNCLEAR: "warn", Gap.THIN: "warn", Gap.OPEN: "warn"}
SHADES = {Gap.LOW: 1, Gap.COVERED: 2, Gap.THIN: 3, Gap.UNCLEAR: 4, Gap.OPEN: 4, Gap.UNMET: 5}
MOST_PLACES = 8


def headline(response: Response) -> dict[str, Any]:
    """Return the figures that the page opens with."""
    gaps = response.gaps
    gap = Gap.UNMET if response.table else Gap.OPEN
    in_gap = gaps.filter(pl.col("gap") == gap).unique("code")
    by_unit = gaps.group_by("code").agg(
        pl.col("persons").first(), absent=(pl.col("gap") == Gap.NOT_ASSESSED).all()
    )
    absent = by_unit.filter("absent")
    persons = in_gap["persons"].sum() if by_unit.height > absent.height else None
    return {
        "units": in_gap.height if by_unit.height > absent.height else None,
        "persons": persons,
        "assessed": by_unit.height - absent.height,
        "of": by_unit.height,
        "not_assessed": absent.height,
        "not_assessed_persons": absent["persons"].sum(),
        "organisations": response.active["organisation"].n_unique() if response.table else None,
        "worst": first_gaps(response, 3),
    }


def first_gaps(response: Response, most: int) -> list[dict[str, Any]]:
    """Return the gravest gaps, one for each of the units with the most people."""
    grave = response.gaps.filter(pl.col("gap").is_in([Gap.UNMET, Gap.OPEN]))
    first = grave.unique("code", keep="first", maintain_order=True).head(most)
    return told_rows(response, first)


def told_rows(response: Response, rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Return gaps as rows of a page."""
    labels = {code: s.label(response.reading.language) for code, s in sectors().items()}
    words, address = gap_words(), response.reading.address
    return [
        {
            **row,
            "sector_label": labels[row["sector"]],
            "gap_label": words[row["gap"]],
            "badge": BADGES.get(row["gap"], ""),
            "url": address("place", row["code"]),
            "trail": response.reading.trail(row["code"], STOCK, response.moment.round_key),
        }
        for row in rows.iter_rows(named=True)
    ]


def grid(response: Response) -> dict[str, Any]:
    """Return units by sectors: those with the most people in unmet needs first."""
    words, gaps = gap_words(), response.everything
    asked = sector_choices(response.reading.language)
    grave = pl.col("gap").is_in([Gap.UNMET, Gap.OPEN])
    units = (
        gaps.group_by("code", maintain_order=True)
        .agg(
            pl.col("name", "persons").first(),
            unmet=grave.sum(),
            is_absent=(pl.col("gap") == Gap.NOT_ASSESSED).all(),
        )
        .sort(
            pl.col("unmet") == 0, -pl.col("persons").fill_null(-1), "name",
            maintain_order=True,
        )
    )  # fmt: skip
    at = {(r["code"], r["sector"]): r for r in gaps.iter_rows(named=True)}
    rows = []
    for unit in units.filter(~pl.col("is_absent")).iter_rows(named=True):
        cells = [at[unit["code"], code] for code, _label in asked]
        rows.append(
            {
                **unit,
                "url": response.reading.address("place", unit["code"]),
                "cells": [
                    {
                        "gap": cell["gap"],
                        "shade": SHADES.get(cell["gap"], 0),
                        "label": words[cell["gap"]],
                        "organisations": cell["organisations"],
                        "share": cell["need_share"],
                    }
                    for cell in cells
                ],
            }
        )
    by_sector = gaps.group_by("sector").agg(
        unmet=grave.sum(), thin=(pl.col("gap") == Gap.THIN).sum()
    )
    counts = {code: (unmet, thin) for code, unmet, thin in by_sector.iter_rows()}
    return {
        "sectors": [
            {"code": code, "label": label, "unmet": counts[code][0], "thin": counts[code][1]}
            for code, label in asked
        ],
        "rows": rows,
        "left_out": units["is_absent"].sum(),
    }


def organisations(response: Response) -> pl.DataFrame:
    """Return who is active: one row an organisation and sector, with its places."""
    if response.table is None:
        return pl.DataFrame()
    active = response.active
    asked = str(response.form.chosen("q") or "").strip()
    if asked:
        plain = asked.casefold()
        has = pl.any_horizontal(
            pl.col(name)
            .str.to_lowercase()
            .str.contains(plain, literal=True)
            .fill_null(value=False)
            for name in ("organisation", "acronym")
        )
        active = active.filter(has)
    if response.sector:
        active = active.filter(pl.col("sector") == response.sector)
    named = response.named(active, "admin1_code", "admin1_name", 1)
    named = response.named(named, "admin2_code", "admin2_name", 2)
    place = (
        pl.col("admin1_name")
        if response.level == 1
        else pl.coalesce("admin2_name", "admin1_name")
    )
    labels = {code: s.label(response.reading.language) for code, s in sectors().items()}
    return (
        named.group_by("organisation", "sector")
        .agg(
            pl.col("acronym").drop_nulls().first(),
            pl.col("organisation_type").drop_nulls().first(),
            places=place.unique().sort(),
            reached=pl.when(pl.col("reached").is_not_null().any()).then(
                pl.col("reached").sum()
            ),
            until=pl.when(pl.col("ends_on").is_not_null().all()).then(pl.col("ends_on").max()),
        )
        .with_columns(
            sector_label=pl.col("sector").cast(pl.String).replace_strict(labels),
            shown=pl.col("places").list.head(MOST_PLACES),
            more=pl.col("places").list.len().cast(pl.Int64) - MOST_PLACES,
        )
        .sort(pl.col("organisation").str.to_lowercase(), "sector")
    )


def certainty(response: Response) -> dict[str, Any]:
    """Return how sure all this is: what was not asked, not placed, left out, and how old."""
    needs = needs_of(response).unique("code")
    totals = response.reading.edition.frame("totals").filter(
        response.moment.condition,
        pl.col("indicator") == STOCK,
        pl.col("admin_level") == response.level,
    )
    unplaced = totals.filter(pl.col("code").is_null())["value"].sum()
    apart = abs((response.as_of - response.moment.reference_date).days)
    return {
        "answered": needs["answered"].sum() if needs.height else None,
        "sites": needs["sites"].sum() if needs.height else None,
        "is_lower_bound": bool(needs_of(response)["is_lower_bound"].any()),
        "unplaced": unplaced or None,
        "days_apart": apart if response.table else None,
        "left_out": sum(response.table.left_out.values()) if response.table else None,
        "rows": response.table.rows if response.table else None,
        "unasked": ", ".join(
            s.label(response.reading.language) for s in sectors().values() if not s.needs
        ),
    }


def labels_of_shades(response: Response) -> list[str]:
    """Return what the classes of the map mean, from the lightest on."""
    fourth = _("Unclear: known in the area above only")
    if response.table is None:
        fourth = _("Need is high, presence not known")
    return [
        _("No high need"), _("Covered"), _("Thin: many people for each organisation"),
        fourth, _("Unmet: nobody active"),
    ]  # fmt: skip
