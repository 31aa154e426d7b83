"""Names of built files: the front end's build hashes and compresses, this looks names up."""

from __future__ import annotations

import json
import logging
from functools import cached_property
from pathlib import Path

from django.contrib.staticfiles.storage import StaticFilesStorage

DIST = Path(__file__).resolve().parents[1] / "static" / "dist"
NOT_BUILT = (
    "The front end is not built, so pages have no styles and no maps: "
    "run 'make run', or 'npm ci && npm run build' in frontend/"
)
logger = logging.getLogger(__name__)


class BuiltFiles(StaticFilesStorage):
    """Static files whose names carry a hash where the build gave them one."""

    @cached_property
    def names(self) -> dict[str, str]:
        """Return the hashed name of each plain name; empty where nothing is built."""
        try:
            names: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
        except FileNotFoundError:
            logger.warning(NOT_BUILT)
            return {}
        return names

    def url(self, name: str | None) -> str:
        """Return the address of a file."""
        return super().url(self.names.get(name or "", name or ""))
