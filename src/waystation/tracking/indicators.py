"""The indicator dictionary: code, labels, unit, kind, disaggregation, range, aggregation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from waystation.errors import NotFound

LANGUAGES = ("en", "fr", "es", "ar")


class Kind(StrEnum):
    """What a figure counts: people there, people moving, people hit by an event, or a ratio."""

    STOCK = "stock"
    FLOW = "flow"
    EVENT = "event"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to break an indicator down.

    Attributes:
        code: e.g. "reason".
        labels: Name by language.
        categories: Labels by category and language; further ones appear where it is open.
        is_partition: Whether the categories of a complete answer add up to the total.
        is_open: Whether categories come from the data (areas of origin, periods).
    """

    code: str
    labels: dict[str, str]
    categories: dict[str, dict[str, str]]
    is_partition: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Indicator:
    """One entry of the dictionary.

    Attributes:
        code: e.g. "idp_individuals" or "idp_individuals__sex__female".
        labels: Name by language.
        unit: persons, households, sites or percent.
        kind: stock, flow, event or share.
        how: "sum" or "ratio": how values of places make the value of the area above.
        hxl: HXL tag.
        maximum: Largest value that can be true of one place; the smallest is 0.
        dimensions: Dimensions it can be broken down by.
        households: The indicator counting the same people's households.
        part_of: The indicator whose people include these.
        numerator: For a ratio, the indicator above the line.
        denominator: For a ratio, the indicator below the line.
        total: For a breakdown, the indicator broken down.
        dimension: For a breakdown, the dimension.
        category: For a breakdown, the category.
    """

    code: str
    labels: dict[str, str]
    unit: str
    kind: Kind
    how: str
    hxl: str
    maximum: float
    dimensions: tuple[str, ...] = ()
    households: str | None = None
    part_of: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    total: str | None = None
    dimension: str | None = None
    category: str | None = None

    def label(self, language: str = "en") -> str:
        """Return the name in a language, in English where it has none."""
        return self.labels.get(language) or self.labels["en"]


@cache
def _dictionary() -> dict[str, Any]:
    from ruamel.yaml import YAML

    text = files("waystation.tracking").joinpath("indicators.yaml").read_text("utf-8")
    content: dict[str, Any] = YAML(typ="safe").load(text)
    return content


@cache
def dimensions() -> dict[str, Dimension]:
    """Return every dimension by code."""
    return {
        code: Dimension(
            code=code,
            labels=entry["label"],
            categories=entry["categories"],
            is_partition=entry["is_partition"],
            is_open=entry.get("is_open", False),
        )
        for code, entry in _dictionary()["dimensions"].items()
    }


@cache
def indicators() -> dict[str, Indicator]:
    """Return every indicator of the dictionary by code, without breakdowns."""
    return {
        code: Indicator(
            code=code,
            labels=entry["label"],
            unit=entry["unit"],
            kind=Kind(entry["kind"]),
            how=entry.get("how", "sum"),
            hxl=entry["hxl"],
            maximum=entry["maximum"],
            dimensions=tuple(entry.get("dimensions", ())),
            households=entry.get("households"),
            part_of=entry.get("part_of"),
            numerator=entry.get("numerator"),
            denominator=entry.get("denominator"),
        )
        for code, entry in _dictionary()["indicators"].items()
    }


def breakdown_code(total: str, dimension: str, category: str) -> str:
    """Return the code of one category of an indicator, e.g. ``sites__need__food``."""
    return f"{total}__{dimension}__{category}"


@cache
def indicator_by_code(code: str) -> Indicator:
    """Return the indicator a code names, breakdowns included.

    Raises:
        NotFound: If the dictionary has no such indicator, dimension or category.
    """
    total, _, rest = code.partition("__")
    base = indicators().get(total)
    if base is None:
        raise NotFound(what="indicator", name=code)
    if not rest:
        return base
    dimension_code, _, category = rest.partition("__")
    dimension = dimensions().get(dimension_code)
    is_known = dimension is not None and (category in dimension.categories or dimension.is_open)
    if (
        dimension is None
        or not category
        or not is_known
        or dimension_code not in base.dimensions
    ):
        raise NotFound(what="indicator", name=code)
    names = dimension.categories.get(category, {})
    plain = category.replace("_", " ")
    return Indicator(
        code=code,
        labels={lang: f"{base.label(lang)}: {names.get(lang, plain)}" for lang in LANGUAGES},
        unit=base.unit,
        kind=base.kind,
        how=base.how,
        hxl=f"{base.hxl}+{dimension_code}+{category.replace('_', '')}",
        maximum=base.maximum,
        total=base.code,
        dimension=dimension_code,
        category=category,
    )


def is_indicator(code: str) -> bool:
    """Return whether a column name is a code of the dictionary."""
    try:
        indicator_by_code(code)
    except NotFound:
        return False
    return True
