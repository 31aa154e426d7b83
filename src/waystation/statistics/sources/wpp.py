"""UN DESA, World Population Prospects: births, deaths, population and net migration.

The revision of 2019 gives totals of five years from 1 July to 1 July; those of 2022 and 2024
give calendar years, and population on 1 January and 1 July. Counts are published in thousands
and returned in persons. Revisions change net migration greatly: each is a dataset of its own.

Source:
    United Nations, Department of Economic and Social Affairs, Population Division, World
    Population Prospects 2019, 2022, 2024; CC BY 3.0 IGO.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from waystation.errors import MissingColumns, UnknownLayout, WaystationError
from waystation.findings import Finding, findings_table
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.raw import received_source
from waystation.statistics.sources.cells import figures, finding, headed, source_grids
from waystation.statistics.sources.rows import areas_of, observations_of
from waystation.statistics.sources.undesa import LICENCE, PRODUCER
from waystation.statistics.tables import CellFlag, Demography, Sex

EXPECTED: dict[str, tuple[str, ...]] = {
    "wpp-periods": ("LocID", "Location", "Variant", "Time", "Births", "Deaths", "SRB"),
    "wpp-annual": ("LocID", "Location", "Variant", "Time", "Births", "Deaths", "NetMigrations"),
    "wpp-annual-extract": ("country_code", "year", "births", "deaths", "cbr", "cdr", "mig"),
}
_SPAN = re.compile(r"(\d{4})-(\d{4})")
_PER_1000 = "per 1,000 population"


@dataclass(frozen=True, slots=True)
class _Measured:
    measure: str
    unit: str = "persons"
    factor: float = 1000
    sex: Sex = Sex.BOTH
    day: str = ""


_COLUMNS = {
    "Births": _Measured("births"),
    "Deaths": _Measured("deaths"),
    "DeathsMale": _Measured("deaths", sex=Sex.MALE),
    "DeathsFemale": _Measured("deaths", sex=Sex.FEMALE),
    "NetMigrations": _Measured("net_migration"),
    "SRB": _Measured("sex_ratio_at_birth", "males per female", 1),
    "CBR": _Measured("birth_rate", _PER_1000, 1),
    "CDR": _Measured("death_rate", _PER_1000, 1),
    "CNMR": _Measured("net_migration_rate", _PER_1000, 1),
    "TFR": _Measured("fertility_rate", "children per woman", 1),
    "TPopulation1Jan": _Measured("population", day="-01-01"),
    "TPopulation1July": _Measured("population", day="-07-01"),
    "TPopulationMale1July": _Measured("population", sex=Sex.MALE, day="-07-01"),
    "TPopulationFemale1July": _Measured("population", sex=Sex.FEMALE, day="-07-01"),
}
_EXTRACT = {
    "births": "Births", "deaths": "Deaths", "mig": "NetMigrations", "cbr": "CBR", "cdr": "CDR",
    "cnmr": "CNMR", "country_code": "LocID", "year": "Time",
}  # fmt: skip


def layouts() -> tuple[Layout, ...]:
    """Return the layouts of the World Population Prospects."""
    return tuple(
        Layout(name, PRODUCER, title, _recogniser(name), _reader(name))
        for name, title in (
            ("wpp-periods", "World Population Prospects 2019, five-year periods"),
            ("wpp-annual", "World Population Prospects 2022 and 2024, years"),
            ("wpp-annual-extract", "World Population Prospects 2022 and 2024, extract"),
        )
    )


def demography_from_observations(
    observations: pl.DataFrame, *, start: int, end: int
) -> pl.DataFrame:
    """Return births and deaths of a period from 1 July to 1 July, by area.

    Of calendar years, the first and the last count half, those between whole. Where the
    observations hold a total of exactly this period it is taken as it is.

    Args:
        observations: Shape ``Observations``, judged or clean, of one dataset.
        start: Year in which the period begins, on 1 July.
        end: Year in which it ends, on 1 July.

    Returns:
        Shape ``Demography``, in persons, by area; an area lacking a year is left out.

    Raises:
        MissingColumns: If columns of ``Observations`` are absent.
        MixedRevisions: If the figures are of several datasets.

    Source:
        Abel and Cohen (2019), Scientific Data 6:82: mid-year to mid-year periods.
    """
    from waystation.statistics.series import require_one_dataset

    lacking = {"area", "measure", "sex", "period", "value", "dataset"} - set(
        observations.columns
    )
    if lacking:
        raise MissingColumns(table="Observations", columns=", ".join(sorted(lacking)))
    wanted = observations.filter(
        pl.col("measure").is_in(["births", "deaths"]), pl.col("sex") == Sex.BOTH
    )
    require_one_dataset(wanted, "births and deaths")
    span = f"{start}-07-01/P{end - start}Y"
    whole = wanted.filter(pl.col("period") == span).select("area", "measure", "value")
    if not whole.height:
        whole = _from_years(wanted, start, end)
    wide = whole.drop_nulls("value").pivot(on="measure", index="area", values="value")
    for name in ("births", "deaths"):
        if name not in wide.columns:
            return Demography.empty_frame()
    return Demography.require(wide.drop_nulls().sort("area"))


def _from_years(wanted: pl.DataFrame, start: int, end: int) -> pl.DataFrame:
    inside = wanted.filter(
        pl.col("period").str.len_chars() == 4, pl.col("year").is_between(start, end)
    )
    weight = pl.when(pl.col("year").is_in([start, end])).then(0.5).otherwise(1.0)
    return (
        inside.drop_nulls("value")
        .group_by("area", "measure")
        .agg(value=(pl.col("value") * weight).sum(), years=pl.col("year").n_unique())
        .filter(pl.col("years") == end - start + 1)
        .drop("years")
    )


def _layout_of(names: set[str]) -> str | None:
    if {"country_code", "year", "births", "deaths"} <= names:
        return "wpp-annual-extract"
    if {"LocID", "Time", "Births", "Deaths"} <= names:
        return "wpp-annual" if "TPopulation1July" in names else "wpp-periods"
    return None


def _recogniser(layout: str) -> Callable[[Path], bool]:
    def recognises(path: Path) -> bool:
        try:
            cells = source_grids(path)[0].cells.row(0)
        except WaystationError:
            return False
        return _layout_of({(c or "").replace("\ufeff", "").strip() for c in cells}) == layout

    return recognises


def _reader(layout: str) -> Callable[[Path], Clean]:
    def read(path: Path) -> Clean:
        return _read(Path(path), layout)

    return read


def _read(path: Path, layout: str) -> Clean:
    frame = headed(source_grids(path)[0])
    missing = [name for name in EXPECTED[layout] if name not in frame.columns]
    if missing:
        raise UnknownLayout(
            file=path.name,
            reason=f"it lacks the columns {', '.join(missing)} of {layout}",
            action="Check that the heading was kept, or name another layout",
        )
    if layout == "wpp-annual-extract":
        frame = frame.rename({k: v for k, v in _EXTRACT.items() if k in frame.columns})
    frame = frame.filter(pl.col("LocID").is_not_null() & pl.col("Time").is_not_null())
    variants: list[str] = []
    if "Variant" in frame.columns:
        variants = frame["Variant"].drop_nulls().unique().sort().to_list()
    revision, findings = _revision(path, layout, frame)
    parts = [
        _of_column(frame, name, f"wpp_{revision}") for name in _COLUMNS if name in frame.columns
    ]
    observations = observations_of(parts, flag=CellFlag.ESTIMATED)
    names = {}
    if "Location" in frame.columns:
        names = dict(frame.select("LocID", "Location").unique().iter_rows())
    areas = areas_of(frame["LocID"].to_list(), names, system="m49")
    title = f"World Population Prospects {revision}"
    if variants:
        title += f", variant {', '.join(variants)}"
    source = received_source(
        path, producer=PRODUCER, title=title, licence=LICENCE, version=revision
    )
    return Clean(observations, areas, findings_table(findings), source)


def _of_column(frame: pl.DataFrame, name: str, dataset: str) -> pl.DataFrame:
    said = _COLUMNS[name]
    value = figures(frame[name])
    if said.factor != 1:
        value = (value * said.factor).round(3)
    spans = frame["Time"].str.extract_groups(_SPAN.pattern)
    first = spans.struct.field("1").cast(pl.Int64)
    last = spans.struct.field("2").cast(pl.Int64)
    year = pl.coalesce(pl.lit(first), pl.lit(figures(frame["Time"])).cast(pl.Int64))
    period = (
        pl.when(pl.lit(first).is_not_null())
        .then(pl.format("{}-07-01/P{}Y", pl.lit(first), pl.lit(last - first)))
        .otherwise(year.cast(pl.String) + said.day)
    )
    variant = pl.col("Variant") if "Variant" in frame.columns else pl.lit(None, pl.String)
    suffix = (
        pl.when(variant.is_null() | variant.is_in(["Medium", "Estimates"]))
        .then(pl.lit(""))
        .otherwise("_" + variant.str.to_lowercase().str.replace_all(r"\W+", "_"))
    )
    return frame.select(
        dataset=pl.lit(dataset) + suffix,
        measure=pl.lit(said.measure),
        area=pl.col("LocID").str.strip_chars(),
        sex=pl.lit(said.sex.value),
        period=period,
        year=year,
        value=value,
        unit=pl.lit(said.unit),
    )


def _revision(path: Path, layout: str, frame: pl.DataFrame) -> tuple[str, list[Finding]]:
    """Return the revision, and a finding where only the file's name tells it.

    Extracts hold estimates, which end in the year before the revision.
    """
    if layout == "wpp-periods":
        return "2019", []
    last = int(figures(frame["Time"]).max() or 0)  # type: ignore[arg-type]
    if layout == "wpp-annual-extract" and last + 1 in {2022, 2024}:
        return str(last + 1), []
    named = re.search(r"20(?:22|24)", path.name)
    revision = named.group() if named else "unknown"
    words = f"{path.name}: its revision was read from its name as {revision}"
    return revision, [finding("STA-102", words, file=path.name)]
