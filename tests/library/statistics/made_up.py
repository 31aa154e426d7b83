"""A small made-up dataset, with every kind of figure that is hard to pass on."""

from __future__ import annotations

import datetime as dt

import polars as pl

from waystation.findings import Finding, Severity, findings_table
from waystation.sources import Source
from waystation.statistics.holdings import Holdings
from waystation.statistics.tables import Observations

SOURCE = Source(
    producer="Office of Made-up Figures",
    title="Migrants of nowhere",
    version="2024",
    licence="CC BY 4.0",
    as_of=dt.date(2024, 7, 1),
    file="nowhere.xlsx",
    sha256="ab" * 32,
    retrieved=dt.date(2026, 1, 2),
)
# area, counterpart, sex, age, period, value, flag, what the producer wrote
ROWS = [
    ("TCD", None, "both", "total", "2015", 150.0, "observed", None),
    ("TCD", "SDN", "both", "total", "2015", 100.0, "observed", None),
    ("TCD", "SDN", "both", "total", "2020", 120.5, "estimated", "e"),
    ("TCD", "SDN", "male", "0-4", "2020", 0.0, "observed", None),
    ("TCD", "CIV", "both", "total", "2020", None, "not_reported", 'it\'s ".." <&>'),
    ("TCD", "CIV", "female", "75+", "2020", None, "confidential", ":c"),
    ("SDN", "TCD", "both", "total", "2010", 12_345_678_901.0, "break", "b"),
    ("SDN", "TCD", "both", "total", "2015-07-01/P5Y", 7.0, "imputed", None),
    ("SDN", "TCD", "both", "total", "2020", 5.0, "provisional", "p"),
]


def made_observations(rows=None, *, dataset="made_up_2024"):
    names = ("area", "counterpart", "sex", "age", "period", "value", "flag", "producer_flags")
    frame = pl.DataFrame(rows or ROWS, schema=names, orient="row", infer_schema_length=None)
    return Observations.require(
        frame.with_columns(
            dataset=pl.lit(dataset),
            measure=pl.lit("migrant_stock"),
            year=pl.col("period").str.slice(0, 4).cast(pl.Int64),
            unit=pl.lit("persons"),
        )
    )


def keep_made_up(folder, **options):
    findings = findings_table(
        [
            Finding(code="STA-113", severity=Severity.INFO, message="SSD: 3 zeros unset"),
            Finding(code="STA-112", severity=Severity.ERROR, message="<b>TCD</b> stands twice"),
        ]
    )
    holdings = Holdings(folder)
    observations = options.pop("observations", made_observations())
    dataset = options.pop("dataset", "made_up_2024")
    holdings.keep(
        dataset, observations, source=options.pop("source", SOURCE), findings=findings
    )
    return holdings
