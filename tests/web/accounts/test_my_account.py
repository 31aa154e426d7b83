"""What a person changes about their own account."""

from __future__ import annotations

import pytest
from tests.web.conftest import client_of, create_person

from waystation.web.accounts.roles import Role
from waystation.web.audit.models import Event


def test_a_person_changes_their_name_and_language(outsider):
    client = client_of(outsider)
    fields = {"full_name": "Oak Ash", "language": "ar", "digits": "arab"}
    client.cookies["django_language"] = "fr"  # what the browser was told before gives way
    assert client.post("/me/", fields).status_code == 302
    page = client.get("/me/").content.decode()
    assert '<html lang="ar" dir="rtl"' in page
    assert 'data-digits="arab"' in page
    assert "Oak Ash" in page
    event = Event.objects.latest("number")
    assert (event.verb, event.actor) == ("user.change_profile", outsider)
    assert event.details == {"language": "ar", "digits": "arab"}
    client.post("/me/", {**fields, "language": ""})
    assert '<html lang="en" dir="ltr"' in client.get("/me/").content.decode()


def test_a_browser_that_was_told_nothing_speaks_the_language_of_the_person(outsider):
    outsider.language = "fr"
    outsider.save()
    client = client_of(outsider)
    assert '<html lang="fr"' in client.get("/").content.decode()
    client.post("/language/setlang/", {"language": "es", "next": "/"})
    assert '<html lang="es"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    "change", [{"language": "xx"}, {"digits": ""}, {"full_name": "a" * 201}]
)
def test_what_makes_no_sense_is_told_in_the_form(outsider, change):
    fields = {"full_name": "Oak", "language": "", "digits": "auto", **change}
    answer = client_of(outsider).post("/me/", fields)
    assert answer.status_code == 422
    outsider.refresh_from_db()
    assert outsider.full_name == ""


@pytest.mark.django_db
def test_ones_roles_are_shown():
    page = client_of(create_person("oak", Role.COORDINATOR)).get("/me/").content.decode()
    assert "Coordinator, Whole organisation" in page
