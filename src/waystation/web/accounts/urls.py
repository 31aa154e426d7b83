"""Addresses of accounts."""

from __future__ import annotations

from django.urls import path

from waystation.web.accounts.views import events, keys, me, offices, people

app_name = "accounts"
urlpatterns = [
    path("people/", people.people_list, name="people"),
    path("people/export.csv", people.export_people, name="export_people"),
    path("people/new", people.new_person, name="new_person"),
    path("people/<int:person_id>", people.person, name="person"),
    path("people/<int:person_id>/roles", people.give_role, name="give_role"),
    path("people/<int:person_id>/deactivate", people.deactivate, name="deactivate"),
    path("people/<int:person_id>/reactivate", people.reactivate, name="reactivate"),
    path("people/<int:person_id>/password", people.reset_password, name="reset_password"),
    path(
        "people/<int:person_id>/second-factor",
        people.reset_second_factor,
        name="reset_second_factor",
    ),
    path("people/<int:person_id>/sessions", people.withdraw_sessions, name="withdraw_sessions"),
    path("people/roles/<int:assignment_id>/end", people.end_role, name="end_role"),
    path("offices/", offices.offices, name="offices"),
    path("offices/<int:office_id>", offices.rename_office, name="rename_office"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<int:key_id>/withdraw", keys.withdraw_key, name="withdraw_key"),
    path("me/", me.me, name="me"),
    path("me/sessions/<str:mark>/withdraw", me.withdraw_session, name="withdraw_session"),
    path("audit/", events.events, name="events"),
    path("audit/export.csv", events.export_events, name="export_events"),
    path("audit/chain", events.verify_events, name="verify_events"),
]
