"""What is true, and every finding that a perfect checker would make."""

from __future__ import annotations

from pathlib import Path

import dataframely as dy
import numpy as np
import polars as pl

from waystation.tables import Table, claim, day, number, text, whole
from waystation.tracking.exercise.field_files import Sent
from waystation.tracking.exercise.headings import KOBO
from waystation.tracking.exercise.history import History
from waystation.tracking.exercise.injection import WHOLE_ROW, Injector, Note
from waystation.tracking.exercise.kinds import KINDS
from waystation.tracking.exercise.layouts import Layout, headings_of
from waystation.tracking.mapping import ColumnMapping


class Expected(Table):
    """Findings a perfect checker makes: injected defects, and what honest data also shows."""

    defect_id = text("Stable within one exercise.", nullable=False, primary_key=True)
    group = text("Rows of one group are one defect; finding any of them finds it.",
                 nullable=False)  # fmt: skip
    kind = text("Kind of the defect; of what was not injected: natural.", nullable=False)
    code = text("Code in the catalogue that names it best.", nullable=False)
    injected = claim("True for a defect put in; false for what is so by nature.")
    is_required = claim(
        "False where a checker may report it and may as well not; not part of recall."
    )
    file = text("Name of the file.")
    sheet = text("Name of the sheet.")
    row = whole("Row as a spreadsheet program numbers it, from 1.")
    cell = text("Address of the cell in a spreadsheet program, e.g. F12.")
    submission_id = text("As intake builds it: file/sheet/row, or file/uuid.")
    location_id = text("True location.")
    round_number = whole("Round of the file.")
    column = text("Field or indicator; ``*`` for every figure of the row.")
    heading = text("Heading of the column in the file.")
    reported = text("What the file says; null for a blank cell.")
    true_value = text("What it should say.")
    is_recoverable = claim("Whether the true figures follow from the files without a person.")


class TruthMatrix(Table):
    """True figures of every location and round, whether or not anybody assessed them."""

    location_id = text("Location.", nullable=False, primary_key=True)
    round_number = whole("Round.", nullable=False, primary_key=True)
    reference_date = day("Last day of the round.", nullable=False)
    indicator = text(
        "Code in the dictionary; an area of origin is the French name of its unit.",
        nullable=False,
        primary_key=True,
    )
    value = number("The true figure.", nullable=False)
    is_covered = claim("The location was assessed in the round.")
    is_asked = claim("The form of its office asks for the indicator.")


def truth_matrix(inject: Injector) -> pl.DataFrame:
    """Return the true figures; shape ``TruthMatrix``, by indicator, round and site."""
    history = inject.history
    index, site = np.nonzero(history.is_open)
    office = history.sites["admin1"].to_numpy()[site]
    base = pl.DataFrame(
        {
            "location_id": history.sites["location_id"].to_numpy()[site],
            "round_number": index + 1,
            "reference_date": pl.Series(history.dates).gather(index),
        }
    )
    covered = pl.Series("is_covered", history.is_covered[index, site])
    parts = []
    for code, values in history.figures.items():
        asked = np.array([code in o.layout.fields for o in inject.offices])
        parts.append(
            base.with_columns(
                pl.lit(code).alias("indicator"),
                pl.Series("value", values[index, site]),
                covered,
                pl.Series("is_asked", asked[office]),
            )
        )
    return pl.concat(parts)


def expected_findings(inject: Injector, sent: Sent) -> pl.DataFrame:
    """Return injected defects and natural findings; shape ``Expected``."""
    forms = {
        (office, index): o.layout_in(index)
        for office, o in enumerate(inject.offices)
        for index in range(len(inject.history.dates))
    }
    units = inject.country.level(1)
    headings = {f: [h for _, h in headings_of(f, units)] for f in set(forms.values())}
    rows = [_line(inject, sent, headings, n, i) for i, n in enumerate(inject.notes)]
    schema = {name: column.dtype for name, column in Expected.columns().items()}
    injected = pl.DataFrame(rows, schema=schema, orient="row")
    natural = natural_findings(inject.history, inject, sent)
    return pl.concat([injected, natural.select(injected.columns)])


def _line(
    inject: Injector, sent: Sent, headings: dict[Layout, list[str]], note: Note, at: int
) -> dict[str, object]:
    draft = inject.draft
    row = note.row
    office, index = (
        note.file_key or (0, 0)
        if row is None
        else (int(draft.office[row]), int(draft.round_index[row]))
    )
    layout = inject.offices[office].layout_in(index)
    line: dict[str, object] = {
        "defect_id": f"defect_{at + 1:05d}",
        "group": f"group_{note.group:05d}",
        "kind": note.kind,
        "code": KINDS[note.kind].code,
        "injected": True,
        "is_required": True,
        "file": sent.files.get((office, index)),
        "sheet": layout.sheet,
        "round_number": index + 1,
        "column": note.field or None,
        "reported": note.reported,
        "true_value": note.true_value,
        "is_recoverable": note.is_recoverable,
    }
    if row is not None:
        site = int(draft.site[row])
        line["location_id"] = note.location_id or inject.history.sites["location_id"][site]
        if sent.row[row]:
            line |= _where(inject, sent, headings[layout], layout, note, row)
    return line


def _where(
    inject: Injector, sent: Sent, headings: list[str], layout: Layout, note: Note, row: int
) -> dict[str, object]:
    number, file = int(sent.row[row]), str(sent.file[row])
    found: dict[str, object] = {"row": number}
    found["submission_id"] = f"{file}/{layout.sheet or ''}/{number}"
    if "record_uuid" in layout.fields:
        found["submission_id"] = f"{file}/{inject.draft.words['record_uuid'][row]}"
    if note.field != WHOLE_ROW and note.field in layout.fields:
        at = layout.fields.index(note.field)
        found["cell"] = f"{ColumnMapping(at, '').letter}{number}"
        found["heading"] = KOBO[note.field] if layout.name == "kobo" else headings[at]
    return found


def natural_findings(history: History, inject: Injector, sent: Sent) -> pl.DataFrame:
    """Return what honest data shows too: gaps of coverage, new places, real shocks."""
    covered = history.is_covered
    persons = history.figures["idp_individuals"]
    rounds, count = covered.shape
    last = np.full(count, -1)
    has_closed = np.zeros(count, dtype=bool)
    parts: list[tuple[str, int, np.ndarray, bool]] = []
    for index in range(rounds):
        now = covered[index]
        before = np.where(last >= 0, persons[np.maximum(last, 0), np.arange(count)], np.nan)
        known = (last >= 0) & ~has_closed
        parts += _gaps(index, now, known, last)
        change = np.abs(persons[index] - before)
        ratio = (persons[index] + 5) / (before + 5)
        strong = (np.abs(np.log(ratio)) >= np.log(2)) & (change >= 100)
        some = (np.abs(np.log(ratio)) >= np.log(1.2)) & (change >= 10)
        parts.append(("TRK-160", index, now & known & strong, True))
        parts.append(("TRK-160", index, now & known & some & ~strong, False))
        parts.append(("TRK-163", index, now & known & _is_same(inject, index, last), False))
        has_closed |= now & history.is_closing[index]
        last = np.where(now, index, last)
    return _natural_frame(history, inject, sent, parts)


def _gaps(
    index: int, now: np.ndarray, known: np.ndarray, last: np.ndarray
) -> list[tuple[str, int, np.ndarray, bool]]:
    return [
        ("TRK-161", index, ~now & known & (last == index - 1), True),
        ("TRK-161", index, ~now & known & (last < index - 1), False),
        ("TRK-162", index, now & known & (last < index - 1), True),
        ("TRK-167", index, now & (last < 0) & (index > 0), True),
    ]


def _is_same(inject: Injector, index: int, last: np.ndarray) -> np.ndarray:
    """Return the sites of which every stock that is asked is that of the last report."""
    office = inject.history.sites["admin1"].to_numpy()
    same = np.ones(len(last), dtype=bool)
    at = np.arange(len(last))
    for code, values in inject.history.figures.items():
        if code.startswith(("arrival_", "departure_")):
            continue
        asked = np.array([code in o.layout.fields for o in inject.offices])[office]
        same &= ~asked | (values[index] == values[np.maximum(last, 0), at])
    return same


def _natural_frame(
    history: History,
    inject: Injector,
    sent: Sent,
    parts: list[tuple[str, int, np.ndarray, bool]],
) -> pl.DataFrame:
    ids = history.sites["location_id"].to_numpy()
    office = history.sites["admin1"].to_numpy()
    frames = []
    for code, index, mask, is_required in parts:
        site = np.flatnonzero(mask)
        row = inject.draft.row_of[index, site]
        is_sent = (row >= 0) & (sent.row[row] > 0)
        files = [sent.files.get((int(o), index)) for o in office[site]]
        frames.append(
            pl.DataFrame(
                {
                    "code": [code] * len(site),
                    "location_id": ids[site].tolist(),
                    "round_number": [index + 1] * len(site),
                    "is_required": [is_required] * len(site),
                    "file": files,
                    "sheet": [inject.offices[int(o)].layout.sheet for o in office[site]],
                    "row": np.where(is_sent, sent.row[row], 0).tolist(),
                },
                schema={
                    "code": pl.String,
                    "location_id": pl.String,
                    "round_number": pl.Int64,
                    "is_required": pl.Boolean,
                    "file": pl.String,
                    "sheet": pl.String,
                    "row": pl.Int64,
                },
            )
        )  # fmt: skip
    found = pl.concat(frames).with_row_index("at")
    identity = pl.format("natural_{}", pl.col("at").cast(pl.String).str.zfill(6))
    found = found.with_columns(
        pl.col("row").replace(0, None),
        defect_id=identity,
        group=identity,
        kind=pl.lit("natural"),
        injected=pl.lit(value=False),
        is_recoverable=pl.lit(value=True),
    )
    return Expected.complete(found)


def write_truth(inject: Injector, sent: Sent, folder: Path) -> None:
    """Write matrix.parquet, locations.csv, events.csv, defects.csv and expected.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    truth_matrix(inject).write_parquet(folder / "matrix.parquet", compression="zstd")
    history = inject.history
    history.sites.select(
        "location_id", "name_en", "name_fr", "name_ar", "location_type", "admin1_code",
        "admin2_code", "admin3_code", "latitude", "longitude", "opened_round", "closed_round",
    ).write_csv(folder / "locations.csv")  # fmt: skip
    history.events.write_csv(folder / "events.csv")
    expected = expected_findings(inject, sent)
    expected.write_csv(folder / "expected.csv")
    expected.filter("injected").write_csv(folder / "defects.csv")


def read_expected(path: Path) -> pl.DataFrame:
    """Return defects.csv or expected.csv; shape ``Expected``."""
    schema: dict[str, dy.Column] = Expected.columns()
    dtypes = {name: column.dtype for name, column in schema.items()}
    return pl.read_csv(path, schema=dtypes)
