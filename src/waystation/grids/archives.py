"""What a workbook unpacks to, measured before a reader opens it.

A workbook is a zip archive. Its directory states sizes and can lie, and a sheet of two cells in
opposite corners makes a reader ask for seventeen thousand million. Both are found here, for
about a sixth of the time that reading takes.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from waystation.errors import InputTooLarge
from waystation.grids.grid import too_large, unreadable

MAX_UNPACKED = 1 << 30
"""Bytes of all parts with cells, unpacked."""

MAX_CELLS = 30_000_000
"""Cells of the smallest rectangle around a sheet's; a reader needs 32 bytes for each."""

_MAX_RATIO = 200
_RATIO_FROM = 100 << 20
_DEFLATE_LIMIT = 1032
_HELD = 64 << 20
_BLOCK = 1 << 16
_PIECE = 1 << 13
_LONGEST_CELL = 256
_ERROR_CELL = b't="e"'
_EXCEL_COLUMNS = 16_384
# Cells and rows with something in them: a formatted but empty cell ends in "/>".
_FILLED = rb"(?:[^>]*[^/>])?>"
_ROW = re.compile(rb'\sr="[A-Z]{0,3}(\d{1,7})"' + _FILLED)
# In OpenDocument: how often a row or a cell is repeated; empty cells at the end do not count.
_REPEATED_ROW = re.compile(rb'[^>]*number-rows-repeated="(\d{1,7})"')
_CELL = re.compile(
    rb'<table:(?:covered-)?table-cell(?![^>]*repeated="\d+"[^>]*/>\s*</table:table-row)'
    rb'(?:[^>]*number-columns-repeated="(\d{1,5})")?'
)
_ANY_ROW = re.compile(rb'\sr="[A-Z]{0,3}(\d{1,7})"')


def is_workbook(path: Path) -> bool:
    """Return whether a file is an Excel workbook, whatever its name says."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def require_modest(path: Path) -> bool:
    """Raise if a workbook would unpack to more than the limits.

    Returns:
        Whether a cell of an xlsx sheet holds the error of a formula.

    Raises:
        UnreadableFile: If it is not a zip archive, or a part of it is damaged.
        InputTooLarge: If it passes the limits.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [p for p in archive.infolist() if p.filename.endswith((".xml", ".bin"))]
            if sum(part.file_size for part in parts) > MAX_UNPACKED or any(
                part.file_size > _RATIO_FROM
                and part.file_size > _MAX_RATIO * max(part.compress_size, 1)
                for part in parts
            ):
                raise _bomb(path)
            checked = [_require_modest_part(archive, part, path) for part in parts]
            return any(checked)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise unreadable(
            path,
            "the workbook is damaged",
            "Open it in a spreadsheet program and save it again",
        ) from error
    except RuntimeError as error:  # what zipfile raises for an encrypted archive
        raise unreadable(
            path, "it is protected by a password", "Save it without a password and try again"
        ) from error


def _require_modest_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path) -> bool:
    is_sheet = "worksheets/" in part.filename and part.filename.endswith(".xml")
    is_open_document = part.filename == "content.xml"
    # So small that even the densest packing stays within what a sheet may be.
    is_small = part.compress_size * _DEFLATE_LIMIT < _RATIO_FROM
    if is_small and not (is_sheet or is_open_document):
        return False
    size, last, last_but_one = 0, b"", b""
    blocks: list[bytes] = []
    has_errors = False
    for block in _unpacked(archive, part):
        size += len(block)
        if size > max(part.file_size, _RATIO_FROM):
            raise _bomb(path)
        last_but_one, last = last, block
        # An error's text begins with "#", which is looked for thirty times faster.
        has_errors = has_errors or (b"#" in block and _ERROR_CELL in block)
        if is_open_document or (is_sheet and size <= _HELD):
            blocks.append(block)
    if is_open_document:
        _require_modest_tables(b"".join(blocks), path)
    if is_sheet:
        held = blocks if size <= _HELD else None
        _require_modest_sheet(archive, part, held, last_but_one + last, path)
    return is_sheet and has_errors


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what a part unpacks to, whatever size the directory states."""
    if part.compress_type not in {zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED}:
        raise zipfile.BadZipFile(f"packed by method {part.compress_type}")
    stated, part.file_size = part.file_size, part.compress_size
    method, part.compress_type = part.compress_type, zipfile.ZIP_STORED
    crc, part.CRC = part.CRC, None  # type: ignore[assignment]  # that of the unpacked bytes
    try:
        with archive.open(part) as stream:
            packed = stream.read()
    finally:
        part.file_size, part.compress_type, part.CRC = stated, method, crc
    if method == zipfile.ZIP_STORED:
        yield packed
        return
    inflate = zlib.decompressobj(-15)
    for start in range(0, len(packed), _PIECE):
        piece = packed[start : start + _PIECE]
        while piece and not inflate.eof:
            yield inflate.decompress(piece, _BLOCK)
            piece = inflate.unconsumed_tail


def _require_modest_sheet(
    archive: zipfile.ZipFile,
    part: zipfile.ZipInfo,
    blocks: list[bytes] | None,
    tail: bytes,
    path: Path,
) -> None:
    """Raise if the rectangle around the cells is too large.

    Rows come in order, so the last ones stand at the end; columns are searched for one beyond
    what the number of rows allows.
    """
    found = _ROW.findall(tail) or _ANY_ROW.findall(tail)
    rows = max(map(int, found), default=0)
    if rows * _EXCEL_COLUMNS <= MAX_CELLS:
        return
    beyond = _columns_after(MAX_CELLS // rows)
    before = b""
    for block in blocks or _unpacked(archive, part):
        if beyond.search(block) or beyond.search(before + block[:_LONGEST_CELL]):
            raise _too_many_cells(path)
        before = block[-_LONGEST_CELL:]


def _require_modest_tables(content: bytes, path: Path) -> None:
    """Raise if the rectangle around the cells of an OpenDocument table is too large.

    Its rows and cells are written once and repeated by number, up to the whole sheet.
    """
    rows, filled_rows, width = 0, 0, 0
    for row in content.split(b"<table:table-row")[1:]:
        repeated = _REPEATED_ROW.match(row)
        rows += int(repeated[1]) if repeated else 1
        if b"office:value" not in row and b"<text:p" not in row:
            continue
        cells = [int(found[1] or 1) for found in _CELL.finditer(row)]
        filled_rows, width = rows, max(width, sum(cells))
        if filled_rows * min(width, _EXCEL_COLUMNS) > MAX_CELLS:
            raise _too_many_cells(path)


def _columns_after(number: int) -> re.Pattern[bytes]:
    """Return the pattern of a cell in a column beyond a number, from 1 for A."""
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    ways = [
        f"{letters[:i]}[{chr(ord(letter) + 1)}-Z][A-Z]{{{len(letters) - i - 1}}}"
        for i, letter in enumerate(letters)
        if letter < "Z"
    ]
    if len(letters) < 3:
        ways.append(f"[A-Z]{{{len(letters) + 1},3}}")
    return re.compile(f'r="(?:{"|".join(ways)})[0-9]+"'.encode() + _FILLED)


def _bomb(path: Path) -> InputTooLarge:
    return too_large(
        path,
        f"it unpacks to more than a workbook should (limit {MAX_UNPACKED >> 20:,} MiB)",
        "Save the sheets that matter in a new workbook, or as csv",
    )


def _too_many_cells(path: Path) -> InputTooLarge:
    return too_large(
        path,
        f"a sheet spans more than {MAX_CELLS // 1_000_000} million cells",
        "Delete stray cells far from the data, or save the sheet as csv",
    )
