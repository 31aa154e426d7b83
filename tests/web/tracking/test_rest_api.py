"""The REST API, the features, the feed: what programs are served, and to whom."""

from __future__ import annotations

import io
import json

import polars as pl
import pytest
from django.test import Client

from waystation.web.accounts.actions import create_key
from waystation.web.tracking.editions import edition_of

API = "/api/v1/operations"
BAD = ("'; DROP TABLE x; --", "<script>", "\x00", "9" * 400, "-1", "NaN", "م", "2026-02-31", "")


@pytest.fixture
def client(exercise):
    return Client()


@pytest.fixture
def key(exercise):
    return create_key("notebook", by=None)


def rows_of(answer):
    return answer.json()["rows"]


def test_totals_are_those_of_the_edition_in_every_format(client, exercise):
    wanted = (
        edition_of(exercise)
        .frame("totals")
        .filter((pl.col("admin_level") == 1) & (pl.col("indicator") == "idp_individuals"))
    )
    asked = {"level": 1, "indicator": "idp_individuals"}
    answer = client.get(f"{API}/exercise/totals", asked)
    assert answer["X-Total-Count"] == str(wanted.height)
    assert sorted(r["value"] for r in rows_of(answer)) == sorted(wanted["value"])
    readers = {"parquet": pl.read_parquet, "arrow": pl.read_ipc_stream, "csv": pl.read_csv}
    for kind, read in readers.items():
        answer = client.get(f"{API}/exercise/totals", asked | {"format": kind})
        assert read(io.BytesIO(answer.content))["value"].sum() == wanted["value"].sum()
        assert "attachment" in answer["Content-Disposition"]


def test_pages_put_together_are_the_whole(client):
    whole = rows_of(client.get(f"{API}/exercise/locations", {"limit": 1000}))
    pages = [
        row
        for offset in range(0, 1000, 25)
        for row in rows_of(
            client.get(f"{API}/exercise/locations", {"limit": 25, "offset": offset})
        )
    ]
    assert pages == whole


def test_what_has_not_changed_is_not_sent_again(client):
    for address in (f"{API}/exercise/totals", "/ogc/collections/exercise.admin1/items"):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert first["Cache-Control"].startswith("public")
        other = client.get(address + "?limit=3", headers={"If-None-Match": first["ETag"]})
        assert other.status_code == 200


@pytest.mark.parametrize("address", ["/totals", "/matrix", "/changes", "/locations"])
def test_partners_figures_need_a_key(client, exercise, key, address):
    exercise.visibility = "partners"
    exercise.save()
    assert client.get(f"{API}/exercise{address}").status_code == 404
    with_key = client.get(f"{API}/exercise{address}", headers={"X-API-Key": key})
    assert with_key.status_code == 200
    assert with_key["Cache-Control"].startswith("private")
    wrong = client.get(f"{API}/exercise{address}", headers={"Authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "not_signed_in")


def test_a_key_of_the_dtm_api_is_the_same_key(client, exercise, key):
    exercise.visibility = "partners"
    exercise.save()
    headers = {"Ocp-Apim-Subscription-Key": key}
    assert client.get(f"{API}/exercise/totals", headers=headers).status_code == 200
    listed = client.get("/ogc/collections", headers=headers).json()["collections"]
    assert "exercise.admin1" in [c["id"] for c in listed]
    assert client.get("/ogc/collections").json()["collections"] == []


def test_versions_are_listed_with_their_hashes(client, exercise):
    versions = client.get(f"{API}/exercise/versions").json()
    assert {(v["round_number"], v["version"], v["is_latest"]) for v in versions} == {
        (1, 1, True), (2, 1, True),
    }  # fmt: skip
    assert all(len(v["sha256"]) == 64 for v in versions)


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize(
    "name",
    ["level", "round_number", "indicator", "starts_on", "limit", "offset", "format", "code"],
)
def test_bad_parameters_are_answered_and_never_an_error(client, name, value):
    answer = client.get(f"{API}/exercise/totals", {name: value})
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert {"code", "message", "details"} == set(answer.json())


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("name", ["limit", "offset", "bbox", "datetime", "code", "nonsense"])
def test_bad_questions_about_features_are_answered(client, name, value):
    answer = client.get("/ogc/collections/exercise.admin1/items", {name: value})
    assert answer.status_code in {200, 422}


def test_features_are_paged_and_each_has_an_address(client):
    first = client.get("/ogc/collections/exercise.admin2/items", {"limit": 5}).json()
    assert first["numberReturned"] == 5 < first["numberMatched"]
    links = {link["rel"]: link["href"] for link in first["links"]}
    second = client.get(links["next"]).json()
    assert {f["id"] for f in first["features"]}.isdisjoint(f["id"] for f in second["features"])
    one = client.get(f"/ogc/collections/exercise.admin2/items/{first['features'][0]['id']}")
    assert one.json()["properties"] == first["features"][0]["properties"]
    assert client.get("/ogc/collections/exercise.admin2/items/nowhere").status_code == 404


def test_the_feed_names_public_releases_only(client, exercise):
    feed = client.get("/releases.atom")
    assert feed["Content-Type"].startswith("application/atom+xml")
    assert feed.content.count(b"<entry>") == 2
    exercise.visibility = "partners"
    exercise.save()
    assert b"<entry>" not in client.get("/releases.atom").content
    assert b"Disallow: /api/" in client.get("/robots.txt").content


def test_a_formula_in_a_name_is_only_text_in_csv(client, exercise, monkeypatch):
    from waystation.web.tracking import programs

    rows = pl.DataFrame({"name": ["=cmd()", "+1", "Abia"], "value": [-1.0, 2.0, 3.0]})
    assert programs.bytes_of_rows(rows, "csv").decode().splitlines()[1:] == [
        "'=cmd(),-1.0", "'+1,2.0", "Abia,3.0",
    ]  # fmt: skip


def test_the_document_describes_every_table(client):
    document = client.get("/api/v1/openapi.json").json()
    for table in ("totals", "matrix", "changes", "locations"):
        assert f"/api/v1/operations/{{slug}}/{table}" in document["paths"]
    assert json.dumps(document)
