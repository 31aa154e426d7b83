"""Charts, as Altair specifications: the same ones in the PDF, on the page and in a notebook.

Each function takes rows whose labels are already words of the reader's language, and draws one
idea: bars from zero, points at true dates, gaps left open, labels beside what they name. Values
carried forward or estimated are hatched, never told apart by colour alone. In right-to-left
languages the charts are mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

from waystation.release.report.parts import Legend
from waystation.release.report.words import Words
from waystation.release.theme import LABEL_LIMIT, LIGHT, WIDE_LABEL_LIMIT, WIDTH, chart_config

Rows = Sequence[dict[str, Any]]
Spec = dict[str, Any]

# Fills that the page and the PDF define as hatchings (see `hatchings`).
CARRIED, ESTIMATED, ABSENT = "url(#carried)", "url(#estimated)", "url(#absent)"
STATE_FILLS = {
    "observed": LIGHT.primary,
    "corrected": LIGHT.good,
    "carried_forward": CARRIED,
    "estimated": ESTIMATED,
    "blank": LIGHT.line,
    "not_reassessed": ABSENT,
}
KIND_FILLS = {"movement": LIGHT.primary, "coverage": CARRIED, "stock": LIGHT.ink}
SEVERITY_FILLS = {"error": LIGHT.bad, "warning": LIGHT.accent, "info": LIGHT.absent}
STEP = 24
LETTER = 6.4  # pixels of a letter of chart text, on the wide side


@dataclass(frozen=True, slots=True)
class Look:
    """How charts are to look.

    Attributes:
        words: The words of the language.
        width: Width of the chart in pixels, its labels included.
    """

    words: Words
    width: int = WIDTH

    def text(self, value: str) -> str:
        """Return text that keeps its direction inside a picture."""
        return f"\u202b{value}\u202c" if self.words.is_rtl else value

    @property
    def start(self) -> Literal["left", "right"]:
        """Return the side that lines begin on."""
        return "right" if self.words.is_rtl else "left"

    @property
    def end(self) -> Literal["left", "right"]:
        """Return the side that lines end on."""
        return "left" if self.words.is_rtl else "right"

    def across(
        self, values: Iterable[float], labels: Iterable[str], texts: Iterable[str]
    ) -> alt.Scale:
        """Return a scale from zero with room for texts at the ends, mirrored if need be.

        Args:
            values: Where bars end.
            labels: What stands beside the bars, which takes room from them.
            texts: What stands at their ends.
        """
        ends = [0.0, *values]
        low, high = min(ends), max(ends)
        beside = min(LETTER * max(map(len, labels), default=0), LABEL_LIMIT) + 16
        text = LETTER * max(map(len, texts), default=0) + 12
        sides = (low < 0) + (high > 0)
        # A chart across the page must hold its texts on a phone as well.
        plot = max(min(self.width, WIDTH) - beside, 60)
        room = text / max(plot - sides * text, 0.35 * plot) * ((high - low) or 1.0)
        domain = [low - (room if low < 0 else 0), high + (room if high > 0 or not sides else 0)]
        return alt.Scale(domain=domain, nice=False, zero=True, reverse=self.words.is_rtl)


def hatchings() -> str:
    """Return the SVG definitions of the hatched fills that charts refer to."""

    def lines(name: str, paper: str, stroke: str, angle: int) -> str:
        return (
            f'<pattern id="{name}" width="5" height="5" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({angle})"><rect width="5" height="5" fill="{paper}"/>'
            f'<rect width="2" height="5" fill="{stroke}"/></pattern>'
        )

    return (
        "<defs>"
        + lines("carried", LIGHT.paper, LIGHT.primary, 45)
        + lines("estimated", LIGHT.paper, LIGHT.accent, -45)
        + lines("absent", LIGHT.panel, LIGHT.absent, 45)
        + "</defs>"
    )


def finished(chart: alt.TopLevelMixin, look: Look) -> Spec:
    """Return the specification of a chart with the theme of the house."""
    spec: Spec = chart.to_dict(validate=False)
    spec["config"] = chart_config(look.words.language)
    if look.width > WIDTH:
        spec["config"]["axis"]["labelLimit"] = WIDE_LABEL_LIMIT
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def inline(rows: Rows) -> alt.InlineData:
    """Return rows as data that travel inside the specification."""
    return alt.InlineData(values=list(rows))


def _labels(look: Look, order: Sequence[str]) -> alt.Y:
    return alt.Y(
        "label:N",
        sort=list(order),
        title=None,
        axis=alt.Axis(orient=look.start, labelPadding=6, domain=False, ticks=False, grid=False),
        scale=alt.Scale(paddingInner=0.28, paddingOuter=0.15),
    )


def _hidden(scale: alt.Scale, field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=scale, axis=None, stack=None)


def _bar_ends(
    look: Look, scale: alt.Scale, order: Sequence[str], which: str = ""
) -> list[alt.Chart]:
    """Return the labels at the ends of bars: outwards from zero on either side."""

    def labels(side: str, test: str) -> alt.Chart:
        words = alt.Chart().mark_text(
            align="left" if side == "right" else "right",
            dx=5 if side == "right" else -5,
            baseline="middle",
        )
        shown = words.encode(y=_labels(look, order), x=_hidden(scale, "total"), text="text:N")
        placed: alt.Chart = shown.transform_filter(test)
        return placed

    return [
        labels(look.end, f"{which}datum.total >= 0"),
        labels(look.start, f"{which}datum.total < 0"),
    ]


def stacked_bars(
    rows: Rows, look: Look, fills: dict[str, str], names: dict[str, str]
) -> tuple[Spec, tuple[Legend, ...]]:
    """Draw one bar a label, made of states, with the total's words at its end.

    Args:
        rows: ``label``, ``state``, ``from``, ``to``, ``total``, ``text``, ``tip``, in order.
        look: Language and width.
        fills: Fill by state, in the order to stack.
        names: Words for each state; those that occur make the legend.

    Returns:
        The specification, and the legend to set beside it (empty where one state occurs): set
        as text it is mirrored and read aloud with the page, which a picture is not.
    """
    order = list(dict.fromkeys(row["label"] for row in rows))
    scale = look.across([row["to"] for row in rows], order, [row["text"] for row in rows])
    used = [state for state in fills if any(row["state"] == state for row in rows)]
    shown = [
        {
            **row,
            "label": look.text(row["label"]),
            "text": look.text(row["text"]),
        }
        for row in rows
    ]
    # One text a bar: at the end of its last part.
    ends = {row["label"]: place for place, row in enumerate(rows)}
    for place, row in enumerate(rows):
        shown[place]["is_end"] = ends[row["label"]] == place
    order = [look.text(label) for label in order]
    legend = tuple(Legend(fills[s], names[s]) for s in used) if len(used) > 1 else ()
    bars = (
        alt.Chart()
        .mark_bar(strokeWidth=0.6)
        .encode(
            y=_labels(look, order),
            x=_hidden(scale, "from"),
            x2="to:Q",
            fill=alt.Fill(
                "state:N",
                scale=alt.Scale(domain=used, range=[fills[s] for s in used]),
                legend=None,
            ),
            tooltip=alt.Tooltip("tip:N", title=" "),
        )
    )
    rule = alt.Chart().mark_rule(color=LIGHT.line).encode(x=_hidden(scale, "zero"))
    texts = _bar_ends(look, scale, order, "datum.is_end && ")
    chart = alt.layer(bars, rule, *texts, data=inline([{**r, "zero": 0} for r in shown]))
    sized = chart.properties(width=look.width, height=alt.Step(STEP))
    return finished(sized, look), legend


def stock_over_rounds(rows: Rows, look: Look) -> Spec:
    """Draw a stock at the true dates of its rounds; a round without a figure leaves a gap.

    Args:
        rows: ``date`` (ISO), ``value`` (or null), ``text``, ``tip``, ``is_unsure`` (more than
            half of it not observed: the point is hollow), ``is_labelled``.
        look: Language and width.
    """
    values = [row["value"] for row in rows if row["value"] is not None]
    x = alt.X(
        "date:T",
        title=None,
        scale=alt.Scale(type="utc", reverse=look.words.is_rtl, padding=28),
        axis=alt.Axis(
            format="%b %Y",
            grid=False,
            labelOverlap="greedy",
            labelSeparation=10,
            values=[row["date"] for row in rows],
        ),
    )
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=[0, max(values) * 1.15 or 1], nice=False),
        axis=alt.Axis(orient=look.start, format=",d", tickCount=4, domain=False, ticks=False),
    )
    base = alt.Chart().encode(x=x, y=y)
    line = base.mark_line(interpolate="linear", invalid="break-paths-show-domains")
    points = base.transform_filter("isValid(datum.value)").mark_point(
        size=55, strokeWidth=2, stroke=LIGHT.primary, filled=False, opacity=1
    )
    points = points.encode(
        fill=alt.condition("datum.is_unsure", alt.value(LIGHT.paper), alt.value(LIGHT.primary)),
        tooltip=alt.Tooltip("tip:N", title=" "),
    )
    labels = base.transform_filter("datum.is_labelled").mark_text(
        dy=-12, fontWeight=600, baseline="bottom"
    )
    labels = labels.encode(text="text:N")
    shown = [{**row, "text": look.text(row["text"])} for row in rows]
    chart = alt.layer(line, points, labels, data=inline(shown))
    return finished(chart.properties(width=look.width, height=190), look)


def pyramid(rows: Rows, look: Look, names: tuple[str, str]) -> tuple[Spec, tuple[Legend, ...]]:
    """Draw persons by sex and age: males and females back to back, oldest on top.

    Args:
        rows: ``label`` (age), ``sex`` ("male" or "female"), ``value``, ``text``; oldest first.
        look: Language and width.
        names: Words for males and females.
    """
    order = [look.text(a) for a in dict.fromkeys(row["label"] for row in rows)]
    fills = {"male": LIGHT.primary, "female": LIGHT.accent}
    shown = [
        {
            "label": look.text(row["label"]),
            "sex": row["sex"],
            "total": -row["value"] if row["sex"] == "male" else row["value"],
            "text": look.text(row["text"]),
            "tip": row["tip"],
        }
        for row in rows
    ]
    widest = max((abs(row["total"]) for row in shown), default=1) or 1
    scale = look.across([-widest, widest], order, [row["text"] for row in rows])
    bars = (
        alt.Chart()
        .mark_bar()
        .encode(
            y=_labels(look, order),
            x=_hidden(scale, "total"),
            fill=alt.Fill(
                "sex:N",
                scale=alt.Scale(domain=list(fills), range=list(fills.values())),
                legend=None,
            ),
            tooltip=alt.Tooltip("tip:N", title=" "),
        )
    )
    ends = _bar_ends(look, scale, order)
    chart = alt.layer(bars, *ends, data=inline(shown))
    legend = tuple(Legend(fills[s], n) for s, n in zip(fills, names, strict=True))
    return finished(chart.properties(width=look.width, height=alt.Step(STEP)), look), legend
