"""Which figures of one place are parts of which: breakdowns, bands of age, groups of people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from waystation.tracking.indicators import Indicator, dimensions, indicator_by_code

# Ends a code that stands for a part kept beside the indicators, such as one reason and origin.
BESIDE = "|"
# Bands of age that hold finer ones, the narrower first.
BANDS = (
    ("6_17", ("6_12", "13_17")),
    ("0_17", ("under_1", "1_5", "6_12", "13_17", "6_17")),
    ("18_plus", ("18_59", "60_plus")),
)
ADULT = ("18_59", "60_plus", "18_plus")

_Parts = tuple[str, list[tuple[str, tuple[str, ...]]]]


@dataclass(frozen=True, slots=True)
class Split:
    """Ways in which some figures are made of others, at a place where all of them hold.

    Attributes:
        name: What tells it from other splits.
        parts: For each whole, by its code, the codes of what may be parts of it.
    """

    name: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]


@lru_cache(maxsize=32)
def splits_of(codes: tuple[str, ...]) -> tuple[Split, ...]:
    """Return how the codes nest, the narrowest first: a part belongs to the first that holds.

    A whole is never a part in an earlier split than those it is the whole of.
    """
    known = set(codes)
    entries = {c: indicator_by_code(c) for c in sorted(known) if BESIDE not in c}
    found = [*_beside(known), *_of_sex_and_age(entries), *_breakdowns(entries)]
    found += _groups(entries)
    kept = []
    for name, parts in found:
        there = tuple(
            (whole, tuple(c for c in of if c in known)) for whole, of in parts if whole in known
        )
        there = tuple((whole, of) for whole, of in there if of)
        if there:
            kept.append(Split(name, there))
    return tuple(kept)


def _beside(codes: set[str]) -> list[_Parts]:
    """Return the parts kept beside the indicators: by status, by reason and origin at once."""
    parts: dict[tuple[str, str], list[str]] = {}
    for code in sorted(c for c in codes if BESIDE in c):
        whole, kind, _ = code.split(BESIDE, 2)
        parts.setdefault((whole, kind), []).append(code)
    return [
        (f"{whole}{BESIDE}{kind}", [(whole, tuple(of))]) for (whole, kind), of in parts.items()
    ]


def _of_sex_and_age(entries: dict[str, Indicator]) -> list[_Parts]:
    """Return bands of age within wider ones, then within a sex, then within an age group."""
    found: list[_Parts] = []
    totals = {str(e.total) for e in entries.values() if e.dimension == "sex_age"}
    for total in sorted(totals):
        stem = f"{total}__sex_age__"
        for sex in ("male", "female"):
            found += [
                (f"{stem}{sex}_{wide}", [(f"{stem}{sex}_{wide}", _of(stem, sex, bands))])
                for wide, bands in BANDS
            ]
        own = [c for c in entries if c.startswith(stem)]
        by_sex = [
            (f"{total}__sex__{sex}", tuple(c for c in own if c.startswith(f"{stem}{sex}_")))
            for sex in ("male", "female")
        ]
        adults = {sex: _of(stem, sex, ADULT) for sex in ("male", "female")}
        minors = tuple(c for c in own if c not in {*adults["male"], *adults["female"]})
        by_group = [
            (f"{total}__age_group__men", adults["male"]),
            (f"{total}__age_group__women", adults["female"]),
            (f"{total}__age_group__children", minors),
        ]
        found += [(f"{stem}by sex", by_sex), (f"{stem}by age group", by_group)]
    return found


def _of(stem: str, sex: str, bands: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{stem}{sex}_{band}" for band in bands)


def _breakdowns(entries: dict[str, Indicator]) -> list[_Parts]:
    parts: dict[tuple[str, str], list[str]] = {}
    for code, entry in entries.items():
        if entry.total and entry.dimension and dimensions()[entry.dimension].is_partition:
            parts.setdefault((entry.total, entry.dimension), []).append(code)
    return [
        (f"{total}__{dimension}", [(total, tuple(of))])
        for (total, dimension), of in parts.items()
    ]


def _groups(entries: dict[str, Indicator]) -> list[_Parts]:
    """Return people who are part of a wider group, such as those returned from abroad."""
    parts: dict[str, list[str]] = {}
    for code, entry in entries.items():
        if entry.part_of and not entry.total:
            parts.setdefault(entry.part_of, []).append(code)
    return [(f"{whole} groups", [(whole, tuple(of))]) for whole, of in parts.items()]
