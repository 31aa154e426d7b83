"""The published exercise, for addresses that name records of tracking."""

from tests.web.tracking.conftest import _made_once, data, exercise

__all__ = ["_made_once", "data", "exercise"]
