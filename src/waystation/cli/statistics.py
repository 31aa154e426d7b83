"""Commands on statistics: import a producer's file, list what there is, show an indicator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from waystation.cli.screen import json_option, quiet_option, show_json, show_table

if TYPE_CHECKING:
    import polars as pl

    from waystation.statistics.imports import Imported

ROWS_SHOWN = 40
_DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Folder of data, as of the server; they stand under its folder statistics.",
)


@click.group()
def statistics() -> None:
    """Statistics of other producers: import and list them."""


@statistics.command(name="import")
@click.argument("producer")
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--download", is_flag=True, help="Fetch it from the producer in place of FILE.")
@click.option("--dataset", help="Which dataset to fetch; of several the first of the producer.")
@click.option("--layout", help="Name of the layout, where it is not to be found by content.")
@click.option("--years", help="First and last year to fetch, e.g. 2019-2023.")
@click.option(
    "--option", "options", multiple=True, help="NAME=VALUE for the address, repeated."
)
@_DATA
@json_option
@quiet_option
def import_(
    producer: str,
    file: Path | None,
    download: bool,
    dataset: str | None,
    layout: str | None,
    years: str | None,
    options: tuple[str, ...],
    data: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Import FILE of PRODUCER, or fetch it: raw, clean and judged figures are kept apart.

    Producers: undesa, worldbank, unhcr, eurostat, oecd, idmc, missing-migrants, dtm.

    Example: waystation statistics import unhcr --download --years 2019-2023
    """
    from waystation.statistics.catalogue import datasets_of
    from waystation.statistics.imports import import_file

    datasets_of(producer)
    if download == (file is not None):
        raise click.UsageError("Give a FILE, or --download, and not both.")
    path = file or _fetched(producer, dataset, years, options, data)
    done = import_file(path, data, producer=producer, layout=layout)
    if as_json:
        show_json(_as_dict(done))
    elif not quiet:
        _show(done)


@statistics.command(name="list")
@_DATA
@json_option
def list_(data: Path, as_json: bool) -> None:
    """List the datasets known, and what of them was imported into --data.

    Example: waystation statistics list --data data
    """
    from waystation.statistics.catalogue import datasets
    from waystation.statistics.imports import imports

    found = imports(data)
    if as_json:
        known = [
            {"dataset": d.dataset, "producer": d.producer, "title": d.title,
             "licence": d.licence, "measures": d.measures, "limits": d.limits}
            for d in datasets().values()
        ]  # fmt: skip
        show_json({"datasets": known, "imports": [_as_dict(done) for done in found]})
        return
    rows = [(d.producer, d.dataset, d.title, "yes" if d.download else "by hand")
            for d in datasets().values()]  # fmt: skip
    show_table("Datasets", ("Producer", "Dataset", "Title", "Fetched"), rows)
    shown = [
        (done.dataset, done.source.version, f"{done.first_year or ''}-{done.last_year or ''}",
         done.source.sha256[:12], done.figures)
        for done in found
    ]  # fmt: skip
    show_table("Imported", ("Dataset", "Version", "Years", "Hash", "Figures"), shown, numbers=1)


@click.command(name="indicator")
@click.argument("name", required=False)
@click.option("--area", "areas", multiple=True, help="Code of an area, e.g. TCD; repeated.")
@click.option("--dataset", "datasets", multiple=True, help="Take figures of these only.")
@click.option("--mix-revisions", is_flag=True, help="Allow several revisions in one series.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="csv or parquet.")
@_DATA
@json_option
@quiet_option
def indicator_(
    name: str | None,
    areas: tuple[str, ...],
    datasets: tuple[str, ...],
    mix_revisions: bool,
    out: Path | None,
    data: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Show the values of indicator NAME from what was imported; without NAME, the indicators.

    Example: waystation indicator refugees_by_host --area TCD --out refugees.csv
    """
    import polars as pl

    from waystation.statistics.imports import judged_observations
    from waystation.statistics.indicators import indicator, indicator_named, indicators

    if name is None:
        rows = [(i.code, i.unit, i.label(), i.source) for i in indicators().values()]
        show_table("Indicators", ("Code", "Unit", "Name", "Source"), rows)
        return
    entry = indicator_named(name)
    frames = judged_observations(data, measures=entry.measures, datasets=datasets)
    values = indicator(name, *frames, areas=areas, mix_revisions=mix_revisions)
    if out is not None:
        _write(values, out)
    if as_json:
        show_json({
            "indicator": entry.code, "label": entry.label(), "definition": entry.definition,
            "unit": entry.unit, "values": values.to_dicts(),
        })  # fmt: skip
    elif not quiet:
        columns = ["area", "counterpart", "sex", "period", "flag", "source", "note", "value"]
        empty = [c for c in ("counterpart", "note") if not values[c].count()]
        columns = [column for column in columns if column not in empty]
        shown = values.with_columns(pl.col("value").round(3)).select(columns).head(ROWS_SHOWN)
        headings = [column.capitalize() for column in columns]
        show_table(f"{entry.label()} ({entry.unit})", headings, shown.rows(), numbers=1)
        if values.height > ROWS_SHOWN:
            click.echo(f"and {values.height - ROWS_SHOWN:,} more; --out writes them all")


def _fetched(
    producer: str, dataset: str | None, years: str | None, options: tuple[str, ...], data: Path
) -> Path:
    from waystation.statistics.catalogue import datasets_of
    from waystation.statistics.fetching import fetch_dataset

    first, _, last = (years or "").partition("-")
    if years and not (first.isdigit() and (last or first).isdigit()):
        raise click.BadParameter("write years as 2019-2023", param_hint="--years")
    span = (int(first), int(last or first)) if years else None
    pairs = [option.partition("=") for option in options]
    if any(not name or not sign for name, sign, _ in pairs):
        raise click.BadParameter("write it as NAME=VALUE", param_hint="--option")
    fetchable = [d.dataset for d in datasets_of(producer) if d.download]
    chosen = dataset or (fetchable[0] if fetchable else datasets_of(producer)[0].dataset)
    given = {name: value for name, _, value in pairs}
    folder = data / "statistics" / "downloads"
    return fetch_dataset(chosen, folder, years=span, options=given)


def _write(values: pl.DataFrame, out: Path) -> None:
    from waystation.folders import write_file_whole

    if out.suffix.lower() == ".parquet":
        import io

        buffer = io.BytesIO()
        values.write_parquet(buffer)
        write_file_whole(out, buffer.getvalue())
        return
    write_file_whole(out, values.write_csv().encode("utf-8"))


def _as_dict(done: Imported) -> dict[str, object]:
    return {
        "dataset": done.dataset, "layout": done.layout, "folder": str(done.folder),
        "source": done.source.as_dict(), "figures": done.figures,
        "first_year": done.first_year, "last_year": done.last_year,
        "measures": done.measures, "findings": done.findings,
    }  # fmt: skip


def _show(done: Imported) -> None:
    click.echo(
        f"{done.dataset}: {done.figures:,} figures, {done.first_year} to {done.last_year}, "
        f"read as {done.layout}"
    )
    click.echo(f"Measures: {', '.join(done.measures)}")
    if done.findings:
        from waystation.statistics.checks import CHECKS

        rows = [
            (code, CHECKS[code].severity, CHECKS[code].title, found)
            for code, found in done.findings.items()
        ]
        show_table("", ("Code", "Severity", "What is wrong", "Found"), rows, numbers=1)
    else:
        click.echo("Nothing was found wrong.")
    click.echo(f"Kept in {done.folder}")
