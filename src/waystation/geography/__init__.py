"""Geography: places, their codes, names and boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from waystation.geography.names import Gazetteer

__all__ = ["Gazetteer"]


def __getattr__(name: str) -> object:
    """Import the gazetteer when it is first asked for: comparing names loads heavy parts."""
    if name == "Gazetteer":
        from waystation.geography.names import Gazetteer

        return Gazetteer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
