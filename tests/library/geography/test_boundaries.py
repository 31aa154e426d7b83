"""Boundaries read, checked, and asked for the units of points."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely

from waystation.errors import MissingColumns, NothingToRead, UnreadableFile
from waystation.geography.boundaries import (
    Boundaries,
    check_boundaries,
    read_boundaries,
    units_at_points,
    units_of_boundaries,
)
from waystation.geography.units import Units

# Two states side by side, each of two districts, one above the other:
#   XW0102 | XW0202      latitude 1 to 2
#   XW0101 | XW0201      latitude 0 to 1
BOXES = {
    "XW01": (0, 0, 1, 2), "XW02": (1, 0, 2, 2),
    "XW0101": (0, 0, 1, 1), "XW0102": (0, 1, 1, 2),
    "XW0201": (1, 0, 2, 1), "XW0202": (1, 1, 2, 2),
}  # fmt: skip


def _boundaries(country: str = "XWS", shift: float = 0, prefix: str = "XW") -> pl.DataFrame:
    rows = [
        (country, 1 if len(code) == 4 else 2, prefix + code[2:], f"Unit {code}",
         shapely.box(west + shift, south, east + shift, north).wkb)
        for code, (west, south, east, north) in BOXES.items()
    ]  # fmt: skip
    return Boundaries.require(pl.DataFrame(rows, Boundaries.column_names(), orient="row"))


SHAPES = _boundaries()


def test_each_point_is_told_its_units():
    points = pl.DataFrame(
        {
            "site": ["a", "b", "far", "coast", "none", "nowhere"],
            "latitude": [0.5, 1.5, 40.0, -0.005, None, 120.0],
            "longitude": [0.5, 1.5, 0.5, 0.5, 0.5, 0.5],
        }
    )
    found = units_at_points(points, SHAPES)
    assert found.rows() == [
        ("a", 0.5, 0.5, "XWS", "XW01", "XW0101", False),
        ("b", 1.5, 1.5, "XWS", "XW02", "XW0202", False),
        ("far", 40.0, 0.5, None, None, None, False),
        ("coast", -0.005, 0.5, "XWS", "XW01", "XW0101", True),
        ("none", None, 0.5, None, None, None, False),
        ("nowhere", 120.0, 0.5, None, None, None, False),
    ]
    strict = units_at_points(points, SHAPES, tolerance=0)
    assert strict["admin1_code"].to_list()[3] is None


def test_where_shapes_overlap_the_own_country_wins_then_the_first_code():
    other = _boundaries("XWT", shift=0, prefix="XT")
    shapes = pl.concat([SHAPES, other])
    points = pl.DataFrame(
        {"country": ["XWT", "XWS", None], "latitude": [0.5] * 3, "longitude": [0.5] * 3}
    )
    assert units_at_points(points, shapes)["admin2_code"].to_list() == [
        "XT0101", "XW0101", "XT0101",
    ]  # fmt: skip
    border = pl.DataFrame({"latitude": [1.0], "longitude": [1.0]})
    assert units_at_points(border, SHAPES)["admin2_code"].to_list() == ["XW0101"]


def test_points_without_coordinates_are_refused():
    with pytest.raises(MissingColumns, match="longitude"):
        units_at_points(pl.DataFrame({"latitude": [1.0]}), SHAPES)


def test_no_points_and_no_shapes_are_no_error():
    points = pl.DataFrame(schema={"latitude": pl.Float64, "longitude": pl.Float64})
    assert units_at_points(points, SHAPES).height == 0
    one = pl.DataFrame({"latitude": [0.5], "longitude": [0.5]})
    assert units_at_points(one, Boundaries.empty_frame())["admin0_code"].to_list() == [None]


def test_a_million_points_take_seconds():
    random = np.random.default_rng(1)
    points = pl.DataFrame(
        {"latitude": random.uniform(0, 2, 10**6), "longitude": random.uniform(0, 2, 10**6)}
    )
    start = time.perf_counter()
    found = units_at_points(points, SHAPES)
    took = time.perf_counter() - start
    print(f"1,000,000 points in {took:.1f} s")
    expected = points.select(
        pl.format(
            "XW0{}0{}", pl.col("longitude").floor().cast(int) + 1,
            pl.col("latitude").floor().cast(int) + 1,
        )
    ).to_series()  # fmt: skip
    assert (found["admin2_code"] != expected).sum() < 100  # those on a border
    assert took < 30  # a wide margin: the machine may be busy


def _file(path: Path, boundaries: pl.DataFrame, level: int, crs: str | None = None) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {f"admin{level}Pcode": code, f"admin{level}Name": name},
            "geometry": shapely.geometry.mapping(shapely.from_wkb(shape)),
        }
        for code, name, shape in boundaries.filter(level=level)
        .select("code", "name", "geometry")
        .iter_rows()
    ]
    collection: dict[str, object] = {"type": "FeatureCollection", "features": features}
    if crs:
        collection["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(collection), "utf-8")
    return path


def test_files_of_two_levels_are_read_and_parts_put_together(tmp_path):
    _file(tmp_path / "one.geojson", SHAPES, 1)
    parts = pl.concat([SHAPES, _boundaries(shift=5).filter(code="XW0101")])
    _file(tmp_path / "two.geojson", parts, 2)
    (tmp_path / "readme.json").write_text("not a map", "utf-8")
    read = read_boundaries(tmp_path)
    assert read["code"].to_list() == sorted(BOXES, key=lambda code: (len(code), code))
    assert set(read["country"]) == {"XWX"}
    both = shapely.from_wkb(read.filter(code="XW0101")["geometry"].item())
    assert (both.geom_type, both.area) == ("MultiPolygon", 2)


def test_codes_are_written_as_the_list_does(tmp_path):
    path = _file(tmp_path / "xwt_admin1.geojson", SHAPES, 1)
    assert set(read_boundaries(path)["country"]) == {"XWT"}  # by the name of the file
    rows = [("XWS", 1, f"XWS0{n}", f"Unit {n}", "XWS") for n in (1, 2)]
    units = pl.DataFrame(
        rows, ["country", "level", "code", "name", "parent_code"], orient="row"
    )
    units = Units.complete(units.with_columns(names=pl.lit([], pl.List(pl.String))))
    read = read_boundaries(path, units=units.with_columns(pl.col("code").str.replace("S", "")))
    assert read.select("country", "code").rows() == [("XWS", "XW01"), ("XWS", "XW02")]


def test_the_other_prefix_of_a_country_is_written_as_the_list_does(tmp_path):
    chad = _boundaries("TCD", prefix="TD").filter(level=1)
    path = _file(tmp_path / "one.geojson", chad, 1)
    rows = [("TCD", 1, f"TCD0{n}", f"Unit {n}", "TCD") for n in (1, 2)]
    units = pl.DataFrame(
        rows, ["country", "level", "code", "name", "parent_code"], orient="row"
    )
    units = Units.complete(units.with_columns(names=pl.lit([], pl.List(pl.String))))
    assert read_boundaries(path)["code"].to_list() == ["TD01", "TD02"]
    assert read_boundaries(path, units=units)["code"].to_list() == ["TCD01", "TCD02"]


def test_geopackage_and_shapefile_give_the_same_as_geojson(tmp_path):
    import pyogrio

    source = _file(tmp_path / "one.geojson", SHAPES, 1)
    _, table = pyogrio.read_arrow(source)
    # A shapefile cuts names of attributes after ten letters.
    table = table.rename_columns(["ADM1_PCODE", "ADM1_EN", "wkb_geometry"])
    expected = read_boundaries(source)
    for name, driver in (("one.gpkg", "GPKG"), ("one.shp", "ESRI Shapefile")):
        path = tmp_path / name
        pyogrio.write_arrow(
            table, path, driver=driver, crs="EPSG:4326", geometry_type="Polygon",
            geometry_name="wkb_geometry",
        )  # fmt: skip
        read = read_boundaries(path)
        assert read["code"].to_list() == expected["code"].to_list()
        shapes, own = (shapely.from_wkb(f["geometry"].to_numpy()) for f in (read, expected))
        assert shapely.equals(shapes, own).all()


def test_files_in_metres_and_folders_without_maps_are_refused(tmp_path):
    path = _file(tmp_path / "one.geojson", SHAPES, 1, crs="urn:ogc:def:crs:EPSG::32634")
    with pytest.raises(UnreadableFile, match="not longitude and latitude"):
        read_boundaries(path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingToRead):
        read_boundaries(tmp_path / "empty")


def test_a_shape_that_crosses_itself_or_is_empty_is_a_finding():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    wrong = pl.DataFrame(
        [("XWS", 1, "XW01", "Bow", bow.wkb), ("XWS", 1, "XW02", "Void", None)],
        Boundaries.column_names(), orient="row",
        schema_overrides={"geometry": pl.Binary},
    )  # fmt: skip
    found = check_boundaries(wrong)
    assert found.select("code", "place").rows() == [("GEO-111", "Bow"), ("GEO-111", "Void")]
    assert "Self-intersection" in found["message"][0]
    assert check_boundaries(SHAPES).height == 0


def test_units_of_boundaries_find_their_parents_by_code_and_by_place():
    shapes = SHAPES.with_columns(
        # Codes that say nothing of the parent.
        code=pl.when(level=2).then(pl.lit("XW9") + pl.col("code").str.tail(3)).otherwise("code")
    )
    for boundaries in (SHAPES, shapes):
        units = units_of_boundaries(boundaries).filter(level=2)
        assert units["parent_code"].to_list() == ["XW01", "XW01", "XW02", "XW02"]


def test_boundaries_of_the_field_are_read(field_data):
    boundaries = read_boundaries(field_data / "boundaries")
    assert boundaries["country"].n_unique() == 16
    points = pl.DataFrame({"country": ["TCD"], "latitude": [12.11], "longitude": [15.05]})
    assert units_at_points(points, boundaries)["admin1_code"].to_list() == ["TD18"]
    assert read_boundaries(field_data / "boundaries" / "NGA_2.geojson").height == 0
