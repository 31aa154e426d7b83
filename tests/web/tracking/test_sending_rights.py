"""Who may send, see and change files: every address for every person, allowed or not."""

from __future__ import annotations

from functools import cache

import pytest
from tests.web.conftest import client_of, create_person
from tests.web.tracking.sent_files import file, latest, page, send, unclear

from waystation.web.tracking.exercise import SLUG, finish_jobs
from waystation.web.tracking.models import Job

GET, POST = "get", "post"
WORKERS = ("amina", "tomas", "joseph", "leila")
SENDERS = ("amina", "tomas", "joseph")
# None is somebody who has not signed in.
OTHERS: dict[str | None, int] = {"mei": 404, "outsider": 404, "admin": 403, None: 302}
READS = dict.fromkeys(WORKERS, 200) | OTHERS
SENDS = dict.fromkeys(SENDERS, 200) | {"leila": 403} | OTHERS
JOB = {**READS, "admin": 200}


def _answers(person, client, method, address, data=None):
    found = {}
    for name in READS:
        if name is None:
            asking = client
        elif name == "outsider":
            asking = client_of(create_person("outsider", has_second_factor=False))
        else:
            asking = person(name)
        answer = getattr(asking, method)(address, data or {})
        answer.close()
        found[name] = answer.status_code
    return found


@pytest.fixture
def person(as_person):
    """Return a function that gives the one client of a person of the exercise."""
    return cache(as_person)


@pytest.fixture
def waiting(exercise, person):
    """Return a file of the exercise whose mapping waits."""
    send(person("joseph"), exercise, file("unclear.csv", unclear()))
    finish_jobs()
    return latest()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("work", READS), ("upload", READS), ("upload_new", SENDS), ("upload_mapping", SENDS),
     ("upload_yaml", SENDS), ("upload_original", SENDS), ("job", JOB)],
)  # fmt: skip
def test_who_may_look(name, expected, waiting, person, client):
    args: dict[str, list[object]] = {
        "work": [SLUG], "upload_new": [SLUG], "job": [SLUG, Job.objects.latest("pk").pk]
    }  # fmt: skip
    address = page(name, *args.get(name, [SLUG, waiting.pk]))
    assert _answers(person, client, GET, address) == expected


@pytest.mark.parametrize("name", ["upload_state", "upload_preview"])
def test_who_may_ask_how_far_a_file_is(name, waiting, person, client):
    address = page(name, SLUG, waiting.pk)
    assert _answers(person, client, GET, address) == {
        who: 302 if code == 200 else code for who, code in READS.items()
    }


# What is posted is nonsense: those who may send are told so, all others never get that far.
@pytest.mark.parametrize(
    ("name", "told"),
    [("upload_new", 422), ("upload_confirm", 422), ("upload_mapping", 422),
     ("upload_yaml", 422), ("upload_again", 422), ("upload_preview", 302)],
)  # fmt: skip
def test_who_may_act(name, told, waiting, person, client):
    address = page(name, *([SLUG] if name == "upload_new" else [SLUG, waiting.pk]))
    expected = {who: told if code == 200 else code for who, code in SENDS.items()}
    assert _answers(person, client, POST, address) == expected


def test_who_may_withdraw(waiting, person, client):
    address = page("upload_withdraw", SLUG, waiting.pk)
    others = [who for who, code in SENDS.items() if code != 200]
    answers = _answers(person, client, POST, address)
    assert {who: answers[who] for who in others} == {who: SENDS[who] for who in others}
    # The first who may has withdrawn it; the others are told that it does not count any more.
    assert [answers[who] for who in SENDERS] == [302, 422, 422]


def test_a_file_of_another_operation_is_not_found_under_ones_own(waiting, person):
    joseph = person("joseph")
    assert joseph.get(page("upload", "another", waiting.pk)).status_code == 404
    assert joseph.get(page("upload", SLUG, 10**18)).status_code == 404
    assert joseph.get(page("upload", SLUG, 10**30)).status_code == 404
    assert joseph.get(page("job", SLUG, 10**30)).status_code == 404


def test_a_withdrawn_file_cannot_be_confirmed_or_changed(waiting, person):
    joseph = person("joseph")
    joseph.post(page("upload_withdraw", SLUG, waiting.pk))
    assert joseph.get(page("upload_mapping", SLUG, waiting.pk)).status_code == 404
    assert (
        joseph.post(page("upload_confirm", SLUG, waiting.pk), {"key": "x"}).status_code == 422
    )


def test_the_original_is_sent_as_an_attachment(waiting, person):
    answer = person("joseph").get(page("upload_original", SLUG, waiting.pk))
    assert answer["Content-Disposition"] == 'attachment; filename="unclear.csv"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == unclear()


def test_an_old_page_cannot_confirm_what_its_reader_did_not_see(waiting, person):
    joseph = person("joseph")
    answer = joseph.post(page("upload_confirm", SLUG, waiting.pk), {"key": "0" * 32})
    assert answer.status_code == 422
    waiting.refresh_from_db()
    assert waiting.state == "to_confirm"
