"""Checks of which places are reported: absent, back, closed with people, new."""

from __future__ import annotations

import polars as pl

from waystation.tracking.quality.reports import FEW_ROWS, Reports, findings_by_rules
from waystation.tracking.quality.wording import (
    Rule,
    figure,
    file_findings,
    place_name,
    row_findings,
)

MOSTLY_ABSENT = 0.3  # of a round's places: above, the round was partial
FEW_ENOUGH_TO_NAME = 0.05
HAVE_IDS = 0.5  # share of places with an id, above which one without has lost it
CLOSED_WORDS = ("closed", "close", "fermé", "ferme", "fermée", "cerrado", "cerrada", "مغلق")
_SAME_PLACE = pl.col("_place") == pl.col("_place").shift()


def check_presence(
    reports: Reports, locations: pl.DataFrame | None = None
) -> list[pl.DataFrame]:
    """Return findings on which places are reported (TRK-161, 162, 166, 167).

    Args:
        reports: The submissions.
        locations: Shape ``Locations``, the master list, where there is one.
    """
    return [
        *_absent(reports),
        *_back(reports),
        *_closed_with_people(reports),
        *_closed_in_the_list(reports, locations),
        *_new(reports, locations),
    ]


def _people(reports: Reports) -> pl.Expr:
    return pl.sum_horizontal(reports.totals) if reports.totals else pl.lit(0.0)


def is_closed() -> pl.Expr:
    """Return whether the status of a row says that the place is closed."""
    status = pl.col("location_status")
    return (
        status.str.strip_chars().str.to_lowercase().is_in(CLOSED_WORDS).fill_null(value=False)
    )


def _absent(reports: Reports) -> list[pl.DataFrame]:
    """Return places of one round that the next one lacks, unless closed or empty (TRK-161)."""
    waves = reports.waves()
    wave = ["_series", "_wave"]
    # The later of two reports in one round counts: it is followed by another round or none.
    stays = (pl.col("_place") == pl.col("_place").shift(-1)) & (
        pl.col("_wave").shift(-1) <= pl.col("_wave") + 1
    )
    gone = waves.filter(~stays.fill_null(value=False)).sort("_index")
    missed = reports.snapshots.group_by("_series", pl.col("_wave") - 1).agg(
        missed_round=pl.col("round_number").first()
    )
    rows = (
        reports.rows_at(gone, [*reports.totals, "location_status"])
        .filter((_people(reports) > 0) & ~is_closed() & ~_lacks_its_id(reports))
        .join(missed, on=wave, how="inner", maintain_order="left")
    )
    covered = waves.group_by(wave).agg(rows=pl.col("_place").n_unique())
    shares = (
        rows.group_by(wave)
        .agg(hits=pl.len())
        .join(covered, on=wave)
        .filter(
            (pl.col("hits") >= FEW_ROWS) & (pl.col("hits") > MOSTLY_ABSENT * pl.col("rows"))
        )
    )
    partial = (
        shares.join(rows, on=wave)
        .unique(wave, keep="first", maintain_order=True)
        .select("hits", "rows", file=None, round_number="missed_round")
    )
    rows = rows.join(shares, on=wave, how="anti").with_columns(
        says=pl.format(
            "absent from this round; {} people were reported in round {} (row {} of {})",
            figure(_people(reports)),
            "round_number",
            pl.col("row").cast(pl.String).fill_null("?"),
            "file",
        ),
        # The finding is about the round that lacks the place: it has no row there.
        **dict.fromkeys(("file", "sheet", "submission_id"), pl.lit(None, dtype=pl.String)),
        row=pl.lit(None, dtype=pl.Int64),
        round_number=pl.col("missed_round"),
    )
    found = []
    if len(partial):
        says = "absent, though reported in the round before: this round looks partial"
        found.append(file_findings("TRK-161", partial, says, column="location_id"))
    found.append(row_findings("TRK-161", rows, pl.col("says"), column="location_id"))
    return found


def _lacks_its_id(reports: Reports) -> pl.Expr:
    """Return whether a place has no id where most have one: TRK-115 has said so."""
    share = reports.rows.select(pl.col("location_id").is_not_null().mean()).collect().item()
    return pl.col("location_id").is_null() & pl.lit((share or 0.0) > HAVE_IDS)


def _back(reports: Reports) -> list[pl.DataFrame]:
    """Return places back after missing rounds, the round in one line if many (TRK-162)."""
    gap = pl.col("_wave") - pl.col("_wave").shift() - 1
    rows = (
        reports.waves()
        .select("_index", gap=pl.when(_SAME_PLACE).then(gap))
        .filter(pl.col("gap") > 0)
        .sort("_index")
    )
    says = (
        pl.when(pl.col("gap") == 1)
        .then(pl.lit("reported again; the round before lacks it"))
        .otherwise(pl.format("reported again; the {} rounds before lack it", "gap"))
    )
    return _few_or_one_line(
        reports, "TRK-162", reports.rows_at(rows, ["_snapshot"]), says, "back after an absence"
    )


def _few_or_one_line(
    reports: Reports, code: str, rows: pl.DataFrame, says: pl.Expr, file_says: str
) -> list[pl.DataFrame]:
    """Return plain facts: each where few, one line a snapshot where many."""
    if not len(rows):
        return []
    size = reports.history.group_by("_snapshot").agg(rows=pl.len())
    many = (
        rows.group_by("_snapshot")
        .agg(
            hits=pl.len(),
            file=pl.lit(None, dtype=pl.String),
            round_number=pl.col("round_number").first(),
            examples=place_name().drop_nulls().head(3).str.join(", "),
        )
        .join(size, on="_snapshot")
        .filter(
            (pl.col("hits") > 3) & (pl.col("hits") > FEW_ENOUGH_TO_NAME * pl.col("rows"))
            | (pl.col("hits") >= FEW_ROWS)
        )
        .sort("_snapshot")
    )
    few = rows.join(many, on="_snapshot", how="anti")
    words = pl.format(file_says + " ({}, ...)", "examples")
    return [
        file_findings(code, many, words, column="location_id"),
        row_findings(code, few, says, column="location_id"),
    ]


def _closed_with_people(reports: Reports) -> list[pl.DataFrame]:
    rule = Rule(
        "TRK-166",
        is_closed() & (_people(reports) > 0),
        pl.format("closed, and {} people are reported", figure(_people(reports))),
        column="location_status",
        reported=figure(_people(reports)),
    )
    return findings_by_rules(reports, [rule])


def _closed_in_the_list(reports: Reports, locations: pl.DataFrame | None) -> list[pl.DataFrame]:
    if locations is None or "closed_on" not in locations.columns:
        return []
    closed = locations.filter(
        (pl.col("status") == "closed") & pl.col("closed_on").is_not_null()
    ).select("country", "operation", "location_id", "closed_on")
    hits = (
        reports.rows.filter((_people(reports) > 0) & ~is_closed())
        .select(
            "_index",
            "country",
            "operation",
            "reference_date",
            location_id=pl.coalesce("location_key", "location_id"),
        )
        .join(closed.lazy(), on=["country", "operation", "location_id"])
        .filter(pl.col("reference_date") > pl.col("closed_on"))
        .select("_index", "closed_on")
        .collect()
        .sort("_index")
    )
    says = pl.format("closed since {} in the master list, yet people are reported", "closed_on")
    rows = reports.rows_at(hits)
    return [row_findings("TRK-166", rows, says, column="location_status")]


def _new(reports: Reports, locations: pl.DataFrame | None) -> list[pl.DataFrame]:
    """Return places that begin after the first round and have no opening date (TRK-167)."""
    is_new = ~_SAME_PLACE.fill_null(value=False) & (pl.col("_wave") > 0)
    begins = reports.waves().filter(is_new & reports.history["_name"].is_not_null())
    if not len(begins):
        return []
    columns = ["_snapshot", "country", "operation"]
    rows = reports.rows_at(begins.select("_index").sort("_index"), columns)
    if locations is not None and "opened_on" in locations.columns:
        opened = locations.filter(pl.col("opened_on").is_not_null())
        keys = ["country", "operation", "location_key"]
        rows = rows.join(
            opened.select("country", "operation", location_key="location_id"),
            on=keys,
            how="anti",
        )
    says = pl.lit("first reported in this round, and no opening date is known")
    return _few_or_one_line(reports, "TRK-167", rows, says, "reported for the first time")
