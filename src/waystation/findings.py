"""What is wrong with data: where, how sure, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

import dataframely as dy
import polars as pl

from waystation.tables import Table, text, whole


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of an area's catalogue of findings.

    Attributes:
        code: Stable name, e.g. "TRK-130".
        severity: How much it matters unless the finding says otherwise.
        title: What is wrong, in a few words.
        action: What the reader can do about it.
    """

    code: str
    severity: Severity
    title: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong with data; carries no personal data and may be shown and logged."""

    code: str
    severity: Severity
    message: str
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    submission_id: str | None = None
    location_id: str | None = None
    place: str | None = None
    round_number: int | None = None
    column: str | None = None
    reported: str | None = None
    expected: str | None = None


class Findings(Table):
    """Findings, one a row; the frame form of `Finding`."""

    code = text("Code in the area's catalogue, e.g. TRK-130.", nullable=False)
    severity = dy.Enum([s.value for s in Severity], description="error, warning or info.")
    message = text("Row, place, what is wrong and what to do, in words.", nullable=False)
    file = text("Name of the file.")
    sheet = text("Name of the sheet.")
    row = whole("Row as a spreadsheet program numbers it, from 1.")
    submission_id = text("The submission it is about.")
    location_id = text("The location it is about.")
    place = text("Name of the place, for a reader.")
    round_number = whole("The round it is about.")
    column = text("Field or indicator it is about.")
    reported = text("The value found.")
    expected = text("The value that would be right, where one can be computed.")


def findings_table(findings: Iterable[Finding]) -> pl.DataFrame:
    """Return findings as a frame; shape ``Findings``, in the order given."""
    schema = {name: column.dtype for name, column in Findings.columns().items()}
    return pl.DataFrame([asdict(finding) for finding in findings], schema=schema, orient="row")
