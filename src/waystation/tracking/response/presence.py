"""Response tables (3W, 4W, 5W) as missions have them, read into one shape."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from waystation.findings import Findings
from waystation.grids import read_grids
from waystation.tracking.checks import CHECKS
from waystation.tracking.intake.dates import dates_from_text
from waystation.tracking.intake.numbers import numbers_from_columns
from waystation.tracking.response.layout import PLACES, WHO, layouts_of, rows_of
from waystation.tracking.response.places import with_units
from waystation.tracking.response.tables import MOST_REACHED, ActivityStatus, Presence
from waystation.tracking.response.vocabulary import (
    is_everywhere,
    plain,
    sectors_of_text,
    status_of_text,
)

NO_ORGANISATION = "TRK-190"
UNKNOWN_SECTOR = "TRK-191"
UNKNOWN_PLACE = "TRK-192"
NO_PLACE = "TRK-193"
ENDS_FIRST = "TRK-194"
UNREAD_DATE = "TRK-195"
UNREAD_REACHED = "TRK-196"
UNKNOWN_STATUS = "TRK-197"
CONTACTS = "TRK-198"
REPEATED = "TRK-199"
_TEXTS = (
    "sector",
    "status",
    "starts_on",
    "ends_on",
    "reached",
    "organisation_type",
    *WHO,
    *PLACES,
)
_DATES = ("starts_on", "ends_on")
_ADDRESS = r"(?i)[<(\[]?\s*[\w.+-]+@[\w-]+(?:\.[\w-]+)+\s*[>)\]]?"
_PHONE = r"[(\[]?\s*(?:\+|\b00)?\d[\d\s().-]{7,}\d\s*[)\]]?"
_SHOWN = 60


def read_presence(path: Path, units: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read a table of who does what where.

    Every sheet with columns for organisation, sector and place is read; headings may stand
    below titles, in English, French, Spanish or Arabic, or be HXL tags. Only columns that
    `Presence` has are read: what else a sheet says, and all that helps to reach a person, stays
    behind; addresses and numbers written beside an organisation's name are cut off it.

    Args:
        path: A csv or Excel file.
        units: Shape ``Units``, of the operation's country.

    Returns:
        Shape ``Presence``, in the order of the file: one row an activity and sector, one
        spelling an organisation. And shape ``Findings``: what was left out, and what was not
        understood, each with its row.

    Raises:
        UnusableInput: If the file cannot be read, or no sheet says who does what where.
    """
    path = Path(path)
    layouts = layouts_of(read_grids(path), path.name)
    read = pl.concat([rows_of(layout) for layout in layouts], how="diagonal")
    absent = [pl.lit(None, pl.String).alias(n) for n in _TEXTS if n not in read.columns]
    rows = _spaced(read.with_columns(absent)).with_columns(file=pl.lit(path.name))
    found = [_contacts(sum(layout.contacts for layout in layouts), path.name)]
    for step in (_once, _organised, _in_sectors, _placed, _dated, _counted, _standing):
        rows, findings = step(rows, units)
        found += findings
    expanded = rows.explode("sectors").with_columns(sector=pl.col("sectors"))
    noted = pl.concat(found).sort("row", "code", nulls_last=False, maintain_order=True)
    return _presence(expanded), Findings.require(noted)


Step = tuple[pl.DataFrame, list[pl.DataFrame]]


def _spaced(rows: pl.DataFrame) -> pl.DataFrame:
    """Return texts without control characters and doubled spaces; empty ones are null."""
    text = (
        pl.col(*_TEXTS)
        .str.replace_all(r"[\p{Cc}\p{Cf}\s]+", " ")
        .str.strip_chars()
        .replace("", None)
    )
    return rows.with_columns(text)


def _once(rows: pl.DataFrame, _: pl.DataFrame) -> Step:
    is_first = pl.struct("content", "sheet").is_first_distinct()
    again = rows.filter(~is_first)
    return rows.filter(is_first), [_found(REPEATED, again, None, "is the same as one above it")]


def _organised(rows: pl.DataFrame, _: pl.DataFrame) -> Step:
    """Settle who does it: one spelling each, without what reaches a person."""
    clean = pl.col(*WHO).str.replace_all(_ADDRESS, " ").str.replace_all(_PHONE, " ")
    clean = clean.str.replace_all(r"\s+", " ").str.strip_chars(" ,;:-/").replace("", None)
    rows = rows.with_columns(clean).with_columns(
        name=pl.coalesce("implementing", "organisation", "acronym").str.slice(0, 200),
        acronym=pl.when(pl.col("implementing").is_null()).then(
            pl.col("acronym").str.slice(0, 40)
        ),
    )
    has_name = pl.col("name").str.contains(r"[\p{L}\p{N}]").fill_null(value=False)
    nobody = rows.filter(~has_name)
    rows = rows.filter(has_name)
    names = rows.select("name", "acronym").drop_nulls("name")
    key_of = {name: plain(name) or name for name in names["name"].unique().to_list()}
    short = {
        plain(a): key_of[n] for n, a in names.drop_nulls().unique().sort("name").iter_rows()
    }
    key_of = {name: short.get(key, key) for name, key in key_of.items()}
    keyed = rows.with_columns(key=pl.col("name").replace_strict(key_of, return_dtype=pl.String))
    spelt = (
        keyed.group_by("key", "name", maintain_order=True)
        .agg(pl.len(), length=pl.col("name").str.len_chars().first())
        .sort("length", "len", descending=True, maintain_order=True)
        .unique("key", keep="first", maintain_order=True)
        .select("key", spelling="name")
    )
    sure = keyed.drop_nulls("acronym").group_by("key").agg(short=pl.col("acronym").mode().min())
    rows = (
        keyed.join(spelt, on="key", how="left", maintain_order="left")
        .join(sure, on="key", how="left", maintain_order="left")
        .with_columns(organisation="spelling", acronym="short")
    )
    return rows, [_found(NO_ORGANISATION, nobody, None, "names no organisation")]


def _in_sectors(rows: pl.DataFrame, _: pl.DataFrame) -> Step:
    told = {text: sectors_of_text(text) for text in _distinct(rows["sector"])}
    known = pl.DataFrame(
        {"sector": list(told), "sectors": [list(found) for found in told.values()]},
        schema={"sector": pl.String, "sectors": pl.List(pl.String)},
    )
    rows = rows.join(known, on="sector", how="left", maintain_order="left")
    is_known = (pl.col("sectors").list.len() > 0).fill_null(value=False)
    other = rows.filter(~is_known)
    return rows.filter(is_known), [
        _found(UNKNOWN_SECTOR, other, "sector", "names no sector that is known")
    ]


def _placed(rows: pl.DataFrame, units: pl.DataFrame) -> Step:
    given = list(PLACES)
    whole = [text for name in given for text in _distinct(rows[name]) if is_everywhere(text)]
    said = pl.coalesce(given)
    rows = rows.with_columns(
        pl.when(~pl.col(name).is_in(whole)).then(pl.col(name)).alias(name) for name in given
    ).with_columns(place=said)
    nowhere = rows.filter(pl.col("place").is_null())
    rows = with_units(rows.filter(pl.col("place").is_not_null()), units)
    lost = rows.filter(pl.col("unit1").is_null())
    rows = rows.filter(pl.col("unit1").is_not_null())
    second = pl.coalesce("admin2_code", "admin2_name")
    above_only = rows.with_columns(place=second).filter(
        pl.col("unit2").is_null() & second.is_not_null()
    )
    return rows, [
        _found(NO_PLACE, nowhere, None, "names no place below the country"),
        _found(UNKNOWN_PLACE, lost, "place", "names a place that is not in the list"),
        _found(
            UNKNOWN_PLACE, above_only, "place",
            "names a place that is not in the list, and counts for the unit above only",
            severity="warning",
        ),
    ]  # fmt: skip


def _dated(rows: pl.DataFrame, _: pl.DataFrame) -> Step:
    found = []
    read = []
    for name in _DATES:
        dates, is_fault = dates_from_text(rows[name])
        read.append(dates.alias(f"{name}_day"))
        bad = rows.filter(is_fault)
        found.append(_found(UNREAD_DATE, bad, name, "has a date that cannot be read"))
    rows = rows.with_columns(read)
    is_backward = (pl.col("ends_on_day") < pl.col("starts_on_day")).fill_null(value=False)
    backward = rows.filter(is_backward)
    found.append(_found(ENDS_FIRST, backward, "ends_on", "ends before it starts"))
    return rows.filter(~is_backward), found


def _counted(rows: pl.DataFrame, _: pl.DataFrame) -> Step:
    numbers, faulty = numbers_from_columns(rows.select("reached"))
    reached = numbers["reached"]
    is_bad = faulty.get("reached", pl.Series([False] * rows.height, dtype=pl.Boolean))
    is_bad = is_bad | ((reached < 0) | (reached > MOST_REACHED)).fill_null(value=False)
    rows = rows.with_columns(persons=reached.set(is_bad, None).round().cast(pl.Int64))
    bad = rows.filter(is_bad)
    return rows, [_found(UNREAD_REACHED, bad, "reached", "has no number of people reached")]


def _standing(rows: pl.DataFrame, _: pl.DataFrame) -> Step:
    told = {text: status_of_text(text) for text in _distinct(rows["status"])}
    rows = rows.with_columns(
        standing=pl.col("status").replace_strict(told, default=None, return_dtype=pl.String)
    )
    other = rows.filter(pl.col("status").is_not_null() & pl.col("standing").is_null())
    return rows, [_found(UNKNOWN_STATUS, other, "status", "has a status that is not known")]


def _distinct(column: pl.Series) -> list[str]:
    return [str(text) for text in column.drop_nulls().unique().to_list()]


def _presence(rows: pl.DataFrame) -> pl.DataFrame:
    kinds = {name: Presence.columns()[name].dtype for name in ("sector", "status")}
    return Presence.require(
        rows.select(
            "organisation",
            "acronym",
            pl.col("organisation_type").str.slice(0, 80),
            pl.col("sector").cast(kinds["sector"]),
            admin1_code="unit1",
            admin2_code="unit2",
            status=pl.col("standing").cast(pl.Enum([s.value for s in ActivityStatus])),
            starts_on="starts_on_day",
            ends_on="ends_on_day",
            reached="persons",
        )
    )


def _found(
    code: str, rows: pl.DataFrame, column: str | None, what: str, *, severity: str | None = None
) -> pl.DataFrame:
    """Return a finding for each row; a cell is told as far as it cannot name a person."""
    check = CHECKS[code]
    schema = {name: column.dtype for name, column in Findings.columns().items()}
    told = pl.lit(None, pl.String)
    if column is not None:
        told = (
            pl.col(column)
            .str.replace_all(_ADDRESS, "…")
            .str.replace_all(_ADDRESS if column in {"reached", *_DATES} else _PHONE, "…")
            .str.slice(0, _SHOWN)
        )
    where = (
        pl.when(pl.col("sheet").is_not_null())
        .then(pl.format("Sheet {}, row {}", pl.col("sheet"), pl.col("row")))
        .otherwise(pl.format("Row {}", pl.col("row")))
    )
    cell = pl.when(told.is_not_null()).then(pl.format(" ({})", told)).otherwise(pl.lit(""))
    known = {
        "code": pl.lit(code),
        "severity": pl.lit(severity or check.severity.value),
        "message": pl.concat_str(where, pl.lit(f" {what}"), cell, pl.lit(f". {check.action}")),
        "file": pl.col("file"),
        "sheet": pl.col("sheet"),
        "row": pl.col("row"),
        "column": pl.lit(column, pl.String),
        "reported": told,
    }
    return rows.select(
        known.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in schema.items()
    )


def _contacts(count: int, file: str) -> pl.DataFrame:
    rows = pl.DataFrame(
        {"file": [file], "sheet": [None], "row": [None]},
        schema={"file": pl.String, "sheet": pl.String, "row": pl.Int64},
    )
    check = CHECKS[CONTACTS]
    note = f"{count} columns hold contacts of people and were not read. {check.action}"
    found = _found(CONTACTS, rows, None, "").with_columns(message=pl.lit(note))
    return found.head(1 if count else 0)
