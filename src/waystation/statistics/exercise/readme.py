"""The README beside the files of the exercise: that they are made up, and what each is."""

from __future__ import annotations

from waystation.folders import write_file_whole
from waystation.statistics.exercise import (
    demography_file,
    incident_file,
    refugee_file,
    remittance_workbook,
    reported_flows,
    stock_workbook,
)
from waystation.statistics.exercise.published import Published
from waystation.statistics.exercise.truth import PublishedDefect, TrueFlows

TEXT = """# Exercise: migration statistics of a world that does not exist

Everything here is made up: {areas} areas in up to six regions, their people, wars and floods.
No producer named below published any of it; the files only have the layouts in which these
producers publish. Made with {areas} areas and seed {seed}; the same numbers make the same
files again, byte by byte. Codes are user-assigned ones (ISO 3166-1 alpha-3 from XAA on), and
location codes 9001 to 9229 of areas and 9901 to 9906 of regions, which nobody else uses.

## Areas
- `areas.csv`: codes of each scheme, names in English, French, Spanish and Arabic, region,
  place, people. `ages.csv`: people by age and sex on 1 July 2020, of stable populations.
- `areas.geojson`: outlines. `lines.geojson`: borders on land; the one whose `kind` is
  `disputed` is to be drawn dashed, as its `style` says.

## Files as producers would publish them, with their defects
- `{stock_2020}` and `{stock_2024}`: migrant stock, two revisions (layout of UN DESA).
- `{demography}`: births, deaths, population by calendar year, thousands (UN WPP).
- `{population}`: refugees and others at the end of years (UNHCR).
- `{displacement}`: displacement within areas (IDMC).
- `{remittances}`: money sent, USD million (World Bank).
- `{immigration}` and `{emigration}`: moves in calendar years as areas of two regions report
  them (Eurostat).
- `{incidents}`: people dead and missing on routes (Missing Migrants Project).

## truth/
What is true. Do not give it to those who do the exercise.

- `stocks.parquet`: people by birthplace and residence on each 1 January and 1 July, and how
  many of them are refugees. `births.parquet`, `deaths.parquet`, `moves.parquet`: by half-year,
  named by its first day. For each birthplace, residence and sex, the stock of a moment is that
  of half a year before, plus births (of those born where they live), less deaths, plus moves
  in, less moves out, to the last person.
- `flows.parquet`: {flows}
  Estimates from stocks see who lives elsewhere after five years, not each move: their totals
  lie below these, and that is no error.
- `refugees.parquet`, `displacement.parquet`, `remittances.parquet`, `incidents.parquet`: the
  true figures behind those files. `crises.csv`: what befell whom, and when.
- `defects.csv`: how the published files differ from all this.

{defects}
"""


def write_readme(published: Published, *, seed: int) -> None:
    """Write README.md into the folder of the exercise."""
    text = TEXT.format(
        areas=len(published.codes),
        seed=seed,
        stock_2020=stock_workbook.FILES[2020],
        stock_2024=stock_workbook.FILES[2024],
        demography=demography_file.FILE,
        population=refugee_file.POPULATION_FILE,
        displacement=refugee_file.DISPLACEMENT_FILE,
        remittances=remittance_workbook.FILE,
        immigration=reported_flows.IMMIGRATION_FILE,
        emigration=reported_flows.EMIGRATION_FILE,
        incidents=incident_file.FILE,
        flows=" ".join((TrueFlows.__doc__ or "").split()),
        defects="\n".join(
            f"- `{row.column}`: {row.meaning}" for row in PublishedDefect.codebook()
        ),
    )
    write_file_whole(published.folder / "README.md", text.encode("utf-8"))
