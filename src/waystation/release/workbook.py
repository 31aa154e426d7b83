"""The workbook, in the layout that information officers publish.

Sheets: read me, summary, data of the last round (one row a location), totals of the first and
second level, dictionary. Text is always text, never a formula; numbers are numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from waystation.release.hxl import tags_of_columns
from waystation.release.published import indicator_rows, wide_latest
from waystation.release.report.sources import protection_lines, source_lines
from waystation.release.report.words import Words
from waystation.release.snapshots import country_name, latest_rows
from waystation.release.theme import LIGHT
from waystation.tracking.build import Build
from waystation.tracking.indicators import indicator_by_code, is_indicator
from waystation.tracking.matrix import CellStatus

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MARKED = {CellStatus.CARRIED_FORWARD.value: "carried", CellStatus.ESTIMATED.value: "estimated"}
WIDEST = 42


def write_workbook(
    build: Build, path: Path, *, language: str = "en", hxl: bool = False
) -> Path:
    """Write the workbook.

    Args:
        build: The build; the sheets show its last round, the summary all rounds.
        path: The file, replaced if there.
        language: Of headings, sheet names and labels; Arabic sheets run from right to left.
        hxl: Whether a row of HXL tags stands under the headings of the data and total sheets.

    Returns:
        The path.
    """
    import xlsxwriter

    words = Words(language)
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": words.say("title", country=_country(build, words))})
        book.set_size(1600, 1000)
        formats = _formats(book, words)
        _readme(book, formats, build, words)
        _summary(book, formats, build, words)
        _data(book, formats, build, words, hxl=hxl)
        for level in (1, 2):
            _totals(book, formats, build, words, level, hxl=hxl)
        _dictionary(book, formats, build, words)
    return path


def _country(build: Build, words: Words) -> str:
    return country_name(build.country, build.units, words.language)


def _formats(book: Workbook, words: Words) -> dict[str, Any]:
    side = {
        "align": "right" if words.is_rtl else "left",
        "reading_order": 2 if words.is_rtl else 0,
    }
    head = {
        "bold": True,
        "bg_color": LIGHT.panel,
        "bottom": 1,
        "text_wrap": True,
        "valign": "top",
    }
    figure = {"num_format": "#,##0.##;-#,##0.##;0"}
    whole = {"num_format": "#,##0"}
    kinds: dict[str, dict[str, Any]] = {
        "head": {**head, **side},
        "tag": {"font_color": LIGHT.quiet, "font_size": 9},
        "title": {"bold": True, "font_size": 16, "font_color": LIGHT.ink, **side},
        "text": {**side, "text_wrap": True, "valign": "top"},
        "plain": dict(side),
        "date": {"num_format": "yyyy-mm-dd", **side},
        "place": {"num_format": "0.######"},
        "whole": whole,
        "figure": figure,
        "carried": {**whole, "italic": True, "font_color": LIGHT.quiet},
        "estimated": {**whole, "italic": True, "font_color": LIGHT.accent_text},
    }
    return {name: book.add_format(kind) for name, kind in kinds.items()}


def _sheet(book: Workbook, name: str, words: Words) -> Worksheet:
    sheet = book.add_worksheet(name[:31])
    if words.is_rtl:
        sheet.right_to_left()
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return sheet


def _table(
    sheet: Worksheet,
    formats: dict[str, Any],
    frame: pl.DataFrame,
    words: Words,
    *,
    hxl: bool = False,
    states: pl.DataFrame | None = None,
) -> None:
    """Write headings, tags and rows; freeze the headings, set widths, offer filters."""
    top = 2 if hxl else 1
    for number, column in enumerate(frame.columns):
        heading = _heading(column, words)
        sheet.write_string(0, number, heading, formats["head"])
        values = frame[column]
        marks = (
            states[column].to_list() if states is not None and is_indicator(column) else None
        )
        _column(sheet, formats, number, top, values, marks)
        longest = values.head(400).cast(pl.String).str.len_chars().max() or 0
        size = max(int(str(longest)), min(len(heading), 24)) + 2
        sheet.set_column(number, number, min(size, WIDEST))
    if hxl:
        for number, tag in enumerate(tags_of_columns(frame.columns)):
            sheet.write_string(1, number, tag, formats["tag"])
    sheet.freeze_panes(top, 0)
    if frame.height:
        sheet.autofilter(top - 1, 0, frame.height + top - 1, frame.width - 1)


def _heading(column: str, words: Words) -> str:
    """Return what a column is called in a language; its own name where it has no other."""
    if is_indicator(column):
        return indicator_by_code(column).label(words.language)
    return words.say_or(f"column_{column}", column)


def _column(
    sheet: Worksheet,
    formats: dict[str, Any],
    number: int,
    top: int,
    values: pl.Series,
    marks: list[str | None] | None,
) -> None:
    cells = enumerate(values.to_list(), start=top)
    filled = [(row, value) for row, value in cells if value is not None]
    if values.dtype.is_numeric():
        kind = formats[_number_kind(values)]
        for row, value in filled:
            mark = MARKED.get(marks[row - top] or "") if marks else None
            sheet.write_number(row, number, value, formats[mark] if mark else kind)
    elif values.dtype == pl.Date:
        for row, value in filled:
            sheet.write_datetime(row, number, value, formats["date"])
    else:
        for row, value in filled:
            sheet.write_string(row, number, str(value), formats["plain"])


def _number_kind(values: pl.Series) -> str:
    if values.name in {"latitude", "longitude"}:
        return "place"
    if values.name in {"round_number", "admin_level"}:
        return "plain"
    return "figure" if values.dtype.is_float() and (values % 1 != 0).any() else "whole"


def _readme(book: Workbook, formats: dict[str, Any], build: Build, words: Words) -> None:
    sheet = _sheet(book, words.say("sheet_readme"), words)
    sheet.set_column(0, 0, 110)
    sheet.hide_gridlines(2)
    lines = [
        *(
            words.say(f"method_{part}")
            for part in ("stock", "blank", "carry", "change", "limits")
        ),
        *protection_lines(build, words),
        words.say("workbook_marks"),
        words.say("workbook_scope"),
        words.say("boundaries_disclaimer"),
    ]
    sheet.write_string(
        0, 0, words.say("title", country=_country(build, words)), formats["title"]
    )
    sheet.write_string(1, 0, build.operation, formats["text"])
    row = 3
    for line in lines:
        sheet.write_string(row, 0, line, formats["text"])
        row += 1
    row += 1
    sheet.write_string(row, 0, words.say("sources_heading"), formats["head"])
    for line in source_lines(build, words):
        row += 1
        sheet.write_string(row, 0, line, formats["text"])


def _summary(book: Workbook, formats: dict[str, Any], build: Build, words: Words) -> None:
    """Write the totals of the country, one row a snapshot, one column an indicator."""
    sheet = _sheet(book, words.say("sheet_summary"), words)
    top = build.totals.filter(pl.col("admin_level") == 0)
    codes = [c for c in top["indicator"].unique().sort().to_list() if "__" not in c]
    index = ["operation", "component", "round_number", "reference_date"]
    rows = (
        top.filter(pl.col("indicator").is_in(codes))
        .pivot("indicator", index=index, values="value", aggregate_function="first")
        .sort("operation", "component", "reference_date")
        .select(*index, *codes)
    )
    _table(sheet, formats, _worded(rows, words), words)


def _worded(rows: pl.DataFrame, words: Words) -> pl.DataFrame:
    if "component" not in rows.columns:
        return rows
    names = {c: words.say_or(f"component_{c}", c) for c in rows["component"].unique().to_list()}
    return rows.with_columns(pl.col("component").replace_strict(names, default=None))


def _data(
    book: Workbook, formats: dict[str, Any], build: Build, words: Words, *, hxl: bool
) -> None:
    sheet = _sheet(book, words.say("sheet_data"), words)
    values, states = wide_latest(build, words.language)
    kept = [c for c in values.columns if is_indicator(c) or values[c].is_not_null().any()]
    shown = _worded(values.select(kept), words)
    _table(sheet, formats, shown, words, hxl=hxl, states=states)


def _totals(
    book: Workbook,
    formats: dict[str, Any],
    build: Build,
    words: Words,
    level: int,
    *,
    hxl: bool,
) -> None:
    """Write the totals of one level in the last round, wide."""
    sheet = _sheet(book, words.say(f"sheet_admin{level}"), words)
    rows = latest_rows(build.totals).filter(pl.col("admin_level") == level)
    codes = rows["indicator"].unique(maintain_order=True).sort().to_list()
    index = [
        "operation",
        "component",
        "round_number",
        "reference_date",
        "parent_code",
        "code",
        "name",
    ]
    wide = (
        rows.pivot("indicator", index=index, values="value", aggregate_function="first")
        .sort("operation", "component", "parent_code", "code", nulls_last=True)
        .select(*index, *codes)
        .with_columns(
            pl.when(pl.col("code").is_null())
            .then(pl.lit(words.say("not_placed")))
            .otherwise("name")
            .alias("name")
        )
    )
    own = {"code": f"admin{level}_code", "name": f"admin{level}_name"}
    own |= {"parent_code": "admin1_code"} if level == 2 else {}
    wide = wide.rename(own).drop("parent_code", strict=False)
    _table(sheet, formats, _worded(wide, words), words, hxl=hxl)


def _dictionary(book: Workbook, formats: dict[str, Any], build: Build, words: Words) -> None:
    sheet = _sheet(book, words.say("sheet_dictionary"), words)
    entries = indicator_rows(build, words.language).select(
        pl.col("label").alias("heading"),
        code="indicator",
        unit=pl.col("unit").replace_strict(
            {u: words.unit(u) for u in ("persons", "households", "sites", "percent")},
            default=None,
        ),
        kind="kind",
        hxl="hxl",
    )
    _table(sheet, formats, entries, words)
