"""Opening an operation, giving it places, and keeping its master list."""

from __future__ import annotations

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.web.conftest import client_of, create_person

from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Role
from waystation.web.audit.models import Event
from waystation.web.tracking import master, storage
from waystation.web.tracking.exercise import finish_jobs
from waystation.web.tracking.models import Operation

NAUGHTY = ("'; DROP TABLE x; --", "<script>alert(1)</script>", "\x01", "م" * 5000, "🙂", "-1")


def page(name, *args):
    return reverse(f"tracking:{name}", args=["exercise", *args])


@pytest.fixture
def some_location(exercise):
    return master.master_list(exercise).filter(pl.col("status") == "open").row(0, named=True)


def test_an_operation_is_opened_and_given_its_places(db, data):
    officer = create_person("officer", Role.INFORMATION_OFFICER)
    client = client_of(officer)
    answer = {"name": "  North   response ", "country": "NGA", "visibility": "partners"}
    made = client.post(reverse("tracking:operation_new"), answer)
    operation = Operation.objects.get()
    assert (operation.name, operation.slug) == ("North response", "nga-north-response")
    assert made.url == reverse("tracking:geography", args=[operation.slug])
    assert client.post(reverse("tracking:operation_new"), answer).status_code == 422
    content = b"ADM1_PCODE,ADM1_EN,ADM0_PCODE\nNG001,Abia,NG\nNG002,Adamawa,NG\n"
    sent = {"kind": "pcodes", "file": SimpleUploadedFile("admin1.csv", content)}
    assert client.post(made.url, sent).status_code == 302
    assert b"being read" in client.get(made.url).content
    finish_jobs()
    shown = client.get(made.url).content.decode()
    assert "admin1.csv" in shown
    assert "Admin 1" in shown
    operation.refresh_from_db()
    assert operation.geography_version == 1


def test_an_empty_or_unreadable_list_is_said_and_changes_nothing(exercise, as_person):
    client = as_person("amina")
    empty = {"kind": "pcodes", "file": SimpleUploadedFile("a.csv", b"")}
    assert client.post(page("geography"), empty).status_code == 422
    nonsense = {"kind": "boundaries", "file": SimpleUploadedFile("b.geojson", b"{nonsense")}
    assert client.post(page("geography"), nonsense).status_code == 302
    before = exercise.geography_version
    finish_jobs()
    exercise.refresh_from_db()
    assert exercise.geography_version == before
    assert b"could not be read" in client.get(page("geography")).content


def test_settings_change_and_leave_a_trace(exercise, as_person):
    client = as_person("amina")
    answer = {
        "name": "Exercise", "visibility": "partners", "disclosure": "rounding",
        "disclosure_base": "10", "is_active": "on",
    }  # fmt: skip
    assert client.post(page("operation_settings"), answer).status_code == 302
    exercise.refresh_from_db()
    assert (exercise.visibility, exercise.disclosure_base) == ("partners", 10)
    assert Event.objects.latest("number").verb == "operation.change"
    for base in ("1", "101", "x"):
        changed = client.post(page("operation_settings"), answer | {"disclosure_base": base})
        assert changed.status_code == 422


def test_the_master_list_is_searched(exercise, as_person, some_location):
    client = as_person("amina")
    whole = client.get(page("locations")).content.decode()
    assert some_location["location_id"] in whole
    found = client.get(page("locations"), {"q": some_location["location_id"]})
    assert some_location["location_id"] in found.content.decode()
    assert b"Nothing matches" in client.get(page("locations"), {"q": "zzzz"}).content
    points = client.get(page("locations_map"), {"points": ""}).json()
    assert {f["id"] for f in points["features"]} <= set(
        master.master_list(exercise)["location_id"]
    )


def test_closing_editing_and_taking_back(exercise, as_person, some_location):
    client = as_person("amina")
    code = some_location["location_id"]
    closing = {
        "change": "close", "close-holds_from": "2026-09-01", "close-reason": "Site razed",
    }  # fmt: skip
    assert client.post(page("location", code), closing).status_code == 302
    assert master.location_of(exercise, code)["status"] == "closed"
    edit = {"change": "edit", "edit-name": "New name", "edit-reason": "Visited"}
    assert client.post(page("location", code), edit).status_code == 302
    assert master.location_of(exercise, code)["name"] == "New name"
    half = edit | {"edit-latitude": "1.5"}
    assert client.post(page("location", code), half).status_code == 422
    newest = master.history_of_location(exercise, code)[0]
    undo = {"change": "undo", "decision": newest.pk}
    assert client.post(page("location", code), undo).status_code == 302
    assert master.location_of(exercise, code)["name"] == some_location["name"]


def test_two_reports_of_what_is_one_place_count_once(exercise, as_person):
    round_ = exercise.rounds.get(number=3)
    draft = pl.read_parquet(storage.draft_folder(round_) / "matrix.parquet")
    stocks = draft.filter(pl.col("indicator") == "idp_individuals").drop_nulls("value")
    merged, kept = stocks["location_id"].unique(maintain_order=True).to_list()[:2]
    client = as_person("amina")
    answer = {"change": "merge", "merge-other_id": kept, "merge-reason": "One place"}
    assert client.post(page("location", merged), answer).status_code == 302
    for expected_draft in (2, 3):  # and it stays so when the round is built again
        finish_jobs()
        round_.refresh_from_db()
        assert round_.draft == expected_draft
        now = pl.read_parquet(storage.draft_folder(round_) / "matrix.parquet")
        now = now.filter(pl.col("indicator") == "idp_individuals")
        assert merged not in now["location_id"]
        both = stocks.filter(pl.col("location_id").is_in([merged, kept]))["value"].to_list()
        assert now.filter(pl.col("location_id") == kept)["value"].item() in both
        other = master.master_list(exercise)["location_id"][0]
        edit = {"change": "edit", "edit-name": "Another", "edit-reason": "Visited"}
        client.post(page("location", other), edit)
    assert client.post(page("location", kept), answer).status_code == 422


def test_a_proposal_is_taken_up_or_left(exercise, as_person):
    client = as_person("amina")
    moved = master.proposals_of(exercise).filter(pl.col("kind") == "moved").to_dicts()
    first, second = moved[:2]
    for row, answer in ((first, "take"), (second, "dismiss")):
        said = {"kind": row["kind"], "location_id": row["location_id"], "answer": answer}
        assert client.post(page("location_proposals"), said).status_code == 302
    taken = master.location_of(exercise, first["location_id"])
    assert [taken["latitude"], taken["longitude"]] == [
        float(part) for part in first["reported"].split()
    ]
    left = master.proposals_of(exercise)["location_id"].to_list()
    assert first["location_id"] not in left
    assert second["location_id"] not in left
    again = {"kind": "moved", "location_id": first["location_id"], "answer": "take"}
    assert client.post(page("location_proposals"), again).status_code == 404


@pytest.mark.parametrize("value", NAUGHTY)
def test_nonsense_is_refused_and_never_an_error(exercise, as_person, some_location, value):
    client = as_person("amina")
    code = some_location["location_id"]
    posts = [
        (reverse("tracking:operation_new"), {"name": value, "country": value}),
        (page("operation_settings"), {"name": value, "disclosure_base": value}),
        (page("geography"), {"kind": value, "file": value}),
        (page("location", code), {"change": value}),
        (page("location", code), {"change": "merge", "merge-other_id": value}),
        (page("location", code), {"change": "undo", "decision": value}),
        (page("location", code), {"change": "edit", "edit-latitude": value}),
        (page("location_proposals"), {"kind": value, "location_id": value, "answer": "x"}),
    ]
    for address, answer in posts:
        assert client.post(address, answer).status_code < 500
    for query in ("q", "unit", "status", "page"):
        assert client.get(page("locations"), {query: value}).status_code == 200


PAGES = {
    "operation_settings": {"amina", "admin"},
    "geography": {"amina", "admin"},
    "locations": {"amina", "joseph", "leila"},
    "location_proposals": {"amina", "joseph", "leila"},
    "locations_map": {"amina", "joseph", "leila"},
}


@pytest.mark.parametrize("name", PAGES)
def test_who_sees_each_page(exercise, as_person, name):
    for person in ("amina", "joseph", "leila", "mei", "admin"):
        status = as_person(person).get(page(name)).status_code
        expected = 200 if person in PAGES[name] else 404 if person == "mei" else 403
        assert status == expected, person
    outsider = create_person("outsider", has_second_factor=False)
    assert client_of(outsider).get(page(name)).status_code == 404
    assert Client().get(page(name)).status_code == 302


@pytest.mark.parametrize(
    ("person", "expected"),
    [("amina", 422), ("joseph", 403), ("leila", 403), ("mei", 404), ("admin", 403)],
)
def test_who_decides_about_a_location(exercise, as_person, some_location, person, expected):
    address = page("location", some_location["location_id"])
    assert as_person(person).post(address, {}).status_code == expected


def test_only_who_sets_up_everywhere_opens_an_operation(exercise, as_person):
    address = reverse("tracking:operation_new")
    assert as_person("admin").get(address).status_code == 200
    assert as_person("amina").get(address).status_code == 404  # her role is for one operation
    assert User.objects.filter(username="amina").exists()
