"""Comparisons, origins and the table: figures of the edition, and files that read back."""

from __future__ import annotations

import io
from urllib.parse import urlencode

import polars as pl
import pytest
from django.test import Client
from tests.web.tracking.closer import (
    BASE,
    ROUND_1,
    ROUND_2,
    STOCK,
    content_of,
    correct_the_largest,
    frames,
)

from waystation.tracking.changes import changes_from_matrix


def read_csv(answer):
    return pl.read_csv(io.BytesIO(content_of(answer)), infer_schema_length=None)


def compare(**query):
    return Client().get(f"{BASE}/compare?{urlencode(query)}")


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_a_comparison_has_the_totals_of_both_rounds_and_parts_that_add_up(exercise, level):
    totals = frames(exercise)["totals"].filter(
        pl.col("indicator") == STOCK, pl.col("admin_level") == level
    )
    query = {"before": ROUND_1, "after": ROUND_2, "level": level, "indicator": STOCK}
    rows = read_csv(Client().get(f"{BASE}/compare.csv", query))
    for side, number in (("before", 1), ("after", 2)):
        expected = totals.filter(pl.col("round_number") == number)
        found = dict(rows.select("code", side).iter_rows())
        for code, value in expected.select("code", "value").iter_rows():
            assert found[code] == value
    parts = [c for c in rows.columns[8:] if rows[c].dtype.is_numeric()]
    assert parts
    sums = rows.select(pl.sum_horizontal(parts)).to_series()
    assert (sums == rows["change"]).all()


def test_the_largest_changes_come_first(exercise):
    context = compare(before=ROUND_1, after=ROUND_2, level=1, indicator=STOCK).context
    sizes = [abs(row["change"]) for row in context["rows"]]
    assert sizes == sorted(sizes, reverse=True)


def test_a_comparison_is_the_librarys(exercise):
    found = frames(exercise)
    cells = found["matrix"].filter(pl.col("indicator") == STOCK)
    expected = changes_from_matrix(cells, units=found["units"], locations=found["locations"])
    expected = expected.filter(pl.col("admin_level") == 1)
    context = compare(before=ROUND_1, after=ROUND_2, level=1, indicator=STOCK).context
    by_part = dict(
        expected.group_by(pl.col("part").cast(pl.String))
        .agg(pl.col("change").sum())
        .iter_rows()
    )
    assert sorted(p["change"] for p in context["parts"]) == sorted(by_part.values())


def test_two_versions_of_a_round_differ_by_the_correction_alone(exercise):
    before = frames(exercise)["totals"].filter(
        pl.col("indicator") == STOCK, pl.col("admin_level") == 0, pl.col("round_number") == 2
    )["value"][0]
    correct_the_largest(exercise)
    context = compare(before=f"{ROUND_2}.v1", after=ROUND_2, level=1, indicator=STOCK).context
    assert context["totals"]["before"] == before
    (part,) = context["parts"]
    assert part["label"] == "Corrections"
    assert part["change"] == context["totals"]["change"] < 0


def test_the_map_of_change_is_symmetric_around_no_change(exercise):
    document = Client().get(f"{BASE}/compare-map.json").json()
    bounds = document["classes"][STOCK]["1"]
    assert bounds == [-bound for bound in reversed(bounds)]
    assert bounds == sorted(set(bounds))
    assert document["indicators"][0]["kind"] == "change"


def test_a_round_is_not_compared_with_itself(exercise):
    answer = compare(before=ROUND_1, after=ROUND_1)
    assert answer.status_code == 200
    assert b"These two cannot be compared" in answer.content
    assert (
        Client().get(f"{BASE}/compare.csv?before={ROUND_1}&after={ROUND_1}").status_code == 422
    )


def test_origins_are_those_of_the_totals_and_what_is_not_known_is_said(exercise):
    totals = frames(exercise)["totals"].filter(
        pl.col("round_number") == 2, pl.col("admin_level") == 1
    )
    context = Client().get(f"{BASE}/flows").context
    told = totals.filter(pl.col("indicator").str.starts_with(f"{STOCK}__origin__"))
    assert context["known"] == told["value"].sum()
    for row in context["rows"]:
        stated = sum(cell["value"] or 0 for cell in row["cells"])
        assert row["unknown"] == max(row["total"] - stated, 0)


def test_the_page_of_origins_says_that_they_are_a_stock(exercise):
    assert (
        "It is a stock, not a count of people who moved"
        in Client().get(f"{BASE}/flows").content.decode()
    )


def test_flows_on_the_map_lead_from_an_origin_to_another_unit_largest_first(exercise):
    document = Client().get(f"{BASE}/flows-map.json?top=5").json()
    assert 0 < len(document["flows"]) <= 5
    sizes = [flow["persons"] for flow in document["flows"]]
    assert sizes == sorted(sizes, reverse=True)
    for flow in document["flows"]:
        assert flow["origin"] != flow["destination"]


@pytest.mark.parametrize("level", ["location", "3", "2", "1", "0"])
def test_the_table_has_every_place_once_with_its_figures(exercise, level):
    found = frames(exercise)
    answer = Client().get(f"{BASE}/table.csv?{urlencode({'level': level, 'indicator': STOCK})}")
    rows = read_csv(answer)
    if level == "location":
        expected = found["matrix"].filter(
            pl.col("round_number") == 2, pl.col("indicator") == STOCK
        )
        expected = expected.select(code="location_id", value="value")
    else:
        expected = found["totals"].filter(
            pl.col("round_number") == 2, pl.col("indicator") == STOCK,
            pl.col("admin_level") == int(level),
        ).select("code", "value")  # fmt: skip
    title = f"{STOCK} {ROUND_2}"
    assert dict(rows.select("code", title).iter_rows()) == dict(expected.iter_rows())


def test_the_view_is_in_the_address_and_the_file_is_of_this_view(exercise):
    query = {
        "level": "location", "unit": "XW01", "minimum": 100, "sort": "-v0",
        "indicator": [STOCK, "idp_households"], "round": [ROUND_1, ROUND_2],
    }  # fmt: skip
    address = urlencode(query, doseq=True)
    page = Client().get(f"{BASE}/table?{address}")
    csv = read_csv(Client().get(page.context["csv_url"]))
    xlsx = pl.read_excel(
        io.BytesIO(content_of(Client().get(page.context["xlsx_url"]))), engine="calamine"
    )
    assert [row["code"] for row in page.context["rows"]] == csv["code"].to_list()
    assert csv["code"].to_list() == xlsx["code"].to_list()
    first = f"{STOCK} {ROUND_1}"
    values = csv[first].drop_nulls().to_list()
    assert values == sorted(values, reverse=True)
    assert (csv["admin1_code"] == "XW01").all()
    figures = csv.columns[8:]
    assert figures == [
        f"{c} {r}" for r in (ROUND_1, ROUND_2) for c in (STOCK, "idp_households")
    ]
    assert csv.select((pl.max_horizontal(figures) >= 100).all()).item()
    assert page.context["sums"][0] == csv[first].sum() == xlsx[first].sum()


def test_names_are_found_without_their_accents(exercise):
    names = frames(exercise)["locations"]["name"]
    name = next(n for n in names if n and "é" in n)
    plain = name.replace("é", "e").replace("è", "e").replace("â", "a").upper()
    context = Client().get(f"{BASE}/table", {"q": plain, "round": [ROUND_1, ROUND_2]}).context
    assert name in [row["name"] for row in context["rows"]]


def test_places_not_assessed_and_figures_left_blank_can_be_asked_for(exercise):
    cells = frames(exercise)["matrix"].filter(pl.col("indicator") == STOCK)
    blank = cells.filter(pl.col("value").is_null(), pl.col("round_number") == 2)
    query = {"status": "not_reported", "indicator": STOCK}
    context = Client().get(f"{BASE}/table", query).context
    assert context["count"] == blank.height
    both = {"status": "not_assessed", "indicator": STOCK, "round": [ROUND_1, ROUND_2]}
    context = Client().get(f"{BASE}/table", both).context
    once = cells.group_by("location_id").len().filter(pl.col("len") == 1)
    assert context["count"] == once.height


def test_what_begins_like_a_formula_stays_text_in_files(exercise, monkeypatch):
    from waystation.web.tracking.views.closer import table

    def bad(_asked):
        return pl.DataFrame({"code": ["=1+1"], "name": ["@SUM(A1)"], "x": [1.0]})

    monkeypatch.setattr(table, "_file_frame", bad)
    csv = read_csv(Client().get(f"{BASE}/table.csv"))
    assert csv.row(0) == ("'=1+1", "'@SUM(A1)", 1)
    sheet = content_of(Client().get(f"{BASE}/table.xlsx"))
    found = pl.read_excel(io.BytesIO(sheet), engine="calamine")
    assert found.row(0) == ("=1+1", "@SUM(A1)", 1)
    import zipfile

    whole = zipfile.ZipFile(io.BytesIO(sheet)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in whole


def test_pages_of_a_table_beyond_the_last_show_the_last(exercise):
    for number in ("0", "-1", "9999999999", "foo", "\x01"):
        answer = Client().get(f"{BASE}/table", {"page": number})
        assert answer.status_code == 200
        assert answer.context["page"].number == 1
