"""World Bank and KNOMAD: bilateral migrants and remittances, as matrices and long tables.

Matrices have the names of economies on both sides ("Egypt, Arab Rep."); which side sends is
read from the corner. Remittances are published in USD million and returned in USD. A blank is
no estimate; a 0 is a 0.

Source:
    World Bank, Global Bilateral Migration Database (Özden, Parsons, Schiff and Walmsley 2011,
    World Bank Economic Review 25(1)); KNOMAD, bilateral migration and remittance matrices;
    CC BY 4.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from waystation.errors import UnknownLayout, WaystationError
from waystation.findings import Finding, findings_table
from waystation.geography.concordance import area_of
from waystation.grids import Grid
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.raw import received_source
from waystation.statistics.sources.cells import (
    cell_findings,
    figures,
    finding,
    headed,
    source_grids,
)
from waystation.statistics.sources.rows import areas_of, observations_of
from waystation.statistics.tables import CellFlag

PRODUCER = "World Bank"
KNOMAD = "World Bank, KNOMAD"
LICENCE = "CC BY 4.0"
EXPECTED: dict[str, tuple[str, ...]] = {
    "worldbank-gbmd": ("sex", "origin", "destination", "Y1960", "Y2000"),
    "knomad-matrix": ("receiving (across) / sending (down)", "Afghanistan", "Zimbabwe"),
}
_MILLION = 1_000_000
_YEAR = re.compile(r"Y?((?:19|20)\d\d)(?: \[(?:19|20)\d\d\])?")
_NAMED_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_MONEY = r"remit|usd|us\$|receiving|sending"
_PEOPLE = r"migra(nt|tion)|destination"
_ACROSS = r"(send\w*|source|origin)\s*\(across"
_TOTALS = ("world", "total", "grand total")
_SEXES = {"male": "male", "female": "female", "total": "both", "both": "both"}
_LOOKED_AT = 12
_MOST_UNKNOWN = 0.2


@dataclass(frozen=True, slots=True)
class _Matrix:
    """A matrix of economies by economies."""

    grid: Grid
    heading: int
    corner: str
    title: str


def layouts() -> tuple[Layout, ...]:
    """Return the layouts of bilateral tables of the World Bank and KNOMAD."""
    return (
        Layout(
            "worldbank-gbmd",
            PRODUCER,
            "Global Bilateral Migration Database, 1960-2000",
            _is_long,
            read_long,
        ),
        Layout(
            "knomad-matrix",
            KNOMAD,
            "Bilateral matrix of migrants or of remittances",
            _is_matrix,
            read_matrix,
        ),
    )


def read_long(path: Path) -> Clean:
    """Return the Global Bilateral Migration Database: stocks by origin, destination and sex.

    Copies go round whose columns of years stand in reverse order; where the first year holds
    more people than the last, a finding says so. Nothing is turned round.

    Raises:
        UnknownLayout: If the columns are others.
    """
    path = Path(path)
    frame = headed(source_grids(path)[0])
    roles = _long_roles(frame.columns)
    if not {"origin", "destination"} <= set(roles):
        raise UnknownLayout(
            file=path.name,
            reason="it lacks columns of origin and destination codes",
            action="Check that the heading was kept",
        )
    years = {name: int(found[1]) for name in frame.columns if (found := _YEAR.fullmatch(name))}
    sex = pl.col(roles["sex"]).str.to_lowercase() if "sex" in roles else pl.lit("both")
    parts = []
    for name, year in sorted(years.items(), key=lambda pair: pair[1]):
        parts.append(
            frame.select(
                dataset=pl.lit("worldbank_gbmd"),
                measure=pl.lit("migrant_stock"),
                area=pl.col(roles["destination"]).str.strip_chars(),
                counterpart=pl.col(roles["origin"]).str.strip_chars(),
                sex=sex.replace_strict(_SEXES, default=None),
                period=pl.lit(str(year)),
                year=pl.lit(year),
                value=pl.lit(figures(frame[name])),
            ).drop_nulls(["area", "counterpart", "sex"])
        )
    observations = observations_of(parts, flag=CellFlag.ESTIMATED)
    codes = pl.concat([observations["area"], observations["counterpart"]]).unique()
    areas = areas_of(codes.sort(), system="world_bank")
    title = "Global Bilateral Migration Database, 1960-2000"
    source = received_source(
        path, producer=PRODUCER, title=title, licence=LICENCE, version="2011"
    )
    findings = _reversed_years(observations, path)
    return Clean(observations, areas, findings_table(findings), source)


def read_matrix(path: Path) -> Clean:
    """Return a bilateral matrix: migrants, or remittances in USD.

    Of remittances, ``area`` is the economy that receives and ``counterpart`` the one that
    sends; of migrants, ``area`` is that of residence. World and total rows have no counterpart
    (or the area "WORLD"), so that they are not lost and not added twice.

    Raises:
        UnknownLayout: If no sheet is a matrix of economies by economies.
    """
    path = Path(path)
    found = _matrix(path)
    if found is None:
        raise UnknownLayout(
            file=path.name,
            reason="no sheet has names of economies both across and down",
            action="Check that the matrix was kept, and not only its notes",
        )
    said = f"{found.corner} {found.title} {found.grid.sheet or ''}"
    findings: list[Finding] = []
    is_money = _is_remittances(said, path, findings)
    year = _year_of(found, path, findings)
    observations = observations_of(
        [_long_of(found, year, is_money=is_money, findings=findings)], flag=CellFlag.ESTIMATED
    )
    codes = pl.concat([observations["area"], observations["counterpart"]])
    areas = areas_of(codes.drop_nulls().unique(maintain_order=True), system="name")
    kind = "remittance" if is_money else "migration"
    source = received_source(
        path,
        producer=KNOMAD,
        title=f"Bilateral {kind} matrix {year}",
        licence=LICENCE,
        version=str(year),
    )
    return Clean(observations, areas, findings_table(findings), source)


def _long_of(
    found: _Matrix, year: int, *, is_money: bool, findings: list[Finding]
) -> pl.DataFrame:
    cells = found.grid.cells
    across = [(cell or "").strip() for cell in cells.row(found.heading)]
    body = cells.slice(found.heading + 1)
    down = body[:, 0].str.strip_chars()
    columns_send = bool(re.search(_ACROSS, found.corner, re.IGNORECASE))
    parts = []
    for position, name in enumerate(across[1:], start=1):
        if not name:
            continue
        texts = body[:, position]
        numbers = figures(texts)
        first = found.grid.first_row + found.heading + 1
        findings += cell_findings(texts, numbers, found.grid, first_row=first, column=name)
        other = pl.lit(name, dtype=pl.String)
        parts.append(
            pl.DataFrame({"down": down, "value": numbers}).select(
                area="down" if columns_send else other,
                counterpart=other if columns_send else "down",
                value="value",
            )
        )
    whole = pl.concat(parts).filter(_is_economy("area") & _is_economy("counterpart"))
    value = pl.col("value") * _MILLION if is_money else pl.col("value")
    is_total = pl.col("counterpart").str.to_lowercase().is_in(_TOTALS)
    return whole.select(
        dataset=pl.lit(f"knomad_{'remittances' if is_money else 'migration'}_{year}"),
        measure=pl.lit("remittances_received" if is_money else "migrant_stock"),
        area=pl.when(pl.col("area").str.to_lowercase().is_in(_TOTALS))
        .then(pl.lit("WORLD"))
        .otherwise("area"),
        counterpart=pl.when(~is_total).then("counterpart"),
        period=pl.lit(str(year)),
        year=pl.lit(year),
        value=value.round(3),
        unit=pl.lit("USD" if is_money else "persons"),
    )


def _is_economy(column: str) -> pl.Expr:
    """Leave out blank names and notes below the matrix, which are long or say their source."""
    text = pl.col(column)
    is_note = text.str.contains(r"(?i)^(source|note|\*)") | (text.str.len_chars() > 60)
    return text.is_not_null() & (text.str.len_chars() > 0) & ~is_note


def _matrix(path: Path) -> _Matrix | None:
    for grid in source_grids(path):
        rows = grid.cells.head(_LOOKED_AT).rows()
        for i, row in enumerate(rows):
            names = [(cell or "").strip() for cell in row[1:]]
            names = [name for name in names if name and name.lower() not in _TOTALS]
            if len(set(names)) < 3 or grid.cells.height < i + 3 or not _mostly_economies(names):
                continue
            down = {c.strip() for c in grid.cells[:, 0].slice(i + 1).to_list() if c}
            if 2 * len(down & set(names)) > len(set(names)):
                above = " ".join(cell for r in rows[:i] for cell in r if cell)
                return _Matrix(grid, i, (row[0] or "").strip(), above)
    return None


def _mostly_economies(names: list[str]) -> bool:
    unknown = sum(area_of(name, "name") is None for name in names)
    return bool(names) and unknown <= _MOST_UNKNOWN * len(names)


def _is_remittances(said: str, path: Path, findings: list[Finding]) -> bool:
    """Return whether a matrix is of money; its words say so, else the file's name."""
    for words in (said, path.stem):
        is_money = bool(re.search(_MONEY, words, re.IGNORECASE))
        is_people = bool(re.search(_PEOPLE, words, re.IGNORECASE))
        if is_money or is_people:
            if words == path.stem:
                kind = "remittances in USD million" if is_money else "migrants"
                findings.append(_of_name(path, f"read as {kind}"))
            return is_money
    raise UnknownLayout(
        file=path.name,
        reason="neither its cells nor its name say whether it holds migrants or remittances",
        action="Put remittance or migration into the name of the file",
    )


def _year_of(found: _Matrix, path: Path, findings: list[Finding]) -> int:
    for words in (found.title, found.grid.sheet or ""):
        stated = _NAMED_YEAR.search(words)
        if stated:
            return int(stated[1])
    named = _NAMED_YEAR.search(path.stem)
    if named is None:
        raise UnknownLayout(
            file=path.name,
            reason="neither its cells nor its name say of which year it is",
            action="Put the year into the name of the file",
        )
    findings.append(_of_name(path, f"read as of {named[1]}"))
    return int(named[1])


def _of_name(path: Path, words: str) -> Finding:
    message = f"{path.name}: {words}, as its name says; the content does not say"
    return finding("STA-102", message, file=path.name)


def _long_roles(names: list[str]) -> dict[str, str]:
    """Return the columns of codes: of the World Bank's own csv, and of the tidy form."""
    roles: dict[str, str] = {}
    for role, pattern in (
        ("origin", r"origin|country origin code"),
        ("destination", r"destination|country dest code"),
        ("sex", r"sex|migration by gender name"),
    ):
        for name in names:
            if re.fullmatch(pattern, name.strip().lower()):
                roles[role] = name
    return roles


def _reversed_years(observations: pl.DataFrame, path: Path) -> list[Finding]:
    totals = dict(observations.group_by("year").agg(pl.col("value").sum()).iter_rows())
    if not totals or totals[min(totals)] <= totals[max(totals)]:
        return []
    first, last = min(totals), max(totals)
    message = (
        f"{path.name}: {first} holds {totals[first]:,.0f} people and {last} only "
        f"{totals[last]:,.0f}; the years look reversed"
    )
    return [finding("STA-106", message, file=path.name)]


def _recognised(test: Callable[[Path], bool]) -> Callable[[Path], bool]:
    def recognises(path: Path) -> bool:
        try:
            return test(Path(path))
        except WaystationError:
            return False

    return recognises


@_recognised
def _is_long(path: Path) -> bool:
    cells = source_grids(path)[0].cells.row(0)
    names = [(cell or "").replace("\ufeff", "").strip() for cell in cells]
    has_years = any(_YEAR.fullmatch(name) for name in names)
    return {"origin", "destination"} <= set(_long_roles(names)) and has_years


@_recognised
def _is_matrix(path: Path) -> bool:
    return _matrix(path) is not None
