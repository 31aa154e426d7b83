"""Checks, columns and values in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from waystation.tracking.checks import CHECKS
from waystation.tracking.indicators import indicator_by_code, is_indicator
from waystation.web.tracking.views.check_words import ACTIONS, TITLES

SEVERITIES: dict[str, tuple[Any, str]] = {
    "error": (_("Error"), "bad"),
    "warning": (_("Warning"), "warn"),
    "info": (_("Note"), ""),
}
STATES: dict[str, Any] = {
    "open": _("Open"),
    "fixed": _("Fixed, not in the figures yet"),
    "accepted": _("Accepted"),
    "asked": _("Asked the field"),
}
COLUMNS: dict[str, Any] = {
    "is_counted": _("Whole row"),
    "component": _("Component"),
    "round_number": _("Round"),
    "reference_date": _("Reference date"),
    "collected_on": _("Date of assessment"),
    "admin1_code": _("Admin 1 code"),
    "admin2_code": _("Admin 2 code"),
    "admin3_code": _("Admin 3 code"),
    "admin1_reported_code": _("Admin 1 code as received"),
    "admin2_reported_code": _("Admin 2 code as received"),
    "admin3_reported_code": _("Admin 3 code as received"),
    "admin1_name": _("Admin 1 name"),
    "admin2_name": _("Admin 2 name"),
    "admin3_name": _("Admin 3 name"),
    "location_id": _("Location id"),
    "location_key": _("Location"),
    "location_name": _("Location name"),
    "location_type": _("Type of location"),
    "location_status": _("Open or closed"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "displacement_reason": _("Reason of displacement"),
    "origin_admin1_code": _("Area of origin"),
    "enumerator": _("Enumerator"),
    "key_informants": _("Key informants"),
    "credibility": _("Credibility"),
    "access": _("Access"),
    "priority_needs": _("Priority needs"),
    "record_uuid": _("Record"),
    "file": _("File"),
    "sheet": _("Sheet"),
    "row": _("Row"),
}


def column_label(column: str | None) -> str:
    """Return what a column or indicator is called; its own name where it has no other."""
    if not column:
        return str(_("Whole row"))
    if column in COLUMNS:
        return str(COLUMNS[column])
    if is_indicator(column):
        return indicator_by_code(column).label((get_language() or "en")[:2])
    return column


def check_title(code: str) -> str:
    """Return what a check says is wrong."""
    if code in TITLES:
        return str(TITLES[code])
    return CHECKS[code].title if code in CHECKS else code


def check_action(code: str) -> str:
    """Return what a check says to do."""
    return str(ACTIONS.get(code, ""))
