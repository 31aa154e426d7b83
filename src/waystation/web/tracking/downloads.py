"""Files of releases: made once for an edition or version, kept, and handed out as they are."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from waystation.errors import NotFound
from waystation.release.formats import FORMATS
from waystation.release.package import write_release
from waystation.release.report.content import report_from_build
from waystation.release.report.pdf import pdf_from_report
from waystation.tracking.build import Build
from waystation.tracking.indicators import LANGUAGES
from waystation.web.tracking import storage
from waystation.web.tracking.editions import Edition, edition_of
from waystation.web.tracking.jobs import Progress
from waystation.web.tracking.models import Job, Operation, Snapshot
from waystation.web.tracking.models.jobs import JobKind
from waystation.web.tracking.versions import version_of

PACKAGE = "package"
REPORT = "report"
KINDS = (*FORMATS, PACKAGE)
MADE = (*KINDS, REPORT)
# Beyond so many cells a file takes more than a few seconds: it is made in the background.
LARGE = 500_000
# What a data package holds: what programs read by its descriptor, and shapes for maps.
PACKAGED = ("csv", "geojson")
ALONE = {REPORT: ".pdf", "xlsx": ".xlsx", "geopackage": ".gpkg"}
MOST_FILES = 100
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
    write = write_report if kind == REPORT else write_kind
    return kept.made(lambda path: write(edition.build(), kind, language, path))


@lru_cache(maxsize=16)
def is_large(edition: Edition) -> bool:
    """Say whether files of an edition are made in the background."""
    return int(edition.scan("matrix").select(pl.len()).collect().item()) > LARGE


def number_of_file(operation: Operation, kind: str, language: str) -> int:
    """Return the number that a job knows a file of an operation by."""
    place = MADE.index(kind) * len(LANGUAGES) + LANGUAGES.index(language)
    return operation.pk * MOST_FILES + place


def make_file(job: Job, progress: Progress) -> None:
    """Make a file of the operation's latest edition, as its job's number says."""
    progress("writing", 0, 1)
    kind, language = divmod(job.object_id % MOST_FILES, len(LANGUAGES))
    made_for_edition(edition_of(job.operation), MADE[kind], LANGUAGES[language])


def last_job(operation: Operation, kind: str, language: str) -> Job | None:
    """Return the last job that was asked for to make a file."""
    jobs = operation.jobs.filter(
        kind=JobKind.MAKE_FILE, object_id=number_of_file(operation, kind, language)
    )
    return jobs.order_by("-pk").first()


def write_report(build: Build, _kind: str, language: str, path: Path) -> None:
    """Write the report of a build."""
    producers = list(dict.fromkeys(s.producer for s in build.sources if s.producer))
    path.write_bytes(pdf_from_report(report_from_build(build, language), producers))


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
