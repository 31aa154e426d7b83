"""Files of producers imported: raw, clean and judged, kept apart under the hash of the file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from waystation.errors import NotFound, UnknownLayout
from waystation.folders import written_whole
from waystation.sources import Source
from waystation.statistics.catalogue import base_of, dataset_of_layout, datasets_of
from waystation.statistics.clean import Clean
from waystation.statistics.holdings import FOLDER, SOURCE, Holdings
from waystation.statistics.judged import judged_from_clean
from waystation.statistics.raw import keep_raw
from waystation.statistics.sources.missing_migrants import CleanIncidents
from waystation.statistics.sources.registry import layout_named, layouts, read_source

_ABOUT = "import.json"


@dataclass(frozen=True, slots=True)
class Imported:
    """One file imported.

    Attributes:
        folder: Where raw, clean and judged stages stand.
        dataset: What observations name it.
        layout: How it was read.
        source: Where it came from.
        figures: Rows of the judged stage.
        first_year: First year of a figure.
        last_year: Last year of a figure.
        measures: What it counts.
        findings: How many by code.
    """

    folder: Path
    dataset: str
    layout: str
    source: Source
    figures: int
    first_year: int | None
    last_year: int | None
    measures: tuple[str, ...]
    findings: dict[str, int]


def import_file(
    path: Path, folder: Path, *, producer: str | None = None, layout: str | None = None
) -> Imported:
    """Read, judge and keep a file; importing the same file again changes nothing.

    Under ``folder/statistics/<dataset>/<sha256>/`` stand the file as received (``raw``),
    ``clean.parquet`` in the producer's codes, ``areas.parquet``, ``judged.parquet`` in common
    codes, ``findings.parquet``, of incidents ``incidents.parquet``, and ``import.json``.

    Args:
        path: A file as published, or the folder of a displacement package.
        folder: The folder of data.
        producer: Short name of its producer; a file of another is refused.
        layout: Name of its layout; found by its content when left out.

    Raises:
        UnknownLayout: If it is in no layout, or is another producer's.
        UnusableInput: If it cannot be read.
        InvalidChoice: If there is no such producer or layout.
    """
    if producer is not None:
        datasets_of(producer)  # raises where there is none
    name, clean = _read(path, producer, layout)
    judged = judged_from_clean(clean)
    tables = {
        "clean": clean.observations,
        "areas": clean.areas,
        "judged": judged.observations,
        "findings": judged.findings,
    }
    if isinstance(clean, CleanIncidents):
        tables["incidents"] = clean.incidents
    dataset = _dataset_name(clean, name)
    place = folder / FOLDER / dataset / clean.source.sha256
    years = judged.observations["year"]
    counts = judged.findings["code"].value_counts().sort("code")
    about = {
        "dataset": dataset,
        "layout": name,
        "source": clean.source.as_dict(),
        "figures": judged.observations.height,
        "first_year": years.min(),
        "last_year": years.max(),
        "measures": sorted(judged.observations["measure"].unique()),
        "findings": dict(counts.iter_rows()),
    }
    for file in _received(path, clean):
        keep_raw(file, place / "raw")
    with written_whole(place) as waiting:
        for stage, table in tables.items():
            table.write_parquet(waiting / f"{stage}.parquet")
        text = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
        (waiting / _ABOUT).write_text(text, "utf-8")
        origin = json.dumps(clean.source.as_dict(), ensure_ascii=False, indent=2) + "\n"
        (waiting / SOURCE).write_text(origin, "utf-8")
    return _imported(place)


def imports(folder: Path) -> list[Imported]:
    """Return what was imported into a folder of data, by dataset, the latest day first."""
    found = [_imported(path.parent) for path in (folder / FOLDER).glob(f"*/*/{_ABOUT}")]
    found.sort(key=lambda i: i.source.sha256)
    # Files given by hand have no day: of those the one imported last counts.
    found.sort(key=lambda i: (_day(i), (i.folder / _ABOUT).stat().st_mtime_ns), reverse=True)
    return sorted(found, key=lambda i: i.dataset)


def judged_observations(
    folder: Path, *, measures: Iterable[str] = (), datasets: Iterable[str] = ()
) -> list[pl.DataFrame]:
    """Return judged figures that were imported, one frame a dataset.

    Of each measure and sex of a dataset the latest import counts, whole: imports of other
    years are not added to it.

    Args:
        folder: The folder of data.
        measures: Only these; all when left out.
        datasets: Only these, with or without their revision; all when left out.

    Raises:
        NotFound: If no import has such figures.
    """
    wanted, chosen = sorted(set(measures)), tuple(datasets)
    holdings = Holdings(folder)
    frames = []
    for dataset in holdings.datasets():
        if chosen and not {dataset, base_of(dataset)} & set(chosen):
            continue
        rows = holdings.observations(dataset)
        if wanted:
            rows = rows.filter(pl.col("measure").is_in(wanted))
        frame = rows.collect()
        if frame.height:
            frames.append(frame)
    if not frames:
        what = ", ".join([*wanted, *chosen]) or "anything"
        raise NotFound(what="import of", name=what)
    return frames


def _read(path: Path, producer: str | None, layout: str | None) -> tuple[str, Clean]:
    if layout is not None:
        return layout, read_source(path, layout) if path.is_file() else layout_named(
            layout
        ).read(path)
    if not path.exists():
        raise NotFound(what="file", name=str(path))
    known = next((found for found in layouts() if found.recognises(path)), None)
    if known is None:
        return "", read_source(path)  # which raises, and says which layout is nearest
    owner = dataset_of_layout(known.name).producer
    if producer is not None and producer != owner:
        raise UnknownLayout(
            file=path.name,
            reason=f"it is a file of {owner} ({known.name}), and not of {producer}",
            action="Name its producer, or give another file",
        )
    return known.name, known.read(path)


def _received(path: Path, clean: Clean) -> list[Path]:
    """Return the files as received: of a package its descriptor and the table that was read."""
    if clean.source.file == path.name:
        return [path]
    folder = path if path.is_dir() else path.parent
    beside = [folder / "datapackage.json", folder / clean.source.file]
    return [file for file in beside if file.is_file()]


def _dataset_name(clean: Clean, layout: str) -> str:
    names = clean.observations["dataset"].unique().sort().to_list()
    return str(names[0]) if len(names) == 1 else layout.replace("-", "_")


def _day(imported: Imported) -> str:
    day = imported.source.retrieved or imported.source.as_of
    return f"{day.isoformat() if day else ''} {imported.source.version}"


def _imported(place: Path) -> Imported:
    about: dict[str, Any] = json.loads((place / _ABOUT).read_text("utf-8"))
    return Imported(
        folder=place,
        dataset=about["dataset"],
        layout=about["layout"],
        source=Source.of_dict(about["source"]),
        figures=about["figures"],
        first_year=about["first_year"],
        last_year=about["last_year"],
        measures=tuple(about["measures"]),
        findings=about["findings"],
    )
