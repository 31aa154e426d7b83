"""Addresses of surveys of households' needs."""

from __future__ import annotations

from django.urls import URLPattern, path

from waystation.web.tracking.views.needs import needs, needs_withdraw

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/needs", needs, name="needs"),
    path("<slug:slug>/needs/<int:survey_id>/withdraw", needs_withdraw, name="needs_withdraw"),
]
