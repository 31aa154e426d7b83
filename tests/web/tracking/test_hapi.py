"""Displaced persons in HDX HAPI's row layout: paging, formats, filters."""

from __future__ import annotations

import csv
import io

import pytest

from waystation.release.api_rows import HAPI_COLUMNS
from waystation.web.tracking.models.operations import Visibility

ADDRESS = "/api/v2/affected-people/idps"


@pytest.fixture
def rows(client, exercise):
    def found(**query):
        return client.get(ADDRESS, query).json()["data"]

    return found


def test_rows_have_the_layout_of_hapi_and_levels_agree(rows):
    everything = rows()
    assert all(tuple(row) == HAPI_COLUMNS for row in everything)
    sums = {
        level: sum(r["population"] for r in everything if r["admin_level"] == level)
        for level in (0, 1, 2)
    }
    assert sums[0] == sums[1] == sums[2] > 0
    assert everything[0]["reference_period_start"].endswith("T00:00:00")


@pytest.mark.parametrize(
    "address", ["/api/v1/affected-people/idps", "/API/V2/Affected-People/IDPs/"]
)
def test_both_versions_of_the_address_answer(client, exercise, address):
    answer = client.get(address, {"app_identifier": "bWU6bWVAbWU=", "limit": 1})
    assert len(answer.json()["data"]) == 1
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_pages_make_up_the_whole(rows):
    everything = rows()
    paged = [row for n in range(0, len(everything) + 7, 7) for row in rows(limit=7, offset=n)]
    assert paged == everything
    assert rows(limit=0) == []
    assert rows(offset=10**18) == []


def test_csv_says_the_same(client, rows):
    answer = client.get(ADDRESS, {"output_format": "CSV"})
    assert answer["Content-Type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert tuple(table[0]) == HAPI_COLUMNS
    assert [int(r["population"]) for r in table] == [r["population"] for r in rows()]


def test_filters(rows):
    everything = rows()
    one = next(r for r in everything if r["admin_level"] == 2)
    for query, is_expected in {
        ("location_code", "xws"): lambda _r: True,
        ("location_code", "AFG"): lambda _r: False,
        ("admin_level", 1): lambda r: r["admin_level"] == 1,
        ("admin_level", 0): lambda r: r["admin_level"] == 0,
        ("admin2_code", one["admin2_code"]): lambda r: r["admin2_code"] == one["admin2_code"],
        ("start_date", one["reference_period_start"][:10]): (
            lambda r: r["reference_period_end"] >= one["reference_period_start"]
        ),
        ("reporting_round_max", 1): lambda r: r["reporting_round"] <= 1,
    }.items():
        assert rows(**dict([query])) == [r for r in everything if is_expected(r)]


@pytest.mark.parametrize(
    "query",
    [{"output_format": "xml"}, {"limit": "-1"}, {"offset": "one"}, {"start_date": "2026-02-31"},
     {"admin_level": "two"}, {"reporting_round_min": "9", "reporting_round_max": "3"}],
)  # fmt: skip
def test_what_cannot_be_is_refused(client, exercise, query):
    assert client.get(ADDRESS, query).status_code == 400


def test_what_is_for_partners_wants_a_key(client, exercise):
    exercise.visibility = Visibility.PARTNERS
    exercise.save()
    assert client.get(ADDRESS).json() == {"data": []}
    assert client.get(ADDRESS, headers={"X-API-Key": "no"}).status_code == 401
