"""What a folder of data holds of statistics: judged figures, kept by dataset and file.

::

    <folder>/statistics/<dataset>/<16 hex of the file's sha256>/
        judged.parquet    figures; shape Observations, further columns after
        areas.parquet     what the producer calls each area
        findings.parquet  what reading and judging found; shape Findings
        source.json       where the figures come from

Of each measure and sex of a dataset the file received last holds, whole; the older ones are
kept. Producers who publish men and women, or refugees and migrants, in files of their own so
stand side by side, and a newer file takes the place of an older one.
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
SOURCE = "source.json"  # written last: a folder without it is not there yet
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
        whole = (self.folder / FOLDER).glob(f"*/*/{SOURCE}")
        names = {path.parent.parent.name for path in whole}
        return tuple(sorted(name for name in names if _DATASET.fullmatch(name)))

    def source(self, dataset: str) -> Source:
        """Return where the figures of a dataset come from: of several files, the latest.

        Raises:
            NotFound: If nothing of it is held.
        """
        return _source_in(self._places(dataset)[0])

    def observations(self, dataset: str) -> pl.LazyFrame:
        """Return the figures of a dataset; shape ``Observations``, further columns after.

        Raises:
            NotFound: If nothing of it is held.
        """
        places = self._places(dataset)
        if len(places) == 1:
            return pl.scan_parquet(places[0] / _JUDGED)
        kind = Observations.columns()["sex"].dtype
        taken = pl.DataFrame(schema={"measure": pl.String, "sex": kind})
        parts = []
        for place in places:
            rows = pl.scan_parquet(place / _JUDGED).with_columns(pl.col("sex").cast(kind))
            parts.append(rows.join(taken.lazy(), on=taken.columns, how="anti"))
            taken = pl.concat([taken, rows.select(taken.columns).unique().collect()]).unique()
        return pl.concat(parts, how="diagonal_relaxed")

    def areas(self, dataset: str) -> pl.DataFrame:
        """Return what the producer calls each area: ``code``, ``name``, and more as given.

        Raises:
            NotFound: If nothing of it is held.
        """
        found = [pl.read_parquet(place / _AREAS) for place in self._places(dataset)]
        every = pl.concat(found, how="diagonal_relaxed")
        return every.unique("code", keep="first", maintain_order=True)

    def findings(self, dataset: str) -> pl.DataFrame:
        """Return what reading and judging found; shape ``Findings``.

        Raises:
            NotFound: If nothing of it is held.
        """
        found = [pl.read_parquet(place / _FINDINGS) for place in self._places(dataset)]
        return pl.concat(found, how="diagonal_relaxed")

    def revision_tag(self, dataset: str) -> str:
        """Return 16 hex digits that change whenever the figures that hold may have changed.

        Raises:
            NotFound: If nothing of it is held.
        """
        state = []
        for place in self._places(dataset):
            stamp = (place / _JUDGED).stat()
            source = (place / SOURCE).read_text("utf-8")
            state.append((place.name, stamp.st_mtime_ns, stamp.st_size, source))
        return hashlib.sha256(repr(state).encode()).hexdigest()[:16]

    def changed_at(self, dataset: str) -> dt.datetime:
        """Return when the figures that hold were written, to the second.

        Raises:
            NotFound: If nothing of it is held.
        """
        times = [(place / _JUDGED).stat().st_mtime for place in self._places(dataset)]
        return dt.datetime.fromtimestamp(int(max(times)), dt.UTC)

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
            (waiting / SOURCE).write_text(text, "utf-8")
        return place

    def _places(self, dataset: str) -> list[Path]:
        """Return the folders of a dataset's files, the latest first."""
        places: list[Path] = []
        if _DATASET.fullmatch(dataset):
            folder = self.folder / FOLDER / dataset
            places = [path.parent for path in folder.glob(f"*/{SOURCE}")]
        if not places:
            raise NotFound(what="dataset", name=dataset[:100])
        return sorted(places, key=_when, reverse=True)


def _source_in(place: Path) -> Source:
    return Source.of_dict(json.loads((place / SOURCE).read_text("utf-8")))


def _when(place: Path) -> tuple[dt.date, int, str]:
    source = _source_in(place)
    day = source.retrieved or source.as_of or dt.date.min
    return day, (place / SOURCE).stat().st_mtime_ns, place.name
