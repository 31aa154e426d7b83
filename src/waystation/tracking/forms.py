"""Forms: proposes what the sheets and columns of a file mean, how sure that is, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl

from waystation.errors import UncertainMapping
from waystation.grids import Grid, read_grids
from waystation.tracking.known_layouts import known_layout
from waystation.tracking.mapping import ColumnMapping, FileMapping, SheetMapping
from waystation.tracking.mapping_files import mappings_to_yaml, read_mappings
from waystation.tracking.mapping_findings import mapping_findings
from waystation.tracking.proposal.attribute_columns import map_attributes, map_reason
from waystation.tracking.proposal.breakdowns import parts_of, with_totals_told
from waystation.tracking.proposal.figures import figures_of
from waystation.tracking.proposal.file_facts import component_of, country_of, date_of, round_of
from waystation.tracking.proposal.known_units import PlaceList, place_list
from waystation.tracking.proposal.place_columns import map_places, places_certainty
from waystation.tracking.proposal.readings import Reading, reading_of
from waystation.tracking.proposal.sheet_view import SheetView, view_of
from waystation.tracking.proposal.sheets import SheetReading, chosen_sheets
from waystation.tracking.proposal.stated import Statements, add_titles, statements_of
from waystation.tracking.proposal.subjects import with_subjects
from waystation.tracking.proposal.table_rows import set_aside_rows, stated_in_rows
from waystation.tracking.proposal.text_dates import stated_date
from waystation.tracking.proposal.vocabulary import heading_of

__all__ = [
    "LOWEST_CERTAINTY",
    "mapping_findings",
    "mappings_to_yaml",
    "propose_mapping",
    "propose_mapping_and_others",
    "read_mappings",
    "require_certain",
]

LOWEST_CERTAINTY = 0.6
"""A sheet read with less certainty than this needs a person to look at its mapping."""


def propose_mapping(
    path: Path, *, units: pl.DataFrame | None = None, country: str | None = None
) -> FileMapping:
    """Return what the sheets and columns of a file seem to mean, how sure that is, and why.

    Headings, HXL tags as hints only, and content are weighed: codes and names that the list of
    units knows, figures that add up, and totals that other sheets state. Of sheets that count
    the same people one is read. The proposal may be uncertain: see `require_certain`.

    Args:
        path: A file that `read_grids` reads.
        units: Shape ``Units``; more of them make places surer.
        country: ISO 3166-1 alpha-3 of the operation, where it is known.

    Returns:
        The mapping; without sheets where no sheet counts displaced people at places.

    Raises:
        UnusableInput: If the file cannot be read, or holds no number.
    """
    return propose_mapping_and_others(path, units=units, country=country)[0]


def propose_mapping_and_others(
    path: Path, *, units: pl.DataFrame | None = None, country: str | None = None
) -> tuple[FileMapping, tuple[SheetMapping, ...]]:
    """Return the proposal for a file, and how each table among the sheets left out would read.

    Args:
        path: A file that `read_grids` reads.
        units: Shape ``Units``; more of them make places surer.
        country: ISO 3166-1 alpha-3 of the operation, where it is known.

    Returns:
        What `propose_mapping` returns, and one mapping for each other sheet with figures, so
        that a person can take it in.

    Raises:
        UnusableInput: If the file cannot be read, or holds no number.
    """
    path = Path(path)
    grids = read_grids(path)
    known = [found for grid in grids if (found := known_layout(grid)) is not None]
    if known:
        names = {sheet.sheet for sheet in known}
        others = {g.sheet: "another sheet has a known layout" for g in grids if g.sheet}
        left_out = {name: why for name, why in others.items() if name not in names}
        sheets = tuple(replace(s, country=s.country or country) for s in known)
        return FileMapping(path.name, sheets, left_out), ()
    return _proposed(path.name, grids, units, country)


def require_certain(mapping: FileMapping) -> FileMapping:
    """Return the mapping if it is certain enough to read the file by it.

    Raises:
        UncertainMapping: If it is not; the sentence names what could not be told.
    """
    action = "Run `waystation inspect` on it, edit the mapping it writes and give it back"
    if not mapping.sheets:
        why = "; ".join(f"{name}: {reason}" for name, reason in mapping.left_out.items())
        reason = "no sheet was found that counts displaced people at places"
        raise UncertainMapping(
            file=mapping.file, reason=f"{reason} ({why})" if why else reason, action=action
        )
    for sheet in mapping.sheets:
        if sheet.certainty < LOWEST_CERTAINTY:
            where = f"sheet {sheet.sheet!r}: " if sheet.sheet else ""
            raise UncertainMapping(
                file=mapping.file, reason=where + _least_certain(sheet), action=action
            )
    return mapping


def _least_certain(sheet: SheetMapping) -> str:
    """Return what could not be told of a sheet, in words."""
    if sheet.choices and sheet.choices[-1].startswith(_NOT_TOLD):
        return sheet.choices[-1].removeprefix(_NOT_TOLD).rstrip(".")
    used = [column for column in sheet.columns if column.fields]
    if not used:
        return "no column could be told"
    least = min(used, key=lambda column: column.certainty)
    return (
        f"what column {least.letter} ({least.heading!r}) means could not be told with enough "
        f"certainty ({least.certainty:.0%})"
    )


_NOT_TOLD = "Not certain: "


def _proposed(
    file: str, grids: list[Grid], units: pl.DataFrame | None, country: str | None
) -> tuple[FileMapping, tuple[SheetMapping, ...]]:
    words = Path(file).stem
    left_out: dict[str, str] = {}
    views: list[SheetView] = []
    for grid in grids:
        view = view_of(grid, words)
        if view is None:
            left_out[grid.sheet or file] = "no column holds numbers"
        elif (why := _is_no_table(view)) is not None:
            left_out[grid.sheet or file] = why
        else:
            views.append(view)
    if country is None:
        country, _ = country_of(views, file, units)
    places = place_list(units, country)
    statements = statements_of(grids)
    found = []
    for view in views:
        header = view.header
        tops = [*header.rows, *([] if header.hxl_row is None else [header.hxl_row])]
        add_titles(statements, view.grid, min(tops, default=0))
        found.append(_read(view, file, places, statements))
    chosen, not_chosen = chosen_sheets(found)
    left_out |= not_chosen
    stated = _date_of_notes(grids, {id(sheet.view.grid) for sheet in found})
    order = [grid.sheet or file for grid in grids]
    mapping = FileMapping(
        file,
        tuple(_sheet_mapping(sheet, file, country, stated) for sheet in chosen),
        {name: left_out[name] for name in order if name in left_out},
    )
    taken = {id(sheet) for sheet in chosen}
    rest = [sheet for sheet in found if id(sheet) not in taken]
    return mapping, tuple(_sheet_mapping(sheet, file, country, stated) for sheet in rest)


def _date_of_notes(grids: list[Grid], tables: set[int]) -> dt.date | None:
    """Return the reference date stated on the sheets that are no tables."""
    for grid in grids:
        if id(grid) not in tables and (found := stated_date(grid.cells.head(60).rows())):
            return found
    return None


def _is_no_table(view: SheetView) -> str | None:
    """Return why a sheet is notes or a dictionary, judged by its name and its form."""
    says = heading_of(view.grid.sheet or "")
    height = view.grid.cells.height - view.header.first
    if height < 1:
        return "it has no rows below its headings"
    if says.has("sheet.notes") and len(view.header.figures) < 3:
        return "notes, by its name"
    if (
        says.has("sheet.dictionary")
        and not says.has("sheet.data")
        and len(view.header.figures) < 3
    ):
        return "a dictionary or list, by its name"
    return None


def _read(
    view: SheetView, file: str, places: PlaceList, statements: Statements
) -> SheetReading:
    """Return a sheet read: places and particulars, rows, figures and their totals."""
    map_attributes(view)
    map_places(view, places)
    set_aside_rows(view)
    map_reason(view)
    figures = with_totals_told(view, figures_of(view, places, round_of(view, file)))
    plain = [f for f in figures if f.dimension is None]
    totals, choices = with_subjects(view, plain, Path(file).stem)
    parts = parts_of(view, [f for f in figures if f.dimension is not None], totals)
    reading = reading_of(view, totals, parts, statements)
    reading.choices[:0] = choices
    _compare_stated(view, reading, statements)
    return SheetReading(view, reading, places_certainty(view, places))


def _compare_stated(view: SheetView, reading: Reading, statements: Statements) -> None:
    """Record totals stated that may differ: in the table's row of totals, on a note sheet."""
    total = reading.sums().get("idp_individuals", 0.0)
    if "idp_individuals" not in reading.stated and (near := statements.near(total)):
        reading.stated["idp_individuals"] = near.value
    for code, positions in reading.sources.items():
        if code in reading.stated or len(positions) != 1:
            continue
        value = stated_in_rows(view, positions[0])
        if value is not None:
            reading.stated[code] = value


def _sheet_mapping(
    sheet: SheetReading, file: str, country: str | None, stated: dt.date | None
) -> SheetMapping:
    view, reading = sheet.view, sheet.reading
    grid, header = view.grid, view.header
    certainty = min(reading.certainty, sheet.places, 1.0 if header.rows else 0.8)
    choices = list(reading.choices)
    if certainty < LOWEST_CERTAINTY:
        doubts = reading.doubts or [_doubt_of_places(sheet)]
        choices.append(f"{_NOT_TOLD}{doubts[0]}.")
    is_one_country = len(set(_countries(view))) < 2
    return SheetMapping(
        sheet=grid.sheet,
        header_rows=tuple(grid.first_row + row for row in header.rows),
        hxl_row=None if header.hxl_row is None else grid.first_row + header.hxl_row,
        first_row=grid.first_row + header.first,
        last_row=None if grid.frame is not None else grid.first_row + view.last,
        skipped_rows=tuple(grid.first_row + row for row in sorted(view.skipped)),
        columns=_columns(view),
        country=country if is_one_country else None,
        component=component_of(view, file),
        round_number=round_of(view, file),
        reference_date=date_of(view, file, stated),
        stated_totals=dict(reading.stated),
        choices=tuple(choices),
        certainty=round(certainty, 2),
    )


def _countries(view: SheetView) -> list[str]:
    at = view.positions("country")
    return list(view.columns[at[0]].values) if at else []


def _doubt_of_places(sheet: SheetReading) -> str:
    if sheet.depth < 0:
        return "no column says where the people are"
    return "the places could not be told: no column holds codes or names of the list of units"


def _columns(view: SheetView) -> tuple[ColumnMapping, ...]:
    """Return one mapping for each column that has a heading or a value."""
    columns = []
    for column in view.columns:
        at = column.position
        if not view.heading(at) and not column.values:
            continue
        if at not in view.mapped:
            view.use(at, (), 0.5, "not understood, or of no use for the matrix")
        columns.append(view.mapped[at])
    return tuple(columns)
