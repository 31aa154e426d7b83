"""What a file is read as by a mapping, kept so that no file is read twice for nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from waystation.errors import WaystationError
from waystation.findings import findings_table
from waystation.grids import read_grids
from waystation.tracking.forms import mapping_findings
from waystation.tracking.intake import submissions_from_file
from waystation.tracking.mapping import FileMapping, SheetMapping
from waystation.tracking.mapping_edits import what_is_missing
from waystation.tracking.reading_preview import preview_of_reading
from waystation.tracking.samples import samples_of_grids
from waystation.web.tracking import queries, storage
from waystation.web.tracking.mappings import (
    mapping_of_text,
    settled_rows,
    text_of_mapping,
)
from waystation.web.tracking.models import Upload

TEXT_AT_ONCE = 5 * 2**20
BOOK_AT_ONCE = 2**20


@dataclass(frozen=True, slots=True)
class Reading:
    """A file read by a mapping, places and rounds still as the rows say.

    Attributes:
        received: Shape ``Submissions``.
        findings: Shape ``Findings``.
    """

    received: pl.DataFrame
    findings: pl.DataFrame


def text_of(upload: Upload) -> str:
    """Return the mapping that holds for a person who looks at a file now."""
    return upload.edited or upload.mapping


def key_of(upload: Upload, text: str) -> str:
    """Return what names a reading: the same mapping and list of units read alike."""
    whole = f"{upload.operation.geography_version}\n{text}"
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def is_read_at_once(upload: Upload) -> bool:
    """Say whether a file is so small that a page can wait for its reading."""
    is_text = Path(upload.name).suffix.lower() in {".csv", ".tsv", ".txt", ".parquet"}
    return upload.size <= (TEXT_AT_ONCE if is_text else BOOK_AT_ONCE)


def reading_of(upload: Upload, text: str) -> Reading:
    """Return what a file is read as, from where it is kept or from the file itself.

    Raises:
        WaystationError: If it cannot be read so.
    """
    folder = storage.previews_folder(upload) / key_of(upload, text)
    with suppress(OSError, pl.exceptions.PolarsError):
        frames = [pl.read_parquet(folder / f"{n}.parquet") for n in ("received", "findings")]
        return Reading(*frames)
    path, mapping = storage.upload_path(upload), mapping_of_text(text)
    units, _ = queries.geography_of(upload.operation)
    received, found = submissions_from_file(path, mapping, units=units)
    return Reading(received, findings_table([*mapping_findings(path, mapping), *found]))


def preview_of(upload: Upload) -> dict[str, Any]:
    """Return what the rows of a file become, read now where that is not kept already.

    What stands in the way is part of the answer: ``problem`` with a code and a sentence.
    """
    kept = kept_preview(upload)
    return _made_preview(upload, text_of(upload)) if kept is None else kept


def keep_preview(upload: Upload, mapping: FileMapping) -> None:
    """Read a file by a mapping that is about to be proposed, and keep what it becomes."""
    _made_preview(upload, text_of_mapping(mapping))


def kept_preview(upload: Upload) -> dict[str, Any] | None:
    """Return what is known of how a file reads by its mapping; None where nothing is."""
    folder = storage.previews_folder(upload) / key_of(upload, text_of(upload))
    try:
        preview: dict[str, Any] = json.loads((folder / "preview.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return preview


def _made_preview(upload: Upload, text: str) -> dict[str, Any]:
    reading = None
    try:
        mapping = mapping_of_text(text)
        missing = what_is_missing(mapping)
        if missing:
            preview: dict[str, Any] = {"missing": missing}
        else:
            reading = reading_of(upload, text)
            preview = preview_of_reading(reading.received, reading.findings, mapping)
            preview |= _rounds(upload, reading)
    except WaystationError as error:
        preview = {"problem": {"code": error.code, "sentence": str(error)}}
    folder = storage.previews_folder(upload) / key_of(upload, text)
    with storage.folder_made_whole(folder) as waiting:
        (waiting / "preview.json").write_text(json.dumps(preview, ensure_ascii=False), "utf-8")
        if reading is not None:
            reading.received.write_parquet(waiting / "received.parquet", compression="lz4")
            reading.findings.write_parquet(waiting / "findings.parquet")
    _forget_others(folder)
    return preview


def _rounds(upload: Upload, reading: Reading) -> dict[str, Any]:
    """Return the rounds that the rows would go to, or why that cannot be told."""
    try:
        settled = settled_rows(reading.received, upload)
    except WaystationError as error:
        return {"rounds_problem": {"code": error.code, "sentence": str(error)}}
    counts = settled.group_by("component", "round_number").agg(rows=pl.len())
    return {"settled": counts.sort("component", "round_number").head(50).to_dicts()}


def _forget_others(folder: Path) -> None:
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def forget_previews(upload: Upload) -> None:
    """Remove what a file would have been read as; it has been read."""
    shutil.rmtree(storage.previews_folder(upload), ignore_errors=True)


def keep_look(upload: Upload, mapping: FileMapping, others: tuple[SheetMapping, ...]) -> None:
    """Keep what people need to see of a file: samples, and how each table would read."""
    grids = read_grids(storage.upload_path(upload))
    look = {
        "sheets": samples_of_grids(grids, mapping, others),
        "tables": text_of_mapping(FileMapping(upload.name, (*mapping.sheets, *others))),
    }
    with storage.folder_made_whole(storage.look_folder(upload)) as folder:
        (folder / "look.json").write_text(json.dumps(look, ensure_ascii=False), "utf-8")


def look_of(upload: Upload) -> dict[str, Any]:
    """Return samples of a file's sheets, and how its tables would read; empty for none."""
    try:
        look: dict[str, Any] = json.loads(
            (storage.look_folder(upload) / "look.json").read_text("utf-8")
        )
    except (OSError, ValueError):
        return {"sheets": [], "tables": ""}
    return look


def tables_of(look: dict[str, Any]) -> tuple[SheetMapping, ...]:
    """Return how every table among the sheets of a file would read, as it was proposed."""
    text = look.get("tables", "")
    return mapping_of_text(text).sheets if text else ()
