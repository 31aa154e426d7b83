"""A release is whole or not there, reads back in other programs, and holds no person."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math

import frictionless
import openpyxl
import polars as pl
import pyogrio
import pytest

from waystation.errors import InvalidChoice
from waystation.release import package
from waystation.release.formats import FORMATS
from waystation.release.package import write_release
from waystation.tracking.matrix import Matrix
from waystation.tracking.submissions import Submissions

LAST = 42_322  # persons in the last round of the made-up build


@pytest.fixture(scope="module")
def released(build, tmp_path_factory):
    """Return the folder of a release in every format."""
    folder = tmp_path_factory.mktemp("released")
    write_release(build, folder)
    return folder


def test_every_format_gives_its_files(released):
    names = {path.name for path in released.iterdir()}
    assert names == {
        "matrix.csv", "totals.csv", "changes.csv", "locations.csv", "indicators.csv",
        "quality.csv",
        "matrix.parquet", "totals.parquet", "changes.parquet", "locations.parquet",
        "indicators.parquet", "quality.parquet", "displacement.xlsx", "admin1.geojson",
        "admin2.geojson", "locations.geojson", "places.gpkg", "dtm_api_admin0.json",
        "dtm_api_admin1.json", "dtm_api_admin2.json", "dtm_api.csv", "hapi_idps.csv",
        "datapackage.json",
    }  # fmt: skip


def test_the_files_named_are_the_files_written(build, tmp_path):
    paths = write_release(build, tmp_path / "out", formats=["csv", "hapi"])
    assert sorted(p.name for p in paths) == sorted(p.name for p in (tmp_path / "out").iterdir())


@pytest.mark.parametrize("formats", [["docx"], []])
def test_an_unknown_format_is_refused_before_anything_is_written(build, tmp_path, formats):
    with pytest.raises(InvalidChoice, match="format"):
        write_release(build, tmp_path / "out", formats=formats)
    assert not (tmp_path / "out").exists()


def test_an_unknown_language_is_refused(build, tmp_path):
    with pytest.raises(InvalidChoice, match="language"):
        write_release(build, tmp_path / "out", language="de")


def test_nothing_is_left_behind_when_a_format_fails(build, tmp_path, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(package, "write_geopackage", fail)
    with pytest.raises(OSError, match="disk full"):
        write_release(build, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_other_files_of_the_folder_stay(build, tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    write_release(build, tmp_path, formats=["hapi"])
    assert (tmp_path / "note.txt").read_text() == "mine"
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_parquet_keeps_null_apart_from_zero_and_every_cell(released, build):
    read = pl.read_parquet(released / "matrix.parquet")
    assert read.height == build.matrix.height
    assert read["value"].null_count() == build.matrix["value"].null_count() > 0
    assert read.filter(pl.col("value") == 0).height > 0
    assert list(Matrix.columns()) == [
        c for c in read.columns if not c.endswith("_name") or c == "location_name"
    ]


def test_csv_reads_back_to_the_same_figures(released, build):
    read = pl.read_csv(released / "matrix.csv", infer_schema_length=None)
    assert read["value"].sum() == build.matrix["value"].sum()
    assert read["value"].null_count() == build.matrix["value"].null_count()
    assert "'=Site 3" in read["location_name"].to_list()


def test_nothing_about_persons_leaves(build, tmp_path):
    secret = {
        "submission_id": "f/s/1", "file": "f", "is_counted": True, "enumerator": "ENUM-SECRET",
        "record_uuid": "uuid-SECRET", "country": "XWS", "operation": build.operation,
    }  # fmt: skip
    submissions = Submissions.complete(pl.DataFrame([secret]))
    matrix = build.matrix.with_columns(enumerator=pl.lit("ENUM-SECRET"))
    held = dataclasses.replace(build, submissions=submissions, matrix=matrix)
    for path in write_release(held, tmp_path):
        content = path.read_bytes()
        assert b"SECRET" not in content, path.name
    assert "enumerator" not in pl.read_parquet_schema(tmp_path / "matrix.parquet")


def test_the_data_package_is_valid_and_says_where_data_come_from(released):
    assert frictionless.validate(str(released / "datapackage.json")).valid
    package_ = json.loads((released / "datapackage.json").read_text("utf-8"))
    assert package_["licenses"] == [{"name": "CC-BY-4.0", "title": "CC-BY-4.0"}]
    assert package_["sources"][0]["producer"] == "Made-up mission"
    assert {r["path"] for r in package_["resources"]} | {"datapackage.json"} == {
        path.name for path in released.iterdir()
    }


def test_a_csv_with_tags_is_still_a_valid_resource(build, tmp_path):
    write_release(build, tmp_path, formats=["csv"], hxl=True)
    assert frictionless.validate(str(tmp_path / "datapackage.json")).valid
    assert (
        (tmp_path / "matrix.csv").read_text("utf-8-sig").splitlines()[1].startswith("#country")
    )


def test_the_workbook_has_the_published_layout(released):
    book = openpyxl.load_workbook(released / "displacement.xlsx")
    assert book.sheetnames == ["Read me", "Summary", "Data", "Admin 1", "Admin 2", "Dictionary"]
    data = book["Data"]
    head = [cell.value for cell in data[1]]
    assert data.freeze_panes == "A2"
    column = head.index("Internally displaced persons (IDPs)")
    values = [row[column].value for row in data.iter_rows(min_row=2)]
    assert sum(value for value in values if value is not None) == LAST
    assert values.count(None) == 2  # left blank, and not 0
    assert all(isinstance(v, int | float) for v in values if v is not None)


def test_text_of_the_workbook_is_never_a_formula(released):
    book = openpyxl.load_workbook(released / "displacement.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert "=Site 3" in [cell.value for cell in cells]


def test_values_not_observed_stand_in_italics_in_the_workbook(released):
    sheet = openpyxl.load_workbook(released / "displacement.xlsx")["Data"]
    head = [cell.value for cell in sheet[1]]
    name, figure = (
        head.index("Location name"),
        head.index("Internally displaced persons (IDPs)"),
    )
    italic = {row[name].value: row[figure].font.italic for row in sheet.iter_rows(min_row=2)}
    assert italic["Site 4"]  # estimated
    assert italic["Site 2"]  # carried forward
    assert not italic["Site 0"]


def test_the_arabic_workbook_runs_from_right_to_left(build, tmp_path):
    write_release(build, tmp_path, formats=["xlsx"], language="ar", hxl=True)
    book = openpyxl.load_workbook(tmp_path / "displacement.xlsx")
    assert all(sheet.sheet_view.rightToLeft for sheet in book)
    data = book["البيانات"]
    assert "النازحون داخلياً" in [cell.value for cell in data[1]]
    assert data[2][0].value == "#country+code"
    assert data.freeze_panes == "A3"


def test_geojson_holds_every_unit_and_says_which_nobody_assessed(released):
    layer = json.loads((released / "admin2.geojson").read_text("utf-8"))
    properties = {f["properties"]["code"]: f["properties"] for f in layer["features"]}
    assert len(properties) == 8
    assert properties["XW0402"]["is_assessed"] is False
    assert properties["XW0402"]["idp_individuals"] is None
    assert math.fsum(p["idp_individuals"] or 0 for p in properties.values()) == LAST
    ring = layer["features"][0]["geometry"]["coordinates"][0]
    doubled = sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in itertools.pairwise(ring))
    assert doubled < 0, "RFC 7946 wants exterior rings counter-clockwise"


def test_the_geopackage_reads_back_with_layers_and_figures(released):
    path = released / "places.gpkg"
    assert {name for name, _ in pyogrio.list_layers(path)} == {"admin1", "admin2", "locations"}
    _, table = pyogrio.read_arrow(path, layer="admin1")
    assert sum(table.column("idp_individuals").to_pylist()) == LAST
    assert pyogrio.read_info(path, layer="locations")["features"] == 25
    assert pyogrio.read_info(path, layer="locations")["crs"] == "EPSG:4326"


def test_without_boundaries_and_coordinates_map_formats_give_no_file(build, tmp_path):
    bare = dataclasses.replace(
        build,
        boundaries=build.boundaries.clear(),
        locations=build.locations.with_columns(
            latitude=pl.lit(None, pl.Float64), longitude=pl.lit(None, pl.Float64)
        ),
    )
    paths = write_release(bare, tmp_path, formats=["geojson", "geopackage"])
    assert [path.name for path in paths] == ["datapackage.json"]


def test_a_build_with_nothing_in_it_is_released_all_the_same(build, tmp_path):
    frames = {
        f.name: getattr(build, f.name).clear()
        for f in dataclasses.fields(build)
        if isinstance(getattr(build, f.name), pl.DataFrame)
    }
    paths = write_release(dataclasses.replace(build, **frames, sources=()), tmp_path)
    assert {path.suffix for path in paths} >= {".csv", ".xlsx", ".parquet", ".json"}
    assert len(FORMATS) == 7
