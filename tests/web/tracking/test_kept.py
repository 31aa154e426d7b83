"""What is kept in memory stays within its bound, and is made once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from waystation.web.tracking.kept import Kept


def test_the_least_used_is_forgotten_beyond_the_bound():
    kept: Kept[bytes] = Kept(10, len)
    made = []

    def get(key):
        def make():
            made.append(key)
            return key * 4

        return kept.get(key, make)

    for key in (b"a", b"b", b"a", b"c", b"a", b"b"):
        assert get(key) == key * 4
        assert kept.bytes_kept <= 10
    # "b" was forgotten for "c", and "a", asked for again, was not.
    assert made == [b"a", b"b", b"c", b"b"]


def test_what_is_larger_than_the_bound_is_answered_and_not_kept():
    kept: Kept[bytes] = Kept(10, len)
    assert kept.get("key", lambda: b"x" * 11) == b"x" * 11
    assert kept.bytes_kept == 0


def test_many_that_ask_at_once_have_it_made_once():
    kept: Kept[bytes] = Kept(100, len)
    made = []
    together = threading.Barrier(8)

    def make():
        time.sleep(0.05)
        made.append(1)
        return b"value"

    def ask(_turn):
        together.wait()
        return kept.get("key", make)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {b"value"}
    assert made == [1]


def test_an_error_while_making_leaves_nothing_behind():
    kept: Kept[bytes] = Kept(100, len)
    with pytest.raises(ZeroDivisionError):
        kept.get("key", lambda: b"x" * (1 // 0))
    assert kept.get("key", lambda: b"fine") == b"fine"
