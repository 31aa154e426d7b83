"""The exercise: a made-up operation with known truth, to learn on, to measure and to prove.

A fictional country, its sites, a true displacement history, the field files a mission would
send in with real defects at known cells, and the truth beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from waystation.errors import InvalidChoice
from waystation.tracking.exercise.matrix_scoring import MatrixScores, score_matrix
from waystation.tracking.exercise.scoring import Scores, score_findings
from waystation.tracking.exercise.truth import Expected, TruthMatrix, read_expected

__all__ = [
    "ExercisePaths",
    "Expected",
    "MatrixScores",
    "Scores",
    "TruthMatrix",
    "create_exercise",
    "read_expected",
    "score_findings",
    "score_matrix",
]
MOST_SITES, MOST_ROUNDS = 50_000, 60


@dataclass(frozen=True, slots=True)
class ExercisePaths:
    """Where the parts of an exercise are.

    Attributes:
        pcodes: The list of units, csv.
        boundaries: Folder of GeoJSON files, one a level.
        field: Folder of the files that offices sent.
        truth: Folder of what is true; not for those who do the exercise.
        survey: The household-needs survey, csv.
        presence: Who does what where, csv.
    """

    pcodes: Path
    boundaries: Path
    field: Path
    truth: Path
    survey: Path
    presence: Path


def create_exercise(
    folder: Path,
    *,
    seed: int,
    sites: int,
    rounds: int,
    progress: Callable[[str, int, int], None] | None = None,
) -> ExercisePaths:
    """Write a fictional country, its field files over rounds, and the truth beside them.

    The same arguments give byte-identical csv, GeoJSON and Parquet files, and workbooks with
    identical cells. The country and its people are made up; the kinds of defects are those
    seen in real operations, but their frequencies are chosen so that each kind occurs.

    Args:
        folder: Where to write; made where absent. The files of an exercise
            that was there before are replaced.
        seed: Where chance starts, 0 or more.
        sites: How many sites ever exist, 20 to 50,000.
        rounds: How many rounds, 1 to 60; the last is always in September 2026.
        progress: Told what is being done, how many files are done, and of how many.

    Raises:
        InvalidChoice: If a number is out of its range.
    """
    _require_between("seed", seed, 0, 2**63 - 1)
    _require_between("sites", sites, 20, MOST_SITES)
    _require_between("rounds", rounds, 1, MOST_ROUNDS)
    import numpy as np

    from waystation.tracking.exercise.country import (
        fictional_country,
        write_boundaries,
        write_pcodes,
    )
    from waystation.tracking.exercise.defects import inject_defects
    from waystation.tracking.exercise.field_files import write_field_files
    from waystation.tracking.exercise.history import true_history
    from waystation.tracking.exercise.layouts import layouts, offices_of
    from waystation.tracking.exercise.needs_survey import write_needs_survey
    from waystation.tracking.exercise.people import PREFIX
    from waystation.tracking.exercise.presence_file import write_presence
    from waystation.tracking.exercise.readme import write_readme
    from waystation.tracking.exercise.reports import honest_reports
    from waystation.tracking.exercise.truth import write_truth

    paths = ExercisePaths(
        pcodes=folder / "pcodes.csv",
        boundaries=folder / "boundaries",
        field=folder / "field",
        truth=folder / "truth",
        survey=folder / "household_needs_survey.csv",
        presence=folder / "presence.csv",
    )
    folder.mkdir(parents=True, exist_ok=True)
    # One stream for each part, so that a change in one leaves the others as they were.
    streams = np.random.default_rng(seed).spawn(7)
    country = fictional_country(streams[0])
    history = true_history(country, sites, rounds, streams[1])
    origins, periods = (
        tuple(c.rsplit("__", 1)[1] for c in history.figures if c.startswith(f"{PREFIX}__{d}__"))
        for d in ("origin", "period")
    )
    offices = offices_of(country, layouts(origins, periods), rounds, streams[2])
    draft = honest_reports(country, history, offices, streams[3])
    inject = inject_defects(country, history, offices, draft, streams[4])
    write_pcodes(country, paths.pcodes)
    write_boundaries(country, paths.boundaries)
    sent = write_field_files(inject, paths.field, progress=progress)
    write_truth(inject, sent, paths.truth)
    write_needs_survey(history, paths.survey, streams[5])
    write_presence(country, history, paths.presence, streams[6])
    write_readme(folder, seed=seed, sites=sites, rounds=rounds, offices=offices)
    return paths


def _require_between(name: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise InvalidChoice(value=value, option=name, choices=f"{low} to {high}")
    return value
