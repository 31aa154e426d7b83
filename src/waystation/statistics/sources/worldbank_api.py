"""World Bank, World Development Indicators: the API (version 2), and its csv download.

Traps of the API that are met here: pages count from 1; an indicator without figures says that
it has no pages, and one that does not exist answers with a message in place of rows; regions
stand among countries; some regions have no ISO code; a failing indicator must not lose the
others; SM.POP.NETM, once of five years, is of single years since 2022.

Source:
    World Bank, Indicators API documentation, version 2; World Development Indicators,
    CC BY 4.0.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from waystation.errors import (
    InvalidChoice,
    NothingToRead,
    UnknownLayout,
    UnreadableFile,
    WaystationError,
)
from waystation.findings import Finding, findings_table
from waystation.sources import Source
from waystation.statistics.clean import Clean, Layout
from waystation.statistics.raw import received_source
from waystation.statistics.sources.cells import figures, finding, headed, source_grids
from waystation.statistics.sources.rows import areas_of, observations_of
from waystation.statistics.sources.worldbank import LICENCE, PRODUCER
from waystation.statistics.tables import CellFlag

ADDRESS = "https://api.worldbank.org/v2"
MOST_ROWS = 32_500
"""Most rows a page may have; more is refused by the service."""

MEASURES = {
    "SM.POP.TOTL": ("migrant_stock", "persons"),
    "SM.POP.TOTL.ZS": ("migrant_share", "percent"),
    "SM.POP.NETM": ("net_migration", "persons"),
    "SM.POP.REFG": ("refugees_hosted", "persons"),
    "SM.POP.REFG.OR": ("refugees_of_origin", "persons"),
    "SP.POP.TOTL": ("population", "persons"),
    "BX.TRF.PWKR.CD.DT": ("remittances_received", "USD"),
    "BX.TRF.PWKR.DT.GD.ZS": ("remittances_received_share_of_gdp", "percent"),
    "BM.TRF.PWKR.CD.DT": ("remittances_sent", "USD"),
    "SI.RMT.COST.IB.ZS": ("remittance_cost_receiving", "percent"),
    "SI.RMT.COST.OB.ZS": ("remittance_cost_sending", "percent"),
    "NY.GDP.MKTP.CD": ("gdp", "USD"),
}
EXPECTED: dict[str, tuple[str, ...]] = {
    "worldbank-csv": ("Country Name", "Country Code", "Indicator Name", "Indicator Code"),
    "worldbank-api": ("indicator", "country", "countryiso3code", "date", "value"),
}
_MOST_PAGES = 1_000
_FIVE = 5
_STATUS = {"E": CellFlag.ESTIMATED, "F": CellFlag.PROVISIONAL, "P": CellFlag.PROVISIONAL}
Fetch = Callable[[str], bytes]


def layouts() -> tuple[Layout, ...]:
    """Return the layouts of indicators of the World Bank."""
    title = "World Development Indicators"
    return (
        Layout(
            "worldbank-api", PRODUCER, f"{title}, answer of the API", _is_answer, read_answer
        ),
        Layout("worldbank-csv", PRODUCER, f"{title}, csv", _is_csv, read_csv),
    )


def indicators_from_api(
    indicators: Iterable[str],
    *,
    fetch: Fetch,
    rows: int = 10_000,
    first: int = 0,
    last: int = 0,
) -> Clean:
    """Fetch indicators of all economies, page by page; one that fails leaves the others.

    Args:
        indicators: Codes, e.g. SM.POP.TOTL.
        fetch: Returns what an address answers; tries again by itself where that helps.
        rows: Rows asked for a page, 32,500 at most.
        first: First year, or 0 for all.
        last: Last year, or 0 for all.

    Returns:
        The figures, regions among them in their own codes; a finding STA-105 for each
        indicator that failed or has no figures.

    Raises:
        InvalidChoice: If more rows are asked for than a page may have.
        NothingToRead: If no indicator has figures.
    """
    if not 1 <= rows <= MOST_ROWS:
        raise InvalidChoice(value=rows, option="rows", choices=f"1 to {MOST_ROWS:,}")
    records: list[dict[str, Any]] = []
    findings: list[Finding] = []
    updated = ""
    for indicator in indicators:
        try:
            pages = list(_pages(indicator, fetch, rows, first, last))
        except WaystationError as error:
            findings.append(finding("STA-105", f"{indicator}: {error}", column=indicator))
            continue
        found = [row for _, page in pages for row in page]
        updated = max([updated, *(str(meta.get("lastupdated") or "") for meta, _ in pages)])
        records += found
        if not found:
            message = f"{indicator} has no figures for these years"
            findings.append(finding("STA-105", message, column=indicator))
    if not records:
        raise NothingToRead(
            file="World Bank API",
            reason="no indicator has figures: " + "; ".join(f.message for f in findings),
            action="Check the codes of the indicators and the years",
        )
    source = Source(
        producer=PRODUCER,
        title="World Development Indicators",
        version=updated,
        licence=LICENCE,
        as_of=dt.date.fromisoformat(updated) if updated else None,
        address=ADDRESS,
    )
    return _clean(records, source, findings)


def read_answer(path: Path) -> Clean:
    """Return an answer of the API kept as a file: a page, several in a list, or their rows.

    Raises:
        UnreadableFile: If it is a web page or a message, or pages are missing.
        NothingToRead: If it has no rows.
    """
    path = Path(path)
    pages = _pages_of(_content(path.read_bytes(), path.name), path.name)
    records = [row for _, page in pages for row in page]
    expected = max((int(meta.get("pages") or 0) for meta, _ in pages), default=0)
    if expected > len(pages):
        raise UnreadableFile(
            file=path.name,
            reason=f"it holds {len(pages)} of {expected} pages",
            action="Download all pages, or ask for more rows a page",
        )
    if not records:
        raise NothingToRead(
            file=path.name, reason="it has no rows", action="Ask for another indicator"
        )
    updated = max((str(meta.get("lastupdated") or "") for meta, _ in pages), default="")
    source = received_source(
        path,
        producer=PRODUCER,
        title="World Development Indicators",
        licence=LICENCE,
        version=updated,
    )
    day = dt.date.fromisoformat(updated) if re.fullmatch(r"\d{4}-\d\d-\d\d", updated) else None
    return _clean(records, replace(source, as_of=day), [])


def read_csv(path: Path) -> Clean:
    """Return the csv that the World Bank's page of an indicator downloads.

    Raises:
        UnknownLayout: If it has no row of the columns expected.
    """
    path = Path(path)
    grid = source_grids(path)[0]
    heading = _csv_heading(path)
    if heading is None:
        raise UnknownLayout(
            file=path.name,
            reason=f"it lacks the columns {', '.join(EXPECTED['worldbank-csv'])}",
            action="Give the file named API_..., not its metadata",
        )
    frame = headed(grid, heading)
    years = [name for name in frame.columns if re.fullmatch(r"(19|20)\d\d", name)]
    code = pl.col("Indicator Code").str.strip_chars()
    parts = [
        frame.select(
            measure=code,
            area=pl.col("Country Code").str.strip_chars(),
            year=pl.lit(int(year)),
            value=pl.lit(figures(frame[year])),
        )
        for year in years
    ]
    above = {row[0]: row[1] for row in grid.cells.head(heading).rows() if row[0]}
    updated = str(above.get("Last Updated Date") or "")
    source = received_source(
        path,
        producer=PRODUCER,
        title="World Development Indicators",
        licence=LICENCE,
        version=updated,
    )
    names = dict(frame.select("Country Code", "Country Name").drop_nulls().iter_rows())
    return Clean(
        _observations(pl.concat(parts).drop_nulls("area")),
        areas_of(names, names, system="world_bank"),
        findings_table([]),
        source,
    )


def _pages(
    indicator: str, fetch: Fetch, rows: int, first: int, last: int
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield each page; the number of pages is read anew, and never trusted without end."""
    page, pages = 1, 1
    span = f"&date={first}:{last}" if first and last else ""
    while page <= pages:
        address = (
            f"{ADDRESS}/country/all/indicator/{indicator}"
            f"?format=json&per_page={rows}&page={page}{span}"
        )
        meta, records = _page(_content(fetch(address), indicator), indicator)
        yield meta, records
        pages = min(int(meta.get("pages") or 0), _MOST_PAGES)
        if not records:
            return
        page += 1


def _content(data: bytes, name: str) -> Any:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        raise UnreadableFile(
            file=name,
            reason="it is a web page or XML, and JSON was expected",
            action="Ask with format=json, or try again later",
        )
    try:
        return json.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise UnreadableFile(
            file=name, reason="it is not valid JSON", action="Download it again"
        ) from error


def _page(content: Any, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what a page says of itself, and its rows.

    Raises:
        UnreadableFile: If it is a message of the service, or no page.
    """
    head = content[0] if isinstance(content, list) and content else None
    if isinstance(head, dict) and "message" in head:
        said = "; ".join(str(m.get("value", m)).rstrip(".") for m in head["message"])
        raise UnreadableFile(
            file=name,
            reason=f"the service answers: {said}",
            action="Check the code of the indicator",
        )
    if not isinstance(head, dict) or "page" not in head:
        raise UnreadableFile(
            file=name,
            reason="it is no page of the World Bank's API",
            action="Ask the API version 2 with format=json",
        )
    return head, list(content[1] or []) if len(content) > 1 else []


def _pages_of(content: Any, name: str) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return the pages of a file: one page, a list of pages, or rows put together."""
    if isinstance(content, dict) and isinstance(content.get("items"), list):
        return [({"pages": 1}, content["items"])]
    if isinstance(content, list) and content and isinstance(content[0], list):
        return [_page(page, name) for page in content]
    return [_page(content, name)]


def _clean(records: list[dict[str, Any]], source: Source, findings: list[Finding]) -> Clean:
    rows = []
    names: dict[str, str] = {}
    for record in records:
        country = record.get("country") or {}
        code = str(record.get("countryiso3code") or country.get("id") or "").strip()
        names.setdefault(code, str(country.get("value") or code))
        date = str(record.get("date") or "")
        rows.append(
            {
                "measure": str((record.get("indicator") or {}).get("id") or ""),
                "area": code,
                "year": int(date[:4]) if date[:4].isdigit() else None,
                "value": record.get("value"),
                "producer_flags": str(record.get("obs_status") or "") or None,
            }
        )
    schema = {
        "measure": pl.String, "area": pl.String, "year": pl.Int64, "value": pl.Float64,
        "producer_flags": pl.String,
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema).filter(pl.col("area") != "").drop_nulls("year")
    areas = areas_of([code for code in names if code], names, system="world_bank")
    return Clean(_observations(frame), areas, findings_table(findings), source)


def _observations(frame: pl.DataFrame) -> pl.DataFrame:
    """Return figures in the codes of indicators as observations, under our measures."""
    code = pl.col("measure")
    measure = {indicator: said[0] for indicator, said in MEASURES.items()}
    unit = {indicator: said[1] for indicator, said in MEASURES.items()}
    status = {letter: flag.value for letter, flag in _STATUS.items()}
    flags = pl.col("producer_flags") if "producer_flags" in frame.columns else pl.lit(None)
    made = frame.with_columns(
        dataset=pl.lit("worldbank_wdi"),
        measure=code.replace(measure),
        unit=code.replace_strict(unit, default="unknown"),
        period=pl.col("year").cast(pl.String),
        flag=flags.cast(pl.String).replace_strict(status, default=None),
    )
    return _of_five_years(observations_of([made], flag=CellFlag.OBSERVED))


def _of_five_years(observations: pl.DataFrame) -> pl.DataFrame:
    """Mark net migration of editions before 2022: totals of five years, five years apart."""
    is_net = pl.col("measure") == "net_migration"
    there = observations.filter(is_net, pl.col("value").is_not_null())["year"].unique().sort()
    if len(there) < 2 or int(str(there.diff().drop_nulls().min())) < _FIVE:
        return observations
    unit = pl.when(is_net).then(pl.lit("persons in five years")).otherwise("unit")
    return observations.with_columns(unit=unit)


def _csv_heading(path: Path) -> int | None:
    rows = source_grids(path)[0].cells.head(10).rows()
    for i, row in enumerate(rows):
        names = {(cell or "").replace("\ufeff", "").strip() for cell in row}
        if set(EXPECTED["worldbank-csv"]) <= names:
            return i
    return None


def _is_csv(path: Path) -> bool:
    try:
        return _csv_heading(Path(path)) is not None
    except WaystationError:
        return False


def _is_answer(path: Path) -> bool:
    path = Path(path)
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    try:
        pages = _pages_of(_content(path.read_bytes(), path.name), path.name)
    except WaystationError:
        return False
    rows = [row for _, page in pages for row in page[:1]]
    return bool(rows) and {"indicator", "country", "date"} <= set(rows[0])
