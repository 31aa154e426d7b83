"""All layouts known, and the one door through which a file of statistics is read."""

from __future__ import annotations

import re
from pathlib import Path

from waystation.errors import InvalidChoice, NotFound, UnknownLayout, WaystationError
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.sources import (
    dioc,
    dtm_package,
    eurostat,
    idmc,
    missing_migrants,
    oecd,
    undesa,
    undesa_csv,
    unhcr,
    unhcr_demographics,
    worldbank,
    worldbank_api,
    wpp,
)
from waystation.statistics.sources.cells import source_grids

# Names that the columns of each layout must have, to say what is missing where none fits.
_EXPECTED: dict[str, tuple[str, ...]] = {
    **undesa.EXPECTED,
    **undesa_csv.EXPECTED,
    **wpp.EXPECTED,
    **worldbank.EXPECTED,
    **worldbank_api.EXPECTED,
    **unhcr.EXPECTED,
    **unhcr_demographics.EXPECTED,
    **eurostat.EXPECTED,
    **oecd.EXPECTED,
    **dioc.EXPECTED,
    **idmc.EXPECTED,
    **missing_migrants.EXPECTED,
}
_LOOKED_AT = 40
_SHOWN = 8


def layouts() -> tuple[Layout, ...]:
    """Return every layout, those that are told most surely first.

    A new producer adds its module's layouts here.
    """
    return (
        *undesa.layouts(),
        *undesa_csv.layouts(),
        *wpp.layouts(),
        *worldbank_api.layouts(),
        *worldbank.layouts(),
        *unhcr.layouts(),
        *unhcr_demographics.layouts(),
        *eurostat.layouts(),
        *oecd.layouts(),
        *dioc.layouts(),
        *idmc.layouts(),
        *missing_migrants.layouts(),
        *dtm_package.layouts(),
    )


def layout_named(name: str) -> Layout:
    """Return the layout of a name, as the command line says it.

    Raises:
        InvalidChoice: If there is none.
    """
    for layout in layouts():
        if layout.name == name:
            return layout
    names = ", ".join(layout.name for layout in layouts())
    raise InvalidChoice(value=name, option="layout", choices=names)


def read_source(path: Path, layout: str | None = None) -> Clean:
    """Return a file of any producer, clean.

    Args:
        path: A file as its producer publishes it; compressed with gzip as well.
        layout: The name of its layout; found by its content when left out, never by its name.

    Raises:
        NotFound: If there is no such file.
        InvalidChoice: If there is no such layout.
        UnknownLayout: If it is in no layout, or not in the one named: which columns are
            missing and which look new is said.
        UnusableInput: If it cannot be read at all: a web page, a damaged workbook.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound(what="file", name=str(path))
    if layout is not None:
        chosen = layout_named(layout)
        if not chosen.recognises(path):
            raise _unknown(path, chosen)
        return chosen.read(path)
    for known in layouts():
        if known.recognises(path):
            return known.read(path)
    raise _unknown(path, None)


def _unknown(path: Path, chosen: Layout | None) -> WaystationError:
    """Return the error for a file that fits no layout, or not the one named."""
    web_page = _web_page(path)
    if web_page:
        return UnknownLayout(
            file=path.name,
            reason="it is a web page, and no data",
            action="Open the address in a browser: the service may refuse, or have moved",
        )
    names = ", ".join(layout.name for layout in layouts())
    if path.suffix.lower() == ".json":
        reason = "it is JSON of no service known"
    else:
        try:
            reason = _difference(path, chosen)
        except WaystationError as error:
            return error
    return UnknownLayout(
        file=path.name,
        reason=reason,
        action=f"Give the file as published, or name its layout: {names}",
    )


def _web_page(path: Path) -> bool:
    with path.open("rb") as stream:
        start = stream.read(512).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head"))


def _difference(path: Path, chosen: Layout | None) -> str:
    """Return what the nearest layout would need, and what the file has instead."""
    grids = source_grids(path)
    sheets = ", ".join(grid.sheet for grid in grids if grid.sheet)
    rows = [row for grid in grids for row in grid.cells.head(_LOOKED_AT).rows()]
    best: tuple[int, str, list[str], list[str]] = (0, "", [], [])
    for name, expected in _EXPECTED.items():
        if chosen is not None and name != chosen.name:
            continue
        wanted = {_plain(column): column for column in expected}
        for row in rows:
            there = {_plain(cell): cell for cell in row if cell and cell.strip()}
            common = set(wanted) & set(there)
            if len(common) > best[0]:
                missing = [wanted[key] for key in wanted if key not in there]
                new = [there[key].strip() for key in there if key not in wanted]
                best = (len(common), name, missing, _without_years(new))
    shown = f" (sheets: {sheets})" if sheets else ""
    if not best[0]:
        if chosen is None:
            return f"it is in no layout known; no row has the columns of one{shown}"
        columns = ", ".join(repr(name) for name in _EXPECTED.get(chosen.name, ()))
        return f"it is not in the layout {chosen.name}; no row has its columns {columns}{shown}"
    _, name, missing, new = best
    parts = [f"nearest is {name}"]
    if missing:
        parts.append("missing: " + ", ".join(repr(column) for column in missing))
    if new:
        parts.append("new: " + ", ".join(repr(column) for column in new[:_SHOWN]))
    return f"it is in no layout known{shown}; " + "; ".join(parts)


def _plain(text: str) -> str:
    return " ".join(text.replace("\ufeff", "").lower().split())


def _without_years(names: list[str]) -> list[str]:
    return [name for name in names if not re.fullmatch(r"(19|20)\d\d(-\d{4})?", name)]
