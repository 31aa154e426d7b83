"""UNHCR, Refugee Data Finder: people by age and sex, and by place of stay.

A row of nothing but zeros beside a total says that age and sex are not known; they are then
not reported, and never 0.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from waystation.statistics.clean import Clean, Layout
from waystation.statistics.raw import received_source
from waystation.statistics.sources.observed import clean, observations
from waystation.statistics.sources.received import (
    figure,
    findings_at,
    has_headings,
    read_received,
    unreadable_cells,
    whole_year,
    without_year,
)
from waystation.statistics.sources.unhcr import (
    LICENCE,
    PRODUCER,
    area_names,
    breakdown_of,
    flagged,
    period_of,
    places,
    with_places,
)

TITLE = "Refugee Data Finder: demographics"
DATASET = "unhcr_demographics"
MEASURES = {
    "REF": "refugees", "ASY": "asylum_seekers", "IDP": "idps_unhcr",
    "RET": "returned_refugees", "RDP": "returned_idps", "STA": "stateless",
    "OOC": "others_of_concern", "OIP": "other_people_in_need", "HST": "host_community",
}  # fmt: skip
"""Measure by UNHCR's code of the kind of population."""

_STOCKS = ("refugees", "asylum_seekers", "idps_unhcr", "stateless", "others_of_concern",
           "other_people_in_need", "host_community")  # fmt: skip
_AGES = {
    "0_4": "0-4", "5_11": "5-11", "12_17": "12-17", "18_59": "18-59", "60": "60+",
    "other": "unknown", "total": "total",
}  # fmt: skip
_CELLS = {
    f"{letter}_{part}": (sex, age)
    for letter, sex in (("f", "female"), ("m", "male"))
    for part, age in _AGES.items()
} | {"total": ("both", "total")}
_BREAKDOWNS = {
    "location": ("location", "Location"),
    "location_type": ("loc_type", "urbanRural", "Urban or rural location"),
    "accommodation": ("acc_type", "accommodationType", "Accommodation type"),
}


def read_demographics(path: Path) -> Clean:
    """Return people by sex and age as clean figures, one measure for each kind of population.

    The same pair of countries has a row for each place of stay: ``breakdown`` tells them apart.

    Raises:
        UnknownLayout: If columns are absent.
        UnreadableFile: If it is a web page, cut short or damaged.
    """
    cells = {name: (name, name.replace("_", "")) for name in _CELLS}
    received = read_received(
        path,
        {**places(), "pop_type": ("pop_type", "popType", "Population type"), **_BREAKDOWNS,
         **cells},
        required=["year", "pop_type", "total", "f_total", "m_total"],
        layout=TITLE,
    )  # fmt: skip
    received, placeless = with_places(received, path)
    is_known = pl.col("pop_type").is_in(list(MEASURES))
    unknown = received.rows.filter(~is_known.fill_null(value=False))
    found = [
        placeless,
        unreadable_cells(received, _CELLS),
        without_year(received),
        findings_at(
            received, unknown, "STA-202", "kind of population is not known",
            column="pop_type", reported="pop_type",
        ),
    ]  # fmt: skip
    rows = received.rows.filter(is_known).with_columns(
        year=whole_year("year"),
        measure=pl.col("pop_type").replace_strict(MEASURES, default=None),
        breakdown=breakdown_of(_BREAKDOWNS),
    )
    source = received_source(path, producer=PRODUCER, title=TITLE, licence=LICENCE, version="")
    dated = rows.filter(pl.col("year").is_not_null())
    return clean(
        observations(_long(dated, source.retrieved)),
        area_names(received.rows),
        found,
        source,
    )


def _long(rows: pl.DataFrame, retrieved: dt.date | None) -> pl.DataFrame:
    parts = [name for name in _CELLS if name != "total"]
    is_split = pl.any_horizontal(figure(name).fill_null(0) != 0 for name in parts)
    # Where nothing is known of sex and age, every part is written as 0.
    emptied = [pl.when(is_split).then(pl.col(name)).alias(name) for name in parts]
    long = rows.with_columns(emptied).unpivot(
        list(_CELLS),
        index=["year", "area", "counterpart", "measure", "breakdown"],
        variable_name="part",
        value_name="cell",
    )
    sexes = {name: sex for name, (sex, _) in _CELLS.items()}
    ages = {name: age for name, (_, age) in _CELLS.items()}
    return flagged(long).with_columns(
        dataset=pl.lit(DATASET),
        period=period_of(_STOCKS, retrieved),
        sex=pl.col("part").replace_strict(sexes),
        age=pl.col("part").replace_strict(ages),
    )


EXPECTED: dict[str, tuple[str, ...]] = {
    "unhcr-demographics": ("year", "coo", "coa", "pop_type", "f_total", "m_total", "total"),
}
"""Columns of each layout, to say what is missing where a file is in none."""

_LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "unhcr-demographics",
        PRODUCER,
        TITLE,
        lambda path: has_headings(
            path, {"year"}, {"pop_type", "popType", "Population type"}, {"f_total", "ftotal"}
        ),
        read_demographics,
    ),
)


def layouts() -> tuple[Layout, ...]:
    """Return the layouts that this module reads."""
    return _LAYOUTS
