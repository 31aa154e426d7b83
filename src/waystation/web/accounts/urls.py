"""Addresses of accounts."""

from __future__ import annotations

from django.urls import path

from waystation.web.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.people, name="people"),
    path("roles/<int:assignment_id>/end", views.end_role, name="end_role"),
]
