"""The catalogue of findings on place lists and boundaries."""

from __future__ import annotations

from waystation.findings import Check, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

CHECKS: dict[str, Check] = {
    check.code: check
    for check in (
        Check(
            "GEO-101", _W, "Code bears another country's prefix", "Check for disputed areas."
        ),
        Check("GEO-102", _E, "Code does not begin with its parent's", "Check the parent."),
        Check("GEO-103", _E, "Code stands twice", "Keep one row for the code."),
        Check("GEO-104", _W, "Name stands twice under one parent", "Tell the two apart."),
        Check("GEO-105", _E, "Parent is not in the list", "Add the unit above, or correct it."),
        Check("GEO-106", _W, "A level is missing", "Add the units of the level."),
        Check(
            "GEO-107",
            _W,
            "Code is not prefix and digits",
            "Nothing, where the country does so.",
        ),
        Check(
            "GEO-108", _W, "Length of the code differs from its level's", "Check the digits."
        ),
        Check("GEO-109", _W, "Unit has no name", "Add the name."),
        Check("GEO-110", _W, "Boundary has no attributes", "Use a file with codes."),
        Check("GEO-111", _W, "Geometry is empty or not valid", "Repair the boundary."),
    )
}
