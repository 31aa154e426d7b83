"""A preview of a file as its page shows it: labels in the reader's language, rows as lists."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from waystation.tracking.mapping import FileMapping
from waystation.web.tracking.fields import label_of
from waystation.web.tracking.models.rounds import Component
from waystation.web.tracking.problems import problem_of

MISSING: dict[str, Any] = {
    "sheets": _("No sheet is read. Take one in."),
    "places": _("No column says where people are. Choose one for a place."),
    "figures": _("No column says how many. Choose one for a figure."),
}
LEVELS = (_("Admin 1"), _("Admin 2"), _("Admin 3"), _("Location"))
FIRST = ("admin1", "admin2", "admin3", "location")


def shown_preview(preview: dict[str, Any], mapping: FileMapping) -> dict[str, Any]:
    """Return a preview with words for its codes, ready for a template."""
    if "missing" in preview:
        lacks = preview["missing"].items()
        return {"missing": [(name, MISSING[code]) for name, code in lacks]}
    if "problem" in preview:
        return {"problem": _problem(preview["problem"])}
    codes = preview["indicators"]
    levels = preview["levels"]
    stated = {row["indicator"]: row for row in reversed(preview["stated"])}
    return {
        **preview,
        "labels": [label_of(code) for code in codes],
        "level_labels": [_level(columns[0]) for columns in levels],
        "table": [_row(row, levels, codes) for row in preview["head"]],
        "unit_table": [
            {"unit": row["unit"], "rows": row["rows"], "values": [row[c] for c in codes]}
            for row in preview["units"]
        ],
        "sum_table": [
            {"label": label_of(c), "made": preview["sums"][c], "stated": stated.get(c)}
            for c in codes
        ],
        "set_aside": preview["rows"] - preview["counted"],
        "goes_to": [
            {**row, "component": _component(row["component"])}
            for row in preview.get("settled", [])
        ],
        "rounds_problem": _problem(preview.get("rounds_problem")),
        "sheet_names": [sheet.sheet or mapping.file for sheet in mapping.sheets],
    }


def _problem(found: dict[str, str] | None) -> Any:
    return problem_of(found["code"], found["sentence"]) if found else None


def _level(column: str) -> Any:
    return LEVELS[FIRST.index(column.partition("_")[0])]


def _component(code: str) -> Any:
    return Component(code).label if code in Component.values else code


def _row(row: dict[str, Any], levels: list[list[str]], codes: list[str]) -> dict[str, Any]:
    return {
        "row": row["row"],
        "is_counted": row["is_counted"],
        "places": [next((row[c] for c in columns if row[c]), None) for columns in levels],
        "values": [row[code] for code in codes],
    }
