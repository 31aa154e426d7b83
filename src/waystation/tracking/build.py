"""The whole road from field files to a built matrix, and what is kept of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from waystation.errors import NothingToRead
from waystation.findings import Findings, findings_table
from waystation.geography.boundaries import Boundaries, read_boundaries, units_of_boundaries
from waystation.geography.units import Units, read_units
from waystation.sources import Source
from waystation.tracking.aggregates import Assessments, StockParts
from waystation.tracking.changes import changes_from_matrix
from waystation.tracking.corrections import Corrections, read_corrections
from waystation.tracking.estimates import check_matrix
from waystation.tracking.forms import (
    mapping_findings,
    propose_mapping,
    read_mappings,
    require_certain,
)
from waystation.tracking.intake import submissions_from_file
from waystation.tracking.locations import locations_from_submissions
from waystation.tracking.mapping import FileMapping
from waystation.tracking.matrix import closed_locations, matrix_from_submissions
from waystation.tracking.overlay import corrected
from waystation.tracking.places import resolved_places
from waystation.tracking.quality import check_submissions, set_aside_repeats
from waystation.tracking.reported_units import with_reported_units
from waystation.tracking.rounds import with_snapshots
from waystation.tracking.sites import with_site_figures
from waystation.tracking.totals import check_levels, totals_from_matrix

Progress = Callable[[str, int, int], None]
READABLE = frozenset(
    f".{ending}"
    for ending in ("csv", "tsv", "txt", "xlsx", "xlsm", "xls", "xlsb", "ods", "json", "parquet")
)
SNAPSHOT = ["country", "operation", "component", "round_number", "reference_date"]


@dataclass(frozen=True, slots=True)
class Build:
    """Everything known after a build; what releases and reports are made from.

    Attributes:
        country: ISO 3166-1 alpha-3.
        operation: Name of the operation.
        submissions: Shape ``Submissions``, all rounds, values as received.
        matrix: Shape ``Matrix``, all rounds.
        totals: Shape ``Totals``, all rounds.
        findings: Shape ``Findings``.
        locations: Shape ``Locations``, the master list.
        changes: Shape ``Changes``, each round against the one before; empty with one round.
        units: Shape ``Units``.
        boundaries: Shape ``Boundaries``; empty where none were given.
        sources: One for each file used.
        corrections: Shape ``Corrections``, the cleaning log applied; empty without one.
        parts: Shape ``StockParts``; filled where the submissions are gone.
        assessments: Shape ``Assessments``; filled where the matrix holds units only.
        rounded_to: Persons and households are multiples of this; None where they are exact.
        deepest_level: Figures below this level were withheld; None where none were.
    """

    country: str
    operation: str
    submissions: pl.DataFrame
    matrix: pl.DataFrame
    totals: pl.DataFrame
    findings: pl.DataFrame
    locations: pl.DataFrame
    changes: pl.DataFrame
    units: pl.DataFrame
    boundaries: pl.DataFrame
    sources: tuple[Source, ...] = field(default=())
    corrections: pl.DataFrame = field(default_factory=Corrections.empty_frame)
    parts: pl.DataFrame = field(default_factory=StockParts.empty_frame)
    assessments: pl.DataFrame = field(default_factory=Assessments.empty_frame)
    rounded_to: int | None = None
    deepest_level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildChoices:
    """What a person may choose about a build.

    Attributes:
        country: ISO 3166-1 alpha-3, where files do not say.
        date: The date the figures describe, where files do not say; without it the day the
            newest file was last changed, with a finding that says so.
        pcodes: P-code lists and COD-AB tables.
        boundaries: Boundary files or folders of them.
        mapping: YAML of mappings; files it does not name are proposed for.
        corrections: Cleaning log.
        previous: The build before, whose rounds the new ones are compared with.
        carry_forward_days: Largest age at which a value of a location not assessed again is
            kept; None keeps none.
        estimate_persons: Whether persons are estimated where only households are reported.
        producer: Who made the data, as it is to be credited.
        engine: Where the matrix is computed.
        engine_url: Address of that engine.
    """

    country: str | None = None
    date: dt.date | None = None
    pcodes: tuple[Path, ...] = ()
    boundaries: tuple[Path, ...] = ()
    mapping: Path | None = None
    corrections: Path | None = None
    previous: Build | None = None
    carry_forward_days: int | None = None
    estimate_persons: bool = False
    producer: str = ""
    engine: str = "duckdb"
    engine_url: str | None = None


def input_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files to read: those named, and those of a known kind below named folders.

    Raises:
        NothingToRead: If a folder holds none.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(
            p
            for p in path.rglob("*")
            if p.is_file()
            and p.suffix.lower() in READABLE
            and not p.name.startswith((".", "~$"))
        )
        if not inside:
            raise NothingToRead(
                file=path.name,
                reason="the folder holds no file that can be read",
                action="Name files, or a folder of csv, xlsx, json or Parquet files",
            )
        found += inside
    return list(dict.fromkeys(found))


def build_matrix(
    inputs: Sequence[Path], choices: BuildChoices, *, progress: Progress | None = None
) -> tuple[Build, list[FileMapping]]:
    """Return the matrix that field files make, with all that is known about it.

    Args:
        inputs: Field files, or folders of them; one or many rounds.
        choices: Lists, mapping, corrections and rules to use.
        progress: Called as (what, done, of) while files are read and rounds are built.

    Returns:
        The build, and the mapping that each file was read by, in the order of the files.

    Raises:
        UnusableInput: If a file cannot be read, or what it means is not certain enough.
    """
    say = progress or (lambda _what, _done, _of: None)
    paths = input_files(inputs)
    units, boundaries = read_geography(choices.pcodes, choices.boundaries)
    given = {m.file: m for m in read_mappings(choices.mapping)} if choices.mapping else {}
    frames, mappings, noted = [], [], []
    for done, path in enumerate(paths):
        say("Reading files", done, len(paths))
        mapping = given.get(path.name) or require_certain(
            propose_mapping(path, units=units, country=choices.country)
        )
        frame, findings = submissions_from_file(path, mapping, units=units)
        frames.append(frame)
        mappings.append(mapping)
        noted += [*mapping_findings(path, mapping), *findings]
    received = pl.concat(frames, how="diagonal_relaxed")
    say("Checking", 0, 1)
    dated = replace(choices, date=choices.date or _last_changed(paths))
    log = read_corrections(choices.corrections) if choices.corrections else None
    build = build_from_submissions(
        received,
        findings_table(noted),
        dated,
        units=units,
        boundaries=boundaries,
        corrections=log,
    )
    made = [Source.of_file(path, producer=choices.producer) for path in paths]
    sources = (*made, *(Source.of_file(path) for path in choices.pcodes))
    return replace(build, sources=sources), mappings


def _last_changed(paths: Sequence[Path]) -> dt.date:
    newest = max(path.stat().st_mtime for path in paths)
    return dt.datetime.fromtimestamp(newest, tz=dt.UTC).date()


def read_geography(
    pcodes: Sequence[Path], boundaries: Sequence[Path]
) -> tuple[pl.DataFrame | None, pl.DataFrame | None]:
    """Return the units of p-code lists and outlines, and the outlines.

    Args:
        pcodes: P-code lists and COD-AB tables.
        boundaries: Boundary files or folders of them.

    Returns:
        Shape ``Units`` and shape ``Boundaries``; None where nothing was given.
    """
    units = read_units(*pcodes) if pcodes else None
    if not boundaries:
        return units, None
    outlines = read_boundaries(*boundaries, units=units)
    if units is None:
        return units_of_boundaries(outlines), outlines
    # Outlines often bear names in more languages than the list does.
    named = read_units(*pcodes, *boundaries)
    return named.join(units, on=Units.primary_key(), how="semi"), outlines


def build_from_submissions(
    received: pl.DataFrame,
    noted: pl.DataFrame,
    choices: BuildChoices,
    *,
    units: pl.DataFrame | None = None,
    boundaries: pl.DataFrame | None = None,
    corrections: pl.DataFrame | None = None,
) -> Build:
    """Return the matrix that submissions make, with all that is known about it.

    Args:
        received: Shape ``Submissions``, as files were read: rounds and places may be open.
        noted: Findings made while files were read, shape ``Findings``.
        choices: Rules to use; the files it names (lists, mapping, cleaning log) are not read.
        units: Shape ``Units``, or None.
        boundaries: Shape ``Boundaries``, or None.
        corrections: Shape ``Corrections``, or None.

    Returns:
        The build, without sources.
    """
    log = corrections
    raw, round_findings = with_snapshots(
        received, country=choices.country, unknown_date=choices.date
    )
    overlaid, correction_findings = raw, None
    if log is not None:
        overlaid, _, correction_findings = corrected(raw, log)
    placed, place_findings = resolved_places(overlaid, units, boundaries)
    settled, repeat_findings = set_aside_repeats(placed)
    history = _with_previous(settled, choices.previous)
    known = None if choices.previous is None else choices.previous.locations
    locations = locations_from_submissions(history, known)
    check_findings = check_submissions(
        history, units=units, boundaries=boundaries, locations=known
    )
    submissions = with_site_figures(_as_received(settled, raw))
    matrix = matrix_from_submissions(
        submissions,
        corrections=log,
        locations=locations,
        engine=choices.engine,
        engine_url=choices.engine_url,
        carry_forward_days=choices.carry_forward_days,
        estimate_persons=choices.estimate_persons,
        **_to_carry_from(choices),
    )
    is_carrying = choices.carry_forward_days is not None
    known_units = with_reported_units(units, history if is_carrying else settled)
    tables = [round_findings, correction_findings, place_findings, repeat_findings]
    tables += [check_findings, check_levels(submissions), check_matrix(matrix)]
    findings = pl.concat([noted, *(t for t in tables if t is not None)])
    return Build(
        country=_most_frequent(submissions["country"]),
        operation=_most_frequent(submissions["operation"]),
        submissions=submissions,
        matrix=matrix,
        totals=totals_from_matrix(matrix, known_units),
        findings=_about(findings, submissions),
        locations=locations,
        changes=_new_changes(matrix, choices.previous, units=known_units, locations=locations),
        units=known_units,
        boundaries=boundaries if boundaries is not None else Boundaries.empty_frame(),
        corrections=log if log is not None else Corrections.empty_frame(),
    )


def _to_carry_from(choices: BuildChoices) -> dict[str, pl.DataFrame]:
    """Return the snapshots before, and what was closed in them, as the matrix takes them."""
    previous = choices.previous
    if previous is None or choices.carry_forward_days is None:
        return {}
    rows = previous.submissions.filter("is_counted")
    after, _, _ = corrected(rows, previous.corrections)
    return {"earlier": previous.matrix, "closed_earlier": closed_locations(after)}


def _with_previous(submissions: pl.DataFrame, previous: Build | None) -> pl.DataFrame:
    """Return the submissions with those of earlier rounds that are not among them."""
    if previous is None:
        return submissions
    earlier = previous.submissions.join(
        submissions.select(SNAPSHOT).unique(), on=SNAPSHOT, how="anti"
    )
    return pl.concat([earlier, submissions], how="diagonal_relaxed")


def _as_received(settled: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Return the settled rows with every value as the field sent it."""
    settles = {"is_counted", "location_key", *(f"admin{level}_code" for level in (1, 2, 3))}
    values = [c for c in raw.columns if c in settled.columns and c not in settles]
    others = settled.select("submission_id", *(c for c in settled.columns if c not in values))
    joined = others.join(
        raw.select(values), on="submission_id", how="left", maintain_order="left"
    )
    return joined.select(settled.columns)


def _about(findings: pl.DataFrame, submissions: pl.DataFrame) -> pl.DataFrame:
    """Return the findings about these rounds, the earlier ones' left out, in reading order."""
    rounds = submissions["round_number"].unique()
    is_new = pl.col("round_number").is_null() | pl.col("round_number").is_in(rounds.implode())
    return findings.filter(is_new).unique(maintain_order=True).select(Findings.column_names())


def _new_changes(
    matrix: pl.DataFrame,
    previous: Build | None,
    *,
    units: pl.DataFrame,
    locations: pl.DataFrame,
) -> pl.DataFrame:
    """Return the changes that end in one of the new snapshots."""
    if previous is None:
        return changes_from_matrix(matrix, units=units, locations=locations)
    earlier = previous.matrix.join(matrix, on=SNAPSHOT, how="anti")
    changes = changes_from_matrix(
        pl.concat([earlier, matrix]),
        units=units,
        locations=locations,
        published=previous.matrix,
    )
    ends = [*SNAPSHOT[:3], "end_round", "end_date"]
    return changes.join(
        matrix.select(SNAPSHOT).unique(), left_on=ends, right_on=SNAPSHOT, how="semi"
    )


def _most_frequent(column: pl.Series) -> str:
    return str(column.value_counts(sort=True)[column.name][0])
