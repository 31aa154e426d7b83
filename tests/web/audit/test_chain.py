"""The audit trail cannot be changed unseen."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from waystation.errors import InvalidChoice, NotAllowed
from waystation.web.audit.actions import record
from waystation.web.audit.models import Event
from waystation.web.audit.queries import verify_chain


@pytest.fixture
def events(amina):
    for number in range(5):
        record("round.publish", amina, amina, {"round_number": number})
    return list(Event.objects.all())


def run_sql(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def without_guards():
    if connection.vendor == "postgresql":
        run_sql("SET CONSTRAINTS ALL IMMEDIATE")  # no check may wait while the table changes
        run_sql("ALTER TABLE audit_event DISABLE TRIGGER USER")
    else:
        run_sql("DROP TRIGGER audit_event_no_UPDATE")
        run_sql("DROP TRIGGER audit_event_no_DELETE")


def test_the_chain_verifies(events, capsys):
    report = verify_chain()
    assert (report.events, report.broken) == (len(events), ())
    assert report.head == events[-1].hash
    call_command("verify_audit")
    assert report.head in capsys.readouterr().out


@pytest.mark.django_db
def test_an_empty_chain_verifies():
    assert verify_chain().broken == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET verb = 'round.withdraw' WHERE number = 4",
        "UPDATE audit_event SET details = '{\"round_number\": 99}' WHERE number = 4",
        "UPDATE audit_event SET object_id = '0' WHERE number = 4",
        "UPDATE audit_event SET actor_id = NULL WHERE number = 4",
        "DELETE FROM audit_event WHERE number = 3",
    ],
)
def test_a_row_tampered_with_is_found(events, statement):
    with pytest.raises(DatabaseError, match="never changed"):
        run_sql(statement)
    assert verify_chain().broken == ()
    without_guards()
    run_sql(statement)
    assert verify_chain().broken == (4,)
    with pytest.raises(CommandError, match="4"):
        call_command("verify_audit")


def test_a_row_hashed_anew_breaks_the_next(events):
    without_guards()
    event = events[3]
    event.verb = "round.withdraw"
    run_sql(
        f"UPDATE audit_event SET verb = '{event.verb}', hash = '{event.content_hash()}' "
        f"WHERE number = {event.number}"
    )
    assert verify_chain().broken == (event.number + 1,)


def test_nothing_changes_events_through_the_models(events):
    event = events[0]
    refused = [
        event.save,
        event.delete,
        lambda: Event.objects.update(verb="x.y"),
        lambda: Event.objects.filter(number=1).update(verb="x.y"),
        Event.objects.all().delete,
        lambda: Event.objects.bulk_create([Event()]),
        lambda: Event.objects.bulk_update([event], ["verb"]),
    ]
    for change in refused:
        with pytest.raises(NotAllowed):
            change()


@pytest.mark.parametrize(
    "detail", ["Birch Alder", "amina@example.org", "two words", "a" * 65, 1.5, ["x"], {"a": 1}]
)
def test_details_hold_codes_and_never_free_text(amina, detail):
    with pytest.raises(InvalidChoice) as caught:
        record("user.create", amina, amina, {"note": detail})
    assert str(detail) not in str(caught.value)


@pytest.mark.parametrize("verb", ["", "publish", "Round.publish", "round publish"])
def test_a_verb_is_noun_dot_verb(amina, verb):
    with pytest.raises(InvalidChoice):
        record(verb, amina, amina, {})


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="its flush truncates")
def test_an_event_outside_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        record("user.create", None, Event(), {})


@pytest.mark.django_db
def test_an_event_goes_with_its_transaction():
    from waystation.web.accounts.actions import create_user

    def fail_after_writing():
        with transaction.atomic():
            create_user("birch", by=None)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_writing()
    assert not Event.objects.exists()
