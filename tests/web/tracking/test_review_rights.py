"""Who may look at a round's review, decide and publish: one table over all roles."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import client_of, create_person

from waystation.web.accounts.models import User
from waystation.web.tracking import findings

LOOK = {"amina": 200, "tomas": 200, "joseph": 200, "leila": 200, "mei": 404, "admin": 200}
# An administrator sets operations up, and neither reads drafts nor decides.
READ = LOOK | {"admin": 403}
DECIDE = {"amina": 0, "tomas": 0, "joseph": 403, "leila": 403, "mei": 404, "admin": 403}
GET = (
    "review", "review_progress", "questions", "questions_file", "finding", "cleaning_log",
    "cleaning_log_file", "publish", "publish_protection", "publish_progress",
)  # fmt: skip
GET_TO_DECIDE = ("review_bulk", "cleaning_log_import", "snapshot_withdraw")
POST = ("review_bulk", "review_undo", "review_rebuild", "finding", "cleaning_log_import",
        "publish", "snapshot_withdraw")  # fmt: skip


def address(name, round_, item):
    more = {"finding": [item], "cleaning_log_file": ["csv"], "snapshot_withdraw": [1]}
    return reverse(
        f"tracking:{name}", args=[round_.operation.slug, round_.key, *more.get(name, [])]
    )


@pytest.fixture
def addresses(exercise):
    round_ = exercise.rounds.get(number=2)
    item = findings.desk_of_round(round_).items["key"][0]
    names = {*GET, *GET_TO_DECIDE, *POST}
    return {name: address(name, round_, item) for name in names}


@pytest.fixture
def people(exercise, as_person):
    clients = {name: as_person(name) for name in READ}
    clients["outsider"] = client_of(create_person("outsider"))
    return clients


def test_who_may_look(people, addresses):
    told = {
        name: {who: client.get(addresses[name]).status_code for who, client in people.items()}
        for name in GET
    }
    assert told == {name: READ | {"outsider": 404} for name in GET}


def test_who_may_open_what_decides(people, addresses):
    told = {
        name: {who: client.get(addresses[name]).status_code for who, client in people.items()}
        for name in GET_TO_DECIDE
    }
    allowed = {who: code or 200 for who, code in DECIDE.items()} | {"outsider": 404}
    assert told == dict.fromkeys(GET_TO_DECIDE, allowed)


def test_who_may_decide(people, addresses):
    """Those who may are told what is missing from an empty form; all others are refused."""
    for name in POST:
        for who, client in people.items():
            code = client.post(addresses[name], {}).status_code
            expected = (DECIDE | {"outsider": 404})[who]
            if expected:
                assert (name, who, code) == (name, who, expected)
            else:
                assert (name, who, code in {302, 404, 422}) == (name, who, True)


def test_nobody_gets_in_without_signing_in(addresses, exercise):
    for name, url in addresses.items():
        answers = [Client().post(url)] if name in POST else []
        answers += [Client().get(url)] if name not in {"review_undo", "review_rebuild"} else []
        for answer in answers:
            assert answer.status_code == 302, name
            assert answer["Location"].startswith(reverse("account_login"))


def test_a_round_of_another_operation_is_not_found(people, exercise):
    url = reverse("tracking:review", args=["elsewhere", "site_assessment-1"])
    assert {client.get(url).status_code for client in people.values()} == {404}
    for key in ("site_assessment-99", "nonsense", "-", "baseline_location-x"):
        url = reverse("tracking:review", args=[exercise.slug, key])
        assert people["amina"].get(url).status_code == 404
    assert User.objects.count() == len(people)
