"""UNHCR, API of the Refugee Data Finder: every table, by year and country, in pages.

No key is needed. Countries are UNHCR's three letters unless ``code_system`` is ISO; the answer
has both. A page has at most 10,000 rows.

Source:
    UNHCR, Refugee Statistics API, version 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from waystation.errors import InvalidChoice
from waystation.sources import Source
from waystation.statistics.sources.download import Fetcher
from waystation.statistics.sources.paging import UNHCR, fetch_pages

ADDRESS = "https://api.unhcr.org/population/v1"
TABLES = (
    "population", "demographics", "asylum-applications", "asylum-decisions", "solutions",
    "idmc", "unrwa", "countries", "regions", "years", "footnotes", "nowcasting",
)  # fmt: skip
PAGE_ROWS = 10_000
_SHOWN = ("ptype_show", "locationDescription_show", "locationUR_show", "locationAccType_show")


def fetch_unhcr(
    table: str,
    path: Path,
    *,
    fetcher: Fetcher | None = None,
    years: tuple[int, int] | None = None,
    origins: Iterable[str] = (),
    asylum: Iterable[str] = (),
    code_system: str = "UNHCR",
    address: str = ADDRESS,
) -> Source:
    """Fetch a table of the Refugee Data Finder as one JSON file, which its layout reads.

    Args:
        table: One of `TABLES`.
        path: The file to write; its pages are kept beside it.
        fetcher: How to fetch.
        years: First and last year; all when left out.
        origins: Codes of countries of origin; each of all of them when left out.
        asylum: Codes of countries of asylum; each of all of them when left out.
        code_system: UNHCR or ISO: how ``origins`` and ``asylum`` are written.
        address: Of the service.

    Raises:
        InvalidChoice: If there is no such table or code system.
        Unavailable: If the service does not answer.
        NothingToRead: If it has no such rows.
    """
    if table not in TABLES:
        raise InvalidChoice(value=table, option="table", choices=", ".join(TABLES))
    if code_system not in {"UNHCR", "ISO"}:
        raise InvalidChoice(value=code_system, option="code system", choices="UNHCR, ISO")
    origin, host = ",".join(origins), ",".join(asylum)
    parameters: dict[str, object] = {
        "limit": PAGE_ROWS,
        "yearFrom": years[0] if years else None,
        "yearTo": years[1] if years else None,
        "coo": origin or None,
        "coo_all": None if origin else "true",
        "coa": host or None,
        "coa_all": None if host else "true",
        "cf_type": "ISO" if code_system == "ISO" else None,
    }
    if table == "demographics":
        parameters |= dict.fromkeys(_SHOWN, "true")
    return fetch_pages(
        fetcher or Fetcher(), f"{address}/{table}", parameters, path, paging=UNHCR
    )
