"""Workbooks: every sheet, hidden ones included, read by calamine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import polars as pl

from waystation.grids.archives import require_modest
from waystation.grids.grid import (
    Grid,
    plain_names,
    require_columns,
    unreadable,
    without_empty_ends,
)

_MIDNIGHT = " 00:00:00"
_SHOWN = 200
_ERROR = re.compile(r"Error\((\w+)\)")
_ERRORS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!",
    "Ref": "#REF!", "Value": "#VALUE!",
}  # fmt: skip
_PROTECTED = "EncryptedPackage".encode("utf-16-le")


def read_workbook(path: Path) -> list[Grid]:
    """Return every sheet of a workbook that holds a cell, in the workbook's order.

    Args:
        path: An xlsx, xlsm, xlsb, xls or ods file. Drawings, charts and pivot tables are not
            looked at, so that broken ones do no harm.

    Raises:
        UnreadableFile: If it is protected by a password, or damaged.
        InputTooLarge: If what it unpacks to passes the limits.
    """
    _require_open(path)
    has_errors = require_modest(path) if path.suffix.lower() != ".xls" else True
    if path.suffix.lower() in {".xlsb", ".ods"}:
        has_errors = True  # not looked for in these
    book = _opened(path)
    grids = []
    for name in book.sheet_names:
        sheet = _sheet(book, name, path, has_errors=has_errors)
        if sheet is not None:
            grids.append(sheet)
    return grids


def _opened(path: Path) -> Any:
    import fastexcel

    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        said = str(error).lower()
        if "password" in said or "encrypt" in said:
            raise _protected(path) from error
        raise _damaged(path) from error
    except BaseException as error:
        raise _damaged_if_panic(error, path) from error


def _sheet(book: Any, name: str, path: Path, *, has_errors: bool) -> Grid | None:
    import fastexcel

    positions: list[int] = []

    def is_read(column: Any) -> bool:
        positions.append(column.absolute_index)
        return True

    try:
        # skip_rows=0 keeps empty rows above the first used one: row numbers stay true. Read at
        # once, a sheet takes a sixth less time; then it does not tell errors of formulas.
        sheet = book.load_sheet(
            name,
            header_row=None,
            skip_rows=0,
            dtypes="string",
            use_columns=is_read,
            eager=not has_errors,
        )
        cells = (
            _with_errors(sheet) if has_errors else cast("pl.DataFrame", pl.from_arrow(sheet))
        )
    except fastexcel.FastExcelError as error:
        raise _damaged(path) from error
    except BaseException as error:
        raise _damaged_if_panic(error, path) from error
    if not cells.height:
        return None
    offset = positions[0]
    cells = _with_plain_days(without_empty_ends(plain_names(cells)))
    if not cells.height:
        return None
    if offset:
        before = [pl.lit(None, dtype=pl.String).alias(f"before{i}") for i in range(offset)]
        cells = cells.select(*before, pl.all())
    require_columns(cells.width, path)
    return Grid(path.name, name, plain_names(cells))


def _with_errors(sheet: Any) -> pl.DataFrame:
    """Return the cells with errors of formulas as a spreadsheet program shows them."""
    batch, errors = sheet.to_arrow_with_errors()
    cells = plain_names(cast("pl.DataFrame", pl.from_arrow(batch)))
    by_column: dict[int, dict[int, str]] = {}
    for error in errors.errors if errors else ():
        found = _ERROR.search(error.detail)
        if found:
            row, column = error.offset_position
            by_column.setdefault(column, {})[row] = _ERRORS.get(found[1], "#ERROR!")
    changed = [
        cells[:, column].scatter(list(texts), list(texts.values()))
        for column, texts in by_column.items()
    ]
    return cells.with_columns(changed)


def _with_plain_days(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the cells with days as days: a reader adds midnight to each.

    Whether a column holds days shows in its first rows; looking at all of every column would
    take a tenth of the time that reading does.
    """
    shows = cells.head(_SHOWN).select(pl.all().str.ends_with(_MIDNIGHT).any()).row(0)
    days = [name for name, is_day in zip(cells.columns, shows, strict=True) if is_day]
    is_day = pl.col(days).str.ends_with(_MIDNIGHT) & (pl.col(days).str.len_bytes() == 19)
    plain = pl.when(is_day).then(pl.col(days).str.head(10)).otherwise(pl.col(days))
    return cells.with_columns(plain) if days else cells


def _require_open(path: Path) -> None:
    """Raise if the workbook is protected: a protected xlsx is an OLE file with one stream."""
    with path.open("rb") as stream:
        if not stream.read(8).startswith(b"\xd0\xcf\x11\xe0"):
            return
        stream.seek(0)
        is_protected = False
        before = b""
        while block := stream.read(1 << 20):
            if _PROTECTED in before + block:
                is_protected = True
                break
            before = block[-len(_PROTECTED) :]
    if is_protected:
        raise _protected(path)
    if path.suffix.lower() != ".xls":
        raise unreadable(
            path,
            f"its name ends in {path.suffix.lower()}, but it is an old Excel workbook (.xls)",
            "Rename it to .xls, or save it as xlsx",
        )


def _protected(path: Path) -> Exception:
    return unreadable(
        path, "it is protected by a password", "Save it without a password and try again"
    )


def _damaged(path: Path) -> Exception:
    return unreadable(
        path, "the workbook is damaged", "Open it in a spreadsheet program and save it again"
    )


def _damaged_if_panic(error: BaseException, path: Path) -> BaseException:
    """Return the error to raise: a panic of the reader is no `Exception`."""
    return _damaged(path) if type(error).__name__ == "PanicException" else error
