"""GDAL's driver of OGC API Features, which QGIS uses too, reads from a running server."""

from __future__ import annotations

import json
import urllib.request

import polars as pl
import pyogrio
import pytest


@pytest.fixture
def address(served_exercise):
    return f"OAPIF:{served_exercise[0]}/ogc"


def rows_of(address, **wanted):
    asked = "&".join(f"{name}={value}" for name, value in wanted.items())
    url = f"{address}/api/v1/operations/exercise/totals?{asked}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)["rows"]


def test_gdal_lists_the_layers(address):
    layers = {name for name, _kind in pyogrio.list_layers(address)}
    assert {"exercise.admin1", "exercise.admin2", "exercise.locations"} <= layers


def test_gdal_reads_every_unit_with_its_figure(served_exercise, address):
    _meta, table = pyogrio.read_arrow(address, layer="exercise.admin1")
    figures = dict(pl.DataFrame(table).select("code", "idp_individuals").iter_rows())
    rows = rows_of(served_exercise[0], level=1, indicator="idp_individuals")
    latest = max(row["reference_date"] for row in rows)
    wanted = {r["code"]: r["value"] for r in rows if r["reference_date"] == latest}
    assert wanted
    assert {code: figures[code] for code in wanted} == wanted


def test_gdal_reads_locations_within_a_box(address):
    _ids, bounds = pyogrio.read_bounds(address, layer="exercise.locations")
    middle = bounds[0][0], bounds[1][0]
    box = (bounds[0].min(), bounds[1].min(), *middle)
    _meta, part = pyogrio.read_arrow(address, layer="exercise.locations", bbox=box)
    expected = ((bounds[0] <= middle[0]) & (bounds[1] <= middle[1])).sum()
    assert 0 < part.num_rows == expected
