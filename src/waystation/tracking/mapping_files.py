"""Mappings as YAML that a person can read, edit and give back."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from waystation.errors import InvalidMapping
from waystation.tracking.indicators import is_indicator
from waystation.tracking.mapping import ColumnMapping, FileMapping, SheetMapping
from waystation.tracking.submissions import Component, Submissions

_HEAD = """\
What the sheets and columns of each file mean. Edit what is wrong and give this file back with
--mapping. Under "columns" stand those that are used: "field" is a column of the table
Submissions or a code of the indicator dictionary, or a list of several; columns with the same
indicator are added. Under "not_used" stand the others; give one a "field" to use it. Rows are
numbered, and columns lettered, as a spreadsheet program does."""
_LAYOUTS = ("table", "dtm_api", "dictionary", "submissions")
_NOT_FIELDS = {
    "submission_id", "file", "sheet", "row", "is_counted", "location_key", "admin1_code",
    "admin2_code", "admin3_code",
}  # fmt: skip
_SHEET_KEYS = {
    "sheet", "layout", "header_rows", "hxl_row", "first_row", "last_row", "skipped_rows",
    "country", "operation", "component", "round_number", "reference_date", "certainty",
    "stated_totals", "choices", "columns", "not_used",
}  # fmt: skip
_COLUMN_KEYS = {"heading", "field", "certainty", "reason", "hxl"}


def mappings_to_yaml(mappings: Iterable[FileMapping]) -> str:
    """Return mappings as YAML text; `read_mappings` gives the same mappings back.

    Args:
        mappings: One for each file.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    content = CommentedMap()
    content.yaml_set_start_comment(_HEAD)
    content["files"] = [_file_to_plain(mapping) for mapping in mappings]
    yaml = YAML()
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()


def mappings_to_json(mappings: Iterable[FileMapping]) -> str:
    """Return mappings as JSON text, for programs: a hundred times as fast to read as YAML.

    `mappings_from_text` gives the same mappings back.

    Args:
        mappings: One for each file.
    """
    content = {"files": [_file_to_plain(mapping) for mapping in mappings]}
    return json.dumps(content, ensure_ascii=False, default=dt.date.isoformat)


def _file_to_plain(mapping: FileMapping) -> dict[str, Any]:
    plain: dict[str, Any] = {"file": mapping.file}
    plain["sheets"] = [_sheet_to_plain(sheet) for sheet in mapping.sheets]
    if mapping.left_out:
        plain["left_out"] = dict(mapping.left_out)
    return plain


def _sheet_to_plain(sheet: SheetMapping) -> dict[str, Any]:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    def in_line(values: Iterable[Any]) -> CommentedSeq:
        found = CommentedSeq(values)
        found.fa.set_flow_style()
        return found

    used: dict[str, Any] = {}
    not_used: dict[str, Any] = {}
    for column in sheet.columns:
        entry = CommentedMap({"heading": _safe(column.heading)})
        if column.fields:
            several = len(column.fields) > 1
            entry["field"] = in_line(column.fields) if several else column.fields[0]
        entry |= {"certainty": column.certainty, "reason": _safe(column.reason)}
        if column.hxl is not None:
            entry["hxl"] = column.hxl
        if column.fields:
            used[column.letter] = entry
        else:
            entry.fa.set_flow_style()
            not_used[column.letter] = entry
    return {
        "sheet": sheet.sheet,
        "layout": sheet.layout,
        "header_rows": in_line(sheet.header_rows),
        "hxl_row": sheet.hxl_row,
        "first_row": sheet.first_row,
        "last_row": sheet.last_row,
        "skipped_rows": in_line(sheet.skipped_rows),
        "country": sheet.country,
        "operation": sheet.operation,
        "component": sheet.component,
        "round_number": sheet.round_number,
        "reference_date": sheet.reference_date,
        "certainty": sheet.certainty,
        "stated_totals": dict(sheet.stated_totals),
        "choices": list(sheet.choices),
        "columns": used,
        "not_used": not_used,
    }


def _safe(text: str) -> str:
    """Return a text that YAML keeps as it is, also with signs that end or hide lines."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    return text if text.isprintable() else DoubleQuotedScalarString(text)


def read_mappings(path: Path) -> list[FileMapping]:
    """Return the mappings that a YAML file holds.

    Args:
        path: A file written by `mappings_to_yaml`, edited or not.

    Raises:
        InvalidMapping: If it is no YAML, lacks what a mapping needs, or names fields, codes or
            columns that cannot be.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise _Reader(path.name).wrong(
            "it cannot be opened", "Check the name of the file"
        ) from error
    except ValueError as error:  # bytes that are no text
        raise _Reader(path.name).not_yaml(error) from error
    return mappings_from_text(text, path.name)


def mappings_from_text(text: str, name: str) -> list[FileMapping]:
    """Return the mappings that a YAML or JSON text holds.

    Args:
        text: As `mappings_to_yaml` or `mappings_to_json` write it, edited or not.
        name: Where it stands, for what is said of it.

    Raises:
        InvalidMapping: See `read_mappings`.
    """
    reader = _Reader(name)
    content = _content(text, reader)
    if not isinstance(content, dict) or not isinstance(content.get("files"), list):
        raise reader.wrong(
            'it has no list "files"', "Start from a mapping that `waystation inspect` writes"
        )
    return [reader.file(entry) for entry in content["files"]]


def _content(text: str, reader: _Reader) -> Any:
    """Return the plain values of a text; JSON is read as such first, which is much faster."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if text.startswith("{"):
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    try:
        return YAML(typ="safe").load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        raise reader.not_yaml(error) from error  # also a date that is none


class _Reader:
    """Turns plain values into mappings, and says in one sentence what is wrong with them."""

    def __init__(self, name: str) -> None:
        self._name = name

    def wrong(self, reason: str, action: str = "Correct the mapping") -> InvalidMapping:
        """Return the error for something wrong."""
        return InvalidMapping(file=self._name, reason=reason, action=action)

    def not_yaml(self, error: Exception) -> InvalidMapping:
        """Return the error for a text that is no YAML."""
        place = " ".join(str(error).split())[:200]
        return self.wrong(f"it is not valid YAML ({place})", "Correct the place named")

    def file(self, entry: Any) -> FileMapping:
        """Return the mapping of one file."""
        if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
            raise self.wrong('an entry of "files" has no "file"', "Give the name of the file")
        sheets = entry.get("sheets") or []
        if not isinstance(sheets, list):
            raise self.wrong(f'"sheets" of {entry["file"]!r} is not a list')
        left_out = {str(k): str(v) for k, v in (entry.get("left_out") or {}).items()}
        return FileMapping(entry["file"], tuple(self.sheet(one) for one in sheets), left_out)

    def sheet(self, entry: Any) -> SheetMapping:
        """Return the mapping of one sheet."""
        if not isinstance(entry, dict) or "sheet" not in entry:
            raise self.wrong('an entry of "sheets" has no "sheet"', "Give its name, or null")
        where = f"sheet {entry['sheet']!r}" if entry["sheet"] else "the sheet"
        unknown = sorted(set(entry) - _SHEET_KEYS)
        if unknown:
            names = ", ".join(sorted(_SHEET_KEYS))
            raise self.wrong(f"{where} has the unknown key {unknown[0]!r}", f"Use {names}")
        layout = entry.get("layout") or "table"
        if layout not in _LAYOUTS:
            raise self.wrong(
                f"{where} has the unknown layout {layout!r}", f"Use {', '.join(_LAYOUTS)}"
            )
        return SheetMapping(
            sheet=entry["sheet"],
            layout=layout,
            header_rows=self._rows(entry, "header_rows", where),
            hxl_row=self._row(entry, "hxl_row", where),
            first_row=self._first_row(entry, where),
            last_row=self._row(entry, "last_row", where),
            skipped_rows=self._rows(entry, "skipped_rows", where),
            columns=self._columns(entry, where),
            country=self._country(entry, where),
            operation=entry.get("operation"),
            component=self._component(entry, where),
            round_number=self._row(entry, "round_number", where, smallest=0),
            reference_date=self._date(entry, where),
            stated_totals=self._totals(entry, where),
            choices=tuple(str(choice) for choice in entry.get("choices") or ()),
            certainty=self._share(entry.get("certainty"), where),
        )

    def _first_row(self, entry: dict[str, Any], where: str) -> int:
        row = self._row(entry, "first_row", where)
        if row is None:
            raise self.wrong(f"{where} has no first_row", "Give the first row of data")
        return row

    def _row(
        self, entry: dict[str, Any], key: str, where: str, *, smallest: int = 1
    ) -> int | None:
        value = entry.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < smallest:
            raise self.wrong(
                f"{key} of {where} is {value!r} and not a whole number from {smallest}"
            )
        return value

    def _rows(self, entry: dict[str, Any], key: str, where: str) -> tuple[int, ...]:
        values = entry.get(key) or []
        if not isinstance(values, list):
            raise self.wrong(f"{key} of {where} is not a list of rows")
        rows = [self._row({key: value}, key, where) for value in values]
        return tuple(row for row in rows if row is not None)

    def _country(self, entry: dict[str, Any], where: str) -> str | None:
        value = entry.get("country")
        if value is not None and not re.fullmatch(r"[A-Z]{3}", str(value)):
            raise self.wrong(f"country of {where} is {value!r} and not three capital letters")
        return value

    def _component(self, entry: dict[str, Any], where: str) -> str | None:
        value = entry.get("component")
        possible = [component.value for component in Component]
        if value is not None and value not in possible:
            raise self.wrong(f"component of {where} is {value!r}", f"Use {', '.join(possible)}")
        return value

    def _date(self, entry: dict[str, Any], where: str) -> dt.date | None:
        value = entry.get("reference_date")
        if value is None:
            return None
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        if isinstance(value, str):
            with suppress(ValueError):
                return dt.date.fromisoformat(value)
        raise self.wrong(
            f"reference_date of {where} is {value!r}", "Write it as year-month-day"
        )

    def _totals(self, entry: dict[str, Any], where: str) -> dict[str, float]:
        totals = entry.get("stated_totals") or {}
        for code, value in totals.items():
            if not is_indicator(code) or not isinstance(value, int | float):
                raise self.wrong(f"stated_totals of {where} has {code!r}: {value!r}")
        return {str(code): float(value) for code, value in totals.items()}

    def _share(self, value: Any, where: str) -> float:
        if value is None:
            return 1.0
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self.wrong(f"a certainty in {where} is {value!r} and not between 0 and 1")
        return float(value)

    def _columns(self, entry: dict[str, Any], where: str) -> tuple[ColumnMapping, ...]:
        found: dict[int, ColumnMapping] = {}
        for section in ("columns", "not_used"):
            columns = entry.get(section) or {}
            if not isinstance(columns, dict):
                raise self.wrong(f'"{section}" of {where} is not a list of columns by letter')
            for letter, column in columns.items():
                mapping = self._column(letter, column or {}, where)
                if mapping.position in found:
                    raise self.wrong(f"{where} names column {letter} twice", "Keep one of them")
                found[mapping.position] = mapping
        return tuple(found[position] for position in sorted(found))

    def _column(self, letter: Any, column: Any, where: str) -> ColumnMapping:
        position = _position(letter)
        if position is None:
            raise self.wrong(
                f"{where} names the column {letter!r}, which is no column", "Use letters: A, AB"
            )
        what = f"column {letter} of {where}"
        if isinstance(column, str):
            column = {"field": column}
        if not isinstance(column, dict) or not set(column) <= _COLUMN_KEYS:
            raise self.wrong(
                f"{what} has unknown keys", f"Use {', '.join(sorted(_COLUMN_KEYS))}"
            )
        fields = column.get("field") or ()
        fields = (fields,) if isinstance(fields, str) else tuple(fields)
        for name in fields:
            self._require_field(str(name), what)
        return ColumnMapping(
            position=position,
            heading=str(column.get("heading") or ""),
            fields=tuple(str(name) for name in fields),
            certainty=self._share(column.get("certainty"), what),
            reason=str(column.get("reason") or ""),
            hxl=column.get("hxl"),
        )

    def _require_field(self, name: str, what: str) -> None:
        if is_indicator(name) or (
            name in Submissions.column_names() and name not in _NOT_FIELDS
        ):
            return
        near = _nearest(name)
        raise self.wrong(
            f"{what} has the field {name!r}, which is neither a field of submissions nor an "
            "indicator of the dictionary",
            f"Did you mean {near!r}? See docs/reference/indicators.md"
            if near
            else "Correct it",
        )


def _nearest(name: str) -> str | None:
    from rapidfuzz import process

    from waystation.tracking.indicators import indicators

    possible = [*indicators(), *(set(Submissions.column_names()) - _NOT_FIELDS)]
    found = process.extractOne(name, sorted(possible), score_cutoff=70)
    return found[0] if found else None


def _position(letters: Any) -> int | None:
    """Return the column, from 0, that letters of a spreadsheet program name."""
    if not isinstance(letters, str) or not re.fullmatch(r"[A-Z]{1,3}", letters):
        return None
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
