"""The exercise of statistics: a made-up world with known truth, to learn on and to measure.

Areas that do not exist, every birth, death and move of 36 years, the files that producers would
publish of them with their real defects, and the truth beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from waystation.errors import InvalidChoice
from waystation.statistics.exercise.scoring import FlowScores, score_flows
from waystation.statistics.exercise.truth import PublishedDefect, TrueFlows, Truth

__all__ = [
    "FlowScores",
    "PublishedDefect",
    "StatisticsExercise",
    "TrueFlows",
    "Truth",
    "create_statistics_exercise",
    "score_flows",
]
FEWEST_AREAS, MOST_AREAS = 3, 229


@dataclass(frozen=True, slots=True)
class StatisticsExercise:
    """Where the parts of an exercise are.

    Attributes:
        folder: All of it; README.md says what each file is.
        areas: Codes and names, csv.
        outlines: Shapes of areas, GeoJSON.
        lines: Borders on land, GeoJSON; one is disputed.
        stocks: Migrant stock in UN DESA's layout, by revision: 2020 and 2024.
        demography: Births, deaths and people in the layout of UN WPP, csv.
        refugees: In UNHCR's layout, csv.
        displacement: In IDMC's layout, csv.
        remittances: In the World Bank's layout, workbook.
        immigration: In Eurostat's layout, TSV.
        emigration: In Eurostat's layout, TSV.
        incidents: In the layout of the Missing Migrants Project, csv.
        truth: What is true; not for those who do the exercise.
    """

    folder: Path
    areas: Path
    outlines: Path
    lines: Path
    stocks: dict[int, Path]
    demography: Path
    refugees: Path
    displacement: Path
    remittances: Path
    immigration: Path
    emigration: Path
    incidents: Path
    truth: Truth


def create_statistics_exercise(
    folder: Path, *, areas: int = 24, seed: int = 1
) -> StatisticsExercise:
    """Write a world that does not exist, what producers would publish of it, and the truth.

    The same numbers give byte-identical files with the same versions of numpy and polars. Codes
    and names of areas are the same for every seed; outlines, people and history are not. The
    kinds of defects are those seen in real files; their frequencies are chosen so that each
    kind occurs.

    Args:
        folder: Where to write; made where absent. The files of an exercise that was there
            before are replaced.
        areas: How many areas, 3 to 229.
        seed: Where chance starts, 0 or more.

    Returns:
        Where everything is.

    Raises:
        InvalidChoice: If a number is out of its range.
    """
    _require_between("areas", areas, FEWEST_AREAS, MOST_AREAS)
    _require_between("seed", seed, 0, 2**63 - 1)
    import numpy as np

    from waystation.statistics.exercise import (
        area_list,
        demography_file,
        history,
        incident_file,
        outlines,
        readme,
        refugee_file,
        remittance_workbook,
        reported_flows,
        stock_workbook,
        truth,
        world,
    )
    from waystation.statistics.exercise.published import Published

    # One stream for each part, so that a change in one leaves the others as they were.
    streams = np.random.default_rng(seed).spawn(10)
    made = world.fictional_world(areas, streams[0])
    happened = history.true_history(made, streams[1])
    truth.write_truth(made, happened, folder / "truth")
    published = Published(folder, made, happened)
    area_list.write_areas(published)
    outlines.write_outlines(made.areas, made.outlines, folder)
    stocks = stock_workbook.write_stock_workbooks(published, streams[2])
    demography_file.write_demography(published, streams[3])
    displaced = refugee_file.true_displacement(published, streams[4])
    refugee_file.write_truth_of_displacement(published, displaced)
    refugee_file.write_displacement(published, displaced, streams[5])
    refugee_file.write_population(published, displaced, streams[6])
    remittance_workbook.write_remittances(published, stocks, streams[7])
    reported_flows.write_reported_flows(published, streams[8])
    incident_file.write_incidents(published, streams[9])
    published.defects().write_csv(folder / "truth" / "defects.csv")
    readme.write_readme(published, seed=seed)
    return StatisticsExercise(
        folder=folder,
        areas=folder / "areas.csv",
        outlines=folder / "areas.geojson",
        lines=folder / "lines.geojson",
        stocks={r: folder / name for r, name in stock_workbook.FILES.items()},
        demography=folder / demography_file.FILE,
        refugees=folder / refugee_file.POPULATION_FILE,
        displacement=folder / refugee_file.DISPLACEMENT_FILE,
        remittances=folder / remittance_workbook.FILE,
        immigration=folder / reported_flows.IMMIGRATION_FILE,
        emigration=folder / reported_flows.EMIGRATION_FILE,
        incidents=folder / incident_file.FILE,
        truth=Truth(folder / "truth"),
    )


def _require_between(name: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise InvalidChoice(value=value, option=name, choices=f"{low} to {high}")
    return value
