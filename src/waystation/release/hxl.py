"""The row of HXL tags, for readers whose tools still ask for one.

OCHA is retiring the Humanitarian Exchange Language (2026): tags are an optional row, off by
default, and never the model.

Source:
    HXL standard 1.1, hashtag dictionary; the tags HDX puts on exports of the DTM API.
"""

from __future__ import annotations

from collections.abc import Iterable

from waystation.errors import NotFound
from waystation.tracking.indicators import indicator_by_code

TAGS = {
    "country": "#country+code",
    "operation": "#operation+name",
    "component": "#assessment+type",
    "round_number": "#round+code",
    "reference_date": "#date+reported",
    "observed_on": "#date+occurred",
    "location_id": "#loc+code",
    "location_name": "#loc+name",
    "location_type": "#loc+type",
    "name": "#loc+name",
    "names": "#loc+name+alt",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "status": "#status",
    "admin_level": "#adm+level",
    "code": "#adm+code",
    "parent_code": "#adm+code+parent",
    "indicator": "#indicator+code",
    "label": "#indicator+name",
    "unit": "#indicator+unit",
    "value": "#indicator+value+num",
    "estimated": "#indicator+value+estimated+num",
    "carried_forward": "#indicator+value+carried+num",
    "locations": "#loc+num+reported",
    "not_reported": "#loc+num+blank",
    "submissions": "#meta+submissions+num",
    "opened_round": "#round+code+start",
    "opened_on": "#date+start",
    "closed_on": "#date+end",
    "last_round": "#round+code+last",
    "last_on": "#date+last",
    "start_round": "#round+code+start",
    "start_date": "#date+start",
    "end_round": "#round+code+end",
    "end_date": "#date+end",
    "part": "#indicator+change+type",
    "change": "#indicator+change+num",
}


def tag_of_column(column: str) -> str:
    """Return the HXL tag of a column, empty where none says what it holds."""
    if column in TAGS:
        return TAGS[column]
    if column.startswith("admin") and column[5:6].isdigit():
        level, _, kind = column[5:].partition("_")
        return f"#adm{level}+{kind}"
    try:
        return indicator_by_code(column).hxl
    except NotFound:
        return ""


def tags_of_columns(columns: Iterable[str]) -> list[str]:
    """Return the row of tags for a row of columns.

    Example:
        >>> tags_of_columns(["admin1_code", "idp_individuals"])
        ['#adm1+code', '#affected+idps+ind']
    """
    return [tag_of_column(column) for column in columns]
