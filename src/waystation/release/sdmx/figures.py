"""Figures of a dataset in the columns of SDMX: one row an observation, coded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from waystation.release.sdmx import codes

SERIES_DIMENSIONS = (
    "FREQ", "REF_AREA", "COUNTERPART_AREA", "SEX", "AGE", "INDICATOR", "BREAKDOWN",
    "UNIT_MEASURE",
)  # fmt: skip
TIME = "TIME_PERIOD"
DIMENSIONS = (*SERIES_DIMENSIONS, TIME)
MEASURE = "OBS_VALUE"
OBS_ATTRIBUTES = ("UNIT_MULT", "OBS_STATUS", "PRODUCER_FLAGS", "DATASET")
# Characters that no XML may hold.
_NO_XML = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x{fffe}\\x{ffff}]"
_COLUMNS = {
    "REF_AREA": "area",
    "COUNTERPART_AREA": "counterpart",
    "SEX": "sex",
    "AGE": "age",
    "INDICATOR": "measure",
    "BREAKDOWN": "breakdown",
    "UNIT_MEASURE": "unit",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a dataset in codes of SDMX.

    Attributes:
        rows: ``DIMENSIONS`` (the series dimensions as enumerations), ``OBS_VALUE``
            (null where there is no figure) and ``OBS_ATTRIBUTES``; sorted by ``DIMENSIONS``.
        words: Of each series dimension the codes that occur, with our word for each.
    """

    rows: pl.DataFrame
    words: Mapping[str, Mapping[str, str]]


def words_from_observations(
    observations: pl.LazyFrame | pl.DataFrame,
) -> dict[str, dict[str, str]]:
    """Return of each series dimension the codes that occur, without looking at the figures.

    Args:
        observations: Shape ``Observations``, as for `figures_from_observations`.
    """
    frame = _with_breakdown(observations)
    names = [*_COLUMNS.values(), "period"]
    distinct = frame.select(pl.col(n).cast(pl.String).unique().sort().implode() for n in names)
    row = distinct.collect().row(0, named=True)
    words = {d: _words(d, row[name])[1] for d, name in _COLUMNS.items()}
    frequencies = sorted({codes.frequency_of(period) for period in row["period"]})
    return {"FREQ": {code: code for code in frequencies}, **words}


def figures_from_observations(observations: pl.LazyFrame | pl.DataFrame) -> Figures:
    """Return figures in codes of SDMX.

    A null stays null, with a status that says it is missing: L for what is confidential, O for
    what was not reported. A confidential figure that the producer gives all the same has the
    status A. Figures beyond what floating point can hold exactly are not rounded further.

    Args:
        observations: Shape ``Observations``; a column ``breakdown`` tells figures apart that
            agree in all else.
    """
    frame = _with_breakdown(observations)
    texts = [*_COLUMNS.values(), "period", "flag", "producer_flags", "dataset"]
    read = frame.select(*(pl.col(n).cast(pl.String) for n in texts), "value").collect()
    words: dict[str, dict[str, str]] = {}
    columns = []
    for dimension, name in _COLUMNS.items():
        column, words[dimension] = _coded(dimension, read[name])
        columns.append(column)
    periods = read["period"].unique().to_list()
    frequencies = {period: codes.frequency_of(period) for period in periods}
    words["FREQ"] = {code: code for code in sorted(set(frequencies.values()))}
    times = {period: codes.time_period_of(period) for period in periods}
    period = read["period"]
    frequency = pl.Enum(list(words["FREQ"]))
    rows = pl.DataFrame(
        [
            period.replace_strict(frequencies, return_dtype=frequency).alias("FREQ"),
            *columns,
            period.replace_strict(times, return_dtype=pl.String).alias(TIME),
            read["value"].cast(pl.Float64).alias(MEASURE),
            read["flag"],
            read["producer_flags"].str.replace_all(_NO_XML, "").alias("PRODUCER_FLAGS"),
            read["dataset"].str.replace_all(_NO_XML, "").alias("DATASET"),
        ]
    )
    finite = pl.when(pl.col(MEASURE).is_finite()).then(MEASURE)
    rows = rows.with_columns(finite.alias(MEASURE)).with_columns(_status())
    rows = rows.with_columns(UNIT_MULT=pl.lit("0"))
    return Figures(rows.select(*DIMENSIONS, MEASURE, *OBS_ATTRIBUTES).sort(DIMENSIONS), words)


def _with_breakdown(observations: pl.LazyFrame | pl.DataFrame) -> pl.LazyFrame:
    frame = observations.lazy()
    if "breakdown" in frame.collect_schema().names():
        return frame
    return frame.with_columns(breakdown=pl.lit(None, pl.String))


def _coded(dimension: str, column: pl.Series) -> tuple[pl.Series, dict[str, str]]:
    by_word, word_of = _words(dimension, column.unique().sort().to_list())
    coded = column.replace_strict(by_word, default=codes.TOTAL, return_dtype=pl.String)
    return coded.cast(pl.Enum(list(word_of))).alias(dimension), word_of


def _words(dimension: str, distinct: list[str | None]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the code of each word, and the word of each code; nothing is all together."""
    by_word = codes.codes_by_word(dimension, [word for word in distinct if word is not None])
    word_of = {code: word for word, code in by_word.items()}
    if None in distinct:
        word_of.setdefault(codes.TOTAL, "")
    return by_word, dict(sorted(word_of.items()))


def _status() -> pl.Expr:
    flag = pl.col("flag")
    there = flag.replace_strict(codes.STATUSES, default="A", return_dtype=pl.String)
    absent = flag.replace_strict(
        codes.STATUSES_OF_NOTHING, default=codes.NOTHING, return_dtype=pl.String
    )
    status = pl.when(pl.col(MEASURE).is_null()).then(absent).otherwise(there)
    return status.alias("OBS_STATUS")


def plain_number(column: str = MEASURE) -> pl.Expr:
    """Return numbers as text, whole ones without a fraction, in no scientific writing."""
    value = pl.col(column)
    is_whole = (value == value.round()) & (value.abs() < 2**53)
    whole = pl.when(is_whole).then(value).otherwise(None).cast(pl.Int64).cast(pl.String)
    return pl.coalesce(whole, value.cast(pl.String))


def names_by_code(figures: Figures, dimension: str) -> dict[str, codes.Names]:
    """Return what the codes of a dimension that occur are called."""
    words = figures.words[dimension]
    return {code: codes.names_of(dimension, code, word or code) for code, word in words.items()}
