"""UN DESA, International Migrant Stock: workbooks of the revisions of 2013 to 2024.

Figures are people (foreign born, or foreign citizens where birthplace is not known) on 1 July.
Revisions are not comparable in time: each is a dataset of its own. The sum of listed origins is
below the total; the difference stands under "Others" (from 2020) or "Other North" and "Other
South" (before), and is kept as a row.

Source:
    United Nations, Department of Economic and Social Affairs, Population Division,
    International Migrant Stock; CC BY 3.0 IGO.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl

from waystation.errors import UnusableInput, WaystationError
from waystation.findings import Finding, findings_table
from waystation.grids import Grid
from waystation.sources import Source
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.raw import received_source
from waystation.statistics.sources.cells import PROTECTED, cell_findings, figures, source_grids
from waystation.statistics.sources.observed import FLAGS, SEXES
from waystation.statistics.sources.undesa_headings import Column, Heading, heading_of
from waystation.statistics.tables import CellFlag, Observations, Sex

PRODUCER = "United Nations Department of Economic and Social Affairs (UN DESA)"
LICENCE = "CC BY 3.0 IGO"

# Names of columns that each layout must have, for a file that has others.
EXPECTED: dict[str, tuple[str, ...]] = {
    "undesa-stock": (
        "Region, development group, country or area",
        "Notes",
        "Location code",
        "Type of data",
    ),
    "undesa-stock-origin": (
        "Region, development group, country or area of destination",
        "Location code of destination",
        "Region, development group, country or area of origin",
        "Location code of origin",
    ),
    "undesa-stock-origin-columns": (
        "Major area, region, country or area of destination",
        "Notes",
        "Code",
        "Type of data (a)",
    ),
    "undesa-stock-age": ("Region, development group, country or area", "Location code", "Year"),
}

# What a title or the words above a column say is measured: measure, unit, factor to the unit.
_MEASURES: tuple[tuple[str, tuple[str, str, float]], ...] = (
    (r"refugees? .*percentage", ("refugee_share_of_migrants", "percent", 1)),
    (r"female migrants as a percentage", ("migrant_female_share", "percent", 1)),
    (r"percentage of the total population", ("migrant_share", "percent", 1)),
    (r"rate of change of the refugee", ("refugee_growth", "percent a year", 1)),
    (r"rate of change", ("migrant_growth", "percent a year", 1)),
    (r"refugee", ("refugee_stock", "persons", 1)),
    (r"total population.*thousands", ("population", "persons", 1000)),
    (r"migrant", ("migrant_stock", "persons", 1)),
    (r"population", ("population", "persons", 1000)),
)
_FOOTNOTES = r"\s*(?:\*+\s*\d{0,2}|\(\d{1,2}\)|[¹²³⁰-⁹]+)\s*$"
_TABLE_SHEET = re.compile(r"contents|notes|annex", re.IGNORECASE)


def layouts() -> tuple[Layout, ...]:
    """Return the layouts of UN DESA's workbooks."""
    return tuple(
        Layout(
            name=name,
            producer=PRODUCER,
            title=title,
            recognises=_recogniser(name),
            read=_reader(name),
        )
        for name, title in (
            ("undesa-stock-origin", "Migrant stock by sex, destination and origin, 2020-2024"),
            ("undesa-stock-origin-columns", "Migrant stock by origin in columns, 2013-2019"),
            ("undesa-stock-age", "Migrant stock or population by age and sex"),
            ("undesa-stock", "Migrant stock by sex and destination or origin, all revisions"),
        )
    )


def name_without_marks(names: pl.Expr) -> pl.Expr:
    """Return names without blanks at the ends, asterisks and marks of footnotes."""
    return names.str.strip_chars().str.replace(_FOOTNOTES, "").str.strip_chars()


def revision_of_years(years: set[int]) -> str:
    """Return the revision whose last year of figures this is; the years told all apart."""
    return str(max(years)) if years else "unknown"


def undesa_source(path: Path, revision: str, title: str) -> Source:
    """Return the source of a UN DESA file."""
    return received_source(
        path, producer=PRODUCER, title=title, licence=LICENCE, version=revision
    )


def _layout_name(heading: Heading) -> str:
    kinds = {column.kind for column in heading.columns}
    if "origin_code" in heading.roles and "code" in heading.roles:
        return "undesa-stock-origin"
    if "origin" in kinds:
        return "undesa-stock-origin-columns"
    if "age" in kinds:
        return "undesa-stock-age"
    return "undesa-stock"


def _table_sheets(path: Path) -> list[tuple[Grid, Heading]]:
    found = []
    for grid in source_grids(path):
        if _TABLE_SHEET.search(grid.sheet or ""):
            continue
        heading = heading_of(grid)
        if heading is not None and heading.columns:
            found.append((grid, heading))
    return found


def _recogniser(name: str) -> Callable[[Path], bool]:
    def recognises(path: Path) -> bool:
        try:
            return any(_layout_name(heading) == name for _, heading in _table_sheets(path))
        except WaystationError:
            return False

    return recognises


def _reader(name: str) -> Callable[[Path], Clean]:
    def read(path: Path) -> Clean:
        return _read(path, name)

    return read


def _read(path: Path, name: str) -> Clean:
    path = Path(path)
    sheets = [(g, h) for g, h in _table_sheets(path) if _layout_name(h) == name]
    if not sheets:
        raise UnusableInput(
            file=path.name,
            reason=f"no sheet has the columns of {name}: {', '.join(EXPECTED[name])}",
            action="Check that the sheets named Table 1, Table 2, ... were kept",
        )
    revision = next((h.revision for _, h in sheets if h.revision), None)
    revision = revision or revision_of_years(_years(sheets))
    dataset = f"{name.replace('-', '_')}_{revision}"
    parts: list[pl.DataFrame] = []
    findings: list[Finding] = []
    for grid, heading in sheets:
        parts.append(_observations(grid, heading, dataset, findings))
    observations = pl.concat(parts)
    areas = pl.concat([_areas(grid, heading) for grid, heading in sheets])
    areas = areas.unique("code", keep="first", maintain_order=True)
    source = undesa_source(path, revision, f"International Migrant Stock {revision}")
    return Clean(observations, areas, findings_table(findings), source)


def _years(sheets: list[tuple[Grid, Heading]]) -> set[int]:
    years = {h.year for _, h in sheets if h.year}
    years |= {int(c.label[:4]) for _, h in sheets for c in h.columns if c.kind == "year"}
    for grid, heading in sheets:
        if "year" in heading.roles:
            texts = grid.cells[:, heading.roles["year"]].slice(heading.first_row)
            years |= set(figures(texts).drop_nulls().cast(pl.Int64).to_list())
    return years


def _observations(
    grid: Grid, heading: Heading, dataset: str, findings: list[Finding]
) -> pl.DataFrame:
    body = grid.cells.slice(heading.first_row)
    keys = _keys(body, heading)
    kept = keys["area"].is_not_null() & keys["year"].is_between(1900, 2200).fill_null(
        value=True
    )
    first_row = grid.first_row + heading.first_row
    parts = []
    for column in heading.columns:
        texts = body[:, column.position]
        numbers = figures(texts)
        findings += cell_findings(
            texts, numbers, grid, first_row=first_row, column=f"{column.group} {column.label}"
        )
        keyed = keys.with_columns(flag=_flags(keys["flag"], texts, numbers))
        parts.append(_of_column(keyed, numbers, column, heading, dataset).filter(kept))
    return pl.concat(parts)


def _keys(body: pl.DataFrame, heading: Heading) -> pl.DataFrame:
    """Return what stands beside the figures: area, counterpart, year, flags, row by row."""
    roles = heading.roles
    empty = pl.lit(None, dtype=pl.String)

    def cell(role: str) -> pl.Expr:
        return pl.nth(roles[role]) if role in roles else empty

    is_of_origin = "code" not in roles
    kind = cell("type").str.strip_chars().replace("", None)
    year = cell("year").cast(pl.Float64, strict=False).cast(pl.Int64)
    block = cell("name").str.strip_chars().str.extract(r"^((?:19|20)\d\d)$").cast(pl.Int64)
    given = pl.lit(heading.year, dtype=pl.Int64)
    code = cell("origin_code" if is_of_origin else "code").str.strip_chars()
    counterpart = empty if is_of_origin else cell("origin_code").str.strip_chars()
    return body.select(
        area=code.str.replace(r"\.0$", ""),
        counterpart=counterpart.str.replace(r"\.0$", ""),
        year=pl.coalesce(year, block.forward_fill(), given),
        producer_flags=kind,
        flag=pl.when(kind.is_null())
        .then(pl.lit(CellFlag.ESTIMATED, FLAGS))
        .when(kind.str.contains("I"))
        .then(pl.lit(CellFlag.IMPUTED, FLAGS))
        .otherwise(pl.lit(CellFlag.OBSERVED, FLAGS)),
    )


def _of_column(
    keys: pl.DataFrame, numbers: pl.Series, column: Column, heading: Heading, dataset: str
) -> pl.DataFrame:
    measure, unit, factor = measure_of(column.group, heading.title)
    if measure == "migrant_stock" and "code" not in heading.roles:
        measure = "emigrant_stock"
    value = pl.lit(numbers.rename("value"))
    if factor != 1:
        value = (value * factor).round(3)
    year, period = _moment(column)
    return keys.select(
        dataset=pl.lit(dataset),
        measure=pl.lit(measure),
        area="area",
        counterpart=_counterpart(column),
        sex=pl.lit(_sex(column, measure).value, dtype=SEXES),
        age=pl.lit(_age(column)),
        period=period,
        year=year,
        value=value,
        unit=pl.lit(unit),
        flag="flag",
        producer_flags="producer_flags",
    ).select(Observations.column_names())


def _flags(flags: pl.Series, texts: pl.Series, numbers: pl.Series) -> pl.Series:
    """Return the flags of a column: those of its rows, but where a figure is not there."""
    if not numbers.null_count():
        return flags
    is_protected = (texts.str.strip_chars() == PROTECTED).fill_null(value=False)
    absent = (
        pl.when(is_protected).then(pl.lit(CellFlag.CONFIDENTIAL, FLAGS))
        .otherwise(pl.lit(CellFlag.NOT_REPORTED, FLAGS))
    )  # fmt: skip
    return pl.select(pl.when(numbers.is_null()).then(absent).otherwise(flags)).to_series()


def measure_of(group: str, title: str) -> tuple[str, str, float]:
    """Return the measure, unit and factor that the words above a column, or a title, say."""
    for text in (group, title):
        for pattern, meaning in _MEASURES:
            if re.search(pattern, text, re.IGNORECASE | re.DOTALL):
                return meaning
    return ("migrant_stock", "persons", 1)


def _moment(column: Column) -> tuple[pl.Expr, pl.Expr]:
    """Return year and period: 1 July of a year, or the years between two."""
    if column.kind == "year":
        year = int(column.label[:4])
        return pl.lit(year, dtype=pl.Int64), pl.lit(f"{year}-07-01")
    if column.kind == "period":
        first, last = (int(y) for y in re.findall(r"\d{4}", column.label))
        return pl.lit(first, dtype=pl.Int64), pl.lit(f"{first}-07-01/P{last - first}Y")
    return pl.col("year"), pl.col("year").cast(pl.String) + "-07-01"


def _counterpart(column: Column) -> pl.Expr:
    if column.kind != "origin":
        return pl.col("counterpart")
    is_total = column.label.lower() == "total"
    name = None if is_total else re.sub(_FOOTNOTES, "", column.label).strip()
    return pl.lit(name, dtype=pl.String)


def _age(column: Column) -> str:
    if column.kind != "age" or column.label.lower() == "total":
        return "total"
    return re.sub(r"\s*[-–]\s*", "-", column.label).replace(" +", "+")


def _sex(column: Column, measure: str) -> Sex:
    """Return whom a column counts: the share of women is one of both sexes."""
    return Sex.BOTH if measure == "migrant_female_share" else column.sex


def _areas(grid: Grid, heading: Heading) -> pl.DataFrame:
    body = grid.cells.slice(heading.first_row)
    parts = []
    for code, name in (("code", "name"), ("origin_code", "origin_name")):
        if code in heading.roles and name in heading.roles:
            notes = heading.roles.get("notes") if code == "code" else None
            parts.append(
                body.select(
                    code=pl.nth(heading.roles[code]).str.strip_chars().str.replace(r"\.0$", ""),
                    name=name_without_marks(pl.nth(heading.roles[name])),
                    code_system=pl.lit("m49"),
                    notes=pl.lit(None, dtype=pl.String) if notes is None else pl.nth(notes),
                )
                .drop_nulls("code")
                .unique("code", keep="first", maintain_order=True)
            )
    origins = [
        re.sub(_FOOTNOTES, "", column.label).strip()
        for column in heading.columns
        if column.kind == "origin" and column.label.lower() != "total"
    ]
    if origins:
        named = pl.DataFrame({"code": origins, "name": origins}).with_columns(
            code_system=pl.lit("name"), notes=pl.lit(None, dtype=pl.String)
        )
        parts.append(named)
    return pl.concat(parts)
