"""Files as received: opened whatever packs them, their columns found by name, cells by place.

A file that is a web page, is cut short or lacks a column is refused by name. A cell that cannot
be read becomes a finding with its row and column, and no figure.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import polars as pl

from waystation.errors import (
    NotFound,
    UnknownLayout,
    UnusableInput,
)
from waystation.findings import Findings
from waystation.grids import Grid, read_grids
from waystation.grids.gzipped import unpack_gzip
from waystation.statistics.checks import CHECKS

MAX_UNPACKED = 1 << 30
"""Bytes that a gzip file may unpack to."""

_HEAD_BYTES = 64 * 1024
_HEADING_ROWS = 40
_GZIP = b"\x1f\x8b"
_BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_TIMES = re.compile(r"\\(?:TIME_PERIOD|time)\t")
_PLAIN = r"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$"
_GROUPED = r"^[-+]?\d{1,3}([, \u00a0\u202f]\d{3})+(\.\d+)?$"
NONE_SIGNS = ("", "-", "–", ":", ".", "..", "...", "na", "n/a", "nan", "null", "none", "x")
"""What producers write, in small letters, where they have no figure."""


@dataclass(frozen=True, slots=True)
class Received:
    """One table of a file under the names that an importer gives its columns.

    Attributes:
        file: Name of the file.
        sheet: Name of the sheet, if the format has any.
        rows: One text column for each role, ``row_number`` as a spreadsheet program counts.
        headings: What the file calls the columns, in its order.
        notes: What was guessed or left out when it was opened.
    """

    file: str
    sheet: str | None
    rows: pl.DataFrame
    headings: tuple[str, ...]
    notes: tuple[str, ...] = ()


def folded(heading: str | None) -> str:
    """Return a heading in small letters, signs and runs of blanks as one blank."""
    return re.sub(r"[\W_]+", " ", heading or "").strip().casefold()


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield the file, or what a gzip file packs, under a suffix that tells its format.

    Raises:
        NotFound: If there is no such file.
        UnreadableFile: If it is cut short or damaged.
        InputTooLarge: If it unpacks to more than the limit.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound(what="file", name=str(path))
    with path.open("rb") as stream:
        is_packed = stream.read(2) == _GZIP
    suffixes = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    if not is_packed and path.suffix.lower() == suffix and suffix:
        yield path
        return
    name = path.name.removesuffix(".gz")
    with tempfile.TemporaryDirectory(prefix="waystation-") as folder:
        content = Path(folder) / "content"
        if is_packed:
            unpack_gzip(path, content, most=MAX_UNPACKED)
        else:
            shutil.copyfile(path, content)
        inner = name if suffix else f"{name}.{_kind(content)}"
        yield content.rename(Path(folder) / inner)


def _kind(content: Path) -> str:
    with content.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(_BOOKS):
        return "xlsx"
    return "json" if head.lstrip()[:1] in {b"{", b"["} else "csv"


def first_cells(path: Path) -> list[list[str]]:
    """Return the cells of the first rows of every sheet; empty where the file cannot be read.

    Only the first 64 KiB of a text file are looked at. Many layouts ask in turn: the answer is
    kept for as long as the file does not change.
    """
    path = Path(path)
    if not path.is_file():
        return []
    state = path.stat()
    return _first_cells(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _first_cells(path: Path, _changed: int, _size: int) -> list[list[str]]:
    try:
        head = _head(path)
        if head.startswith(_BOOKS) or head.lstrip()[:1] in {b"{", b"["}:
            with unpacked(path) as inner:
                return [
                    [cell or "" for cell in row]
                    for grid in read_grids(inner)
                    for row in grid.cells.head(_HEADING_ROWS).rows()
                ]
    except (UnusableInput, EOFError, zlib.error, gzip.BadGzipFile):
        return []
    text = head.replace(b"\x00", b"").decode("utf-8-sig", "replace")
    lines = text.splitlines()[: _HEADING_ROWS + 1]
    delimiter = max(",;\t", key=lambda sign: sum(line.count(sign) for line in lines))
    if lines and _TIMES.search(lines[0]):
        delimiter = "\t"  # of Eurostat, whose first column holds commas
    return list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))[:_HEADING_ROWS]


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head.startswith(_GZIP):
        return head
    with gzip.open(path) as stream:
        return stream.read(_HEAD_BYTES)


def read_tabbed(path: Path) -> Grid:
    """Return the cells of a text file whose columns are parted by tabs.

    Raises:
        UnreadableFile: If it is a web page, cut short or damaged.
    """
    with unpacked(path) as inner, tempfile.TemporaryDirectory(prefix="waystation-") as folder:
        content = inner.read_bytes().removeprefix(b"\xef\xbb\xbf")
        if content.lstrip()[:1] == b"<":
            return read_grids(inner)[0]  # which refuses a web page
        stated = Path(folder) / f"{inner.stem}.tsv"
        stated.write_bytes(b"sep=\t\n" + content)
        return replace(read_grids(stated)[0], file=path.name)


def has_headings(path: Path, *wanted: Iterable[str]) -> bool:
    """Return whether one of a file's first rows has, for each choice, one of its headings."""
    choices = [{folded(name) for name in choice} for choice in wanted]
    for row in first_cells(path):
        cells = {folded(cell) for cell in row}
        if all(cells & choice for choice in choices):
            return True
    return False


def read_received(
    path: Path,
    roles: Mapping[str, Sequence[str]],
    *,
    required: Sequence[str],
    layout: str,
) -> Received:
    """Return a file's table, its columns named by role.

    Args:
        path: A csv, tsv, workbook or JSON file, packed by gzip or not.
        roles: For each role the headings that producers have used, capitals and signs aside.
        required: Roles that must be there; others become nulls.
        layout: What the file should be, for the error.

    Raises:
        UnknownLayout: If no sheet has a row with every required heading; names what is absent,
            and the headings found.
        UnreadableFile: If it is a web page, cut short, or damaged.
    """
    forms = {role: [folded(name) for name in names] for role, names in roles.items()}
    with unpacked(path) as inner:
        grids = read_grids(inner)
    best: tuple[int, list[str], Grid | None, int] = (-1, list(required), None, 0)
    for grid in grids:
        for position, row in enumerate(grid.cells.head(_HEADING_ROWS).rows()):
            cells = [folded(cell) for cell in row]
            absent = [r for r in required if not set(forms[r]) & set(cells)]
            found = len(required) - len(absent)
            if found > best[0]:
                best = (found, absent, grid, position)
    _, absent, chosen, position = best
    if absent or chosen is None:
        raise _without(path, layout, absent, roles, grids, best)
    return _under_roles(path, chosen, position, forms)


def _without(
    path: Path,
    layout: str,
    absent: Sequence[str],
    roles: Mapping[str, Sequence[str]],
    grids: Sequence[Grid],
    best: tuple[int, list[str], Grid | None, int],
) -> UnknownLayout:
    found, _, grid, position = best
    names = ", ".join(roles[role][0] for role in absent)
    if found > 0 and grid is not None:
        row = [cell for cell in grid.cells.row(position) if cell]
        where = f"sheet {grid.sheet}, " if grid.sheet else ""
        seen = f"{where}row {grid.first_row + position} has {', '.join(row)[:400]}"
    else:
        sheets = ", ".join(str(g.sheet) for g in grids if g.sheet)
        seen = f"its sheets are {sheets}" if sheets else "no row looks like its headings"
    return UnknownLayout(
        file=path.name,
        reason=f"as {layout} it lacks the columns {names}; {seen}",
        action="Check that it is the right file and sheet; if the producer renamed a column, "
        "rename it back",
    )


def _under_roles(
    path: Path, grid: Grid, position: int, forms: Mapping[str, list[str]]
) -> Received:
    cells = grid.cells if grid.frame is None else grid.frame.collect()
    headings = tuple(cell or "" for cell in grid.cells.row(position))
    places = {folded(name): i for i, name in reversed(list(enumerate(headings)))}
    body = cells.slice(position + 1)
    columns = []
    for role, names in forms.items():
        place = next((places[name] for name in names if name in places), None)
        column = pl.lit(None, pl.String) if place is None else pl.col(body.columns[place])
        columns.append(column.cast(pl.String).str.strip_chars().alias(role))
    numbered = pl.int_range(pl.len(), dtype=pl.Int64) + grid.first_row + position + 1
    rows = body.select(*columns, row_number=numbered)
    filled = pl.any_horizontal(pl.col(list(forms)).is_not_null())
    return Received(path.name, grid.sheet, rows.filter(filled), headings, grid.notes)


def figure(column: str) -> pl.Expr:
    """Return the number a text cell holds, thousands separated or not; null for others."""
    text = pl.col(column).str.strip_chars()
    grouped = text.str.contains(_GROUPED)
    bare = pl.when(grouped).then(text.str.replace_all(r"[, \u00a0\u202f]", "")).otherwise(text)
    return pl.when(bare.str.contains(_PLAIN)).then(bare.cast(pl.Float64, strict=False))


def is_unreadable(column: str) -> pl.Expr:
    """Return whether a cell holds something that is neither a number nor a sign for none."""
    text = pl.col(column).str.strip_chars().str.to_lowercase()
    is_sign = text.is_in(list(NONE_SIGNS))
    return pl.col(column).is_not_null() & figure(column).is_null() & ~is_sign


def findings_at(
    received: Received,
    rows: pl.DataFrame,
    code: str,
    what: str,
    *,
    column: str | None = None,
    reported: str | None = None,
    expected: str | None = None,
) -> pl.DataFrame:
    """Return one finding for each row; shape ``Findings``.

    Args:
        received: The file they stand in.
        rows: Rows of it, with ``row_number``.
        code: A code of `CHECKS`.
        what: What is wrong in that row, after "Row 7: ".
        column: The column it is about.
        reported: The column of ``rows`` that holds what was found.
        expected: The column of ``rows`` that holds what would be right.
    """
    check = CHECKS[code]
    said = pl.col(reported).cast(pl.String) if reported else pl.lit(None, pl.String)
    right = pl.col(expected).cast(pl.String) if expected else pl.lit(None, pl.String)
    shown = pl.format(" ({})", said.str.slice(0, 80)) if reported else pl.lit("")
    message = pl.concat_str(
        pl.lit("Row "), pl.col("row_number").cast(pl.String), pl.lit(f": {what}"),
        shown.fill_null(""), pl.lit(f". {check.action}"),
    )  # fmt: skip
    return Findings.complete(
        rows.select(
            code=pl.lit(code),
            severity=pl.lit(check.severity.value, pl.Enum(["error", "warning", "info"])),
            message=message,
            file=pl.lit(received.file),
            sheet=pl.lit(received.sheet, pl.String),
            row=pl.col("row_number").cast(pl.Int64),
            column=pl.lit(column, pl.String),
            reported=said,
            expected=right,
        )
    ).select(Findings.column_names())


def unreadable_cells(received: Received, columns: Iterable[str]) -> pl.DataFrame:
    """Return a finding for each cell of number columns that is no number; ``Findings``."""
    found = [Findings.empty_frame(), of_opening(received)]
    for column in columns:
        rows = received.rows.filter(is_unreadable(column))
        if rows.height:
            what = f"{column} is no number"
            told = findings_at(received, rows, "STA-201", what, column=column, reported=column)
            found.append(told)
    return pl.concat(found)


def of_opening(received: Received) -> pl.DataFrame:
    """Return what was guessed or left out when the file was opened; shape ``Findings``."""
    check = CHECKS["STA-204"]
    rows = [
        {
            "code": check.code,
            "severity": check.severity.value,
            "message": f"{note} {check.action}",
            "file": received.file,
            "sheet": received.sheet,
        }
        for note in received.notes
    ]
    schema = {name: c.dtype for name, c in Findings.columns().items()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def whole_year(column: str) -> pl.Expr:
    """Return the year a cell holds, "2015" or "2015.0"; null where it holds none."""
    found = pl.col(column).str.extract(r"^\s*((?:1[89]|20|21)\d\d)(?:\.0+)?\s*$")
    return found.cast(pl.Int64, strict=False)


def without_year(received: Received, column: str = "year") -> pl.DataFrame:
    """Return a finding for each row whose year cannot be read; shape ``Findings``."""
    rows = received.rows.filter(whole_year(column).is_null())
    return findings_at(
        received, rows, "STA-202", f"{column} is no year", column=column, reported=column
    )
