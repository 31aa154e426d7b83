"""What the field makes of names: sides of the compass, misspellings, names of files."""

from __future__ import annotations

import numpy as np

from waystation.geography.fictional import without_accents

SIDES = (
    ("North", "Nord", "شمال"),
    ("South", "Sud", "جنوب"),
    ("East", "Est", "شرق"),
    ("West", "Ouest", "غرب"),
)


def category_name(text: str) -> str:
    """Return a name as a category of an open dimension: small letters and underscores."""
    return without_accents(text).lower().replace(" ", "_")


def misspelt(name: str, rng: np.random.Generator) -> str:
    """Return a name with two letters exchanged, or one doubled, dropped or replaced."""
    at = int(rng.integers(1, max(2, len(name) - 1)))
    kind = int(rng.integers(0, 3))
    if kind == 0 and at + 1 < len(name) and name[at] != name[at + 1]:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind == 1 and len(name) > 5:
        return name[:at] + name[at + 1 :]
    return name[:at] + name[at] + name[at:]


def folder_name(text: str) -> str:
    """Return a name as it stands in a file name: plain letters and hyphens."""
    return without_accents(text).lower().replace(" ", "-")
