"""Which reader a file needs: by what it holds, held against what its name says."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock

from waystation.errors import NotFound
from waystation.grids.archives import is_workbook
from waystation.grids.grid import Grid, nothing, too_large, unreadable

MAX_BYTES = {
    "text": 500 * 2**20,
    "records": 250 * 2**20,
    "workbook": 250 * 2**20,
    "parquet": 200 * 2**30,
}
"""Largest file read of each format; what a workbook unpacks to is limited apart."""

_FORMATS = {
    ".csv": "text", ".tsv": "text", ".txt": "text", ".tab": "text",
    ".xlsx": "workbook", ".xlsm": "workbook", ".xlsb": "workbook", ".xls": "workbook",
    ".ods": "workbook",
    ".json": "records", ".geojson": "records", ".jsonl": "records", ".ndjson": "records",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip

_CONTENTS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or a workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (rar)"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"{\\rtf", "a text document (rtf)"),
)

# A build reads each file twice, to propose its mapping and to read by it. Files read last
# are kept, so that the second time costs nothing.
_KEPT_BYTES = 256 * 2**20
_kept: OrderedDict[tuple[str, int, int], list[Grid]] = OrderedDict()
_lock = Lock()


def read_grids(path: Path) -> list[Grid]:
    """Return every sheet of a file, in the file's order, empty sheets left out.

    Dates come as ISO 8601 text, whole numbers without ".0", formulas as the value the program
    that saved them had found, errors as it shows them (``#REF!``).
    Files read last are kept in memory, up to 256 MiB, for as long as they do not change.

    Args:
        path: A csv, tsv, txt, xlsx, xlsm, xlsb, xls, ods, json, geojson or Parquet file.

    Raises:
        NotFound: If there is no such file.
        UnreadableFile: If it is not what its name says, is protected, or is damaged.
        InputTooLarge: If it passes the limits: 500 MiB of text, 250 MiB of JSON or of a
            workbook, 1 GiB unpacked, 30 million cells a sheet, 4,000 columns.
        NothingToRead: If no sheet has a cell.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound(what="file", name=str(path))
    state = path.stat()
    key = (str(path.resolve()), state.st_mtime_ns, state.st_size)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return list(_kept[key])
    grids = _read(path, state.st_size)
    if not grids:
        raise nothing(path, "it holds no rows", "Check that the right file was saved")
    _keep(key, grids)
    return grids


def _read(path: Path, size: int) -> list[Grid]:
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        known = "csv, xlsx, xls, ods, json, geojson or parquet"
        raise unreadable(path, "its format is not known", f"Save it as {known}")
    if size == 0:
        raise nothing(path, "it is empty (0 bytes)", "Check that the right file was saved")
    if size > MAX_BYTES[kind]:
        limit = MAX_BYTES[kind] // 2**20
        raise too_large(
            path,
            f"it has {size / 2**20:,.0f} MiB, and {limit:,} MiB is the limit for this format",
            "Split it, or save it as Parquet",
        )
    _require_content(path, kind)
    if kind == "text":
        from waystation.grids.delimited import read_delimited

        return read_delimited(path)
    if kind == "workbook":
        from waystation.grids.workbooks import read_workbook

        return read_workbook(path)
    if kind == "records":
        from waystation.grids.records import read_records

        return read_records(path)
    from waystation.grids.typed import read_parquet

    return read_parquet(path)


def _require_content(path: Path, kind: str) -> None:
    """Raise where the first bytes are those of another format than the name's."""
    with path.open("rb") as stream:
        head = stream.read(1024)
    suffix = path.suffix.lower()
    found = next((words for magic, words in _CONTENTS if head.startswith(magic)), None)
    expected = {
        ".xls": "an old Excel workbook (.xls)",
        ".parquet": "a Parquet file",
        ".pq": "a Parquet file",
    }.get(suffix, "a zip archive or a workbook" if kind == "workbook" else None)
    is_protected = found == _CONTENTS[2][1] and kind == "workbook"
    if is_protected or (found is not None and found == expected):
        return
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if found is None and start.startswith((b"<!doctype html", b"<html", b"<table")):
        found = "a web page"
    elif found is None and kind in {"workbook", "parquet"}:
        found = "text or another format"
    if found is None:
        return
    action = "Open it in the program that made it and save it as csv or xlsx"
    if head.startswith(b"PK") and is_workbook(path):
        found, action = "an Excel workbook", "Rename it to .xlsx"
    raise unreadable(path, f"its name ends in {suffix}, but it holds {found}", action)


def _keep(key: tuple[str, int, int], grids: list[Grid]) -> None:
    with _lock:
        _kept[key] = list(grids)
        while _kept and _size_kept() > _KEPT_BYTES:
            _kept.popitem(last=False)


def forget_kept() -> None:
    """Let go of the files kept in memory; for measurements, and where memory is short."""
    with _lock:
        _kept.clear()


def _size_kept() -> int:
    return sum(int(g.cells.estimated_size()) for grids in _kept.values() for g in grids)
