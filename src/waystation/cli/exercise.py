"""Commands of the exercise: a fictional operation whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from waystation.cli.screen import (
    json_option,
    progress_bar,
    quiet_option,
    show_json,
    show_table,
)
from waystation.cli.summary import show_summary
from waystation.tracking.build_folder import read_build, write_build
from waystation.tracking.indicators import LANGUAGES

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def exercise() -> None:
    """A fictional operation with known truth: to learn, to show, to measure."""


def _size_options(command: Any) -> Any:
    for name, default, what in (
        ("--rounds", 6, "Rounds."),
        ("--sites", 400, "Sites."),
        ("--seed", 1, "The same seed makes the same operation."),
    ):
        kind = click.IntRange(0 if name == "--seed" else 1)
        option = click.option(name, type=kind, default=default, show_default=True, help=what)
        command = option(command)
    return command


@exercise.command()
@_size_options
@click.option("--out", required=True, type=NEW_FOLDER, help="Folder to write.")
@json_option
@quiet_option
def create(seed: int, sites: int, rounds: int, out: Path, as_json: bool, quiet: bool) -> None:
    """Make a country, a displacement history, its field files with mistakes, and the truth.

    Example: waystation exercise create --seed 7 --sites 200 --rounds 4 --out var/tutorial
    """
    from waystation.tracking.exercise import create_exercise

    paths = create_exercise(out, seed=seed, sites=sites, rounds=rounds)
    made = {name: str(getattr(paths, name)) for name in paths.__dataclass_fields__}
    if as_json:
        show_json(made)
    elif not quiet:
        for name, path in made.items():
            click.echo(f"{name}: {path}")


@exercise.command()
@click.argument("build", type=FOLDER)
@click.argument("truth", type=FOLDER)
@json_option
@quiet_option
def score(build: Path, truth: Path, as_json: bool, quiet: bool) -> None:
    """Score the findings of a build against the mistakes that were put in.

    Example: waystation exercise score var/build var/exercise/truth
    """
    import polars as pl

    from waystation.tracking.exercise import read_expected, score_findings, score_matrix

    built = read_build(build)
    expected = read_expected(truth / "expected.csv")
    scores = score_findings(built.findings, expected)
    cells = score_matrix(
        built.matrix,
        pl.read_parquet(truth / "matrix.parquet"),
        expected,
        is_corrected=built.corrections.height > 0,
    )
    if as_json:
        show_json(
            {
                "recall": scores.recall,
                "precision": scores.precision,
                "by_code": scores.by_code.to_dicts(),
                "cells_compared": cells.compared,
                "cells_equal": cells.equal,
                "cells_damaged": cells.damaged,
            }
        )
    elif not quiet:
        headings = [name.capitalize() for name in scores.by_code.columns]
        show_table("Mistakes found", headings, scores.by_code.rows(), numbers=6)
        click.echo(f"Recall {scores.recall:.3f}, precision {scores.precision:.3f}.")
        click.echo(
            f"Of {cells.compared:,} figures without a mistake, {cells.equal:,} are the true "
            f"ones; {cells.damaged:,} more are damaged."
        )


@exercise.command()
@_size_options
@click.option("--out", default=Path("var"), type=NEW_FOLDER, show_default=True)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@json_option
@quiet_option
def run(
    seed: int, sites: int, rounds: int, out: Path, lang: str, as_json: bool, quiet: bool
) -> None:
    """Do the main job once: make an operation, build its matrix, write its report.

    Example: waystation exercise run --out var
    """
    from waystation.release.report.page import write_report_page
    from waystation.release.report.pdf import write_report_pdf
    from waystation.tracking.build import BuildChoices, build_matrix
    from waystation.tracking.exercise import create_exercise
    from waystation.tracking.summary import summary_of_build

    paths = create_exercise(out / "exercise", seed=seed, sites=sites, rounds=rounds)
    choices = BuildChoices(
        pcodes=(paths.pcodes,),
        boundaries=(paths.boundaries,),
        producer="A fictional operation made by waystation exercise",
    )
    with progress_bar(quiet=quiet or as_json) as progress:
        built, mappings = build_matrix([paths.field], choices, progress=progress)
    summary = summary_of_build(built, mappings, language=lang)
    write_build(built, out / "build", summary=summary, mappings=mappings)
    write_report_pdf(built, out / "report.pdf", language=lang)
    write_report_page(built, out / "report.html", language=lang)
    if as_json:
        show_json(summary)
    elif not quiet:
        show_summary(summary, out / "build")
        click.echo(f"Matrix:  {out / 'build' / 'matrix.parquet'}")
        click.echo(f"Report:  {out / 'report.pdf'}")
        click.echo(f"Page:    {out / 'report.html'}")


@exercise.command()
@click.argument("out", type=NEW_FOLDER)
@click.option(
    "--areas",
    type=click.IntRange(3, 229),
    default=24,
    show_default=True,
    help="Areas of the world.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="The same seed makes the same world.",
)
@json_option
@quiet_option
def statistics(out: Path, areas: int, seed: int, as_json: bool, quiet: bool) -> None:
    """Make a world that does not exist: its migration statistics, with defects, and the truth.

    Example: waystation exercise statistics var/world --areas 24 --seed 1
    """
    from waystation.statistics.exercise import create_statistics_exercise

    made = create_statistics_exercise(out, areas=areas, seed=seed)
    files = sorted(p for p in made.folder.rglob("*") if p.is_file())
    if as_json:
        show_json({"folder": str(made.folder), "files": [str(p) for p in files]})
    elif not quiet:
        for path in files:
            click.echo(f"{path.relative_to(made.folder)}: {path.stat().st_size:,} bytes")
        click.echo(f"Everything is made up; see {made.folder / 'README.md'}")
