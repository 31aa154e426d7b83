"""Files packed by gzip, unpacked within a limit."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from waystation.errors import InputTooLarge, UnreadableFile

_CHUNK = 1 << 20


def unpack_gzip(path: Path, target: Path, *, most: int) -> None:
    """Write what a gzip file packs, a piece at a time.

    Args:
        path: The packed file.
        target: Where its content is written.
        most: Bytes that it may unpack to.

    Raises:
        UnreadableFile: If it is no gzip file, cut short or damaged.
        InputTooLarge: If it unpacks to more than the limit.
    """
    size = 0
    try:
        with gzip.open(path) as packed, target.open("wb") as stream:
            while chunk := packed.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise InputTooLarge(
                        file=path.name,
                        reason=f"it unpacks to more than {most >> 20:,} MiB",
                        action="Split it, or save it as Parquet",
                    )
                stream.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(
            file=path.name,
            reason="it is damaged, cut short or not compressed by gzip",
            action="Download it again, or compress it again",
        ) from error
