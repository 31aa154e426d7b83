"""The catalogue: every dataset known, who publishes it, what it counts, on what terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from waystation.errors import InvalidChoice, InvalidTable
from waystation.statistics.clean import Layout


class MeasureKind(StrEnum):
    """What a measure counts; a stock, a flow and movements are never added."""

    STOCK = "stock"
    FLOW = "flow"
    MOVEMENTS = "movements"
    MONEY = "money"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Measure:
    """What figures count.

    Attributes:
        code: As observations name it.
        kind: What it counts.
        unit: persons, movements, USD, percent ...
    """

    code: str
    kind: MeasureKind
    unit: str


@dataclass(frozen=True, slots=True)
class Download:
    """Where a dataset is fetched from.

    Attributes:
        address: With names of options in braces.
        expects: Format of the answer.
        parameters: Of the address, with names of options in braces.
        accept: Media type asked for.
        paging: unhcr or world_bank, where the answer comes in pages.
        hosts: Further hosts that a redirect may lead to.
        options: What the names in braces stand for unless told otherwise.
    """

    address: str
    expects: str
    parameters: dict[str, Any] = field(default_factory=dict)
    accept: str = "*/*"
    paging: str = ""
    hosts: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dataset:
    """One entry of the catalogue.

    Attributes:
        dataset: The name that observations carry, before the revision.
        producer: Short name of the producer, as the command line says it.
        producer_name: Full name.
        title: What it is called.
        licence: Terms of use.
        citation: How to cite it, without revision and day.
        measures: What it counts.
        periods: Moments or periods it is about, in words.
        definition: Whom or what it counts.
        limits: What misleads a reader who does not know it.
        page: Where a person finds it.
        layouts: Names of the layouts that read it.
        revisions: Known revisions or tables, which follow the name.
        download: Where it is fetched from; None where it is given by hand only.
    """

    dataset: str
    producer: str
    producer_name: str
    title: str
    licence: str
    citation: str
    measures: tuple[str, ...]
    periods: str
    definition: str
    limits: str
    page: str
    layouts: tuple[str, ...]
    revisions: tuple[str, ...] = ()
    download: Download | None = None


@cache
def _content() -> dict[str, Any]:
    from ruamel.yaml import YAML

    text = files("waystation.statistics").joinpath("catalogue.yaml").read_text("utf-8")
    content: dict[str, Any] = YAML(typ="safe").load(text)
    return content


@cache
def measures() -> dict[str, Measure]:
    """Return every measure by code."""
    return {
        code: Measure(code, MeasureKind(entry["kind"]), entry["unit"])
        for code, entry in _content()["measures"].items()
    }


@cache
def datasets() -> dict[str, Dataset]:
    """Return every dataset by name, in the order of the catalogue."""
    return {entry["dataset"]: _dataset(entry) for entry in _content()["datasets"]}


def producers() -> dict[str, str]:
    """Return the full name of every producer by its short name."""
    return dict(_content()["producers"])


def dataset_named(name: str) -> Dataset:
    """Return the entry of a dataset, its name with or without a revision.

    Raises:
        InvalidChoice: If there is none.
    """
    known = datasets()
    code = base_of(name)
    if code is None:
        raise InvalidChoice(value=name, option="dataset", choices=", ".join(known))
    return known[code]


def base_of(name: str) -> str | None:
    """Return the name of a dataset without its revision, None where it is not known."""
    fitting = [code for code in datasets() if name == code or name.startswith(f"{code}_")]
    return max(fitting, key=len, default=None)


def datasets_of(producer: str) -> list[Dataset]:
    """Return the datasets of a producer.

    Raises:
        InvalidChoice: If there is no such producer.
    """
    if producer not in producers():
        raise InvalidChoice(value=producer, option="producer", choices=", ".join(producers()))
    return [entry for entry in datasets().values() if entry.producer == producer]


def dataset_of_layout(layout: str) -> Dataset:
    """Return the dataset that a layout reads, the first where it reads several.

    Raises:
        InvalidChoice: If no dataset names the layout.
    """
    for entry in datasets().values():
        if layout in entry.layouts:
            return entry
    known = [name for entry in datasets().values() for name in entry.layouts]
    raise InvalidChoice(value=layout, option="layout", choices=", ".join(known))


def citation_of(name: str, *, revision: str = "", retrieved: str = "") -> str:
    """Return how to cite a dataset: its citation, the revision and the day it was received."""
    entry = dataset_named(name)
    parts = [entry.citation.rstrip(".")]
    if revision:
        parts.append(f"revision {revision}")
    if retrieved:
        parts.append(f"retrieved {retrieved}")
    return ", ".join(parts) + f". Licence: {entry.licence}."


def require_agreement(layouts: Iterable[Layout]) -> None:
    """Raise where the catalogue and the layouts disagree: each must name the other.

    Raises:
        InvalidTable: Naming each layout without a dataset, each dataset whose layout does not
            exist, and each measure that is not declared.
    """
    known = {layout.name for layout in layouts}
    named = {name: d.dataset for d in datasets().values() for name in d.layouts}
    wrong = [f"layout {name} has no dataset" for name in sorted(known - set(named))]
    wrong += [f"{named[n]} names layout {n}, which is none" for n in sorted(set(named) - known)]
    wrong += [
        f"{entry.dataset} has the measure {measure}, which is not declared"
        for entry in datasets().values()
        for measure in entry.measures
        if measure not in measures()
    ]
    if wrong:
        raise InvalidTable(table="Catalogue", reason="; ".join(wrong))


def require_addable(codes: Iterable[str]) -> None:
    """Raise if figures of these measures must not be added: other kinds, other units, rates.

    Raises:
        InvalidChoice: If a measure is not known.
        InvalidTable: If they must not be added.
    """
    codes = tuple(codes)
    unknown = [code for code in codes if code not in measures()]
    if unknown:
        raise InvalidChoice(value=unknown[0], option="measure", choices=", ".join(measures()))
    found = [measures()[code] for code in codes]
    kinds = sorted({m.kind.value for m in found})
    if len(kinds) > 1 or len({m.unit for m in found}) > 1 or kinds == [MeasureKind.RATE.value]:
        raise InvalidTable(
            table="Observations",
            reason=f"{', '.join(codes)} must not be added: they are of the kind "
            f"{' and '.join(kinds)}",
        )


_DOWNLOAD = ("address", "expects", "parameters", "accept", "paging", "hosts")


def _dataset(entry: dict[str, Any]) -> Dataset:
    told = entry.get("download")
    download = None
    if told:
        options = {n: str(v) for n, v in told.items() if n not in _DOWNLOAD}
        known = {n: v for n, v in told.items() if n in _DOWNLOAD}
        known["hosts"] = tuple(known.get("hosts", ()))
        download = Download(**known, options=options)
    return Dataset(
        dataset=entry["dataset"],
        producer=entry["producer"],
        producer_name=_content()["producers"][entry["producer"]],
        title=entry["title"],
        licence=entry["licence"],
        citation=entry["citation"],
        measures=tuple(entry["measures"]),
        periods=entry["periods"],
        definition=entry["definition"],
        limits=entry["limits"],
        page=entry["page"],
        layouts=tuple(entry["layouts"]),
        revisions=tuple(entry.get("revisions", ())),
        download=download,
    )
