"""Places of submissions: codes and names resolved to units, and named across rounds."""

from __future__ import annotations

from waystation.tracking.places.resolution import resolved_places

__all__ = ["resolved_places"]
