"""The README of an exercise: what its files are and what their columns mean."""

from __future__ import annotations

from pathlib import Path

from waystation.tracking.exercise.layouts import Office
from waystation.tracking.exercise.truth import Expected, TruthMatrix

TEXT = """# Exercise: a made-up operation with known truth

Waystation Land (XWS) does not exist, nor do its people. Made with seed {seed}, {sites} sites
and {rounds} rounds; the same numbers make the same files again.

- `pcodes.csv`: the units, in the layout of the global p-code list.
- `boundaries/`: their shapes, one GeoJSON file a level, attributes as in COD-AB files.
- `field/`: what the offices sent in, one file an office and round, with defects.
- `household_needs_survey.csv`: households interviewed at some sites of the last round.
- `presence.csv`: who does what where (3W), made up like the rest, as of the last round.
- `truth/`: what is true. Do not give it to those who do the exercise.

## Offices
{offices}

## truth/matrix.parquet
{matrix}

Flows are those since the round before; for each location the stock of a round is that of the
round before, plus arrivals, less departures. Flows of the first round count who came of late.
A matrix built from the field files should hold the value wherever `is_covered` and `is_asked`
are true, except at cells of defects that are not recoverable (`column` is the indicator, or
`*` for all of the location in the round).

## truth/defects.csv and truth/expected.csv
`defects.csv` holds the defects put in; `expected.csv` adds what honest data shows too.

{expected}

## truth/locations.csv, truth/events.csv
The true sites with the round they opened and closed in; what displaced people, when and where.
"""


def write_readme(
    folder: Path, *, seed: int, sites: int, rounds: int, offices: tuple[Office, ...]
) -> None:
    """Write README.md into the folder of an exercise."""
    text = TEXT.format(
        seed=seed,
        sites=sites,
        rounds=rounds,
        offices="\n".join(
            f"- {o.code} `{o.folder_name}`: layout {o.layout.name}, {o.layout.suffix}"
            + (
                f", columns in another order from round {o.revised_from + 1}"
                if o.revised_from is not None
                else ""
            )
            for o in offices
        ),
        matrix=_columns(TruthMatrix),
        expected=_columns(Expected),
    )
    (folder / "README.md").write_text(text, "utf-8")


def _columns(table: type[Expected] | type[TruthMatrix]) -> str:
    return "\n".join(f"- `{row.column}`: {row.meaning}" for row in table.codebook())
