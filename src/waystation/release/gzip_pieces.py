"""Bytes compressed once, in pieces, and put together again into one gzip body in any choice.

A piece ends with a full flush, so that it needs nothing of what stands before it; the checksum
of the whole follows from those of its pieces. An answer made of many pieces costs a join, not a
compression.

Source:
    RFC 1951 (deflate: blocks, and the empty stored block of a flush) and RFC 1952 (gzip: header
    and trailer). The combination of checksums is that of zlib 1.2.12 (``crc32_combine_gen``).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# No name, no time, unknown system: the same pieces make the same bytes.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"
_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31


@dataclass(frozen=True, slots=True)
class GzipPiece:
    """Some bytes, compressed so that any other piece may stand before and after them.

    Attributes:
        deflated: The bytes as raw deflate blocks that end on a byte.
        crc: CRC-32 of the bytes.
        size: Number of bytes.
        shift: What a checksum of bytes before these is multiplied by.
    """

    deflated: bytes
    crc: int
    size: int
    shift: int


def gzip_piece(content: bytes, *, level: int = 6) -> GzipPiece:
    """Compress bytes as one piece.

    Args:
        content: The bytes.
        level: 1 (fast) to 9 (small).
    """
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)
    return GzipPiece(deflated, zlib.crc32(content), len(content), _shift_of(len(content)))


def gzip_of_pieces(pieces: Sequence[GzipPiece]) -> bytes:
    """Return one gzip member whose content is that of the pieces, one after the other."""
    crc = 0
    size = 0
    for piece in pieces:
        crc = _times(piece.shift, crc) ^ piece.crc
        size += piece.size
    trailer = crc.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
    blocks = (piece.deflated for piece in pieces)
    return b"".join((_HEADER, *blocks, _LAST_BLOCK, trailer))


@lru_cache(maxsize=4096)
def _shift_of(size: int) -> int:
    """Return x to the power of the bits in ``size`` bytes, modulo the polynomial of CRC-32."""
    power, factor = _ONE, 1 << 23  # x ** 8
    while size:
        if size & 1:
            power = _times(factor, power)
        factor = _times(factor, factor)
        size >>= 1
    return power


def _times(left: int, right: int) -> int:
    """Multiply two polynomials modulo that of CRC-32; the highest bit is x ** 0."""
    product = 0
    while left:
        if left & _ONE:
            product ^= right
        left = (left << 1) & 0xFFFFFFFF
        right = (right >> 1) ^ _POLYNOMIAL if right & 1 else right >> 1
    return product
