"""Eurostat: international migration and asylum, as TSV, as SDMX-CSV, and with labels only.

Population stocks are of 1 January. Two definitions of age, completed (COMPLET) and reached in
the year (REACH), give two measures, so that nobody adds them.

Source:
    Eurostat, reference metadata of migr_imm, migr_pop and migr_asyapp; SDMX 2.1 code list
    CL_OBS_FLAG.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from waystation.errors import UnknownLayout
from waystation.geography.countries import iso3_of
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.raw import received_source
from waystation.statistics.sources.observed import (
    areas,
    clean,
    observations,
    with_iso3_of_names,
)
from waystation.statistics.sources.received import (
    Received,
    figure,
    findings_at,
    first_cells,
    folded,
    has_headings,
    of_opening,
    read_received,
    read_tabbed,
)

PRODUCER = "Eurostat"
LICENCE = "CC BY 4.0"
TITLE = "International migration and asylum"
_CELL = r"^\s*(:|[-+]?[\d.]+(?:[eE][-+]?\d+)?)?\s*([A-Za-z]*)\s*$"
_SIGNS = {"EL": "GRC", "UK": "GBR", "XK": "XKX"}
_COUNTERPARTS = ("citizen", "c_birth", "partner", "c_dest", "c_resid")
_AREA = "geo"
_OWN = ("freq", "agedef", "age", "unit", "sex", _AREA, *_COUNTERPARTS)
_NO_COUNTERPART = ("TOTAL", "WORLD")
_SEXES = {"T": "both", "M": "male", "F": "female", "": "both"}
_UNITS = {"NR": "persons", "PER": "persons", "": "persons", "PC": "percent"}

# What beats what where a cell has several letters: what hides a figure, what breaks a series,
# what was not counted, what may change.
_FLAGS = (
    ("c", "confidential"), ("b", "break"), ("i", "imputed"), ("e", "estimated"),
    ("s", "estimated"), ("f", "estimated"), ("p", "provisional"),
)  # fmt: skip
_OTHER_FLAGS = frozenset("durnzmv")

DATASETS: dict[str, tuple[str, str]] = {
    "migr_imm1ctz": ("immigration_by_citizenship", "flow"),
    "migr_imm3ctb": ("immigration_by_birthplace", "flow"),
    "migr_imm5prv": ("immigration_by_previous_residence", "flow"),
    "migr_imm8": ("immigration", "flow"),
    "migr_emi1ctz": ("emigration_by_citizenship", "flow"),
    "migr_emi2": ("emigration", "flow"),
    "migr_emi3nxt": ("emigration_by_next_residence", "flow"),
    "migr_pop1ctz": ("population_by_citizenship", "stock"),
    "migr_pop3ctb": ("population_by_birthplace", "stock"),
    "migr_asyappctza": ("asylum_applications", "flow"),
    "migr_asyappctzm": ("asylum_applications_monthly", "flow"),
    "migr_asydcfsta": ("asylum_decisions_first_instance", "flow"),
    "migr_resfirst": ("residence_permits_first", "flow"),
    "migr_acq": ("citizenship_acquired", "flow"),
    "tps00176": ("immigration", "flow"),
    "tps00177": ("emigration", "flow"),
}
"""Measure and kind by Eurostat's code of the dataset."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """The long cells of a file, and what is to be told of it."""

    dataset: str
    rows: pl.DataFrame
    dimensions: tuple[str, ...]
    version: str


def read_tsv(path: Path) -> Clean:
    """Return a TSV file as clean figures.

    The content does not say which dataset it is: its code must stand in the file's name, as
    in the names Eurostat gives (``estat_migr_imm1ctz.tsv.gz``), or beside it where it was
    downloaded.

    Raises:
        UnknownLayout: If the code is not known, or the first column is not the dimensions.
        UnreadableFile: If it is a web page, cut short or damaged.
    """
    dataset = _dataset_of(path)
    grid = read_tabbed(path)
    first, *times = [cell or "" for cell in grid.cells.row(0)]
    found = re.fullmatch(r"\s*([\w,]+)\\(?:TIME_PERIOD|time)\s*", first)
    if not found:
        raise UnknownLayout(
            file=path.name,
            reason=f"its first cell is {first[:60]!r}, not dimensions and \\TIME_PERIOD",
            action="Download it as TSV from Eurostat",
        )
    dimensions = tuple(found[1].split(","))
    body = grid.cells.slice(1)
    names = body.columns[1 : 1 + len(times)]
    periods = dict(zip(names, (t.strip() for t in times), strict=True))
    keys = pl.col("c0").str.strip_chars().str.split_exact(",", len(dimensions) - 1)
    rows = (
        body.with_columns(keys.struct.rename_fields(list(dimensions)).alias("keys"))
        .unnest("keys")
        .with_columns(row_number=pl.int_range(pl.len(), dtype=pl.Int64) + grid.first_row + 1)
        .unpivot(
            names, index=[*dimensions, "row_number"], variable_name="at", value_name="cell"
        )
        .with_columns(time=pl.col("at").replace_strict(periods))
        .drop_nulls("cell")
    )
    received = Received(path.name, None, rows, (first, *times), grid.notes)
    parts = pl.col("cell").str.extract_groups(_CELL)
    rows = rows.with_columns(figure=parts.struct[0], flags=parts.struct[1])
    is_bad = pl.col("flags").is_null() | (
        (pl.col("figure") != ":") & figure("figure").is_null()
    )
    bad = findings_at(
        received, rows.filter(is_bad), "STA-201", "cell is no figure with flags",
        column="cell", reported="cell",
    )  # fmt: skip
    return _clean(
        path, replace(received, rows=rows), _Cells(dataset, rows, dimensions, ""), bad
    )


def read_sdmx_csv(path: Path) -> Clean:
    """Return an SDMX-CSV 1.0 file as clean figures.

    Raises:
        UnknownLayout: If columns are absent, or the dataflow is not one known.
        UnreadableFile: If it is a web page, cut short or damaged.
    """
    heading = next(
        (row for row in first_cells(path) if "TIME_PERIOD" in row and "OBS_VALUE" in row), []
    )
    start, end = _span(heading)
    dimensions = tuple(name for name in heading[start:end] if name)
    roles = {
        "dataflow": ("DATAFLOW",), "updated": ("LAST UPDATE",), "time": ("TIME_PERIOD",),
        "figure": ("OBS_VALUE",), "flags": ("OBS_FLAG",), "status": ("CONF_STATUS",),
    }  # fmt: skip
    received = read_received(
        path,
        roles | {name: (name,) for name in dimensions},
        required=["dataflow", "time", "figure", "flags", _AREA],
        layout="Eurostat SDMX-CSV",
    )
    rows = received.rows
    code = re.sub(r"^.*:|\(.*$", "", str(rows["dataflow"].drop_nulls().first())).lower()
    _require_known(code, path)
    is_hidden = pl.col("status").is_in(["C", "N"])
    flags = pl.col("flags").fill_null("")
    rows = rows.with_columns(
        flags=pl.when(is_hidden).then(flags + pl.lit("c")).otherwise(flags)
    )
    blank = pl.col("figure").is_null() | pl.col("figure").is_in([":", "NaN", ""])
    bad = findings_at(
        received, rows.filter(~blank & figure("figure").is_null()), "STA-201",
        "OBS_VALUE is no number", column="OBS_VALUE", reported="figure",
    )  # fmt: skip
    version = str(rows["updated"].drop_nulls().first() or "")
    cells = _Cells(code, rows, dimensions, _iso_day(version))
    return _clean(path, replace(received, rows=rows), cells, bad)


def read_labelled(path: Path) -> Clean:
    """Return a csv file that has labels and no codes as clean figures of immigration.

    Flags are lost in such files: every figure counts as observed.
    """
    received = read_received(
        path,
        {
            "citizen": ("Country of citizenship", "citizen"),
            _AREA: ("geo", "Geopolitical entity (reporting)"),
            "time": ("year", "TIME_PERIOD", "Time"),
            "figure": ("Migrants number", "OBS_VALUE", "value"),
        },
        required=["citizen", _AREA, "time", "figure"],
        layout="Eurostat labels",
    )
    rows = received.rows.with_columns(
        flags=pl.lit(""), citizen=pl.col("citizen").replace({"Total": "TOTAL"})
    )
    bad = findings_at(
        received, rows.filter(figure("figure").is_null() & pl.col("figure").is_not_null()),
        "STA-201", "figure is no number", reported="figure",
    )  # fmt: skip
    cells = _Cells("migr_imm1ctz_labels", rows, ("citizen", _AREA), "")
    return _clean(path, replace(received, rows=rows), cells, bad, system="name")


def _span(heading: list[str]) -> tuple[int, int]:
    """Return where the dimensions begin and end: after the update, before the time."""
    names = [name.strip() for name in heading]
    start = names.index("LAST UPDATE") + 1 if "LAST UPDATE" in names else 1
    end = names.index("TIME_PERIOD") if "TIME_PERIOD" in names else start
    return start, end


def _dataset_of(path: Path) -> str:
    beside = received_source(path, producer="", title="", licence="", version="").address
    for text in (path.name.lower(), beside.lower()):
        for code in sorted(DATASETS, key=len, reverse=True):
            if code in text:
                return code
    raise UnknownLayout(
        file=path.name,
        reason="neither content nor name says which dataset of Eurostat it is",
        action=f"Give the file a name with its code, one of {', '.join(sorted(DATASETS))}",
    )


def _require_known(code: str, path: Path) -> None:
    if code not in DATASETS:
        raise UnknownLayout(
            file=path.name,
            reason=f"its dataflow {code!r} is not one that is known",
            action=f"Give one of {', '.join(sorted(DATASETS))}",
        )


def _clean(
    path: Path,
    received: Received,
    cells: _Cells,
    bad: pl.DataFrame,
    *,
    system: str = "eurostat",
) -> Clean:
    measure, kind = DATASETS[cells.dataset.removesuffix("_labels")]
    rows = _with_dimensions(cells)
    time, is_year = pl.col("time").str.replace("M", "-"), pl.col("time").str.len_chars() == 4
    stock = pl.when(is_year).then(time + pl.lit("-01-01")).otherwise(time)
    by_reached = pl.lit(f"{measure}_age_reached")
    letters = pl.col("flags").fill_null("").str.to_lowercase()
    named = rows.with_columns(
        dataset=pl.lit(f"eurostat_{cells.dataset}"),
        measure=pl.when(pl.col("agedef") == "REACH")
        .then(by_reached)
        .otherwise(pl.lit(measure)),
        area=pl.col(_AREA),
        period=stock if kind == "stock" else time,
        year=pl.col("time").str.slice(0, 4).cast(pl.Int64, strict=False),
        value=figure("figure"),
        flag=_flag(letters),
        producer_flags=pl.when(letters != "").then(pl.col("flags")),
        unit=pl.col("unit").replace(_UNITS),
        age=_age(),
    )
    is_bad = pl.col("year").is_null() | pl.col("sex").is_null() | pl.col("area").is_null()
    out = findings_at(
        received, named.filter(is_bad), "STA-202", "sex, area or time is not known"
    )
    unknown = letters.str.contains(f"[^{''.join(_OTHER_FLAGS)}{''.join(f for f, _ in _FLAGS)}]")
    strange = findings_at(
        received, named.filter(unknown), "STA-205", "flag", column="flags", reported="flags"
    )
    both = named.filter(pl.col("measure").n_unique() > 1).head(1)
    told = findings_at(received, both, "STA-221", "COMPLET and REACH are two measures")
    names = _names(named, system)
    source = received_source(
        path, producer=PRODUCER, title=f"{TITLE}: {cells.dataset}", licence=LICENCE,
        version=cells.version,
    )  # fmt: skip
    found = [of_opening(received), bad, out, strange, told]
    return clean(observations(named.filter(~is_bad)), names, found, source)


def _with_dimensions(cells: _Cells) -> pl.DataFrame:
    """Return the rows with every dimension, counterpart and what else breaks them down."""
    rows = cells.rows
    absent = [n for n in ("agedef", "age", "unit", "sex") if n not in rows.columns]
    rows = rows.with_columns(pl.lit("").alias(n) for n in absent)
    other = next((n for n in _COUNTERPARTS if n in cells.dimensions), None)
    counterpart = pl.col(other) if other else pl.lit(None, pl.String)
    further = [n for n in cells.dimensions if n not in _OWN]
    further += [n for n in _COUNTERPARTS if n in cells.dimensions and n != other]
    parts = [pl.format("{}={}", pl.lit(n), pl.col(n)) for n in further]
    breakdown = pl.concat_str(parts, separator="; ") if parts else pl.lit(None, pl.String)
    sexes = pl.col("sex").replace_strict(_SEXES, default=None, return_dtype=pl.String)
    is_all = counterpart.is_in(list(_NO_COUNTERPART))
    return rows.with_columns(
        counterpart=pl.when(~is_all).then(counterpart),
        breakdown=breakdown,
        sex=sexes,
    )


def _flag(letters: pl.Expr) -> pl.Expr:
    flag = pl.lit("observed")
    for letter, meaning in reversed(_FLAGS):
        has = letters.str.contains(letter, literal=True)
        flag = pl.when(has).then(pl.lit(meaning)).otherwise(flag)
    return flag


def _age() -> pl.Expr:
    """Return the age group: Y_LT5 is 0-4, Y5-9 is 5-9, Y_GE85 is 85+, UNK is unknown."""
    code = pl.col("age")
    below = code.str.extract(r"^Y_LT(\d+)$").cast(pl.Int64, strict=False) - 1
    return (
        pl.when(code.is_in(["", "TOTAL"])).then(pl.lit("total"))
        .when(code == "UNK").then(pl.lit("unknown"))
        .when(below.is_not_null()).then(pl.format("0-{}", below))
        .when(code.str.contains(r"^Y_GE\d+$")).then(code.str.slice(4) + pl.lit("+"))
        .when(code.str.contains(r"^Y\d+(-\d+)?$")).then(code.str.slice(1))
        .otherwise(code)
    )  # fmt: skip


def _names(rows: pl.DataFrame, system: str) -> pl.DataFrame:
    both = [rows.select(code=side).unique() for side in ("area", "counterpart")]
    if system == "name":
        named = with_iso3_of_names(pl.concat(both).with_columns(name="code"))
        return areas(named, system=system)
    codes = pl.concat(both).drop_nulls()
    known = {c: _SIGNS.get(c) or (iso3_of(c) if len(c) == 2 else None) for c in codes["code"]}
    iso3 = pl.col("code").replace_strict(known, default=None, return_dtype=pl.String)
    return areas(codes.with_columns(iso3=iso3), system=system)


def _iso_day(text: str) -> str:
    """Return the day of "29/11/24 11:00:00" as 2024-11-29; other text as it is."""
    found = re.match(r"(\d\d)/(\d\d)/(\d\d)\b", text)
    return f"20{found[3]}-{found[2]}-{found[1]}" if found else text


def _is_tsv(path: Path) -> bool:
    head = first_cells(path)[:1]
    return bool(head and head[0] and re.search(r"\\(TIME_PERIOD|time)\s*$", head[0][0]))


def _is_sdmx_csv(path: Path) -> bool:
    rows = first_cells(path)[:2]
    names = [folded(cell) for cell in rows[0]] if rows else []
    return {"dataflow", "last update", "geo", "obs value"} <= set(names)


EXPECTED: dict[str, tuple[str, ...]] = {
    "eurostat-sdmx-csv": ("DATAFLOW", "LAST UPDATE", "geo", "TIME_PERIOD", "OBS_VALUE"),
    "eurostat-labels": ("Country of citizenship", "geo", "year", "Migrants number"),
}
"""Columns of each layout, to say what is missing where a file is in none."""

_LAYOUTS: tuple[Layout, ...] = (
    Layout("eurostat-tsv", PRODUCER, f"{TITLE}, TSV", _is_tsv, read_tsv),
    Layout("eurostat-sdmx-csv", PRODUCER, f"{TITLE}, SDMX-CSV 1.0", _is_sdmx_csv,
           read_sdmx_csv),
    Layout(
        "eurostat-labels", PRODUCER, f"{TITLE}, labels only",
        lambda path: has_headings(
            path, {"Country of citizenship"}, {"geo"}, {"year"}, {"Migrants number"}
        ),
        read_labelled,
    ),
)  # fmt: skip


def layouts() -> tuple[Layout, ...]:
    """Return the layouts that this module reads."""
    return _LAYOUTS
