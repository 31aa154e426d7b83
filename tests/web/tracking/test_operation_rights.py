"""Who sees an operation's page and data: one table for every role, and for nobody."""

from __future__ import annotations

import pytest
from tests.library.release.conftest import create_build
from tests.web.conftest import client_of, create_person
from tests.web.tracking.made_editions import publish_made

from waystation.web.tracking.exercise import PEOPLE
from waystation.web.tracking.models import Operation

PAGES = (
    "", "map.json", "outlines/1.json", "points.json", "points/values.json", "charts/rounds.json"
)  # fmt: skip
# Who           public, for partners, not published
TABLE = {
    "anonymous": (200, 404, 404),
    "outsider":  (200, 200, 404),
    "amina":     (200, 200, 404),  # their role reaches the exercise only
    "tomas":     (200, 200, 404),
    "joseph":    (200, 200, 404),
    "leila":     (200, 200, 404),
    "mei":       (200, 200, 404),
    "admin":     (200, 200, 200),
}  # fmt: skip
pytestmark = pytest.mark.django_db


def test_the_table_names_everybody():
    assert set(TABLE) == {person.username for person in PEOPLE} | {"anonymous", "outsider"}


@pytest.mark.parametrize("who", TABLE)
def test_who_sees_what(client, exercise, as_person, who):
    publish_made(create_build(), slug="open")
    publish_made(create_build(), slug="partners", visibility="partners")
    Operation.objects.create(slug="new", name="New", country="XWS", visibility="public")
    if who == "outsider":
        client = client_of(create_person("outsider", has_second_factor=False))
    elif who != "anonymous":
        client = as_person(who)
    for slug, status in zip(("open", "partners", "new"), TABLE[who], strict=True):
        for page in PAGES:
            # Where nothing is published yet there is a page for those who work, and no data.
            expected = 404 if slug == "new" and page else status
            assert client.get(f"/operations/{slug}/{page}").status_code == expected
            assert client.post(f"/operations/{slug}/{page}").status_code == 405


def test_people_of_an_operation_see_it_before_it_is_published(exercise, as_person):
    exercise.edition = 0
    exercise.save()
    page = f"/operations/{exercise.slug}/"
    expected = {"amina": 200, "joseph": 200, "leila": 200, "mei": 404}
    for who, status in expected.items():
        assert as_person(who).get(page).status_code == status
