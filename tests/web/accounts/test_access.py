"""What each role may do, where and when; one table."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.web.conftest import FIRST_DAY, client_of, create_person

from waystation.errors import InvalidChoice, NotAllowed
from waystation.web.accounts import access, actions
from waystation.web.accounts.models import RoleAssignment, User
from waystation.web.accounts.roles import EVERYWHERE, Action, Role, Scope, ScopeKind
from waystation.web.audit.models import Event

A, R = Action, Role
#                          manage audit  send   review publish drafts people set up
TABLE = {
    R.ADMINISTRATOR:       (True,  True,  False, False, False, False, False, True),
    R.INFORMATION_OFFICER: (False, False, True,  True,  True,  True,  False, True),
    R.FIELD_OFFICE:        (False, False, True,  False, False, True,  False, False),
    R.COORDINATOR:         (False, False, False, False, False, True,  False, False),
    R.ANALYST:             (False, False, False, False, False, False, False, False),
    R.CASEWORKER:          (False, False, False, False, False, False, True, False),
    R.AUDITOR:             (False, True,  False, False, False, False, False, False),
}  # fmt: skip
COLUMNS = (
    A.MANAGE_ACCOUNTS, A.READ_AUDIT, A.SEND_DATA, A.REVIEW_DATA, A.PUBLISH, A.READ_DRAFTS,
    A.READ_PEOPLE, A.SET_UP_OPERATIONS,
)  # fmt: skip
OFFICE = Scope(ScopeKind.OFFICE, "north")
OTHER_OFFICE = Scope(ScopeKind.OFFICE, "south")
OPERATION = Scope(ScopeKind.OPERATION, "floods")


def test_the_table_names_every_role_and_every_action():
    assert set(TABLE) == set(Role)
    assert set(COLUMNS) == set(Action)


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_what_each_role_may_do(role):
    person = create_person("person", role, has_second_factor=False)
    assert tuple(access.may(person, action) for action in COLUMNS) == TABLE[role]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *Role])
def test_only_an_administrator_sees_people_and_ends_roles(role):
    """Allowed and refused share one setup, so only the person differs."""
    person = create_person("person", *([role] if role else []))
    other = create_person("other", Role.ANALYST, has_second_factor=False)
    assignment = other.assignments.get()
    client = client_of(person)
    is_allowed = role == Role.ADMINISTRATOR
    assert client.get("/people/").status_code == (200 if is_allowed else 404)
    answer = client.post(f"/people/roles/{assignment.pk}/end")
    assert answer.status_code == (302 if is_allowed else 404)
    assignment.refresh_from_db()
    assert (assignment.ends_on is not None) == is_allowed
    assert Event.objects.filter(verb="role.end", actor=person).exists() == is_allowed
    # Once ended, a role cannot be ended again, by anyone.
    assert client.post(f"/people/roles/{assignment.pk}/end").status_code == 404


@pytest.mark.django_db
def test_an_anonymous_visitor_is_sent_to_sign_in(client):
    answer = client.get("/people/")
    assert (answer.status_code, answer.url) == (302, "/accounts/login/?next=/people/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scope", "within", "expected"),
    [
        (EVERYWHERE, (), True),
        (EVERYWHERE, (OFFICE, OPERATION), True),
        (OFFICE, (OFFICE, OPERATION), True),
        (OFFICE, (OTHER_OFFICE, OPERATION), False),
        (OFFICE, (), False),
        (OPERATION, (OTHER_OFFICE, OPERATION), True),
        (Scope(ScopeKind.OPERATION, "north"), (OFFICE,), False),
    ],
)
def test_a_role_reaches_as_far_as_its_scope(scope, within, expected):
    person = create_person("person", Role.FIELD_OFFICE, scope=scope, has_second_factor=False)
    assert access.may(person, Action.SEND_DATA, within=within) is expected


def test_a_role_holds_from_its_first_day_to_its_last(outsider):
    first, last = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
    actions.assign_role(outsider, R.CASEWORKER, by=None, starts_on=first, ends_on=last)
    day = dt.timedelta(days=1)
    expected = {first - day: False, first: True, last: True, last + day: False}
    assert {d: access.may(outsider, A.READ_PEOPLE, as_of=d) for d in expected} == expected


def test_a_person_who_may_not_sign_in_may_do_nothing(amina):
    amina.is_active = False
    assert not access.may(amina, Action.MANAGE_ACCOUNTS)


def test_being_a_superuser_gives_nothing_outside_the_admin_site(db):
    root = User.objects.create_superuser("root")
    assert not any(access.may(root, action) for action in Action)
    with pytest.raises(NotAllowed):
        access.require_may(root, Action.PUBLISH)


def test_who_may_passes_the_door(amina):
    access.require_may(amina, Action.MANAGE_ACCOUNTS)


def test_each_write_is_one_event_without_names(amina, outsider):
    Event.objects.count()
    person = actions.create_user("birch", by=amina, full_name="Birch Alder")
    role = actions.assign_role(person, R.ANALYST, by=amina, scope=OFFICE, starts_on=FIRST_DAY)
    actions.end_role(role, by=amina, ends_on=FIRST_DAY)
    events = list(Event.objects.filter(actor=amina))
    assert [e.verb for e in events] == ["user.create", "role.assign", "role.end"]
    assert not any("irch" in str(e.details) for e in events)


@pytest.mark.parametrize(
    "change",
    [
        {"ends_on": dt.date(2019, 1, 1)},
        {"scope": Scope(ScopeKind.OFFICE, "")},
        {"scope": Scope(ScopeKind.ORGANISATION, "north")},
    ],
)
def test_a_role_that_makes_no_sense_is_refused_and_leaves_no_event(outsider, change):
    before = Event.objects.count()
    with pytest.raises(InvalidChoice):
        actions.assign_role(outsider, R.ANALYST, by=None, starts_on=FIRST_DAY, **change)
    assert (Event.objects.count(), RoleAssignment.objects.count()) == (before, 0)


def test_a_role_cannot_end_before_it_starts(amina):
    with pytest.raises(InvalidChoice):
        actions.end_role(amina.assignments.get(), by=amina, ends_on=dt.date(2019, 1, 1))


def test_a_user_name_is_taken_once(amina):
    with pytest.raises(InvalidChoice):
        actions.create_user("amina", by=amina)
