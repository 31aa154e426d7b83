"""What HXL tags say, as hints: in field files they are often shifted, swapped or misspelt."""

from __future__ import annotations

import re

_SUBJECTS = (
    ({"returnees", "returnee", "ret", "returned"}, "returnee"),
    ({"idps", "idp"}, "idp"),
    ({"refugees", "refugee"}, "refugee"),
    ({"migrants", "migrant"}, "migrant"),
    ({"host"}, "host"),
)
_UNITS = ({"hh", "households", "household"}, "households"), (
    {"ind", "individuals", "persons"}, "individuals",
)  # fmt: skip
_PARTS = {
    "m", "f", "male", "female", "children", "adults", "elderly", "infants", "cause", "origin",
    "bool", "pct", "age", "previous", "shelter",
}  # fmt: skip
_SIMPLE = {
    ("geo", "lat"): "latitude", ("geo", "lon"): "longitude", ("geo", "lng"): "longitude",
    ("loc", "name"): "location_name", ("loc", "code"): "location_id",
    ("loc", "id"): "location_id",
    ("loc", "type"): "location_type", ("loc", "status"): "location_status",
    ("date", "reported"): "reference_date", ("date", "occurred"): "collected_on",
    ("date", "assessment"): "collected_on", ("meta", "round"): "round_number",
    ("round", "code"): "round_number", ("operation", "name"): "operation",
    ("country", "name"): "country", ("country", "code"): "country",
}  # fmt: skip


def field_of_tag(tag: str | None) -> str | None:
    """Return the field or indicator an HXL tag names, None where it names none or a part.

    Args:
        tag: As received: ``#affected+idps+ind``, also without the mark or with spaces.
    """
    if not tag:
        return None
    words = [w for w in re.split(r"[\s+]+", tag.lower().lstrip("# \t")) if w]
    if not words or _PARTS.intersection(words[1:]):
        return None
    head, rest = words[0], words[1:]
    for one in rest:
        if (head, one) in _SIMPLE:
            return _SIMPLE[head, one]
    if level := re.fullmatch(r"adm(\d)", head):
        return _place(int(level[1]), rest)
    return _people(set(rest)) if head in {"affected", "population", "inneed"} else None


def _place(level: int, rest: list[str]) -> str | None:
    is_code = bool({"code", "pcode"}.intersection(rest))
    if level > 3:
        return "location_id" if is_code else "location_name"
    if is_code:
        return f"admin{level}_reported_code"
    return f"admin{level}_name" if "name" in rest else None


def _people(words: set[str]) -> str | None:
    subject = next((name for among, name in _SUBJECTS if among & words), None)
    unit = next((name for among, name in _UNITS if among & words), "individuals")
    if subject is None:
        return None
    if subject == "returnee" and "abroad" in words:
        subject = "returnee_abroad"
    elif subject == "returnee" and "internal" in words:
        subject = "returnee_internal"
    elif subject == "idp" and "abroad" in words:
        subject = "idp_previously_abroad"
    return f"{subject}_{unit}"
