"""Pages of places: their figures are the edition's, and what is not there is not found."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import quote

import polars as pl
import pytest
from django.test import Client
from tests.web.tracking.closer import BASE, ROUND_2, STOCK, frames

from waystation.web.accounts.models import User
from waystation.web.tracking.models import LocationDecision


def text_of(answer):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def written(value):
    return f"{value:,.0f}"


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_a_unit_shows_the_figures_of_the_edition_round_by_round(exercise, level):
    totals = frames(exercise)["totals"].filter(
        pl.col("indicator") == STOCK,
        pl.col("admin_level") == level,
        pl.col("code").is_not_null(),
    )
    code = totals.sort("value", descending=True)["code"][0]
    answer = Client().get(f"{BASE}/place/{quote(code)}")
    assert answer.status_code == 200
    text = text_of(answer)
    for value in totals.filter(pl.col("code") == code)["value"]:
        assert written(value) in text


def test_a_location_shows_its_cells_and_its_units_above(exercise):
    found = frames(exercise)
    row = found["matrix"].filter(pl.col("indicator") == STOCK).row(0, named=True)
    answer = Client().get(f"{BASE}/place/{quote(row['location_id'])}")
    text = text_of(answer)
    assert answer.status_code == 200
    assert written(row["value"]) in text
    assert row["location_name"] in text
    for code in (row["admin1_code"], row["admin2_code"], row["admin3_code"]):
        assert f"{BASE}/place/{code}" in answer.content.decode()


def test_the_parts_of_a_units_change_add_up_on_its_page(exercise):
    context = Client().get(f"{BASE}/place/XW01").context
    moved = context["moved"]
    assert moved["parts"]
    assert moved["after"] - moved["before"] == sum(part["change"] for part in moved["parts"])


def test_the_units_in_a_unit_add_up_to_it_and_those_not_assessed_are_said(exercise):
    context = Client().get(f"{BASE}/place/XW01").context
    rows = context["children"]["rows"]
    assert sum(row["value"] or 0 for row in rows) == context["headline"]["value"]
    units = frames(exercise)["units"].filter(pl.col("parent_code") == "XW01")
    assert {row["code"] for row in rows if row["code"]} == set(units["code"])


def test_a_location_that_was_not_assessed_again_says_so(exercise):
    cells = frames(exercise)["matrix"].filter(pl.col("indicator") == STOCK)
    rounds = cells.group_by("location_id").agg(last=pl.col("round_number").max())
    gone = rounds.filter(pl.col("last") == 1)["location_id"]
    assert gone.len()
    text = text_of(Client().get(f"{BASE}/place/{quote(gone[0])}"))
    assert "Not assessed in Round 2" in text


def test_the_chart_stands_at_true_dates_and_leaves_gaps(exercise):
    cells = frames(exercise)["matrix"].filter(pl.col("indicator") == STOCK)
    rounds = cells.group_by("location_id").agg(pl.col("round_number").unique())
    gone = rounds.filter(pl.col("round_number") == [1])["location_id"][0]
    answer = Client().get(f"{BASE}/place-chart.json", {"place": gone})
    (values,) = answer.json()["datasets"].values()
    days = cells["reference_date"].unique().sort()
    assert [row["date"] for row in values] == [str(day) for day in days]
    assert values[0]["value"] is not None
    assert values[1]["value"] is None


def test_the_small_map_has_outlines_a_reader_can_get(exercise):
    client = Client()
    document = client.get(f"{BASE}/place-map.json", {"place": "XW01"}).json()
    assert document["outlines"].keys() == {"1"}
    collection = json.loads(client.get(document["outlines"]["1"]).content)
    assert len(collection["features"]) == 8
    codes = document["values"][STOCK]["1"]["codes"]
    assert set(codes) <= {feature["id"] for feature in collection["features"]}


def test_documents_are_kept_by_browsers_until_the_edition_changes(exercise):
    client = Client()
    first = client.get(f"{BASE}/outlines/1.json")
    again = client.get(f"{BASE}/outlines/1.json", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "code", ["nowhere", "XW01/../XW02", "' OR 1=1 --", "<script>", "%01", "9" * 500, "XW01%01"]
)
def test_an_unknown_place_is_not_found(exercise, code):
    assert Client().get(f"{BASE}/place/{quote(code, safe='%')}").status_code == 404


def test_an_indicator_that_is_none_is_said_and_the_page_still_shown(exercise):
    answer = Client().get(f"{BASE}/place/XW01", {"indicator": "<script>alert(1)</script>"})
    assert answer.status_code == 422
    assert b"<script>alert" not in answer.content


def test_decisions_about_a_location_are_shown_to_those_who_work_on_it_only(exercise, as_person):
    found = frames(exercise)["locations"]["location_id"]
    amina = User.objects.get(username="amina")
    LocationDecision.objects.create(
        operation=exercise, location_id=found[0], change="merge", other_id=found[1],
        reason="One and the same school", by=amina,
    )  # fmt: skip
    address = f"{BASE}/place/{quote(found[1])}"
    assert "One and the same school" in text_of(as_person("leila").get(address))
    for client in (Client(), as_person("mei")):
        assert "One and the same school" not in text_of(client.get(address))


def test_the_id_of_a_location_that_was_merged_away_leads_to_where_it_went(exercise):
    found = frames(exercise)["locations"]["location_id"]
    LocationDecision.objects.create(
        operation=exercise, location_id="gone_for_long", change="merge", other_id=found[0]
    )
    answer = Client().get(f"{BASE}/place/gone_for_long", follow=True)
    assert answer.status_code == 200
    assert "gone_for_long was merged into this one" in text_of(answer)


def test_marks_tell_what_is_carried_forward_from_what_was_observed(exercise):
    totals = frames(exercise)["totals"]
    assert totals.height  # the exercise carries nothing forward: no mark is shown
    html = Client().get(f"{BASE}/place/XW01").content.decode()
    assert 'class="n is-observed"' in html
    assert 'class="n is-carried_forward"' not in html
    assert ROUND_2 in html
