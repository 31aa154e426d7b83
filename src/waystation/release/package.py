"""A release: the files of a build for others, all of them or none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from waystation.folders import written_whole
from waystation.release.api_rows import DTM_COLUMNS, dtm_envelope, dtm_rows, hapi_rows
from waystation.release.datapackage import (
    csv_resource,
    descriptor,
    resource,
    write_descriptor,
)
from waystation.release.formats import FORMATS, require_formats, require_language
from waystation.release.geojson import write_geojson, write_geopackage
from waystation.release.hxl import tags_of_columns
from waystation.release.published import PublishedTable, published_tables
from waystation.release.report.words import Words
from waystation.release.snapshots import country_name
from waystation.release.tabular import write_csv, write_parquet
from waystation.release.workbook import write_workbook
from waystation.tracking.build import Build

API_LEVELS = (0, 1, 2)


def write_release(
    build: Build,
    folder: Path,
    *,
    formats: Iterable[str] = FORMATS,
    language: str = "en",
    hxl: bool = False,
) -> list[Path]:
    """Write a build as files for others, with ``datapackage.json`` beside them.

    What is released are aggregates about places. Submissions, and with them enumerators,
    record ids and key informants, never leave; findings leave as counts. Files appear together
    or not at all: they are written to a waiting folder first.

    Args:
        build: The build.
        folder: Made if absent; files of the same names are replaced, others stay.
        formats: Any of `FORMATS`.
        language: en, fr, es or ar, for headings, labels and unit names.
        hxl: Whether csv and xlsx have a row of HXL tags under their headings.

    Returns:
        The files, in the order written. Formats for maps give none where the build has neither
        boundaries nor coordinates.

    Raises:
        InvalidChoice: If a format or language is not known.
    """
    wanted = require_formats(formats)
    words = Words(require_language(language))
    with written_whole(folder) as waiting:
        resources: list[dict[str, Any]] = []
        for name in wanted:
            resources += _write(name, build, waiting, words, hxl=hxl)
        country = country_name(build.country, build.units, language)
        write_descriptor(descriptor(build, resources, words, country), waiting)
        names = [entry["path"] for entry in resources]
    return [folder / name for name in (*names, "datapackage.json")]


def _write(
    name: str, build: Build, folder: Path, words: Words, *, hxl: bool
) -> list[dict[str, Any]]:
    """Write one format; returns the entries of its files."""
    if name == "csv":
        return _csv(build, folder, words, hxl=hxl)
    if name == "parquet":
        tables = published_tables(build, words.language)
        return [resource(write_parquet(t.frame, folder / f"{t.name}.parquet")) for t in tables]
    if name == "xlsx":
        path = folder / "displacement.xlsx"
        return [resource(write_workbook(build, path, language=words.language, hxl=hxl))]
    if name == "geojson":
        return [resource(path) for path in write_geojson(build, folder)]
    if name == "geopackage":
        return [resource(path) for path in write_geopackage(build, folder / "places.gpkg")]
    return _dtm_api(build, folder) if name == "dtm_api" else _hapi(build, folder)


def _csv(build: Build, folder: Path, words: Words, *, hxl: bool) -> list[dict[str, Any]]:
    entries = []
    for table in published_tables(build, words.language):
        tags = tags_of_columns(table.frame.columns) if hxl and table.is_about_places else []
        path = write_csv(table.frame, folder / f"{table.name}.csv", tags=tags)
        entries.append(csv_resource(path, table, hxl=bool(tags)))
    return entries


def _dtm_api(build: Build, folder: Path) -> list[dict[str, Any]]:
    """Write each level in the API's envelope, and all levels as one csv, as HDX does."""
    entries, levels = [], []
    for level in API_LEVELS:
        rows = dtm_rows(build, level)
        path = folder / f"dtm_api_admin{level}.json"
        path.write_text(json.dumps(dtm_envelope(rows), ensure_ascii=False), "utf-8")
        entries.append(resource(path))
        levels.append(rows.with_columns(adminLevel=pl.lit(level, pl.Int64)))
    ordered = list(DTM_COLUMNS)
    ordered.insert(ordered.index("numPresentIdpInd"), "adminLevel")
    whole = pl.concat(levels, how="diagonal").select(ordered)
    table = PublishedTable("dtm_api", whole, (), {})
    entries.append(csv_resource(write_csv(table.frame, folder / "dtm_api.csv"), table))
    return entries


def _hapi(build: Build, folder: Path) -> list[dict[str, Any]]:
    rows = hapi_rows(build)
    table = PublishedTable("hapi_idps", rows, (), {})
    return [csv_resource(write_csv(rows, folder / "hapi_idps.csv"), table)]
