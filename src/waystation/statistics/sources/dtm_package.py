"""Displacement figures of this platform, read as the data package that it publishes.

Only files are read: the package says what they hold, and their hashes are held against it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl

from waystation.errors import UnknownLayout, UnreadableFile
from waystation.sources import Source
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.sources.observed import areas, clean, iso3_of_codes, observations
from waystation.statistics.sources.received import (
    figure,
    findings_at,
    read_received,
    unpacked,
    unreadable_cells,
)

PRODUCER = "Displacement Tracking Matrix"
DESCRIPTOR = "datapackage.json"
TITLE = "Displacement tracking: totals by country and round"
DATASET = "dtm_totals"
_COLUMNS = {
    name: (name,)
    for name in (
        "country", "operation", "component", "admin_level", "code", "name", "indicator", "unit",
        "round_number", "reference_date", "value", "not_reported", "estimated",
        "carried_forward",
    )
}  # fmt: skip
_UNITS = ("persons", "households", "sites")
_SEXES = {"sex__male": "male", "sex__female": "female"}


def read_package(path: Path) -> Clean:
    """Return the totals of countries and rounds of a displacement package as clean figures.

    The measure is ``dtm_`` and the code of the indicator; rounds and components stand in
    ``breakdown``, since two rounds of a year are two moments of one stock and are never
    added. A figure that is estimated or carried forward in part is flagged as estimated.

    Args:
        path: The file ``datapackage.json``, or the folder that holds it.

    Raises:
        UnknownLayout: If it is not such a package, or lacks ``totals``.
        UnreadableFile: If a file is missing, or is not the one the package was made with.
    """
    path = path / DESCRIPTOR if path.is_dir() else path
    package = _descriptor(path)
    file = _totals_of(package, path)
    received = read_received(
        file, _COLUMNS, required=[n for n in _COLUMNS if n != "name"], layout=TITLE
    )
    rows = received.rows.filter(
        (pl.col("admin_level") == "0") & pl.col("unit").is_in(list(_UNITS))
    ).with_columns(date=pl.col("reference_date").str.to_date("%Y-%m-%d", strict=False))
    found = [
        unreadable_cells(received, ["value", "estimated", "carried_forward"]),
        findings_at(received, rows.filter(pl.col("date").is_null()), "STA-202", "date",
                    column="reference_date", reported="reference_date"),
    ]  # fmt: skip
    kept = rows.filter(pl.col("date").is_not_null())
    names = areas(iso3_of_codes(kept.select(code="country", name="name")), system="iso3")
    return clean(observations(_long(kept)), names, found, _source(package, file))


def _long(rows: pl.DataFrame) -> pl.DataFrame:
    plain, part = pl.col("indicator"), pl.col("indicator").str.split_exact("__", 1)
    sex = plain.str.extract(r"__(sex__(?:male|female))$").replace_strict(_SEXES, default="both")
    is_by_sex = plain.str.contains(r"__sex__(?:male|female)$")
    indicator = pl.when(is_by_sex).then(part.struct[0]).otherwise(plain)
    is_partly = (figure("estimated").fill_null(0) > 0) | (
        figure("carried_forward").fill_null(0) > 0
    )
    return rows.with_columns(
        dataset=pl.lit(DATASET),
        measure=pl.lit("dtm_") + indicator,
        area=pl.col("country"),
        sex=sex,
        period=pl.col("reference_date"),
        year=pl.col("date").dt.year().cast(pl.Int64),
        breakdown=pl.format(
            "operation={}; component={}; round={}", "operation", "component", "round_number"
        ),
        value=figure("value"),
        flag=pl.when(is_partly).then(pl.lit("estimated")).otherwise(pl.lit("observed")),
    )


def _descriptor(path: Path) -> dict[str, Any]:
    try:
        package = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise UnreadableFile(
            file=path.name,
            reason="it is no JSON document",
            action="Give the datapackage.json of a published round",
        ) from error
    if not isinstance(package, dict) or not _is_displacement(package):
        raise UnknownLayout(
            file=path.name,
            reason="it does not describe a displacement package",
            action="Give the datapackage.json of a published round",
        )
    return package


def _is_displacement(package: dict[str, Any]) -> bool:
    name = str(package.get("name", ""))
    return package.get("profile") == "data-package" and name.startswith("displacement-")


def _totals_of(package: dict[str, Any], path: Path) -> Path:
    """Return the file of totals, csv before Parquet, if it is the one that was published."""
    entries = [e for e in package.get("resources", []) if isinstance(e, dict)]
    wanted = ("totals.csv", "totals.parquet")
    entry = next((e for name in wanted for e in entries if e.get("path") == name), None)
    if entry is None:
        raise UnknownLayout(
            file=path.name,
            reason="the package holds neither totals.csv nor totals.parquet",
            action="Publish the round with csv or Parquet among its formats",
        )
    file = path.parent / str(entry["path"])
    if not file.is_file():
        raise UnreadableFile(
            file=file.name,
            reason="the package names it and it is not there",
            action="Copy the whole folder of the package",
        )
    stated = str(entry.get("hash", "")).removeprefix("sha256:")
    if stated and stated != hashlib.sha256(file.read_bytes()).hexdigest():
        raise UnreadableFile(
            file=file.name,
            reason="it is not the file that the package was made with (its hash differs)",
            action="Copy the whole folder of the package again",
        )
    return file


def _source(package: dict[str, Any], file: Path) -> Source:
    day = package.get("asOf")
    licences = [str(entry.get("title", "")) for entry in package.get("licenses", [])]
    plain = Source.of_file(file, title=str(package.get("title", TITLE)), producer=PRODUCER)
    return Source(
        producer=plain.producer,
        title=plain.title,
        licence="; ".join(licences),
        as_of=dt.date.fromisoformat(str(day)) if day else None,
        version=str(day or ""),
        file=plain.file,
        sha256=plain.sha256,
    )


def _recognises(path: Path) -> bool:
    path = path / DESCRIPTOR if path.is_dir() else path
    if not path.is_file() or path.stat().st_size > 1 << 24:
        return False
    with unpacked(path) as inner:
        head = inner.read_bytes()[:1].strip()
        if head != b"{":
            return False
        try:
            package = json.loads(inner.read_text("utf-8"))
        except ValueError:
            return False
    return isinstance(package, dict) and _is_displacement(package)


_LAYOUTS: tuple[Layout, ...] = (
    Layout("dtm-package", PRODUCER, TITLE, _recognises, read_package),
)


def layouts() -> tuple[Layout, ...]:
    """Return the layouts that this module reads."""
    return _LAYOUTS
