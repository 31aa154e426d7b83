"""Commands that let a built matrix out: data files, the report, the page."""

from __future__ import annotations

from pathlib import Path

import click

from waystation.cli.screen import json_option, quiet_option, show_json
from waystation.release.formats import FORMATS
from waystation.tracking.build_folder import read_build
from waystation.tracking.indicators import LANGUAGES

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def release() -> None:
    """Files, reports and pages made from a built matrix."""


@release.command()
@click.argument("build", type=FOLDER)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), default=FORMATS)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--hxl/--no-hxl", default=False, help="Add a row of HXL tags to csv and xlsx.")
@json_option
@quiet_option
def files(
    build: Path,
    out: Path,
    formats: tuple[str, ...],
    lang: str,
    hxl: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write data files: csv, xlsx, Parquet, GeoJSON, GeoPackage, DTM API and HAPI rows.

    Example: waystation release files build/round_12 --out public --format xlsx --lang fr
    """
    from waystation.release.package import write_release

    paths = write_release(read_build(build), out, formats=formats, language=lang, hxl=hxl)
    _say(paths, as_json=as_json, quiet=quiet)


@release.command()
@click.argument("build", type=FOLDER)
@click.option("--out", required=True, type=NEW_FILE, help="Name of the PDF.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@json_option
@quiet_option
def report(build: Path, out: Path, lang: str, as_json: bool, quiet: bool) -> None:
    """Write the PDF report.

    Example: waystation release report build/round_12 --out report.pdf --lang ar
    """
    from waystation.release.report.pdf import write_report_pdf

    write_report_pdf(read_build(build), out, language=lang)
    _say([out], as_json=as_json, quiet=quiet)


@release.command()
@click.argument("build", type=FOLDER)
@click.option("--out", required=True, type=NEW_FILE, help="Name of the HTML page.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@json_option
@quiet_option
def page(build: Path, out: Path, lang: str, as_json: bool, quiet: bool) -> None:
    """Write the report as one self-contained page with interactive charts.

    Example: waystation release page build/round_12 --out report.html --lang es
    """
    from waystation.release.report.page import write_report_page

    write_report_page(read_build(build), out, language=lang)
    _say([out], as_json=as_json, quiet=quiet)


def _say(paths: list[Path], *, as_json: bool, quiet: bool) -> None:
    if as_json:
        show_json({"files": [{"file": str(p), "bytes": p.stat().st_size} for p in paths]})
    elif not quiet:
        for path in paths:
            click.echo(path)
