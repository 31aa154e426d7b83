"""Commands of the main job: look at a file, build the matrix, compare two, follow a figure."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from waystation.cli.screen import (
    json_option,
    progress_bar,
    quiet_option,
    show_json,
    show_table,
)
from waystation.cli.summary import show_difference, show_mapping, show_summary
from waystation.store import Engine
from waystation.tracking.build_folder import read_build, write_build
from waystation.tracking.indicators import LANGUAGES

EXISTING = click.Path(exists=True, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
pcodes_option = click.option(
    "--pcodes",
    multiple=True,
    type=EXISTING,
    help="P-code list or COD-AB table; may be repeated.",
)
country_option = click.option("--country", help="ISO 3166-1 alpha-3 code of the country.")


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=EXISTING)
@pcodes_option
@country_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write YAML here.")
@json_option
@quiet_option
def inspect(
    inputs: tuple[Path, ...],
    pcodes: tuple[Path, ...],
    country: str | None,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Propose what the sheets and columns of field files mean, how sure and why.

    The YAML that --out writes can be edited and given to matrix build as --mapping.

    Example: waystation inspect round_12.xlsx --pcodes pcodes.csv --out round_12.yaml
    """
    from waystation.geography.units import read_units
    from waystation.tracking.build import input_files
    from waystation.tracking.forms import mappings_to_yaml, propose_mapping

    units = read_units(*pcodes) if pcodes else None
    with progress_bar(quiet=quiet) as progress:
        mappings = []
        paths = input_files(inputs)
        for done, path in enumerate(paths):
            progress("Reading", done, len(paths))
            mappings.append(propose_mapping(path, units=units, country=country))
    if out is not None:
        out.write_text(mappings_to_yaml(mappings), "utf-8")
    if as_json:
        show_json([mapping.as_dict() for mapping in mappings])
    elif not quiet:
        for mapping in mappings:
            show_mapping(mapping)


@click.group()
def matrix() -> None:
    """The displacement matrix: location x round x indicator."""


@matrix.command()
@click.argument("inputs", nargs=-1, required=True, type=EXISTING)
@click.option("--out", required=True, type=NEW_FOLDER, help="Folder to write.")
@pcodes_option
@country_option
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="Date the figures describe, "
              "where files do not say.")  # fmt: skip
@click.option("--boundaries", multiple=True, type=EXISTING, help="Boundary file or folder.")
@click.option("--mapping", type=EXISTING, help="YAML from inspect, edited or not.")
@click.option("--previous", type=FOLDER, help="Folder of the build before, to compare with.")
@click.option("--corrections", type=EXISTING, help="Cleaning log, csv or xlsx.")
@click.option("--carry-forward", type=click.IntRange(1), metavar="DAYS", help="Keep values of "
              "locations not assessed again, marked, up to this age.")  # fmt: skip
@click.option("--estimate-persons", is_flag=True, help="Estimate persons from households where "
              "only these are reported, marked as estimated.")  # fmt: skip
@click.option("--producer", default="", help="Who made the data, as it is to be credited.")
@click.option("--engine", type=click.Choice([e.value for e in Engine]), default="duckdb")
@click.option("--engine-url", envvar="WAYSTATION_ENGINE_URL", help="Address of the engine.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="Of indicator labels.")
@click.option("--strict", is_flag=True, help="Exit 1 when there is an error or a warning.")
@json_option
@quiet_option
def build(
    inputs: tuple[Path, ...],
    out: Path,
    pcodes: tuple[Path, ...],
    country: str | None,
    date: dt.datetime | None,
    boundaries: tuple[Path, ...],
    mapping: Path | None,
    previous: Path | None,
    corrections: Path | None,
    carry_forward: int | None,
    estimate_persons: bool,
    producer: str,
    engine: str,
    engine_url: str | None,
    lang: str,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Build the matrix of one or many rounds from field files or folders of them.

    Example: waystation matrix build round_12.xlsx --pcodes pcodes.csv --out build/round_12
    """
    from waystation.tracking.build import BuildChoices, build_matrix
    from waystation.tracking.summary import summary_of_build

    choices = BuildChoices(
        country=country,
        date=date.date() if date else None,
        pcodes=pcodes,
        boundaries=boundaries,
        mapping=mapping,
        corrections=corrections,
        previous=read_build(previous) if previous else None,
        carry_forward_days=carry_forward,
        estimate_persons=estimate_persons,
        producer=producer,
        engine=engine,
        engine_url=engine_url,
    )
    with progress_bar(quiet=quiet or as_json) as progress:
        built, mappings = build_matrix(inputs, choices, progress=progress)
    summary = summary_of_build(built, mappings, language=lang)
    write_build(built, out, summary=summary, mappings=mappings)
    if as_json:
        show_json(summary)
    elif not quiet:
        show_summary(summary, out)
    if strict and summary["findings"]["error"] + summary["findings"]["warning"]:
        raise SystemExit(1)


@matrix.command()
@click.argument("before", type=FOLDER)
@click.argument("after", type=FOLDER)
@click.option("--level", type=click.IntRange(0, 3), default=1, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write csv here.")
@json_option
@quiet_option
def diff(
    before: Path, after: Path, level: int, out: Path | None, as_json: bool, quiet: bool
) -> None:
    """Say what differs between two builds, and why.

    Rounds that only the later build has: what really moved since, and what only coverage did,
    by unit; the parts add up. Rounds that both have: each figure that was corrected, is new or
    is gone.

    Example: waystation matrix diff build/round_11 build/round_12 --level 1
    """
    from waystation.tracking.comparison import changes_between, differences_between

    first, second = read_build(before), read_build(after)
    parts = changes_between(first, second, level=level)
    cells = differences_between(first, second)
    if out is not None:
        (parts if parts.height else cells).write_csv(out)
    if as_json:
        show_json({"changes": parts.to_dicts(), "figures": cells.to_dicts()})
    elif not quiet:
        show_difference(parts, cells)


@matrix.command()
@click.argument("build", type=FOLDER)
@click.option("--location", required=True, help="Location id, or code of a unit.")
@click.option("--indicator", default="idp_individuals", show_default=True)
@click.option("--round", "round_number", type=int, help="Round; the latest when left out.")
@json_option
@quiet_option
def trail(
    build: Path,
    location: str,
    indicator: str,
    round_number: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say where a figure comes from: submissions, corrections and findings.

    For a unit, the locations that its figure adds up; for a location, its submissions.

    Example: waystation matrix trail build/round_12 --location ssid_XW0101_0002
    """
    from waystation.tracking.comparison import trail_in_build

    steps = trail_in_build(
        read_build(build), place=location, indicator=indicator, round_number=round_number
    )
    if as_json:
        show_json(steps.to_dicts())
    elif not quiet:
        headings = [name.replace("_", " ").capitalize() for name in steps.columns]
        show_table(f"{indicator} at {location}", headings, steps.rows())
