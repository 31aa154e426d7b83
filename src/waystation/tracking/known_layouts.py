"""Layouts whose columns are known by name: DTM API, HDX HAPI, dictionary codes, Submissions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from waystation.grids import Grid
from waystation.tracking.indicators import is_indicator
from waystation.tracking.mapping import ColumnMapping, SheetMapping
from waystation.tracking.submissions import Submissions

_SEARCHED_ROWS = 12

# Source: dtmapi 0.2.1 (PyPI) and answers of the service recorded by OCHA-DAP. Version 2 and
# version 1 carry the same names without reason, sexes, origin and assessment type.
_DTM_API = {
    "operation": "operation",
    "admin0pcode": "country",
    "admin1name": "admin1_name",
    "admin1pcode": "admin1_reported_code",
    "admin2name": "admin2_name",
    "admin2pcode": "admin2_reported_code",
    "numpresentidpind": "idp_individuals",
    "reportingdate": "reference_date",
    "roundnumber": "round_number",
    "displacementreason": "displacement_reason",
    "numbermales": "idp_individuals__sex__male",
    "numberfemales": "idp_individuals__sex__female",
    "idporiginadmin1pcode": "origin_admin1_code",
    "assessmenttype": "component",
}

# Source: HDX Humanitarian API, affected-people/idps.
_HAPI = {
    "operation": "operation",
    "locationcode": "country",
    "provideradmin1name": "admin1_name",
    "provideradmin2name": "admin2_name",
    "admin1code": "admin1_reported_code",
    "admin2code": "admin2_reported_code",
    "population": "idp_individuals",
    "reportinground": "round_number",
    "referenceperiodstart": "reference_date",
    "assessmenttype": "component",
}

# Source: DTM data dictionary. The number before the name differs between forms of the same
# question, so the name decides.
_DICTIONARY: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"meta_adm0_pcode", ("country",)),
    (r"meta_adm([123])_pcode", ("admin{}_reported_code",)),
    (r"meta_adm([123])_name", ("admin{}_name",)),
    (r"meta_survey_round|meta_round(_number)?", ("round_number",)),
    (r"meta_operation(_name)?", ("operation",)),
    (r"meta_assessment_date", ("collected_on",)),
    (r"meta_enum(erator)?_(id|code|ssid)", ("enumerator",)),
    (r"loc_site_id_ssid|loc_ssid|loc_site_id", ("location_id",)),
    (r"loc_site_name", ("location_name",)),
    (r"loc_site_type(_multiple)?", ("location_type",)),
    (r"loc_site_status", ("location_status",)),
    (r"loc_gps_coords_latitude", ("latitude",)),
    (r"loc_gps_coords_longitude", ("longitude",)),
    (r"loc_gps_coords", ("latitude", "longitude")),
    (r"loc_loc_access|loc_access", ("access",)),
    (r"loc_reason_disp_idp", ("displacement_reason",)),
    (r"loc_top_\d_priority_need_idp|loc_priority_need_idp", ("priority_needs",)),
    (r"loc_num_idp_ind", ("idp_individuals",)),
    (r"loc_num_idp_hh", ("idp_households",)),
    (r"loc_num_(men|women|children)_idp", ("idp_individuals__age_group__{}",)),
    (r"loc_num_(male|female)s?_idp", ("idp_individuals__sex__{}",)),
    (r"loc_num_return(ee)?(_idp)?_ind", ("returnee_individuals",)),
    (r"loc_num_return(ee)?(_idp)?_hh", ("returnee_households",)),
    (
        r"loc_num_(men|women|children)_return(ee)?",
        ("returnee_individuals__age_group__{}",),
    ),
    (r"loc_num_arrivals?_ind(_period)?", ("arrival_individuals",)),
    (r"loc_num_arrivals?_hh(_period)?", ("arrival_households",)),
    (r"loc_num_depart(ure)?s?_ind(_period)?", ("departure_individuals",)),
    (r"loc_num_depart(ure)?s?_hh(_period)?", ("departure_households",)),
    (r"loc_num_migrants?_ind", ("migrant_individuals",)),
    (r"loc_num_host_ind", ("host_individuals",)),
    (r"loc_num_host_hh", ("host_households",)),
    (r"loc_num_ki|meta_num_ki|loc_key_informants_num", ("key_informants",)),
)
_DICTIONARY_PATTERNS = tuple((re.compile(p), fields) for p, fields in _DICTIONARY)

# A dictionary code within a heading: groups before it, a choice or a part of a position after.
_CODE = re.compile(r"(?:^|[/.:\-\s])_?[ms]\d{4}_(?P<name>(?:meta|loc|hh)_\w+)", re.ASCII)
_CHOICE = re.compile(r"^[/.:](?P<choice>\w+)$", re.ASCII)
_TOOL_COLUMNS = {"_uuid": "record_uuid", "meta/instanceid": "record_uuid", "key": "record_uuid"}
_DAYS_OF_TOOLS = ("today", "meta_assessment_start", "start", "_submission_time")
_NAMED_BY_RECORD = ("_uuid", "meta/instanceid", "key", "response_id")


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a known heading row stands and what it is."""

    row: int
    headings: list[str | None]
    layout: str
    fields: dict[int, tuple[str, ...]]
    reason: str


def known_layout(grid: Grid) -> SheetMapping | None:
    """Return the mapping of a sheet whose columns are known by their names, or None.

    Known are the DTM API in all generations (as csv or json, with or without an HXL row), the
    HDX HAPI rows of displaced people, exports of collecting tools that carry the codes of the
    DTM data dictionary (``m0310_loc_num_idp_ind``), and tables in the shape ``Submissions``.

    Args:
        grid: One sheet of a file.

    Returns:
        A mapping of certainty 1.0, with layout ``dtm_api`` (also for HAPI), ``dictionary`` or
        ``submissions``; None for every other sheet.
    """
    for index, row in enumerate(grid.cells.head(_SEARCHED_ROWS).iter_rows()):
        if sum(value is not None for value in row) < 3:
            continue
        for recognise in _RECOGNISERS:
            found = recognise(list(row), index)
            if found is not None:
                return _sheet_mapping(grid, found)
    return None


@lru_cache(maxsize=1 << 12)
def _plain(heading: str | None) -> str:
    return re.sub(r"[^a-z0-9]", "", (heading or "").lower())


def _by_names(
    headings: list[str | None], known: Mapping[str, str]
) -> dict[int, tuple[str, ...]]:
    fields: dict[int, tuple[str, ...]] = {}
    for position, heading in enumerate(headings):
        field = known.get(_plain(heading))
        if field is not None and (field,) not in fields.values():
            fields[position] = (field,)
    return fields


def _dtm_api(headings: list[str | None], row: int) -> _Found | None:
    names = {_plain(heading) for heading in headings}
    if "numpresentidpind" not in names or not names & {"admin0pcode", "admin0name"}:
        return None
    known = dict(_DTM_API)
    if "admin0pcode" not in names:
        known["admin0name"] = "country"
    return _Found(row, headings, "dtm_api", _by_names(headings, known), "field of the DTM API")


def _hapi(headings: list[str | None], row: int) -> _Found | None:
    names = {_plain(heading) for heading in headings}
    if not {"locationcode", "population", "reportinground", "referenceperiodstart"} <= names:
        return None
    return _Found(row, headings, "dtm_api", _by_names(headings, _HAPI), "field of HDX HAPI")


def _submissions(headings: list[str | None], row: int) -> _Found | None:
    names = {heading for heading in headings if heading}
    if not {"submission_id", "file", "country", "operation"} <= names:
        return None
    declared = set(Submissions.column_names())
    fields: dict[int, tuple[str, ...]] = {
        position: (heading,)
        for position, heading in enumerate(headings)
        if heading and (heading in declared or is_indicator(heading))
    }
    return _Found(row, headings, "submissions", fields, "column of a table of submissions")


def _dictionary(headings: list[str | None], row: int) -> _Found | None:
    fields: dict[int, tuple[str, ...]] = {}
    codes = 0
    for position, heading in enumerate(headings):
        found = dictionary_fields(heading or "")
        codes += _CODE.search(heading or "") is not None
        if found:
            fields[position] = found
    has_figure = any(is_indicator(name) for names in fields.values() for name in names)
    if codes < 3 or not has_figure:
        return None
    fields = _without_doubles(headings, fields)
    return _Found(row, headings, "dictionary", fields, "code of the data dictionary")


def dictionary_fields(heading: str) -> tuple[str, ...]:
    """Return the fields that a heading with a code of the DTM data dictionary feeds.

    Groups before the code (``group/m0310_...``) are passed over; a choice after it
    (``s2878_.../food``) feeds the field of the question, if that takes several answers.

    Args:
        heading: The heading as received.

    Returns:
        Names of fields, latitude and longitude for a position in one column; empty where the
        dictionary's question is not one that is used, or the heading bears no code.
    """
    tool = _TOOL_COLUMNS.get(heading.strip().lower())
    if tool:
        return (tool,)
    matches = list(_CODE.finditer(heading))
    if not matches:
        return ()
    name, rest = matches[-1]["name"].lower(), heading[matches[-1].end() :]
    fields = _fields_of_question(name)
    if not rest:
        return fields
    is_choice = _CHOICE.match(rest) is not None and fields == ("priority_needs",)
    return fields if is_choice else ()


def _fields_of_question(name: str) -> tuple[str, ...]:
    for pattern, fields in _DICTIONARY_PATTERNS:
        match = pattern.fullmatch(name)
        if match:
            part = match.group(1) if match.groups() else ""
            return tuple(field.format(part) for field in fields)
    return ()


def _without_doubles(
    headings: list[str | None], fields: dict[int, tuple[str, ...]]
) -> dict[int, tuple[str, ...]]:
    """Return the fields without columns that repeat what another column says better.

    Choices of a question stand beside the joined answer, parts of a position beside the whole,
    and a record has one id; adding such columns would count an answer twice.
    """
    by_field: dict[tuple[str, ...], list[int]] = {}
    for position, names in fields.items():
        by_field.setdefault(names, []).append(position)
    kept = dict(fields)
    has_parts = {("latitude",), ("longitude",)} <= by_field.keys()
    for names, positions in by_field.items():
        better = positions
        if names == ("priority_needs",):
            joined = [p for p in positions if _has_code_last(headings[p])]
            better = joined[:1] or positions
        elif names == ("latitude", "longitude") and has_parts:
            better = []
        elif names == ("record_uuid",) or names[0] in Submissions.column_names():
            better = positions[:1]
        for position in set(positions) - set(better):
            del kept[position]
    return kept


def _has_code_last(heading: str | None) -> bool:
    matches = list(_CODE.finditer(heading or ""))
    return bool(matches) and matches[-1].end() == len(heading or "")


_RECOGNISERS: tuple[Callable[[list[str | None], int], _Found | None], ...] = (
    _submissions,
    _dtm_api,
    _hapi,
    _dictionary,
)


def _sheet_mapping(grid: Grid, found: _Found) -> SheetMapping:
    fields = dict(found.fields)
    if found.layout == "dictionary" and ("record_uuid",) not in fields.values():
        fields |= _record_id(grid, found)
    if found.layout == "dictionary" and ("collected_on",) not in fields.values():
        fields |= _day_of_record(found)
    hxl = _hxl_row(grid.cells, found.row)
    tags = grid.cells.row(hxl) if hxl is not None else (None,) * grid.cells.width
    columns = tuple(
        ColumnMapping(
            position=position,
            heading=heading or "",
            fields=fields.get(position, ()),
            certainty=1.0,
            reason=found.reason if position in fields else "not used by the known layout",
            hxl=tags[position],
        )
        for position, heading in enumerate(found.headings)
        if heading is not None
    )
    before = hxl if hxl is not None else found.row
    return SheetMapping(
        sheet=grid.sheet,
        first_row=grid.first_row + before + 1,
        columns=columns,
        header_rows=(grid.first_row + found.row,),
        hxl_row=None if hxl is None else grid.first_row + hxl,
        layout=found.layout,
        certainty=1.0,
    )


def _record_id(grid: Grid, found: _Found) -> dict[int, tuple[str, ...]]:
    """Return the column of the record's id where the tool gave one that never repeats."""
    for position, heading in enumerate(found.headings):
        if (heading or "").lower() in _NAMED_BY_RECORD:
            values = grid.cells[found.row + 1 :, position].drop_nulls()
            if len(values) and values.n_unique() == len(values):
                return {position: ("record_uuid",)}
    return {}


def _day_of_record(found: _Found) -> dict[int, tuple[str, ...]]:
    """Return the column of the day the tool itself noted, where the form did not ask for it."""
    headings = [(heading or "").strip().lower() for heading in found.headings]
    for name in _DAYS_OF_TOOLS:
        for position, heading in enumerate(headings):
            if heading == name or (heading.endswith(f"_{name}") and _CODE.search(heading)):
                return {position: ("collected_on",)}
    return {}


def _hxl_row(cells: pl.DataFrame, heading_row: int) -> int | None:
    """Return the row right after the headings if its filled cells are tags."""
    if heading_row + 1 >= cells.height:
        return None
    filled = [v for v in cells.row(heading_row + 1) if v is not None]
    tags = sum(value.lstrip().startswith("#") for value in filled)
    return heading_row + 1 if tags and tags >= len(filled) / 2 else None
