"""Which rows of a sheet are reports, and which are tags, headings, totals or notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import polars as pl

from waystation.errors import InvalidMapping
from waystation.grids import Grid
from waystation.tracking.indicators import is_indicator
from waystation.tracking.mapping import ColumnMapping, SheetMapping

_PLACES = (
    "admin1_name", "admin2_name", "admin3_name", "location_name", "location_id",
    "admin1_reported_code", "admin2_reported_code", "admin3_reported_code",
)  # fmt: skip
_CODES = ("admin1_reported_code", "admin2_reported_code", "admin3_reported_code", "location_id")
_TOTAL_WORD = (
    r"(?:grand[\s-]*|gran[\s-]*|sub[\s-]*|sous[\s-]*)?"
    r"(?:totals?|totaux|totales|somme|overall|المجموع|الإجمالي|الاجمالي|إجمالي|اجمالي|مجموع)"
)
_TOTAL = (
    rf"(?i)^\s*{_TOTAL_WORD}"
    r"(?:\s+(?:g[eé]n[eé]rale?|general|national|nacional|pays|country|idps?|العام|الكلي))*"
    r"\s*[:.]?\s*$"
)
_TOTAL_OF = rf"(?i)^\s*{_TOTAL_WORD}\s+\S|\S\s+{_TOTAL_WORD}\s*[:.]?\s*$"
_NOTE = (
    r"(?i)^\s*(?:\*|source|note|nb\b|n\.b|nota|remarque|disclaimer|fuente|avertissement|"
    r"ملاحظة|المصدر)"
)


_BLANK_SHARE = 0.3
_PLAIN_LAYOUTS = {"dtm_api", "submissions"}
"""Written by programs: every row is a report, whatever its place is called."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a sheet that are reports.

    Attributes:
        cells: The mapped columns, named ``c0``, ``c1``, ... by position, text or typed.
        numbers: Row of each as a spreadsheet program numbers it.
        left_out: Row numbers and reason of rows with content that are no report.
    """

    cells: pl.DataFrame
    numbers: pl.Series
    left_out: list[tuple[list[int], str]]


def report_rows(grid: Grid, sheet: SheetMapping, also: Iterable[int] = ()) -> Rows:
    """Return the rows of a sheet that are reports of places.

    Left out are the rows that the mapping skips and those after its last row; rows of HXL tags,
    repeated headings and rows without a mapped cell; totals (a word for total where the place
    stands, and no code); and lone cells among rows that have several (notes, sub-headings).

    Args:
        grid: The sheet.
        sheet: Its mapping.
        also: Positions of further columns to keep.

    Raises:
        InvalidMapping: If the mapping names columns that the sheet has not.
    """
    used = [column for column in sheet.columns if column.fields]
    positions = sorted({column.position for column in used} | set(also))
    _require_positions(grid, sheet, positions)
    names = [f"c{position}" for position in positions]
    cells, numbers = _within(grid, sheet, names)
    if grid.frame is not None:
        return Rows(cells, numbers, [])
    left_out = _declared(grid, sheet, names)
    mapped = [f"c{column.position}" for column in used]
    if not mapped or not cells.height:
        return Rows(cells.clear(), numbers.clear(), left_out)
    is_plain = sheet.layout in _PLAIN_LAYOUTS
    why = _blank(mapped) if is_plain else _kind(cells, grid, sheet, used, mapped)
    kind = cells.select(why).to_series()
    for reason in ("total", "note or sub-heading"):
        rows = numbers.filter((kind == reason).fill_null(value=False)).to_list()
        if rows:
            left_out.append((rows, f"is a {reason}"))
    is_report = kind.is_null()
    cells = cells if is_plain else _filled_down(cells, kind, sheet)
    if is_report.all():
        return Rows(cells, numbers, left_out)
    return Rows(cells.filter(is_report), numbers.filter(is_report), left_out)


def _require_positions(grid: Grid, sheet: SheetMapping, positions: list[int]) -> None:
    if positions and positions[-1] >= grid.cells.width:
        raise InvalidMapping(
            file=grid.file,
            reason=f"the mapping of sheet {sheet.sheet or grid.file!r} names column "
            f"{positions[-1] + 1}, and there are {grid.cells.width}",
            action="Propose the mapping again for this file",
        )


def _within(
    grid: Grid, sheet: SheetMapping, names: list[str]
) -> tuple[pl.DataFrame, pl.Series]:
    """Return the rows between first and last row, skipped ones left out, with their numbers."""
    start = max(sheet.first_row - grid.first_row, 0)
    if grid.frame is not None:
        typed = grid.frame.collect_schema().names()
        chosen = [pl.col(typed[int(name[1:])]).alias(name) for name in names]
        # Row 1 of the grid are the names, so that row 2 is the first of the frame.
        cells = grid.frame.select(chosen).slice(max(start - 1, 0)).collect()
    else:
        cells = grid.cells.select(names).slice(start)
    if sheet.last_row is not None:
        cells = cells.head(max(sheet.last_row - sheet.first_row + 1, 0))
    first = grid.first_row + start
    numbers = pl.int_range(first, first + cells.height, eager=True, dtype=pl.Int64)
    skipped = {*sheet.skipped_rows, *sheet.header_rows, *filter(None, [sheet.hxl_row])}
    if not any(first <= row < first + cells.height for row in skipped):
        return cells, numbers
    is_kept = ~numbers.is_in(list(skipped))
    return cells.filter(is_kept), numbers.filter(is_kept)


def _declared(grid: Grid, sheet: SheetMapping, names: list[str]) -> list[tuple[list[int], str]]:
    """Return the rows with content that the mapping itself leaves out."""
    left_out: list[tuple[list[int], str]] = [
        ([row], "is a total, note or sub-heading") for row in sorted(sheet.skipped_rows)
    ]
    if sheet.last_row is not None:
        after = grid.cells.select(names).slice(sheet.last_row - grid.first_row + 1)
        is_filled = after.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
        rows = (is_filled.arg_true().cast(pl.Int64) + sheet.last_row + 1).to_list()
        if rows:
            left_out.append((rows, "stands after the last row of data"))
    return left_out


def _blank(mapped: list[str]) -> pl.Expr:
    return pl.when(pl.all_horizontal(pl.col(mapped).is_null())).then(pl.lit("blank"))


def _kind(
    cells: pl.DataFrame,
    grid: Grid,
    sheet: SheetMapping,
    used: list[ColumnMapping],
    mapped: list[str],
) -> pl.Expr:
    """Return why a row is no report; null where it is one."""
    fields = sheet.fields()
    places = [f"c{c.position}" for c in used if set(c.fields) & set(_PLACES)]
    codes = [f"c{c.position}" for name in _CODES for c in fields.get(name, [])]
    filled = pl.sum_horizontal(pl.col(mapped).is_not_null())
    kind: Any = pl.when(filled == 0).then(pl.lit("blank"))
    kind = kind.when(_is_tags(cells, mapped)).then(pl.lit("tags"))
    heading = _is_heading(cells, grid, sheet, mapped)
    if heading is not None:
        kind = kind.when(heading).then(pl.lit("heading"))
    if not places:
        return cast("pl.Expr", kind)
    first_place = pl.coalesce(places)
    has_code = pl.any_horizontal(pl.col(codes).is_not_null()) if codes else pl.lit(value=False)
    place_count = pl.sum_horizontal(pl.col(places).is_not_null())
    is_total = first_place.str.contains(_TOTAL) | (
        first_place.str.contains(_TOTAL_OF) & (place_count == 1) & (filled > 1)
    )
    # A code column holding the word itself is no code.
    code_is_word = pl.coalesce(codes).str.contains(_TOTAL) if codes else pl.lit(value=False)
    kind = kind.when(is_total & (~has_code | code_is_word)).then(pl.lit("total"))
    usual = cells.select(filled.median()).item() or 0
    figures = [f"c{c.position}" for c in used if any(map(is_indicator, c.fields))]
    has_figure = (
        pl.any_horizontal(pl.col(figures).is_not_null()) if figures else pl.lit(value=False)
    )
    is_note = (filled == 1) & (pl.lit(usual >= 3) | first_place.str.contains(_NOTE))
    kind = kind.when(is_note & ~has_figure).then(pl.lit("note or sub-heading"))
    return cast("pl.Expr", kind)


def _filled_down(cells: pl.DataFrame, kind: pl.Series, sheet: SheetMapping) -> pl.DataFrame:
    """Return the cells with names and codes of areas that stand once for the rows below them.

    Merged cells and sub-headings leave such columns. A column is one of them if it starts
    filled, is blank in at least three of ten reports, no value comes back after another one,
    and the reports where it is blank name a deeper place.
    """
    columns = {
        name: [f"c{c.position}" for c in found] for name, found in sheet.fields().items()
    }
    is_report = kind.is_null()
    changed = []
    for level in (1, 2):
        deeper = [
            n for f in _PLACES if f[5:6] not in tuple("123"[:level]) for n in columns.get(f, [])
        ]
        for name in (f"admin{level}_name", f"admin{level}_reported_code"):
            for column in columns.get(name, []):
                given = cells[column].set((kind == "total").fill_null(value=False), None)
                if deeper and _stands_once(given, is_report, cells.select(deeper)):
                    changed.append(given.forward_fill())
    return cells.with_columns(changed)


def _stands_once(given: pl.Series, is_report: pl.Series, deeper: pl.DataFrame) -> bool:
    is_blank = given.is_null() & is_report
    if (
        is_blank.sum() < _BLANK_SHARE * max(int(is_report.sum()), 1)
        or given.head(1).is_null()[0]
    ):
        return False
    values = given.drop_nulls()
    runs = (values != values.shift()).fill_null(value=True)
    names_deeper = deeper.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    return values.filter(runs).is_unique().all() and bool(names_deeper.filter(is_blank).all())


def _is_tags(cells: pl.DataFrame, mapped: list[str]) -> pl.Expr:
    """Return whether every filled cell of a row is an HXL tag."""
    some = cells.select(pl.col(mapped).str.starts_with("#").any()).row(0)
    tagged = [name for name, has_tag in zip(mapped, some, strict=True) if has_tag]
    if not tagged:
        return pl.lit(value=False)
    return pl.all_horizontal(
        pl.col(mapped).is_null() | pl.col(mapped).str.contains(r"^\s*#\s*[a-z]+")
    )


def _is_heading(
    cells: pl.DataFrame, grid: Grid, sheet: SheetMapping, mapped: list[str]
) -> pl.Expr | None:
    """Return whether a row repeats the headings, as page breaks leave them."""
    if not sheet.header_rows:
        return None
    row = sheet.header_rows[-1] - grid.first_row
    if not 0 <= row < grid.cells.height:
        return None
    heading = grid.cells.select(mapped).row(row, named=True)
    named = {name: text for name, text in heading.items() if text is not None}
    if len(named) < 2:
        return None
    same = [pl.col(name) == text for name, text in named.items()]
    first = cells.select(pl.any_horizontal(same[:3]).any()).item()
    if not first:
        return None
    return pl.sum_horizontal(same) >= max(2, (len(named) + 1) // 2)
