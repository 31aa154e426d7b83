"""Charts draw what is true: from zero, at true dates, with gaps, and never by colour alone."""

from __future__ import annotations

import itertools
from typing import Any, cast

import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from waystation.release.charts import ABSENT, STATE_FILLS, Look, stacked_bars, stock_over_rounds
from waystation.release.maps import choropleth, circles, class_breaks, shapes_of
from waystation.release.report.pictures import svg_from_spec
from waystation.release.report.words import Words
from waystation.release.theme import DARK, LIGHT, dark_by_light, font_folders, theme

LOOK = Look(Words("en"))
NAMES = {state: state for state in STATE_FILLS}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_text_passes_wcag_aa_on_paper_and_panel(tokens):
    for name in ("ink", "quiet", "primary", "accent_text", "good", "warn", "bad"):
        for ground in (tokens.paper, tokens.panel):
            assert contrast(getattr(tokens, name), ground) >= 4.5, name


def test_the_classes_of_a_stock_run_from_light_to_dark():
    lights = [luminance(colour) for colour in LIGHT.sequence]
    assert lights == sorted(lights, reverse=True)
    assert all(a - b > 0.02 for a, b in itertools.pairwise(lights))


def test_every_light_colour_has_its_own_dark_one():
    pairs = dark_by_light()
    assert len(pairs) == len({*pairs}) >= 18


def test_the_fonts_travel_with_the_library():
    assert all(any(folder.glob("*.ttf")) for folder in font_folders())


def test_the_theme_can_be_registered_with_altair():
    import altair as alt

    alt.theme.register("waystation", enable=False)(cast("Any", lambda: theme("fr")))
    assert "waystation" in alt.theme.names()


def bars(values):
    return [
        {"label": name, "state": "observed", "from": 0, "to": value, "total": value,
         "text": str(value), "tip": name}
        for name, value in values.items()
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ar"])
def test_bars_begin_at_zero_and_mirror_in_arabic(language):
    spec, legend = stacked_bars(
        bars({"A": 10, "B": 4}), Look(Words(language)), STATE_FILLS, NAMES
    )
    scale = spec["layer"][0]["encoding"]["x"]["scale"]
    assert scale["domain"][0] == 0
    assert scale["domain"][1] > 10
    assert scale["reverse"] is (language == "ar")
    assert legend == ()


def test_bars_that_take_away_keep_zero_in_view():
    spec, _ = stacked_bars(bars({"A": -10}), LOOK, STATE_FILLS, NAMES)
    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < -10
    assert high >= 0


def test_rounds_stand_at_their_dates_and_a_missing_one_leaves_a_gap():
    dates = ["2025-01-10", "2025-02-10", "2025-09-10"]
    rows = [
        {"date": d, "value": v, "text": "", "tip": d, "is_unsure": False, "is_labelled": True}
        for d, v in zip(dates, [100, None, 50], strict=True)
    ]
    spec = stock_over_rounds(rows, LOOK)
    encoding = spec["layer"][0]["encoding"]
    assert encoding["x"]["type"] == "temporal"
    assert encoding["y"]["scale"]["domain"][0] == 0
    svg = svg_from_spec(spec, "en")
    assert "2025" in svg
    (line,) = [
        part for part in svg.split("<path") if 'aria-roledescription="line mark"' in part
    ]
    path = line.split(' d="')[1].split('"')[0]
    assert path.count("M") == 2, "the line must break where a round has no figure"


def test_charts_write_months_in_the_reader_s_language():
    rows = [
        {"date": d, "value": 5, "text": "", "tip": d, "is_unsure": False, "is_labelled": False}
        for d in ("2025-01-10", "2025-08-10")
    ]
    svg = svg_from_spec(stock_over_rounds(rows, Look(Words("fr"))), "fr")
    assert "août" in svg


def test_classes_have_about_equal_numbers_and_never_part_equals():
    assert class_breaks([1, 2, 3, 4], classes=2) == [(1, 2), (3, 4)]
    assert class_breaks([5, 5, 5, 5, 9], classes=5) == [(5, 5), (9, 9)]
    assert class_breaks([]) == []


@given(st.lists(st.integers(0, 10_000), max_size=60))
def test_every_figure_falls_into_exactly_one_class(values):
    breaks = class_breaks(values)
    assert len(breaks) <= 5
    for value in values:
        assert sum(low <= value <= high for low, high in breaks) == 1


def areas(rows):
    columns = {
        "code": pl.String,
        "name": pl.String,
        "value": pl.Float64,
        "is_assessed": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=columns, orient="row")


def test_an_unassessed_area_is_hatched_and_never_the_lightest_class(build):
    rows = areas(
        [("XW01", "A", 10.0, True), ("XW02", "B", None, True), ("XW03", "C", None, False)]
    )
    shapes = shapes_of(build.boundaries, 1)
    assert shapes is not None
    spec, legend = choropleth(rows, shapes, LOOK)
    fills = {entry.label.split(" · ")[0]: entry.fill for entry in legend}
    assert fills["not assessed"] == ABSENT
    assert fills["not reported"] not in LIGHT.sequence
    assert "10" in fills
    assert ABSENT in svg_from_spec(spec, "en")
    assert 'id="absent"' in svg_from_spec(spec, "en")


def test_circles_are_proportional_by_surface(build):
    rows = areas([("XW01", "A", 100.0, True), ("XW02", "B", 25.0, True)])
    shapes = shapes_of(build.boundaries, 1)
    assert shapes is not None
    spec, _ = circles(rows, shapes, None, LOOK)
    scale = spec["layer"][-1]["encoding"]["size"]["scale"]
    assert scale["domain"] == [0, 100]
    assert scale["range"][0] == 0


def test_shapes_across_the_date_line_are_drawn_in_one_piece():
    shape = shapely.MultiPolygon(
        [shapely.box(178, -18, 180, -16), shapely.box(-180, -18, -178, -16)]
    )
    boundaries = pl.DataFrame(
        {"level": [1], "code": ["FJ1"], "geometry": [shapely.to_wkb(shape)]}
    )
    shapes = shapes_of(boundaries, 1)
    assert shapes is not None
    west, _, east, _ = shapely.total_bounds(shapes.flat)
    assert east - west < 5


def test_boundaries_without_a_shape_are_no_map(build):
    assert shapes_of(build.boundaries.clear(), 1) is None
    empty = build.boundaries.with_columns(geometry=pl.lit(None, pl.Binary))
    assert shapes_of(empty, 1) is None
