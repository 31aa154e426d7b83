"""A large plain workbook written fast: text and whole numbers, no styles, the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from waystation.folders import write_file_whole

Cell = str | int | None
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_workbook(path: Path, sheets: dict[str, Iterable[Sequence[Cell]]]) -> Path:
    """Write sheets by name, each an iterable of rows; None leaves a cell out.

    Returns:
        The path.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        for name, text in _parts(list(sheets)).items():
            package.writestr(_entry(name), _HEAD + text)
        for number, rows in enumerate(sheets.values(), 1):
            with package.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w") as stream:
                stream.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
                for row, cells in enumerate(rows, 1):
                    stream.write(_row(row, cells).encode())
                stream.write(b"</sheetData></worksheet>")
    return write_file_whole(path, content.getvalue())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _row(number: int, cells: Sequence[Cell]) -> str:
    parts = [
        f'<c r="{_LETTERS[i]}{number}"><v>{cell}</v></c>'
        if isinstance(cell, int)
        else f'<c r="{_LETTERS[i]}{number}" t="inlineStr"><is><t xml:space="preserve">'
        f"{escape(cell)}</t></is></c>"
        for i, cell in enumerate(cells)
        if cell is not None
    ]
    return f'<row r="{number}">{"".join(parts)}</row>'


def _letters(column: int) -> str:
    first, second = divmod(column, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


_LETTERS = tuple(_letters(column) for column in range(27 * 26))


def _parts(names: list[str]) -> dict[str, str]:
    """Return the parts beside the sheets: kinds of content, relations, the list of sheets."""
    numbered = list(enumerate(names, 1))
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" '
        f'ContentType="{_KIND}.worksheet+xml"/>'
        for i, _ in numbered
    )
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"/>' for i, name in numbered
    )
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" '
        f'Target="worksheets/sheet{i}.xml"/>'
        for i, _ in numbered
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        f'ContentType="{_KIND}.sheet.main+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
        f'Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{relations}</Relationships>",
    }
