"""Answers that come in pages: all of them, in order, put together as one file.

Every page stays as received beside the file, so that what was put together can be checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waystation.errors import NothingToRead, UnreadableFile
from waystation.folders import write_file_whole
from waystation.sources import Source
from waystation.statistics.sources.download import Fetcher, Request, with_query

MAX_PAGES = 2_000
"""Pages fetched before a service is thought to have no end."""


@dataclass(frozen=True, slots=True)
class Paging:
    """How a service gives pages.

    Attributes:
        page: Name of the parameter with the number of the page, from 1.
        pages: Returns how many pages there are, from the content of one.
        items: Returns the records of a page.
        whole: Puts pages together, given their contents and all their records.
    """

    page: str
    pages: Callable[[Any], int]
    items: Callable[[Any], list[Any]]
    whole: Callable[[list[Any], list[Any]], Any]


def _of_unhcr(content: Any) -> int:
    return int(content["maxPages"])


def _items_of_unhcr(content: Any) -> list[Any]:
    return list(content["items"])


def _of_world_bank(content: Any) -> int:
    return int(content[0]["pages"])


def _items_of_world_bank(content: Any) -> list[Any]:
    return list(content[1] or []) if len(content) > 1 else []


UNHCR = Paging("page", _of_unhcr, _items_of_unhcr, lambda _, items: {"items": items})
WORLD_BANK = Paging("page", _of_world_bank, _items_of_world_bank, lambda pages, _: pages)


def fetch_pages(
    fetcher: Fetcher,
    address: str,
    parameters: Mapping[str, object],
    path: Path,
    *,
    paging: Paging,
    hosts: tuple[str, ...] = (),
) -> Source:
    """Fetch every page of an answer into one JSON file: UNHCR's records, World Bank's pages.

    Pages stand in the folder ``path.pages`` as received. Pages already there from a download
    that broke off are taken, and not asked for again.

    Args:
        fetcher: How to fetch.
        address: Of the service, without the parameters.
        parameters: What to ask for; a list is a repeated parameter.
        path: The file to write.
        paging: How the service gives pages.
        hosts: Further hosts that a redirect may lead to.

    Raises:
        UnreadableFile: If a page is not what the service should answer, or pages disagree on
            how many there are.
        NothingToRead: If there is no record.
        Unavailable: If the service does not answer.
    """
    folder = path.with_name(f"{path.name}.pages")
    items: list[Any] = []
    contents: list[Any] = []
    number, last = 1, 1
    while number <= last:
        asked = with_query(address, {**parameters, paging.page: number})
        page = folder / f"{number:04d}.json"
        request = Request(asked, "json", "application/json", hosts)
        if not _is_received(page, asked):
            fetcher.fetch(request, page)
        content, pages, records = _content(page, paging)
        if number > 1 and pages != last:
            raise _changed(path, last, pages)
        last = min(pages, MAX_PAGES + 1)
        if last > MAX_PAGES:
            raise _changed(path, MAX_PAGES, pages)
        items += records
        contents.append(content)
        number += 1
    if not items:
        raise NothingToRead(
            file=path.name,
            reason="the service has no record for what was asked",
            action="Ask for other years, areas or indicators",
        )
    text = json.dumps(paging.whole(contents, items), ensure_ascii=False)
    write_file_whole(path, text.encode())
    source = Source.of_file(path)
    source = Source(
        file=path.name, sha256=source.sha256, retrieved=fetcher.today(),
        address=with_query(address, parameters),
    )  # fmt: skip
    told = json.dumps(source.as_dict(), ensure_ascii=False, indent=2) + "\n"
    write_file_whole(path.with_name(f"{path.name}.source.json"), told.encode())
    return source


def _is_received(page: Path, asked: str) -> bool:
    """Return whether a page of the same address is there, as it was received."""
    beside = page.with_name(f"{page.name}.source.json")
    if not (page.is_file() and beside.is_file()):
        return False
    told = json.loads(beside.read_text("utf-8"))
    is_same = bool(told.get("sha256") == Source.of_file(page).sha256)
    return is_same and bool(told.get("address") == asked)


def _content(page: Path, paging: Paging) -> tuple[Any, int, list[Any]]:
    try:
        content = json.loads(page.read_text("utf-8"))
        return content, paging.pages(content), paging.items(content)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UnreadableFile(
            file=page.name,
            reason="the page has no records, or does not say how many pages there are",
            action="Read the page: it may hold the message of an error",
        ) from error


def _changed(path: Path, before: int, now: int) -> UnreadableFile:
    return UnreadableFile(
        file=path.name,
        reason=f"the service says that there are {now:,} pages, after {before:,}",
        action="Delete its pages and download it again",
    )
