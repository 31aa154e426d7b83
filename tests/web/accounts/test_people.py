"""Administrators make accounts, give and end roles, and cannot lock everybody out."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin as admin_site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.web.conftest import FIRST_DAY, PASSWORD, client_of, create_person

from waystation.errors import InvalidChoice, LastAdministrator, NotAllowed
from waystation.web.accounts import access, actions, reach
from waystation.web.accounts.models import ApiKey, Office, RoleAssignment, Session, User
from waystation.web.accounts.roles import ResetReason, Role, Scope, ScopeKind
from waystation.web.audit.models import Event

SIGN_IN = "/accounts/login/"


@pytest.fixture
def admin(amina):
    return client_of(amina)


@pytest.fixture
def birch(db):
    return create_person("birch", Role.ANALYST)


def secret_on(answer):
    (secret,) = re.findall(r"<code>([^<]+)</code>", answer.content.decode())
    return secret


def last_event():
    event = Event.objects.latest("number")
    return event.verb, event.actor and event.actor.username, event.details


def test_a_new_person_signs_in_with_the_password_shown_once_and_must_change_it(admin, client):
    answer = admin.post("/people/new", {"username": "cedar", "full_name": "Cedar Elm"})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store, private")
    password = secret_on(answer)
    cedar = User.objects.get(username="cedar")
    assert last_event() == ("user.create", "amina", {})
    assert password not in admin.get(f"/people/{cedar.pk}").content.decode()

    client.post(SIGN_IN, {"login": "cedar", "password": password})
    change = "/accounts/password/change/"
    for address in ("/", "/me/", "/accounts/2fa/"):
        assert client.get(address).url == change
    new = "a river runs past here"
    fields = {"oldpassword": password, "password1": new, "password2": new}
    assert client.post(change, {**fields, "oldpassword": "wrong"}).status_code == 200
    assert client.get("/me/").url == change
    assert client.post(change, fields).status_code == 302
    assert client.get("/me/").status_code == 200
    assert last_event()[0] == "user.change_password"


def test_a_one_time_password_ends_after_seven_days(client, db):
    user, password = actions.open_account("cedar", by=None)
    user.one_time_until = timezone.now() - dt.timedelta(seconds=1)
    user.save()
    answer = client.post(SIGN_IN, {"login": "cedar", "password": password})
    assert "has ended" in answer.content.decode()
    assert client.get("/me/").status_code == 302


@pytest.mark.parametrize("name", ["amina", "AMINA", "", " ", "a b", "<b>", "a" * 151, "\x00"])
def test_a_name_that_is_taken_or_none_makes_no_account(admin, name):
    answer = admin.post("/people/new", {"username": name})
    assert answer.status_code == 422
    assert User.objects.count() == 1
    with pytest.raises(InvalidChoice):
        actions.open_account(name, by=None)


def test_five_thousand_people_are_searched_and_paged_quickly(admin):
    User._base_manager.bulk_create(
        User(username=f"person{n:04}", full_name=f"Person {n:04}", password="!")
        for n in range(5000)
    )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = admin.get("/people/?page=3").content.decode()
    assert len(queries) < 15
    assert "page=101" in page
    assert "person0100" in page
    found = admin.get("/people/?search=person 0042").content.decode()
    assert "Person 0042" in found
    assert "Person 0043" not in found
    for odd in ("-1", "x", "9" * 40, ""):
        assert admin.get(f"/people/?page={odd}").status_code == 200
    assert "Nobody is found" in admin.get("/people/?search=%25").content.decode()


def test_the_list_leaves_as_a_file_and_the_export_is_an_event(admin, birch):
    actions.create_user("equals", by=None, full_name="=1+1")
    answer = admin.get("/people/export.csv")
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines()[0] == "username,full_name,is_active,roles,last_sign_in"
    assert "'=1+1" in text
    assert answer["Content-Disposition"].startswith("attachment;")
    assert last_event() == ("user.export", "amina", {"rows": 3})
    assert admin.get("/people/export.csv?search=birch").content.decode().count("\n") == 2
    # What is too long to be a name narrows by nothing, and is no error of the server.
    assert admin.get("/people/export.csv?search=" + "a" * 151).status_code == 200


def test_to_look_at_a_person_is_an_event(admin, birch):
    assert admin.get(f"/people/{birch.pk}").status_code == 200
    assert last_event() == ("user.read", "amina", {})
    for nobody in (0, 99999, 10**30):
        assert admin.get(f"/people/{nobody}").status_code == 404


def test_a_role_is_given_with_reach_and_days_and_ended(admin, birch):
    actions.create_office("north", "North", "KEN", by=None)
    fields = {"role": "field_office", "scope": "office:north", "starts_on": "2026-01-01"}
    fields["ends_on"] = "2099-12-31"
    assert admin.post(f"/people/{birch.pk}/roles", fields).status_code == 302
    given = birch.assignments.get(role=Role.FIELD_OFFICE)
    assert given.scope == Scope(ScopeKind.OFFICE, "north")
    assert (given.starts_on, given.ends_on) == (dt.date(2026, 1, 1), dt.date(2099, 12, 31))
    assert last_event()[:2] == ("role.assign", "amina")
    assert admin.post(f"/people/roles/{given.pk}/end").status_code == 302
    given.refresh_from_db()
    assert given.ends_on == timezone.now().date()


def test_a_role_that_has_not_begun_ends_on_its_first_day(admin, birch):
    day = timezone.now().date() + dt.timedelta(days=30)
    role = actions.assign_role(birch, Role.COORDINATOR, by=None, starts_on=day)
    admin.post(f"/people/roles/{role.pk}/end")
    role.refresh_from_db()
    assert role.ends_on == day


@pytest.mark.parametrize(
    "change",
    [
        {"role": "king"},
        {"role": ""},
        {"scope": "office:nowhere"},
        {"scope": ""},
        {"starts_on": "yesterday"},
        {"starts_on": "0001-01-01"},
        {"ends_on": "2025-12-31"},
        {"role": "administrator", "scope": "office:north"},
        {"role": "auditor", "scope": "office:north"},
    ],
)
def test_a_role_that_makes_no_sense_is_told_in_the_form(admin, birch, change):
    actions.create_office("north", "North", "KEN", by=None)
    fields = {"role": "analyst", "scope": "organisation:", "starts_on": "2026-01-01", **change}
    answer = admin.post(f"/people/{birch.pk}/roles", fields)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert birch.assignments.count() == 1


def test_areas_offer_what_a_role_can_reach(admin, birch):
    assert reach.choices_of(ScopeKind.OPERATION) == []
    kept = dict(reach._sources)
    reach.register(ScopeKind.OPERATION, lambda: [("floods", "The floods")])
    try:
        assert "The floods" in admin.get(f"/people/{birch.pk}").content.decode()
        fields = {"role": "analyst", "scope": "operation:floods", "starts_on": "2026-01-01"}
        admin.post(f"/people/{birch.pk}/roles", fields)
        assert birch.assignments.filter(scope_id="floods").exists()
    finally:
        reach._sources.clear()
        reach._sources.update(kept)


def test_a_deactivated_person_is_out_at_once_and_comes_back(admin, birch):
    theirs = client_of(birch)
    assert theirs.get("/me/").status_code == 200
    admin.post(f"/people/{birch.pk}/deactivate")
    assert theirs.get("/me/").status_code == 302
    assert not Session.objects.filter(user=birch).exists()
    assert last_event() == ("user.deactivate", "amina", {})
    assert "Reactivate" in admin.get(f"/people/{birch.pk}").content.decode()
    admin.post(f"/people/{birch.pk}/reactivate")
    birch.refresh_from_db()
    assert birch.is_active
    assert last_event() == ("user.reactivate", "amina", {})


def test_a_lost_second_factor_is_reset_with_its_reason(admin, birch):
    theirs = client_of(birch)
    address = f"/people/{birch.pk}/second-factor"
    assert admin.post(address, {"reason": "because"}).status_code == 422
    assert Authenticator.objects.filter(user=birch).exists()
    admin.post(address, {"reason": "lost"})
    assert not Event.objects.filter(verb="second_factor.remove").exists()  # one act, one event
    assert not Authenticator.objects.filter(user=birch).exists()
    assert theirs.get("/me/").status_code == 302
    assert last_event() == (
        "user.reset_second_factor", "amina", {"reason": "lost", "factors": 1},
    )  # fmt: skip


def test_a_forgotten_password_is_replaced_and_sessions_end(admin, client, birch):
    theirs = client_of(birch)
    password = secret_on(admin.post(f"/people/{birch.pk}/password"))
    assert last_event() == ("user.reset_password", "amina", {})
    assert theirs.get("/me/").status_code == 302
    old = client.post(SIGN_IN, {"login": "birch", "password": PASSWORD})
    assert old.status_code == 200
    new = client.post(SIGN_IN, {"login": "birch", "password": password})
    assert new.url.startswith("/accounts/2fa/authenticate/")


def test_a_person_is_signed_out_everywhere(admin, birch):
    clients = [client_of(birch), client_of(birch)]
    assert [c.get("/me/").status_code for c in clients] == [200, 200]
    assert "Browsers signed in now: 2" in admin.get(f"/people/{birch.pk}").content.decode()
    admin.post(f"/people/{birch.pk}/sessions")
    assert [c.get("/me/").status_code for c in clients] == [302, 302]
    assert last_event() == ("session.withdraw", "amina", {"sessions": 2})
    assert admin.get("/me/").status_code == 200


@pytest.mark.parametrize("act", ["deactivate", "password", "second-factor"])
def test_nobody_does_to_themselves_what_needs_another(admin, amina, act):
    answer = admin.post(f"/people/{amina.pk}/{act}", {"reason": "lost"})
    assert answer.status_code == 403
    amina.refresh_from_db()
    assert amina.is_active
    assert f"/people/{amina.pk}/{act}" not in admin.get(f"/people/{amina.pk}").content.decode()


def test_the_last_administrator_stays(admin, amina, birch):
    role = amina.assignments.get()
    answer = admin.post(f"/people/roles/{role.pk}/end")
    assert answer.status_code == 403
    assert "Nobody would be left" in answer.content.decode()
    # One whose role has a last day is no replacement: one day nobody would be left.
    until = dt.date(2099, 1, 1)
    actions.assign_role(birch, Role.ADMINISTRATOR, by=None, starts_on=FIRST_DAY, ends_on=until)
    with pytest.raises(LastAdministrator):
        actions.deactivate_user(amina, by=birch)
    with pytest.raises(LastAdministrator):
        actions.end_role(role, by=birch, ends_on=timezone.now().date())
    actions.assign_role(birch, Role.ADMINISTRATOR, by=None, starts_on=FIRST_DAY)
    # Their own last role stays too, though another could now manage.
    with pytest.raises(LastAdministrator):
        actions.end_role(role, by=amina, ends_on=timezone.now().date())
    actions.end_role(role, by=birch, ends_on=timezone.now().date())
    assert [a.user for a in access.standing_administrators()] == [birch]
    with pytest.raises(LastAdministrator):
        actions.deactivate_user(birch, by=amina)


def test_who_has_two_roles_of_administrator_may_end_one(amina):
    second = actions.assign_role(amina, Role.ADMINISTRATOR, by=None, starts_on=FIRST_DAY)
    actions.end_role(second, by=amina, ends_on=timezone.now().date())
    assert len(access.standing_administrators()) == 1


def test_offices_are_opened_and_renamed(admin):
    fields = {"code": "north", "name": "North", "country": "ken"}
    assert admin.post("/offices/", fields).status_code == 302
    assert last_event() == ("office.create", "amina", {"code": "north", "country": "KEN"})
    assert admin.post("/offices/", fields).status_code == 422
    office = Office.objects.get()
    renamed = {"name": "Far north", "country": "UGA"}
    assert admin.post(f"/offices/{office.pk}", renamed).status_code == 302
    assert "Far north" in admin.get("/offices/").content.decode()
    assert last_event() == ("office.rename", "amina", {"country": "UGA"})
    for country in ("XXX", "", "KENYA", "12"):
        bad = {"name": "North", "country": country}
        assert admin.post(f"/offices/{office.pk}", bad).status_code == 422
    assert admin.get("/offices/999").status_code == 404


def test_a_key_is_shown_once_used_by_day_and_withdrawn(admin, client):
    answer = admin.post("/keys/", {"name": "dashboard"})
    key = secret_on(answer)
    assert key.startswith("wst_")
    assert admin.post("/keys/", {"name": "dashboard"}).status_code == 422
    assert admin.post("/keys/", {"name": "a/b"}).status_code == 422
    page = admin.get("/keys/").content.decode()
    assert key not in page
    assert "Never" in page
    for _again in range(2):
        assert client.get("/api/v1/whoami", headers={"X-API-Key": key}).status_code == 200
    kept = ApiKey.objects.get()
    assert kept.last_used_on == timezone.now().date()
    assert admin.post(f"/keys/{kept.pk}/withdraw").status_code == 302
    assert admin.post(f"/keys/{kept.pk}/withdraw").status_code == 404
    assert "Withdrawn" in admin.get("/keys/").content.decode()
    assert client.get("/api/v1/whoami", headers={"X-API-Key": key}).status_code == 401


def test_the_command_line_makes_the_first_administrator(db):
    password = actions.open_account_with_role("root", "administrator")
    root = User.objects.get()
    assert root.check_password(password)
    assert RoleAssignment.objects.get().role == Role.ADMINISTRATOR
    actions.open_account_with_role("cedar", None)
    assert RoleAssignment.objects.count() == 1


def test_records_that_packages_keep_are_not_to_be_changed_in_the_admin_site():
    shown = {model._meta.label for model in admin_site.site._registry}
    assert not {label.partition(".")[0] for label in shown} & {"auth", "account", "mfa", "axes"}
    assert "django_tasks_database.DBTaskResult" not in shown


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *Role])
def test_who_does_not_manage_sends_no_form(role):
    person = create_person("person", *([role] if role else []))
    other = create_person("other", has_second_factor=False)
    expected = 200 if role == Role.ADMINISTRATOR else 404
    sent = {"username": "cedar"}
    assert client_of(person).post("/people/new", sent).status_code == expected
    for act in (actions.reset_password, actions.deactivate_user):
        with pytest.raises(NotAllowed):
            act(other, by=other)
    with pytest.raises(NotAllowed):
        actions.reset_second_factor(other, reason=ResetReason.LOST, by=other)
