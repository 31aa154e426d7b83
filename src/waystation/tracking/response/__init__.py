"""Needs against presence: who does what where, and where nobody answers a need."""

from __future__ import annotations

from waystation.tracking.response.gaps import (
    HIGH_SHARE,
    MOST_PERSONS,
    active_on,
    gaps_from_presence,
)
from waystation.tracking.response.needs import needs_from_matrix
from waystation.tracking.response.presence import read_presence
from waystation.tracking.response.tables import (
    ActivityStatus,
    Gap,
    Gaps,
    Presence,
    SectorNeeds,
)
from waystation.tracking.response.vocabulary import Sector, sectors

__all__ = [
    "HIGH_SHARE",
    "MOST_PERSONS",
    "ActivityStatus",
    "Gap",
    "Gaps",
    "Presence",
    "Sector",
    "SectorNeeds",
    "active_on",
    "gaps_from_presence",
    "needs_from_matrix",
    "read_presence",
    "sectors",
]
