"""JSON: lists of records, envelopes around them, and features of GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from waystation.grids.grid import Grid, nothing, require_columns, unreadable

# Names under which services put their rows: the DTM API, ODK Central, Kobo, GeoJSON.
_ENVELOPES = ("result", "results", "data", "value", "records", "features", "items")
_MAX_DEPTH = 6


def read_records(path: Path) -> list[Grid]:
    """Return the one table of a JSON file: the names of its fields, then one row a record.

    Nested fields are named ``outer/inner``; lists of plain values are joined by spaces. Of
    GeoJSON the properties are read; a point adds ``latitude`` and ``longitude``.

    Raises:
        UnreadableFile: If it is not JSON, is an error message, or holds no list of records.
        InputTooLarge: If its records have more fields than the limit.
        NothingToRead: If the list is empty.
    """
    records = _records(_content(path), path)
    if not records:
        raise nothing(path, "it holds no records", "Ask the service for another period or area")
    flat = [_flat(_feature(record)) for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    require_columns(len(names), path)
    if not names:
        raise nothing(path, "its records are empty", "Ask the service for another area")
    columns = {
        f"c{i}": pl.Series([name, *(record.get(name) for record in flat)], dtype=pl.String)
        for i, name in enumerate(names)
    }
    return [Grid(path.name, None, pl.DataFrame(columns))]


def _content(path: Path) -> Any:
    data = path.read_bytes()
    try:
        text = data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
        if path.suffix.lower() in {".jsonl", ".ndjson"}:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise unreadable(
            path, f"it is not valid JSON{place}", "Download it again, or save it as csv"
        ) from error


def _records(content: Any, path: Path, depth: int = 0) -> list[dict[str, Any]]:
    """Return the list of records, out of the envelopes around it."""
    if isinstance(content, list):
        records = [record for record in content if isinstance(record, dict)]
        if len(records) == len(content):
            return records
    if isinstance(content, dict) and depth < _MAX_DEPTH:
        _require_success(content, path)
        for name in _ENVELOPES:
            if isinstance(content.get(name), list | dict):
                return _records(content[name], path, depth + 1)
    raise unreadable(
        path,
        "it holds no list of records",
        "Give a list of objects, the answer of the service, or GeoJSON features",
    )


def _require_success(envelope: dict[str, Any], path: Path) -> None:
    if envelope.get("isSuccess") is False or envelope.get("exception"):
        messages = envelope.get("errorMessages") or [envelope.get("exception") or "no reason"]
        said = " ".join(str(messages[0]).split())[:200].rstrip(".")
        raise unreadable(
            path, f"it is an error message of the service ({said})", "Ask the service again"
        )


def _feature(record: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a GeoJSON feature, with its position if it is a point."""
    if record.get("type") != "Feature":
        return record
    properties = dict(record.get("properties") or {})
    geometry = record.get("geometry") or {}
    if geometry.get("type") == "Point" and len(geometry.get("coordinates") or ()) >= 2:
        longitude, latitude = geometry["coordinates"][:2]
        properties.setdefault("latitude", latitude)
        properties.setdefault("longitude", longitude)
    return properties


def _flat(record: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, str | None]:
    flat: dict[str, str | None] = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < _MAX_DEPTH:
            flat |= _flat(value, f"{before}{name}/", depth + 1)
        else:
            flat[f"{before}{name}"] = _text(value)
    return flat


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return " ".join(_text(item) or "" for item in value).strip() or None
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)
