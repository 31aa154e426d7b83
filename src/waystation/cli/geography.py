"""Commands on places: check a list, match names against it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from waystation.cli.screen import json_option, quiet_option, show_json, show_table

if TYPE_CHECKING:
    import polars as pl

LEVELS_SHOWN = 30
FILE = click.Path(exists=True, path_type=Path)


@click.group()
def geography() -> None:
    """Place codes, names and boundaries."""


@geography.command()
@click.argument("lists", nargs=-1, required=True, type=FILE)
@click.option("--strict", is_flag=True, help="Exit 1 when there is an error or a warning.")
@json_option
@quiet_option
def check(lists: tuple[Path, ...], strict: bool, as_json: bool, quiet: bool) -> None:
    """Check p-code lists, COD-AB tables and boundary files.

    Example: waystation geography check pcodes.csv admin2.geojson
    """
    import polars as pl

    from waystation.geography.boundaries import check_boundaries, read_boundaries
    from waystation.geography.place_files import SPATIAL_SUFFIXES
    from waystation.geography.units import check_units, units_and_findings

    units, of_files = units_and_findings(*lists)
    shapes = [path for path in lists if path.suffix.lower() in SPATIAL_SUFFIXES]
    of_shapes = [check_boundaries(read_boundaries(*shapes, units=units))] if shapes else []
    findings = pl.concat([of_files, check_units(units), *of_shapes])
    levels = units.group_by("country", "level").len("units").sort("country", "level")
    if as_json:
        show_json({"units": levels.to_dicts(), "findings": findings.to_dicts()})
    elif not quiet:
        many = pl.format("{} countries", pl.col("country").n_unique())
        summed = levels.group_by("level").agg(country=many, units=pl.col("units").sum())
        is_long = levels.height > LEVELS_SHOWN
        shown = summed.select(levels.columns).sort("level") if is_long else levels
        rows = shown.rows()
        show_table("Units by level", ("Country", "Level", "Units"), rows, numbers=2)
        by_code = findings.group_by("code", "severity").len("found").sort("code")
        show_table("Findings", ("Code", "Severity", "Found"), by_code.rows(), numbers=1)
        for message in findings["message"].head(20):
            click.echo(f"- {message}")
    if strict and findings.filter(findings["severity"] != "info").height:
        raise SystemExit(1)


@geography.command()
@click.argument("names", type=FILE)
@click.option("--pcodes", multiple=True, required=True, type=FILE, help="P-code list or table.")
@click.option("--boundaries", multiple=True, type=FILE, help="Boundary file or folder.")
@click.option("--country", help="ISO 3166-1 alpha-3, where the file has no country column.")
@click.option("--level", type=click.IntRange(1, 4), help="Level, where the file has none.")
@click.option("--out", type=click.Path(path_type=Path), help="Write csv here, not to stdout.")
@json_option
@quiet_option
def match(
    names: Path,
    pcodes: tuple[Path, ...],
    boundaries: tuple[Path, ...],
    country: str | None,
    level: int | None,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Match place names of a csv or xlsx file against a list.

    The file has the column "name" and may have country, level, parent_code, code, latitude
    and longitude. Rows keep their order; matched_code, score, decision, reason and candidates
    are added.

    Example: waystation geography match places.csv --pcodes pcodes.csv --country TCD --level 2
    """
    import polars as pl

    from waystation.geography import Gazetteer
    from waystation.geography.boundaries import read_boundaries
    from waystation.geography.units import read_units

    units = read_units(*pcodes)
    shapes = read_boundaries(*boundaries, units=units) if boundaries else None
    gazetteer = Gazetteer(units, boundaries=shapes)
    matched = gazetteer.match(_places(names, country=country, level=level))
    flat = matched.with_columns(
        candidates=pl.col("candidates")
        .list.eval(pl.element().struct.field("code"))
        .list.join(" ")
    )
    if out is not None:
        flat.write_csv(out)
    if as_json:
        show_json(matched.to_dicts())
    elif out is None:
        click.echo(flat.write_csv(), nl=False)
    elif not quiet:
        counts = matched.group_by("decision").len("names").sort("decision")
        show_table(f"Matched, in {out}", ("Decision", "Names"), counts.rows(), numbers=1)


def _places(path: Path, *, country: str | None, level: int | None) -> pl.DataFrame:
    """Return the first sheet of a file under its first row as headings."""
    import polars as pl

    from waystation.errors import MissingColumns
    from waystation.grids import read_grids

    cells = read_grids(path)[0].cells
    headings = [str(h or f"column {i}").strip().lower() for i, h in enumerate(cells.row(0))]
    frame = cells.slice(1)
    frame.columns = headings
    if country is not None:
        frame = frame.with_columns(country=pl.lit(country.upper()))
    if level is not None:
        frame = frame.with_columns(level=pl.lit(level, dtype=pl.Int64))
    missing = [c for c in ("country", "level", "name") if c not in frame.columns]
    if missing:
        raise MissingColumns(table=path.name, columns=", ".join(missing))
    numbers = [c for c in ("latitude", "longitude") if c in frame.columns]
    return frame.with_columns(
        pl.col("level").cast(pl.Int64, strict=False),
        pl.col(numbers).cast(pl.Float64, strict=False),
    )
