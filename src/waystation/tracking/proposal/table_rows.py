"""Which rows of a table are totals, sub-headings or notes, and where the data ends."""

from __future__ import annotations

import polars as pl

from waystation.tracking.proposal.cells import numbers
from waystation.tracking.proposal.sheet_view import SheetView
from waystation.tracking.proposal.subtotals import subtotal_rows

_TOTAL = (
    r"^\W*(?:(?:grand|sub|overall|sous|gran)[\s\-]*)?"
    r"(?:totals?|totaux|totale|totais|ensemble|sum|somme|soma|suma|"
    r"المجموع|مجموع|الاجمالي|الإجمالي|اجمالي|إجمالي)\b[^\d]{0,40}$"
    r"|^[^\d]{1,40}\s(?:sub-?|sous-?)?totals?\W*$"
    r"|^(?:total|المجموع|مجموع)\s.{1,40}$"
)
_GRAND = (
    r"^\W*(?:grand[\s\-]*|overall[\s\-]*|gran[\s\-]*)?"
    r"(?:totals?|total g[eé]n[eé]ral|total result|المجموع|الاجمالي|الإجمالي|المجموع الكلي)\W*$"
)
_PLACES = (
    "admin1_name", "admin2_name", "admin3_name", "location_name", "admin1_reported_code",
    "admin2_reported_code", "admin3_reported_code", "location_id", "country",
)  # fmt: skip
_LEADING = 6  # columns at the left that may hold the word "total"


def set_aside_rows(view: SheetView) -> None:
    """Record the rows that are totals, sub-headings, repeated headings or notes.

    Rows are recognised by words for a total where the place stands, by figures that are the
    sum of all other rows where no place stands, and by having almost nothing in them.
    """
    body = view.grid.cells[view.header.first :]
    if body.height == 0:
        view.last = view.header.first - 1
        return
    places = [at for name in _PLACES for at in view.positions(name)]
    words = _total_words(body, places)
    marks = words | _nearly_empty(view, body) | _headings_again(view, body)
    tags = view.header.hxl_row
    if tags is not None and tags >= view.header.first:
        marks = marks | (pl.int_range(body.height, eager=True) == tags - view.header.first)
    sums = _sums_without_place(view, body, places, marks)
    marks = marks | sums
    marks = marks | subtotal_rows(view, body, ~marks)
    marked = {i for i, is_marked in enumerate(marks.to_list()) if is_marked}
    if len(marked) == body.height:
        return
    last = max(i for i in range(body.height) if i not in marked)
    first = view.header.first
    view.last = first + last
    view.skipped = {first + i for i in marked if i < last}
    grand = (words & _says_grand_total(body)) | sums
    view.grand_totals = tuple(
        first + i for i, is_grand in enumerate(grand.to_list()) if is_grand
    )
    view.forget_numbers()


def _says_grand_total(body: pl.DataFrame) -> pl.Series:
    """Return the rows whose first word is for the total of everything."""
    leading = pl.coalesce(pl.nth(range(min(_LEADING, body.width))))
    says = leading.str.strip_chars().str.to_lowercase().str.contains(_GRAND).fill_null(False)
    return body.select(says.alias("marks")).to_series()


def _total_words(body: pl.DataFrame, places: list[int]) -> pl.Series:
    """Return the rows that say "total" where a place, or the first word of a row, stands."""
    leading = pl.coalesce(pl.nth(range(min(_LEADING, body.width))))
    columns = [leading, *(pl.nth(at) for at in places)]
    says = pl.any_horizontal(
        column.str.strip_chars().str.to_lowercase().str.contains(_TOTAL).fill_null(False)
        for column in columns
    )
    marks = body.select(says.alias("marks")).to_series()
    # Where a fifth of the rows say it, it is an answer and not a total.
    return marks if int(marks.sum()) <= max(2, 0.3 * body.height) else _none(body)


def _nearly_empty(view: SheetView, body: pl.DataFrame) -> pl.Series:
    """Return the rows without figures that have almost nothing else: notes, sub-headings."""
    filled = body.select(
        pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int32)).alias("filled")
    ).to_series()
    usual = filled.filter(filled > 0).median()
    usual = float(usual) if isinstance(usual, int | float) else 0.0
    few = 0 if usual < 2 else 1 if usual <= 4 else 2
    rare = (filled <= few).arg_true()
    has_figure = (
        body[rare]
        .select(
            pl.any_horizontal(
                pl.nth(at).str.contains(r"^\s*[-+]?[\d٠-٩]").fill_null(False)
                for at in view.header.figures
            ).alias("figure")
        )
        .to_series()
    )
    return (filled == 0).scatter(rare.filter(~has_figure), True)


def _headings_again(view: SheetView, body: pl.DataFrame) -> pl.Series:
    """Return the rows that repeat the headings, as on printed pages."""
    if not view.header.rows:
        return _none(body)
    own = view.grid.cells.row(view.header.rows[-1])
    heads = [(at, cell) for at, cell in enumerate(own) if cell is not None][:6]
    if len(heads) < 2:
        return _none(body)
    return body.select(
        pl.all_horizontal((pl.nth(at) == cell).fill_null(False) for at, cell in heads).alias(
            "m"
        )
    ).to_series()


def _sums_without_place(
    view: SheetView, body: pl.DataFrame, places: list[int], marks: pl.Series
) -> pl.Series:
    """Return the rows without a place whose figures are the sums of the other rows."""
    if not places:
        return _none(body)
    nowhere = (
        body.select(
            pl.all_horizontal(pl.nth(at).is_null() for at in places).alias("m")
        ).to_series()
        & ~marks
    )
    deepest = places[-1] if len(places) == 1 else None
    found = _none(body).to_list()
    candidates = [i for i, is_nowhere in enumerate(nowhere.to_list()) if is_nowhere]
    if not candidates or (deepest is not None and len(candidates) > 0.5 * body.height):
        return _none(body)
    figures = [at for at in view.header.figures if at not in places][:40]
    for i in candidates[:3] + candidates[-3:]:
        found[i] = _is_sum_of_others(body, figures, i, ~marks)
    return pl.Series(found, dtype=pl.Boolean)


def _is_sum_of_others(
    body: pl.DataFrame, figures: list[int], row: int, counted: pl.Series
) -> bool:
    agree = total = 0
    for at in figures:
        column = numbers(body.to_series(at))
        value = column[row]
        if value is None or value <= 0:
            continue
        others = float(column.filter(counted).sum() or 0.0) - value
        total += 1
        agree += abs(others - value) <= 0.5
    return total > 0 and agree >= 0.6 * total


def _none(body: pl.DataFrame) -> pl.Series:
    return pl.Series([False] * body.height, dtype=pl.Boolean)


def stated_in_rows(view: SheetView, position: int) -> float | None:
    """Return the total of all rows that a row set aside states for a column, if one does."""
    column = view.grid.cells.to_series(position)
    for row in view.grand_totals:
        value = numbers(column[row : row + 1])[0]
        if value is not None and value > 0:
            return float(value)
    return None
