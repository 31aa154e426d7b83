"""What a build says on one screen: figures by round, what was read, what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from waystation.findings import Severity
from waystation.tracking.build import SNAPSHOT, Build
from waystation.tracking.checks import CHECKS
from waystation.tracking.indicators import indicator_by_code
from waystation.tracking.mapping import FileMapping


def summary_of_build(
    build: Build, mappings: Sequence[FileMapping] = (), *, language: str = "en"
) -> dict[str, Any]:
    """Return the figures and findings of a build as plain values, for screens and machines.

    Args:
        build: A build.
        mappings: What its files were read as; their choices are repeated here.
        language: Language of the indicators' labels.

    Returns:
        Rounds in the order of their dates, each with the country's figure of every indicator
        that is not a breakdown; a figure nobody reported is None, not 0.
    """
    counted = build.submissions["is_counted"].sum()
    return {
        "country": build.country,
        "operation": build.operation,
        "files": build.submissions["file"].n_unique(),
        "submissions": build.submissions.height,
        "set_aside": build.submissions.height - counted,
        "locations": build.locations.height,
        "rounds": [_round(snapshot, language) for snapshot in _snapshots(build)],
        "reading": [
            {
                "file": mapping.file,
                "certainty": round(mapping.certainty, 3),
                "sheets": [sheet.sheet for sheet in mapping.sheets],
                "choices": [choice for sheet in mapping.sheets for choice in sheet.choices],
            }
            for mapping in mappings
        ],
        "findings": _findings(build.findings),
    }


def _snapshots(build: Build) -> list[pl.DataFrame]:
    country = build.totals.filter(
        (pl.col("admin_level") == 0) & ~pl.col("indicator").str.contains("__")
    )
    order = ["reference_date", "operation", "component", "round_number"]
    return country.sort(*order).partition_by(SNAPSHOT, maintain_order=True)


def _round(figures: pl.DataFrame, language: str) -> dict[str, Any]:
    first = figures.row(0, named=True)
    return {
        "country": first["country"],
        "operation": first["operation"],
        "component": first["component"],
        "round_number": first["round_number"],
        "reference_date": first["reference_date"].isoformat(),
        "figures": [
            {
                "indicator": row["indicator"],
                "label": indicator_by_code(row["indicator"]).label(language),
                "unit": row["unit"],
                "value": row["value"],
                "locations": row["locations"],
                "not_reported": row["not_reported"],
            }
            for row in figures.iter_rows(named=True)
        ],
    }


def _findings(findings: pl.DataFrame) -> dict[str, Any]:
    by_code = (
        findings.group_by("code", "severity")
        .agg(found=pl.len(), example=pl.col("message").first())
        .sort("severity", pl.col("found"), descending=[False, True])
    )
    of_severity = {
        s.value: findings.filter(pl.col("severity") == s.value).height for s in Severity
    }
    codes = [
        row | {"title": CHECKS[row["code"]].title if row["code"] in CHECKS else row["code"]}
        for row in by_code.iter_rows(named=True)
    ]
    return {**of_severity, "by_code": codes}
