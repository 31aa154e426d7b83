"""Values kept in memory up to a number of bytes; the least used is forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """What was made and may be asked for again, of a bounded size."""

    def __init__(self, most_bytes: int, size_of: Callable[[Value], int]) -> None:
        self._most = most_bytes
        self._size_of = size_of
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._making = threading.Lock()

    @property
    def bytes_kept(self) -> int:
        """Return how many bytes are kept now."""
        return self._bytes

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made if it is not kept.

        One thread makes at a time, so that many that ask at once make a value once. A value
        larger than the bound is returned and not kept.
        """
        found = self._find(key)
        if found is not None:
            return found
        with self._making:
            found = self._find(key)
            if found is None:
                found = make()
                self._keep(key, found)
        return found

    def _find(self, key: Hashable) -> Value | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def _keep(self, key: Hashable, value: Value) -> None:
        size = self._size_of(value)
        if size > self._most:
            return
        with self._lock:
            self._values[key] = value
            self._bytes += size
            while self._bytes > self._most:
                _, forgotten = self._values.popitem(last=False)
                self._bytes -= self._size_of(forgotten)
