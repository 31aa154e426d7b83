"""Text files with delimiters: encoding and delimiter told from the content."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl

from waystation.grids.grid import (
    Grid,
    nothing,
    plain_names,
    require_columns,
    unreadable,
    without_empty_ends,
)

_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_BYTES = 256 * 1024


def read_delimited(path: Path) -> list[Grid]:
    """Return the one sheet of a csv, tsv or txt file.

    Args:
        path: Encoding UTF-8, UTF-16, windows-1252, windows-1256 or windows-1251; delimiter
            comma, semicolon, tab or vertical bar. Rows may have different lengths.

    Raises:
        UnreadableFile: If it is not text, or a quotation mark is never closed.
        InputTooLarge: If it has more columns than the limit.
        NothingToRead: If it holds no cell.
    """
    data, notes = _as_utf8(path.read_bytes(), path)
    if b"\r" in data and b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    if re.match(rb'"?sep=(.)"?\r?\n', data[:16]):
        line, _, data = data.partition(b"\n")
        delimiter = line.strip(b'"\r').removeprefix(b"sep=").decode()
    else:
        delimiter = _delimiter(data)
    if not data.strip():
        raise nothing(path, "it holds only blanks", "Check that the right file was saved")
    cells = without_empty_ends(_cells(data, delimiter, path))
    if not cells.height:
        raise nothing(path, "it holds no cell", "Check that the right file was saved")
    return [Grid(path.name, None, plain_names(cells), notes=notes)]


def _cells(data: bytes, delimiter: str, path: Path) -> pl.DataFrame:
    width = _width(data[:_SNIFFED_BYTES], delimiter)
    require_columns(width, path)
    try:
        return _parsed(data, delimiter, width)
    except pl.exceptions.ComputeError as error:
        if "more fields" not in str(error):
            return _without_quotes(data, delimiter, path)
    width = _width(data, delimiter)
    require_columns(width, path)
    try:
        return _parsed(data, delimiter, width)
    except pl.exceptions.ComputeError:
        return _without_quotes(data, delimiter, path)


def _parsed(data: bytes, delimiter: str, width: int, quote: str | None = '"') -> pl.DataFrame:
    frame = pl.read_csv(
        data,
        has_header=False,
        separator=delimiter,
        quote_char=quote,
        schema={f"c{i}": pl.String() for i in range(width)},
        missing_columns="insert",
    )
    # A cell of two quotation marks is empty as well.
    blank = [column.name for column in frame if (column == "").any()]
    return frame.with_columns(pl.col(blank).replace("", None)) if blank else frame


def _without_quotes(data: bytes, delimiter: str, path: Path) -> pl.DataFrame:
    """Return the cells where quotation marks do not pair, if they can be told apart safely.

    Without quotation marks a delimiter inside a text moves all cells after it, so this is
    done only where every filled line has the same number of delimiters.
    """
    counts = {line.count(delimiter.encode()) for line in data.splitlines() if line.strip()}
    if len(counts) == 1:
        return _parsed(data, delimiter, counts.pop() + 1, quote=None)
    raise unreadable(
        path,
        "a quotation mark is opened and never closed, so its columns cannot be told apart",
        "Correct the quotation mark, or save it again as csv from a spreadsheet program",
    )


def _width(data: bytes, delimiter: str) -> int:
    """Return a number of columns that holds every line; delimiters in quotes count too."""
    mark = delimiter.encode()
    return max((line.count(mark) for line in data.split(b"\n")), default=0) + 1


def _delimiter(data: bytes) -> str:
    """Return the delimiter that cuts most of the first lines into the same number of cells."""
    sample = data[:_SNIFFED_BYTES].decode("utf-8", "replace")
    lines = [line for line in sample.splitlines() if line.strip()][:200]
    if len(data) > _SNIFFED_BYTES and len(lines) > 1:
        lines = lines[:-1]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        if not widths:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        agreement = widths.count(usual) / len(widths)
        score = agreement * min(usual, 30) if usual > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _as_utf8(data: bytes, path: Path) -> tuple[bytes, tuple[str, ...]]:
    """Return the text as UTF-8, and what was guessed on the way."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            if encoding == "utf-8-sig":
                data = data[3:]
                break
            return _decoded(data, encoding, path), ()
    if not data.isascii() or b"\x00" in data:
        return _from_unmarked(data, path)
    _require_text(data, path)
    return data, ()


def _from_unmarked(data: bytes, path: Path) -> tuple[bytes, tuple[str, ...]]:
    wide = _unmarked_utf16(data)
    if wide is not None:
        return _decoded(data, wide, path), (f"Read as {wide}, which the file does not state.",)
    notes: tuple[str, ...] = ()
    if b"\x00" in data:
        if data.count(b"\x00") > len(data) // 50:
            raise _not_text(path)
        data = data.replace(b"\x00", b"")
        notes = ("Null bytes were left out.",)
    _require_text(data, path)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        encoding, note = _guessed_encoding(data)
        return data.decode(encoding, "replace").encode("utf-8"), (*notes, note)
    return data, notes


def _decoded(data: bytes, encoding: str, path: Path) -> bytes:
    try:
        return data.decode(encoding).removeprefix("\ufeff").encode("utf-8")
    except UnicodeError as error:
        raise unreadable(
            path,
            f"its text is not valid {encoding.upper()}, as its first bytes say",
            "Save it again as csv in UTF-8",
        ) from error


def _unmarked_utf16(data: bytes) -> str | None:
    """Return the byte order, if every other byte of the start is zero."""
    head = data[:4096]
    pairs = max(len(head) // 2, 1)
    if head[1::2].count(0) > 0.4 * pairs and head[::2].count(0) < 0.05 * pairs:
        return "utf-16-le"
    if head[::2].count(0) > 0.4 * pairs and head[1::2].count(0) < 0.05 * pairs:
        return "utf-16-be"
    return None


_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\x0b\x0c\x1a")


def _require_text(data: bytes, path: Path) -> None:
    head = data[: 1 << 20]
    if len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 100:
        raise _not_text(path)


def _not_text(path: Path) -> Exception:
    return unreadable(
        path, "it holds bytes that are not text", "Save it again as csv in UTF-8, or as xlsx"
    )


_HIGH = re.compile(rb"[\x80-\xff]+")


def _guessed_encoding(data: bytes) -> tuple[str, str]:
    """Return the likely encoding of text that is not UTF-8, and the note that says so.

    Text in a script of its own stands in whole words of high bytes, accents stand alone
    between plain letters. Alef and lam make up a quarter of Arabic text.
    """
    sample = data[: 4 << 20]
    readable = sample.decode("utf-8", "replace")
    broken = readable.count("\ufffd")
    sound = sum(1 for character in readable if ord(character) > 127) - broken
    if sound >= 4 * broken:
        return "utf-8", "Some characters are damaged (not valid UTF-8); they show as \ufffd."
    runs = _HIGH.findall(sample)
    high = sum(map(len, runs))
    in_words = sum(len(run) for run in runs if len(run) > 1) / max(high, 1)
    if in_words < 0.5:
        return "cp1252", "Not UTF-8; read as windows-1252 (Western European)."
    arabic = sum(run.count(b"\xc7") + run.count(b"\xe1") for run in runs) / max(high, 1)
    if arabic > 0.12:
        return "cp1256", "Not UTF-8; read as windows-1256 (Arabic)."
    return "cp1251", "Not UTF-8; read as windows-1251 (Cyrillic)."
