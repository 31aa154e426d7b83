"""Which format an answer has: by the parameter ``format``, else by the header ``Accept``.

Source:
    RFC 9110, 12.5.1 (Accept); SDMX REST 1.5 and 2.1, content negotiation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from waystation.release.sdmx.data import DataFormat
from waystation.release.sdmx.messages import StructureFormat

Format = TypeVar("Format", bound=StrEnum)
VENDOR = "application/vnd.sdmx."
_MOST_RANGES = 50
_PLAIN = {
    "application/xml": "xml",
    "text/xml": "xml",
    "application/json": "json",
    "text/csv": "csv",
    "*/*": "xml",
    "application/*": "xml",
    "text/*": "csv",
}
_QUALITY = re.compile(r"q=([01](?:\.\d{0,3})?)", re.ASCII)

# What people and programs write; the first that fits a version of the interface is the default.
DATA_2_1: Mapping[str, DataFormat] = {
    "xml": DataFormat.GENERIC_2_1,
    "genericdata": DataFormat.GENERIC_2_1,
    "structurespecificdata": DataFormat.SPECIFIC_2_1,
    "structurespecific": DataFormat.SPECIFIC_2_1,
    "data+xml": DataFormat.XML_3_0,
    "json": DataFormat.JSON_1_0,
    "sdmx-json": DataFormat.JSON_1_0,
    "jsondata": DataFormat.JSON_1_0,
    "csv": DataFormat.CSV_1_0,
    "sdmx-csv": DataFormat.CSV_1_0,
    "csvdata": DataFormat.CSV_1_0,
}
DATA_3_0: Mapping[str, DataFormat] = {
    **DATA_2_1,
    "xml": DataFormat.XML_3_0,
    "json": DataFormat.JSON_2_0,
    "sdmx-json": DataFormat.JSON_2_0,
    "jsondata": DataFormat.JSON_2_0,
    "csv": DataFormat.CSV_2_0,
    "sdmx-csv": DataFormat.CSV_2_0,
    "csvdata": DataFormat.CSV_2_0,
}
STRUCTURE_2_1: Mapping[str, StructureFormat] = {
    "xml": StructureFormat.XML_2_1,
    "structure": StructureFormat.XML_2_1,
    "json": StructureFormat.JSON_1_0,
    "sdmx-json": StructureFormat.JSON_1_0,
}
STRUCTURE_3_0: Mapping[str, StructureFormat] = {
    "xml": StructureFormat.XML_3_0,
    "structure": StructureFormat.XML_3_0,
    "json": StructureFormat.JSON_2_0,
    "sdmx-json": StructureFormat.JSON_2_0,
}


class NotAcceptable(Exception):
    """Nothing that is asked for can be written."""


def chosen(named: Mapping[str, Format], accept: str, asked: str) -> Format:
    """Return the format of an answer.

    Args:
        named: Formats by their short names, the default first.
        accept: The header ``Accept``.
        asked: The parameter ``format``: a short name, or a media type.

    Raises:
        NotAcceptable: If none fits.
    """
    if asked:
        short = asked.strip().lower()
        if short in named:
            return named[short]
        accept = asked.replace(" ", "+")
    ranges = [_range(part) for part in accept.split(",")[:_MOST_RANGES] if part.strip()]
    ranges.sort(key=lambda found: -found[2])  # of equal ones the first that was written
    for kind, version, quality in ranges or [("*/*", "", 1.0)]:
        found = _fitting(named, kind, version) if quality > 0 else None
        if found is not None:
            return found
    raise NotAcceptable


def content_type(format: StrEnum) -> str:
    """Return the media type of a format."""
    return f"{VENDOR}{format}"


def _fitting(named: Mapping[str, Format], kind: str, version: str) -> Format | None:
    if kind in _PLAIN:
        return named.get(_PLAIN[kind])
    every = type(next(iter(named.values())))
    known = [f for f in every if f.partition(";")[0] == kind.removeprefix(VENDOR)]
    if not kind.startswith(VENDOR) or not known:
        return None
    if not version:  # the one of this version of the interface, where there is one
        return next((f for f in named.values() if f in known), known[0])
    return next((f for f in known if _same(f.partition("version=")[2], version)), None)


def _same(ours: str, asked: str) -> bool:
    """Say whether a version is the one asked for; 1.0 and 1.0.0 are one."""
    return ours == asked or f"{ours}.0" == asked or f"{asked}.0" == ours


def _range(part: str) -> tuple[str, str, float]:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    version, quality = "", 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "version":
            version = value.strip().strip('"')
        elif found := _QUALITY.fullmatch(parameter.replace(" ", "")):
            quality = float(found[1])
    return kind, version, quality
