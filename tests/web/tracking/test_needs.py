"""Surveys of households' needs: the page, its rights, and the HNA API that reads them."""

from __future__ import annotations

import datetime as dt
import io
import re
import time
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.web.conftest import client_of

from waystation.web.accounts.actions import create_key
from waystation.web.accounts.models import User
from waystation.web.audit.models import Event
from waystation.web.tracking.models import NeedsSurvey
from waystation.web.tracking.models.operations import Visibility

PAGE = "/operations/exercise/needs"
HEAD = (
    "m0302_meta_adm0_pcode,m0304_meta_adm2_pcode,m2788_loc_assessment_strata,year,"
    "num_households,pct_hh_m2730_hh_priority_needs_food\n"
)
TABLE = HEAD + "XWS,XW0101,IDP,2025,40,62.5\nXWS,XW0101,IDP returnee,2025,9,50\n"
KEY = "Ocp-Apim-Subscription-Key"
WHICH = {"Admin0Pcode": "XWS", "Year": 2026}


def sent(text=TABLE, **fields):
    content = text.encode() if isinstance(text, str) else text
    return {"file": SimpleUploadedFile("needs.csv", content), "fewest": 10, **fields}


@pytest.fixture
def get(client, exercise):
    key = create_key("dashboard", by=None)

    def got(path, **query):
        return client.get(f"/HNA/v1/{path}", query, headers={KEY: key})

    return got


def test_the_exercise_has_a_survey_and_it_is_shown(client, exercise):
    page = client.get(PAGE).content.decode()
    survey = NeedsSurvey.objects.get()
    assert survey.year == 2026
    assert survey.groups == ["IDP"]
    assert 0 < survey.withheld < survey.figures
    assert "<table" in page
    assert "needs.csv" not in page
    assert '<form method="post" enctype' not in page


# who              GET  POST of a table  withdraw
TRUTH = {
    "nobody": (200, "sign in", "sign in"),
    "outsider": (200, 404, 404),
    "amina": (200, 302, 302),
    "tomas": (200, 302, 302),
    "joseph": (200, 403, 403),
    "leila": (200, 403, 403),
    "mei": (200, 404, 404),
    "admin": (200, 403, 403),
}  # fmt: skip


@pytest.mark.parametrize("who", TRUTH)
def test_who_may_look_and_who_may_publish(exercise, as_person, outsider, who):
    person = {"nobody": Client(), "outsider": client_of(outsider)}.get(who) or as_person(who)
    survey = NeedsSurvey.objects.get()
    events = Event.objects.count()
    answers = (
        person.get(PAGE),
        person.post(PAGE, sent()),
        person.post(f"{PAGE}/{survey.pk}/withdraw"),
    )
    for answer, expected in zip(answers, TRUTH[who], strict=True):
        if expected == "sign in":
            assert answer.status_code == 302
            assert "/accounts/login/" in answer["Location"]
        else:
            assert answer.status_code == expected, (who, answer.request["PATH_INFO"])
    assert (Event.objects.count() > events) == (TRUTH[who][1] == 302)
    survey.refresh_from_db()
    assert survey.is_current == (TRUTH[who][2] != 302)


def test_what_is_for_partners_is_not_there_for_others(exercise, as_person):
    exercise.visibility = Visibility.PARTNERS
    exercise.save()
    assert Client().get(PAGE).status_code == 404
    assert as_person("mei").get(PAGE).status_code == 200


def test_a_table_is_published_protected_and_replaces_what_it_overlaps(as_person, get):
    amina = as_person("amina")
    assert amina.post(PAGE, sent()).status_code == 302
    survey = NeedsSurvey.objects.get(year=2025)
    assert (survey.areas, survey.households, survey.figures, survey.withheld) == (1, 40, 2, 1)
    event = Event.objects.order_by("-pk")[0]
    assert (event.verb, event.actor) == ("needs.publish", User.objects.get(username="amina"))
    # The same again changes nothing; another of the same group takes its place.
    amina.post(PAGE, sent())
    assert NeedsSurvey.objects.filter(year=2025).count() == 1
    amina.post(PAGE, sent(TABLE.replace("62.5", "70")))
    survey.refresh_from_db()
    assert not survey.is_current
    [first, second] = get("admin2", Admin0Pcode="XWS", Year=2025).json()["result"]["result"][
        "data"
    ]
    assert first["pct_hh_m2730_hh_priority_needs_food"] == 70.0
    assert second["pct_hh_m2730_hh_priority_needs_food"] is None
    assert second["num_households"] is None


@pytest.mark.parametrize(
    "fields",
    [
        sent(""), sent("a,b\n1,2\n"), sent("\x00\x00"), sent(TABLE.replace("XWS", "XWT")),
        sent(TABLE.replace("IDP,2025", "IDP,2024")), sent(TABLE.replace("62.5", "<b>")),
        sent(b"\xff\xfe\x00\xd8" * 50), sent(b"PK\x03\x04 no workbook"),
        sent(year="9" * 400), sent(year="-1"), sent(stratum="x" * 5000), sent(stratum="\x00"),
        sent(fewest="0"), sent(fewest="1"), sent(fewest=""), {"fewest": 10}, {},
    ],
)  # fmt: skip
def test_what_cannot_be_used_shows_the_form_again(as_person, fields):
    answer = as_person("amina").post(PAGE, fields)
    assert answer.status_code == 422
    assert 'class="errorlist' in answer.content.decode()
    assert NeedsSurvey.objects.filter(is_current=True).count() == 1


def test_pages_of_the_needs_of_a_country(as_person, get):
    rows = [f"XWS,XW{n:04d},IDP,2023,40,{n % 100}" for n in range(230)]
    as_person("amina").post(PAGE, sent(HEAD + "\n".join(rows)))
    found = []
    for page in (1, 2, 3):
        body = get("admin2", Admin0Pcode="xws", Year=2023, Page=page).json()
        assert list(body) == ["result", "id", "exception", "status", "isCompletedSuccessfully"]
        inner = body["result"]
        assert list(inner) == [
            "result", "statusCode", "isSuccess", "errorMessages", "totalRecordsCount",
        ]  # fmt: skip
        assert inner["result"]["pagination"] == {
            "page": page, "pageSize": 100, "totalItems": 230, "totalPages": 3,
            "hasNextPage": page < 3, "hasPreviousPage": page > 1,
        }  # fmt: skip
        found += inner["result"]["data"]
    assert [row["m0304_meta_adm2_pcode"] for row in found] == sorted(r[4:10] for r in rows)
    beyond = get("admin2", Admin0Pcode="XWS", Year=2023, Page="9" * 20).json()
    assert beyond["result"]["result"]["data"] == []
    assert beyond["result"]["result"]["pagination"]["hasNextPage"] is False


def test_groups_are_chosen_by_name(as_person, get):
    as_person("amina").post(PAGE, sent())
    for group, expected in (
        ("IDP", ["IDP"]), ("idp RETURNEE", ["IDP returnee"]), ("nobody", []),
        ("IDP, IDP returnee", ["IDP", "IDP returnee"]), ("", ["IDP", "IDP returnee"]),
    ):  # fmt: skip
        body = get("admin2", Admin0Pcode="XWS", Year=2025, PopulationGroup=group).json()
        data = body["result"]["result"]["data"]
        assert [row["m2788_loc_assessment_strata"] for row in data] == expected


@pytest.mark.parametrize(
    "query",
    [
        {}, {"Year": 2026}, {"Admin0Pcode": "XWS"}, {"Admin0Pcode": "XWS", "Year": "soon"},
        {"Admin0Pcode": "XWS", "Year": "2026", "Page": "-1"},
        {"Admin0Pcode": "XWS", "Year": "2026", "Page": "1e3"},
        {"Admin0Pcode": "XWS", "Year": "\x01"},
    ],
)  # fmt: skip
def test_what_is_missing_or_no_number_is_refused(get, query):
    for path in ("admin2", "download"):
        if path == "admin2" or "Page" not in query:
            answer = get(path, **query)
            assert answer.status_code == 400
            assert answer.json()["isSuccess"] is False


@pytest.mark.parametrize("value", ["\x01", "'--", "<b>", "9" * 40, "x" * 9000])
def test_odd_values_find_nothing(get, value):
    body = get("admin2", Admin0Pcode=value, Year=2026).json()
    assert body["result"]["result"]["data"] == []
    found = get("admin2", **WHICH, Admin0Name=value, PopulationGroup=value).json()
    assert found["result"]["result"]["pagination"]["totalItems"] == 0


def test_the_catalogue_names_every_column_and_countries_are_listed(get):
    columns = {row["indicator_name"] for row in get("catalog").json()["result"]}
    [row, *_] = get("admin2", **WHICH).json()["result"]["result"]["data"]
    assert columns == {n for n in row if n.startswith("pct_") or n == "num_households"}
    assert get("Country-List").json()["result"] == [
        {"admin0Name": get("country-list").json()["result"][0]["admin0Name"],
         "admin0Pcode": "XWS"}
    ]  # fmt: skip
    assert row["m3695_meta_adm2_name"]


def test_needs_want_a_key(client, exercise):
    for path in ("country-list", "catalog", "admin2", "download"):
        assert client.get(f"/HNA/v1/{path}").status_code == 401


@pytest.fixture
def later(monkeypatch):
    """Return a function that moves the clock of signatures on, in seconds."""
    start = time.time()

    def move(seconds):
        clock = SimpleNamespace(time=lambda: start + seconds)
        monkeypatch.setattr("django.core.signing.time", clock)

    return move


def test_a_link_is_good_without_a_key_for_ten_minutes(client, get, later):
    later(0)
    asked = dt.datetime.now(dt.UTC)
    pointer = get("download", **WHICH).json()
    assert list(pointer) == ["downloadUrl", "fileName", "expiresAt"]
    assert re.fullmatch(r"Report_XWS_2026__\d{14}\.xlsx", pointer["fileName"])
    expires = dt.datetime.fromisoformat(pointer["expiresAt"])
    assert dt.timedelta(seconds=598) < expires - asked < dt.timedelta(seconds=630)
    path = pointer["downloadUrl"].removeprefix("http://testserver")
    later(590)
    answer = client.get(path)
    assert answer["Content-Disposition"] == f'attachment; filename="{pointer["fileName"]}"'
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    data = get("admin2", **WHICH).json()["result"]["result"]["data"]
    assert [cell.value for cell in book["Data"][1]] == list(data[0])
    assert book["Data"].max_row == len(data) + 1
    for changed in (
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        "/HNA/v1/files/x",
        path + "==",
    ):
        assert client.get(changed).status_code == 403
    later(602)
    late = client.get(path)
    assert (late.status_code, late.json()["isSuccess"]) == (403, False)


def test_a_survey_that_was_withdrawn_is_not_behind_an_old_link(as_person, client, get):
    path = get("download", **WHICH).json()["downloadUrl"].removeprefix("http://testserver")
    survey = NeedsSurvey.objects.get()
    as_person("amina").post(f"{PAGE}/{survey.pk}/withdraw")
    book = openpyxl.load_workbook(io.BytesIO(client.get(path).content))
    assert book["Data"].max_row <= 2
    assert get("admin2", **WHICH).json()["result"]["result"]["data"] == []
