"""``datapackage.json``: what the files of a release hold, where it comes from, on what terms.

Source:
    Frictionless Data Package, version 1: data-package, tabular-data-resource, table-schema.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from waystation.release.published import PublishedTable
from waystation.release.report.sources import protection_lines
from waystation.release.report.words import Words
from waystation.release.tabular import flat
from waystation.tracking.build import Build

NAME = "datapackage.json"
MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def field_type(kind: pl.DataType) -> str:
    """Return the Table Schema type of a column."""
    if kind.is_integer():
        return "integer"
    if kind.is_float():
        return "number"
    if kind == pl.Boolean:
        return "boolean"
    return "date" if kind == pl.Date else "string"


def table_schema(
    frame: pl.DataFrame, meanings: dict[str, str], key: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the Table Schema of a csv file: an empty cell is "not reported", never 0."""
    fields = []
    for name, kind in frame.schema.items():
        field: dict[str, Any] = {"name": name, "type": field_type(kind)}
        if meanings.get(name):
            field["description"] = meanings[name]
        if isinstance(kind, pl.Enum):
            field["constraints"] = {"enum": kind.categories.to_list()}
        fields.append(field)
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if key:
        schema["primaryKey"] = list(key)
    return schema


def csv_resource(path: Path, table: PublishedTable, *, hxl: bool = False) -> dict[str, Any]:
    """Return the entry of a csv file.

    Where it has a row of HXL tags, that row is declared a comment (it begins with ``#``), so
    that a reader of data packages skips it.
    """
    entry = resource(path)
    entry["type"] = "table"
    entry["profile"] = "tabular-data-resource"
    entry["encoding"] = "utf-8-sig"
    entry["schema"] = table_schema(flat(table.frame), table.meanings, table.key)
    dialect: dict[str, Any] = {"delimiter": ",", "quoteChar": '"', "doubleQuote": True}
    if hxl:
        dialect["commentChar"] = "#"
    entry["dialect"] = dialect
    return entry


def resource(path: Path) -> dict[str, Any]:
    """Return the entry of any file: name, path, format, size and hash.

    ``type: file`` keeps readers from guessing a table in a workbook that begins with prose.
    """
    ending = path.suffix.removeprefix(".")
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "name": _slug(path.name),
        "path": path.name,
        "type": "file",
        "format": ending,
        "mediatype": MEDIA_TYPES.get(ending, "application/octet-stream"),
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}",
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-") or "unnamed"


def descriptor(
    build: Build, resources: Iterable[dict[str, Any]], words: Words, country: str
) -> dict[str, Any]:
    """Return the descriptor of a release.

    Licences are those of the sources: a release grants nothing that its sources do not.
    """
    last = build.totals["reference_date"].max()
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": _slug(f"displacement-{build.country}-{build.operation}"),
        "title": words.say("title", country=country),
        "description": " ".join(
            (
                *(words.say(n) for n in ("workbook_scope", "method_stock", "method_blank")),
                *protection_lines(build, words),
            )
        ),
        "country": build.country,
        "operation": build.operation,
        "language": words.language,
        "resources": list(resources),
    }
    if last is not None:
        package["asOf"] = str(last)
    sources = [_source(source.as_dict()) for source in build.sources]
    if sources:
        package["sources"] = sources
    licences = list(dict.fromkeys(s.licence for s in build.sources if s.licence))
    if licences:
        package["licenses"] = [
            {"name": re.sub(r"[^-a-zA-Z0-9._]+", "-", text), "title": text} for text in licences
        ]
    return package


def _source(values: dict[str, str | None]) -> dict[str, str]:
    # "path" would promise readers a file that is not part of the package.
    named = {"title": values["title"] or values["file"] or values["producer"] or "unnamed"}
    extra = {"producer": "producer", "version": "version", "licence": "licence"}
    extra |= {"as_of": "asOf", "file": "fileName", "sha256": "sha256"}
    return named | {new: str(values[old]) for old, new in extra.items() if values[old]}


def write_descriptor(package: dict[str, Any], folder: Path) -> Path:
    """Write the descriptor; returns the path."""
    path = folder / NAME
    path.write_text(json.dumps(package, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return path
