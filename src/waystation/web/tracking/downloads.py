"""Files of releases: made once for an edition or version, kept, and handed out as they are."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from waystation.errors import NotFound
from waystation.release.formats import FORMATS
from waystation.release.package import write_release
from waystation.tracking.build import Build
from waystation.web.tracking import storage
from waystation.web.tracking.editions import Edition
from waystation.web.tracking.models import Snapshot
from waystation.web.tracking.versions import version_of

PACKAGE = "package"
KINDS = (*FORMATS, PACKAGE)
# What a data package holds: what programs read by its descriptor, and shapes for maps.
PACKAGED = ("csv", "geojson")
ALONE = {"xlsx": ".xlsx", "geopackage": ".gpkg"}
DESCRIPTOR = "datapackage.json"
THE_PAST = (1980, 1, 1, 0, 0, 0)
MEDIA = {
    ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".gpkg": "application/geopackage+sqlite3",
    ".pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is made once.

    Attributes:
        path: Where it is kept.
        name: What readers save it as.
        etag: What names its content.
    """

    path: Path
    name: str
    etag: str

    @property
    def media_type(self) -> str:
        """Return what the file is."""
        return MEDIA[self.path.suffix]

    def made(self, make: Callable[[Path], None]) -> Kept:
        """Make the file unless it is there; many who ask at once wait for one to make it."""
        if self.path.exists():
            return self
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(f".{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.path.exists():
                with tempfile.TemporaryDirectory(dir=self.path.parent, prefix=".") as folder:
                    waiting = Path(folder) / self.path.name
                    make(waiting)
                    waiting.replace(self.path)
        return self


def ending_of(kind: str) -> str:
    """Return the ending of a file of a kind."""
    return ALONE.get(kind, ".zip")


def file_of_edition(edition: Edition, kind: str, language: str) -> Kept:
    """Return where a file of an edition is, or is to be."""
    ending = ending_of(kind)
    return Kept(
        path=edition.folder / "derived" / f"release-{kind}-{language}{ending}",
        name=f"{edition.slug}-{edition.number}-{kind}{ending}",
        etag=f"{edition.etag}-{kind}-{language}",
    )


def file_of_version(snapshot: Snapshot, kind: str, language: str) -> Kept:
    """Return where a file of a published version is, or is to be."""
    operation, ending = snapshot.round.operation, ending_of(kind)
    folder = storage.operation_folder(operation) / "files_of_versions" / str(snapshot.pk)
    version = f"{operation.slug}-{snapshot.round.key}-v{snapshot.version}"
    return Kept(
        path=folder / f"{kind}-{language}{ending}",
        name=f"{version}-{kind}{ending}",
        etag=f"{snapshot.sha256[:16]}-{kind}-{language}",
    )


def made_for_edition(edition: Edition, kind: str, language: str) -> Kept:
    """Return a file of an edition, made if need be."""
    kept = file_of_edition(edition, kind, language)
    return kept.made(lambda path: write_kind(edition.build(), kind, language, path))


def made_for_version(snapshot: Snapshot, kind: str, language: str) -> Kept:
    """Return a file of a published version, made if need be."""
    kept = file_of_version(snapshot, kind, language)
    build = version_of(snapshot).build
    return kept.made(lambda path: write_kind(build(), kind, language, path))


def write_kind(build: Build, kind: str, language: str, path: Path) -> None:
    """Write a release in one format as one file.

    Raises:
        NotFound: If the build has nothing to show in this format, such as no outlines.
    """
    formats = PACKAGED if kind == PACKAGE else (kind,)
    with tempfile.TemporaryDirectory(prefix="waystation-") as name:
        files = write_release(build, Path(name) / "release", formats=formats, language=language)
        real = [file for file in files if file.name != DESCRIPTOR]
        if not real:
            raise NotFound(what="format", name=kind)
        if kind in ALONE:
            shutil.move(real[0], path)
        else:
            _zip(sorted(files), path)


def _zip(files: list[Path], path: Path) -> None:
    """Put files in one archive, the same bytes for the same content."""
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=6) as whole:
        for file in files:
            entry = zipfile.ZipInfo(file.name, THE_PAST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with file.open("rb") as source, whole.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)
