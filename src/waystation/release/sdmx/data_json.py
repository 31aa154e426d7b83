"""SDMX-JSON data messages 1.0 and 2.0, series by series or flat.

Source:
    SDMX-JSON data message 1.0.0 and 2.0.0, field guides and schemas (sdmx-twg/sdmx-json).
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from waystation.release.sdmx.codes import FIXED, LANGUAGES, Names, names_of
from waystation.release.sdmx.data import DataMessage
from waystation.release.sdmx.figures import (
    DIMENSIONS,
    MEASURE,
    TIME,
    plain_number,
)
from waystation.release.sdmx.structures import AGENCY, NAMES

_SCHEMAS = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/"
)


def version_1(message: DataMessage) -> bytes:
    """Return figures as an SDMX-JSON 1.0 data message."""
    body = _body(message)
    structure = _structure(message, is_version_1=True)
    head = {"links": [_link(message)], "action": "Information"}
    return _message(message, "1.0", {"structure": structure}, head, body)


def version_2(message: DataMessage) -> bytes:
    """Return figures as an SDMX-JSON 2.0 data message."""
    body = _body(message)
    structure = {
        "dataSets": [0],
        **_structure(message, is_version_1=False),
        "measures": {"observation": [{"id": MEASURE, **_named(NAMES[MEASURE])}]},
    }
    head = {"structure": 0, "action": "Information", "links": [_link(message)]}
    return _message(message, "2.0.0", {"structures": [structure]}, head, body)


def _message(
    message: DataMessage,
    version: str,
    structure: dict[str, Any],
    head: dict[str, Any],
    body: str,
) -> bytes:
    meta = {
        "schema": f"{_SCHEMAS}{version}/sdmx-json-data-schema.json",
        "id": message.identifier,
        "test": False,
        "prepared": f"{message.prepared:%Y-%m-%dT%H:%M:%SZ}",
        "contentLanguages": list(LANGUAGES),
        "sender": {"id": AGENCY, "name": "Waystation"},
    }
    told = f"{_json(structure)[:-1]},"
    return "".join(
        ('{"meta":', _json(meta), ',"data":', told, '"dataSets":[', _json(head)[:-1], ",",
         body, "}]}}")
    ).encode()  # fmt: skip


def _body(message: DataMessage) -> str:
    """Return the observations: of a series each, or all together."""
    rows = message.rows
    keys = {n: _place(rows, n) for n in DIMENSIONS}
    inside = DIMENSIONS if message.is_flat else (message.at,)
    parts: list[pl.Expr] = [plain_number().fill_null("null")]
    for name in _stated(message, rows):
        parts += [pl.lit(","), _place(rows, name).fill_null("null")]
    observation = pl.concat_str(
        pl.lit('"'), pl.concat_str(*(keys[n] for n in inside), separator=":"), pl.lit('":['),
        *parts, pl.lit("]"),
    ).alias("obs")  # fmt: skip
    if message.is_flat:
        listed = rows.select(observation)["obs"] if message.has_observations else pl.Series()
        return '"observations":{' + ",".join(listed.to_list()) + "}"
    series = pl.concat_str(*(keys[n] for n in message.series_dimensions), separator=":")
    grouped = (
        rows.select(series.alias("key"), observation)
        .group_by("key", maintain_order=True)
        .agg(pl.col("obs").str.join(","))
    )
    inner = pl.col("obs") if message.has_observations else pl.lit("")
    whole = grouped.select(
        pl.concat_str(
            pl.lit('"'), pl.col("key"), pl.lit('":{"observations":{'), inner, pl.lit("}}")
        ).alias("all")
    )["all"]
    return '"series":{' + ",".join(whole.to_list()) + "}"


def _stated(message: DataMessage, rows: pl.DataFrame) -> tuple[str, ...]:
    """Return the attributes that some observation has: a list of values may not be empty."""
    return tuple(n for n in message.attributes if rows[n].null_count() < rows.height)


def _place(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Return of each row the number, as text, of its value in the list of values."""
    values = _values(rows, name)
    numbers = [str(number) for number in range(len(values))]
    coded = pl.col(name).cast(pl.String)
    return coded.replace_strict(values, numbers, default=None, return_dtype=pl.String)


def _values(rows: pl.DataFrame, name: str) -> list[str]:
    return [str(v) for v in rows[name].unique().drop_nulls().cast(pl.String).sort()]


def _structure(message: DataMessage, *, is_version_1: bool) -> dict[str, Any]:
    rows = message.rows
    inside = DIMENSIONS if message.is_flat else (message.at,)

    def listed(names: tuple[str, ...]) -> list[dict[str, Any]]:
        return [_dimension(message, rows, n, is_version_1=is_version_1) for n in names]

    dimensions = {
        "dataSet": [],
        "series": listed(message.series_dimensions),
        "observation": listed(inside),
    }
    free = "name" if is_version_1 else "value"
    observed = []
    for name in _stated(message, rows):
        kind: dict[str, Any] = (
            {"primaryMeasure": MEASURE} if is_version_1 else {"observation": {}}
        )
        values = [
            {"id": v, **_named(names_of(name, v, v))} if name in FIXED else {free: v}
            for v in _values(rows, name)
        ]
        told: dict[str, Any] = {"id": name, **_named(NAMES[name]), "relationship": kind}
        observed.append({**told, "values": values})
    attributes = {"dataSet": [], "series": [], "observation": observed}
    return {
        "links": [_link(message)],
        "name": message.flow.name,
        "dimensions": dimensions,
        "attributes": attributes,
    }


def _dimension(
    message: DataMessage, rows: pl.DataFrame, name: str, *, is_version_1: bool
) -> dict[str, Any]:
    told: dict[str, Any] = {"id": name, **_named(NAMES[name])}
    told["keyPosition"] = DIMENSIONS.index(name)
    if name == TIME:
        told["roles"] = [TIME]
        values = _values(rows, name)
        return {**told, "values": [_time(v, is_version_1=is_version_1) for v in values]}
    words = message.figures.words[name]
    values = _values(rows, name)
    listed = [{"id": v, **_named(names_of(name, v, words.get(v) or v))} for v in values]
    return {**told, "values": listed}


def _time(period: str, *, is_version_1: bool) -> dict[str, Any]:
    """Return a period: an identifier has no solidus, and ISO 8601 lets -- stand for it."""
    if "/" not in period:
        return {"id": period, "name": period}
    if is_version_1:
        return {"id": period.replace("/", "--"), "name": period}
    return {"value": period, "name": period}


def _named(names: Names) -> dict[str, Any]:
    if len(names) == 1:
        return {"name": names[0]}
    return {"name": names[0], "names": dict(zip(LANGUAGES, names, strict=True))}


def _link(message: DataMessage) -> dict[str, str]:
    return {"rel": "dataflow", "urn": message.flow.urn}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
