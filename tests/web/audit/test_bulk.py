"""Many rows are written at once only where one event tells of them."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from django.apps import apps

from waystation.errors import InvalidChoice, NotAllowed
from waystation.web.accounts.models import Office, User
from waystation.web.audit.actions import bulk_act
from waystation.web.audit.models import AuditedQuerySet, Event

pytestmark = pytest.mark.django_db
# Records that no person changes: what a browser is signed in with; the trail itself, which
# is guarded harder (test_chain.py); how far work in the background is.
NO_ACTS = {"accounts.session", "audit.event", "tracking.job"}


def offices():
    return [Office(code=f"o{n}", name="Office", country="KEN") for n in range(3)]


def test_bulk_writes_are_refused_outside_an_act(amina):
    office = Office.objects.create(code="north", name="North", country="KEN")
    writes = [
        lambda: Office.objects.update(name="x"),
        lambda: Office.objects.filter(pk=office.pk).update(name="x"),
        lambda: Office.objects.bulk_create(offices()),
        lambda: Office.objects.bulk_update([office], ["name"]),
        lambda: Office.objects.all().delete(),
        lambda: User.objects.update(is_active=False),
        lambda: User.objects.filter(pk=amina.pk).delete(),
    ]
    for write in writes:
        with pytest.raises(NotAllowed):
            write()
    assert [o.name for o in Office.objects.all()] == ["North"]


def test_an_act_writes_many_rows_and_one_event(amina):
    with bulk_act("office.import", amina, Office, {"file": "abc"}) as details:
        made = Office.objects.bulk_create(offices())
        for office in made:
            office.name = "Renamed"
        details["rows"] = Office.objects.bulk_update(made, ["name"])
        assert Office.objects.filter(code="o0").update(name="First") == 1
        assert Office.objects.filter(code="o1").delete()[0] == 1
    event = Event.objects.latest("number")
    assert (event.verb, event.actor, event.object_kind) == (
        "office.import", amina, "accounts.office",
    )  # fmt: skip
    assert event.details == {"file": "abc", "rows": 3}
    assert [o.name for o in Office.objects.order_by("code")] == ["First", "Renamed"]


def test_an_act_that_fails_leaves_nothing_and_shuts_the_door(amina):
    before = Event.objects.count()

    def import_and_fail():
        with bulk_act("office.import", amina, Office):
            Office.objects.bulk_create(offices())
            raise RuntimeError

    def import_with_free_text():
        with bulk_act("office.import", amina, Office) as details:
            Office.objects.bulk_create(offices())
            details["note"] = "free text"

    for act, error in ((import_and_fail, RuntimeError), (import_with_free_text, InvalidChoice)):
        with pytest.raises(error):
            act()
    assert (Office.objects.count(), Event.objects.count()) == (0, before)
    with pytest.raises(NotAllowed):
        Office.objects.bulk_create(offices())


def test_every_record_that_people_change_is_guarded():
    ours = [c for c in apps.get_app_configs() if c.name.startswith("waystation.web.")]
    bare = [
        model._meta.label_lower
        for config in ours
        if find_spec(f"{config.name}.actions")
        for model in config.get_models()
        if model._meta.label_lower not in NO_ACTS
        and not isinstance(model._default_manager.get_queryset(), AuditedQuerySet)
    ]
    assert bare == [], "derive these from audit.models.AuditedModel"
