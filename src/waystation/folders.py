"""Files and folders that appear whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Yield an empty folder whose files appear in ``folder`` together, or not at all.

    Files of the same names are replaced; other files in ``folder`` stay.
    """
    existed = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    waiting = Path(tempfile.mkdtemp(prefix=".waystation-", dir=folder))
    try:
        yield waiting
        for path in sorted(waiting.iterdir()):
            path.replace(folder / path.name)
    except BaseException:
        shutil.rmtree(waiting, ignore_errors=True)
        if not existed:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(waiting, ignore_errors=True)


def write_file_whole(path: Path, content: bytes) -> Path:
    """Write one file, replaced if there; its folder is made if absent.

    Returns:
        The path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, so that two who write the same file at once do not meet.
    waiting = path.with_name(f".{path.name}.{token_hex(8)}.part")
    try:
        waiting.write_bytes(content)
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)
    return path
