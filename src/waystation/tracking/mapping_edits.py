"""Mappings as people change them: other fields, sheets taken in or left out, and memory."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from waystation.tracking.indicators import is_indicator
from waystation.tracking.mapping import ColumnMapping, FileMapping, SheetMapping

CHOSEN = "chosen by a person"
PLACES = frozenset(
    {
        "admin1_reported_code", "admin2_reported_code", "admin3_reported_code",
        "admin1_name", "admin2_name", "admin3_name", "location_id", "location_name",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetEdit:
    """What a person says of one sheet; everything is said, None where the file says it.

    Attributes:
        first_row: First row of data, as a spreadsheet program numbers it.
        last_row: Last row of data; None for to the end.
        country: ISO 3166-1 alpha-3, where one holds for all rows.
        component: See ``Component``.
        round_number: Where one round holds for all rows.
        reference_date: Where one date holds for all rows.
        fields: Fields by position, of the columns that were shown; others stay as they are.
    """

    first_row: int
    last_row: int | None = None
    country: str | None = None
    component: str | None = None
    round_number: int | None = None
    reference_date: dt.date | None = None
    fields: Mapping[int, tuple[str, ...]]


def edited_sheet(sheet: SheetMapping, edit: SheetEdit) -> SheetMapping:
    """Return a sheet's mapping as a person changed it.

    What was chosen is certain; what was left as proposed keeps its certainty and reason.
    """
    columns = tuple(_edited_column(column, edit.fields) for column in sheet.columns)
    changed = replace(
        sheet,
        first_row=edit.first_row,
        last_row=edit.last_row,
        country=edit.country,
        component=edit.component,
        round_number=edit.round_number,
        reference_date=edit.reference_date,
        columns=columns,
    )
    if columns == sheet.columns:
        return changed
    used = [column.certainty for column in columns if column.fields]
    return replace(changed, certainty=max(sheet.certainty, min(used, default=0.0)))


def _edited_column(
    column: ColumnMapping, fields: Mapping[int, tuple[str, ...]]
) -> ColumnMapping:
    chosen = fields.get(column.position, column.fields)
    if chosen == column.fields:
        return column
    return replace(column, fields=chosen, certainty=1.0, reason=CHOSEN)


def with_sheet(mapping: FileMapping, sheet: SheetMapping) -> FileMapping:
    """Return a file's mapping with one sheet replaced, or taken in where it was left out."""
    known = [s.sheet for s in mapping.sheets]
    if sheet.sheet in known:
        sheets = tuple(sheet if s.sheet == sheet.sheet else s for s in mapping.sheets)
    else:
        sheets = (*mapping.sheets, sheet)
    left_out = {k: v for k, v in mapping.left_out.items() if k != (sheet.sheet or mapping.file)}
    return replace(mapping, sheets=sheets, left_out=left_out)


def without_sheet(mapping: FileMapping, name: str | None) -> FileMapping:
    """Return a file's mapping with one sheet left out."""
    kept = tuple(sheet for sheet in mapping.sheets if sheet.sheet != name)
    if len(kept) == len(mapping.sheets):
        return mapping
    left_out = {**mapping.left_out, name or mapping.file: f"left out, {CHOSEN}"}
    return replace(mapping, sheets=kept, left_out=left_out)


def what_is_missing(mapping: FileMapping) -> dict[str, str]:
    """Return what a mapping lacks to be read by: codes by name of the sheet.

    Returns:
        ``"sheets"`` for a file of which no sheet is read (under the file's name), ``"places"``
        or ``"figures"`` for a sheet none of whose columns says where or how many. Empty where
        the mapping can be read by.
    """
    if not mapping.sheets:
        return {mapping.file: "sheets"}
    missing = {}
    for sheet in mapping.sheets:
        fields = set(sheet.fields())
        if not fields & PLACES and sheet.layout != "submissions":
            missing[sheet.sheet or mapping.file] = "places"
        elif not any(map(is_indicator, fields)):
            missing[sheet.sheet or mapping.file] = "figures"
    return missing


def fingerprint_of(sheets: Iterable[SheetMapping]) -> str:
    """Return a hash of the headings of the tables of a file; empty without any.

    Two files whose tables bear the same headings in the same columns have the same, whatever
    the names of the files and sheets, and whatever the rows.

    Args:
        sheets: The sheets that are read, and how those left out would read.
    """
    tables = sorted(
        "\x1e".join(f"{at}\x1f{heading}" for at, heading in sorted(_headings(sheet).items()))
        for sheet in sheets
    )
    return hashlib.sha256("\x1d".join(tables).encode()).hexdigest() if tables else ""


def as_confirmed(
    proposed: FileMapping,
    others: Sequence[SheetMapping],
    confirmed: Iterable[FileMapping],
) -> FileMapping | None:
    """Return a proposal with the columns that a person confirmed for a file alike.

    Fields, country and component are those confirmed, certain and with their reason; rows,
    rounds, dates and stated totals stay those of the file itself, for they change.

    Args:
        proposed: What the file seems to mean.
        others: How the sheets that it leaves out would read.
        confirmed: Mappings of earlier files, the latest first.

    Returns:
        The mapping; None where the file does not have, with the same headings, every sheet
        that an earlier one was read from.
    """
    sheets = (*proposed.sheets, *others)
    for former in confirmed:
        kept = tuple(s for sheet in sheets if (s := _as_confirmed(sheet, former)) is not None)
        if not kept or len(kept) != len(former.sheets):
            continue
        names = {sheet.sheet or proposed.file for sheet in kept}
        left_out = {k: v for k, v in proposed.left_out.items() if k not in names}
        reason = f"left out as confirmed for {former.file}"
        for sheet in proposed.sheets:
            name = sheet.sheet or proposed.file
            if name not in names:
                left_out[name] = reason
        return replace(proposed, sheets=kept, left_out=left_out)
    return None


def _as_confirmed(sheet: SheetMapping, former: FileMapping) -> SheetMapping | None:
    headings = _headings(sheet)
    alike = next((s for s in former.sheets if _headings(s) == headings), None)
    if alike is None or alike.layout != sheet.layout:
        return None
    fields = {column.position: column.fields for column in alike.columns}
    reason = f"as confirmed for {former.file}"
    return replace(
        sheet,
        columns=tuple(
            replace(
                column,
                fields=fields.get(column.position, ()),
                certainty=1.0,
                reason=reason,
            )
            for column in sheet.columns
        ),
        country=alike.country,
        component=alike.component,
        choices=(),
        certainty=1.0,
    )


def _headings(sheet: SheetMapping) -> dict[int, str]:
    return {c.position: _plain(c.heading) for c in sheet.columns if c.heading}


def _plain(heading: str) -> str:
    return " ".join(heading.casefold().split())
