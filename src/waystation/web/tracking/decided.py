"""What people decided about locations, as pages about places tell it."""

from __future__ import annotations

from waystation.web.tracking.models import LocationDecision, Operation
from waystation.web.tracking.models.places import LocationChange


def merged_into(operation: Operation, location_id: str) -> str:
    """Return the location that another was merged into; empty where none was."""
    if "\0" in location_id:  # no database keeps it
        return ""
    seen, at = set[str](), location_id[:300]
    while at not in seen:
        seen.add(at)
        merges = operation.location_decisions.filter(
            location_id=at, change=LocationChange.MERGE, is_current=True
        )
        last = merges.order_by("pk").last()
        if last is None:
            return at if at != location_id else ""
        at = last.other_id
    return ""


def decisions_about(operation: Operation, location_id: str) -> list[LocationDecision]:
    """Return decisions about a location or that merge another into it, the latest first."""
    own = operation.location_decisions.filter(location_id=location_id)
    into = operation.location_decisions.filter(
        other_id=location_id, change=LocationChange.MERGE
    )
    return list((own | into).select_related("by").order_by("-pk"))
