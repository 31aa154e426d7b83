"""The folder that a build is kept in: written whole or not at all, and read back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import polars as pl

from waystation.errors import UnreadableFile
from waystation.folders import written_whole
from waystation.sources import Source
from waystation.tracking.build import Build
from waystation.tracking.corrections import corrections_from_findings
from waystation.tracking.forms import mappings_to_yaml
from waystation.tracking.mapping import FileMapping

TOTALS_FIRST = (
    "admin_level", "code", "name", "indicator", "unit", "round_number", "reference_date",
    "value",
)  # fmt: skip
FRAMES = tuple(f.name for f in fields(Build) if f.type == "pl.DataFrame")
# Frames that builds written before these were kept do not have.
OPTIONAL = ("parts", "assessments")


def write_build(
    build: Build, folder: Path, *, summary: dict[str, Any], mappings: Sequence[FileMapping]
) -> None:
    """Write a build: Parquet to be read back, csv and YAML to be read by people."""
    with written_whole(folder) as waiting:
        write_build_frames(build, waiting, summary=summary)
        others = [c for c in build.totals.columns if c not in TOTALS_FIRST]
        build.totals.select(*TOTALS_FIRST, *others).write_csv(waiting / "totals.csv")
        build.findings.write_csv(waiting / "findings.csv")
        proposed = corrections_from_findings(build.findings, build.submissions)
        proposed.write_csv(waiting / "cleaning_log.csv")
        (waiting / "mapping.yaml").write_text(mappings_to_yaml(list(mappings)), "utf-8")


def write_build_frames(build: Build, folder: Path, *, summary: dict[str, Any]) -> None:
    """Write into a folder what `read_build` reads back, and nothing for people to read."""
    for name in FRAMES:
        getattr(build, name).write_parquet(folder / f"{name}.parquet")
    kept = {
        "country": build.country,
        "operation": build.operation,
        "sources": [source.as_dict() for source in build.sources],
        "rounded_to": build.rounded_to,
        "deepest_level": build.deepest_level,
    }
    document = json.dumps(kept | summary, ensure_ascii=False, indent=2, default=str)
    (folder / "summary.json").write_text(document, "utf-8")


def read_build(folder: Path) -> Build:
    """Return the build that a folder holds.

    Raises:
        UnreadableFile: If the folder was not written by ``matrix build``.
    """
    try:
        kept = json.loads((folder / "summary.json").read_text("utf-8"))
        there = (n for n in FRAMES if n not in OPTIONAL or (folder / f"{n}.parquet").exists())
        frames = {name: pl.read_parquet(folder / f"{name}.parquet") for name in there}
        return Build(
            country=kept["country"],
            operation=kept["operation"],
            sources=tuple(Source.of_dict(entry) for entry in kept["sources"]),
            rounded_to=kept.get("rounded_to"),
            deepest_level=kept.get("deepest_level"),
            **frames,
        )
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise UnreadableFile(
            file=folder.name,
            reason="it is not a folder that matrix build wrote, or it is damaged",
            action="Name the folder given to matrix build as --out",
        ) from error


def sources_of_folder(folder: Path) -> tuple[Source, ...]:
    """Return the sources that a build's folder names, without reading its frames."""
    kept = json.loads((folder / "summary.json").read_text("utf-8"))
    return tuple(Source.of_dict(entry) for entry in kept["sources"])
