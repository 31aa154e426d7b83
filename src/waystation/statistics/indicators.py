"""Indicators of migration: what each means, and its values from judged observations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import dataframely as dy
import polars as pl

from waystation.errors import InvalidChoice, MissingColumns
from waystation.statistics.catalogue import base_of, require_addable
from waystation.statistics.indicator_formulas import measures_of, value_of
from waystation.statistics.tables import CellFlag, Observations, Sex
from waystation.tables import Table, number, text, whole

LANGUAGES = ("en", "fr", "es", "ar")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One entry of the table of indicators.

    Attributes:
        code: e.g. migrant_share.
        labels: Name by language.
        definition: Whom or what it counts, and how it is computed.
        unit: Of its values.
        source: Datasets that it is usually computed from.
        formula: How it is computed; see ``indicators.yaml``.
    """

    code: str
    labels: dict[str, str]
    definition: str
    unit: str
    source: str
    formula: dict[str, Any]

    def label(self, language: str = "en") -> str:
        """Return the name in a language, in English where it has none."""
        return self.labels.get(language) or self.labels["en"]

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the datasets of the catalogue that it is usually computed from."""
        return tuple(self.source.split(", "))

    @property
    def measures(self) -> tuple[str, ...]:
        """Return the measures that it is computed from."""
        return measures_of(self.formula)


class IndicatorValues(Table):
    """Values of one indicator, one row an area, period and sex.

    A value whose inputs are not there is null, never 0, and ``note`` says what is missing.
    """

    indicator = text("Code of the indicator.", nullable=False)
    area = text("Area the value is about.", nullable=False)
    counterpart = text("The other area, for values of pairs.")
    sex = dy.Enum([s.value for s in Sex], description="both, male, female.")
    period = text("Moment or period: 2015, 2015-07-01, 2015/P5Y.", nullable=False)
    year = whole("Year of the moment, or in which the period begins.", nullable=False)
    value = number("The value; null where an input is missing.")
    unit = text("Unit of the value.", nullable=False)
    low = number("Least value that the inputs allow, where that is known.")
    high = number("Largest value that the inputs allow, where that is known.")
    flag = dy.Enum([f.value for f in CellFlag], description="The gravest flag of the inputs.")
    source = text("Datasets of the inputs.", nullable=False)
    note = text("What is missing or partly known.")


@cache
def indicators() -> dict[str, Indicator]:
    """Return every indicator by code.

    Raises:
        InvalidTable: If a formula adds measures that must not be added.
    """
    from ruamel.yaml import YAML

    content = files("waystation.statistics").joinpath("indicators.yaml").read_text("utf-8")
    table: dict[str, Any] = YAML(typ="safe").load(content)["indicators"]
    found = {
        code: Indicator(
            code=code,
            labels=entry["label"],
            definition=entry["definition"],
            unit=entry["unit"],
            source=entry["source"],
            formula=entry["formula"],
        )
        for code, entry in table.items()
    }
    for entry in found.values():
        if entry.formula["kind"] == "parts":
            require_addable(entry.formula["measures"])
    return found


def indicator_named(name: str) -> Indicator:
    """Return an indicator.

    Raises:
        InvalidChoice: If there is none of this name.
    """
    if name not in indicators():
        raise InvalidChoice(value=name, option="indicator", choices=", ".join(indicators()))
    return indicators()[name]


def indicator(
    name: str,
    *observations: pl.DataFrame,
    areas: Iterable[str] = (),
    mix_revisions: bool = False,
) -> pl.DataFrame:
    """Return the values of an indicator.

    An input that is missing makes the value null. Of a sum over countries the known parts are
    added, and ``note`` counts those that are not. ``low`` and ``high`` are there where the
    inputs have them (refugees: counts of 1 to 4 are shown as 5).

    Of several tables that hold a measure, that of the dataset which the indicator is usually
    computed from is taken (`Indicator.sources`); revisions of one dataset are never mixed.

    Args:
        name: Code of the indicator, e.g. migrant_share.
        observations: Shape ``Observations``, judged; one frame or several.
        areas: Codes of the areas wanted; all when left out.
        mix_revisions: Whether one measure may come from several datasets or revisions; each
            value then still is of one dataset, which ``source`` names.

    Returns:
        Shape ``IndicatorValues``, by area, counterpart, sex, year and source.

    Raises:
        InvalidChoice: If there is no such indicator.
        MissingColumns: If columns of ``Observations`` are absent.
        MixedRevisions: If a measure comes from several datasets, and a mix was not asked for.
        BrokenRules: If an area has several figures of one measure and period.
    """
    entry = indicator_named(name)
    frames = [_required(frame, entry.measures) for frame in observations]
    rows = pl.concat(frames, how="diagonal_relaxed") if frames else _none()
    if not mix_revisions:
        rows = _of_usual_datasets(rows, entry.sources)
    values = value_of(entry.formula, rows, mix_revisions=mix_revisions)
    wanted = list(areas)
    if wanted:
        is_wanted = pl.col("area").is_in(wanted)
        values = values.filter(is_wanted | pl.col("counterpart").is_in(wanted))
    is_bare = pl.col("value").is_null() & (pl.col("flag") != "confidential")
    named = values.with_columns(
        indicator=pl.lit(name),
        unit=pl.lit(entry.unit),
        flag=pl.when(is_bare).then(pl.lit("not_reported")).otherwise(pl.col("flag")),
        low=pl.when(pl.col("value").is_not_null()).then(pl.col("low")),
        high=pl.when(pl.col("value").is_not_null()).then(pl.col("high")),
    ).select(IndicatorValues.column_names())
    return IndicatorValues.require(named).sort(
        "area", "counterpart", "sex", "year", "period", "source"
    )


def _of_usual_datasets(rows: pl.DataFrame, usual: tuple[str, ...]) -> pl.DataFrame:
    """Return, of each measure, the figures of the usual datasets; all where none is there."""
    names = rows["dataset"].unique().to_list()
    is_usual = pl.col("dataset").is_in([n for n in names if base_of(n) in usual])
    return rows.filter(is_usual | ~is_usual.any().over("measure"))


def _none() -> pl.DataFrame:
    return _required(Observations.empty_frame(), ())


def _required(frame: pl.DataFrame, measures: tuple[str, ...]) -> pl.DataFrame:
    """Return the rows of some measures, with columns that not every producer has."""
    missing = [n for n in Observations.column_names() if n not in frame.columns]
    if missing:
        raise MissingColumns(table="Observations", columns=", ".join(missing))
    kinds = {"breakdown": pl.String, "note": pl.String, "low": pl.Float64, "high": pl.Float64}
    absent = [
        pl.lit(None, kind).alias(n) for n, kind in kinds.items() if n not in frame.columns
    ]
    kept = frame.filter(pl.col("measure").is_in(list(measures))).with_columns(absent)
    return kept.with_columns(
        pl.col("sex").cast(pl.String), pl.col("flag").cast(pl.String)
    ).select(*Observations.column_names(), *kinds)
