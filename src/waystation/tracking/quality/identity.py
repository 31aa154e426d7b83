"""Who is who: rows repeated, places reported twice, records and names that stand twice."""

from __future__ import annotations

import polars as pl

from waystation.tracking.quality.reports import (
    SNAPSHOT,
    figures_of,
    key_of_place,
    mark_of,
    with_all_columns,
)
from waystation.tracking.quality.shared_ids import places_under_one_id, with_own_keys
from waystation.tracking.quality.wording import (
    PLACE_COLUMNS,
    file_findings,
    row_findings,
)

SAME_FIGURES = 4  # so many figures above 0 do not agree by accident
SPLIT_BY = ("displacement_reason", "origin_admin1_code")  # rows of one place that add up
NOT_CONTENT = ("submission_id", "file", "sheet", "row", "record_uuid", "is_counted")


def set_aside_repeats(submissions: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Settle which rows are counted where places or records are reported more than once.

    Of rows that repeat another one exactly the first is counted. Of several reports of one
    place in one snapshot the latest by ``collected_on``, then the last row, is counted. Rows
    that name areas only, without id or name of a location, add up: of these only exact
    repeats are set aside. Places that share an id and no more are told apart: each gets a
    ``location_key`` of its own.

    Args:
        submissions: Shape ``Submissions``, all rounds; rows not counted already stay so.

    Returns:
        The submissions in their order with ``is_counted`` settled, and findings TRK-120, 121,
        123 and 126; shape ``Findings``.

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
    places = candidates.filter(_is_place())
    others = places_under_one_id(places)
    superseded = _superseded(others.places)
    aside = pl.concat([repeats["_index"], superseded["_index"]])
    if len(aside):
        is_aside = pl.int_range(pl.len(), dtype=pl.UInt32).is_in(aside.implode())
        frame = frame.with_columns(is_counted=pl.col("is_counted") & ~is_aside)
    found = [
        *_repeat_findings(repeats, frame),
        *_visit_findings(superseded),
        *_record_findings(frame, masks["same_record"], repeats),
        *others.findings,
    ]
    return with_own_keys(frame, others.keys), pl.concat(found)


def _is_place() -> pl.Expr:
    return pl.col("location_id").is_not_null() | pl.col("location_name").is_not_null()


def _exact_repeats(candidates: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows whose content an earlier one has, and the rest.

    Some files list localities without their names: rows of one area that differ in nothing
    but the place. There, few figures that agree are no sign of a repeated row.
    """
    same = ["_where", "_content"]
    first = pl.col("_index").first().over(same)
    figures = figures_of(candidates)
    above = [(pl.col(name) > 0).fill_null(value=False).cast(pl.UInt16) for name in figures]
    marked = candidates.with_columns(
        _first=first,
        first_row=pl.col("row").first().over(same),
        first_file=pl.col("file").first().over(same),
        _told=pl.sum_horizontal(pl.lit(0, pl.UInt16), *above),
        _differ=pl.col("_content").n_unique().over("_where") > 1,
    )
    nameless = marked.filter(~_is_place() & pl.col("_differ"))["file"].unique()
    is_judged = (
        _is_place()
        | ~pl.col("file").is_in(nameless.implode())
        | (pl.col("_told") >= SAME_FIGURES)
    )
    is_repeat = (pl.col("_first") != pl.col("_index")) & is_judged
    return marked.filter(is_repeat), marked.filter(~is_repeat)


def _superseded(places: pl.DataFrame) -> pl.DataFrame:
    """Return reports of places that a later report of the same snapshot replaces.

    Reports that share no figure complete each other, as sheets on IDPs and on returnees do.
    """
    figures = figures_of(places)
    if figures:
        twice = pl.any_horizontal(pl.col(n).count().over("_where") > 1 for n in figures)
        places = places.filter(twice)
    last = {
        "kept_row": pl.col("row").last().over("_where"),
        "kept_on": pl.col("collected_on").last().over("_where"),
        "_kept": pl.col("_index").last().over("_where"),
    }
    return (
        places.sort("_where", "collected_on", "_index", nulls_last=False)
        .with_columns(**last)
        .filter(pl.col("_kept") != pl.col("_index"))
        .sort("_index")
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
