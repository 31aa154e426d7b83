"""Data that the operation page draws: the contract of the map, and what may be kept."""

from __future__ import annotations

import gzip
import json

import brotli  # type: ignore[import-untyped]  # it has no stubs
import polars as pl
import pytest
from tests.library.release.conftest import TOTAL, create_build
from tests.web.tracking.made_editions import publish_made

from waystation.release import map_document
from waystation.web.tracking.editions import edition_of

HERE = "/operations/made/"
KEPT = "edition=1&language=en"
pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return publish_made(create_build())


def document(client, query=KEPT):
    return client.get(f"{HERE}map.json?{query}").json()


def test_the_map_document_has_what_the_map_reads(client, made):
    told = document(client)
    assert set(told) == {
        "bounds", "outlines", "points", "rounds", "indicators", "values", "classes", "words"
    }  # fmt: skip
    west, south, east, north = told["bounds"]
    assert (west, east) == (20.0, 22.0)
    assert south < north
    assert set(told["outlines"]) == {"1", "2"}
    assert told["rounds"][-1] == {
        "key": "baseline_location-3", "label": "Round 3", "date": "2025-10-11"
    }  # fmt: skip
    assert told["indicators"][0] == {
        "code": TOTAL,
        "label": "Internally displaced persons (IDPs)",
        "unit": "persons",
        "kind": "stock",
    }


def test_the_values_of_the_map_are_the_edition_s(client, made):
    told = document(client)
    totals = edition_of(made).frame("totals")
    for level in (1, 2):
        table = told["values"][TOTAL][str(level)]
        for at, round_number in enumerate((1, 2, 3)):
            for code, value in zip(table["codes"], table["rounds"][at], strict=True):
                own = totals.filter(
                    pl.col("indicator") == TOTAL,
                    pl.col("round_number") == round_number,
                    pl.col("code") == code,
                )["value"].item()
                assert value == own
        bounds = told["classes"][TOTAL][str(level)]
        known = [v for row in table["rounds"] for v in row if v]
        assert bounds == sorted(bounds)
        assert (bounds[0], bounds[-1]) == (min(known), max(known))


def test_figures_of_locations_are_the_edition_s_and_blanks_are_null(client, made):
    table = document(client)["values"][TOTAL]["points"]
    cells = edition_of(made).frame("matrix").filter(
        pl.col("indicator") == TOTAL, pl.col("round_number") == 2
    )  # fmt: skip
    known = dict(cells.select("location_id", "value").iter_rows())
    shown = dict(zip(table["codes"], table["rounds"][1], strict=True))
    assert shown == known
    assert None in shown.values()


def test_many_locations_travel_apart(client, monkeypatch):
    monkeypatch.setattr(map_document, "MOST_FIGURES_OF_LOCATIONS", 10)
    publish_made(create_build())
    address = document(client)["values"][TOTAL]["points"]
    assert address.startswith(HERE)
    table = client.get(address).json()
    assert len(table["rounds"]) == 3
    assert len(table["rounds"][0]) == len(table["codes"]) == 25


def test_outlines_and_points_are_geojson(client, made):
    told = document(client)
    for level, count in (("1", 4), ("2", 8)):
        features = client.get(told["outlines"][level]).json()["features"]
        assert len(features) == count
        # A unit that nobody assessed has a shape and no figure.
        assert {f["id"] for f in features} >= set(told["values"][TOTAL][level]["codes"])
        assert all(f["properties"]["name"] for f in features)
    points = client.get(told["points"]).json()["features"]
    assert set(points[0]["properties"]) == {"id", "name", "type"}


def test_a_chart_is_a_specification_in_the_language_of_its_address(client, made):
    url = f"{HERE}charts/reason.json?language=fr&round=baseline_location-2"
    spec = client.get(url).json()
    assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    assert "Conflit" in json.dumps(spec, ensure_ascii=False)


@pytest.mark.parametrize(
    "address",
    ["charts/nothing.json", "charts/origin.json", "outlines/3.json", "outlines/9.json",
     "map.json?indicator=none", "map.json?round=event-1", "points/values.json?component=x"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(client, made, address):
    assert client.get(HERE + address).status_code == 404


@pytest.mark.parametrize("address", ["map.json?language=de", "points.json?language=%00"])
def test_a_language_that_there_is_not_is_refused(client, made, address):
    assert client.get(HERE + address).status_code == 422


ADDRESSES = (
    "map.json", "outlines/1.json", "points.json", "points/values.json", "charts/rounds.json"
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_names_the_edition_holds_for_ever(client, made, address):
    answer = client.get(f"{HERE}{address}?{KEPT}")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    for query in ("language=en", "edition=7&language=en"):
        assert client.get(f"{HERE}{address}?{query}")["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_the_reader_has_is_not_sent_again(client, made, address):
    url = f"{HERE}{address}?language=en"
    etag = client.get(url)["ETag"]
    again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    publish_made(create_build(rounds=2))
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_answers_are_compressed_as_the_reader_can_read(client, made, address):
    url = f"{HERE}{address}?{KEPT}"
    readings = {
        "br": brotli.decompress,
        "gzip": gzip.decompress,
        "gzip, br": brotli.decompress,
        "br;q=0, gzip": gzip.decompress,
        "": bytes,
    }
    plain = {
        read(client.get(url, headers={"Accept-Encoding": accepted}).content)
        for accepted, read in readings.items()
    }
    assert len(plain) == 1
    answer = client.get(url, headers={"Accept-Encoding": "br"})
    assert answer["Content-Encoding"] == "br"
    assert "Accept-Encoding" in answer["Vary"]


def test_nothing_of_an_operation_for_partners_is_kept_by_others(client, outsider):
    from tests.web.conftest import client_of

    publish_made(create_build(), visibility="partners")
    url = f"{HERE}map.json?{KEPT}"
    assert client.get(url).status_code == 404
    answer = client_of(outsider).get(url)
    assert answer["Cache-Control"].startswith("private")
