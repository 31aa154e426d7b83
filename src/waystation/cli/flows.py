"""Commands of flow estimation: from stocks by birthplace to flows between areas."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from waystation.cli.screen import json_option, quiet_option, show_json
from waystation.folders import write_file_whole
from waystation.statistics.flows.choices import (
    PUBLISHED_WEIGHT,
    AbsentPairs,
    Balance,
    Births,
    Choices,
    Deaths,
    Method,
    Totals,
)

if TYPE_CHECKING:
    import polars as pl

    from waystation.statistics.flows.estimate import FlowEstimate

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_ENDINGS = (".csv", ".csv.gz", ".parquet")


def _choice(kind: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([member.value for member in kind])


@click.group()
def flows() -> None:
    """Migration flows between areas, estimated from stocks by birthplace."""


@flows.command()
@click.option("--method", required=True, type=_choice(Method))
@click.option("--start", required=True, type=EXISTING, help="Stocks at the start.")
@click.option("--end", required=True, type=EXISTING, help="Stocks at the end.")
@click.option("--demography", type=EXISTING, help="Births and deaths in the period; not needed "
              "by stock differences.")  # fmt: skip
@click.option("--out", required=True, type=NEW_FILE, help="Flows: csv, csv.gz or parquet.")
@click.option("--by-type", type=NEW_FILE, help="Flows by outward, return, transit, as well.")
@click.option("--misfits", type=NEW_FILE, help="Totals that were missed, as well.")
@click.option("--weight", type=click.FloatRange(0, 1), default=PUBLISHED_WEIGHT,
              show_default=True, help="Of the fewest moves in a mixture.")  # fmt: skip
@click.option("--births", type=_choice(Births), default=Births.NATIVE.value)
@click.option("--deaths", type=_choice(Deaths), default=Deaths.PROPORTION.value)
@click.option("--balance", type=_choice(Balance), default=Balance.BEFORE.value,
              help="When native born are scaled in a closed world.")  # fmt: skip
@click.option("--totals", type=_choice(Totals),
              help="How totals by birthplace are made equal.")  # fmt: skip
@click.option("--seed", type=EXISTING, help="Weight of each move before anything is known.")
@click.option("--absent-pairs", type=_choice(AbsentPairs), default=AbsentPairs.AUTO.value,
              show_default=True, help="What a pair without a row means; auto: nobody in a file "
              "that lists only pairs with people.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit 1 when there is an error or a warning.")
@json_option
@quiet_option
def estimate(
    method: str,
    start: Path,
    end: Path,
    demography: Path | None,
    out: Path,
    by_type: Path | None,
    misfits: Path | None,
    weight: float,
    births: str,
    deaths: str,
    balance: str,
    totals: str | None,
    seed: Path | None,
    absent_pairs: str,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Estimate the flows of one period.

    Stocks have columns birthplace, residence, persons, native born where both areas agree, or
    are a matrix with places of birth in the first column and of residence in the first row.
    Demography has columns area, births, deaths. What was adjusted or missed is told on stderr.

    Example: waystation flows estimate --method da-pb-closed --start 2010.csv --end 2015.csv
    --demography 2010_2015.csv --out flows.csv
    """
    import polars as pl

    from waystation.statistics.flows.estimate import estimate_flows
    from waystation.statistics.flows.files import read_demography, read_seed, read_stocks
    from waystation.statistics.flows.inputs import stocks_with_absent

    for path in (out, by_type, misfits):
        _require_ending(path)
    choices = Choices(
        births=Births(births),
        deaths=Deaths(deaths),
        balance=Balance(balance),
        totals=Totals(totals) if totals else None,
        weight=weight,
    )
    (first, noted), (last, noted_too) = (
        stocks_with_absent(
            read_stocks(path), AbsentPairs(absent_pairs), method=Method(method), file=path.name
        )
        for path in (start, end)
    )
    made = estimate_flows(
        first,
        last,
        read_demography(demography) if demography else None,
        method=method,
        choices=choices,
        seed=read_seed(seed) if seed else None,
    )
    made = replace(made, findings=pl.concat([noted, noted_too, made.findings]))
    files = _written(made, out, by_type, misfits)
    _show(made, files, as_json=as_json, quiet=quiet)
    if strict and made.findings.filter(made.findings["severity"] != "info").height:
        raise SystemExit(1)


def _require_ending(path: Path | None) -> None:
    if path is not None and not path.name.lower().endswith(_ENDINGS):
        raise click.BadParameter(f"{path.name} must end in {', '.join(_ENDINGS)}")


def _written(
    made: FlowEstimate, out: Path, by_type: Path | None, misfits: Path | None
) -> list[Path]:
    """Write the files asked for; none of them when one cannot be made."""
    contents = [(out, _content(made.flows, out))]
    if by_type is not None:
        if made.by_type is None:
            raise click.UsageError(f"{made.method.value} knows no types of move (--by-type)")
        contents.append((by_type, _content(made.by_type, by_type)))
    if misfits is not None:
        contents.append((misfits, _content(made.report.misfits, misfits)))
    return [write_file_whole(path, content) for path, content in contents]


def _content(frame: pl.DataFrame, path: Path) -> bytes:
    buffer = io.BytesIO()
    if path.name.lower().endswith(".parquet"):
        frame.write_parquet(buffer)
        return buffer.getvalue()
    frame.write_csv(buffer)
    if path.name.lower().endswith(".gz"):
        return gzip.compress(buffer.getvalue(), mtime=0)
    return buffer.getvalue()


def _show(made: FlowEstimate, files: list[Path], *, as_json: bool, quiet: bool) -> None:
    persons = float(made.flows["persons"].sum())
    if as_json:
        show_json(
            {
                "method": made.method.value,
                "persons": persons,
                "pairs": made.flows.height,
                "largest_misfit": made.report.largest_misfit,
                "not_fitted": list(made.report.not_fitted),
                "adjustments": made.report.adjustments.to_dicts(),
                "findings": made.findings.select("code", "severity", "place", "message")
                .to_dicts(),
                "files": [str(path) for path in files],
            }
        )  # fmt: skip
        return
    if quiet:
        return
    for row in made.findings.iter_rows(named=True):
        click.echo(f"{row['code']} {row['severity']}: {row['message']}", err=True)
    click.echo(f"{persons:,.0f} people moved ({made.method.value}).")
    for path in files:
        click.echo(path)
