"""Files that leave with a reader: attachments, safe for spreadsheets, told to the audit."""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import polars as pl
from django.http import FileResponse, HttpResponse

from waystation.release.tabular import write_csv
from waystation.web.accounts.models import User
from waystation.web.tracking.actions.closer import record_download
from waystation.web.tracking.models.operations import Visibility
from waystation.web.tracking.views.closer.reading import Reading

PIECE = 1 << 18
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SavedFile(FileResponse):
    """A file to be saved, read piece by piece on asynchronous servers too."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield its pieces."""
        file = self.file_to_stream
        while file is not None and (piece := await asyncio.to_thread(file.read, PIECE)):
            yield piece


def attachment(content: bytes, kind: str, name: str) -> HttpResponse:
    """Return bytes as a file to be saved."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{plain(name)}"'
    return answer


def plain(name: str) -> str:
    """Return a file name of letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:120] or "file"


def told(reading: Reading, what: str) -> None:
    """Tell the audit of a download where the figures are for partners only."""
    if reading.operation.visibility != Visibility.PUBLIC:
        user = reading.request.user
        by = user if isinstance(user, User) else None
        record_download(reading.operation, what, edition=reading.edition.number, by=by)


def csv_answer(reading: Reading, frame: pl.DataFrame, name: str) -> HttpResponse:
    """Return rows as a csv file."""
    told(reading, "csv")
    with tempfile.TemporaryDirectory(prefix="waystation-") as folder:
        content = write_csv(frame, Path(folder) / "rows.csv").read_bytes()
    return attachment(content, CSV, f"{reading.operation.slug}-{name}.csv")


def xlsx_answer(reading: Reading, frame: pl.DataFrame, name: str) -> HttpResponse:
    """Return rows as a workbook; text is written as text, so that none of it is a formula."""
    import xlsxwriter

    told(reading, "xlsx")
    file = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "nan_inf_to_errors": True,
    }  # fmt: skip
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("table")
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, frame.columns, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(frame.iter_rows(), start=1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write_number(number, column, value)
    return attachment(file.getvalue(), XLSX, f"{reading.operation.slug}-{name}.xlsx")
