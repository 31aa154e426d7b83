"""What a folder of data holds of statistics: judged figures, kept by dataset and file.

::

    <folder>/statistics/<dataset>/<16 hex of the file's sha256>/
        judged.parquet    figures; shape Observations, further columns after
        areas.parquet     what the producer calls each area
        findings.parquet  what reading and judging found; shape Findings
        source.json       where the figures come from

Of a dataset's files the one received last holds; the older ones are kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from waystation.errors import InvalidChoice, NotFound
from waystation.findings import Findings
from waystation.folders import written_whole
from waystation.sources import Source
from waystation.statistics.tables import Observations

FOLDER = "statistics"
_JUDGED, _AREAS, _FINDINGS = "judged.parquet", "areas.parquet", "findings.parquet"
_SOURCE = "source.json"  # written last: a folder without it is not there yet
_DATASET = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{16,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Holdings:
    """The statistics in one folder of data.

    Attributes:
        folder: The folder of data, the same that the server and the command line are given.
    """

    folder: Path

    def datasets(self) -> tuple[str, ...]:
        """Return the names of datasets of which a file is held, sorted."""
        whole = (self.folder / FOLDER).glob(f"*/*/{_SOURCE}")
        names = {path.parent.parent.name for path in whole}
        return tuple(sorted(name for name in names if _DATASET.fullmatch(name)))

    def source(self, dataset: str) -> Source:
        """Return where the figures of a dataset come from.

        Raises:
            NotFound: If nothing of it is held.
        """
        return _source_in(self._place(dataset))

    def observations(self, dataset: str) -> pl.LazyFrame:
        """Return the figures of a dataset; shape ``Observations``, further columns after.

        Raises:
            NotFound: If nothing of it is held.
        """
        return pl.scan_parquet(self._place(dataset) / _JUDGED)

    def areas(self, dataset: str) -> pl.DataFrame:
        """Return what the producer calls each area: ``code``, ``name``, and more as given.

        Raises:
            NotFound: If nothing of it is held.
        """
        return pl.read_parquet(self._place(dataset) / _AREAS)

    def findings(self, dataset: str) -> pl.DataFrame:
        """Return what reading and judging found; shape ``Findings``.

        Raises:
            NotFound: If nothing of it is held.
        """
        return pl.read_parquet(self._place(dataset) / _FINDINGS)

    def revision_tag(self, dataset: str) -> str:
        """Return 16 hex digits that change whenever the figures that hold may have changed.

        Raises:
            NotFound: If nothing of it is held.
        """
        place = self._place(dataset)
        stamp = (place / _JUDGED).stat()
        state = (place.name, stamp.st_mtime_ns, stamp.st_size, (place / _SOURCE).read_text())
        return hashlib.sha256(repr(state).encode()).hexdigest()[:16]

    def changed_at(self, dataset: str) -> dt.datetime:
        """Return when the figures that hold were written, to the second.

        Raises:
            NotFound: If nothing of it is held.
        """
        seconds = int((self._place(dataset) / _JUDGED).stat().st_mtime)
        return dt.datetime.fromtimestamp(seconds, dt.UTC)

    def keep(
        self,
        dataset: str,
        observations: pl.DataFrame,
        *,
        source: Source,
        areas: pl.DataFrame | None = None,
        findings: pl.DataFrame | None = None,
    ) -> Path:
        """Keep the judged figures of a file, whole or not at all; a file replaces itself.

        Args:
            dataset: Its name: small letters, digits and underscores.
            observations: Shape ``Observations``; further columns are kept.
            source: Where they come from, with the hash of the file.
            areas: What the producer calls each area: ``code``, ``name`` and more.
            findings: Shape ``Findings``.

        Returns:
            The folder in which they stand.

        Raises:
            InvalidChoice: If the name or the hash cannot name a folder.
            InvalidTable: If the figures are not of their shape.
        """
        if not _DATASET.fullmatch(dataset):
            choices = "names of small letters, digits and underscores"
            raise InvalidChoice(value=dataset, option="dataset", choices=choices)
        if not _HASH.fullmatch(source.sha256):
            choices = "the sha256 of a file, in hexadecimal digits"
            raise InvalidChoice(value=source.sha256, option="hash of a source", choices=choices)
        checked = Observations.require(observations)
        named = pl.DataFrame(schema={"code": pl.String, "name": pl.String})
        place = self.folder / FOLDER / dataset / source.sha256[:16]
        with written_whole(place) as waiting:
            checked.write_parquet(waiting / _JUDGED)
            (named if areas is None else areas).write_parquet(waiting / _AREAS)
            found = Findings.empty_frame() if findings is None else findings
            found.write_parquet(waiting / _FINDINGS)
            text = json.dumps(source.as_dict(), ensure_ascii=False, indent=2) + "\n"
            (waiting / _SOURCE).write_text(text, "utf-8")
        return place

    def _place(self, dataset: str) -> Path:
        """Return the folder of the file that holds; of files of one day the one kept last."""
        places: list[Path] = []
        if _DATASET.fullmatch(dataset):
            folder = self.folder / FOLDER / dataset
            places = [path.parent for path in folder.glob(f"*/{_SOURCE}")]
        if not places:
            raise NotFound(what="dataset", name=dataset[:100])
        return max(places, key=_when)


def _source_in(place: Path) -> Source:
    return Source.of_dict(json.loads((place / _SOURCE).read_text("utf-8")))


def _when(place: Path) -> tuple[dt.date, int, str]:
    source = _source_in(place)
    day = source.retrieved or source.as_of or dt.date.min
    return day, (place / _SOURCE).stat().st_mtime_ns, place.name
