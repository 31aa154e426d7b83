"""The look of charts, maps, pages and reports: tokens, and the Altair theme made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel import Locale

FONT = "Noto Sans, Noto Sans Arabic, sans-serif"
# Pixels of a chart in one of two columns, and across the page.
WIDTH, WIDE = 325, 660
BODY = 11
LABEL_LIMIT, WIDE_LABEL_LIMIT = 165, 240


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours by what they are for.

    Attributes:
        ink: Text.
        quiet: Secondary text; passes 4.5:1 on paper.
        paper: Page.
        panel: Panel.
        line: Rules and borders.
        primary: Figures as observed; links.
        primary_light: Values carried forward.
        accent: One highlight; estimated values.
        accent_text: The accent where it is text.
        good: State, with a word.
        warn: State, with a word.
        bad: Errors in data.
        absent: Hatching of what was not assessed.
        sequence: Classes of a stock, light to dark.
    """

    ink: str
    quiet: str
    paper: str
    panel: str
    line: str
    primary: str
    primary_light: str
    accent: str
    accent_text: str
    good: str
    warn: str
    bad: str
    absent: str
    sequence: tuple[str, ...]


LIGHT = Tokens(
    ink="#14213d",
    quiet="#4a5568",
    paper="#ffffff",
    panel="#f6f7f9",
    line="#d7dce3",
    primary="#0b5c6b",
    primary_light="#8fbfc7",
    accent="#c9741a",
    accent_text="#8f4f0c",
    good="#2e7d4f",
    warn="#9a6700",
    bad="#b3261e",
    absent="#8a94a3",
    sequence=("#cfe6e9", "#94c5cd", "#559fab", "#1f7685", "#084753"),
)
DARK = Tokens(
    ink="#e6e9ef",
    quiet="#aab4c3",
    paper="#10151f",
    panel="#171e2b",
    line="#2c3647",
    primary="#5fb6c4",
    primary_light="#2f6a75",
    accent="#e8a657",
    accent_text="#e8a658",
    good="#6cc28f",
    warn="#e2b04a",
    bad="#f28b82",
    absent="#6d7889",
    sequence=("#1d3f47", "#27606c", "#358492", "#55abb9", "#a5dbe3"),
)


def dark_by_light() -> dict[str, str]:
    """Return the dark colour of each light one, for charts that follow the reader's scheme."""
    light, dark = asdict(LIGHT), asdict(DARK)
    pairs: dict[str, str] = {}
    for name, colour in light.items():
        if isinstance(colour, str):
            pairs[colour] = dark[name]
        else:
            pairs |= dict(zip(colour, dark[name], strict=True))
    return pairs


@cache
def font_folders() -> tuple[Path, ...]:
    """Return the folders of the fonts that travel with the library."""
    packages = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
    return tuple(Path(str(files(name))) / "files" for name in packages)


def chart_config(language: str = "en") -> dict[str, Any]:
    """Return the Vega-Lite configuration of every chart.

    Args:
        language: Right-to-left languages have their titles and legends on the right.
    """
    rtl = Locale(language).character_order == "right-to-left"
    start = "right" if rtl else "left"
    text = {"font": FONT, "color": LIGHT.ink}
    return {
        "font": FONT,
        "background": LIGHT.paper,
        "padding": 4,
        "view": {"stroke": None},
        "axis": {
            "labelFont": FONT,
            "labelFontSize": BODY,
            "labelColor": LIGHT.quiet,
            "titleColor": LIGHT.quiet,
            "titleFontWeight": "normal",
            "titleFontSize": BODY,
            "domainColor": LIGHT.line,
            "tickColor": LIGHT.line,
            "gridColor": LIGHT.line,
            "gridOpacity": 0.7,
            "labelLimit": LABEL_LIMIT,
        },
        "axisBand": {"domain": False, "ticks": False, "grid": False, "labelColor": LIGHT.ink},
        "legend": {
            "labelFontSize": BODY,
            "labelColor": LIGHT.ink,
            "titleColor": LIGHT.quiet,
            "titleFontWeight": "normal",
            "titleFontSize": BODY,
            "symbolType": "square",
            "labelLimit": 260,
            "orient": "top",
            "title": None,
            "layout": {"bottom": {"anchor": "end" if rtl else "start"}},
        },
        "title": {
            **text,
            "anchor": "end" if rtl else "start",
            "align": start,
            "fontSize": 13,
            "fontWeight": 600,
            "subtitleColor": LIGHT.quiet,
            "subtitleFontSize": BODY,
        },
        "text": {**text, "fontSize": BODY},
        "bar": {"color": LIGHT.primary},
        "line": {"color": LIGHT.primary, "strokeWidth": 2},
        "point": {"color": LIGHT.primary, "filled": True, "size": 45},
        "geoshape": {"stroke": LIGHT.paper, "strokeWidth": 0.7},
    }


def theme(language: str = "en") -> Mapping[str, Any]:
    """Return the theme as Altair registers it: ``alt.theme.register("waystation", ...)``."""
    return {"config": chart_config(language)}


def number_locale(language: str) -> dict[str, Any]:
    """Return how numbers are written, as d3-format asks for it."""
    symbols = Locale(language).number_symbols["latn"]
    return {
        "decimal": str(symbols["decimal"]),
        "thousands": str(symbols["group"]),
        "grouping": [3],
        "currency": ["", ""],
        "minus": "−",
        "percent": "%",
    }


def time_locale(language: str) -> dict[str, Any]:
    """Return how dates are written, as d3-time-format asks for it."""
    locale = Locale(language)
    months, days = locale.months["format"], locale.days["format"]
    # Weeks of d3 begin on Sunday, those of the CLDR on Monday.
    order = (6, 0, 1, 2, 3, 4, 5)
    periods = locale.day_periods["format"]["abbreviated"]
    return {
        "dateTime": "%e %b %Y %H:%M",
        "date": "%e %b %Y",
        "time": "%H:%M",
        "periods": [periods["am"], periods["pm"]],
        "days": [days["wide"][i] for i in order],
        "shortDays": [days["abbreviated"][i] for i in order],
        "months": [months["wide"][i] for i in range(1, 13)],
        "shortMonths": [months["abbreviated"][i] for i in range(1, 13)],
    }
