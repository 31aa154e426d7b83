"""What holds for all rows of a sheet: country, round, reference date and component."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from waystation.tracking.proposal.attribute_columns import is_about_elsewhere
from waystation.tracking.proposal.cells import Kind
from waystation.tracking.proposal.known_units import (
    country_in,
    country_named,
    country_of_codes,
    country_of_names,
    letters_of_units,
)
from waystation.tracking.proposal.sheet_view import SheetView
from waystation.tracking.proposal.text_dates import date_in
from waystation.tracking.proposal.vocabulary import heading_of, rounds_in
from waystation.tracking.submissions import Component

_LEADING = 4  # columns at the left, where places stand under any heading


def country_of(
    views: Iterable[SheetView], file: str, units: pl.DataFrame | None
) -> tuple[str | None, str]:
    """Return the one country of a file and why, None where it is not told or there are several.

    A column of the country decides, then the letters of place codes, the file's name and
    titles, and last the names of places.
    """
    views = list(views)
    for view in views:
        if (found := _of_column(view)) is not None:
            return found, "a column names it"
    if units is not None and units["country"].n_unique() == 1:
        return str(units["country"][0]), "the list of units has one country"
    letters = letters_of_units(units) if units is not None else {}
    for view in views:
        for column in view.columns:
            if column.kind is Kind.CODE and (found := country_of_codes(column.values, letters)):
                return found, "place codes begin with its letters"
    for text in (
        _words(file),
        *(t for v in views for t in (v.grid.sheet or "", *v.header.titles)),
    ):
        if (found := country_in(text)) is not None:
            return found, "the file's name or a title names it"
    if units is not None:
        return _of_names(views, units)
    return None, ""


def _of_column(view: SheetView) -> str | None:
    for column in view.columns:
        own = view.own[column.position]
        is_country = own.has("place.country") or view.level(column.position) == 0
        if not is_country or is_about_elsewhere(view, column):
            continue
        named = {country_named(v) for v in column.values}
        if len(named) == 1 and (only := named.pop()) is not None:
            return only
    return None


def _of_names(views: list[SheetView], units: pl.DataFrame) -> tuple[str | None, str]:
    for view in views:
        for column in view.columns:
            is_named = view.own[column.position].of("place") or column.position < _LEADING
            if column.kind is Kind.TEXT and is_named:
                found = country_of_names(units, column.values[:150])
                if found is not None:
                    return found, "its units bear the names of the places"
    return None, ""


def _words(file: str) -> str:
    return re.sub(r"[_\-.]+", " ", Path(file).stem)


def round_of(view: SheetView, file: str) -> int | None:
    """Return the round that a column, the sheet's name, a title or the file's name gives."""
    for at in view.positions("round_number"):
        named = {_round_in_cell(v) for v in view.columns[at].values}
        if len(named) == 1 and (only := named.pop()) is not None:
            return only
        return None
    for text in (view.grid.sheet or "", *view.header.titles, _words(file)):
        if found := rounds_in(text):
            return found[0]
    named_in_headings = [r for own in view.own for r in own.rounds]
    return max(named_in_headings, default=None)


def _round_in_cell(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    found = rounds_in(text)
    return found[0] if len(found) == 1 else None


def date_of(view: SheetView, file: str, stated: dt.date | None) -> dt.date | None:
    """Return the date that holds for all rows.

    A column with one date decides, then a title, a date that notes state, and the names of
    sheet and file.

    Args:
        view: The sheet.
        file: Name of the file.
        stated: The reference date that a sheet of notes states.
    """
    for at in view.positions("reference_date"):
        dates = {date_in(v) for v in view.columns[at].values}
        if len(dates) == 1:
            return dates.pop()
        return None
    for text in view.header.titles:
        if (found := date_in(text)) is not None:
            return found
    return stated or date_in(view.grid.sheet or "") or date_in(file)


def component_of(view: SheetView, file: str) -> str:
    """Return the component: named by file, sheet or title, else by whether locations stand."""
    text = " ".join([_words(file), view.grid.sheet or "", *view.header.titles[:6]])
    named = heading_of(text).of("component")
    for component in (Component.EVENT, Component.SITE_ASSESSMENT):
        if component in named:
            return component.value
    has_location = view.positions("location_name") or view.positions("location_id")
    if has_location:
        return Component.BASELINE_LOCATION.value
    return Component.BASELINE_AREA.value
