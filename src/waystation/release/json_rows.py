"""Rows kept as the JSON they will be answered with, and chosen by group or one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from waystation.release.gzip_pieces import GzipPiece, gzip_of_pieces, gzip_piece


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows that stand together and share what most requests filter on.

    Attributes:
        key: The values they share.
        first: Number of the first row.
        end: Number after the last row.
        text: Their JSON objects with commas between, compressed.
    """

    key: tuple[object, ...]
    first: int
    end: int
    text: GzipPiece


@dataclass(frozen=True, slots=True)
class JsonRows:
    """Rows of a table as JSON objects, in groups.

    Attributes:
        text: All objects, one after the other, with a comma between.
        starts: Where each begins; one more says where the next would.
        groups: The groups, in the order of the rows.
        places: Columns to choose single rows by; one row an object.
    """

    text: bytes
    starts: np.ndarray
    groups: tuple[RowGroup, ...]
    places: pl.DataFrame

    @property
    def size(self) -> int:
        """Return about how many bytes this takes in memory."""
        packed = sum(len(group.text.deflated) for group in self.groups)
        return len(self.text) + packed + self.starts.nbytes + int(self.places.estimated_size())

    def chosen(
        self,
        is_wanted: Callable[[tuple[object, ...]], bool],
        where: pl.Expr | None = None,
    ) -> Iterator[Part]:
        """Yield the wanted rows, as parts that go into one answer.

        Args:
            is_wanted: Says of a group's key whether its rows may be wanted.
            where: Condition on ``places``; None wants all rows of a wanted group.
        """
        groups = [group for group in self.groups if is_wanted(group.key)]
        if where is None or not groups:
            yield from (
                Part(self._span(group.first, group.end), group.end - group.first, group.text)
                for group in groups
            )
            return
        mask = self.places.select(where.fill_null(value=False)).to_series().to_numpy()
        for group in groups:
            found = np.flatnonzero(mask[group.first : group.end]) + group.first
            if len(found) == group.end - group.first:
                yield Part(self._span(group.first, group.end), len(found), group.text)
            elif len(found):
                spans = [self._span(row, row + 1) for row in found.tolist()]
                yield Part(b",".join(spans), len(found), None)

    def _span(self, first: int, end: int) -> memoryview | bytes:
        return memoryview(self.text)[self.starts[first] : self.starts[end] - 1]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of an answer.

    Attributes:
        text: JSON objects with commas between.
        rows: How many.
        packed: The same, compressed; None where they were not chosen as a whole group.
    """

    text: memoryview | bytes
    rows: int
    packed: GzipPiece | None


def json_rows(
    frame: pl.DataFrame, *, keys: pl.DataFrame, places: pl.DataFrame, level: int = 6
) -> JsonRows:
    """Return a table's rows as JSON, grouped where neighbours share a key.

    Args:
        frame: The rows, with the columns they are answered with.
        keys: The key of each row; rows that share one should stand together.
        places: Columns to choose single rows by.
        level: How hard to compress, 1 to 9.
    """
    encoded = frame.select(pl.struct(pl.all()).struct.json_encode().alias("row"))["row"]
    lengths = encoded.str.len_bytes().to_numpy().astype(np.int64) + 1
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    text = ",".join(encoded.to_list()).encode() + b"," if frame.height else b""
    return JsonRows(text, starts, tuple(_groups(text, starts, keys, level)), places)


def _groups(
    text: bytes, starts: np.ndarray, keys: pl.DataFrame, level: int
) -> Iterator[RowGroup]:
    if keys.is_empty():
        return
    run = keys.select(pl.struct(pl.all()).rle_id()).to_series().to_numpy()
    firsts = np.flatnonzero(np.diff(run, prepend=-1))
    ends = np.append(firsts[1:], keys.height)
    for first, end in zip(firsts.tolist(), ends.tolist(), strict=True):
        content = text[starts[first] : starts[end] - 1]
        yield RowGroup(keys.row(first), first, end, gzip_piece(content, level=level))


_COMMA = gzip_piece(b",")


def joined(head: bytes, parts: Sequence[Part], tail: bytes) -> bytes:
    """Return an answer: the head, the rows of all parts with commas between, the tail."""
    return b"".join((head, b",".join(part.text for part in parts), tail))


def joined_gzip(head: bytes, parts: Sequence[Part], tail: bytes) -> bytes:
    """Return the same as one gzip body; whole groups are not compressed again."""
    pieces = [gzip_piece(head)]
    for part in parts:
        packed = part.packed or gzip_piece(bytes(part.text), level=1)
        pieces += (packed, _COMMA)
    if parts:
        pieces.pop()
    pieces.append(gzip_piece(tail))
    return gzip_of_pieces(pieces)
