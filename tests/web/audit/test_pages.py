"""Who reads the audit trail finds events, takes them away, and asks whether the chain holds."""

from __future__ import annotations

import csv
import io

import pytest
from tests.web.audit.test_chain import run_sql, without_guards
from tests.web.conftest import client_of, create_person

from waystation.web.accounts.roles import Role
from waystation.web.audit.actions import record, record_read
from waystation.web.audit.chain import hash_of
from waystation.web.audit.models import Event
from waystation.web.audit.queries import verify_chain


@pytest.fixture
def auditor(db):
    return create_person("auditor", Role.AUDITOR)


def numbers_on(answer):
    return [event.number for event in answer.context["events"]]


def test_events_are_narrowed_by_what_who_whom_and_day(auditor, amina, outsider):
    client = client_of(auditor)
    given = record("role.assign", amina, outsider, {"role": "analyst"})
    record_read("user.export", auditor, type(outsider), {"rows": 7})
    every = numbers_on(client.get("/audit/"))
    assert every == sorted(every, reverse=True)
    assert len(every) == Event.objects.count()
    day = given.at.date().isoformat()
    for asked in (
        "verb=role.assign&actor=amina",
        f"kind=accounts.user&key={outsider.pk}&verb=role",
        f"first_day={day}&last_day={day}&verb=role.assign&actor=amina",
    ):
        assert given.number in numbers_on(client.get(f"/audit/?{asked}"))
    for asked in ("verb=role&actor=nobody", "verb=zebra", "first_day=2099-01-01",
                  "last_day=2001-01-01"):  # fmt: skip
        assert numbers_on(client.get(f"/audit/?{asked}")) == []
    for asked in ("first_day=x", "last_day=9999-12-31", "before=x", "before=-1", "verb=%00",
                  "verb=" + "a" * 65):  # fmt: skip
        assert client.get(f"/audit/?{asked}").status_code == 422
        assert client.get(f"/audit/export.csv?{asked}").status_code == 422


def test_older_events_follow_page_by_page(auditor, amina):
    for number in range(120):
        record("round.publish", amina, amina, {"round_number": number})
    client = client_of(auditor)
    first = client.get("/audit/?verb=round")
    assert len(numbers_on(first)) == 100
    second = client.get("/audit/?" + first.context["older"])
    assert len(numbers_on(second)) == 20
    assert second.context["older"] == ""
    assert set(numbers_on(first)).isdisjoint(numbers_on(second))


def test_events_leave_as_a_file_that_can_be_checked_and_that_is_an_event(auditor, amina):
    answer = client_of(auditor).get("/audit/export.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    exported = Event.objects.latest("number")
    assert (exported.verb, exported.actor) == ("audit.export", auditor)
    assert exported.details == {"rows": len(rows)}
    assert (exported.object_kind, exported.object_id) == ("audit.event", "")
    first = Event.objects.get(number=int(rows[-1]["number"]))
    assert rows[-1]["hash"] == hash_of(
        previous=rows[-1]["previous_hash"], number=first.number, at=first.at,
        verb=rows[-1]["verb"], actor=first.actor_id, object_kind=first.object_kind,
        object_id=first.object_id, details=first.details,
    )  # fmt: skip


def test_the_page_says_whether_the_chain_holds(auditor, amina):
    client = client_of(auditor)
    head = verify_chain().head
    page = client.post("/audit/chain").content.decode()
    assert "The chain holds" in page
    assert head in page
    assert Event.objects.latest("number").verb == "audit.verify"
    without_guards()
    run_sql("UPDATE audit_event SET verb = 'x.y' WHERE number = 2")
    page = client.post("/audit/chain").content.decode()
    assert "The chain is broken" in page
    assert "Broken events: 1" in page
