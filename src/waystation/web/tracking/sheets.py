"""The sheets of a file as its pages show them: what each means, how sure, with samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from waystation.tracking.mapping import ColumnMapping, FileMapping, SheetMapping
from waystation.web.tracking import readings
from waystation.web.tracking.models import Upload

SURE, FAIRLY = 0.9, 0.6
LAYOUTS: dict[str, Any] = {
    "table": _("Table with headings"),
    "dtm_api": _("Answer of the DTM API"),
    "dictionary": _("Headings of the DTM dictionary"),
    "submissions": _("Submissions of Waystation"),
}


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure a reading is.

    Attributes:
        share: 0 to 1.
        word: In a word.
        state: good, warn or bad.
    """

    share: float
    word: Any
    state: str


def certainty_of(share: float) -> Certainty:
    """Return a certainty in a word."""
    if share >= SURE:
        return Certainty(share, _("sure"), "good")
    if share >= FAIRLY:
        return Certainty(share, _("fairly sure"), "warn")
    return Certainty(share, _("not sure"), "bad")


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of a sheet.

    Attributes:
        mapping: What it means.
        values: Its first different values.
        certainty: How sure that is; None where it is not used.
    """

    mapping: ColumnMapping
    values: list[str]
    certainty: Certainty | None


@dataclass(frozen=True, slots=True)
class ShownSheet:
    """A sheet of a file.

    Attributes:
        number: Its place in the file, from 0.
        name: Its name; empty where the format has none.
        rows: Rows, headings included.
        mapping: What it means, or would; None where it is no table.
        is_read: Whether it is read.
        reason: Why it is not.
        layout: Its layout in words.
        certainty: How sure its reading is.
        used: Columns that are used.
        columns: All columns with a heading or a value.
    """

    number: int
    name: str
    rows: int
    mapping: SheetMapping | None
    is_read: bool
    reason: str
    layout: Any
    certainty: Certainty | None
    used: int
    columns: list[ShownColumn]


def sheets_of(upload: Upload, mapping: FileMapping) -> list[ShownSheet]:
    """Return the sheets of a file in its order, with what a mapping says of each."""
    look = readings.look_of(upload)
    read = {sheet.sheet: sheet for sheet in mapping.sheets}
    tables = {sheet.sheet: sheet for sheet in readings.tables_of(look)}
    samples = look["sheets"] or [{"sheet": name, "rows": 0, "values": {}} for name in read]
    return [
        _shown(
            number,
            sample,
            read.get(sample["sheet"]) or tables.get(sample["sheet"]),
            is_read=sample["sheet"] in read,
            reason=mapping.left_out.get(sample["sheet"] or mapping.file, ""),
        )
        for number, sample in enumerate(samples)
    ]


def _shown(
    number: int,
    sample: dict[str, Any],
    mapping: SheetMapping | None,
    *,
    is_read: bool,
    reason: str,
) -> ShownSheet:
    values = sample["values"]
    columns = [
        ShownColumn(
            mapping=column,
            values=values.get(str(column.position), []),
            certainty=certainty_of(column.certainty) if column.fields else None,
        )
        for column in (mapping.columns if mapping else ())
    ]
    return ShownSheet(
        number=number,
        name=sample["sheet"] or "",
        rows=sample["rows"],
        mapping=mapping,
        is_read=is_read,
        reason=reason,
        layout=LAYOUTS.get(mapping.layout, mapping.layout) if mapping else "",
        certainty=certainty_of(mapping.certainty) if mapping else None,
        used=sum(1 for column in columns if column.mapping.fields),
        columns=columns,
    )
