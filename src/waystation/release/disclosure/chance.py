"""Numbers that stand for chance, and are the same for the same place and figure for ever.

A number is drawn by a keyed hash of what it is for, never of the value, the round or the other
places. A figure that stays the same is therefore rounded the same way, round after round and
version after version, and repeated publication gives no second view of it (permanent random
numbers; the cell keys of statistical offices).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Chance:
    """Chance that a secret decides.

    Args:
        seed: The secret.
    """

    def __init__(self, seed: str) -> None:
        self._key = hashlib.blake2b(seed.encode(), digest_size=32).digest()

    def numbers(self, names: Iterable[str]) -> Array:
        """Return one 64-bit number a name; nobody can tell it without the secret."""
        digests = b"".join(
            hashlib.blake2b(name.encode(), key=self._key, digest_size=8).digest()
            for name in names
        )
        return np.frombuffer(digests, dtype=np.uint64)


def shares(first: Array, second: Array) -> Array:
    """Return a number above 0 and below 1 for each pair of 64-bit numbers."""
    mixed: Array = first ^ ((second << np.uint64(31)) | (second >> np.uint64(33)))
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(factor)
    mixed = mixed ^ (mixed >> np.uint64(33))
    return ((mixed >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
