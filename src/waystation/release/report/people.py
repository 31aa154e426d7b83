"""Exhibits on who is displaced: sex and age, reasons, shelter, needs."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from waystation.release import charts
from waystation.release.report import figures
from waystation.release.report.parts import Exhibit, Table
from waystation.release.report.telling import Telling
from waystation.release.theme import LIGHT
from waystation.tracking.indicators import dimensions

MOST_CATEGORIES = 9
ADULT = 18
PLAIN = {"value": LIGHT.primary}


def sex_and_age(telling: Telling) -> Exhibit:
    """Return the pyramid of sex and age; bars by sex, or by age group, where that is all."""
    bands = _bands(telling)
    if not bands:
        for dimension in ("sex", "age_group"):
            exhibit = breakdown_bars(telling, dimension)
            if exhibit.spec is not None:
                return exhibit
        return _nothing(telling, "sex_age")
    words = telling.words
    total = sum(band["value"] for band in bands)
    female = sum(band["value"] for band in bands if band["sex"] == "female") / total
    spec, legend = charts.pyramid(bands, telling.look, (words.say("men"), words.say("women")))
    return Exhibit(
        name="sex_age",
        title=_sex_age_title(telling, bands, female, total),
        subtitle=words.say("sex_age_subtitle", n=total),
        source=telling.source,
        spec=spec,
        legend=legend,
        table=_sex_age_table(telling, bands),
    )


def _sex_age_title(
    telling: Telling, bands: list[dict[str, Any]], female: float, total: float
) -> str:
    words = telling.words
    if all(band["end"] < ADULT or band["start"] >= ADULT for band in bands):
        young = sum(band["value"] for band in bands if band["end"] < ADULT) / total
        return words.say(
            "sex_age_title", female=words.percent(female), young=words.percent(young)
        )
    return words.say("sex_age_title_plain", female=words.percent(female))


def _bands(telling: Telling) -> list[dict[str, Any]]:
    """Return bands of age by sex, oldest first; nothing where nobody was counted."""
    if telling.series is None or telling.latest is None:
        return []
    known = figures.breakdown(telling.build, telling.series, telling.latest, "sex_age")
    if known["value"].sum() <= 0:
        return []
    bands = []
    for row in known.iter_rows(named=True):
        sex, _, age = row["category"].partition("_")
        start, end = age_bounds(age)
        label = telling.words.left_to_right(_age_label(start, end))
        text = telling.words.number(row["value"])
        name = telling.words.say("men" if sex == "male" else "women")
        bands.append(
            {
                "sex": sex,
                "label": label,
                "value": row["value"],
                "text": text,
                "tip": f"{name} {label}: {text}",
                "start": start,
                "end": end,
            }
        )
    return sorted(bands, key=lambda band: (-band["start"], -band["end"], band["sex"]))


def age_bounds(age: str) -> tuple[float, float]:
    """Return the first and last year of an age band's code.

    Example:
        >>> age_bounds("6_17"), age_bounds("60_plus"), age_bounds("under_1")
        ((6.0, 17.0), (60.0, inf), (0.0, 0.0))
    """
    numbers = [float(n) for n in re.findall(r"\d+", age)]
    if age.startswith("under"):
        return 0.0, numbers[0] - 1
    if len(numbers) < 2:
        return numbers[0], float("inf")
    return numbers[0], numbers[1]


def _age_label(start: float, end: float) -> str:
    if end == float("inf"):
        return f"{start:.0f}+"
    return f"{start:.0f}" if start == end else f"{start:.0f}–{end:.0f}"


def _sex_age_table(telling: Telling, bands: list[dict[str, Any]]) -> Table:
    words = telling.words
    by_age: dict[str, dict[str, str]] = {}
    for band in bands:
        by_age.setdefault(band["label"], {})[band["sex"]] = band["text"]
    missing = words.say("not_reported")
    return Table(
        caption=words.say("sex_age_subtitle", n=sum(band["value"] for band in bands)),
        headings=(words.say("column_age"), words.say("men"), words.say("women")),
        rows=tuple(
            (age, sexes.get("male", missing), sexes.get("female", missing))
            for age, sexes in by_age.items()
        ),
    )


def breakdown_bars(telling: Telling, dimension: str) -> Exhibit:
    """Return bars by category of a breakdown, with the share of what was reported."""
    return bars_of(telling, dimension, _known(telling, dimension, None))


def bars_of(telling: Telling, dimension: str, known: pl.DataFrame) -> Exhibit:
    """Return bars of ``category`` and ``value`` of a dimension, largest first."""
    total = float(known["value"].sum()) if known.height else 0.0
    if not total:
        return _nothing(telling, dimension)
    words = telling.words
    named = _named(telling, dimension, known)
    rows = [
        _row(telling, name, value, f"{words.number(value)} ({words.percent(value / total)})")
        for name, value in named
    ]
    first = known.row(0, named=True)
    return _bars(
        telling,
        dimension,
        rows,
        title=words.say(
            "breakdown_title",
            category=category_label(telling, dimension, first["category"]),
            percent=words.percent(first["value"] / total),
        ),
        subtitle=words.say(
            "breakdown_subtitle",
            indicator=telling.label,
            dimension=_lower(dimensions()[dimension].labels[words.language]),
            unit=words.unit(telling.indicator.unit),
        ),
    )


def needs(telling: Telling) -> Exhibit:
    """Return the sites that name each priority need."""
    known = _known(telling, "need", "sites")
    if known.is_empty() or not known["value"].sum():
        return _nothing(telling, "need")
    words = telling.words
    rows = [
        _row(telling, name, value, words.number(value))
        for name, value in _named(telling, "need", known)
    ]
    first = known.row(0, named=True)
    return _bars(
        telling,
        "need",
        rows,
        title=words.say(
            "needs_title",
            category=category_label(telling, "need", first["category"]),
            n=first["value"],
        ),
        subtitle=words.say("needs_subtitle"),
    )


def _known(telling: Telling, dimension: str, total: str | None) -> pl.DataFrame:
    if telling.series is None or telling.latest is None:
        return pl.DataFrame({"category": [], "value": []})
    return figures.breakdown(
        telling.build, telling.series, telling.latest, dimension, total=total
    )


def category_label(telling: Telling, dimension: str, category: str) -> str:
    """Return the name of a category; where the dictionary has none, of the unit it names."""
    names = dimensions()[dimension].categories.get(category)
    if names is None:
        names = telling.unit_names if dimensions()[dimension].is_open else {}
        return names.get(category, category.replace("_", " "))
    return names.get(telling.words.language, category.replace("_", " "))


def _named(telling: Telling, dimension: str, known: pl.DataFrame) -> list[tuple[str, float]]:
    """Return the largest categories; the rest added up where categories exclude each other."""
    pairs = [
        (category_label(telling, dimension, category), float(value))
        for category, value in known.select("category", "value").iter_rows()
    ]
    kept, rest = pairs[:MOST_CATEGORIES], pairs[MOST_CATEGORIES:]
    if rest and dimensions()[dimension].is_partition:
        name = telling.words.say("others", number=telling.words.number(len(rest)))
        kept.append((name, sum(value for _, value in rest)))
    return kept


def _row(telling: Telling, label: str, value: float, text: str) -> dict[str, Any]:
    return {
        "label": label,
        "state": "value",
        "from": 0,
        "to": value,
        "total": value,
        "text": text,
        "tip": f"{label}: {text}",
    }


def _bars(
    telling: Telling, name: str, rows: list[dict[str, Any]], *, title: str, subtitle: str
) -> Exhibit:
    spec, _ = charts.stacked_bars(rows, telling.look, PLAIN, {"value": ""})
    words = telling.words
    return Exhibit(
        name=name,
        title=title,
        subtitle=subtitle,
        source=telling.source,
        spec=spec,
        table=Table(
            caption=subtitle,
            headings=(words.say("column_category"), words.say("column_figure")),
            rows=tuple((row["label"], row["text"]) for row in rows),
        ),
    )


def _nothing(telling: Telling, dimension: str) -> Exhibit:
    label = dimensions()[dimension].labels[telling.words.language]
    return Exhibit(
        name=dimension, sentence=telling.words.say("breakdown_none", dimension=label)
    )


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
