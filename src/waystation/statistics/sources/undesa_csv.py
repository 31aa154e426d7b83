"""UN DESA, International Migrant Stock: tables kept as csv, as they pass from hand to hand.

They have names in place of codes, no revision and no title. The revision is told from the last
year; what the content does not say (which sex, figures in thousands) is told from the file's
name or its decimals, and a finding says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from waystation.errors import UnusableInput, WaystationError
from waystation.findings import Finding, findings_table
from waystation.sources import Source
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.sources.cells import figures, finding, headed, source_grids
from waystation.statistics.sources.observed import FLAGS, SEXES
from waystation.statistics.sources.undesa import (
    PRODUCER,
    name_without_marks,
    revision_of_years,
    undesa_source,
)
from waystation.statistics.sources.undesa_headings import sex_of
from waystation.statistics.tables import CellFlag, Observations, Sex

EXPECTED: dict[str, tuple[str, ...]] = {
    "undesa-csv-origin-columns": ("Year", "Destination", "Total", "Other South", "Other North"),
    "undesa-csv-age": ("Year", "Destination", "0-4_(mf)", "Total_(mf)"),
    "undesa-csv-refugees": ("Destination", "1990_est_(mf)", "1990_pct_(mf)"),
    "undesa-csv-long": ("year", "sex", "origin", "destination", "stock"),
}
_AGE = re.compile(r"(\d+-\d+|\d+\+|Total)_\((mf|m|f)\)")
_REFUGEES = re.compile(r"(\d{4})(?:-(\d{4}))?_(est|pct|annual_rc)_\((mf|m|f)\)")
_SEX = {"mf": Sex.BOTH, "m": Sex.MALE, "f": Sex.FEMALE}
_REFUGEE_MEASURES = {
    "est": ("refugee_stock", "persons"),
    "pct": ("refugee_share_of_migrants", "percent"),
    "annual_rc": ("refugee_growth", "percent a year"),
}


@dataclass(frozen=True, slots=True)
class _Said:
    """What a column of figures says of itself."""

    measure: str = "migrant_stock"
    unit: str = "persons"
    sex: Sex = Sex.BOTH
    age: str = "total"
    counterpart: str | None = None
    first: int | None = None
    last: int | None = None
    factor: float = 1


def layouts() -> tuple[Layout, ...]:
    """Return the layouts of csv files with UN DESA's figures."""
    readers: tuple[tuple[str, str, Callable[[Path], Clean]], ...] = (
        ("undesa-csv-origin-columns", "Migrant stock, origins as columns", _read_origins),
        ("undesa-csv-age", "Migrant stock or population by age and sex", _read_ages),
        ("undesa-csv-refugees", "Refugee stock within the migrant stock", _read_refugees),
        ("undesa-csv-long", "Migrant stock by origin, destination and sex", _read_long),
    )
    return tuple(
        Layout(name, PRODUCER, title, _recogniser(name), read) for name, title, read in readers
    )


def _names(path: Path) -> list[str]:
    cells = source_grids(path)[0].cells.row(0)
    return [(cell or "").replace("\ufeff", "").strip() for cell in cells]


def _recogniser(layout: str) -> Callable[[Path], bool]:
    def recognises(path: Path) -> bool:
        try:
            return _layout_of(_names(path)) == layout
        except WaystationError:
            return False

    return recognises


def _layout_of(names: list[str]) -> str | None:
    has = set(names)
    if set(EXPECTED["undesa-csv-long"]) <= has:
        return "undesa-csv-long"
    if "Destination" in has and any(_REFUGEES.fullmatch(name) for name in names):
        return "undesa-csv-refugees"
    if {"Year", "Destination"} <= has and any(_AGE.fullmatch(name) for name in names):
        return "undesa-csv-age"
    is_wide = "Year" in has and bool({"Destination", "Dest"} & has)
    is_wide = is_wide and {"Afghanistan", "Zimbabwe"} <= has
    return "undesa-csv-origin-columns" if is_wide else None


def _table(path: Path, layout: str) -> pl.DataFrame:
    """Return the file's table, its column of areas named Destination.

    Raises:
        UnusableInput: If its columns are not those of the layout.
    """
    frame = headed(source_grids(path)[0])
    if _layout_of(frame.columns) != layout:
        missing = [name for name in EXPECTED[layout] if name not in frame.columns]
        raise UnusableInput(
            file=path.name,
            reason=f"it lacks the columns {', '.join(missing) or 'of areas'} of {layout}",
            action="Check that the heading was kept, or name another layout",
        )
    return frame.rename({"Dest": "Destination"} if "Dest" in frame.columns else {})


def _read_origins(path: Path) -> Clean:
    frame = _table(path, "undesa-csv-origin-columns")
    sex = sex_of(path.stem.replace("_", " "))
    findings = [_of_file_name(path, f"counts are of {sex or Sex.BOTH}, as its name says")]
    said = {
        name: _Said(sex=sex or Sex.BOTH, counterpart=None if name == "Total" else name)
        for name in frame.columns
        if name not in {"Year", "Destination"}
    }
    clean = _clean(path, frame, said, "undesa_stock_origin_columns", findings)
    names = pl.DataFrame({"code": [n for n in said if n != "Total"]})
    origins = names.with_columns(name="code", code_system=pl.lit("name"))
    areas = pl.concat([clean.areas, origins]).unique("code", maintain_order=True)
    return replace(clean, areas=areas)


def _read_ages(path: Path) -> Clean:
    frame = _table(path, "undesa-csv-age")
    is_population = _has_decimals(frame)
    findings = []
    if is_population:
        words = "figures with decimals were read as population in thousands"
        findings.append(_of_file_name(path, words))
    measure = "population" if is_population else "migrant_stock"
    said = {}
    for name in frame.columns:
        found = _AGE.fullmatch(name)
        if found:
            age = found[1].lower()
            factor = 1000 if is_population else 1
            said[name] = _Said(measure=measure, sex=_SEX[found[2]], age=age, factor=factor)
    return _clean(path, frame, said, f"undesa_{measure}_age", findings)


def _read_refugees(path: Path) -> Clean:
    frame = _table(path, "undesa-csv-refugees")
    said = {}
    for name in frame.columns:
        found = _REFUGEES.fullmatch(name)
        if found:
            measure, unit = _REFUGEE_MEASURES[found[3]]
            last = int(found[2]) if found[2] else None
            said[name] = _Said(measure, unit, _SEX[found[4]], first=int(found[1]), last=last)
    return _clean(path, frame, said, "undesa_stock", [])


def _read_long(path: Path) -> Clean:
    frame = _table(path, "undesa-csv-long")
    revision = revision_of_years(set(_years(frame["year"]).drop_nulls().to_list()))
    value = figures(frame["stock"])
    year = _years(frame["year"])
    observations = frame.select(
        dataset=pl.lit(f"undesa_stock_origin_{revision}"),
        measure=pl.lit("migrant_stock"),
        area="destination",
        counterpart="origin",
        sex=pl.col("sex").str.to_lowercase().cast(SEXES, strict=False),
        age=pl.lit("total"),
        period=year.cast(pl.String) + "-07-01",
        year=year,
        value=value,
        unit=pl.lit("persons"),
        flag=_flag(value),
        producer_flags=pl.lit(None, dtype=pl.String),
    ).drop_nulls(["area", "year"])
    codes = pl.concat([frame["destination"], frame["origin"].alias("destination")])
    known = codes.drop_nulls().unique(maintain_order=True).alias("code")
    areas = pl.DataFrame({"code": known, "name": known}).with_columns(
        code_system=pl.lit("iso3")
    )
    title = f"International Migrant Stock {revision}, known origins"
    source = undesa_source(path, revision, title)
    return Clean(observations, areas, findings_table([]), source)


def _clean(
    path: Path, frame: pl.DataFrame, said: dict[str, _Said], dataset: str, found: list[Finding]
) -> Clean:
    """Return the observations of a table with one column a figure."""
    frame = frame.filter(pl.col("Destination").is_not_null())
    areas = frame.select(code=name_without_marks(pl.col("Destination"))).unique(
        maintain_order=True
    )
    years = _years(frame["Year"]) if "Year" in frame.columns else None
    stated = set(years.drop_nulls().to_list()) if years is not None else set()
    stated |= {s.last or s.first for s in said.values() if s.first}
    revision = revision_of_years({year for year in stated if year})
    parts = [
        _of_column(frame, name, what, years, f"{dataset}_{revision}")
        for name, what in said.items()
    ]
    return Clean(
        pl.concat(parts).drop_nulls("year"),
        areas.with_columns(name="code", code_system=pl.lit("name")),
        findings_table(found),
        _source(path, revision),
    )


def _of_column(
    frame: pl.DataFrame, name: str, said: _Said, years: pl.Series | None, dataset: str
) -> pl.DataFrame:
    value = figures(frame[name])
    if said.factor != 1:
        value = (value * said.factor).round(3)
    year = pl.lit(years) if years is not None else pl.lit(said.first, dtype=pl.Int64)
    span = f"/P{said.last - said.first}Y" if said.last and said.first else ""
    return frame.select(
        dataset=pl.lit(dataset),
        measure=pl.lit(said.measure),
        area=name_without_marks(pl.col("Destination")),
        counterpart=pl.lit(said.counterpart, dtype=pl.String),
        sex=pl.lit(said.sex.value, dtype=SEXES),
        age=pl.lit(said.age),
        period=year.cast(pl.String) + f"-07-01{span}",
        year=year,
        value=value,
        unit=pl.lit(said.unit),
        flag=_flag(value),
        producer_flags=pl.lit(None, dtype=pl.String),
    ).select(Observations.column_names())


def _flag(value: pl.Series) -> pl.Series:
    """Return the flags: these files do not say how a figure came about."""
    absent = pl.lit(CellFlag.NOT_REPORTED, FLAGS)
    there = pl.lit(CellFlag.ESTIMATED, FLAGS)
    return pl.select(pl.when(value.is_null()).then(absent).otherwise(there)).to_series()


def _years(texts: pl.Series) -> pl.Series:
    return texts.cast(pl.Float64, strict=False).cast(pl.Int64)


def _has_decimals(frame: pl.DataFrame) -> bool:
    """Return whether most figures have decimals: few counts of people do, most thousands."""
    value = pl.concat([figures(c).alias("") for c in frame if _AGE.fullmatch(c.name)])
    value = value.drop_nulls()
    return 2 * int((value != value.round(0)).sum()) > len(value)


def _of_file_name(path: Path, words: str) -> Finding:
    return finding("STA-102", f"{path.name}: {words}; the content does not say", file=path.name)


def _source(path: Path, revision: str) -> Source:
    return undesa_source(path, revision, f"International Migrant Stock {revision}")
