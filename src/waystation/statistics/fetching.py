"""Datasets of the catalogue fetched from their producers, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from waystation.errors import InvalidChoice
from waystation.statistics.catalogue import Download, dataset_named
from waystation.statistics.sources.download import Fetcher, Request, with_query
from waystation.statistics.sources.paging import WORLD_BANK, fetch_pages
from waystation.statistics.sources.unhcr_api import fetch_unhcr

_OPTION = re.compile(r"\{(\w+)\}")
_SUFFIX = {"gz": "csv.gz"}


def fetch_dataset(
    name: str,
    folder: Path,
    *,
    fetcher: Fetcher | None = None,
    years: tuple[int, int] | None = None,
    options: Mapping[str, str] | None = None,
) -> Path:
    """Fetch a dataset of the catalogue into a folder.

    Args:
        name: Of a dataset, e.g. unhcr_population; of Eurostat with the code of the table,
            e.g. eurostat_migr_imm1ctz.
        folder: Where the file is written, with where it came from beside it.
        fetcher: How to fetch.
        years: First and last year, where the service takes them.
        options: What stands in the address: revision, indicator, code, client.

    Returns:
        The file.

    Raises:
        InvalidChoice: If the dataset is not known, cannot be fetched, or lacks an option.
        Unavailable: If the producer does not answer.
        UnreadableFile: If it answers with something else.
    """
    entry = dataset_named(name)
    fetcher = fetcher or Fetcher()
    download = entry.download
    if download is None:
        raise InvalidChoice(
            value=name,
            option="dataset for --download; give its file by hand",
            choices=", ".join(_fetchable()),
        )
    given = dict(download.options) | dict(options or {})
    if entry.producer == "eurostat" and name != entry.dataset:
        given["code"] = name.removeprefix("eurostat_")
    if years:
        given |= {"first": str(years[0]), "last": str(years[1])}
    if download.paging == "unhcr":
        table = download.address.rsplit("/", 1)
        path = folder / f"{entry.dataset}.json"
        fetch_unhcr(table[1], path, fetcher=fetcher, years=years, address=table[0])
        return path
    address = _filled(download.address, given, name)
    parameters = _parameters(download, given, name)
    path = folder / _file_name(entry.dataset, download, given)
    if download.paging == "world_bank":
        fetch_pages(fetcher, address, parameters, path, paging=WORLD_BANK, hosts=download.hosts)
        return path
    asked = with_query(address, parameters)
    fetcher.fetch(Request(asked, download.expects, download.accept, download.hosts), path)
    return path


def _fetchable() -> list[str]:
    from waystation.statistics.catalogue import datasets

    return [name for name, entry in datasets().items() if entry.download]


def _file_name(dataset: str, download: Download, given: Mapping[str, str]) -> str:
    """Return a name that tells what was asked for, which a TSV of Eurostat needs."""
    told = [
        re.sub(r"\W+", "_", given[name])
        for name in ("code", "indicator", "revision")
        if name in given
    ]
    suffix = _SUFFIX.get(download.expects, download.expects)
    if download.parameters.get("format") == "TSV":
        suffix = "tsv.gz"
    return f"{'_'.join([dataset, *told])}.{suffix}"


def _parameters(download: Download, given: Mapping[str, str], name: str) -> dict[str, object]:
    """Return the parameters filled; those of years are left out where no years are given."""
    filled: dict[str, object] = {}
    for key, value in download.parameters.items():
        wanted = _OPTION.findall(str(value))
        if {"first", "last"} & set(wanted) and not {"first", "last"} <= set(given):
            continue
        filled[key] = _filled(str(value), given, name)
    return filled


def _filled(text: str, given: Mapping[str, str], name: str) -> str:
    for option in _OPTION.findall(text):
        if option not in given:
            raise InvalidChoice(
                value=None, option=f"{option} of {name}", choices=f"--option {option}=VALUE"
            )
        if not re.fullmatch(r"[\w.,:+-]+", given[option]):
            raise InvalidChoice(
                value=given[option], option=option, choices="letters, digits and . , : + - _"
            )
    return _OPTION.sub(lambda found: given[found[1]], text)
