"""Who is who: rows repeated, places reported twice, records and names that stand twice."""

from __future__ import annotations

import polars as pl

from waystation.tracking.quality.presence import HAVE_IDS
from waystation.tracking.quality.reports import (
    SNAPSHOT,
    Reports,
    findings_of_mask,
    key_of_place,
    mark_of,
    with_all_columns,
)
from waystation.tracking.quality.wording import (
    PLACE_COLUMNS,
    Rule,
    file_findings,
    plain,
    row_findings,
)

SPLIT_BY = ("displacement_reason", "origin_admin1_code")  # rows of one place that add up
NOT_CONTENT = ("submission_id", "file", "sheet", "row", "record_uuid", "is_counted")


def set_aside_repeats(submissions: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Settle which rows are counted where places or records are reported more than once.

    Of rows that repeat another one exactly the first is counted. Of several reports of one
    place in one snapshot the latest by ``collected_on``, then the last row, is counted. Rows
    that name areas only, without id or name of a location, add up: of these only exact
    repeats are set aside.

    Args:
        submissions: Shape ``Submissions``, all rounds; rows not counted already stay so.

    Returns:
        The submissions in their order with ``is_counted`` settled, and findings TRK-120, 121
        and 123; shape ``Findings``.

    Raises:
        MissingColumns: If a column that cannot be null is absent.
    """
    frame = with_all_columns(submissions).with_columns(
        pl.col("is_counted").fill_null(value=True)
    )
    keyed = frame.lazy().select(
        "is_counted",
        "record_uuid",
        _where=mark_of(frame, [*SNAPSHOT, *SPLIT_BY], key_of_place(frame)),
    )
    masks = keyed.select(
        several=pl.col("_where").is_duplicated() & pl.col("is_counted"),
        same_record=pl.col("record_uuid").hash().is_duplicated()
        & pl.col("record_uuid").is_not_null(),
        where="_where",
    ).collect()
    candidates = (
        frame.with_row_index("_index")
        .filter(masks["several"])
        .with_columns(_where=masks["where"].filter(masks["several"]))
    )
    content = [c for c in frame.columns if c not in NOT_CONTENT]
    candidates = candidates.with_columns(_content=pl.struct(content).hash())
    repeats, candidates = _exact_repeats(candidates)
    superseded = _superseded(candidates)
    aside = pl.concat([repeats["_index"], superseded["_index"]])
    if len(aside):
        is_aside = pl.int_range(pl.len(), dtype=pl.UInt32).is_in(aside.implode())
        frame = frame.with_columns(is_counted=pl.col("is_counted") & ~is_aside)
    found = [
        *_repeat_findings(repeats, frame),
        *_visit_findings(superseded),
        *_record_findings(frame, masks["same_record"], repeats),
    ]
    return frame, pl.concat(found)


def _exact_repeats(candidates: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows whose content an earlier one has, and the rest."""
    same = ["_where", "_content"]
    first = pl.col("_index").first().over(same)
    marked = candidates.with_columns(
        _first=first,
        first_row=pl.col("row").first().over(same),
        first_file=pl.col("file").first().over(same),
    )
    is_repeat = pl.col("_first") != pl.col("_index")
    return marked.filter(is_repeat), marked.filter(~is_repeat)


def _superseded(candidates: pl.DataFrame) -> pl.DataFrame:
    """Return reports of places that a later report of the same snapshot replaces."""
    is_place = pl.col("location_id").is_not_null() | pl.col("location_name").is_not_null()
    places = candidates.filter(is_place).sort(
        "_where", "collected_on", "_index", nulls_last=False
    )
    last = {
        "kept_row": pl.col("row").last().over("_where"),
        "kept_on": pl.col("collected_on").last().over("_where"),
        "_kept": pl.col("_index").last().over("_where"),
    }
    return (
        places.with_columns(**last).filter(pl.col("_kept") != pl.col("_index")).sort("_index")
    )


def _repeat_findings(repeats: pl.DataFrame, frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Return a finding a repeated row; one a file where a whole file came twice."""
    elsewhere = repeats.filter(pl.col("file") != pl.col("first_file"))
    concerned = frame.lazy().filter(pl.col("file").is_in(elsewhere["file"].unique().implode()))
    sizes = concerned.group_by("file").agg(rows=pl.len()).collect()
    copies = (
        elsewhere.group_by("file")
        .agg(hits=pl.len(), of=pl.col("first_file").mode().first())
        .join(sizes, on="file")
        .filter((pl.col("hits") > 0.9 * pl.col("rows")) & (pl.col("hits") >= 10))
        .sort("file")
    )
    one_by_one = repeats.join(copies, on="file", how="anti")
    same_file = pl.col("file") == pl.col("first_file")
    says = (
        pl.when(same_file & pl.col("first_row").is_not_null())
        .then(pl.format("the row repeats row {} exactly", "first_row"))
        .when(same_file)
        .then(pl.lit("the row repeats an earlier one exactly"))
        .otherwise(pl.format("the row repeats one of file {} exactly", "first_file"))
    )
    whole_files = file_findings(
        "TRK-120", copies, pl.format("the rows stand in file {} too", "of")
    )
    return [whole_files, row_findings("TRK-120", one_by_one, says)]


def _visit_findings(superseded: pl.DataFrame) -> list[pl.DataFrame]:
    says = pl.concat_str(
        pl.lit("reported again in the same round with different figures"),
        pl.format(" in row {}", "kept_row"),
        pl.format(" on {}", "kept_on"),
        pl.lit("; that later report is counted"),
        ignore_nulls=True,
    )
    return [
        row_findings(
            "TRK-121", superseded, says, column="location_id", reported=pl.col("location_id")
        )
    ]


def _record_findings(
    frame: pl.DataFrame, same_record: pl.Series, repeats: pl.DataFrame
) -> list[pl.DataFrame]:
    """Return rows whose record id an earlier row has, exact repeats left out."""
    if not same_record.any():
        return []
    at = pl.DataFrame({"_index": same_record.arg_true()}).cast(pl.UInt32)
    records = frame.select(*PLACE_COLUMNS, "record_uuid")[at["_index"]]
    rows = (
        pl.concat([at, records], how="horizontal")
        .with_columns(first_row=pl.col("row").first().over("record_uuid"))
        .filter(pl.int_range(pl.len()).over("record_uuid") > 0)
        .filter(~pl.col("_index").is_in(repeats["_index"].implode()))
    )
    says = pl.concat_str(
        pl.format("record id {} stands in an earlier row too", "record_uuid"),
        pl.format(" (row {})", "first_row"),
        ignore_nulls=True,
    )
    return [
        row_findings(
            "TRK-123", rows, says, column="record_uuid", reported=pl.col("record_uuid")
        )
    ]


def check_identity(reports: Reports) -> list[pl.DataFrame]:
    """Return places without an id (TRK-115) and names that stand twice in a unit (TRK-124)."""
    return [*_without_id(reports), *_same_name(reports)]


def _without_id(reports: Reports) -> list[pl.DataFrame]:
    lacking = pl.col("location_id").is_null() & pl.col("location_name").is_not_null()
    mask = reports.frame.select(lacking).to_series()
    if not mask.any():
        return []
    shares = (
        reports.rows.group_by("_file")
        .agg(share=pl.col("location_id").is_not_null().mean())
        .collect()
    )
    with_ids = shares.filter(pl.col("share") > HAVE_IDS)["_file"]
    mask = mask & reports.frame["_file"].is_in(with_ids.implode())
    rule = Rule("TRK-115", lacking, pl.lit("the location has no id"), column="location_id")
    return findings_of_mask(reports, rule, mask)


def _same_name(reports: Reports) -> list[pl.DataFrame]:
    """Return places that bear the name of another one in their unit, said once a place."""
    columns = ["location_name", "admin1_code", "admin2_code", "admin3_code"]
    begins = reports.news.select("_index", "_place", "_snapshot", "_order")
    named = (
        reports.rows_at(begins, columns)
        .with_columns(
            unit=pl.coalesce("admin3_code", "admin2_code", "admin1_code"),
            name=plain("location_name"),
        )
        .drop_nulls(["name", "unit"])
        .filter(pl.col("name") != "")
        .sort("_order", "_index")
    )
    same = ["unit", "name"]
    twice = named.filter(pl.struct(same).is_duplicated()).with_columns(
        first=pl.col("_place").first().over(same),
        other_id=pl.col("location_id").first().over(same),
    )
    hits = twice.filter(pl.col("first") != pl.col("_place"))
    hits = hits.unique(["_place", *same], keep="first", maintain_order=True)
    if not len(hits):
        return []
    # The two must stand side by side in one round: else it is one place under a new id.
    present = reports.history.select("_snapshot", first="_place")
    rows = hits.join(present, on=["first", "_snapshot"], how="semi").sort("_index")
    says = pl.concat_str(
        pl.lit("another location of the same unit bears the same name"),
        pl.format(" ({})", "other_id"),
        ignore_nulls=True,
    )
    return [
        row_findings(
            "TRK-124", rows, says, column="location_name", reported=pl.col("location_name")
        )
    ]
