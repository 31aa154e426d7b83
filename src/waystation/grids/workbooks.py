"""Workbooks: every sheet, hidden ones included, read by calamine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from waystation.grids.archives import require_modest
from waystation.grids.grid import (
    Grid,
    plain_names,
    require_columns,
    unreadable,
    without_empty_ends,
)

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
    if path.suffix.lower() != ".xls":
        require_modest(path)
    book = _opened(path)
    grids = []
    for name in book.sheet_names:
        sheet = _sheet(book, name, path)
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


def _sheet(book: Any, name: str, path: Path) -> Grid | None:
    import fastexcel

    try:
        # skip_rows=0 keeps empty rows above the first used one: row numbers stay true.
        sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        if not sheet.height:
            return None
        cells: pl.DataFrame = sheet.to_polars()
    except fastexcel.FastExcelError as error:
        raise _damaged(path) from error
    except BaseException as error:
        raise _damaged_if_panic(error, path) from error
    offset = sheet.available_columns()[0].absolute_index
    is_hidden = sheet.visible != "visible"
    cells = without_empty_ends(plain_names(cells))
    if not cells.height:
        return None
    if offset:
        before = [pl.lit(None, dtype=pl.String).alias(f"before{i}") for i in range(offset)]
        cells = cells.select(*before, pl.all())
    require_columns(cells.width, path)
    return Grid(path.name, name, plain_names(cells), is_hidden=is_hidden)


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
