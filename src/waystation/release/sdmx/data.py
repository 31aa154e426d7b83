"""Data messages: what they hold, and how each format is chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from waystation.release.sdmx.figures import (
    DIMENSIONS,
    MEASURE,
    OBS_ATTRIBUTES,
    SERIES_DIMENSIONS,
    TIME,
    Figures,
)
from waystation.release.sdmx.structures import Flow

ALL_DIMENSIONS = "AllDimensions"


class Detail(StrEnum):
    """How much of the figures is wanted."""

    FULL = "full"
    DATA_ONLY = "dataonly"
    SERIES_KEYS_ONLY = "serieskeysonly"
    NO_DATA = "nodata"


class DataFormat(StrEnum):
    """How figures are written."""

    GENERIC_2_1 = "genericdata+xml;version=2.1"
    SPECIFIC_2_1 = "structurespecificdata+xml;version=2.1"
    XML_3_0 = "data+xml;version=3.0.0"
    JSON_1_0 = "data+json;version=1.0.0"
    JSON_2_0 = "data+json;version=2.0.0"
    CSV_1_0 = "data+csv;version=1.0.0"
    CSV_2_0 = "data+csv;version=2.0.0"


@dataclass(frozen=True, slots=True)
class DataMessage:
    """Figures of one dataset, to be written.

    Attributes:
        flow: The dataset.
        figures: The figures wanted.
        at: The dimension that tells the observations of a series apart, or ``AllDimensions``.
        detail: How much of them.
        prepared: When; now where left out.
    """

    flow: Flow
    figures: Figures
    at: str = TIME
    detail: Detail = Detail.FULL
    prepared: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    @property
    def is_flat(self) -> bool:
        """Say whether observations stand in no series."""
        return self.at == ALL_DIMENSIONS

    @property
    def series_dimensions(self) -> tuple[str, ...]:
        """Return the dimensions that a series is named by."""
        return () if self.is_flat else tuple(n for n in DIMENSIONS if n != self.at)

    @property
    def has_observations(self) -> bool:
        """Say whether observations are wanted."""
        return self.detail in {Detail.FULL, Detail.DATA_ONLY}

    @property
    def attributes(self) -> tuple[str, ...]:
        """Return the attributes of observations that are wanted."""
        return OBS_ATTRIBUTES if self.detail == Detail.FULL else ()

    @property
    def rows(self) -> pl.DataFrame:
        """Return the figures, series by series."""
        rows = self.figures.rows
        if self.is_flat or self.at == TIME:
            return rows
        return rows.sort(*self.series_dimensions, self.at)

    @property
    def identifier(self) -> str:
        """Return a name for the message."""
        return f"{self.flow.id}_{self.prepared:%Y%m%dT%H%M%S}"


def data_message(message: DataMessage, format: DataFormat) -> bytes:
    """Return figures in a format.

    A figure that is not there has no value, and a status that says why; it is never 0.

    Args:
        message: What is wanted.
        format: How it is written.
    """
    return _writers()[format](message)


def _writers() -> dict[DataFormat, Callable[[DataMessage], bytes]]:
    from waystation.release.sdmx import data_csv, data_json, data_xml

    return {
        DataFormat.GENERIC_2_1: data_xml.generic,
        DataFormat.SPECIFIC_2_1: data_xml.structure_specific_2_1,
        DataFormat.XML_3_0: data_xml.structure_specific_3_0,
        DataFormat.JSON_1_0: data_json.version_1,
        DataFormat.JSON_2_0: data_json.version_2,
        DataFormat.CSV_1_0: data_csv.version_1,
        DataFormat.CSV_2_0: data_csv.version_2,
    }


CSV_COLUMNS = (*SERIES_DIMENSIONS, TIME, MEASURE, *OBS_ATTRIBUTES)
