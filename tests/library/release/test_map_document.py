"""Maps for pages: outlines that stay joined, locations, figures by round, classes."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.library.release.conftest import create_build

from waystation.release import map_document as maps
from waystation.release.report.choice import rounds_of, series_of


def features_of(collection):
    assert collection is not None
    return collection["features"]


def shapes_of(collection):
    return [shapely.from_geojson(json.dumps(f["geometry"])) for f in features_of(collection)]


def wrinkled(build, corners=400):
    """Return boundaries whose lines have many corners, the same for both neighbours."""
    shapes = shapely.segmentize(
        shapely.from_wkb(build.boundaries["geometry"].to_numpy()), 1 / corners
    )
    moved = shapely.transform(shapes, lambda xy: xy + 0.002 * abs(xy[:, ::-1] * 64 % 2 - 1))
    return build.boundaries.with_columns(geometry=pl.Series(shapely.to_wkb(moved)))


def test_neighbours_stay_joined_when_their_outlines_are_made_lighter(build, monkeypatch):
    monkeypatch.setattr(maps, "MOST_CORNERS", 1500)
    boundaries = wrinkled(build)
    collection = maps.outlines_geojson(boundaries, build.units, 2)
    shapes = shapes_of(collection)
    assert sum(shapely.get_num_coordinates(shapes)) <= 1500
    before = shapely.union_all(
        shapely.from_wkb(boundaries.filter(pl.col("level") == 2)["geometry"].to_numpy())
    ).area
    assert sum(s.area for s in shapes) - shapely.union_all(shapes).area < before * 1e-4
    assert abs(shapely.union_all(shapes).area - before) < before * 0.02


def test_every_unit_with_a_shape_is_there_by_code_and_name(build):
    collection = maps.outlines_geojson(build.boundaries, build.units, 1)
    own = build.units.filter(pl.col("level") == 1)
    named = {f["id"]: f["properties"]["name"] for f in features_of(collection)}
    assert named == dict(own.select("code", "name").iter_rows())


def test_a_level_without_shapes_has_no_outlines(build):
    assert maps.outlines_geojson(build.boundaries, build.units, 3) is None
    empty = build.boundaries.with_columns(geometry=pl.lit(None, pl.Binary))
    assert maps.outlines_geojson(empty, build.units, 1) is None


def test_a_country_on_both_sides_of_the_date_line_is_in_one_piece(build):
    west, east = shapely.box(178, -18, 180, -16), shapely.box(-180, -18, -178, -16)
    boundaries = build.boundaries.head(1).with_columns(
        level=pl.lit(1, pl.Int64),
        geometry=pl.Series([shapely.to_wkb(shapely.multipolygons([west, east]))]),
    )
    collection = maps.outlines_geojson(boundaries, build.units, 1)
    assert maps.bounds_of(collection) == [178, -18, 182, -16]


def test_a_shape_that_crosses_itself_is_drawn_by_its_areas(build):
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    boundaries = build.boundaries.head(1).with_columns(
        level=pl.lit(1, pl.Int64), geometry=pl.Series([shapely.to_wkb(bow)])
    )
    shapes = shapes_of(maps.outlines_geojson(boundaries, build.units, 1))
    assert shapes[0].is_valid


def test_locations_without_a_position_are_not_on_the_map(build):
    assert len(features_of(maps.points_geojson(build.locations))) == 25
    unplaced = build.locations.with_columns(latitude=pl.lit(None, pl.Float64))
    assert maps.points_geojson(unplaced) is None
    assert maps.bounds_of(None, maps.points_geojson(unplaced)) is None


def test_what_was_not_reported_is_null_and_none_is_0(build):
    series = series_of(build.totals)[0]
    rounds = rounds_of(build.totals, series)
    frame = pl.DataFrame(
        {
            "code": ["a", "b", "c", None],
            "round_number": [1, 1, 9, 1],
            "reference_date": [rounds[0].date] * 4,
            "value": [0.0, None, 4.0, 5.0],
        }
    )
    table = maps.values_by_round(frame, "code", ["a", "b", "c"], rounds)
    assert table == [[0, None, None], [None] * 3, [None] * 3]


@given(st.lists(st.lists(st.none() | st.integers(0, 10**6), max_size=8), max_size=8))
def test_classes_hold_every_figure_but_0_and_rise(table):
    bounds = maps.class_bounds(table)
    figures = [value for row in table for value in row if value]
    assert bool(bounds) == bool(figures)
    if figures:
        assert bounds == sorted(bounds)
        assert (bounds[0], bounds[-1]) == (min(figures), max(figures))
        assert 2 <= len(bounds) <= 6


def test_a_document_holds_what_it_can_the_asked_for_first(build, monkeypatch):
    series = series_of(build.totals)
    monkeypatch.setattr(maps, "MOST_FIGURES", 100)
    assert maps.affordable(series, series[1], 60) == [series[1]]
    assert maps.affordable(series, series[1], 40) == [series[1], series[0]]
    assert maps.affordable(series, series[2], 10**6) == [series[2]]


def test_one_round_and_one_unit_make_a_map():
    build = create_build(rounds=1, locations=1, admin1=1, admin2_each=2)
    collection = maps.outlines_geojson(build.boundaries, build.units, 1)
    assert len(features_of(collection)) == 1
    alone = replace(build, boundaries=build.boundaries.head(0))
    assert maps.outlines_geojson(alone.boundaries, alone.units, 1) is None
