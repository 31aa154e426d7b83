"""Who does what where as an operation holds it: frames out of records, for the library."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl

from waystation.tracking.response import Presence as PresenceTable
from waystation.web.tracking import storage
from waystation.web.tracking.models import Operation, PresenceImport
from waystation.web.tracking.models.response import PresenceState

COLUMNS = tuple(PresenceTable.column_names())
NULLABLE_TEXTS = ("acronym", "organisation_type", "admin2_code", "status")


def presence_that_holds(operation: Operation) -> PresenceImport | None:
    """Return the table of presence that holds; None where there is none."""
    return operation.presence_imports.filter(is_current=True).first()


def imports_of(operation: Operation) -> list[PresenceImport]:
    """Return the tables that were taken in, the newest first, also those withdrawn."""
    imports = operation.presence_imports.exclude(state=PresenceState.TO_CONFIRM)
    return list(imports.select_related("sent_by"))


def frame_of_import(table: PresenceImport) -> pl.DataFrame:
    """Return a table as a frame, shape ``Presence``; its entries never change."""
    return _frame(table.pk, table.sha256)


@lru_cache(maxsize=8)
def _frame(import_id: int, _sha256: str) -> pl.DataFrame:
    entries = PresenceImport.objects.get(pk=import_id).entries.order_by("pk")
    schema = {name: column.dtype for name, column in PresenceTable.columns().items()}
    texts = {n: pl.String if isinstance(k, pl.Enum) else k for n, k in schema.items()}
    rows = entries.values_list(*COLUMNS).iterator(chunk_size=5000)
    frame = pl.DataFrame(list(rows), schema=texts, orient="row")
    blank = pl.col(*NULLABLE_TEXTS).replace("", None)
    return PresenceTable.require(frame.with_columns(blank))


def findings_path(table: PresenceImport) -> Path:
    """Return where the findings of a table lie."""
    folder = storage.operation_folder(table.operation) / "presence"
    return folder / f"{table.pk}-{table.sha256[:16]}.parquet"


def findings_of_import(table: PresenceImport) -> pl.DataFrame:
    """Return what was found wrong with a table, shape ``Findings``; no rows where nothing."""
    path = findings_path(table)
    from waystation.findings import Findings

    return pl.read_parquet(path) if path.exists() else Findings.empty_frame()
