"""The one screen a build, a mapping and a difference end with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from waystation.cli.screen import show_table

if TYPE_CHECKING:
    import polars as pl

    from waystation.tracking.mapping import FileMapping

ROUNDS_SHOWN = 24
FINDINGS_SHOWN = 12
ROWS_SHOWN = 60
CHOICES_SHOWN = 6
HEADLINES = ("idp_individuals", "idp_households", "returnee_individuals", "migrant_individuals")


def show_summary(summary: dict[str, Any], out: Path) -> None:
    """Show the figures of a build, how its files were read, and what needs attention."""
    click.echo(
        f"{summary['operation']}, {summary['country']}: {summary['submissions']:,} submissions "
        f"from {summary['files']:,} files, {summary['locations']:,} locations"
    )
    rounds = summary["rounds"]
    headlines = _headlines(rounds)
    several = len({(entry["country"], entry["operation"]) for entry in rounds}) > 1
    whose = ("Country", "Operation") if several else ()
    rows = [
        [*(entry[name.lower()] for name in whose), *_round_row(entry, headlines)]
        for entry in rounds[-ROUNDS_SHOWN:]
    ]
    labels = [label for _, label in headlines]
    show_table("", (*whose, "Component", "Round", "Date", *labels), rows, numbers=len(labels))
    if len(rounds) > ROUNDS_SHOWN:
        click.echo(f"and {len(rounds) - ROUNDS_SHOWN:,} earlier ones in totals.csv")
    choices = [(r["file"], choice) for r in summary["reading"] for choice in r["choices"]]
    for file, choice in choices[:CHOICES_SHOWN]:
        click.echo(f"{file}: {choice}")
    if len(choices) > CHOICES_SHOWN:
        click.echo(f"and {len(choices) - CHOICES_SHOWN:,} more readings in mapping.yaml")
    _show_findings(summary["findings"])
    click.echo(f"Written to {out}: matrix.parquet, totals.csv, findings.csv, cleaning_log.csv, "
               "mapping.yaml, summary.json")  # fmt: skip


def _headlines(rounds: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return code and label of the figures worth a column, at most four."""
    labels = {f["indicator"]: f["label"] for entry in rounds for f in entry["figures"]}
    chosen = [code for code in HEADLINES if code in labels] or list(labels)
    return [(code, labels[code]) for code in chosen[:4]]


def _round_row(entry: dict[str, Any], headlines: list[tuple[str, str]]) -> list[object]:
    values = {figure["indicator"]: figure["value"] for figure in entry["figures"]}
    figures = [values.get(code, "") for code, _ in headlines]
    return [entry["component"], str(entry["round_number"]), entry["reference_date"], *figures]


def _show_findings(findings: dict[str, Any]) -> None:
    codes = findings["by_code"]
    if not codes:
        click.echo("Nothing was found wrong.")
        return
    title = ", ".join(
        f"{findings[severity]:,} {word}" + ("" if findings[severity] == 1 else "s")
        for severity, word in (("error", "error"), ("warning", "warning"), ("info", "note"))
    )
    rows = [
        (entry["severity"], entry["code"], entry["title"], entry["found"])
        for entry in codes[:FINDINGS_SHOWN]
    ]
    show_table(title, ("", "Code", "What is wrong", "Found"), rows, numbers=1)
    if len(codes) > FINDINGS_SHOWN:
        click.echo(f"and {len(codes) - FINDINGS_SHOWN} more kinds in findings.csv")


def show_mapping(mapping: FileMapping) -> None:
    """Show what each sheet and column of a file was taken for, how sure and why."""
    click.echo(f"{mapping.file}: certainty {mapping.certainty:.2f}")
    for sheet in mapping.sheets:
        title = f"Sheet {sheet.sheet!r}" if sheet.sheet else "The table"
        rows = [
            (c.letter, c.heading, ", ".join(c.fields), f"{c.certainty:.2f}", c.reason)
            for c in sheet.columns
            if c.fields
        ]
        show_table(title, ("Column", "Heading", "Means", "Sure", "Why"), rows)
        unused = [c.letter for c in sheet.columns if not c.fields]
        if unused:
            click.echo(f"Not used: {len(unused)} columns ({', '.join(unused[:20])} ...)")
        for choice in sheet.choices:
            click.echo(choice)
    for name, reason in mapping.left_out.items():
        click.echo(f"Left out: {name}: {reason}")


def show_difference(parts: pl.DataFrame, cells: pl.DataFrame) -> None:
    """Show what changed from round to round by unit, and the figures that differ."""
    moved = parts.filter(parts["change"] != 0)
    if moved.is_empty() and cells.is_empty():
        click.echo("Nothing differs.")
    for title, frame, columns in (
        ("New rounds", moved, ("code", "name", "indicator", "part", "locations", "change")),
        ("Rounds of both", cells, ("round_number", "location_id", "indicator", "kind", "before",
                                   "after", "change")),
    ):  # fmt: skip
        if frame.is_empty():
            continue
        headings = [name.replace("_", " ").capitalize() for name in columns]
        shown = frame.select(columns).head(ROWS_SHOWN)
        show_table(title, headings, shown.rows(), numbers=2)
        if frame.height > ROWS_SHOWN:
            click.echo(f"and {frame.height - ROWS_SHOWN:,} more")
