"""Rounds: which snapshot each submission belongs to, and the one date that stands for it."""

from __future__ import annotations

import datetime as dt

import polars as pl

from waystation.errors import InvalidChoice, UncertainMapping
from waystation.findings import Findings
from waystation.tracking.submissions import Component, Submissions

ROUND = ("country", "operation", "component", "round_number")
STREAM = ("country", "operation", "component")
# More different dates than this in one round of a file are days of assessment, not dates that
# the figures describe.
MOST_DATES = 6
# Days of assessment farther than this from the round's median day are slips of the pen; a round
# that takes longer than usual gets six times its own median deviation.
LEAST_SPREAD_DAYS, MOST_SPREAD_DAYS = 45, 183


def with_snapshots(
    submissions: pl.DataFrame,
    *,
    country: str | None = None,
    operation: str | None = None,
    unknown_date: dt.date | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Settle for every row its operation, component, round and reference date.

    What a row does not say is taken from the rest of its sheet, then of its file, then of all
    files, where these agree; then from the options. Further:

    - Operation: the country's code, where nobody names one.
    - Component: baseline_location where a file names locations, else baseline_area.
    - Round: where no file of an operation and component says one, its dates are numbered from
      1; where some do, a row without one takes the round that has its date.
    - Date: the reference date where the round has one, that of most rows for those without.
      Several dates in a round stay several snapshots, with two exceptions: dates of different
      files that share no place and lie at most 183 days apart are parts of one round, of
      which the latest holds; more than six dates in one sheet and round are days of
      assessment and move to ``collected_on``.
      Without a reference date, the latest day of assessment that is not far from the others:
      within 45 days of the median day, or six times the median deviation where that is more,
      at most 183. Then ``unknown_date``.

    Args:
        submissions: Shape ``Submissions``; country, operation and snapshot may be null.
        country: ISO 3166-1 alpha-3, where nobody names one.
        operation: Name of the operation, where nobody names one.
        unknown_date: Reference date of rounds whose files give no date at all.

    Returns:
        The rows in their order with the five columns of the snapshot filled, and findings
        TRK-007 (round taken from elsewhere, or several in a sheet that has rows without one)
        and TRK-172 (date not stated), shape ``Findings``.

    Raises:
        UncertainMapping: If a country, round or date can be had from nowhere.
        InvalidChoice: If a component is none of the four.
    """
    frame = Submissions.complete(
        submissions.with_columns(
            pl.lit(None, pl.String).alias(c)
            for c in ("country", "operation")
            if c not in submissions.columns
        )
    )
    if frame.is_empty():
        return frame, Findings.empty_frame()
    frame = _with_operation(frame, country, operation)
    frame = _with_dates_read(_with_component(frame))
    frame, of_rounds = _with_rounds(frame)
    frame, of_dates = _with_dates(frame, unknown_date)
    columns = [c for c in Submissions.column_names() if c in frame.columns]
    others = [c for c in submissions.columns if c not in columns]
    return frame.select(*columns, *others), pl.concat([of_rounds, of_dates])


def _agreed(column: str, *over: str) -> pl.Expr:
    """Return the one value that the rows of a group have, null where none or several."""
    values = pl.col(column).drop_nulls()
    one = pl.when(values.n_unique() == 1).then(values.min())
    return one.over(over) if over else one


def _with_operation(
    frame: pl.DataFrame, country: str | None, operation: str | None
) -> pl.DataFrame:
    if frame["country"].null_count():
        frame = frame.with_columns(
            country=pl.coalesce(
                "country",
                _agreed("country", "file", "sheet"),
                _agreed("country", "file"),
                pl.lit(country, pl.String),
                _agreed("country"),
            )
        )
        _require(frame, "country", "the country is not said", "Name it with --country")
    if not frame["operation"].null_count():
        return frame
    return frame.with_columns(
        operation=pl.coalesce(
            "operation",
            _agreed("operation", "file", "sheet"),
            _agreed("operation", "file"),
            pl.lit(operation, pl.String),
            _agreed("operation", "country"),
            "country",
        )
    )


def _with_component(frame: pl.DataFrame) -> pl.DataFrame:
    if frame["component"].null_count():
        frame = _with_component_filled(frame)
    strange = frame.filter(~pl.col("component").is_in(list(Component)))
    if strange.height:
        value = strange["component"][0]
        raise InvalidChoice(value=value, option="component", choices=", ".join(Component))
    return frame


def _with_component_filled(frame: pl.DataFrame) -> pl.DataFrame:
    names_places = pl.any_horizontal(pl.col("location_id", "location_name").is_not_null())
    by_content = (
        pl.when(names_places.any().over("file"))
        .then(pl.lit(Component.BASELINE_LOCATION.value))
        .otherwise(pl.lit(Component.BASELINE_AREA.value))
    )
    return frame.with_columns(
        component=pl.coalesce(
            "component",
            _agreed("component", "file", "sheet"),
            _agreed("component", "file"),
            by_content,
        )
    )


def _with_dates_read(frame: pl.DataFrame) -> pl.DataFrame:
    """Move dates that are days of assessment to where these stand."""
    stated, sheet = pl.col("reference_date"), ["file", "sheet", *ROUND]
    dates = frame.select(*sheet, "reference_date").unique().group_by(sheet).len()
    if dates["len"].max() <= MOST_DATES:  # type: ignore[operator]
        return frame
    many = stated.drop_nulls().n_unique().over(sheet) > MOST_DATES
    return frame.with_columns(
        reference_date=pl.when(~many).then(stated),
        collected_on=pl.when(many).then(pl.coalesce("collected_on", stated)).otherwise(
            "collected_on"
        ),
    )  # fmt: skip


def _with_rounds(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    if not frame["round_number"].null_count():
        return frame, Findings.empty_frame()
    in_sheet = pl.col("round_number").drop_nulls().n_unique().over("file", "sheet")
    stated = pl.coalesce(
        "round_number",
        _agreed("round_number", "file", "sheet"),
        _agreed("round_number", "file"),
    )
    file_day = pl.coalesce("reference_date", "collected_on").median().over("file").cast(pl.Date)
    work = frame.with_columns(
        was=pl.col("round_number"),
        said=stated,
        several=in_sheet > 1,
        own_day=pl.coalesce("reference_date", file_day),
    )
    known = work.filter(pl.col("said").is_not_null() & pl.col("reference_date").is_not_null())
    by_date = known.group_by(*STREAM, own_day="reference_date").agg(
        of_date=_agreed("said"),
    )
    nobody = pl.col("said").is_null().all().over(STREAM)
    numbered = pl.col("own_day").rank("dense").over(STREAM).cast(pl.Int64).fill_null(1)
    work = work.join(by_date, on=[*STREAM, "own_day"], how="left", maintain_order="left")
    work = work.with_columns(
        round_number=pl.coalesce(
            "said", pl.when(nobody).then(numbered), "of_date"
        )
    )  # fmt: skip
    _require(
        work,
        "round_number",
        "the round is not said, while other files of the operation say theirs",
        "Set round_number in the mapping",
    )
    return work.drop("was", "said", "several", "own_day", "of_date"), _round_findings(work)


def _round_findings(work: pl.DataFrame) -> pl.DataFrame:
    taken = pl.col("was").is_null() & (pl.col("said").is_null() | pl.col("several"))
    files = (
        work.filter(taken)
        .group_by("file", "sheet", "round_number", maintain_order=True)
        .agg(pl.len().alias("rows"), pl.col("row").min())
    )
    return Findings.complete(
        files.select(
            code=pl.lit("TRK-007"),
            severity=pl.lit("warning", dtype=Findings.columns()["severity"].dtype),
            message=pl.format(
                "{}: {} rows do not say their round; round {} was taken. Set the round in the "
                "mapping if it is another.",
                "file",
                "rows",
                "round_number",
            ),
            file="file",
            sheet="sheet",
            row="row",
            round_number="round_number",
            column=pl.lit("round_number"),
            expected=pl.col("round_number").cast(pl.String),
        )
    )


def _with_dates(
    frame: pl.DataFrame, unknown_date: dt.date | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    work = frame
    dates = frame.select(*ROUND, "reference_date").unique()
    if dates.select(ROUND).is_duplicated().any():
        work = frame.with_columns(reference_date=_one_date_for_parts(frame))
    if not work["reference_date"].null_count():
        return work, Findings.empty_frame()
    stated = pl.coalesce(
        "reference_date",
        _agreed("reference_date", "file", "sheet", *ROUND),
        _agreed("reference_date", "file", *ROUND),
        # Not the latest: one row with a wrong round would move whole files in time.
        pl.col("reference_date").drop_nulls().mode().max().over(ROUND),
    )
    work = work.with_columns(reference_date=pl.coalesce(stated, _last_day_of_assessment()))
    is_unknown = pl.col("reference_date").is_null()
    findings = _date_findings(work.filter(is_unknown), unknown_date)
    work = work.with_columns(
        reference_date=pl.coalesce("reference_date", pl.lit(unknown_date, pl.Date))
    )
    _require(
        work,
        "reference_date",
        "no date is given anywhere",
        "Set reference_date in the mapping, or map a column of dates",
    )
    return work, findings


def _one_date_for_parts(frame: pl.DataFrame) -> pl.Series:
    """Give the files of one round that share no place the latest of their dates."""
    place = pl.struct(
        "location_id", "location_name", "admin1_reported_code", "admin1_name",
        "admin2_reported_code", "admin2_name", "admin3_reported_code", "admin3_name",
    )  # fmt: skip
    stated = pl.col("reference_date")
    one_a_file = (stated.n_unique().over("file", *ROUND) == 1).all().over(ROUND)
    files = frame.select(*ROUND, "file", place=place).unique()
    shared = (
        files.filter(files.select(*ROUND, "place").is_duplicated())
        .select(ROUND)
        .unique()
        .with_columns(is_shared=True)
    )
    joined = frame.join(shared, on=ROUND, how="left", maintain_order="left", nulls_equal=True)
    apart = pl.col("is_shared").is_null()
    first, last = stated.min().over(ROUND), stated.max().over(ROUND)
    near = (last - first) <= pl.duration(days=MOST_SPREAD_DAYS)
    return joined.select(
        pl.when(one_a_file & apart & near).then(last).otherwise(stated)
    ).to_series()


def _last_day_of_assessment() -> pl.Expr:
    """Return the latest day of assessment of a round that is not far from the others."""
    days = pl.col("collected_on").cast(pl.Int32).cast(pl.Float64)
    middle = days.median().over(ROUND)
    distance = (days - middle).abs()
    spread = (6 * distance.median().over(ROUND)).clip(LEAST_SPREAD_DAYS, MOST_SPREAD_DAYS)
    near = pl.when(distance <= spread).then(pl.col("collected_on"))
    return near.max().over(ROUND)


def _date_findings(undated: pl.DataFrame, used: dt.date | None) -> pl.DataFrame:
    files = undated.group_by("file", "sheet", "round_number", maintain_order=True).agg(
        pl.col("row").min()
    )
    return Findings.complete(
        files.select(
            code=pl.lit("TRK-172"),
            severity=pl.lit("warning", dtype=Findings.columns()["severity"].dtype),
            message=pl.format(
                "{}: no date is given for round {}; {} was taken. Set reference_date in the "
                "mapping.",
                "file",
                "round_number",
                pl.lit(str(used)),
            ),
            file="file",
            sheet="sheet",
            row="row",
            round_number="round_number",
            column=pl.lit("reference_date"),
            expected=pl.lit(str(used)),
        )
    )


def _require(frame: pl.DataFrame, column: str, reason: str, action: str) -> None:
    empty = frame.filter(pl.col(column).is_null())
    if empty.height:
        raise UncertainMapping(file=empty["file"][0], reason=reason, action=action)
